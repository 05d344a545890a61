"""What a form of step 2 asks for: the cells that it names, and what is to be put into them.

Each cell comes with a fingerprint of the text that was seen in it, so that nothing is put over what somebody else has mended
since. What becomes of a row is decided in ``runs/``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from starlette.datastructures import FormData

from ..model import RowState
from ..runs.mending import Mend
from ..runs.waiting_run import WaitingRun
from .mend_rows import Cell, Conflict, Sheet, fingerprint, text_at, unix_lines

_NAME = re.compile(r"([0-9]{1,9})-([0-9]{1,5})")


def asked_mends(
    sheet: Sheet, run: WaitingRun, form: FormData, typed: Mapping[str, str]
) -> tuple[list[Mend], dict[tuple[int, int], Conflict]]:
    """Returns what is to be put into cells, and what was typed into cells that hold something else by now than was seen."""
    mends, conflicts = list[Mend](), dict[tuple[int, int], Conflict]()
    rows: dict[int, tuple[RowState | None, dict[int, Cell]]] = {}
    for name, text in typed.items():
        if not (numbers := cell_named(name)):
            continue
        row, place = numbers
        if row not in rows:
            record = run.row(row)
            cells = sheet.row(record, is_open=True).cells if record else ()
            rows[row] = record, {cell.place: cell for cell in cells}
        record, of_row = rows[row]
        if record is None or place >= len(sheet.headings):
            continue
        now, seen = text_at(record, place), str(form.get(f"seen-{name}", ""))
        if text == unix_lines(now) or fingerprint(text) == seen or _is_untouched(of_row.get(place), text):
            continue
        if fingerprint(now) == seen:
            mends.append(Mend(row, place, text, now))
        else:
            kept = run.mends_of([row]).get((row, place))
            conflicts[row, place] = Conflict(text, kept.person, kept.time) if kept else Conflict(text)
    return mends, conflicts


def _is_untouched(cell: Cell | None, text: str) -> bool:
    """Whether nobody has typed anything into a control that was empty."""
    return cell is not None and cell.is_beside and text == ""


def taken_back(run: WaitingRun, row: int, place: int) -> list[Mend]:
    """Returns what puts back the text that the sheet has in a cell; nothing where nobody has mended it."""
    mended = run.mends_of([row]).get((row, place))
    return [Mend(row, place, mended.was)] if mended else []


def cell_named(name: object) -> tuple[int, int] | None:
    """Returns row and place of the cell that a form calls ``name``, such as 12-3; None where that names no cell."""
    match = _NAME.fullmatch(str(name or ""))
    return (int(match[1]), int(match[2])) if match else None
