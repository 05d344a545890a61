"""A link to a PostgreSQL database that outlives its connections: one that breaks is made anew, and is asked the same again.

A server is restarted, another one takes its place, a cable is pulled: whoever has something to read or to write waits until the
database is back, for as long as the ``Patience`` of its process lasts. What may be asked twice is known by whoever asks.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

import psycopg

from ..errors import Halted
from ..messages.time import spoken
from ..model import HaltReason
from .connections import Connection, words_of

T = TypeVar("T")
#: Seconds for which a database that is away is waited for where nothing is being sent.
_SHORT = 30.0
#: Seconds between two tries: at first, and at most.
_FIRST, _MOST = 0.05, 2.0
#: Seconds after which whoever waits looks whether somebody else has done it meanwhile, or wants no more waiting.
_LOOK = 0.25
#: What a server says that is starting, ending, full, or no longer the one that may be written to (SQLSTATE): it will be another
#: one in a while. 57014 is not among them, since somebody wants that statement to end.
_AWAY = ("08", "53", "57P", "25006", "25P03", "40001", "40P01", "58")


class Lost(Exception):
    """The database is away: nothing was done, or nobody knows whether it was."""


class Patience:
    """How long one process waits for a database that is away. ``clock`` gives seconds; ``wait`` passes some, or fewer once the
    event is set. Its methods may be called by any thread."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[threading.Event, float], bool] = threading.Event.wait,
    ) -> None:
        self.clock = clock
        self._wait = wait
        self._runs: list[tuple[float, threading.Event]] = []
        self._never = threading.Event()

    @contextmanager
    def of_run(self, seconds: float, give_up: threading.Event) -> Iterator[None]:
        """Waits for at least so many ``seconds`` within the block, unless ``give_up`` is set."""
        run = (seconds, give_up)
        self._runs.append(run)
        try:
            yield
        finally:
            self._runs.remove(run)

    @property
    def seconds(self) -> float:
        """How long is waited for at most."""
        return max([_SHORT, *(seconds for seconds, _ in self._runs.copy())])

    def is_over(self, since: float) -> bool:
        """Returns whether what has been away ``since`` is waited for no longer."""
        runs = self._runs.copy()
        return self.clock() - since >= self.seconds or (bool(runs) and all(give_up.is_set() for _, give_up in runs))

    def pass_some(self, seconds: float) -> None:
        """Waits for a moment, so many ``seconds`` at most."""
        runs = self._runs.copy()
        self._wait(runs[-1][1] if len(runs) == 1 else self._never, min(seconds, _LOOK))


class Link:
    """One connection, made by ``connect`` when it is first used and whenever the one before is lost.

    ``place`` is the database as people are shown it, ``first`` a connection that is there already.
    """

    def __init__(
        self, connect: Callable[[], Connection], patience: Patience, place: str, first: Connection | None = None
    ) -> None:
        self._connect = connect
        self._patience = patience
        self._place = place
        self._connection = first
        self._lock = threading.Lock()
        self._since = math.inf
        self._tries = 0
        self._next = -math.inf
        self._error: BaseException | None = None

    @property
    def lost_since(self) -> float | None:
        """Since when nothing comes about, by the clock; None while all is well."""
        return self._since if self._tries else None

    def close(self) -> None:
        """Closes the connection."""
        with self._lock:
            self._drop()

    def ask(self, do: Callable[[Connection], T]) -> T:
        """Returns what ``do`` does with the connection; it is called again, with another one, until the database is there.

        Raises ``Halted`` when nobody waits any longer, and what ``do`` raises for any other reason.
        """
        while True:
            with suppress(Lost):
                return self.attempt(do)
            self.wait()

    def attempt(self, do: Callable[[Connection], T]) -> T:
        """Returns what ``do`` does with the connection. Raises ``Lost`` where the database is away, or where somebody has found
        that out just now."""
        if not self._lock.acquire(timeout=_LOOK):
            raise Lost
        try:
            if self._patience.clock() < self._next:
                raise Lost
            try:
                if self._connection is None:
                    self._connection = self._connect()
                result = do(self._connection)
            except psycopg.Error as error:
                if not is_away(error):
                    raise
                self._miss(error)
                raise Lost from None
            except BaseException:  # a Ctrl-C: nobody knows what the connection is in the middle of
                self._drop()
                raise
            self._tries = 0
            self._next = -math.inf
            return result
        finally:
            self._lock.release()

    def wait(self) -> None:
        """Waits for a moment. Raises ``Halted`` where nobody waits any longer."""
        clock = self._patience.clock
        if self._tries and self._patience.is_over(self._since):
            raise self.halt()
        self._patience.pass_some(max(0.0, self._next - clock()))

    def halt(self) -> Halted:
        """Returns why nobody waits any longer."""
        seconds = min(self._patience.seconds, self._patience.clock() - self._since) if self._tries else 0.0
        halted = Halted(
            "journal.away", path=self._place, time=spoken(seconds), reason=words_of(self._error) if self._error else ""
        )
        if isinstance(self._error, psycopg.errors.DiskFull):
            halted.reason = HaltReason.DISK_FULL
        return halted

    def _miss(self, error: psycopg.Error) -> None:
        self._drop()
        now = self._patience.clock()
        if not self._tries:
            self._since = now
        pause = min(_MOST, _FIRST * 2.0 ** (self._tries - 1)) if self._tries else 0.0  # a new connection may do at once
        self._tries += 1
        self._next = now + pause
        self._error = error

    def _drop(self) -> None:
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.close()
            self._connection = None


def is_away(error: psycopg.Error) -> bool:
    """Returns whether an error says that the database is away, and not that something is wrong with what was asked of it."""
    if error.sqlstate is not None:
        return error.sqlstate.startswith(_AWAY)
    return isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError))
