"""``--only-changed``, ``--fill``, ``--tags`` and ``--snapshot`` against the sandbox: what is read, sent and told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support import jobs
from support.records import CHINA, EDIT, INFO, SHANGHAI, SUMMERS, World, body, calls, clues_of, seconds

import batch_editor
from batch_editor import Report, Settings, job
from batch_editor.cli.preview_text import preview_lines
from batch_editor.errors import CrmDown, GuardTripped, Refused
from batch_editor.messages import say
from batch_editor.runs.preview import Preview
from batch_editor.sandbox import Sandbox

pytestmark = pytest.mark.usefixtures("results_as_csv")

FEW = range(11, 17)
#: Of six clues every second one has the remark already that ``jobs.sheet`` gives its row.
HALF = [{"clue_id": clue, "remark": f"row {row}" if row % 2 else "old"} for row, clue in enumerate(FEW, 2)]


@pytest.fixture
def crm() -> Iterator[Sandbox]:
    with Sandbox(HALF, access_token=jobs.TOKEN) as running:
        yield running


def told(preview: Preview) -> str:
    return "\n".join(say(line, "en") for line in preview_lines(preview))


def sheet(folder: Path, *lines: str, name: str = "edits.csv") -> Path:
    return jobs.text_file(folder / name, "\n".join(lines) + "\n")


def remark_of(crm: Sandbox, clue: int) -> object:
    return crm.clue(clue)["remark"]


# --- only what differs


def test_the_second_run_of_a_sheet_sends_nothing(tmp_path: Path) -> None:
    """But for the fields that cannot be read back, which the sheet of this test does not set."""
    world = World(tmp_path, 80, "twice")
    with world.sandbox() as crm:
        unreadable = ["work_id", "uin", "encrypt_flag", "coop_mode_type", "area_code"]
        given = world.settings(tmp_path, crm, ignore_columns=unreadable)
        first = batch_editor.run(world.path, given, only_changed=True)
        before, held = len(crm.requests), crm.clues()
        second = batch_editor.run(world.path, given, only_changed=True)
        assert calls(crm, EDIT, before) == [] and sorted(clues_of(crm, INFO, before)) == list(world.edited)
        assert crm.clues() == held
    assert first.exit_code == 0 and first.counts["updated"] > 70
    assert (second.exit_code, second.halted, second.rows) == (0, None, 80) and set(jobs.statuses(second.results)) == {
        "unchanged"
    }


@pytest.mark.parametrize("zone", [CHINA, SHANGHAI], ids=["+08:00", "Shanghai"])
def test_birthdays_of_the_summers_with_another_clock_are_the_same_days(tmp_path: Path, zone: Any) -> None:
    """Every summer's first, middle and last days; the day before or after is another one."""
    days = [day + timedelta(days=shift) for day in SUMMERS for shift in (-30, 0, 45)]
    clues = {100 + number: day for number, day in enumerate(days)}
    with Sandbox(
        [{"clue_id": clue, "birthday": seconds(day, zone)} for clue, day in clues.items()], access_token=jobs.TOKEN
    ) as crm:
        given = jobs.settings(tmp_path, crm.url)
        same = sheet(tmp_path, "clue_id,birthday", *(f"{clue},{day}" for clue, day in clues.items()))
        first = batch_editor.run(same, given, only_changed=True)
        assert calls(crm, EDIT) == [] and first.counts["unchanged"] == len(days)
        for number, shift in enumerate((-1, 1)):
            moved = [f"{clue},{day + timedelta(days=shift)}" for clue, day in clues.items()]
            other = batch_editor.diff(sheet(tmp_path, "clue_id,birthday", *moved, name=f"{number}.csv"), given)
            assert other.counts["not_sent"] == len(days)
            assert [change.old for change in other.preview.changes] == [day.isoformat() for day in days]
        second = batch_editor.run(tmp_path / "0.csv", given, only_changed=True)
        assert {clue: crm.clue(clue)["birthday"] for clue in clues} == {
            clue: seconds(day - timedelta(days=1)) for clue, day in clues.items()
        }
        third = batch_editor.run(tmp_path / "0.csv", given, only_changed=True)
    assert second.counts["updated"] == third.counts["unchanged"] == len(days)


def test_a_mixed_sheet_sends_only_the_fields_that_differ(tmp_path: Path) -> None:
    clues = [
        {"clue_id": 11, "remark": "a", "address": "b", "label": "x,y", "gender": "0"},
        {"clue_id": 12, "remark": "a", "field_map": {"mf_many": ["41", "42"]}},
        {"clue_id": 13},
        {"clue_id": 14, "remark": "a"},
    ]
    with Sandbox(clues, access_token=jobs.TOKEN) as crm:
        many = {"mf_many": {"type": "multiple", "options": {"甲": "41", "乙": "42"}}}
        given = jobs.settings(tmp_path, crm.url, ids=jobs.SHORT_IDS, custom_fields=many, rate={"concurrency": 1})
        lines = (
            "clue_id,remark,address,label,gender,mf_many",
            "11,a,B,y;x,女,",  # the tags are the same set
            "12,a,#CLEAR,,,乙、甲",  # nothing differs: the address is empty
            "13,#CLEAR,#CLEAR,#CLEAR,,#CLEAR",
            "14,,,,,",
            "15,a,,,,",  # no such clue
            "14,#CLEAR,,,,",
            "14,b,,,,x",  # no such choice
        )
        report = batch_editor.run(sheet(tmp_path, *lines), given, only_changed=True)
        assert [call["update_specified_fields"] for call in calls(crm, EDIT)] == [["address", "gender"], ["remark"]]
        assert clues_of(crm, INFO) == [11, 12, 13, 15, 14]
    rows = jobs.results(report.results)
    statuses = ["updated", "unchanged", "unchanged", "skipped", "invalid", "updated", "invalid"]
    assert [row["result_status"] for row in rows] == statuses and report.exit_code == 1
    assert rows[0]["result_fields"] == "address,gender" and rows[1]["result_fields"] == ""
    assert rows[4]["result_code"] == "90007" and "could not be read" in rows[4]["result_message"]


def test_what_a_row_sets_and_a_later_one_sets_back_is_sent_in_both(tmp_path: Path, crm: Sandbox) -> None:
    """The second of them has the value that was read, but not the one that the first has made of it."""
    given = jobs.settings(tmp_path, crm.url)
    report = batch_editor.run(sheet(tmp_path, "clue_id,remark", "11,new", "11,old", "11,newer"), given, only_changed=True)
    assert [call["remark"] for call in calls(crm, EDIT)] == ["new", "old", "newer"] and remark_of(crm, 11) == "newer"
    assert clues_of(crm, INFO) == [11] and jobs.statuses(report.results) == ["updated", "updated", "updated"]


# --- several rows of one clue


@pytest.mark.parametrize("attended", [True, False])
def test_a_night_does_not_send_again_what_the_last_row_of_a_clue_has_set(tmp_path: Path, crm: Sandbox, attended: bool) -> None:
    path, given = sheet(tmp_path, "clue_id,remark", "11,one", "13,x", "11,two"), jobs.settings(tmp_path, crm.url)
    first = batch_editor.run(path, given, only_changed=True, attended=attended)
    second = batch_editor.run(path, given, only_changed=True, attended=attended)
    assert (first.counts["updated"], second.counts["unchanged"], second.exit_code) == (3, 3, 0)
    assert [call["remark"] for call in calls(crm, EDIT) if call["clue_id"] == 11] == ["one", "two"]
    rows = jobs.results(second.results)
    assert rows[0]["result_message"] == "row 4 sets the same clue back to what the CRM shows, so nothing was sent"
    assert rows[2]["result_message"] == ""
    diff = batch_editor.diff(path, given, output=tmp_path / "d.csv")
    assert (diff.preview.differences.fields, diff.counts["unchanged"]) == (0, 3)


@pytest.mark.parametrize("attended", [True, False])
def test_a_row_that_sets_a_value_back_and_is_refused_leaves_what_the_row_above_has_set(tmp_path: Path, attended: bool) -> None:
    """No row is ``updated`` whose value never came to the CRM, since the row below that would have set it back was refused."""
    with Sandbox(HALF, access_token=jobs.TOKEN, faults=["code=7@2*1"]) as crm:
        path, given = sheet(tmp_path, "clue_id,remark,address", "11,new,here", "11,old,there"), jobs.settings(tmp_path, crm.url)
        report = batch_editor.run(path, given, only_changed=True, attended=attended)
        assert (jobs.statuses(report.results), remark_of(crm, 11)) == (["updated", "rejected"], "new")
        again = batch_editor.run(path, given, only_changed=True, attended=attended)
        assert (again.counts["updated"], remark_of(crm, 11), crm.clue(11)["address"]) == (1, "old", "there")
        sent = len(calls(crm, EDIT))
        assert batch_editor.run(path, given, only_changed=True, attended=attended).counts["unchanged"] == 2
        assert len(calls(crm, EDIT)) == sent, "once both rows are in, a night sends nothing"


@pytest.mark.parametrize("attended", [True, False])
def test_what_two_rows_of_a_clue_set_is_sent_once(tmp_path: Path, crm: Sandbox, attended: bool) -> None:
    path, given = sheet(tmp_path, "clue_id,remark", "11,x", "11,x", "13,y", "11,x"), jobs.settings(tmp_path, crm.url)
    seen = list[Preview]()
    report = batch_editor.run(
        path, given, only_changed=True, attended=attended, confirm=lambda preview: bool(seen.append(preview)) or True
    )
    assert jobs.statuses(report.results) == ["updated", "unchanged", "updated", "unchanged"]
    assert (report.exit_code, report.halted, report.left, len(calls(crm, EDIT)), clues_of(crm, INFO).count(11)) == (
        *(0, None, 0, 2),
        1,
    )
    if attended:
        assert (seen[0].calls, seen[0].differences.fields, seen[0].counts.statuses["unchanged"]) == (2, 2, 2)
    diff = batch_editor.diff(sheet(tmp_path, "clue_id,remark", "15,x", "15,x", name="d.csv"), given)
    assert (diff.preview.differences.fields, diff.counts["unchanged"], diff.counts["not_sent"]) == (1, 0, 2)


@pytest.mark.parametrize("attended", [True, False])
@pytest.mark.parametrize("concurrency", [1, 4])
def test_a_row_that_was_refused_leaves_nothing_to_the_next_one(tmp_path: Path, attended: bool, concurrency: int) -> None:
    with Sandbox(HALF, access_token=jobs.TOKEN, faults=["code=7@clue:11*1"]) as crm:
        given = jobs.settings(tmp_path, crm.url, rate={"concurrency": concurrency})
        path = sheet(tmp_path, "clue_id,remark", "11,x", "11,x", "13,y", "11,x", "15,z")
        report = batch_editor.run(path, given, only_changed=True, attended=attended)
        assert jobs.statuses(report.results) == ["rejected", "updated", "updated", "unchanged", "updated"]
        assert [remark_of(crm, clue) for clue in (11, 13, 15)] == ["x", "y", "z"]
    assert (report.exit_code, report.halted, report.left) == (1, None, 0)


@pytest.mark.parametrize("attended", [True, False])
def test_a_row_that_failed_holds_back_those_that_rely_on_it(tmp_path: Path, attended: bool) -> None:
    with Sandbox(HALF, access_token=jobs.TOKEN, faults=["503@clue:11*4"]) as crm:
        given = jobs.settings(tmp_path, crm.url, rate={"concurrency": 1})
        path = sheet(tmp_path, "clue_id,remark", "11,x", "11,x", "13,y")
        report = batch_editor.run(path, given, only_changed=True, attended=attended)
        assert jobs.statuses(report.results) == ["failed", "not_sent", "updated"]
        assert (report.exit_code, report.left, remark_of(crm, 11)) == (3, 2, "old")
        again = batch_editor.resume(str(report.run), given, attended=attended)
        assert jobs.statuses(again.results)[0] == "updated" and (again.exit_code, again.left) == (0, 0)
        assert remark_of(crm, 11) == "x"


@pytest.mark.parametrize("attended", [True, False])
def test_a_run_that_stops_between_two_rows_of_a_clue_says_that_the_second_was_not_sent(tmp_path: Path, attended: bool) -> None:
    with Sandbox(HALF, access_token=jobs.TOKEN, faults=["401@2*1"]) as crm:
        given = jobs.settings(tmp_path, crm.url, rate={"concurrency": 1}, prove=False)
        path = sheet(tmp_path, "clue_id,remark", "11,x", "13,y", "11,x")
        report = batch_editor.run(path, given, only_changed=True, attended=attended)
        assert (jobs.statuses(report.results), report.exit_code) == (["updated", "not_sent", "not_sent"], 3)
        again = batch_editor.resume(str(report.run), given, attended=attended)
        assert (again.exit_code, again.counts["not_sent"], again.left) == (0, 0, 0)
        assert [remark_of(crm, 11), remark_of(crm, 13)] == ["x", "y"]


@pytest.mark.parametrize("attended", [True, False])
def test_a_limit_counts_no_row_that_another_one_makes_needless(tmp_path: Path, crm: Sandbox, attended: bool) -> None:
    path, given = sheet(tmp_path, "clue_id,remark", "11,x", "11,x", "13,y", "15,z"), jobs.settings(tmp_path, crm.url)
    report = batch_editor.run(path, given, only_changed=True, limit=2, attended=attended)
    assert jobs.statuses(report.results) == ["updated", "unchanged", "updated", "not_sent"]
    assert batch_editor.run(path, given, only_changed=True, limit=2, attended=attended).counts["updated"] == 3


def test_fields_that_cannot_be_read_count_as_changed_and_the_preview_names_them(tmp_path: Path, crm: Sandbox) -> None:
    given = jobs.settings(tmp_path, crm.url)
    path = sheet(tmp_path, "clue_id,remark,work_id,uin", "11,old,7,", "12,row 3,,u", "13,old,,")
    previews = list[Preview]()
    for attended in (True, False):
        report = batch_editor.run(path, given, only_changed=True, attended=attended, confirm=lambda it: not previews.append(it))
        assert (report.exit_code, report.counts["updated"], report.counts["unchanged"]) == (0, 2, 1)
    assert sorted(call["update_specified_fields"] for call in calls(crm, EDIT)) == [["uin"]] * 2 + [["work_id"]] * 2
    for preview in previews:
        (line,) = [line for line in told(preview).splitlines() if "count as changed, and cannot be undone" in line]
        assert "work_id" in line and "uin" in line and "remark" not in line


# --- who is asked, and when what is read


def test_somebody_who_is_asked_sees_what_differs(tmp_path: Path, crm: Sandbox) -> None:
    """Everything is read before, and nothing is sent."""
    shown = list[Preview]()

    def confirm(preview: Preview) -> bool:
        shown.append(preview)
        assert sorted(clues_of(crm, INFO)) == list(FEW) and calls(crm, EDIT) == []
        return True

    given = jobs.settings(tmp_path, crm.url)
    report = batch_editor.run(jobs.sheet(tmp_path, FEW), given, only_changed=True, attended=True, confirm=confirm)
    (preview,) = shown
    assert [(one.row, one.clue_id, one.old, one.new) for one in preview.changes] == [
        (row, clue, "old", f"row {row}") for row, clue in enumerate(FEW, 2) if row % 2 == 0
    ]
    assert (preview.differences.fields, preview.calls, preview.reads, preview.counts.statuses["unchanged"]) == (3, 3, 0, 3)
    assert "row 2 (线索11)  描述 (remark): old → row 2" in told(preview)
    assert "the CRM has these values already: 3 rows" in told(preview)
    assert (report.exit_code, report.halted, report.left) == (0, None, 0)
    assert report.counts["updated"] == report.counts["unchanged"] == 3
    assert len(calls(crm, INFO)) == 6 and len(calls(crm, EDIT)) == 3
    with job.open_journal(given) as journal:
        assert journal.run(report.run or "").state == "finished"


def test_who_declines_has_sent_nothing(tmp_path: Path, crm: Sandbox) -> None:
    given = jobs.settings(tmp_path, crm.url)
    with pytest.raises(Refused):
        batch_editor.run(jobs.sheet(tmp_path, FEW), given, only_changed=True, attended=True, confirm=lambda preview: False)
    assert calls(crm, EDIT) == [] and crm.clues() == {clue["clue_id"]: crm.clue(clue["clue_id"]) for clue in HALF}  # type: ignore[call-overload]
    with job.open_journal(given) as journal:
        assert journal.runs() == []
    assert [*tmp_path.glob("edits.*")] == [tmp_path / "edits.csv"]


@pytest.mark.parametrize("option", ["only_changed", "snapshot", "tags", "fill"])
def test_with_nobody_to_ask_reading_and_sending_overlap(tmp_path: Path, option: str) -> None:
    """A sheet of a million rows does not wait for its last clue to be read; each clue is read before it is sent."""
    clues = range(100, 160)
    with Sandbox([{"clue_id": clue} for clue in clues], access_token=jobs.TOKEN) as crm:
        given = jobs.settings(tmp_path, crm.url, ids=jobs.SHORT_IDS, fill=option == "fill")
        path = sheet(tmp_path, "clue_id,remark,label", *(f"{clue},new,x" for clue in clues))
        if option == "fill":
            given = given.model_copy(update={"defaults": {"user_id": "wo-operator-of-the-tests"}})
        options: dict[str, Any] = {"tags": "add"} if option == "tags" else {option: True} if option != "fill" else {}
        report = batch_editor.run(path, given, **options)
        order = [(request.path, clue) for request, clue in ((request, body(request)["clue_id"]) for request in crm.requests)]
    assert report.exit_code == 0 and len(order) == 120
    first_edit = next(place for place, (path_, _) in enumerate(order) if path_ == EDIT)
    last_read = max(place for place, (path_, _) in enumerate(order) if path_ == INFO)
    assert first_edit < last_read
    assert all(order.index((INFO, clue)) < order.index((EDIT, clue)) for clue in clues)


@pytest.mark.parametrize("attended", [True, False])
def test_each_clue_is_read_once_however_many_rows_it_has(tmp_path: Path, attended: bool) -> None:
    clues = [number % 9 for number in range(40)]
    with Sandbox([{"clue_id": 100 + clue} for clue in range(9)], access_token=jobs.TOKEN) as crm:
        given = jobs.settings(tmp_path, crm.url, prove=False)
        path = jobs.sheet(tmp_path, [100 + clue for clue in clues])
        report = batch_editor.run(path, given, only_changed=True, snapshot=True, attended=attended)
        assert Counter(clues_of(crm, INFO)) == dict.fromkeys(range(100, 109), 1) and len(calls(crm, EDIT)) == 40
        assert {clue: remark_of(crm, clue) for clue in range(100, 109)} == {
            100 + clue: f"row {row}" for row, clue in enumerate(clues, 2)
        }
    assert (report.exit_code, report.counts["updated"]) == (0, 40)


@pytest.mark.parametrize("attended", [True, False])
@pytest.mark.parametrize("again", ["resume", "run"])
def test_no_clue_that_was_read_is_read_again_when_a_run_goes_on(tmp_path: Path, attended: bool, again: str) -> None:
    """It stops at the tenth edit; of the clues in several rows some are sent in part."""
    clues = [100 + number % 20 for number in range(50)]
    with Sandbox([{"clue_id": clue} for clue in range(100, 120)], access_token=jobs.TOKEN, faults=["401@10"]) as crm:
        given = jobs.settings(tmp_path, crm.url, prove=False, rate={"concurrency": 2})
        path = jobs.sheet(tmp_path, clues)
        first = batch_editor.run(path, given, only_changed=True, attended=attended)
        assert first.exit_code == 3 and 0 < first.counts["updated"] < 20
        if again == "resume":
            second = batch_editor.resume(first.run or "", given, attended=attended)
        else:
            second = batch_editor.run(path, given, only_changed=True, attended=attended)
        assert Counter(clues_of(crm, INFO)) == dict.fromkeys(range(100, 120), 1)
    assert second.run == first.run and (second.exit_code, second.counts["updated"], second.halted) == (0, 50, None)


def test_a_limit_counts_what_is_sent_and_not_what_is_read(tmp_path: Path, crm: Sandbox) -> None:
    path = jobs.sheet(tmp_path, FEW)
    for attended in (True, False):
        given = jobs.settings(tmp_path, crm.url, rate={"concurrency": 1})
        before = len(crm.requests)
        report = batch_editor.run(path, given, only_changed=True, limit=2, attended=attended, new=True)
        assert [one.row for one in report.preview.changes] == ([2, 4] if attended else []), "what is not read is no difference"
        assert clues_of(crm, EDIT, before) == [11, 13] and clues_of(crm, INFO, before) == [11, 12, 13]
        assert (report.exit_code, report.counts["updated"], report.counts["unchanged"]) == (0, 2, 1)
        assert report.counts["not_sent"] == 3 and report.halted is None
        for clue in (11, 13):
            crm.change(clue, remark="old")
    before = len(crm.requests)
    rest = batch_editor.run(path, given, only_changed=True)
    assert clues_of(crm, EDIT, before) == [15] and clues_of(crm, INFO, before) == [14, 15, 16]
    assert rest.exit_code == 0 and rest.counts["not_sent"] == 0


# --- rules about the whole of a sheet


def test_a_guard_holds_for_what_only_reading_shows(tmp_path: Path) -> None:
    """--tags remove empties three sets of tags: nobody sees that in the sheet, and nothing is sent by a run unattended."""
    clues = [{"clue_id": 11 + number, "label": "x" if number < 3 else "x,y"} for number in range(6)]
    with Sandbox(clues, access_token=jobs.TOKEN) as crm:
        path = sheet(tmp_path, "clue_id,label", *(f"{11 + number},x" for number in range(6)))
        with pytest.raises(GuardTripped) as tripped:
            batch_editor.run(
                path, jobs.settings(tmp_path, crm.url, ids=jobs.SHORT_IDS, guards={"max_clears": 2}), tags="remove"
            )
        assert calls(crm, EDIT) == [] and len(calls(crm, INFO)) == 6 and "guards.max_clears" in str(tripped.value)
        report = batch_editor.run(
            path, jobs.settings(tmp_path, crm.url, ids=jobs.SHORT_IDS, guards={"max_clears": 3}), tags="remove"
        )
        assert [crm.clue(11 + number)["label"] for number in range(6)] == [None] * 3 + ["y"] * 3
    assert (report.exit_code, report.counts["updated"]) == (0, 6)


@pytest.mark.parametrize("options", [{"only_changed": True}, {"snapshot": True}, {"tags": "add"}])
def test_strict_sends_nothing_if_there_is_no_such_clue(tmp_path: Path, crm: Sandbox, options: dict[str, Any]) -> None:
    given = jobs.settings(tmp_path, crm.url, ids=jobs.SHORT_IDS)
    path = sheet(tmp_path, "clue_id,label", *(f"{clue},x" for clue in [*FEW, 99]))
    with pytest.raises(Refused) as refused:
        batch_editor.run(path, given, strict=True, **options)
    assert calls(crm, EDIT) == [] and "90007" in str(refused.value) and "A8" in str(refused.value)
    report = batch_editor.run(path, given, **options)
    assert (report.exit_code, report.counts["invalid"], report.counts["updated"]) == (1, 1, 6)


@pytest.mark.parametrize("rule", ["strict", "guard", None])
def test_a_rule_about_the_whole_cannot_be_kept_while_a_clue_cannot_be_read(tmp_path: Path, rule: str | None) -> None:
    """The clue is not there, but what says so comes after two answers that say nothing."""
    with Sandbox(HALF, access_token=jobs.TOKEN, faults=["read:500@clue:99*2"]) as crm:
        given = jobs.settings(tmp_path, crm.url, ids=jobs.SHORT_IDS, guards={"max_invalid_share": 0} if rule == "guard" else {})
        path = jobs.sheet(tmp_path, [*FEW, 99])
        if rule:
            with pytest.raises(CrmDown) as refused:
                batch_editor.run(path, given, snapshot=True, strict=rule == "strict")
            assert "1 clue could not be read" in str(refused.value) and calls(crm, EDIT) == []
        else:  # somebody is asked, and may go on all the same: the clue is read once more when its turn has come
            report = batch_editor.run(path, given, snapshot=True, attended=True)
            assert clues_of(crm, INFO).count(99) == 3 and len(calls(crm, EDIT)) == 6
            assert (report.exit_code, report.counts["updated"], report.counts["invalid"]) == (1, 6, 1)
            assert report.halted is None


# --- fill


def filling(folder: Path, crm: Sandbox, **over: Any) -> Settings:
    """Settings of somebody whose sheets hold a clue and what is to be edited, and nothing else."""
    given = jobs.settings(folder, crm.url, **jobs.merged({"fill": True}, over))
    return given.model_copy(update={"defaults": {"user_id": "wo-operator-of-the-tests"}})


def test_a_sheet_of_clue_and_remark_alone_is_filled(tmp_path: Path) -> None:
    clues = [
        {
            "clue_id": clue,
            "clue_name": f"name {clue}",
            "clue_pool_id": 70 + clue,
            "follow_user_id": f"wo-employee-number-{clue}",
        }
        for clue in FEW
    ]
    with Sandbox(clues, access_token=jobs.TOKEN) as crm:
        before = crm.clues()
        report = batch_editor.run(jobs.sheet(tmp_path, [*FEW, 99]), filling(tmp_path, crm))
        for row, clue in enumerate(FEW, 2):
            (sent,) = [call for call in calls(crm, EDIT) if call["clue_id"] == clue]
            required = {key: before[clue][key] for key in ("clue_id", "clue_name", "clue_pool_id", "follow_user_id")}
            assert sent == required | {
                "user_id": "wo-operator-of-the-tests",
                "remark": f"row {row}",
                "update_specified_fields": ["remark"],
            }
        assert crm.clues() == {clue: whole | {"remark": f"row {clue - 9}"} for clue, whole in before.items()}
    assert [row["result_status"] for row in jobs.results(report.results)] == ["updated"] * 6 + ["invalid"]
    assert report.undoable, "what was read to fill in is kept as what was there before"


def test_a_row_that_lacks_nothing_is_not_read_to_fill_it(tmp_path: Path, crm: Sandbox) -> None:
    lines = (
        "clue_id,clue_name,clue_pool_id,follow_user_id,remark",
        "11,n,5,wo-employee-number-1,new",
        "12,,5,wo-employee-number-1,new",
        "13,n,5,wo-employee-number-1,",
    )
    context = ["clue_name", "clue_pool_id", "follow_user_id"]
    settings = filling(tmp_path, crm, context_columns=context, compare_columns=[])  # the CRM has another owner and pool
    report = batch_editor.run(sheet(tmp_path, *lines), settings)
    assert clues_of(crm, INFO) == [12] and sorted(clues_of(crm, EDIT)) == [11, 12]
    assert jobs.statuses(report.results) == ["updated", "updated", "skipped"]


def test_what_is_filled_in_is_what_earlier_rows_have_made_of_it(tmp_path: Path, crm: Sandbox) -> None:
    """Also where everything is read before anything is sent: the old name must not be sent along with the second row."""
    lines = (
        "clue_id,clue_name,follow_user_id,remark",
        "11,new,,",
        "11,,,a",
        "11,,wo-employee-number-new,",
        "11,newer,,b",
        "11,,,c",
    )
    report = batch_editor.run(sheet(tmp_path, *lines), filling(tmp_path, crm), strict=True)
    sent = [(call["clue_name"], call["follow_user_id"]) for call in calls(crm, EDIT)]
    owner = "wovvCXcAAAT_dzekbq54K27FeMRBQJ2Q"
    assert sent == [
        ("new", owner),
        ("new", owner),
        ("new", "wo-employee-number-new"),
        ("newer", "wo-employee-number-new"),
        ("newer", "wo-employee-number-new"),
    ]
    assert report.exit_code == 0 and clues_of(crm, INFO) == [11]


def test_what_the_crm_does_not_show_either_is_named(tmp_path: Path) -> None:
    with Sandbox(HALF, access_token=jobs.TOKEN, info_lacks=["follow_user_id"]) as crm:
        report = batch_editor.run(sheet(tmp_path, "clue_id,remark", "11,new"), filling(tmp_path, crm))
        assert calls(crm, EDIT) == []
    (row,) = jobs.results(report.results)
    assert (
        row["result_status"] == "invalid"
        and "(follow_user_id) is required, and the CRM shows no value" in row["result_message"]
    )


def test_without_an_operator_no_clue_is_read(tmp_path: Path, crm: Sandbox) -> None:
    given = filling(tmp_path, crm).model_copy(update={"defaults": {}})
    report = batch_editor.run(sheet(tmp_path, "clue_id,remark", "11,new"), given)
    assert crm.requests == [] and report.counts["invalid"] == 1


# --- tags

TAGGED = [{"clue_id": 11, "label": "a,b", "business_tag_ids": "p"}, {"clue_id": 12}, {"clue_id": 13, "label": "a"}]
TAGS: dict[str, tuple[list[str], dict[int, tuple[object, object]], list[str]]] = {
    "add": (
        ["11,b;c,q", "12,a,", "13,a,", "13,d,", "11,#CLEAR,", "11,e,"],
        {11: ("e", "p,q"), 12: ("a", None), 13: ("a,d", None)},
        ["updated"] * 6,
    ),
    "remove": (
        ["11,b;c,p", "12,a,", "13,a,", "11,a,"],
        {11: (None, None), 12: (None, None), 13: (None, None)},
        ["updated"] * 4,
    ),
}


@pytest.mark.parametrize("how", TAGS)
def test_tags_are_added_and_removed(tmp_path: Path, how: str) -> None:
    rows, wanted, statuses = TAGS[how]
    with Sandbox(TAGGED, access_token=jobs.TOKEN) as crm:
        given = jobs.settings(tmp_path, crm.url, ids=jobs.SHORT_IDS)
        path = sheet(tmp_path, "clue_id,label,business_tag_ids", *rows)
        report = batch_editor.run(path, given, tags=how)
        assert {clue: (crm.clue(clue)["label"], crm.clue(clue)["business_tag_ids"]) for clue in wanted} == wanted
        assert jobs.statuses(report.results) == statuses and report.exit_code == 0
        edits = len(calls(crm, EDIT))
        again = batch_editor.run(path, given, tags="remove", only_changed=True) if how == "remove" else None
        assert again is None or (again.counts["unchanged"], len(calls(crm, EDIT))) == (4, edits)


def test_tags_that_the_crm_does_not_show_are_neither_added_nor_removed(tmp_path: Path) -> None:
    with Sandbox(TAGGED, access_token=jobs.TOKEN, info_lacks=["tag_list"]) as crm:
        given = jobs.settings(tmp_path, crm.url, ids=jobs.SHORT_IDS)
        report = batch_editor.run(sheet(tmp_path, "clue_id,label,remark", "11,c,new", "12,,new"), given, tags="add")
        assert crm.clue(11)["label"] == "a,b" and remark_of(crm, 11) is None
    rows = jobs.results(report.results)
    assert [row["result_status"] for row in rows] == ["invalid", "updated"] and "without --tags" in rows[0]["result_message"]


# --- snapshot


@pytest.mark.parametrize("option", ["snapshot", "only_changed", None])
def test_only_what_was_read_before_can_be_undone(tmp_path: Path, crm: Sandbox, option: str | None) -> None:
    said: Callable[[Report], str] = lambda report: told(report.preview)  # noqa: E731
    given = jobs.settings(tmp_path, crm.url)
    report = batch_editor.run(jobs.sheet(tmp_path, FEW), given, **({option: True} if option else {}))
    assert (len(calls(crm, INFO)), len(calls(crm, EDIT))) == {"snapshot": (6, 6), "only_changed": (6, 3), None: (0, 6)}[option]
    assert report.undoable == (option is not None)
    assert ("This run cannot be undone" in said(report)) == (option is None)


def test_a_snapshot_that_cannot_be_taken_sends_nothing(tmp_path: Path) -> None:
    """Where clues may not be read, what somebody wants to be able to undo is not sent."""
    with Sandbox(HALF, access_token=jobs.TOKEN, quirks=["no-reading"]) as crm:
        report = batch_editor.run(jobs.sheet(tmp_path, FEW), jobs.settings(tmp_path, crm.url), snapshot=True)
        assert calls(crm, EDIT) == []
    assert report.exit_code == 1 and report.counts["invalid"] == 6
