"""Pages of a run's rows, as a page in a browser asks for them; and that a page is cheap, however many rows there are."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest
from support.dispatching import new_run

from batch_editor.journal.journal import Journal
from batch_editor.journal.row_pages import Filters, RowPages
from batch_editor.journal.run_journal import RunJournal
from batch_editor.journal.sqlite_store import SqliteStore
from batch_editor.model import Edit, Message, Plan, Problem, Status


def planned(row: int) -> Plan:
    """Of ten rows one is skipped, and two are invalid: one for its address, one for its address and its birthday."""
    match row % 10:
        case 0:
            return Plan(row, Status.SKIPPED, (str(row),), row)
        case 1 | 2:
            wrong = [Problem(row, f"B{row}", "email", Message("cell.email", {"field": "birthday", "value": "cell.date"}))]
            if row % 10 == 2:
                wrong.append(Problem(row, f"C{row}", "birthday", Message("cell.date", {"value": "?"})))
            return Plan(row, Status.INVALID, (str(row),), row, problems=tuple(wrong))
        case 3:
            return Plan(row, Status.PENDING, (str(row),), row, Edit(row, row, "{}"), ("mf_email",))
        case _:
            return Plan(row, Status.PENDING, (str(row),), row, Edit(row, row, "{}"), ("remark", "email"))


@pytest.fixture
def run(journal: Journal) -> RunJournal:
    for _ in range(2):  # the rows of another run are none of it
        name = new_run(journal, [])
        journal.of(name).planning.plan(map(planned, range(2, 102)))
    return journal.of(name)


@pytest.fixture
def row_pages(run: RunJournal) -> RowPages:
    return run.row_pages


def pages(row_pages: RowPages, limit: int, **filters: Any) -> list[int]:
    """The rows of all pages, one after the other; each page but the last one is full."""
    rows = list[int]()
    while page := row_pages.page(rows[-1] if rows else 0, limit, Filters(**filters)):
        assert len(page) == limit or not row_pages.page(page[-1].row, limit, Filters(**filters))
        rows += [row.row for row in page]
    return rows


def test_pages_follow_one_another(run: RunJournal, row_pages: RowPages) -> None:
    assert pages(row_pages, 7) == list(range(2, 102))
    assert row_pages.page(0, 3) == list(run.queries.rows())[:3] and row_pages.page(101, 3) == []


@pytest.mark.parametrize(
    ("filters", "endings"),
    [
        ({"statuses": (Status.SKIPPED,)}, {0}),
        ({"statuses": (Status.PENDING,)}, {3, 4, 5, 6, 7, 8, 9}),
        ({"statuses": (Status.UPDATED,)}, set()),
        ({"problem": "cell.email"}, {1, 2}),
        ({"problem": "cell.date"}, {2}),
        ({"problem": "cell.e_ail"}, set()),
        ({"problem": "cell.date", "statuses": (Status.SKIPPED,)}, set()),
        ({"problem": "%"}, set()),
        ({"field": "email"}, {1, 2, 4, 5, 6, 7, 8, 9}),
        ({"field": "birthday"}, {2}),
        ({"field": "mf_email"}, {3}),
        ({"field": "birthday", "problem": "cell.email"}, {2}),
        ({"field": "email", "statuses": (Status.PENDING,)}, {4, 5, 6, 7, 8, 9}),
    ],
)
def test_a_filter_lets_through_what_is_meant_and_nothing_else(
    row_pages: RowPages, filters: dict[str, Any], endings: set[int]
) -> None:
    rows = [row for row in range(2, 102) if row % 10 in endings]
    assert pages(row_pages, 4, **filters) == rows and row_pages.count(Filters(**filters)) == len(rows)


@pytest.mark.parametrize("address", ["file"], indirect=True)
@pytest.mark.parametrize(
    ("filters", "index"),
    [({}, "rows_by_row (run=? AND row>?)"), ({"statuses": (Status.INVALID,)}, "rows_aside (run=? AND status=? AND row>?)")],
)
def test_a_page_is_looked_up_and_not_searched_for(
    journal: Journal, row_pages: RowPages, monkeypatch: pytest.MonkeyPatch, filters: dict[str, Any], index: str
) -> None:
    asked = list[tuple[str, tuple[object, ...]]]()
    find = SqliteStore.find

    def noting(store: SqliteStore, sql: str, *values: object) -> list[Any]:
        asked.append((sql, values))
        return find(store, sql, *values)

    monkeypatch.setattr(SqliteStore, "find", noting)
    row_pages.page(50, 3, Filters(**filters))
    ((sql, values),) = asked
    with closing(sqlite3.connect(journal.path)) as connection:
        plan = [step for *_, step in connection.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
    assert plan == [f"SEARCH rows USING INDEX {index}"]
