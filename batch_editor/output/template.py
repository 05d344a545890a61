"""A workbook to fill in: a column for every field that an edit can hold, and a second sheet that says how (guide: tasks).

Its headings are those that ``headings.py`` reads, and what it offers in a drop-down is what ``cells.py`` accepts. Columns are
text, so that Excel and WPS keep all digits of an id; only days and times are dates.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.utility import quote_sheetname, xl_range, xl_range_abs

from ..edits.cells import LISTS
from ..errors import Refused, SettingsError, reason_in
from ..fields import Kind
from ..messages import Lang, language, say
from ..messages.command_line import quoted
from ..messages.widths import height, width
from ..model import Message
from ..settings.row_rules import RowRules
from ..settings.settings import Settings
from . import notes, placing, results
from .field_texts import Column, choices, columns_of, example_of, explained, rule
from .text_book import TextBook

#: The last row of a sheet, counted from 0: formats and drop-downs reach down to it.
_LAST_ROW = 1_048_575
#: Widths of the columns of the instructions: heading, key, whether required, what a cell holds, an example.
_WIDTHS = (20, 26, 42, 56, 38)
#: The height in points of a line of the instructions.
_LINE = 17
_DATES = {Kind.BIRTHDAY: "yyyy-mm-dd", Kind.DATE: "yyyy-mm-dd", Kind.DATETIME: "yyyy-mm-dd hh:mm:ss"}
#: Colours of headings and their letters: to be filled in every row, with a value where blank, optional, for people only.
_MUST, _BACKED, _OPTIONAL, _CONTEXT = (
    ("#F8CBAD", "#C00000"),
    ("#FFF2CC", "#7F6000"),
    ("#DDEBF7", "#1F3864"),
    ("#E7E6E6", "#595959"),
)
#: How wide a column is, in digits, if its heading is not wider.
_COLUMN_WIDTHS = {Kind.ID: 22, Kind.PERSON: 36, Kind.TAGS: 36, Kind.BIRTHDAY: 13, Kind.DATE: 13, Kind.DATETIME: 21}
_COLUMN_WIDTHS |= dict.fromkeys((Kind.GENDER, Kind.FLAG, Kind.INTEGER), 12)
_ANY_WIDTH = 24


def make_template(path: str | Path, settings: Settings | None = None) -> Path:
    """Write a workbook to fill in to ``path``, which must end in .xlsx and not be taken; return the path written.

    It has a column for each field that the settings do not leave out, in their language; their ``lookups`` are known. Raises
    ``Refused`` where it cannot be written; then there is no file, not even half of one.
    """
    settings, target = settings or Settings(), Path(path)
    if target.suffix.lower() != ".xlsx":
        raise SettingsError("template.kind", path=target)
    content = _workbook(settings.row_rules, language(settings.lang), target)
    part = placing.part_of(target, secrets.token_hex(4))
    try:
        if target.exists() or target.is_symlink():
            raise Refused("template.exists", path=target)
        try:
            part.write_bytes(content)
            return results.move(part, target, None)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise SettingsError("template.folder", folder=target.parent, reason=reason_in(error)) from None
    except ValueError as error:  # a NUL in its name
        raise SettingsError("template.folder", folder=target.parent, reason=error) from None


def _steps(columns: Sequence[Column], rules: RowRules, target: Path, lang: Lang) -> list[Message]:
    """What to do, step by step."""
    changed = [column.heading for column in columns if column.edits and column.field is not None and column.field.required]
    tags = [column.heading for column in columns if column.tags]
    sheet = say(Message("template.sheet"), lang)
    after = results.default_target(target).name
    return [
        Message("template.step_rows", {"sheet": sheet}),
        Message("template.step_required"),
        *([Message("template.step_changed", {"headings": "、".join(changed)})] if changed else []),
        Message("template.step_blank"),
        Message("template.step_clear", {"marker": rules.clear_marker}),
        *([Message("template.step_tags", {"headings": "、".join(tags)})] if tags else []),
        Message("template.step_ids"),
        Message("template.step_columns"),
        Message("template.step_check", {"file": quoted(target.name)}),
        Message("template.step_run", {"file": quoted(target.name)}),
        Message("template.step_results", {"results": after}),
        Message("template.step_again", {"results": quoted(after)}),
    ]


# --- the workbook


def _workbook(rules: RowRules, lang: Lang, target: Path) -> bytes:
    columns, buffer = columns_of(rules), BytesIO()
    with TextBook(buffer, {"in_memory": True}) as book:
        page = book.add_worksheet(say(Message("template.sheet"), lang))
        _instruct(book, columns, _steps(columns, rules, target, lang), rules, lang)
        _head(book, page, columns, rules, lang)
        _offer(book, page, columns, rules, lang)
    return buffer.getvalue()


def _head(book: Workbook, page: Any, columns: Sequence[Column], rules: RowRules, lang: Lang) -> None:
    """The heading row with its notes, and the formats of all rows below it."""
    bodies = {form: book.add_format({"num_format": form}) for form in ("@", *_DATES.values())}
    heads = {colours: _heading_format(book, *colours) for colours in (_MUST, _BACKED, _OPTIONAL, _CONTEXT)}
    page.set_row(0, 24)
    page.freeze_panes(1, 1)
    results.for_print(page, landscape=True)
    for index, column in enumerate(columns):
        kind = column.field.kind if column.field else Kind.TEXT
        wide = max(width(column.title) + 3, _COLUMN_WIDTHS.get(kind, _ANY_WIDTH))
        page.set_column(index, index, min(wide, 60), bodies[_DATES.get(kind, "@")])
        page.write_string(0, index, column.title, heads[_colours(column)])
        note = _said(explained(column, rules), lang)
        page.write_comment(0, index, note, notes.box(note))
    page.ignore_errors({"number_stored_as_text": xl_range(1, 0, _LAST_ROW, len(columns) - 1)})  # it is meant


def _colours(column: Column) -> tuple[str, str]:
    if column.must:
        return _MUST
    if column.field is not None and column.field.required:
        return _BACKED
    return _OPTIONAL if column.edits else _CONTEXT


def _heading_format(book: Workbook, fill: str, letters: str) -> Any:
    look = {"bold": True, "bg_color": fill, "font_color": letters, "border": 1, "border_color": "#BFBFBF", "valign": "vcenter"}
    return book.add_format(look)


def _offer(book: Workbook, page: Any, columns: Sequence[Column], rules: RowRules, lang: Lang) -> None:
    """Drop-downs. Their words stand in a hidden sheet, since a list within the rule holds neither a comma nor 256 characters.

    They warn and do not forbid, since ids and other spellings are accepted as well; where several words may stand in a cell
    nothing warns.
    """
    lists = None
    offered = 0
    for index, column in enumerate(columns):
        words = choices(column.field, rules) if column.field and (column.edits or column.field.required) else []
        if not words:
            continue
        words += [rules.clear_marker] if column.clears else []
        lists = lists or book.add_worksheet(say(Message("template.options"), lang))
        for row, word in enumerate((column.heading, *words)):
            lists.write_string(row, offered, word)
        source = f"={quote_sheetname(lists.name)}!{xl_range_abs(1, offered, len(words), offered)}"
        several = column.field is not None and column.field.kind in LISTS
        hints = ("input_title", "template.several"), ("input_message", "template.several_how")
        warnings = ("error_title", "template.not_offered"), ("error_message", "template.not_offered_how")
        texts = {name: say(Message(key), lang) for name, key in (hints if several else warnings)}
        validation = {"validate": "list", "source": source, "error_type": "warning", "show_error": not several}
        page.data_validation(1, index, _LAST_ROW, index, validation | texts)
        offered += 1
    if lists is not None:
        lists.hide()


def _instruct(book: Workbook, columns: Sequence[Column], steps: Sequence[Message], rules: RowRules, lang: Lang) -> None:
    """The second sheet: the steps, which fill the rows in which headings are looked for, and then a table of all columns."""
    page = book.add_worksheet(say(Message("template.instructions"), lang))
    page.hide_gridlines(2)
    results.for_print(page, landscape=True)
    for index, wide in enumerate(_WIDTHS):
        page.set_column(index, index, wide)
    wrapped = {"text_wrap": True, "valign": "top"}
    title, plain = book.add_format({"bold": True, "font_size": 14}), book.add_format(wrapped)
    page.set_row(0, 26)
    page.write_string(0, 0, say(Message("template.title"), lang), title)
    for row, step in enumerate(steps, 1):
        text = f"{row}. {say(step, lang)}"
        page.merge_range(row, 0, row, len(_WIDTHS) - 1, "", plain)
        page.write_string(row, 0, text, plain)
        page.set_row(row, height(text, sum(_WIDTHS)) * _LINE + 3)
    top = len(steps) + 2
    head = _heading_format(book, *_OPTIONAL)
    cell = book.add_format(wrapped | {"border": 1, "border_color": "#BFBFBF", "num_format": "@"})
    headings = ("template.heading", "template.key", "template.required", "template.rule", "template.example_of")
    for index, key in enumerate(headings):
        page.write_string(top, index, say(Message(key), lang), head)
    for row, column in enumerate(columns, top + 1):
        texts = _table_row(column, rules, lang)
        for index, text in enumerate(texts):
            page.write_string(row, index, text, cell)
        page.set_row(row, max(height(text, wide - 1) for text, wide in zip(texts, _WIDTHS, strict=True)) * _LINE + 3)


def _table_row(column: Column, rules: RowRules, lang: Lang) -> tuple[str, str, str, str, str]:
    demand, field = say(column.demand, lang), column.field
    if field is None:
        return column.title, "", demand, "", ""
    kept = [Message("template.kept")] if field.required and field.editable and not column.edits else []
    accepts = [rule(field, rules), *kept, *([Message("template.replaces")] if column.tags else [])]
    return column.title, field.key, demand, _said(accepts, lang), _said([example_of(field, rules)], lang)


def _said(lines: Iterable[str | Message], lang: Lang) -> str:
    return "\n".join(say(line, lang) if isinstance(line, Message) else line for line in lines)
