"""The results sheet: the sheet's own columns, and for every row what became of it (guide: rules).

Rows are streamed from the journal into an .xlsx or a .csv that appears whole or not at all, beside the sheet, and never in
the place of another run's results; nobody may read it who may not read the sheet. Every cell is text: nothing that came from
the CRM can become a formula. A status is stored as the word that programs know, and shown in colour and in words: those are a
matter of the cell's format.
"""

from __future__ import annotations

import csv
import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path

from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from ..edits.earlier_results import COLUMNS
from ..edits.headings import RESULT_PREFIX
from ..errors import ResultsNotWritten, SettingsError
from ..fields import normal
from ..journal.temporary import temporary_folder
from ..messages import Lang, say
from ..messages.visible import visible_lines
from ..messages.widths import width
from ..model import Message, Problem, RowState, Status
from ..sheets import address, cell_of, column_of
from . import placing
from .permissions import make_file
from .placing import OwnFile
from .placing import move as move

#: The column that a check adds to a sheet instead of the last ones of these.
PAYLOAD = f"{RESULT_PREFIX}payload"
STATUS, MESSAGE, FIELDS = COLUMNS[0], COLUMNS[2], COLUMNS[3]
#: Beyond so many rows Excel and WPS become slow to open a workbook, and a CSV is written instead.
MOST_WORKBOOK_ROWS = 200_000
#: The longest text that a cell of a workbook can hold; a longer one would be cut.
LONGEST_CELL = 32_767
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
#: The height of a line, in points.
LINE = 16
#: What XML cannot hold at all: halves of characters.
UNWRITABLE = re.compile("[\ud800-\udfff\ufffe\uffff]")
#: What a spreadsheet takes for a formula in a CSV, also behind blanks, or cuts away until it is one.
_FORMULA = re.compile("[\t\r]|[\\s\u200b-\u200f\u2060\ufeff]*[=+\\-@\uff1d\uff0b\uff0d\uff20\ufe62\ufe63\ufe66\ufe6b]")
_EARLIER = re.compile(r"\.(results|undo)(-\d+)?$")
#: Writes more sheets into the workbook, which will be known by this name.
MoreSheets = Callable[[Workbook, Path], None]

#: Messages that say already that an edit may have been applied.
_SAY_MAYBE_APPLIED = {
    "failed.maybe",
    "failed.stopped",
    "failed.abandoned",
    "failed.interrupted",
    "rejected.after_lost",
    "rejected.status",
}


@dataclass(frozen=True, slots=True)
class Page:
    """How the sheet of rows looks: its ``name``, the ``notes`` at its headings, and the ``words`` for its statuses.

    The last ``result_columns`` of its columns are not those of the sheet that was read: nobody has looked at what they hold.
    """

    name: str
    result_columns: int
    notes: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)


def default_target(source: Path) -> Path:
    """Returns where the results of ``source`` go: ``NAME.results.xlsx`` beside it."""
    return source.with_name(f"{_EARLIER.sub('', source.stem)}.results.xlsx")


def undo_target(source: Path) -> Path:
    """Returns where the results of an undo of ``source`` go: ``NAME.undo.xlsx`` beside it."""
    return default_target(source).with_suffix("").with_suffix(".undo.xlsx")


def diff_target(source: Path) -> Path:
    """Returns where the differences of ``source`` go: ``NAME.diff.xlsx`` beside it."""
    return default_target(source).with_suffix("").with_suffix(".diff.xlsx")


def writable(output: str | Path | None, default: Path | None) -> Path | None:
    """Returns where a sheet is written: to ``output``, or the ``default``; None if nowhere.

    Raises ``SettingsError`` now, before anything is sent, if nothing could be written there.
    """
    target = Path(output).absolute() if output is not None else default
    if target is not None:
        check_target(target)
    return target


def check_target(target: Path) -> None:
    """Raise ``SettingsError`` now, before anything is sent, if results could not be written to ``target``."""
    if target.suffix.lower() not in (".xlsx", ".csv"):
        raise SettingsError("results.kind", path=target)
    try:
        with suppress(FileNotFoundError):
            target.lstat()  # a name that is too long, say
        probe = placing.part_of(target, secrets.token_hex(4))
        probe.touch(exist_ok=False)
        probe.unlink()
    except OSError as error:
        raise SettingsError("results.folder", folder=target.parent, reason=error.strerror) from None
    except ValueError as error:  # a NUL in its name
        raise SettingsError("results.folder", folder=target.parent, reason=error) from None


def shown_status(status: Status) -> Status:
    """Returns a row's status once its run is over: a pending row was not sent, and one that is still being sent has failed."""
    return {Status.PENDING: Status.NOT_SENT, Status.SENDING: Status.FAILED}.get(status, status)


def result_message(record: RowState, row: int, places: Mapping[int, int], lang: Lang) -> str:
    """Returns the text of the column ``result_message``: what the CRM said, or the problems of the row.

    Each problem names its cell in the results, where it is to be mended: ``row`` is the record's row there, ``places`` are the
    columns of the results by those of the sheet that was read.
    """
    if record.status is Status.SENDING:
        return say(Message("failed.interrupted"), lang)
    notes = list(record.notes)
    if record.maybe_applied and record.status is not Status.UPDATED and _SAY_MAYBE_APPLIED.isdisjoint(_keys(notes)):
        notes.append(Message("row.maybe_applied"))
    return shortened("\n".join(say(_placed(note, row, places), lang) for note in notes))


def _keys(notes: Iterable[Message | Problem]) -> set[str]:
    return {note.key for note in notes if isinstance(note, Message)}


def _placed(note: Message | Problem, row: int, places: Mapping[int, int]) -> Message:
    if isinstance(note, Message):
        return note
    column = column_of(cell_of(note.address).rstrip("0123456789"))
    return Message("problem", {"at": address("", row, places.get(column, column)), "what": note.sentence})


def shortened(text: str) -> str:
    """Returns as much of ``text`` as a cell can hold, with … for what is left out."""
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - 1] + "…"


def table(headings: Sequence[str], records: Iterable[RowState], lang: Lang, *, run: str) -> Iterator[list[str]]:
    """Yields the results of ``run`` as lists of text: the headings, then one per row. Result columns of an earlier run are
    dropped. A row that the run only keeps stays the row of the run that it was kept from."""
    kept = [index for index, heading in enumerate(headings) if normal(heading) not in (*COLUMNS, PAYLOAD)]
    yield [headings[index] for index in kept] + list(COLUMNS)
    places = {index: place for place, index in enumerate(kept)}
    for number, record in enumerate(records, 2):
        cells = [record.cells[index] if index < len(record.cells) else "" for index in kept]
        attempts = str(record.attempts) if record.attempts else ""
        message = result_message(record, number, places, lang)
        origin, row = record.kept_from if record.kept_from and record.kept_from[0] else (run, record.row)
        results = (record.code, message, ",".join(record.fields), attempts, record.time, origin, str(row))
        yield [*cells, shown_status(record.status), *map(visible_lines, results)]


def write(
    target: Path,
    headings: Sequence[str],
    records: Iterable[RowState],
    lang: Lang,
    *,
    run: str,
    sheet: Path | None,
    undoes: bool = False,
    own_file: Path | None = None,
    own_stamp: str | None = None,
    more_sheets: MoreSheets | None = None,
) -> Path:
    """Writes the results of ``run`` to ``target``, or to ``NAME-2`` and so on if that is taken; returns the path written.

    ``sheet`` is the one that was read, if there is a file of it, and says who may read the results. ``undoes``: the rows are
    those of an undo, whose cells come from the CRM. ``own_file`` is where this run has written its results before; only that
    file is ever replaced, and if its ``own_stamp`` is known, only as long as it has that. ``records`` are gone through again if
    somebody takes the name meanwhile. ``more_sheets`` adds to a workbook. Raises ``ResultsNotWritten``; then there is no file,
    not even half of one. Half of one that a killed process has left is removed.
    """
    page = page_of("results.sheet", COLUMNS, lang)
    if undoes:
        page = replace(page, result_columns=len(headings) + len(COLUMNS))
    return write_table(
        target,
        lambda: table(headings, records, lang, run=run),
        page,
        run=run,
        sheet=sheet,
        own_file=OwnFile(own_file, own_stamp) if own_file else None,
        more_sheets=more_sheets,
    )


def page_of(name: str, columns: Sequence[str], lang: Lang) -> Page:
    """Returns the page whose name is the message ``name`` and whose last columns are ``columns``, the status among them."""
    notes = {column: say(Message(f"column.{column}"), lang) for column in columns}
    return Page(
        say(Message(name), lang), len(columns), notes, {status: say(Message(f"status.{status}"), lang) for status in COLOURS}
    )


def write_table(
    target: Path,
    rows: Callable[[], Iterator[list[str]]],
    page: Page,
    *,
    run: str,
    sheet: Path | None,
    own_file: OwnFile | None = None,
    more_sheets: MoreSheets | None = None,
) -> Path:
    """Writes lists of text, the headings first, as ``write`` does; a status among them is shown in colour and in words."""
    part, taken = placing.part_of(target, run), set[Path]()
    try:
        while True:  # a workbook names itself: where somebody is quicker to take its name, it is written anew
            name = placing.first_free(target, own_file, taken)
            part.unlink(missing_ok=True)  # half of one that a killed process has left
            seen_by = (sheet, own_file.path if own_file and own_file.path.exists() else None)
            make_file(part, as_private_as=tuple(path for path in seen_by if path))
            if target.suffix.lower() == ".csv":
                _write_csv(part, rows(), page.result_columns)
            else:
                _write_workbook(part, rows(), page, _more(more_sheets, name))
            if placing.place(part, name, own_file):
                return name
            taken.add(name)
    except OSError as error:
        raise ResultsNotWritten("results.not_written", path=target, reason=error.strerror or str(error)) from None
    finally:
        part.unlink(missing_ok=True)


def _more(more_sheets: MoreSheets | None, name: Path) -> Callable[[Workbook], None]:
    return (lambda book: more_sheets(book, name)) if more_sheets else lambda book: None


def _write_csv(path: Path, rows: Iterator[list[str]], result_columns: int) -> None:
    with path.open("w", encoding="utf-8-sig", errors="replace", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(next(rows))
        for row in rows:
            results = [f"'{text}" if _FORMULA.match(text) else text for text in row[-result_columns:]]
            writer.writerow([*row[:-result_columns], *results])
        file.flush()
        os.fsync(file.fileno())


def _write_workbook(path: Path, rows: Iterator[list[str]], page: Page, more_sheets: Callable[[Workbook], None]) -> None:
    cause: OSError | None = None
    with temporary_folder() as folder:  # the rows, until they are packed
        try:
            with closing(Workbook(path, {"constant_memory": True, "tmpdir": str(folder)})) as book:
                _fill(book, rows, page)
                more_sheets(book)
        except FileCreateError as error:
            cause = error.args[0]
    try:
        if cause:
            raise cause  # not where it was caught: the two errors would hold each other, and files that are open
    finally:
        del cause  # so that it does not hold itself either


def _fill(book: Workbook, rows: Iterator[list[str]], page: Page) -> None:
    """Write the sheet of rows: every cell is a text, also one that begins with "="."""
    sheet = book.add_worksheet(page.name)
    text = book.add_format({"num_format": "@", "valign": "vcenter"})
    wrapped = book.add_format({"num_format": "@", "valign": "vcenter", "text_wrap": True})
    shown = {status: _of_status(book, status, words) for status, words in page.words.items()}
    headings = next(rows)
    first = list(islice(rows, _MEASURED_ROWS))
    widths = [
        _fitting(heading, [page.words.get(value, value) if heading == STATUS else value for value in values])
        for heading, *values in zip(headings, *first, strict=True)
    ]
    _head(book, sheet, headings, widths, page.notes)
    number = higher = 0
    for number, row in enumerate(chain(first, rows), 1):
        needed = [
            1 if name == PAYLOAD else line_count(value, room) for name, value, room in zip(headings, row, widths, strict=True)
        ]
        if max(needed) > 1 and higher < _MOST_HEIGHTS:  # beyond them Excel sees to it, once the file is opened
            sheet.set_row(number, LINE * min(max(needed), _MOST_LINES))
            higher += 1
        for index, value in enumerate(row):
            if value:
                style = shown.get(value) if headings[index] == STATUS else None
                style = style or (wrapped if needed[index] > 1 else text)
                sheet.write_string(number, index, UNWRITABLE.sub("\ufffd", value), style)
            else:
                sheet.write_blank(number, index, None, text)  # what somebody fills in later is a text as well
    sheet.autofilter(0, 0, number, len(headings) - 1)


def _head(book: Workbook, sheet: Worksheet, headings: Sequence[str], widths: Sequence[int], notes: Mapping[str, str]) -> None:
    """Write the headings, each result with what it is, and set up how the sheet is shown and printed."""
    of_sheet = book.add_format({"bold": True, "bottom": 1, "bg_color": "#F2F2F2"})
    of_results = book.add_format({"bold": True, "bottom": 1, "bg_color": "#D9E1F2"})
    sheet.set_comments_author("batch-editor")
    for index, (heading, room) in enumerate(zip(headings, widths, strict=True)):
        sheet.set_column(index, index, room)
        sheet.write_string(0, index, UNWRITABLE.sub("\ufffd", heading), of_results if heading in notes else of_sheet)
        if heading in notes:
            note = notes[heading]
            sheet.write_comment(0, index, note, {"width": 280, "height": 20 * (2 + line_count(note, 36)), "font_size": 10})
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    for_print(sheet, landscape=True)


def for_print(sheet: Worksheet, *, landscape: bool) -> None:
    """Sets ``sheet`` up for print on A4: one page wide, and as many pages long as its rows need."""
    sheet.set_paper(9)
    if landscape:
        sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4)
    sheet.set_footer("&C&P / &N")


def _of_status(book: Workbook, status: str, words: str) -> Format:
    """Shows ``words`` instead of the text that a cell holds: that is what the fourth part of a number format is for."""
    fill, ink = COLOURS[Status(status)]
    return book.add_format({"num_format": f';;;"{words}"', "bg_color": fill, "font_color": ink, "valign": "vcenter"})


def _fitting(heading: str, values: Sequence[str]) -> int:
    """The width of a column, in characters; beside its heading there is room for the arrow of the filter."""
    widest = _WIDEST_MESSAGE if heading in (MESSAGE, PAYLOAD) else _WIDEST
    return min(max(10, width(heading) + 5, *(width(value) + 2 for value in values)), widest)


def line_count(text: str, room: int) -> int:
    """Returns about how many lines ``text`` takes in a column of ``room`` characters."""
    if 2 * len(text) < room and "\n" not in text:  # as most texts, at a tenth of the price
        return 1
    return sum(max(1, -(-width(line) // max(room - 1, 1))) for line in text.split("\n"))
