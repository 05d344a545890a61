"""What a run has made of the memory of what was applied, in numbers and in one sentence (guide: reconcile)."""

from __future__ import annotations

from dataclasses import dataclass

from ..journal.run_journal import RunJournal
from ..model import Message
from .options import RunOptions


@dataclass(frozen=True, slots=True)
class MemoryUse:
    """What a run has made of the memory: so many rows were ``trusted``, and their clues not read; of the ``verified`` clues,
    which were read all the same, so many have ``drifted``: they held something else than the memory says. ``all_read``: those
    were too many, so that no row was trusted and the other clues were to be read as well."""

    trusted: int
    verified: int
    drifted: int
    all_read: bool = False

    def as_json(self) -> dict[str, int]:
        """Returns it as the summary tells it."""
        return {"trusted": self.trusted, "verified": self.verified, "drifted": self.drifted, "all_read": self.all_read}

    @property
    def verification(self) -> Message | None:
        """What has come of verifying the memory; None where no clue was read for that."""
        if not self.verified:
            return None
        values = {"verified": self.verified, "drifted": self.drifted}
        if not self.drifted:
            return Message("reconcile.verified", values)
        return Message("reconcile.drifted_all" if self.all_read else "reconcile.drifted", values)

    def notes(self) -> list[Message]:
        """Returns what is worth a warning of it."""
        return [self.verification] if self.verification and self.drifted else []


def memory_use(run_journal: RunJournal, options: RunOptions) -> MemoryUse | None:
    """Returns what a run has made of the memory by now, by what the journal holds of it; None where it does not trust it."""
    if not options.reconciling or not options.trusts_journal:
        return None
    trusted = run_journal.trusted.count()
    drift = run_journal.trusted.drift()
    return MemoryUse(trusted, *drift, all_read=not trusted and drift.share > options.reconciling.max_drift)
