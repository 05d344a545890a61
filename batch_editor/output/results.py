"""The results sheet: the sheet's own columns, and for every row what became of it (guide: rules).

Rows are streamed from the journal into an .xlsx or a .csv that appears whole or not at all, beside the sheet, and never in
the place of another run's results; nobody may read it who may not read the sheet. Every cell is text: nothing that came from
the CRM can become a formula. What the rows say is decided in ``result_rows``, how they look in ``rows_page``.
"""

from __future__ import annotations

import csv
import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError

from ..edits.result_columns import COLUMNS, MENDED, heading_of
from ..errors import ResultsNotWritten, SettingsError, reason_in
from ..journal.temporary import temporary_folder
from ..messages import Lang, say
from ..model import Message, RowState
from ..settings.row_rules import RowRules
from . import placing
from .permissions import make_file
from .placing import OwnFile
from .placing import move as move
from .result_rows import LONGEST_CELL as LONGEST_CELL
from .result_rows import ReadSheet, table
from .rows_page import COLOURS as COLOURS
from .rows_page import LINE as LINE
from .rows_page import Line, Page, RowsPage
from .rows_page import for_print as for_print
from .rows_page import line_count as line_count
from .text_book import PackedFile, TextBook

#: Beyond so many rows Excel and WPS become slow to open a workbook, and a CSV is written instead.
MOST_WORKBOOK_ROWS = 200_000
#: What a spreadsheet takes for a formula in a CSV, also behind blanks, or cuts away until it is one.
_FORMULA = re.compile("[\t\r]|[\\s\u200b-\u200f\u2060\ufeff]*[=+\\-@\uff1d\uff0b\uff0d\uff20\ufe62\ufe63\ufe66\ufe6b]")
_EARLIER = re.compile(r"\.(results|undo)(-\d+)?$")
#: Writes more sheets into the workbook, which will be known by this name.
MoreSheets = Callable[[Workbook, "Written"], None]
_NO_RULES = RowRules()


@dataclass(frozen=True, slots=True)
class Written:
    """The workbook with its rows: where it will be, and how many wrong cells are red but have no note."""

    path: Path
    without_note: int


def default_target(source: Path) -> Path:
    """Returns where the results of ``source`` go: ``NAME.results.xlsx`` beside it."""
    return source.with_name(f"{plain_stem(source)}.results.xlsx")


def plain_stem(path: Path) -> str:
    """Returns the name of a sheet without its ending, and without what says that it holds results: ``NAME``."""
    return _EARLIER.sub("", path.stem)


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
        raise SettingsError("results.folder", folder=target.parent, reason=reason_in(error)) from None
    except ValueError as error:  # a NUL in its name
        raise SettingsError("results.folder", folder=target.parent, reason=error) from None


def write(
    target: Path,
    headings: Sequence[str],
    records: Iterable[RowState],
    lang: Lang,
    *,
    run: str,
    sheet: Path | None,
    rules: RowRules = _NO_RULES,
    file: str = "",
    undoes: bool = False,
    own_file: Path | None = None,
    own_stamp: str | None = None,
    with_mends: bool = False,
    more_sheets: MoreSheets | None = None,
) -> Path:
    """Writes the results of ``run`` to ``target``, or to ``NAME-2`` and so on if that is taken; returns the path written.

    ``sheet`` is the one that was read, if there is a file of it, and says who may read the results. ``rules`` are those by
    which it was read, ``file`` is what people call it. ``undoes``: the rows are those of an undo, whose cells come from the
    CRM. ``own_file`` is where this run has written its results before; only that file is ever replaced, and if its
    ``own_stamp`` is known, only as long as it has that. ``records`` are gone through again if somebody takes the name
    meanwhile. ``with_mends``: people have mended cells, of which the rows say what they were. ``more_sheets`` adds to a
    workbook.

    Raises ``ResultsNotWritten``; then there is no file, not even half of one. Half of one that a killed process has left is
    removed.
    """
    columns = (*COLUMNS, MENDED) if with_mends else COLUMNS
    page = page_of("results.sheet", columns, lang)
    if undoes:
        page = replace(page, result_columns=len(headings) + len(columns))
    return write_table(
        target,
        lambda in_workbook: table(
            ReadSheet(headings, rules, file), records, lang, run=run, in_workbook=in_workbook, with_mends=with_mends
        ),
        page,
        run=run,
        sheet=sheet,
        own_file=OwnFile(own_file, own_stamp) if own_file else None,
        more_sheets=more_sheets,
    )


def page_of(name: str, columns: Sequence[str], lang: Lang) -> Page:
    """Returns the page whose name is the message ``name`` and whose last columns are ``columns``, the status among them."""
    return Page(
        say(Message(name), lang),
        len(columns),
        {column: heading_of(column, lang) for column in columns},
        {column: say(Message(f"column.{column}"), lang) for column in columns},
        {status: say(Message(f"status.{status}"), lang) for status in COLOURS},
    )


def write_table(
    target: Path,
    rows: Callable[[bool], Iterator[Line]],
    page: Page,
    *,
    run: str,
    sheet: Path | None,
    own_file: OwnFile | None = None,
    more_sheets: MoreSheets | None = None,
) -> Path:
    """Writes lines, the headings first, as ``write`` does; ``rows`` is told whether they are for a workbook."""
    part, taken = placing.part_of(target, run), set[Path]()
    try:
        while True:  # a workbook names itself: where somebody is quicker to take its name, it is written anew
            name = placing.first_free(target, own_file, taken)
            part.unlink(missing_ok=True)  # half of one that a killed process has left
            seen_by = (sheet, own_file.path if own_file and own_file.path.exists() else None)
            make_file(part, as_private_as=tuple(path for path in seen_by if path))
            if target.suffix.lower() == ".csv":
                _write_csv(part, rows(False), page.result_columns)
            else:
                _write_workbook(part, rows(True), page, name, more_sheets)
            if placing.place(part, name, own_file):
                return name
            taken.add(name)
    except OSError as error:
        raise ResultsNotWritten("results.not_written", path=target, reason=reason_in(error)) from None
    finally:
        part.unlink(missing_ok=True)


def _write_csv(path: Path, lines: Iterator[Line], result_columns: int) -> None:
    with path.open("w", encoding="utf-8-sig", errors="replace", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(next(lines).cells)
        for row, _ in lines:
            results = [f"'{text}" if _FORMULA.match(text) else text for text in row[-result_columns:]]
            writer.writerow([*row[:-result_columns], *results])
        file.flush()
        os.fsync(file.fileno())


def _write_workbook(path: Path, lines: Iterator[Line], page: Page, name: Path, more_sheets: MoreSheets | None) -> None:
    cause: OSError | None = None
    with temporary_folder() as folder:  # the rows, until they are packed
        try:
            with PackedFile(path) as file, closing(TextBook(file, {"constant_memory": True, "tmpdir": str(folder)})) as book:
                rows = RowsPage(book, page)
                rows.fill(lines)
                if more_sheets:
                    more_sheets(book, Written(name, rows.without_note))
        except FileCreateError as error:
            cause = error.args[0]
    try:
        if cause:
            raise cause  # not where it was caught: the two errors would hold each other, and files that are open
    finally:
        del cause  # so that it does not hold itself either
