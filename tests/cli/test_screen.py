"""The streams of the command line: what is wider than the terminal goes on below, but for what is to be copied."""

from __future__ import annotations

import pytest

from batch_editor.cli import screen
from batch_editor.messages import Lang, say
from batch_editor.messages.widths import width
from batch_editor.model import Message


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_is_told_at_the_end_fits_a_terminal_but_for_commands(lang: Lang) -> None:
    path = "/data/a folder with a rather long name/edits.results.xlsx"
    options = " --base-url http://127.0.0.1:8765"
    text = say(Message("summary.mend", {"rows": 3, "path": f"'{path}'", "options": options}), lang)
    first, *others = screen._wrapped(text, 80)
    assert others[-1] == text.split("\n")[-1] and max(map(width, (first, *others[:-1]))) <= 80
