"""Lines that are told: cut to a number of bytes without harm to a character, and shown as text whatever they hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch_editor.notify.text import cut, in_bytes, in_json, inert, shortened, shortened_within, unlinked, within_limit


@given(st.text(), st.integers(0, 40))
def test_what_is_cut_is_whole_characters_of_the_beginning_and_never_too_long(text: str, limit: int) -> None:
    text = text.encode("utf-8", "replace").decode()
    for size in (in_bytes, in_json):
        part = cut(text, limit, size)
        assert text.startswith(part) and size(part) <= limit
        assert part == text or size(text) > limit


@pytest.mark.parametrize(
    ("text", "limit", "part"),
    [
        ("线索线索", 7, "线索"),
        ("线索", 6, "线索"),
        ("a👍🏽b", 6, "a"),  # a thumb without its tone would be another one
        ("a👍🏽b", 9, "a👍🏽"),
        ("x👨‍👩‍👧", 8, "x"),  # a father is no family
        ("e\u0301e\u0301", 4, "e\u0301"),
        ("🇨🇳🇩🇪", 12, "🇨🇳"),
        ("🇨🇳🇩🇪", 7, ""),
        ("1️⃣", 4, ""),
    ],
)
def test_nothing_is_cut_within_what_is_shown_as_one_sign(text: str, limit: int, part: str) -> None:
    assert cut(text, limit) == part


def test_the_last_problems_are_left_out_and_what_to_do_stays() -> None:
    note = "（其余已略去）"
    text = within_limit("开头", "问题" * 100, "怎么办", between="\n", note=note, limit=100)
    assert text.startswith("开头\n问题问题") and text.endswith(f"{note}\n怎么办") and 97 <= in_bytes(text) <= 100
    assert within_limit("开头", "问题", "怎么办", between="\n", note=note, limit=100) == "开头\n问题\n怎么办"
    long = within_limit("开头" * 50, "问题", "怎么办", between="\n", note=note, limit=100)
    assert long.startswith("开头开头") and long.endswith(f"{note}\n怎么办") and in_bytes(long) <= 100
    tail = "结果表：" + "长" * 30 + "\n怎么办：改"
    assert within_limit("开头" * 50, "", tail, between="\n", note=note, limit=100).endswith(f"{note}\n怎么办：改")
    assert 70 <= in_bytes(within_limit("开头", "", "改" * 90, between="\n", note=note, limit=100)) <= 100


def test_a_long_name_is_shortened_at_no_place_within_a_sign() -> None:
    family = "👨\u200d👩\u200d👧"
    assert shortened(f"ab{family}", 4) == "ab…" and shortened("abcd", 4) == "abcd"
    assert shortened_within(f"ab{family}yz", 4) == "ab…yz" and shortened_within("abcdefgh", 4) == "ab…gh"
    assert shortened_within(f"ab{family}y", 4) == "ab…y"


@pytest.mark.parametrize(
    "acting",
    [
        "<@all>", "<@wangwu>", "@all", "@所有人", "[登录](https://evil.example)", "![x](http://evil.example/a.png)", "**b**",
        "`rm`", "<font color='red'>", "<at user_id=\"all\"></at>", "&lt;@all&gt;", "~~x~~", "https://evil.example", "_x_",
        "www.evil.example", "a\n# title", "a\u202eb", "Www.evil.example", "a\r\nBcc: b", "a\x00b", "a\u200bb", "a\ud800b",
    ],
)  # fmt: skip
def test_nothing_acts_that_a_sheet_or_the_crm_says(acting: str) -> None:
    shown = inert(f"看 {acting} 完")
    for sign in ("<", ">", "@", "[", "]", "*", "`", "&", "~~", "://", "www.", "\n", "\u202e", " _"):
        assert sign not in shown
    assert len(shown) >= len(acting)  # it is shown, not left out


@pytest.mark.parametrize(
    ("acting", "shown"),
    [
        ("# Sheet!B3：a", "＃ Sheet!B3：a"), ("- a", "－ a"), ("+ a", "＋ a"), ("---", "－--"), ("===", "＝=="),
        ("7. a", "7． a"), ("12) a", "12） a"), (r"\*a\_", "＼＊a＼＿"), (r"D:\(2).csv", "D:＼(2).csv"),
        ("evil.com", "evil．com"), ("a.evil.com.cn/x", "a.evil.com．cn/x"),
        ("看evil.CN。", "看evil．CN。"), ("a@b.cn", "a＠b．cn"),
    ],
)  # fmt: skip
def test_what_acts_by_where_it_stands_or_what_follows_it_does_not_act(acting: str, shown: str) -> None:
    assert inert(acting) == shown


def test_names_of_files_stay_as_they_are() -> None:
    for name in (
        "2026-11-29 02:30",
        "3 行",
        "export.2026.csv",
        "nightly.yaml",
        "1.5 h",
        "a-b.c+d=e#f",
        "/srv/crm/results/2026-11-29/nightly_export_2.results.xlsx",
        r"D:\crm\收件\nightly_1 (2).xlsx",
        "Sheet1!C12",
    ):
        assert inert(name) == unlinked(name) == name
