"""Step 1: a sheet is handed in, and what its columns are understood as."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.routing import Route


def home_values(request: Request) -> dict[str, Any]:
    """Returns what the block of this part on the home page shows."""
    return {}


routes: list[Route] = []
