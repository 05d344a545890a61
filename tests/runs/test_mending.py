"""A run that waits is mended: by whom, against whom, in which cells, and what the results say of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from support import jobs

import batch_editor
from batch_editor import Halted, Mend, PreparedRun, Refused, Settings, Status, UnderWay
from batch_editor.sandbox import Sandbox

CLUES = range(1591005521987920961, 1591005521987920969)
RECORD = {"clue_name": "测试", "clue_pool_id": 1, "follow_user_id": "wo-owner-of-the-tests", "remark": "旧"}
ROWS = [
    ["clue_id", "remark", "性别", "follow_user_id"],
    [str(CLUES[0]), "甲", "先生", "wo-owner-of-the-tests"],
    [str(CLUES[1]), "乙", "男", ""],
    [str(CLUES[2]), "丙", " 先生 ", ""],
    [str(CLUES[3]), "", "", ""],
    ["", "戊", "女", ""],
]


@pytest.fixture
def crm() -> Iterator[Sandbox]:
    with Sandbox([{"clue_id": clue, **RECORD} for clue in CLUES], access_token=jobs.TOKEN) as sandbox:
        yield sandbox


@pytest.fixture
def given(tmp_path: Path, crm: Sandbox) -> Settings:
    return jobs.settings(tmp_path, crm.url, ids={"people": "any"})


@pytest.fixture
def prepared(tmp_path: Path, given: Settings) -> Iterator[PreparedRun]:
    with batch_editor.plan(jobs.workbook(tmp_path / "a.xlsx", ROWS), given) as run:
        yield run


def statuses(run: PreparedRun) -> dict[int, Status]:
    return {row.row: row.status for row in run.rows().rows}


def csv(tmp_path: Path, text: str) -> Path:
    return jobs.text_file(tmp_path / "edits.csv", text)


# --- one cell


def test_a_mended_row_is_sent_with_what_was_put_in(prepared: PreparedRun, crm: Sandbox) -> None:
    assert prepared.counts() == {"invalid": 3, "pending": 1, "skipped": 1}
    run = prepared.mend([Mend(2, 2, "男", seen="先生"), Mend(6, 0, str(CLUES[4]))], person="小王")
    assert (run.mended, run.counts(), run.preview.calls) == (2, {"invalid": 1, "pending": 3, "skipped": 1}, 3)
    report = batch_editor.send(run, confirmed=run.digest())
    assert report.counts["updated"] == 3
    assert [crm.clue(clue).get("gender") for clue in CLUES[:5]] == ["0", "0", None, None, "1"]


@pytest.mark.parametrize("row", [10**30, 2**63, 99, 0, -1])
def test_a_row_that_there_cannot_be_is_named_and_nothing_is_mended(prepared: PreparedRun, row: int) -> None:
    with pytest.raises(Refused, match=f"no row {row}") as refused:
        prepared.mend([Mend(2, 2, "男"), Mend(row, 2, "男")])
    assert refused.value.message.key == "mend.no_row" and prepared.counts()["invalid"] == 3


def test_what_was_confirmed_before_a_mend_is_not_sent(prepared: PreparedRun, crm: Sandbox) -> None:
    digest = prepared.digest()
    run = prepared.mend([Mend(3, 1, "乙二")])
    assert run.digest() != digest
    with pytest.raises(Refused, match="has changed"):
        batch_editor.send(run, confirmed=digest)
    assert crm.requests == []
    assert run.mend([Mend(3, 1, "乙")]).digest() == digest


def test_who_was_slower_mends_nothing(prepared: PreparedRun) -> None:
    prepared.mend([Mend(2, 2, "女", seen="先生")], person="小李")
    with pytest.raises(Refused, match=r'(?s)1 cell no longer holds.*Sheet1!C2 holds "女"'):
        prepared.mend([Mend(3, 1, "x", seen="乙"), Mend(2, 2, "男", seen="先生")], person="小王")
    assert [(cell.address, cell.was, cell.value, cell.person) for cell in prepared.mends()] == [
        ("Sheet1!C2", "先生", "女", "小李")
    ]


def test_the_same_mend_twice_is_one(prepared: PreparedRun) -> None:
    first = prepared.mend([Mend(2, 2, "男")])
    again = first.mend([Mend(2, 2, "男")])
    assert (first.mended, again.mended, again.count_mends(), again.digest()) == (1, 0, 1, first.digest())


@pytest.mark.parametrize("back", ["mend", "withdraw"])
def test_a_mend_is_withdrawn_and_the_row_is_as_it_came(prepared: PreparedRun, back: str) -> None:
    before = prepared.rows().rows
    run = prepared.mend([Mend(2, 2, "男"), Mend(2, 3, "wo-x")])
    assert run.rows().rows != before
    cells = [(2, 2), (2, 3), (5, 1)]
    again = run.withdraw(cells) if back == "withdraw" else run.mend([Mend(2, 2, "先生"), Mend(2, 3, ROWS[1][3])])
    assert (again.mended, again.mends(), again.rows().rows) == (2, [], before)


def test_of_a_cell_that_is_mended_twice_it_stays_known_what_the_sheet_holds(prepared: PreparedRun) -> None:
    before = prepared.rows().rows
    run = prepared.mend([Mend(2, 2, "x")]).mend([Mend(2, 2, "男")])
    assert [(cell.was, cell.value) for cell in run.mends()] == [("先生", "男")]
    assert run.withdraw([(2, 2)]).rows().rows == before and run.count_mends() == 0


@pytest.mark.parametrize(
    ("mend", "match"),
    [
        (Mend(99, 1, "x"), "has no row 99"),
        (Mend(2, 4, "x"), "no cell Sheet1!E2"),
        (Mend(2, -1, "x"), "no cell -1"),
        (Mend(1, 1, "x"), "has no row 1"),
    ],
)
def test_a_cell_that_is_not_there_is_refused_and_nothing_is_mended(prepared: PreparedRun, mend: Mend, match: str) -> None:
    with pytest.raises(Refused, match=match):
        prepared.mend([Mend(3, 1, "x"), mend])
    assert prepared.count_mends() == 0


@pytest.mark.parametrize(
    ("value", "status", "fields"),
    [
        ("", "pending", ("gender",)),  # a blank leaves the field as it is
        ("#CLEAR", "pending", ("remark", "gender")),
        ("＃clear", "pending", ("remark", "gender")),
        ("　三　", "pending", ("remark", "gender")),
        ("=1+1", "pending", ("remark", "gender")),
        ("\ud83d", "invalid", ()),
        ("a\x00b", "pending", ("remark", "gender")),
        ("x" * 1_000_000, "pending", ("remark", "gender")),
    ],
)
def test_what_is_put_in_means_what_it_means_in_a_sheet(
    prepared: PreparedRun, value: str, status: str, fields: tuple[str, ...]
) -> None:
    run = prepared.mend([Mend(3, 1, value)])
    row = next(row for row in run.rows().rows if row.row == 3)
    assert (row.status, row.fields, row.cells[1]) == (status, fields, value)
    assert row.cleared == (("remark",) if "clear" in value.casefold() else ())
    assert [cell.value for cell in run.mends()] == [value]


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ("1591005521987920965", "pending"),
        (" 1591005521987920965 ", "pending"),
        ("1591005521987920000", "invalid"),
        ("7", "pending"),
    ],
)
def test_an_id_is_typed_by_hand(tmp_path: Path, given: Settings, value: str, status: str) -> None:
    path = jobs.workbook(tmp_path / "ids.xlsx", [["clue_id", "remark"], [1.591005521987920e18, "甲"], [str(CLUES[1]), "乙"]])
    with batch_editor.plan(path, given) as run:
        assert statuses(run)[2] is Status.INVALID
        assert [group.remedy is not None for group in run.problem_groups()] == [True]
        assert statuses(run.mend([Mend(2, 0, value)]))[2] == status


def test_a_row_that_was_skipped_or_blank_is_filled_and_emptied(prepared: PreparedRun) -> None:
    run = prepared.mend([Mend(5, 1, "丁")])
    assert statuses(run)[5] is Status.PENDING
    emptied = run.mend([Mend(5, 0, ""), Mend(5, 1, "")])
    assert statuses(emptied)[5] is Status.SKIPPED and emptied.counts() == {"invalid": 3, "pending": 1, "skipped": 1}


def test_a_row_that_was_too_long_is_put_right(tmp_path: Path, given: Settings) -> None:
    with batch_editor.plan(csv(tmp_path, f"clue_id,remark,gender\n{CLUES[0]},a,b,男,x\n"), given) as run:
        assert run.rows().rows[0].cells == (str(CLUES[0]), "a", "b", "男, x")
        mended = run.mend([Mend(2, 1, "a,b"), Mend(2, 2, "男"), Mend(2, 3, "")])
        (row,) = mended.rows().rows
        assert (row.status, row.cells) == ("pending", (str(CLUES[0]), "a,b", "男"))
        assert run.withdraw([(2, 1), (2, 2), (2, 3)]).rows().rows[0].cells == (str(CLUES[0]), "a", "b", "男, x")


def test_what_a_cell_was_read_as_outlives_a_mend_of_another(tmp_path: Path, given: Settings) -> None:
    """A number stays a number, and a date a date, also in another process."""
    rows = [["clue_id", "remark", "生日", "性别"], [int(CLUES[0]) // 10_000, "甲", datetime(1990, 1, 2), "先生"]]
    with batch_editor.plan(jobs.workbook(tmp_path / "typed.xlsx", rows), given) as planned:
        name = planned.name
    with batch_editor.open_run(name, given) as run:
        mended = run.mend([Mend(2, 3, "男")])
        ((_, clue, body),) = mended.run.queries.planned_bodies(maybe_applied=True)
        assert clue == int(CLUES[0]) // 10_000 and '"birthday":631209600' in body


def test_rows_below_other_headings_are_read_once_these_are_gone(tmp_path: Path, given: Settings) -> None:
    text = f"clue_id,remark\n{CLUES[0]},a\n描述,clue_id\n{CLUES[1]},b\n{CLUES[2]},c\n"
    with batch_editor.plan(csv(tmp_path, text), given) as run:
        assert [*statuses(run).values()] == ["pending", "invalid", "invalid", "invalid"]
        mended = run.mend([Mend(3, 0, "clue_id"), Mend(3, 1, "remark")])
        assert [*statuses(mended).values()] == ["pending", "skipped", "pending", "pending"]
        again = mended.withdraw([(3, 0), (3, 1)])
        assert [*statuses(again).values()] == ["pending", "invalid", "invalid", "invalid"]


# --- one value, wherever it stands


def test_one_value_is_mended_wherever_it_stands(prepared: PreparedRun) -> None:
    (group,) = [group for group in prepared.problem_groups() if group.field == "gender"]
    assert (group.value, group.rows, group.first_row, group.suggestions) == ("先生", 2, 2, ("男", "女"))
    run = prepared.mend_value("gender", "先生 ", "男")
    assert (run.mended, statuses(run)[2], statuses(run)[4]) == (2, "pending", "pending")
    assert run.mend_value("性别", "先生", "男").mended == 0
    with pytest.raises(Refused, match="no column of the sheet is 地址"):
        run.mend_value("地址", "a", "b")


def test_what_is_kept_for_a_value_is_known_the_next_time(tmp_path: Path, prepared: PreparedRun, given: Settings) -> None:
    prepared.keep_value("gender", "先生", "男", person="小王")
    with batch_editor.plan(jobs.workbook(tmp_path / "b.xlsx", ROWS), given) as later:
        assert [group.kept for group in later.problem_groups() if group.field == "gender"] == ["男"]


def test_a_text_is_found_and_replaced_in_one_column(prepared: PreparedRun) -> None:
    assert (prepared.count_cells("性别", "先"), prepared.count_cells("remark", "先")) == (2, 0)
    run = prepared.replace("性别", "先生", "男")
    assert (run.mended, [row.cells[2] for row in run.rows(most=3).rows]) == (2, ["男", "男", " 男 "])
    assert run.count_cells("remark", "%") == 0  # letter by letter, and no pattern
    with pytest.raises(Refused, match="which text"):
        run.replace("remark", "", "x")


def test_blanks_are_filled_in_rows_alone_that_cannot_be_sent(prepared: PreparedRun) -> None:
    run = prepared.mend_value("clue_id", "", str(CLUES[5]))
    assert run.mended == 1 and statuses(run)[6] is Status.PENDING
    assert run.mend_value("remark", "", "x").mended == 0  # row 5 is blank there, and is only skipped


def test_the_next_and_the_last_problem_are_found(prepared: PreparedRun) -> None:
    cells = list[tuple[int, int]]()
    cell = prepared.next_problem()
    while cell:
        cells.append(cell[:2])
        cell = prepared.next_problem(*cells[-1])
    assert cells == [(2, 2), (4, 2), (6, 0)]
    assert [before[:2] for place in cells[1:] if (before := prepared.previous_problem(*place))] == cells[:-1]
    assert prepared.previous_problem(2, 2) is None


def test_of_many_cells_that_are_mended_at_once_none_is_where_one_is_not_there(tmp_path: Path, given: Settings) -> None:
    lines = [f"{CLUES[0] + number},先生" for number in range(2_500)]
    with batch_editor.plan(csv(tmp_path, "\n".join(["clue_id,gender", *lines])), given) as run:
        with pytest.raises(Refused, match="has no row 2502"):
            run.mend(Mend(row, 1, "男") for row in range(2, 2_503))
        assert run.counts() == {"invalid": 2_500} and run.count_mends() == 0
        assert run.mend_value("gender", "先生", "男").counts() == {"pending": 2_500}


def test_cells_are_mended_at_once_or_none_where_the_journal_takes_no_more(prepared: PreparedRun) -> None:
    before = prepared.rows().rows
    full = "CREATE TEMP TRIGGER full BEFORE INSERT ON mends WHEN new.row = 4 BEGIN SELECT RAISE(ABORT, 'disk is full'); END"
    prepared.run._store.change(full, [()])
    with pytest.raises(Halted, match="disk is full"):
        prepared.mend_value("gender", "先生", "男")
    assert (prepared.rows().rows, prepared.count_mends()) == (before, 0)


# --- when a run can be mended


def test_a_run_that_was_sent_is_mended_no_more(prepared: PreparedRun) -> None:
    batch_editor.send(prepared, confirmed=prepared.digest())
    with pytest.raises(Refused, match="no longer waits"):
        prepared.mend([Mend(2, 2, "男")])


def test_a_run_that_somebody_drives_is_not_mended(prepared: PreparedRun, given: Settings) -> None:
    with batch_editor.job.open_journal(given) as other:
        other.claim(prepared.name)
        with pytest.raises(UnderWay):
            prepared.mend([Mend(2, 2, "男")])
    assert prepared.mend([Mend(2, 2, "男")]).mended == 1


def test_a_sheet_that_strict_refuses_is_kept_for_whoever_mends_it(tmp_path: Path, given: Settings) -> None:
    path = jobs.workbook(tmp_path / "a.xlsx", ROWS)
    with pytest.raises(Refused):
        batch_editor.plan(path, given, strict=True)
    with batch_editor.plan(path, given, strict=True, attended=True) as run:
        with pytest.raises(Refused, match="3 rows"):
            batch_editor.send(run, confirmed=run.digest())
        run = run.mend_value("gender", "先生", "男").mend([Mend(6, 0, str(CLUES[4]))])
        assert batch_editor.send(run, confirmed=run.digest()).counts["updated"] == 4


def test_a_run_of_an_older_version_says_why_it_is_not_mended(prepared: PreparedRun) -> None:
    prepared.run._store.change("UPDATE runs SET whole_sheet = NULL WHERE name = ?", [(prepared.name,)])
    with pytest.raises(Refused, match="cannot be mended"):
        prepared.mend([Mend(2, 2, "男")])


# --- together with what is read, sent before, and put back


@pytest.mark.parametrize("options", [{"snapshot": True}, {"only_changed": True}, {"tags": "add"}])
def test_a_row_is_read_anew_that_is_mended_after_its_clue_was_read(
    tmp_path: Path, given: Settings, crm: Sandbox, options: dict[str, Any]
) -> None:
    sheet = f"clue_id,remark,标签\n{CLUES[0]},a,et-a\n{CLUES[0]},b,et-b\n{CLUES[1]},c,et-c\n"
    with batch_editor.plan(csv(tmp_path, sheet), given, **options) as planned:
        read = batch_editor.read_clues(planned)
        assert read.preview.reads == 0
        run = read.mend([Mend(2, 1, "aa")])
        assert run.preview.reads == 1  # the clue of both rows, and not the other one
        assert [row.unread for row in run.run.queries.row_values()] == [True, True, False]
        report = batch_editor.send(run, confirmed=run.digest())
    assert report.counts["updated"] == 3
    assert [crm.clue(clue)["remark"] for clue in CLUES[:2]] == ["b", "c"]


def test_a_row_moves_to_another_clue_after_reading(tmp_path: Path, given: Settings, crm: Sandbox) -> None:
    sheet = f"clue_id,remark\n{CLUES[0]},a\n{CLUES[1]},b\n{CLUES[2]},c\n"
    with batch_editor.plan(csv(tmp_path, sheet), given, snapshot=True) as planned:
        run = batch_editor.read_clues(planned).mend([Mend(2, 0, str(CLUES[1]))])
        assert run.preview.reads == 1 and run.preview.repeated_clues == 1
        report = batch_editor.send(run, confirmed=run.digest())
        batch_editor.undo(report.run or "", given)
    assert report.counts["updated"] == 3
    assert [crm.clue(clue)["remark"] for clue in CLUES[:3]] == ["旧", "旧", "旧"]


def test_green_rows_stay_and_a_mended_one_sends_what_changed(tmp_path: Path, given: Settings, crm: Sandbox) -> None:
    sheet = f"clue_id,remark,gender\n{CLUES[0]},a,男\n{CLUES[1]},b,先生\n{CLUES[2]},c,女\n"
    first = batch_editor.run(csv(tmp_path, sheet), given, output=tmp_path / "first.xlsx")
    sent = len(crm.requests)
    with batch_editor.plan(tmp_path / "first.xlsx", given, only_failed=True) as planned:
        assert planned.counts() == {"updated": 2, "invalid": 1}
        place = list(planned.journal.run(planned.name).headings).index("remark")
        run = planned.mend([Mend(4, place, "cc"), Mend(3, place + 1, "男")])
        assert run.counts() == {"updated": 1, "pending": 2}
        bodies = {row: body for row, _, body in run.run.queries.planned_bodies(maybe_applied=True)}
        assert '"update_specified_fields":["remark"]' in bodies[4]
        back = run.withdraw([(4, place)])
        assert back.counts() == {"updated": 2, "pending": 1}
        report = batch_editor.send(back, confirmed=back.digest())
    assert first.counts["updated"] == 2 and report.counts["updated"] == 3 and len(crm.requests) == sent + 1


# --- what the results say


@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
def test_results_show_the_mended_value_and_what_was_there(
    tmp_path: Path, prepared: PreparedRun, given: Settings, suffix: str
) -> None:
    run = prepared.mend([Mend(2, 2, "男"), Mend(2, 1, ""), Mend(6, 0, str(CLUES[4]))])
    report = batch_editor.send(run, confirmed=run.digest(), output=tmp_path / f"out.{suffix}")
    assert report.results
    rows = jobs.results(report.results)
    assert [(row["性别"], row["result_mended"]) for row in (rows[0], rows[1])] == [("男", "remark: 甲\n性别: 先生"), ("男", "")]
    assert rows[4]["result_mended"] == "clue_id: (blank)"
    assert next(iter(report.to_frame()["result_mended"])) == "remark: 甲\n性别: 先生"
    with batch_editor.plan(report.results, given, only_failed=True) as again:
        assert again.counts() == {"updated": 3, "skipped": 1, "invalid": 1}


def test_results_of_a_run_without_mends_have_no_such_column(tmp_path: Path, prepared: PreparedRun) -> None:
    report = batch_editor.send(prepared, confirmed=prepared.digest(), output=tmp_path / "out.csv")
    assert report.results and "result_mended" not in jobs.results(report.results)[0]
    assert "result_mended" not in report.to_frame()
