"""Reads sheets in processes beside the server: a few at once, bounded in time and memory, with their progress to be seen.

A look at a sheet is waited for; planning goes on by itself, and whoever asks is told how far it is. A process that takes too
long or ends by itself is a message to whoever handed in the sheet, and a new one takes its place.
"""

from __future__ import annotations

import os
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from ..errors import Refused, reason_in
from ..model import Message
from ..runs.sheet_look import SheetLook
from .reading_child import Look, Planned, PlanSheet, Task, read_frame, write_frame

#: How many sheets are looked at, and how many are planned, at the same time.
MOST_LOOKS, MOST_PLANS = 2, 2
#: A process that says nothing for so many seconds is ended: the rows between two signs of life take far less. A look, of which
#: nothing is said before its end, may take less time.
PATIENCE, LOOK_PATIENCE = 120.0, 60.0
#: So many seconds a look waits for those before it.
_WAITS = 60.0
#: So many looks are kept: a page that is loaded anew reads no sheet anew.
_MOST_KEPT = 16
#: So many readings that have ended are remembered.
_MOST_ENDED = 200
#: How the names of variables with settings begin, of which some are secrets.
_SETTINGS = ("BATCH_EDITOR_", "WSHOTO_")
#: What stands in the place of an answer once there will be none any more.
_ENDED: Final = object()
#: By what a change of a file is seen: its number, size and time; None where there is none.
_Stamp = tuple[int, int, int] | None


@dataclass(frozen=True, slots=True)
class Reading:
    """How far the planning of an upload is: ``rows`` were read so far; it has come to ``planned`` or to a ``problem``."""

    rows: int = 0
    planned: Planned | None = None
    problem: Message | None = None

    @property
    def is_over(self) -> bool:
        """Whether it has come to anything."""
        return self.planned is not None or self.problem is not None


class Readings:
    """The processes that read for one server; none is started before it is needed. ``close`` ends them."""

    def __init__(self, *, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._lock = threading.Lock()
        self._looks = threading.BoundedSemaphore(MOST_LOOKS)
        self._plans = threading.BoundedSemaphore(MOST_PLANS)
        self._idle: list[_Child] = []
        self._busy: set[_Child] = set()
        self._kept: list[tuple[Look, _Stamp, SheetLook | Message]] = []
        self._turns: dict[tuple[str, str], threading.Lock] = {}
        self._readings: dict[str, Reading] = {}
        self._is_closed = False

    def warm(self) -> None:
        """Starts a process for the next sheet, if there is none: to start one takes a while, in which a sheet can arrive."""
        with self._lock:
            if self._is_closed or self._idle or self._busy:
                return

        def start() -> None:
            with suppress(Refused):
                self._give_back(self._borrow())

        threading.Thread(target=start, name="reading-start", daemon=True).start()

    def look(self, task: Look, person: str = "") -> SheetLook:
        """Returns what a sheet is taken for. Raises ``Refused`` as ``look_at`` does, and where the process cannot read it.

        One look after the other is made for a ``person``, so that nobody keeps all others from theirs. What was looked at is
        kept, and so is it that a sheet took too long.
        """
        turn = self._turn_of("look", person)
        if not turn.acquire(timeout=_WAITS):
            raise Refused("reading.busy")
        try:
            stamp = _stamp_of(task.path)
            look = self._kept_look(task, stamp)
            if look is None:
                look = self._new_look(task)
                self._keep(task, stamp, look)
        finally:
            turn.release()
        if isinstance(look, Message):
            raise Refused(look.key, **look.values)
        return look

    def _new_look(self, task: Look) -> SheetLook | Message:
        if not self._looks.acquire(timeout=_WAITS):
            raise Refused("reading.busy")
        try:
            look = self._ask(task, lambda rows: None, min(self._patience, LOOK_PATIENCE))
        except Refused as error:
            if error.message.key != "reading.too_long":
                raise
            return error.message
        finally:
            self._looks.release()
        assert isinstance(look, SheetLook)  # noqa: S101  # what the task returns
        return look

    def _kept_look(self, task: Look, stamp: _Stamp) -> SheetLook | Message | None:
        with self._lock:
            return next((look for kept, of, look in self._kept if of == stamp and kept == task), None)

    def _keep(self, task: Look, stamp: _Stamp, look: SheetLook | Message) -> None:
        with self._lock:
            self._kept = [*self._kept[1 - _MOST_KEPT :], (task, stamp, look)]

    def _turn_of(self, what: str, person: str) -> threading.Lock:
        with self._lock:
            return self._turns.setdefault((what, person), threading.Lock())

    def start(self, number: str, task: PlanSheet, on_end: Callable[[Reading], None], person: str = "") -> None:
        """Begins to plan the upload called ``number``, unless it is being planned; one after the other for a ``person``.

        ``on_end`` is called once, by a thread of its own, before anybody is told that the reading is over.
        """
        with self._lock:
            current = self._readings.get(number)
            if self._is_closed or (current is not None and not current.is_over):
                return
            self._forget_oldest()
            self._readings[number] = Reading()
        turn = self._turn_of("plan", person)
        threading.Thread(target=self._plan, args=(number, task, on_end, turn), name=f"reading-{number}", daemon=True).start()

    def of(self, number: str) -> Reading | None:
        """Returns how far the planning of an upload is; None where this process knows of none."""
        return self._readings.get(number)

    def close(self) -> None:
        """Ends all processes. What was being planned is not planned, and can be begun anew."""
        with self._lock:
            self._is_closed = True
            children = [*self._idle, *self._busy]
        for child in children:
            child.end()

    def _plan(self, number: str, task: PlanSheet, on_end: Callable[[Reading], None], turn: threading.Lock) -> None:
        with turn, self._plans:
            try:
                planned = self._ask(task, lambda rows: self._set(number, Reading(rows)), self._patience)
                assert isinstance(planned, Planned)  # noqa: S101  # what the task returns
                reading = replace(self._readings[number], planned=planned)
            except Refused as error:
                reading = Reading(problem=error.message)
            try:
                on_end(reading)
            except Refused as error:
                reading = Reading(problem=error.message)
            finally:
                self._set(number, reading)

    def _set(self, number: str, reading: Reading) -> None:
        with self._lock:
            self._readings[number] = reading

    def _forget_oldest(self) -> None:
        ended = [number for number, reading in self._readings.items() if reading.is_over]
        for number in ended[: max(0, len(ended) - _MOST_ENDED)]:
            del self._readings[number]

    def _ask(self, task: Task, on_rows: Callable[[int], None], patience: float) -> object:
        child = self._borrow()
        try:
            answer = child.ask(task, on_rows, patience)
        except BaseException:
            child.end()
            with self._lock:
                self._busy.discard(child)
            raise
        self._give_back(child)
        if isinstance(answer, Message):
            raise Refused(answer.key, **answer.values)
        return answer

    def _borrow(self) -> _Child:
        with self._lock:
            while self._idle:
                child = self._idle.pop()
                if child.is_alive:
                    self._busy.add(child)
                    return child
        try:
            child = _Child()
        except OSError as error:
            raise Refused("reading.not_started", reason=reason_in(error)) from None
        with self._lock:
            if not self._is_closed:
                self._busy.add(child)
                return child
        child.end()
        raise Refused("reading.ended")

    def _give_back(self, child: _Child) -> None:
        """Keeps one process for the next sheet, since to start one takes a while."""
        with self._lock:
            self._busy.discard(child)
            if not self._idle and not self._is_closed:
                self._idle.append(child)
                return
        child.end()


class _Child:
    """A process that reads, and the pipes to it. It is started as a module of its own, whatever program this process runs."""

    def __init__(self) -> None:
        module = f"{__package__}.reading_child"
        paths = os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path)
        variables = {name: value for name, value in os.environ.items() if not name.upper().startswith(_SETTINGS)}
        group: dict[str, Any] = {"creationflags": 0x0800_0000} if os.name == "nt" else {"process_group": 0}  # CREATE_NO_WINDOW
        self._process = subprocess.Popen(  # noqa: S603  # this Python, and a module of this package
            [sys.executable, "-P", "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=variables | {"PYTHONPATH": paths},
            **group,
        )
        self._answers: queue.SimpleQueue[object] = queue.SimpleQueue()
        threading.Thread(target=self._listen, name="reading-answers", daemon=True).start()

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, task: Task, on_rows: Callable[[int], None], patience: float) -> object:
        """Returns what the task came to. Raises ``Refused`` where the process takes too long, or ends before."""
        assert self._process.stdin  # noqa: S101  # it has a pipe
        try:
            write_frame(self._process.stdin, task)
            while True:
                answer = self._answers.get(timeout=patience)
                if answer is _ENDED:
                    raise Refused("reading.ended")
                if not isinstance(answer, int):
                    return answer
                on_rows(answer)
        except queue.Empty:
            raise Refused("reading.too_long", seconds=round(patience)) from None
        except OSError:
            raise Refused("reading.ended") from None

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                if pipe:
                    pipe.close()

    def _listen(self) -> None:
        assert self._process.stdout  # noqa: S101  # it has a pipe
        with suppress(OSError, ValueError, EOFError, pickle.UnpicklingError):  # what is left of a process that was ended
            while True:
                self._answers.put(read_frame(self._process.stdout))
        self._answers.put(_ENDED)


def _stamp_of(path: Path) -> _Stamp:
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_ino, state.st_size, state.st_mtime_ns
