"""Step 4: how far a run is, and why it waits."""

from __future__ import annotations

from starlette.routing import Route

routes: list[Route] = []
