"""What the tests of whole runs share: settings that wait for nothing, sheets in one line, results as dictionaries."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import python_calamine as calamine

from batch_editor.fields import FIELDS
from batch_editor.settings.settings import Settings

TOKEN = "fixed-token"
#: The required fields, so that a sheet of a test needs no more than a clue and what is to be edited.
DEFAULTS = {
    "clue_name": "测试",
    "clue_pool_id": 1,
    "follow_user_id": "wo-owner-of-the-tests",
    "user_id": "wo-operator-of-the-tests",
}
#: For sheets whose owners or tags are "a" and "b".
SHORT_IDS = {"people": "any"}
#: Everything that waits, waits next to nothing; nothing halts unless a test wants it, and a sheet may be sent once more.
QUICK: dict[str, Any] = {
    "api": {"access_token": TOKEN, "timeout": 20},
    "rate": {"limits": [], "concurrency": 4, "pause": 0.02, "patience": 2},
    "retry": {"attempts": 2, "max_wait": 0.001},
    "halt": {"after_failures": None, "after_rejections": None},
    "guards": {"repeat": "allow"},
    "defaults": DEFAULTS,
    "lang": "en",
}


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """``base`` with ``over`` over it, level by level."""
    result = dict(base)
    for key, value in over.items():
        old = result.get(key)
        result[key] = merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return result


def settings(folder: Path, url: str = "http://127.0.0.1:1", **over: Any) -> Settings:
    """Quick settings for the CRM at ``url`` with their state in ``folder``; ``over`` changes what a test is about."""
    given = {"api": {"base_url": url}, "state_dir": folder / "state"}
    return Settings(**merged(merged(QUICK, given), over))


APP = {"access_token": None, "app_id": "app", "app_secret": "app-secret"}


def sheet(folder: Path, clues: Iterable[int], name: str = "edits.csv") -> Path:
    """A CSV with a row for each clue; the remark ``row N`` tells them apart (N as the sheet counts, from 2)."""
    lines = ["clue_id,remark", *(f"{clue},row {number}" for number, clue in enumerate(clues, 2))]
    return text_file(folder / name, "\n".join(lines) + "\n")


def text_file(path: Path, text: str) -> Path:
    """``path``, with ``text`` in it."""
    path.write_text(text, encoding="utf-8")
    return path


def workbook(path: Path, rows: Sequence[Sequence[object]], title: str = "Sheet1") -> Path:
    """An .xlsx with ``rows``."""
    book = openpyxl.Workbook()
    page = book.active
    page.title = title
    for row in rows:
        page.append(list(row))
    book.save(path)
    return path


def raw_results(path: Path) -> list[list[str]]:
    """All cells of a results sheet as text, the headings first; blanks are empty."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.reader(file))
    with calamine.load_workbook(path) as book:  # neither the styles nor the other sheets; it is forty times as fast as openpyxl
        return [[_as_text(cell) for cell in row] for row in book.get_sheet_by_index(0).to_python(skip_empty_area=False)]


def _as_text(cell: object) -> str:
    """A cell as openpyxl has it as text: whole numbers are doubles in an .xlsx."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


#: The headings of results in a Chinese workbook, and their keys.
CHINESE = {
    "结果·状态": "result_status",
    "结果·代码": "result_code",
    "结果·说明": "result_message",
    "结果·字段": "result_fields",
    "结果·次数": "result_attempts",
    "结果·时间": "result_time",
    "结果·批次": "result_run",
    "结果·行号": "result_row",
    "结果·发送内容": "result_payload",
}


def results(path: Path | None) -> list[dict[str, str]]:
    """The rows of a results sheet by heading; by its key where that is one of ours."""
    assert path is not None
    headings, *rows = raw_results(path)
    return [dict(zip((CHINESE.get(heading, heading) for heading in headings), row, strict=True)) for row in rows]


def keys_of(titles: str, **custom: str) -> list[str]:
    """The keys of fields that a cell of a workbook names by their titles, sorted; ``custom`` are those of custom fields."""
    keys = {field.title: field.key for field in FIELDS} | custom
    return sorted(keys[title] for title in titles.split(", "))


def statuses(path: Path | None) -> list[str]:
    """The column ``result_status``."""
    return [row["result_status"] for row in results(path)]
