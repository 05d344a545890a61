"""Sends the pending edits of a run, and makes of each reply an outcome.

Each sender takes an edit from the queue of clues, has its clue read first where the edit wants that, sends it until there is
an outcome, and waits for that to be on disk before it takes the next one. Which edit is next is left to ``clue_queue``, how
threads end to ``workers``, how one request is brought about to ``crm/retries``, and where outcomes are kept to the journal.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from ..crm.attempts import Attempted, Interrupted
from ..crm.verdicts import Verdict, code_of, edit_refusal, is_unconfirmed, is_unreachable, trouble_of
from ..errors import Halted
from ..events import SendProgress
from ..model import Edit, HaltReason, Message, Outcome, Reply, Status, Stoppage
from ..states import WaitReason
from .other_runs import Look
from .senders import Senders

#: Seconds between two looks at an edit of another run that is on its way.
_LOOK_AGAIN = 0.1
_A_SECOND = 1.0


class Dispatcher:
    """Sends the edits of ``senders`` until all have an outcome, or no more are left. ``run`` is called once.

    ``request`` makes one request for an edit.
    """

    def __init__(self, senders: Senders, request: Callable[[Edit], Reply]) -> None:
        self._senders = senders
        self._sending = senders.sending
        self._queue = senders.queue
        self._workers = senders.workers
        self._request = request
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._abandoned = 0

    @property
    def done(self) -> int:
        """How many edits have an outcome."""
        return self.counts.total() + self._abandoned

    @property
    def counts(self) -> Counter[str]:
        """How many edits have which outcome, without those that were abandoned."""
        with self._lock:
            return self._counts.copy()

    def run(self) -> Stoppage | None:
        """Sends until nothing is left. Returns why that halted, or None if nothing stopped it.

        Rows that turn out to have nothing to send do not count. Afterwards every edit that was begun has an outcome or is
        pending again; after a second ``Stop.ask`` those in flight are ``failed``, since they may have been applied.
        """
        halted = self._workers.run(self._send_all, self._progress)
        if self._workers.is_given_up:
            self._abandoned = self._sending.abandon(Message("failed.abandoned"))
        return halted

    def _send_all(self) -> None:
        done: tuple[Edit, Outcome] | None = None
        while True:
            following = self._queue.take_after(*done) if done else self._queue.take()
            if done is None and following is None:
                return
            with self._workers.gate.open() as may_write:
                if not may_write:
                    return
                starts = following.row if following and not (following.unread or following.set_above) else None
                is_marked = self._sending.advance(done[1] if done else None, starts)
                if done:
                    self._settle(*done, following)
            done = None
            if following is not None:
                outcome = self._outcome_of(following) if is_marked else None
                if outcome is not None:
                    done = following, outcome
                else:
                    self._queue.release(following.clue_id)

    def _settle(self, done: Edit, outcome: Outcome, following: Edit | None) -> None:
        stoppage = self._queue.settle(done, outcome, following)
        with self._lock:
            self._counts[outcome.status] += 1
        if stoppage is None:
            return
        if stoppage.reason is HaltReason.CRM_DOWN:
            self._senders.retries.suspect_outage()
        else:
            self._workers.halt(stoppage)

    def _outcome_of(self, edit: Edit) -> Outcome | None:
        """Returns what became of an edit, which is read first if it wants that; None if nothing of it is to be sent, or not
        now."""
        if edit.set_above and not edit.unread:
            self._senders.reader.leave(edit, Status.SENDING)
            return None
        ready = self._read(edit) if edit.unread else edit
        while isinstance(ready, Edit):
            look = self._look(ready)
            if look is None:
                return self._send(ready)
            if isinstance(look, Message):
                return Outcome(ready.row, Status.CONFLICT, "", look, 0, self._sending.now(), ready.maybe_applied)
            ready = self._wait_for_others(ready, look)
        return ready

    def _look(self, edit: Edit) -> Look | Message | None:
        return self._senders.others.look(edit) if self._senders.others else None

    def _read(self, edit: Edit) -> Edit | Outcome | None:
        """Reads the clue of an edit once no older edit of it is on its way, since it shows what stands there only then."""
        if self._await_others(edit):
            return self._senders.reader.make_ready(edit, Status.SENDING)
        return None

    def _wait_for_others(self, edit: Edit, look: Look) -> Edit | Outcome | None:
        """Waits for what other runs are doing with the clue of an edit that is written down as ``sending``.

        Returns what becomes of the edit then, as ``_outcome_of``.
        """
        if look is Look.OLDER:
            try:
                self._sleep_while(lambda: self._look(edit) is Look.OLDER)
            except Halted as halted:
                self._workers.halt(halted.stoppage)
                return self._put_back(edit)
            return edit
        if (outcome := self._put_back(edit)) is not None:  # so that nobody waits for this one
            self._sending.advance(outcome, None)
        self._queue.read_again(edit.clue_id)
        try:
            # Times are known to the second: what is read now is newer for certain.
            self._senders.retries.sleep(_A_SECOND, WaitReason.OTHER_RUN)
        except Halted as halted:
            self._workers.halt(halted.stoppage)
            return None
        return self._read(replace(edit, unread=True))

    def _await_others(self, edit: Edit) -> bool:
        """Waits while an edit of another run is on its way to the clue; False if the run is to stop."""
        others = self._senders.others
        if others is None or not others.is_awaited(edit):
            return True
        try:
            self._sleep_while(lambda: others.is_awaited(edit))
        except Halted as halted:
            self._workers.halt(halted.stoppage)
            return False
        return True

    def _sleep_while(self, holds: Callable[[], bool]) -> None:
        """Waits for another run. Raises ``Halted`` if this one is to stop."""
        with self._senders.retries.waits.of(WaitReason.OTHER_RUN):
            while holds():
                self._senders.retries.sleep(_LOOK_AGAIN, WaitReason.OTHER_RUN)

    def _put_back(self, edit: Edit) -> Outcome | None:
        """Takes back that an edit is being sent, since it is not. Returns its outcome if it may have been applied before."""
        if edit.maybe_applied:
            return Outcome(edit.row, Status.FAILED, "", Message("failed.stopped"), 0, self._sending.now(), maybe_applied=True)
        with self._workers.gate.open() as may_write:
            if may_write:
                self._sending.release(edit.row, 0)
        return None

    def _send(self, edit: Edit) -> Outcome | None:
        """Sends an edit until there is an outcome; None if the run stopped before it can have been applied."""
        try:
            attempted = self._senders.retries.send_edit(edit, self._request)
        except Interrupted as interrupted:
            self._workers.halt(interrupted.stoppage)
            if interrupted.attempted.maybe_applied:
                return self._ended(edit, interrupted.attempted, Status.FAILED, Message("failed.stopped"))
            with self._workers.gate.open() as may_write:
                if may_write:
                    self._sending.release(edit.row, interrupted.attempted.requests)
            return None
        if attempted.verdict is Verdict.DONE:
            text = attempted.reply.msg
            return self._ended(edit, attempted, Status.UPDATED, Message("verbatim", {"text": text}) if text else None)
        if attempted.is_answered:
            refusal = edit_refusal(attempted.reply)
            was_lost = attempted.maybe_applied and not is_unconfirmed(attempted.reply)  # such a refusal says so itself
            message = Message("rejected.after_lost", {"refusal": refusal}) if was_lost else refusal
            return self._ended(edit, attempted, Status.REJECTED, message)
        if attempted.verdict is Verdict.WITHHELD:
            message = Message("failed.damaged", {"reason": trouble_of(attempted.reply)})
        elif attempted.verdict is Verdict.PAUSE and not attempted.maybe_applied:
            message = Message("failed.too_fast", {"seconds": round(attempted.paused)})
        else:
            key = "failed.maybe" if attempted.maybe_applied else "failed.not_taken" if attempted.reached else "failed.never"
            message = Message(key, {"reason": trouble_of(attempted.reply), "requests": attempted.requests})
        return self._ended(edit, attempted, Status.FAILED, message)

    def _ended(self, edit: Edit, attempted: Attempted, status: Status, message: Message | None) -> Outcome:
        maybe_applied = status is not Status.UPDATED and attempted.maybe_applied
        requests, reached = attempted.requests, attempted.reached or attempted.verdict is not Verdict.AGAIN
        return Outcome(
            edit.row,
            status,
            code_of(attempted.reply),
            message,
            requests,
            self._sending.now(),
            maybe_applied,
            reached=reached,
            is_lost=attempted.verdict is Verdict.AGAIN and is_unreachable(attempted.reply),
        )

    def _progress(self) -> SendProgress:
        counts = dict(self.counts + self._senders.reader.dropped)
        done = sum(counts.values())
        return SendProgress(done, max(done, self._senders.total), counts, self._senders.retries.waits.now())
