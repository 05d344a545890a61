"""Nights of a job that nobody watches: the real command in a process with its own time, a CRM and a robot on loopback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import yaml

from batch_editor import Settings, load_edits
from batch_editor.model import SUMMARY_STATUSES
from batch_editor.sandbox import EDIT_PATH, Sandbox
from support.servers import Answer, Request, Server

ZONE = ZoneInfo("Asia/Shanghai")
FIRST = datetime(2026, 11, 2, 2, 0, tzinfo=ZONE)  # a Monday, two in the morning
#: How many seconds of a night pass in a real second.
SPEED = 60.0
OLD_SECRET, NEW_SECRET = "demo-secret", "another-secret"
CLUES = tuple(range(1591005521987920001, 1591005521987920031))
_TIME = Path(__file__).parent / "injected_time"


def in_its_time(begins: datetime, speed: float) -> dict[str, str]:
    """The variables by which a process that is started now lives at the time ``begins``, and so many times as fast."""
    return {
        "PYTHONPATH": str(_TIME),
        "TEST_NIGHT_BEGINS": str(begins.timestamp()),
        "TEST_NIGHT_ANCHOR": str(time.clock_gettime(time.CLOCK_BOOTTIME)),
        "TEST_NIGHT_SPEED": str(speed),
    }


class Robot(Server):
    """A group robot that takes every message, and a heartbeat's address: ``texts`` are the messages, ``pings`` the paths."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.pings: list[str] = []

    def answer_to(self, request: Request) -> Answer:
        path = urlsplit(request.target).path
        if path.startswith("/robot"):
            content = json.loads(request.body)
            self.texts.append(content[content["msgtype"]]["content"])
        else:
            self.pings.append(path.removeprefix("/ping"))
        return Answer(body=b'{"errcode":0,"errmsg":"ok"}')


@dataclass(frozen=True, slots=True)
class Pass:
    """One pass of the inbox: its exit code, its JSON, what it wrote to stderr; None where it was killed."""

    code: int
    json: dict[str, Any] | None
    err: str

    @property
    def reason(self) -> str:
        """The word for why it did not end well."""
        return "killed" if self.json is None else self.json["reason"] or ""

    @property
    def counts(self) -> dict[str, int]:
        """How many rows of its sheets have which status."""
        counts = Counter[str]()
        for sheet in self.json.get("sheets", ()) if self.json else ():
            counts.update({status: sheet[status] for status in SUMMARY_STATUSES})
        return {status: number for status, number in counts.items() if number}


@dataclass
class Job:
    """The inbox in ``folder/inbox`` and its journal, the ``secret`` that it has, the CRM, and the robot that tells people."""

    folder: Path
    settings: dict[str, Any]
    robot: Robot = field(default_factory=Robot)
    night: int = 0
    secret: str = OLD_SECRET
    crm: Sandbox = field(init=False)
    applied: Counter[tuple[int, str]] = field(default_factory=Counter)
    requests: int = 0
    _accepted: str = OLD_SECRET
    _opened: ExitStack = field(default_factory=ExitStack)

    def __post_init__(self) -> None:
        self.crm = Sandbox([{"clue_id": clue} for clue in CLUES])

    def __enter__(self) -> Self:
        self._opened.enter_context(self.robot)
        self.crm.start()
        self.inbox.mkdir()
        self.configure()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.crm.stop()
        self._opened.close()

    @property
    def inbox(self) -> Path:
        return self.folder / "inbox"

    @property
    def begins(self) -> datetime:
        """When the night begins."""
        return FIRST + timedelta(days=self.night)

    def configure(self, **over: Any) -> None:
        """Write the settings of the inbox."""
        places = {"api": {"base_url": self.crm.url, "app_id": "demo-app"}, "state_dir": str(self.folder / "state")}
        telling = {
            "notify": [{"kind": "wecom", "url": f"{self.robot.url}/robot?key=hidden-key", "weekly": True}],
            "heartbeat": f"{self.robot.url}/ping",
        }
        text = yaml.safe_dump(self.settings | places | telling | over, allow_unicode=True)
        (self.inbox / "config.yaml").write_text(text, encoding="utf-8")

    def serve(self, *faults: str, latency: float = 0.0, accepts: str | None = None) -> None:
        """Have the CRM behave like this from here on, with its clues; it ``accepts`` this secret, or that of before."""
        self.crm.stop()
        self._note_requests()
        self._accepted = accepts or self._accepted
        port = urlsplit(self.crm.url).port or 0
        clues = [{key: value for key, value in clue.items() if value is not None} for clue in self.crm.clues().values()]
        self.crm = Sandbox(clues, port=port, faults=faults, latency=latency, app_secret=self._accepted).start()

    def _note_requests(self) -> None:
        for request in self.crm.requests:
            self.requests += 1
            if request.path == EDIT_PATH and request.applied:
                body = json.loads(request.body)
                self.applied[body["clue_id"], body["remark"]] += 1
        self.crm.requests.clear()

    def sent_twice(self) -> int:
        """How many requests have applied what was applied already."""
        self._note_requests()
        return sum(number - 1 for number in self.applied.values())

    def remarks(self) -> dict[int, object]:
        """The remark of each clue in the CRM."""
        return {clue: record["remark"] for clue, record in self.crm.clues().items()}

    def lost(self) -> list[tuple[int, str]]:
        """The rows of the sheets in ``done`` that were never applied."""
        self._note_requests()
        rows = [
            (int(edit.clue_id), str(json.loads(edit.body)["remark"]))
            for sheet in sorted((self.inbox / "done").iterdir())
            for edit in load_edits(sheet, Settings.load(self.inbox / "config.yaml")).edits
        ]
        assert rows
        return [row for row in rows if not self.applied[row]]

    def fill_disk(self) -> Path:
        """Leave nothing of the disk; returns what to remove to have it back."""
        filler = self.folder / "filler"
        with filler.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(b"0" * 4096)
        return filler

    def killed_after(self, edits: int) -> Pass:
        """Begin a pass, and kill it once so many edits have arrived."""
        process = self.start()
        while sum(request.path == EDIT_PATH for request in self.crm.requests) < edits:
            assert process.poll() is None, process.communicate()
            time.sleep(0.01)
        return self.end(process, kill=True)

    def sheet(self, name: str, text: str | bytes, *, at: datetime | None = None) -> Path:
        """Put a file into the inbox, written half an hour before the night begins."""
        path = self.inbox / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        written = (at or self.begins - timedelta(minutes=30)).timestamp()
        os.utime(path, (written, written))
        return path

    def start(self, *args: str, hours: float = 0.0) -> subprocess.Popen[str]:
        """Start the command, so many hours after the night has begun."""
        command = [sys.executable, "-m", "batch_editor", "inbox", str(self.inbox), "--json", *args]
        env = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TEMP", "TMPDIR") if name in os.environ}
        env |= {"HOME": str(self.folder), "PYTHONUTF8": "1", "LANG": "en_US.UTF-8", "WSHOTO_APP_SECRET": self.secret}
        env |= in_its_time(self.begins + timedelta(hours=hours), SPEED)
        return subprocess.Popen(
            command, cwd=self.folder, env=env, stdin=subprocess.DEVNULL, stdout=-1, stderr=-1, encoding="utf-8"
        )

    def go(self, *args: str, hours: float = 0.0) -> Pass:
        """Run one pass to its end."""
        return self.end(self.start(*args, hours=hours))

    def end(self, process: subprocess.Popen[str], *, kill: bool = False) -> Pass:
        """Wait for the end of a pass, or bring it about."""
        try:
            if kill:
                process.send_signal(signal.SIGKILL)
            out, err = process.communicate(timeout=120)
        finally:
            process.kill()
        assert "Traceback" not in err, err
        return Pass(process.returncode, json.loads(out) if out else None, err)

    def take_messages(self) -> list[str]:
        """The messages since the last call."""
        texts = list(self.robot.texts)
        self.robot.texts.clear()
        return texts
