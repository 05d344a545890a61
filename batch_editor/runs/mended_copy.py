"""The workbook of whoever handed in a sheet, with what was mended in the run of it.

The file itself is changed where it is still there, byte for byte what was read, and of a kind whose cells can be changed one by
one. Else a plain workbook holds the rows as the journal has them.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from ..errors import Refused, SheetError
from ..journal.journal import Journal, RunJournal
from ..model import Run, RunState
from ..output.mended_copy import can_be_mended, write_mended, write_plain
from ..sheets import open_file
from .options import RunOptions
from .source import place_of


@dataclass(frozen=True, slots=True)
class MendedCopy:
    """What can be handed out of a run: the ``file`` that was read, if its cells can be changed; else a plain workbook.
    ``suffix`` is that of what is written. ``is_gone``: there was such a file, which is gone, or is another one by now."""

    file: Path | None
    suffix: str
    is_gone: bool = False


def mended_copy_of(run: Run) -> MendedCopy:
    """Returns what can be handed out of a run. It reads the file, to see whether it is the one that was read."""
    place = place_of(run.source)
    if place is None or RunOptions.from_json(run.options).again_of:
        return MendedCopy(None, ".xlsx")
    try:
        with open_file(place) as file:
            is_the_same = hashlib.file_digest(file, "sha256").hexdigest() == run.digest
        if is_the_same and can_be_mended(place):
            return MendedCopy(place, place.suffix)
    except SheetError:
        is_the_same = False
    return MendedCopy(None, ".xlsx", is_gone=not is_the_same)


def write_mended_copy(journal: Journal, name: str, folder: Path, stem: str) -> Path:
    """Writes the workbook of the run called ``name`` with its mends into ``folder``; returns the path written.

    Raises ``Refused`` for an undo, which has no sheet, and where a cell of the file cannot be changed alone.
    """
    run, held = journal.run(name), journal.of(name)
    options = RunOptions.from_json(run.options)
    if options.undo or run.state in (RunState.PLANNING, RunState.ABANDONED):
        raise Refused("mended_copy.undo", run=name)
    copy = mended_copy_of(run)
    target = folder / f"{stem}{copy.suffix}"
    if copy.file:
        write_mended(copy.file, _mends(held), target, sheet_name=run.sheet, read_as=options.read_as or "")
    else:
        write_plain(run.headings, held.queries.rows(), target)
    return target


def _mends(held: RunJournal) -> dict[int, dict[int, str]]:
    mends = defaultdict[int, dict[int, str]](dict)
    after = (0, -1)
    while some := held.mends.all(after):
        for mend in some:
            mends[mend.row][mend.place] = mend.value
        after = (some[-1].row, some[-1].place)
    return dict(mends)
