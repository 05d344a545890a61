"""The workbook of whoever handed in a sheet, with what was mended in the run of it.

The file itself is changed where it is still there, byte for byte what was read, and of a kind whose cells can be changed one by
one. Else a plain workbook holds the rows as the journal has them.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from ..edits.result_columns import key_of
from ..errors import Refused, SheetError
from ..journal.journal import Journal
from ..model import Run, RunState
from ..output.mended_copy import can_be_mended, write_mended, write_plain
from ..sheets import open_file
from .options import RunOptions
from .source import place_of

#: In which kind of file rows are kept that were pasted: their title is the name of no file, since nobody has one.
_PASTED = ".tsv"


@dataclass(frozen=True, slots=True)
class MendedCopy:
    """What can be handed out of a run: the ``file`` that was read, if its cells can be changed; else a plain workbook.
    ``suffix`` is that of what is written. ``is_gone``: there was such a file, which is gone, or is another one by now."""

    file: Path | None
    suffix: str
    is_gone: bool = False


def mended_copy_of(journal: Journal, run: Run) -> MendedCopy:
    """Returns what can be handed out of a run. It reads the file, to see whether it is the one that was read."""
    first = _rounds(journal, run)[0]
    place = place_of(first.source)
    if place is None or (place.suffix == _PASTED and first.title and not PurePath(first.title).suffix):
        return MendedCopy(None, ".xlsx")
    try:
        with open_file(place) as file:
            is_the_same = hashlib.file_digest(file, "sha256").hexdigest() == first.digest
        if is_the_same and can_be_mended(place):
            return MendedCopy(place, place.suffix)
    except SheetError:
        is_the_same = False
    return MendedCopy(None, ".xlsx", is_gone=not is_the_same)


def write_mended_copy(journal: Journal, name: str, folder: Path, stem: str) -> Path:
    """Writes the workbook of the run called ``name`` into ``folder``, with what was mended in it and in those that it takes up;
    returns the path written.

    Raises ``Refused`` for an undo, which has no sheet, and where a cell of the file cannot be changed alone.
    """
    run, held = journal.run(name), journal.of(name)
    if RunOptions.from_json(run.options).undo or run.state in (RunState.PLANNING, RunState.ABANDONED):
        raise Refused("mended_copy.undo", run=name)
    copy = mended_copy_of(journal, run)
    target = folder / f"{stem}{copy.suffix}"
    if copy.file:
        rounds = _rounds(journal, run)
        read_as = RunOptions.from_json(rounds[0].options).read_as or ""
        write_mended(copy.file, _mends(journal, rounds), target, sheet_name=rounds[0].sheet, read_as=read_as)
    else:
        write_plain(run.headings, held.queries.rows(), target)
    return target


def _rounds(journal: Journal, run: Run) -> list[Run]:
    """Returns the runs that take up one another, from the first one, which has read a file, to ``run``."""
    rounds = [run]
    while earlier := RunOptions.from_json(rounds[0].options).again_of:
        try:
            rounds.insert(0, journal.run(earlier))
        except Refused:  # it was removed, and with it what says what its file was
            break
    return rounds


def _mends(journal: Journal, rounds: Sequence[Run]) -> dict[int, dict[int, str]]:
    """Returns what was mended in the cells of the file of the first of these runs. Rows keep their numbers in each; a column
    with results of an earlier run is in the first one alone."""
    mends = defaultdict[int, dict[int, str]](dict)
    places = list(range(len(rounds[0].headings)))
    headings = rounds[0].headings
    for number, run in enumerate(rounds):
        if number:
            places = [place for place, heading in zip(places, headings, strict=False) if not key_of(heading)]
            headings = run.headings
        after = (0, -1)
        while some := journal.of(run.name).mends.all(after):
            for mend in some:
                mends[mend.row][places[mend.place]] = mend.value
            after = (some[-1].row, some[-1].place)
    return dict(mends)
