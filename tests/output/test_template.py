"""The sheet to fill in: a heading for every field, what its cells hold, and a way back through every program without loss."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from support import jobs, office

from batch_editor import check, load_edits, make_template
from batch_editor.edits import name_tables
from batch_editor.edits.cells import converter
from batch_editor.edits.choose_sheet import choose_sheet, find_headings
from batch_editor.edits.headings import Names
from batch_editor.errors import Refused
from batch_editor.fields import BY_KEY, FIELDS
from batch_editor.messages import TEXTS, Lang, say
from batch_editor.output import field_texts, results
from batch_editor.settings.settings import Settings
from batch_editor.sheets import read_file

KEYS = [field.key for field in FIELDS]
CUSTOM: dict[str, Any] = {
    "mf_clue_1": {"title": "来源说明"},
    "mf_clue_51": {"title": "客户等级", "type": "single", "options": {"A类": "101", "B,类": "102"}},
    "mf_clue_52": {"title": "意向产品", "type": "multiple", "options": {"标准版": "201", "企业版": "202"}},
    "mf_clue_53": {"title": "行业", "type": "cascade", "options": {"制造": "301", "制造/汽车": "302"}},
    "mf_clue_101": {"title": "下次跟进", "type": "date"},
    "mf_clue_102": {"title": "下次会议", "type": "datetime"},
    "mf_clue_61": {"type": "single", "required": True},
    "mf_clue_62": {"type": "multiple"},
    "mf_clue_63": {"type": "cascade"},
}
ALL = [*KEYS, *CUSTOM]
BOTH = pytest.mark.parametrize("lang", ["en", "zh"])
NAMES = {"en": ["clues", "instructions", "options"], "zh": ["线索", "说明", "选项"]}


def known(**over: Any) -> Settings:
    return Settings(**{"custom_fields": CUSTOM, "lang": "zh"} | over)


def made(folder: Path, **over: Any) -> Workbook:
    """The template that these settings make, as openpyxl reads it."""
    return openpyxl.load_workbook(make_template(folder / "template.xlsx", known(**over)))


def columns(book: Workbook, **over: Any) -> dict[str, str]:
    """The letter of the column of each field, by the key that its heading stands for."""
    names = Names(name_tables.read(known(**over)).row_rules)
    found = {}
    for cell in book.worksheets[0][1]:
        field = names.field(str(cell.value))
        assert field is not None, cell.value
        found[field.key] = cell.column_letter
    return found


def note(book: Workbook, key: str, **over: Any) -> list[str]:
    """The lines of the note of a field's heading."""
    comment = book.worksheets[0][f"{columns(book, **over)[key]}1"].comment
    assert comment is not None
    return comment.text.split("\n")


def titles(book: Workbook) -> list[str]:
    return [str(cell.value) for cell in book.worksheets[0][1]]


def told(key: str, lang: Lang = "zh", **values: object) -> str:
    return TEXTS[key][0 if lang == "en" else 1].format(**values)


def drop_downs(book: Workbook, **over: Any) -> dict[str, tuple[list[str], Any]]:
    """The words that each drop-down offers and its rule, by the key of the column, from row 2 on."""
    found = {}
    letters = {letter: key for key, letter in columns(book, **over).items()}
    for one in book.worksheets[0].data_validations.dataValidation:
        letter = re.fullmatch(r"([A-Z]+)2:\1\d+", str(one.sqref))
        sheet, place = re.fullmatch("'?(.+?)'?!(.+)", one.formula1).groups()  # type: ignore[union-attr]  # or the test fails
        words = [cell[0].value for cell in book[sheet][place.replace("$", "")]]
        found[letters[letter[1]]] = words, one  # type: ignore[index]
    return found


# --- headings


@BOTH
def test_every_field_has_a_heading_that_names_it(tmp_path: Path, lang: Lang) -> None:
    book = made(tmp_path, lang=lang)
    assert list(columns(book)) == ALL
    assert [sheet.title for sheet in book.worksheets] == NAMES[lang]
    assert titles(book)[:6] == ["线索ID *", "用户ID *", "线索名称 *", "线索池ID *", "跟进人ID *", "线索企业名称"]
    assert titles(book)[-8:] == [
        "客户等级",
        "意向产品",
        "行业",
        "下次跟进",
        "下次会议",
        "mf_clue_61 *",
        "mf_clue_62",
        "mf_clue_63",
    ]
    assert book.worksheets[0].freeze_panes == "B2"
    assert [sheet.sheet_state for sheet in book.worksheets] == ["visible", "visible", "hidden"]


def test_what_must_be_filled_in_is_marked_and_has_a_colour_of_its_own(tmp_path: Path) -> None:
    defaults = {"user_id": "wo-operator-of-the-tests", "clue_pool_id": 7, "mf_clue_61": "11"}
    book = made(tmp_path, defaults=defaults, context_columns=["备注", "我的列"])
    colours = {cell.value: cell.fill.fgColor.rgb for cell in book.worksheets[0][1]}
    assert [title for title in titles(book) if title.endswith(" *")] == ["线索ID *", "线索名称 *", "跟进人ID *"]
    by_kind = [["线索ID *", "跟进人ID *"], ["用户ID", "线索池ID", "mf_clue_61"], ["邮箱", "来源说明"], ["描述", "我的列"]]
    assert [len({colours[title] for title in alike}) for alike in by_kind] == [1] * 4
    assert len({colours[alike[0]] for alike in by_kind}) == 4


def test_what_comes_from_the_crm_need_not_be_filled_in(tmp_path: Path) -> None:
    book = made(tmp_path, fill=True)
    assert [title for title in titles(book) if title.endswith(" *")] == ["线索ID *", "用户ID *"]
    assert all(told("template.fill") in note(book, key) for key in ("clue_name", "clue_pool_id", "mf_clue_61"))


@pytest.mark.parametrize("name", ["标签", "label", "客户等级", "mf_clue_51"])
def test_an_ignored_field_is_left_out(tmp_path: Path, name: str) -> None:
    book = made(tmp_path, ignore_columns=[name])
    (key,) = {"label", "mf_clue_51"} - columns(book).keys()
    assert list(columns(book)) == [one for one in ALL if one != key]
    assert name not in {cell.value for row in book.worksheets[1].iter_rows() for cell in row}


def test_a_title_that_the_settings_give_to_another_field_is_not_used(tmp_path: Path) -> None:
    over = {"columns": {"描述": "address", "备注": "address"}}
    book = made(tmp_path, **over)
    assert list(columns(book, **over)) == ALL
    assert titles(book)[KEYS.index("remark")] == "remark"


def test_a_field_whose_names_all_mean_another_has_the_heading_of_the_settings_or_none(tmp_path: Path) -> None:
    taken = {"columns": {"邮箱": "remark", "email": "remark"}}
    assert list(columns(made(tmp_path, **taken), **taken)) == [key for key in ALL if key != "email"]
    (tmp_path / "template.xlsx").unlink()
    mapped = {"columns": taken["columns"] | {"信箱": "email"}}
    assert "信箱" in titles(made(tmp_path, **mapped))


def test_context_columns_that_are_no_fields_are_there_so_that_the_sheet_is_accepted(tmp_path: Path) -> None:
    """The loader takes a name that is neither a field nor in the sheet for a misspelt one."""
    over: dict[str, Any] = {"custom_fields": {}, "defaults": jobs.DEFAULTS, "context_columns": ["手机号", "我的列", "线索名称"]}
    book = made(tmp_path, **over)
    assert titles(book)[-2:] == ["手机号", "我的列"]
    assert book.worksheets[0].cell(1, len(KEYS) + 1).comment.text.split("\n") == ["手机号", told("template.context")]
    (edit,) = filled(tmp_path / "template.xlsx", {"线索ID *": "11", "线索名称": "甲", "我的列": "x", "描述": "y"}, **over)
    assert json.loads(edit)["update_specified_fields"] == ["remark"]


# --- what a column is


def test_columns_are_text_and_days_are_dates(tmp_path: Path) -> None:
    book = made(tmp_path)
    path = tmp_path / "template.xlsx"
    with zipfile.ZipFile(path) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").decode()
    styles = {}
    for first, last, style in re.findall(r'<col min="(\d+)" max="(\d+)" width="[^"]+" style="(\d+)"', xml):
        styles |= dict.fromkeys(range(int(first), int(last) + 1), int(style))
    formats = {key: book._cell_styles[styles[place]].numFmtId for place, key in enumerate(columns(book), 1)}
    named = {
        key: openpyxl.styles.numbers.BUILTIN_FORMATS.get(form) or book._number_formats[form - 164]
        for key, form in formats.items()
    }
    days = {"birthday": "yyyy-mm-dd", "mf_clue_101": "yyyy-mm-dd", "mf_clue_102": "yyyy-mm-dd hh:mm:ss"}
    assert named == dict.fromkeys(ALL, "@") | days
    assert f'<ignoredError sqref="A2:{get_column_letter(len(ALL))}1048576" numberStoredAsText="1"/>' in xml


@BOTH
def test_drop_downs_offer_what_is_accepted_and_the_clear_marker_and_only_warn(tmp_path: Path, lang: Lang) -> None:
    found = drop_downs(made(tmp_path, lang=lang, clear_marker="#清"))
    assert {key: words for key, (words, _) in found.items()} == {
        "gender": ["男", "女", "#清"],
        "encrypt_flag": ["是", "否", "#清"],
        "mf_clue_51": ["A类", "B,类", "#清"],
        "mf_clue_52": ["标准版", "企业版", "#清"],
        "mf_clue_53": ["制造", "制造/汽车", "#清"],
    }
    rules = {key: rule for key, (_, rule) in found.items()}
    assert {rule.errorStyle for rule in rules.values()} == {"warning"}
    assert all(str(rule.sqref).endswith("1048576") for rule in rules.values())
    assert [key for key, rule in rules.items() if not rule.showErrorMessage] == ["mf_clue_52"]
    assert rules["mf_clue_52"].prompt == told("template.several_how", lang)
    assert rules["gender"].error == told("template.not_offered_how", lang)


def test_a_required_field_offers_no_clear_marker(tmp_path: Path) -> None:
    custom = {"mf_clue_51": CUSTOM["mf_clue_51"] | {"required": True}}
    assert drop_downs(made(tmp_path, custom_fields=custom), custom_fields=custom)["mf_clue_51"][0] == ["A类", "B,类"]


def test_names_of_pools_members_and_tags_are_offered_also_those_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "owners.csv").write_text(
        "姓名,成员ID\n李伟,wovvCXcAAAT_dzekbq48K27FeMRBQJ1Q\n王芳,wovvCXcAAAT_dzekbq48K27FeMRBQJ1R\n", encoding="utf-8"
    )
    tables = {
        "clue_pool_id": {"公海一": "1591005280874161218", "公海二": "1591005280874161219"},
        "follow_user_id": {"file": str(tmp_path / "owners.csv"), "name": "姓名", "id": "成员ID"},
        "label": {"重点客户": "etvvCXcAAAZHYVzWCdeCCnTcIM2vtRPw"},
    }
    book = made(tmp_path, lookups=tables, custom_fields={})
    found = drop_downs(book, lookups=tables, custom_fields={})
    assert [found[key][0] for key in tables] == [["公海一", "公海二"], ["李伟", "王芳"], ["重点客户", "#CLEAR"]]
    assert [found[key][1].showErrorMessage for key in tables] == [True, True, False]  # several tags may stand in a cell
    note = book.worksheets[0][f"{columns(book, lookups=tables, custom_fields={})['clue_pool_id']}1"].comment
    assert note is not None and "公海一" in note.text


def test_what_only_people_read_has_no_drop_down(tmp_path: Path) -> None:
    book = made(tmp_path, context_columns=["性别", "是否加密"], custom_fields={})
    assert drop_downs(book) == {} and [sheet.title for sheet in book.worksheets] == NAMES["zh"][:2]


def test_many_long_options_are_all_offered(tmp_path: Path) -> None:
    options = {f"选项，{number:03}" + "长" * 60: str(number) for number in range(1000)}
    custom = {"mf_clue_51": {"type": "single", "options": options}}
    book = made(tmp_path, custom_fields=custom)
    assert drop_downs(book, custom_fields=custom)["mf_clue_51"][0] == [*options, "#CLEAR"]
    line = next(line for line in note(book, "mf_clue_51", custom_fields=custom) if line.startswith("选项："))
    assert line.count("长" * 60) == 12 and line.endswith("…")


def test_no_word_is_offered_that_would_be_refused_or_taken_for_something_else() -> None:
    options = {"A": "1", "B": "2", "A,B": "3", "#clear": "4", "#N/A": "5", "　": "6", "=1+1": "7"}
    for kind, words in {"multiple": ["A", "B", "=1+1"], "single": ["A", "B", "A,B", "=1+1"]}.items():
        rules = known(custom_fields={"mf_clue_9": {"type": kind, "options": options}}).row_rules
        assert field_texts.choices(Names(rules).by_key("mf_clue_9"), rules) == words
    options = {"甲": "1", "甲/乙": "2", "甲-乙": "3", "丙/丁、戊": "4"}
    cascade = known(custom_fields={"mf_clue_9": {"type": "cascade", "options": options}}).row_rules
    assert field_texts.choices(Names(cascade).by_key("mf_clue_9"), cascade) == ["甲", "甲/乙", "甲-乙"]


@pytest.mark.parametrize(("title", "option"), [("=1+1", "=2+2"), ("<r>a & b</r>", "<r>c</r>")])
def test_words_are_text_whatever_they_look_like(tmp_path: Path, title: str, option: str) -> None:
    """A formula, or a piece of a workbook's own XML."""
    custom = {"mf_clue_9": {"title": title, "type": "single", "options": {option: "1"}}}
    book = made(tmp_path, custom_fields=custom)
    assert book.worksheets[0].cell(1, len(KEYS) + 1).data_type == "s" and titles(book)[-1] == title
    assert drop_downs(book, custom_fields=custom)["mf_clue_9"][0] == [option, "#CLEAR"]
    assert all(cell.data_type != "f" for sheet in book.worksheets for row in sheet.iter_rows() for cell in row)


# --- what is said of it


@BOTH
def test_a_note_tells_the_key_the_rule_an_example_and_what_a_blank_means(tmp_path: Path, lang: Lang) -> None:
    rules = known(lang=lang).row_rules
    names = Names(rules)
    book = made(tmp_path, lang=lang)
    for key in ALL:
        field = names.by_key(key)
        lines = note(book, key)
        assert lines[0] == names.label(key) and key in lines[0]
        assert lines[1] == told("template.accepts", lang, rule=say(field_texts.rule(field, rules), lang)), key
        label = told("template.example", lang, example="")
        (example,) = [line.removeprefix(label) for line in lines if line.startswith(label)]
        converter(field, rules)(example)
        assert told("template.must" if field.required else "template.optional", lang) in lines, key
        assert (told("template.changes", lang) in lines) == (field.required and field.editable), key
        assert (told("template.clear", lang, marker="#CLEAR") in lines) == field.clearable, key
        assert (told("template.no_clear", lang) in lines) == (field.required and field.editable), key
        assert (told("template.replaces", lang) in lines) == (key in ("label", "business_tag_ids")), key


def test_a_note_tells_the_default_and_what_is_context(tmp_path: Path) -> None:
    book = made(
        tmp_path, defaults={"clue_pool_id": 1591005280874161218}, context_columns=["线索名称", "标签"], clear_marker="清空!"
    )
    assert told("template.default", value=1591005280874161218) in note(book, "clue_pool_id")
    assert told("template.clear", marker="清空!") in note(book, "remark")
    assert note(book, "clue_name")[-2:] == [told("template.must"), told("template.kept")]
    assert note(book, "label")[-1] == told("template.context")
    assert not {told("template.replaces"), told("template.clear", marker="清空!")} & set(note(book, "label"))


def test_options_stand_in_the_note(tmp_path: Path) -> None:
    book = made(tmp_path)
    assert "选项：标准版、企业版" in note(book, "mf_clue_52") and "示例：标准版、企业版" in note(book, "mf_clue_52")
    assert "示例：制造/汽车" in note(book, "mf_clue_53")


@BOTH
def test_a_note_is_large_enough_for_its_text(tmp_path: Path, lang: Lang) -> None:
    """At 9 points a Chinese character is 12 pixels wide, a line 16 high; one more line for words that do not fit."""
    custom = CUSTOM | {
        "mf_clue_9": {"title": "长" * 40, "type": "multiple", "options": {"项" * 30 + str(n): str(n) for n in range(9)}}
    }
    book = made(tmp_path, lang=lang, custom_fields=custom)
    with zipfile.ZipFile(tmp_path / "template.xlsx") as archive:
        drawing = archive.read("xl/drawings/vmlDrawing1.vml").decode()
    sizes = re.findall(r"width:([\d.]+)pt;height:([\d.]+)pt", drawing)
    notes = [cell.comment.text for cell in book.worksheets[0][1]]
    assert len(sizes) == len(notes) == len(ALL) + 1
    for (wide, high), text in zip(sizes, notes, strict=True):
        pixels = float(wide) / 0.75 - 16
        letters = [sum(12 if ord(char) > 0x2E80 else 6.5 for char in line) for line in text.split("\n")]
        assert sum(-(-line // pixels) for line in letters) * 16 + 16 <= float(high) / 0.75


def test_every_rule_is_that_of_some_field_and_none_is_lacking() -> None:
    rules = known().row_rules
    keys = {field_texts.rule(field, rules).key for field in (*FIELDS, *map(Names(rules).by_key, CUSTOM))}
    named = known(lookups={"follow_user_id": {"李伟": "wo1"}, "label": {"重点": "et1-tag-of-the-tests"}}).row_rules
    keys |= {field_texts.rule(Names(named).by_key(key), named).key for key in ("follow_user_id", "label")}
    assert keys == {key for key in TEXTS if key.startswith("rule.")}
    odd = known(custom_fields={"id": {"type": "date"}}).row_rules  # a key that is the name of a kind
    assert field_texts.rule(Names(odd).by_key("id"), odd).key == "rule.date"


# --- the instructions


@BOTH
def test_the_instructions_list_every_column(tmp_path: Path, lang: Lang) -> None:
    book = made(tmp_path, lang=lang, defaults={"user_id": "wo-operator-of-the-tests"})
    rows = [list(row) for row in book.worksheets[1].iter_rows(values_only=True)]
    table = rows[-len(ALL) :]
    assert [row[:2] for row in table] == [list(pair) for pair in zip(titles(book), ALL, strict=True)]
    demands = {row[1]: row[2] for row in table}
    assert demands["user_id"] == told("template.default", lang, value="wo-operator-of-the-tests")
    assert (demands["clue_name"], demands["remark"]) == (told("template.must", lang), told("template.optional", lang))
    assert {row[1] for row in table if told("template.replaces", lang) in row[3]} == {"label", "business_tag_ids"}
    assert rows[-len(ALL) - 1][0] == told("template.heading", lang)


def test_the_instructions_name_the_file_the_marker_and_what_is_changed(tmp_path: Path) -> None:
    book = made(tmp_path, clear_marker="清空!", context_columns=["线索名称"])
    text = "\n".join(str(cell.value) for cell in book.worksheets[1]["A"])
    assert "batch-editor check template.xlsx" in text
    assert "batch-editor run template.results.xlsx --only-failed" in text
    assert "清空!" in text and "：线索池ID、跟进人ID、mf_clue_61。" in text


@BOTH
def test_the_instructions_are_not_taken_for_the_sheet_of_clues(tmp_path: Path, lang: Lang) -> None:
    """Also where there are few steps, since nothing of the sheet changes a required field or tags."""
    few: dict[str, Any] = {
        "ignore_columns": ["标签", "业务标签"],
        "context_columns": ["线索名称", "线索池ID", "跟进人ID"],
        "custom_fields": {},
    }
    for name, over in (("many.xlsx", {}), ("few.xlsx", few)):
        settings = known(lang=lang, **over)
        sheets = read_file(make_template(tmp_path / name, settings))
        chosen = choose_sheet(sheets, None, settings.row_rules)
        assert (chosen.sheet.name, chosen.others) == (NAMES[lang][0], ())
        assert [find_headings(sheet, settings.row_rules) is not None for sheet in sheets] == [True, False, False]


def test_no_line_of_the_instructions_is_cut(tmp_path: Path) -> None:
    page = made(tmp_path, lang="en").worksheets[1]
    widths = [page.column_dimensions[letter].width for letter in "ABCDE"]
    for row in page.iter_rows(min_row=2):
        merged = sum(cell.value is not None for cell in row) == 1
        room = [sum(widths)] if merged else widths
        lines = max(-(-len(str(cell.value or "")) // wide) for cell, wide in zip(row, room, strict=False))
        assert lines == 0 or (page.row_dimensions[row[0].row].height or 15) >= 15 * lines


# --- filled in, and read


def filled(path: Path, row: Mapping[str, object], **over: Any) -> list[str]:
    """The JSON of the calls once somebody has filled in the first row, by heading."""
    book = openpyxl.load_workbook(path)
    fill(book.worksheets[0], row)
    book.save(path)
    return bodies(path, **over)


def fill(page: Worksheet, row: Mapping[str, object]) -> None:
    places = {cell.value: cell.column for cell in page[1]}
    for heading, value in row.items():
        page.cell(2, places[heading]).value = value  # type: ignore[index]


def bodies(path: Path, **over: Any) -> list[str]:
    found = load_edits(path, known(**over))
    assert [say(problem.message, "en") for problem in found.problems] == []
    return [edit.body for edit in found.edits]


ROW = {
    "线索ID *": "1591005521987920963",
    "用户ID *": "wo-employee-number-007",
    "线索名称 *": "=1+1",
    "线索池ID *": "1591005280874161219",
    "跟进人ID *": "wovvCXcAAAT_dzekbq54K27FeMRBQJ2Q",
    "线索企业名称": "#CLEAR",
    "邮箱": "li@example.com",
    "第三方线索ID": "0012",
    "标签": "1539179902926138371、et2-tag-of-the-tests",
    "性别": "女",
    "生日": datetime(1990, 5, 1),
    "工单ID": "200",
    "是否加密": "是",
    "客户等级": "B,类",
    "意向产品": "标准版、企业版",
    "行业": "制造/汽车",
    "下次跟进": datetime(2026, 12, 1),
    "下次会议": datetime(2026, 12, 1, 14, 30),
    "mf_clue_61 *": "1539179902561233921",
}
SENT = {
    "clue_id": 1591005521987920963,
    "user_id": "wo-employee-number-007",
    "clue_name": "=1+1",
    "clue_pool_id": 1591005280874161219,
    "follow_user_id": "wovvCXcAAAT_dzekbq54K27FeMRBQJ2Q",
    "clue_corp_name": "",
    "email": "li@example.com",
    "uin": "0012",
    "label": "1539179902926138371,et2-tag-of-the-tests",
    "gender": "1",
    "birthday": 641491200,
    "work_id": 200,
    "encrypt_flag": 1,
    "field_map": {
        "mf_clue_61": "1539179902561233921",
        "mf_clue_51": "102",
        "mf_clue_52": ["201", "202"],
        "mf_clue_53": ["301", "302"],
        "mf_clue_101": "2026-12-01",
        "mf_clue_102": "2026-12-01 14:30:00",
    },
}


def write_row(path: Path) -> None:
    """A row as Excel stores what is typed into the columns: text, and days as dates."""
    book = openpyxl.load_workbook(path)
    page = book.worksheets[0]
    fill(page, ROW)
    for cell in page[2]:
        if isinstance(cell.value, str):
            cell.data_type = "s"
    book.save(path)


def test_what_is_filled_in_is_read_exactly(tmp_path: Path) -> None:
    path = make_template(tmp_path / "template.xlsx", known())
    write_row(path)
    (body,) = map(json.loads, bodies(path))
    listed = body.pop("update_specified_fields")
    assert body == SENT
    assert set(listed) == {*SENT, *SENT["field_map"]} - {"clue_id", "user_id", "field_map"}  # type: ignore[misc]


def test_an_empty_template_has_no_rows(tmp_path: Path) -> None:
    path = make_template(tmp_path / "template.xlsx", jobs.settings(tmp_path))
    with pytest.raises(Refused) as refusal:
        check(path, jobs.settings(tmp_path))
    assert refusal.value.message.key == "sheet.no_rows"


@pytest.mark.slow
def test_what_is_filled_in_survives_another_program(tmp_path: Path) -> None:
    path = make_template(tmp_path / "template.xlsx", known())
    write_row(path)
    saved = office.saved(path, "xlsx")
    assert bodies(saved) == bodies(path)
    book = openpyxl.load_workbook(saved)
    assert {key: words for key, (words, _) in drop_downs(book).items()}["gender"] == ["男", "女", "#CLEAR"]
    assert note(book, "clue_id")[0] == "线索ID (clue_id)"


# --- the file


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "mine.xlsx"
    path.write_text("mine")
    with pytest.raises(Refused) as refusal:
        make_template(path)
    assert refusal.value.message.key == "template.exists" and path.read_text() == "mine"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("x.xls", "template.kind"),
        ("x", "template.kind"),
        ("x.csv", "template.kind"),
        ("nowhere/x.xlsx", "template.folder"),
        ("file/x.xlsx", "template.folder"),
        ("长" * 200 + ".xlsx", "template.folder"),
    ],
)
def test_a_file_that_cannot_be_written_is_refused(tmp_path: Path, name: str, key: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Refused) as refusal:
        make_template(tmp_path / name)
    assert refusal.value.message.key == key
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    for lang in ("en", "zh"):
        assert str(tmp_path) in say(refusal.value.message, lang)


def test_the_file_is_whole_when_it_appears_and_nothing_is_left_of_one_that_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, seen = tmp_path / "x.xlsx", []

    def full_disk(part: Path, target: Path, mine: Path | None) -> Path:
        seen.append((target.exists(), openpyxl.load_workbook(part.rename(part.with_suffix(".xlsx"))).sheetnames))
        part.with_suffix(".xlsx").rename(part)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(results, "move", full_disk)
    with pytest.raises(Refused, match="No space left on device"):
        make_template(path, known(lang="en"))
    assert seen == [(False, NAMES["en"])] and list(tmp_path.iterdir()) == []


def test_a_name_as_text_and_settings_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BATCH_EDITOR_LANG", "en")
    assert make_template(str(tmp_path / "x.XLSX")) == tmp_path / "x.XLSX"
    assert openpyxl.load_workbook(tmp_path / "x.XLSX").sheetnames == NAMES["en"]


def test_all_fields_of_the_catalogue_have_an_example_of_their_own() -> None:
    assert field_texts.EXAMPLES.keys() == BY_KEY.keys()
