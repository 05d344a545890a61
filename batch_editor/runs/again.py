"""Takes up what failed of a run in a new one: what somebody does who mends the results sheet and sends it with --only-failed.

The journal holds the rows, so no file is needed. Each keeps its number, and names the row of the run that it is; what follows
for it is decided where results sheets are read (``edits/kept_rows``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from ..cell_values import Row
from ..errors import Refused, UnderWay
from ..events import Event
from ..journal.journal import Journal
from ..journal.run_journal import RunJournal
from ..messages import language
from ..model import RowState, Run, RunState, Status
from ..output.result_rows import table
from ..settings.row_rules import RowRules
from ..settings.settings import Settings
from ..sheets import Sheet
from .earlier_runs import settings_for
from .journal_file import open_journal
from .kept_plans import forget_abandoned, keep_plan
from .listener import Listener
from .loading import with_names
from .options import RunOptions, with_snapshot
from .planning import plan_sheet
from .prepared import PreparedRun
from .results import nothing_sent, read_sheet
from .source import Source, place_of

#: What became of a row that is to be mended, or sent once more. A row with nothing to edit failed at nothing.
FAILED_STATUSES = (Status.INVALID, Status.CONFLICT, Status.REJECTED, Status.FAILED, Status.PENDING, Status.SENDING)
_HEADING_ROW = 1
#: The rules of a row that come from what somebody has said of the sheet, and not of the CRM.
_OF_THE_SHEET = ("columns", "context_columns", "ignore_columns")


def plan_again(
    run: str,
    settings: Settings | None = None,
    *,
    snapshot: bool | None = None,
    person: str = "",
    on_event: Callable[[Event], None] | None = None,
) -> PreparedRun:
    """Plans a new run of the rows of ``run`` that are not updated, as ``plan`` does with its results sheet and ``only_failed``:
    it waits to be mended and for somebody to agree. Old values are read before it is sent, so that it can be undone, unless
    ``snapshot``, the run before or the settings say otherwise. ``person`` is the name of who plans.

    Raises ``Refused`` where no row failed, ``run`` is an undo or was never sent, and ``UnderWay`` where a process drives it.
    """
    with Listener(on_event) as events, ExitStack() as opened, nothing_sent():
        settings = settings or Settings()
        journal = opened.enter_context(open_journal(settings))
        earlier = journal.run(run)
        settings = settings_for(earlier, settings)
        if journal.is_driven(run):
            raise UnderWay("run.under_way", run=run)
        options = _options(journal, earlier)
        if snapshot is None and not options.auto_snapshot:
            snapshot = options.snapshot
        options = with_snapshot(options, snapshot, settings.snapshot, attended=True)
        forget_abandoned(journal)
        settings = _read_as(earlier, with_names(settings, events))
        source = Source(
            _source_name(earlier),
            hashlib.sha256(f"again {run}".encode()).hexdigest(),
            None,
            (Sheet(earlier.sheet, True, lambda: _rows(journal.of(run), earlier)),),
        )
        prepared = plan_sheet(
            journal,
            source,
            settings,
            None,
            options,
            new=True,
            title=earlier.title or "",
            person=person,
            on_event=events,
            on_start=events.start,
            keeps_cells=True,
        )
        keep_plan(prepared, as_it_is=True)
        opened.pop_all()
    return prepared


def _options(journal: Journal, earlier: Run) -> RunOptions:
    """Returns the options of the new run. Raises ``Refused`` where there cannot be one."""
    options = RunOptions.from_json(earlier.options)
    if options.undo:
        raise Refused("again.undo", run=earlier.name)
    if earlier.state in (RunState.PLANNING, RunState.PLANNED, RunState.ABANDONED):
        raise Refused("again.not_sent", run=earlier.name)
    counts = journal.of(earlier.name).queries.counts()
    if not any(counts.get(status) for status in FAILED_STATUSES):
        raise Refused("again.nothing", run=earlier.name)
    kept = replace(options, only_failed=True, limit=None, strict=False, visible_only=False, hidden_rows=0, output=None)
    return replace(kept, prove_only=False, encoding=None, delimiter=None, again_of=earlier.name, round=options.round + 1)


def _read_as(earlier: Run, settings: Settings) -> Settings:
    """Returns the settings with what was said of the columns of the sheet when it was read."""
    rules = RowRules.from_record(earlier.settings)
    return settings.model_copy(update={name: getattr(rules, name) for name in _OF_THE_SHEET})


def _source_name(earlier: Run) -> str:
    """Returns what the new sheet is called: by the file, beside which the results go, as long as its folder is there."""
    place = place_of(earlier.source)
    return earlier.source if place is None or place.parent.is_dir() else Path(earlier.source).name


def _rows(held: RunJournal, earlier: Run) -> Iterator[Row]:
    """Yields the headings of the results of a run, and each row that failed with its result, at its number."""
    numbers: list[int] = []

    def failed() -> Iterator[RowState]:
        for record in held.queries.rows():
            if record.status in FAILED_STATUSES:
                numbers.append(record.row)
                yield record

    lines = table(read_sheet(earlier), failed(), language(), run=earlier.name)
    yield _row(_HEADING_ROW, next(lines).cells)
    for line in lines:
        yield _row(numbers.pop(), line.cells)


def _row(number: int, texts: list[str]) -> Row:
    return Row(number, tuple(str(text) or None for text in texts), len(texts))  # a status is more than a text
