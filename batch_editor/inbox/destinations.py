"""Where the files of an inbox go: results, sheets that are done, and sheets that were refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ..output.results import default_target
from ..runs.result_places import day_folder
from ..settings.settings import Settings
from .places import fitting

RESULTS = "results"
DONE = "done"
REFUSED = "refused"
#: Bytes that stay free in the name of a results sheet, for a number behind it.
_ROOM = 12


@dataclass(frozen=True, slots=True)
class Destinations:
    """Where the files of the inbox ``folder`` go: into folders of its own, or, where the settings have a ``results_dir``, all
    of them into the folder of the day there. Raises ``SettingsError`` where that cannot be made."""

    folder: Path
    settings: Settings
    now: Callable[[], datetime]

    def done(self) -> Path:
        """Returns where sheets go whose run is over."""
        return self._folder(DONE)

    def refused(self) -> Path:
        """Returns where sheets go that were not sent because of what they are."""
        return self._folder(REFUSED)

    def results_of(self, name: str) -> Path:
        """Returns where the results of a sheet called ``name`` go, in a workbook or a CSV: neither of them is there yet."""
        folder = self._folder(RESULTS)
        usual = default_target(folder / name).with_suffix("").name  # NAME.results
        stem = usual.removesuffix(".results")
        number = 1
        while True:
            end = ".results" if number == 1 else f".results-{number}"
            target = folder / fitting(stem, f"{end}.xlsx", room=_ROOM)
            if not any(target.with_suffix(kind).exists() for kind in (".xlsx", ".csv")):
                return target
            number += 1

    def _folder(self, name: str) -> Path:
        return day_folder(self.settings, clock=self.now) or self.folder / name
