"""The commands that look back: ``runs``, ``show`` and ``results``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..messages import listed, say
from ..messages.command_line import typed_options
from ..messages.visible import visible
from ..model import Message
from .help_pages import Command
from .options import FILE, config_option, lang_option, load_settings
from .screen import Screen
from .summary_text import in_order, show_counts

if TYPE_CHECKING:
    from ..journal.journal import Journal
    from ..model import Run, Undoable


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
@config_option
@lang_option
@click.pass_obj
def runs(screen: Screen, /, **options: Any) -> int:
    """List all runs, the latest first."""
    from .. import job

    _show_runs(screen, job.list_runs(load_settings(screen, **options)))
    return screen.exit_code()


@click.command(cls=Command)
@click.argument("run")
@click.option("--changes", is_flag=True, help="List every field that RUN has changed, with its old and its new value.")
@config_option
@lang_option
@click.pass_obj
def show(screen: Screen, /, run: str, changes: bool, **options: Any) -> int:
    """Tell what RUN sent when, to which tenant, by which settings; or what it has changed."""
    from .. import job

    settings = load_settings(screen, run=run, **options)
    if changes:
        with job.open_journal(settings) as journal:
            _show_changes(screen, journal, run)
    else:
        shown = job.get_run(run, settings)
        with job.open_journal(settings) as journal:
            undoable = journal.of(run).undoable()
        _show_run(screen, shown, undoable)
    return screen.exit_code()


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


def _show_runs(screen: Screen, runs: Sequence[Run]) -> None:
    """Shows runs in the order given, each with its counts: none of one that has not ended."""
    if not runs:
        screen.line(Message("runs.none"))
        screen.tell_settings(error=True)
        return
    for run in runs:
        app = run.app or say(Message("preview.fixed_token"), screen.lang)
        screen.text(f"{visible(run.name)}  {say(Message(f'state.{run.state}'), screen.lang)}")
        numbers = [f"{say(Message(f'status.{status}'), screen.lang)} {number}" for status, number in in_order(run.counts or {})]
        if numbers:
            screen.text(f"    {', '.join(numbers)}")
        screen.text(f"    {visible(run.base_url)} ({visible(app)})")
        screen.text(f"    {visible(run.source)}")


def _show_run(screen: Screen, run: Run, undoable: Undoable) -> None:
    """Shows one run: what was sent when, to which tenant, by which settings."""
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
    }
    for name, value in facts.items():
        if value:
            screen.text(f"{say(Message(f'show.{name}'), screen.lang)}: {visible(value)}")
    if run.halted:
        screen.line(run.halted)
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
