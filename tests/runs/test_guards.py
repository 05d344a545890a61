"""Guards for nights: what is wrong with an export stops its run before the first call, and is said with both numbers."""

from __future__ import annotations

import io
import os
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from support import jobs
from support.crm import CONFIRMED, Crm, envelope, scripted, status

import batch_editor
from batch_editor import GuardTripped, Report, Settings, job
from batch_editor.errors import BatchEditorError, Refused, SettingsError
from batch_editor.messages import say
from batch_editor.model import Status
from batch_editor.runs.exports import Export, LastNight
from batch_editor.runs.guards import check_guards, judge
from batch_editor.runs.options import RunOptions
from batch_editor.runs.row_counts import RowCounts
from batch_editor.sandbox import Sandbox
from batch_editor.settings.sections import Guards

HOUR = 3600
SERIES = "/srv/crm/nightly.yaml"


@pytest.fixture
def crm() -> Iterator[Sandbox]:
    with Sandbox(access_token=jobs.TOKEN, accept_any_clue=True) as sandbox:
        yield sandbox


def nightly(folder: Path, crm: Sandbox | Crm, **guards: Any) -> Settings:
    """Settings of a night: those of the other tests, with the usual guard against a sheet that was sent before."""
    return jobs.settings(folder, crm.url, guards={"repeat": None, **guards})


def tripped(*arguments: Any, by: Any = batch_editor.run, **options: Any) -> GuardTripped:
    with pytest.raises(GuardTripped) as caught:
        by(*arguments, **options)
    assert "Nothing was sent" in str(caught.value) and say(caught.value.message, "zh")
    return caught.value


def ages(path: Path, seconds: float) -> Path:
    moment = time.time() - seconds
    os.utime(path, (moment, moment))
    return path


# --- the age of the file


def test_a_file_that_is_too_old_is_refused_by_every_command(tmp_path: Path, crm: Sandbox) -> None:
    given, edits = nightly(tmp_path, crm, max_age="20h"), ages(jobs.sheet(tmp_path, [11, 12]), 21 * HOUR)
    for by in (batch_editor.run, batch_editor.check, batch_editor.diff, batch_editor.plan):
        error = tripped(edits, given, by=by)
        assert error.guard == "max_age" and "21.0 hours" in str(error) and "(20h)" in str(error)
    assert crm.requests == []
    assert batch_editor.run(ages(edits, 19 * HOUR), given).counts["updated"] == 2


@pytest.mark.parametrize(
    ("seconds", "en", "zh"),
    [
        (21 * HOUR, "21.0 hours", "21.0 小时"),
        (48 * HOUR - 1, "48.0 hours", "48.0 小时"),
        (48 * HOUR, "2.0 days", "2.0 天"),
        (240 * HOUR, "10.0 days", "10.0 天"),
    ],
)
def test_an_age_is_said_in_days_from_two_on(seconds: int, en: str, zh: str) -> None:
    (judged,) = judge(RowCounts(rows=1), Guards(max_age="1h"), export=Export(age=seconds))
    assert judged.trips is not None
    assert en in say(judged.trips.message, "en") and zh in say(judged.trips.message, "zh")


@pytest.mark.parametrize(("most", "seconds"), [("90m", 5400), ("20h", 72_000), ("2d", 172_800)])
def test_a_file_is_too_old_from_the_second_on_that_is_one_more(most: str, seconds: int) -> None:
    for age, trips in ((-1, False), (seconds, False), (seconds + 1, True)):
        (judged,) = judge(RowCounts(rows=1), Guards(max_age=most), export=Export(age=age))
        assert (judged.trips is not None) == trips, age


def test_what_has_no_time_is_not_old_and_a_clock_that_is_behind_makes_nothing_old(tmp_path: Path, crm: Sandbox) -> None:
    given, edits = nightly(tmp_path, crm, max_age="1m"), jobs.sheet(tmp_path, [11])
    assert batch_editor.run(io.BytesIO(ages(edits, 2 * HOUR).read_bytes()), given).counts["updated"] == 1
    assert batch_editor.run([{"clue_id": 12, "remark": "a"}], given).counts["updated"] == 1
    assert batch_editor.run(ages(jobs.sheet(tmp_path, [13]), -HOUR), given).counts["updated"] == 1


def test_a_run_that_goes_on_is_neither_too_old_nor_a_repetition(tmp_path: Path) -> None:
    with Crm(scripted({12: [status(401), CONFIRMED]})) as crm:
        given = nightly(tmp_path, crm, max_age="20h", min_edits=2, min_share_of_last=1)
        given = given.model_copy(update={"rate": given.rate.model_copy(update={"concurrency": 1})})
        edits = jobs.sheet(tmp_path, [11, 12])
        assert batch_editor.run(edits, given).exit_code == 3
        report = batch_editor.run(ages(edits, 30 * HOUR), given)
    assert (report.exit_code, report.counts["updated"]) == (0, 2)


# --- the same sheet once more


def test_a_sheet_that_was_finished_is_refused_where_nobody_is_asked(tmp_path: Path, crm: Sandbox) -> None:
    given, edits = nightly(tmp_path, crm), jobs.sheet(tmp_path, [11, 12])
    first = batch_editor.run(edits, given)
    before = len(crm.requests)
    for by in (batch_editor.run, batch_editor.check, batch_editor.diff, batch_editor.plan):
        error = tripped(edits, given, by=by)
        assert error.guard == "repeat" and str(first.run) in str(error) and "--new" in str(error)
    tripped(edits, given, only_changed=True)
    tripped(io.BytesIO(edits.read_bytes()), given)
    assert len(crm.requests) == before
    asked = batch_editor.run(edits, given, attended=True, confirm=lambda preview: preview.circumstances.repeats)
    assert asked.counts["updated"] == 2
    assert batch_editor.run(edits, given, new=True).counts["updated"] == 2
    assert batch_editor.run(edits, nightly(tmp_path, crm, repeat="allow")).counts["updated"] == 2
    tripped(edits, nightly(tmp_path, crm, repeat="refuse"), attended=True, confirm=lambda preview: True)


def test_the_night_before_is_told_by_the_clocks_of_the_zone(tmp_path: Path, crm: Sandbox) -> None:
    given = jobs.settings(tmp_path, crm.url, guards={"repeat": None, "min_share_of_last": 0.8}, timezone="Asia/Kathmandu")
    edits = jobs.sheet(tmp_path, [11, 12])
    first = batch_editor.run(edits, given, series=SERIES)
    with job.open_journal(given) as journal:
        ended = datetime.fromisoformat(journal.run(str(first.run)).finished or "")
    by_its_clocks = f"{ended.astimezone(ZoneInfo('Asia/Kathmandu')):%Y-%m-%d %H:%M}"
    assert f"by the run {first.run} at {by_its_clocks}:" in str(tripped(edits, given, series=SERIES))
    fewer = jobs.sheet(tmp_path, [13], "fewer.csv")
    assert f"(run {first.run}, {by_its_clocks})" in str(tripped(fewer, given, series=SERIES))


def test_where_rows_of_it_failed_the_next_step_is_to_resume_it(tmp_path: Path) -> None:
    with Crm(scripted({12: [status(500), status(500)]})) as crm:
        given, edits = nightly(tmp_path, crm), jobs.sheet(tmp_path, [11, 12])
        given = given.model_copy(update={"retry": given.retry.model_copy(update={"attempts": 1})})
        first = batch_editor.run(edits, given)
        if first.counts["failed"]:
            assert f"batch-editor resume {first.run}\n" in str(tripped(edits, given))


def test_what_is_no_repetition_is_sent(tmp_path: Path, crm: Sandbox) -> None:
    given, edits = nightly(tmp_path, crm), jobs.text_file(tmp_path / "a.csv", "clue_id,remark,email\n11,a,b@c.de\n12,b,\n")
    first = batch_editor.run(edits, given, edit_keys="remark", snapshot=True)
    assert batch_editor.run(edits, given, edit_keys="email").counts["updated"] == 1  # asks for something else
    other = given.model_copy(update={"api": given.api.model_copy(update={"app_id": "b", "tenant": "b"})})
    tripped(edits, other, edit_keys="remark")  # of a fixed token nobody knows the app
    batch_editor.undo(str(first.run), given)
    assert batch_editor.run(edits, given, edit_keys="remark").counts["updated"] == 2
    limited = jobs.sheet(tmp_path, [21, 22, 23], "limited.csv")
    assert batch_editor.run(limited, given, limit=1).counts["updated"] == 1
    assert batch_editor.run(limited, given).counts["updated"] == 3  # it goes on
    tripped(limited, given, limit=1)


@pytest.mark.parametrize("names", ["备注", "客户备注", ["remark"], "REMARK"])
def test_fields_that_are_named_in_other_words_are_the_same_fields(tmp_path: Path, crm: Sandbox, names: str | list[str]) -> None:
    given = nightly(tmp_path, crm)
    given = given.model_copy(update={"columns": {"客户备注": "remark"}})
    edits = jobs.text_file(tmp_path / "a.csv", "clue_id,remark,email\n11,a,b@c.de\n12,b,b@c.de\n")
    batch_editor.run(edits, given, edit_keys=["remark", "email"])
    both = [*([names] if isinstance(names, str) else names), "邮箱"]
    assert tripped(edits, given, edit_keys=both).guard == "repeat"
    assert tripped(edits, given, edit_keys=[*reversed(both)]).guard == "repeat"
    assert batch_editor.run(edits, given, edit_keys=names).counts["updated"] == 2


def test_a_run_that_stopped_is_gone_on_with_in_whatever_words_its_fields_are_named(tmp_path: Path) -> None:
    with Crm(scripted({12: [status(401), CONFIRMED]})) as crm:
        given = nightly(tmp_path, crm)
        given = given.model_copy(update={"rate": given.rate.model_copy(update={"concurrency": 1})})
        edits = jobs.sheet(tmp_path, [11, 12])
        first = batch_editor.run(edits, given, edit_keys="remark")
        again = batch_editor.run(edits, given, edit_keys="备注")
    assert (first.exit_code, again.exit_code, again.run) == (3, 0, first.run)


def test_a_table_of_names_that_changes_makes_no_other_sheet_unless_rows_were_wrong(tmp_path: Path, crm: Sandbox) -> None:
    def known(**people: str) -> Settings:
        return jobs.settings(tmp_path, crm.url, guards={"repeat": None}, lookups={"follow_user_id": people})

    li, wang = "wovvCXcAAAT_dzekbq54K27FeMRBQJ2Q", "wovvCXcAAAT_dzekbq54K27FeMRBQJ3Q"
    edits = jobs.text_file(tmp_path / "a.csv", "clue_id,跟进人\n11,李伟\n12,王芳\n")
    assert batch_editor.run(edits, known(李伟=li)).counts["invalid"] == 1
    assert batch_editor.run(edits, known(李伟=li, 王芳=wang)).counts["updated"] == 2  # the table was mended
    tripped(edits, known(李伟=li, 王芳=wang, 张三=wang))


def test_results_that_are_sent_again_are_no_repetition(tmp_path: Path) -> None:
    with Crm(scripted({12: [envelope(9), CONFIRMED]})) as crm:
        given = nightly(tmp_path, crm, max_age="20h", min_edits=2, min_filled={"remark": 1})
        first = batch_editor.run(jobs.sheet(tmp_path, [11, 12]), given, output=tmp_path / "results.csv")
        assert first.counts["rejected"] == 1 and first.results is not None
        again = batch_editor.run(ages(first.results, 30 * HOUR), given, only_failed=True)
    assert again.counts["updated"] == 2 and len(crm.calls) == 3


# --- what an export holds


def test_too_few_rows_that_set_a_field_are_refused(tmp_path: Path, crm: Sandbox) -> None:
    given = nightly(tmp_path, crm, min_edits=2)
    edits = jobs.text_file(tmp_path / "a.csv", "clue_id,remark\n11,a\n12,\n13,\n")
    error = tripped(edits, given)
    assert error.guard == "min_edits" and "1 row " in str(error) and "(2)" in str(error)
    assert (error.rows, error.counts["skipped"], error.counts["not_sent"]) == (3, 2, 1)
    edits = jobs.sheet(tmp_path, [11, 12, 13])
    assert batch_editor.run(edits, given, limit=1).counts["updated"] == 1
    again = jobs.text_file(tmp_path / "b.csv", edits.read_text(encoding="utf-8"))
    nothing_differs = batch_editor.run(again, given, only_changed=True, limit=3)
    assert nothing_differs.counts["unchanged"] >= 1


@pytest.mark.parametrize("name", ["remark", "备注", "描述", "客户备注"])
def test_a_column_that_is_hardly_filled_is_refused(tmp_path: Path, crm: Sandbox, name: str) -> None:
    given = jobs.settings(
        tmp_path, crm.url, guards={"min_filled": {name: 0.4}}, columns={"客户备注": "remark"}, blank_words=["无"]
    )
    edits = jobs.text_file(tmp_path / "a.csv", "clue_id,客户备注,邮箱\n11,a,a@b.cd\n12,　,a@b.cd\n13,无,a@b.cd\n")
    error = tripped(edits, given)
    assert error.guard == "min_filled" and name in str(error)
    assert "filled in 1 of 3 rows, a share of 0.3333" in str(error) and "(0.4)" in str(error)
    jobs.text_file(edits, "clue_id,客户备注,邮箱\n11,a,a@b.cd\n12,#CLEAR,\n13,无,\n14,,a@b.cd\n")
    assert batch_editor.run(edits, given).counts["updated"] == 3


def test_a_column_that_is_missing_counts_as_empty(tmp_path: Path, crm: Sandbox) -> None:
    edits = jobs.text_file(tmp_path / "a.csv", "clue_id,备注,手机号\n11,a,\n12,b,\n")
    assert "no such column" in str(tripped(edits, nightly(tmp_path, crm, min_filled={"email": 0.1})))
    assert "filled in 0 of 2 rows" in str(tripped(edits, nightly(tmp_path, crm, min_filled={"手机号": 0.1})))
    assert batch_editor.run(edits, nightly(tmp_path, crm, min_filled={"email": 0, "remark": 1})).counts["updated"] == 2


@pytest.mark.parametrize(
    ("guards", "said"),
    [
        ({"min_filled": {"remrak": 0.2}}, "is remark meant?"),
        ({"min_filled": {"备住": 0.2}}, "is 备注 meant?"),
        ({"min_filled": {"xyzzy": 0.2}}, "is no column"),
        ({"min_filled": {"remark": 20}}, "guards.min_filled.remark: must be at most 1"),
        ({"max_age": 20}, "such as 90m, 20h or 2d"),
        ({"max_age": "0h"}, "such as 90m, 20h or 2d"),
        ({"max_agee": "2h"}, "is it max_age?"),
        ({"repeat": "never"}, "refuse / allow"),
    ],
)
def test_a_guard_that_is_written_wrongly_is_named(guards: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings(guards=guards)
    assert said in str(caught.value)


@pytest.mark.parametrize("kind", ["file", "stream"])
@pytest.mark.parametrize(
    ("text", "is_cut"),
    [
        ("clue_id,remark\n11,a\n12,b", True),
        ("clue_id,remark\r\n11,a\r\n12,b\r\n", False),
        ('{"clue_id": 11, "remark": "a"}\n{"clue_id": 12, "remark": "b"}', True),
    ],
)
def test_a_text_without_an_end_of_its_last_line(tmp_path: Path, crm: Sandbox, text: str, is_cut: bool, kind: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode())
    edits = path if kind == "file" else io.BytesIO(text.encode())
    if is_cut:
        assert tripped(edits, nightly(tmp_path, crm, cut="refuse"), new=True).guard == "cut"
        edits = path if kind == "file" else io.BytesIO(text.encode())
        notes = batch_editor.run(edits, nightly(tmp_path, crm), new=True).preview.notes
        assert "note.no_line_end" in [note.key for note in notes]
    else:
        assert batch_editor.run(edits, nightly(tmp_path, crm, cut="refuse"), new=True).exit_code == 0


def night(edits: Path, given: Settings, **options: Any) -> Report:
    return batch_editor.run(edits, given, **({"series": SERIES} | options))


def test_fewer_rows_than_the_last_night_that_ended_well(tmp_path: Path, crm: Sandbox) -> None:
    given = nightly(tmp_path, crm, min_share_of_last=0.8)
    first = night(jobs.sheet(tmp_path, range(11, 21), "1.csv"), given)
    for by_whom in ({}, {"new": True}):
        error = tripped(jobs.sheet(tmp_path, range(11, 18), "2.csv"), given, by=night, **by_whom)
        assert error.guard == "min_share_of_last"
        assert "has 7 rows" in str(error) and "had 10" in str(error) and str(first.run) in str(error) and "(0.8)" in str(error)
    night(jobs.sheet(tmp_path, range(51, 59), "5.csv"), given)  # 8 of 10
    tripped(jobs.sheet(tmp_path, range(61, 67), "6.csv"), given, by=night)  # 6 of 8


def test_only_a_night_of_the_same_job_that_ended_well_is_the_last_one(tmp_path: Path, crm: Sandbox) -> None:
    given = nightly(tmp_path, crm, min_share_of_last=0.5, repeat="allow")
    first = night(jobs.sheet(tmp_path, range(11, 21), "1.csv"), given, snapshot=True, output=tmp_path / "1.results.csv")
    assert first.results is not None
    small = jobs.sheet(tmp_path, [31, 32], "2.csv")
    tripped(small, given, by=night)
    night(small, given, attended=True, confirm=lambda preview: True)
    night(small, given, series="/elsewhere.yaml")
    night(jobs.sheet(tmp_path, [41, 42], "3.csv"), nightly(tmp_path, crm), limit=1)  # it is not at its end
    lines = first.results.read_text(encoding="utf-8-sig").replace("row 2", "mended").splitlines(keepends=True)
    mended = jobs.text_file(tmp_path / "mended.csv", "".join(lines[:3]))
    night(mended, given, only_failed=True)
    batch_editor.undo(str(first.run), given, clues=[11])
    with Sandbox(access_token=jobs.TOKEN, accept_any_clue=True) as other:
        night(jobs.sheet(tmp_path, [51, 52], "4.csv"), nightly(tmp_path, other))
    error = tripped(jobs.sheet(tmp_path, [61, 62, 63, 64], "5.csv"), given, by=night)
    assert "had 10" in str(error) and str(first.run) in str(error)


def test_without_a_series_the_last_night_is_one_of_the_same_sheet(tmp_path: Path, crm: Sandbox) -> None:
    given = nightly(tmp_path, crm, min_share_of_last=0.5, repeat="allow")
    edits = jobs.sheet(tmp_path, range(11, 21), "1.csv")
    batch_editor.run(edits, given)
    batch_editor.run(jobs.sheet(tmp_path, [31], "2.csv"), given)  # another sheet
    assert "had 10" in str(tripped(jobs.sheet(tmp_path, [41, 42], "1.csv"), given))


@pytest.mark.parametrize(
    ("share", "rows", "trips"), [(0.55, 55, False), (0.28, 28, False), (0.28, 27, True), (1, 100, False), (0, 1, False)]
)
def test_a_share_of_the_last_night_is_no_guess_at_its_border(share: float, rows: int, trips: bool) -> None:
    export = Export(last=LastNight("run", "2026-11-29T02:00:00+08:00", 100))
    judged = list(judge(RowCounts(rows=rows), Guards(min_share_of_last=share), export=export))
    assert [one.trips is not None for one in judged] == [trips]


def test_more_rows_that_differ_than_usual(tmp_path: Path) -> None:
    clues = [{"clue_id": clue, "remark": f"row {row}" if row > 4 else "old"} for row, clue in enumerate(range(11, 21), 2)]
    with Sandbox(clues, access_token=jobs.TOKEN) as crm:
        edits = jobs.sheet(tmp_path, range(11, 21))
        for by in (batch_editor.run, batch_editor.diff):
            options = {"only_changed": True} if by is batch_editor.run else {}
            error = tripped(edits, nightly(tmp_path, crm, max_changed=2), by=by, **options)
            assert error.guard == "max_changed" and "3 rows differ" in str(error) and "(2)" in str(error)
            assert error.counts["unchanged"] == 7 and error.check_sheet is not None
        assert [request for request in crm.requests if "clue/edit" in request.path] == []
        assert batch_editor.run(edits, nightly(tmp_path, crm, max_changed=2), only_changed=True, limit=2).counts["updated"] == 2
        tripped(edits, nightly(tmp_path, crm, max_changed=2), only_changed=True)  # with the two of before it is three
        assert batch_editor.run(edits, nightly(tmp_path, crm, max_changed=3), only_changed=True).counts["updated"] == 3


@pytest.mark.parametrize(
    ("options", "changing", "number"),
    [
        ({"only_changed": True}, 1, 3),  # with the two that this run has updated before it stopped
        ({"only_empty": True}, 1, 3),
        ({"only_changed": True, "only_failed": True}, 1, 1),  # those of the results were updated by another one
        ({"only_changed": True}, None, None),  # nobody knows yet
        ({}, 1, None),  # it does not compare
    ],
)
def test_rows_that_differ_are_judged_once_they_are_known_by_a_run_that_compares(
    options: dict[str, Any], changing: int | None, number: int | None
) -> None:
    counts = RowCounts(rows=5, statuses=Counter({Status.UPDATED: 2}))
    judged = list(judge(counts, Guards(max_changed=0), options=RunOptions(**options), changing=changing))
    assert [guard.number for guard in judged] == ([] if number is None else [number])


# --- what is left of a run that was refused


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_check_sheet_shows_why(tmp_path: Path, crm: Sandbox, lang: str) -> None:
    given = nightly(tmp_path, crm, min_filled={"remark": 0.5}, max_rows=9).model_copy(update={"lang": lang})
    edits = jobs.text_file(tmp_path / "night.csv", "clue_id,remark,email\n11,,a@b.cd\n12,,nobody\n13,a,\n")
    error = tripped(edits, given)
    assert error.check_sheet == tmp_path / "night.check.xlsx"
    book = openpyxl.load_workbook(error.check_sheet)
    rows, why = book.worksheets
    assert book.active is why and rows.max_row == 4
    text = "\n".join(str(cell.value) for line in why.iter_rows() for cell in line if cell.value is not None)
    assert say(error.message, "zh" if lang == "zh" else "en") in text and "guards.max_rows" in text and "0.3333" in text
    assert tripped(edits, given).check_sheet == tmp_path / "night.check-2.xlsx"
    assert tripped(edits, given, output=tmp_path / "x.csv").check_sheet == tmp_path / "x.check.csv"
    with job.open_journal(given) as journal:
        assert journal.runs() == []


def test_strict_and_duplicates_leave_it_too_and_what_has_no_place_leaves_none(tmp_path: Path, crm: Sandbox) -> None:
    edits = jobs.text_file(tmp_path / "a.csv", "clue_id,email\n11,a@b.cd\n11,a@b.cd\n12,nobody\n")
    for given, options in (
        (jobs.settings(tmp_path, crm.url), {"strict": True}),
        (jobs.settings(tmp_path, crm.url, duplicates="error"), {}),
    ):
        with pytest.raises(Refused) as caught:
            batch_editor.run(edits, given, **options)
        assert (caught.value.rows, caught.value.counts["invalid"]) == (3, 1) and caught.value.check_sheet is not None
        assert caught.value.check_sheet.exists()
    error = tripped([{"clue_id": 11, "remark": "a"}], nightly(tmp_path, crm, min_rows=2))
    assert error.check_sheet is None and error.rows == 1
    assert (BatchEditorError("prompt.declined").rows, BatchEditorError("prompt.declined").counts) == (0, {})


def test_guards_say_what_they_are() -> None:
    with pytest.raises(GuardTripped) as caught:
        check_guards(judge(RowCounts(rows=3), Guards(max_rows=2)))
    assert caught.value.guard == "max_rows"
