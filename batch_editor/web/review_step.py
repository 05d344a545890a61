"""Step 3: what would be sent, and the one button that sends it."""

from __future__ import annotations

from starlette.routing import Route

routes: list[Route] = []
