"""Which names in an inbox are those of sheets, and which are passed over: by their names alone.

What a sheet holds is found out by the reader, whatever its name. An inbox goes by the names all the same, since what lies there
was not named by anybody: a file of notes is no sheet that is refused night after night.
"""

from __future__ import annotations

from enum import Enum, auto
from fnmatch import fnmatchcase

#: How the names of sheets end that the reader accepts.
ENDINGS = frozenset(
    {
        ".csv",
        ".tsv",
        ".txt",
        ".xlsx",
        ".xlsm",
        ".xltx",
        ".xltm",
        ".xls",
        ".xlsb",
        ".ods",
        ".json",
        ".jsonl",
        ".ndjson",
        ".parquet",
    }
)
#: What programs call a file that they have not finished, or have open.
UNFINISHED = ("~$*", ".*", "*.tmp", "*.part", "*.filepart", "*.crdownload")
#: What systems lay into folders by themselves.
_OF_SYSTEMS = frozenset({"thumbs.db", "ehthumbs.db", "desktop.ini"})
#: Files of a job that lie in its inbox and of which nobody has to be told: its settings and scripts.
_OF_A_JOB = frozenset({".yaml", ".yml", ".sh", ".cmd", ".bat", ".ps1", ".env", ".log", ".md"})


class Kind(Enum):
    """What a name in an inbox is."""

    SHEET = auto()
    MARKER = auto()  # it says that the sheet beside it is finished
    PASSED_OVER = auto()  # it is unfinished, or belongs to the job or the system: nothing is said of it
    STRANGE = auto()  # whoever put it there may have meant it to be a sheet


def kind_of(name: str, marker: str | None = None) -> Kind:
    """Returns what a file of this name is; ``marker`` is how the names of markers end, where there are any."""
    folded = name.casefold()
    if folded in _OF_SYSTEMS or any(fnmatchcase(folded, pattern) for pattern in UNFINISHED):
        return Kind.PASSED_OVER
    if marker and folded.endswith(marker.casefold()):
        return Kind.MARKER
    ending = _ending(folded)
    if ending in ENDINGS:
        return Kind.SHEET
    return Kind.PASSED_OVER if ending in _OF_A_JOB else Kind.STRANGE


def markers_of(name: str, marker: str) -> tuple[str, str]:
    """Returns the two names that the marker of a sheet may have: ``edits.csv.done`` and ``edits.done``."""
    return f"{name}{marker}", f"{name.removesuffix(_ending(name))}{marker}"


def _ending(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    return f".{ending}" if dot and stem else ""
