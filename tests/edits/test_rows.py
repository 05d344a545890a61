"""One row: what makes it an edit, skipped or invalid, what is said of it, and which rows stop a whole run (guide: rules)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas
import pytest
from payloads.cases import Formula, quick, write_csv, write_workbook
from payloads.rows import CLUE, DEFAULTS, one, read
from support.rules import row_rules
from support.servers import Server

from batch_editor import load_edits, run
from batch_editor.cell_values import Cell, CellError, Row, Uncomputed
from batch_editor.cli.preview_text import preview_lines
from batch_editor.edits.columns import Columns
from batch_editor.edits.rows import RowReader
from batch_editor.errors import GuardTripped, Refused, SettingsError, SheetError
from batch_editor.messages import say
from batch_editor.model import Status
from batch_editor.settings.settings import Settings

OTHER = "1591005521987921929"

# --- edit, skipped, invalid


@pytest.mark.parametrize(
    ("cells", "status"),
    [
        ([CLUE, "x", None], "pending"),
        ([CLUE, None, None], "skipped"),
        ([CLUE], "skipped"),  # a short row is padded
        ([CLUE, " \u3000\u200b", None], "skipped"),
        ([None, None, None], "blank"),
        ([" ", "\u200b", None], "blank"),
        ([None, "x", None], "invalid"),
        (["x", None, None], "invalid"),  # nothing to edit, but a bad cell
        ([CLUE, None, "x"], "invalid"),
        ([CLUE, "x", "x"], "invalid"),
        ([None, None, "7"], "skipped"),  # a pool is context here: nothing to edit, whatever the row lacks
    ],
)
def test_what_a_row_is(cells: list[Cell], status: str) -> None:
    found = read(["clue_id", "remark", "clue_pool_id"], cells, context_columns=["clue_pool_id"])
    assert found.statuses == [status]
    assert (found.bodies != []) == (status == "pending")


def test_a_row_with_nothing_to_edit_is_skipped_even_where_required_fields_are_missing() -> None:
    found = read(["clue_id", "remark"], [CLUE, None], [None, None], ["1", None], defaults={})
    assert found.statuses == ["skipped", "blank", "skipped"]


def test_without_bodies_a_row_is_judged_as_with_them() -> None:
    """A check that writes no sheet makes no bodies: all else that becomes of a row is the same."""
    rules = row_rules(defaults=DEFAULTS)
    columns = Columns("Sheet1", Row(1, ("clue_id", "remark", "性别")), rules)
    whole, bare = RowReader(columns, rules), RowReader(columns, rules, with_bodies=False)
    sheet = [(CLUE, "x", "男"), (CLUE, None, "?"), (CLUE, "#CLEAR", None), (CLUE,)]
    for row in (Row(number, cells) for number, cells in enumerate(sheet, 2)):
        plan, without = whole.read(row), bare.read(row)
        assert plan is not None and without == (plan._replace(edit=replace(plan.edit, body="")) if plan.edit else plan)
    assert whole.findings.notes() == bare.findings.notes()


def test_all_problems_of_a_row_are_named_each_with_its_cell() -> None:
    headings = ["clue_id", "user_id", "clue_pool_id", "gender", "birthday", "email", "encrypt_flag", "work_id", "标签"]
    row = ["1.59E+18", "wo-operator-of-the-tests", "x", "m", "05/06/1990", "nobody", "maybe", "1.5", ","]
    assert read(headings, [None] * 9, row).problems == [
        ("Sheet1!A3", "cell.id_float"),
        ("Sheet1!C3", "cell.not_id"),
        ("Sheet1!D3", "cell.gender"),
        ("Sheet1!E3", "cell.ambiguous_date"),
        ("Sheet1!F3", "cell.email"),
        ("Sheet1!G3", "cell.flag"),
        ("Sheet1!H3", "cell.integer"),
        ("Sheet1!I3", "cell.no_parts"),
    ]


def test_bad_cells_and_missing_fields_are_named_together() -> None:
    found = read(["clue_id", "gender", "clue_name"], [None, "m", None], defaults={"user_id": "wo-operator-of-the-tests"})
    assert found.problems == [
        ("Sheet1!B2", "cell.gender"),
        ("Sheet1!A2", "row.no_clue_id"),
        ("Sheet1!C2", "row.lacking"),
        ("Sheet1!A2", "row.lacking"),  # no column of its own: the clue's
        ("Sheet1!A2", "row.lacking"),
    ]
    assert [problem.field for problem in found.plans[0].problems[2:]] == ["clue_name", "clue_pool_id", "follow_user_id"]


def test_a_required_field_with_a_bad_cell_is_not_called_missing_as_well() -> None:
    found = read(["clue_id", "clue_pool_id", "remark"], [CLUE, "x", "y"], defaults=dict(DEFAULTS) | {"clue_pool_id": "1"})
    assert found.problems == [("Sheet1!B2", "cell.not_id")]


@pytest.mark.parametrize(
    ("sheet", "row", "address"),
    [
        ("", 2, "B2"),
        ("Sheet1", 2, "Sheet1!B2"),
        ("线索", 2, "线索!B2"),
        ("my sheet", 2, "'my sheet'!B2"),
        ("it's", 2, "'it''s'!B2"),
    ],
)
def test_the_address_is_excels(sheet: str, row: int, address: str) -> None:
    assert read(["clue_id", "gender"], [CLUE, "?"], sheet=sheet).problems == [(address, "cell.gender")]


def test_the_message_tells_value_and_what_would_be_accepted_in_both_languages() -> None:
    (problem,) = one("gender", "未知").plans[0].problems  # type: ignore[union-attr]
    assert say(problem.message, "en") == 'must be 男 or 女 (or 0/1); it holds "未知"'
    assert say(problem.message, "zh") == "应为 男 或 女（或 0/1）；单元格里是“未知”"


@pytest.mark.parametrize(
    ("heading", "english", "chinese"),
    [
        ("性别", "性别 must be 男 or 女", "性别应为 男 或 女"),
        ("gender", "gender must be 男 or 女", "gender 应为 男 或 女"),
        (" 性 \n 别* ", "性 别* must be 男 or 女", "性 别* 应为 男 或 女"),
    ],
)
def test_what_is_wrong_with_a_cell_begins_with_the_heading_of_its_column(heading: str, english: str, chinese: str) -> None:
    """As the sheet writes it, on one line; Chinese sets off only letters and signs by a space."""
    (problem,) = one(heading, "未知").plans[0].problems  # type: ignore[union-attr]
    assert say(problem.sentence, "en").startswith(english)
    assert say(problem.sentence, "zh").startswith(chinese)


def test_what_is_wrong_with_a_row_stands_on_its_own() -> None:
    (problem,) = (
        one("remark", "x", defaults={"clue_name": "x", "clue_pool_id": 1, "follow_user_id": "wo-employee-number-1"})
        .plans[0]
        .problems
    )  # type: ignore[union-attr]
    assert (problem.heading, problem.sentence) == ("", problem.message)
    assert say(problem.sentence, "en").startswith("用户ID (user_id), who edits, is required and missing")


def test_the_missing_field_is_named_by_its_title_and_the_way_out() -> None:
    lacking = {key: value for key, value in DEFAULTS.items() if key != "clue_pool_id"}
    (problem,) = read(["clue_id", "remark"], [CLUE, "x"], defaults=lacking).plans[0].problems
    assert say(problem.message, "en") == (
        "线索池ID (clue_pool_id) is required and missing; fill it in, set a default under defaults: in the settings, "
        "or add --fill to take it from the CRM"
    )


# --- rows that want the live record of their clue

OPERATOR = {"user_id": "wo-operator-of-the-tests"}
COMPLETE = ["clue_id", "clue_name", "clue_pool_id", "follow_user_id", "remark"]


def test_what_is_filled_in_later_is_left_out_and_its_clue_is_read() -> None:
    found = read(COMPLETE, [CLUE, "自己的", None, None, "x"], defaults=OPERATOR, fill=True)
    (body,) = found.bodies
    required, listed = (
        {"clue_id": int(CLUE), "user_id": "wo-operator-of-the-tests", "clue_name": "自己的"},
        ["clue_name", "remark"],
    )
    assert body == required | {"remark": "x", "update_specified_fields": listed}
    assert (found.statuses, found.unread) == (["pending"], [True])


def test_a_row_that_lacks_nothing_is_not_read() -> None:
    rows = [CLUE, "自己的", "7", "wo-employee-number-1", "x"], [OTHER, None, None, None, "x"]
    assert read(COMPLETE, rows[0], defaults=OPERATOR, fill=True).unread == [False]
    assert read(COMPLETE, *rows, fill=True).unread == [False, False], "defaults are at hand"
    assert read(COMPLETE, *rows, defaults=OPERATOR, fill=True).unread == [False, True]


def test_a_row_with_nothing_to_edit_is_skipped_and_its_clue_is_not_read() -> None:
    found = read(["clue_id", "remark"], [CLUE, None], defaults=OPERATOR, fill=True, reads_all=True)
    assert (found.statuses, found.bodies) == (["skipped"], [])


def test_a_required_custom_field_is_filled_in_later_too() -> None:
    custom = {"mf_1": {"required": True}}
    found = one("remark", "x", custom_fields=custom, fill=True)
    assert found.unread == [True] and "field_map" not in found.bodies[0]
    assert one("remark", "x", custom_fields=custom, fill=True, defaults=DEFAULTS | {"mf_1": "d"}).unread == [False]


def test_who_edits_and_which_clue_are_never_filled_in_later() -> None:
    assert one("remark", "x", defaults={}, fill=True).problems == [("Sheet1!A2", "row.no_user_id")]
    assert read(["clue_id", "remark"], [None, "x"], defaults=OPERATOR, fill=True).problems == [("Sheet1!A2", "row.no_clue_id")]


def test_a_bad_cell_of_a_required_field_is_not_filled_over() -> None:
    found = read(COMPLETE, [CLUE, None, "x", None, "x"], defaults=OPERATOR, fill=True)
    assert found.problems == [("Sheet1!C2", "cell.not_id")]
    assert read(COMPLETE, [CLUE, "#CLEAR", None, None, "x"], defaults=OPERATOR, fill=True).statuses == ["invalid"]


def test_all_rows_are_read_where_that_is_wanted() -> None:
    assert read(["clue_id", "remark"], [CLUE, "x"], [OTHER, "y"], reads_all=True).unread == [True, True]
    assert read(["clue_id", "remark"], [CLUE, "x"], [OTHER, "y"]).unread == [False, False]


def test_rows_with_tags_are_read_where_tags_are_added_or_removed() -> None:
    rows = [CLUE, "a-tag-of-twenty-signs", None], [OTHER, "#CLEAR", "x"], [CLUE, None, "x"]
    assert read(["clue_id", "标签", "remark"], *rows, reads_tags=True).unread == [True, True, False]
    assert read(["clue_id", "标签", "remark"], *rows).unread == [False, False, False]
    assert read(["clue_id", "business_tag_ids"], [CLUE, "a-tag-of-twenty-signs"], reads_tags=True).unread == [True]


def test_tags_are_added_or_removed_by_a_column_of_tags() -> None:
    for context in ({}, {"context_columns": ["标签"]}, {"edit_keys": ["remark"]}):
        headings = ["clue_id", "remark", "标签"] if context else ["clue_id", "remark"]
        with pytest.raises(SettingsError) as caught:
            read(headings, reads_tags=True, **context)  # type: ignore[arg-type]
        assert caught.value.message.key == "tags.no_column"


# --- errors and formulas


@pytest.mark.parametrize(
    ("cell", "key"),
    [
        (CellError("#N/A"), "cell.error"),
        (CellError("#SOMETHING_NEW!"), "cell.error"),
        ("#N/A", "cell.error"),
        (" #n/a ", "cell.error"),
        ("#REF!", "cell.error"),
        ("#VALUE!", "cell.error"),
        ("#DIV/0!", "cell.error"),
        ("#NAME?", "cell.error"),
        ("#NULL!", "cell.error"),
        ("#NUM!", "cell.error"),
        ("#SPILL!", "cell.error"),
        ("#GETTING_DATA", "cell.error"),
        (Uncomputed(), "cell.uncomputed"),
        ("#NO_VALUE!", "cell.error"),  # what our results sheet shows for one
        ("＃N/A", "cell.error"),
        ("＃ｎ／ａ", "cell.error"),
        ("Err:502", "cell.error"),  # LibreOffice's
        ("err:508", "cell.error"),
        ("ERR：522", "cell.error"),
        ("###", "cell.error"),  # a column that is too narrow
        ("########", "cell.error"),
    ],
)
def test_an_error_is_neither_a_blank_nor_a_value(cell: Cell, key: str) -> None:
    for heading in ("remark", "clue_name", "user_id", "label", "birthday", "mf_clue_1", "area", "email"):
        assert one(heading, cell).problems == [("Sheet1!B2", key)]


@pytest.mark.parametrize("text", ["##", "#", "### x", "Err:5021", "Err:50", "Err: 502", "#N/A?", "N/A #N/A"])
def test_what_only_looks_like_an_error_is_a_text(text: str) -> None:
    assert one("remark", text).bodies[0]["remark"] == text


@pytest.mark.parametrize("cell", ["'#CLEAR", '="#CLEAR"', "＇＃clear", "'#CLEAR ", '="#clear\u200b"'])
def test_a_marker_that_was_kept_from_excel_is_the_marker(cell: str) -> None:
    found = read(["clue_id", "remark", "label", "work_id"], [CLUE, cell, cell, cell])
    assert found.plans[0].cleared == ("remark", "label", "work_id")  # type: ignore[union-attr]
    assert one("follow_user_id", cell).problems == [("Sheet1!B2", "cell.not_clearable")]
    assert one("remark", "'DEL", clear_marker="'DEL").plans[0].cleared == ("remark",)  # type: ignore[union-attr]


@pytest.mark.parametrize("cell", [CellError("#N/A"), "#N/A", Uncomputed()])
def test_an_error_matters_only_in_columns_that_are_read(cell: Cell) -> None:
    headings = ["clue_id", "remark", "label", "手机号", "我的列", "result_code", None]
    row = [CLUE, "x", cell, cell, cell, cell, cell]
    settings = {"ignore_columns": ["我的列"]}
    assert read(headings, row, **settings).problems == [
        ("Sheet1!C2", "cell.error" if cell != Uncomputed() else "cell.uncomputed")
    ]
    assert read(headings, row, **settings, context_columns=["label"]).statuses == ["pending"]
    assert read(headings, row, **settings, edit_keys=["remark"]).statuses == ["pending"]


def test_an_error_in_a_workbook_is_named_with_its_address(tmp_path: Path) -> None:
    table = [["clue_id", "remark", "uin"], [CLUE, CellError("#REF!"), Formula("=1+2")], [OTHER, "x", None]]
    loaded = load_edits(write_workbook(tmp_path / "a.xlsx", table, "线索 1"), Settings(defaults=DEFAULTS))
    assert [(problem.address, problem.message.key) for problem in loaded.problems] == [
        ("'线索 1'!B2", "cell.error"),
        ("'线索 1'!C2", "cell.uncomputed"),
    ]
    assert [edit.row for edit in loaded.edits] == [3]


# --- words that mean a blank elsewhere


@pytest.mark.parametrize("text", ["# CLEAR", "#Clear.", "清空", "＃清空", "clear", "#CLEAR！", "清除"])
def test_what_is_nearly_the_marker_is_a_text_and_is_told(text: str) -> None:
    near = one("remark", text)
    assert near.bodies[0]["remark"] == text
    assert near.said == ["Sent as text, since that is not quite #CLEAR: 1 cell. To empty a field, write #CLEAR alone."]


@pytest.mark.parametrize("text", ["#CLEAR", "clearly", "已清空", "clear all"])
def test_what_is_the_marker_or_far_from_it_is_not_told(text: str) -> None:
    assert one("remark", text).said == []


@pytest.mark.parametrize("word", ["NA", "n/a", "null", "NULL", "None", "nan", "NaN", "\\N", "-"])
def test_a_word_for_a_blank_is_a_text_and_is_counted(word: str) -> None:
    found = read(["clue_id", "remark", "uin"], [CLUE, word, word], [OTHER, "x", f" {word} "])
    assert [(body["remark"], body["uin"]) for body in found.bodies] == [(word, word), ("x", word)]
    assert found.said == [
        f"Taken as text, not as a blank: 3 cells with a word for nothing, such as {word}. "
        "If they stand for nothing, name them under blank_words: in the settings."
    ]


@pytest.mark.parametrize(("text", "told"), [("????A???", 1), ("??", 1), ("what??", 0), ("?", 0), ("为什么????", 0)])
def test_what_is_left_of_a_text_that_was_saved_without_its_characters_is_counted(text: str, told: int) -> None:
    found = one("remark", text)
    assert found.bodies[0]["remark"] == text
    assert [said.partition(":")[2] for said in found.said] == [
        " 1 cell. If so, save the sheet as .xlsx or as CSV UTF-8 from where it came."
    ] * told


def test_a_row_of_nothing_but_words_for_nothing_is_no_row() -> None:
    words = {"blank_words": ["NULL", "\\N"]}
    assert read(["clue_id", "remark"], ["NULL", "\\N"], [None, "null"], [CLUE, "null"], **words).statuses == [
        "blank",
        "blank",
        "skipped",
    ]
    assert read(["clue_id", "remark"], ["NULL", "x"], **words).problems == [("Sheet1!A2", "row.no_clue_id")]


def test_no_such_word_is_said_of_columns_that_are_not_read_nor_of_the_clear_marker() -> None:
    assert read(["clue_id", "remark", "result_code"], [CLUE, "x", "NA"]).said == []
    found = one("remark", "null", clear_marker="NULL")
    assert (found.bodies[0]["remark"], found.said) == ("", [])


# --- long rows and values under no heading


def test_a_csv_row_that_is_too_long_is_invalid_whatever_it_holds() -> None:
    found = read(["clue_id", "remark"], [CLUE, "x", "y"], [OTHER, "x", None, " "], sheet="")
    assert found.statuses == ["invalid", "pending"]
    assert found.problems == [("C2", "row.too_long")]


def test_in_a_workbook_a_value_to_the_right_of_the_headings_stands_under_an_empty_heading() -> None:
    found = read(["clue_id", "remark"], [CLUE, "x", "y"])
    assert found.statuses == ["pending"]
    assert found.said == ["Ignored, since they stand under an empty heading: values in 1 row."]


def test_values_under_an_empty_heading_are_ignored_with_a_warning() -> None:
    found = read(["clue_id", "\u200b ", "remark"], [CLUE, "stray", "x"], [OTHER, None, "y"], [CLUE, CellError("#N/A"), "z"])
    assert found.statuses == ["pending"] * 3
    assert found.said == ["Ignored, since they stand under an empty heading: values in 2 rows."]


# --- exactly these bytes are sent


def test_text_with_characters_that_have_no_utf8_is_refused() -> None:
    for key in ("remark", "uin", "clue_name", "label", "mf_clue_1", "clue_pool_id", "gender", "birthday"):
        found = one(key, "a\ud83d")
        assert found.statuses == ["invalid"]
        say(found.plans[0].problems[0].message, "zh").encode()  # type: ignore[union-attr]


def test_an_undeclared_custom_field_is_text_with_a_warning() -> None:
    found = read(["clue_id", "mf_clue_7", "MF_clue_8*"], [CLUE, "a", 5])
    assert found.bodies[0]["field_map"] == {"mf_clue_7": "a", "mf_clue_8": "5"}
    assert found.said == ["Not declared under custom_fields: in the settings, so sent as plain text: mf_clue_7, mf_clue_8."]
    assert read(["clue_id", "mf_clue_7", "remark"], [CLUE, "a", "b"], edit_keys=["remark"]).said == []  # it is not sent


def test_a_frame_is_read_by_the_same_rules(tmp_path: Path) -> None:
    """Decimals, missing values and numpy's numbers are what a database hands over."""
    from decimal import Decimal

    frame = pandas.DataFrame(
        {
            "clue_id": pandas.Series([Decimal(CLUE), int(OTHER), float(CLUE), None], dtype=object),
            "工单ID": pandas.Series([Decimal("7"), pandas.NA, 3.0, 4], dtype=object),
            "birthday": pandas.Series([pandas.Timestamp("1990-05-01"), pandas.NaT, None, None], dtype=object),
        }
    )
    loaded = load_edits(frame, Settings(defaults=DEFAULTS))
    assert [plan.status for plan in loaded.plans] == [Status.PENDING, Status.SKIPPED, Status.INVALID, Status.INVALID]
    assert [(one.address, one.message.key) for one in loaded.problems] == [("A4", "cell.id_float"), ("A5", "row.no_clue_id")]
    assert loaded.edits[0].body.endswith('"work_id":7,"birthday":641491200,"update_specified_fields":["work_id","birthday"]}')


# --- what stops a run before its first call

SHEET = [
    ["clue_id", "remark", "follow_user_id", "gender"],
    [CLUE, "#CLEAR", "wo-owner-of-the-tests1", None],
    [OTHER, "x", None, "#CLEAR"],
    ["1591005521987921930", "y", "wo-owner-of-the-tests2", None],
    ["1591005521987921931", None, None, "?"],
]


@pytest.fixture
def attempt(tmp_path: Path) -> Callable[..., tuple[BaseException | None, int]]:
    """Runs SHEET (or another table) with some settings: what was refused, and how many requests arrived."""

    def attempted(table: list[list[Any]] = SHEET, strict: bool = False, **settings: Any) -> tuple[BaseException | None, int]:
        with Server() as server:
            known = quick(server.url, tmp_path / "state", **{"defaults": DEFAULTS} | settings)
            refusal: BaseException | None = None
            try:
                run(write_csv(tmp_path / "edits.csv", table), known, strict=strict)
            except Refused as error:
                refusal = error
        return refusal, len(server.requests)

    return attempted


@pytest.mark.parametrize(
    ("guards", "said"),
    [
        ({"max_rows": 3}, "The sheet has 4 rows, more than guards.max_rows allows (3)."),
        ({"min_rows": 5}, "The sheet has 4 rows, fewer than guards.min_rows demands (5)."),
        ({"max_clears": 1}, "2 cells would be cleared, more than guards.max_clears allows (1)."),
        ({"max_reassigned": 1}, "The owner or the pool would be set in 2 rows, more than guards.max_reassigned allows (1)."),
        (
            {"max_invalid_share": 0.2},
            "A share of 0.25 of the rows is invalid, more than guards.max_invalid_share allows (0.2).",
        ),
        ({"max_rows": 4}, ""),
        ({"min_rows": 4}, ""),
        ({"max_clears": 2}, ""),
        ({"max_reassigned": 2}, ""),
        ({"max_invalid_share": 0.25}, ""),
        ({}, ""),
    ],
)
def test_a_guard_stops_the_run_before_its_first_call(
    guards: dict[str, float], said: str, attempt: Callable[..., tuple[BaseException | None, int]]
) -> None:
    refusal, requests = attempt(guards=guards)
    assert (refusal is not None, requests) == (bool(said), 0 if said else 3)
    if said:
        assert isinstance(refusal, GuardTripped)
        assert str(refusal).startswith(said)
        assert f"guards.{next(iter(guards))}" in say(refusal.message, "zh")


def test_a_pool_counts_as_reassigned_and_context_does_not(attempt: Callable[..., tuple[BaseException | None, int]]) -> None:
    table = [["clue_id", "clue_pool_id", "remark"], [CLUE, "7", "x"]]
    refusal, _ = attempt(table, guards={"max_reassigned": 0})
    assert isinstance(refusal, GuardTripped)
    assert attempt(table, guards={"max_reassigned": 0}, context_columns=["clue_pool_id"]) == (None, 1)


def test_strict_refuses_a_sheet_with_an_invalid_row_and_names_it(
    attempt: Callable[..., tuple[BaseException | None, int]],
) -> None:
    refusal, requests = attempt(strict=True)
    assert requests == 0
    assert str(refusal) == (
        "Invalid: 1 row, and --strict was asked for. Nothing was sent; mend this first:\n"
        '  D5: gender must be 男 or 女 (or 0/1); it holds "?"'
    )
    assert attempt(SHEET[:4], strict=True) == (None, 3)


def test_a_clue_in_several_rows_is_sent_in_order_or_refused(tmp_path: Path) -> None:
    table = [["clue_id", "remark"], [CLUE, "a"], [OTHER, "b"], [f"'{CLUE}", "c"], [OTHER, None]]
    path = write_csv(tmp_path / "edits.csv", table)
    with Server() as server:
        report = run(path, quick(server.url, tmp_path / "state", defaults=DEFAULTS))
        sent = [request.body.decode() for request in server.requests if CLUE in request.body.decode()]
        assert [body[body.index('"remark"') :][10:11] for body in sent] == ["a", "c"]
        assert (report.preview.repeated_clues, report.preview.repeated) == (1, [(int(CLUE), [2, 4])])
        lines = [say(line, "en") for line in preview_lines(report.preview)]
        assert f"Several rows for 1 clue, sent in sheet order. Clue (rows): {CLUE} (2, 4)" in lines
        before = len(server.requests)
        with pytest.raises(Refused) as refusal:
            run(path, quick(server.url, tmp_path / "state", defaults=DEFAULTS, duplicates="error"))
        assert len(server.requests) == before
    assert str(refusal.value) == (
        "Of 1 clue there are several rows, and the settings say duplicates: error. Nothing was sent. "
        f"Clue (rows): {CLUE} (2, 4)."
    )


# --- a results sheet that comes in again


def test_only_failed_keeps_the_rows_that_were_updated(tmp_path: Path) -> None:
    """With what the journal knows of them, and not what the sheet says."""
    table = [["clue_id", "remark"], [CLUE, "a"], [OTHER, "b"], ["bad", "c"], ["1591005521987921930", None]]
    with Server() as server:
        settings = quick(server.url, tmp_path / "state", defaults=DEFAULTS)
        first = run(write_csv(tmp_path / "edits.csv", table), settings, limit=1).to_frame()
        spoilt = first.assign(result_status="updated", result_code="7", result_time="2026-01-01T00:00:00+08:00")
        before = len(server.requests)
        frame = run(spoilt, settings, only_failed=True).to_frame()
        assert [request.body.decode().count(OTHER) for request in server.requests[before:]] == [1]
        assert list(frame["result_status"]) == ["updated", "updated", "invalid", "skipped"]
        assert list(frame["result_code"]) == ["0", "0", "", ""]
        assert frame["result_time"][0] == first["result_time"][0] != ""
        assert list(frame["result_attempts"].fillna(0)) == [1, 1, 0, 0]
        frame = run(spoilt, settings).to_frame()  # without the option every row counts
        assert len(server.requests) == before + 3
    assert list(frame["result_status"]) == ["updated", "updated", "invalid", "skipped"]


@pytest.mark.parametrize("attempts", ["9" * 20, "9" * 5000, "1.5", "²", "-1"])
def test_a_number_of_attempts_that_somebody_has_spoilt_counts_for_nothing(attempts: str, tmp_path: Path) -> None:
    with Server() as server:
        settings = quick(server.url, tmp_path / "state", defaults=DEFAULTS)
        first = run(write_csv(tmp_path / "edits.csv", [["clue_id", "remark"], [CLUE, "a"]]), settings).to_frame()
        report = run(first.assign(result_attempts=attempts), settings, only_failed=True)
        assert len(server.requests) == 1
    assert report.to_frame().iloc[0][["result_status", "result_attempts"]].tolist() == ["updated", 1]


@pytest.mark.parametrize("cells", ["x", "²", "0", "-1", "1.5", "2.5", "9" * 20, "2 3", "row 2"])
def test_a_reference_that_somebody_has_spoilt_names_no_row(cells: str, tmp_path: Path) -> None:
    with Server() as server:
        settings = quick(server.url, tmp_path / "state", defaults=DEFAULTS)
        first = run(write_csv(tmp_path / "edits.csv", [["clue_id", "remark"], [CLUE, "a"]]), settings).to_frame()
        with pytest.raises(Refused) as refusal:
            run(first.assign(result_row=cells), settings, only_failed=True)
        assert len(server.requests) == 1
    assert refusal.value.message.key == "only_failed.unknown"


def test_only_failed_wants_a_results_sheet() -> None:
    with pytest.raises(SheetError) as refusal:
        read(["clue_id", "remark"], only_failed=True)
    assert refusal.value.message.key == "only_failed.no_results"
    with pytest.raises(SheetError) as refusal:
        read(["clue_id", "remark", "result_status", "result_run"], only_failed=True)
    assert refusal.value.message.key == "only_failed.no_reference"


# --- --edit and context


def test_edit_names_a_column_by_key_or_title_and_must_name_one_of_the_sheet() -> None:
    for name in ("remark", "描述", "备注", " REMARK "):
        assert read(["clue_id", "备注", "label"], [CLUE, "x", "a"], edit_keys=[name]).bodies[0]["update_specified_fields"] == [
            "remark"
        ]
    with pytest.raises(SettingsError) as refusal:
        read(["clue_id", "remark"], edit_keys=["label"])
    assert str(refusal.value) == "--edit names label, which the sheet does not have. Its headings are: clue_id, remark."
    with pytest.raises(SettingsError) as refusal:
        read(["clue_id", "remark"], edit_keys=["remrak"])
    assert str(refusal.value) == '--edit names "remrak", which is neither a field nor a heading of the sheet.'
