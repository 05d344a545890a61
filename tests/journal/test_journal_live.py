"""What the journal keeps of rows for which the live record of their clue is read; and files of version 2, before there were."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support import jobs
from support.crm import Crm
from support.dispatching import new_run
from support.journals import execute

from batch_editor.errors import Halted
from batch_editor.job import resume
from batch_editor.journal.journal import Journal
from batch_editor.model import Draft, Edit, Message, Outcome, Plan, Problem, Resolved, RowValues, Status
from batch_editor.runs.earlier_runs import run_to_continue
from batch_editor.runs.options import RunOptions

TIME = "2026-11-24T09:30:00+08:00"
PENDING, UNCHANGED, INVALID = Status.PENDING, Status.UNCHANGED, Status.INVALID


def plan(row: int, clue: int, /, unread: bool = True, written: Mapping[str, Any] | None = None, **over: Any) -> Plan:
    """A row that sets the remark and empties the mail."""
    edit = Edit(row, clue, f'{{"row":{row}}}', unread=unread)
    listed: dict[str, Any] = {"fields": ("remark", "email"), "cleared": ("email",)} | over
    return Plan(row, PENDING, (str(clue), f"row {row}"), clue, edit, written=written, **listed)


def planned(journal: Journal, *plans: Plan) -> str:
    run = new_run(journal, [])
    journal.of(run).planning.plan(plans)
    return run


def outcome(row: int, status: Status = Status.UPDATED, time: str = TIME, **over: Any) -> Outcome:
    return Outcome(row, status, "0", None, 1, time, **over)


def sent(row: int, **over: Any) -> Resolved:
    """A row of which the remark alone is to be sent."""
    return Resolved(row, PENDING, f'{{"sent":{row}}}', ("remark",), **{"before": {"remark": "旧"}} | over)


def resolve(journal: Journal, run: str, *found: Resolved, requests: int = 1, sending: int | None = None) -> None:
    journal.of(run).sending.resolve(found, read=found[0].row, requests=requests, sending=sending)


def columns(journal: Journal, run: str, *names: str) -> list[tuple[Any, ...]]:
    """Some columns of every row, as the disk has them."""
    wanted = ", ".join(f"rows.{name}" for name in names)
    sql = f"SELECT {wanted} FROM rows JOIN runs ON runs.id = run WHERE name = ? ORDER BY row"  # noqa: S608
    return execute(journal.address, sql, run)


# --- drafts


def test_the_drafts_of_a_clue_are_its_rows_that_want_to_be_read(journal: Journal) -> None:
    written = {"remark": "甲", "email": None, "mf_many": ["1"]}
    run = planned(
        journal,
        plan(5, 11, fields=("remark", "mf_a"), cleared=()),
        plan(2, 11, written=written),
        plan(3, 12),
        plan(4, 11, unread=False),
        plan(6, 11, fields=(), cleared=(), written={}),
        plan(7, 11),
        plan(8, 11),
    )
    planned(journal, plan(9, 11))  # of another run
    journal.of(run).sending.advance(outcome(7), None)
    journal.of(run).sending.advance(outcome(8, Status.FAILED), None)
    assert journal.of(run).sending.drafts(11) == [
        Draft(2, '{"row":2}', ("remark", "email"), ("email",), written),
        Draft(5, '{"row":5}', ("remark", "mf_a"), (), None),
        Draft(6, '{"row":6}', (), (), {}),
        Draft(8, '{"row":8}', ("remark", "email"), ("email",), None),
    ]


def test_an_edit_is_what_is_to_be_sent_of_a_row(journal: Journal) -> None:
    run = planned(journal, *(plan(row, 11, unread=row == 2) for row in range(2, 9)))
    assert journal.of(run).sending.refresh_edit(2) == Edit(2, 11, '{"row":2}', unread=True)
    assert journal.of(run).sending.refresh_edit(3) == Edit(3, 11, '{"row":3}')
    journal.of(run).sending.advance(outcome(3, Status.FAILED, maybe_applied=True), None)
    assert journal.of(run).sending.refresh_edit(3) == Edit(3, 11, '{"row":3}', maybe_applied=True)
    assert [edit.unread for edit in journal.of(run).sending.pending(0, 3, maybe_applied=True)] == [True, False, False]
    for row, status in enumerate((Status.UPDATED, Status.REJECTED, UNCHANGED, INVALID, Status.CONFLICT), 4):
        journal.of(run).sending.advance(outcome(row, status), None)
        assert journal.of(run).sending.refresh_edit(row) is None
    assert journal.of(run).sending.refresh_edit(99) is None


def test_how_many_clues_are_still_to_be_read(journal: Journal) -> None:
    run = planned(journal, plan(2, 11), plan(3, 11), plan(4, 12), plan(5, 13, unread=False), plan(6, 14), plan(7, 15))
    assert journal.of(run).queries.count_unread_clues() == 4
    journal.of(run).sending.advance(outcome(4, Status.FAILED), None)
    journal.of(run).sending.advance(outcome(6, Status.CONFLICT), None)
    resolve(journal, run, sent(2), sent(3))
    assert journal.of(run).queries.count_unread_clues() == 2, "that of the failed row is read again"


def test_how_many_rows_would_be_sent_blindly(journal: Journal) -> None:
    run = planned(journal, *(plan(row, row, unread=row in (2, 3)) for row in range(2, 8)))
    assert journal.of(run).queries.count_without_old_values() == 4, "a clue that is still to be read is not blind"
    journal.of(run).sending.save_old_values(4, {}, 1)
    journal.of(run).sending.advance(outcome(5), None)
    journal.of(run).sending.advance(outcome(6, Status.FAILED), None)
    resolve(journal, run, sent(2, before={}))
    assert journal.of(run).queries.count_without_old_values() == 2


def test_only_an_updated_row_of_which_something_is_known_can_be_undone(journal: Journal) -> None:
    run = planned(journal, *(plan(row, row) for row in range(2, 6)))
    for row, before in ((2, {"remark": "旧"}), (3, {}), (4, {"remark": None})):
        resolve(journal, run, sent(row, before=before))
    journal.of(run).sending.advance(outcome(2, Status.REJECTED), None)
    journal.of(run).sending.advance(outcome(3), None)
    journal.of(run).sending.advance(outcome(5), None)
    assert not journal.of(run).queries.count_undoable().rows
    journal.of(run).sending.advance(outcome(4), None)
    assert journal.of(run).queries.count_undoable().rows, "that a field was empty is known too"


# --- resolve


def test_what_is_made_of_a_clue_is_written_down_row_by_row(journal: Journal) -> None:
    problem = Problem(4, "A4", "label", Message("live.no_tags", {"field": "标签"}))
    run = planned(journal, *(plan(row, 11) for row in range(2, 6)), plan(6, 12))
    found = (
        Resolved(2, PENDING, '{"a":1}', ("remark", "label"), ("label",), {"remark": None, "label": "a,b", "mf_many": ["1"]}),
        Resolved(3, UNCHANGED),
        Resolved(4, INVALID, notes=(problem,), code="70010"),
        sent(5),
    )
    journal.of(run).sending.resolve(found, read=4, requests=3, sending=2)
    names = ("row", "status", "unread", "body", "fields", "cleared", "code", "reads")
    assert columns(journal, run, *names) == [
        (2, "sending", 0, '{"a":1}', "remark,label", "label", "", 0),
        (3, "unchanged", 0, None, "", "", "", 0),
        (4, "invalid", 0, None, "", "", "70010", 3),
        (5, "pending", 0, '{"sent":5}', "remark", "", "", 0),
        (6, "pending", 1, '{"row":6}', "remark,email", "email", "", 0),
    ]
    assert [record.notes for record in journal.of(run).queries.rows()] == [(), (), (problem,), (), ()]
    assert next(journal.of(run).queries.row_values(11)).before == {"remark": None, "label": "a,b", "mf_many": ["1"]}
    assert journal.of(run).sending.drafts(11) == [] and journal.of(run).queries.count_unread_clues() == 1
    assert [edit.row for edit in journal.of(run).sending.pending(0, 9, maybe_applied=True)] == [5, 6]
    assert [record.cells for record in journal.of(run).queries.rows()][2] == ("11", "row 4"), "the sheet's own values stay"


def test_no_row_is_sending_unless_it_is_named(journal: Journal) -> None:
    run = planned(journal, plan(2, 11), plan(3, 11))
    resolve(journal, run, sent(2), sent(3))
    assert journal.of(run).queries.counts() == {"pending": 2}


def test_a_failed_row_that_is_read_at_last_has_no_message_any_more(journal: Journal) -> None:
    run = planned(journal, plan(2, 11))
    failed = Outcome(2, Status.FAILED, "HTTP 500", Message("failed.unread", {"requests": 2, "reason": "x"}), 0, TIME, reads=2)
    journal.of(run).sending.advance(failed, None)
    resolve(journal, run, sent(2), requests=3)
    (record,) = journal.of(run).queries.rows()
    assert (record.status, record.notes, record.code, record.attempts) == (PENDING, (), "", 0)
    assert columns(journal, run, "reads") == [(5,)]


def test_a_row_is_split_into_two(journal: Journal) -> None:
    note = Message("undo.changed", {"fields": "性别"})
    run = planned(journal, plan(2, 11, written={"remark": "甲"}), plan(4, 12), plan(6, 13))
    conflict = Resolved(5, Status.CONFLICT, fields=("gender", "mf_a"), notes=(note,), split=True)
    journal.of(run).sending.resolve([conflict, sent(4)], read=4, requests=1, sending=4)
    names = ("row", "status", "clue", "unread", "body", "fields", "cleared", "before", "written", "reads")
    assert columns(journal, run, *names)[1:3] == [
        (4, "sending", 12, 0, '{"sent":4}', "remark", "", '{"remark":"旧"}', None, 1),
        (5, "conflict", 12, 0, None, "gender,mf_a", "", None, None, 0),
    ]
    rows = list(journal.of(run).queries.rows())
    assert [record.row for record in rows] == [2, 4, 5, 6]
    assert (rows[2].cells, rows[2].notes, rows[2].attempts) == (("12", "row 4"), (note,), 0)
    journal.of(run).sending.advance(outcome(4), None)
    assert journal.of(run).queries.counts() == {"pending": 2, "updated": 1, "conflict": 1}


def test_all_of_it_is_written_down_or_nothing(journal: Journal) -> None:
    """The number of the split row is taken: nothing of its clue may be sent as if the other rows had been dropped."""
    run = planned(journal, plan(2, 11), plan(3, 11), plan(4, 11))
    before = columns(journal, run, "row", "status", "unread", "body", "before", "reads")
    split = Resolved(4, Status.CONFLICT, fields=("email",), split=True)
    with pytest.raises(Halted, match="can no longer be written"):
        resolve(journal, run, sent(2), Resolved(3, UNCHANGED), split, sending=2)
    assert columns(journal, run, "row", "status", "unread", "body", "before", "reads") == before
    resolve(journal, run, sent(2), Resolved(3, UNCHANGED), sent(4), sending=2)
    assert journal.of(run).queries.counts() == {"sending": 1, "unchanged": 1, "pending": 1}


def test_other_runs_with_the_same_rows_are_left_alone(journal: Journal) -> None:
    run, other = planned(journal, plan(2, 11)), planned(journal, plan(2, 11))
    split = Resolved(3, Status.CONFLICT, fields=("email",), split=True)
    resolve(journal, run, sent(2), split)
    assert journal.of(other).queries.counts() == {"pending": 1} and journal.of(other).queries.count_unread_clues() == 1


# --- what is known from before


def test_what_was_known_first_is_kept(journal: Journal) -> None:
    run = planned(journal, plan(2, 11, unread=False), plan(3, 11, unread=False))
    journal.of(run).sending.save_old_values(2, {"remark": "旧"}, 2)
    journal.of(run).sending.save_old_values(2, {"remark": "新"}, 3)
    journal.of(run).sending.save_old_values(2, {}, 1)
    assert columns(journal, run, "before", "reads", "attempts", "status") == [
        ('{"remark":"旧"}', 6, 0, "pending"),
        (None, 0, 0, "pending"),
    ]


def test_written_is_every_row_with_what_it_sends(journal: Journal) -> None:
    note = Message("undo.not_known", {"fields": "描述"})
    skipped = Plan(4, Status.SKIPPED, ("12",), 12, fields=("remark",), note=note)
    run = planned(journal, plan(3, 11), plan(2, 12, unread=False), skipped)
    assert [row.unread for row in journal.of(run).queries.row_values()] == [False, True, False]
    resolve(journal, run, sent(3, before={"remark": "半\ud83d"}))
    assert list(journal.of(run).queries.row_values()) == [
        RowValues(2, 12, PENDING, '{"row":2}', ("remark", "email"), ("email",), {}, ()),
        RowValues(3, 11, PENDING, '{"sent":3}', ("remark",), (), {"remark": "半\ud83d"}, ()),
        RowValues(4, 12, Status.SKIPPED, "", ("remark",), (), {}, (note,), follows=True),
    ]
    assert [row.row for row in journal.of(run).queries.row_values(12)] == [2, 4]
    assert list(journal.of(run).queries.row_values(99)) == []


def test_the_fields_of_the_rows_with_a_status_each_once_in_the_order_of_the_sheet(journal: Journal) -> None:
    listed = (("remark", "label"), ("mf_b", "remark"), (), ("gender",), ("address", "mf_b"))
    run = planned(journal, *(plan(row, row, fields=keys, cleared=()) for row, keys in enumerate(listed, 2)))
    for row in (2, 3, 4, 6):
        journal.of(run).sending.advance(outcome(row), None)
    assert journal.of(run).queries.fields(Status.UPDATED) == ["remark", "label", "mf_b", "address"]
    assert journal.of(run).queries.fields(PENDING) == ["gender"] and journal.of(run).queries.fields(INVALID) == []


# --- reads are requests too


def ago(minutes: int) -> str:
    return (datetime.now().astimezone() - timedelta(minutes=minutes)).isoformat(timespec="seconds")


def counted(journal: Journal, run: str) -> list[tuple[int, int]]:
    """How many minutes ago how many requests were made; those of one minute may be of two seconds."""
    made: Counter[int] = Counter()
    for seconds, number in journal.requests(run, 3600):
        made[round(seconds / 60)] += number
    return list(made.items())


def test_requests_that_read_clues_count_towards_the_rate(journal: Journal) -> None:
    run = planned(journal, *(plan(row, row) for row in range(2, 6)))
    journal.of(run).sending.advance(Outcome(2, Status.FAILED, "", None, 0, ago(30), reads=4), None)
    resolve(journal, run, sent(3), requests=2)
    assert counted(journal, run) == [(30, 4), (0, 2)]
    resolve(journal, run, sent(4), requests=3, sending=4)
    assert counted(journal, run) == [(30, 4), (0, 2 + 3 + 1)], "and the edit that is on its way"
    journal.of(run).sending.advance(outcome(4, time=ago(10)), None)
    journal.of(run).sending.save_old_values(4, {}, 5)
    assert counted(journal, run) == [(30, 4), (10, 3 + 1 + 5), (0, 2)]


# --- the version before

_VERSION_2 = """
CREATE TABLE runs (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, state TEXT NOT NULL, started TEXT NOT NULL, finished TEXT,
    base_url TEXT NOT NULL, app TEXT NOT NULL, source TEXT NOT NULL, sheet TEXT NOT NULL, digest TEXT NOT NULL,
    headings TEXT NOT NULL, settings TEXT NOT NULL, options TEXT NOT NULL, halted TEXT, results TEXT, stamp TEXT, counts TEXT);
CREATE TABLE rows (run INTEGER NOT NULL, row INTEGER NOT NULL, status TEXT NOT NULL, clue INTEGER, body TEXT,
    cells TEXT NOT NULL, fields TEXT NOT NULL, cleared TEXT NOT NULL, doubts TEXT, code TEXT NOT NULL DEFAULT '', message TEXT,
    attempts INTEGER NOT NULL DEFAULT 0, time TEXT NOT NULL DEFAULT '', unsure INTEGER NOT NULL DEFAULT 0);
CREATE UNIQUE INDEX rows_by_row ON rows (run, row);
CREATE INDEX rows_by_clue ON rows (run, clue);
INSERT INTO rows VALUES (1, 2, 'updated', 11, '{"clue_id":11}', '["11","row 2"]', 'remark', '', NULL, '0', NULL, 1,
    '2026-11-24T09:00:01+08:00', 0);
INSERT INTO rows VALUES (1, 3, 'failed', 12, '{"clue_id":12,"remark":"row 3","update_specified_fields":["remark"]}',
    '["12","row 3"]', 'remark', '', NULL, '',
    '{"key": "failed.abandoned", "values": {}}', 5, '2026-11-24T09:00:02+08:00', 1);
INSERT INTO rows VALUES (1, 4, 'pending', 13, '{"clue_id":13,"remark":"row 4","update_specified_fields":["remark"]}',
    '["13","row 4"]', 'remark', '', NULL, '', NULL,
    0, '', 0);
PRAGMA user_version=2;
"""
#: What runs of that version were told, and nothing else.
_OPTIONS_2 = {"edit": [], "only_failed": False, "limit": None, "strict": False, "output": None}


def old_file(folder: Path, url: str = "http://127.0.0.1:1") -> Path:
    """A journal of version 2 with a run that stopped; its settings were those of ``jobs.settings``."""
    given = jobs.settings(folder, url)
    given.state_dir.mkdir(parents=True)
    record = {key: value for key, value in given.for_the_record().items() if key not in ("fill", "prove")}
    told = json.dumps(record), json.dumps(_OPTIONS_2)
    run = ("old", "stopped", ago(60), ago(59), url, "", str(folder / "x.csv"), "", "ab", '["clue_id","remark"]', *told)
    path = given.state_dir / "journal.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(_VERSION_2)
        connection.execute(f"INSERT INTO runs VALUES (1, {', '.join('?' * len(run))}, NULL, NULL, NULL, NULL)", run)  # noqa: S608
        connection.commit()
    return path


def test_a_journal_of_version_2_keeps_its_rows(tmp_path: Path) -> None:
    path = old_file(tmp_path)
    for _ in range(2):
        with Journal(path) as journal:
            edits = journal.of("old").sending.pending(0, 9, maybe_applied=True)
            assert [(edit.row, edit.maybe_applied, edit.unread) for edit in edits] == [(3, True, False), (4, False, False)]
            assert [(row.status, row.before) for row in journal.of("old").queries.row_values()] == [
                (Status.UPDATED, {}),
                (Status.FAILED, {}),
                (PENDING, {}),
            ]
            assert (
                journal.of("old").queries.count_unread_clues(),
                journal.of("old").queries.count_without_old_values(),
                journal.of("old").queries.count_undoable().rows,
            ) == (0, 2, False)
            assert journal.of("old").sending.drafts(12) == []
            assert sum(number for _, number in journal.requests("old", 10**9)) == 6
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (9,)


def test_a_run_of_version_2_is_found_and_gone_on_with(tmp_path: Path) -> None:
    with Crm() as crm:
        given = jobs.settings(tmp_path, crm.url)
        with Journal(old_file(tmp_path, crm.url)) as journal:
            new_options = _OPTIONS_2 | {
                "only_changed": False,
                "tags": None,
                "snapshot": False,
                "prove_only": False,
                "visible_only": False,
            }
            found, note = run_to_continue(
                journal, digest="ab", sheet="", app="", settings=given, options=RunOptions.from_json(new_options)
            )
            assert (found and found.name, note) == ("old", None)
        report = resume("old", given, output=tmp_path / "out.csv")
    assert (report.exit_code, report.counts["updated"], sorted(crm.sent())) == (0, 3, ["row 3", "row 4"])
    assert crm.strays == []
    assert jobs.statuses(report.results) == ["updated"] * 3
