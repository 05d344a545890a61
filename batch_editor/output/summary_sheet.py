"""The second sheet of a results workbook: what is to be done now, how many rows had which status, and how the run went.

It is for whoever opens the workbook, in words; what programs read are the rows. It holds no more than the journal knows, so
that it can be written again, and nothing secret, since the journal holds nothing secret either.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from xlsxwriter import Workbook
from xlsxwriter.format import Format

from ..messages import Lang, listed, say
from ..messages.command_line import quoted, typed_options
from ..messages.visible import visible, visible_lines
from ..model import SUMMARY_STATUSES, Message, NextStep, Run, Status, Step, Undoable
from ..settings.in_words import differing, rates
from ..settings.settings import Settings
from .results import Written
from .rows_page import COLOURS, LINE, for_print, line_count

#: Seconds; the rate of a run whose answers came within less says nothing.
TELLING = 10.0
#: The steps that are a command to be typed.
_TYPED = (Step.GO_ON, Step.MEND, Step.UNDO)
#: The widths of the columns: one for labels, one for numbers, and those over which a text goes together with the second one.
_WIDTHS = (30, 12, 13, 13, 13, 13, 13, 13)
_LAST = len(_WIDTHS) - 1
#: How much of that a line of text fills at least: words are not broken, and some fonts are wider than others.
_TEXT_WIDTH, _FULL_WIDTH = int(0.9 * sum(_WIDTHS[1:])), int(0.9 * sum(_WIDTHS))
#: The height of a row of the counts, in points and in pixels.
_COUNT_HEIGHT, _COUNT_PIXELS = 21, 28
_CHART_WIDTH = 575


@dataclass(frozen=True, slots=True)
class Summary:
    """What the sheet says of ``run``: its ``counts`` of rows by status, and the commonest ``reasons`` of those that failed.

    ``steps`` are what is to be done now. ``answered`` rows got their answers within so many ``seconds``.
    ``undoable`` is what an undo can do.
    """

    run: Run
    counts: Mapping[str, int]
    reasons: Sequence[tuple[int, Message]]
    steps: Sequence[NextStep]
    answered: int
    seconds: float
    undoable: Undoable = field(default_factory=Undoable)

    def step_texts(self, written: Path) -> list[Message]:
        """Returns what is to be done now in words, where the workbook is at ``written``."""
        texts = [text for step in self.steps for text in _step_texts(step, self.run, written, self.undoable)]
        if any(step.step in _TYPED for step in self.steps):
            texts.append(Message("book.where"))
        return texts

    def facts(self) -> Iterator[tuple[Message, object]]:
        """Yields what is known of the run: a label and a text or a message each."""
        run = self.run
        yield Message("show.run"), run.name
        yield Message("show.state"), Message(f"state.{run.state}")
        yield Message("show.source"), run.source + (f" [{run.sheet}]" if run.sheet else "")
        yield Message("show.url"), run.base_url
        yield Message("show.app"), run.app or Message("preview.fixed_token")
        if run.planned_by:
            yield Message("show.planned_by"), run.planned_by
        if run.confirmed_by:
            yield Message("show.confirmed_by"), run.confirmed_by
        yield Message("show.started"), run.started.replace("T", " ")
        if run.finished:
            yield Message("show.finished"), run.finished.replace("T", " ")
            yield Message("book.duration"), _clock(run.started, run.finished)
        yield Message("book.permitted"), rates(run.settings["rate"]["limits"])
        if self.seconds >= TELLING:
            yield Message("book.reached"), f"{(self.answered - 1) / self.seconds:.3g}"
        if options := typed_options(run.options):
            yield Message("show.options"), options.strip()


def add(book: Workbook, summary: Summary, written: Written, lang: Lang) -> None:
    """Adds the sheet to a ``book`` whose rows are ``written``, in words of ``lang``."""
    page = _Page(book, lang)
    page.title(Message("book.title", {"run": summary.run.name}))
    page.section(Message("book.next"))
    if summary.run.halted:
        page.text(summary.run.halted)
    for step in summary.step_texts(written.path):
        page.text(step)
    if written.without_note:
        page.text(Message("book.without_note", {"cells": written.without_note}))
    page.section(Message("book.counts"))
    page.counted(summary.counts)
    if summary.reasons:
        page.section(Message("book.reasons"))
        for number, reason in summary.reasons:
            page.text(Message("summary.reason", {"rows": number, "reason": reason}))
    page.section(Message("book.facts"))
    for label, fact in summary.facts():
        page.line(label, fact)
    page.section(Message("book.changed"))
    lines = [*differing(summary.run.settings)]
    for name, value in lines:
        page.line(name, value)
    if not lines:
        page.text(Message("book.all_usual"))


class _Page:
    """The sheet, written from its top to its bottom: rows that are done are no longer in memory."""

    def __init__(self, book: Workbook, lang: Lang) -> None:
        self._book, self._lang, self._row = book, lang, 0
        self._name = self._said(Message("book.sheet"))
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
        """What something is, and a text, on as many lines as the longer of the two needs."""
        lines = line_count(self._said(label), _WIDTHS[0])
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
                "name": self._said(Message("book.counts")),
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
        text = self._said(value)
        self._sheet.set_row(self._row, min(LINE * max(lines, line_count(text, width)), 400))
        self._sheet.merge_range(self._row, column, self._row, _LAST, "", self._text)
        self._write(column, text, self._text)

    def _write(self, column: int, value: object, style: Format) -> None:
        self._sheet.write_string(self._row, column, self._said(value), style)

    def _said(self, value: object) -> str:
        return listed(value, self._lang) if isinstance(value, list) else self._text_of(value)

    def _text_of(self, value: object) -> str:
        return say(value, self._lang) if isinstance(value, Message) else visible_lines(str(value))


def _step_texts(step: NextStep, run: Run, written: Path, undoable: Undoable) -> list[Message]:
    """The paragraphs that tell a step; a step that is a command also tells what to type."""
    match step.step:
        case Step.CONFIRM:
            return [Message("resume.planned", {"run": run.name, "started": run.started})]
        case Step.RUN_SHEET:
            return [Message("resume.abandoned", {"run": run.name, "sheet": run.source})]
        case Step.SEND_SHEET:
            return [Message("book.proved")]
        case Step.GO_ON:
            return [Message("summary.go_on", {"rows": step.rows, "run": run.name, "options": ""})]
        case Step.MEND_AFTERWARDS:
            return [Message("book.then")]
        case Step.MEND:
            values = {"rows": step.rows, "path": quoted(str(written)), "options": _options_again(run)}
            return [Message("book.mend"), Message("summary.mend", values)]
        case Step.LOOK:
            return [Message("book.look", {"rows": step.rows})]
        case Step.COMPARE:
            return [Message("summary.compare", {"rows": step.rows})]
        case Step.NOTHING:
            return [Message("book.done")]
        case Step.UNDO:
            values = {"run": run.name, "options": "", "rows": undoable.rows, "changed": undoable.changed}
            return [Message("summary.undo_some" if undoable.is_partial else "summary.undo", values)]


def _options_again(run: Run) -> str:
    """The options with which the results of ``run`` have to be sent again, as they are typed, as far as they are known."""
    settings, options = run.settings, run.options
    usual_url = Settings.model_construct().api.base_url
    given = {
        "base_url": settings["api"]["base_url"] if settings["api"]["base_url"] != usual_url else None,
        "edit": options.get("edit"),
        "ignore_columns": settings["ignore_columns"],
        "fill": settings.get("fill"),  # an older run lacks it
        "tags": options.get("tags"),
        "only_changed": options.get("only_changed"),
        "snapshot": options.get("snapshot"),
        "auto_snapshot": options.get("auto_snapshot"),  # who is asked the next time need not say so
    }
    return typed_options(given)


def _clock(began: str, ended: str) -> str:
    """The time between two moments of ISO 8601: ``1:02:03``."""
    seconds = round((datetime.fromisoformat(ended) - datetime.fromisoformat(began)).total_seconds())
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
