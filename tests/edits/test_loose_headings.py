"""Headings of other programs: what they name, what is ignored, and that no suggestion crosses meanings (guide: rules)."""

from __future__ import annotations

import pytest
from payloads.rows import CLUE, read
from support.rules import row_rules

from batch_editor.edits.headings import Names
from batch_editor.errors import SheetError

LOOSE = {
    "客户名称": "clue_name",
    "客户姓名": "clue_name",
    "姓名": "clue_name",
    "公司名称": "clue_corp_name",
    "公司": "clue_corp_name",
}
OTHER_MEANINGS = [
    *(
        "跟进记录",
        "跟进状态",
        "跟进时间",
        "跟进次数",
        "跟进人数",
        "跟进",
        "跟进人姓名",
        "客户ID",
        "客户编号",
        "线索编号",
        "线索来源",
        "渠道来源",
    ),
    *(
        "手机号备注",
        "操作时间",
        "是否加急",
        "是否成交",
        "标签名称",
        "企业标签",
        "日期",
        "部门",
        "电话",
        "性格",
        "公司电话",
        "用户名称",
        "名称",
    ),
    *("owner", "mobile", "phone", "client_id", "clue_type", "单位名称", "所属线索池"),
]


@pytest.mark.parametrize(("heading", "key"), LOOSE.items())
def test_a_name_that_other_programs_give_names_its_field(heading: str, key: str) -> None:
    (body,) = read(["clue_id", f" {heading}*："], [CLUE, "x"]).bodies
    assert body["update_specified_fields"] == [key] and body[key] == "x"


@pytest.mark.parametrize("heading", LOOSE)
def test_what_the_settings_call_so_comes_first(heading: str) -> None:
    (body,) = read(["clue_id", heading], [CLUE, "x"], custom_fields={"mf_1": {"title": heading}}).bodies
    assert body["field_map"] == {"mf_1": "x"}
    assert read(["clue_id", heading], [CLUE, "x"], columns={heading: "remark"}).bodies[0]["remark"] == "x"


def test_two_columns_of_one_meaning_stop_the_run_and_either_may_be_left_out() -> None:
    headings, row = ["clue_id", "姓名", "线索名称"], [CLUE, "a", "b"]
    with pytest.raises(SheetError, match="both stand for clue_name"):
        read(headings, row)
    assert read(headings, row, ignore_columns=["姓名"]).bodies[0]["clue_name"] == "b"
    assert read(headings, row, ignore_columns=["线索名称"]).bodies[0]["clue_name"] == "a"
    assert read(["clue_id", "线索名称", "姓名"], row, context_columns=["姓名"]).statuses == ["pending"]


@pytest.mark.parametrize("heading", ["序号", "No.", "NO", "#", "行号"])
def test_numbers_of_rows_are_ignored_with_a_note(heading: str) -> None:
    found = read([heading, "clue_id", "备注"], ["1", CLUE, "x"])
    assert found.statuses == ["pending"] and [note.key for note in found.notes] == ["note.counters"]


@pytest.mark.parametrize("heading", OTHER_MEANINGS)
def test_nothing_is_suggested_across_meanings(heading: str) -> None:
    names = Names(row_rules())
    assert names.field(heading) is None and names.near(heading) is None


@pytest.mark.parametrize(
    ("heading", "key"),
    [
        ("线索名", "clue_name"),
        ("线索企业名你", "clue_corp_name"),
        ("clue_nme", "clue_name"),
        ("remarks", "remark"),
        ("备注2", "remark"),
    ],
)
def test_a_misspelling_is_asked_about(heading: str, key: str) -> None:
    near = Names(row_rules()).near(heading)
    assert near is not None and near.key == key
