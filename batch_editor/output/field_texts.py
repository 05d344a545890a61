"""What each field is called in a sheet, what a cell of it takes, and what a blank one means, by the settings.

The sheet to fill in says it in its notes and its second page, and the command line as a list. Its headings are those that
``headings.py`` reads, and the words that it offers are what ``cells.py`` accepts.
"""

from __future__ import annotations

from dataclasses import dataclass

from .. import fields
from ..edits import cells
from ..edits.cells import LISTS, BadCell
from ..edits.headings import Names
from ..fields import Field, Kind
from ..messages import TEXTS
from ..model import Message
from ..settings.names import SEPARATORS, SHOWN
from ..settings.row_rules import RowRules
from ..settings.sections import CustomField

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
OFFERED = {Kind.GENDER: ("男", "女"), Kind.FLAG: ("是", "否")}
_CHOICES = frozenset({Kind.SINGLE, Kind.MULTIPLE, Kind.CASCADE})


@dataclass(frozen=True, slots=True)
class Column:
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


def columns_of(rules: RowRules) -> list[Column]:
    """All columns in their order: the fields of the reference, the custom ones, and those that are for people alone.

    A field that is to be ignored, or that no heading can name since the settings give each of its names to another, has none.
    """
    names = Names(rules)
    context = {field.key for field in map(names.field, rules.context_columns) if field is not None}
    columns = []
    for field in (*fields.FIELDS, *map(names.by_key, rules.custom_fields)):
        if headings := headings_of(field, rules):
            columns.append(_column(headings[0], field, field.key in context, rules))
    # A name that is no field has to stand in the sheet, or the settings are taken to be misspelt.
    strangers = {fields.normal(name): name for name in rules.context_columns if names.field(name) is None}
    return columns + [Column(name, None, Message("template.context")) for name in strangers.values()]


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

    return [word for word in (*OFFERED.get(field.kind, ()), *named) if accepted(word)]


def rule(field: Field, rules: RowRules) -> Message:
    """What a cell of ``field`` accepts, in words."""
    if field.editable and field.key in rules.lookups:
        return Message("rule.named_tags" if field.kind is Kind.TAGS else "rule.named")
    own_rule = f"rule.{field.key}"
    if own_rule in TEXTS and not field.custom:
        return Message(own_rule)
    declared = rules.custom_fields.get(field.key, CustomField()).options
    return Message(f"rule.{field.kind}" if field.kind not in _CHOICES or declared else f"rule.{field.kind}_ids")


def _column(heading: str, field: Field, context: bool, rules: RowRules) -> Column:
    edits = field.editable and not context
    if not field.required:
        return Column(heading, field, Message("template.optional" if edits else "template.context"), edits=edits)
    if field.key in rules.defaults:
        return Column(heading, field, Message("template.default", {"value": rules.defaults[field.key]}), edits=edits)
    if rules.fill and field.key not in ("clue_id", "user_id"):
        return Column(heading, field, Message("template.fill"), edits=edits)
    return Column(heading, field, Message("template.must"), must=True, edits=edits)


def example_of(field: Field, rules: RowRules) -> str | Message:
    """Returns an example of what a cell of ``field`` may hold."""
    words = choices(field, rules)
    if words and field.kind not in OFFERED:
        return "、".join(words[:2]) if field.kind in LISTS else words[-1 if field.kind is Kind.CASCADE else 0]
    return EXAMPLES.get(field.key) or _CUSTOM_EXAMPLES.get(field.kind) or Message("template.any_text")


def headings_of(field: Field, rules: RowRules) -> list[str]:
    """Returns all headings that name a field by the settings: its title, its synonyms, its key, and those under ``columns``."""
    names = Names(rules)
    mapped = (heading for heading, key in rules.columns.items() if key == field.key)
    called = dict.fromkeys((field.title, *field.synonyms, *field.loose, field.key, *mapped))
    return [name for name in called if names.field(name) == field and not names.is_ignored(name)]


def explained(column: Column, rules: RowRules) -> list[str | Message]:
    """What is told of a column, line by line: its label first."""
    field = column.field
    if field is None:
        return [column.heading, column.demand]
    lines: list[str | Message] = [Names(rules).label(field.key), Message("template.accepts", {"rule": rule(field, rules)})]
    if field.kind not in OFFERED and (words := choices(field, rules)):
        more = "、…" if len(words) > SHOWN else ""
        lines.append(Message("template.choices", {"options": "、".join(words[:SHOWN]) + more}))
    lines += [Message("template.example", {"example": example_of(field, rules)}), column.demand]
    if field.required and field.editable:
        lines.append(Message("template.changes" if column.edits else "template.kept"))
    if column.edits:
        lines.append(
            Message("template.clear", {"marker": rules.clear_marker}) if column.clears else Message("template.no_clear")
        )
    if column.tags:
        lines.append(Message("template.replaces"))
    return lines
