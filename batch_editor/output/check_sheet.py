"""The sheet with what ``run`` would send for each row beside it: what a check writes that is given an output."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain

from ..edits.result_columns import COLUMNS, FIELDS, MESSAGE, PAYLOAD, STATUS
from ..messages import Lang, say
from ..model import Message, RowState, RowValues, Status
from . import result_rows, results
from .result_rows import ReadSheet
from .rows_page import Line, Page

_KEPT = (STATUS, MESSAGE, FIELDS)


def table(
    sheet: ReadSheet, records: Iterable[RowState], written: Iterable[RowValues], lang: Lang, *, in_workbook: bool = False
) -> Iterator[Line]:
    """Yields the sheet's own columns, then what is to become of each row, and the text of its call; first the headings.

    ``records`` and ``written`` are the same rows in the same order.
    """
    bodies = (result_rows.shortened(row.body) for row in written)
    lines = result_rows.table(sheet, records, lang, run="", in_workbook=in_workbook)
    for line, body in zip(lines, chain([PAYLOAD], bodies), strict=True):
        cells, values = line.cells[: -len(COLUMNS)], line.cells[-len(COLUMNS) :]
        by_column = dict(zip(COLUMNS, values, strict=True))
        yield Line([*cells, *(by_column[column] for column in _KEPT), body], line.reasons)


def page(lang: Lang) -> Page:
    """Returns how that sheet looks: here a row that is not sent is one that will be."""
    page = results.page_of("check.sheet", (*_KEPT, PAYLOAD), lang)
    return replace(page, words={**page.words, Status.NOT_SENT: say(Message("status.pending"), lang)})
