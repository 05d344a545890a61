"""The whole job: read, check, record, dispatch, write results. The one place that joins the parts of the house.

``run``, ``resume``, ``undo``, ``diff``, ``check`` and ``load_edits`` are the Python interface, and what the command line calls.
They tell their progress as events and print nothing; what went wrong before anything was sent is raised, what became of rows is
in the report.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from .edits import name_tables
from .edits.choose_sheet import choose_sheet
from .edits.columns import Columns
from .edits.rows import RowReader, refuse_rounded
from .errors import Refused, ResultsNotWritten, SettingsError, UnderWay
from .journal.journal import Journal
from .messages import Lang, language, say
from .model import Edit, Event, Message, Plan, Problem, Run, RunState
from .output import check_sheet, diff_sheet, results, template
from .runs import pools
from .runs.drive import Drive
from .runs.earlier_runs import undos
from .runs.options import RunOptions, key_names
from .runs.planning import abandon_plan, check_plan, plan_rest, plan_undo, prepare, target_of
from .runs.preview import Preview
from .runs.report import Report
from .runs.results import MOST_REASONS, fitting, nothing_sent, summary_counts, write_results
from .runs.source import open_source
from .settings.settings import Settings, app_of, require_credentials
from .stop import Stop

if TYPE_CHECKING:
    from pandas import DataFrame

JOURNAL = "journal.sqlite3"


@dataclass(frozen=True, slots=True)
class Loaded:
    """The edits of a sheet, the rows without one, and what is wrong: everything in memory."""

    edits: list[Edit]
    plans: list[Plan]
    problems: list[Problem]
    notes: list[Message]


def load_edits(
    sheet: str | Path | DataFrame,
    settings: Settings | None = None,
    *,
    sheet_name: str | None = None,
    edit_keys: str | Sequence[str] = (),
    visible_only: bool = False,
) -> Loaded:
    """The edits that ``sheet`` asks for, without sending them. Raises ``Refused`` as ``run`` does."""
    source = open_source(sheet)
    settings = _with_names(settings or Settings())
    rules = settings.row_rules
    choice = choose_sheet(source.sheets, sheet_name, rules)
    columns = Columns(choice.sheet.name, choice.headings, rules, edit_keys=key_names(edit_keys))
    reader = RowReader(columns, rules, visible_only=visible_only)
    plans = list(reader.plans(choice.sheet))
    plans = [refuse_rounded(plan, reader.findings.rounded_columns()) for plan in plans]
    edits = [plan.edit for plan in plans if plan.edit is not None]
    return Loaded(
        edits, plans, [problem for plan in plans for problem in plan.problems], choice.notes() + reader.findings.notes()
    )


def check(
    sheet: str | Path | DataFrame,
    settings: Settings | None = None,
    *,
    sheet_name: str | None = None,
    edit_keys: str | Sequence[str] = (),
    only_failed: bool = False,
    visible_only: bool = False,
    limit: int | None = None,
    strict: bool = False,
    only_changed: bool = False,
    tags: str | None = None,
    snapshot: bool = False,
    output: str | Path | None = None,
    on_event: Callable[[Event], None] = lambda event: None,
) -> Report:
    """Read and check ``sheet`` exactly as ``run`` does, and send nothing, and ask the CRM nothing but for names of pools, where
    ``lookups`` say so.

    ``output``: also write the sheet with what would be sent for each row beside it. Raises ``Refused`` where ``run`` would
    refuse to start. ``counts["not_sent"]`` are the rows that a run would send.
    """
    began = time.monotonic()
    settings = settings or Settings()
    target, lang = Path(output).absolute() if output is not None else None, language(settings.lang)
    if target is not None:
        results.check_target(target)
    source = open_source(sheet)
    settings = _with_names(settings, on_event)
    options = RunOptions(
        edit_keys=key_names(edit_keys),
        only_failed=only_failed,
        visible_only=visible_only,
        limit=limit,
        strict=strict,
        only_changed=only_changed,
        tags=tags,
        snapshot=snapshot,
    )
    with (
        tempfile.TemporaryDirectory(prefix="batch_editor-") as folder,
        Journal(Path(folder) / JOURNAL, durable=False) as journal,
    ):
        with nothing_sent():
            ready = prepare(journal, source, settings, sheet_name, options, with_bodies=target is not None, on_event=on_event)
        name, preview = ready.name, ready.preview
        written, unwritten = None, None
        if target is not None:
            queries = journal.of(name).queries
            rows = check_sheet.table(journal.run(name).headings, queries.rows(), queries.row_values(), lang)
            try:
                written = results.write_table(fitting(journal, name, target), rows, check_sheet.page(lang), run=name)
            except ResultsNotWritten as error:
                unwritten = _not_written(error)
        check_plan(preview, settings, strict)
        found = summary_counts(preview.counts.statuses)
    exit_code = 1 if found["invalid"] or unwritten else 0
    seconds = time.monotonic() - began
    return Report(None, exit_code, preview.rows, found, written, seconds, preview, unwritten=unwritten, lang=lang)


def run(
    sheet: str | Path | DataFrame,
    settings: Settings | None = None,
    *,
    sheet_name: str | None = None,
    output: str | Path | None = None,
    edit_keys: str | Sequence[str] = (),
    only_failed: bool = False,
    visible_only: bool = False,
    limit: int | None = None,
    strict: bool = False,
    only_changed: bool = False,
    tags: str | None = None,
    snapshot: bool = False,
    prove_only: bool = False,
    new: bool = False,
    attended: bool = False,
    confirm: Callable[[Preview], bool] = lambda preview: True,
    on_event: Callable[[Event], None] = lambda event: None,
    stop: Stop | None = None,
) -> Report:
    """Send every edit of ``sheet`` (a file or a DataFrame) and write the results sheet.

    ``edit_keys``: only these fields count as edits. ``only_failed``: ``sheet`` is a results sheet, and its updated and
    unchanged rows stay as they are. ``visible_only``: rows that the sheet hides are left out. ``limit``: send the first so
    many edits. ``strict``: refuse a sheet with an invalid row. ``new``: start over, also where an earlier run of the same file
    stopped early; otherwise that one is gone on with.

    ``only_changed``: read every clue, and send only the fields that differ. ``tags``: "add" or "remove" those of the row,
    instead of replacing all. ``snapshot``: read every clue, so that the run can be undone. ``prove_only``: send the first edit,
    prove it, put back what it changed, and stop; without a results sheet unless ``output`` names one.

    ``confirm`` is asked before the first edit; ``attended``: by somebody, so that all clues are read before. A DataFrame has a
    results sheet only where ``output`` names it.

    Raises ``Refused`` if nothing was sent because of the input, the settings or the answer to ``confirm``, and ``UnderWay``
    if another process drives the same run; everything that happens later is in the report.
    """
    began = time.monotonic()
    settings = settings or Settings()
    require_credentials(settings)
    target = Path(output).absolute() if output is not None else None
    source = open_source(sheet)
    if output_path := target or (results.default_target(source.place) if source.place else None):
        results.check_target(output_path)
    stop = stop or Stop()
    settings = _with_names(settings, on_event, stop)
    options = RunOptions(
        edit_keys=key_names(edit_keys),
        only_failed=only_failed,
        visible_only=visible_only,
        limit=1 if prove_only else limit,
        strict=strict,
        only_changed=only_changed,
        tags=tags,
        snapshot=snapshot,
        prove_only=prove_only,
        output=str(target) if target else None,
    )
    with open_journal(settings) as journal:
        with nothing_sent():
            _clear_away(journal)
            ready = prepare(journal, source, settings, sheet_name, options, new=new, on_event=on_event)
        if not prove_only:
            target = target or target_of(ready.earlier, source.place)
        report = Drive(journal, ready, settings, options, stop, on_event, attended).execute(target, began, confirm)
        if prove_only and report.counts["updated"] and report.halted is None:
            journal.let_go(ready.name)
            return undo_first_edit(journal, report, journal.run(ready.name), settings, stop, on_event)
        return report


def resume(
    run: str,
    settings: Settings | None = None,
    *,
    output: str | Path | None = None,
    attended: bool = False,
    confirm: Callable[[Preview], bool] = lambda preview: True,
    on_event: Callable[[Event], None] = lambda event: None,
    stop: Stop | None = None,
) -> Report:
    """Go on with a run: send its rows that were not sent or failed, and write its results sheet again.

    It goes to the address that it went to before; the rest of ``settings`` decides how. Raises ``Refused`` if nothing was
    sent because there is no such run, it was never sent at all, or it belongs to another app, and ``UnderWay`` if another
    process drives it.
    """
    began = time.monotonic()
    settings = settings or Settings()
    with open_journal(settings) as journal:
        with nothing_sent():
            earlier, settings = _as_before(journal, run, settings)
            options = RunOptions.from_json(earlier.options)
            if earlier.state is RunState.ABANDONED:
                raise Refused("resume.abandoned", run=run, sheet=earlier.source)
            if options.prove_only:
                raise Refused("resume.proof", run=run, sheet=earlier.source)
            if undo := undos(journal.runs()).get(run):
                raise Refused("resume.undone", run=run, undo=undo.name, sheet=earlier.source)
            target = Path(output).absolute() if output is not None else target_of(earlier, None)
            if target is not None:
                results.check_target(target)
            journal.claim(run)
            ready = plan_rest(journal, earlier, settings, None)
        return Drive(journal, ready, settings, options, stop or Stop(), on_event, attended).execute(target, began, confirm)


def undo(
    run: str,
    settings: Settings | None = None,
    *,
    force: bool = False,
    output: str | Path | None = None,
    attended: bool = False,
    confirm: Callable[[Preview], bool] = lambda preview: True,
    on_event: Callable[[Event], None] = lambda event: None,
    stop: Stop | None = None,
) -> Report:
    """Put back, in a new run, what the fields of the rows that ``run`` updated were before, as far as that was read then.

    A field that somebody has changed since is left alone, unless ``force``. The results go to NAME.undo.xlsx beside the sheet.
    Raises ``Refused`` where there is nothing to put back, else as ``resume`` does.
    """
    began = time.monotonic()
    settings = settings or Settings()
    with open_journal(settings) as journal:
        with nothing_sent():
            undone, settings = _as_before(journal, run, settings)
            if journal.is_driven(run):
                raise UnderWay("run.under_way", run=run)
            target = Path(output).absolute() if output is not None else None
            if target is None:
                target = _undo_target(undone)
            if target is not None:
                results.check_target(target)
        options = RunOptions(undo=run, force=force, output=str(target) if target else None)
        with nothing_sent():
            _clear_away(journal)
            ready = plan_undo(journal, undone, settings, options)
        return Drive(journal, ready, settings, options, stop or Stop(), on_event, attended).execute(target, began, confirm)


def diff(
    sheet: str | Path | DataFrame,
    settings: Settings | None = None,
    *,
    sheet_name: str | None = None,
    output: str | Path | None = None,
    edit_keys: str | Sequence[str] = (),
    only_failed: bool = False,
    visible_only: bool = False,
    limit: int | None = None,
    tags: str | None = None,
    on_event: Callable[[Event], None] = lambda event: None,
    stop: Stop | None = None,
) -> Report:
    """Read the clues of ``sheet`` and tell what ``run`` would change, in ``preview.changes`` and a workbook; send nothing.

    The workbook is NAME.diff.xlsx beside the sheet unless ``output`` says otherwise; a DataFrame has one only then. Raises
    ``Refused`` where ``run`` would refuse to start, and if reading halts or no clue at all can be read. ``preview.differences``
    say what differs; ``counts["not_sent"]`` are those and the rows beyond ``limit``.
    """
    began = time.monotonic()
    settings = settings or Settings()
    require_credentials(settings)
    source, lang = open_source(sheet), language(settings.lang)
    target = Path(output).absolute() if output is not None else results.diff_target(source.place) if source.place else None
    if target is not None:
        results.check_target(target)
    stop = stop or Stop()
    settings = _with_names(settings, on_event, stop)
    options = RunOptions(
        edit_keys=key_names(edit_keys),
        only_failed=only_failed,
        visible_only=visible_only,
        limit=limit,
        only_changed=True,
        tags=tags,
    )
    with open_journal(settings) as journal:
        with nothing_sent():
            _clear_away(journal)
            ready = prepare(journal, source, settings, sheet_name, options, new=True, on_event=on_event)
        written, unwritten = None, None
        try:
            drive = Drive(journal, ready, settings, options, stop, on_event, True)
            queries = journal.of(ready.name).queries
            if clues := drive.preview.reads:
                with drive.session() as session:
                    drive.read(session)
                if drive.preview.reads == clues and (why := queries.reasons(1)):
                    raise Refused("reading.halted", reason=why[0][1])
            found, reasons = summary_counts(queries.counts()), queries.reasons(MOST_REASONS)
            if target is not None:
                page = results.Page(say(Message("diff.sheet"), lang), len(diff_sheet.COLUMNS))
                rows = diff_sheet.table(queries.row_values(), ready.rules, lang)
                try:
                    written = results.write_table(target, rows, page, run=ready.name)
                except ResultsNotWritten as error:
                    unwritten = _not_written(error)
        finally:
            abandon_plan(journal, ready.name, None)
    bad = found["invalid"] + found["failed"] > 0 or unwritten is not None
    counted, seconds = (None, int(bad), drive.preview.rows, found), time.monotonic() - began
    return Report(*counted, written, seconds, drive.preview, unwritten=unwritten, reasons=reasons, lang=lang)


def make_template(path: str | Path, settings: Settings | None = None) -> Path:
    """Write a workbook to fill in to ``path``, which must end in .xlsx and not be taken; return the path written.

    It has a column for each field that the settings do not leave out. Raises ``Refused`` where it cannot be written, or where
    ``lookups`` name what cannot be read.
    """
    return template.make_template(path, _with_names(settings or Settings()))


def open_journal(settings: Settings) -> Journal:
    """The journal of all runs, in ``state_dir``. Raises ``SettingsError`` where it cannot be opened."""
    return Journal(settings.state_dir.expanduser() / JOURNAL)


def results_again(journal: Journal, name: str, target: Path | None, lang: Lang) -> Path:
    """Write the results sheet of a run that is over. Raises ``UnderWay`` where it is not."""
    run = journal.run(name)
    journal.claim(name)
    try:
        return write_results(journal, run, target, lang, as_copy=bool(target and run.results))
    finally:
        journal.let_go(name)


def _with_names(
    settings: Settings, on_event: Callable[[Event], None] = lambda event: None, stop: Stop | None = None
) -> Settings:
    """``settings`` with all names of ``lookups`` known, the CRM asked for them if need be. Raises ``Refused``."""
    settings = name_tables.read(settings)
    if not pools.asks(settings):
        return settings
    try:
        require_credentials(settings)
    except SettingsError as error:
        raise SettingsError("lookups.no_credentials", reason=error.message) from None
    with open_journal(settings) as journal, nothing_sent():
        return pools.ask(settings, journal, app_of(settings), stop or Stop(), on_event)


def _not_written(error: ResultsNotWritten) -> Message:
    """What is said of a sheet that no run has, and that therefore cannot be written again without being made anew."""
    return Message("output.not_written", error.message.values)


def _as_before(journal: Journal, name: str, settings: Settings) -> tuple[Run, Settings]:
    """An earlier run, and the settings with which to reach the same tenant again. Raises ``SettingsError``."""
    earlier = journal.run(name)
    api = settings.api.model_copy(update={"base_url": earlier.base_url})
    settings = settings.model_copy(update={"api": api})
    require_credentials(settings)
    if app_of(settings) != earlier.app:
        fixed = Message("preview.fixed_token")
        raise SettingsError("resume.other_app", run=name, theirs=earlier.app or fixed, ours=app_of(settings) or fixed)
    return earlier, settings


def undo_first_edit(
    journal: Journal, report: Report, run: Run, settings: Settings, stop: Stop, on_event: Callable[[Event], None]
) -> Report:
    """The ``report`` of a run that was for a proof alone, once what its edit changed is put back, by an undo of its own."""
    options = RunOptions(undo=run.name)
    try:
        ready = plan_undo(journal, run, settings, options)
    except Refused:
        return replace(report, halted=Message("proof.kept", {"run": run.name}), exit_code=max(report.exit_code, 1))
    drive = Drive(journal, ready, settings, options, stop, on_event, attended=False)
    undone = drive.execute(None, time.monotonic(), lambda preview: True)
    whole = undone.counts["updated"] + undone.counts["unchanged"] == undone.rows
    return replace(report, put_back=undone, exit_code=max(report.exit_code, undone.exit_code, 0 if whole else 1))


def _undo_target(undone: Run) -> Path | None:
    """Where the results of an undo go that was not told: beside the sheet, or the results of the undo, that is undone."""
    if undone.digest:
        return results.undo_target(Path(undone.source))
    options = RunOptions.from_json(undone.options)
    return results.undo_target(Path(options.output)) if options.undo and options.output else None


def _clear_away(journal: Journal) -> None:
    """Forget runs whose process ended while they were planned: nobody has agreed to them, and nothing of them was sent."""
    for run in journal.runs():
        if run.state is RunState.ABANDONED:
            with suppress(UnderWay):
                journal.claim(run.name)
                journal.discard(run.name)
