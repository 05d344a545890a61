"""What became of a run, as one record of facts: what a face shows of one that is over, or that somebody else sent.

The record also says what can be done with the run now: whether it can go on, be taken up in a new run, or be undone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..journal.journal import Journal
from ..journal.row_pages import Filters
from ..model import Message, NextStep, Run, RunState, Step, Undoable
from ..settings.settings import Settings, app_of
from .again import FAILED_STATUSES
from .options import RunOptions
from .results import summary_of


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """What became of a ``run``: its rows by the statuses of the summary, the commonest ``reasons`` why rows failed, and what is
    to be done now.

    ``unsure`` is how many rows may have been applied and are not known to be; ``mended`` how many cells people have mended.
    ``is_driven``: a process is at work on it. ``is_ours``: it went to the address and app of the settings.
    """

    run: Run
    counts: Mapping[str, int]
    reasons: Sequence[tuple[int, Message]]
    steps: Sequence[NextStep]
    undoable: Undoable
    unsure: int
    mended: int
    failed: int
    is_driven: bool
    is_ours: bool

    @property
    def options(self) -> RunOptions:
        """What the run was told."""
        return RunOptions.from_json(self.run.options)

    @property
    def can_go_on(self) -> bool:
        """Whether it has stopped, and rows of it are still to be sent."""
        return self.is_ours and not self.is_driven and any(step.step is Step.GO_ON for step in self.steps)

    @property
    def can_be_taken_up(self) -> bool:
        """Whether what failed of it can be sent in a new run: one that has merely stopped is gone on with first."""
        is_over = self.run.state is RunState.FINISHED
        return self.is_ours and not self.is_driven and is_over and not self.options.undo and self.failed > 0

    @property
    def can_be_undone(self) -> bool:
        """Whether there is something that an undo can put back."""
        return self.is_ours and not self.is_driven and self.undoable.rows > 0


def outcome_of(journal: Journal, name: str, settings: Settings) -> RunOutcome:
    """Returns what became of the run called ``name``. Raises ``SettingsError`` if there is none."""
    run, held = journal.run(name), journal.of(name)
    summary = summary_of(held, run, held.queries.counts())
    return RunOutcome(
        run,
        summary.counts,
        summary.reasons,
        summary.steps,
        summary.undoable,
        unsure=sum(held.queries.count_maybe_applied().values()),
        mended=held.mends.count(),
        failed=held.row_pages.count(Filters(FAILED_STATUSES)),
        is_driven=journal.is_driven(name),
        is_ours=is_ours(run, settings),
    )


def is_ours(run: Run, settings: Settings) -> bool:
    """Returns whether a run went to the address, app and tenant of the settings."""
    return run.is_of(settings.api.base_url, app_of(settings), settings.api.tenant or "")
