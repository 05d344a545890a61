"""A sheet of 200 rows of which some have one mistake each, one kind of mistake after the other that the rules of cells and
rows know; and what a person would type instead.

It is a file of text, so that each cell is what stands here; ``SETTINGS`` are what its custom column needs.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any, NamedTuple

ROWS = 200
#: What the settings must say so that 意向 is a column with options.
SETTINGS: dict[str, Any] = {
    "custom_fields": {
        "mf_clue_51": {
            "title": "意向",
            "type": "single",
            "options": {"高": "1539179902561233921", "中": "1539179902561233922", "低": "1539179902561233923"},
        }
    }
}
OWNER = "wovvCXcAAAT_dzekbq54K27FeMRBQJ2Q"
OPERATOR = "wovvCXcAAAT_dzekbq48K27FeMRBQJ1Q"
TAG = "etvvCXcAAAZHYVzWCdeCCnTcIM2vtRPw"
FIRST_CLUE = 1591005521987920501


class Mistake(NamedTuple):
    """A mistake in the column ``heading``: what the cell holds, the key of the message on it, and what mends it."""

    heading: str
    value: str
    problem: str
    remedy: str


#: In the column of clue ids the remedy is the id of the row, which is put in for "".
MISTAKES = (
    Mistake("性别", "先生", "cell.gender", "男"),
    Mistake("性别", "小姐", "cell.gender", "女"),
    Mistake("线索ID", "1591005521987900000", "cell.rounded_many", ""),
    Mistake("线索ID", "1.59101E+18", "cell.id_float", ""),
    Mistake("线索ID", "线索甲", "cell.not_id", ""),
    Mistake("线索ID", "0", "cell.zero_id", ""),
    Mistake("线索ID", "", "row.no_clue_id", ""),
    Mistake("邮箱", "li.example.com", "cell.email", "li@example.com"),
    Mistake("生日", "03/04/1990", "cell.ambiguous_date", "1990-04-03"),
    Mistake("生日", "90/5/13", "cell.short_year", "1990-05-13"),
    Mistake("生日", "五月初一", "cell.date", "1990-05-01"),
    Mistake("生日", "1800-01-01", "cell.birthday_range", "1980-01-01"),
    Mistake("是否加密", "也许", "cell.flag", "否"),
    Mistake("工单ID", "十二", "cell.integer", "12"),
    Mistake("工单ID", "99999999999", "cell.integer_range", "999"),
    Mistake("跟进人ID", "小王", "cell.not_person", OWNER),
    Mistake("标签", "重点客户", "cell.not_tag", TAG),
    Mistake("标签", "、、", "cell.no_parts", TAG),
    Mistake("标签", f"{TAG}、#CLEAR", "cell.marker_in_list", TAG),
    Mistake("意向", "很高", "cell.option_near", "高"),
    Mistake("线索名称", "#CLEAR", "cell.not_clearable", "王小明"),
    Mistake("描述", "#N/A", "cell.error", "周五回访"),
    Mistake("描述", "å‘¨äº”å›žè®¿", "cell.ruined", "周五回访"),
    Mistake("线索池ID", "默认线索池", "cell.not_id", "1591005280874161218"),
)
HEADINGS = (
    "线索ID",
    "用户ID",
    "线索名称",
    "线索池ID",
    "跟进人ID",
    "描述",
    "邮箱",
    "标签",
    "性别",
    "生日",
    "工单ID",
    "是否加密",
    "意向",
)


def right_row(number: int) -> dict[str, str]:
    """The row ``number`` of the sheet (the first below the headings is 2) without any mistake."""
    values = {
        "线索ID": str(FIRST_CLUE + number * 3),
        "用户ID": OPERATOR,
        "线索名称": f"客户{number}",
        "线索池ID": "1591005280874161218",
        "跟进人ID": OWNER,
        "描述": f"第 {number} 行",
        "邮箱": f"c{number}@example.com",
        "标签": TAG,
        "性别": "男" if number % 2 else "女",
        "生日": "1990-05-01",
        "工单ID": str(number),
        "是否加密": "否",
        "意向": "高",
    }
    return {heading: values[heading] for heading in HEADINGS}


def mistake_of(number: int) -> Mistake | None:
    """The mistake of the row ``number``: three rows of eight have one, and each kind comes in turn."""
    turn, place = divmod(number - 2, 8)
    return MISTAKES[(turn * 3 + place) % len(MISTAKES)] if place < 3 else None


def rows() -> list[dict[str, str]]:
    """All rows of the sheet by their headings."""
    made = []
    for number in range(2, ROWS + 2):
        row = right_row(number)
        if mistake := mistake_of(number):
            row[mistake.heading] = mistake.value
        made.append(row)
    return made


def remedy_of(number: int) -> str:
    """What a person types into the wrong cell of the row ``number``."""
    mistake = mistake_of(number)
    assert mistake is not None
    return mistake.remedy or right_row(number)[mistake.heading]


def write(path: Path) -> Path:
    """Writes the sheet to ``path`` as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, HEADINGS)
        writer.writeheader()
        writer.writerows(rows())
    return path
