"""One cell: what each kind of field takes, what it becomes, and what is refused with which message (guide: rules, "Cells")."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

import pytest
from payloads.rows import CLUE, Read, read
from payloads.rows import one as one_cell

from batch_editor.cell_values import Cell, Texts, Unusable
from batch_editor.edits.cells import cell_text
from batch_editor.messages import say

NAN, INFINITE = float("nan"), float("inf")
HUGE = 10**5000  # str() refuses it
TICKS = "a" + " " * 40_000 + "b"


def one(key: str, cell: Cell, **settings: Any) -> Read:
    """A row with a cell, in which ids of people and tags may be short (``test_people_ids.py`` is about those)."""
    return one_cell(key, cell, **settings | {"ids": {"people": "any"} | settings.get("ids", {})})


def value(key: str, cell: Cell, **settings: Any) -> Any:
    """What a cell is sent as."""
    found = one(key, cell, **settings)
    assert found.problems == []
    (body,) = found.bodies
    return body["field_map"][key] if key.startswith("mf_") else body[key]


def notes_on(key: str, cell: Cell) -> list[str]:
    """The keys of the notes on a sheet with this cell."""
    return [note.key for note in one(key, cell).notes]


def refusal(key: str, cell: Cell, **settings: Any) -> str:
    """The key of the one problem of a refused cell, which can be said in both languages."""
    found = one(key, cell, **settings)
    (plan,) = found.plans
    assert plan is not None and plan.edit is None
    for lang in ("en", "zh"):
        assert "{" not in say(plan.problems[0].message, lang)
    (problem,) = found.problems
    assert problem[0] == "Sheet1!B2"
    return problem[1]


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ("5", 5),
        (5, 5),
        ("0", 0),
        ("９", 9),
        ("'1591005280874161218", 1591005280874161218),
        ("＇1591005280874161218", 1591005280874161218),
        ('="1591005280874161218"', 1591005280874161218),
        ('＝"1591005280874161218"', 1591005280874161218),
        (9223372036854775807, 9223372036854775807),
    ],
)
def test_an_id(cell: Cell, wanted: int) -> None:
    assert value("clue_pool_id", cell) == wanted


@pytest.mark.parametrize(
    ("cell", "key"),
    [
        (5.0, "cell.id_float"),
        (-0.0, "cell.id_float"),
        (NAN, "cell.id_float"),
        (1.5910055219879209e18, "cell.id_float"),
        ("1.59E+18", "cell.id_float"),
        ("1e5", "cell.id_float"),
        ("１.５Ｅ＋１８", "cell.id_float"),
        ("5.0", "cell.not_id"),
        ("1,591,005", "cell.not_id"),
        ("-5", "cell.not_id"),
        (-5, "cell.not_id"),
        ("+5", "cell.not_id"),
        ("5 6", "cell.not_id"),
        ("0x10", "cell.not_id"),
        ("1_000", "cell.not_id"),
        ("九", "cell.not_id"),
        ("٣", "cell.not_id"),  # a digit, but of another script
        ("१", "cell.not_id"),
        ("①", "cell.not_id"),
        ("²", "cell.not_id"),
        ("½", "cell.not_id"),
        ("Ⅻ", "cell.not_id"),
        ("⒈", "cell.not_id"),
        ("𝟏𝟐", "cell.not_id"),  # mathematical digits
        ("１①", "cell.not_id"),
        ("1.38E+10", "cell.id_float"),
        ("1,38E+10", "cell.id_float"),
        ("+8.61E+12", "cell.id_float"),
        ("1,591,005,521,987,920,962", "cell.not_id"),
        ("1591005521987920962.0", "cell.not_id"),
        ("1591 0055 2198 7920 962", "cell.not_id"),
        ("1591005521\u200b987920962", "cell.hidden_characters"),
        ("\u202e1591\u2066005", "cell.hidden_characters"),
        ("15910\u00ad05", "cell.hidden_characters"),
        ("0001591005521987920000", "cell.not_id"),
        ("0001591005521987920", "cell.rounded"),
        ("'", "cell.not_id"),
        ('=""', "cell.not_id"),
        ("9223372036854775808", "cell.not_id"),
        (2**63, "cell.not_id"),
        ("15910055219879209621", "cell.not_id"),
        (True, "cell.not_id"),
        (False, "cell.not_id"),
        ("TRUE", "cell.not_id"),
        (date(1990, 5, 1), "cell.not_id"),
        (time(8, 30), "cell.not_id"),
        (timedelta(hours=30), "cell.not_id"),
    ],
)
def test_no_id(cell: Cell, key: str) -> None:
    assert refusal("clue_pool_id", cell) == key
    assert [problem for _, problem in read(["clue_id", "remark"], [cell, "x"]).problems] == [key]


@pytest.mark.parametrize("cell", ["0", 0, "000", "０", "'0"])
def test_no_clue_is_0(cell: Cell) -> None:
    assert read(["clue_id", "remark"], [cell, "x"]).problems == [("Sheet1!A2", "cell.zero_id")]


@pytest.mark.parametrize("cell", ["①", "²", "⒈", "1\u20e3"])
def test_what_only_looks_like_a_digit_is_none_anywhere(cell: str) -> None:
    """NFKC makes 1 of ①, and 1 is 女."""
    assert refusal("gender", cell) == "cell.gender"
    assert refusal("encrypt_flag", cell) == "cell.flag"
    assert refusal("work_id", cell) == "cell.integer"
    assert refusal("mf_x", cell, **field(type="single")) == "cell.option_undeclared"
    assert refusal("birthday", f"199{cell}-05-01") == "cell.date"
    assert value("label", f"et{cell}，b") == f"et{cell},b"


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        (" a\r\nb ", "a\r\nb"),
        ("FALSE", "FALSE"),
        (True, "TRUE"),
        (False, "FALSE"),
        (7, "7"),
        (-7, "-7"),
        (2.0, "2"),
        (-0.0, "0"),
        (0.1, "0.1"),
        (1e15, "1000000000000000"),
        (12345678901234567890123, "12345678901234567890123"),
        (datetime(2024, 2, 29), "2024-02-29"),
        (datetime(2024, 2, 29, 23, 59, 1), "2024-02-29 23:59:01"),
        (date(2024, 2, 29), "2024-02-29"),
        (time(8, 30), "08:30:00"),
        (TICKS, TICKS),
        ("'quoted", "'quoted"),
        ("①㈱½", "①㈱½"),
        ("1e5", "1e5"),
        ("1.59E-18", "1.59E-18"),
        ("1.59E+18 a", "1.59E+18 a"),
        ("10000", "10000"),
        ("123456789012340", "123456789012340"),
        ("0000000000000000", "0000000000000000"),  # never a number
        ("1591005521987920001", "1591005521987920001"),
        ("\u202dx\u202c", "x"),
        ("x\u200dy", "x\u200dy"),
        ("👨‍👩‍👧", "👨‍👩‍👧"),
        ("❤\ufe0f", "❤\ufe0f"),
        ("\x00\x07", "\x00\x07"),
    ],
)
def test_a_text_is_kept_exactly(cell: Cell, wanted: str) -> None:
    assert value("remark", cell) == wanted
    assert value("mf_clue_1", cell) == wanted


@pytest.mark.parametrize(
    "cell", ["\u200b", "\u200b\ufeff\u2060", "\u00a0\u3000\u2003", "\u202d\u202c", "\u00ad", "\u2066\u2069", "\r\n\t\x1f\x85"]
)
def test_what_nobody_sees_is_a_blank(cell: str) -> None:
    for key in ("remark", "clue_pool_id", "label", "birthday", "mf_clue_1"):
        assert one(key, cell).statuses == ["skipped"]


@pytest.mark.parametrize("cell", [1.5910055219879209e18, 2.0**53, -(2.0**60), NAN, INFINITE, -INFINITE])
def test_a_number_that_lost_digits_is_no_text(cell: float) -> None:
    assert refusal("uin", cell) == "cell.number_too_long"


@pytest.mark.parametrize("cell", [1591005521987920000, 1591005521987920])
def test_a_number_that_excel_rounded_is_no_text(cell: int) -> None:
    for key in ("uin", "remark", "mf_clue_1", "follow_user_id"):
        for form in (cell, str(cell)):
            assert refusal(key, form) == "cell.rounded"
            assert value(key, form, ids={"trust_round": True}) == str(cell)


@pytest.mark.parametrize(
    "cell", ["1.59E+18", "1.591005521987921e+18", "-1.5e+15", "1E+18", "1.591005521987921E18", "1.5E+018", "9.99E+307"]
)
def test_a_text_that_is_a_number_without_its_last_digits_is_no_text(cell: str) -> None:
    for key in ("uin", "remark", "clue_name", "mf_clue_1", "follow_user_id", "area"):
        assert refusal(key, cell) == "cell.number_too_long"
    assert value("uin", cell, ids={"trust_round": True}) == cell


SHORT_FORMS = [
    "1.38E+10",
    "+8.61E+12",
    "1.38e10",
    "-1.5E+14",
    "８.６１Ｅ＋１２",
    "1,38E+10",
    "13.8E+9",
    "1E+11",
    "1.5E+0014",
    "'1.38E+10",
]


@pytest.mark.parametrize("cell", [*SHORT_FORMS, '="8.61E+12"', "1.38 E+10"])
def test_a_number_in_excels_short_form_is_refused_in_every_column(cell: str) -> None:
    for key in ("uin", "remark", "clue_name", "mf_clue_1", "follow_user_id", "area", "access_customer_channel"):
        assert refusal(key, cell) == "cell.number_too_long"
    for key in ("clue_pool_id", "label", "email", "gender", "work_id", "birthday"):
        assert one(key, cell).bodies == []


@pytest.mark.parametrize("cell", ["1.38E+10;1.39E+10", "1.38E+10、1.39e+10", "1.38E+10 / +8.61E+12"])
def test_several_numbers_in_short_form_are_refused_like_one(cell: str) -> None:
    for key in ("uin", "remark", "mf_clue_1"):
        assert refusal(key, cell) == "cell.number_too_long"


@pytest.mark.parametrize("cell", ["电话 1.38E+10", "1.38E+10（备用）", "3.7E-05", "见附件 8.61E+12。"])
def test_a_number_in_short_form_within_a_text_is_told(cell: str) -> None:
    assert value("remark", cell) == cell and notes_on("remark", cell) == ["note.short_forms"]


@pytest.mark.parametrize("cell", ["C++", "+86 13800138000", "A1E+10", "x1.5E+1", "1+1"])
def test_what_only_looks_like_a_number_in_short_form_is_not_told(cell: str) -> None:
    assert notes_on("remark", cell) == []


@pytest.mark.parametrize("cell", ["13800138000.0", "'13800138000.0", "-100000.0"])
def test_a_whole_number_that_a_program_took_for_a_fraction_is_sent_whole_and_told(cell: str) -> None:
    for key in ("uin", "remark", "follow_user_id", "label"):
        assert value(key, cell) == cell.strip("'").removesuffix(".0")
        assert notes_on(key, cell) == ["note.zero_fractions"]


@pytest.mark.parametrize("cell", ["2.0", "12345.0"])
def test_a_short_one_may_be_meant_and_is_told(cell: str) -> None:
    assert value("remark", cell) == cell and notes_on("remark", cell) == ["note.zero_fractions"]
    assert notes_on("remark", "13800138000.00") == notes_on("remark", "v2.0") == []


def test_one_that_had_more_digits_than_a_fraction_keeps_is_refused() -> None:
    for key in ("uin", "remark", "follow_user_id", "label"):
        assert refusal(key, "1591005521987920962.0") == "cell.rounded"


@pytest.mark.parametrize("cell", ["1e5", "12E4", "3E8", "1.59E-18", "E+10", "1.38E+10 左右", "Q1E+1", "2.4G", "1E+", "v1.2e"])
def test_what_is_no_short_form_of_a_number_is_a_text(cell: str) -> None:
    assert value("remark", cell) == cell


@pytest.mark.parametrize(
    "cell",
    [
        *("0001591005521987920000", "+1591005521987920000", "-1591005521987920000", "1,591,005,521,987,920,000"),
        *("1591005521987920000.0", "1591005521987920000.00", "1 591 005 521 987 920 000", "1.591.005.521.987.920.000"),
        *(
            "１５９１００５５２１９８７９２００００",
            "'1591005521987920000",
            '="001591005521987920000"',
            "1'591'005'521'987'920'000",
        ),
    ],
)
def test_a_rounded_number_is_known_however_it_is_written(cell: str) -> None:
    for key in ("uin", "remark", "follow_user_id"):
        assert refusal(key, cell) == "cell.rounded"
    assert one("label", cell).bodies == [] or "1591005521987920000" not in one("label", cell).bodies[0]["label"]


def test_a_long_number_with_commas_is_no_list_of_tags() -> None:
    assert refusal("label", "1,591,005,521,987,920,962") == "cell.id_float"
    assert value("label", "100,200,300") == "100,200,300"


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ('="x"', "x"),
        ('="0012"', "0012"),
        ('= "王小明"', "王小明"),
        ('=T("0012")', "0012"),
        ('=t( "王""小""明" )', '王"小"明'),
        ('＝"x"', '＝"x"'),  # no formula, and no id
        ("'0012", "0012"),
        ("'13800138000", "13800138000"),
        ("`13800138000", "13800138000"),
        ("＇0012", "0012"),
        ("’0012", "0012"),
        ("'+86 138-0013-8000", "+86 138-0013-8000"),
        ("'=1+2", "=1+2"),
        ("'@wang", "@wang"),
        ("'-", "-"),
        ("'1/2", "1/2"),
        ("'TRUE", "TRUE"),
        ('"0012"', "0012"),
        ("\t0012", "0012"),
        ("0012\t", "0012"),
    ],
)
def test_what_keeps_a_text_a_text_in_excel_is_taken_away_around_any_value(cell: str, wanted: str) -> None:
    for key in ("remark", "uin", "clue_name", "mf_clue_1"):
        assert value(key, cell) == wanted


@pytest.mark.parametrize("cell", ["'t Hooft", "'90s", "'quoted'", "'王小明", '"好的"', "‘好’", "'12'"])
def test_a_sign_that_may_belong_to_the_text_stays_and_is_told(cell: str) -> None:
    found = one("remark", cell)
    assert found.bodies[0]["remark"] == cell
    assert [said.startswith("Sent with the sign or the quotation marks") for said in found.said] == [True]


@pytest.mark.parametrize(
    "cell", ["=1+2", "=A1&B1", "=SUM(A1:A9)", "=Sheet2!A1", '="a"&"b"', '=HYPERLINK("https://x.cn","王")', "=$B$2"]
)
def test_a_formula_as_text_is_sent_as_it_is_and_told(cell: str) -> None:
    found = one("remark", cell)
    assert found.bodies[0]["remark"] == cell
    assert [said.startswith("Sent as the text that they are: 1 cell with a formula") for said in found.said] == [True]


@pytest.mark.parametrize("cell", ["==重要==", "=>见附件", "=_=", "=3=", "= 见上", "a=1+2"])
def test_what_only_begins_like_a_formula_is_not_told(cell: str) -> None:
    assert (one("remark", cell).bodies[0]["remark"], one("remark", cell).said) == (cell, [])


def test_around_an_address_a_sign_or_a_formula_is_taken_away() -> None:
    for cell in ("'a@b.cn", '="a@b.cn"', '"a@b.cn"'):
        assert value("email", cell) == "a@b.cn"


def test_a_list_of_texts_is_one_of_tags_or_options_and_nothing_else() -> None:
    options = {"type": "multiple", "options": {"甲": "1", "乙": "2", "丙、丁": "3"}}
    assert value("label", Texts(("et1", "et2", "et1"))) == "et1,et2"
    assert value("mf_x", Texts(("甲", "丙、丁")), **field(**options)) == ["1", "3"]
    assert value("mf_x", Texts(("甲", "乙")), **field(type="cascade", options={"甲": "1", "甲/乙": "2"})) == ["1", "2"]
    assert value("mf_x", Texts(("甲",)), **field(type="single", options={"甲": "1"})) == "1"
    assert refusal("label", Texts(("et1,et2", "et3"))) == "cell.list_separator"
    assert refusal("label", Texts(("et1", "#CLEAR"))) == "cell.marker_in_list"
    assert refusal("label", Texts(("et1", "#N/A"))) == "cell.error"
    assert refusal("label", Texts(("et1", "1.38E+10"))) == "cell.id_float"
    for key in ("remark", "clue_pool_id", "follow_user_id", "email", "gender", "work_id", "birthday", "area"):
        assert refusal(key, Texts(("a", "b"))) == "cell.list"
    assert refusal("mf_x", Texts(("甲", "乙")), **field(type="single", options={"甲": "1"})) == "cell.list"


@pytest.mark.parametrize("key", ["remark", "clue_pool_id", "label", "email", "birthday", "mf_clue_1"])
def test_what_is_no_value_of_a_cell_is_refused_by_its_kind(key: str) -> None:
    assert refusal(key, Unusable("dict")) == "cell.unusable"
    assert refusal(key, cell_text(Unusable("dict"))) == "cell.error"  # as the results sheet shows it


def test_a_number_too_long_for_python_to_print_is_refused_like_any_other() -> None:
    wanted = {"clue_pool_id": "cell.not_id", "work_id": "cell.integer_range", "birthday": "cell.date", "gender": "cell.gender"}
    for key, problem in wanted.items():
        assert refusal(key, HUGE + 1) == problem
    assert refusal("remark", HUGE) == "cell.rounded"
    assert value("remark", HUGE + 1) == f"1{'0' * 4999}1"


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ("男", "0"),
        ("女", "1"),
        ("０", "0"),
        (1, "1"),
        (0.0, "0"),
        ("MALE", "0"),
        ("Ｆｅｍａｌｅ", "1"),
        ("⼥", "1"),
        ("'1", "1"),
    ],
)
def test_a_gender(cell: Cell, wanted: str) -> None:
    assert value("gender", cell) == wanted


@pytest.mark.parametrize("cell", ["2", 2, "先生", "f", "未知", True, False, "TRUE", 0.5, "-0", datetime(1990, 5, 1), "男女"])
def test_no_gender(cell: Cell) -> None:
    assert refusal("gender", cell) == "cell.gender"


@pytest.mark.parametrize(("cell", "wanted"), [("是", 1), ("否", 0), ("1", 1), (0, 0), (-0.0, 0), ("０", 0)])
def test_a_flag(cell: Cell, wanted: int) -> None:
    assert value("encrypt_flag", cell) == wanted


@pytest.mark.parametrize("cell", ["2", "yes", True, False, "FALSE", "不是", -1])
def test_no_flag(cell: Cell) -> None:
    assert refusal("encrypt_flag", cell) == "cell.flag"


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [("200", 200), (200, 200), (200.0, 200), ("-0", 0), ("+5", 5), (2**31 - 1, 2**31 - 1), (-(2**31), -(2**31))],
)
def test_an_integer(cell: Cell, wanted: int) -> None:
    assert value("work_id", cell) == wanted


@pytest.mark.parametrize("cell", ["1.0", 1.5, "1e3", True, "１２a", "1 000", time(1)])
def test_no_integer(cell: Cell) -> None:
    assert refusal("work_id", cell) == "cell.integer"


@pytest.mark.parametrize("cell", [2**31, -(2**31) - 1, "2147483648", "9" * 400])
def test_an_integer_out_of_range_is_told_the_range(cell: Cell) -> None:
    assert refusal("work_id", cell) == "cell.integer_range"
    (problem,) = one("work_id", cell).plans[0].problems  # type: ignore[union-attr]
    assert say(problem.message, "en") == f'must be a whole number from -2147483648 to 2147483647; it holds "{cell}"'


@pytest.mark.parametrize(
    "cell",
    [
        *("a@b", "@b.cn", "a@", "a b@c.cn", "a@b.cn,c@d.cn", "a@b.cn;", "a@@b.cn", "a@b.", "<a@b.cn>", 5, True, "a\n@b.cn"),
        *(
            "w@example.com；",
            "w@example.com。",
            "w@example.com、",
            "mailto:w@e.com",
            "(w@e.com)",
            "（w@e.com）",
            "w@example..com",
        ),
        *("w@.example.com", "w@e.com.", "w@e.com:", "“w@e.com”", "[w@e.com]", "w@e.com/x", "w\\@e.com"),
    ],
)
def test_no_address(cell: Cell) -> None:
    assert refusal("email", cell) == "cell.email"


@pytest.mark.parametrize(
    "cell",
    [
        *("w@example.com", "w+tag@example.com", "W.X-y_z@mail.example.co.uk", "1@163.com", "o'neil@example.com"),
        *("张三@例子.公司", "jürgen@müller.de", "a@xn--fsqu00a.xn--55qx5d", "ju\u0308rgen@mu\u0308ller.de", "संपर्क@डाटामेल.भारत"),
    ],
)
def test_an_address(cell: str) -> None:
    assert value("email", cell) == cell


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ("wov", "wov"),
        ("'wov", "wov"),
        ('="wov"', "wov"),
        ('="\'wov"', "wov"),
        ('="wov', '="wov'),
        ('wov"', 'wov"'),
        ('=wov"', '=wov"'),
        ("'\u200bwov", "wov"),
        ("wo'v", "wo'v"),
        ("wov'", "wov'"),
        ("ＷＯＶ①", "ＷＯＶ①"),
        ("'0012", "0012"),
        (17, "17"),
    ],
)
def test_the_id_of_a_person(cell: Cell, wanted: str) -> None:
    assert value("follow_user_id", cell) == wanted
    (body,) = read(["clue_id", "user_id", "remark"], [CLUE, cell, "x"], ids={"people": "any"}).bodies
    assert body["user_id"] == wanted


@pytest.mark.parametrize("cell", ["'", '=""', "'\u200b"])
def test_no_id_of_a_person(cell: Cell) -> None:
    assert refusal("follow_user_id", cell) == "cell.nothing_left"
    assert refusal("follow_user_id", "'#N/A") == "cell.error"


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ("湖北省-武汉市-洪山区", "湖北省-武汉市-洪山区"),
        ("/湖北省/", "湖北省"),
        ("湖北省/武汉市/", "湖北省-武汉市"),
        ("－湖北省 ／ 武汉市-", "湖北省-武汉市"),
        ("湖北省 / - 武汉市", "湖北省-武汉市"),
        ("湖北省\u3000武汉市\n洪山区", "湖北省-武汉市-洪山区"),
    ],
)
def test_an_area(cell: str, wanted: str) -> None:
    assert value("area", cell) == wanted


@pytest.mark.parametrize("cell", ["/", "-", " - / ", "／", "---"])
def test_an_area_of_separators_only_does_not_empty_the_field(cell: str) -> None:
    assert refusal("area", cell) == "cell.nothing_left"


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ("a", "a"),
        ("a\r\nb\r\n", "a,b"),
        (" a ， b ", "a,b"),
        ("a,\u200b,b\u200b", "a,b"),
        ("'123", "123"),
        ("１２；１３", "12,13"),
        ("12e4", "12e4"),
        (17, "17"),
        (17.0, "17"),
        ("1591005521987920123", "1591005521987920123"),
    ],
)
def test_tags(cell: Cell, wanted: str) -> None:
    assert value("label", cell) == wanted
    assert value("business_tag_ids", cell) == wanted


@pytest.mark.parametrize(
    ("cell", "key"),
    [
        (",，;；、", "cell.no_parts"),
        ("1.59101E+18", "cell.id_float"),
        ("etA,1.5E+16", "cell.id_float"),
        ("etA,1591005521987920000", "cell.rounded"),
        (1591005521987920000, "cell.rounded"),
        (1.5910055219879209e18, "cell.number_too_long"),
    ],
)
def test_no_tags(cell: Cell, key: str) -> None:
    """A tag id that a spreadsheet took for a number has lost digits like any other id."""
    assert refusal("label", cell) == key


@pytest.mark.parametrize("cell", ["#CLEAR;x", "x,＃clear", "#CLEAR;", "a\n'#CLEAR", '="#CLEAR,x"', "x、#CLEAR\u200b"])
def test_the_marker_as_one_of_several_tags_or_options_is_refused(cell: str) -> None:
    assert refusal("label", cell) == "cell.marker_in_list"
    assert refusal("mf_x", cell, **field(type="multiple", options={"x": "1"})) == "cell.marker_in_list"


def test_the_marker_in_a_list_is_called_by_its_own_name() -> None:
    (problem,) = one("label", "a;del", clear_marker="DEL").plans[0].problems  # type: ignore[union-attr]
    assert "write DEL alone to clear the field" in say(problem.message, "en")
    assert "请只写 DEL" in say(problem.message, "zh")
    assert value("label", "a;#CLEAR", clear_marker="DEL") == "a,#CLEAR"


def test_a_tag_that_is_rounded_may_be_trusted() -> None:
    assert value("label", "a,1591005521987920000", ids={"trust_round": True}) == "a,1591005521987920000"


@pytest.mark.parametrize(
    ("cell", "key"),
    [
        ("05/06/1990", "cell.ambiguous_date"),
        ("5-6-90", "cell.ambiguous_date"),
        ("01.05.1990", "cell.ambiguous_date"),
        ("32994", "cell.serial_date"),
        (32994, "cell.serial_date"),
        (32994.0, "cell.serial_date"),
        (32994.5, "cell.serial_date"),
        ("1990-05-01 08:30", "cell.has_time"),
        (datetime(1990, 5, 1, 8, 30), "cell.has_time"),
        (datetime(1990, 5, 1, tzinfo=UTC), "cell.has_time"),  # 08:00 where the CRM is
        ("641491200123", "cell.not_whole_second"),
        ("1990-13-01", "cell.date"),
        ("1990-02-29", "cell.date"),
        ("0000-01-01", "cell.date"),
        ("19900431", "cell.date"),
        ("1990-5", "cell.date"),
        ("1990/05-01", "cell.date"),
        ("1990年5月", "cell.date"),
        ("1990-05-01Z", "cell.date"),
        ("64149120012", "cell.date"),  # eleven digits are neither seconds nor milliseconds
        ("-115200", "cell.date"),
        (True, "cell.date"),
        (time(8, 30), "cell.date"),
        (timedelta(days=1), "cell.date"),
        (644169600.5, "cell.date"),
        (NAN, "cell.number_too_long"),
        (datetime(9999, 12, 31, 23, tzinfo=UTC), "cell.date"),  # already the year 10000 at +08:00
        (date(1, 1, 1), "cell.birthday_range"),
        (date(9999, 12, 31), "cell.birthday_range"),
        (datetime(1, 1, 1), "cell.birthday_range"),
    ],
)
def test_no_birthday(cell: Cell, key: str) -> None:
    assert refusal("birthday", cell) == key


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        (date(1990, 5, 1), 641491200),
        (datetime(1990, 4, 30, 16, tzinfo=UTC), 641491200),
        (datetime(1990, 5, 1, tzinfo=timezone(timedelta(hours=8))), 641491200),
        (19900501, 641491200),
        (19900501.0, 641491200),
        (1285904160.0, 1285904160),
        (641491200000.0, 641491200),
    ],
)
def test_a_birthday_from_other_than_text(cell: Cell, wanted: int) -> None:
    assert value("birthday", cell) == wanted


def field(**declared: Any) -> dict[str, Any]:
    return {"custom_fields": {"mf_x": declared}}


@pytest.mark.parametrize(
    ("cell", "declared", "key"),
    [
        ("无", {"type": "single", "options": {"有": "1"}}, "cell.option"),
        ("2", {"type": "single", "options": {"有": "1"}}, "cell.option"),
        ("有,无", {"type": "multiple", "options": {"有": "1"}}, "cell.option"),
        ("有", {"type": "single"}, "cell.option_undeclared"),
        ("有,1", {"type": "multiple"}, "cell.option_undeclared"),
        ("15910055219879209621/1", {"type": "cascade"}, "cell.option_undeclared"),
        (5.0, {"type": "single"}, "cell.id_float"),
        ("1.59E+18", {"type": "single"}, "cell.id_float"),
        ("1591005521987920000", {"type": "multiple"}, "cell.rounded"),
        (True, {"type": "single"}, "cell.option_undeclared"),
        (",", {"type": "multiple"}, "cell.no_parts"),
        ("一级/三级", {"type": "cascade", "options": {"一级": "1", "一级/二级": "2"}}, "cell.option_near"),
        ("二级", {"type": "cascade", "options": {"一级": "1", "一级/二级": "2"}}, "cell.option_near"),
        ("三级", {"type": "cascade", "options": {"甲": "1", "甲/乙": "2"}}, "cell.option"),
        ("Ａ", {"type": "single", "options": {"a": "1", "b": "3", "A": "2"}}, "cell.ambiguous"),
        ("1/9", {"type": "cascade", "options": {"一级": "1", "一级/二级": "2"}}, "cell.option"),
        ("/", {"type": "cascade", "options": {"一级": "1"}}, "cell.option"),
        ("a/b", {"type": "cascade"}, "cell.option_undeclared"),
        (1.5, {"type": "cascade"}, "cell.id_float"),
        ("明天", {"type": "date"}, "cell.date"),
        (45000, {"type": "date"}, "cell.serial_date"),
        (time(8), {"type": "datetime"}, "cell.date"),
        ("2022-06-22 25:00", {"type": "datetime"}, "cell.date"),
    ],
)
def test_no_value_of_a_custom_field(cell: Cell, declared: dict[str, Any], key: str) -> None:
    assert refusal("mf_x", cell, **field(**declared)) == key


@pytest.mark.parametrize(("number", "listed"), [(12, "n1, {}, n12"), (13, "n1, {}, n12, …")])
@pytest.mark.parametrize("kind", ["single", "cascade"])
def test_of_many_options_the_first_are_listed_and_that_there_are_more(number: int, listed: str, kind: str) -> None:
    options = {f"n{one}": str(one) for one in range(1, number + 1)}
    (problem,) = one("mf_x", "x", **field(type=kind, options=options)).plans[0].problems  # type: ignore[union-attr]
    between = ", ".join(f"n{one}" for one in range(2, 12))
    assert say(problem.message, "en") == f'must be one of the options ({listed.format(between)}); it holds "x"'


@pytest.mark.parametrize(
    ("cell", "declared", "wanted"),
    [
        ("1", {"type": "single", "options": {"1": "100", "2": "1"}}, "100"),  # the name wins over the id
        ("100", {"type": "single", "options": {"1": "100", "2": "1"}}, "100"),
        ("a", {"type": "single", "options": {"a": "1", "A": "2"}}, "1"),  # its very name wins over one that looks alike
        ("A", {"type": "multiple", "options": {"a": "1", "A": "2"}}, ["2"]),
        (1, {"type": "single", "options": {"1": "100"}}, "100"),
        (True, {"type": "single", "options": {"TRUE": "9"}}, "9"),
        ("'12", {"type": "single"}, "12"),
        ("0012", {"type": "single"}, "0012"),
        ("0012", {"type": "single", "ids": "integer"}, 12),
        ("一级-二级", {"type": "cascade", "options": {"一级": "1", "一级/二级": "2"}}, ["1", "2"]),
        ("a-b/c", {"type": "cascade", "options": {"a-b": "1", "a-b/c": "2"}}, ["1", "2"]),
        (5, {"type": "cascade"}, ["5"]),
        ("1，2", {"type": "cascade", "options": {"一级": "1", "一级/二级": "2"}}, ["1", "2"]),
        (date(2022, 6, 21), {"type": "date"}, "2022-06-21"),
        (datetime(2022, 6, 21, 16, tzinfo=UTC), {"type": "datetime"}, "2022-06-22 00:00:00"),
        (datetime(2022, 6, 21, 16, 0, 0, 999_999), {"type": "datetime"}, "2022-06-21 16:00:00"),
    ],
)
def test_a_value_of_a_custom_field(cell: Cell, declared: dict[str, Any], wanted: object) -> None:
    assert value("mf_x", cell, **field(**declared)) == wanted
