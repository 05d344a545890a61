"""The command ``inbox``: sends every finished sheet of a folder, once or again and again, while nobody is watching.

What is finished, where files go and what a pass comes to is decided in ``inbox/``; here are its words, its JSON and its end.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import BatchEditorError, notes_of
from ..messages import say
from ..messages.command_line import typed_options
from ..model import Message
from ..runs.json_summary import frame, json_summary, kept_run
from ..settings.search import NAME, Search
from .help_pages import Command
from .metrics_file import known_by
from .nights import keep_day_log, look_for_unfinished, settings_for_night
from .options import FILE, JUDGING_NAMES, folder_options, job_arguments, load_settings, moment_of, until_option
from .screen import Screen
from .signals import on_signals
from .usage import BadValue

if TYPE_CHECKING:
    from ..inbox.outcomes import Handled, Pass
    from ..runs.preview import Preview

#: Seconds from the beginning of one look to the next, where nobody says so.
_EVERY = 30


@click.command(cls=Command)
@click.argument("folder", metavar="DIR", type=FILE)
@folder_options
@click.option("--marker", metavar=".END", help="A sheet is finished once a file lies beside it whose name ends like this.")
@click.option("--watch", is_flag=True, help="Stay, and look again and again, until a signal comes, or until --until.")
@click.option(
    "--every",
    type=click.IntRange(1, 86_400),
    metavar="N",
    default=_EVERY,
    help="Seconds between two looks with --watch [default: 30].",
)
@until_option
@click.pass_obj
def inbox(
    screen: Screen, /, folder: Path, marker: str | None, watch: bool, every: int, until: str | None, **options: Any
) -> int:
    """Send every finished sheet in DIR, the oldest first, and move it to DIR/done or DIR/refused; results go to DIR/results."""
    from ..inbox.passes import Inbox
    from ..inbox.watching import passes
    from ..stop import Stop
    from .preview_text import show_preview, show_warnings

    screen.object_has = {"sheets": []}
    config = options.pop("config") or _config_of(folder)
    series = str(folder.resolve())
    with settings_for_night(screen, config, series, series=series, yes=True):
        settings = load_settings(screen, config=config, **options)
    if config is not None:
        screen.search = Search(config, is_beside=True)
    settings_file = screen.search.file
    screen.tell_settings(error=True)
    screen.search = Search()  # it is told once, and not with each sheet
    require_marker(marker)
    arguments = job_arguments({**options, "only_failed": False, "limit": None}, *JUDGING_NAMES)
    stop = Stop()
    on_signals(lambda number, frame: stop.ask())

    def on_preview(preview: Preview) -> None:
        (show_warnings if screen.quiet else show_preview)(screen, preview)

    screen.metrics.known = known_by(settings, str(folder.resolve()))
    place = Inbox(
        folder.resolve(),
        settings,
        marker=marker,
        config=settings_file,
        arguments=arguments,
        until=moment_of(until, settings),
        stop=stop,
        on_event=screen.show,
        on_preview=on_preview,
        on_taken=lambda name: screen.line(Message("inbox.sheet", {"sheet": name})),
        on_handled=lambda handled: _show(screen, handled),
        on_trouble=screen.note,
    )
    keep_day_log(screen, settings, str(place.folder))
    if not watch:
        return _ended(screen, place, place.one_pass())
    values = {"path": place.folder, "seconds": every, "until": until}
    screen.line(Message("inbox.watching" if until is None else "inbox.watching_until", values), error=True)
    last = 0
    worst = 0
    for outcome in passes(place, every):
        if isinstance(outcome, BatchEditorError):
            screen.line(outcome.message, error=True)
        elif outcome.sheets or outcome.error:
            code = _ended(screen, place, outcome)
            worst = max(worst, code if code in (1, 2) else 0)
        last = outcome.exit_code
    if stop.soft.is_set():  # whoever ends it by a signal has been told of each pass, and starts it again
        return last if last in (3, 4) else 0
    return max(worst, last)


def require_marker(marker: str | None) -> None:
    """Raises ``click.BadParameter`` for a marker that is no end of a name, or that of a sheet."""
    from ..inbox.names import ENDINGS

    if marker is None:
        return
    text = marker.strip()
    if not text.startswith(".") or text != marker or "/" in text or "\\" in text or text == "." or text.casefold() in ENDINGS:
        raise BadValue("usage.marker", param_hint="--marker")


def _config_of(folder: Path) -> Path | None:
    """Returns the settings file of the inbox, if it has one."""
    file = folder / NAME
    return file if file.is_file() else None


def _show(screen: Screen, handled: Handled) -> None:
    """Shows what became of a sheet."""
    from .summary_text import show_summary

    if handled.report is not None:
        show_summary(screen, handled.report)
    elif handled.error is not None:
        screen.tell_notes(handled.error.notes)
        screen.line(handled.error.message, error=True)
    elif handled.run is not None and handled.unmoved is None:
        screen.line(Message("inbox.only_moved", {"sheet": handled.name, "run": handled.run.name}))
    for note in handled.notes:
        screen.line(note, error=True)
    if handled.unmoved is not None:
        screen.line(handled.unmoved.message, error=True)
    if handled.stays_in is not None:
        screen.line(Message("inbox.stays", {"path": handled.stays_in}), error=True)
    if handled.went_to is not None:
        screen.line(Message("inbox.went_to", {"path": handled.went_to}), wrapped=False)
    if handled.reason_file is not None:
        screen.line(Message("inbox.reason_file", {"path": handled.reason_file}), wrapped=False)


def _ended(screen: Screen, place: Any, outcome: Pass) -> int:
    """Shows what is left to be said of a pass, and returns its exit code."""
    tonight = [_run_of(handled) for handled in outcome.sheets]
    again = typed_options({"config": place.config})
    look_for_unfinished(screen, place.settings, str(place.folder), but=tonight, error=outcome.error, options=again)
    for note in outcome.notes:
        screen.line(note, error=True)
    if outcome.error is not None:
        screen.line(outcome.error.message, error=True)
    elif not outcome.sheets:
        screen.line(Message("inbox.none", {"path": place.folder}))
    if screen.wants_object:
        screen.json_object(_as_json(screen, outcome))
    screen.tell_unfinished()
    return outcome.exit_code


def _run_of(handled: Handled) -> str | None:
    """Returns the name of the run of a sheet, if it has one."""
    if handled.report is not None:
        return handled.report.run
    return handled.run.name if handled.run else handled.error.run if handled.error else None


def _kept_run_of(handled: Handled) -> str | None:
    """Returns the name of the run of a sheet that the journal still has, if there is one."""
    if handled.run is not None:
        return handled.run.name
    return kept_run(handled.error, handled.exit_code) if handled.error is not None else None


def _as_json(screen: Screen, outcome: Pass) -> dict[str, object]:
    sheets = [_sheet_json(screen, handled) for handled in outcome.sheets]
    errors = [sheet["error"] for sheet in sheets if sheet["exit_code"] == outcome.exit_code]
    if outcome.error is not None and outcome.error.exit_code == outcome.exit_code:
        errors = [say(outcome.error.message, screen.lang)]
    ended = frame(outcome.exit_code, outcome.reason, next((error for error in errors if error), None))
    notes = [say(note, screen.lang) for note in outcome.notes]
    stopped = outcome.stopped or bool(ended["stopped"])
    return {**ended, "stopped": stopped, "sheets": sheets, "notes": notes, "unfinished": list(screen.unfinished)}


def _sheet_json(screen: Screen, handled: Handled) -> dict[str, Any]:
    """Returns the summary of one sheet, with where it is now."""
    error = handled.error or handled.unmoved
    counts: Mapping[str, int] = {}
    if handled.run is not None:
        counts = handled.run.counts or {}
    elif handled.error is not None:
        counts = handled.error.counts
    results = handled.run.results if handled.run else None
    summary = (
        handled.report.summary()
        if handled.report is not None
        else json_summary(
            handled.exit_code,
            error=say(error.message, screen.lang) if error else None,
            run=_kept_run_of(handled),
            rows=sum(counts.values()),
            counts=counts,
            results=Path(results) if results else None,
            check_sheet=handled.check_sheet,
            notes=[say(note, screen.lang) for note in notes_of(handled.error)],
        )
    )
    ended = {"exit_code": handled.exit_code, "reason": handled.reason}
    if handled.unmoved is not None:
        ended["error"] = say(handled.unmoved.message, screen.lang)
    notes = summary["notes"]
    went_to = str(handled.went_to) if handled.went_to else None
    more = [say(note, screen.lang) for note in handled.notes]
    return {
        "sheet": handled.name,
        "went_to": went_to,
        **summary,
        **ended,
        "notes": [*(notes if isinstance(notes, list) else ()), *more],
    }
