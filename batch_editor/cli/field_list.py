"""The command ``fields``: every field with its headings, what a cell of it takes, and what a blank one means, by the settings.

The texts are those of the sheet to fill in. On a terminal they are broken to fit it; a program reads them as JSON.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import click

from ..messages import Lang, say
from ..messages.visible import visible
from ..messages.widths import broken
from ..model import Message
from ..runs.json_summary import frame
from .help_pages import MOST_COLUMNS, Command
from .object_file import json_file_option
from .options import config_option, lang_option, load_settings
from .screen import Screen

if TYPE_CHECKING:
    from ..output.field_texts import Column
    from ..settings.row_rules import RowRules

_INDENT = "    "


@click.command(cls=Command)
@config_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, the fields, on stdout.")
@json_file_option
@lang_option
@click.pass_obj
def fields(screen: Screen, /, **options: Any) -> int:
    """List the fields with their headings, what a cell of each takes, and what a blank one means, by the settings."""
    from .. import job
    from ..output.field_texts import columns_of

    rules = job.row_rules(load_settings(screen, **options))
    columns = columns_of(rules)
    screen.tell_settings(error=True)
    if screen.wants_object:
        listed = [_as_json(column, rules, screen.lang) for column in columns]
        screen.json_object({"fields": listed, "clear_marker": rules.clear_marker, **frame(0, None, None)})
    if not screen.as_json:
        for column in columns:
            _show(screen, column, rules)
    return screen.exit_code()


def _show(screen: Screen, column: Column, rules: RowRules) -> None:
    """Shows a field: its label, and below it its other headings and what the note of its column says."""
    from ..output.field_texts import explained, headings_of

    label, *lines = explained(column, rules)
    if column.field is not None and (others := headings_of(column.field, rules)[1:]):
        others = [name for name in others if name != column.field.key] if column.field.title == column.heading else others
        lines = [Message("fields.also", {"headings": "、".join(others)}), *lines] if others else lines
    room = min(shutil.get_terminal_size().columns, MOST_COLUMNS) - len(_INDENT) - 1
    screen.text(visible(_said(label, screen.lang)))
    for line in lines:
        for part in broken(visible(_said(line, screen.lang)), room):
            screen.text(_INDENT + part)


def _as_json(column: Column, rules: RowRules, lang: Lang) -> dict[str, object]:
    """Returns a field as a program reads it; a column for people alone has no key."""
    from ..output.field_texts import choices, example_of, headings_of, rule

    field = column.field
    if field is None:
        return {"key": None, "headings": [column.heading], "blank": say(column.demand, lang)}
    options = rules.custom_fields[field.key].options if field.key in rules.custom_fields else {}
    return {
        "key": field.key,
        "headings": headings_of(field, rules),
        "kind": str(field.kind),
        "custom": field.custom,
        "required": field.required,
        "default": rules.defaults.get(field.key),
        "blank": say(column.demand, lang),
        "changes": column.edits,
        "clearable": column.clears,
        "replaces_all": column.tags,
        "takes": say(rule(field, rules), lang),
        "choices": choices(field, rules),
        "options": options,
        "example": _said(example_of(field, rules), lang),
    }


def _said(line: str | Message, lang: Lang) -> str:
    return say(line, lang) if isinstance(line, Message) else line
