"""What ``check`` costs beside ``pandas.read_excel`` with openpyxl, which only reads: a workbook of 100,000 rows and 20 columns
with the fields of a real sheet, the same with no text twice, and a CSV of 1,000,000 rows and 12 columns.

Each measurement is a process of its own, and the parts take turns. The time is processor time without the imports; the memory
is the most that the whole process holds.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import rig

PARTS = ("check", "pandas")
#: The goals: how many times faster than pandas, MB of the process, seconds of processor time for the CSV.
FASTER, MOST_MEMORY, MOST_SECONDS = 3.0, 120.0, 40.0
CSV_HEADINGS = 12
HEADINGS = (
    *("线索ID", "线索名称", "线索池ID", "跟进人ID", "线索企业名称", "邮箱", "描述", "详细地址", "第三方线索ID", "地区码"),
    *("地区", "获客渠道", "标签", "业务标签ID集合", "性别", "生日", "工单ID", "行业", "签约日期", "预算说明"),
)
CUSTOM_FIELDS = {
    "mf_industry": {
        "title": "行业",
        "type": "single",
        "options": {"制造业": "1539179902561233921", "零售业": "1539179902561233922", "软件和信息服务": "1539179902561233923"},
    },
    "mf_signed": {"title": "签约日期", "type": "date"},
    "mf_budget": {"title": "预算说明"},
}
_FIRST_CLUE = 1591005521987920962


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000, help="of the workbooks [100000]")
    parser.add_argument("--csv-rows", type=int, default=1_000_000, help="of the CSV, 0 for none [1000000]")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--part", choices=PARTS, help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.part:
        print(json.dumps(measure(given.part, given.file)))
        return
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        folder = Path(name)
        for title, unique in (("a real sheet", False), ("no text twice", True)):
            print(f"checking: {title}, {given.rows:,} x {len(HEADINGS)} cells of an .xlsx, median of {given.repeat} in turn")
            compare(write_workbook(folder / "clues.xlsx", given.rows, unique=unique), given.rows, given.repeat)
        if given.csv_rows:
            print(f"checking: {given.csv_rows:,} x {CSV_HEADINGS} cells of a .csv")
            _, found = rig.part(__file__, "--part", "check", "--file", write_csv(folder / "clues.csv", given.csv_rows))
            _expect(found, given.csv_rows)
            reached = found["seconds"] <= MOST_SECONDS
            rig.figure("check, processor time", f"{found['seconds']:.1f} s", f"at most {MOST_SECONDS:.0f} s", reached)
            rig.figure("check, most memory of the process", f"{found['peak']:.0f} MB")


def compare(file: Path, rows: int, repeat: int) -> None:
    """Print how long both take, and what they hold."""
    found: dict[str, list[dict[str, float]]] = {part: [] for part in PARTS}
    for _ in range(repeat):
        for part in PARTS:
            found[part].append(rig.part(__file__, "--part", part, "--file", file)[1])
            _expect(found[part][-1], rows)
    seconds = {part: rig.median([one["seconds"] for one in found[part]]) for part in PARTS}
    peak = rig.median([one["peak"] for one in found["check"]])
    ratio = seconds["pandas"] / seconds["check"]
    rig.figure("pandas.read_excel, openpyxl", f"{seconds['pandas']:.2f} s")
    rig.figure("check", f"{seconds['check']:.2f} s")
    rig.figure("pandas by check, processor time", f"{ratio:.2f} x", f"at least {FASTER:.0f} x", ratio >= FASTER)
    rig.figure("check, most memory of the process", f"{peak:.0f} MB", f"at most {MOST_MEMORY:.0f} MB", peak <= MOST_MEMORY)


def measure(part: str, file: Path) -> dict[str, float]:
    """The seconds of processor time, the rows that were read or would be sent, and the peak of this process in MB."""
    if part == "pandas":
        import pandas as pd

        began = time.process_time()
        rows = len(pd.read_excel(file, engine="openpyxl"))
    else:
        from batch_editor import Settings, check

        began = time.process_time()
        settings = Settings(defaults=rig.DEFAULTS, custom_fields=CUSTOM_FIELDS, state_dir=file.parent / "state")
        rows = check(file, settings).counts["not_sent"]
    return {"seconds": time.process_time() - began, "rows": rows, "peak": rig.peak_memory()}


def write_workbook(path: Path, rows: int, *, unique: bool) -> Path:
    """Every cell is filled; ``unique``: every text but the words of a choice and the owners stands in one row alone."""
    import xlsxwriter

    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, HEADINGS)
        for row, cells in enumerate(_rows(rows, unique), 1):
            for column, cell in enumerate(cells):
                if isinstance(cell, datetime):
                    sheet.write_datetime(row, column, cell, day)
                elif isinstance(cell, int):
                    sheet.write_number(row, column, cell)
                else:
                    sheet.write_string(row, column, cell)
    return path


def write_csv(path: Path, rows: int) -> Path:
    """The first twelve columns as texts."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS[:CSV_HEADINGS])
        writer.writerows(cells[:CSV_HEADINGS] for cells in _rows(rows, unique=False))
    return path


def _rows(rows: int, unique: bool) -> Iterator[tuple[Any, ...]]:
    """Rows as an export of clues holds them, each of a clue of its own and all of them valid."""
    chance = random.Random(20261128)
    owners = [f"wovvCXcAAA{chance.randrange(16**20):020x}" for _ in range(40)]
    tags = [f"etvvCXcAAA{chance.randrange(16**20):020x}" for _ in range(30)]
    remarks = ("电话已接通，周五回访", "客户要求下周三之后再联系，预算在 Q2 批复", '"重点"客户, 见附件', "#CLEAR", "未接通")
    names = ("王小明", "李娟", "陈建国", "赵敏", "欧阳娜娜", "Müller GmbH")
    areas = ("湖北省-武汉市-武昌区", "浙江省/杭州市/西湖区", "上海市-上海市-徐汇区")
    channels = ("广告-巨量引擎-头条", "官网-表单-首页", "线下-展会-上海")
    budgets = ("5 至 10 万", "10 至 50 万", "50 万以上", "待定")
    first = datetime(1950, 1, 1)

    def text(words: tuple[str, ...], number: int) -> str:
        word = chance.choice(words)
        return f"{word}{number}" if unique and word[0] != "#" else word

    for number in range(1, rows + 1):
        clue = _exact(_FIRST_CLUE + 37 * number)
        pool = _exact(1591005280874161218 + (41 * number if unique else number % 7))
        yield (
            str(clue),
            text(names, number),
            str(pool),
            f"{owners[number % 40][:22]}{number:010}" if unique else chance.choice(owners),
            f"第{number}号贸易有限公司",
            f"user{number}@example.com",
            text(remarks, number),
            f"珞喻路 {number} 号",
            f"crm-{number}",
            str(420_000 + (number if unique else number % 100)),
            text(areas, number),
            text(channels, number),
            f"{tags[number % 30][:20]}{number}" if unique else "、".join(chance.sample(tags, 2)),
            f"{tags[number % 29][:20]}{number}" if unique else chance.choice(tags),
            chance.choice(("男", "女")),
            first + timedelta(days=chance.randrange(20_000)),
            number,
            chance.choice(("制造业", "零售业", "软件和信息服务")),
            first + timedelta(days=25_000 + chance.randrange(3000)),
            text(budgets, number),
        )


def _exact(number: int) -> int:
    """An id that is not taken for one that Excel has rounded, with four zeros at its end."""
    return number + (number % 10_000 == 0)


def _expect(found: dict[str, float], rows: int) -> None:
    if found["rows"] != rows:
        raise RuntimeError(f"{found['rows']} rows instead of {rows}: this measured something else")


if __name__ == "__main__":
    main()
