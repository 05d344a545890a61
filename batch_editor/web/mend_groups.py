"""Problems grouped by value, as step 2 shows them: 先生 × 37, and what is put in its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..runs.waiting_run import WaitingRun
from .mend_rows import Sheet


@dataclass(frozen=True, slots=True)
class Groups:
    shown: list[Any] = field(default_factory=list)
    more: int = 0
    problems: list[tuple[str, str]] = field(default_factory=list)
    kept: list[Any] = field(default_factory=list)


def groups_of(run: WaitingRun, sheet: Sheet, *, is_all: bool) -> Groups:
    return Groups()
