"""What every command has in common that nobody watches: each of its starts is a night, which is written down and told.

What a night is, and whom it is told, is decided in ``notify/``; here a command says what its nights have in common.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ..model import Message
from .metrics_file import known_by
from .options import STDIN
from .screen import Screen

if TYPE_CHECKING:
    from ..notify.night import Night
    from ..settings.settings import Settings
    from ..stop import Stop


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
    """Gives the night that this start of a command is, about a ``source``; ``attended`` by somebody, it is none, and is neither
    written down nor told.

    Hand the report to its ``ended``. Whatever leaves it as an exception, or by a signal, is its outcome as well. It never
    changes an exit code: what goes wrong with it is a line on stderr. A process that is asked to ``stop``, also by a signal
    that comes while somebody is told, does not wait for a target that could not be told.
    """
    from ..notify.night import Night, heartbeat_of
    from ..stop import Stop
    from .sending import on_signals

    stop = stop or Stop()

    def on_trouble(message: Message) -> None:
        screen.line(message, error=True)

    screen.metrics.known = known_by(settings, series)
    if attended:
        yield Night(settings, series=series, source=str(source), on_trouble=on_trouble)
        return
    heartbeat = heartbeat_of(settings)
    with Night(settings, series=series, source=str(source), on_trouble=on_trouble, heartbeat=heartbeat, stop=stop) as night:
        try:
            yield night
        except KeyboardInterrupt:
            stop.ask()
            raise
        finally:
            on_signals(lambda number, frame: stop.ask())


def series_of(screen: Screen, config: Path | None, sheet: Path | None) -> str:
    """Returns what the nights of a command have in common: the path of its settings file, else that of the folder of its
    ``sheet``."""
    file = config or screen.search.file
    if file is not None:
        return str(file.resolve())
    folder = Path() if sheet is None or sheet == STDIN else sheet.parent
    return str(folder.resolve())
