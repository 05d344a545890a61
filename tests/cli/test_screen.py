"""The streams of the command line: what is wider than the terminal goes on below, but for what is to be copied."""

from __future__ import annotations

import pytest

from batch_editor.cli.terminal import wrapped
from batch_editor.messages import Lang, say
from batch_editor.messages.widths import width
from batch_editor.model import Message


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_is_told_at_the_end_fits_a_terminal_but_for_commands(lang: Lang) -> None:
    path = "/data/a folder with a rather long name/edits.results.xlsx"
    options = " --base-url http://127.0.0.1:8765"
    text = say(Message("summary.mend", {"rows": 3, "path": f"'{path}'", "options": options}), lang)
    first, *others = wrapped(text, 80)
    assert others[-1] == text.split("\n")[-1] and max(map(width, (first, *others[:-1]))) <= 80


def test_a_command_is_never_broken_whatever_stands_before_it() -> None:
    command = "  WSHOTO_ACCESS_TOKEN=sandbox-token batch-editor run SHEET --base-url http://127.0.0.1:8765 --output FILE.xlsx"
    assert wrapped(command, 80) == [command]
    assert len(wrapped(f"Type this: {command}", 80)) > 1


def test_no_line_ends_with_a_sign_that_opens_something() -> None:
    text = "错误：" + "单元格里是“很长很长的内容”，（见说明）" * 8
    lines = wrapped(text, 80)
    assert "".join(line.strip() for line in lines) == text and not any(line.endswith(("“", "（")) for line in lines)
