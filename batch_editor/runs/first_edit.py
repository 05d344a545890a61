"""Proves the first edit of a run: sends it alone, reads its clue back, and compares that with what it should be (guide: undo).

It says why the run must not go on, if it must not. What the comparison looks at is left to ``edits/verify``.
"""

from __future__ import annotations

from ..crm.verdicts import Verdict
from ..edits.clue_record import ClueRecord, MalformedRecord, parse_record
from ..edits.verify import refutations
from ..errors import Halted, ProofFailed
from ..model import Edit, HaltReason, Message, RowValues, Status, Stoppage
from ..settings.row_rules import RowRules
from ..states import WaitReason
from .prepared import PreparedRun
from .preview import UNPROVED, Preview
from .session import Session

#: Why a run stops, or may be cut off, before its first edit was proved.
PROOF_PENDING = Stoppage(HaltReason.PROOF_PENDING, Message("proof.asked"))


#: Why a run stopped early although nobody has asked it to and nothing is wrong with its first edit.
_CUT_OFF = {HaltReason.CRM_DOWN, HaltReason.UNTIL}
#: Why a run stopped early that is proved when it is gone on with, whatever holds otherwise.
_PROOF_WANTED = {HaltReason.PROOF_PENDING, HaltReason.PROOF_FAILED, HaltReason.PROOF_REFUTED}


def proves_first(preview: Preview, prepared: PreparedRun, *, prove: bool | None = None, attended: bool = False) -> bool:
    """Returns whether the first edit of a run is proved: as ``prove`` says, else as the settings do; where both leave that
    open, if an earlier proof of the run did not succeed, or somebody is asked (``attended``) and there are many edits."""
    if not preview.calls or prepared.options.prove_only:
        return preview.calls > 0
    asked = prepared.settings.prove if prove is None else prove
    if asked is not None:
        return asked
    earlier = prepared.earlier
    if earlier and earlier.stoppage and wants_proof(earlier.stoppage):
        return True  # whoever goes on with it says nothing about what was found then
    return attended and preview.calls > UNPROVED


def wants_proof(stoppage: Stoppage) -> bool:
    """Returns whether a run that stopped for this is still to be proved."""
    return stoppage.reason in _PROOF_WANTED or stoppage.message.key == "proof.cut_off"


class FirstEdit:
    """The proof of one run, over the ``session`` by which it is sent; ``rules`` are those by which its rows were read."""

    def __init__(self, session: Session, rules: RowRules) -> None:
        self._session = session
        self._run = session.run
        self._merger = session.merger
        self._rules = rules

    def prove(self, total: int, *, only: bool) -> Stoppage | None:
        """Sends the first edit alone, reads its clue back and compares. Returns why the run must halt, or None if it may
        go on.

        An edit that the CRM refuses touches nothing, and the next one is taken, of ``total`` in all. Where the clue cannot be
        read, nothing can be proved; that is told, and is a reason to halt, before anything is sent, if the proof is the
        ``only`` thing asked for.
        """
        session = self._session
        try:
            while session.done < total and (edit := self._next_edit()):
                if edit.unread:
                    self._merger.first = None
                    halted, failed = session.read_next(1)
                else:
                    before = self._record_before(edit)
                    if before and (difference := self._merger.names_another(self._run.queries.cells(edit.row), before)):
                        self._run.planning.conflict([(edit.row, difference)])
                        session.dropped += 1
                        continue
                    if before is None and only:
                        return ProofFailed("proof.not_shown", row=self._merger.row_name(edit.row)).stoppage
                    halted, counts = session.send_next(1)
                    if counts[Status.UPDATED]:
                        return _unproved(halted) if halted else self._compare(edit, before)
                    failed = counts[Status.FAILED]
                if halted or failed:
                    if halted:
                        return _unproved(halted) if halted.reason in _CUT_OFF else halted
                    return ProofFailed("proof.unanswered", row=self._merger.row_name(edit.row)).stoppage
        except Halted as error:
            return _unproved(error.stoppage)
        return None

    def _next_edit(self) -> Edit | None:
        edits = self._run.sending.pending(0, 1, maybe_applied=self._session.settings.retry.ambiguous)
        return edits[0] if edits else None

    def _record_before(self, edit: Edit) -> ClueRecord | None:
        """Returns the record of an edit's clue as it is before the edit is sent; None where clues cannot be read."""
        if self._merger.first and self._merger.first[0] == edit.row and not self._session.is_old:
            return self._merger.first[1]
        record, requests = self._read_record(edit)
        if record:
            fields = self._row_values(edit).fields
            known = {} if edit.maybe_applied else record.known(fields)  # else it may be its own work
            named, names = record.clue_name, record.names_in(fields)
            self._run.sending.save_old_values(edit.row, known, requests, clue_name=named, names=names)
        return record

    def _compare(self, edit: Edit, before: ClueRecord | None) -> Stoppage | None:
        """Returns why the clue is not what it should be, or None if it is; the CRM may take a moment to show that."""
        session, attempts = self._session, self._session.settings.retry.attempts
        if before is None:
            session.notices.append(Message("proof.skipped", {"row": self._merger.row_name(edit.row)}))
            return None
        session.tell_waiting(WaitReason.PROOF)
        lines: list[Message] = []
        for attempt in range(1, attempts + 1):
            after, requests = self._read_record(edit)
            self._run.sending.save_old_values(edit.row, {}, requests)
            if after is None:
                return ProofFailed("proof.unanswered", row=self._merger.row_name(edit.row)).stoppage
            lines = refutations(self._row_values(edit), before, after, self._rules)
            if not lines:
                session.notices.append(Message("proof.given", {"row": self._merger.row_name(edit.row)}))
                return None
            if attempt < attempts:
                session.connection.retries.sleep(session.connection.retries.backoff(attempt), WaitReason.PROOF)
        message = Message("proof.refuted", {"row": self._merger.row_name(edit.row), "clue": edit.clue_id, "lines": lines})
        return Stoppage(HaltReason.PROOF_REFUTED, message)

    def _row_values(self, edit: Edit) -> RowValues:
        return next(row for row in self._run.queries.row_values(edit.clue_id) if row.row == edit.row)

    def _read_record(self, edit: Edit) -> tuple[ClueRecord | None, int]:
        """Returns the record of a clue, None if the CRM does not show it, and how many requests that took.

        Raises ``Halted`` where there is no usable answer, and where the run is to stop.
        """
        connection = self._session.connection
        attempted = connection.retries.read_clue(edit, connection.client.info)
        record = attempted.reply.data
        if not attempted.is_answered:
            raise ProofFailed("proof.unanswered", row=self._merger.row_name(edit.row))
        if attempted.verdict is not Verdict.DONE or not isinstance(record, dict):
            return None, attempted.requests
        try:
            return parse_record(record, edit.clue_id, self._rules), attempted.requests
        except MalformedRecord as error:
            raise ProofFailed("proof.unreadable", clue=edit.clue_id, reason=error.message) from None


def _unproved(stoppage: Stoppage) -> Stoppage:
    """Returns why an edit that was sent was not proved: whoever goes on with the run has to know that its proof is to come."""
    if stoppage.reason in _CUT_OFF:
        return Stoppage(stoppage.reason, Message("proof.cut_off", {"reason": stoppage.message}))
    return PROOF_PENDING if stoppage.reason is HaltReason.ASKED else stoppage
