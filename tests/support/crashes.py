"""A run that is ended at a moment that is known, and what must be true of it afterwards.

``Watched`` is a CRM that remembers what it applied and says when a ``Trap`` snaps; ``Trial`` is a sheet on its way to it.
"""

from __future__ import annotations

import random
import signal
import socket
import sqlite3
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import Any, Literal
from urllib.parse import urlsplit

from support import jobs
from support.commands import Commands, Done, finished
from support.crm import LOST, Call, Crm
from support.servers import Answer

SENDERS, LATENCY = 8, 0.005
#: Seconds after which a test is given up; nothing that goes well comes near.
PATIENCE = 60.0
#: How the journal's statuses are shown in a results sheet.
SHOWN = {"pending": "not_sent", "sending": "failed"}


# --- a CRM that says when


@dataclass
class Trap:
    """The moment for which a test waits: ``snapped`` is set then, and until ``opened`` no later request is answered.

    After ``after`` requests, or answers, no more is answered. On ``silence`` it snaps when ``most`` requests wait, on
    ``answer`` at once with the last answer. What becomes of each that waits is drawn from ``fates``: its edit was ``applied``
    already, is ``lost``, is applied ``late``, after the program has ended, or only had to wait and is ``answered``.
    """

    on: Literal["silence", "answer"]
    after: int
    most: int = SENDERS
    chance: random.Random = field(default_factory=lambda: random.Random(0))
    fates: Sequence[str] = ("applied", "lost", "late")
    arrived: int = 0
    answered: int = 0
    waiting: dict[int, str] = field(default_factory=dict)  # row: its fate
    snapped: threading.Event = field(default_factory=threading.Event)
    opened: threading.Event = field(default_factory=threading.Event)

    def arrives(self, row: int) -> str:
        """What becomes of a request that has come; nothing if it runs into no trap."""
        self.arrived += 1
        if (self.arrived if self.on == "silence" else self.answered + 1) <= self.after or self.opened.is_set():
            return ""
        self.waiting[row] = self.chance.choice(self.fates)
        if self.on == "silence" and len(self.waiting) == self.most:
            self.snapped.set()
        return self.waiting[row]

    def answers(self) -> None:
        """An answer is on its way."""
        self.answered += 1
        if self.on == "answer" and self.answered == self.after:
            self.snapped.set()


def no_trap() -> Trap:
    """A trap that never snaps."""
    return Trap("silence", 10**9)


class Watched(Crm):
    """Remembers, in order, the rows that arrived, the edits that it applied, and the rows that it confirmed.

    ``clients`` are the commands that send to it; none outlives it.
    """

    def __init__(self) -> None:
        super().__init__(self._serve)
        self.arrived: list[int] = []
        self.applied: list[tuple[int, int]] = []  # clue and row
        self.confirmed: list[int] = []
        self.clients: list[subprocess.Popen[str]] = []
        self.trap = no_trap()
        self._noting = threading.Lock()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.trap.opened.set()
        for client in self.clients:
            with client:
                client.kill()
        super().__exit__(kind, error, trace)

    def set(self, trap: Trap) -> Trap:
        """From now on requests run into this one."""
        self.trap = trap
        return trap

    def settle(self) -> None:
        """A program has ended: let what waits meet its fate, and return when nothing is left of what that program sent."""
        self.trap.opened.set()
        with socket.create_connection(("127.0.0.1", urlsplit(self.url).port or 0), timeout=PATIENCE) as last:
            last.sendall(b"GET /settled HTTP/1.1\r\n\r\n")  # connections are taken in turn: with this one all others were
            assert last.recv(1)
        until(lambda: not self._open)

    def _serve(self, call: Call) -> Answer:
        row = row_of(call.body["remark"])
        with self._noting:
            trap = self.trap
            fate = trap.arrives(row)
            self.arrived.append(row)
            if fate in ("", "applied", "answered"):
                self.applied.append((call.clue, row))
        if fate:
            assert trap.opened.wait(PATIENCE)
            if fate == "late":
                with self._noting:
                    self.applied.append((call.clue, row))
            if fate != "answered":
                return LOST
        self._stopped.wait(LATENCY)
        with self._noting:
            self.confirmed.append(row)
        return Answer()

    def give(self, sock: socket.socket, answer: Answer) -> bool:
        alive = super().give(sock, answer)
        with self._noting:
            self.trap.answers()
        return alive


# --- a sheet on its way


class Trial:
    """A sheet with one edit for each of ``clues``, sent by eight senders; nothing stands in ``every``-1 of ``every`` rows.

    ``wide``: so many columns more, of long texts, that nobody reads: results take their time then.
    """

    def __init__(self, folder: Path, crm: Watched, clues: Sequence[int], *, every: int = 1, wide: int = 0) -> None:
        self.folder, self.crm = folder, crm
        self.edits = {2 + every * place: clue for place, clue in enumerate(clues)}
        self.length = every * len(clues)
        self.kills = 0
        more = [f"text_{number}" for number in range(wide)]
        self.command = Commands(folder, crm.url, rate={"concurrency": SENDERS}, ignore_columns=more)
        chance = random.Random(0)
        lines = [",".join(["clue_id", "remark", *more])]
        for row in range(2, 2 + self.length):
            key, remark = (self.edits[row], f"row {row}") if row in self.edits else (10**6 + row, "")
            lines.append(",".join([str(key), remark, *(chance.randbytes(500).hex() for _ in more)]))
        jobs.text_file(folder / "edits.csv", "\n".join(lines) + "\n")
        self._seen, self._updated = 0, set[int]()

    @property
    def results(self) -> Path:
        return self.folder / "edits.results.xlsx"

    @property
    def run(self) -> str:
        """The name of the latest run."""
        return str(peek(self.folder, "SELECT name FROM runs ORDER BY id DESC LIMIT 1")[0][0])

    @property
    def state(self) -> str:
        """What the journal says of the latest run."""
        return str(peek(self.folder, "SELECT state FROM runs ORDER BY id DESC LIMIT 1")[0][0])

    def journal(self) -> dict[int, str]:
        """The status of each row to be sent as the journal has it, in the words of the results sheet."""
        sql = "SELECT row, status FROM rows WHERE run = (SELECT max(id) FROM runs) AND status != 'skipped' ORDER BY row"
        return {row: SHOWN.get(status, status) for row, status in peek(self.folder, sql)}

    def shown(self, path: Path | None = None) -> dict[int, str]:
        """The status of each row to be sent as the results sheet shows it."""
        rows = jobs.results(path or self.results)
        assert len(rows) == self.length
        assert {row["result_status"] for row in rows if not row["remark"]} <= {"skipped"}
        return {row_of(row["remark"]): row["result_status"] for row in rows if row["remark"]}

    def go(self, *args: str) -> subprocess.Popen[str]:
        """Run the sheet, or do what ``args`` say; keeps in mind what was ``updated`` before."""
        self._seen = len(self.crm.arrived)
        self._updated = {row for row, status in self.journal().items() if status == "updated"}
        process = self.command.start(*(args or ("run", "edits.csv")), "--json")
        self.crm.clients.append(process)
        return process

    def kill(self, process: subprocess.Popen[str]) -> None:
        """Kill it, and compare what the journal has with what the CRM did."""
        process.kill()
        process.communicate(timeout=PATIENCE)
        assert process.returncode == -signal.SIGKILL, "it had ended before"
        self.crm.settle()
        self.kills += 1
        self.is_true(self.journal())

    def tell(self) -> None:
        """Have the results of the killed run written, and compare them with what the CRM did and the journal has."""
        assert self.command("results", self.run).code == 0
        shown = self.shown()
        self.is_true(shown)
        assert shown == self.journal()

    def is_true(self, shown: dict[int, str]) -> None:
        """Every row's status is what the CRM knows of it, but for those that were on their way; and nothing was sent that
        was ``updated`` before."""
        arrived, applied = set(self.crm.arrived), {row for _, row in self.crm.applied}
        by_status = {status: {row for row in shown if shown[row] == status} for status in ("updated", "failed", "not_sent")}
        assert shown.keys() == self.edits.keys() == set().union(*by_status.values())
        assert by_status["updated"] <= applied & set(self.crm.confirmed)
        assert not by_status["not_sent"] & arrived
        assert len(applied - by_status["updated"]) <= SENDERS * self.kills
        assert len(by_status["failed"]) <= SENDERS * self.kills
        assert not self._updated & set(self.crm.arrived[self._seen :])
        self.is_in_order()

    def is_in_order(self) -> None:
        """The rows of each clue were applied as the sheet has them: again at once at most, and never after a later one; and
        no more of them twice than there were senders when it was killed."""
        for clue in set(self.edits.values()):
            rows = [row for row, its in self.edits.items() if its == clue]
            applied = [row for row, _ in groupby(row for its, row in self.crm.applied if its == clue)]
            assert applied == rows[: len(applied)], clue
        assert sum(Counter(self.crm.arrived).values()) - len({*self.crm.arrived}) <= SENDERS * self.kills
        assert len(self.crm.applied) - len({*self.crm.applied}) <= SENDERS * self.kills

    def ends(self, *args: str, beside: bool = False) -> Done:
        """Go on without a trap, to the end: every row is updated, everywhere, and each clue has its last value.

        ``beside``: the results may have another name, since the run may not know that the earlier ones are its own.
        """
        self.crm.set(no_trap())
        done = finished(self.go(*(args or ("resume", self.run))))
        assert (done.code, done.json["updated"], done.json["failed"], done.json["not_sent"]) == (0, len(self.edits), 0, 0)
        results = Path(done.json["results"])
        assert results in (self.results, self.folder / "edits.results-2.xlsx" if beside else self.results)
        assert self.state == "finished"
        for statuses in self.journal(), self.shown(results):
            assert statuses == dict.fromkeys(self.edits, "updated")
            self.is_true(statuses)
        last = {clue: row for row, clue in self.edits.items()}
        assert dict(self.crm.applied) == last
        return done


def clues(chance: random.Random, rows: int = 500) -> list[int]:
    """A clue for each row: half of the rows are of clues that occur in three to five rows, all over the sheet."""
    drawn: list[int] = []
    for clue in range(1, rows):
        if len(drawn) < rows // 2:
            drawn += [clue] * chance.randint(3, 5)
    drawn += range(1001, 1001 + rows - len(drawn))
    chance.shuffle(drawn)
    return drawn


def row_of(remark: str) -> int:
    """The row whose remark this is."""
    return int(remark.removeprefix("row "))


def peek(folder: Path, sql: str) -> list[Any]:
    """What a query finds in the journal at this moment, nothing if there is none; its files are left as they are."""
    try:
        with closing(sqlite3.connect(f"{(folder / 'state' / 'journal.sqlite3').as_uri()}?mode=ro", uri=True)) as journal:
            return journal.execute(sql).fetchall()
    except sqlite3.OperationalError:  # no file, or no table yet
        return []


def until(condition: Callable[[], Any], process: subprocess.Popen[str] | None = None) -> None:
    """Look again and again, for as long as the command runs."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert process is None or process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.0005)


def parts(folder: Path) -> dict[Path, tuple[int, int]]:
    """The results sheets that are being written in ``folder``, or were when it was killed, each with its size and time."""
    sizes = {}
    for part in folder.glob(".*.part"):
        with suppress(FileNotFoundError):  # just finished, or just a try
            sizes[part] = part.stat().st_size, part.stat().st_mtime_ns
    return sizes
