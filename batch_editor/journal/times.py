"""Moments as the journal tells them."""

from __future__ import annotations

from datetime import datetime


def now() -> str:
    """Returns this moment as ISO 8601 with the local offset, to the second."""
    return datetime.now().astimezone().isoformat(timespec="seconds")
