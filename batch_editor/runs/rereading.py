"""Which rows are read again when some of them are mended, in which order, and below what each of them stands then.

What a row means may depend on rows above it: on headings of another sheet, below which nothing is read, and, for a row with a
short id, on whether the ids above it are long, so that it is one of totals. Where a mend changes that, the rows are read again
for which it does; and so are, where clues were read, all rows of a clue together.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from ..edits.rounded_ids import LONG_ID, SHORT_ID
from ..edits.whole_sheet import WholeSheet
from ..journal.mends import HeldRow
from ..journal.run_journal import RunJournal
from ..model import Plan

#: New texts of a row by their places.
Texts = Mapping[int, str]
#: Reads a row with new texts, below other headings in a row and perhaps below long ids; says below which the next one stands.
Read = Callable[[HeldRow, Texts, int, bool], tuple[Plan, int]]


class ReadAgain:
    """The rows of the run ``held`` by the journal that are to be read again; ``read`` reads one, as ``Mending`` does.

    ``whole`` is what was known of the sheet before. ``by_clues``: a row is read again with all rows of its clue,
    and not only where that clue was read.
    """

    def __init__(self, held: RunJournal, whole: WholeSheet, read: Read, *, by_clues: bool) -> None:
        self._mends = held.mends
        self._whole = whole
        self._read = read
        self._by_clues = by_clues
        self._headings = list(whole.other_headings)
        #: The clue of each row that was read again, before and after.
        self._clues = dict[int, tuple[int | None, int | None]]()

    def plans(self, texts: Mapping[int, Texts]) -> Iterator[Plan]:
        """Yields what becomes of the rows in which ``texts`` are put, and of all those for which that makes a difference."""
        yield from self._in_order(texts)
        yield from self._below_totals()
        clues = sorted({clue for both in self._clues.values() for clue in both if clue is not None})
        for held in self._mends.rows_of_clues(clues, read=not self._by_clues):
            if held.row not in self._clues:
                yield self._plan(held, {})[0]

    def changed_whole(self) -> Iterator[dict[str, Any]]:
        """Yields what is known of the whole sheet, once all plans were asked for, if that is something else by now."""
        if self._headings != list(self._whole.other_headings):
            yield replace(self._whole, other_headings=self._headings).as_json()

    def _in_order(self, texts: Mapping[int, Texts]) -> Iterator[Plan]:
        """The rows that are mended, and below each those that stand below other headings by that."""
        waiting = deque(sorted(texts))
        while waiting:
            for held in self._mends.rows(list(waiting)):
                waiting.popleft()
                plan, is_other = self._plan(held, texts[held.row])
                yield plan
                if is_other:
                    yield from self._ripple(held.row, waiting, texts)
                    break

    def _ripple(self, row: int, waiting: deque[int], texts: Mapping[int, Texts]) -> Iterator[Plan]:
        """The rows below ``row``, as far as they stand below other headings than before."""
        for held in self._mends.rows_below(row):
            if waiting and waiting[0] == held.row:
                waiting.popleft()
            plan, is_other = self._plan(held, texts.get(held.row, {}))
            yield plan
            if not is_other:
                return

    def _below_totals(self) -> Iterator[Plan]:
        """The rows with a short id, or none, between the first long id of a clue before and after."""
        if all(_is_long(before) == _is_long(after) for before, after in self._clues.values()):
            return
        before = next(self._mends.rows_from(LONG_ID), None)
        after = self._first_long_id()
        ends = sorted(row for row in (before, after) if row is not None)
        first, last = ends[0], ends[-1] if len(ends) > 1 else _LAST
        for held in self._mends.rows_between(first, last, below=SHORT_ID):
            if held.row not in self._clues:
                yield self._plan(held, {})[0]

    def _first_long_id(self) -> int | None:
        """The first row with a long id of a clue, as far as rows were read again by now."""
        again = min((row for row, (_, after) in self._clues.items() if _is_long(after)), default=None)
        others = next((row for row in self._mends.rows_from(LONG_ID) if row not in self._clues), None)
        return min((row for row in (again, others) if row is not None), default=None)

    def _plan(self, held: HeldRow, texts: Texts) -> tuple[Plan, bool]:
        """What becomes of a row, and whether the next row stands below other headings than before."""
        row = held.row
        place = bisect_left(self._headings, (row, 0))
        above = self._headings[place - 1][1] if place else 0
        plan, below = self._read(held, texts, above, True)
        if plan.note and plan.note.key == "row.no_data":  # it may be one of totals, if it stands below long ids
            first = self._first_long_id()
            if first is None or first > row:
                plan, below = self._read(held, texts, above, False)
        self._clues[row] = (held.clue, plan.clue_id)
        if place < len(self._headings) and self._headings[place][0] == row:
            del self._headings[place]
        if below != above:
            self._headings.insert(place, (row, below))
        return plan, below != self._whole.headings_above(row + 1)


#: Beyond the last row of any sheet.
_LAST = 2**31


def _is_long(clue: int | None) -> bool:
    return clue is not None and clue >= LONG_ID
