"""Lets a Python process live at another time, and faster: Python imports this module by itself where its folder is on the path.

``support/nights.py`` says by three variables when the night begins, which moment of the real clock that is, and how many
seconds pass there in a real one. Every clock of the process follows, and every wait is shorter by as much.
"""

from __future__ import annotations

import datetime
import os
import threading
import time

import time_machine

_TICK = 0.005
_real_clock, _real_sleep, _real_wait = time.clock_gettime, time.sleep, threading.Condition.wait
_begins, _anchor, _speed = (float(os.environ[f"TEST_NIGHT_{name}"]) for name in ("BEGINS", "ANCHOR", "SPEED"))


def _now(*_: object) -> float:
    return _begins + (_real_clock(time.CLOCK_BOOTTIME) - _anchor) * _speed


def _moment() -> datetime.datetime:
    return datetime.datetime.fromtimestamp(_now(), datetime.UTC)


def _move(traveller: time_machine.Traveller) -> None:
    while True:
        traveller.move_to(_moment())
        _real_sleep(_TICK)


def _wait(condition: threading.Condition, timeout: float | None = None) -> bool:
    return _real_wait(condition, None if timeout is None else timeout / _speed)


threading.Thread(target=_move, args=(time_machine.travel(_moment(), tick=True).start(),), daemon=True).start()
time.monotonic = time.perf_counter = time.clock_gettime = _now  # type: ignore[assignment]  # with or without the name of a clock
time.sleep = lambda seconds: _real_sleep(seconds / _speed)  # type: ignore[assignment]
threading.Condition.wait = _wait  # type: ignore[method-assign]
