"""A workbook to fill in: a column for every field that an edit can hold, and a second sheet that says how (guide: tasks).

Its headings are those that ``headings.py`` reads, and what it offers in a drop-down is what ``cells.py`` accepts. Columns are
text, so that Excel and WPS keep all digits of an id; only days and times are dates.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.utility import quote_sheetname, xl_range, xl_range_abs

from .. import fields
from ..edits import cells
from ..edits.cells import LISTS, BadCell
from ..edits.headings import Names
from ..errors import Refused, SettingsError
from ..fields import Field, Kind
from ..messages import TEXTS, Lang, language, say
from ..messages.command_line import quoted
from ..messages.widths import height, width
from ..model import Message
from ..settings.names import SEPARATORS, SHOWN
from ..settings.row_rules import RowRules
from ..settings.sections import CustomField
from ..settings.settings import Settings
from . import notes, placing, results

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
#: An example of what a cell of each field may hold.
EXAMPLES = {
    "clue_id": "1591005521987920962",
    "user_id": "wovvCXcAAAT_dzekbq48K27FeMRBQJ1Q",
    "clue_name": "王小明",
    "clue_pool_id": "1591005280874161218",
    "follow_user_id": "wovvCXcAAAT_dzekbq54K27FeMRBQJ2Q",
    "clue_corp_name": "青禾文化",
    "email": "li@example.com",
    "remark": "周五回访",
    "address": "珞喻路 1 号",
    "uin": "crm-1000",
    "area_code": "420106",
    "coop_mode_type": "1",
    "area": "湖北省-武汉市-武昌区",
    "access_customer_channel": "广告-巨量引擎-头条",
    "label": "etvvCXcAAAZHYVzWCdeC、etvvCXcAAAtmV7sEFBGc",
    "business_tag_ids": "stvvCXcAAAZHYVzWCdeC、stvvCXcAAAtmV7sEFBGc",
    "gender": "女",
    "birthday": "1990-05-01",
    "work_id": "200",
    "encrypt_flag": "是",
}
#: Examples of custom fields; those of choices are for fields whose options the settings do not list.
_CUSTOM_EXAMPLES = {
    Kind.SINGLE: "1539179902561233921",
    Kind.MULTIPLE: "1539179902926138371、1539179902926138372",
    Kind.CASCADE: "1539179903198768129/1539179903202962433",
    Kind.DATE: "2026-12-01",
    Kind.DATETIME: "2026-12-01 14:30",
}
#: The words of fields whose values the reference lists.
_OFFERED = {Kind.GENDER: ("男", "女"), Kind.FLAG: ("是", "否")}
_CHOICES = frozenset({Kind.SINGLE, Kind.MULTIPLE, Kind.CASCADE})


@dataclass(frozen=True, slots=True)
class _Column:
    """A column to be filled in: its ``heading``, and the ``field`` that it names (None: one that only people read).

    ``demand`` says what a blank cell means; ``must`` that there may be none; ``edits`` that a filled one changes the field.
    """

    heading: str
    field: Field | None
    demand: Message
    must: bool = False
    edits: bool = False

    @property
    def title(self) -> str:
        """What the heading row shows."""
        return f"{self.heading} *" if self.must else self.heading

    @property
    def clears(self) -> bool:
        """Whether the clear marker may stand in its cells."""
        return self.edits and self.field is not None and self.field.clearable

    @property
    def tags(self) -> bool:
        """Whether a cell replaces all tags."""
        return self.edits and self.field is not None and self.field.kind is Kind.TAGS


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
        raise SettingsError("template.folder", folder=target.parent, reason=error.strerror or str(error)) from None
    except ValueError as error:  # a NUL in its name
        raise SettingsError("template.folder", folder=target.parent, reason=error) from None


def choices(field: Field, rules: RowRules) -> list[str]:
    """The words that a cell of ``field`` can be chosen from, each of which it accepts alone; none if it is to be typed."""
    options = rules.custom_fields[field.key].options if field.key in rules.custom_fields else {}
    named = [*options, *(name for name, found in rules.lookups.get(field.key, {}).items() if isinstance(found, str))]
    convert = cells.converter(field, rules)

    def accepted(word: str) -> bool:
        cell = cells.trimmed(word)
        if cell is None or cells.is_marker(cell, rules.clear_marker):
            return False
        if field.kind in LISTS and SEPARATORS.search(word):  # it would be read as several
            return False
        try:
            convert(cell)
        except BadCell:
            return False
        return True

    return [word for word in (*_OFFERED.get(field.kind, ()), *named) if accepted(word)]


def rule(field: Field, rules: RowRules) -> Message:
    """What a cell of ``field`` accepts, in words."""
    if field.editable and field.key in rules.lookups:
        return Message("rule.named_tags" if field.kind is Kind.TAGS else "rule.named")
    own_rule = f"rule.{field.key}"
    if own_rule in TEXTS and not field.custom:
        return Message(own_rule)
    declared = rules.custom_fields.get(field.key, CustomField()).options
    return Message(f"rule.{field.kind}" if field.kind not in _CHOICES or declared else f"rule.{field.kind}_ids")


# --- which columns there are, and the texts about them


def _columns(rules: RowRules) -> list[_Column]:
    """All columns in their order: the fields of the reference, the custom ones, and those that are for people alone.

    A field that is to be ignored, or that no heading can name since the settings give each of its names to another, has none.
    """
    names = Names(rules)
    context = {field.key for field in map(names.field, rules.context_columns) if field is not None}
    columns = []
    for field in (*fields.FIELDS, *map(names.by_key, rules.custom_fields)):
        mapped = (heading for heading, key in rules.columns.items() if key == field.key)
        heading = next(
            (name for name in (field.title, *field.synonyms, field.key, *mapped) if names.field(name) == field), None
        )
        if heading is not None and not names.is_ignored(heading):
            columns.append(_column(heading, field, field.key in context, rules))
    # A name that is no field has to stand in the sheet, or the settings are taken to be misspelt.
    strangers = {fields.normal(name): name for name in rules.context_columns if names.field(name) is None}
    return columns + [_Column(name, None, Message("template.context")) for name in strangers.values()]


def _column(heading: str, field: Field, context: bool, rules: RowRules) -> _Column:
    edits = field.editable and not context
    if not field.required:
        return _Column(heading, field, Message("template.optional" if edits else "template.context"), edits=edits)
    if field.key in rules.defaults:
        return _Column(heading, field, Message("template.default", {"value": rules.defaults[field.key]}), edits=edits)
    if rules.fill and field.key not in ("clue_id", "user_id"):
        return _Column(heading, field, Message("template.fill"), edits=edits)
    return _Column(heading, field, Message("template.must"), must=True, edits=edits)


def _example(field: Field, rules: RowRules) -> str | Message:
    words = choices(field, rules)
    if words and field.kind not in _OFFERED:
        return "、".join(words[:2]) if field.kind in LISTS else words[-1 if field.kind is Kind.CASCADE else 0]
    return EXAMPLES.get(field.key) or _CUSTOM_EXAMPLES.get(field.kind) or Message("template.any_text")


def _note(column: _Column, rules: RowRules) -> list[str | Message]:
    """What the note of a heading says, line by line."""
    field = column.field
    if field is None:
        return [column.heading, column.demand]
    lines: list[str | Message] = [Names(rules).label(field.key), Message("template.accepts", {"rule": rule(field, rules)})]
    if field.kind not in _OFFERED and (words := choices(field, rules)):
        more = "、…" if len(words) > SHOWN else ""
        lines.append(Message("template.choices", {"options": "、".join(words[:SHOWN]) + more}))
    lines += [Message("template.example", {"example": _example(field, rules)}), column.demand]
    if field.required and field.editable:
        lines.append(Message("template.changes" if column.edits else "template.kept"))
    if column.edits:
        lines.append(
            Message("template.clear", {"marker": rules.clear_marker}) if column.clears else Message("template.no_clear")
        )
    if column.tags:
        lines.append(Message("template.replaces"))
    return lines


def _steps(columns: Sequence[_Column], rules: RowRules, target: Path, lang: Lang) -> list[Message]:
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
    columns, buffer = _columns(rules), BytesIO()
    with Workbook(buffer, {"in_memory": True}) as book:
        page = book.add_worksheet(say(Message("template.sheet"), lang))
        _instruct(book, columns, _steps(columns, rules, target, lang), rules, lang)
        _head(book, page, columns, rules, lang)
        _offer(book, page, columns, rules, lang)
    return buffer.getvalue()


def _head(book: Workbook, page: Any, columns: Sequence[_Column], rules: RowRules, lang: Lang) -> None:
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
        note = _said(_note(column, rules), lang)
        page.write_comment(0, index, note, notes.box(note))
    page.ignore_errors({"number_stored_as_text": xl_range(1, 0, _LAST_ROW, len(columns) - 1)})  # it is meant


def _colours(column: _Column) -> tuple[str, str]:
    if column.must:
        return _MUST
    if column.field is not None and column.field.required:
        return _BACKED
    return _OPTIONAL if column.edits else _CONTEXT


def _heading_format(book: Workbook, fill: str, letters: str) -> Any:
    look = {"bold": True, "bg_color": fill, "font_color": letters, "border": 1, "border_color": "#BFBFBF", "valign": "vcenter"}
    return book.add_format(look)


def _offer(book: Workbook, page: Any, columns: Sequence[_Column], rules: RowRules, lang: Lang) -> None:
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


def _instruct(book: Workbook, columns: Sequence[_Column], steps: Sequence[Message], rules: RowRules, lang: Lang) -> None:
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


def _table_row(column: _Column, rules: RowRules, lang: Lang) -> tuple[str, str, str, str, str]:
    demand, field = say(column.demand, lang), column.field
    if field is None:
        return column.title, "", demand, "", ""
    kept = [Message("template.kept")] if field.required and field.editable and not column.edits else []
    accepts = [rule(field, rules), *kept, *([Message("template.replaces")] if column.tags else [])]
    return column.title, field.key, demand, _said(accepts, lang), _said([_example(field, rules)], lang)


def _said(lines: Iterable[str | Message], lang: Lang) -> str:
    return "\n".join(say(line, lang) if isinstance(line, Message) else line for line in lines)
