"""A pace with a record of its own, in a time that a test holds in its hands."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from batch_editor.crm.pace import Pace, open_record
from batch_editor.settings.limits import Limit


def new_pace(
    limits: Sequence[Limit] = (),
    *,
    file: Path | None = None,
    on_wait: Callable[[float], None] | None = None,
    on_loss: Callable[[float], None] | None = None,
    earlier_requests: Callable[[float], Sequence[tuple[float, int]]] | None = None,
    clock: Callable[[], float] = time.monotonic,
    wall_clock: Callable[[], float] = time.time,
    wait: Callable[[threading.Event, float], bool] = threading.Event.wait,
    kind: type[Pace] = Pace,
) -> Pace:
    """Returns a pace of these limits; its record is in ``file``, or in memory if there is none."""
    record = open_record(limits, file, clock=clock, wall_clock=wall_clock)
    reports = {"on_wait": on_wait, "on_loss": on_loss}
    return kind(limits, record=record, earlier_requests=earlier_requests, clock=clock, wait=wait, **reports)
