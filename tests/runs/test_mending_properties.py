"""Whatever is mended in whatever sheet: each row becomes what it would be if the sheet had been planned so.

It holds for all but the judgement of a column of ids by its other ids, which stays that of the sheet as it came; the sheets
here have too few ids for one.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from support import jobs

import batch_editor
from batch_editor import Mend, PreparedRun, Settings
from batch_editor.messages import say

HEADINGS = ["clue_id", "remark", "性别", "生日", "follow_user_id", "clue_pool_id", "序号", "mf_a", "标签"]
OVER: dict[str, Any] = {
    "ids": {"people": "any"},
    "ignore_columns": ["序号"],
    "context_columns": ["follow_user_id"],
    "blank_words": ["无"],
    "lookups": {"clue_pool_id": {"甲池": "11", "乙池": "12"}},
    "custom_fields": {"mf_a": {"title": "偏好", "type": "single", "options": {"红": "1", "蓝": "2"}}},
}
CLUE = ["1591005521987920961", "1591005521987920963", "1591005521987920977", "21", "22", "1591005521987920000", "", " 23 ", "x"]
CLUE += ["合计", "线索ID", "clue_id", "9e18", "合计:"]
TEXTS = [
    "甲",
    " 乙 ",
    "#CLEAR",
    "#clear",
    "",
    "无",
    "=SUM(A1:A2)",
    "３",
    "a\nb",
    "x\x07y",
    "123456789012345000",
    "备注",
    "描述",
    "3",
]
CELLS: list[list[object]] = [
    CLUE,
    TEXTS,
    ["男", "女", "先生", "", "0", "1", "#CLEAR", "性别", " 男", "3"],
    ["1990-01-02", "", "2", "1990/1/2", "#CLEAR", "生日"],
    ["wo-a", "wo-b", "", "#CLEAR"],
    ["甲池", "乙池", "丙池", "11", "", "13"],
    ["1", "", "合计"],
    ["红", "蓝", "绿", "", "#CLEAR"],
    ["et-a", "et-a,et-b", "", "#CLEAR", "et-a、et-b"],
]
#: What a workbook holds beside texts.
NUMBERS: list[list[object]] = [
    [21, 22.0, 1591005521987920896, 7.5],
    [1, 2.5, True, datetime(2026, 1, 2, 3, 4), date(2026, 1, 2), time(3, 4), 123456789012345678],
    [0, 1, 2, 1.0],
    [datetime(1990, 1, 2), 33000, 2],
    [5, None],
    [11, 12.0, 13],
    [1, None],
    [1, 2, 3],
    [1591005521987920961, 5],
]
#: Headings once more, and others below which nothing is read.
ODD_ROWS: list[list[object]] = [
    list(HEADINGS),
    ["线索ID", "描述", "性别", "生日"],
    ["描述", "clue_id", "性别", "生日"],
    ["合计", "3"],
    ["", "合计", "3"],
    ["3", "合计"],
    ["合计 3", ""],
]


def drawn_sheet(dice: random.Random, *, typed: bool) -> list[list[object]]:
    rows: list[list[object]] = [list(HEADINGS)]
    for _ in range(dice.randrange(1, 14)):
        if dice.random() < 0.25:
            row = list(dice.choice(ODD_ROWS))
        else:
            row = [dice.choice(NUMBERS[at] if typed and dice.random() < 0.3 else CELLS[at]) for at in range(len(HEADINGS))]
            row[0] = row[0] if dice.random() < 0.3 else dice.choice(CLUE[:5])
            row[3:] = [cell if dice.random() < 0.6 else "" for cell in row[3:]]
        if not typed and dice.random() < 0.05:
            row = [*row, *[""] * (len(HEADINGS) - len(row)), "zu", "viel"]
        rows.append(row if dice.random() < 0.95 else [""])
    return rows


def drawn_mends(dice: random.Random, rows: Sequence[Sequence[object]], held: Mapping[int, Sequence[str]]) -> list[Mend]:
    """Mends of rows that the run has, with other texts than are there."""
    mends = dict[tuple[int, int], Mend]()
    for _ in range(dice.randrange(1, 7)):
        row, place = dice.choice(sorted(held)), dice.randrange(len(HEADINGS))
        value = str(dice.choice([*CELLS[place], *HEADINGS[:2]] if dice.random() < 0.9 else TEXTS))
        if dice.random() < 0.1:  # a row of headings comes and goes
            for at, heading in enumerate(dice.choice([HEADINGS[:4], ["描述", "clue_id", "性别", ""], ["", "", "", ""]])):
                mends[row, at] = Mend(row, at, heading)
        mends[row, place] = Mend(row, place, value)
    texts = {cell: (held[cell[0]][cell[1]] if cell[1] < len(held[cell[0]]) else "") for cell in mends}
    return [mend for cell, mend in mends.items() if mend.value != texts[cell]]


def mended(rows: Sequence[Sequence[object]], mends: Sequence[Mend]) -> list[list[object]]:
    """The sheet as somebody would have mended it in Excel."""
    changed = [list(row) for row in rows]
    for mend in mends:
        row = changed[mend.row - 1]
        row += [""] * (mend.place + 1 - len(row))
        row[mend.place] = mend.value
    return changed


def outcome(prepared: PreparedRun) -> dict[int, tuple[Any, ...]]:
    """What has become of each row, and what would be sent of it."""
    bodies = {row: body for row, _, body in prepared.run.queries.planned_bodies(maybe_applied=True)}
    values = {row.row: row for row in prepared.run.queries.row_values()}
    return {
        row.row: (
            row.status,
            values[row.row].clue_id,
            values[row.row].unread and row.status == "pending",
            bodies.get(row.row),
            row.cells[: len(HEADINGS)] if any(row.cells) else (),
            row.fields,
            row.cleared,
            [say(getattr(note, "message", note), "en") for note in row.notes],
            [getattr(note, "address", "") for note in row.notes],
        )
        for row in prepared.rows(most=1000).rows
    }


def csv_of(path: Path, rows: Sequence[Sequence[object]]) -> Path:
    def cell(value: object) -> str:
        return '"' + str(value).replace('"', '""') + '"'

    width = len(HEADINGS)
    lines = [",".join(map(cell, [*row, *[""] * (width - len(row))])) for row in rows]
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode("utf-8-sig", "replace"))
    return path


def workbook_of(path: Path, rows: Sequence[Sequence[object]]) -> Path:
    tidy = [[None if cell == "" else cell for cell in row] for row in rows]
    return jobs.workbook(path, [[without_odd(cell) for cell in row] for row in tidy])


def without_odd(cell: object) -> object:
    """No workbook can hold these, and a formula would be one."""
    if not isinstance(cell, str):
        return cell
    return "x" if cell == "x\x07y" or cell.startswith("=") else cell


Write = Callable[[Path, Sequence[Sequence[object]]], Path]


def require_the_same(folder: Path, seed: int, write: Write, given: Settings, **options: Any) -> None:
    dice, numbers = random.Random(seed), count()
    rows = drawn_sheet(dice, typed=write is workbook_of)

    def planned(sheet: Sequence[Sequence[object]]) -> PreparedRun:
        path = write(folder / f"{seed}-{next(numbers)}{'.xlsx' if write is workbook_of else '.csv'}", sheet)
        return batch_editor.plan(path, given, attended=True, **options)

    try:
        prepared = planned(rows)
    except batch_editor.SheetError:  # nothing but blank rows
        return
    with prepared:
        for _ in range(2):
            held = {row.row: row.cells for row in prepared.rows(most=1000).rows}
            mends = drawn_mends(dice, rows, held)
            if write is workbook_of:
                mends = [mend for mend in mends if without_odd(mend.value) == mend.value]
            prepared = prepared.mend(mends)
            rows = mended(rows, mends)
            with planned(rows) as anew:
                expected, found = outcome(anew), outcome(prepared)
            gone = found.keys() - expected.keys()
            assert all(set(found[row][4]) <= {"", "无"} for row in gone), "only a row that is blank by now is no row"
            blank = {row: ("skipped", None, False, None, found[row][4], (), (), [], []) for row in gone}
            assert found == expected | blank, (seed, mends)


SLOW = [pytest.param(seed, marks=pytest.mark.slow) for seed in range(12, 72)]


@pytest.mark.parametrize("seed", [*range(12), *SLOW])
@pytest.mark.parametrize("write", [csv_of, workbook_of])
def test_a_mended_row_is_what_it_were_in_the_mended_sheet(tmp_path: Path, seed: int, write: Write) -> None:
    require_the_same(tmp_path, seed, write, jobs.settings(tmp_path, **OVER))
