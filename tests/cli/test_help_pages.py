"""The pages of --help: whole in both languages, no wider than a terminal, in the language that is asked for anywhere."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from support.commands import Commands
from support.reference import CJK, commands

from batch_editor.cli.commands import cli
from batch_editor.cli.help_pages import typed_language
from batch_editor.messages.widths import width

ALL = ["", "journal", *commands()]
#: English that stands in Chinese pages as well: names, and what is typed.
TYPED = {"Usage", "Options", "Commands", "Show", "default", "required", "Error", "Try"}


@pytest.mark.parametrize("command", ALL)
def test_the_chinese_help_of_every_command_is_chinese_and_fits_80_columns(command: str, tmp_path: Path) -> None:
    done = Commands(tmp_path)(*command.split(), "--help", "--lang", "zh")
    assert done.code == 0 and done.err == ""
    lines = done.out.splitlines()
    assert lines[0].startswith(f"用法：batch-editor {command}".rstrip()) and "选项：" in lines
    assert max(map(width, lines)) <= 80
    texts = [line for line in lines[1:] if line.strip() and not line.strip().startswith("-")]
    assert not [line for line in texts if not CJK.search(line) and len(line.split()) > 2]
    assert not [word for word in TYPED if f"{word} " in done.out or f"{word}:" in done.out]


@pytest.mark.parametrize("command", ALL)
def test_the_english_help_of_every_command_is_english_and_fits_80_columns(command: str, tmp_path: Path) -> None:
    done = Commands(tmp_path)(*command.split(), "--help")
    assert done.code == 0 and not CJK.search(done.out)
    assert done.out.startswith(f"Usage: batch-editor {command}".rstrip())
    assert max(map(width, done.out.splitlines())) <= 80


@pytest.mark.parametrize("command", ALL)
def test_every_option_is_on_the_page(command: str, tmp_path: Path) -> None:
    shown = Commands(tmp_path)(*command.split(), "-h").out
    page: click.Command = cli
    for word in command.split():
        assert isinstance(page, click.Group)
        page = page.commands[word]
    for option in page.params:
        names = (
            (*option.opts, *option.secondary_opts)
            if isinstance(option, click.Option)
            else (option.metavar or (option.name or "").upper(),)
        )
        assert all(name in shown for name in names)
    if isinstance(page, click.Group):
        assert all(f"\n  {name}" in shown for name in page.commands)


@pytest.mark.parametrize(
    ("words", "variables", "chinese"),
    [
        ("run --help --lang zh", {}, True),
        ("run --lang zh --help", {}, True),
        ("--lang zh run --help", {}, True),
        ("--lang=zh run -h", {}, True),
        ("--help --lang zh", {}, True),
        ("journal --lang zh purge --help", {}, True),
        ("sandbox --help --lang zh", {}, True),
        ("run --help", {"BATCH_EDITOR_LANG": "zh"}, True),
        ("run --help", {"LANG": "zh_CN.UTF-8"}, True),
        ("run --help", {"LC_ALL": "zh_TW.UTF-8"}, True),
        ("run --help --lang en", {"BATCH_EDITOR_LANG": "zh"}, False),
        ("run --help", {"BATCH_EDITOR_LANG": "en", "LANG": "zh_CN.UTF-8"}, False),
        ("run --help", {}, False),
    ],
)
def test_the_language_is_asked_for_anywhere(words: str, variables: dict[str, str], chinese: bool, tmp_path: Path) -> None:
    done = Commands(tmp_path)(*words.split(), **variables)
    assert done.code == 0 and done.out.startswith("用法：" if chinese else "Usage: ")


def test_a_language_before_the_command_is_that_of_its_messages_too(tmp_path: Path) -> None:
    command = Commands(tmp_path, lang="en")
    assert "没有任何运行" in command("--lang", "zh", "runs").out or CJK.search(command("--lang", "zh", "runs").out)
    assert CJK.search(command("--lang", "zh", "show", "nothing").err)
    assert not CJK.search(command("show", "nothing").err)


def test_what_is_no_option_asks_for_no_language() -> None:
    assert typed_language(["run", "--", "--lang", "zh"]) is None
    assert typed_language(["run", "--lang"]) is None and typed_language(["--lang", "de", "run"]) is None
    assert typed_language(["--lang", "de", "--lang", "zh"]) == "zh"
