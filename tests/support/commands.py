"""The real command in a process of its own, with nothing of this machine's settings."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pytest
import yaml

from support import jobs

TOKEN = "fixed-token"


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended. ``said`` is all that it told on both streams."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        return self.out + self.err

    @property
    def json(self) -> dict[str, Any]:
        """The one JSON object that stdout consists of."""
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found


class Commands:
    """``batch-editor`` in ``folder``, which holds its ``config.yaml`` and, in ``state``, its journal."""

    def __init__(self, folder: Path, url: str = "http://127.0.0.1:1", **over: Any) -> None:
        self.folder = folder
        self.env = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TEMP", "TMPDIR") if name in os.environ}
        self.env |= {"HOME": str(folder), "PYTHONUTF8": "1", "LANG": "en_US.UTF-8", "WSHOTO_ACCESS_TOKEN": TOKEN}
        quick = {key: value for key, value in jobs.QUICK.items() if key not in ("api", "lang")}
        given = {"api": {"base_url": url}, "state_dir": str(folder / "state")}
        self.configure(**jobs.merged(jobs.merged(quick, given), over))

    def configure(self, **settings: Any) -> None:
        """Write ``config.yaml``."""
        text = yaml.safe_dump(settings, allow_unicode=True)
        (self.folder / "config.yaml").write_text(text, encoding="utf-8")

    def start(self, *args: str | Path, **options: Any) -> subprocess.Popen[str]:
        """The command, running; the caller waits for its end."""
        command = [sys.executable, "-W", "error", "-m", "batch_editor", *map(str, args)]
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8"}
        return subprocess.Popen(command, cwd=self.folder, **{"env": self.env, **streams, **options})

    def __call__(self, *args: str | Path, **env: str) -> Done:
        """The command from beginning to end; ``env`` is added to its variables. It never shows a traceback."""
        return finished(self.start(*args, env=self.env | env))


def finished(process: subprocess.Popen[str]) -> Done:
    """Wait for the end of a command."""
    try:
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert "Traceback" not in out + err, err
    return Done(process.returncode, out, err)


class Terminal:
    """A command on a pseudo-terminal: ``read_until`` a text, ``type`` an answer, ``end`` it."""

    def __init__(self, command: Commands, *args: str, stdout: IO[str] | None = None) -> None:
        self._master, slave = os.openpty()
        self.process = command.start(*args, stdin=slave, stdout=stdout or slave, stderr=slave)
        os.close(slave)
        self.seen = ""

    def read_until(self, text: str) -> None:
        while text not in self.seen:
            self.seen += self._read() or pytest.fail(f"{text!r} never came: {self.seen}")

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def end(self) -> int:
        while chunk := self._read():
            self.seen += chunk
        os.close(self._master)
        code = self.process.wait(timeout=30)
        assert "Traceback" not in self.seen, self.seen
        return code

    def _read(self) -> str:
        try:
            return os.read(self._master, 65536).decode("utf-8", "replace")
        except OSError:  # Linux: nobody has the terminal open any more
            return ""
