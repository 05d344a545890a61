"""Threads that work beside the event loop: so many at a time as a worker may send shards.

They belong to nobody who waits for them: whoever does may go away, such as a queue whose database was lost, and the work
goes on.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future


class Slots:
    """Does ``work`` in at most ``number`` threads, once for each time it is asked to."""

    def __init__(self, number: int, work: Callable[[], None]) -> None:
        self._number = number
        self._work = work
        self._lock = threading.Lock()
        self._asked: deque[Future[None]] = deque()
        self._threads: set[threading.Thread] = set()

    def fill(self) -> Future[None]:
        """Has one more thread work, as soon as one is free; returns what ends with it, or is cancelled before it begins."""
        future: Future[None] = Future()
        with self._lock:
            self._asked.append(future)
            if len(self._threads) < self._number:
                thread = threading.Thread(target=self._serve, name="shard", daemon=True)
                self._threads.add(thread)
                thread.start()
        return future

    def join(self, seconds: float) -> bool:
        """Waits up to so many seconds until no thread works; returns whether that is so."""
        with self._lock:
            threads = [*self._threads]
        for thread in threads:
            thread.join(seconds / len(threads))
        return not any(thread.is_alive() for thread in threads)

    def _serve(self) -> None:
        while (future := self._next()) is not None:
            do(self._work, future)

    def _next(self) -> Future[None] | None:
        """Returns what was asked for first and was not cancelled; None, and the thread ends, if that is nothing."""
        with self._lock:
            while self._asked:
                future = self._asked.popleft()
                if future.set_running_or_notify_cancel():
                    return future
            self._threads.discard(threading.current_thread())
            return None


def in_background(work: Callable[[], None]) -> Future[None]:
    """Does ``work`` in a thread of its own, which ends with the process at the latest; returns what ends with it."""
    future: Future[None] = Future()
    future.set_running_or_notify_cancel()
    threading.Thread(target=do, args=(work, future), name="tending", daemon=True).start()
    return future


def do(work: Callable[[], None], future: Future[None]) -> None:
    """Does ``work``, and hands what becomes of it to ``future``: a crash as well, which is for whoever waits for it."""
    try:
        work()
    except BaseException as error:  # noqa: BLE001  # raised again where somebody waits for it
        future.set_exception(error)
    else:
        future.set_result(None)
