"""The commands that look back: ``runs``, ``show`` and ``results``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import BatchEditorError, StopAsked
from ..messages import listed, say
from ..messages.command_line import typed_options
from ..messages.visible import visible, visible_lines
from ..model import Message
from ..runs.json_summary import frame
from ..runs.reasons import reason_of
from ..stop import Stop
from .help_pages import Command
from .object_file import json_file_option
from .options import FILE, config_option, filled, lang_option, load_settings
from .screen import Screen, as_json
from .signals import on_signals
from .summary_text import in_order, show_counts

if TYPE_CHECKING:
    from ..journal.journal import Journal
    from ..model import Run, Undoable
    from ..runs.shared_look import SharedRun

_json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")


@click.command(cls=Command)
@click.argument("run")
@config_option
@click.option("--output", "-o", type=FILE, metavar="FILE", help="Results sheet, .xlsx or .csv [default: where it was].")
@lang_option
@click.pass_obj
def results(screen: Screen, /, run: str, output: Path | None, **options: Any) -> int:
    """Write the results sheet of RUN again."""
    from .. import job
    from ..output.results import check_target

    settings = load_settings(screen, run=run, **options)
    target = output.absolute() if output else None
    if target:
        check_target(target)
    with job.open_journal(settings) as journal:
        written = job.results_again(journal, run, target, screen.lang, screen.show)
    screen.line(Message("summary.results", {"path": written}), wrapped=False)
    return 0


@click.command(cls=Command)
@click.option(
    "--dismiss",
    metavar="RUN",
    multiple=True,
    callback=filled,
    help="Have nobody told any more that RUN stopped early and waits (repeatable).",
)
@click.option(
    "--stop",
    metavar="RUN",
    multiple=True,
    callback=filled,
    help="Have whoever sends RUN, wherever that is, stop after what is on its way (repeatable).",
)
@config_option
@_json_option
@json_file_option
@lang_option
@click.pass_obj
def runs(screen: Screen, /, dismiss: tuple[str, ...], stop: tuple[str, ...], **options: Any) -> int:
    """List all runs, the latest first; or dismiss some that stopped early, or stop some that are under way."""
    from .. import job
    from ..runs.run_json import run_json

    named = (*dismiss, *stop)
    settings = load_settings(screen, run=named[0] if named else None, **options)
    for name in dict.fromkeys(stop):
        job.stop_run(name, settings)
        screen.line(Message("stop.asked", {"run": name}))
    if dismiss:
        new = job.dismiss_runs(dismiss, settings)
        for name in dict.fromkeys(dismiss):
            screen.line(Message("dismiss.done" if name in new else "dismiss.before", {"run": name}))
    if screen.wants_object:
        listed = [run_json(run, screen.lang) for run in job.list_runs(settings)]
        code = screen.exit_code()
        done = {"dismissed": list(dict.fromkeys(dismiss)), "asked_to_stop": list(dict.fromkeys(stop))}
        screen.json_object({"runs": listed, **done, **frame(code, None, None)})
    elif not named:
        listed_runs = job.list_runs(settings)
        _show_runs(screen, listed_runs, job.shared_runs(listed_runs, settings))
    return screen.exit_code()


@click.command(cls=Command)
@click.argument("run")
@click.option("--changes", is_flag=True, help="List every field that RUN has changed, with its old and its new value.")
@config_option
@_json_option
@json_file_option
@lang_option
@click.pass_obj
def show(screen: Screen, /, run: str, changes: bool, **options: Any) -> int:
    """Tell what RUN sent when, to which tenant, by which settings; or what it has changed."""
    from .. import job
    from ..runs.run_json import shown_run_json

    settings = load_settings(screen, run=run, **options)
    if screen.wants_object:
        with job.open_journal(settings) as journal:
            if changes:
                return _changes_as_json(screen, journal, run)
            screen.json_object(frame(0, None, None) | shown_run_json(journal, run, settings, screen.lang))
        return screen.exit_code()
    if changes:
        with job.open_journal(settings) as journal:
            _show_changes(screen, journal, run)
    else:
        shown, shared = job.look_at_run(run, settings)
        with job.open_journal(settings) as journal:
            run_journal = journal.of(run)
            undoable = run_journal.undoable()
            mends = run_journal.mends.count()
        _show_run(screen, shown, undoable, mends, shared)
    return screen.exit_code()


def _changes_as_json(screen: Screen, journal: Journal, name: str) -> int:
    """Writes what a run has changed as one object, change by change as it is read; what goes wrong on the way is said at its
    end. Returns the exit code."""
    from ..runs.run_changes import MadeChanges
    from ..runs.run_json import change_json

    run = journal.run(name)
    run_journal = journal.of(name)
    code = 0
    stop = Stop()
    on_signals(lambda number, frame: stop.ask())  # an object is written to its end

    def pieces() -> Iterator[str]:
        nonlocal code
        yield f'{{"run": {as_json(name)}, "changes": ['
        between = ""
        end = frame(0, None, None)
        try:
            for change in MadeChanges(run_journal, run):
                if stop.soft.is_set():
                    raise StopAsked("halt.asked")
                yield between + as_json(change_json(change, screen.lang))
                between = ", "
            end = {"unread_rows": run_journal.queries.count_changed_unread(), **end}
        except BatchEditorError as error:
            code = error.exit_code
            screen.line(error.message, error=True)
            end = {"unread_rows": None, **frame(code, reason_of(error), say(error.message, screen.lang))}
        yield f"], {as_json(end)[1:]}"

    screen.json_pieces(pieces())
    return code or screen.exit_code()


def _show_changes(screen: Screen, journal: Journal, name: str) -> None:
    """Lists what a run has changed, row by row, as it is read from the journal."""
    from ..runs.options import RunOptions
    from ..runs.run_changes import MadeChanges

    run, held = journal.run(name), journal.of(name)
    undoes = RunOptions.from_json(run.options).undo is not None
    row: int | None = None
    for change in MadeChanges(held, run):
        if change.row != row:
            row = change.row
            clue_name = Message("diff.named", {"name": change.clue_name}) if change.clue_name else ""
            key = "changes.of_clue" if undoes else "changes.of_row"  # the rows of an undo are in no sheet
            place = say(Message(key, {"row": row, "clue": change.clue_id, "name": clue_name}), screen.lang)
            screen.text(place + (say(Message("changes.maybe_of_row"), screen.lang) if change.maybe_applied else ""))
        values = {"field": change.field, "old": change.old, "new": change.new}
        screen.line(Message("changes.line", values))
    unread = held.queries.count_changed_unread()
    if unread:
        screen.line(Message("changes.unread", {"rows": unread}))
    elif row is None:
        screen.line(Message("changes.none", {"run": name}))


def _show_runs(screen: Screen, runs: Sequence[Run], shared: Mapping[str, SharedRun]) -> None:
    """Shows runs in the order given, each with its counts: none of one that has not ended, but how far it is if it is
    ``shared``."""
    if not runs:
        screen.line(Message("runs.none"))
        screen.tell_settings(error=True)
        return
    for run in runs:
        app = run.app or say(Message("preview.fixed_token"), screen.lang)
        state = say(Message(f"state.{run.state}"), screen.lang)
        mark = f", {say(Message('runs.dismissed'), screen.lang)}" if run.dismissed else ""
        screen.text(f"{visible(run.name)}  {state}{mark}")
        if run.state.has_ended_early and not run.dismissed:
            screen.line(Message("runs.waits", {"run": run.name}), wrapped=False)
        if run.name in shared:
            for message in shared[run.name].messages():
                screen.text(f"    {visible_lines(say(message, screen.lang))}")
        numbers = [f"{say(Message(f'status.{status}'), screen.lang)} {number}" for status, number in in_order(run.counts or {})]
        if numbers:
            screen.text(f"    {', '.join(numbers)}")
        screen.text(f"    {visible(run.base_url)} ({visible(app)})")
        screen.text(f"    {visible(run.source)}")


def _show_run(screen: Screen, run: Run, undoable: Undoable, mends: int, shared: SharedRun | None) -> None:
    """Shows one run: what was sent when, to which tenant, by which settings, and how many cells people have mended; of one that
    is ``shared``, how far it is and who sends it."""
    from ..settings.in_words import differing

    counts = run.counts or {}
    facts = {
        "run": run.name,
        "state": say(Message(f"state.{run.state}"), screen.lang),
        "planned_by": run.planned_by or "",
        "confirmed_by": run.confirmed_by or "",
        "started": run.started,
        "finished": run.finished or "",
        "url": run.base_url,
        "app": run.app or say(Message("preview.fixed_token"), screen.lang),
        "source": run.source + (f" [{run.sheet}]" if run.sheet else ""),
        "results": run.results or "",
        "series": run.series,
    }
    for name, value in facts.items():
        if value:
            screen.text(f"{say(Message(f'show.{name}'), screen.lang)}: {visible(value)}")
    if run.halted:
        screen.line(run.halted)
    for message in shared.messages() if shared else ():
        screen.line(message)
    if run.dismissed:
        screen.line(Message("show.dismissed"))
    if mends:
        screen.line(Message("show.mends", {"cells": mends}))
    screen.line(Message("show.rows", {"rows": sum(counts.values())}))
    show_counts(screen, counts)
    if undoable.changed:
        text = "undoable.some" if undoable.is_partial else "undoable.rows"
        screen.line(Message(text, {"rows": undoable.rows, "changed": undoable.changed}), wrapped=True)
    if undoable.put_back:
        screen.line(Message("undoable.put_back", {"rows": undoable.put_back}))
    if options := typed_options(run.options):
        screen.text(f"{say(Message('show.options'), screen.lang)}: {options.strip()}")
    settings = [
        say(Message("set.pair", {"name": name, "value": listed(value, screen.lang)}), screen.lang)
        for name, value in differing(run.settings)
    ]
    screen.line(Message("show.settings" if settings else "book.all_usual"))
    for line in settings:
        screen.text(f"  {line}")
