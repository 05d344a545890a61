"""The threads that work for one run, and how they end: of themselves, halted, asked to stop, or given up.

``Workers`` runs one function in several threads while the thread that called it looks after signals and progress. What the
function does, and what it writes down, is left to those that use it: the dispatcher and the reading of clues.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ..errors import BatchEditorError, stopped
from ..events import Event, Notice
from ..model import HaltReason, Message, Stoppage
from ..stop import Stop

#: How often the waiting thread looks up, in seconds: for signals (which Windows delivers only then) and to tell its progress.
LOOK_UP = 0.1


#: Why a run halts that was asked to.
_ASKED = (HaltReason.ASKED, HaltReason.UNTIL)


class WriteGate:
    """Lets workers write down what they found until what is in flight is given up: from then on whoever waited has written
    down that nobody knows how it ended."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._writing = 0
        self._is_shut = False

    @contextmanager
    def open(self) -> Iterator[bool]:
        """Yields whether a worker may write within the block."""
        with self._changed:
            may_write = not self._is_shut
            self._writing += may_write
        try:
            yield may_write
        finally:
            with self._changed:
                self._writing -= may_write
                if self._is_shut:
                    self._changed.notify_all()

    def shut(self) -> None:
        """Lets nobody write any more, and returns once nobody is writing."""
        with self._changed:
            self._is_shut = True
            while self._writing:
                self._changed.wait()


class Workers:
    """So many ``threads`` for one piece of work. ``run`` is called once; ``on_event`` is called in the thread that called it.

    ``notices`` are told as events, whoever adds them. ``wake`` wakes workers that wait for something to do. ``gate`` is what
    each of them has to pass to write something down.
    """

    def __init__(
        self, threads: int, *, stop: Stop, notices: deque[Message], on_event: Callable[[Event], None], wake: Callable[[], None]
    ) -> None:
        self.gate = WriteGate()
        self.is_given_up = False  # what is in flight, after a second request to stop
        self._threads = threads
        self._stop = stop
        self._notices = notices
        self._on_event = on_event
        self._wake = wake
        self._lock = threading.Lock()
        self._halted: Stoppage | None = None
        self._crash: BaseException | None = None
        self._stop_is_told = False

    def run(self, work: Callable[[], None], progress: Callable[[], Event]) -> Stoppage | None:
        """Runs ``work`` in each thread until all have ended. Returns why it halted, or None if nothing stopped it.

        Until then it tells notices, and the ``progress``. After a second ``Stop.ask`` it waits no longer: those that still have
        something on its way can write nothing more.
        """
        threads: list[threading.Thread] = []
        try:
            for index in range(self._threads):
                thread = threading.Thread(target=self._run_one, args=(work,), name=f"sender-{index}", daemon=True)
                thread.start()
                threads.append(thread)
            while not self._stop.hard.is_set() and (alive := [thread for thread in threads if thread.is_alive()]):
                alive[0].join(LOOK_UP)
                self._notice_stop()
                self._tell(progress)
        except BaseException:  # Ctrl-C without a handler, or a callback's own error: finish what is in flight, then raise
            self._stop.soft.set()
            for thread in threads:
                thread.join()
            raise
        self._tell(progress)
        if self._crash is not None:
            raise self._crash
        if self._stop.hard.is_set():
            for thread in threads:  # those that have nothing on its way end at once, and say so
                thread.join(LOOK_UP)
            self.gate.shut()
            self.is_given_up = True
        if self._halted is None and self._stop.soft.is_set():
            self._halted = stopped(self._stop).stoppage
        return self._halted

    def halt(self, stoppage: Stoppage) -> None:
        """Stops all workers after what is in flight; the first ``stoppage`` is the one that is told."""
        with self._lock:
            if self._halted is None:
                self._halted = stoppage
            self._stop.soft.set()
        self._wake()

    def _run_one(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BatchEditorError as error:
            self.halt(error.stoppage)
        except BaseException as error:  # noqa: BLE001  # raised again by the thread that waits
            self._crash = error
            self._stop.soft.set()
        finally:
            self._wake()

    def _notice_stop(self) -> None:
        halted = self._halted is not None and self._halted.reason not in _ASKED  # a worker may have seen it first
        asked = self._stop.soft.is_set() and not halted and self._crash is None
        if asked and not self._stop_is_told:
            self._stop_is_told = True
            self._notices.append(Message("notice.stopping"))

    def _tell(self, progress: Callable[[], Event]) -> None:
        while self._notices:
            self._on_event(Notice(self._notices.popleft()))
        self._on_event(progress())
