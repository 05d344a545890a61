"""The rows of a run page by page, for whoever shows a window of them: a planned run, or one that was sent.

A page knows its place among all rows that match. What is asked of the journal for it stands in ``journal/row_pages``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..journal.row_pages import ALL_ROWS
from ..journal.row_pages import Filters as Filters
from ..journal.run_journal import RunJournal
from ..model import RowState


@dataclass(frozen=True, slots=True)
class RowPage:
    """Some rows of a run in the order of its sheet, of the ``total`` that match; ``next_after`` is what the next page begins
    after, None if this is the last.

    ``rows_above`` matching rows stand above them, and ``previous_after`` is what the page before begins after, None if this is
    the first.
    """

    rows: tuple[RowState, ...]
    total: int
    next_after: int | None
    rows_above: int = field(default=0, compare=False)
    previous_after: int | None = field(default=None, compare=False)


def row_page(run: RunJournal, filters: Filters = ALL_ROWS, *, after: int = 0, most: int = 100) -> RowPage:
    """Returns the next rows of ``run`` below row ``after``, at most so many: all of them, or those that match."""
    pages = run.row_pages
    rows = pages.page(after, most + 1, filters)
    above = pages.count(filters, up_to=after) if after > 0 else 0
    return RowPage(
        tuple(rows[:most]),
        pages.count(filters),
        rows[most - 1].row if len(rows) > most else None,
        above,
        pages.page_before(after, most, filters) if above else None,
    )
