"""What several owners know of one row, in whatever order it comes to the database: it ends as what the server has done."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import hypothesis.strategies as st
import psycopg
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from batch_editor.journal import facts
from batch_editor.journal.owner import Owner
from batch_editor.journal.schema import SCHEMA
from batch_editor.journal.store import State
from batch_editor.model import Status

_SHARDS = "CREATE TABLE shards (run BIGINT, shard INTEGER, epoch BIGINT, done BOOLEAN NOT NULL DEFAULT FALSE)"
_ABANDON = (
    "UPDATE rows SET status = 'failed', attempts = attempts + 1, maybe_applied = TRUE WHERE run = %s AND status = 'sending'"
)
_RUNS, _WRITERS = itertools.count(1), itertools.count(1)
ROWS = (2, 3)


@pytest.fixture
def connection(postgres: str) -> Iterator[psycopg.Connection]:
    """A database with the tables that rows, their shards and those who write them need."""
    with psycopg.connect(postgres, autocommit=True) as connection:
        for statement in (*SCHEMA, _SHARDS, *facts.TABLES):
            connection.execute(statement)
        yield connection


class Writer:
    """A process that writes states, each as a transaction of its own. ``mark`` is that of the owner for which it does."""

    def __init__(self, connection: psycopg.Connection, owner: Owner) -> None:
        self.connection, self.owner = connection, owner
        self.id = next(_WRITERS)
        self.numbers = itertools.count(1)

    def numbered(self, row: int, status: Status, **over: Any) -> tuple[int, State]:
        values = {"attempts": 0, "maybe_applied": False, "reads": 0, "message": None, "time": 0} | over
        state = (self.owner.run_id, row, status, "", values["message"], values["attempts"], values["time"], 0)
        return next(self.numbers), (*state, values["maybe_applied"], values["reads"])

    def write(self, number: int, state: State) -> bool:
        """Whether the row is being sent by this owner from now on."""
        arrays = facts.columns([(state, self.owner)])
        written = self.connection.execute(facts.SET_STATES, [self.id, number, *arrays]).fetchall()
        return any(is_sending for _, _, is_sending in written)

    def set(self, row: int, status: Status, **over: Any) -> bool:
        return self.write(*self.numbered(row, status, **over))


def new_run(connection: psycopg.Connection) -> int:
    run = next(_RUNS)
    for row in ROWS:
        connection.execute(
            "INSERT INTO rows (run, row, status, clue, cells, fields, cleared) VALUES (%s, %s, 'pending', %s, '[]', '', '')",
            [run, row, row],
        )
    connection.execute("INSERT INTO shards VALUES (%s, 1, 0)", [run])
    return run


def taken(connection: psycopg.Connection, run: int) -> Writer:
    """Somebody new who has taken the shard of all rows."""
    ((epoch,),) = connection.execute("UPDATE shards SET epoch = epoch + 1 WHERE run = %s RETURNING epoch", [run]).fetchall()
    return Writer(connection, Owner(secrets.randbits(62), run, 1, epoch))


def row_of(connection: psycopg.Connection, run: int, row: int = 2) -> dict[str, Any]:
    names = "status, attempts, reads, maybe_applied, message, time"
    values = connection.execute(f"SELECT {names} FROM rows WHERE run = %s AND row = %s", [run, row]).fetchall()[0]  # noqa: S608
    return dict(zip(names.split(", "), values, strict=True))


# --- one row, step by step


def test_who_has_lost_the_shard_marks_nothing_but_tells_what_came_of_its_requests(connection: psycopg.Connection) -> None:
    run = new_run(connection)
    first = taken(connection, run)
    assert first.set(2, Status.SENDING)
    second = taken(connection, run)
    assert not first.set(3, Status.SENDING) and row_of(connection, run, 3)["status"] == "pending"
    assert not first.set(3, Status.CONFLICT) and row_of(connection, run, 3)["status"] == "pending"
    first.set(2, Status.UPDATED, attempts=2, time=5)
    assert row_of(connection, run) == {
        "status": "updated",
        "attempts": 2,
        "reads": 0,
        "maybe_applied": False,
        "message": None,
        "time": 5,
    }
    assert not second.set(2, Status.SENDING), "a row that is not to be sent any more"
    assert second.set(3, Status.SENDING)


def test_who_has_lost_the_shard_lets_go_a_row_that_it_did_not_send(connection: psycopg.Connection) -> None:
    """Else whoever has taken over would wait for it."""
    run = new_run(connection)
    first = taken(connection, run)
    first.set(2, Status.SENDING)
    second = taken(connection, run)
    first.set(2, Status.PENDING, reads=1)
    assert row_of(connection, run)["status"] == "pending" and row_of(connection, run)["reads"] == 1
    assert second.set(2, Status.SENDING)
    first.set(2, Status.PENDING, attempts=1)
    assert row_of(connection, run)["status"] == "sending" and row_of(connection, run)["attempts"] == 1


def test_a_refusal_that_comes_late_says_nothing_of_a_row_that_somebody_else_is_sending(connection: psycopg.Connection) -> None:
    run = new_run(connection)
    first = taken(connection, run)
    first.set(2, Status.SENDING)
    second = taken(connection, run)
    connection.execute(_ABANDON, [run])
    second.set(2, Status.SENDING)
    first.set(2, Status.REJECTED, attempts=1)
    assert row_of(connection, run)["status"] == "sending" and row_of(connection, run)["maybe_applied"]
    second.set(2, Status.UPDATED, attempts=1)
    first.set(2, Status.FAILED, attempts=1, maybe_applied=True, message="late")
    assert row_of(connection, run)["status"] == "updated" and row_of(connection, run)["message"] is None
    assert row_of(connection, run)["attempts"] == 4


def test_a_confirmation_that_comes_late_stands_whatever_somebody_else_has_come_to(connection: psycopg.Connection) -> None:
    for meanwhile in ([], [Status.SENDING], [Status.SENDING, Status.REJECTED], [Status.SENDING, Status.CONFLICT]):
        run = new_run(connection)
        first = taken(connection, run)
        first.set(2, Status.SENDING)
        second = taken(connection, run)
        connection.execute(_ABANDON, [run])
        for status in meanwhile:
            second.set(2, status)
        first.set(2, Status.UPDATED, attempts=1)
        assert row_of(connection, run)["status"] == "updated", meanwhile
        second.set(2, Status.FAILED, attempts=1, maybe_applied=True)
        second.set(2, Status.PENDING)
        assert row_of(connection, run)["status"] == "updated", meanwhile


def test_what_was_done_is_not_done_twice(connection: psycopg.Connection) -> None:
    run = new_run(connection)
    first = taken(connection, run)
    mark, fact = first.numbered(2, Status.SENDING), first.numbered(2, Status.FAILED, attempts=3)
    assert first.write(*mark)
    assert not first.write(*mark), "it was done before, and finds nothing"
    first.write(*fact)
    first.write(*fact)
    first.write(*mark)
    assert row_of(connection, run)["attempts"] == 3 and row_of(connection, run)["status"] == "failed"


# --- any order


@dataclass
class Sender:
    """An owner and what has come of its requests: by row, for those that it is sending; and which of them were lost before."""

    writer: Writer
    in_flight: dict[int, list[str]] = field(default_factory=dict)
    doubtful: set[int] = field(default_factory=set)
    unwritten: list[tuple[int, State]] = field(default_factory=list)


class Rows(RuleBasedStateMachine):
    """Owners that take over from one another, freeze and come back, and whose writes come late, or twice."""

    connect: Callable[[], psycopg.Connection]

    @initialize()
    def begin(self) -> None:
        self.connection = self.connect()
        self.run = new_run(self.connection)
        self.senders = [Sender(taken(self.connection, self.run))]
        self.answers: dict[int, list[str]] = {row: [] for row in ROWS}
        self.abandoned = dict.fromkeys(ROWS, 0)

    @rule(abandons=st.booleans())
    def take_over(self, abandons: bool) -> None:
        self.senders.append(Sender(taken(self.connection, self.run)))
        if abandons:
            for row in ROWS:
                self.abandoned[row] += row_of(self.connection, self.run, row)["status"] == "sending"
            self.connection.execute(_ABANDON, [self.run])

    @rule(data=st.data(), row=st.sampled_from(ROWS), heard=st.booleans())
    def mark(self, data: st.DataObject, row: int, heard: bool) -> None:
        sender = self._any(data)
        if row in sender.in_flight or sender.unwritten:  # what it knows comes first
            return
        before = row_of(self.connection, self.run, row)
        number, state = sender.writer.numbered(row, Status.SENDING)
        is_marked = sender.writer.write(number, state)
        if not heard:
            owner = sender.writer.owner
            assert not sender.writer.write(number, state)
            marked = self.connection.execute(facts.MARKED, [self.run, [row], owner.mark]).fetchall()
            assert is_marked == bool(marked), "whoever has not heard of it finds the same"
        if is_marked:
            assert before["status"] in ("pending", "failed") and sender is self.senders[-1]
            sender.in_flight[row] = []
            sender.doubtful -= {row}
            sender.doubtful |= {row} if before["maybe_applied"] else set()

    @rule(data=st.data(), answer=st.sampled_from(["confirmed", "rejected", "applied, lost", "lost", "unreached"]))
    def ask(self, data: st.DataObject, answer: str) -> None:
        sender = self._any(data)
        if sender.in_flight:
            row = data.draw(st.sampled_from(sorted(sender.in_flight)))
            if sender.in_flight[row][-1:] not in (["confirmed"], ["rejected"]):
                sender.in_flight[row].append(answer)
                self.answers[row].append(answer)

    @rule(data=st.data())
    def end(self, data: st.DataObject) -> None:
        sender = self._any(data)
        if sender.in_flight:
            self._end(sender, data.draw(st.sampled_from(sorted(sender.in_flight))))

    @rule(data=st.data(), times=st.sampled_from([1, 1, 2]))
    def write(self, data: st.DataObject, times: int) -> None:
        self._write(self._any(data), times)

    @precondition(lambda self: hasattr(self, "run"))
    @rule()
    def nothing_is_less(self) -> None:
        for row in ROWS:
            self._check(row, row_of(self.connection, self.run, row))

    def teardown(self) -> None:
        if not hasattr(self, "run"):
            return
        for sender in self.senders:
            for row in sorted(sender.in_flight):
                self._end(sender, row)
            self._write(sender, 1)
        for row in ROWS:
            known = row_of(self.connection, self.run, row)
            answers = self.answers[row]
            assert (known["status"] == "updated") == ("confirmed" in answers)
            assert known["attempts"] == len(answers) + self.abandoned[row]
            if known["status"] != "updated" and any("lost" in answer for answer in answers):
                assert known["maybe_applied"]
            self._check(row, known)

    def _check(self, row: int, known: dict[str, Any]) -> None:
        answers = self.answers[row]
        assert known["status"] != "updated" or "confirmed" in answers
        assert known["status"] != "rejected" or "rejected" in answers
        if known["status"] == "pending":
            assert not known["maybe_applied"]
        if known["status"] == "failed":
            assert known["maybe_applied"] or "applied, lost" not in answers or self._is_on_its_way(row)

    def _is_on_its_way(self, row: int) -> bool:
        return any(row in sender.in_flight or sender.unwritten for sender in self.senders)

    def _any(self, data: st.DataObject) -> Sender:
        return data.draw(st.sampled_from(self.senders))

    def _end(self, sender: Sender, row: int) -> None:
        answers = sender.in_flight.pop(row)
        last = answers[-1] if answers else ""
        lost = row in sender.doubtful or any("lost" in answer for answer in answers)
        ends = {"confirmed": Status.UPDATED, "rejected": Status.REJECTED, "": Status.FAILED if lost else Status.PENDING}
        status = ends.get(last, Status.FAILED)
        maybe_applied = lost and status is not Status.UPDATED
        sender.unwritten.append(sender.writer.numbered(row, status, attempts=len(answers), maybe_applied=maybe_applied))

    def _write(self, sender: Sender, times: int) -> None:
        while sender.unwritten:
            transaction = sender.unwritten.pop(0)
            for _ in range(times):
                sender.writer.write(*transaction)


def test_whatever_the_order_a_row_ends_as_what_the_server_has_done(connection: psycopg.Connection) -> None:
    class Now(Rows):
        connect = staticmethod(lambda: connection)

    drawn = settings(stateful_step_count=25, max_examples=2 * settings().max_examples)
    run_state_machine_as_test(Now, settings=drawn)
