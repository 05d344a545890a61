"""Step 2: the rows with problems, and how they are mended."""

from __future__ import annotations

from starlette.routing import Route

routes: list[Route] = []
