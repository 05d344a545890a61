"""``batch-editor`` as it is typed, with nothing of this machine's settings: in this process, or in one of its own.

A command runs in this process, which is quick, where its words, options, files and exit code are what a test is about. Signals,
terminals, encodings, crashes and the end of an interpreter need a process of its own.
"""

from __future__ import annotations

import codecs
import io
import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pyte
import pytest
import yaml

from batch_editor.cli import main
from support import jobs

TOKEN = "fixed-token"
#: The processes that the test under way has started; those that a failure leaves running are ended after it.
STARTED: list[subprocess.Popen[str]] = []


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended: its exit code, and what it wrote to stdout and to stderr."""

    code: int
    out: str
    err: str

    @property
    def output(self) -> str:
        """What it wrote to both streams."""
        return self.out + self.err

    @property
    def json(self) -> dict[str, Any]:
        """The one JSON object that stdout consists of."""
        value = json.loads(self.out)
        assert isinstance(value, dict)
        return value


class Commands:
    """``batch-editor`` in ``folder``, which holds its ``config.yaml`` and, in ``state``, its journal."""

    def __init__(self, folder: Path, url: str = "http://127.0.0.1:1", **over: Any) -> None:
        self.folder = folder
        self.piped = b""
        self.env = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TEMP", "TMPDIR") if name in os.environ}
        self.env |= {"HOME": str(folder), "PYTHONUTF8": "1", "LANG": "en_US.UTF-8", "WSHOTO_ACCESS_TOKEN": TOKEN}
        quick = {key: value for key, value in jobs.QUICK.items() if key not in ("api", "lang")}
        places = {"api": {"base_url": url}, "state_dir": str(folder / "state")}
        self.configure(**jobs.merged(jobs.merged(quick, places), over))

    def configure(self, **settings: Any) -> None:
        """Write ``config.yaml``."""
        text = yaml.safe_dump(settings, allow_unicode=True)
        (self.folder / "config.yaml").write_text(text, encoding="utf-8")

    def __call__(self, *args: str | Path, **env: str) -> Done:
        """Run the command to its end in this process, with ``env`` added to its variables; an error of ours is raised.

        It has its own arguments, variables, current folder and streams, of which stdin holds what is ``piped``; what it sets up
        for signals and logging is undone.
        """
        contents = (self.piped, b"", b"")
        stdin, stdout, stderr = (io.TextIOWrapper(io.BytesIO(held), encoding="utf-8", newline="") for held in contents)
        with _handlers_restored(), pytest.MonkeyPatch.context() as patch:
            for name in os.environ.keys() - self.env.keys() - env.keys():
                patch.delenv(name)
            for name, value in (self.env | env).items():
                patch.setenv(name, value)
            patch.chdir(self.folder)
            patch.setattr(sys, "argv", ["batch-editor", *map(str, args)])
            for name, stream in (("stdin", stdin), ("stdout", stdout), ("stderr", stderr)):
                patch.setattr(sys, name, stream)
            with pytest.raises(SystemExit) as end:
                main()
        return Done(end.value.code, _text(stdout), _text(stderr))  # type: ignore[arg-type]  # a number, as main gives it

    def process(self, *args: str | Path, **env: str) -> Done:
        """Run the command to its end in a process of its own, with ``env`` added to its variables."""
        return finished(self.start(*args, env=self.env | env))

    def start(self, *args: str | Path, **options: Any) -> subprocess.Popen[str]:
        """Start the command in a process of its own; the caller waits for its end."""
        command = [sys.executable, "-W", "error", "-m", "batch_editor", *map(str, args)]
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8"}
        process = subprocess.Popen(command, cwd=self.folder, **{"env": self.env, **streams, **options})
        STARTED.append(process)
        return process


@contextmanager
def _handlers_restored() -> Iterator[None]:
    """The handlers of signals are afterwards those of before; so are those of the log, of which there are none meanwhile."""
    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name)]
    on_signals = {number: signal.getsignal(number) for number in numbers}
    on_crash = sys.excepthook
    log = logging.getLogger()
    log_handlers, log_level = log.handlers, log.level
    log.handlers = []
    try:
        yield
    finally:
        sys.excepthook = on_crash
        log.handlers = log_handlers
        log.setLevel(log_level)
        for number, handler in on_signals.items():
            signal.signal(number, handler)


def _text(stream: io.TextIOWrapper) -> str:
    """What was written to a stream in memory."""
    stream.flush()
    assert isinstance(stream.buffer, io.BytesIO)
    return stream.buffer.getvalue().decode()


def finished(process: subprocess.Popen[str]) -> Done:
    """Wait for the end of a command, which never shows a traceback."""
    try:
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert "Traceback" not in out + err, err
    return Done(process.returncode, out, err)


class Terminal:
    """A command on a pseudo-terminal: ``read_until`` a text, ``type`` an answer, ``end`` it, see its ``screen``.

    ``size`` is that of the terminal, in columns and lines; without it the terminal does not say.
    """

    def __init__(
        self, command: Commands, *args: str, stdout: IO[str] | None = None, size: tuple[int, int] | None = None
    ) -> None:
        self._master, slave = os.openpty()
        self._size = size or (80, 24)
        if size:
            import termios

            termios.tcsetwinsize(slave, (size[1], size[0]))
        streams = {"stdin": slave, "stdout": stdout or slave, "stderr": slave}
        self.process = command.start(*args, **streams, start_new_session=True)  # nobody is asked at the terminal of the tests
        os.close(slave)
        self.seen = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def read_until(self, *texts: str) -> None:
        """Read until one of the texts is there."""
        while not any(text in self.seen for text in texts):
            self.seen += self._read() or pytest.fail(f"{texts} never came: {self.seen}")

    def read_more(self) -> None:
        """Read what comes next."""
        self.seen += self._read() or pytest.fail(self.seen)

    def screen(self) -> list[str]:
        """What an emulator of the terminal shows now, line by line."""
        emulator = pyte.Screen(*self._size)
        pyte.Stream(emulator).feed(self.seen)
        return [line.rstrip() for line in emulator.display]

    def type(self, text: str | bytes) -> None:
        os.write(self._master, text.encode() if isinstance(text, str) else text)

    def end(self) -> int:
        while chunk := self._read():
            self.seen += chunk
        os.close(self._master)
        code = self.process.wait(timeout=30)
        assert "Traceback" not in self.seen, self.seen
        return code

    def _read(self) -> str:
        text = ""
        with suppress(OSError):  # Linux: nobody has the terminal open any more
            while not text and (chunk := os.read(self._master, 65536)):
                text = self._decoder.decode(chunk)
        return text
