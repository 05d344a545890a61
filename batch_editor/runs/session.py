"""What goes on between this program and the CRM during one run: the pace, the token and the connections, and over them
reading clues, proving the first edit, and sending.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import Self

from ..crm.connection import Connection
from ..crm.verdicts import Verdict
from ..edits.clue_record import ClueRecord, MalformedRecord, parse_record
from ..edits.merge import RecordMerger
from ..edits.verify import refutations
from ..errors import Halted
from ..journal.journal import Journal
from ..model import Edit, Event, Message, Notice, Reply, Resolved, RowValues, Status
from ..settings.row_rules import RowRules
from ..settings.settings import Settings
from ..stop import Stop
from .dispatcher import Dispatcher, Streak

#: Seconds for which a record that was read counts as current where what is sent depends on it: sets of tags, and the proof.
CURRENT = 600.0


class Session:
    """One run's line to the CRM. Use it as a context manager; raises ``SettingsError`` if there cannot be one.

    ``app`` is what, beside the address, all runs have in common that share a rate. ``rules`` are those by which the
    rows were read, ``settings`` say how things are sent. ``done`` is how many edits have an outcome, ``dropped`` how many
    rows turned out to have nothing to send once their clue was read, ``unreadable`` how many clues gave ``read`` no answer.
    """

    def __init__(
        self,
        journal: Journal,
        run: str,
        merger: RecordMerger,
        rules: RowRules,
        settings: Settings,
        app: str,
        stop: Stop,
        on_event: Callable[[Event], None],
    ) -> None:
        self.done = self.dropped = self.unreadable = 0
        self._read_began: float | None = None
        self._run, self._merger, self._rules, self._settings = journal.of(run), merger, rules, settings
        self._stop, self._on_event = stop, on_event
        self._notices = deque[Message]()
        self._streaks = Streak(settings.halt), Streak(settings.halt)
        earlier_requests = partial(journal.requests, run)
        self._line = Connection(journal.path.parent, earlier_requests, settings, app, stop, self._notices)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._line.__exit__(kind, error, trace)

    @property
    def slowed(self) -> float:
        """The least share of the rate that was used because the CRM kept saying "too fast"; 1.0 if it did not."""
        return self._line.pace.lowest

    @property
    def is_old(self) -> bool:
        """Whether clues were read so long ago that somebody may well have edited them since."""
        return self._read_began is not None and time.monotonic() - self._read_began > CURRENT

    def read(self, total: int) -> Message | None:
        """Read clues until ``total`` edits are ready to be sent, or no more are left; why that halted, if it did.

        What there is to be sent is counted anew after that, so that no row that turned out to have nothing is ``dropped``.
        """
        self._read_began = time.monotonic()
        halted, counts = self._through(total, only_reads=True)
        self.dropped, self.unreadable = 0, counts[Status.FAILED]
        return halted

    def send(self, total: int) -> Message | None:
        """Send edits until ``total`` have an outcome, or no more are left; why that halted, if it did."""
        return self._through(total - self.done)[0]

    def prove(self, total: int, *, only: bool) -> Message | None:
        """Send the first edit alone, read its clue back and compare; why the run must halt, if it must.

        An edit that the CRM refuses touches nothing, and the next one is taken. Where the clue cannot be read, nothing can be
        proved; that is told, and is a reason to halt, before anything is sent, if the proof is the ``only`` thing wanted.
        """
        try:
            while self.done < total and (edit := self._first()):
                if edit.unread:
                    self._merger.first = None
                    halted, counts = self._through(1, only_reads=True)
                else:
                    before = self._before(edit)
                    if before is None and only:
                        return Message("proof.not_shown", {"row": edit.row})
                    halted, counts = self._through(1)
                    if counts[Status.UPDATED]:
                        return _unproved(halted) if halted else self._compared(edit, before)
                if halted or counts[Status.FAILED]:
                    return halted or Message("proof.unanswered", {"row": edit.row})
        except Halted as error:
            return _unproved(error.message)
        return None

    def tell(self) -> None:
        """Tell the notices that are left."""
        while self._notices:
            self._on_event(Notice(self._notices.popleft()))

    def _through(self, total: int, *, only_reads: bool = False) -> tuple[Message | None, Counter[str]]:
        """Let senders work on the next ``total`` edits; why they halted, and how many had which outcome."""
        dispatcher = Dispatcher(
            sending=self._run.sending,
            edit=self._line.client.edit,
            read=self._line.client.info,
            resolve=self._resolve,
            retries=self._line.retries,
            settings=self._settings,
            stop=self._stop,
            notices=self._notices,
            on_event=self._on_event,
            streaks=self._streaks,
            only_reads=only_reads,
        )
        try:
            halted = dispatcher.send(total)
        except Halted as error:
            halted = error.message
        self.dropped += dispatcher.dropped
        if not only_reads:  # a clue that could not be read is tried again once its edit is to be sent
            self.done += dispatcher.done
        return halted, dispatcher.counts

    def _resolve(self, edit: Edit, reply: Reply, shown: bool) -> list[Resolved]:
        return self._merger.resolve(self._run.sending.drafts(edit.clue_id), edit, reply, shown)

    # --- the proof

    def _first(self) -> Edit | None:
        found = self._run.sending.pending(0, 1, maybe_applied=self._settings.retry.ambiguous)
        return found[0] if found else None

    def _before(self, edit: Edit) -> ClueRecord | None:
        """The record of an edit's clue as it is before it is sent; None where clues cannot be read."""
        if self._merger.first and self._merger.first[0] == edit.row and not self.is_old:
            return self._merger.first[1]
        live, requests = self._live(edit)
        if live:
            self._run.sending.save_old_values(edit.row, live.known(self._row_values(edit).fields), requests)
        return live

    def _compared(self, edit: Edit, before: ClueRecord | None) -> Message | None:
        """Whether the clue is what it should be; the CRM may take a moment to show that."""
        if before is None:
            self._notices.append(Message("proof.skipped", {"row": edit.row}))
            return None
        lines: list[Message] = []
        for attempt in range(1, self._settings.retry.attempts + 1):
            after, requests = self._live(edit)
            self._run.sending.save_old_values(edit.row, {}, requests)
            if after is None:
                return Message("proof.unanswered", {"row": edit.row})
            lines = refutations(self._row_values(edit), before, after, self._rules)
            if not lines:
                self._notices.append(Message("proof.given", {"row": edit.row}))
                return None
            if attempt < self._settings.retry.attempts:
                self._line.retries.sleep(self._line.retries.backoff(attempt))
        return Message("proof.refuted", {"row": edit.row, "clue": edit.clue_id, "lines": lines})

    def _row_values(self, edit: Edit) -> RowValues:
        return next(row for row in self._run.queries.row_values(edit.clue_id) if row.row == edit.row)

    def _live(self, edit: Edit) -> tuple[ClueRecord | None, int]:
        """The record of a clue, None if the CRM does not show it; and how many requests that took.

        Raises ``Halted`` where there is no usable answer, and where the run is to stop.
        """
        attempted = self._line.retries.read_clue(edit, self._line.client.info)
        record = attempted.reply.data
        if not attempted.is_answered:
            raise Halted("proof.unanswered", row=edit.row)
        if attempted.verdict is not Verdict.DONE or not isinstance(record, dict):
            return None, attempted.requests
        try:
            return parse_record(record, edit.clue_id, self._rules), attempted.requests
        except MalformedRecord as error:
            raise Halted("proof.unreadable", clue=edit.clue_id, reason=error.message) from None


def _unproved(reason: Message) -> Message:
    """Why an edit was not proved that was sent, in words by which it is known that somebody still has to."""
    return Message("proof.asked") if reason.key == "halt.asked" else reason
