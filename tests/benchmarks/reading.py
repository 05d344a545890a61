"""Reading a workbook of 100,000 rows and 20 columns beside ``pandas.read_excel`` with openpyxl: time and memory
(guide: architecture).

Each reading is a process of its own, and the two take turns. The time is that of the reading alone, without the imports; the
memory is the most that the whole process holds.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from datetime import datetime
from pathlib import Path

import rig

PARTS = ("ours", "pandas")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--columns", type=int, default=20)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--part", choices=PARTS, help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.part:
        print(json.dumps(measure(given.part, given.file)))
    else:
        compare(given.rows, given.columns, given.repeat)


def compare(rows: int, columns: int, repeat: int) -> None:
    """Print how long both take, and what they hold."""
    print(f"reading: {rows:,} x {columns} cells of an .xlsx, median of {repeat} in turn")
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        file = write_workbook(Path(name) / "clues.xlsx", rows, columns)
        found: dict[str, list[dict[str, float]]] = {part: [] for part in PARTS}
        for _ in range(repeat):
            for part in PARTS:
                found[part].append(rig.part(__file__, "--part", part, "--file", file)[1])
    for part in PARTS:
        if any(one["rows"] != rows + 1 for one in found[part]):
            raise RuntimeError("not every row was read: this measured something else")
    seconds = {part: rig.median([one["seconds"] for one in found[part]]) for part in PARTS}
    peaks = {part: rig.median([one["peak"] for one in found[part]]) for part in PARTS}
    ratio = seconds["pandas"] / seconds["ours"]
    rig.figure("pandas.read_excel, openpyxl", f"{seconds['pandas']:.2f} s")
    rig.figure("the reader of this program", f"{seconds['ours']:.2f} s")
    rig.figure("pandas by this reader, processor time", f"{ratio:.2f} x", "at least 3 x", ratio >= 3)
    rig.figure("pandas, most memory of the process", f"{peaks['pandas']:.0f} MB")
    rig.figure("this reader, most memory of the process", f"{peaks['ours']:.0f} MB", "at most 150 MB", peaks["ours"] <= 150)


def measure(what: str, file: Path) -> dict[str, float]:
    """The seconds of processor time of this reading, its rows with the headings, and the peak of this process in MB."""
    if what == "pandas":
        import pandas as pd

        began = time.process_time()
        rows = len(pd.read_excel(file, engine="openpyxl")) + 1
    else:
        from batch_editor.sheets.workbook import read_workbook

        began = time.process_time()
        (sheet,) = read_workbook(file)
        rows = sum(1 for _ in sheet.rows())
    return {"seconds": time.process_time() - began, "rows": rows, "peak": rig.peak_memory()}


def write_workbook(path: Path, rows: int, columns: int) -> Path:
    """Ids of 19 digits as texts, names, texts that repeat, whole numbers and dates, column by column in turn."""
    import xlsxwriter

    chance = random.Random(20261125)
    remarks = ("电话已接通，周五回访", "客户要求下周三之后再联系，预算在 Q2 批复", "湖北省-武汉市-武昌区", "男", "#CLEAR")
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, [f"column {column}" for column in range(columns)])
        for row in range(1, rows + 1):
            for column in range(columns):
                match column % 10:
                    case 0:
                        sheet.write_string(row, column, str(1591005521987920962 + 37 * row + column))
                    case 1:
                        sheet.write_string(row, column, f"第{row}号贸易有限公司")
                    case 2 | 3 | 4 | 5:
                        sheet.write_string(row, column, chance.choice(remarks))
                    case 6 | 7:
                        sheet.write_number(row, column, chance.randrange(10**6))
                    case _:
                        year, month = chance.randrange(1950, 2005), chance.randrange(1, 13)
                        sheet.write_datetime(row, column, datetime(year, month, chance.randrange(1, 29)), day)
    return path


if __name__ == "__main__":
    main()
