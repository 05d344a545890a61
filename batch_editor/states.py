"""The words for what became of a row and of a run, for why a run waits or stopped early, and for what can be done next.

Programs compare them; people are told the same by ``messages`` (guide: rules).
"""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """What became of a row (guide: rules). ``PENDING`` and ``SENDING`` are on the way; every other one is an end."""

    PENDING = "pending"  # to be sent
    SENDING = "sending"  # its first attempt may be under way
    INVALID = "invalid"  # a cell is wrong; not sent
    SKIPPED = "skipped"  # nothing to edit; not sent
    UNCHANGED = "unchanged"  # the CRM has these values already; not sent
    CONFLICT = "conflict"  # somebody has changed it since; not sent
    UPDATED = "updated"  # the CRM confirmed the edit: HTTP 200, code 0, data true
    REJECTED = "rejected"  # the CRM said no
    FAILED = "failed"  # no usable answer after every attempt
    NOT_SENT = "not_sent"  # how a pending row is shown once its run has stopped


class RunState(StrEnum):
    """How far a run has come. Where its process ended without a word, the journal says ``ABANDONED`` or ``INTERRUPTED``."""

    PLANNING = "planning"  # its rows are being written down; nobody has agreed to anything
    PLANNED = "planned"  # its rows are all there, and wait for somebody to agree; it outlives its process
    READING = "reading"  # clues are being read, before anybody is asked
    SENDING = "sending"  # somebody has agreed, and its edits are being sent
    FINISHED = "finished"  # every row that was asked for has an end
    STOPPED = "stopped"  # it ended early: some rows were not sent, and it can be resumed
    ABANDONED = "abandoned"  # its process ended while it was being planned: nothing was sent
    INTERRUPTED = "interrupted"  # its process ended while it was reading or sending: it can be resumed

    @property
    def is_at_work(self) -> bool:
        """Whether a process is planning, reading or sending."""
        return self in (RunState.PLANNING, RunState.READING, RunState.SENDING)

    @property
    def has_ended_early(self) -> bool:
        """Whether the run ended before all its rows were sent."""
        return self in (RunState.STOPPED, RunState.INTERRUPTED)


class HaltReason(StrEnum):
    """Why a run stopped early, for programs; a message says it to people."""

    ASKED = "asked"  # somebody asked it to stop
    HELD_BACK = "held_back"  # rows wait for an earlier row of their clue, which failed
    FAILURES = "failures"  # too many rows failed one after the other
    REJECTIONS = "rejections"  # too many rows were rejected one after the other, for the same reason
    PATIENCE = "patience"  # the CRM said "too fast" for longer than the settings allow
    CRM_DOWN = "crm_down"  # no request got through to the CRM for longer than the settings allow
    UNTIL = "until"  # the moment came until which it was to work
    TOKEN = "token"  # noqa: S105  # the CRM does not accept, or does not give, an access token
    PROOF_PENDING = "proof_pending"  # its first edit is still to be proved
    PROOF_REFUTED = "proof_refuted"  # its first edit did not make of the clue what it should have
    PROOF_FAILED = "proof_failed"  # its first edit could neither be proved nor refuted
    DISK_FULL = "disk_full"  # there is no more room for the journal
    OTHER = "other"  # anything else, such as a journal that can no longer be written


class WaitReason(StrEnum):
    """Why nothing goes out for a while, for programs."""

    JOURNAL = "journal"  # the database of the journal cannot be reached, without which nothing may go out
    TOO_FAST = "too_fast"  # the CRM said "too fast", to this run or to another one of its tenant
    RATE_UNKNOWN = "rate_unknown"  # it is not known what was sent within the last minute
    RATE_FULL = "rate_full"  # the permitted rate of a longer time is used up
    RATE = "rate"  # the permitted rate lets the next request go out only then
    RATE_SHARED = "rate_shared"  # the same, and another program of this machine uses a part of it
    TOKEN = "token"  # noqa: S105  # an access token is being fetched
    CRM_DOWN = "crm_down"  # no request gets through at all, and it is waited that one does
    UNREACHABLE = "unreachable"  # requests did not reach the CRM, and are made again
    NO_ANSWER = "no_answer"  # requests reached the CRM without a usable answer, and are made again
    ANSWER = "answer"  # the CRM takes its time to answer
    OTHER_RUN = "other_run"  # another run is sending an edit of the same clue
    OTHER_WORKER = "other_worker"  # a worker that does not answer may still know what became of edits that it has sent
    PROOF = "proof"  # the first edit is being proved


class Step(StrEnum):
    """What a person can do next after a run."""

    CONFIRM = "confirm"  # look at what the run would do, and agree to it: it is planned, and nothing was sent
    RUN_SHEET = "run_sheet"  # run the sheet again: the run was interrupted before anything was sent
    SEND_SHEET = "send_sheet"  # run the sheet: this run was for the proof of one edit alone
    GO_ON = "go_on"  # resume the run
    MEND_AFTERWARDS = "mend_afterwards"  # once it is resumed, mend what is wrong with other rows
    MEND = "mend"  # mend what is wrong with the rows in the results sheet, and send that
    LOOK = "look"  # see why rows were not updated
    COMPARE = "compare"  # see in the CRM whether edits were applied that were not answered, and that are not to be repeated
    NOTHING = "nothing"  # nothing is left to be done
    UNDO = "undo"  # put back what the run changed, if that is wanted


#: The statuses of the summary, in the order in which people read them.
SUMMARY_STATUSES = ("updated", "unchanged", "skipped", "invalid", "conflict", "rejected", "failed", "not_sent")
