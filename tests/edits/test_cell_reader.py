"""What a column makes of its cells, read by the quick way or the long one, and what it remembers of them."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.rules import row_rules

from batch_editor.cell_values import Cell, CellError, Uncomputed
from batch_editor.edits import cells
from batch_editor.edits.cell_reader import LONGEST_REMEMBERED, MOST_DAYS, MOST_REMEMBERED, CellReader, SpecialCell
from batch_editor.edits.cells import BadCell
from batch_editor.edits.headings import Names
from batch_editor.edits.texts import unwrapped
from batch_editor.fields import FIELDS
from batch_editor.settings.names import EDGES, folded
from batch_editor.settings.row_rules import RowRules
from batch_editor.spoilt_text import is_rounded

CUSTOM: dict[str, Any] = {
    "mf_text": {},
    "mf_single": {"type": "single", "options": {"甲": "1", "2": "3"}},
    "mf_free": {"type": "multiple"},
    "mf_day": {"type": "date"},
}
KEYS = (*(field.key for field in FIELDS), *CUSTOM)
#: Markers that begin with a sign, letters of both scripts, a letter that has an accent or two cases of its own, and a digit.
MARKERS = ("#CLEAR", "DEL", "清空!", "中", "Élan", "İx", "e\u0301", "ﬁn", "0")
#: What the rules look for: markers, near markers, blank words, errors, quotes against Excel, numbers, what is left of texts.
PIECES = (
    *("#CLEAR", "clear", "CLEAR", "清空", "清除", "#", "＃", "!", "!", "NULL", "null", "na", "N/A", "none", "nan", "\\n", "-"),
    *("Err:502", "err:", "ERR", "ＲＲ：５０２", "#N/A", "E", "e", "'", '="', '"', "=", "1E+18", "1.59e+18"),
    *("1591005521987920000", "159100552198792", "1591005521987920962", "9223372036854775808", "0", "00", "12", "１２", "."),
    *("+", ",", "，", "、", ";", "/", "?", "??", "\ufffd", "\ud83d", "\u200b", "\ufeff", " ", "\u3000", "\n", "\u0301"),
    *(
        "\u20e3",
        "x",
        "X",
        "王",
        "et1-tag-of-the-tests",
        "_",
        "@b.cn",
        "DEL",
        "del",
        "Del",
        "É",
        "lan",
        "İ",
        "i̇x",
        "IX",
        "é",
        "fin",
        "ﬁ",
        "FIN",
    ),
    *(
        "中",
        "豈",
        "𠀀",
        "鐜嬪皬",
        "锟斤拷",
        "Ã¤Â½",
        "&#29579;",
        "\\u738b",
        "烫烫烫",
        "\ue5e5",
        "①",
        "1.38E+10",
        "1,38e+10",
        "1,591",
        "=",
        "无",
    ),
)
texts = st.one_of(st.lists(st.sampled_from(PIECES), max_size=5).map("".join), st.text(st.characters(), max_size=12))
unhurried = settings(deadline=None, max_examples=3 * settings.default.max_examples)


def rules(**given: Any) -> RowRules:
    return row_rules(custom_fields=CUSTOM, **given)


def reader(key: str, rules: RowRules, *, required: bool = False) -> CellReader:
    return CellReader(Names(rules).by_key(key), rules, required=required, in_workbook=True)


def by_the_book(key: str, rules: RowRules, cell: Cell) -> object:
    """What the rules say of a cell, one after the other: blank, clears, the value, or the key of the problem."""
    field, trimmed = Names(rules).by_key(key), cells.trimmed(cell)
    if trimmed is None:
        return "blank"
    if cells.is_marker(trimmed, rules.clear_marker):
        return ("clears", cells.cleared_value(field, rules)) if field.clearable else ("problem", "cell.not_clearable")
    try:
        return "value", cells.converter(field, rules)(trimmed)
    except BadCell as error:
        return "problem", error.message.key


def outcome(found: object) -> object:
    """The same of what a reader says."""
    if not isinstance(found, SpecialCell):
        return "value", found
    if found.blank:
        return "blank"
    if found.problem:
        return "problem", found.problem.key
    return "clears" if found.cleared else "value", found.value


@unhurried
@given(st.sampled_from(KEYS), texts, st.sampled_from(MARKERS), st.booleans())
@example("remark", "E\u0301lan", "Élan", False)
@example("remark", "A\u030angström", "Ångström", False)
@example("area", "x1591005521987920000/", "#CLEAR", False)
@example("area", "1591005521987920000/", "#CLEAR", False)
@example("clue_id", "1591005521987920000", "#CLEAR", False)
@example("clue_pool_id", "9223372036854775808", "#CLEAR", False)
@example("clue_pool_id", "9223372036854775807", "#CLEAR", False)
@example("user_id", "12'", "#CLEAR", False)
@example("label", "et1-tag-of-the-tests,DEL", "DEL", False)
@example("remark", "EＲＲ：５０２", "#CLEAR", False)
@example("remark", "İx", "İx", False)
@example("remark", "I\u0307x", "İx", False)
@example("remark", "x\u200b", "#CLEAR", False)
@example("email", "a??@b.cn", "#CLEAR", False)
def test_the_quick_way_says_what_the_rules_say(key: str, text: str, marker: str, trust: bool) -> None:
    known = rules(clear_marker=marker, ids={"trust_round": trust})
    cell, expected = reader(key, known)[text], by_the_book(key, known, text)
    if expected == ("problem", "cell.rounded") and isinstance(cell, SpecialCell) and cell.long_ids:
        assert any(is_rounded(str(number)) for number in cell.long_ids)  # its column says whether it is there by chance
    else:
        assert outcome(cell) == expected


@unhurried
@given(st.sampled_from(KEYS), texts)
@example("remark", "NULL")
@example("user_id", "none")
@example("remark", "Clear")
@example("remark", "清空")
@example("remark", "清除。")
@example("remark", "n/a")
@example("label", "None")
@example("area", "na")
@example("label", "clear")
@example("remark", "# clear")
@example("remark", "????")
@example("email", "??@?.??")
@example("label", "nan")
def test_the_quick_way_overlooks_nothing_that_is_counted(key: str, text: str) -> None:
    """What looks odd is looked at by the long way: a fresh reader that is not quick finds the same notes and ids."""
    known = rules()
    quick, long = reader(key, known), reader(key, known)
    long._is_plain = None
    assert quick[text] == long[text]


WORDS_FOR_NOTHING = (
    *(
        "NA",
        "N/A",
        "NULL",
        "null",
        "\\N",
        "(null)",
        "undefined",
        "[object Object]",
        "<NA>",
        "NaT",
        "nil",
        "None",
        "NaN",
        "无",
        "（无）",
        "暂无",
    ),
    *(
        "-",
        "--",
        "—",
        "/",
        "{}",
        "[]",
        "(空白)",
        "Empty",
        "missing",
        "DBNull",
        "System.DBNull",
        "<null>",
        "没有",
        "缺失",
        "同上",
        '="NULL"',
    ),
)


@pytest.mark.parametrize("word", WORDS_FOR_NOTHING)
def test_a_word_for_nothing_is_counted_and_blank_where_the_settings_say_so(word: str) -> None:
    found = reader("remark", rules())[word]
    assert isinstance(found, SpecialCell) and "note.blank_words" in found.notes and not found.blank
    blank = rules(blank_words=[word.removeprefix('="').removesuffix('"')])
    for key in KEYS:
        assert reader(key, blank)[f" {word} "] == SpecialCell(blank=True), key


@unhurried
@given(
    st.sampled_from(KEYS),
    texts,
    st.sampled_from(["无", "NULL", "x", "0", "12", "et1-tag-of-the-tests", "王", "1591005521987920962", "-"]),
)
@example("remark", "无锡", "无")
@example("remark", "ＮＵＬＬ", "NULL")
@example("clue_id", "0", "0")
@example("label", "et1-tag-of-the-tests", "ET1")
def test_the_quick_way_knows_the_blank_words(key: str, text: str, word: str) -> None:
    known = rules(blank_words=[word])
    quick, long = reader(key, known), reader(key, known)
    long._is_plain = None
    assert quick[text] == long[text]
    assert (quick[text] == SpecialCell(blank=True)) == (
        folded(text.strip(EDGES)) in (folded(word), "") or unwraps_to(text, word)
    )


def unwraps_to(text: str, word: str) -> bool:
    plain = text.strip(EDGES)
    return bool(plain) and folded(unwrapped(plain)) == folded(word)


@pytest.mark.parametrize("cell", [0, 0.0, "0", "０", "'0"])
def test_a_number_may_be_a_word_for_nothing(cell: Cell) -> None:
    assert reader("work_id", rules(blank_words=["0"]))[cell] == SpecialCell(blank=True)
    assert reader("work_id", rules(blank_words=["-"]))[cell] == 0


@unhurried
@given(st.sampled_from(KEYS), st.integers(-(10**20), 10**20), st.sampled_from(MARKERS))
@example("clue_id", 1591005521987920962, "#CLEAR")
@example("clue_pool_id", 10**15, "#CLEAR")
@example("remark", 0, "0")
@example("remark", -1, "#CLEAR")
def test_a_number_is_read_the_quick_way_as_by_the_long_one(key: str, number: int, marker: str) -> None:
    known = rules(clear_marker=marker)
    quick, long = reader(key, known), reader(key, known)
    long._is_plain = None
    assert quick[number] == long[number] and type(quick[number]) is type(long[number])


@unhurried
@given(
    st.sampled_from(KEYS),
    st.lists(
        st.one_of(
            texts,
            st.sampled_from([1, 1.0, True, 0, False, -0.0, 10**17, 10**400, date(1990, 5, 1), datetime(1990, 5, 1)]),
            st.datetimes(timezones=st.sampled_from([UTC, None])),
            st.just(Uncomputed()),
            st.builds(CellError, st.just("#N/A")),
        ),
        max_size=6,
    ),
)
@example("work_id", [True, 1, 1.0, 1])
@example("remark", [datetime(1990, 5, 1, tzinfo=UTC), datetime(1990, 5, 1), date(1990, 5, 1)])
def test_what_was_read_before_changes_nothing(key: str, column: list[Cell]) -> None:
    used = reader(key, rules())
    for cell in column + column:
        remembered = used.get(cell)
        again = used[cell] if remembered is None else remembered
        fresh = reader(key, rules())[cell]
        assert (again, type(again)) == (fresh, type(fresh))


def test_plain_cells_are_read_the_quick_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """The texts that fill real sheets do not go through one rule after the other."""

    def long_way(*_: object) -> None:
        raise AssertionError("this is no plain text")

    monkeypatch.setattr(CellReader, "_judge", long_way)
    for key, text, value in (
        ("clue_id", "1591005521987920962", 1591005521987920962),
        ("clue_name", "王小明", "王小明"),
        ("clue_name", "Anna's 3rd Cafe, 2nd floor", "Anna's 3rd Cafe, 2nd floor"),
        ("user_id", "wovvCXcAAAT_dzekbq48K27FeMRBQJ1Q", "wovvCXcAAAT_dzekbq48K27FeMRBQJ1Q"),
        ("uin", "crm-1000", "crm-1000"),
        ("area_code", "420106", "420106"),
        ("remark", "50 万以上", "50 万以上"),
        ("email", "user1@example.com", "user1@example.com"),
        ("area", "湖北省/武汉市 武昌区", "湖北省-武汉市-武昌区"),
        (
            "label",
            "et1-tag-of-the-tests、et2-tag-of-the-tests，et1-tag-of-the-tests",
            "et1-tag-of-the-tests,et2-tag-of-the-tests",
        ),
    ):
        assert reader(key, rules())[text] == value, text


def test_a_column_remembers_little() -> None:
    """A million different texts leave no more behind than a few, and long ones nothing at all."""
    column = reader("remark", rules())
    for number in range(3 * MOST_REMEMBERED):
        column[f"第{number}次回访"]
        assert len(column) <= MOST_REMEMBERED
    for number in range(100):
        column["长" * LONGEST_REMEMBERED + str(number)]
    size = sum(sys.getsizeof(cell) for cell in column)
    assert size < MOST_REMEMBERED * (2 * LONGEST_REMEMBERED + 100)
    assert max(map(len, map(str, column))) <= LONGEST_REMEMBERED
    days = reader("birthday", rules())
    for number in range(2 * MOST_DAYS):
        days[datetime(1930, 1, 1) + timedelta(days=number)]
        assert len(days) <= MOST_DAYS


def test_what_is_remembered_is_not_judged_again(monkeypatch: pytest.MonkeyPatch) -> None:
    column, judged = reader("gender", rules()), list[Cell]()
    judge = CellReader._judge
    monkeypatch.setattr(CellReader, "_judge", lambda self, cell: (judged.append(cell), judge(self, cell))[1])
    assert column["男"] == column.get("男") == "0"
    assert isinstance(column["?"], SpecialCell) and column.get("?") is column["?"]
    assert judged == ["男", "?"]
