"""Sends the pending edits of a run: which row is next, order within a clue, its outcome, and when to halt.

``Dispatcher`` runs the senders. Each takes an edit that nobody else may overtake, reads its clue first where the edit wants
that, sends it until there is an outcome, and waits for that to be on disk before it takes the next one. How one request is
brought about, what its reply means, what a live record makes of an edit and where outcomes are kept is left to retries,
verdicts, live and journal.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from ..crm.retries import Attempted, Interrupted, Retries
from ..crm.verdicts import Verdict, code_of, edit_refusal, read_refusal
from ..errors import BatchEditorError
from ..journal.sending import Sending
from ..journal.times import now
from ..model import ClueProgress, Edit, Event, Message, Notice, Outcome, Reply, Resolved, SendProgress, Status
from ..settings.sections import Halt
from ..settings.settings import Settings
from ..stop import Stop

#: How many pending edits are held in memory, to find some whose clue is free.
WINDOW = 256
#: How often the waiting thread looks up, in seconds: for signals (which Windows delivers only then) and to tell its progress.
LOOK_UP = 0.1


class Streak:
    """How many requests of one kind came to nothing one after the other, and whether that is one too many."""

    def __init__(self, halt: Halt) -> None:
        self._halt = halt
        self._failures = 0
        self._rejections = 0
        self._code = ""

    def add(self, status: Status, code: str, message: Message | None) -> Message | None:
        """Count one more outcome; why the run is to halt, if it is."""
        self._failures = self._failures + 1 if status is Status.FAILED else 0
        if status is not Status.REJECTED:
            self._rejections = 0
        elif code == self._code and self._rejections:
            self._rejections += 1
        else:
            self._rejections, self._code = 1, code
        last = message or Message("verbatim", {"text": ""})
        if self._halt.after_failures is not None and self._failures >= self._halt.after_failures:
            return Message("halt.failures", {"rows": self._failures, "last": last})
        if self._halt.after_rejections is not None and self._rejections >= self._halt.after_rejections:
            return Message("halt.rejections", {"rows": self._rejections, "code": code, "last": last})
        return None


class Dispatcher:
    """Sends what is pending in a run. ``send`` is called once; ``on_event`` is called in the thread that called it.

    ``edit`` makes one request and returns its ``Reply``; so does ``read``, for the live record of a clue, and ``resolve``
    says what a reply to that makes of the clue's rows that want it. ``only_reads`` stops before a row is sent. ``streaks``,
    of edits and of reads, are those that dispatchers before this one have begun. ``notices`` are told as events, whoever
    adds them.
    """

    def __init__(
        self,
        *,
        sending: Sending,
        edit: Callable[[Edit], Reply],
        read: Callable[[int], Reply],
        resolve: Callable[[Edit, Reply, bool], Sequence[Resolved]],
        retries: Retries,
        settings: Settings,
        stop: Stop,
        notices: deque[Message],
        on_event: Callable[[Event], None],
        streaks: tuple[Streak, Streak] | None = None,
        only_reads: bool = False,
    ) -> None:
        self._sending = sending
        self._edit, self._read, self._resolve, self._retries = edit, read, resolve, retries
        self._settings, self._stop, self._on_event = settings, stop, on_event
        self._only_reads = only_reads
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
        self._dropped: Counter[str] = Counter()
        self._ready = 0  # how many edits are ready to be sent, where that is all that is wanted
        self._abandoned = 0
        self._writing = 0  # how many senders are writing something down
        self._given_up = False  # what is in flight: senders write nothing more
        self._edits, self._reads = streaks or (Streak(settings.halt), Streak(settings.halt))

    @property
    def done(self) -> int:
        """How many edits have an outcome."""
        return self._counts.total() + self._abandoned

    @property
    def counts(self) -> Counter[str]:
        """How many edits have which outcome."""
        return self._counts

    @property
    def dropped(self) -> int:
        """How many rows turned out to have nothing to send, once their clue was read."""
        return self._dropped.total()

    def send(self, total: int) -> Message | None:
        """Send the first ``total`` edits to be sent and return why the run halted, or None if nothing stopped it.

        Rows that turn out to have nothing to send do not count. Afterwards every edit that was begun has an outcome or is
        pending again; after a second ``Stop.ask`` those in flight are ``failed``, since they may have been applied.
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
            self._abandoned = self._sending.abandon(Message("failed.abandoned"))
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
            starts = following.row if following and not following.unread and not self._only_reads else None
            with self._writes() as may:
                if not may:
                    return
                self._sending.advance(done[1] if done else None, starts)
                if done:
                    self._settle(*done, following)
            done = None
            if following is not None:
                outcome = self._bring_about(following)
                if outcome is not None:
                    done = following, outcome
                else:
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
        own = done[0].clue_id if done and done[1].status is Status.UPDATED else None
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
            found = self._sending.pending(self._after, min(WINDOW, self._left), maybe_applied=ambiguous)
            self._left = self._left - len(found) if found else 0
            self._after = found[-1].row if found else self._after
            self._window.extend(edit for edit in found if edit.clue_id not in self._held)

    def _settle(self, done: Edit, outcome: Outcome, following: Edit | None) -> None:
        """The outcome is on disk: let the clue go, or hold its later rows back, and see whether it is one too many."""
        if outcome.status is Status.FAILED:
            with self._changed:
                self._held.add(done.clue_id)
                self._window = deque(edit for edit in self._window if edit.clue_id != done.clue_id)
        elif outcome.status is Status.REJECTED and self._sending.read_again(done.clue_id):
            with self._changed:  # its later rows were made in the belief that this one would be updated
                again = (replace(edit, unread=edit.unread or edit.clue_id == done.clue_id) for edit in self._window)
                self._window = deque(again)
        if following is None or following.clue_id != done.clue_id:
            self._let_go(done.clue_id)
        with self._changed:
            self._counts[outcome.status] += 1
        self._tally(self._reads if outcome.reads else self._edits, outcome.status, outcome.code, outcome.message)

    def _tally(self, streak: Streak, status: Status, code: str, message: Message | None) -> None:
        with self._changed:
            reason = streak.add(status, code, message)
        if reason:
            self._halt(reason)

    def _let_go(self, clue: int) -> None:
        with self._changed:
            self._busy.discard(clue)
            self._changed.notify_all()

    # --- one edit

    def _bring_about(self, edit: Edit) -> Outcome | None:
        """What becomes of an edit, which is read first if it wants that; None if nothing of it is to be sent, or not now."""
        found = self._made_ready(edit) if edit.unread else edit
        if not isinstance(found, Edit):
            return found
        if self._only_reads:
            with self._changed:
                self._ready += 1
            return None
        return self._sent(found)

    def _release(self, row: int, *, attempts: int = 0, reads: int = 0) -> None:
        with self._writes() as may:
            if may:
                self._sending.release(row, attempts, reads)

    def _made_ready(self, edit: Edit) -> Edit | Outcome | None:
        """An edit as it is to be sent, marked as ``sending``; an outcome if its clue could not be read, or None as above."""
        latest = self._sending.refresh_edit(edit.row)  # another row of its clue may have had that read
        if latest is None:
            self._give_back()
            return None
        if not latest.unread:
            with self._writes() as may:
                if may and not self._only_reads:
                    self._sending.advance(None, edit.row)
            return latest if may else None
        try:
            attempted = self._retries.read_clue(edit, self._read)
        except Interrupted as interrupted:
            self._halt(interrupted.message)
            if interrupted.attempted.requests:
                self._release(edit.row, reads=interrupted.attempted.requests)
            return None
        reply, requests = attempted.reply, attempted.requests
        if not attempted.is_answered:
            message = Message("failed.unread", {"reason": _trouble(reply), "requests": requests})
            return Outcome(edit.row, Status.FAILED, code_of(reply), message, 0, now(), reads=requests)
        is_shown = attempted.verdict is Verdict.DONE
        resolved = self._resolve(edit, reply, is_shown)
        own = next(one for one in resolved if one.row == edit.row)
        sends = own.status is Status.PENDING
        with self._writes() as may:
            if not may:
                return None
            marked = edit.row if sends and not self._only_reads else None
            self._sending.resolve(resolved, read=edit.row, requests=requests, sending=marked)
        with self._changed:
            self._dropped.update(one.status for one in resolved if one.status is not Status.PENDING and not one.split)
        if is_shown:
            self._tally(self._reads, Status.UPDATED, "", None)
        else:
            self._tally(self._reads, Status.REJECTED, code_of(reply), read_refusal(reply))
        if not sends:
            self._give_back()
            return None
        return replace(edit, body=own.body, unread=False)

    def _give_back(self) -> None:
        """A row of the window is not to be sent after all: another one may be, in its place."""
        with self._changed:
            self._left += 1

    def _sent(self, edit: Edit) -> Outcome | None:
        """Send an edit until there is an outcome; None if the run stopped before it can have been applied."""
        try:
            attempted = self._retries.send_edit(edit, self._edit)
        except Interrupted as interrupted:
            self._halt(interrupted.message)
            if interrupted.attempted.maybe_applied:
                return _outcome(edit, interrupted.attempted, Status.FAILED, Message("failed.stopped"))
            self._release(edit.row, attempts=interrupted.attempted.requests)
            return None
        if attempted.verdict is Verdict.DONE:
            text = attempted.reply.msg
            return _outcome(edit, attempted, Status.UPDATED, Message("verbatim", {"text": text}) if text else None)
        if attempted.is_answered:
            refusal = edit_refusal(attempted.reply)
            message = Message("rejected.after_lost", {"refusal": refusal}) if attempted.maybe_applied else refusal
            return _outcome(edit, attempted, Status.REJECTED, message)
        if attempted.verdict is Verdict.PAUSE and not attempted.maybe_applied:
            message = Message("failed.too_fast", {"seconds": round(attempted.paused)})
        else:
            key = "failed.maybe" if attempted.maybe_applied else "failed.not_taken" if attempted.reached else "failed.never"
            message = Message(key, {"reason": _trouble(attempted.reply), "requests": attempted.requests})
        return _outcome(edit, attempted, Status.FAILED, message)

    # --- the end

    def _halt(self, reason: Message) -> None:
        with self._changed:
            if self._halted is None:
                self._halted = reason
            self._stop.soft.set()
            self._changed.notify_all()

    def _notice_stop(self) -> None:
        halted = self._halted is not None and self._halted.key != "halt.asked"  # a sender may have found that it was asked
        asked = self._stop.soft.is_set() and not halted and self._crash is None
        if asked and not self._stop_told:
            self._stop_told = True
            self._notices.append(Message("notice.stopping"))

    def _tell(self, total: int) -> None:
        while self._notices:
            self._on_event(Notice(self._notices.popleft()))
        if self._only_reads:
            done = self._ready + self.done + self.dropped
            self._on_event(ClueProgress(done, max(done, total)))
        else:
            counts = dict(self._counts + self._dropped)
            done = sum(counts.values())
            self._on_event(SendProgress(done, max(done, total), counts))


def _trouble(reply: Reply) -> Message:
    """Returns why there was no usable answer, by its last reply."""
    return reply.trouble or Message("failed.answer", {"code": code_of(reply), "msg": reply.msg})


def _outcome(edit: Edit, attempted: Attempted, status: Status, message: Message | None) -> Outcome:
    maybe_applied = status is not Status.UPDATED and attempted.maybe_applied
    return Outcome(edit.row, status, code_of(attempted.reply), message, attempted.requests, now(), maybe_applied)
