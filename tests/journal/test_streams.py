"""Reading and writing by many at once: rows are streamed, and whoever drops a stream leaves nothing behind."""

from __future__ import annotations

import gc
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from support.dispatching import new_run
from support.journals import execute

from batch_editor.errors import Halted
from batch_editor.journal.journal import Journal
from batch_editor.model import Outcome, Status

TIME = "2026-11-24T09:30:00+08:00"
IN_THE_MIDDLE = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'"
    " AND pid <> pg_backend_pid()"
)
SESSIONS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


def updated(row: int) -> Outcome:
    return Outcome(row, Status.UPDATED, "0", None, 1, TIME)


@pytest.mark.parametrize("address", ["database"], indirect=True)
def test_a_stream_holds_some_rows_at_a_time(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("batch_editor.journal.postgres_store._AT_ONCE", 10)
    run = new_run(journal, range(11, 111))
    asked = "SELECT query FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'FETCH %'"
    with journal._store.select("SELECT row FROM rows WHERE run = ? ORDER BY row", journal._run_id(run)) as rows:
        stream = iter(rows)
        assert next(stream) == (2,)
        ((query,),) = execute(journal.address, asked)
        assert query.startswith("FETCH FORWARD 10 ")
        assert [row for (row,) in stream] == list(range(3, 102))


@pytest.mark.parametrize("address", ["database"], indirect=True)
@pytest.mark.parametrize("how", ["closed", "collected", "raised"])
def test_a_stream_that_is_dropped_half_way_gives_its_connection_back(journal: Journal, how: str) -> None:
    run = new_run(journal, range(11, 5011))
    for _ in range(6):
        rows = journal.of(run).queries.rows()
        assert next(rows).row == 2
        assert execute(journal.address, IN_THE_MIDDLE) == [(1,)]
        if how == "closed":
            rows.close()  # type: ignore[attr-defined]
        elif how == "raised":
            with pytest.raises(ZeroDivisionError):
                rows.throw(ZeroDivisionError)  # type: ignore[attr-defined]
        else:
            del rows
            gc.collect()
        assert execute(journal.address, IN_THE_MIDDLE) == [(0,)]
    assert execute(journal.address, SESSIONS)[0][0] <= 5


def test_a_stream_shows_one_moment_and_others_write_meanwhile(journal: Journal) -> None:
    run = new_run(journal, range(11, 3011))
    rows = journal.of(run).queries.rows()
    first = next(rows)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(journal.of(run).sending.advance, updated(3000), None).result(timeout=30)
    assert {row.status for row in (first, *rows)} == {"pending"}
    assert journal.of(run).queries.counts() == {"pending": 2999, "updated": 1}


def test_streams_within_streams_by_many_threads(journal: Journal) -> None:
    run = new_run(journal, [*range(11, 41)] * 2)

    def read(_: int) -> Any:
        total, examples = journal.of(run).queries.repeated_clues(5)
        return total, len(examples), sum(1 for _ in journal.of(run).queries.rows())

    with ThreadPoolExecutor(12) as pool:
        assert {*pool.map(read, range(48))} == {(30, 5, 60)}
    journal.of(run).sending.advance(updated(2), None)


def test_many_threads_write_and_read_what_they_have_written(journal: Journal) -> None:
    run = new_run(journal, range(11, 91))

    def write(row: int) -> int:
        journal.of(run).sending.advance(None, row)
        journal.of(run).sending.advance(updated(row), None)
        return next(state.attempts for state in journal.of(run).row_pages.page(row - 1, 1))

    with ThreadPoolExecutor(8) as pool:
        assert {*pool.map(write, range(2, 82))} == {1}
    assert journal.of(run).queries.counts() == {"updated": 80}


def test_closing_while_others_write_loses_nothing_that_was_told_to_be_written(journal: Journal) -> None:
    run = new_run(journal, range(11, 15))
    written = Counter[int]()

    def write(row: int) -> str:
        while True:
            try:
                journal.of(run).sending.advance(updated(row), None)
            except Halted as halted:
                return halted.message.key
            written[row] += 1

    with ThreadPoolExecutor(4) as pool:
        writing = [pool.submit(write, row) for row in range(2, 6)]
        while len(written) < 4:
            pass
        journal.close()
        assert {row.result(timeout=30) for row in writing} == {"journal.closed"}
    on_disk = dict(execute(journal.address, "SELECT row, attempts FROM rows"))
    assert all(written[row] <= on_disk[row] for row in written)
