"""The rows of an undo: from what a run has done to what is to be put back, before any clue is read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from support import jobs
from support.dispatching import new_run

from batch_editor import run, undo
from batch_editor.edits.payload import Payload
from batch_editor.journal.journal import Journal
from batch_editor.messages import say
from batch_editor.model import Edit, Outcome, Plan, Resolved, Status
from batch_editor.runs.undo import Undo
from batch_editor.sandbox import Sandbox
from batch_editor.settings.settings import Settings

RULES = Settings(custom_fields={"mf_1": {"title": "行业", "required": True}, "mf_2": {"type": "multiple"}}, clear_marker="DEL")
REQUIRED: dict[str, Any] = {"clue_name": "线索", "clue_pool_id": 5, "follow_user_id": "wo-owner-of-the-tests"}


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "journal.sqlite3") as opened:
        yield opened


def row(
    journal: Journal,
    name: str,
    number: int,
    clue: int,
    /,
    status: Status = Status.UPDATED,
    before: dict[str, Any] | None = None,
    cleared: Sequence[str] = (),
    user: str = "wo-operator-of-the-tests",
    **listed: Any,
) -> None:
    """A row of the run that set ``listed``; ``before`` is what was known then."""
    body = Payload({"clue_id": clue, "user_id": user} | REQUIRED | listed, tuple(listed)).to_json()
    plan = Plan(
        number, Status.PENDING, (str(clue),), clue, Edit(number, clue, body, unread=True), tuple(listed), tuple(cleared)
    )
    journal.of(name).planning.plan([plan])
    found = Resolved(number, Status.PENDING, body, tuple(listed), tuple(cleared), before or {})
    journal.of(name).sending.resolve([found], read=number, requests=1, sending=None)
    journal.of(name).sending.advance(Outcome(number, status, "0", None, 1, "2026-11-24T09:30:00+08:00"), None)


def undone(journal: Journal, name: str) -> tuple[Undo, list[Plan]]:
    found = Undo(journal.of(name), RULES)
    return found, list(found.plans())


def sent(plan: Plan) -> dict[str, Any]:
    assert plan.edit and plan.edit.unread and plan.edit.row == plan.row and plan.edit.clue_id == plan.clue_id
    assert json.loads(plan.edit.body)["update_specified_fields"] == [*plan.fields]
    return dict(Payload.from_json(plan.edit.body).values)


def test_what_was_before_is_put_back_and_nothing_else_is_sent(journal: Journal) -> None:
    name = new_run(journal, [])
    before = {"remark": "旧", "email": None, "mf_2": ["1"]}
    row(journal, name, 2, 11, before=before, cleared=["mf_2"], user="op-2", remark="新", email="a@b.cn", mf_2=[])
    found, (plan,) = undone(journal, name)
    assert sent(plan) == {"clue_id": 11, "user_id": "op-2", "remark": "旧", "email": "", "mf_2": ["1"]}
    assert (plan.row, plan.status, plan.clue_id, plan.cleared) == (2, Status.PENDING, 11, ("email",))
    assert plan.written == {"remark": "新", "email": "a@b.cn", "mf_2": None}
    assert found.headings == ("线索ID", "线索名称", "描述", "邮箱", "mf_2")
    assert plan.cells == ("11", "线索", "旧", "DEL", "1"), "the clue is named, too"
    assert found.notes() == []


def test_of_several_rows_of_a_clue_the_first_knows_what_was_and_the_last_what_is(journal: Journal) -> None:
    name = new_run(journal, [])
    row(journal, name, 2, 11, before={"remark": "旧"}, remark="新")
    row(journal, name, 3, 12, before={"remark": "二"}, remark="新")
    row(journal, name, 4, 11, Status.REJECTED, before={"remark": "旧"}, remark="拒")
    row(journal, name, 5, 11, before={"remark": "旧", "gender": "0"}, remark="更新", gender="1", user="op-3")
    _, (first, second) = undone(journal, name)
    assert sent(first) == {"clue_id": 11, "user_id": "op-3", "remark": "旧", "gender": "0"}
    assert first.written == {"remark": "更新", "gender": "1"}
    assert (first.row, second.row, sent(second)["remark"]) == (2, 4, "二"), "a number is free for what is split off"


def test_what_was_not_known_before_is_told_and_left(journal: Journal) -> None:
    name = new_run(journal, [])
    row(journal, name, 2, 11, before={"remark": "旧"}, remark="新", work_id=7)
    row(journal, name, 3, 12, work_id=8)
    row(journal, name, 4, 13, before={"remark": "三"}, remark="新")
    found, plans = undone(journal, name)
    assert [(plan.row, str(plan.status), plan.fields) for plan in plans] == [
        (2, "pending", ("remark",)),
        (4, "skipped", ("work_id",)),
        (6, "skipped", ("work_id",)),
        (8, "pending", ("remark",)),
    ]
    note = plans[1].note
    assert note and say(note, "en") == "not put back, since no value from before is known: 工单ID (work_id)"
    assert [say(one, "en") for one in found.notes()] == [
        "Cannot be put back, since no value from before is known: 工单ID (work_id): 2"
    ]


def test_a_field_that_a_later_row_was_the_first_to_know_of_is_not_known(journal: Journal) -> None:
    """What it was then is what the earlier row had made of it."""
    name = new_run(journal, [])
    row(journal, name, 2, 11, remark="新")
    row(journal, name, 3, 11, before={"remark": "新"}, remark="更新")
    _, (plan,) = undone(journal, name)
    assert (plan.status, plan.fields) == (Status.SKIPPED, ("remark",))


@pytest.mark.parametrize("key", ["clue_name", "clue_pool_id", "mf_1"])
def test_a_required_field_that_was_empty_cannot_be_emptied_again(journal: Journal, key: str) -> None:
    name = new_run(journal, [])
    row(journal, name, 2, 11, before={key: None, "remark": "旧"}, **{key: 7, "remark": "新"})
    _, (plan, rest) = undone(journal, name)
    assert (plan.fields, rest.fields, rest.status) == (("remark",), (key,), Status.SKIPPED)


def test_rows_that_were_not_updated_are_not_undone(journal: Journal) -> None:
    name = new_run(journal, [])
    for number, status in enumerate((Status.REJECTED, Status.FAILED, Status.UNCHANGED, Status.CONFLICT, Status.FAILED), 2):
        known = {} if status is Status.FAILED else {"remark": "旧"}
        row(journal, name, number, number, status, before=known, remark="新")
    found, plans = undone(journal, name)
    assert plans == []
    assert [say(note, "en") for note in found.notes()] == [
        f"2 rows of {name} failed, and may have been applied all the same; an undo leaves such rows as they are."
    ]


def test_a_run_that_kept_rows_of_earlier_results_is_undone_without_them(tmp_path: Path) -> None:
    """They were updated by another run, and this one knows neither what they set nor what was there."""
    clues = [{"clue_id": clue, "remark": "旧", **REQUIRED} for clue in (100, 101)]
    with Sandbox(clues, access_token=jobs.TOKEN, faults=["500@clue:101*4"]) as crm:
        given = jobs.settings(tmp_path, crm.url)
        first = run(jobs.sheet(tmp_path, [100, 101]), given, output=tmp_path / "first.csv")
        second = run(tmp_path / "first.csv", given, only_failed=True, snapshot=True)
        assert (first.counts["failed"], second.counts["updated"]) == (1, 2)
        report = undo(str(second.run), given, output=tmp_path / "undo.csv")
        assert (report.exit_code, report.rows, report.counts["updated"]) == (0, 1, 1)
        assert [crm.clue(clue)["remark"] for clue in (100, 101)] == ["row 2", "旧"]
