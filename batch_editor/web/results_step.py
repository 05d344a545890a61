"""Step 5: what became of each row."""

from __future__ import annotations

from starlette.routing import Route

routes: list[Route] = []
