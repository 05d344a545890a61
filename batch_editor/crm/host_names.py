"""Waits for the name of a host to be looked up, but no longer than it may take, and not once the run is to stop.

The system's own look-up can be neither interrupted nor given a time. So it is done by a thread of its own, which is left behind
where it never ends; whatever comes of it, the connection is then made by the name.
"""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress

from ..errors import StopAsked

#: Seconds between two looks at whether the run is to stop.
LOOK_EVERY = 0.05

_lock = threading.Lock()
_under_way: dict[tuple[str, int], threading.Event] = {}


def wait_for_name(host: str, port: int, seconds: float, stop: threading.Event) -> bool:
    """Returns whether the look-up of ``host`` has ended within so many ``seconds``, well or badly. Raises ``StopAsked``.

    All who wait for one name wait for the same look-up, so that one that hangs is not joined by others.
    """
    with _lock:
        done = _under_way.get((host, port))
        if done is None:
            done = _under_way[host, port] = threading.Event()
            threading.Thread(target=_look_up, args=(host, port, done), name="host-name", daemon=True).start()
    until = time.monotonic() + seconds
    while not done.wait(LOOK_EVERY):
        if stop.is_set():
            raise StopAsked("halt.asked")
        if time.monotonic() >= until:
            return False
    return True


def _look_up(host: str, port: int, done: threading.Event) -> None:
    with suppress(OSError, UnicodeError):  # whoever connects by this name is told the same
        socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    with _lock:
        del _under_way[host, port]
    done.set()
