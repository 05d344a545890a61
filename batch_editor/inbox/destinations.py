"""Where the files of an inbox go: results, sheets that are done, and sheets that were refused."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..output.results import default_target
from .places import fitting

RESULTS, DONE, REFUSED = "results", "done", "refused"
#: Bytes that stay free in the name of a results sheet, for a number behind it.
_ROOM = 12


@dataclass(frozen=True, slots=True)
class Destinations:
    """The folders of the inbox ``folder``."""

    folder: Path

    def done(self) -> Path:
        """Returns where sheets go whose run is over."""
        return self.folder / DONE

    def refused(self) -> Path:
        """Returns where sheets go that were not sent because of what they are."""
        return self.folder / REFUSED

    def results_of(self, name: str) -> Path:
        """Returns where the results of a sheet called ``name`` go, in a workbook or a CSV: neither of them is there yet."""
        folder = self.folder / RESULTS
        usual = default_target(folder / name).with_suffix("").name  # NAME.results
        stem, number = usual.removesuffix(".results"), 1
        while True:
            end = ".results" if number == 1 else f".results-{number}"
            target = folder / fitting(stem, f"{end}.xlsx", room=_ROOM)
            if not any(target.with_suffix(kind).exists() for kind in (".xlsx", ".csv")):
                return target
            number += 1
