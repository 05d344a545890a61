"""What was done to bring a journal up to this version."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Migrated:
    """A journal at ``place``, as people are shown it: of which version it was ``before``, 0 for none, and of which it is now.

    ``is_changed``: there was something to do. ``copy`` is the file as it was before.
    """

    place: str
    before: int
    after: int
    is_changed: bool
    copy: Path | None = None
