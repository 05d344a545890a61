"""The sheet of rows in a workbook: text as it was read, results in colour and in words, wrong cells in red with their reasons.

It is given lists of text and draws them row by row; what they say is decided in ``results``, ``check_sheet`` and
``diff_sheet``. A status is stored as the word that programs know, and shown in colour and in words: those are a matter of the
cell's format. Behind the heading of a column that is ours stands its key, as the name of the column.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, islice
from typing import NamedTuple

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import quote_sheetname, xl_range_abs
from xlsxwriter.worksheet import Worksheet

from ..edits.result_columns import MESSAGE, PAYLOAD, STATUS
from ..messages.widths import width
from ..model import Status
from . import notes

#: The colours of each status, background and text: red is what wants mending.
COLOURS = {
    Status.UPDATED: ("#C6EFCE", "#006100"),
    Status.UNCHANGED: ("#E2EFDA", "#375623"),
    Status.SKIPPED: ("#EDEDED", "#525252"),
    Status.INVALID: ("#FFC7CE", "#9C0006"),
    Status.CONFLICT: ("#FFEB9C", "#7F6000"),
    Status.REJECTED: ("#F4A7A0", "#7A0000"),
    Status.FAILED: ("#FAD1C2", "#A02B00"),
    Status.NOT_SENT: ("#DDEBF7", "#1F4E78"),
}
#: How many rows are looked at to find widths that fit, and the widest that a column then gets; that of the messages is wider.
_MEASURED_ROWS = 200
_WIDEST, _WIDEST_MESSAGE = 45, 70
#: The most lines that a row shows, and how many rows are made higher than a line: each is remembered until the file is written.
_MOST_LINES = 12
_MOST_HEIGHTS = 10_000
#: How many cells have a note with their reason: these are remembered as well, and slow to open. Red are all that are wrong.
MOST_NOTES = 10_000
#: The height of a line, in points.
LINE = 16

_RIGHT: Mapping[int, str] = {}


class Line(NamedTuple):
    """One row of the sheet: its ``cells``, and by their columns the ``reasons`` of those that are wrong."""

    cells: list[str]
    reasons: Mapping[int, str] = _RIGHT


@dataclass(frozen=True, slots=True)
class Page:
    """How the sheet of rows looks: its ``name``, the ``titles`` of its last columns by their keys, the ``notes`` at these
    headings, and the ``words`` for its statuses.

    The last ``result_columns`` of its columns are not those of the sheet that was read: nobody has looked at what they hold.
    """

    name: str
    result_columns: int
    titles: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)


class RowsPage:
    """The sheet of rows, which is filled as ``page`` says; the lines of a ``book`` that is written row by row are forgotten."""

    def __init__(self, book: Workbook, page: Page) -> None:
        self._book = book
        self._page = page
        self._sheet: Worksheet = book.add_worksheet(page.name)
        self._text = book.add_format({"num_format": "@", "valign": "vcenter"})
        self._wrapped = book.add_format({"num_format": "@", "valign": "vcenter", "text_wrap": True})
        self._shown = {status: self._of_status(status, words) for status, words in page.words.items()}
        self._wrong = {status: self._of_wrong(status) for status in page.words}
        self._headings: list[str] = []
        self._status: int | None = None
        self._payload: int | None = None
        self._higher = 0
        self._noted = 0
        #: How many wrong cells there are beyond those with a note.
        self.without_note = 0

    def fill(self, lines: Iterator[Line]) -> None:
        """Writes the headings, which are the first line, and then the rows: every cell is a text, also one that begins with
        "="."""
        self._headings = next(lines).cells
        self._status, self._payload = map(self._place_of, (STATUS, PAYLOAD))
        first = list(islice(lines, _MEASURED_ROWS))
        values = zip(*(line.cells for line in first), strict=True) if first else [()] * len(self._headings)
        titled = len(self._headings) - len(self._page.titles)
        titles = [self._page.titles[heading] if index >= titled else heading for index, heading in enumerate(self._headings)]
        widths = [
            _fitting(heading, title, self._as_shown(heading, column))
            for heading, title, column in zip(self._headings, titles, values, strict=True)
        ]
        self._head(titles, widths, titled)
        number = 0
        for number, line in enumerate(chain(first, lines), 1):
            self._row(number, line, widths)
        self._sheet.autofilter(0, 0, number, len(self._headings) - 1)
        name_columns(self._book, self._sheet, self._headings[titled:], number, first=titled)

    def _place_of(self, heading: str) -> int | None:
        return self._headings.index(heading) if heading in self._headings else None

    def _as_shown(self, heading: str, values: Sequence[str]) -> list[str]:
        return [self._page.words.get(value, value) if heading == STATUS else value for value in values]

    def _row(self, number: int, line: Line, widths: Sequence[int]) -> None:
        sheet = self._sheet
        cells = line.cells
        needed = list(map(line_count, cells, widths))
        if self._payload is not None:
            needed[self._payload] = 1
        if (most := max(needed)) > 1 and self._higher < _MOST_HEIGHTS:  # beyond them Excel sees to it, once the file is opened
            sheet.set_row(number, LINE * min(most, _MOST_LINES))
            self._higher += 1
        styles = [self._wrapped if lines > 1 else self._text for lines in needed]
        status = cells[self._status] if self._status is not None else ""
        for index, reason in line.reasons.items():
            styles[index] = self._wrong.get(status) or styles[index]
            self._note(number, index, reason)
        if self._status is not None:
            styles[self._status] = self._shown.get(status) or styles[self._status]
        for index, value in enumerate(cells):
            if value:
                sheet.write_string(number, index, value, styles[index])
            else:
                sheet.write_blank(number, index, None, styles[index])  # what is filled in later is a text as well

    def _note(self, row: int, column: int, reason: str) -> None:
        if self._noted >= MOST_NOTES:
            self.without_note += 1
            return
        text = notes.shown(reason)
        self._sheet.write_comment(row, column, text, notes.box(text))
        self._noted += 1

    def _head(self, titles: Sequence[str], widths: Sequence[int], titled: int) -> None:
        """Write the headings, each result with what it is, and set up how the sheet is shown and printed."""
        of_sheet = self._book.add_format({"bold": True, "bottom": 1, "bg_color": "#F2F2F2"})
        of_results = self._book.add_format({"bold": True, "bottom": 1, "bg_color": "#D9E1F2"})
        for index, (title, room) in enumerate(zip(titles, widths, strict=True)):
            self._sheet.set_column(index, index, room)
            note = self._page.notes.get(self._headings[index]) if index >= titled else None
            self._sheet.write_string(0, index, title, of_results if note else of_sheet)
            if note:
                self._sheet.write_comment(0, index, note, notes.box(note))
        self._sheet.freeze_panes(1, 0)
        self._sheet.repeat_rows(0)
        for_print(self._sheet, landscape=True)

    def _of_status(self, status: str, words: str) -> Format:
        """Shows ``words`` instead of the text that a cell holds: that is what the fourth part of a number format is for."""
        fill, ink = COLOURS[Status(status)]
        return self._book.add_format({"num_format": f';;;"{words}"', "bg_color": fill, "font_color": ink, "valign": "vcenter"})

    def _of_wrong(self, status: str) -> Format:
        """How a cell looks that is wrong: in the colour of its row's status, with all of its lines."""
        fill, ink = COLOURS[Status(status)]
        return self._book.add_format(
            {"num_format": "@", "bg_color": fill, "font_color": ink, "valign": "vcenter", "text_wrap": True}
        )


def name_columns(book: Workbook, sheet: Worksheet, keys: Sequence[str], rows: int, *, first: int = 0) -> None:
    """Makes each of ``keys`` the name of a column of ``sheet``, from the column ``first`` on: its heading and so many rows."""
    for index, key in enumerate(keys, first):
        book.define_name(key, f"={quote_sheetname(sheet.get_name())}!{xl_range_abs(0, index, rows, index)}")


def for_print(sheet: Worksheet, *, landscape: bool) -> None:
    """Sets ``sheet`` up for print on A4: one page wide, and as many pages long as its rows need."""
    sheet.set_paper(9)
    if landscape:
        sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4)
    sheet.set_footer("&C&P / &N")


def _fitting(heading: str, title: str, values: Sequence[str]) -> int:
    """The width of a column, in characters; beside its heading there is room for the arrow of the filter."""
    widest = _WIDEST_MESSAGE if heading in (MESSAGE, PAYLOAD) else _WIDEST
    return min(max(10, width(title) + 5, *(width(value) + 2 for value in values)), widest)


def line_count(text: str, room: int) -> int:
    """Returns about how many lines ``text`` takes in a column of ``room`` characters."""
    if 2 * len(text) < room and "\n" not in text:  # as most texts, at a tenth of the price
        return 1
    return _line_count(text, room)


@lru_cache(1024)
def _line_count(text: str, room: int) -> int:
    return sum(max(1, -(-width(line) // max(room - 1, 1))) for line in text.split("\n"))
