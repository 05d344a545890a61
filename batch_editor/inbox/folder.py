"""What lies in an inbox at one moment: the sheets with their states, their markers, and what is no sheet at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import Refused, reason_in
from .claims import state_of
from .looks import FileState
from .names import Kind, kind_of, markers_of


@dataclass(frozen=True, slots=True)
class Listing:
    """The ``sheets`` by their names, each with its state, and the ``markers`` by the names of their sheets. ``strange`` are the
    names of files that are no sheets by their names, ``links`` those of what leads elsewhere or is no file, ``alone`` those of
    markers without a sheet."""

    sheets: Mapping[str, FileState]
    markers: Mapping[str, str]
    strange: Sequence[str]
    links: Sequence[str]
    alone: Sequence[str]


def list_folder(inbox: Path, marker: str | None, is_of_job: Callable[[Path], bool] = lambda path: False) -> Listing:
    """Returns what lies in the inbox. Files that belong to the job itself, such as tables of names, are left out.

    Raises ``Refused`` where there is no such folder, or it cannot be looked into.
    """
    try:
        paths = sorted(inbox.iterdir())
    except NotADirectoryError:
        raise Refused("inbox.no_folder", path=inbox) from None
    except FileNotFoundError:
        raise Refused("inbox.gone", path=inbox) from None
    except OSError as error:
        raise Refused("inbox.unreadable", path=inbox, reason=reason_in(error)) from None
    sheets = dict[str, FileState]()
    strange = list[str]()
    links = list[str]()
    markers = {path.name.casefold(): path.name for path in paths if marker and kind_of(path.name, marker) is Kind.MARKER}
    for path in paths:
        kind = kind_of(path.name, marker)
        if kind in (Kind.MARKER, Kind.PASSED_OVER) or is_of_job(path):
            continue
        if path.is_dir() and not path.is_symlink():
            continue
        state = state_of(path)
        if state is None:  # somebody has just moved it
            continue
        if path.is_symlink() or not path.is_file():
            links.append(path.name)
        elif kind is Kind.SHEET:
            sheets[path.name] = state
        else:
            strange.append(path.name)
    markers_of_sheets = dict[str, str]()
    for name in sheets if marker else ():
        for spelling in markers_of(name, marker or ""):
            if (present := markers.get(spelling.casefold())) is not None:
                markers_of_sheets.setdefault(name, present)
    alone = sorted(set(markers.values()) - set(markers_of_sheets.values()))
    return Listing(sheets, markers_of_sheets, strange, links, alone)
