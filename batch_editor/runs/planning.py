"""From a sheet, from what an earlier run has left, or from what is to be undone, to a prepared run of the journal.

Which earlier run a sheet goes on with is left to ``earlier_runs``, what a row becomes to ``edits/``, and sending to ``drive``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from ..edits.choose_sheet import choose_sheet
from ..edits.columns import Columns
from ..edits.findings import Findings, hidden_rows
from ..edits.heading_row import texts_of, without_left_out
from ..edits.headings import Names
from ..edits.rounded_ids import refuse_rounded
from ..edits.whole_sheet import WholeSheet
from ..errors import Refused, SheetError
from ..events import Event, SheetProgress
from ..journal.journal import Journal
from ..journal.run_journal import RunJournal
from ..journal.sending import CURRENT
from ..messages import language
from ..model import Message, Plan, Run, RunState, Status
from ..settings.names import folded
from ..settings.row_rules import RowRules
from ..settings.settings import Settings, app_of
from .earlier_rows import EarlierRows
from .earlier_runs import (
    is_of_finished,
    require_nobody_knows,
    require_resumable,
    run_to_continue,
    sent_before,
    settings_for,
)
from .exports import CUT, export_of, filled_places
from .judging import judge_by_age, refuse_older
from .kept_plans import forget_abandoned, forget_plan
from .labels import row_names
from .mending import mended_columns
from .options import RunOptions
from .prepared import PreparedRun
from .preview import Circumstances, build_preview
from .reconciling import TrustedClues, memory_of
from .row_readers import row_reader
from .run_names import sheet_name
from .sheet_choices import SheetChoices
from .source import Source
from .undo import Undo
from .undo_parts import part_lines, parts_of

_READING_STEP = 1000
#: Is called with the name of a run once it has one.
OnStart = Callable[[str], None]


def plan_sheet(
    journal: Journal,
    source: Source,
    settings: Settings,
    sheet_name: str | None,
    options: RunOptions,
    *,
    choices: SheetChoices | None = None,
    new: bool = False,
    known: Journal | None = None,
    once_more: bool = False,
    with_bodies: bool = True,
    keeps_cells: bool = False,
    title: str = "",
    person: str = "",
    series: str = "",
    on_event: Callable[[Event], None],
    on_start: OnStart | None = None,
) -> PreparedRun:
    """Returns the earlier run of the sheet that is to be gone on with, unless it is to be a ``new`` one; else a new run, with
    the whole sheet read into the journal. This process drives it. Raises ``Refused``, and ``UnderWay`` where another one
    does.

    ``with_bodies=False`` leaves out the bodies of its calls, where none will be sent or shown; ``keeps_cells`` keeps what its
    cells were read as, so that they can be mended. ``on_start`` is called with the run's name as soon as it has one.
    ``choices`` are what somebody has chosen of its headings and columns. ``known`` is the journal in which the runs of earlier
    nights are, None where nobody wants to know; ``once_more`` says that the sheet may have been finished before. ``series`` is
    the path of what the nights of one job have in common. Runs whose process ended while it planned them are forgotten.
    """
    forget_abandoned(journal)
    choices = choices or SheetChoices()
    choice = choose_sheet(source.sheets, sheet_name, settings.row_rules, heading_row=choices.heading_row)
    sheet = choice.sheet
    settings, options = choices.applied(texts_of(choice.headings), settings, options)
    rules = settings.row_rules
    options = replace(
        options,
        read_as=sheet.read_as,
        index=source.levels,
        first_label=source.first_label,
        modified=source.modified,
        cut=any(note.key == CUT for note in sheet.notes),
    )
    columns = Columns(
        sheet.name,
        choice.headings,
        rules,
        edit_keys=options.edit_keys,
        index_columns=sheet.index_columns,
        label=sheet.label,
        left_out=options.left_out,
        named=dict(options.named),
    )
    if "clue_id" not in columns.by_key:
        raise SheetError("headings.no_clue_column", row=columns.heading_row)
    earlier_rows = EarlierRows(journal, settings) if options.only_failed else None
    keeps_cells = keeps_cells or options.trusts_journal  # so that rows can be read again that are not to be trusted after all
    reader = row_reader(columns, rules, options, settings, earlier_rows, with_bodies=with_bodies, keeps_cells=keeps_cells)
    name, earlier, note = _find_or_start(
        journal, source, choice.sheet.name, columns, settings, options, new=new, title=title, person=person, series=series
    )
    if earlier:
        source.close()
        if on_start:
            on_start(name)
        return replace(plan_rest(journal, earlier, settings, options.limit), index=source.index)
    try:
        if on_start:
            on_start(name)
        run = journal.of(name)
        plans = _counted(reader.plans(choice.sheet), on_event)
        memory = None
        if options.reconciling:
            memory = memory_of(journal, settings, app_of(settings), columns.headings, options, rules)
            journal.take_in(memory.applied)
            run.trusted.plan(memory.judged(plans))
        else:
            run.planning.plan(plans)
        source.close()
        if earlier_rows:
            earlier_rows.require_known()
        options = _judge_rows(run, columns, reader.findings, options, rules)
        if options.compares:  # nothing is sent twice
            note = None
        elif (note is None or (options.only_failed and is_of_finished(note))) and source.place and not options.prove_only:
            note = sent_before(journal, name)
        circumstances = replace(
            _circumstances(settings, source.name, choice.sheet.name, options),
            labels=columns.labels,
            columns=columns.names.places(without_left_out(columns.headings, options.left_out)),
            earlier=note,
            repeats=note is not None,
            notes=choice.notes() + reader.findings.notes(),
            export=export_of(journal.run(name), settings, known, once_more=once_more),
            filled=filled_places(settings, columns.names, columns.headings),
        )
        if keeps_cells:
            run.mends.keep_whole_sheet(WholeSheet.of(columns, reader.findings, circumstances.notes, note).as_json())
        if memory and memory.trusts:
            trusted = TrustedClues(journal, run, settings, options, rules, memory).settle()
            circumstances = replace(circumstances, notes=[*circumstances.notes, *trusted])
        preview = build_preview(run, circumstances, maybe_applied=settings.retry.ambiguous)
        if not preview.rows:
            raise SheetError("sheet.no_rows")
        if options.only_failed and reader.findings.is_as_written(preview.counts.statuses):
            preview = replace(preview, circumstances=replace(circumstances, is_as_written=True))
    except BaseException:
        forget_plan(journal, name)
        raise
    return PreparedRun(journal, run, settings, options, rules, preview.circumstances, preview, index=source.index)


def _find_or_start(
    journal: Journal,
    source: Source,
    sheet_name: str,
    columns: Columns,
    settings: Settings,
    options: RunOptions,
    *,
    new: bool,
    title: str,
    person: str,
    series: str,
) -> tuple[str, Run | None, Message | None]:
    """Returns the name of the run, which this process drives; what the journal said of it, if it was begun earlier; and what
    is to be said of an earlier run of the sheet, if anything."""
    app = app_of(settings)
    with journal.alone():  # of two processes that start at once, the second one has to see the first
        earlier, note = None, None
        if not new:
            earlier, note = run_to_continue(
                journal, digest=source.digest, sheet=sheet_name, app=app, settings=settings, options=options
            )
        if earlier:
            journal.claim(earlier.name)
            return earlier.name, earlier, None
        name = journal.start(
            base_url=settings.api.base_url,
            app=app,
            source=source.name,
            sheet=sheet_name,
            digest=source.digest,
            headings=columns.headings,
            settings=settings.for_the_record(),
            options=options.as_json(),
            title=title,
            person=person,
            series=series,
        )
    return name, None, note


def _judge_rows(run: RunJournal, columns: Columns, findings: Findings, options: RunOptions, rules: RowRules) -> RunOptions:
    """Judges once more what only the whole sheet, or the journal, says of its rows. Returns the options with how many rows the
    sheet was found to hide."""
    planning = run.planning
    if findings.surplus:
        planning.set_headings((*columns.headings, ""))
    if findings.hidden:
        options = replace(options, hidden_rows=findings.hidden)
        planning.set_options(options.as_json())
    if refused := findings.refused_doubts():
        judged = ((plan, refuse_rounded(plan, refused)) for plan in planning.doubtful())
        planning.refuse(after for before, after in judged if after is not before)
    if options.only_failed:
        judge_by_age(run, columns, rules)
    return options


def plan_rest(journal: Journal, earlier: Run, settings: Settings, limit: int | None) -> PreparedRun:
    """Returns what is left of a run that this process drives, of which at most ``limit`` edits are sent: it was begun earlier,
    or is planned and waits for somebody to agree."""
    run, maybe_applied = journal.of(earlier.name), settings.retry.ambiguous
    options = RunOptions.from_json(earlier.options)
    is_planned = earlier.state is RunState.PLANNED
    rules = RowRules.from_record(earlier.settings)
    names = Names(rules)
    if not is_planned:  # else nothing was sent
        run.sending.abandon(Message("failed.interrupted"))
        run.sending.read_again(maybe_applied=maybe_applied, current=CURRENT)
        _refuse_put_back(run, names, maybe_applied=maybe_applied)
    elif run.queries.has_read():
        run.sending.read_again(maybe_applied=maybe_applied, current=CURRENT, planned=True)
        run.sending.forget_old_records(CURRENT)
    whole = None
    if is_planned:
        known = run.mends.whole_sheet()
        whole = WholeSheet.from_json(known) if known else None
    if whole and options.only_failed:  # whoever mended it may have been cut off before
        judge_by_age(run, mended_columns(earlier, whole, rules, options, row_names(options, None, run.queries.cells)), rules)
    else:
        refuse_older(run, rules, maybe_applied=maybe_applied)
    if is_planned and options.undo:
        note = _undo_note(options, names)
    elif is_planned:
        note = Message("preview.planned", {"run": run.name, "started": earlier.started})
    else:
        note = Message("preview.goes_on", {"run": run.name})
    hidden = [hidden_rows(options.hidden_rows)] if options.hidden_rows else []
    circumstances = replace(
        _circumstances(settings, earlier.source, earlier.sheet, replace(options, limit=limit)),
        labels=names.labels(),
        columns=names.places(without_left_out(earlier.headings, options.left_out)),
        earlier=whole.earlier if whole and whole.earlier else note,
        repeats=whole is not None and whole.earlier is not None,
        notes=whole.notes if whole else hidden,
        export=export_of(earlier, settings, journal if settings.guards.repeat == "refuse" else None) if is_planned else None,
        filled=filled_places(settings, names, earlier.headings) if is_planned else {},
    )
    return PreparedRun(journal, run, settings, options, rules, circumstances, earlier=earlier)


def open_again(journal: Journal, name: str, settings: Settings, on_start: OnStart | None = None) -> PreparedRun:
    """Returns a run that was planned, or that stopped early, with what is left of it; this process drives it from here on.

    Raises ``Refused`` if there is nothing to go on with, or its tenant is another one, and ``UnderWay`` where another process
    drives it.
    """
    run = journal.run(name)
    settings = settings_for(run, settings)
    require_resumable(journal, run)
    require_nobody_knows(journal, run, settings)
    journal.claim(name)
    try:
        if on_start:
            on_start(name)
        run = journal.run(name)  # another process may have driven it until now
        limit = RunOptions.from_json(run.options).limit if run.state is RunState.PLANNED else None
        return plan_rest(journal, run, settings, limit)
    except BaseException:
        journal.let_go(name)
        raise


def plan_rows_back(
    journal: Journal, undone: Run, settings: Settings, options: RunOptions, on_start: OnStart | None = None, *, person: str = ""
) -> PreparedRun:
    """Returns a new run that puts back what the rows of ``undone`` changed, or the part of it that ``options`` name.

    Raises ``Refused`` where nothing can be put back, or the run has not changed what is named.
    """
    rules = RowRules.from_record(undone.settings)
    names = Names(rules)
    undo = Undo(journal.of(undone.name), rules, parts_of(options), force=options.force)
    name = journal.start(
        base_url=settings.api.base_url,
        app=undone.app,
        source=f"undo {undone.name}",
        sheet="",
        digest="",
        headings=undo.headings,
        settings=settings.for_the_record() | rules.for_the_record(),
        options=options.as_json(),
        title=sheet_name(undone),
        person=person,
    )
    try:
        if on_start:
            on_start(name)
        run = journal.of(name)
        run.planning.plan(undo.plans())
        if lines := undo.not_changed():
            raise Refused("undo.not_changed", run=undone.name, lines=lines)
        notes = undo.notes()
        circumstances = replace(
            _circumstances(settings, undone.source, undone.sheet, options),
            labels=names.labels(),
            earlier=_undo_note(options, names),
            notes=notes,
        )
        preview = build_preview(run, circumstances, maybe_applied=settings.retry.ambiguous)
        if not preview.calls and not preview.counts.statuses[Status.UNCHANGED]:
            raise Refused(
                "undo.nothing_of_part" if part_lines(options, names) else "undo.nothing", run=undone.name, notes=notes
            )
    except BaseException:
        forget_plan(journal, name)
        raise
    return PreparedRun(journal, run, settings, options, rules, circumstances, preview)


def _undo_note(options: RunOptions, names: Names) -> Message:
    """Returns what an undo puts back."""
    part = part_lines(options, names)
    return Message("preview.undo_part" if part else "preview.undo", {"run": options.undo, "part": part})


def _refuse_put_back(run: RunJournal, names: Names, *, maybe_applied: bool) -> None:
    """Makes ``conflict`` what failed, may have been applied all the same, and was put back for that by an undo."""
    put_back = {row: keys for row, keys in run.put_back.by_row() if run.queries.is_to_be_sent(row, maybe_applied=maybe_applied)}
    labels = {row: ", ".join(map(names.label, keys)) for row, keys in put_back.items()}
    run.planning.conflict((row, Message("row.put_back", {"fields": fields})) for row, fields in labels.items())


def _circumstances(settings: Settings, source: str, sheet: str, options: RunOptions) -> Circumstances:
    unknown_app = Message("preview.fixed_token" if settings.api.access_token else "preview.no_app")
    return Circumstances(
        base_url=settings.api.base_url,
        app=app_of(settings) or unknown_app,
        source=source,
        sheet=sheet,
        limits=settings.limits,
        options=options,
        blank_words=frozenset(map(folded, settings.blank_words)),
        lang=language(settings.lang),
    )


def _counted(plans: Iterable[Plan], on_event: Callable[[Event], None]) -> Iterator[Plan]:
    for number, plan in enumerate(plans, 1):
        if number % _READING_STEP == 0:
            on_event(SheetProgress(number))
        yield plan
