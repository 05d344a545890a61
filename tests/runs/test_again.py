"""What failed of a run, taken up in a new one: by the rules of a results sheet, from the journal alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support import jobs
from support.crm import CONFIRMED, LOST, Call, Crm, envelope
from support.page_runs import CLUE, RunsOnPage, rows, runs_on_page

import batch_editor
from batch_editor import Settings, job
from batch_editor.errors import Refused
from batch_editor.model import RunState
from batch_editor.runs.mending import Mend


@pytest.fixture
def page(tmp_path: Path) -> Iterator[RunsOnPage]:
    with runs_on_page(tmp_path) as opened:
        yield opened


def statuses(run: str, given: Settings) -> dict[int, str]:
    with job.open_run(run, given) as prepared:
        return {row.row: str(row.status) for row in prepared.rows().rows}


def test_no_file_is_needed_and_rows_keep_their_numbers_and_addresses(page: RunsOnPage) -> None:
    run = page.run(rows("new 0,男", "new 1,先生"))
    for path in page.folder.glob("*.csv"):
        path.unlink()
    for path in page.folder.glob("*.xlsx"):
        path.unlink()
    with job.plan_again(run, page.settings) as prepared:
        (row,) = prepared.rows().rows
        assert (row.row, prepared.preview.counts.problems[0].address) == (3, "C3")
        assert prepared.journal.run(prepared.name).state is RunState.PLANNED


def test_what_was_said_of_the_columns_of_the_sheet_holds_again(page: RunsOnPage) -> None:
    given = page.settings.model_copy(update={"columns": {"客户备注": "remark"}, "ignore_columns": ("无关",)})
    path = jobs.text_file(page.folder / "mapped.csv", rows("a,x,先生", headings="clue_id,客户备注,无关,性别"))
    run = batch_editor.run(path, given, edit_keys=("remark", "gender")).run
    assert run is not None
    with job.plan_again(run, page.settings) as prepared:
        report = job.send(mended := prepared.mend([Mend(2, 3, "女")]), confirmed=mended.digest())
    assert report.counts["updated"] == 1 and page.crm.clue(CLUE)["remark"] == "a"


def test_the_results_go_beside_the_sheet_and_nowhere_if_its_folder_is_gone(page: RunsOnPage) -> None:
    folder = page.folder / "of others"
    folder.mkdir()
    run = batch_editor.run(jobs.text_file(folder / "a.csv", rows("a,先生")), page.settings).run
    assert run is not None
    with job.plan_again(run, page.settings) as prepared:
        report = job.send(prepared, confirmed=prepared.digest())
    assert report.results == folder / "a.results-2.xlsx"
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    with job.plan_again(run, page.settings) as prepared:
        assert job.send(prepared, confirmed=prepared.digest()).results is None


@pytest.mark.parametrize("repeats", [True, False])
def test_a_row_that_may_have_been_applied_is_sent_again_only_where_the_settings_say_so(tmp_path: Path, repeats: bool) -> None:
    def decide(call: Call) -> object:
        return LOST if call.clue == 1 and call.number == 1 else CONFIRMED

    with Crm(decide) as crm:  # type: ignore[arg-type]
        given = jobs.settings(tmp_path, crm.url, retry={"attempts": 1, "ambiguous": repeats})
        run = batch_editor.run(jobs.sheet(tmp_path, [1, 2]), given).run
        assert run is not None
        with job.plan_again(run, given, snapshot=False) as prepared:
            assert prepared.preview.calls == (1 if repeats else 0)
            report = job.send(prepared, confirmed=prepared.digest())
        assert report.counts["updated" if repeats else "failed"] == 1
        assert sorted(call.clue for call in crm.calls) == ([1, 1, 2] if repeats else [1, 2])


def test_an_older_value_does_not_land_on_a_newer_one(page: RunsOnPage) -> None:
    run = page.run(rows("older,先生"))
    page.run(rows("newer,男"), name="later.csv")
    with job.plan_again(run, page.settings) as prepared:
        mended = prepared.mend([Mend(2, 2, "女")])
        assert mended.preview.calls == 0
    assert page.crm.clue(CLUE)["remark"] == "newer"


def test_what_is_no_run_to_take_up_is_refused(page: RunsOnPage) -> None:
    good = page.run(rows("a,男"))
    undo = batch_editor.undo(good, page.settings).run
    with job.plan(jobs.text_file(page.folder / "b.csv", rows("b,先生")), page.settings) as prepared:
        waits = prepared.name
    for run, key in ((good, "again.nothing"), (undo, "again.undo"), (waits, "again.not_sent")):
        with pytest.raises(Refused) as refused:
            job.plan_again(str(run), page.settings)
        assert refused.value.message.key == key


def test_a_message_of_the_crm_is_shown_as_it_is_and_downloaded_as_text(tmp_path: Path) -> None:
    message = '=cmd|"/c calc"!A0 <script>alert(1)</script>\u202e'
    with Crm(lambda call: envelope(7, message)) as crm, runs_on_page(tmp_path, api={"base_url": crm.url}) as page:
        run = batch_editor.run(jobs.sheet(tmp_path, [1]), page.settings).run
        text = page.get(f"/runs/{run}/results")
        assert "<script>alert" not in text and "\u202e" not in text and "&lt;script&gt;" in text
        assert page.client.get(f"/runs/{run}/failed.xlsx").status_code == 200
        cells = page.rows_in(f"/runs/{run}/failed.xlsx")[1]
        assert any("=cmd|" in str(cell) and "\u202e" not in str(cell) for cell in cells)


def test_the_own_sheet_holds_what_was_mended_in_every_round(page: RunsOnPage) -> None:
    text = rows("new 0,先生", "new 1,不详", headings="result_status,clue_id,描述,性别").replace("\n1", "\n,1")
    path = jobs.text_file(page.folder / "own.csv", text)
    with job.plan(path, page.settings) as prepared:
        mended = prepared.mend([Mend(2, 3, "女")])
        job.send(mended, confirmed=mended.digest())
    with job.plan_again(mended.name, page.settings) as prepared:
        again = prepared.mend([Mend(3, 2, "男")])  # the result column is none of the sheet any more
        job.send(again, confirmed=again.digest())
    answer = page.client.get(f"/runs/{again.name}/sheet")
    assert answer.content.decode() == text.replace("先生", "女").replace("不详", "男")
    path.unlink()
    assert page.rows_in(f"/runs/{again.name}/sheet")[1][1:3] == ("new 1", "男")
