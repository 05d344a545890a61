"""The sheet with what ``run`` would send for each row beside it: what a check writes that is given an output."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

from ..edits.earlier_results import COLUMNS
from ..messages import Lang, say
from ..model import Message, RowState, RowValues, Status
from . import results

_KEPT = (results.STATUS, results.MESSAGE, results.FIELDS)


def table(
    headings: Sequence[str], records: Iterable[RowState], written: Iterable[RowValues], lang: Lang
) -> Iterator[list[str]]:
    """Yields the sheet's own columns, then what is to become of each row, and the text of its call; first the headings.

    ``records`` and ``written`` are the same rows in the same order.
    """
    bodies = (results.shortened(row.body) for row in written)
    for line, body in zip(results.table(headings, records, lang, run=""), chain([results.PAYLOAD], bodies), strict=True):
        cells, values = line[: -len(COLUMNS)], line[-len(COLUMNS) :]
        by_column = dict(zip(COLUMNS, values, strict=True))
        yield [*cells, *(by_column[column] for column in _KEPT), body]


def page(lang: Lang) -> results.Page:
    """Returns how that sheet looks: here a row that is not sent is one that will be."""
    page = results.page_of("check.sheet", (*_KEPT, results.PAYLOAD), lang)
    return replace(page, words={**page.words, Status.NOT_SENT: say(Message("status.pending"), lang)})
