"""So many requests of one person are answered at the same time; further ones wait, without anything that others need."""

from __future__ import annotations

import asyncio
from weakref import WeakValueDictionary

#: The most requests of one person, or of an address of strangers, that are at work at once; all views share 40 threads.
AT_ONCE = 12
#: The most streams of events of one person at once.
MOST_STREAMS = 60


class Turns:
    """The turns of everybody, of whom each has ``most`` at once. It is used in one event loop."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._of: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    def of(self, who: str) -> asyncio.Semaphore:
        """Returns what is to be held for as long as a request of ``who`` is at work."""
        turns = self._of.get(who)
        if turns is None:
            turns = self._of[who] = asyncio.Semaphore(self._most)
        return turns
