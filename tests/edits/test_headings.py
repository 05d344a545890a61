"""The heading row: where it is found, which field a heading names, and what stops a run (guide: rules, "Headings")."""

from __future__ import annotations

from pathlib import Path

import pytest
from payloads.cases import write_csv, write_workbook
from payloads.rows import CLUE, DEFAULTS, read

from batch_editor import load_edits
from batch_editor.cell_values import Cell, Row
from batch_editor.edits.heading_row import HeadingRow
from batch_editor.errors import SettingsError, SheetError
from batch_editor.messages import say
from batch_editor.model import Message
from batch_editor.settings.row_rules import RowRules
from batch_editor.settings.settings import Settings

# Written from the table of fields (guide: rules), and not from the catalogue.
NAMES = {
    "clue_name": ["clue_name", "线索名称"],
    "clue_pool_id": ["clue_pool_id", "线索池id", "线索池ID"],
    "follow_user_id": ["follow_user_id", "跟进人id", "跟进人"],
    "clue_corp_name": ["clue_corp_name", "线索企业名称", "企业名称"],
    "email": ["email", "邮箱"],
    "remark": ["remark", "描述", "备注"],
    "address": ["address", "详细地址", "地址"],
    "uin": ["uin", "第三方线索id"],
    "area_code": ["area_code", "地区码"],
    "coop_mode_type": ["coop_mode_type"],
    "area": ["area", "地区"],
    "access_customer_channel": ["access_customer_channel", "获客渠道"],
    "label": ["label", "标签"],
    "business_tag_ids": ["business_tag_ids", "业务标签ID集合", "业务标签"],
    "gender": ["gender", "性别"],
    "birthday": ["birthday", "生日"],
    "work_id": ["work_id", "工单ID"],
    "encrypt_flag": ["encrypt_flag", "是否加密"],
}
VALUES = {"email": "a@b.cn", "gender": "男", "birthday": "1990-05-01", "encrypt_flag": "是"}

TWICE = "; delete one of the two columns, or rename the one that is something else"


def listed(*headings: Cell, cell: str = "7", **settings: object) -> list[str]:
    """The keys that a row with ``cell`` under the last heading lists."""
    row = [CLUE, *[None] * (len(headings) - 1), cell]
    (body,) = read(["clue_id", *headings], row, ids={"people": "any"}, **settings).bodies
    return list(body["update_specified_fields"])


def wrong(*headings: Cell, **settings: object) -> list[str]:
    """What is said of headings that stop the run, line by line."""
    with pytest.raises(SheetError) as refusal:
        read(headings, **settings)
    assert refusal.value.message.key == "headings.wrong"
    say(refusal.value.message, "zh")
    return [line.strip() for line in str(refusal.value).splitlines()[1:-1]]


@pytest.mark.parametrize(("key", "name"), [(key, name) for key, names in NAMES.items() for name in names])
def test_a_heading_names_its_field(key: str, name: str) -> None:
    assert listed(name, cell=VALUES.get(key, "7")) == [key]


@pytest.mark.parametrize(
    "name",
    [
        *("clue_id", "CLUE_ID", "线索id", "线索ID", "线索Id", "* 线索 ＩＤ", "线索\nID", "\ufeff线索ID*", "线索ID＊"),
        *("线索ID（必填）", "线索ID(必填)", "Clue ID", "clue-id", "*线索id*", "线索 ID：", "线索ID:", "clueId", "CLUE-ID *"),
        *(
            "【必填】线索ID",
            "线索ID [required]",
            "线索ID（Required）",
            "线索ID<必填项>",
            "线索ID ( 必填 )",
            "线索ID（必填/required）",
            "线索ID（*）",
            "线索ID [※]",
            "线索ID()",
        ),
        *("※线索ID", '="线索ID"', "'线索ID", '"线索ID"'),
    ],
)
def test_the_clue_id_is_found_whatever_case_spaces_and_marks(name: str, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [[name, "备注"], [CLUE, "x"]])
    assert [edit.clue_id for edit in load_edits(path, Settings(defaults=DEFAULTS)).edits] == [int(CLUE)]


@pytest.mark.parametrize("name", ["用户id", "用户ID", "操作人", "user_id"])
def test_the_operator_is_no_edit(name: str) -> None:
    found = read(["clue_id", name, "备注"], [CLUE, "wo-somebody-who-edits", None], [CLUE, "wo-somebody-who-edits", "x"])
    assert found.statuses == ["skipped", "pending"]
    assert found.bodies[0]["user_id"] == "wo-somebody-who-edits"


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("备注（选填）", "remark"),
        ("[optional] Email", "email"),
        ("邮箱 (可选)", "email"),
        ("Area Code", "area_code"),
        ("area-code:", "area_code"),
        ("AreaCode", "area_code"),
    ],
)
def test_marks_and_signs_between_words_do_not_matter_in_any_heading(name: str, key: str) -> None:
    assert listed(name, cell=VALUES.get(key, "7")) == [key]


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("生日(yyyy-mm-dd)", "生日 (birthday)"),
        ("备注（选填，文本）", "描述 (remark)"),
        ("地址【省市区】", "详细地址 (address)"),
        ("性别：0男1女", "性别 (gender)"),
        ("线索名称（客户）", "线索名称 (clue_name)"),
    ],
)
def test_what_else_stands_in_brackets_gets_the_nearest_name(name: str, label: str) -> None:
    assert wrong("clue_id", name) == [f'Sheet1!B1: "{name}" is not a field; is it {label}?']


def test_a_mark_makes_no_second_column_of_one() -> None:
    assert len(wrong("clue_id", "备注", "备注（选填）")) == 1
    assert listed("行业（必填）", custom_fields={"mf_1": {"title": "行业"}}) == ["mf_1"]
    found = read(["clue_id", "Mobile Phone", "手机号（必填）", "remark"], [CLUE, "1", "2", "y"])
    assert found.said == ["Ignored, since the CRM does not let them be edited: Mobile Phone, 手机号（必填）."]
    assert listed("客户（选填）", columns={"客户": "remark"}) == ["remark"]


@pytest.mark.parametrize("lines", [0, 1, 9])
def test_the_heading_row_is_looked_for_in_the_top_ten(lines: int, tmp_path: Path) -> None:
    title = ["线索批量修改", "请勿改动表头"]
    path = write_workbook(tmp_path / "a.xlsx", [*[title] * lines, ["线索ID", "性别"], [CLUE, "?"]])
    (problem,) = load_edits(path, Settings(defaults=DEFAULTS)).problems
    assert problem.address == f"Sheet1!B{lines + 2}"


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_a_heading_row_further_down_is_not_found(suffix: str, tmp_path: Path) -> None:
    write = write_workbook if suffix == ".xlsx" else write_csv
    path = write(tmp_path / f"a{suffix}", [*[["线索批量修改", "第一季度"]] * 10, ["线索ID", "备注"], [CLUE, "x"]])
    with pytest.raises(SheetError) as refusal:
        load_edits(path, Settings(defaults=DEFAULTS))
    assert str(refusal.value) == (
        "None of the first ten rows has a heading for the clue id (线索ID or clue_id). The first row holds: "
        "线索批量修改, 第一季度. Name that column 线索ID, or tell its name under columns: in the settings."
    )


@pytest.mark.parametrize(
    ("name", "asked"), [("线索ID（系统生成）", True), ("线索 ID 号", True), ("Clue_IDs", True), ("xyzzy", False)]
)
def test_a_heading_that_is_nearly_that_of_the_clue_id_is_asked_about(name: str, asked: bool, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [["备注", name], ["x", CLUE]])
    with pytest.raises(SheetError) as refusal:
        load_edits(path, Settings(defaults=DEFAULTS))
    assert (f'Is it "{name}"?' in str(refusal.value)) == asked
    assert (f"是不是“{name}”" in say(refusal.value.message, "zh")) == asked


def test_the_first_heading_row_counts(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [["线索ID", "备注"], [CLUE, "x"], ["clue_id", "remark"]])
    loaded = load_edits(path, Settings(defaults=DEFAULTS))
    assert (len(loaded.edits), [one.address for one in loaded.problems]) == (1, ["A3"])


def test_a_clue_id_column_that_is_ignored_is_none(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [["线索ID", "备注"], [CLUE, "x"]])
    with pytest.raises(SheetError) as refusal:
        load_edits(path, Settings(defaults=DEFAULTS, ignore_columns=["线索ID"]))
    assert refusal.value.message.key == "headings.no_clue_id"


@pytest.mark.parametrize("name", ["备注", "remark", "描述", " 备 注*"])
def test_a_column_is_ignored_by_any_of_its_names(name: str) -> None:
    given = read(["clue_id", "备注", "邮箱"], [CLUE, "x", "a@b.cn"], ignore_columns=[name])
    assert [body["update_specified_fields"] for body in given.bodies] == [["email"]] and given.notes == []


def test_a_column_to_ignore_that_is_not_there_is_told() -> None:
    (note,) = read(["clue_id", "备注"], ignore_columns=["remrak", "email", "序号"]).notes
    assert say(note, "en") == "To be ignored, but not in this sheet: remrak, email, 序号."


@pytest.mark.parametrize("heading", ["mf_clue_1 客户等级", "mf_", "mf_客户", "mf-clue-1"])
def test_what_only_begins_like_a_key_is_none(heading: str) -> None:
    assert "is not a field" in wrong("clue_id", heading)[0]


@pytest.mark.parametrize("key", ["clue_id", "线索ID", "user_id", "操作人"])
def test_what_cannot_be_edited_cannot_be_asked_for(key: str) -> None:
    with pytest.raises(SettingsError, match="cannot be changed"):
        read(["clue_id", "remark"], edit_keys=[key])


def test_every_wrong_heading_is_named_with_the_nearest_one_and_both_ways_out() -> None:
    with pytest.raises(SheetError) as refusal:
        read(["clue_id", "remrak", "xyzzy", "企业名", "备注", "描述"])
    assert str(refusal.value) == (
        "The headings cannot be used, and nothing was sent:\n"
        '  Sheet1!B1: "remrak" is not a field; is it 描述 (remark)?\n'
        '  Sheet1!C1: "xyzzy" is not a field\n'
        '  Sheet1!D1: "企业名" is not a field; is it 线索企业名称 (clue_corp_name)?\n'
        '  Sheet1!F1: "描述" and Sheet1!E1 both stand for remark'
        f"{TWICE}\n"
        "Rename such a column, say under columns: in the settings what it is, "
        "or leave it out with --ignore-column NAME (ignore_columns: in the settings)."
    )


def test_a_heading_that_occurs_twice_stops_the_run_in_any_spelling() -> None:
    assert wrong("clue_id", "线索ID", "remark") == [f'Sheet1!B1: "线索ID" and Sheet1!A1 both stand for clue_id{TWICE}']
    assert len(wrong("clue_id", "mf_clue_1", "客户", custom_fields={"mf_clue_1": {"title": "客户"}})) == 1
    assert len(wrong("clue_id", "remark", "备注", context_columns=["remark"])) == 1


@pytest.mark.parametrize("cell", ["自定义", 2024, "result", "mf", "clue", 1.5, True])
def test_a_heading_that_is_nothing_stops_the_run(cell: Cell) -> None:
    (line,) = wrong("clue_id", cell)
    assert line.startswith("Sheet1!B1: ")


def test_the_ways_out_work() -> None:
    assert listed("客户备注", columns={"客户备注": "remark"}) == ["remark"]
    assert listed(" 客户 备注*", columns={"客户备注": "remark"}) == ["remark"]
    assert listed("自定义", columns={"自定义": "mf_clue_3"}) == ["mf_clue_3"]
    assert listed("我的列", "remark", ignore_columns=["我的 列"]) == ["remark"]
    assert listed("我的列", "remark", context_columns=["我的列"]) == ["remark"]
    assert read(["clue_id", "label", "remark"], [CLUE, "a", None], ignore_columns=["标签", "label"]).statuses == ["skipped"]


def test_columns_of_the_settings_win_over_the_catalogue() -> None:
    assert listed("备注", columns={"备注": "address"}) == ["address"]
    assert listed("备注", custom_fields={"mf_clue_1": {"title": "来源"}}, columns={"备注": "mf_clue_1"}) == ["mf_clue_1"]


def test_a_custom_field_is_named_by_its_key_or_title() -> None:
    declared = {"customField": {"title": "行业"}, "mf_clue_2": {}}
    for name, key in (
        ("行业", "customField"),
        ("CUSTOMFIELD", "customField"),
        ("mf_clue_2", "mf_clue_2"),
        ("mf_clue_3", "mf_clue_3"),
    ):
        assert listed(name, custom_fields=declared) == [key]


def test_two_custom_fields_of_one_title_are_refused() -> None:
    with pytest.raises(SettingsError) as refusal:
        read(["clue_id"], custom_fields={"mf_1": {"title": "行业"}, "mf_2": {"title": "行 业"}})
    assert str(refusal.value) == 'custom_fields: mf_1 and mf_2 have the same title "行 业"; titles must differ.'


def test_columns_that_the_crm_only_shows_are_ignored_with_a_note() -> None:
    shown = ["手机号", "mobile_phone", "状态", "state", "线索池名称", "clue_pool_name", "创建时间", "gmt_create", "创建人"]
    found = read(["clue_id", *shown, "remark"], [CLUE, *["x"] * len(shown), "y"])
    assert found.bodies[0]["update_specified_fields"] == ["remark"]
    assert found.said == [f"Ignored, since the CRM does not let them be edited: {', '.join(shown)}."]


def test_result_columns_are_ignored_so_that_a_results_sheet_is_an_input() -> None:
    found = read(
        ["clue_id", "remark", "result_status", "Result_Anything", "result_status"], [CLUE, "x", "updated", "#N/A", "y"]
    )
    assert (found.bodies[0]["update_specified_fields"], found.said) == (["remark"], [])


def test_names_in_the_settings_that_name_nothing_are_refused() -> None:
    with pytest.raises(SettingsError) as refusal:
        read(["clue_id", "remark"], context_columns=["标鉴"])
    assert str(refusal.value) == 'context_columns names "标鉴", which is neither a field nor a heading of the sheet.'
    assert listed("remark", context_columns=["标签"]) == ["remark"]  # a field, though not of this sheet


def test_the_sheet_is_the_first_visible_one_with_a_heading_or_the_one_named(tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    book.active.title = "说明"
    book.active.append(["how to fill in"])
    for name, remark in (("隐藏", "a"), ("一月", "b"), ("二月", "c")):
        sheet = book.create_sheet(name)
        sheet.append(["线索ID", "备注"])
        sheet.append([CLUE, remark])
    book["隐藏"].sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")
    settings = Settings(defaults=DEFAULTS)
    assert '"remark":"b"' in load_edits(tmp_path / "a.xlsx", settings).edits[0].body
    assert '"remark":"c"' in load_edits(tmp_path / "a.xlsx", settings, sheet_name="二月").edits[0].body
    assert '"remark":"a"' in load_edits(tmp_path / "a.xlsx", settings, sheet_name="隐藏").edits[0].body
    with pytest.raises(SheetError) as refusal:
        load_edits(tmp_path / "a.xlsx", settings, sheet_name="三月")
    assert str(refusal.value) == (
        'There is no sheet "三月" in this file. It has: 1 说明, 2 一月, 3 二月, 隐藏. '
        "Choose one with --sheet, by its name or number."
    )


@pytest.mark.parametrize(
    ("headings", "key"),
    [
        (["??ID", "??"], "headings.lost"),
        (["???ID", "clue name"], "headings.lost"),
        (["绾跨储ID", "remark"], "headings.ruined"),
        (["çº¿ç´¢ID", "remark"], "headings.ruined"),
        (["客户", "是否已联系??"], "headings.first_row"),
    ],
)
def test_headings_that_were_ruined_on_their_way_are_called_that(tmp_path: Path, headings: list[Cell], key: str) -> None:
    with pytest.raises(SheetError) as refusal:
        load_edits(write_workbook(tmp_path / "a.xlsx", [headings, ["1", "x"]]))
    held = refusal.value.message.values["held"]
    assert isinstance(held, Message) and held.key == key
    assert all(say(refusal.value.message, language) for language in ("en", "zh"))


@pytest.mark.parametrize(
    ("heading", "key"), [("??", "heading.lost"), ("澶囨敞", "heading.ruined"), ("锟斤拷锟斤拷", "heading.lost")]
)
def test_another_heading_that_was_ruined_is_called_that(tmp_path: Path, heading: str, key: str) -> None:
    with pytest.raises(SheetError) as refusal:
        load_edits(write_workbook(tmp_path / "a.xlsx", [["clue_id", heading], ["1", "x"]]))
    lines = refusal.value.message.values["lines"]
    assert isinstance(lines, list) and [line.key for line in lines] == [key]


def test_of_thousands_of_unknown_headings_the_first_are_compared_with_fields() -> None:
    """To compare one takes a while, and a sheet may have 16,384."""
    headings = ("线索ID", *["备注2"] * 301)
    meanings = HeadingRow("", Row(1, headings), RowRules()).meanings
    keys = [meaning.mistake.key for meaning in meanings if meaning.mistake]
    assert keys == ["heading.unknown_near"] * 300 + ["heading.unknown"]
