"""The top of a sheet as a person sees it: its first rows as texts, what each of them is, and examples of what columns hold.

Texts are shown as the formats of their cells show them, and ids as they are stored. What the columns stand for is decided in
``sheet_look``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ..cell_values import Cell, Formatted, Row
from ..edits import cells
from ..edits.no_data import is_no_data
from ..model import Message, Plan
from ..sheets import Sheet

#: What a row of the picture is.
RowKind = Literal["above", "headings", "data", "no_data"]

#: So many rows are shown, and so many characters of a text.
SHOWN_ROWS, LONGEST_SHOWN = 12, 200
#: So many rows below the headings are looked at for examples, and so many examples are shown of a column.
_SAMPLED_ROWS, _MOST_EXAMPLES = 200, 3


@dataclass(frozen=True, slots=True)
class TopRow:
    """A row of the picture by its number in the sheet: its cells as texts, what it is, and whether the sheet hides it."""

    number: int
    cells: tuple[str, ...]
    kind: RowKind
    hidden: bool = False


class Sample:
    """The rows at the top of a sheet: those of the picture, and those below the headings that are looked at."""

    def __init__(self, sheet: Sheet, headings: Row | None) -> None:
        self.top: list[Row] = []
        self.rows: list[Row] = []
        above = headings.number if headings else 0
        for row in sheet.rows():
            if len(self.top) < SHOWN_ROWS:
                self.top.append(row)
            if row.number > above:
                if len(self.rows) >= _SAMPLED_ROWS:
                    break
                self.rows.append(row)


def top_row(row: Row, plans: Mapping[int, Plan], headings: Row | None, as_stored: Collection[int]) -> TopRow:
    """Returns what is shown of a row, of which ``plans`` may say what becomes of it; the columns ``as_stored`` hold ids."""
    texts = tuple(_shown(cell, as_stored=place in as_stored) for place, cell in enumerate(row.cells))
    return TopRow(row.number, texts, _kind(row, texts, plans, headings), row.hidden)


def _kind(row: Row, texts: Sequence[str], plans: Mapping[int, Plan], headings: Row | None) -> RowKind:
    if headings is None or row.number < headings.number:
        return "above"
    if row.number == headings.number:
        return "headings"
    plan = plans.get(row.number)
    if plan is None:
        return "no_data" if is_no_data(texts) else "data"
    is_none = isinstance(plan.note, Message) and plan.note.key in ("row.no_data", "row.repeated_headings")
    return "no_data" if is_none else "data"


def examples_of(rows: Iterable[Row], width: int, as_stored: Collection[int]) -> list[list[str]]:
    """Returns the first different texts of each of ``width`` columns; the columns ``as_stored`` hold ids."""
    examples: list[list[str]] = [[] for _ in range(width)]
    lacking = set(range(width))
    for row in rows:
        for place in [place for place in lacking if place < len(row.cells)]:
            text = _shown(row.cells[place], as_stored=place in as_stored)
            if text and text not in examples[place]:
                examples[place].append(text)
                if len(examples[place]) == _MOST_EXAMPLES:
                    lacking.discard(place)
    return examples


def _shown(cell: Cell, *, as_stored: bool) -> str:
    """Returns as much as is shown of what a person sees in a cell; of an id what is stored, which is what is read."""
    if isinstance(cell, Formatted) and not as_stored:
        text, is_certain = cell.shown()
        if is_certain:
            return shortened(text.strip())
    return shortened(cells.cell_text(cells.trimmed(cell)))


def shortened(text: str) -> str:
    """Returns as much of a text as is shown; an id is never so long."""
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"
