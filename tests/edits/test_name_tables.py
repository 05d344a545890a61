"""Names instead of ids: what a cell may hold, tables in the settings and in sheets, and what is said of a wrong one.

What the CRM is asked is tested in ``runs/test_pools.py``.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from payloads.cases import Formula, write_csv, write_workbook
from payloads.rows import CLUE, one, read
from payloads.rows import DEFAULTS as PLAIN
from support.rules import row_rules

from batch_editor import load_edits, run
from batch_editor.cell_values import Cell, CellError
from batch_editor.edits import cells, name_tables
from batch_editor.errors import SettingsError
from batch_editor.fields import BY_KEY
from batch_editor.messages import say
from batch_editor.model import Message
from batch_editor.sandbox import Sandbox
from batch_editor.settings import names
from batch_editor.settings.names import Choices, flaw
from batch_editor.settings.row_rules import RowRules
from batch_editor.settings.settings import Settings
from batch_editor.spoilt_text import narrow

WO = "wovvCXcAAAT_dzekbq54K27FeMRBQJ2Q"  # as the platform makes ids of members
ET = "etvvCXcAAAZHYVzWCdeCCnTcIM2vtRPw"  # … and of tags
DEFAULTS = PLAIN | {"follow_user_id": WO}
POOLS = {"公海一": "1591005280874161218", "VIP 池": 5012, "2024": "7"}
OWNERS = {"张三": WO, "李四": "lisi", "Zhang Wei": "10086"}
TAGS = {"重点客户": ET, "VIP": "BQ", "新": "12"}


def value(key: str, cell: Cell, **given: Any) -> object:
    """What a trimmed cell of ``key`` is sent as."""
    return cells.converter(BY_KEY[key], row_rules(**given))(cells.trimmed(cell))


def refusal(key: str, cell: Cell, **given: Any) -> Message:
    with pytest.raises(cells.BadCell) as caught:
        value(key, cell, **given)
    return caught.value.message


def broken(table: object, key: str = "clue_pool_id", **more: Any) -> str:
    """What is said of settings with this table, after the sentence that all broken settings begin with."""
    with pytest.raises(SettingsError) as caught:
        Settings(lookups={key: table}, **more)
    assert say(caught.value.message, "zh").splitlines()[1]
    return str(caught.value).split("\n", 1)[1].strip()


# --- what a cell may hold


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ("公海一", 1591005280874161218),
        ("vip 池", 5012),
        ("ＶＩＰ　池", 5012),
        ("\u200bVIP 池\u3000", 5012),
        ('="公海一"', 1591005280874161218),
        ("'公海一", 1591005280874161218),
        ("5012", 5012),
        (5012, 5012),
        ("５０１２", 5012),
        ("1591005280874161219", 1591005280874161219),  # an id that the table does not know is an id all the same
        ("2024", 7),  # a name wins over what could be an id
        (2024, 7),
    ],
)
def test_a_pool_by_name_or_by_id(cell: Cell, wanted: int) -> None:
    found = value("clue_pool_id", cell, lookups={"clue_pool_id": POOLS})
    assert (found, type(found)) == (wanted, int)


@pytest.mark.parametrize("key", ["follow_user_id", "user_id"])
@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ("张三", WO),
        ("ＺＨＡＮＧ wei", "10086"),
        (WO, WO),
        ("lisi", "lisi"),
        (10086, "10086"),
        ("'10086", "10086"),
        ("wmvvCXcAAAT_dzekbq54K27FeMRBQJ2Q", "wmvvCXcAAAT_dzekbq54K27FeMRBQJ2Q"),  # long, so that it is nobody's name
        ("1591005280874161219", "1591005280874161219"),
    ],
)
def test_a_person_by_name_or_by_id(key: str, cell: Cell, wanted: str) -> None:
    assert value(key, cell, lookups={key: OWNERS}) == wanted


@pytest.mark.parametrize("key", ["label", "business_tag_ids"])
@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ("重点客户", ET),
        ("ｖｉｐ、重点客户\n新", f"BQ,{ET},12"),
        (f"vip,BQ,{ET}，新", f"BQ,{ET},12"),  # names and ids side by side, each once
        ("stt1234567890abcdefgh", "stt1234567890abcdefgh"),
        (12, "12"),
    ],
)
def test_tags_by_name_or_by_id(key: str, cell: Cell, wanted: str) -> None:
    assert value(key, cell, lookups={key: TAGS}) == wanted


def test_a_sign_against_excel_that_belongs_to_a_tag_s_name_is_left_to_it() -> None:
    lookups = {"label": {"'90s": "a", "90s": "b", "VIP": "c"}}
    assert [value("label", cell, lookups=lookups) for cell in ("'90s", "90s", "''90s", "'VIP、'90s", "'90s、90s、VIP")] == [
        *("a", "b", "a", "c,a", "a,b,c")
    ]


def test_without_a_table_everything_is_as_before() -> None:
    other = {"lookups": {"user_id": OWNERS}, "ids": {"people": "any"}}
    assert value("follow_user_id", "张山", **other) == "张山"
    assert value("label", "重点", **other) == "重点"
    assert refusal("clue_pool_id", "公海一", **other).key == "cell.not_id"
    assert value("follow_user_id", "张山", lookups={"follow_user_id": {}}, ids={"people": "any"}) == "张山"


@pytest.mark.parametrize(
    ("key", "cell", "said"),
    [
        ("clue_pool_id", "公海1", 'must be a known name or id; it holds "公海1": is it 公海一?'),
        (
            "clue_pool_id",
            "私海",
            'must be a known name or id; it holds "私海". Known names: 公海一, VIP 池, 2024',
        ),
        ("clue_pool_id", "15910052808741612189", 'must be an id of 1 to 19 digits; it holds "15910052808741612189"'),
        ("follow_user_id", "张山", 'must be a known name or id; it holds "张山": is it 张三?'),
        ("follow_user_id", "zhang we", 'must be a known name or id; it holds "zhang we": is it Zhang Wei?'),
        ("follow_user_id", "10087", 'must be a known name or id; it holds "10087". Known names: '),
        ("follow_user_id", "LISI", 'must be a known name or id; it holds "LISI". Known names: '),
        ("follow_user_id", "ChristopherLee", 'must be a known name or id; it holds "ChristopherLee". '),
        ("label", "VIP,重点", 'must be a known name or id; it holds "重点": is it 重点客户?'),
        ("label", "BR", 'must be a known name or id; it holds "BR". Known names: 重点客户, VIP, 新'),
    ],
)
def test_what_is_neither_a_name_nor_an_id_is_a_problem_with_the_nearest_name(key: str, cell: str, said: str) -> None:
    tables = {"clue_pool_id": POOLS, "follow_user_id": OWNERS, "label": TAGS}
    (problem,) = one(key, cell, lookups=tables, defaults=DEFAULTS).plans[0].problems  # type: ignore[union-attr]
    assert (problem.address, problem.field) == ("Sheet1!B2", key)
    assert say(problem.message, "en").startswith(said)
    assert cell.split(",")[-1] in say(problem.message, "zh")


def test_the_nearest_name_is_told_in_chinese_too() -> None:
    assert say(refusal("clue_pool_id", "公海1", lookups={"clue_pool_id": POOLS}), "zh") == (
        "应为已知的名称或ID；单元格里是“公海1”，是不是“公海一”？"
    )


def test_of_many_names_the_first_are_listed() -> None:
    names = {f"池{number:02}": number for number in range(13)}
    told = say(refusal("clue_pool_id", "x", lookups={"clue_pool_id": names}), "en")
    assert told.endswith(": 池00, 池01, 池02, 池03, 池04, 池05, 池06, 池07, 池08, 池09, 池10, 池11, …")


@pytest.mark.parametrize(
    ("key", "cell", "problem"),
    [
        ("clue_pool_id", 5012.0, "cell.id_float"),
        ("clue_pool_id", 2024.0, "cell.id_float"),  # also where a name reads like that
        ("clue_pool_id", "1.59E+18", "cell.id_float"),
        ("clue_pool_id", "1591005280874160000", "cell.rounded"),
        ("clue_pool_id", CellError("#N/A"), "cell.error"),
        ("label", "新,1.59E+18", "cell.id_float"),
        ("label", "新,1591005280874160000", "cell.rounded"),
        ("label", "新,#CLEAR", "cell.marker_in_list"),
        ("follow_user_id", "1591005280874160000", "cell.rounded"),
        ("follow_user_id", "'", "cell.nothing_left"),
    ],
)
def test_a_table_takes_nothing_from_how_exact_ids_are(key: str, cell: Cell, problem: str) -> None:
    tables = {"clue_pool_id": POOLS, "follow_user_id": OWNERS, "label": TAGS}
    assert refusal(key, cell, lookups=tables).key == problem


def test_a_long_unknown_text_is_no_id_where_names_look_like_that_themselves() -> None:
    table = {"christopher-johnson-sales": "wo-1"}
    assert refusal("follow_user_id", "christopher-jonson-sales", lookups={"follow_user_id": table}).key == "cell.unknown_near"
    assert value("follow_user_id", "wo-1", lookups={"follow_user_id": table}) == "wo-1"


def test_the_nearest_option_of_a_custom_field() -> None:
    custom = {"mf_1": {"type": "multiple", "options": {"A类客户": "1", "B类": "2"}}}
    (problem,) = one("mf_1", "b类,A类客戶", custom_fields=custom).plans[0].problems  # type: ignore[union-attr]
    assert say(problem.message, "en") == 'must be one of the options; it holds "A类客戶": is it A类客户?'
    assert say(problem.message, "zh") == "应为可选项之一；单元格里是“A类客戶”，是不是“A类客户”？"


def test_defaults_may_be_names_too() -> None:
    tables = {"clue_pool_id": POOLS, "follow_user_id": OWNERS}
    names = DEFAULTS | {"clue_pool_id": "公海一", "follow_user_id": "张三"}
    (body,) = one("remark", "x", lookups=tables, defaults=names).bodies
    assert (body["clue_pool_id"], body["follow_user_id"]) == (1591005280874161218, WO)
    with pytest.raises(SettingsError) as caught:
        one("remark", "x", lookups=tables, defaults=names | {"follow_user_id": "张山"})
    assert str(caught.value) == ('defaults: 跟进人ID (follow_user_id) must be a known name or id; it holds "张山": is it 张三?')


def test_ids_of_a_table_are_no_sign_that_a_column_went_through_floats() -> None:
    """Numbers that a double holds are one in 256; here all of a column are, and it is the table that says so."""
    exact = [1591005280874161152 + 256 * number for number in range(30)]
    rows = [[str(1591005521987921928 + 2 * number), f"池{number}"] for number in range(30)]
    table = {f"池{number}": one for number, one in enumerate(exact)}
    assert set(read(["clue_id", "clue_pool_id"], *rows, lookups={"clue_pool_id": table}).statuses) == {"pending"}
    typed = [[clue, str(one + 256 * 30)] for (clue, _), one in zip(rows, exact, strict=True)]
    assert "invalid" in read(["clue_id", "clue_pool_id"], *typed, lookups={"clue_pool_id": table}).statuses


@pytest.mark.parametrize(
    ("headings", "tables", "told"),
    [
        (["线索池名称"], {"clue_pool_id": POOLS}, True),
        (["线索池名称"], {}, False),
        (["线索池名称"], {"label": TAGS}, False),
        (["线索池名称", "线索池ID"], {"clue_pool_id": POOLS}, False),
        (["手机号"], {"clue_pool_id": POOLS}, False),
    ],
)
def test_a_column_of_pool_names_that_is_not_used_is_told(headings: list[str], tables: dict[str, Any], told: bool) -> None:
    found = read(["线索ID", *headings, "备注"], [CLUE, *["1"] * len(headings), "x"], lookups=tables)
    assert any("call that column 线索池ID" in note for note in found.said) is told
    assert "Ignored, since the CRM does not let them be edited" in found.said[0]


def test_a_column_of_pool_names_can_be_said_to_be_one() -> None:
    (body,) = read(
        ["线索ID", "线索池名称"], [CLUE, "公海一"], lookups={"clue_pool_id": POOLS}, columns={"线索池名称": "clue_pool_id"}
    ).bodies
    assert (body["clue_pool_id"], body["update_specified_fields"]) == (1591005280874161218, ["clue_pool_id"])


# --- any table, any name

LETTERS = "aZqé9ßÉЖж中公海池ｖＩ·.-_ "
NAMES = st.text(LETTERS, min_size=1, max_size=8).map(str.strip).filter(bool)
WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
SPELLINGS = st.sampled_from([str, str.upper, str.lower, str.swapcase, lambda text: text.translate(WIDE), " {}\u3000".format])
ID_TEXTS = {
    "clue_pool_id": st.integers(10**17, 2**63 - 1).map(str).filter(lambda one: one.strip("0")[15:] != ""),
    "follow_user_id": st.text("abcXYZ019_-", min_size=4, max_size=32),
    "label": st.text("abcXYZ01_-", min_size=4, max_size=32).filter(str.isalpha),
}


@given(st.sampled_from(sorted(ID_TEXTS)), st.data())
@settings(max_examples=3 * settings.default.max_examples, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
def test_any_name_in_any_spelling_is_its_id_and_any_other_text_is_no_id(key: str, data: st.DataObject) -> None:
    table = data.draw(st.dictionaries(NAMES, ID_TEXTS[key], min_size=1, max_size=6))
    assume(flaw(list(table.items()), listed=key == "label") is None)
    convert = cells.converter(BY_KEY[key], Settings(lookups={key: table}, ids={"trust_round": True}).row_rules)
    for name, wanted in table.items():
        assert str(convert(cells.trimmed(data.draw(SPELLINGS)(name)))) == wanted
        assert str(convert(wanted)) == wanted
    text = data.draw(NAMES | st.text("wo019-", min_size=1, max_size=24))
    if names.folded(text) in map(names.folded, table):
        return
    try:
        found = convert(text)
    except cells.BadCell:
        return
    # What is sent all the same is what stands in the cell, and looks like nobody's name.
    assert str(found) == text or (key == "clue_pool_id" and found == int(narrow(text)))
    assert text in table.values() or len(text) >= 16 or key == "clue_pool_id"


# --- how much work it is


def test_the_names_of_a_column_are_folded_once_and_not_for_each_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    folds = 0
    real = names.folded

    def counted(text: str) -> str:
        nonlocal folds
        folds += 1
        return real(text)

    table = {f"成员{number}": f"wo-{number}" for number in range(500)}
    given = Settings(lookups={"follow_user_id": table})
    monkeypatch.setattr(names, "folded", counted)
    convert = cells.converter(BY_KEY["follow_user_id"], given.row_rules)
    made = folds
    for number in range(500):
        assert convert(f"成员{number}") == f"wo-{number}"
    assert made <= 2 * len(table) and folds - made <= 2 * len(table)


@pytest.mark.parametrize("share", [20, pytest.param(1, marks=pytest.mark.slow)])
def test_unknown_names_are_compared_once_each_and_not_without_end(monkeypatch: pytest.MonkeyPatch, share: int) -> None:
    calls = 0
    real = difflib.get_close_matches

    def counted(word: str, *args: Any, **options: Any) -> list[str]:
        nonlocal calls
        calls += 1
        return real(word, *args, **options)

    monkeypatch.setattr(names.difflib, "get_close_matches", counted)
    few = Choices({"张三": "1", "李四": "2"})
    assert [few.near("张山") for _ in range(1000)] == ["张三"] * 1000
    assert (calls, few.near("x" * 100)) == (1, None)
    assert calls == 1  # nothing so much longer is like any of them
    most = names.MOST_COMPARED // share
    monkeypatch.setattr(names, "MOST_COMPARED", most)
    many = Choices({f"成员{number:05}": "1" for number in range(10_000)})
    suggestions = [many.near(f"成圆{number:05}") for number in range(100_000 // share)]
    assert suggestions[0] == "成员00000" and suggestions[-1] is None
    assert calls - 1 == len([name for name in suggestions if name]) <= most / 70_000 + 1


# --- tables in the settings


@pytest.mark.parametrize(
    ("key", "table", "said"),
    [
        ("remark", {"x": "1"}, '"remark" under lookups cannot have a table of names; only user_id, clue_pool_id, '),
        ("clue_id", {"x": "1"}, '"clue_id" under lookups cannot have a table of names; only user_id, clue_pool_id, '),
        ("mf_1", {"x": "1"}, '"mf_1" under lookups cannot have a table of names; '),
        ("label", "crm", "the CRM does not tell the names of label (lookups); crm is possible for clue_pool_id alone"),
        (
            "clue_pool_id",
            {"x": "y"},
            'the table of clue_pool_id under lookups cannot be used: "x" needs an id of 1 to 19 digits',
        ),
        ("clue_pool_id", {"x": "9" * 19 + "9"}, '… "x" needs an id of 1 to 19 digits'),
        ("clue_pool_id", {"x": 2**63}, '… "x" needs an id of 1 to 19 digits'),
        ("clue_pool_id", {"x": -5}, '… "x" needs an id of 1 to 19 digits'),
        ("clue_pool_id", {"x": 1591005280874160000}, '… the id of "x" has lost its last digits; copy it again'),
        ("follow_user_id", {"x": "1.59E+18"}, '… the id of "x" has lost its last digits; copy it again'),
        ("follow_user_id", {"张三": "a", " 张三": "b"}, '… " 张三" stands there with two ids, a and b; give each its own name'),
        ("label", {"VIP": "a", "ｖｉｐ": "b"}, '… "ｖｉｐ" stands there with two ids, a and b; give each its own name'),
        ("clue_pool_id", {"5013": 5012, "x": 5013}, '… "5013" is the name for 5012, and the id 5013 reads the same; '),
        ("user_id", {"lisi": "a", "b": "LiSi"}, '… "lisi" is the name for a, and the id LiSi reads the same; '),
        ("label", {"华东、华南": "a"}, '… "华东、华南" holds a sign that stands between several tags in a cell '),
        ("label", {"A﹐B": "a"}, '… "A﹐B" holds a sign that stands between several tags in a cell '),
        ("label", {"x": "a,b"}, '… "a,b" holds a sign that stands between several tags in a cell '),
        ("label", {"\u200b": "a"}, "… the name is missing; "),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(key: str, table: object, said: str) -> None:
    intro = f"the table of {key} under lookups cannot be used:"
    assert broken(table, key).startswith("settings: " + said.replace("…", intro))


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"x": 1.5}, "lookups.clue_pool_id.x: must be a text or a whole number"),
        ({"x": True}, "lookups.clue_pool_id.x: must be a text or a whole number"),
        ({"x": None}, "lookups.clue_pool_id.x: must be a text or a whole number"),
        ({"x": ["1"]}, "lookups.clue_pool_id.x: must be a text or a whole number"),
        ({"x": " "}, "lookups.clue_pool_id.x: must not be empty"),
        ({1.5: "1"}, "lookups.clue_pool_id.1.5.[key]: must be a text"),
        ("CRM", "lookups.clue_pool_id: must be names with their ids (name: id), a sheet (file, name and id), or crm"),
        (["x"], "lookups.clue_pool_id: must be names with their ids (name: id), a sheet (file, name and id), or crm"),
        ({"file": "a.csv", "name": "n"}, "lookups.clue_pool_id.id: is missing"),
        ({"fiel": "a.csv", "name": "n", "id": "i"}, "lookups.clue_pool_id.fiel: there is no such setting; is it file?"),
        ({"file": "a.csv", "name": "n", "id": 5}, "lookups.clue_pool_id.id: must be a text"),
    ],
)
def test_what_is_no_table_is_named(table: object, said: str) -> None:
    assert said in broken(table)


def test_a_name_may_stand_twice_and_be_its_own_id() -> None:
    assert Settings(lookups={"user_id": {"lisi": "lisi", "李四": "lisi", "LISI": "lisi"}}).row_rules.lookups["user_id"]


def test_ids_that_really_end_in_zeros_can_be_trusted() -> None:
    trusted: dict[str, Any] = {"lookups": {"clue_pool_id": {"x": "1591005280874160000"}}, "ids": {"trust_round": True}}
    assert value("clue_pool_id", "x", **trusted) == 1591005280874160000


def test_tables_from_yaml_and_from_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("lookups:\n  clue_pool_id: {公海一: 1591005280874161218, 007: 7}\n  label: {VIP: 0123}\n", encoding="utf-8")
    found = Settings.load(path).lookups
    assert found == {"clue_pool_id": {"公海一": "1591005280874161218", "007": "7"}, "label": {"VIP": "0123"}}
    monkeypatch.setenv("BATCH_EDITOR_LOOKUPS", '{"user_id": {"李四": "lisi"}}')
    assert Settings().lookups == {"user_id": {"李四": "lisi"}}


def test_what_is_made_of_a_row_depends_on_its_tables() -> None:
    tables = {"clue_pool_id": {"公海一": "1"}, "label": {"VIP": "a"}}
    then = json.loads(json.dumps(Settings(lookups=tables).for_the_record()))
    assert RowRules.from_record(then) == Settings(lookups=tables).row_rules != Settings().row_rules
    assert RowRules.from_record(then).lookups == tables
    older = {name: value for name, value in then.items() if name != "lookups"}
    assert RowRules.from_record(older).lookups == {}


def test_a_table_that_was_not_looked_up_is_no_empty_one() -> None:
    with pytest.raises(TypeError):
        value("clue_pool_id", "x", lookups={"clue_pool_id": "crm"})


# --- tables in sheets

ROWS: list[list[Cell]] = [["姓名", "部门", "成员ID"], ["张三", "一部", WO], [None, "二部", None], [" 李四 ", None, "'lisi"]]


def looked_up(path: Path, key: str = "follow_user_id", **more: str) -> dict[str, Any]:
    given = Settings(lookups={key: {"file": str(path), "name": "姓名", "id": "成员ID", **more}})
    return dict(name_tables.read(given).row_rules.lookups[key])


def unusable(folder: Path, rows: Sequence[Sequence[object]], key: str = "follow_user_id", kind: str = "xlsx") -> str:
    """What is said of a table in a sheet, without the path."""
    path = folder / f"t.{kind}"
    (write_csv if kind == "csv" else write_workbook)(path, rows)
    with pytest.raises(SettingsError) as caught:
        looked_up(path, key)
    assert str(path) in say(caught.value.message, "zh")
    return str(caught.value).replace(str(path), "t")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_table_in_a_sheet(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"owners.{kind}"
    (write_csv if kind == "csv" else write_workbook)(path, [["成员表"], *ROWS, ["张三", "三部", WO]])
    assert looked_up(path) == {"张三": WO, "李四": "lisi"}


OF_TAIWAN = "姓名|成員ID\r\n林志玲|lin\r\n陳建宏|chen\r\n"


def test_a_table_in_a_text_file_whose_form_is_named(tmp_path: Path) -> None:
    path = tmp_path / "owners.csv"
    path.write_bytes(OF_TAIWAN.replace("|", "^").encode("big5"))
    assert looked_up(path, id="成員ID", encoding="big5", delimiter="^") == {"林志玲": "lin", "陳建宏": "chen"}
    path.write_bytes(OF_TAIWAN.replace("|", "\t").encode())
    assert looked_up(path, id="成員ID", delimiter="tab") == looked_up(path, id="成員ID", delimiter="\t")


@pytest.mark.parametrize(
    ("content", "form", "said"),
    [
        (OF_TAIWAN.encode("big5"), {}, "Name the encoding in which the text is right with encoding: under lookups;"),
        (OF_TAIWAN.replace("|", "^").encode(), {}, "Name that sign with delimiter: under lookups,"),
        (OF_TAIWAN.encode(), {"encoding": "big5"}, "it is UTF-8. Leave out encoding: under lookups,"),
        (OF_TAIWAN.encode(), {"encoding": "big-six"}, 'encoding: under lookups: "big-six" is no encoding.'),
        (OF_TAIWAN.encode(), {"delimiter": "ab"}, 'delimiter: under lookups: "ab" cannot stand between columns.'),
        (OF_TAIWAN.encode("utf-7"), {}, "name utf-7 with encoding: under lookups;"),
        (OF_TAIWAN.encode()[:-9] + b"\xff\xfe\r\n", {}, "is damaged"),
        (None, {"encoding": "gbk"}, "leave out encoding: under lookups and delimiter: under lookups."),
    ],
)
def test_the_form_of_a_table_is_certain_or_it_is_refused_with_the_way_out(
    content: bytes | None, form: dict[str, str], said: str, tmp_path: Path
) -> None:
    path = tmp_path / "owners.csv"
    write_workbook(path, ROWS) if content is None else path.write_bytes(content)
    with pytest.raises(SettingsError) as caught:
        looked_up(path, **form)
    assert str(caught.value).startswith("The table of follow_user_id under lookups cannot be read.")
    assert said in str(caught.value) and "--encoding" not in str(caught.value) and "--delimiter" not in str(caught.value)
    assert "lookups 中的" in say(caught.value.message, "zh") or "damaged" in said


def test_headings_are_compared_like_those_of_any_sheet_and_ids_keep_their_digits(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "p.xlsx", [["* 姓 名", "成员id"], [2024, 1591005280874161218], [date(2024, 5, 1), 7]])
    assert looked_up(path, "clue_pool_id") == {"2024": "1591005280874161218", "2024-05-01": "7"}


def test_a_sheet_by_name_and_the_first_one_with_the_headings(tmp_path: Path) -> None:
    with pd.ExcelWriter(tmp_path / "b.xlsx") as book:
        for name, one in (("说明", None), ("一", "a"), ("二", "b")):
            pd.DataFrame({"姓名": ["x"], "成员ID" if one else "y": [one]}).to_excel(book, sheet_name=name, index=False)
    assert looked_up(tmp_path / "b.xlsx") == {"x": "a"}
    assert looked_up(tmp_path / "b.xlsx", sheet="二") == {"x": "b"}
    with pytest.raises(SettingsError, match=r'has no sheet "三"\. It has: 说明, 一, 二\.'):
        looked_up(tmp_path / "b.xlsx", sheet="三")
    (tmp_path / "b.csv").write_text("name,id\nx,a\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="whose sheet has no name") as refusal:
        looked_up(tmp_path / "b.csv", sheet="三")
    assert "没有名称" in say(refusal.value.message, "zh")


@pytest.mark.parametrize(
    ("rows", "key", "said"),
    [
        (
            [["姓名", "ID"], ["x", "y"]],
            "follow_user_id",
            't, has no row with both headings "姓名" and "成员ID" among its first ten',
        ),
        ([["姓名", "成员ID", "姓名"]], "follow_user_id", "t, cell Sheet1!A1: this heading stands there twice"),
        ([["姓名", "成员ID"]], "follow_user_id", "t, has no row below its headings"),
        ([*ROWS, ["王五", None, None]], "follow_user_id", "t, cell Sheet1!C5: the id is missing"),
        ([*ROWS, [None, None, "w"]], "follow_user_id", "t, cell Sheet1!A5: the name is missing"),
        ([*ROWS, ["张三", None, "w"]], "follow_user_id", f't, cell Sheet1!A5: "张三" stands there with two ids, {WO} and w'),
        (
            [*ROWS, ["lisi", None, "w"]],
            "follow_user_id",
            't, cell Sheet1!A5: "lisi" is the name for w, and the id lisi reads the',
        ),
        ([*ROWS, ["w", None, 1.5e18]], "follow_user_id", "t, cell Sheet1!C5: has lost digits; it holds 1.5e+18"),
        (
            [*ROWS, ["w", None, "1591005280874160000"]],
            "follow_user_id",
            "t, cell Sheet1!C5: has been rounded by Excel, since 1591005280874160000 ends in zeros",
        ),
        ([*ROWS, ["w", None, CellError("#N/A")]], "follow_user_id", "t, cell Sheet1!C5: holds the error #N/A"),
        ([*ROWS, ["w", None, Formula("=A1")]], "follow_user_id", "t, cell Sheet1!C5: holds a formula without a stored value"),
        ([*ROWS, [CellError("#REF!"), None, "w"]], "follow_user_id", "t, cell Sheet1!A5: holds the error #REF!"),
        (ROWS, "clue_pool_id", f't, cell Sheet1!C2: must be an id of 1 to 19 digits; it holds "{WO}"'),
        (
            [ROWS[0], ["x", None, 5.5]],
            "clue_pool_id",
            't, cell Sheet1!C2: must be an exact id; it holds the number "5.5", which may have lost digits',
        ),
        ([*ROWS, ["w", None, "a,b"]], "label", 't, cell Sheet1!A5: "a,b" holds a sign that stands between several tags'),
    ],
)
def test_a_sheet_that_is_no_table_is_told_by_its_cell(
    rows: Sequence[Sequence[object]], key: str, said: str, tmp_path: Path
) -> None:
    assert unusable(tmp_path, rows, key).startswith(f"The table of {key} under lookups")
    assert said in unusable(tmp_path, rows, key)


def test_ids_that_went_through_floats_are_told_by_their_column(tmp_path: Path) -> None:
    rows = [["姓名", "成员ID"], *([f"池{number}", str(1591005280874161152 + 256 * number)] for number in range(20))]
    assert "The ids under 成员ID in t, the table of label under lookups, have lost digits." in unusable(
        tmp_path, rows, "label", "csv"
    )
    rows[1:3] = [["a", "1591005280874161153"], ["b", "1591005280874161155"]]
    path = write_csv(tmp_path / "few.csv", rows[:19])  # too few to tell
    assert len(looked_up(path, "label")) == 18
    trusting = Settings(
        lookups={"label": {"file": str(tmp_path / "t.csv"), "name": "姓名", "id": "成员ID"}}, ids={"trust_round": True}
    )
    assert len(name_tables.read(trusting).row_rules.lookups["label"]) == 20


def test_a_file_that_is_not_there_is_told_with_the_setting(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        looked_up(tmp_path / "none.xlsx")
    assert str(caught.value).startswith("The table of follow_user_id under lookups cannot be read. There is no file ")


def test_a_tilde_that_is_nobody_s_home_is_a_part_of_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_csv(tmp_path / "~names.csv", [["姓名", "成员ID"], ["x", "a"]])
    given = Settings(lookups={"user_id": {"file": "~names.csv", "name": "姓名", "id": "成员ID"}})
    assert name_tables.read(given).row_rules.lookups["user_id"] == {"x": "a"}


def test_a_path_is_meant_from_the_folder_of_the_settings_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there, here = tmp_path / "there", tmp_path / "here"
    for folder, wanted in ((there, "a"), (here, "b")):
        folder.mkdir()
        write_csv(folder / "t.csv", [["姓名", "成员ID"], ["x", wanted]])
    table = "{file: t.csv, name: 姓名, id: 成员ID}"
    (there / "config.yaml").write_text(f"lookups:\n  user_id: {table}\n", encoding="utf-8")
    monkeypatch.chdir(here)
    assert name_tables.read(Settings.load(there / "config.yaml")).row_rules.lookups["user_id"] == {"x": "a"}
    monkeypatch.setenv("HOME", str(here))
    monkeypatch.setenv("USERPROFILE", str(here))
    (there / "config.yaml").write_text(f"lookups:\n  user_id: {table.replace('t.csv', '~/t.csv')}\n", encoding="utf-8")
    assert name_tables.read(Settings.load(there / "config.yaml")).row_rules.lookups["user_id"] == {"x": "b"}
    given = Settings(lookups={"user_id": {"file": "t.csv", "name": "姓名", "id": "成员ID"}})
    assert name_tables.read(given).row_rules.lookups["user_id"] == {"x": "b"}


def test_a_table_of_ten_thousand_names(tmp_path: Path) -> None:
    rows = [["姓名", "成员ID"], *([f"成员{number}", f"wo-{number}"] for number in range(10_000))]
    path = write_csv(tmp_path / "t.csv", rows)
    frame = pd.DataFrame({"线索ID": [str(10**18 + 3 + 2 * n) for n in range(500)], "跟进人": [f"成员{n}" for n in range(500)]})
    table = {"file": str(path), "name": "姓名", "id": "成员ID"}
    loaded = load_edits(frame, Settings(defaults=DEFAULTS, lookups={"follow_user_id": table}))
    assert [json.loads(edit.body)["follow_user_id"] for edit in loaded.edits] == [f"wo-{n}" for n in range(500)]


def test_a_run_keeps_the_names_by_which_it_read_its_rows(tmp_path: Path) -> None:
    """So that the same command does not go on with a run that read the same sheet by other names."""
    table = write_csv(tmp_path / "t.csv", [["姓名", "成员ID"], ["张三", "a"]])
    sheet = write_csv(tmp_path / "e.csv", [["clue_id", "跟进人"], ["11", "张三"], ["12", "张三"]])
    with Sandbox(access_token="token-of-a-test", accept_any_clue=True) as crm:
        given = Settings(
            api={"base_url": crm.url, "access_token": "token-of-a-test"},
            rate={"limits": []},
            state_dir=tmp_path,
            defaults=DEFAULTS,
            guards={"repeat": "allow"},
            lookups={"follow_user_id": {"file": str(table), "name": "姓名", "id": "成员ID"}},
        )
        first = run(sheet, given, limit=1)
        again = run(sheet, given, limit=1)
        assert again.run == first.run and crm.clue(12)["follow_user_id"] == "a"
        third = run(sheet, given, limit=1, new=True)
        write_csv(table, [["姓名", "成员ID"], ["张三", "b"]])
        other = run(sheet, given)
        assert other.run != third.run and {crm.clue(clue)["follow_user_id"] for clue in (11, 12)} == {"b"}


def test_a_name_that_the_table_holds_is_not_taken_for_a_ruined_one() -> None:
    """``CafÃ©`` is what becomes of Café, but where the table has somebody of that name it is meant."""
    rules = Settings(lookups={"follow_user_id": {"CafÃ©": "wo-1"}}).row_rules
    convert = cells.converter(BY_KEY["follow_user_id"], rules)
    assert convert("CafÃ©") == "wo-1"
    with pytest.raises(cells.BadCell) as refused:
        convert("ZoÃ«")
    assert refused.value.message.key == "cell.ruined"
