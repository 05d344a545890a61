"""The real command in a process of its own, with nothing of this machine's settings."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
