"""Waits while no request gets through to the CRM at all: one sender asks now and then, and all others wait for it (guide: crm).

Which answers mean that a request did not get through is decided in ``verdicts``, and by which request it is found out whether
the CRM can be reached again in ``retries``.
"""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Callable

from ..errors import CrmDown
from ..messages.time import spoken
from ..model import Message
from ..states import WaitReason
from .waits import Waits

#: What keeps requests from the CRM although they may never have had a way to it.
_WRONG_ADDRESS = "net.name"
#: A patience of fewer seconds is used up: so little may be no time at all to a clock.
_MOMENT = 0.001
#: What is told while nothing is known yet.
_UNKNOWN = Message("net.connect")


class Outage:
    """Whether anything gets through to the CRM, for all senders of a run.

    ``patience`` is for how many seconds it is waited that something gets through, counted from the first request since which
    nothing has. ``wait_or_halt`` waits for so many seconds and raises ``Halted`` if the run is to stop; ``backoff`` gives the
    seconds between two probes by how many were made. ``notices`` get what a person who watches wants to know, and ``waits``
    what is waited for. Its methods may be called by any thread.
    """

    def __init__(
        self,
        *,
        patience: float,
        clock: Callable[[], float],
        wait_or_halt: Callable[[float], None],
        backoff: Callable[[int], float],
        notices: deque[Message],
        waits: Waits,
    ) -> None:
        #: How many requests have got through.
        self.throughs = 0
        #: Whether everything waits.
        self.is_on = False
        #: How many times everything has waited until something got through.
        self.ended = 0
        self._patience = patience
        self._clock = clock
        self._wait_or_halt = wait_or_halt
        self._backoff = backoff
        self._notices = notices
        self._waits = waits
        self._changed = threading.Condition()
        self._is_probed = False
        self._last_through = self._began = self._missed = -math.inf
        self._trouble = _UNKNOWN
        self._asked = 0.0  # of the last request that did not get through

    def got_through(self) -> None:
        """Takes notice that a request was answered, with whatever."""
        self.throughs += 1
        self._last_through = self._clock()
        if self.is_on:
            with self._changed:
                if self.is_on:
                    self.is_on = False
                    self.ended += 1
                    self._notices.append(Message("notice.crm_back"))

    def missed(self, began: float, trouble: Message, retry_after: float | None) -> None:
        """Takes notice that a request that was made at ``began`` did not get through, and that none is to be made for so many
        seconds."""
        self._trouble = trouble
        self._asked = retry_after or 0.0
        self._missed = self._clock()
        if self._began <= self._last_through:
            self._began = max(began, self._last_through)

    def take_up(self, seconds: float) -> None:
        """Takes over, before any request is made, that nothing got through for so many ``seconds``: all senders wait until a
        probe does, and that time counts for the patience."""
        self._began = self._missed = self._clock() - seconds
        self.is_on = True

    def suspect(self) -> None:
        """Makes all senders wait if nothing has got through since the last request that did not."""
        self._declare(self._patience_left())

    @property
    def lasts(self) -> float:
        """For how many seconds nothing has got through, as far as that was tried; 0 if the last request did, or if somebody at
        the other end has asked it to come back later."""
        if self._began <= self._last_through or self._asked:
            return 0.0
        return (self._clock() if self.is_on else self._missed) - self._began

    @property
    def is_too_long(self) -> bool:
        """Whether the patience is used up."""
        return self._patience_left() < 0

    def halt(self) -> CrmDown:
        """Returns why the run stops where nothing gets through."""
        is_known = self.throughs or self._trouble.key != _WRONG_ADDRESS
        waited = spoken(self._patience - max(0.0, self._patience_left()))
        return CrmDown("halt.crm_down" if is_known else "halt.crm_unknown", time=waited, last=self._trouble)

    def outlast(self, throughs: int, probe: Callable[[int], bool], *, alone: bool = False) -> None:
        """Waits until more requests have got through than were ``throughs``.

        Where nobody else does it already, ``probe`` makes a request, whose number it is given, and returns whether that got
        through. Who is ``alone`` does not wait for others. Raises ``CrmDown`` when the patience is used up, and ``Halted`` if
        the run is to stop.
        """
        if alone:
            self._find_out(probe)
            return
        with self._changed:
            while self._is_probed:
                with self._waits.of(WaitReason.CRM_DOWN, self._patience_left(), self._trouble):
                    self._changed.wait()
            if self.throughs != throughs:
                return
            self._is_probed = True
        try:
            self._find_out(probe)
        finally:
            with self._changed:
                self._is_probed = False
                self._changed.notify_all()

    def _find_out(self, probe: Callable[[int], bool]) -> None:
        number = 0
        if not self.is_on:
            number = 1
            if probe(number):
                return
        with self._waits.of(WaitReason.CRM_DOWN, self._patience_left(), self._trouble):
            while True:
                patience_left = self._patience_left()
                if patience_left < _MOMENT or self._asked > patience_left:
                    raise self.halt()
                self._declare(patience_left)
                self._wait_or_halt(min(max(self._backoff(number + 1), self._asked), patience_left))
                number += 1
                if probe(number):
                    return

    def _declare(self, patience_left: float) -> None:
        with self._changed:
            if not self.is_on and self._began > self._last_through:
                self.is_on = True
                self._notices.append(Message("notice.crm_down", {"last": self._trouble, "time": spoken(patience_left)}))

    def _patience_left(self) -> float:
        return self._patience - (self._clock() - self._began if self._began > self._last_through else 0.0)
