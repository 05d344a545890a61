"""The command ``worker``: sends shards of runs that several machines share, until a signal comes.

What it takes, for whom, and how it ends is decided in ``worker/``; here are its lines, its events and its signals.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import SettingsError
from ..messages import say
from .event_log import log_format_option
from .help_pages import Command
from .options import FILE, lang_option, load_settings
from .screen import Screen
from .signals import on_signals

if TYPE_CHECKING:
    from ..worker.notes import Note


@click.command(cls=Command)
@click.option("--config", type=FILE, metavar="FILE", help="Settings file [default: config.yaml in this folder].")
@lang_option
@log_format_option
@click.option("--quiet", is_flag=True, help="Tell nothing but what somebody may have to look after.")
@click.pass_obj
def worker(screen: Screen, /, quiet: bool, **options: Any) -> int:
    """Send parts of the runs that many machines share, for all tenants of the settings, until a signal comes."""
    from ..stop import Stop

    settings = load_settings(screen, quiet=quiet, **options)
    if settings.journal is None:
        raise SettingsError("worker.no_journal")
    file: Path | None = options["config"] or screen.search.file
    screen.tell_settings(error=True)
    from ..journal.server import driver_needed

    with driver_needed():
        from ..worker.working import work
    stop = Stop()
    on_signals(lambda number, frame: stop.ask())
    work(settings, file, stop, lambda note: _tell(screen, note, quiet=quiet))
    return 0


def _tell(screen: Screen, note: Note, *, quiet: bool) -> None:
    if quiet and not note.is_warning:
        return
    if screen.events is not None:
        screen.events.write(note.word, **{**note.fields, "text": say(note.message, screen.lang)})
    else:
        screen.line(note.message, error=True)
