"""The access token of a tenant that the connections of one process have in common: it is asked for once for all of them.

The CRM keeps those out who ask for tokens often (guide: crm), and each shard of a run has a connection of its own. When one of
them renews its token is left to ``tokens``.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from .tokens import EARLY, Grant

#: Seconds between two looks whether somebody who waits for the token is to stop.
_LOOK_UP = 0.1


class Grants:
    """The token that was granted last, for any number of threads. ``clock`` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._latest: Grant | None = None
        self._asked = 0.0
        self._is_asking = False

    def get(self, ask: Callable[[], Grant], *, held: str | None, stop: threading.Event) -> Grant:
        """Returns the latest token, good for as long as it still is, unless it is about to end, or is the one that is ``held``
        and will not do; else ``ask`` gets another one, while the others wait for it until they are to ``stop``."""
        with self._changed:
            while self._is_asking and not stop.is_set():
                self._changed.wait(_LOOK_UP)
            if (grant := self._still_good(held)) is not None:
                return grant
            self._is_asking = True
        asked = self._clock()
        try:
            grant = ask()
            with self._changed:
                self._latest, self._asked = grant, asked
            return grant
        finally:
            with self._changed:
                self._is_asking = False
                self._changed.notify_all()

    def _still_good(self, held: str | None) -> Grant | None:
        latest = self._latest
        if latest is None or latest.value == held:
            return None
        passed = self._clock() - self._asked
        is_due = passed >= max(latest.expires_in - EARLY, latest.expires_in / 2)
        return None if is_due else Grant(latest.value, latest.expires_in - passed)
