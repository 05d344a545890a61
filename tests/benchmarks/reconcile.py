"""A full export night after night (guide: reconcile): what a night costs of which nearly all rows are as they were before.

Each night is a process of its own: the check of the export, for comparison; a night in which every clue was read and found
equal, which is not measured: its rows are written down as such a night leaves them; the night after it, of which so many rows
have changed; and one more, in which a twentieth of the trusted clues is read all the same. The client is replaced by one that
answers at once and counts, since the requests themselves cost what they cost in every run.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Self

import rig

PARTS = ("check", "seed", "night", "verified")
HEADINGS = (
    "线索ID",
    "线索名称",
    "跟进人ID",
    "企业名称",
    "备注",
    "性别",
    "生日",
    "邮箱",
    "地区",
    "详细地址",
    "获客渠道",
    "标签",
)
CHOICES = (("男", "女"), ("1990-05-01", "1985/3/4"), ("湖北省-武汉市-武昌区", "浙江省-杭州市-西湖区"))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000, help="[1000000]")
    parser.add_argument("--changed", type=int, default=1000, help="[1000]")
    parser.add_argument("--columns", type=int, choices=range(5, 13), default=12, metavar="5-12", help="[12]")
    parser.add_argument("--timeout", type=float, default=3600, help="seconds for one night [3600]")
    parser.add_argument("--part", choices=PARTS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.part:
        print(json.dumps(measure(given.part, given.folder)))
    else:
        compare(given.rows, given.changed, given.columns, given.timeout)


def compare(rows: int, changed: int, columns: int, timeout: float) -> None:
    """Print what each night has cost."""
    print(f"reconcile: {rows:,} rows of {columns} columns, of which {changed:,} change each night")
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        folder = Path(name)
        rig.write_settings(folder, "http://127.0.0.1:1")
        write_export(folder / "export.csv", rows, changed, columns, night=1)
        sizes, costs = dict[str, int](), dict[str, float]()
        for night, part in enumerate(PARTS):
            if part in ("night", "verified"):
                write_export(folder / "export.csv", rows, changed, columns, night=night)
            done, found = rig.part(__file__, "--part", part, "--folder", folder, timeout=timeout)
            sizes[part], costs[part] = journal_bytes(folder), done.cpu
            print(f"  {part}:", flush=True)
            for what, value in (("wall", done.wall), ("processor", done.cpu), ("before the first edit", found.get("first"))):
                if value is not None:
                    rig.figure(f"  seconds, {what}", f"{value:.1f} s")
            rig.figure("  most memory", f"{found['memory']:.0f} MB")
            if part != "check":
                rig.figure("  journal", f"{sizes[part] / 1e6:.0f} MB")
            if part in ("night", "verified"):
                before = sizes["seed" if part == "night" else "night"]
                rig.figure("  requests: reads and edits", f"{found['reads']:,.0f} + {found['edits']:,.0f}")
                rig.figure("  growth of the journal, a row", f"{(sizes[part] - before) / rows:.0f} bytes")
                rig.figure("  rows that were trusted", f"{found['trusted']:,.0f}")
        rig.figure("the memory, a clue", f"{memory_bytes(folder) / rows:.0f} bytes")
        rig.figure("a night, by a check of the same sheet", f"{costs['night'] / costs['check']:.1f} x")


def write_export(path: Path, rows: int, changed: int, columns: int = 12, *, night: int) -> None:
    """An export of so many clues; the remarks of ``changed`` of them are others each night."""
    chance, newer = random.Random(20261124), {*random.Random(night).sample(range(rows), changed)}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS[:columns])
        for number in range(rows):
            gender, birthday, area = map(chance.choice, CHOICES)
            remark = f"第{night}夜的新备注" if number in newer else f"第{number}条线索，周五回访"
            clue = 1591005521987920962 + 37 * number
            clue += clue % 10_000 == 0  # four zeros at the end would be taken for Excel's rounding
            texts = (f"客户{number}", f"wovvCXcAAA{number % 40:022}", f"第{number}号贸易有限公司", remark, gender, birthday)
            others = (f"user{number}@example.com", area, f"第{number}号", "线上-搜索-官网", "")
            writer.writerow((clue, *texts, *others)[:columns])


def measure(part: str, folder: Path) -> dict[str, float]:
    """One night, or a part of it, in this process."""
    import batch_editor.crm.connection as connection
    from batch_editor import Settings, job
    from batch_editor.model import Edit, Reply, Sent

    counts, first = {"reads": 0, "edits": 0}, list[float]()

    class Counting:
        """Stands in for the client: confirms every edit, and shows clues of which nothing is to be seen."""

        def __init__(self, *_: object, **__: object) -> None:
            self._confirmed = Reply(Sent.YES, 1, 200, 0, "请求成功", True)

        def edit(self, edit: Edit) -> Reply:
            first.append(time.perf_counter())
            counts["edits"] += 1
            return self._confirmed

        def info(self, clue: int) -> Reply:
            counts["reads"] += 1
            return Reply(Sent.YES, 1, 200, 0, "请求成功", {"clue_id": clue})

        def pools(self, page: int) -> Reply:
            return Reply(Sent.YES, 1, 200, 0, "请求成功", {"list": []})

        def __enter__(self) -> Self:
            return self

        def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
            pass

    connection.Client = Counting  # type: ignore[misc, assignment]
    settings = Settings.load(folder / "settings.yaml")
    began, export, found = time.perf_counter(), folder / "export.csv", dict[str, float]()
    if part == "check":
        job.check(export, settings)
    elif part == "seed":
        seed(export, settings)
    else:
        share = 0.05 if part == "verified" else 0.0
        report = job.reconcile(export, settings, trust_journal=True, verify_share=share, new=True)
        found = {**counts, "first": first[0] - began, "trusted": report.memory.trusted if report.memory else 0}
    return found | {"memory": rig.peak_memory()}


def seed(export: Path, settings: object) -> None:
    """Writes down a night in which every clue was read and held what its row asks for."""
    from batch_editor import RunState, Settings, job
    from batch_editor.runs.options import Reconciling, RunOptions
    from batch_editor.runs.planning import plan_sheet
    from batch_editor.runs.source import open_source

    given = settings if isinstance(settings, Settings) else Settings()
    options = RunOptions(only_changed=True, reconciling=Reconciling(trust_journal=True))
    filling = given.model_copy(update={"fill": True})
    with job.open_journal(given) as journal, open_source(export) as source:
        prepared = plan_sheet(journal, source, filling, None, options, new=True, on_event=lambda event: None)
        equal = (
            "UPDATE rows SET status = 'unchanged', unread = 0, equal = fields, fields = '', body = NULL, time = ?, reads = 1"
        )
        with closing(sqlite3.connect(journal.path)) as connection, connection:
            connection.execute(equal, [int(time.time())])
        prepared.run.set_state(RunState.FINISHED)


def journal_bytes(folder: Path) -> int:
    """How large the journal's files are."""
    return sum(path.stat().st_size for path in (folder / "state").glob("*.sqlite3*")) if (folder / "state").exists() else 0


def memory_bytes(folder: Path) -> int:
    """How much of the journal the memory takes, with its indexes."""
    (path,) = (folder / "state").glob("*.sqlite3")
    with closing(sqlite3.connect(path)) as connection:
        sql = "SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'applied%'"
        try:
            return int(connection.execute(sql).fetchone()[0])
        except sqlite3.OperationalError:  # this SQLite cannot tell
            return 0


if __name__ == "__main__":
    main()
