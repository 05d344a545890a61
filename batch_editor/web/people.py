"""Who works with the page: log-in and log-out."""

from __future__ import annotations

from starlette.routing import Route

routes: list[Route] = []
