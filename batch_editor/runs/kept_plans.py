"""What becomes of a planned run before anything is sent: it is refused, kept until somebody agrees, or forgotten.

How a plan is made is left to ``planning``, and what guards say of it to ``guards``.
"""

from __future__ import annotations

from contextlib import suppress

from ..errors import Halted, Refused, UnderWay
from ..journal.journal import Journal
from ..model import Message, RunState
from .guards import check_guards, judge_plan
from .prepared import PreparedRun
from .preview import Preview, repeated_text


def check_plan(prepared: PreparedRun, preview: Preview | None = None, *, attended: bool = False) -> None:
    """Raises ``Refused`` for a sheet that must not be sent at all, by what its ``preview`` says by now. ``attended``: somebody
    is asked, as of every run that waited for somebody to agree."""
    preview = preview or prepared.preview
    settings = prepared.settings
    attended = attended or (prepared.earlier is not None and prepared.earlier.state is RunState.PLANNED)
    if not preview.circumstances.options.undo:  # guards are about sheets, and a way back must not be barred
        check_guards(judge_plan(preview, settings.guards, attended=attended))
    if settings.duplicates == "error" and preview.repeated_clues:
        raise Refused("duplicates.refused", clues=preview.repeated_clues, examples=repeated_text(preview.repeated))
    if prepared.options.strict and preview.counts.statuses["invalid"]:
        lines = [
            Message("problem", {"at": problem.place, "what": problem.sentence}) for problem in preview.counts.problems[:20]
        ]
        raise Refused("strict.refused", rows=preview.counts.statuses["invalid"], lines=lines)


def forget_plan(journal: Journal, name: str) -> None:
    """Forgets a run that this process was planning."""
    with suppress(Halted):  # a journal that is full can only not forget it
        journal.discard(name)


def forget_abandoned(journal: Journal) -> None:
    """Forgets runs whose process ended while it planned them: nobody has agreed to them, and nothing of them was sent."""
    for run in journal.runs():
        if run.state is RunState.ABANDONED:
            with suppress(UnderWay):
                journal.claim(run.name)
                journal.discard(run.name)


def keep_plan(prepared: PreparedRun, *, as_it_is: bool = False) -> None:
    """Leaves a run that was planned just now to whoever opens it next. Raises ``Refused``, and forgets it, if it must not be
    sent at all, unless it is kept ``as_it_is``."""
    try:
        if not as_it_is:
            check_plan(prepared)
        prepared.run.set_state(RunState.PLANNED)
    except BaseException:
        prepared.abandon()
        raise
    prepared.journal.let_go(prepared.name)
