"""The sheet of a results workbook that says what the run has changed: a line for each field, with its value before and after.

It is written from its top to its bottom, so that rows that are done are not in memory. Every cell is a text: nothing that came
from the CRM can become a formula.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice

from xlsxwriter import Workbook

from ..edits.earlier_results import CHANGE_COLUMNS
from ..messages import Lang, say
from ..messages.visible import visible_lines
from ..messages.widths import width
from ..model import Change, Message
from .diff_sheet import shown_value
from .results import MoreSheets, Written
from .rows_page import LINE, for_print, line_count, name_columns

#: How many lines a sheet can hold below its headings, less the one that says how many more there are.
MOST_LINES = 1_048_574
#: The narrowest and the widest that a column is, in characters, and how many lines are looked at for that.
_NARROWEST, _WIDEST, _MEASURED = (6, 21, 12, 18, 18, 18, 10), 50, 200
#: The most lines of text that a line shows, and how many lines are made higher: each is remembered until the file is written.
_MOST_HEIGHT, _MOST_HEIGHTS = 12, 10_000


def behind(sheets: MoreSheets, changes: Iterable[Change] | None, run: str, lang: Lang) -> MoreSheets:
    """Returns what adds this sheet behind other ``sheets``, with the ``changes`` of ``run``, in words of ``lang``; of a run
    that has read no clue, what adds the others alone."""

    def add_all(book: Workbook, written: Written) -> None:
        sheets(book, written)
        if changes is not None:
            add(book, changes, run, lang)

    return add_all


def add(book: Workbook, changes: Iterable[Change], run: str, lang: Lang) -> None:
    """Adds the sheet with the ``changes`` of ``run`` to a ``book``, in words of ``lang``."""
    sheet = book.add_worksheet(say(Message("changes.sheet"), lang))
    head = book.add_format({"bold": True, "bottom": 1, "bg_color": "#D9E1F2"})
    text = book.add_format({"num_format": "@", "valign": "vcenter"})
    wrapped = book.add_format({"num_format": "@", "valign": "vcenter", "text_wrap": True})
    lines = table(changes, run, lang)
    headings, *first = islice(lines, 1 + _MEASURED)
    rooms = [
        min(_WIDEST, max(narrowest, width(heading) + 5, *(width(line[index]) + 2 for line in first), 0))
        for index, (heading, narrowest) in enumerate(zip(headings, _NARROWEST, strict=True))
    ]
    for index, (heading, room) in enumerate(zip(headings, rooms, strict=True)):
        sheet.set_column(index, index, room)
        sheet.write_string(0, index, heading, head)
    number = higher = 0
    for number, line in enumerate(chain(first, lines), 1):
        needed = [line_count(value, room) for value, room in zip(line, rooms, strict=True)]
        if max(needed) > 1 and higher < _MOST_HEIGHTS:
            sheet.set_row(number, LINE * min(max(needed), _MOST_HEIGHT))
            higher += 1
        for index, value in enumerate(line):
            if value:
                sheet.write_string(number, index, value, wrapped if needed[index] > 1 else text)
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    sheet.autofilter(0, 0, number, len(headings) - 1)
    name_columns(book, sheet, [f"change_{name}" for name in CHANGE_COLUMNS], number)
    for_print(sheet, landscape=True)


def table(changes: Iterable[Change], run: str, lang: Lang, most: int = MOST_LINES) -> Iterator[list[str]]:
    """Yields the sheet as lists of text: the headings, then a line for each change of ``run``, at most so many; a last line
    says how many more there are, and where."""
    yield [say(Message(f"changes.{name}"), lang) for name in CHANGE_COLUMNS]
    remaining = iter(changes)
    maybe = say(Message("changes.maybe_applied"), lang)
    for change in islice(remaining, most):
        place = [str(change.row), str(change.clue_id), visible_lines(change.clue_name), change.field]
        note = maybe if change.maybe_applied else ""
        yield [*place, shown_value(change.old, lang), shown_value(change.new, lang), note]
    if more := sum(1 for _ in remaining):
        yield ["", "", "", "", "", "", say(Message("changes.more", {"number": more, "run": run}), lang)]
