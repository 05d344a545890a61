"""A clue as clue/info shows it, in the words and shapes of clue/edit, and when two values are the same."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from support.samples import CLUE_INFO

from batch_editor.edits.cells import Json
from batch_editor.edits.clue_record import UNREADABLE, ClueRecord, MalformedRecord, as_text, is_empty, parse_record, same_value
from batch_editor.fields import BY_KEY
from batch_editor.messages import say
from batch_editor.model import Message
from batch_editor.settings.row_rules import RowRules
from batch_editor.settings.settings import Settings

#: No example is judged by its time.
unhurried = hypothesis_settings(deadline=None)

DATA: dict[str, Any] = json.loads(CLUE_INFO)["data"]
CLUE = 1539169150405479425
#: The sample in the words and shapes of clue/edit.
WANTED = {
    "clue_name": "黄杉少女",
    "clue_corp_name": "日月光封装测试(上海)有限公司",
    "clue_pool_id": 1522843564091630593,
    "follow_user_id": "wovvCXcAAAFa-yRtEAUjgQCyjqN9TJ7A",
    "email": "xxxx@qq.com",
    "area": "湖北省-武汉市-洪山区",
    "address": "详细地址测试",
    "access_customer_channel": "广告-巨量引擎-头条",
    "remark": "这是描述",
    "gender": "0",
    "label": "etvvCXcAAAZHYVzWCdeCCnTcIM2vtRPw",
    "business_tag_ids": "sttFmKWgAAHPu3UqphM2zjPOI7aLt-BQ",
    "birthday": 1655136000,
    "mf_clue_51": "1539179902561233923",
    "mf_clue_52": ["1539179902926138370", "1539179902926138371"],
    "mf_clue_53": ["1539179903198768129", "1539179903202962433"],
    "mf_clue_1": "3234",
    "mf_clue_101": "2022-06-21",
    "mf_clue_102": "2022-06-22 00:00:00",
}
#: What clue/edit calls a field → what clue/info calls it, where that is another name.
READ_AS = {"remark": "description", "label": "tag_list", "business_tag_ids": "business_tags"}
TEXTS = (
    *("clue_name", "clue_corp_name", "follow_user_id", "email", "area", "address"),
    *("access_customer_channel", "description"),
)
CUSTOM = {
    "mf_clue_1": {"options": {"of no use to a text": "7"}},
    "mf_clue_51": {"type": "single", "options": {"选项1": "1539179902561233922", "选项2": "1539179902561233923"}},
    "mf_clue_52": {"type": "multiple", "options": {"选项1": "1539179902926138370", "选项2": "1539179902926138371"}},
    "mf_clue_53": {"type": "cascade", "options": {"分类1": "1539179903198768129", "分类1/细类": "1539179903202962433"}},
    "mf_clue_101": {"type": "date"},
    "mf_clue_102": {"type": "datetime"},
    "mf_listed": {"type": "single", "choice_shape": "list"},
    "mf_number": {"type": "single", "ids": "integer"},
    "mf_numbers": {"type": "multiple", "ids": "integer"},
}
RULES = Settings(custom_fields=CUSTOM).row_rules
IN_MS = Settings(custom_fields=CUSTOM, birthday_unit="ms").row_rules
CHINA, SHANGHAI = timezone(timedelta(hours=8)), ZoneInfo("Asia/Shanghai")
DAY = 24 * 60 * 60
SURROGATE = "\ud83d"


def live(rules: RowRules = RULES, /, **data: object) -> ClueRecord:
    return parse_record(data, CLUE, rules)


def custom(key: str, value: object) -> ClueRecord:
    return live(field_map={key: value})


def refusal(data: Mapping[str, object]) -> Message:
    """Why ``data`` is malformed, which can be said in both languages."""
    with pytest.raises(MalformedRecord) as caught:
        parse_record(data, CLUE, RULES)
    message = caught.value.message
    for lang in ("en", "zh"):
        assert str(message.values.get("field", CLUE)) in say(message, lang)
    return message


def seconds(day: date, zone: timezone | ZoneInfo) -> int:
    """The midnight in which ``day`` begins."""
    return int(datetime.combine(day, time(), tzinfo=zone).timestamp())


# --- the table of what is read and what is written


def test_the_documented_sample() -> None:
    found = parse_record(DATA, CLUE, RULES)
    assert found.values == WANTED
    assert (found.clue_id, found.others, found.custom) == (CLUE, {}, True)
    assert [type(value) for value in found.values.values()] == [type(WANTED[key]) for key in found.values]


def test_the_sample_tells_every_field_that_can_be_read() -> None:
    assert BY_KEY.keys() - WANTED.keys() - {"clue_id"} == UNREADABLE


@pytest.mark.parametrize("key", WANTED)
def test_a_missing_field_is_not_known(key: str) -> None:
    name = READ_AS.get(key, key)
    data = {**DATA, "field_map": {one: value for one, value in DATA["field_map"].items() if one != key}}
    data.pop(name, None)
    found = parse_record(data, CLUE, RULES)
    assert found.values == {one: value for one, value in WANTED.items() if one != key}
    if key.startswith("mf_"):  # it is one of those that the answer would have told
        assert found.value(key) is None
    else:
        assert not found.knows(key)
        with pytest.raises(KeyError):
            found.value(key)


@pytest.mark.parametrize("blank", [None, "", []], ids=repr)
@pytest.mark.parametrize("key", WANTED)
def test_a_blank_field_is_known_to_be_empty(key: str, blank: object) -> None:
    found = custom(key, blank) if key.startswith("mf_") else live(**{READ_AS.get(key, key): blank})
    assert found.values == {key: None}
    assert found.knows(key)
    assert found.value(key) is None


def test_fields_nobody_asked_for_are_ignored() -> None:
    more = dict.fromkeys(UNREADABLE, "x") | {"remark": "x", "label": "x", "brand_new": [{}]}
    found = parse_record({**DATA, **more}, CLUE, RULES)
    assert found.values == WANTED
    assert not any(found.knows(key) for key in UNREADABLE)


def test_no_custom_field_passes_for_a_field_of_the_reference() -> None:
    found = live(gender="女", field_map={"gender": "0", "user_id": "x", "label": ["x"]})
    assert found.values == {"gender": "1"}
    assert found.others == {}


def test_without_custom_fields_in_the_answer_none_is_known() -> None:
    found = live(clue_name="线索")
    assert not found.custom
    assert not found.knows("mf_clue_1")
    with pytest.raises(KeyError):
        found.value("mf_clue_1")


def test_no_custom_fields_at_all_are_empty_ones() -> None:
    found = live(field_map=None)
    assert found.custom
    assert found.knows("mf_clue_1")
    assert found.value("mf_clue_1") is None
    assert not found.knows("birthday")


# --- whose record it is


@pytest.mark.parametrize("found", [CLUE, str(CLUE)])
def test_the_clue_that_was_asked_for(found: object) -> None:
    assert live(clue_id=found).clue_id == CLUE


@pytest.mark.parametrize("found", [CLUE + 1, str(CLUE + 1), float(CLUE), f"{CLUE}.0", f" {CLUE}", None, "", True, [CLUE], {}])
def test_another_clue(found: object) -> None:
    assert refusal({"clue_id": found, "clue_name": "x"}).key == "live.other_clue"


def test_an_id_is_not_taken_from_a_float_or_a_boolean() -> None:
    for found in (1.0, True):
        with pytest.raises(MalformedRecord):
            parse_record({"clue_id": found}, 1, RULES)


# --- the fields of the reference


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        *(({name: " a\nb "}, {name if name != "description" else "remark": " a\nb "}) for name in TEXTS),
        *(({name: 7}, {name if name != "description" else "remark": "7"}) for name in TEXTS),
        ({"clue_pool_id": "1522843564091630593"}, {"clue_pool_id": 1522843564091630593}),
        ({"clue_pool_id": 0}, {"clue_pool_id": 0}),
        ({"clue_pool_id": 2**63 - 1}, {"clue_pool_id": 2**63 - 1}),
        ({"gender": "男"}, {"gender": "0"}),
        ({"gender": "女"}, {"gender": "1"}),
        ({"gender": "0"}, {"gender": "0"}),
        ({"gender": "1"}, {"gender": "1"}),
        ({"gender": 0}, {"gender": "0"}),
        ({"gender": 1}, {"gender": "1"}),
        ({"gender": "未知"}, {}),
        ({"gender": "2"}, {}),
        ({"tag_list": [{"tag_id": "a", "tag_name": "x"}, {"tagId": "b"}, {"tag_id": "a"}]}, {"label": "a,b"}),
        ({"tag_list": {"tagId": 5}}, {"label": "5"}),
        ({"business_tags": [{"tag_id": "b"}, {"tag_id": 2**62}]}, {"business_tag_ids": f"b,{2**62}"}),
        ({"birthday": "1655136000"}, {"birthday": 1655136000}),
        ({"birthday": 1655136000.0}, {"birthday": 1655136000}),
        ({"birthday": -1655136000}, {"birthday": -1655136000}),
        ({"birthday": "-1655136000"}, {"birthday": -1655136000}),
        ({"birthday": 0}, {"birthday": 0}),
        ({"birthday": 99_999_999_999}, {"birthday": 99_999_999_999}),
        ({"birthday": 100_000_000_000}, {"birthday": 100_000_000}),
        ({"birthday": -100_000_000_000}, {"birthday": -100_000_000}),
        ({"birthday": "1655136000000"}, {"birthday": 1655136000}),
        ({"description": f"cut {SURROGATE}"}, {}),
    ],
)
def test_other_ways_to_show_a_field(data: Mapping[str, object], wanted: Mapping[str, object]) -> None:
    values = live(**data).values
    assert values == wanted
    assert [type(value) for value in values.values()] == [type(value) for value in wanted.values()]


@pytest.mark.parametrize("shown", [1655136000, 1655136000.0, "1655136000", 1655136000000, "1655136000000"])
def test_a_birthday_in_milliseconds(shown: object) -> None:
    assert live(IN_MS, birthday=shown).values == {"birthday": 1655136000000}


MALFORMED: list[tuple[str, object]] = [
    *((name, value) for name in TEXTS for value in (["x"], {"a": "x"}, {}, True, False, 1.0, 0.5)),
    *(
        ("clue_pool_id", value)
        for value in (-1, "-1", 5.0, "5.0", " 5", "５", "٣", True, [5], {}, 2**63, str(2**63), "1" * 5000)
    ),
    *(("gender", value) for value in (2, True, False, 1.0, ["男"], {})),
    *(
        (name, value)
        for name in ("tag_list", "business_tags")
        for value in (
            ["a"],
            "a",
            5,
            True,
            {},
            [{}],
            [{"tag_name": "x"}],
            [{"tag_id": ""}],
            [{"tag_id": None}],
            [{"tag_id": True}],
        )
    ),
    *(
        ("tag_list", value)
        for value in ([{"tag_id": 1.0}], [{"tag_id": ["a"]}], [[{"tag_id": "a"}]], [None], [{"tag_id": "a,b"}])
    ),
    *(
        ("birthday", value)
        for value in ("1990-05-01", 0.5, float(2**53), float("nan"), float("inf"), True, [1], {}, "1" * 20, 2**63)
    ),
    *(("field_map", value) for value in ("x", "", 5, 0, True, False, [], [{}])),
]


@pytest.mark.parametrize(("name", "value"), MALFORMED, ids=lambda one: str(one)[:30])
def test_a_shape_that_is_not_understood(name: str, value: object) -> None:
    message = refusal({**DATA, name: value})
    assert message.key == "live.malformed"
    assert message.values["field"] == name


def test_every_field_has_been_broken() -> None:
    assert {READ_AS.get(key, key) for key in WANTED if key in BY_KEY} | {"field_map"} == {name for name, _ in MALFORMED}


def test_a_message_shows_what_stands_there_and_no_more_than_a_line_of_it() -> None:
    assert refusal({"birthday": "一九九〇"}).values == {"field": "birthday", "value": '"一九九〇"'}
    assert refusal({"email": {"b": "\n", "a": SURROGATE}}).values["value"] == '{"a": "\\ud83d", "b": "\\n"}'
    long = refusal({"email": ["x" * 100]}).values["value"]
    assert long == '["' + "x" * 57 + "…"


@pytest.mark.parametrize("name", ["email", "mf_clue_1"])
def test_a_value_that_cannot_even_be_shown(name: str) -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    for value in (deep, [10**5000]):
        message = refusal({"email": value} if name == "email" else {"field_map": {name: value}})
        assert message.values == {"field": name, "value": "…"}


# --- custom fields


@pytest.mark.parametrize(
    ("key", "shown", "wanted"),
    [
        ("mf_clue_51", [{"name": "x", "id": "5"}], "5"),
        ("mf_clue_51", {"name": "x", "id": "5"}, "5"),
        ("mf_clue_51", "5", "5"),
        ("mf_clue_51", 5, "5"),
        ("mf_clue_51", ["5"], "5"),
        ("mf_clue_51", [5], "5"),
        ("mf_listed", [{"id": 5}], ["5"]),
        ("mf_listed", "5", ["5"]),
        ("mf_number", [{"name": "x", "id": "1539179902561233923"}], 1539179902561233923),
        ("mf_number", 5, 5),
        ("mf_clue_52", [{"id": "b"}, {"id": 5}, "a", {"id": "b"}], ["b", "5", "a"]),
        ("mf_clue_52", {"id": "b"}, ["b"]),
        ("mf_clue_52", "b", ["b"]),
        ("mf_clue_53", 5, ["5"]),
        ("mf_clue_53", [{"id": "b"}, {"id": "a"}], ["b", "a"]),
        ("mf_numbers", [{"id": "5"}, 4, "5"], [5, 4]),
        ("mf_clue_1", " x ", " x "),
        ("mf_clue_1", 5, "5"),
        ("mf_clue_1", 5.0, "5"),
        ("mf_clue_1", 0.5, "0.5"),
        ("mf_clue_101", "2022-06-21", "2022-06-21"),
        ("mf_clue_101", 1655136000000, "1655136000000"),
        ("mf_clue_102", "2022-06-22 00:00:00", "2022-06-22 00:00:00"),
        ("mf_undeclared", "x", "x"),
        ("mf_undeclared", 5, "5"),
    ],
)
def test_a_custom_field(key: str, shown: object, wanted: Json) -> None:
    found = custom(key, shown)
    assert found.values == {key: wanted}
    assert type(found.value(key)) is type(wanted)
    assert found.others == {}


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("mf_clue_51", [{"name": "x", "id": "5"}, {"name": "y", "id": "6"}]),
        ("mf_listed", ["5", "6"]),
        ("mf_number", "a"),
        ("mf_number", -5),
        ("mf_number", str(2**63)),
        ("mf_numbers", ["5", {"id": "a"}]),
        ("mf_clue_52", ["5", SURROGATE]),
        ("mf_clue_1", ["x"]),
        ("mf_clue_1", {"b": 1, "a": 2}),
        ("mf_clue_1", float(2**53)),
        ("mf_clue_1", SURROGATE),
        ("mf_clue_101", ["2022-06-21"]),
        ("mf_clue_102", {"a": 1}),
        ("mf_undeclared", [{"name": "选项", "id": "5"}]),
        ("mf_undeclared", {"id": "5"}),
    ],
)
def test_what_nobody_can_write_back_is_kept_apart(key: str, shown: object) -> None:
    found = custom(key, shown)
    assert found.values == {}
    assert not found.knows(key)
    with pytest.raises(KeyError):
        found.value(key)
    assert json.loads(found.others[key]) == shown
    found.others[key].encode()


def test_what_nobody_can_write_back_is_told_in_one_way() -> None:
    one, other = custom("mf_x", {"b": [1], "a": "选项"}), custom("mf_x", {"a": "选项", "b": [1]})
    assert one.others == other.others == {"mf_x": '{"a": "选项", "b": [1]}'}


@pytest.mark.parametrize("key", ["mf_clue_51", "mf_clue_52", "mf_clue_53", "mf_number", "mf_numbers"])
@pytest.mark.parametrize(
    "shown",
    [True, [True], {}, [{}], {"name": "x"}, [{"id": None}], [{"id": ""}], [{"id": 5.0}], [["5"]], [None], [""], 5.0, [[]]],
)
def test_a_broken_choice(key: str, shown: object) -> None:
    assert refusal({"field_map": {key: shown}}).values["field"] == key


@pytest.mark.parametrize("key", ["mf_clue_1", "mf_clue_101", "mf_clue_102", "mf_undeclared"])
def test_a_broken_text(key: str) -> None:
    for shown in (True, False):
        assert refusal({"field_map": {key: shown}}).values == {"field": key, "value": json.dumps(shown)}


# --- when two values are the same

SAME: list[tuple[str, Json, Json]] = [
    ("clue_name", None, ""),
    ("label", "", []),
    ("mf_clue_52", [], None),
    ("clue_pool_id", "5012", 5012),
    ("label", "a,b", "b,a"),
    ("business_tag_ids", "a,b", "b,a,b"),
    ("mf_clue_51", "5", ["5"]),
    ("mf_clue_51", 5, "5"),
    ("mf_clue_52", ["1", "2"], [2, 1]),
    ("mf_clue_53", ["1", "2"], ["2", "1"]),
    ("mf_undeclared", ["1", "2"], ["2", "1"]),
    ("mf_clue_1", 5, "5"),
    ("mf_clue_101", 5, "5"),
    ("mf_undeclared", 5, "5"),
    ("birthday", "1655136000", 1655136000),
    ("birthday", 10**30, 10**30),
]
DIFFERENT: list[tuple[str, Json, Json]] = [
    *((key, value, blank) for key, value in WANTED.items() for blank in (None, "", [])),
    ("clue_name", "a", "a "),
    ("clue_name", "a", "A"),
    ("remark", "a,b", "b,a"),
    ("mf_clue_1", "a,b", "b,a"),
    ("mf_clue_1", "5", "5.0"),
    ("mf_clue_51", "1,2", "2,1"),
    ("clue_pool_id", 1591005521987920897, 1591005521987920896),
    ("follow_user_id", "05", "5"),
    ("gender", "0", "1"),
    ("label", "a,b", "a"),
    ("label", "a,b", "ab"),
    ("mf_clue_52", ["1", "2"], ["1"]),
    ("mf_clue_101", "2022-06-21", "2022-06-21 00:00:00"),
    ("birthday", 0, None),
    ("birthday", 10**15, 10**15 + 1),
    ("birthday", 10**30, 10**30 + 1),
    ("birthday", -(10**15), 0),
    ("birthday", "x", 0),
]


@pytest.mark.parametrize(("key", "one", "other"), SAME)
def test_the_same(key: str, one: Json, other: Json) -> None:
    assert same_value(key, one, other, RULES)
    assert same_value(key, other, one, RULES)


@pytest.mark.parametrize(("key", "one", "other"), DIFFERENT)
def test_not_the_same(key: str, one: Json, other: Json) -> None:
    assert not same_value(key, one, other, RULES)
    assert not same_value(key, other, one, RULES)


@pytest.mark.parametrize(("value", "wanted"), [(None, True), ("", True), ([], True), (0, False), ("0", False), (["a"], False)])
def test_empty(value: Json, wanted: bool) -> None:
    assert is_empty(value) is wanted


def days_of_summer() -> Iterator[date]:
    for year in range(1986, 1992):
        yield from (date(year, 4, 1) + timedelta(days=number) for number in range(200))


@pytest.mark.parametrize(("rules", "unit"), [(RULES, 1), (IN_MS, 1000)], ids=["s", "ms"])
def test_a_birthday_in_the_summers_when_china_put_its_clocks_forward(rules: RowRules, unit: int) -> None:
    shifted = 0
    for day in days_of_summer():
        ours, theirs = seconds(day, CHINA) * unit, seconds(day, SHANGHAI) * unit
        shifted += ours - theirs == 3600 * unit
        assert same_value("birthday", ours, theirs, rules)
        assert same_value("birthday", theirs, ours, rules)
        assert as_text("birthday", ours, rules) == as_text("birthday", theirs, rules) == day.isoformat()
        for neighbour in (day - timedelta(days=1), day + timedelta(days=1)):
            for zone in (CHINA, SHANGHAI):
                assert not same_value("birthday", ours, seconds(neighbour, zone) * unit, rules)
                assert not same_value("birthday", theirs, seconds(neighbour, zone) * unit, rules)
    assert shifted > 800


def test_a_birthday_with_a_time_is_that_of_its_day() -> None:
    noon = seconds(date(1990, 7, 1), CHINA) + DAY // 2
    assert same_value("birthday", noon, seconds(date(1990, 7, 1), CHINA), RULES)
    assert same_value("birthday", noon, seconds(date(1990, 7, 1), SHANGHAI), RULES)
    assert not same_value("birthday", noon, seconds(date(1990, 7, 2), CHINA), RULES)
    late = int(datetime(1990, 6, 30, 23, 30, tzinfo=CHINA).timestamp())  # half past midnight of July 1 in Asia/Shanghai
    assert same_value("birthday", late, noon, RULES)
    assert same_value("birthday", late, seconds(date(1990, 6, 30), CHINA), RULES)


birthdays = (
    st.integers(-(10**15), 10**15)
    | st.integers(-(10**10), 10**10)
    | st.integers(-20_000, 20_000).map(lambda n: n * DAY - 28800)
)


@given(birthdays, st.integers(1, 400))
@example(seconds(date(1991, 9, 15), SHANGHAI), 1)  # a day of 25 hours
@unhurried
def test_a_shift_of_whole_days_is_never_the_same(birthday: int, days: int) -> None:
    assert not same_value("birthday", birthday, birthday + days * DAY, RULES)
    assert not same_value("birthday", birthday * 1000, (birthday + days * DAY) * 1000, IN_MS)


# --- for a person


@pytest.mark.parametrize(
    ("key", "value", "wanted"),
    [
        ("clue_name", " a ", " a "),
        ("remark", "a,b", "a,b"),
        ("clue_pool_id", 1522843564091630593, "1522843564091630593"),
        ("gender", "0", "男"),
        ("gender", "1", "女"),
        ("gender", "2", "2"),
        ("label", "a,b", "a, b"),
        ("business_tag_ids", "a,b", "a, b"),
        ("birthday", 641491200, "1990-05-01"),
        ("birthday", 641487600, "1990-05-01"),  # the midnight of Asia/Shanghai
        ("birthday", 641491200 + DAY // 2, "1990-05-01 12:00:00"),
        ("birthday", -(10**20), "-100000000000000000000"),
        ("birthday", 10**15, "1000000000000000"),
        ("birthday", "x", "x"),
        ("mf_clue_1", "a,b", "a,b"),
        ("mf_clue_1", "7", "7"),
        ("mf_clue_51", "1539179902561233923", "选项2"),
        ("mf_clue_51", ["1539179902561233923"], "选项2"),
        ("mf_clue_51", "5", "5"),
        ("mf_clue_52", ["1539179902926138371", 1539179902926138370, "7"], "选项2, 选项1, 7"),
        ("mf_clue_53", ["1539179903198768129", "1539179903202962433"], "分类1 / 细类"),
        ("mf_clue_53", ["1539179903198768129", "7"], "分类1 / 7"),
        ("mf_undeclared", ["7", "8"], "7, 8"),
    ],
)
def test_told(key: str, value: Json, wanted: str) -> None:
    assert as_text(key, value, RULES) == wanted


def test_told_in_milliseconds() -> None:
    assert as_text("birthday", 641491200000, IN_MS) == "1990-05-01"
    assert as_text("birthday", 641491200000 + 1, IN_MS) == "1990-05-01 00:00:00.001000"


@pytest.mark.parametrize("blank", [None, "", []], ids=repr)
def test_an_empty_field_is_told_to_be_empty(blank: Json) -> None:
    for key in WANTED:
        assert as_text(key, blank, RULES) == Message("value.empty")


# --- whatever comes

half_too = st.text(st.characters())
number_like = st.integers() | st.integers(-(10**20), 10**20) | st.integers().map(str)
anything = st.recursive(
    st.none() | st.booleans() | number_like | st.floats() | half_too | st.sampled_from(["男", "未知", "1655136000", 2**62]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["id", "tag_id", "tagId", "name"]) | half_too, inner, max_size=4)
    ),
    max_leaves=8,
)
ids = st.text("abc123-_", min_size=1) | st.integers(0, 2**63 - 1).map(str)
id_lists = st.lists(ids, min_size=1, max_size=5, unique=True)
number_lists = st.lists(st.integers(0, 2**63 - 1), min_size=1, max_size=5, unique=True)
texts = st.text(st.characters(codec="utf-8"), min_size=1)
#: What an edit can send, by the field's key.
SENT: dict[str, st.SearchStrategy[Any]] = {
    **{name: texts for name in TEXTS if name != "description"},
    "remark": texts,
    "clue_pool_id": st.integers(0, 2**63 - 1),
    "gender": st.sampled_from(["0", "1"]),
    "label": id_lists.map(",".join),
    "business_tag_ids": id_lists.map(",".join),
    "birthday": st.dates(date(1, 1, 2), date(5000, 1, 1)).map(lambda day: seconds(day, CHINA)) | st.integers(10**8, 10**10 - 1),
    "mf_clue_1": texts,
    "mf_undeclared": texts,
    "mf_clue_101": st.dates().map(str),
    "mf_clue_102": st.datetimes().map(lambda moment: moment.isoformat(sep=" ", timespec="seconds")),
    "mf_clue_51": ids,
    "mf_clue_52": id_lists,
    "mf_clue_53": id_lists,
    "mf_listed": ids.map(lambda one: [one]),
    "mf_number": st.integers(0, 2**63 - 1),
    "mf_numbers": number_lists,
}


def test_every_field_has_values_to_try() -> None:
    assert SENT.keys() == WANTED.keys() | CUSTOM.keys() | {"mf_undeclared"}


def shown_as(key: str, value: Any) -> tuple[str, object]:
    """What clue/info calls the field, and how it shows what was sent."""
    if key in ("label", "business_tag_ids"):
        tags = [{"tag_id": one, "tag_name": f"tag {one}"} for one in reversed(value.split(","))]
        return READ_AS[key], tags[0] if key == "business_tag_ids" and len(tags) == 1 else tags
    if key == "gender":
        return key, {"0": "男", "1": "女"}[value]
    if key == "birthday":
        day = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=value)
        if day.year >= 1900 and day.astimezone(CHINA).time() == time():  # as a CRM has it that counts in the zone
            return key, seconds(day.astimezone(CHINA).date(), SHANGHAI)
        return key, value
    if CUSTOM.get(key, {}).get("type") in ("single", "multiple", "cascade"):
        return key, [{"name": f"option {one}", "id": str(one)} for one in (value if isinstance(value, list) else [value])]
    return READ_AS.get(key, key), value


@given(st.data())
@unhurried
def test_what_an_edit_sends_is_the_same_once_it_is_read_back(data: st.DataObject) -> None:
    key = data.draw(st.sampled_from(sorted(SENT)))
    sent = data.draw(SENT[key])
    name, shown = shown_as(key, sent)
    answer = {"field_map": {name: shown}} if key.startswith("mf_") else {name: shown}
    for rules, unit in ((RULES, 1), (IN_MS, 1000)):
        value = sent * unit if key == "birthday" else sent
        found = parse_record(answer, CLUE, rules).value(key)
        assert type(found) is type(value)
        assert same_value(key, value, found, rules)
        assert as_text(key, value, rules)


@given(st.data(), st.sampled_from([RULES, IN_MS]))
@unhurried
def test_the_same_goes_both_ways(data: st.DataObject, rules: RowRules) -> None:
    key = data.draw(st.sampled_from(sorted(SENT)))
    blanks = st.sampled_from([None, "", []])
    one, other = (data.draw(SENT[key] | blanks | SENT["mf_clue_1"] | SENT["mf_numbers"] | st.integers()) for _ in range(2))
    assert same_value(key, one, one, rules)
    assert same_value(key, one, other, rules) == same_value(key, other, one, rules)


@given(st.data(), st.sampled_from([RULES, IN_MS]))
@unhurried
def test_no_answer_gives_anything_but_values_that_can_be_sent_or_a_reason(data: st.DataObject, rules: RowRules) -> None:
    names = sorted({*DATA, *UNREADABLE})
    answer = {**DATA, data.draw(st.sampled_from(names)): data.draw(anything)}
    if isinstance(answer["field_map"], dict):
        key = data.draw(st.sampled_from([*CUSTOM, "mf_undeclared", "gender"]) | half_too)
        answer["field_map"] = answer["field_map"] | {key: data.draw(anything)}
    try:
        found = parse_record(answer, CLUE, rules)
    except MalformedRecord as malformed:
        assert say(malformed.message, "en").encode()
        return
    assert not found.values.keys() & (UNREADABLE | found.others.keys())
    for key, value in found.values.items():
        assert found.value(key) == value
        assert same_value(key, value, value, rules)
        as_text(key, value, rules)
        json.dumps(value, ensure_ascii=False).encode()
        if key in BY_KEY:
            assert value is None or type(value) is (int if key in ("birthday", "clue_pool_id") else str)
    for text in found.others.values():
        assert text.encode()


# --- names


def test_names_of_ids_are_kept_by_their_fields() -> None:
    data = {
        "clue_name": "张三",
        "clue_pool_id": 7,
        "clue_pool_name": "公海一",
        "tag_list": [{"tag_id": "a", "tag_name": "小学"}, {"tagId": "b", "tagName": "中学"}, {"tag_id": "c", "tag_name": None}],
        "business_tags": {"tag_id": "x", "tag_name": "华东"},
        "field_map": {"mf_one": [{"name": "选项1", "id": "71"}], "mf_bare": ["72"], "mf_text": "制造"},
    }
    record = parse_record(data, 1, Settings().row_rules)
    assert record.clue_name == "张三"
    assert record.names == {
        "clue_pool_id": {"7": "公海一"},
        "label": {"a": "小学", "b": "中学"},
        "business_tag_ids": {"x": "华东"},
        "mf_one": {"71": "选项1"},
    }


def test_what_shows_no_names_has_none() -> None:
    record = parse_record({"clue_pool_id": 7, "tag_list": [{"tag_id": "a"}]}, 1, Settings().row_rules)
    assert (record.clue_name, record.names) == ("", {})
