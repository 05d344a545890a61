"""What is put back of a run."""

from __future__ import annotations

from starlette.routing import Route

routes: list[Route] = []
