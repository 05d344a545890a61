"""From a sheet, or from what an earlier run has left, to a run of the journal that is ready to be sent, with its preview."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from ..edits.choose_sheet import choose_sheet
from ..edits.columns import Columns
from ..edits.findings import hidden_rows
from ..edits.headings import Names
from ..edits.kept_rows import KeptRows
from ..edits.rows import RowReader, refuse_rounded
from ..errors import Halted, Refused, SheetError
from ..journal.journal import Journal
from ..journal.planning import Planning
from ..model import Event, Message, Plan, Run, RunState, SheetProgress
from ..output import results
from ..settings.row_rules import RowRules
from ..settings.settings import Settings, app_of
from .earlier_runs import run_to_continue, sent_before
from .options import RunOptions
from .preview import Circumstances, Preview, build_preview, check_guards, repeated_text
from .source import Source
from .undo import Undo

_READING_STEP = 1000


def target_of(earlier: Run | None, path: Path | None) -> Path | None:
    """Where the results of a run go that was not told: where it was told before, else beside the sheet at ``path``."""
    if earlier and (path is None or str(path) == earlier.source):
        if target := earlier.results or RunOptions.from_json(earlier.options).output:
            return Path(target)
        path = Path(earlier.source) if earlier.digest else None
    return results.default_target(path) if path else None


@dataclass(frozen=True, slots=True)
class Ready:
    """A run that this process drives, ready to be sent; ``earlier`` is what the journal said of it if it was begun before.

    ``rules`` are those by which its rows were read.
    """

    name: str
    preview: Preview
    rules: RowRules
    earlier: Run | None = None


def prepare(
    journal: Journal,
    source: Source,
    settings: Settings,
    sheet_name: str | None,
    options: RunOptions,
    *,
    new: bool = False,
    with_bodies: bool = True,
    on_event: Callable[[Event], None],
) -> Ready:
    """The earlier run of the sheet that is to be gone on with, else a new one: the whole sheet read into the journal.

    ``with_bodies=False`` leaves out the bodies of its calls, where none will be sent or shown.
    """
    rules = settings.row_rules
    choice = choose_sheet(source.sheets, sheet_name, rules)
    sheet = choice.sheet
    columns = Columns(sheet.name, choice.headings, rules, edit_keys=options.edit_keys)
    reader = RowReader(
        columns,
        rules,
        only_failed=options.only_failed,
        reads_all=options.only_changed or options.snapshot,
        reads_tags=options.tags is not None,
        visible_only=options.visible_only,
        with_bodies=with_bodies,
    )
    app = app_of(settings)
    with journal.alone():  # of two processes that start at once, the second one has to see the first
        earlier, earlier_note = None, None
        if not new:
            earlier, earlier_note = run_to_continue(
                journal, digest=source.digest, sheet=sheet.name, app=app, settings=settings, options=options
            )
        if earlier:
            journal.claim(earlier.name)
        else:
            name = journal.start(
                base_url=settings.api.base_url,
                app=app,
                source=source.name,
                sheet=sheet.name,
                digest=source.digest,
                headings=columns.headings,
                settings=settings.for_the_record(),
                options=options.as_json(),
            )
    if earlier:
        return plan_rest(journal, earlier, settings, options.limit)
    run = journal.of(name)
    try:
        run.planning.plan(_counted(reader.plans(sheet), on_event))
        findings = reader.findings
        if findings.surplus:
            run.planning.set_headings((*columns.headings, ""))
        if findings.hidden:
            run.planning.set_options(replace(options, hidden_rows=findings.hidden).as_json())
        if rounded := findings.rounded_columns():
            run.planning.refuse(refuse_rounded(plan, rounded) for plan in run.planning.doubtful())
        if options.only_failed:
            kept_rows = KeptRows(columns, rules)
            run.planning.refuse([kept_rows.overtaken(row, later) for row, later in run.planning.overtaken()])
            run.planning.refuse(filter(None, [kept_rows.altered(*row) for row in run.planning.rows_kept_from_results()]))
            if findings.results_time:
                _refuse_older(run.planning, findings.results_time, maybe_applied=True)
        if source.place and not (earlier_note or options.only_changed or options.prove_only):
            earlier_note = sent_before(journal, name)
        if options.only_changed:  # nothing is sent twice
            earlier_note = None
        circumstances = replace(
            _circumstances(settings, source.name, sheet.name, replace(options, hidden_rows=findings.hidden)),
            labels=columns.labels,
            columns=columns.names.places(columns.headings),
            earlier=earlier_note,
            repeats=earlier_note is not None,
            notes=choice.notes() + findings.notes(),
        )
        preview = build_preview(journal, name, circumstances, ambiguous=settings.retry.ambiguous)
        if not preview.rows:
            raise SheetError("sheet.no_rows")
    except BaseException:
        abandon_plan(journal, name, None)
        raise
    return Ready(name, preview, rules)


def plan_rest(journal: Journal, earlier: Run, settings: Settings, limit: int | None) -> Ready:
    """What is left of a run that is driven by this process."""
    name, run = earlier.name, journal.of(earlier.name)
    options = RunOptions.from_json(earlier.options)
    run.sending.abandon(Message("failed.interrupted"))
    run.sending.read_again()
    _refuse_older(run.planning, None, maybe_applied=settings.retry.ambiguous)
    rules = RowRules.from_record(earlier.settings)
    names = Names(rules)
    circumstances = replace(
        _circumstances(settings, earlier.source, earlier.sheet, replace(options, limit=limit)),
        labels=names.labels(),
        columns=names.places(earlier.headings),
        earlier=Message("preview.goes_on", {"run": name}),
        notes=[hidden_rows(options.hidden_rows)] if options.hidden_rows else [],
    )
    preview = build_preview(journal, name, circumstances, ambiguous=settings.retry.ambiguous)
    return Ready(name, preview, rules, earlier)


def plan_undo(journal: Journal, undone: Run, settings: Settings, options: RunOptions) -> Ready:
    """A new run that puts back what the rows of ``undone`` changed. Raises ``Refused`` where there is nothing to put back."""
    rules = RowRules.from_record(undone.settings)
    undo = Undo(journal.of(undone.name), rules)
    name = journal.start(
        base_url=settings.api.base_url,
        app=undone.app,
        source=f"undo {undone.name}",
        sheet="",
        digest="",
        headings=undo.headings,
        settings=settings.for_the_record() | rules.for_the_record(),
        options=options.as_json(),
    )
    try:
        journal.of(name).planning.plan(undo.plans())
        circumstances = replace(
            _circumstances(settings, undone.source, undone.sheet, options),
            labels=Names(rules).labels(),
            earlier=Message("preview.undo", {"run": undone.name}),
            notes=undo.notes(),
        )
        preview = build_preview(journal, name, circumstances, ambiguous=settings.retry.ambiguous)
        if not preview.calls:
            raise Refused("undo.nothing", run=undone.name, notes=undo.notes())
    except BaseException:
        abandon_plan(journal, name, None)
        raise
    return Ready(name, preview, rules)


def _refuse_older(planning: Planning, since: str | None, *, maybe_applied: bool) -> None:
    """Make ``conflict`` what would put an older value over one that another run has set since."""
    changed = planning.changed_since(since, maybe_applied=maybe_applied)
    planning.conflict((row, Message("row.changed_since", {"run": other})) for row, other in changed)


def _circumstances(settings: Settings, source: str, sheet: str, options: RunOptions) -> Circumstances:
    unknown_app = Message("preview.fixed_token" if settings.api.access_token else "preview.no_app")
    return Circumstances(
        base_url=settings.api.base_url,
        app=app_of(settings) or unknown_app,
        source=source,
        sheet=sheet,
        limits=settings.rate.parsed(),
        options=options,
    )


def _counted(plans: Iterable[Plan], on_event: Callable[[Event], None]) -> Iterator[Plan]:
    for number, plan in enumerate(plans, 1):
        if number % _READING_STEP == 0:
            on_event(SheetProgress(number))
        yield plan


def check_plan(preview: Preview, settings: Settings, strict: bool) -> None:
    """Raise ``Refused`` for a sheet that must not be sent at all."""
    check_guards(preview.counts, settings.guards)
    if settings.duplicates == "error" and preview.repeated_clues:
        raise Refused("duplicates.refused", clues=preview.repeated_clues, examples=repeated_text(preview.repeated))
    if strict and preview.counts.statuses["invalid"]:
        lines = [Message("problem", {"at": one.address, "what": one.sentence}) for one in preview.counts.problems[:20]]
        raise Refused("strict.refused", rows=preview.counts.statuses["invalid"], lines=lines)


def abandon_plan(journal: Journal, name: str, earlier: Run | None) -> None:
    """Nothing was sent: forget a new run; one that was begun earlier has stopped, as it had before."""
    with suppress(Halted):  # a journal that is full can only not forget it
        if earlier is None:
            journal.discard(name)
        elif earlier.state is not RunState.FINISHED:
            journal.of(name).set_state(RunState.STOPPED, stoppage=earlier.stoppage)
