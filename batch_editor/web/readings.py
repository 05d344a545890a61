"""Reads sheets in processes beside the server: a few at once, bounded in time and memory, with their progress to be seen.

A look at a sheet is waited for; planning goes on by itself, and whoever asks is told how far it is. A process that takes too
long or ends by itself is a message to whoever handed in the sheet, and a new one takes its place.
"""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..errors import Refused
from ..model import Message
from ..runs.sheet_look import SheetLook
from .reading_child import Look, Planned, PlanSheet, Task, serve

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess

#: How many sheets are looked at, and how many are planned, at the same time.
MOST_LOOKS, MOST_PLANS = 2, 2
#: A process that says nothing for so many seconds is ended: the rows between two signs of life take far less.
PATIENCE = 120.0
#: So many seconds a look waits for those before it.
_WAITS = 60.0
#: So many readings that have ended are remembered.
_MOST_ENDED = 200


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
        self._readings: dict[str, Reading] = {}
        self._is_closed = False

    def look(self, task: Look) -> SheetLook:
        """Returns what a sheet is taken for. Raises ``Refused`` as ``look_at`` does, and where the process cannot read it."""
        if not self._looks.acquire(timeout=_WAITS):
            raise Refused("reading.busy")
        try:
            look = self._ask(task, lambda rows: None)
        finally:
            self._looks.release()
        assert isinstance(look, SheetLook)  # noqa: S101  # what the task returns
        return look

    def start(self, number: str, task: PlanSheet, on_end: Callable[[Reading], None]) -> None:
        """Begins to plan the upload called ``number``, unless it is being planned already.

        ``on_end`` is called once, by a thread of its own, before anybody is told that the reading is over.
        """
        with self._lock:
            current = self._readings.get(number)
            if self._is_closed or (current is not None and not current.is_over):
                return
            self._forget_oldest()
            self._readings[number] = Reading()
        threading.Thread(target=self._plan, args=(number, task, on_end), name=f"reading-{number}", daemon=True).start()

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

    def _plan(self, number: str, task: PlanSheet, on_end: Callable[[Reading], None]) -> None:
        with self._plans:
            try:
                planned = self._ask(task, lambda rows: self._set(number, Reading(rows)))
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

    def _ask(self, task: Task, on_rows: Callable[[int], None]) -> object:
        child = self._borrow()
        try:
            answer = child.ask(task, on_rows, self._patience)
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
            raise Refused("reading.not_started", reason=error.strerror or str(error)) from None
        with self._lock:
            self._busy.add(child)
        return child

    def _give_back(self, child: _Child) -> None:
        """Keeps one process for the next sheet, since to start one takes a while."""
        with self._lock:
            self._busy.discard(child)
            if not self._idle and not self._is_closed:
                self._idle.append(child)
                return
        child.end()


class _Child:
    """A process that reads, and the pipe to it."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe: Connection
        self._pipe, theirs = context.Pipe()
        self._process: SpawnProcess = context.Process(target=serve, args=(theirs,), name="reading", daemon=True)
        self._process.start()
        theirs.close()

    @property
    def is_alive(self) -> bool:
        return self._process.is_alive()

    def ask(self, task: Task, on_rows: Callable[[int], None], patience: float) -> object:
        """Returns what the task came to. Raises ``Refused`` where the process takes too long, or ends before."""
        try:
            self._pipe.send(task)
            while self._pipe.poll(patience):
                answer = self._pipe.recv()
                if not isinstance(answer, int):
                    return answer
                on_rows(answer)
        except (EOFError, OSError):
            raise Refused("reading.ended") from None
        raise Refused("reading.too_long", seconds=round(patience))

    def end(self) -> None:
        self._process.kill()
        self._process.join()
        with suppress(OSError):
            self._pipe.close()
