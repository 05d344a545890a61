"""What ``look_at`` says of a sheet is what becomes of it: columns, refusals, and what somebody has chosen of both."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from support import corpus, jobs

import batch_editor
from batch_editor.cell_values import Row
from batch_editor.edits.choose_sheet import choose_sheet
from batch_editor.edits.columns import Columns
from batch_editor.edits.heading_row import ColumnUse
from batch_editor.errors import Refused, SheetError
from batch_editor.model import Message, Status
from batch_editor.runs.kept_rows import with_kept_rows
from batch_editor.runs.sheet_choices import SheetChoices
from batch_editor.runs.sheet_look import SheetLook, look_at
from batch_editor.runs.source import open_source
from batch_editor.settings.settings import Settings
from batch_editor.sheets import Sheet, text

FILES = Path(__file__).parent.parent / "files"
SAMPLES = Path(__file__).parent.parent.parent / "sample_data"
FOREIGN = (".xls", ".xlsb", ".ods")
SHEETS = sorted(
    path
    for path in [*FILES.iterdir(), *SAMPLES.iterdir()]
    if path.name in corpus.READ or path.name in corpus.REFUSED or path.parent == SAMPLES
)
SETTINGS = Settings(defaults=jobs.DEFAULTS)


def read_columns(path: Path, settings: Settings) -> list[tuple[int, str, bool]]:
    """The columns that a plan reads: place, field, whether it edits. Raises as a plan does."""
    batch_editor.load_edits(path, settings)
    with open_source(path) as source:
        choice = choose_sheet(source.sheets, None, settings.row_rules)
        columns = Columns(choice.sheet.name, choice.headings, settings.row_rules)
    return [(column.index, column.field.key, column.edits) for column in columns.columns]


def seen_columns(look: SheetLook) -> list[tuple[int, str, bool]]:
    required = [column for column in look.columns if column.required or column.use is ColumnUse.EDITS]
    return [
        (column.place, str(column.field), column.use is ColumnUse.EDITS)
        for column in required
        if column.use in (ColumnUse.EDITS, ColumnUse.CONTEXT) and column.first is None
    ]


@pytest.mark.parametrize(
    "path",
    [pytest.param(path, id=path.name, marks=[pytest.mark.slow] if path.suffix in FOREIGN else []) for path in SHEETS],
)
def test_the_columns_that_are_seen_are_those_that_are_read(path: Path) -> None:
    try:
        read = read_columns(path, SETTINGS)
    except SheetError as error:
        refused = error.message
    else:
        look = look_at(path, SETTINGS)
        assert seen_columns(look) == read
        assert look.can_be_planned or [problem.key for problem in look.problems] == ["sheet.no_rows"]
        return
    try:
        look = look_at(path, SETTINGS)
    except SheetError as error:
        assert error.message == refused
    else:
        mistakes = [column.mistake for column in look.columns if column.mistake]
        assert refused in look.problems or refused.values.get("lines") == mistakes


def csv(folder: Path, *lines: str) -> Path:
    return jobs.text_file(folder / "edits.csv", "\n".join(lines) + "\n")


CLUE = "1591005521987921928"


def test_a_heading_that_nobody_knows_is_shown_with_the_nearest_field_and_is_never_taken_for_it(tmp_path: Path) -> None:
    look = look_at(csv(tmp_path, "线索ID,描叙（备注2）,备注2", f"{CLUE},甲,乙"), SETTINGS)
    unknown = look.columns[2]
    assert (unknown.use, unknown.field, unknown.near) == (ColumnUse.UNKNOWN, None, "remark")
    assert unknown.examples == ("乙",) and not look.can_be_planned


def test_what_is_chosen_of_a_sheet_is_what_is_sent(tmp_path: Path) -> None:
    """A column is mapped, one without heading gets a field, one is left out, one only tells who it is; the results keep the
    headings of the sheet."""
    sheet = csv(tmp_path, "导出于周一", "编号,说明2,,备注,备注,性别,邮箱", f"{CLUE},新,a@example.com,x,y,男,b@example.com")
    settings = jobs.settings(tmp_path, context_columns=["gender"], ignore_columns=["说明2"])
    choices = SheetChoices(
        heading_row=2,
        fields={0: "clue_id", 1: "remark", 2: "email"},
        uses={1: ColumnUse.EDITS, 3: ColumnUse.IGNORED, 4: ColumnUse.IGNORED, 5: ColumnUse.EDITS, 6: ColumnUse.IGNORED},
    )
    assert SheetChoices.from_json(choices.as_json()) == choices
    look = look_at(sheet, settings, choices=choices)
    assert look.can_be_planned and look.is_certain
    with batch_editor.plan(sheet, settings, choices=choices, title="客户.csv", person="李伟") as prepared:
        (row,) = prepared.rows().rows
        run = prepared.journal.run(prepared.name)
        assert row.fields == ("remark", "email", "gender")
        ((_, _, body),) = prepared.run.queries.planned_bodies(maybe_applied=True)
        assert '"remark":"新"' in body and '"email":"a@example.com"' in body
        assert run.headings == ("编号", "说明2", "邮箱", "备注", "备注", "性别", "邮箱")
        assert (run.title, run.planned_by) == ("客户.csv", "李伟")
        digest = prepared.digest()
    with batch_editor.open_run(run.name, settings) as again:
        assert again.digest() == digest
        assert again.preview.circumstances.columns["email"] == 2
    assert seen_columns(look) == [(0, "clue_id", False), (1, "remark", True), (2, "email", True), (5, "gender", True)]


@pytest.mark.parametrize(
    ("choices", "key"),
    [
        (SheetChoices(heading_row=9), "headings.no_such_row"),
        (SheetChoices(heading_row=2), "headings.wrong"),
        (SheetChoices(uses={0: ColumnUse.IGNORED}), "headings.no_clue_column"),
        (SheetChoices(fields={0: "remark", 1: "remark"}), "headings.wrong"),
        (SheetChoices(fields={1: "nothing"}), "settings.no_such_field"),
    ],
)
def test_a_choice_that_cannot_be_is_refused_by_both(tmp_path: Path, choices: SheetChoices, key: str) -> None:
    sheet = csv(tmp_path, "线索ID,备注", f"{CLUE},甲", f"{CLUE},乙")
    with pytest.raises(Refused) as refused:
        batch_editor.plan(sheet, jobs.settings(tmp_path), choices=choices)
    assert refused.value.message.key == key
    try:
        look = look_at(sheet, SETTINGS, choices=choices)
    except Refused as error:
        assert error.message.key == key
    else:
        assert not look.can_be_planned


def test_the_first_rows_are_shown_for_what_they_are(tmp_path: Path) -> None:
    rows = [["客户名单"], [], ["线索ID", "备注"], [CLUE, "甲"], ["线索ID", "备注"], ["合计", "1"], [CLUE, "乙"]]
    look = look_at(jobs.workbook(tmp_path / "edits.xlsx", rows), SETTINGS)
    kinds = [(row.number, row.kind) for row in look.top]
    assert kinds == [(1, "above"), (3, "headings"), (4, "data"), (5, "no_data"), (6, "no_data"), (7, "data")]
    assert look.heading_row == 3 and look.top[2].cells == (CLUE, "甲")


def test_where_no_heading_names_the_clue_the_likeliest_row_is_shown(tmp_path: Path) -> None:
    look = look_at(csv(tmp_path, "名单,,", "客户编号,备注,邮箱", "1,甲,a@example.com"), SETTINGS)
    assert (look.heading_row, look.is_certain) == (2, False)
    assert [problem.key for problem in look.problems] == ["headings.no_clue_id"]
    assert [column.field for column in look.columns] == [None, "remark", "email"]


def test_a_long_number_in_short_form_is_told(tmp_path: Path) -> None:
    look = look_at(csv(tmp_path, "线索ID,备注", "1.59101E+18,甲", f"{CLUE},乙"), SETTINGS)
    assert Message("look.short_form", {"cells": 1, "first": "A2"}) in look.notes


def test_a_results_sheet_is_known_with_what_failed_and_why(tmp_path: Path) -> None:
    lines = ["线索ID,备注,result_status,result_message,result_run,result_row"]
    lines += [f"{CLUE},甲,updated,,20261124-093000-7f3a,2", f"{CLUE},乙,rejected,no right,20261124-093000-7f3a,3"]
    earlier = look_at(csv(tmp_path, *lines), SETTINGS).earlier
    assert earlier is not None and earlier.refers and earlier.is_whole
    assert earlier.statuses == {Status.UPDATED: 1, Status.REJECTED: 1} and earlier.reasons == (("no right", 1),)
    assert look_at(csv(tmp_path, "线索ID,备注", f"{CLUE},甲"), SETTINGS).earlier is None


def test_texts_of_any_length_and_columns_of_any_number_are_bounded(tmp_path: Path) -> None:
    headings = ["线索ID", *(f"未知列{number}" for number in range(16_383))]
    look = look_at(csv(tmp_path, ",".join(headings), f"{CLUE},{'长' * 100_000}"), SETTINGS)
    assert len(look.columns) == 16_384
    assert max(len(text) for column in look.columns for text in column.examples) == 200


def test_a_sheet_is_read_through_once_however_many_blank_rows_it_ends_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each time takes seconds where a file of 5 MB is nothing but line ends."""
    whole: list[str] = []
    rows_of_file = text._rows

    def counted(*given: Any) -> Iterator[Row]:
        yield from rows_of_file(*given)
        whole.append("once")

    monkeypatch.setattr(text, "_rows", counted)
    look = look_at(csv(tmp_path, "线索ID,备注", f"{CLUE},甲", *[""] * 3000), SETTINGS)
    assert look.tabs[0].rows == 2 and look.can_be_planned and whole == ["once"]
    whole.clear()
    with pytest.raises(SheetError, match="empty"):
        look_at(csv(tmp_path, *[""] * 3000), SETTINGS)
    assert whole == ["once"]


@pytest.mark.parametrize("rows", [10, 249, 250, 251, 1200])
def test_rows_that_are_kept_are_those_of_the_sheet_and_its_faults_come_each_time(rows: int) -> None:
    def read() -> Iterator[Row]:
        yield from (Row(number, ("x",), 1, False) for number in range(1, rows + 1))
        raise SheetError("file.changed", path="x")

    kept = with_kept_rows(Sheet("", True, read)).rows
    for most in (3, rows - 1, rows):
        assert list(islice(kept(), most)) == list(islice(read(), most))
    for _ in range(2):
        with pytest.raises(SheetError):
            list(kept())
