"""The Python interface, and what every face above calls: plan a run, look at it, confirm it, send it; and its results and undo.

``run``, ``reconcile``, ``resume`` and ``undo`` are a prepared run each that is sent in one go; the same in steps is in
``runs/steps``, and ``check`` and ``diff``, which send nothing, are in ``runs/checking``. They tell their progress as events and
print nothing. What went wrong before anything was sent is raised, with the name of the run as ``run`` where it has one; what
became of rows is in the report.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from datetime import datetime
from functools import partial
from pathlib import Path

from .edits.clue_view import Clue as Clue
from .errors import Refused
from .events import Event
from .model import Message, RunState
from .output import results, template
from .runs.again import plan_again as plan_again
from .runs.checking import check as check
from .runs.checking import diff as diff
from .runs.clues import show_clues as show_clues
from .runs.deadline import ending, working_until
from .runs.drive import Drive
from .runs.ended import ended_run as ended_run
from .runs.handing_out import require_detachable
from .runs.history import get_run as get_run
from .runs.history import list_runs as list_runs
from .runs.history import look_at_run as look_at_run
from .runs.history import shared_runs as shared_runs
from .runs.journal_file import JOURNAL as JOURNAL
from .runs.journal_file import copy_journal as copy_journal
from .runs.journal_file import migrate_journal as migrate_journal
from .runs.journal_file import open_journal as open_journal
from .runs.listener import Listener
from .runs.loading import Loaded as Loaded
from .runs.loading import load_edits as load_edits
from .runs.loading import with_names
from .runs.look import report_as_written
from .runs.options import MAX_DRIFT, Reconciling, RunOptions, Tags, key_names, with_snapshot
from .runs.planning import open_again, plan_sheet
from .runs.preview import Preview
from .runs.proof_only import undo_first_edit
from .runs.report import Report
from .runs.result_places import place_beside, target_of, undo_target_of
from .runs.results import nothing_sent
from .runs.results import results_again as results_again
from .runs.results import write_results as write_results
from .runs.sheet_look import look_at as look_at
from .runs.source import SheetSource, open_source
from .runs.steps import open_run as open_run
from .runs.steps import plan as plan
from .runs.steps import read_clues as read_clues
from .runs.steps import send as send
from .runs.steps import stop_run as stop_run
from .runs.undo_parts import Numbers
from .runs.undoing import plan_undo as plan_undo
from .runs.undoing import prepare_undo
from .runs.unfinished import dismiss_runs as dismiss_runs
from .settings.row_rules import RowRules
from .settings.settings import Settings, require_credentials
from .stop import Stop


def run(
    sheet: SheetSource,
    settings: Settings | None = None,
    *,
    sheet_name: str | None = None,
    output: str | Path | None = None,
    edit_keys: str | Sequence[str] = (),
    only_failed: bool = False,
    visible_only: bool = False,
    limit: int | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    strict: bool = False,
    only_changed: bool = False,
    only_empty: bool = False,
    tags: Tags | None = None,
    snapshot: bool | None = None,
    prove_only: bool = False,
    reconciling: Reconciling | None = None,
    new: bool = False,
    until: datetime | None = None,
    attended: bool = False,
    series: str = "",
    detach: bool = False,
    confirm: Callable[[Preview], bool] | None = None,
    on_event: Callable[[Event], None] | None = None,
    stop: Stop | None = None,
) -> Report:
    """Sends every edit of ``sheet`` (a file or a DataFrame) and writes the results sheet.

    ``edit_keys``: only these fields count as edits. ``only_failed``: ``sheet`` is a results sheet; of its updated and
    unchanged rows the fields alone are sent that were changed since. ``visible_only``: rows that the sheet hides are left out.
    ``limit``: send the first so many edits. ``encoding`` and ``delimiter``: those of a text file, instead of what is found out.
    ``strict``: refuse a sheet with an invalid row. ``new``: start over, also where an earlier run of the same file stopped
    early, or finished; otherwise the one is gone on with and the other refused, unless it is ``attended`` or
    ``guards.repeat`` allows it, and of a results sheet in which nothing was changed nothing is written.

    ``only_changed``: read every clue, and send only the fields that differ. ``only_empty``: read every clue, and send only the
    fields in which the CRM has nothing. ``tags``: "add" or "remove" those of the row, instead of replacing all. ``snapshot``:
    read every clue, so that the run can be undone; None means as the settings say, and ``auto`` there means where it is
    ``attended``. ``prove_only``: send the first edit, prove it, put back what it changed, and stop; without a results sheet
    unless ``output`` names one. ``reconciling`` is for ``reconcile``.

    ``confirm`` is asked before the first edit; ``attended``: by somebody, so that all clues are read before. ``series`` is what
    the nights of one job have in common, such as the path of its settings file: guards compare a night with the last one. A
    DataFrame has a results sheet only where ``output`` names it. ``until``: the moment, with its zone,
    at which it stops as if ``stop`` were asked, whatever it is doing; it can be gone on with. ``detach``: the run is left to
    workers once it is planned, confirmed and proved; the report is ``detached`` then. That needs a journal in PostgreSQL.

    Raises ``Refused`` if nothing was sent because of the input, the settings or the answer to ``confirm``, and ``UnderWay``
    if another process drives the same run; everything that happens later is in the report.
    """
    began = time.monotonic()
    target = Path(output).absolute() if output is not None else None
    options = RunOptions(
        edit_keys=key_names(edit_keys),
        only_failed=only_failed,
        visible_only=visible_only,
        limit=1 if prove_only else limit,
        strict=strict,
        only_changed=only_changed,
        only_empty=only_empty,
        tags=tags,
        encoding=encoding,
        delimiter=delimiter,
        attended=attended,
        prove_only=prove_only,
        reconciling=reconciling,
        output=str(target) if target else None,
    )
    with Listener(on_event) as events, ExitStack() as opened:
        settings = settings or Settings()
        stop = stop or Stop()
        opened.enter_context(working_until(until, stop))
        require_credentials(settings)
        source = opened.enter_context(open_source(sheet, encoding=encoding, delimiter=delimiter))
        beside = partial(place_beside, settings=settings, attended=attended)
        results.writable(output, results.default_target(beside(source.place)) if source.place and output is None else None)
        settings = with_names(settings, events, stop)
        options = with_snapshot(options, snapshot, settings.snapshot, attended=attended)
        with open_journal(settings) as journal:
            require_detachable(journal, detach=detach, stays=prove_only or until is not None)
            with nothing_sent():
                prepared = plan_sheet(
                    journal,
                    source,
                    settings,
                    sheet_name,
                    options,
                    new=new,
                    known=journal,
                    once_more=new,
                    series=series,
                    on_event=ending(events, stop),
                    on_start=events.start,
                )
            if prepared.preview.circumstances.is_as_written and source.place and not new:
                try:
                    return events.noted(report_as_written(prepared, began))
                finally:
                    prepared.abandon()
            if not prove_only:
                target = target or target_of(prepared.earlier, source.place, beside)
            report = Drive(prepared, stop, events, attended, detach=detach).execute(target, began, confirm)
            if prove_only and (report.counts["updated"] or report.undoable) and report.halted is None:
                report = undo_first_edit(prepared, report, stop, events)
            return events.noted(report)


def reconcile(
    sheet: SheetSource,
    settings: Settings | None = None,
    *,
    trust_journal: bool = False,
    verify_share: float = 0.0,
    max_drift: float | None = None,
    sheet_name: str | None = None,
    output: str | Path | None = None,
    edit_keys: str | Sequence[str] = (),
    visible_only: bool = False,
    limit: int | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    strict: bool = False,
    tags: Tags | None = None,
    new: bool = False,
    series: str = "",
    until: datetime | None = None,
    attended: bool = False,
    detach: bool = False,
    confirm: Callable[[Preview], bool] | None = None,
    on_event: Callable[[Event], None] | None = None,
    stop: Stop | None = None,
) -> Report:
    """Makes the clues of ``sheet``, a full export, what it says: ``run`` with ``only_changed``, and ``fill`` in the settings.

    ``trust_journal``: a clue is not read where all that its row asks for stands there already by what the journal remembers of
    earlier runs. ``verify_share`` of these clues, from 0 to 1, are read all the same, those that were seen longest ago;
    if more than ``max_drift`` of them (one in fifty, unless it says otherwise) hold something else, all are read. The rest is
    as for ``run``.
    """
    most = MAX_DRIFT if max_drift is None else max_drift
    reconciling = Reconciling(trust_journal=trust_journal, verify_share=verify_share, max_drift=most)
    filling = (settings or Settings()).model_copy(update={"fill": True})
    return run(
        sheet,
        filling,
        only_changed=True,
        reconciling=reconciling,
        sheet_name=sheet_name,
        output=output,
        edit_keys=edit_keys,
        visible_only=visible_only,
        limit=limit,
        encoding=encoding,
        delimiter=delimiter,
        strict=strict,
        tags=tags,
        new=new,
        series=series,
        until=until,
        attended=attended,
        detach=detach,
        confirm=confirm,
        on_event=on_event,
        stop=stop,
    )


def resume(
    run: str,
    settings: Settings | None = None,
    *,
    output: str | Path | None = None,
    until: datetime | None = None,
    attended: bool = False,
    detach: bool = False,
    confirm: Callable[[Preview], bool] | None = None,
    on_event: Callable[[Event], None] | None = None,
    stop: Stop | None = None,
) -> Report:
    """Goes on with a run: sends its rows that were not sent or failed, and writes its results sheet again.

    It goes to the address that it went to before; the rest of ``settings`` decides how. ``until`` and ``detach`` are
    those of ``run``.

    Raises ``Refused`` if nothing was sent because there is no such run, it was never sent at all, or it belongs to another app,
    and ``UnderWay`` if another process drives it.
    """
    began = time.monotonic()
    stop = stop or Stop()
    with (
        Listener(on_event, run) as events,
        working_until(until, stop),
        open_journal(settings := settings or Settings()) as journal,
    ):
        require_detachable(journal, detach=detach, stays=until is not None)
        with nothing_sent():
            earlier = journal.run(run)
            if earlier.state is RunState.PLANNED:
                raise Refused("resume.planned", run=run, started=earlier.started)
            beside = partial(place_beside, settings=settings, attended=attended)
            target = results.writable(output, target_of(earlier, None, beside))
            prepared = open_again(journal, run, settings, events.start)
        drive = Drive(prepared, stop, events, attended, asked_output=output is not None, detach=detach)
        return events.noted(drive.execute(target, began, confirm))


def undo(
    run: str,
    settings: Settings | None = None,
    *,
    clues: Numbers | None = None,
    rows: Numbers | None = None,
    fields: str | Iterable[str] | None = None,
    force: bool = False,
    output: str | Path | None = None,
    attended: bool = False,
    detach: bool = False,
    confirm: Callable[[Preview], bool] | None = None,
    on_event: Callable[[Event], None] | None = None,
    stop: Stop | None = None,
) -> Report:
    """Puts back, in a new run, what the fields of the rows that ``run`` updated were before, as far as that was read then.

    ``clues``, ``rows`` (of the sheet: ``5``, ``"5,8-12"``, ``[5, 8]``) and ``fields`` (keys, titles or headings) name a part of
    the run: what all that are given have in common is put back, and the other rows and fields can be put back later.

    A field that somebody has changed since, or that a later row of the run has set, is left alone, unless ``force``. The
    results go to NAME.undo.xlsx beside the sheet. ``detach`` is that of ``run``. Raises ``Refused`` where there is nothing to
    put back, or the run has not changed what is named, else as ``resume`` does.
    """
    began = time.monotonic()
    with Listener(on_event) as events, open_journal(settings := settings or Settings()) as journal:
        require_detachable(journal, detach=detach)
        with nothing_sent():
            undone = journal.run(run)
            beside = partial(place_beside, settings=settings, attended=attended)
            target = results.writable(output, undo_target_of(undone, beside))
            named = (clues, rows, fields)
            prepared = prepare_undo(journal, undone, settings, target, *named, force=force, on_start=events.start)
        stop = stop or Stop()
        drive = Drive(prepared, stop, events, attended, asked_output=output is not None, detach=detach)
        return events.noted(drive.execute(target, began, confirm))


def read_clue(
    clue_id: int | str,
    settings: Settings | None = None,
    *,
    on_event: Callable[[Event], None] | None = None,
    stop: Stop | None = None,
) -> Clue:
    """Returns a clue as the CRM has it now, for somebody who wants to see it.

    Raises ``Refused`` if ``clue_id`` is no id of a clue or may have lost digits, without credentials, and where the CRM does
    not show the clue.
    """
    settings = settings or Settings()
    with Listener(on_event) as events:
        ((_, shown),) = show_clues([clue_id], settings, on_event=events, stop=stop)
    if isinstance(shown, Message):
        raise Refused(shown.key, **shown.values)
    return shown


def row_rules(settings: Settings | None = None) -> RowRules:
    """Returns what decides how a row is read by these settings, with the names of their ``lookups``."""
    return with_names(settings or Settings()).row_rules


def make_template(path: str | Path, settings: Settings | None = None) -> Path:
    """Writes a workbook to fill in to ``path``, which must end in .xlsx and not be taken; returns the path written.

    It has a column for each field that the settings do not leave out. Raises ``Refused`` where it cannot be written, or where
    ``lookups`` name what cannot be read.
    """
    return template.make_template(path, with_names(settings or Settings()))
