"""A plan as somebody is shown it: the digest is that of what is shown, and rows are gone through only where they changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support import jobs
from support.records import INFO, calls

from batch_editor import Settings, job
from batch_editor.errors import Refused, UnderWay
from batch_editor.model import RunState
from batch_editor.runs import plan_looks
from batch_editor.runs.change_pages import Known
from batch_editor.runs.mending import Mend
from batch_editor.runs.plan_looks import PlanLook, PlanLooks, changes_at
from batch_editor.sandbox import Sandbox

OWNERS = ["wo-owner-a-of-the-tests", "wo-owner-b-of-the-tests", "wo-owner-c-of-the-tests"]
CLUES = [
    {"clue_id": clue, "remark": "old", "follow_user_id": OWNERS[clue % 2], "business_tag_ids": "t1"} for clue in range(11, 31)
]


class Clock:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def crm() -> Iterator[Sandbox]:
    with Sandbox(CLUES, access_token=jobs.TOKEN) as serving:
        yield serving


@pytest.fixture
def given(tmp_path: Path, crm: Sandbox) -> Settings:
    return jobs.settings(tmp_path, crm.url, compare_columns=[], ids=jobs.SHORT_IDS)


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The digests of the looks for which all rows were gone through."""
    seen: list[str] = []
    look_at = plan_looks._look_at

    def counting(*given: object) -> PlanLook:
        look = look_at(*given)  # type: ignore[arg-type]
        seen.append(look.digest)
        return look

    monkeypatch.setattr(plan_looks, "_look_at", counting)
    return seen


def planned(given: Settings, folder: Path, text: str = "clue_id,remark\n11,a\n12,b\n") -> str:
    with job.plan(jobs.text_file(folder / "edits.csv", text), given, attended=True) as prepared:
        return prepared.name


def test_the_rows_are_gone_through_once_until_somebody_changes_them(given: Settings, tmp_path: Path, looked: list[str]) -> None:
    run, looks = planned(given, tmp_path), PlanLooks()
    first = looks.look(run, given)
    assert looks.look(run, given) is first and looked == [first.digest]
    with job.open_run(run, given) as prepared:
        assert first.digest == prepared.digest()
        prepared.mend([Mend(2, 1, "mended")])
        now = prepared.digest()
    assert looks.look(run, given).digest == now != first.digest
    assert looks.seen(run, first.digest) is first and looks.seen("another", first.digest) is None


def test_a_look_lasts_a_minute_since_other_runs_may_have_set_the_same_fields(
    given: Settings, tmp_path: Path, looked: list[str]
) -> None:
    clock = Clock()
    run, looks = planned(given, tmp_path), PlanLooks(clock)
    before = looks.look(run, given)
    job.run(jobs.text_file(tmp_path / "other.csv", "clue_id,remark\n11,other\n"), given)
    clock.seconds = plan_looks.LASTS - 1
    assert looks.look(run, given) is before
    clock.seconds = plan_looks.LASTS
    now = looks.look(run, given)
    assert (now.preview.counts.statuses["conflict"], now.preview.calls) == (1, 1) and now.digest != before.digest


def test_a_plan_that_changes_while_it_is_looked_at_is_looked_at_again(
    given: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, looks = planned(given, tmp_path), PlanLooks()
    look_at, mended = plan_looks._look_at, list[str]()

    def interrupted(*of: object) -> PlanLook:
        look = look_at(*of)  # type: ignore[arg-type]
        if not mended:
            with job.open_run(run, given) as prepared:
                prepared.mend([Mend(2, 1, "meanwhile")])
            mended.append(look.digest)
        return look

    monkeypatch.setattr(plan_looks, "_look_at", interrupted)
    look = looks.look(run, given)
    page = changes_at(look)
    assert look.digest not in mended and page is not None and page.rows[0].changes[0].new == "meanwhile"


def test_rows_that_are_no_longer_those_of_the_look_are_not_shown_with_its_digest(given: Settings, tmp_path: Path) -> None:
    run, looks = planned(given, tmp_path), PlanLooks()
    look = looks.look(run, given)
    with job.open_run(run, given) as prepared:
        prepared.mend([Mend(2, 1, "mended")])
    assert changes_at(look) is None


def test_nobody_looks_at_a_run_that_is_driven(given: Settings, tmp_path: Path) -> None:
    run, looks = planned(given, tmp_path), PlanLooks()
    looks.look(run, given)
    with job.open_run(run, given) as prepared, prepared.driven(), pytest.raises(UnderWay):
        looks.look(run, given)
    with pytest.raises(Refused):
        looks.look("20200101-000000-0000", given)


def test_the_look_says_whom_and_which_tags_a_run_moves(given: Settings, crm: Sandbox, tmp_path: Path) -> None:
    text = f"clue_id,follow_user_id,business_tag_ids\n11,{OWNERS[2]},t2\n12,{OWNERS[2]},\n13,{OWNERS[1]},t1\n14,{OWNERS[2]},\n"
    run, looks = planned(given, tmp_path, text), PlanLooks()
    unread = looks.look(run, given).moves
    assert [(move.old, move.new, move.rows) for move in unread.owners_and_pools["follow_user_id"]] == [
        (None, OWNERS[2], 3),
        (None, OWNERS[1], 1),
    ]
    assert (unread.tags["business_tag_ids"].rows, unread.tags["business_tag_ids"].compared) == (2, 0)
    with job.open_run(run, given) as prepared:
        job.read_clues(prepared)
    read = looks.look(run, given).moves
    assert [(move.old, move.new, move.rows) for move in read.owners_and_pools["follow_user_id"]] == [
        (OWNERS[0], OWNERS[2], 2),
        (OWNERS[1], OWNERS[2], 1),
    ]  # the third has that owner already
    tags = read.tags["business_tag_ids"]
    assert (tags.rows, tags.compared, dict(tags.added), dict(tags.removed)) == (2, 2, {"t2": 1}, {"标签t1": 1})


def test_old_and_new_values_come_in_pages_with_the_equal_ones_apart(given: Settings, crm: Sandbox, tmp_path: Path) -> None:
    lines = "".join(f"{clue},{'old' if clue % 2 else 'new'},{'#CLEAR' if clue < 13 else ''}\n" for clue in range(11, 21))
    run, looks = planned(given, tmp_path, f"clue_id,remark,email\n{lines}"), PlanLooks()
    before = changes_at(looks.look(run, given), most=3)
    assert before is not None and {row.known for row in before.rows} == {Known.UNREAD}
    assert [change.old for change in before.rows[0].changes] == [None, None]
    with job.open_run(run, given) as prepared:
        job.read_clues(prepared)
    look = looks.look(run, given)
    first = changes_at(look, most=3)
    assert first is not None and (first.total, first.first, first.next_after, first.previous_after) == (10, 1, 4, None)
    assert first.rows[0].equal == ("remark", "email") and first.rows[0].known is Known.READ
    assert first.rows[0].changes == ()
    assert [(change.key, change.old, change.new) for change in first.rows[1].changes] == [("remark", "old", "new")]
    second = changes_at(look, after=4, most=3)
    assert second is not None and [row.row for row in second.rows] == [5, 6, 7]
    assert (second.first, second.next_after, second.previous_after) == (4, 7, 0)
    third = changes_at(look, after=7, most=3)
    assert third is not None and (third.previous_after, third.first) == (4, 7)
    cleared = changes_at(look, cleared=True)
    assert cleared is not None and [row.row for row in cleared.rows] == [2, 3] and cleared.total == 2
    for field, cleared_too, rows in (("email", False, [2, 3]), ("remark", True, []), ("mail", False, []), ("_mail", False, [])):
        page = changes_at(look, field=field, cleared=cleared_too)
        assert page is not None and [row.row for row in page.rows] == rows
    beyond = changes_at(look, after=99)
    assert beyond is not None and (beyond.rows, beyond.total, beyond.previous_after is not None) == ((), 10, True)


def test_values_read_long_ago_are_read_again_before_their_row_is_sent(
    given: Settings, crm: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What somebody has changed since the reading is what an undo puts back."""
    run = planned(given, tmp_path)
    with job.open_run(run, given) as prepared:
        job.read_clues(prepared)
    elsewhere = given.model_copy(update={"state_dir": tmp_path / "elsewhere"})
    job.run(jobs.text_file(tmp_path / "others.csv", "clue_id,remark\n11,by somebody\n"), elsewhere)
    monkeypatch.setattr("batch_editor.runs.planning.CURRENT", -1.0)
    monkeypatch.setattr("batch_editor.runs.change_pages.CURRENT", -1.0)
    looks = PlanLooks()
    look = looks.look(run, given)
    page = changes_at(look)
    assert look.preview.reads == 2 and page is not None
    assert [(row.known, row.changes[0].old) for row in page.rows] == [(Known.STALE, "old"), (Known.STALE, "old")]
    with job.open_run(run, given) as prepared:
        assert prepared.digest() == look.digest
        job.send(prepared, confirmed=look.digest)
    job.undo(run, given)
    assert crm.clue(11)["remark"] == "by somebody" and len(calls(crm, INFO)) >= 4


def test_records_that_are_current_are_not_read_twice(given: Settings, crm: Sandbox, tmp_path: Path) -> None:
    run = planned(given, tmp_path)
    with job.open_run(run, given) as prepared:
        job.read_clues(prepared)
    look = PlanLooks().look(run, given)
    with job.open_run(run, given) as prepared:
        job.send(prepared, confirmed=look.digest)
    assert len(calls(crm, INFO)) == 2 and job.get_run(run, given).state is RunState.FINISHED
