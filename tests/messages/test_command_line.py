"""How a command is typed: the options that texts name are those of the command line."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from batch_editor.cli.commands import cli
from batch_editor.messages import command_line, say
from batch_editor.messages.command_line import OPTION_NAMES, quoted, typed_options
from batch_editor.messages.visible import is_visible
from batch_editor.model import Message


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


#: Names of which a shell would make something else, or carry a part out.
ACTING = [
    "$(touch pwned).csv",
    "`touch pwned`.csv",
    "a;touch pwned",
    "a&touch pwned",
    "a|touch pwned",
    "a\ntouch pwned",
    "a\rtouch pwned\x1b",
    "$HOME",
    "~",
    "!!",
    "it's",
    'a"b',
    "a\\b",
    "*",
    "{a,b}",
    "a #b",
    "100%",
    "<x>",
    "\u201cx\u201d",
    "\u202ex\udcff",
    "=ls",
    "(a)",
    "线索 表.xlsx",
    "",
]


@pytest.mark.skipif(os.name == "nt", reason="shells of POSIX")
@pytest.mark.parametrize("shell", ["bash", "zsh", "sh"])
def test_a_shell_takes_it_for_that_text_alone(shell: str, tmp_path: Path) -> None:
    if not shutil.which(shell):
        pytest.skip(f"there is no {shell} here")
    texts = ACTING if shell != "sh" else [text for text in ACTING if is_visible(text)]  # an older one does not know $'…'
    for text in ACTING:
        done = subprocess.run([shell, "-c", f"printf '%s.' {quoted(text)}"], cwd=tmp_path, capture_output=True, check=False)
        assert done.stdout == os.fsencode(text) + b"." or text not in texts, quoted(text)
    assert list(tmp_path.iterdir()) == []


def test_what_is_typed_is_seen() -> None:
    """It goes through a sentence as it is: what would be shown by its number there is typed by its number."""
    for text in ACTING:
        if os.name != "nt":
            assert say(Message("summary.undo", {"run": "", "options": quoted(text)}), "en").endswith(quoted(text))


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("my edits.xlsx", '"my edits.xlsx"'),
        ("C:\\a b\\x.csv", '"C:\\a b\\x.csv"'),
        ("C:\\a b\\", '"C:\\a b\\\\"'),
        ("$(calc)&calc.csv", '"`$(calc)&calc.csv"'),
        ("`calc`", '"``calc``"'),
        ("\u201d;calc;\u201c", '"`\u201d;calc;`\u201c"'),
        ('x" & calc & "', '"x"" & calc & """'),
        ("a^b|c", '"a^b|c"'),
        ("50%", '"50%"'),
        ("it's", '"it\'s"'),
        ("edits.xlsx", "edits.xlsx"),
    ],
)
def test_on_windows_neither_cmd_nor_powershell_carries_anything_out(
    monkeypatch: pytest.MonkeyPatch, text: str, typed: str
) -> None:
    monkeypatch.setattr(command_line.sys, "platform", "win32")
    assert quoted(text) == typed
