"""What every command has in common that nobody watches: each of its starts is a night, which is written down and told.

What a night is, and whom it is told, is decided in ``notify/``; here a command says what its nights have in common.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from .metrics_file import known_by
from .options import STDIN
from .screen import Screen

if TYPE_CHECKING:
    from ..notify.night import Night
    from ..settings.settings import Settings


@contextmanager
def watched(screen: Screen, settings: Settings, *, series: str, source: Path | str, attended: bool = False) -> Iterator[Night]:
    """Gives the night that this start of a command is, about a ``source``; ``attended`` by somebody, it is none, and is neither
    written down nor told.

    Hand the report to its ``ended``. Whatever leaves it as an exception, or by a signal, is its outcome as well. It never
    changes an exit code: what goes wrong with it is a line on stderr.
    """
    from ..notify.night import Night

    screen.metrics.known = known_by(settings, series)
    night = Night(settings, series=series, source=str(source), on_trouble=lambda message: screen.line(message, error=True))
    if attended:
        yield night
        return
    with night:
        yield night


def series_of(screen: Screen, config: Path | None, sheet: Path | None) -> str:
    """Returns what the nights of a command have in common: the path of its settings file, else that of the folder of its
    ``sheet``."""
    file = config or screen.search.file
    if file is not None:
        return str(file.resolve())
    folder = Path() if sheet is None or sheet == STDIN else sheet.parent
    return str(folder.resolve())
