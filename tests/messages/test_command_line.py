"""How a command is typed: the options that texts name are those of the command line."""

from __future__ import annotations

import pytest

from batch_editor.cli.commands import cli
from batch_editor.messages.command_line import OPTION_NAMES, quoted, typed_options


def test_every_option_that_can_be_told_exists() -> None:
    options = {option for command in cli.commands.values() for parameter in command.params for option in parameter.opts}
    assert set(OPTION_NAMES.values()) <= options


@pytest.mark.parametrize(
    ("values", "typed"),
    [
        ({}, ""),
        ({"fill": True, "strict": False, "tags": None, "edit": [], "limit": 0}, " --fill"),
        ({"limit": 5, "tags": "add"}, " --limit 5 --tags add"),
        ({"edit": ["remark", "性别"]}, ' --edit "remark,性别"'),
        ({"ignore_columns": ("a", "x y")}, ' --ignore-column a --ignore-column "x y"'),
        ({"hidden_rows": 3, "undo": "20261124-093000-7f3a"}, ""),
        ({"output": "/a folder/x.xlsx"}, ' --output "/a folder/x.xlsx"'),
    ],
)
def test_options_are_told_as_they_are_typed(values: dict[str, object], typed: str) -> None:
    assert typed_options(values) == typed


@pytest.mark.parametrize(
    ("text", "typed"), [("edits.xlsx", "edits.xlsx"), ("my edits.xlsx", '"my edits.xlsx"'), ("a&b", '"a&b"'), ("", '""')]
)
def test_a_text_is_quoted_where_a_shell_would_take_it_apart(text: str, typed: str) -> None:
    assert quoted(text) == typed
