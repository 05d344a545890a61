"""Tries one request until the CRM has given a usable answer, or there will be none (DESIGN §5).

Waits between attempts, pauses of the whole run, and renewed tokens: what is common to an edit, the reading of a clue and the
call for a token. Which request is made when, and what its outcome means for a row, is the dispatcher's business.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import tenacity

from ..errors import Halted, TokenRefused
from ..model import Message, Reply, Sent
from ..settings.settings import Rate, Settings
from ..stop import Stop
from .pace import Pace
from .tokens import Grant, Tokens
from .verdicts import Verdict, code_of, may_have_been_applied, verdict

_log = logging.getLogger(__name__)
#: The shortest pause of a whole run, in seconds: with a Retry-After of 0 each time its patience would never end.
SHORTEST_PAUSE = 1.0


class Interrupted(Exception):
    """Control flow within one sender: the run is stopping, and this request will not be tried again."""


@dataclass(slots=True)
class Effort:
    """What has been tried for one row so far; ``reading`` says that nothing can have been applied by it."""

    row: int
    reading: bool = False
    maybe_applied: bool = False
    requests: int = 0
    renewals: int = 0
    paused: float = 0.0
    reached: bool = False
    last: Reply = field(default_factory=lambda: Reply(Sent.NO))


class Retries:
    """Brings requests about, for any number of senders at a time, which share its pauses.

    ``notices`` get what a person who watches wants to know. ``clock`` gives seconds, ``wait`` waits on an event for so many
    seconds, ``jitter`` draws from an interval.
    """

    def __init__(
        self,
        *,
        tokens: Tokens,
        pace: Pace,
        settings: Settings,
        stop: Stop,
        notices: deque[Message],
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[threading.Event, float], bool] = threading.Event.wait,
        jitter: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._tokens, self._pace, self._settings, self._stop, self._notices = tokens, pace, settings, stop, notices
        self._clock, self._wait, self._jitter = clock, wait, jitter
        self._lock = threading.Lock()
        self._pauses = 0
        self._paused = 0.0
        self._pause_began = self._pause_ends = float("-inf")

    def bring_about(self, effort: Effort, send: Callable[[], Reply]) -> Verdict:
        """Call ``send`` until there is a verdict that stands, and write down in ``effort`` what it took.

        ``AGAIN`` and ``PAUSE`` mean that there was no usable answer after every attempt. Raises ``Interrupted`` if the run is
        to stop before there is one, and ``Halted`` or ``TokenRefused`` if it cannot go on at all.
        """
        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self._settings.retry.attempts),
            wait=lambda state: backoff(self._settings, effort.last.retry_after, state.attempt_number, self._jitter),
            retry=tenacity.retry_if_result(lambda found: found is Verdict.AGAIN and self._may_repeat(effort)),
            retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
            sleep=self.sleep,
        )
        found: Verdict = retrying(self._attempt, effort, send)
        return found

    def sleep(self, seconds: float) -> None:
        """Wait; raises ``Interrupted`` if the run is to stop."""
        if self._wait(self._stop.soft, seconds) or self._stop.soft.is_set():
            raise Interrupted

    def backoff(self, attempt: int) -> float:
        """Seconds to wait after so many attempts."""
        return backoff(self._settings, None, attempt, self._jitter)

    def _attempt(self, effort: Effort, send: Callable[[], Reply]) -> Verdict:
        """One attempt: as many requests as pauses and renewed tokens make necessary."""
        while True:
            self._tokens.current()  # before the permit: a token may take long to come, and a permit must be used at once
            if not self._pace.acquire(self._stop.soft):
                raise Interrupted
            began = self._clock()
            reply = effort.last = send()
            effort.requests += 1
            effort.reached = effort.reached or reply.sent is not Sent.NO
            found = verdict(reply, self._settings.api, reading=effort.reading)
            values = (effort.row, effort.requests, code_of(reply), reply.msg, found.value)
            _log.debug("row %d, request %d: %s %s → %s", *values)
            if found in (Verdict.DONE, Verdict.REJECTED):
                self._tokens.worked(reply.token)
                self._went_through()
                return found
            if found is Verdict.AGAIN:
                lost = not effort.reading and may_have_been_applied(reply)
                effort.maybe_applied = effort.maybe_applied or lost
                return found
            if found is Verdict.PAUSE:
                self._tokens.worked(reply.token)
                if not self._pause_run(reply, effort, began):
                    return found
            else:
                self._tokens.renew(reply.token)
                self._notices.append(Message("notice.token_renewed"))
                effort.renewals += 1
                if effort.renewals > self._settings.retry.attempts:
                    return Verdict.REJECTED  # its own refusal: other rows get through with the tokens that it is refused with

    def _may_repeat(self, effort: Effort) -> bool:
        return self._settings.retry.ambiguous or not effort.maybe_applied

    def _pause_run(self, reply: Reply, effort: Effort, began: float) -> bool:
        """Hold every sender back because the CRM said "too fast"; False if this request has waited long enough by itself.

        Answers to requests that were under way when a pause began belong to that pause, and can only make it longer.
        Raises ``Halted`` once ``rate.patience`` has been spent without one request getting through, or would be.
        """
        rate, asked = self._settings.rate, reply.retry_after
        with self._lock:
            now = self._clock()
            begins = began > self._pause_began  # equal where the clock is coarse
            seconds = _pause(rate, asked, self._pauses) if begins else asked or 0.0
            rest = max(0.0, self._pause_ends - now)
            more = seconds - rest
            if begins or more > 0:
                left = rate.patience - self._paused
                if left <= 0 or (asked is not None and more > left):
                    raise Halted("halt.patience", seconds=round(self._paused), asked=round(seconds))
                more = min(more, left)
                self._paused += more
                rest += more
                self._pause_ends = now + rest
                self._notices.append(Message("notice.pause", {"seconds": round(rest)}))
                if begins:
                    self._pauses += 1
                    self._pause_began = now
                    if share := self._pace.too_fast():
                        self._notices.append(Message("notice.slower", {"percent": round(100 * share)}))
            effort.paused += rest
        self._pace.hold(rest)
        return effort.paused <= rate.patience

    def _went_through(self) -> None:
        self._pace.went_well()
        with self._lock:
            self._pauses, self._paused = 0, 0.0


def backoff(settings: Settings, asked: float | None, attempt: int, jitter: Callable[[float, float], float]) -> float:
    """Seconds before the next attempt: what Retry-After has ``asked`` for (at most ``rate.patience``), else up to 2**n, drawn
    evenly ("full jitter")."""
    if asked is not None:
        return min(asked, settings.rate.patience)
    return jitter(0.0, min(2.0 ** min(attempt - 1, 30), settings.retry.max_wait))


def _pause(rate: Rate, asked: float | None, pauses: int) -> float:
    """Seconds of a new pause after so many ``pauses``: what Retry-After has ``asked`` for, else the doubling one."""
    return rate.pause * 2.0 ** min(pauses, 30) if asked is None else max(asked, SHORTEST_PAUSE)


def punctual(pace: Pace, stop: Stop) -> Callable[[], None]:
    """What a client calls before the first byte of a request: it waits for another permit if the one at hand has become too
    old while a connection was made. Raises ``Halted`` if the run is to stop, and the request must not be sent."""

    def begins() -> None:
        if not pace.confirm(stop.soft):
            raise Halted("halt.asked")

    return begins


def token_fetcher(
    ask: Callable[[], Grant | Reply],
    pace: Pace,
    settings: Settings,
    stop: Stop,
    notices: deque[Message],
    *,
    wait: Callable[[threading.Event, float], bool] = threading.Event.wait,
    jitter: Callable[[float, float], float] = random.uniform,
) -> Callable[[], Grant]:
    """A way to get an access token that tries as an edit does: with the permitted rate, backing off, pausing the run when the
    CRM says "too fast" (platform-facts §1: frequent token calls are blocked), and giving up.

    ``ask`` makes one token call; pauses are told in ``notices``. What is returned raises ``TokenRefused`` when the CRM says
    no, or does not answer ``retry.attempts`` times, and ``Halted`` after ``rate.patience`` of pauses.
    """

    def once() -> Grant | Reply:
        paused, pauses = 0.0, 0
        while True:
            if not pace.acquire(stop.soft):
                raise Halted("halt.asked")
            found = ask()
            if isinstance(found, Grant) or verdict(found, settings.api) is not Verdict.PAUSE:
                return found
            asked, left = found.retry_after, settings.rate.patience - paused
            seconds = _pause(settings.rate, asked, pauses)
            if left <= 0 or (asked is not None and seconds > left):
                raise Halted("halt.patience", seconds=round(paused), asked=round(seconds))
            seconds = min(seconds, left)
            paused, pauses = paused + seconds, pauses + 1
            notices.append(Message("notice.pause", {"seconds": round(seconds)}))
            pace.hold(seconds)

    def wait_for(state: tenacity.RetryCallState) -> float:
        found = state.outcome.result() if state.outcome else None
        asked = found.retry_after if isinstance(found, Reply) else None
        return backoff(settings, asked, state.attempt_number, jitter)

    def sleep(seconds: float) -> None:
        if wait(stop.soft, seconds) or stop.soft.is_set():
            raise Halted("halt.asked")

    def again(found: Grant | Reply) -> bool:
        return isinstance(found, Reply) and verdict(found, settings.api) is Verdict.AGAIN

    def fetch() -> Grant:
        found = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(settings.retry.attempts),
            wait=wait_for,
            retry=tenacity.retry_if_result(again),
            retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
            sleep=sleep,
        )(once)
        if isinstance(found, Grant):
            return found
        if found.trouble is not None:
            raise TokenRefused("token.unobtainable", reason=found.trouble)
        raise TokenRefused("token.denied", code=code_of(found), msg=found.msg)

    return fetch
