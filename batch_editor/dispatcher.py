"""Sends the pending edits of a run: retries, order within a clue, pauses, and when to halt.

``Dispatcher`` runs the senders. Each takes an edit that nobody else may overtake, sends it until there is an outcome, and
waits for that to be on disk before it takes the next one. What a reply means, how one request is made, what the permitted
rate is and where outcomes are kept is left to verdicts, client, pace and journal.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import tenacity

from .config import Rate, Settings
from .errors import BatchEditorError, Halted, TokenRefused
from .journal import Journal, now
from .pace import Pace
from .records import Edit, Event, Message, Notice, Outcome, Reply, Sending, Sent, Status
from .tokens import Grant, Tokens
from .verdicts import Verdict, code_of, may_have_been_applied, refusal_of, verdict

_log = logging.getLogger(__name__)
#: How many pending edits are held in memory, to find some whose clue is free.
WINDOW = 256
#: How often the waiting thread looks up, in seconds: for signals (which Windows delivers only then) and to tell its progress.
LOOK_UP = 0.1
#: The shortest pause of a whole run, in seconds: with a Retry-After of 0 each time its patience would never end.
SHORTEST_PAUSE = 1.0


class Stop:
    """How a run is asked to stop: once to finish what is in flight, twice to leave it."""

    def __init__(self) -> None:
        self.soft = threading.Event()
        self.hard = threading.Event()

    def ask(self) -> None:
        """Stop after what is in flight; asked again, at once. May be called by a signal handler."""
        if self.soft.is_set():
            self.hard.set()
        self.soft.set()


class _Interrupted(Exception):
    """Control flow within one sender: the run is stopping, and this edit will not be tried again."""


@dataclass(slots=True)
class _Effort:
    """What has been tried for one edit so far."""

    edit: Edit
    maybe_applied: bool
    requests: int = 0
    renewals: int = 0
    paused: float = 0.0
    reached: bool = False
    last: Reply = field(default_factory=lambda: Reply(Sent.NO))


class Dispatcher:
    """Sends what is pending in ``run``. ``send`` is called once; ``on_event`` is called in the thread that called it.

    ``edit`` makes one request and returns its ``Reply``. ``notices`` are told as events, whoever adds them. ``clock`` gives
    seconds, ``wait`` waits on an event for so many seconds, ``jitter`` draws from an interval.
    """

    def __init__(
        self,
        *,
        journal: Journal,
        run: str,
        edit: Callable[[Edit], Reply],
        tokens: Tokens,
        pace: Pace,
        settings: Settings,
        stop: Stop,
        notices: deque[Message],
        on_event: Callable[[Event], None],
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[threading.Event, float], bool] = threading.Event.wait,
        jitter: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._journal, self._run = journal, run
        self._edit, self._tokens, self._pace = edit, tokens, pace
        self._settings, self._stop, self._on_event = settings, stop, on_event
        self._clock, self._wait, self._jitter = clock, wait, jitter
        self._changed = threading.Condition()
        self._window: deque[Edit] = deque()
        self._after = 0
        self._left = 0  # how many edits are still to be read from the journal
        self._busy: set[int] = set()
        self._held: set[int] = set()
        self._halted: Message | None = None
        self._crash: BaseException | None = None
        self._stop_told = False
        self._notices = notices
        self._counts: Counter[str] = Counter()
        self._abandoned = 0
        self._writing = 0  # how many senders are writing something down
        self._given_up = False  # what is in flight: senders write nothing more
        self._failures = 0
        self._rejections = 0
        self._rejection_code = ""
        self._pauses = 0
        self._paused = 0.0
        self._pause_began = self._pause_ends = float("-inf")

    @property
    def done(self) -> int:
        """How many edits have an outcome."""
        return self._counts.total() + self._abandoned

    def send(self, total: int) -> Message | None:
        """Send the first ``total`` edits to be sent and return why the run halted, or None if nothing stopped it.

        Afterwards every edit that was begun has an outcome or is pending again; after a second ``Stop.ask`` those in flight
        are ``failed``, since they may have been applied.
        """
        self._left = total
        count = min(self._settings.rate.concurrency, max(total, 1))
        senders: list[threading.Thread] = []
        try:
            for number in range(count):
                sender = threading.Thread(target=self._sender, name=f"sender-{number}", daemon=True)
                sender.start()
                senders.append(sender)
            while not self._stop.hard.is_set() and (alive := [sender for sender in senders if sender.is_alive()]):
                alive[0].join(LOOK_UP)
                self._notice_stop()
                self._tell(total)
        except BaseException:  # Ctrl-C without a handler, or a callback's own error: finish what is in flight, then tell
            self._stop.soft.set()
            for sender in senders:
                sender.join()
            raise
        self._tell(total)
        if self._crash is not None:
            raise self._crash
        if self._stop.hard.is_set():
            for sender in senders:  # those that have nothing on its way end at once, and say so
                sender.join(LOOK_UP)
            with self._changed:
                self._given_up = True
                while self._writing:
                    self._changed.wait()
            self._abandoned = self._journal.abandon(self._run, Message("failed.abandoned"))
        if self._halted is None and self._stop.soft.is_set():
            self._halted = Message("halt.asked")
        return self._halted

    # --- one sender

    def _sender(self) -> None:
        try:
            self._send_all()
        except BatchEditorError as error:
            self._halt(error.message)
        except BaseException as error:  # noqa: BLE001  # raised again by the thread that waits
            self._crash = error
            self._stop.soft.set()
        finally:
            with self._changed:
                self._changed.notify_all()

    def _send_all(self) -> None:
        done: tuple[Edit, Outcome] | None = None
        while True:
            following = self._take(done)
            if done is None and following is None:
                return
            with self._writes() as may:
                if not may:
                    return
                self._journal.advance(self._run, done[1] if done else None, following.row if following else None)
                if done:
                    self._settle(*done, following)
            done = None
            if following is not None:
                effort = _Effort(following, following.unsure)
                outcome = self._bring_about(effort)
                if outcome is not None:
                    done = following, outcome
                    continue
                with self._writes() as may:
                    if not may:
                        return
                    self._journal.release(self._run, following.row, effort.requests)
                self._let_go(following.clue_id)

    @contextmanager
    def _writes(self) -> Iterator[bool]:
        """Whether a sender may write something down: not once what is in flight was given up, since whoever waited has
        written down that nobody knows how it ended."""
        with self._changed:
            may = not self._given_up
            self._writing += may
        try:
            yield may
        finally:
            with self._changed:
                self._writing -= may
                if self._given_up:
                    self._changed.notify_all()

    def _take(self, done: tuple[Edit, Outcome] | None) -> Edit | None:
        """The next edit that may be sent now, its clue marked busy; None if there is none.

        With nothing ``done`` it waits for clues to become free, and None means that nothing is left. A sender with an
        outcome to write down does not wait, since others may be waiting for that.
        """
        own = done[0].clue_id if done and done[1].status is not Status.FAILED else None
        with self._changed:
            while not self._stop.soft.is_set():
                self._refill()
                for place, edit in enumerate(self._window):
                    if edit.clue_id == own or edit.clue_id not in self._busy:
                        del self._window[place]
                        self._busy.add(edit.clue_id)
                        return edit
                if done or not self._window:
                    return None
                self._changed.wait()
            return None

    def _refill(self) -> None:
        while len(self._window) < WINDOW // 2 and self._left > 0:
            ambiguous = self._settings.retry.ambiguous
            found = self._journal.pending(self._run, self._after, min(WINDOW, self._left), ambiguous=ambiguous)
            self._left = self._left - len(found) if found else 0
            self._after = found[-1].row if found else self._after
            self._window.extend(edit for edit in found if edit.clue_id not in self._held)

    def _settle(self, done: Edit, outcome: Outcome, following: Edit | None) -> None:
        """The outcome is on disk: let the clue go, or hold its later rows back, and see whether it is one too many."""
        if outcome.status is Status.FAILED:
            with self._changed:
                self._held.add(done.clue_id)
                self._window = deque(edit for edit in self._window if edit.clue_id != done.clue_id)
        if following is None or following.clue_id != done.clue_id:
            self._let_go(done.clue_id)
        self._count(outcome)

    def _count(self, outcome: Outcome) -> None:
        with self._changed:
            self._counts[outcome.status] += 1
            self._failures = self._failures + 1 if outcome.status is Status.FAILED else 0
            if outcome.status is not Status.REJECTED:
                self._rejections = 0
            elif outcome.code == self._rejection_code and self._rejections:
                self._rejections += 1
            else:
                self._rejections, self._rejection_code = 1, outcome.code
            failures, rejections = self._failures, self._rejections
        halt = self._settings.halt
        if halt.after_failures is not None and failures >= halt.after_failures:
            self._halt(
                Message("halt.failures", {"rows": failures, "last": outcome.message or Message("verbatim", {"text": ""})})
            )
        if halt.after_rejections is not None and rejections >= halt.after_rejections:
            values = {"rows": rejections, "code": outcome.code, "last": outcome.message or Message("verbatim", {"text": ""})}
            self._halt(Message("halt.rejections", values))

    def _let_go(self, clue: int) -> None:
        with self._changed:
            self._busy.discard(clue)
            self._changed.notify_all()

    # --- one edit

    def _bring_about(self, effort: _Effort) -> Outcome | None:
        """Try an edit until there is an outcome; None if the run stopped before it can have been applied."""
        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self._settings.retry.attempts),
            wait=lambda state: _backoff(self._settings, effort.last.retry_after, state.attempt_number, self._jitter),
            retry=tenacity.retry_if_result(lambda found: found is Verdict.AGAIN and self._may_repeat(effort)),
            retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
            sleep=self._sleep,
        )
        try:
            found = retrying(self._attempt, effort)
        except (BatchEditorError, _Interrupted) as error:
            if isinstance(error, BatchEditorError):
                self._halt(error.message)
            return self._outcome(effort, Status.FAILED, Message("failed.stopped")) if effort.maybe_applied else None
        if found is Verdict.UPDATED:
            return self._outcome(effort, Status.UPDATED, None)
        if found is Verdict.PAUSE and not effort.maybe_applied:
            return self._outcome(effort, Status.FAILED, Message("failed.too_fast", {"seconds": round(effort.paused)}))
        if found in (Verdict.AGAIN, Verdict.PAUSE):
            reason = effort.last.trouble or Message("failed.answer", {"code": code_of(effort.last), "msg": effort.last.msg})
            key = "failed.maybe" if effort.maybe_applied else "failed.not_taken" if effort.reached else "failed.never"
            return self._outcome(effort, Status.FAILED, Message(key, {"reason": reason, "requests": effort.requests}))
        refusal = refusal_of(effort.last)
        said = Message("rejected.after_lost", {"refusal": refusal}) if effort.maybe_applied else refusal
        return self._outcome(effort, Status.REJECTED, said)

    def _attempt(self, effort: _Effort) -> Verdict:
        """One attempt: as many requests as pauses and renewed tokens make necessary. Raises ``_Interrupted``, ``Halted``."""
        while True:
            self._tokens.current()  # before the permit: a token may take long to come, and a permit must be used at once
            if not self._pace.acquire(self._stop.soft):
                raise _Interrupted
            began = self._clock()
            reply = effort.last = self._edit(effort.edit)
            effort.requests += 1
            effort.reached = effort.reached or reply.sent is not Sent.NO
            found = verdict(reply, self._settings.api)
            values = (effort.edit.row, effort.requests, code_of(reply), reply.msg, found.value)
            _log.debug("row %d, request %d: %s %s → %s", *values)
            if found in (Verdict.UPDATED, Verdict.REJECTED):
                self._tokens.worked(reply.token)
                self._went_through()
                return found
            if found is Verdict.AGAIN:
                effort.maybe_applied = effort.maybe_applied or may_have_been_applied(reply)
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

    def _may_repeat(self, effort: _Effort) -> bool:
        return self._settings.retry.ambiguous or not effort.maybe_applied

    def _sleep(self, seconds: float) -> None:
        if self._wait(self._stop.soft, seconds) or self._stop.soft.is_set():
            raise _Interrupted

    # --- pauses of the whole run

    def _pause_run(self, reply: Reply, effort: _Effort, began: float) -> bool:
        """Hold every sender back because the CRM said "too fast"; False if this edit has waited long enough by itself.

        Answers to requests that were under way when a pause began belong to that pause, and can only make it longer.
        Raises ``Halted`` once ``rate.patience`` has been spent without one edit getting through, or would be.
        """
        rate, asked = self._settings.rate, reply.retry_after
        with self._changed:
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
        with self._changed:
            self._pauses, self._paused = 0, 0.0

    # --- the end

    def _halt(self, reason: Message) -> None:
        with self._changed:
            if self._halted is None:
                self._halted = reason
            self._stop.soft.set()
            self._changed.notify_all()

    def _outcome(self, effort: _Effort, status: Status, message: Message | None) -> Outcome:
        if status is Status.UPDATED and effort.last.msg:
            message = Message("verbatim", {"text": effort.last.msg})
        unsure = status is not Status.UPDATED and effort.maybe_applied
        return Outcome(effort.edit.row, status, code_of(effort.last), message, effort.requests, now(), unsure)

    def _notice_stop(self) -> None:
        halted = self._halted is not None and self._halted.key != "halt.asked"  # a sender may have found that it was asked
        asked = self._stop.soft.is_set() and not halted and self._crash is None
        if asked and not self._stop_told:
            self._stop_told = True
            self._notices.append(Message("notice.stopping"))

    def _tell(self, total: int) -> None:
        while self._notices:
            self._on_event(Notice(self._notices.popleft()))
        counts = dict(self._counts)
        self._on_event(Sending(sum(counts.values()), total, counts))


def _backoff(settings: Settings, asked: float | None, attempt: int, jitter: Callable[[float, float], float]) -> float:
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

    def backoff(state: tenacity.RetryCallState) -> float:
        found = state.outcome.result() if state.outcome else None
        asked = found.retry_after if isinstance(found, Reply) else None
        return _backoff(settings, asked, state.attempt_number, jitter)

    def sleep(seconds: float) -> None:
        if wait(stop.soft, seconds) or stop.soft.is_set():
            raise Halted("halt.asked")

    def again(found: Grant | Reply) -> bool:
        return isinstance(found, Reply) and verdict(found, settings.api) is Verdict.AGAIN

    def fetch() -> Grant:
        found = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(settings.retry.attempts),
            wait=backoff,
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
