"""Plans an undo: of a run, or of the part of it that somebody names.

The undo is a run that waits for somebody to agree, like any other. What it does to each row is decided in ``undo``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path

from ..edits.headings import Names
from ..errors import Refused, UnderWay
from ..events import Event
from ..journal.journal import Journal
from ..model import Run
from ..output import results
from ..settings.row_rules import RowRules
from ..settings.settings import Settings
from .earlier_runs import settings_for
from .journal_file import open_journal
from .kept_plans import forget_abandoned, keep_plan
from .listener import Listener
from .options import RunOptions
from .planning import OnStart, plan_rows_back
from .prepared import PreparedRun
from .result_places import undo_target_of
from .results import nothing_sent
from .undo_parts import Numbers, with_parts


def prepare_undo(
    journal: Journal,
    undone: Run,
    settings: Settings,
    target: Path | None,
    clues: Numbers | None = None,
    rows: Numbers | None = None,
    fields: str | Iterable[str] | None = None,
    *,
    force: bool = False,
    person: str = "",
    on_start: OnStart | None = None,
) -> PreparedRun:
    """Returns an undo of the run ``undone``, planned just now, whose results go to ``target``; this process drives it.

    Raises ``Refused`` where there is nothing to put back, or what is named was not changed, and ``UnderWay`` where a process
    drives the run.
    """
    settings = settings_for(undone, settings)
    if journal.is_driven(undone.name):
        raise UnderWay("run.under_way", run=undone.name)
    forget_abandoned(journal)
    options = RunOptions(undo=undone.name, force=force, output=str(target) if target else None)
    names = Names(RowRules.from_record(undone.settings))
    options = with_parts(options, names, clues=clues, rows=rows, fields=fields)
    return plan_rows_back(journal, undone, settings, options, on_start, person=person)


def plan_undo(
    run: str,
    settings: Settings | None = None,
    *,
    clues: Numbers | None = None,
    rows: Numbers | None = None,
    fields: str | Iterable[str] | None = None,
    force: bool = False,
    person: str = "",
    on_event: Callable[[Event], None] | None = None,
) -> PreparedRun:
    """Plans what ``undo`` would do, as a new run that waits for somebody to agree: it can be looked at, sent by ``send``, or
    discarded, like one that ``plan`` has made.

    ``clues``, ``rows`` and ``fields`` are those of ``undo``; ``person`` is the name of who plans. Raises ``Refused`` and
    ``UnderWay`` as ``undo`` does.
    """
    with Listener(on_event) as events, ExitStack() as opened, nothing_sent():
        journal = opened.enter_context(open_journal(settings := settings or Settings()))
        undone = journal.run(run)
        prepared = prepare_undo(
            journal,
            undone,
            settings,
            _target(undone),
            clues,
            rows,
            fields,
            force=force,
            person=person,
            on_start=events.start,
        )
        keep_plan(prepared)
        opened.pop_all()
    return prepared


def _target(undone: Run) -> Path | None:
    """Returns where the results of the undo go; None where nothing can be written there, and the journal alone has them."""
    target = undo_target_of(undone)
    try:
        return results.writable(None, target)
    except Refused:
        return None
