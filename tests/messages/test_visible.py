"""Text that acts or hides is shown by its number; any other text, also a picture of several characters, stays as it is."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch_editor.messages import TEXTS, say
from batch_editor.messages.visible import is_visible, visible, visible_lines
from batch_editor.model import Message

#: The classes of characters that embed, override or isolate a direction of text.
DIRECTIONS = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI", "BN")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2K\x1b[1A", "\\x1b[2K\\x1b[1A"),
        ("\x9b31m", "\\x9b31m"),
        ("a\rb\nc\td\x00\x7f\x85", "a\\rb\\nc\\td\\x00\\x7f\\x85"),
        ("12\u202e\u2066\u2069\u061c", "12\\u202e\\u2066\\u2069\\u061c"),
        ("a\u2028b\u2029", "a\\u2028b\\u2029"),
        ("王\u200b\ufeff\u2060\u00ad明\u3164", "王\\u200b\\ufeff\\u2060\\xad明\\u3164"),
        ("a\U000e0041\U000e0100", "a\\U000e0041\\U000e0100"),
        ("\ud83d x.\udcff\udc9b\uffff", "\\ud83d x.\\xff\\x9b\\uffff"),
        ("\ufe0f\u200d", "\\ufe0f\\u200d"),
        ("a\u200db 王\u200d明", "a\\u200db 王\\u200d明"),
    ],
)
def test_what_acts_or_hides_is_shown(text: str, shown: str) -> None:
    assert visible(text) == shown
    assert not is_visible(text) and is_visible(shown)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "C:\\new\\x.csv",
        "王小明 １２３",
        "❤️ 1️⃣ 👨\u200d👩\u200d👧 👩🏽\u200d💻 🏳️\u200d🌈",
        "e\u0301 שלום مرحبا",
        "\u3000\xa0",
    ],
)
def test_what_is_seen_stays(text: str) -> None:
    assert visible(text) == text and is_visible(text)


@given(st.text(st.characters(codec=None)))
def test_whatever_a_text_holds_nothing_of_it_acts(text: str) -> None:
    shown = visible(text)
    assert visible(shown) == shown  # also where it passes here more than once
    assert not {unicodedata.category(char) for char in shown} & {"Cc", "Cs", "Zl", "Zp"}
    assert visible_lines(text).split("\n") == [visible(line) for line in text.split("\n")]


def test_no_control_is_forgotten() -> None:
    acting = [
        chr(number) for number in range(sys.maxunicode + 1) if unicodedata.category(chr(number)) in ("Cc", "Zl", "Zp", "Cs")
    ]
    directions = [chr(number) for number in range(sys.maxunicode + 1) if unicodedata.bidirectional(chr(number)) in DIRECTIONS]
    assert [char for char in acting + directions if visible(char) == char] == []


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_value_neither_ends_a_line_of_a_sentence_nor_acts_in_it(lang: str) -> None:
    acting = "x\n\x1b[1A\u202eNothing is cleared."
    inner = Message("problem", {"at": acting, "what": Message("rejected.said", {"code": acting, "msg": acting})})
    text = say(Message("settings.invalid", {"lines": [acting, inner]}), lang)  # type: ignore[arg-type]
    assert visible_lines(text) == text and len(text.split("\n")) == 3
    assert acting not in text and "\\n\\x1b[1A\\u202eNothing" in text
    assert say(Message("a.key.of\nanother version", {"na\nme": acting}), lang).count("\n") == 0  # type: ignore[arg-type]


def test_our_own_sentences_are_visible() -> None:
    assert [key for key, texts in TEXTS.items() if not all(visible_lines(text) == text for text in texts)] == []
