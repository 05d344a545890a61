"""What it costs to mend a run that waits: one cell, one value in a third of the rows, and what is asked between two mends.

The sheet has 100,000 rows and 20 columns; every third row cannot be used. The journal waits for the disk. Beside that: what it
costs ``plan`` to keep the cells as they were read, as the ratio of processor time with and without, in turn.
"""

from __future__ import annotations

import argparse
import csv
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import rig

from batch_editor import Mend, PreparedRun, Settings, open_run, plan
from batch_editor.job import open_journal
from batch_editor.runs import planning
from batch_editor.runs.options import RunOptions
from batch_editor.runs.source import open_source

HEADINGS = ("clue_id", "remark", "性别", "生日", "follow_user_id", *(f"mf_{letter}" for letter in "abcdefghijklmno"))
_FIRST_CLUE = 1591005521987920962


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=9, help="how often each answer is asked for [9]")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        folder = Path(name)
        sheet = write_sheet(folder / "clues.csv", given.rows)
        settings = Settings(
            api={"access_token": rig.TOKEN, "base_url": "http://127.0.0.1:1"},
            defaults={**rig.DEFAULTS, "clue_name": "测试"},
            ids={"people": "any"},
            state_dir=folder / "state",
        )
        print(f"mending: {given.rows:,} x {len(HEADINGS)} cells, every third row invalid")
        print(f"  plan keeps its cells: {ratio_of_plan(sheet, settings, folder):.2f} times the processor time")
        with closing(plan(sheet, settings)) as prepared:
            answers(prepared, settings, given.rows, given.repeat)


def write_sheet(path: Path, rows: int) -> Path:
    """A CSV of which every third row has a gender that is none."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS)
        for number in range(rows):
            gender = ("先生", "男", "女")[number % 3]
            own = [f"v{column}-{number % 100}" for column in range(15)]
            writer.writerow([_FIRST_CLUE + number * 7919, f"备注 {number}", gender, "1990-01-02", "wo-a", *own])
    return path


def ratio_of_plan(sheet: Path, settings: Settings, folder: Path) -> float:
    """How much longer it takes to plan a sheet whose cells are kept."""
    seconds: dict[bool, list[float]] = {False: [], True: []}
    for number in range(4):
        keeps = bool(number % 2)
        apart = settings.model_copy(update={"state_dir": folder / f"state-{number}"})
        with open_journal(apart) as journal, open_source(sheet) as source:
            began = time.process_time()
            planning.plan_sheet(
                journal, source, apart, None, RunOptions(), new=True, keeps_cells=keeps, on_event=lambda event: None
            )
            seconds[keeps].append(time.process_time() - began)
    return min(seconds[True]) / min(seconds[False])


def answers(prepared: PreparedRun, settings: Settings, rows: int, repeat: int) -> None:
    """Ask for everything that a page asks for, and print how long each answer took."""
    row = iter(range(2, rows, 3))  # every one of these is invalid

    def opened() -> None:
        open_run(prepared.name, settings).close()

    asked: list[tuple[str, Callable[[], object]]] = [
        ("a cell is mended", lambda: prepared.mend([Mend(next(row), 2, "男", seen="先生")])),
        ("the rows are counted by status", prepared.counts),
        ("a page of invalid rows", lambda: prepared.rows(status="invalid", most=100)),
        ("the next problem from the middle", lambda: prepared.next_problem(rows // 2, 0)),
        ("the run is opened", opened),
        ("the problems by value", prepared.problem_groups),
    ]
    for title, ask in asked:
        print(f"  {title}: {1000 * statistics.median(timed(ask) for _ in range(repeat)):.1f} ms")
    began = time.perf_counter()
    mended = prepared.mend_value("性别", "先生", "男").mended
    seconds = time.perf_counter() - began
    print(f"  one value in {mended:,} rows: {seconds:.1f} s, {1000 * seconds / mended:.2f} ms a row")


def timed(ask: Callable[[], object]) -> float:
    """The seconds that an answer takes."""
    began = time.perf_counter()
    ask()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
