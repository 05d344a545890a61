"""What every command has in common that nobody watches: each of its starts is a night, which is written down and told.

What a night is, and whom it is told, is decided in ``notify/``; here a command says what its nights have in common.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import BatchEditorError, SettingsError
from ..messages.visible import visible
from ..model import Message
from .event_log import DayLog
from .metrics_file import known_by
from .options import STDIN, typed_again
from .screen import Screen
from .signals import on_signals

if TYPE_CHECKING:
    from ..notify.night import Night
    from ..settings.settings import Settings
    from ..stop import Stop

#: How many runs of earlier nights are told one by one.
MOST_TOLD = 5


@contextmanager
def watched(
    screen: Screen,
    settings: Settings,
    *,
    series: str,
    source: Path | str,
    attended: bool = False,
    stop: Stop | None = None,
) -> Iterator[Night]:
    """Opens the night of this start of a command, about a ``source``. A command that is ``attended`` is no night: nothing of it
    is written down or told.

    Hand the report to its ``ended``. Whatever leaves it as an exception, or by a signal, is its outcome as well. It never
    changes an exit code: what goes wrong with it is a line on stderr. A process that is asked to ``stop``, also by a signal
    that comes while somebody is told, does not wait for a target that could not be told.
    """
    from ..notify.night import Night, heartbeat_of
    from ..stop import Stop

    stop = stop or Stop()

    screen.metrics.known = known_by(settings, series, is_night=not attended)
    if attended:
        yield Night(settings, series=series, source=str(source), on_trouble=screen.note)
        return
    heartbeat = heartbeat_of(settings)
    config = click.get_current_context().params.get("config") or screen.search.file
    arguments: dict[str, Any] = {"heartbeat": heartbeat, "stop": stop, "config": config}
    night = Night(settings, series=series, source=str(source), on_trouble=screen.note, **arguments)
    keep_day_log(screen, settings, series)
    with night:
        try:
            yield night
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                stop.ask()
            look_for_unfinished(screen, settings, series, error=error)
            raise
        finally:
            on_signals(lambda number, frame: stop.ask())


@contextmanager
def settings_for_night(
    screen: Screen, config: Path | None, source: Path | str, *, series: str = "", yes: bool
) -> Iterator[None]:
    """Has those told whom the settings name, as far as they can be used, where the block cannot load them for a command that
    nobody watches, about a ``source``.

    A file that only lay beside a sheet and is not trusted for that has nobody told.
    """
    try:
        yield
    except SettingsError as error:
        from ..settings.written import sources, usable

        if screen.can_ask() and not yes:
            raise
        file = config or screen.search.file
        settings = usable(sources(None if error.message.key.startswith("settings.foreign_") else file))
        if not settings.notify and settings.heartbeat is None:
            raise
        sheet = source if isinstance(source, Path) else None
        with watched(screen, settings, series=series or series_of(screen, config, sheet), source=source):
            raise


def look_for_unfinished(
    screen: Screen,
    settings: Settings,
    series: str,
    *,
    but: Sequence[str | None] = (),
    error: BaseException | None = None,
    options: str | None = None,
) -> None:
    """Has the screen know which runs of earlier nights of a ``series`` wait for somebody, ``but`` those of tonight.
    ``options`` are those of the commands by which they are gone on with, where that is not what was typed.

    Where the night ended by an ``error`` of the journal, that is not asked once more.
    """
    from ..job import open_journal
    from ..runs.reasons import DISK_FULL, reason_of
    from ..runs.unfinished import unfinished_runs
    from ..settings.zones import minute_in

    if error is not None and (reason_of(error).startswith("journal") or reason_of(error) == DISK_FULL):
        return
    tonight = [name for name in (*but, getattr(error, "run", None)) if name is not None]
    try:
        with open_journal(settings) as journal:
            unfinished = unfinished_runs(journal, series, settings, but=tonight)
    except BatchEditorError:  # which is told by whoever wants the journal
        return
    screen.unfinished = [of.as_json() for of in unfinished]
    options = typed_again(("config",)) if options is None else options
    lines = [
        Message(
            "unfinished.run",
            of.as_json()
            | {
                "state": Message(f"state.{of.run.state}"),
                "started": minute_in(settings.zone, of.run.started),
                "source": visible(of.run.source),
                "options": options,
            },
        )
        for of in unfinished[:MOST_TOLD]
    ]
    if len(unfinished) > MOST_TOLD:
        lines.append(Message("unfinished.more", {"runs": len(unfinished) - MOST_TOLD}))
    screen.unfinished_lines = lines


def keep_day_log(screen: Screen, settings: Settings, series: str) -> None:
    """Has what is written on stderr from here to the end of the command kept in the log of the day as well, also why it came to
    nothing, where nights have a folder."""
    if settings.results_dir is None:
        return
    screen.day_log = DayLog(settings, series)
    if screen.events is not None:
        screen.events.also = screen.day_log.write


def series_of(screen: Screen, config: Path | None, sheet: Path | None) -> str:
    """Returns what the nights of a command have in common: the path of its settings file, else that of the folder of its
    ``sheet``."""
    file = config or screen.search.file
    if file is not None:
        return str(file.resolve())
    folder = Path() if sheet is None or sheet == STDIN else sheet.parent
    return str(folder.resolve())


def sheet_of(settings: Settings, run: str) -> str:
    """Returns the path of the sheet of a ``run``, as the journal knows it; else the name of the run."""
    from ..job import open_journal

    try:
        with open_journal(settings) as journal:
            return journal.run(run).source or run
    except BatchEditorError:  # which is told by whoever wants the run
        return run


def series_of_run(name: str, settings: Settings) -> str:
    """Returns the series of the nights of a run, to which it belongs also where it is gone on with by another command; empty
    where it is of none, or is not known."""
    from ..job import get_run

    try:
        return get_run(name, settings).series
    except BatchEditorError:  # which is told by whoever goes on with it
        return ""
