"""Any mix of outcomes, stops, crashes and resumes keeps the promises 4 to 7 (guide: architecture).

Hypothesis makes up runs over a few clues with many rows each and sends them in any number of sessions, each of which is a
``Journal`` opened as by a process of its own and a ``Dispatcher`` with one to four senders. The CRM is a function that applies
edits and answers as it was made up. At every request it reads the journal's file over a connection of its own, as somebody
would who looks at the disk at that moment, and so does the machine after every session.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import Phase
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from support import jobs
from support.dispatching import CONFIRMED, LOST, UNREACHED, FakeTime, coded, http, new_run

from batch_editor.crm.pace import Pace, open_record
from batch_editor.crm.retries import Retries
from batch_editor.crm.tokens import Grant, Tokens
from batch_editor.journal.journal import Journal
from batch_editor.journal.sending import Sending
from batch_editor.journal.store import Transaction
from batch_editor.model import Edit, Message, Outcome, Reply, RunState, Sent, Status
from batch_editor.runs import workers
from batch_editor.runs.clue_queue import Streaks
from batch_editor.runs.dispatcher import Dispatcher
from batch_editor.runs.planning import plan_rest
from batch_editor.runs.senders import Senders
from batch_editor.stop import Stop

JOURNAL = "journal.sqlite3"
BUSY, FAST = 70001, 70002
#: Longest that a request of an interrupted session is kept, in seconds; only a session that does not end lets it pass.
TOO_LONG = 20


class Behaviour(NamedTuple):
    """What the CRM does with one request: whether it applies the edit, and what comes back."""

    applies: bool
    reply: Reply


BEHAVIOURS = {
    "confirmed": Behaviour(True, CONFIRMED),
    "applied, answer lost": Behaviour(True, LOST),
    "lost before applied": Behaviour(False, LOST),
    "applied, answer cut": Behaviour(True, Reply(Sent.MAYBE, 1, 200, trouble=Message("net.cut"))),
    "503": Behaviour(False, http(503)),
    "503 with Retry-After": Behaviour(False, http(503, 3)),
    "applied, then 504": Behaviour(True, http(504)),
    "429": Behaviour(False, http(429)),
    "429 with Retry-After": Behaviour(False, http(429, 5)),
    "rate code": Behaviour(False, coded(FAST, "慢一点")),
    "401": Behaviour(False, http(401)),
    "auth code": Behaviour(False, coded(10001, "access_token 已失效")),
    "retry code": Behaviour(False, coded(BUSY, "系统繁忙")),
    "refused": Behaviour(False, coded(90007, "线索不存在")),
    "data false": Behaviour(False, Reply(Sent.YES, 1, 200, 0, "请求成功", data=False)),
    "unreached": Behaviour(False, UNREACHED),
}


class Interruption(NamedTuple):
    """What ends a session early, at which of its requests or writes (counted from 1).

    ``soft`` and ``hard`` are stops at a request. Where a crash may be: before the request ``leaves``, when it was ``applied``
    and not answered, when it was ``answered`` and the outcome is about to be written, when the outcome was ``written`` just
    now; and, whatever it is that is written, ``before a write`` and ``after a write``.
    """

    kind: str
    number: int


NEVER = Interruption("never", 0)


class Row(NamedTuple):
    """One row as the journal's file has it."""

    clue: int
    status: str
    maybe_applied: bool
    attempts: int


class Died(BaseException):
    """The process ends here and now: no handler of an error may believe that it can go on."""


class Mortal(Journal):
    """A journal whose process may die: from that moment on nothing is written to its file, whoever tries."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.dead = False
        self.writes = 0
        self.dies: Callable[[bool, Sequence[Transaction]], bool] = lambda written, changes: False
        self._life = threading.RLock()
        self._write = self._store._apply
        self._store._apply = self._apply  # type: ignore[method-assign]

    def sending(self, run: str) -> Sending:
        sending = self.of(run).sending
        advance_really = sending.advance

        def advance(outcome: Outcome | None, sending: int | None) -> bool:
            if outcome is not None and outcome.row % 2:  # not everybody as long: who is quicker may rely on what is not there
                time.sleep(0.004)  # the system may take a thread away anywhere; here it is most telling
            return advance_really(outcome, sending)

        sending.advance = advance  # type: ignore[method-assign]
        return sending

    def die(self) -> None:
        with self._life:  # not in the middle of a transaction: what SQLite makes of those is no matter of ours
            self.dead = True

    def _apply(self, changes: Sequence[Transaction]) -> None:
        with self._life:
            self.writes += 1
            self.dead = self.dead or self.dies(False, changes)
            if not self.dead:
                time.sleep(0.0002)  # as a disk would: what must wait for this has time not to
                self._write(changes)
                self.dead = self.dies(True, changes)
                if not self.dead:
                    return
            for change in changes:
                change.error, change.done = change.error or Died(), True
        raise Died


class Permits(Pace):
    """A pace that knows which thread has a permit that it has not used yet."""

    def __init__(self, time: FakeTime) -> None:
        super().__init__((), record=open_record((), None), clock=time.clock, wait=time.wait)
        self._own = threading.local()

    def acquire(self, stop: threading.Event) -> bool:
        self._own.permit = super().acquire(stop)
        return self._own.permit

    def spend(self) -> None:
        assert getattr(self._own, "permit", False), "a request without a permit of its own"
        self._own.permit = False


@dataclass
class Session:
    """How the rest of a run is sent once: by how many senders, how patiently, and what it meets with.

    The ``n``-th request for a row meets with the ``n``-th behaviour of the row's part of ``script``, and is confirmed after
    the last one.
    """

    script: Sequence[Sequence[str]] = ()
    concurrency: int = 1
    attempts: int = 1
    ambiguous: bool = True
    limit: int | None = None
    patience: float = 900
    after_failures: int | None = None

    def behaviour(self, row: int, number: int) -> Behaviour:
        part = self.script[row % len(self.script)] if self.script else ()
        return BEHAVIOURS[part[number - 1] if number <= len(part) else "confirmed"]


@dataclass
class Crm:
    """The truth: which edits were applied in which order, and which ones were confirmed, whatever anybody knows of it.

    It outlives the processes that talk to it; ``doubtful`` are rows of which a request was sent and not properly answered.
    """

    applied: dict[int, list[int]] = field(default_factory=dict)
    confirmed: set[int] = field(default_factory=set)
    doubtful: set[int] = field(default_factory=set)

    def everything(self) -> Counter[int]:
        return Counter(row for rows in self.applied.values() for row in rows)


class Wire:
    """The way to the CRM of one session: what a ``Dispatcher`` is given as ``request``. It looks at the disk first.

    A promise that is found broken is kept in ``broken``: the senders' own errors can hide it.
    """

    def __init__(self, crm: Crm, journal: Mortal, session: Session, interruption: Interruption, to_send: Sequence[int]) -> None:
        self.crm, self.journal, self.session, self.interruption = crm, journal, session, interruption
        self.to_send = set(to_send)
        self.stop, self.time = Stop(), FakeTime()
        self.pace = Permits(self.time)
        settings = session_settings(session)
        self.tokens = Tokens(fetch=lambda: self.retries.fetch_token(self.grant))
        self.retries = Retries(
            tokens=self.tokens,
            pace=self.pace,
            settings=settings,
            stop=self.stop,
            notices=deque(),
            clock=self.time.clock,
            wait=self.time.wait,
            jitter=lambda low, high: high,
        )
        self.requests: Counter[int] = Counter()
        self.confirmed: set[int] = set()
        self.broken: list[BaseException] = []
        self.over = threading.Event()
        self._lock = threading.Lock()
        self._file = reading(journal.path)

    def close(self) -> None:
        self._file.close()

    def grant(self) -> Grant:
        """The token call."""
        self.checked(self.pace.spend)
        return Grant("token", 7200)

    def __call__(self, edit: Edit) -> Reply:
        generation = self.tokens.current().generation
        with self._lock:
            if self.journal.dead:
                raise Died
            self.checked(self.look, edit)
            self.requests[edit.row] += 1
            behaviour = self.session.behaviour(edit.row, self.requests[edit.row])
            now = self.requests.total() == self.interruption.number
            if now and self.interruption.kind == "leaves":
                self.crash()
            if behaviour.applies:
                self.crm.applied.setdefault(edit.clue_id, []).append(edit.row)
            if now and self.interruption.kind == "applied":
                self.crash()
            if behaviour.reply is CONFIRMED:
                self.crm.confirmed.add(edit.row)
                self.confirmed.add(edit.row)
            elif behaviour.reply.sent is Sent.MAYBE or (behaviour.reply.status or 0) >= 500:
                self.crm.doubtful.add(edit.row)
        if now:
            self.interrupt(edit)
        if self.session.concurrency > 1:
            time.sleep(0.0005)  # the others get their turn before this request is answered
        return replace(behaviour.reply, token=generation)

    def interrupt(self, edit: Edit) -> None:
        if self.interruption.kind in ("soft", "hard"):
            self.stop.ask()
        if self.interruption.kind == "hard":
            self.stop.ask()
            self.over.wait(TOO_LONG)
        if self.interruption.kind in ("answered", "written"):
            self.journal.dies = lambda written, changes: (
                written == (self.interruption.kind == "written")
                and any(state[1] == edit.row and state[2] != Status.SENDING for change in changes for state in change.states)
            )

    def crash(self) -> None:
        self.journal.die()
        raise Died

    def checked(self, check: Callable[..., None], *values: Any) -> None:
        try:
            check(*values)
        except BaseException as error:
            self.broken.append(error)
            raise

    def look(self, edit: Edit) -> None:
        """What must be true of the disk when a request arrives."""
        rows = durable(self._file)
        row = rows[edit.row]
        self.pace.spend()
        assert row.status == "sending", f"row {edit.row} is sent and {row.status} on disk"
        assert edit.row in self.to_send, f"row {edit.row} is sent, which is not to be sent"
        assert row.clue == edit.clue_id
        sending = [number for number, one in rows.items() if one.status == "sending"]
        assert len(sending) <= self.session.concurrency, f"rows {sending} are on their way at once"
        unwritten = [number for number in self.confirmed if rows[number].status != "updated"]
        assert len(unwritten) <= self.session.concurrency, f"rows {unwritten} are confirmed, and not on disk"
        for number, one in rows.items():
            if one.clue == edit.clue_id and number < edit.row:
                ended = ("updated", "rejected") if number in self.to_send else ("updated", "rejected", "failed")
                assert one.status in ended, f"row {edit.row} overtakes row {number}, which is {one.status}"
            if one.clue == edit.clue_id and number > edit.row:
                assert one.status != "updated", f"row {edit.row} is sent after row {number}, which is updated"
        if not self.session.ambiguous:
            known = self.crm.doubtful | self.crm.everything().keys()
            assert edit.row not in known, f"row {edit.row} may have been applied, and is sent again"
        check_truth(self.crm, rows)


def reading(path: Path) -> sqlite3.Connection:
    """A connection that can only read, for any thread."""
    return sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False)


def durable(file: sqlite3.Connection) -> dict[int, Row]:
    """Every row, by its number, as it is on disk."""
    found = file.execute("SELECT row, clue, status, maybe_applied, attempts FROM rows ORDER BY row").fetchall()
    return {row: Row(clue, status, bool(maybe_applied), attempts) for row, clue, status, maybe_applied, attempts in found}


def check_truth(crm: Crm, rows: dict[int, Row]) -> None:
    """What must be true of the disk at any moment, compared with what the CRM knows."""
    updated = {number for number, row in rows.items() if row.status == "updated"}
    assert updated <= crm.confirmed, f"rows {updated - crm.confirmed} are updated, and nobody confirmed them"
    for clue, applied in crm.applied.items():
        latest = max((number for number in updated if rows[number].clue == clue), default=0)
        assert applied[-1] >= latest, f"clue {clue} has the values of row {applied[-1]}, though row {latest} is updated"
    for number in crm.everything():
        row = rows[number]
        safe = row.status in ("updated", "sending") or (row.maybe_applied and row.status in ("failed", "rejected"))
        assert safe, f"row {number} was applied, and is {row.status} as if that could not be"


def still_to_send(rows: dict[int, Row], *, ambiguous: bool) -> list[int]:
    """Returns the rows that a resume has to send, by the states of a row (guide: rules) and nothing else.

    These are the pending and the failed ones, without those that may have been applied and must not be sent twice, and without
    those of whose clue a later row is updated already.
    """
    found = []
    for number, row in rows.items():
        newer = any(one.clue == row.clue and one.status == "updated" and later > number for later, one in rows.items())
        again = row.status == "failed" and (ambiguous or not row.maybe_applied) and not newer
        if row.status == "pending" or again:
            found.append(number)
    return found


def session_settings(session: Session) -> Any:
    return jobs.settings(
        Path("nowhere"),
        api={"retry_codes": [BUSY], "rate_codes": [FAST]},
        rate={"concurrency": session.concurrency, "pause": 60, "patience": session.patience},
        retry={"attempts": session.attempts, "max_wait": 60, "ambiguous": session.ambiguous},
        halt={"after_failures": session.after_failures},
    )


sessions = st.builds(
    Session,
    script=st.lists(st.lists(st.sampled_from(sorted(BEHAVIOURS)), max_size=3), max_size=8),
    concurrency=st.integers(1, 4),
    attempts=st.integers(1, 3),
    ambiguous=st.booleans(),
    limit=st.none() | st.integers(1, 6),
    patience=st.sampled_from([900, 100]),
    after_failures=st.none() | st.integers(1, 3),
)
numbers = st.integers(1, 20)
#: Those that are counted in writes: beside the rows' own there are that of the resume and that of the run's state.
IN_WRITES = ("before a write", "after a write")


class Promises(RuleBasedStateMachine):
    """One run, from its first session to the resume that ends it."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="batch_editor-model-"))
        self.lives = 0
        self.run = ""
        self.broken = False

    @initialize(clues=st.lists(st.integers(11, 13), min_size=6, max_size=16), doubts=st.booleans())
    def begin(self, clues: list[int], doubts: bool) -> None:
        self.clues, self.doubts = clues, doubts
        self.plan()

    @rule(session=sessions)
    def send(self, session: Session) -> None:
        self.session(session, NEVER)

    @rule(session=sessions, kind=st.sampled_from(["soft", "hard"]), request=numbers)
    def stop(self, session: Session, kind: str, request: int) -> None:
        self.session(session, Interruption(kind, request))

    @rule(session=sessions, point=st.sampled_from(["leaves", "applied", "answered", "written"]), request=numbers)
    def crash_at_a_request(self, session: Session, point: str, request: int) -> None:
        self.session(session, Interruption(point, request))

    @rule(session=sessions, point=st.sampled_from(IN_WRITES), write=numbers)
    def crash_at_a_write(self, session: Session, point: str, write: int) -> None:
        self.session(session, Interruption(point, write))

    @invariant()
    def nothing_is_forgotten(self) -> None:
        if not self.run:
            return
        rows = self.rows()
        check_truth(self.crm, rows)
        for number, status in self.ended.items():
            assert rows[number].status == status, f"row {number} was {status} and is {rows[number].status}"
        self.ended |= {number: row.status for number, row in rows.items() if row.status in ("updated", "rejected")}
        sending = [number for number, row in rows.items() if row.status == "sending"]
        assert len(sending) <= self.in_flight, f"rows {sending} are left in flight"

    def teardown(self) -> None:
        """A resume with a healthy CRM ends every run."""
        try:
            if self.run and not self.broken:
                if self.doubts:
                    self.session(Session(concurrency=2, ambiguous=False), NEVER)
                    self.nothing_is_forgotten()
                    left = {number: row for number, row in self.rows().items() if row.status not in ("updated", "rejected")}
                    assert all(row.status == "failed" and row.maybe_applied for row in left.values()), left
                self.session(Session(concurrency=2), NEVER)
                self.nothing_is_forgotten()
                rows = self.rows()
                for number, row in rows.items():
                    newer = any(one.clue == row.clue and one.status == "updated" for one in list(rows.values())[number - 1 :])
                    assert row.status in ("updated", "rejected") or (row.status == "failed" and newer), rows
                assert still_to_send(rows, ambiguous=True) == []
        finally:
            shutil.rmtree(self.folder)

    def plan(self) -> None:
        """Start a run, in a journal of its own."""
        self.path = self.next_path()
        self.crm = Crm()
        self.in_flight = 0  # how many rows may have been on their way when the last process died
        self.ended: dict[int, str] = {}  # rows that were seen updated or rejected: they stay so
        with Journal(self.path) as journal:
            self.run = new_run(journal, self.clues)

    def next_path(self) -> Path:
        self.lives += 1
        path = self.folder / str(self.lives) / JOURNAL
        path.parent.mkdir()
        return path

    def rows(self) -> dict[int, Row]:
        with closing(reading(self.path)) as file:
            return durable(file)

    def session(self, session: Session, interruption: Interruption) -> None:
        """Send once what is left, as ``job.run`` and ``job.resume`` do; the state that a crash leaves is what comes next.

        Where nothing is left, it is a new run: what can be done next must not depend on who was quicker.
        """
        self.broken = True  # unless it comes to its end
        if all(row.status in ("updated", "rejected") for row in self.rows().values()):
            self.plan()
        before, told, times = self.rows(), self.crm.confirmed.copy(), self.crm.everything()
        journal = Mortal(self.path)
        try:
            journal.claim(self.run)
            if interruption.kind in IN_WRITES:
                journal.dies = lambda written, changes: (
                    written == (interruption.kind == "after a write") and journal.writes == interruption.number
                )
            given = session_settings(session)
            calls = plan_rest(journal, journal.run(self.run), given, session.limit).preview.calls
            start = self.rows()
            to_send = still_to_send(start, ambiguous=session.ambiguous)[: session.limit]
            assert calls == len(to_send)
            journal.of(self.run).set_state(RunState.SENDING)
            if to_send:
                number = interruption.number if interruption.kind in IN_WRITES else (interruption.number - 1) % len(to_send) + 1
                self.dispatch(journal, given, session, Interruption(interruption.kind, number), to_send, start)
            journal.of(self.run).set_state(RunState.STOPPED)
        except Died:
            self.restart()
        finally:
            journal.close()
        again = {row for row, number in self.crm.everything().items() if row in told and number > times[row]}
        interrupted = {row for row in again if before[row].status == "sending"}
        doubtful = {row for row in again if before[row].status == "failed" and before[row].maybe_applied}
        assert again == interrupted | doubtful, "rows that were confirmed and written down are applied again"
        assert len(interrupted) <= self.in_flight
        self.in_flight = session.concurrency if journal.dead else 0
        self.broken = False

    def dispatch(
        self,
        journal: Mortal,
        given: Any,
        session: Session,
        interruption: Interruption,
        to_send: Sequence[int],
        start: dict[int, Row],
    ) -> None:
        wire = Wire(self.crm, journal, session, interruption, to_send)
        senders = Senders.for_next(
            len(to_send),
            sending=journal.sending(self.run),
            retries=wire.retries,
            read_clue=lambda clue: pytest.fail("no row of the model wants its clue read"),
            resolve=lambda edit, reply, shown: [],
            settings=given,
            stop=wire.stop,
            notices=deque(),
            on_event=lambda event: None,
            streaks=Streaks(given.halt),
        )
        dispatcher = Dispatcher(senders, wire)
        earlier = set(threading.enumerate())
        try:
            halted = dispatcher.run()
            ended = self.rows()
        finally:
            wire.over.set()
            for sender in set(threading.enumerate()) - earlier:
                sender.join(TOO_LONG)
                assert not sender.is_alive()
            wire.close()
            if wire.broken:
                raise wire.broken[0]
        if journal.dead:
            raise Died
        assert self.rows() == ended, "a sender wrote something down after the run was told to be over"
        over = {row for row in to_send if ended[row].status in ("updated", "rejected", "failed")}
        # A row that had failed before and was taken again, but not sent before the run was stopped, looks as it did before.
        unmoved = {row for row in over if start[row].status == "failed" and ended[row].attempts == start[row].attempts}
        assert len(over - unmoved) <= dispatcher.done <= len(over)
        assert halted or all(row in over or self.held_back(row, ended, to_send) for row in to_send), "rows are forgotten"
        if not wire.stop.hard.is_set():
            asked = {row: ended[row].attempts - start[row].attempts for row in to_send}
            assert {row: number for row, number in asked.items() if number} == dict(wire.requests)

    def held_back(self, row: int, rows: dict[int, Row], to_send: Sequence[int]) -> bool:
        return any(rows[one].status == "failed" and rows[one].clue == rows[row].clue for one in to_send if one < row)

    def restart(self) -> None:
        """The machine starts again with what is on its disk: the file and the log beside it, which nobody has closed."""
        old, self.path = self.path, self.next_path()
        for end in ("", "-wal"):
            if (part := Path(f"{old}{end}")).exists():
                shutil.copy(part, f"{self.path}{end}")


@pytest.mark.parametrize("examples", [10, pytest.param(70, marks=pytest.mark.slow)])
def test_any_mix_of_outcomes_stops_crashes_and_resumes_keeps_the_promises(
    monkeypatch: pytest.MonkeyPatch, examples: int
) -> None:
    monkeypatch.setattr(workers, "LOOK_UP", 0.005)
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Promises,
        settings=hypothesis_settings(
            max_examples=examples,
            stateful_step_count=6,
            deadline=None,
            derandomize=True,
            database=None,
            report_multiple_bugs=False,
            # What happens depends on which sender is quicker, so a smaller example is looked for long and in vain. Where it
            # does not, add Phase.shrink.
            phases=[Phase.generate],
        ),
    )
