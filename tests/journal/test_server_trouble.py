"""A database that is restarted, replaced, full or away at any moment: nothing known is lost, and nothing is done twice."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from support import postgres
from support.dispatching import new_run
from support.proxies import Proxy

from batch_editor.errors import Halted, UnderWay
from batch_editor.journal import advisory_locks, link, postgres_store
from batch_editor.journal.groups import Group
from batch_editor.journal.journal import Journal
from batch_editor.journal.kept_facts import files
from batch_editor.journal.link import Patience
from batch_editor.journal.server import Server
from batch_editor.journal.writer import Writer
from batch_editor.messages import say
from batch_editor.model import Message, Outcome, RunState, Status

NOW = "2026-11-29T08:00:00+08:00"


class Time:
    """Seconds that pass only where somebody waits; at each of the moments in ``then``, something happens."""

    def __init__(self, then: dict[float, Callable[[], object]] | None = None) -> None:
        self.now = 0.0
        self.then = dict(then or {})

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        self.now += max(seconds, 0.01)
        for moment in sorted(moment for moment in self.then if moment <= self.now):
            self.then.pop(moment)()
        return stop.is_set()


@pytest.fixture
def line(journal_server: str) -> Iterator[Proxy]:
    """The line to the database."""
    known = psycopg.conninfo.conninfo_to_dict(journal_server)
    with Proxy((str(known["host"]), int(str(known["port"])))) as proxy:
        yield proxy


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    """How the journals of a test wait for their database."""
    time = Time()
    init = Patience.__init__
    monkeypatch.setattr(Patience, "__init__", lambda patience: init(patience, lambda: time.now, time.wait))
    monkeypatch.setattr(link, "_LOOK", 0.05)
    return time


@pytest.fixture
def server(journal_server: str, line: Proxy, tmp_path: Path) -> Server:
    """The database, as it is reached over the line."""
    return Server(postgres.dsn_with(journal_server, host="127.0.0.1", port=line.port), tmp_path)


def outcome(row: int, status: Status = Status.UPDATED, **over: object) -> Outcome:
    values = {"code": "0", "message": None, "attempts": 1, "time": NOW} | over
    return Outcome(row, status, **values)  # type: ignore[arg-type]


def attempts(journal: Journal, run: str) -> dict[int, tuple[str, int]]:
    return {row.row: (str(row.status), row.attempts) for row in journal.of(run).queries.rows()}


@pytest.fixture
def unheard(monkeypatch: pytest.MonkeyPatch, journal_server: str) -> list[int]:
    """Kills the session at the server after it has done each group of these numbers, before anybody has heard of it."""
    numbers: list[int] = []
    write = Writer.write

    def write_unheard(writer: Writer, connection: psycopg.Connection, group: Group) -> None:
        write(writer, connection, group)
        if group.number in numbers:
            numbers.remove(group.number)
            with psycopg.connect(journal_server, autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.info.backend_pid])
            connection.execute("SELECT 1")

    monkeypatch.setattr(Writer, "write", write_unheard)
    return numbers


def test_what_was_done_without_an_answer_is_not_done_twice(server: Server, unheard: list[int]) -> None:
    """A mark, a fact, what a clue's record makes of its rows: of each it is known afterwards whether it was done."""
    with Journal(server) as journal:
        run = new_run(journal, [11, 12, 13])
        sending = journal.of(run).sending
        unheard += range(1, 100)
        assert sending.advance(None, 2)
        assert sending.advance(outcome(2, attempts=3), 3)
        sending.release(3, 2)
        assert sending.advance(None, 3)
        assert sending.advance(outcome(3, Status.FAILED, attempts=1, maybe_applied=True), 4)
        journal.of(run).set_state(RunState.SENDING)
        assert sending.abandon(Message("failed.interrupted")) == 1
        assert attempts(journal, run) == {2: ("updated", 3), 3: ("failed", 3), 4: ("failed", 1)}
        assert len(unheard) < 92


def test_a_transaction_that_was_not_done_is_done_by_the_next_connection(
    server: Server, journal_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Writer.write
    killed = list[int]()

    def write_killed(writer: Writer, connection: psycopg.Connection, group: Group) -> None:
        if group.number not in killed:
            killed.append(group.number)
            with psycopg.connect(journal_server, autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.info.backend_pid])
        write(writer, connection, group)

    monkeypatch.setattr(Writer, "write", write_killed)
    with Journal(server) as journal:
        run = new_run(journal, [11, 12])
        sending = journal.of(run).sending
        assert sending.advance(None, 2) and sending.advance(outcome(2), 3)
        assert attempts(journal, run) == {2: ("updated", 1), 3: ("sending", 0)} and len(killed) >= 4


def test_who_reads_and_who_writes_wait_until_the_database_is_back(server: Server, line: Proxy, time: Time) -> None:
    with Journal(server) as journal:
        run = new_run(journal, [11, 12])
        sending = journal.of(run).sending
        assert sending.advance(None, 2)
        line.cut()
        time.then = {20.0: line.mend}
        assert [edit.row for edit in sending.pending(0, 9, maybe_applied=True)] == [3]
        line.cut()
        time.then = {time.now + 20.0: line.mend}
        sending.advance(outcome(2), None)
        assert attempts(journal, run)[2] == ("updated", 1)
        assert files(server.folder) == [] and not journal.is_away


def test_patience_ends_and_what_is_known_is_in_a_file_until_somebody_opens_the_journal(
    server: Server, line: Proxy, time: Time, journal_server: str
) -> None:
    with Journal(server) as journal:
        run = new_run(journal, [11, 12])
        sending = journal.of(run).sending
        with journal.patient(900, threading.Event()):
            assert sending.advance(None, 2)
            line.cut()
            away = list[bool]()
            time.then = {1.0: lambda: away.append(journal.is_away), 10.0: lambda: away.append(journal.is_away)}
            with pytest.raises(Halted) as halted:
                sending.advance(outcome(2, attempts=4), 3)
        assert away == [False, True] and 900 <= time.now <= 905
        (kept,) = files(server.folder)
        text = say(halted.value.message, "en")
        assert "could not be reached for about 15 minutes" in text and str(kept) in text
    assert files(server.folder) == [kept], "the database is away still"
    line.mend()
    with Journal(server) as journal:
        assert files(server.folder) == []
        assert attempts(journal, run) == {2: ("updated", 4), 3: ("pending", 0)}
    with Journal(server) as journal:
        assert attempts(journal, run)[2] == ("updated", 4)


def test_the_process_itself_writes_it_down_if_it_lives_on(server: Server, line: Proxy, time: Time) -> None:
    with Journal(server) as journal:
        run = new_run(journal, [11, 12])
        sending = journal.of(run).sending
        assert sending.advance(None, 2)
        line.cut()
        with pytest.raises(Halted):
            sending.advance(outcome(2), 3)
        assert len(files(server.folder)) == 1
        line.mend()
        time.now += 60
        sending.release(3, 0)
        assert attempts(journal, run) == {2: ("updated", 1), 3: ("pending", 0)} and files(server.folder) == []


def test_a_second_request_to_stop_waits_no_longer(server: Server, line: Proxy, time: Time) -> None:
    with Journal(server) as journal:
        run = new_run(journal, [11])
        give_up = threading.Event()
        with journal.patient(900, give_up):
            assert journal.of(run).sending.advance(None, 2)
            line.cut()
            time.then = {30.0: give_up.set}
            with pytest.raises(Halted):
                journal.of(run).sending.advance(outcome(2), None)
        assert 30 <= time.now < 32 and len(files(server.folder)) == 1


def test_what_another_server_lacks_of_what_was_known_is_written_again(server: Server, line: Proxy, journal_server: str) -> None:
    """One that has taken the place of the first, and had not yet heard of the last transactions."""
    with Journal(server) as journal:
        run = new_run(journal, [11, 12])
        sending = journal.of(run).sending
        assert sending.advance(None, 2)
        before = _written(journal_server)
        assert sending.advance(outcome(2, attempts=2), 3)
        with psycopg.connect(journal_server, autocommit=True) as other:
            other.execute("UPDATE rows SET status = 'sending', attempts = 0 WHERE row = 2")
            other.execute("UPDATE rows SET status = 'pending', mark = NULL WHERE row = 3")
            other.execute("UPDATE writers SET last = %s", [before])
        line.cut()
        line.mend()
        sending.advance(outcome(3), None)
        assert attempts(journal, run) == {2: ("updated", 2), 3: ("updated", 1)}


def _written(dsn: str) -> int:
    with psycopg.connect(dsn, autocommit=True) as other:
        return int(other.execute("SELECT last FROM writers").fetchall()[0][0])


@pytest.mark.parametrize("trouble", ["full", "read-only", "too many"])
def test_a_server_that_can_do_nothing_for_a_while(
    server: Server, time: Time, journal_server: str, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    """It is full, has become a standby, or has no connection to spare."""
    kind = {
        "full": psycopg.errors.DiskFull,
        "read-only": psycopg.errors.ReadOnlySqlTransaction,
        "too many": psycopg.errors.TooManyConnections,
    }[trouble]
    write = Writer.write

    def write_in_time(writer: Writer, connection: psycopg.Connection, group: Group) -> None:
        if time.now < until:
            raise kind(trouble)
        write(writer, connection, group)

    with Journal(server) as journal:
        until = 0.0
        run = new_run(journal, [11, 12])
        monkeypatch.setattr(Writer, "write", write_in_time)
        until = 20.0
        assert journal.of(run).sending.advance(None, 2)
        until = time.now + 900
        with pytest.raises(Halted) as halted:
            journal.of(run).sending.advance(outcome(2), None)
        assert (halted.value.reason == "disk_full") == (trouble == "full")
        until = 0.0
    with Journal(server) as journal:
        assert attempts(journal, run)[2] == ("updated", 1)


def test_a_server_that_does_not_answer_is_left(server: Server, line: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cable is pulled: what is sent goes nowhere, and nobody hears of it."""
    monkeypatch.setattr("batch_editor.journal.connections._SILENT", 0.3)
    monkeypatch.setattr(postgres_store, "_TELL_AFTER", 0.0)
    away = list[bool]()
    with Journal(server) as journal:
        run = new_run(journal, [11])
        assert journal.of(run).sending.advance(None, 2)
        line.silence()
        timer = threading.Timer(0.8, lambda: (away.append(journal.is_away), line.mend()))
        timer.start()
        journal.of(run).sending.advance(outcome(2), None)
        timer.join()
        assert away == [True] and attempts(journal, run)[2] == ("updated", 1)


def test_a_journal_that_was_replaced_by_another_one_is_not_written_to(server: Server, time: Time, journal_server: str) -> None:
    with Journal(server) as journal:
        run = new_run(journal, [11])
        with psycopg.connect(journal_server, autocommit=True) as other:
            other.execute("UPDATE journal_identity SET id = 'another'")
            other.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                " AND datname = current_database()"
            )
        with pytest.raises(Halted) as halted:
            journal.of(run).sending.advance(None, 2)
        assert "another journal is there" in say(halted.value.message, "en")


def test_who_takes_a_run_meanwhile_keeps_it(
    server: Server, line: Proxy, journal_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock of a run is taken again, unless somebody else has it by then: nothing more of it is sent then."""
    monkeypatch.setattr(advisory_locks, "_KEEP_EVERY", 0.05)
    with Journal(server) as journal, Journal(Server(journal_server, tmp_path / "elsewhere")) as elsewhere:
        run, other = new_run(journal, [11, 12]), new_run(journal, [13])
        sending = journal.of(run).sending
        journal.of(run).set_state(RunState.SENDING)
        assert sending.advance(None, 2) and not sending.stop_asked()
        line.cut()
        _until(lambda: not elsewhere.is_driven(run) and not elsewhere.is_driven(other))
        elsewhere.claim(run)
        line.mend()
        assert sending.stop_asked()
        assert not sending.advance(outcome(2, attempts=2), 3), "its fact is written, and nothing more is sent"
        assert attempts(elsewhere, run) == {2: ("updated", 2), 3: ("pending", 0)}
        with pytest.raises(UnderWay, match="has taken over"):
            journal.of(run).set_state(RunState.FINISHED)
        theirs = elsewhere.of(run).sending
        assert theirs.advance(None, 3)
        theirs.advance(outcome(3, Status.FAILED), None)
        sending.put_back([3])
        assert attempts(elsewhere, run)[3] == ("failed", 1), "what it means to do is not done any more"
        assert elsewhere.run(run).state is RunState.SENDING
        _until(lambda: elsewhere.is_driven(other))  # which nobody else has taken


def _until(holds: Callable[[], bool]) -> None:
    for _ in range(200):
        if holds():
            return
        threading.Event().wait(0.02)
    raise AssertionError("it does not come about")
