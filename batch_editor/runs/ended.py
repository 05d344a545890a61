"""What became of a run that nobody is at work on: rows that were sent, that were not, and that may have been.

The journal alone says so, and nothing is asked of the CRM. What is to be done next is decided in ``next_steps``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..model import Run, Status
from ..settings.settings import Settings
from .journal_file import open_journal
from .listener import Listener
from .results import nothing_sent, summary_counts


@dataclass(frozen=True, slots=True)
class EndedRun:
    """A ``run`` with its rows by the statuses of the summary.

    ``unsure`` are, by status, the rows that were sent, and of which nobody knows whether the CRM applied them. ``left`` is how
    many rows a resume sends, and ``repeats`` says that unsure ones are among them (``retry.ambiguous``).
    """

    run: Run
    counts: Mapping[str, int]
    unsure: Mapping[str, int]
    left: int
    repeats: bool

    @property
    def maybe_applied(self) -> int:
        """How many rows may have been applied."""
        return sum(self.unsure.values())

    @property
    def not_applied(self) -> int:
        """How many rows that were to be sent the CRM has not applied for certain: not sent, or failed on the way."""
        failed = self.counts[Status.FAILED] - self.unsure.get(Status.FAILED, 0) - self.unsure.get(Status.SENDING, 0)
        return self.counts[Status.NOT_SENT] + failed

    @property
    def bad(self) -> int:
        """How many rows are wrong, in conflict or rejected for certain."""
        rejected = self.counts[Status.REJECTED] - self.unsure.get(Status.REJECTED, 0)
        return rejected + self.counts[Status.INVALID] + self.counts[Status.CONFLICT]


def ended_run(name: str, settings: Settings | None = None) -> EndedRun:
    """Returns what is left of the run called ``name``. Raises ``Refused`` if there is no such run."""
    with Listener(run=name), open_journal(settings or Settings()) as journal, nothing_sent():
        run, queries = journal.run(name), journal.of(name).queries
        statuses = queries.counts()
        repeats = bool(run.settings["retry"]["ambiguous"])
        left = queries.count_to_send(maybe_applied=repeats)
        if repeats:  # of a program that ended without a word
            left += statuses.get(Status.SENDING, 0)
        return EndedRun(run, summary_counts(statuses), queries.count_maybe_applied(), left, repeats)
