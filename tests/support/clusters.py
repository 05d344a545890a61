"""Several workers, several tenants and one PostgreSQL, with the commands that people type, and what must be true in the end.

``Cluster`` has a settings file for each tenant and one for each worker; a ``Sheet`` is the edits of one run, and each of its
remarks is unique, so that the CRM's record says of every row what became of it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import yaml

from support import jobs
from support.commands import STARTED, Done, finished
from support.hosts import Host
from support.recording import RecordingCrm, Tenant

#: Seconds after which a test is given up; nothing that goes well comes near.
PATIENCE = 60.0
_CLOCK = Path(__file__).parent / "shifted_clock"


@dataclass(frozen=True, slots=True)
class Sheet:
    """The edits of one run: by the row, from 2, its clue."""

    tenant: str
    name: str
    clues: Sequence[int] = field(hash=False)

    @property
    def edits(self) -> dict[int, int]:
        return dict(enumerate(self.clues, 2))

    def remark(self, row: int) -> str:
        """What the row sends, and no other row of any sheet."""
        return f"{self.name} row {row}"

    @property
    def remarks(self) -> dict[int, str]:
        return {row: self.remark(row) for row in self.edits}

    def rows_of(self) -> dict[int, list[str]]:
        """The remarks of each clue, in the order of the sheet."""
        rows: dict[int, list[str]] = {}
        for row, clue in self.edits.items():
            rows.setdefault(clue, []).append(self.remark(row))
        return rows

    def write(self, folder: Path) -> Path:
        lines = ["clue_id,remark", *(f"{clue},{self.remark(row)}" for row, clue in self.edits.items())]
        return jobs.text_file(folder / f"{self.name}.csv", "\n".join(lines) + "\n")


class Worker:
    """A process of ``batch-editor worker``, with what it has said so far in ``log``."""

    def __init__(
        self,
        cluster: Cluster,
        name: str,
        *,
        dsn: str | None = None,
        clock_is_off: float = 0.0,
        host: Host | None = None,
    ) -> None:
        self.name = name
        self.folder = cluster.folder / name
        self.folder.mkdir(exist_ok=True)
        self.config = cluster.configure_worker(self.folder, dsn or cluster.dsn)
        self.log_file = self.folder / "log.txt"
        self.env = cluster.env | {"HOME": str(self.folder)}
        self._enter = host.enter if host else []
        if clock_is_off:
            self.env |= {"PYTHONPATH": str(_CLOCK), "TEST_CLOCK_IS_OFF": str(clock_is_off)}
        self._cluster = cluster
        self.process = self._start()

    def _start(self) -> subprocess.Popen[str]:
        program = [sys.executable, "-W", "error", "-m", "batch_editor", "worker", "--config", str(self.config)]
        command = [*self._enter, *program]
        with self.log_file.open("a", encoding="utf-8") as log:
            streams = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log, "encoding": "utf-8"}
            process = subprocess.Popen(command, cwd=self.folder, env=self.env, **streams)
        STARTED.append(process)
        self._cluster.crm.pids.append(process.pid)
        return process

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def log(self) -> str:
        return self.log_file.read_text(encoding="utf-8", errors="replace")

    def restart(self) -> None:
        """Start it again, once it has ended: as another process, with the same folder."""
        assert self.process.poll() is not None
        self.process = self._start()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(PATIENCE)

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def end(self) -> int:
        """Ask it to end, as a service does, and wait for that."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


@dataclass
class Cluster:
    """``dsn`` is a journal that is there already; each tenant of ``crm`` has a settings file in a folder of its own.

    ``lease`` is in seconds; ``limits`` are those of each tenant, which the CRM holds them to.
    """

    folder: Path
    dsn: str
    crm: RecordingCrm
    lease: float = 2.0
    shards: int = 2
    rows_per_shard: int = 20
    concurrency: int = 4
    patience: float = 120.0
    over: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = ("PATH", "SYSTEMROOT", "TEMP", "TMPDIR")
        self.env = {name: os.environ[name] for name in names if name in os.environ}
        self.env |= {"HOME": str(self.folder), "PYTHONUTF8": "1", "LANG": "en_US.UTF-8"}
        for tenant in self.crm.tenants.values():
            folder = self.folder / tenant.name
            folder.mkdir()
            self._configure(folder / "config.yaml", self._settings(tenant, self.dsn, folder))

    def configure_worker(self, folder: Path, dsn: str) -> Path:
        """Write the settings of a worker, and its own copies of those of the tenants."""
        for tenant in self.crm.tenants.values():
            self._configure(folder / f"{tenant.name}.yaml", self._settings(tenant, dsn, folder))
        files = {tenant.name: f"{tenant.name}.yaml" for tenant in self.crm.tenants.values()}
        common = {"lang": "en", "journal": dsn, "state_dir": str(folder / "state"), "worker": self._worker}
        return self._configure(folder / "config.yaml", common | {"tenants": files})

    @property
    def _worker(self) -> dict[str, Any]:
        return {"lease": self.lease, "shards": self.shards, "rows_per_shard": self.rows_per_shard}

    def _settings(self, tenant: Tenant, dsn: str, folder: Path) -> dict[str, Any]:
        limits = [f"{count}/{ {1.0: 'second', 60.0: 'minute'}[window] }" for count, window in tenant.limits]
        quick = {key: value for key, value in jobs.QUICK.items() if key != "api"}
        own = {
            "api": {"base_url": self.crm.url, "access_token": tenant.token, "tenant": tenant.name},
            "rate": {"limits": limits, "concurrency": self.concurrency, "pause": 0.2, "patience": self.patience},
            "retry": {"attempts": 3, "max_wait": 0.2},
            "state_dir": str(folder / "state"),
            "journal": dsn,
            "worker": self._worker,
        }
        return jobs.merged(jobs.merged(quick, own), self.over)

    def _configure(self, path: Path, settings: Mapping[str, Any]) -> Path:
        path.write_text(yaml.safe_dump(dict(settings), allow_unicode=True), encoding="utf-8")
        return path

    # --- the commands

    def start(self, tenant: str, *args: str, host: Host | None = None) -> subprocess.Popen[str]:
        """Start a command with the settings of ``tenant``, in its folder."""
        command = [*(host.enter if host else ()), sys.executable, "-W", "error", "-m", "batch_editor", *args]
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8"}
        process = subprocess.Popen(command, cwd=self.folder / tenant, env=self.env, **streams)
        STARTED.append(process)
        self.crm.pids.append(process.pid)
        return process

    def command(self, tenant: str, *args: str) -> Done:
        """Run it to its end."""
        return finished(self.start(tenant, *args))

    def plan(self, *sheets: Sheet) -> None:
        """Plan them at the same time, and leave them to the workers."""
        for command in [self.start_planning(sheet) for sheet in sheets]:
            done = finished(command)
            assert done.code == 0, done.output

    def start_planning(self, sheet: Sheet) -> subprocess.Popen[str]:
        """Start the command that plans a sheet, and leaves it to the workers."""
        path = sheet.write(self.folder / sheet.tenant)
        return self.start(sheet.tenant, "run", path.name, "--yes", "--detach")

    def run(self, sheet: Sheet, *, host: Host | None = None) -> subprocess.Popen[str]:
        """Plan it, and stay until it is over."""
        path = sheet.write(self.folder / sheet.tenant)
        return self.start(sheet.tenant, "run", path.name, "--yes", "--json", host=host)

    # --- what the journal says

    def select(self, sql: str, *values: object) -> list[Any]:
        with closing(psycopg.connect(self.dsn, autocommit=True)) as connection:
            return connection.execute(sql, values).fetchall()

    def execute(self, sql: str) -> None:
        with closing(psycopg.connect(self.dsn, autocommit=True)) as connection:
            connection.execute(sql)

    def run_of(self, sheet: Sheet) -> tuple[int, str, str]:
        """Its id, name and state."""
        sql = "SELECT id, name, state FROM runs WHERE source LIKE %s ORDER BY id DESC LIMIT 1"
        ((number, name, state),) = self.select(sql, f"%{sheet.name}.csv")
        return number, name, state

    def statuses(self, sheet: Sheet) -> dict[int, str]:
        """The status of each row."""
        return dict(self.select("SELECT row, status FROM rows WHERE run = %s ORDER BY row", self.run_of(sheet)[0]))

    def sending(self, *sheets: Sheet) -> set[str]:
        """What the journal holds as ``sending``."""
        sql = "SELECT source, row FROM rows JOIN runs ON runs.id = rows.run WHERE status = 'sending'"
        sending = {(Path(source).stem, row) for source, row in self.select(sql)}
        return {sheet.remark(row) for sheet in sheets for row in sheet.edits if (sheet.name, row) in sending}

    def sent_by(self, worker: int, rows: set[str]) -> set[str]:
        """Which of these rows the process ``worker`` has sent."""
        self.crm.catch_up()
        arrivals = [arrival for tenant in self.crm.tenants.values() for arrival in tenant.arrivals]
        return rows & {arrival.row for arrival in arrivals if arrival.pid in (worker, 0)}

    def in_flight(self, worker: int, *sheets: Sheet) -> set[str]:
        """What the process ``worker``, which was killed just now, had on its way: it alone may be sent once more. To be asked
        before anybody else can have taken it."""
        return self.sent_by(worker, self.sending(*sheets))

    def until_over(self, *sheets: Sheet, seconds: float = PATIENCE) -> None:
        """Wait until the runs are over, whoever sends them."""
        self.until(lambda: all(self.run_of(sheet)[2] not in ("reading", "sending") for sheet in sheets), seconds)

    def until(self, condition: Callable[[], object], seconds: float = PATIENCE) -> None:
        """Look again and again."""
        deadline = time.monotonic() + seconds
        while not condition():
            failed = [process.args for process in STARTED if process.poll() == 1]
            assert not failed, self.story()
            assert time.monotonic() < deadline, self.story()
            time.sleep(0.02)

    def story(self) -> str:
        """What is known where something never came: runs, shards, logs."""
        of = {
            "runs": "SELECT id, name, state FROM runs ORDER BY id",
            "now": "SELECT clock_seconds()",
            "shards": "SELECT run, shard, rows, epoch, worker, leased_until, done, halt_reason FROM shards ORDER BY run, shard",
            "jobs": "SELECT id, status, queue_name, task_name, args FROM procrastinate_jobs",
            "backends": "SELECT state, wait_event_type, left(query, 80) FROM pg_stat_activity WHERE state <> 'idle'",
            "rows": "SELECT run, status, count(*) FROM rows GROUP BY run, status",
        }
        lines = [f"{name}: {self.select(sql)}" for name, sql in of.items()]
        for log in sorted(self.folder.glob("*/log.txt")):
            lines.append(f"{log.parent.name}: {log.read_text(encoding='utf-8', errors='replace')[-3000:]}")
        return "\n".join(lines)

    # --- what must be true

    def is_true(self, sheet: Sheet, *, held_up: bool = False) -> None:
        """The run is finished; every row is ``updated``, was applied, and each clue's rows in their order; no window of the
        tenant held too many requests by the clock of the CRM, unless some were ``held_up`` on their way by the network."""
        assert self.run_of(sheet)[2] == "finished", self.story()
        assert self.statuses(sheet) == dict.fromkeys(sheet.edits, "updated"), self.story()
        tenant = self.crm[sheet.tenant]
        assert set(sheet.remarks.values()) <= set(tenant.times_applied)
        tenant.is_in_order(self.rows_of(sheet.tenant, sheet))
        assert held_up or not tenant.crowded()

    def rows_of(self, tenant: str, *sheets: Sheet) -> dict[int, list[str]]:
        """The remarks of each clue of these sheets, which share no clue."""
        return {clue: rows for sheet in sheets if sheet.tenant == tenant for clue, rows in sheet.rows_of().items()}

    def arrivals_of(self, rows: Iterable[str]) -> str:
        """Who sent each of these rows when, in seconds of ``time.monotonic``."""
        arrivals = [arrival for tenant in self.crm.tenants.values() for arrival in tenant.arrivals]
        return "\n".join(str(arrival) for row in sorted(rows) for arrival in arrivals if arrival.row == row)

    def twice(self, sheet: Sheet) -> list[str]:
        """The rows that were applied more than once."""
        times = Counter(arrival.row for arrival in self.crm[sheet.tenant].applied)
        return [remark for remark in sheet.remarks.values() if times[remark] > 1]
