"""What a first edit is refuted by, once its clue was read before and after: a pure comparison."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from batch_editor.edits.clue_record import UNREADABLE, parse_record
from batch_editor.edits.payload import Payload
from batch_editor.edits.verify import refutations
from batch_editor.messages import say
from batch_editor.model import RowValues, Status
from batch_editor.settings.row_rules import RowRules
from batch_editor.settings.settings import Settings

CLUE = 1539169150405479425
CUSTOM: dict[str, Any] = {
    "mf_text": {"title": "行业"},
    "mf_one": {"type": "single", "options": {"甲": "1", "乙": "2"}},
    "mf_many": {"type": "multiple", "ids": "integer"},
}
RULES = Settings(custom_fields=CUSTOM).row_rules
#: A clue as clue/info shows it. Of ``mf_odd`` nobody here knows the type, and it is shown as no text can be written.
BEFORE: dict[str, Any] = {
    "clue_id": CLUE,
    "clue_name": "张三",
    "clue_pool_id": 7,
    "follow_user_id": "wo-owner-of-the-tests",
    "description": "旧",
    "email": "a@b.cn",
    "gender": "男",
    "birthday": 578419200,
    "tag_list": [{"tag_id": "a"}, {"tag_id": "b"}],
    "mobile_phone": "13800000000",
    "field_map": {"mf_text": "制造", "mf_one": [{"name": "甲", "id": "1"}], "mf_many": [{"id": "1"}], "mf_odd": [{"id": "9"}]},
}
MAY_1988 = {"+08:00": 578419200, "Shanghai": 578415600}  # the midnight of 1988-05-01 on either clock, in seconds


def changed(**fields: Any) -> dict[str, Any]:
    """The clue with other ``fields``, custom ones among them; ``...`` takes one away."""
    data = {**BEFORE, "field_map": dict(BEFORE["field_map"])}
    for key, value in fields.items():
        where = data["field_map"] if key.startswith("mf_") else data
        if value is ...:
            del where[key]
        else:
            where[key] = value
    return data


def refuted(
    listed: dict[str, Any],
    after: dict[str, Any],
    before: dict[str, Any] = BEFORE,
    cleared: Sequence[str] = (),
    rules: RowRules = RULES,
) -> list[str]:
    """What is said of an edit that lists these fields, in English; it can be said in Chinese too."""
    required = {
        "clue_id": CLUE,
        "user_id": "wo-operator-of-the-tests",
        "clue_name": "张三",
        "clue_pool_id": 7,
        "follow_user_id": "wo-owner-of-the-tests",
    }
    body = Payload(required | listed, tuple(listed)).to_json()
    row = RowValues(2, CLUE, Status.UPDATED, body, tuple(listed), tuple(cleared), {}, ())
    lines = refutations(row, parse_record(before, CLUE, rules), parse_record(after, CLUE, rules), rules)
    assert all(say(line, "zh") for line in lines)
    return [say(line, "en") for line in lines]


# --- what is as it should be


@pytest.mark.parametrize(
    ("listed", "after"),
    [
        ({"remark": "新"}, {"description": "新"}),
        ({"remark": "旧"}, {}),
        ({"clue_name": "李四", "clue_pool_id": 8}, {"clue_name": "李四", "clue_pool_id": "8"}),
        ({"gender": "1"}, {"gender": "女"}),
        ({"label": "c,a"}, {"tag_list": [{"tag_id": "a"}, {"tag_id": "c"}]}),
        ({"mf_one": "2"}, {"mf_one": [{"name": "乙", "id": "2"}]}),
        ({"mf_many": [3, 1]}, {"mf_many": [{"id": "1"}, {"id": "3"}]}),
        ({"mf_new": "x"}, {"mf_new": "x"}),
    ],
)
def test_new_values_in_whatever_shape_they_are_shown(listed: dict[str, Any], after: dict[str, Any]) -> None:
    assert refuted(listed, changed(**after)) == []


@pytest.mark.parametrize(
    ("key", "sent", "after"),
    [
        ("remark", "", {"description": ""}),
        ("remark", None, {"description": None}),
        ("email", "", {"email": None}),
        ("email", "", {"email": ...}),  # a tenant that does not show what is empty
        ("birthday", 0, {"birthday": None}),
        ("birthday", None, {"birthday": ""}),
        ("label", "", {"tag_list": []}),
        ("mf_text", "", {"mf_text": ...}),
        ("mf_many", [], {"mf_many": None}),
    ],
)
def test_an_emptied_field_is_empty_whatever_it_was_sent_as(key: str, sent: object, after: dict[str, Any]) -> None:
    assert refuted({key: sent}, changed(**after), cleared=[key]) == []
    assert len(refuted({key: sent}, BEFORE, cleared=[key])) == 1


@pytest.mark.parametrize("sent", MAY_1988.values())
@pytest.mark.parametrize("shown", MAY_1988.values())
@pytest.mark.parametrize("unit", ["s", "ms"])
def test_a_birthday_in_the_years_of_summer_time_is_equal_on_either_clock(sent: int, shown: int, unit: str) -> None:
    """Whether the CRM counts in +08:00 or in Asia/Shanghai, and shows it in seconds or in milliseconds."""
    rules = Settings(birthday_unit=unit).row_rules
    value = sent * 1000 if unit == "ms" else sent
    assert refuted({"birthday": value}, changed(birthday=shown), rules=rules) == []
    assert refuted({"birthday": value}, changed(birthday=shown * 1000), rules=rules) == []


def test_what_cannot_be_read_is_not_looked_at() -> None:
    listed = dict.fromkeys(sorted(UNREADABLE - {"user_id"}), "1")
    assert refuted(listed, BEFORE) == []
    assert refuted(listed | {"remark": "新"}, changed(description="新", work_id=5)) == []


def test_what_this_tenant_does_not_show_is_not_looked_at() -> None:
    assert refuted({"address": "浦东"}, BEFORE) == []
    none = {key: value for key, value in BEFORE.items() if key != "field_map"}
    assert refuted({"mf_text": "零售", "remark": "新"}, none | {"description": "新"}, none) == []


def test_what_no_edit_can_set_may_change() -> None:
    assert refuted({"remark": "新"}, changed(description="新", mobile_phone="13900000000", state=4)) == []


# --- what is not


@pytest.mark.parametrize(
    ("listed", "after", "line"),
    [
        ({"remark": "新"}, {}, "描述 (remark): expected 新, found 旧"),
        ({"remark": "新"}, {"description": ""}, "描述 (remark): expected 新, found (empty)"),
        ({"gender": "1"}, {}, "性别 (gender): expected 女, found 男"),
        ({"label": "c"}, {"tag_list": [{"tag_id": "a"}, {"tag_id": "c"}]}, "标签 (label): expected c, found a, c"),
        ({"mf_one": "2"}, {}, "mf_one: expected 乙, found 甲"),
        ({"mf_new": "x"}, {}, "mf_new: expected x, found (empty)"),
    ],
)
def test_a_listed_field_that_has_another_value(listed: dict[str, Any], after: dict[str, Any], line: str) -> None:
    assert refuted(listed, changed(**after)) == [line]


@pytest.mark.parametrize(
    ("after", "line"),
    [
        ({"email": "c@d.cn"}, "邮箱 (email): expected a@b.cn, found c@d.cn"),
        ({"email": ""}, "邮箱 (email): expected a@b.cn, found (empty)"),
        ({"clue_name": "李四"}, "线索名称 (clue_name): expected 张三, found 李四"),
        ({"clue_pool_id": 8}, "线索池ID (clue_pool_id): expected 7, found 8"),
        ({"tag_list": []}, "标签 (label): expected a, b, found (empty)"),
        ({"mf_text": "零售"}, "行业 (mf_text): expected 制造, found 零售"),
        ({"mf_text": ...}, "行业 (mf_text): expected 制造, found (empty)"),
        ({"mf_one": None}, "mf_one: expected 甲, found (empty)"),
        ({"mf_new": "x"}, "mf_new: expected (empty), found x"),
        ({"address": "浦东"}, "详细地址 (address): expected (empty), found 浦东"),
    ],
)
def test_a_field_that_is_not_listed_must_be_as_before(after: dict[str, Any], line: str) -> None:
    """The accidental wipe of promise 1 would be seen here."""
    assert refuted({"remark": "新"}, changed(description="新", **after)) == [line]


@pytest.mark.parametrize(
    ("odd", "found"), [([{"id": "8"}], '[{"id": "8"}]'), ([], "(empty)"), (..., "(empty)"), ("文字", "(empty)")]
)
def test_a_custom_field_that_nobody_here_can_write_must_be_as_before_too(odd: object, found: str) -> None:
    lines = refuted({"remark": "新"}, changed(description="新", mf_odd=odd))
    assert lines[-1] == f'mf_odd: expected [{{"id": "9"}}], found {found}'
    assert lines[:-1] == (["mf_odd: expected (empty), found 文字"] if odd == "文字" else [])


def test_one_that_was_not_there_before_is_told() -> None:
    lines = refuted({"remark": "新"}, changed(description="新", mf_more=[{"id": "7"}]))
    assert lines == ['mf_more: expected (empty), found [{"id": "7"}]']


def test_the_same_custom_field_written_in_another_order_is_the_same() -> None:
    before, after = ({"mf_odd": [dict(pairs)]} for pairs in ((("a", 1), ("b", 2)), (("b", 2), ("a", 1))))
    assert refuted({"remark": "旧"}, changed(**after), changed(**before)) == []


@pytest.mark.parametrize(
    ("lost", "line"),
    [
        ("email", "邮箱 (email): expected a@b.cn, found (cannot be read)"),
        ("clue_name", "线索名称 (clue_name): expected 张三, found (cannot be read)"),
        ("birthday", "生日 (birthday): expected 1988-05-01, found (cannot be read)"),
    ],
)
def test_a_field_that_was_shown_before_and_is_not_after(lost: str, line: str) -> None:
    assert refuted({"remark": "新"}, changed(description="新", **{lost: ...})) == [line]


def test_a_listed_field_that_is_not_shown_after() -> None:
    assert refuted({"remark": "新"}, changed(description=...)) == ["描述 (remark): expected 新, found (cannot be read)"]


def test_custom_fields_that_are_no_longer_shown_at_all_are_told_one_by_one() -> None:
    lines = refuted({"remark": "旧"}, {key: value for key, value in BEFORE.items() if key != "field_map"})
    assert [line.partition(":")[0] for line in lines] == ["mf_many", "mf_one", "行业 (mf_text)", "mf_odd"]


@pytest.mark.parametrize("days", [-1, 1])
@pytest.mark.parametrize("shown", MAY_1988.values())
def test_a_birthday_that_is_a_day_off_is_told(days: int, shown: int) -> None:
    sent = MAY_1988["+08:00"]
    line = f"生日 (birthday): expected 1988-05-01, found 1988-{'05-02' if days > 0 else '04-30'}"
    assert refuted({"birthday": sent}, changed(birthday=shown + days * 24 * 3600)) == [line]


def test_a_birthday_in_the_wrong_unit_is_told() -> None:
    """What the proof is there to find: the tenant takes milliseconds for seconds."""
    (line,) = refuted({"birthday": MAY_1988["+08:00"]}, changed(birthday=MAY_1988["+08:00"] // 1000))
    assert line.startswith("生日 (birthday): expected 1988-05-01, found 1970-01-08")


def test_everything_that_is_wrong_is_told_sorted_by_field() -> None:
    after = changed(description="", email="", mf_text="", mf_odd=...)
    lines = refuted({"remark": "新", "gender": "1"}, after)
    assert [line.partition(":")[0] for line in lines] == [
        "邮箱 (email)",
        "性别 (gender)",
        "行业 (mf_text)",
        "描述 (remark)",
        "mf_odd",
    ]
