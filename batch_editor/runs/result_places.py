"""Where the files of a run go if nobody says so, and into which folder of a day below ``results_dir`` (guide: night).

An attended run, and every run without ``results_dir``, has its files beside its sheet. A name that is taken is never used
again: which name is the first free one is decided where the file is written.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from ..errors import SettingsError, reason_in
from ..model import Run
from ..output import results
from ..settings.settings import Settings
from .options import RunOptions
from .source import place_of

#: The log of a day, to which all commands of its nights add their lines, each of which begins with its time.
LOG_NAME = "nights.log"


def _now() -> datetime:
    return datetime.now(UTC)


def day_folder(settings: Settings, *, clock: Callable[[], datetime] = _now) -> Path | None:
    """Returns the folder of this day, such as ``results/2026-11-29``, which is made if it is not there; None without
    ``results_dir``.

    The day is that of the setting ``timezone``. Raises ``SettingsError`` where there can be no such folder.
    """
    if settings.results_dir is None:
        return None
    folder = settings.results_dir.absolute() / clock().astimezone(settings.zone).strftime("%Y-%m-%d")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise SettingsError("results.folder", folder=folder, reason=reason_in(error)) from None
    return folder


def place_beside(sheet: Path, settings: Settings, *, attended: bool, clock: Callable[[], datetime] = _now) -> Path:
    """Returns the path beside which the files about ``sheet`` are written: its own, or that of its name in the folder of the
    day, where nobody is asked. Raises ``SettingsError`` as ``day_folder`` does."""
    folder = None if attended else day_folder(settings, clock=clock)
    return folder / sheet.name if folder else sheet


def target_of(earlier: Run | None, path: Path | None, beside: Callable[[Path], Path] = Path) -> Path | None:
    """Returns where the results of a run go if nobody says so: where they went before, else beside the sheet at ``path``, or
    whatever is ``beside`` that."""
    if earlier and (path is None or str(path) == earlier.source):
        if target := earlier.results or RunOptions.from_json(earlier.options).output:
            return Path(target)
        path = place_of(earlier.source)
    return results.default_target(beside(path)) if path else None


def undo_target_of(undone: Run, beside: Callable[[Path], Path] = Path) -> Path | None:
    """Returns where the results of an undo go if nobody says so: beside the sheet, or whatever is ``beside`` that, or the
    results of the undo that is undone. An inbox, in which they would be a new sheet, has them where it has those of the run."""
    if place := place_of(undone.source):
        if undone.in_inbox and undone.results:
            place = Path(undone.results).with_name(place.name)
        return results.undo_target(beside(place))
    output = RunOptions.from_json(undone.options).output
    return results.undo_target(Path(output)) if output else None
