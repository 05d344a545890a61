"""What a typed answer means: the words of both languages, in every form in which an input method writes them."""

from __future__ import annotations

import pytest

from batch_editor.cli.answers import answer_of, is_blank

YES = [
    *["y", "Y", "Ｙ", "ｙ", "yes", "YES", "Ｙｅｓ", "ok", "OK", "ＯＫ"],
    *["是", "是的", "对", "好", "好的", "可以", "行", "确定", "确认", "发送"],
]
NO = [*["n", "N", "Ｎ", "ｎｏ", "NO", "no", "cancel"], *["否", "不", "不是", "不行", "取消", "不发送"]]
#: Where a word stands: with spaces, full-width ones, marks, and what nobody sees around it.
AROUND = ("{}", " {} ", "\u3000{}\u3000", "{}。", "{}!", "{} ！", "'{}", "“{}”", "\ufeff{}\u200b", "{}\r", "\t{}；", "{}\ufffd")


@pytest.mark.parametrize("around", AROUND)
def test_words_of_both_languages_say_yes_or_no_whatever_stands_around_them(around: str) -> None:
    assert {word: answer_of(around.format(word)) for word in YES} == dict.fromkeys(YES, True)
    assert {word: answer_of(around.format(word)) for word in NO} == dict.fromkeys(NO, False)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "maybe",
        "y/n",
        "是/否",
        "yn",
        "y n",
        "yes please",
        "是吗？",
        "y?",
        "不是吗?",
        "!y",
        "-y",
        "\x1b[Ay",
        "1",
        "发",
        "是否",
    ],
)
def test_anything_else_is_no_answer(text: str) -> None:
    assert answer_of(text) is None


@pytest.mark.parametrize(
    ("text", "blank"), [("", True), (" ", True), ("\u3000\t", True), ("\u200b\ufeff", True), ("。", False), ("'", False)]
)
def test_enter_alone_is_told_from_a_stray_mark(text: str, blank: bool) -> None:
    assert is_blank(text) is blank
