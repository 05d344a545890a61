"""The command ``journal copy``: brings the runs of a journal's file into the database of the settings, and says what it did."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..model import Message
from .options import config_option, lang_option, load_settings
from .purging import journal
from .screen import Screen

if TYPE_CHECKING:
    from ..journal.moving import Moved


@journal.command()
@click.argument("file", type=click.Path(path_type=Path))
@config_option
@lang_option
@click.pass_obj
def copy(screen: Screen, /, file: Path, **options: Any) -> int:
    """Copy all runs of FILE, a journal of one machine, into the database of the setting journal. FILE stays as it is."""
    from .. import job

    def begins(runs: int, rows: int) -> None:
        if runs:
            screen.line(Message("copy.begins", {"runs": runs, "rows": rows}))

    _show(screen, job.copy_journal(file, load_settings(screen, **options), begins), file)
    return 0


def _show(screen: Screen, moved: Moved, file: Path) -> None:
    key = "copy.done" if moved.runs else "copy.nothing"
    screen.line(Message(key, {"runs": moved.runs, "rows": moved.rows, "place": moved.place}))
    beside = {"nights": moved.nights, "files": moved.files, "choices": moved.choices, "clues": moved.clues}
    if any(beside.values()):
        screen.line(Message("copy.beside", beside))
    if moved.there:
        screen.line(Message("copy.there", {"runs": moved.there}))
    for run in moved.gone_on:
        screen.line(Message("copy.gone_on", {"run": run, "path": file}))
    for run in moved.foreign:
        screen.line(Message("copy.foreign", {"run": run}))
    if moved.nights_aside:
        screen.line(Message("copy.nights_aside", {"nights": moved.nights_aside}))
