"""The settings file that ``settings --example`` prints: it can be used as it is, on every system."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.commands import Commands, finished

from batch_editor import Settings
from batch_editor.cli.example import EXAMPLE, shipped
from batch_editor.messages import TEXTS


def test_it_is_a_settings_file_that_can_be_used(tmp_path: Path) -> None:
    done = Commands(tmp_path)("settings", "--example")
    assert (done.code, done.err) == (0, "") and done.out == shipped(EXAMPLE).read_text(encoding="utf-8")
    path = tmp_path / "mine.yaml"
    path.write_text(done.out, encoding="utf-8")
    assert Settings.load(path) == Settings.load()


@pytest.mark.parametrize("encoding", ["cp936", "cp1252", "ascii"])
def test_a_file_that_is_made_of_it_is_utf_8(tmp_path: Path, encoding: str) -> None:
    command = Commands(tmp_path)
    env = command.env | {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    done = finished(command.start("settings", "--example", env=env))
    assert done.code == 0 and done.out == shipped(EXAMPLE).read_text(encoding="utf-8")


def test_without_the_option_it_is_named(tmp_path: Path) -> None:
    done = Commands(tmp_path)("settings")
    assert done.code == 2 and "--example" in done.err and done.out == ""


def test_no_message_names_a_file_that_only_a_checkout_has() -> None:
    assert [key for key, texts in TEXTS.items() if any(EXAMPLE in text for text in texts)] == []
