"""Where files go that nobody is there to look for: into a folder of the day below ``results_dir`` (guide: night).

An attended run, and every run without ``results_dir``, has its files beside its sheet. A name that is taken is never used
again: which name is the first free one is decided where the file is written.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from ..errors import SettingsError
from ..settings.settings import Settings

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
        reason = error.strerror if isinstance(error, OSError) else error
        raise SettingsError("results.folder", folder=folder, reason=reason) from None
    return folder


def place_beside(sheet: Path, settings: Settings, *, attended: bool, clock: Callable[[], datetime] = _now) -> Path:
    """Returns the path beside which the files about ``sheet`` are written: its own, or that of its name in the folder of the
    day, where nobody is asked. Raises ``SettingsError`` as ``day_folder`` does."""
    folder = None if attended else day_folder(settings, clock=clock)
    return folder / sheet.name if folder else sheet
