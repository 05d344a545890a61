"""Asks the CRM one thing until it has given a usable answer, or there will be none (guide: crm).

An edit, the reading of a clue, a page of pools and a token all go through here: the wait for a permit, the pauses of the whole
run, renewed tokens, and the waits between attempts. What was tried is handed on as an ``Attempted``; which request is made
when, and what its verdict means for a row, is left to the dispatcher.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import tenacity

from ..errors import BatchEditorError, Halted, OutOfPatience, StopAsked, TokenRefused, stopped
from ..model import Edit, Message, Reply, Sent
from ..settings.sections import Api
from ..settings.settings import Settings
from ..states import WaitReason
from ..stop import Stop
from .attempts import Attempted, Interrupted, Question
from .outage import Outage
from .pace import Pace
from .pauses import Pauses
from .shared_pace import SharedPace
from .tokens import Grant, Tokens
from .verdicts import (
    Verdict,
    code_of,
    edit_verdict,
    halting,
    is_unconfirmed,
    is_unreachable,
    maybe_applied,
    read_verdict,
    token_refusal,
    trouble_of,
)
from .waits import Waits

_log = logging.getLogger(__name__)
#: Each request as an event with its fields, for programs that follow a run.
_events = logging.getLogger("batch_editor.events")
#: The least share of a wait between attempts that is drawn. Senders need no more of a spread: they wait for permits as well.
LEAST_WAIT = 0.75
#: The longest wait between two requests by which it is found out whether the CRM can be reached again, in seconds; whatever
#: the settings say of single requests, it is not to be asked by many while it cannot answer.
LONGEST_BETWEEN_PROBES = 60.0


class Retries:
    """Asks the CRM, for any number of senders at a time, which share its pauses.

    ``read_clue`` and ``list_pools`` make one request each, for a clue by its id and for a page of pools: so it is found out
    whether the CRM can be reached where a request does not get through. Without them such a request has failed by itself.
    ``notices`` get what a person who watches wants to know, ``waits`` what the senders wait for. ``clock`` gives seconds,
    ``wait`` waits on an event for so many seconds, ``jitter`` draws from an interval.
    """

    def __init__(
        self,
        *,
        tokens: Tokens,
        pace: Pace | SharedPace,
        settings: Settings,
        stop: Stop,
        notices: deque[Message],
        read_clue: Callable[[int], Reply] | None = None,
        list_pools: Callable[[int], Reply] | None = None,
        waits: Waits | None = None,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[threading.Event, float], bool] = threading.Event.wait,
        jitter: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._tokens, self._pace, self._settings, self._stop, self._notices = tokens, pace, settings, stop, notices
        #: What the senders wait for.
        self.waits = waits or Waits()
        self._clock, self._wait, self._jitter = clock, wait, jitter
        self._read_clue = read_clue
        self._pools = (partial(list_pools, 1),) if list_pools else ()
        outage = partial(
            Outage,
            patience=settings.rate.patience,
            clock=clock,
            wait_or_halt=self._wait_or_halt,
            backoff=self._between_probes,
            notices=notices,
            waits=self.waits,
        )
        #: Whether anything gets through to the CRM.
        self.outage = outage()
        self._outage_of_edits = outage()  # where other requests get through
        self._pauses = Pauses(settings.rate, pace, notices, clock)

    # --- one thing asked; each of these raises Interrupted if the run is to stop, or cannot go on, before there is a verdict

    def send_edit(self, edit: Edit, request: Callable[[Edit], Reply]) -> Attempted:
        """Asks for ``edit`` to be carried out; ``request`` makes one request of it."""
        attempted = Attempted(maybe_applied=edit.maybe_applied)
        probes = (*self._pools, partial(self._read_clue, edit.clue_id)) if self._read_clue else ()
        send = partial(request, edit)
        place = (edit.row, edit.clue_id)
        return self._ask(Question(f"row {edit.row}", send, edit_verdict, attempted, *place, is_edit=True, probes=probes))

    def read_clue(self, edit: Edit, request: Callable[[int], Reply]) -> Attempted:
        """Asks for the live record of the clue of ``edit``; ``request`` makes one request for a clue by its id."""
        send = partial(request, edit.clue_id)
        place = (edit.row, edit.clue_id)
        return self._ask(Question(f"row {edit.row}", send, read_verdict, Attempted(), *place, probes=self._pools))

    def show_clue(self, clue_id: int, request: Callable[[int], Reply]) -> Attempted:
        """Asks for the live record of a clue for somebody who wants to see it, and waits for nothing longer than its attempts
        take; ``request`` as for ``read_clue``."""
        send = partial(request, clue_id)
        return self._ask(Question(f"clue {clue_id}", send, read_verdict, Attempted(), clue=clue_id, is_patient=False))

    def read_pools(self, page: int, request: Callable[[int], Reply]) -> Attempted:
        """Asks for one page of the list of pools; ``request`` makes one request for a page."""
        return self._ask(Question(f"pools, page {page}", partial(request, page), read_verdict, Attempted()))

    def fetch_token(self, request: Callable[[], Grant | Reply]) -> Grant:
        """Asks for an access token; ``request`` makes one token call. To be called by the ``Tokens`` that the others use.

        Raises ``TokenRefused`` when the CRM says no, or gives no usable answer ``retry.attempts`` times, and ``Halted`` if the
        run is to stop, or after ``rate.patience`` of pauses (frequent token calls are blocked, guide: crm) or without reaching
        the CRM. While the token that is there still holds, it does not wait to reach it.
        """
        grants = list[Grant]()

        def send() -> Reply:
            answer = request()
            if isinstance(answer, Reply):
                return answer
            grants.append(answer)
            return Reply(Sent.YES, status=200, code=0)

        def judge(reply: Reply, api: Api) -> Verdict:
            return Verdict.DONE if grants else edit_verdict(reply, api)

        is_patient = self._knows_outages and not self._tokens.still_holds
        question = Question("token", send, judge, Attempted(), needs_token=False, is_patient=is_patient)
        self._try(question)
        if grants:
            return grants[0]
        reply = question.attempted.reply
        if question.attempted.verdict is Verdict.PAUSE:
            seconds = self._pauses.next_seconds(reply.retry_after)
            raise OutOfPatience("halt.patience", seconds=round(question.attempted.paused), asked=round(seconds))
        if reply.trouble is not None:
            raise TokenRefused("token.unobtainable", reason=trouble_of(reply))
        refusal = token_refusal(reply)
        raise TokenRefused(refusal.key, **refusal.values)

    def suspect_outage(self) -> None:
        """Takes notice that one edit after the other got no answer of the CRM, though other requests do: edits wait until one
        of them gets through."""
        self._outage_of_edits.suspect()

    # --- waits

    def sleep(self, seconds: float, reason: WaitReason, about: Message | None = None) -> None:
        """Waits for a ``reason``; raises ``Halted`` if the run is to stop."""
        with self.waits.of(reason, seconds, about):
            self._wait_or_halt(seconds)

    def _wait_or_halt(self, seconds: float) -> None:
        if self._wait(self._stop.soft, seconds) or self._stop.soft.is_set():
            raise stopped(self._stop)

    def backoff(self, attempt: int, asked: float | None = None) -> float:
        """Returns the seconds to wait after so many attempts: what Retry-After has ``asked`` for (at most ``rate.patience``),
        else up to 2**n, drawn evenly, but never so little that a short outage would use up all attempts."""
        if asked is not None:
            return min(asked, self._settings.rate.patience)
        most = min(2.0 ** min(attempt - 1, 30), self._settings.retry.max_wait)
        return self._jitter(LEAST_WAIT * most, most)

    def _between_probes(self, number: int) -> float:
        most = min(2.0 ** min(number - 1, 30), LONGEST_BETWEEN_PROBES)
        return self._jitter(LEAST_WAIT * most, most)

    # --- how it is asked

    def _ask(self, question: Question) -> Attempted:
        try:
            self._try(question)
        except StopAsked as error:  # whoever has seen that it is to stop may not know why
            raise Interrupted(question.attempted, stopped(self._stop)) from error
        except BatchEditorError as error:
            raise Interrupted(question.attempted, error) from error
        return question.attempted

    @property
    def _knows_outages(self) -> bool:
        return self._read_clue is not None

    def _try(self, question: Question) -> None:
        """Makes attempts until there is a verdict that stands, or no more are allowed; ``question`` keeps what it took.

        What does not get through while nothing else does either is asked anew once something does.
        """
        for rounds_to_come in range(self._settings.retry.attempts, -1, -1):
            throughs = self.outage.throughs
            ended = self.outage.ended
            self._use_attempts(question)
            if not rounds_to_come or not self._is_lost(question):
                return
            if not question.is_patient:
                raise self.outage.halt()
            if self.outage.throughs == throughs or not question.needs_token:
                self._outlast(question, throughs)
            has_failed_by_itself = self.outage.ended == ended and question.probed is None
            if has_failed_by_itself or not self._may_repeat(question):
                return

    def _may_repeat(self, question: Question) -> bool:
        return self._settings.retry.ambiguous or not question.attempted.maybe_applied

    def _is_lost(self, question: Question) -> bool:
        attempted = question.attempted
        return self._knows_outages and attempted.verdict is Verdict.AGAIN and is_unreachable(attempted.reply)

    def _outlast(self, question: Question, throughs: int) -> None:
        is_alone = not question.needs_token  # those who wait for the token must not be waited for
        self.outage.outlast(throughs, partial(self._probe, question), alone=is_alone)

    def _probe(self, question: Question, number: int) -> bool:
        """Makes one request to find out whether the CRM can be reached, and returns whether that got through. An edit is not
        sent for that; and where one clue alone gets no answer, the pools do."""
        turn = (number - 1) % (len(question.probes) + (not question.is_edit))
        if turn == len(question.probes):
            return self._probe_itself(question, number)
        probe = Question("probe", question.probes[turn], read_verdict, Attempted())
        self._request(probe)
        if no_way := halting(probe.attempted.reply):
            raise Halted(no_way.key, **no_way.values)
        return not self._is_lost(probe)

    def _probe_itself(self, question: Question, number: int) -> bool:
        question.probed = self._request(question)
        return not self._is_lost(question)

    def _use_attempts(self, question: Question) -> None:
        if not self._attempt(question):  # as nearly always, and tenacity takes its time
            return
        made = iter([True])  # the result of its first attempt is that of the one above
        retrying = tenacity.Retrying(
            stop=lambda state: (
                state.attempt_number >= self._settings.retry.attempts
                or self._has_waited_too_long(question)  # as after several Retry-After
            ),
            wait=lambda state: self.backoff(state.attempt_number, question.attempted.reply.retry_after),
            retry=tenacity.retry_if_result(bool),
            retry_error_callback=lambda state: None,
            sleep=lambda seconds: self._sleep_before_next(question.attempted, seconds),
        )
        retrying(lambda: next(made, False) or self._attempt(question))

    def _has_waited_too_long(self, question: Question) -> bool:
        return self._is_lost(question) and self.outage.is_too_long

    def _sleep_before_next(self, attempted: Attempted, seconds: float) -> None:
        is_lost = attempted.reply.sent is Sent.NO
        self.sleep(seconds, WaitReason.UNREACHABLE if is_lost else WaitReason.NO_ANSWER, trouble_of(attempted.reply))

    def _attempt(self, question: Question) -> bool:
        """Makes one attempt: as many requests as pauses and renewed tokens make necessary. True if there should be another."""
        while True:
            if self.outage.is_on and question.is_patient and question.probed is None:
                self._outlast(question, self.outage.throughs)
            if question.is_edit and self._outage_of_edits.is_on and question.probed is None:
                self._outage_of_edits.outlast(self._outage_of_edits.throughs, partial(self._probe_itself, question))
            began = question.probed
            if began is None:
                began = self._request(question)
            question.probed = None
            verdict, reply = question.attempted.verdict, question.attempted.reply
            if question.needs_token and verdict not in (Verdict.AGAIN, Verdict.RENEW, Verdict.HALT, Verdict.WITHHELD):
                self._tokens.worked(reply.token)
            if verdict in (Verdict.DONE, Verdict.REJECTED):
                self._pace.went_well()
                self._pauses.went_through()
                return False
            if verdict is Verdict.WITHHELD:
                return False
            if no_way := halting(reply):
                raise Halted(no_way.key, **no_way.values)
            if verdict is Verdict.AGAIN:
                return self._may_repeat(question)
            if verdict is Verdict.PAUSE:
                if not self._pause_run(question, began):
                    return False
            elif not self._renew_token(question):
                return False

    def _request(self, question: Question) -> float:
        """Makes one request, once there is a permit, and notes its reply; returns the moment at which it began."""
        if question.needs_token:
            self._tokens.current()  # before the permit: a token may take long to come, and a permit must be used at once
        if not self._pace.acquire(self._stop.soft):
            raise stopped(self._stop)
        began = self._clock()
        with self.waits.of(WaitReason.ANSWER):
            reply = question.send()
        verdict = question.judge(reply, self._settings.api)
        before = question.attempted
        leaves_open = verdict is Verdict.AGAIN and maybe_applied(reply)
        was_lost = question.is_edit and (leaves_open or is_unconfirmed(reply))
        question.attempted = Attempted(
            verdict=verdict,
            reply=reply,
            requests=before.requests + (verdict is not Verdict.WITHHELD),
            maybe_applied=before.maybe_applied or was_lost,
            reached=before.reached or reply.sent is not Sent.NO,
            paused=before.paused,
        )
        outages = (self.outage, self._outage_of_edits) if question.is_edit else (self.outage,)
        if verdict is Verdict.AGAIN and is_unreachable(reply):
            for outage in outages:
                outage.missed(began, trouble_of(reply), reply.retry_after)
        elif verdict not in (Verdict.WITHHELD, Verdict.HALT):
            for outage in outages:
                outage.got_through()
        values = (question.name, before.requests + 1, code_of(reply), reply.msg, verdict.value)
        _log.debug("%s, request %d: %s %s → %s", *values)
        if _events.isEnabledFor(logging.DEBUG):
            self._tell(question, began)
        return began

    def _tell(self, question: Question, began: float) -> None:
        """Logs a request as an event, for programs that follow a run."""
        attempted = question.attempted
        fields = {
            "row": question.row,
            "clue": None if question.clue is None else str(question.clue),
            "kind": "edit" if question.is_edit else question.name.partition(" ")[0] if question.row is None else "read",
            "attempt": attempted.requests,
            "verdict": attempted.verdict.value,
            "code": code_of(attempted.reply) or None,
            "ms": round(1000 * (self._clock() - began), 1),
            "msg": attempted.reply.msg or None,
        }
        _events.debug("request", extra={"fields": fields})

    def _renew_token(self, question: Question) -> bool:
        """Gets another token; False if this request has been refused with enough of them, or does not need one.

        That is its own refusal then: other requests get through with the tokens that it is refused with.
        """
        if question.needs_token:
            self._tokens.renew(question.attempted.reply.token)
            self._notices.append(Message("notice.token_renewed"))
            question.renewals += 1
            if question.renewals <= self._settings.retry.attempts:
                return True
        question.attempted = replace(question.attempted, verdict=Verdict.REJECTED)
        return False

    def _pause_run(self, question: Question, began: float) -> bool:
        """Holds every sender back because the CRM said "too fast"; False if this request has waited long enough by itself."""
        seconds = self._pauses.pause(began, question.attempted.reply.retry_after, with_token=question.needs_token)
        paused = question.attempted.paused + seconds
        question.attempted = replace(question.attempted, paused=paused)
        return paused <= self._settings.rate.patience
