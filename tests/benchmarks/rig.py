"""What all benchmarks share: the sheet, the settings, processes that are timed, and how a figure is printed.

Processor time is taken by ``os.wait4`` and memory from ``/proc``, so the benchmarks are made for Linux; the program itself
needs neither.
"""

from __future__ import annotations

import csv
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HEADINGS = (
    "线索ID*",
    "线索名称*",
    "跟进人ID*",
    "企业名称",
    "备注",
    "性别",
    "生日",
    "邮箱",
    "地区",
    "标签",
)
DEFAULTS = {"user_id": "wovvCXcAAAT_dzekbq48K27FeMRBQJ1Q", "clue_pool_id": 1591005280874161218}
TOKEN = "benchmark-token"
_FIRST_CLUE = 1591005521987920962


@dataclass(frozen=True, slots=True)
class Timed:
    """One process that has ended: seconds by the wall, seconds of processor time, and what it printed."""

    wall: float
    cpu: float
    stdout: str


def write_sheet(path: Path, rows: int) -> Path:
    """A CSV of ten columns as an export of clues looks, ``rows`` rows, each of a clue of its own and all of them valid."""
    chance = random.Random(20261124)
    names = ("王小明", "李娟", "陈建国", "赵敏", "欧阳娜娜", "Müller GmbH")
    remarks = ("电话已接通，周五回访", "", "客户要求下周三之后再联系，预算在 Q2 批复", "#CLEAR", '"重点"客户, 见附件')
    owners = [f"wovvCXcAAA{chance.randrange(16**20):020x}" for _ in range(40)]
    areas = ("湖北省-武汉市-武昌区", "浙江省/杭州市/西湖区", "", "上海市 上海市 徐汇区")
    tags = ("", "etvvCXcAAAZHYVzWCdeCCnTcIM2vtRPw、etvvCXcAAAtmV7sEFBGcoKEiZaPXeXWg", "etvvCXcAAAtmV7sEFBGcoKEiZaPXeXWg")
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS)
        for number in range(rows):
            clue = _FIRST_CLUE + 37 * number
            clue += clue % 10_000 == 0  # four zeros at the end would be taken for Excel's rounding
            birthday = f"{chance.randrange(1950, 2005)}-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}"
            writer.writerow(
                (
                    clue,
                    chance.choice(names),
                    chance.choice(owners),
                    f"第{number}号贸易有限公司",
                    chance.choice(remarks),
                    chance.choice(("男", "女", "")),
                    chance.choice((birthday, "", birthday.replace("-", "/"))),
                    chance.choice((f"user{number}@example.com", "")),
                    chance.choice(areas),
                    chance.choice(tags),
                )
            )
    return path


def write_settings(folder: Path, url: str, *, limits: Sequence[str] = (), concurrency: int = 8) -> Path:
    """A settings file in ``folder`` (JSON is YAML) for the server at ``url``; the journal is kept in ``folder`` too."""
    settings = {
        "api": {"base_url": url, "access_token": TOKEN},
        "rate": {"limits": list(limits), "concurrency": concurrency},
        "defaults": DEFAULTS,
        "context_columns": ["clue_name", "follow_user_id"],
        "state_dir": str(folder / "state"),
        "lang": "en",
    }
    path = folder / "settings.yaml"
    path.write_text(json.dumps(settings, ensure_ascii=False), encoding="utf-8")
    return path


def timed(command: Sequence[str], *, timeout: float = 600.0) -> Timed:
    """Run ``command`` to its end, at most ``timeout`` seconds. RuntimeError if it fails; stderr is passed through."""
    began = time.perf_counter()
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as process:
        guard = threading.Timer(timeout, process.kill)
        guard.start()
        try:
            stdout = process.stdout.read() if process.stdout else ""
            _, status, used = os.wait4(process.pid, 0)
        finally:
            guard.cancel()
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {stdout[-2000:]}")
    return Timed(wall, used.ru_utime + used.ru_stime, stdout)


def part(file: str, *arguments: object, timeout: float = 600.0) -> tuple[Timed, dict[str, Any]]:
    """Run a benchmark's own ``file`` again in a fresh process, and read the JSON object it prints."""
    done = timed([sys.executable, file, *map(str, arguments)], timeout=timeout)
    return done, json.loads(done.stdout)


def peak_memory() -> float:
    """The most memory that this process has held so far, in MB (10^6 bytes)."""
    # Not ru_maxrss: it may still hold the peak of the process that started this one.
    status = Path("/proc/self/status").read_text().splitlines()
    found = next(line for line in status if line.startswith("VmHWM:"))
    return int(found.split()[1]) * 1024 / 1e6


def median(values: Sequence[float]) -> float:
    """The median; of an even number of values the mean of the two in the middle."""
    return statistics.median(values)


def figure(name: str, value: str, goal: str = "", reached: bool | None = None) -> None:
    """Print one line: what was measured, the figure, the goal, and whether it was reached."""
    said = {True: "reached", False: "MISSED", None: ""}[reached]
    print(f"  {name:<58} {value:>14}   {goal:<18} {said}".rstrip(), flush=True)


def machine() -> str:
    """The size of this machine, and what one durable write costs on the disk of the temporary files."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return (
        f"{os.cpu_count()} processors, {memory:.0f} GiB, {system}, fsync {1000 * _sync():.2f} ms, load {os.getloadavg()[0]:.1f}"
    )


def _sync(times: int = 50) -> float:
    taken = []
    with tempfile.NamedTemporaryFile() as file:
        for _ in range(times):
            file.write(bytes(4096))
            file.flush()
            began = time.perf_counter()
            os.fsync(file.fileno())
            taken.append(time.perf_counter() - began)
    return median(taken)
