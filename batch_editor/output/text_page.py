"""A sheet of a workbook that people read: a title, paragraphs, facts with their labels, and counts with a chart.

It is written from its top to its bottom in words of one language, and every text is one: nothing becomes a formula. What it
says is decided by who fills it.
"""

from __future__ import annotations

from collections.abc import Mapping

from xlsxwriter import Workbook
from xlsxwriter.format import Format

from ..messages import Lang, listed, say
from ..messages.visible import visible, visible_lines
from ..model import SUMMARY_STATUSES, Message, Status
from .rows_page import COLOURS, LINE, for_print, line_count

#: The widths of the columns: one for labels, one for numbers, and those over which a text goes together with the second one.
_WIDTHS = (30, 12, 13, 13, 13, 13, 13, 13)
_LAST = len(_WIDTHS) - 1
#: How much of that a line of text fills at least: words are not broken, and some fonts are wider than others.
_TEXT_WIDTH = int(0.9 * sum(_WIDTHS[1:]))
_FULL_WIDTH = int(0.9 * sum(_WIDTHS))
#: The height of a row of the counts, in points and in pixels.
_COUNT_HEIGHT = 21
_COUNT_PIXELS = 28
_CHART_WIDTH = 575


class TextPage:
    """A sheet called ``name``, added to a ``book`` and written from its top to its bottom: no row stays in
    memory once it is written."""

    def __init__(self, book: Workbook, name: Message, lang: Lang) -> None:
        self._book = book
        self._lang = lang
        self._row = 0
        self._name = self._text_for(name)
        self._sheet = book.add_worksheet(self._name)
        self._large = book.add_format({"bold": True, "font_size": 16})
        self._head = book.add_format({"bold": True, "bottom": 1, "font_size": 12})
        self._label = book.add_format({"valign": "vcenter", "font_color": "#595959", "num_format": "@", "text_wrap": True})
        self._text = book.add_format({"valign": "vcenter", "text_wrap": True, "num_format": "@"})
        for index, width in enumerate(_WIDTHS):
            self._sheet.set_column(index, index, width)
        self._sheet.hide_gridlines(2)
        for_print(self._sheet, landscape=False)

    def title(self, message: Message) -> None:
        """The first row."""
        self._sheet.set_row(self._row, 26)
        self._write(0, message, self._large)
        self._row += 1

    def open_first(self) -> None:
        """Makes this the sheet that is seen when the workbook is opened."""
        self._sheet.activate()

    def section(self, message: Message) -> None:
        """A heading, with room above it."""
        self._row += 1
        self._sheet.set_row(self._row, 20)
        self._write(0, message, self._head)
        for column in range(1, _LAST + 1):
            self._sheet.write_blank(self._row, column, None, self._head)
        self._row += 1

    def text(self, message: Message) -> None:
        """A paragraph as wide as the sheet."""
        self._spread(0, message, _FULL_WIDTH)
        self._row += 1

    def line(self, label: object, value: object) -> None:
        """A label and its text, on as many lines as the longer of the two needs."""
        lines = line_count(self._text_for(label), _WIDTHS[0])
        self._spread(1, visible(value) if isinstance(value, str) else value, _TEXT_WIDTH, lines)
        self._write(0, label, self._label)
        self._row += 1

    def counted(self, counts: Mapping[str, int]) -> None:
        """How many rows had each status, as a table and as a chart beside it."""
        first = self._row
        for status in SUMMARY_STATUSES:
            fill, ink = COLOURS[Status(status)]
            style = {"bg_color": fill, "font_color": ink, "valign": "vcenter"}
            self._count(Message(f"status.{status}"), counts[status], style)
        last = self._row - 1
        self._count(Message("book.total"), sum(counts.values()), {"bold": True, "top": 1, "valign": "vcenter"})
        chart = self._book.add_chart({"type": "bar"})
        chart.add_series(
            {
                "name": self._text_for(Message("book.counts")),
                "categories": [self._name, first, 0, last, 0],
                "values": [self._name, first, 1, last, 1],
                "points": [
                    {"fill": {"color": COLOURS[Status(status)][0]}, "border": {"color": COLOURS[Status(status)][1]}}
                    for status in SUMMARY_STATUSES
                ],
                "data_labels": {"value": True, "num_format": "#,##0;;"},  # no bar, no number
                "gap": 30,
            }
        )
        chart.set_title({"none": True})
        chart.set_legend({"none": True})
        chart.set_y_axis({"reverse": True, "line": {"none": True}, "major_tick_mark": "none"})
        chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}, "min": 0})
        chart.set_chartarea({"border": {"none": True}})
        chart.set_size({"width": _CHART_WIDTH, "height": _COUNT_PIXELS * (last - first + 1) - 4})
        self._sheet.insert_chart(first, 2, chart, {"x_offset": 10, "y_offset": 4})

    def _count(self, label: Message, number: int, style: Mapping[str, object]) -> None:
        self._sheet.set_row(self._row, _COUNT_HEIGHT)
        self._write(0, label, self._book.add_format(style))
        self._sheet.write_number(self._row, 1, number, self._book.add_format({**style, "num_format": "#,##0"}))
        self._row += 1

    def _spread(self, column: int, value: object, width: int, lines: int = 1) -> None:
        """Write a text over the columns up to the last one; such a row does not grow with its text by itself."""
        text = self._text_for(value)
        self._sheet.set_row(self._row, min(LINE * max(lines, line_count(text, width)), 400))
        self._sheet.merge_range(self._row, column, self._row, _LAST, "", self._text)
        self._write(column, text, self._text)

    def _write(self, column: int, value: object, style: Format) -> None:
        self._sheet.write_string(self._row, column, self._text_for(value), style)

    def _text_for(self, value: object) -> str:
        if isinstance(value, list):
            return listed(value, self._lang)
        return say(value, self._lang) if isinstance(value, Message) else visible_lines(str(value))
