"""Slows down whoever tries passwords: each name, and each address, has some tries, and waits longer after each further one.

Nobody is locked out for good: a wait ends, what is tried meanwhile is not counted, and at an address from which a name was let
in before, the tries of other addresses with that name do not count. All of it is in memory.
"""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

#: Tries without any wait: with one name, and from one address (an office may share one).
FREE_OF_NAME, FREE_OF_ADDRESS = 5, 15
#: The longest wait, and after how long without a try all is forgotten, in seconds.
LONGEST, FORGOTTEN = 60.0, 3600.0
#: So many names and addresses are kept in mind; the oldest are forgotten first.
_MOST = 20_000


@dataclass(slots=True)
class _Tries:
    count: int = 0
    last: float = 0.0

    def wait(self, free: int, now: float) -> float:
        """Returns the seconds until there may be another try."""
        if now - self.last >= FORGOTTEN:
            self.count = 0
        if self.count < free:
            return 0.0
        return max(0.0, self.last + min(LONGEST, 2.0 ** min(self.count - free, 16)) - now)


class Throttle:
    """The tries of everybody; ``clock`` counts seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._tries: OrderedDict[tuple[str, str], _Tries] = OrderedDict()
        self._let_in: OrderedDict[tuple[str, str], None] = OrderedDict()

    def begin(self, name: str, address: str) -> float:
        """Returns 0 and counts a try, or returns the seconds until there may be one. Tries side by side count as well."""
        now, place = self._clock(), _network(address)
        with self._lock:
            self._forget(now)
            counters = self._counters(name, place)
            wait = max(tries.wait(free, now) for tries, free in counters)
            if wait == 0:
                for tries, _ in counters:
                    tries.count += 1
                    tries.last = now
            return wait

    def succeeded(self, name: str, address: str) -> None:
        """Takes back the try that has just been right, and forgets those before it at this address with this name."""
        place = _network(address)
        with self._lock:
            for tries, _ in self._counters(name, place):
                tries.count = max(0, tries.count - 1)
            self._tries.pop((f"{name}\n", place), None)
            self._let_in[name, place] = None
            self._let_in.move_to_end((name, place))
            while len(self._let_in) > _MOST:
                self._let_in.popitem(last=False)

    def _counters(self, name: str, place: str) -> list[tuple[_Tries, int]]:
        """The tries that count, with how many are free: at an address where the name is known, none of elsewhere."""
        known = (name, place) in self._let_in
        of_name = (f"{name}\n", place) if known else (f"{name}\n", "")
        return [(self._of(of_name), FREE_OF_NAME), (self._of(("", place)), FREE_OF_ADDRESS)]

    def _of(self, key: tuple[str, str]) -> _Tries:
        tries = self._tries.setdefault(key, _Tries())
        self._tries.move_to_end(key)
        return tries

    def _forget(self, now: float) -> None:
        while self._tries:
            key, tries = next(iter(self._tries.items()))
            if len(self._tries) <= _MOST and now - tries.last < FORGOTTEN:
                return
            del self._tries[key]


def _network(address: str) -> str:
    """Returns the address, or the network of one of IPv6, in which a single machine has as many addresses as it likes."""
    with suppress(ValueError):
        known = ipaddress.ip_address(address.partition("%")[0])
        if isinstance(known, ipaddress.IPv6Address):
            return str(known.ipv4_mapped or ipaddress.ip_network((known, 64), strict=False))
    return address
