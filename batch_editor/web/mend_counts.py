"""How many rows of a run can be sent, and how many wait to be mended, as step 2 shows them.

They are counted by ``WaitingRun``; here they become the choices of the filter, in words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from ..messages import Lang, say
from ..model import Message, Status
from ..runs.waiting_run import WaitingRun
from .mend_view import ALL, MENDED, PROBLEMS, View

_OTHERS = (Status.SKIPPED, Status.UNCHANGED, Status.CONFLICT, Status.UPDATED, Status.REJECTED, Status.FAILED)


@dataclass(frozen=True, slots=True)
class MendCounts:
    """``ready`` rows can be sent, ``waiting`` ones are to be mended; ``mended`` cells were."""

    statuses: Mapping[str, int]
    mended: int

    @classmethod
    def of(cls, run: WaitingRun) -> Self:
        """Returns the counts of now."""
        return cls(run.counts(), run.held.mends.count())

    @property
    def ready(self) -> int:
        return self.statuses.get(Status.PENDING, 0)

    @property
    def waiting(self) -> int:
        return self.statuses.get(Status.INVALID, 0)

    @property
    def conflicts(self) -> int:
        return self.statuses.get(Status.CONFLICT, 0)

    def choices(self, view: View, lang: Lang) -> list[tuple[str, str]]:
        """Returns the rows that can be chosen, each with its words: those that there are, and the chosen ones."""
        choices = [(PROBLEMS, Message("mending.status_problems", {"rows": self.waiting}))]
        for status in (Status.PENDING, *_OTHERS):
            if (rows := self.statuses.get(status, 0)) or view.status == status:
                words = Message(f"mending.status_{status}")
                choices.append((status.value, Message("mending.status_of", {"status": words, "rows": rows})))
        if self.mended or view.status == MENDED:
            choices.append((MENDED, Message("mending.status_mended", {"rows": self.mended})))
        choices.append((ALL, Message("mending.status_all", {"rows": sum(self.statuses.values())})))
        return [(value, say(words, lang)) for value, words in choices]
