"""Reads the live records of clues whose rows want them, and writes down what these make of the rows.

It is asked for one edit at a time, by a sender or ahead of sending. What a record makes of a row is handed in, and left to
``edits/``.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from ..crm.attempts import Interrupted
from ..crm.retries import Retries
from ..crm.verdicts import Verdict, code_of, is_unreachable, read_refusal, trouble_of
from ..journal.sending import Sending
from ..model import Edit, Message, Outcome, Reply, Resolved, Status
from .clue_queue import ClueQueue
from .workers import Workers


class ClueReader:
    """Makes drafts ready to be sent. Its methods may be called by any thread.

    ``request`` makes one request for the live record of a clue; ``resolve`` says what the reply, which shows the clue or not,
    makes of the clue's rows that want it. ``do_without`` says what becomes, for a reason, of those that are sent as they are
    where that cannot be read; where nearly nothing can be read, it is not tried any more for those.
    """

    def __init__(
        self,
        *,
        sending: Sending,
        queue: ClueQueue,
        workers: Workers,
        retries: Retries,
        request: Callable[[int], Reply],
        resolve: Callable[[Edit, Reply, bool], Sequence[Resolved]],
        do_without: Callable[[Edit, Message], Sequence[Resolved]],
    ) -> None:
        self._sending = sending
        self._queue = queue
        self._workers = workers
        self._retries = retries
        self._request = request
        self._resolve = resolve
        self._do_without = do_without
        self._given_up: Message | None = None
        self._lock = threading.Lock()
        self._dropped: Counter[str] = Counter()

    @property
    def dropped(self) -> Counter[str]:
        """How many rows turned out to have nothing to send, by the status that they got."""
        with self._lock:
            return self._dropped.copy()

    def make_ready(self, edit: Edit, ready_as: Status) -> Edit | Outcome | None:
        """Returns the edit as it is to be sent, whose row is ``ready_as`` (pending or sending) from then on; an outcome if its
        clue could not be read; or None if nothing of it is to be sent, or not now."""
        latest = self._sending.refresh_edit(edit.row)  # another row of its clue may have had that read
        if latest is None:
            self._queue.replace_dropped()
            return None
        if latest.set_above:
            self.leave(latest, ready_as)
            return None
        sending_row = edit.row if ready_as is Status.SENDING else None
        if not latest.unread:
            with self._workers.gate.open() as may_write:
                is_marked = may_write and self._sending.advance(None, sending_row)
            return latest if is_marked else None
        if self._given_up and (unread := self._sent_unread(edit, self._given_up)):
            return self._write(edit, unread, 0, sending_row)
        try:
            attempted = self._retries.read_clue(edit, self._request)
        except Interrupted as interrupted:
            self._workers.halt(interrupted.stoppage)
            if interrupted.attempted.requests:
                with self._workers.gate.open() as may_write:
                    if may_write:
                        self._sending.release(edit.row, 0, interrupted.attempted.requests)
            return None
        reply, requests = attempted.reply, attempted.requests
        if not attempted.is_answered:
            reason = trouble_of(reply)
            if unread := self._sent_unread(edit, reason):
                if self._queue.count_read(Status.FAILED, code_of(reply), reason):
                    self._given_up = reason
                return self._write(edit, unread, requests, sending_row)
            message = Message("failed.unread", {"reason": reason, "requests": requests})
            return Outcome(
                edit.row,
                Status.FAILED,
                code_of(reply),
                message,
                0,
                self._sending.now(),
                reads=requests,
                reached=attempted.reached,
                is_lost=attempted.verdict is Verdict.AGAIN and is_unreachable(reply),
            )
        is_shown = attempted.verdict is Verdict.DONE
        ready = self._write(edit, resolved := self._resolve(edit, reply, is_shown), requests, sending_row)
        if is_shown:
            stoppage = self._queue.count_read(Status.UPDATED, "", None)
        else:
            stoppage = self._queue.count_read(Status.REJECTED, code_of(reply), read_refusal(reply))
        if stoppage:
            if _of(edit, resolved).is_unread:
                self._given_up = read_refusal(reply)
            else:
                self._workers.halt(stoppage)
        return ready

    def _sent_unread(self, edit: Edit, reason: Message) -> Sequence[Resolved]:
        """Returns what becomes of an edit whose clue cannot be read, if it is sent all the same; else nothing."""
        resolved = self._do_without(edit, reason)
        return resolved if any(row.row == edit.row for row in resolved) else ()

    def _write(self, edit: Edit, resolved: Sequence[Resolved], requests: int, sending_row: int | None) -> Edit | None:
        """Writes down what has become of the rows of a clue; returns the edit as it is to be sent, if it is."""
        of_edit = _of(edit, resolved)
        is_sent = of_edit.status is Status.PENDING and bool(of_edit.body)
        with self._workers.gate.open() as may_write:
            if not may_write:
                return None
            starts = sending_row if is_sent else None
            if not self._sending.resolve(resolved, read=edit.row, requests=requests, sending=starts):
                return None
        with self._lock:
            self._dropped.update(row.status for row in resolved if row.status is not Status.PENDING and not row.split)
        if not is_sent:
            self._queue.replace_dropped()
            return None
        return replace(edit, body=of_edit.body, unread=False)

    def leave(self, edit: Edit, ready_as: Status) -> None:
        """Passes over a row of which nothing is to be sent once the rows of its clue above it are; that it has its values is
        written down when it is its turn to be sent."""
        if ready_as is Status.SENDING:
            with self._workers.gate.open() as may_write:
                if not may_write:
                    return
                self._sending.advance(Outcome(edit.row, Status.UNCHANGED, "", None, 0, self._sending.now()), None)
            with self._lock:
                self._dropped[Status.UNCHANGED] += 1
        self._queue.replace_dropped()


def _of(edit: Edit, resolved: Sequence[Resolved]) -> Resolved:
    return next(row for row in resolved if row.row == edit.row)
