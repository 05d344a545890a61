"""What guards want to know of a sheet as an export, beside its rows: its age, whether it was cut, and whether it came before.

A sheet is judged so when it comes in. A run that goes on with it later is judged by its rows alone, and so are an undo and, but
for a cut, a sheet of results, whose rows the journal is asked for. What follows from all this is decided in ``guards``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from .. import fields
from ..edits.headings import Names
from ..journal.journal import Journal
from ..model import Run, RunState, Status
from ..settings.row_rules import RowRules
from ..settings.settings import Settings
from ..settings.zones import minute_in
from .earlier_runs import undos, with_keys
from .options import RunOptions

#: The note of a text of which the last line has no end.
CUT = "note.no_line_end"


@dataclass(frozen=True, slots=True)
class FinishedBefore:
    """The ``run`` that has finished the same sheet, when that was (by the clocks of the setting
    ``timezone``), and how many of its rows ``failed``."""

    run: str
    time: str
    failed: int


@dataclass(frozen=True, slots=True)
class LastNight:
    """The ``run`` of the last night that ended well, when that was (by the clocks of the setting
    ``timezone``), and how many ``rows`` its sheet had."""

    run: str
    time: str
    rows: int


@dataclass(frozen=True, slots=True)
class Export:
    """A sheet as it came in: how many seconds ago its file was changed (``age``; None for what has no time), whether it is a
    text that may be cut, which run has finished it before, and what the last night had."""

    age: float | None = None
    is_cut: bool = False
    finished: FinishedBefore | None = None
    last: LastNight | None = None


def export_of(run: Run, settings: Settings, known: Journal | None, *, once_more: bool = False) -> Export:
    """Returns what guards want to know of the sheet of a ``run`` that was planned; ``known`` is the journal in which the
    runs of earlier nights are, None where nobody wants to know of them. ``once_more``: the sheet may have been finished
    before."""
    options = RunOptions.from_json(run.options)
    age = None if options.modified is None else datetime.fromisoformat(run.started).timestamp() - options.modified
    if known is None or options.only_failed or options.prove_only or options.undo:
        return Export(age, options.cut)
    runs = known.runs()
    finished = None if once_more else _finished_before(known, runs, run, settings)
    return Export(age, options.cut, finished, _last_night(runs, run, settings.zone))


def _last_night(runs: Sequence[Run], run: Run, zone: ZoneInfo) -> LastNight | None:
    """Returns the latest of ``runs`` that was a night of the series of ``run``, to the same address and app, and ended well; of
    a run that is of no series, one of the same source."""
    for other in runs:
        options = RunOptions.from_json(other.options)
        where = (other.series, other.base_url, other.app)
        if other.name == run.name or where != (run.series, run.base_url, run.app):
            continue
        if not run.series and other.source != run.source:
            continue
        is_export = not (options.attended or options.only_failed or options.prove_only or options.undo)
        if (
            is_export
            and other.state is RunState.FINISHED
            and other.stoppage is None
            and any(counts := (other.counts or {}).values())
        ):
            return LastNight(other.name, minute_in(zone, other.finished or other.started), sum(counts))
    return None


def _finished_before(journal: Journal, runs: Sequence[Run], run: Run, settings: Settings) -> FinishedBefore | None:
    """Returns the latest of ``runs`` that has finished the sheet of ``run`` before: the same bytes to the same address and app,
    asked for the same, and not undone since."""
    options = with_keys(RunOptions.from_json(run.options), RowRules.from_record(run.settings))
    undone = undos(runs)
    for other in runs:
        if other.name == run.name or not other.is_of_same_sheet_as(run):
            continue
        of_other = with_keys(RunOptions.from_json(other.options), RowRules.from_record(other.settings))
        if other.state is not RunState.FINISHED or other.name in undone or of_other.prove_only:
            continue
        if options.asks_for_the_same_as(of_other) and options.reads_as(of_other) and _means_the_same(run, other):
            failed = journal.of(other.name).queries.count_to_send(maybe_applied=settings.retry.ambiguous)
            return FinishedBefore(other.name, minute_in(settings.zone, other.finished or other.started), failed)
    return None


def _means_the_same(run: Run, other: Run) -> bool:
    """Returns whether the rows of a sheet meant in the ``other`` run what they mean in ``run``.

    Tables of names change with people and pools: another table makes another sheet only where rows were invalid before, and
    may be right now.
    """
    rules = RowRules.from_record(run.settings)
    before = RowRules.from_record(other.settings)
    if rules == before:
        return True
    had_invalid = bool((other.counts or {}).get(Status.INVALID))
    return not had_invalid and rules.model_copy(update={"lookups": before.lookups}) == before


def filled_places(settings: Settings, names: Names, headings: Sequence[str]) -> dict[str, int | None]:
    """Returns in which column, counted from 0, each column stands of which ``min_filled`` demands a share; None if the sheet
    has none."""
    if not settings.guards.min_filled:
        return {}
    places: Mapping[str, int] = names.places(headings)
    plain = {fields.normal(heading): place for place, heading in reversed([*enumerate(headings)])}
    filled: dict[str, int | None] = {}
    for name in settings.guards.min_filled:
        field = names.field(name)
        filled[name] = places.get(field.key) if field else None
        if filled[name] is None:
            filled[name] = plain.get(fields.normal(name))
    return filled
