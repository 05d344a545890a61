"""Two weeks of nights of an inbox that nobody watches, in which nearly everything goes wrong once.

Each night is the real command in a process with its own time (``support/nights.py``), against a real server. At the end every
row of every sheet that was taken is in the CRM, none was sent twice but for what was on its way when the machine stopped, and
people were told what they would want to be told, and nothing else. ``-s`` shows the table of the nights.
"""

from __future__ import annotations

import io
import os
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from support.nights import CLUES, NEW_SECRET, SPEED, Job, Pass

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

SETTINGS: dict[str, Any] = {
    "defaults": {"user_id": "operator-1", "clue_pool_id": 1591005280874161218, "clue_name": "x", "follow_user_id": "owner-1"},
    "guards": {"max_age": "20h", "min_filled": {"remark": 0.5}},
    "rate": {"limits": ["50/second"], "concurrency": 2},
    "ids": {"people": "any"},
    "lang": "en",
}
SENDERS = 2


@dataclass
class Weeks:
    """The nights so far: what became of each, and what people were told; ``surprises`` is where that is not what they want."""

    job: Job
    nights: list[str] = field(default_factory=list)
    surprises: list[str] = field(default_factory=list)

    def ends(self, what: str, *passes: Pass, codes: str = "0", told: Sequence[str] = ()) -> None:
        """The night is over, and the next one begins. Its passes have ended with these ``codes`` and reasons, and there was
        one message for each of ``told``, which holds it."""
        number = self.job.night + 1
        messages = self.job.take_messages()
        ended = ", ".join(f"{done.code} {done.reason}".strip() for done in passes)
        counts = Counter[str]()
        for done in passes:
            counts += done.counts
        numbers = ", ".join(f"{rows} {status}" for status, rows in counts.items())
        titles = " | ".join(message.splitlines()[0] for message in messages)
        self.nights.append(f"{number:2}  {what:30}  {ended:24}  {numbers:24}  {titles}")
        if ended != codes:
            self.surprises.append(f"night {number} ends with {ended}, not with {codes}: {passes[-1].json} {passes[-1].err}")
        if len(messages) != len(told) or any(text not in message for text, message in zip(told, messages, strict=True)):
            self.surprises.append(f"night {number} tells {messages}, not {told}")
        self.job.night += 1


def export(night: int, remark: str = "row {row} of night {night}") -> str:
    """The export of a night: a remark for each clue."""
    lines = [f"{clue},{remark.format(night=night, row=row)}" for row, clue in enumerate(CLUES, 2)]
    return "\n".join(["clue_id,remark", *lines, ""])


def as_workbook(text: str) -> bytes:
    """The same as a workbook."""
    book = openpyxl.Workbook()
    for line in text.splitlines():
        book.active.append(line.split(","))  # type: ignore[union-attr]  # a new workbook has a sheet
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


#: The export of the seventh night, which comes once more in a later one.
SEVENTH = as_workbook(export(7))


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a small disk of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = os.name == "posix" and subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", place]).returncode == 0
    if not mounted:
        pytest.skip("no disk can be mounted here that could be full")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", place], check=True)


def test_two_weeks_of_nights(disk: Path) -> None:
    with Job(disk, SETTINGS) as job:
        weeks = Weeks(job)
        first_week(weeks)
        second_week(weeks)
        print("", *weeks.nights, f"requests: {job.requests}, edits: {job.applied.total()}", sep="\n")
        assert weeks.surprises == []
        assert job.remarks() == {clue: f"row {row} of night 14" for row, clue in enumerate(CLUES, 2)}
        assert job.lost() == []
        assert job.sent_twice() <= SENDERS  # what was on its way when the machine stopped


def first_week(weeks: Weeks) -> None:
    job = weeks.job
    job.sheet("export-01.csv", export(1))
    weeks.ends("a good night, the first", job.go())
    job.sheet("export-02.csv", export(2))
    weeks.ends("a good night", job.go())

    job.serve(latency=0.2)
    job.sheet("export-03.csv", export(3))
    cut = job.killed_after(10)
    job.serve()
    weeks.ends("the machine was started anew", cut, job.go(hours=1), codes="-9 killed, 0", told=["export-03.csv: went well"])

    job.serve(accepts=NEW_SECRET)
    job.sheet("export-04.csv", export(4))
    weeks.ends("the secret has expired", job.go(), codes="3 token", told=["export-04.csv: stopped early, 30 rows not sent yet"])
    job.sheet("export-05.csv", export(5))
    job.secret = NEW_SECRET
    weeks.ends("a new secret", job.go(), told=["export-04.csv: well again"])

    job.sheet("export-06.csv", export(6))
    filler = job.fill_disk()
    weeks.ends("the disk is full", job.go(), codes="2 disk_full", told=["inbox: NOTHING was sent"])
    filler.unlink()

    job.sheet("export-07.xlsx", SEVENTH[: len(SEVENTH) // 2])
    reminders = ["export-06.csv: NOTHING was sent", "export-07.xlsx: NOTHING was sent"]  # too old by now; not a whole workbook
    weeks.ends("a sheet is half copied", job.go(), codes="2 guard.max_age", told=reminders)


def second_week(weeks: Weeks) -> None:
    job = weeks.job
    job.sheet("export-07.xlsx", SEVENTH)
    job.sheet("export-08.csv", "clue_id,remark\n")
    weeks.ends(
        "an empty sheet", job.go(), codes="2 sheet", told=["export-07.xlsx: well again", "export-08.csv: NOTHING was sent"]
    )

    job.sheet("export-09.csv", export(9, remark=""))
    weeks.ends("a sheet with an empty column", job.go(), codes="2 guard.min_filled", told=["remark"])

    job.sheet("export-10.xlsx", SEVENTH)
    weeks.ends("an export of an earlier night", job.go(), codes="2 guard.repeat", told=["export-10.xlsx"])

    job.serve("429")
    job.sheet("export-11.csv", export(11))
    weeks.ends("a night of 429s", job.go(), codes="3 too_fast", told=["export-11.csv"])

    job.crm.stop()
    job.sheet("export-12.csv", export(12))
    process = job.start()
    time.sleep(600 / SPEED)
    job.serve()
    weeks.ends("ten minutes of outage", job.end(process), told=["export-11.csv: well again", "well now"])

    weeks.ends("an export that never came", job.go(), codes="2 guard.max_age", told=["NOTHING was sent"])

    job.sheet("export-14.csv", export(14))
    weeks.ends("a good night again", job.go(), told=["export-14.csv: well again"])
