"""History over HTTP: who did what when, how it ended, and the step where a run opens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support import jobs
from support.page_runs import CLUE, RunsOnPage, rows, runs_on_page

from batch_editor import job
from batch_editor.journal.journal import Journal
from batch_editor.model import RunState

GOOD, BAD = rows("new 0,男", "new 1,女"), rows("new 0,男", "new 1,先生")


@pytest.fixture
def page(tmp_path: Path) -> Iterator[RunsOnPage]:
    with runs_on_page(tmp_path) as opened:
        yield opened


def planned(page: RunsOnPage, text: str, name: str = "waits.csv", **options: str) -> str:
    with job.plan(jobs.text_file(page.folder / name, text), page.settings, **options) as prepared:
        return prepared.name


def test_runs_of_the_command_line_and_of_people_are_there_with_who_and_how_they_ended(page: RunsOnPage) -> None:
    page.run(BAD)
    run = planned(page, GOOD, title="十一月 客户.xlsx", person="王芳")
    with job.open_run(run, page.settings) as prepared:
        job.send(prepared, confirmed=prepared.digest(), person="李雷")
    text = page.texts("/history")
    for words in ("客户.csv", "command line", "updated 1", "wrong 1", "十一月 客户.xlsx", "王芳", "agreed: 李雷", "updated 2"):
        assert words in text, words
    assert text.index("十一月") < text.index("command line")


@pytest.mark.parametrize(("text", "step"), [(BAD, "mend"), (GOOD, "review")])
def test_a_planned_run_opens_where_it_waits(page: RunsOnPage, text: str, step: str) -> None:
    run = planned(page, text)
    assert page.client.get(f"/runs/{run}").headers["location"] == f"/runs/{run}/{step}"
    assert page.client.get(f"/runs/{run}/results").headers["location"] == f"/runs/{run}"
    assert run in page.get("/")


def test_a_run_that_is_over_opens_at_its_results_and_a_stopped_one_at_its_progress(page: RunsOnPage) -> None:
    over, stopped = page.run(GOOD), page.run(rows("a,男", "b,女"), name="stopped.csv", limit=1)
    assert page.client.get(f"/runs/{over}").headers["location"].endswith("/results")
    assert page.client.get(f"/runs/{stopped}").headers["location"].endswith("/progress")


def test_a_run_that_nobody_has_made_is_not_there(page: RunsOnPage) -> None:
    for path in ("", "/results", "/undo", "/results.xlsx", "/failed.xlsx", "/sheet"):
        assert page.client.get(f"/runs/20260101-000000-none{path}").status_code == 404


def test_runs_are_found_by_the_name_of_their_sheet_and_by_a_clue(page: RunsOnPage) -> None:
    first = page.run(GOOD, name="一月 100%.csv")
    second = page.run("clue_id,remark\n" + f"{CLUE + 7},x\n", name="二月.csv")
    for search, found in (("一月", first), ("100%", first), (str(CLUE + 7), second), (str(CLUE), first), (second, second)):
        text = page.get(f"/history?search={search.replace('%', '%25')}")
        other = first if found == second else second
        assert f"/runs/{found}" in text and f"/runs/{other}" not in text, search
    for search in ("%25", "一_", "nothing here", "9" * 19, "%3Cb%3E"):
        text = page.get(f"/history?search={search}")
        assert ("/runs/" in text) == (search == "%25") and "<b>" not in text


def test_ten_thousand_runs_come_in_pages(page: RunsOnPage) -> None:
    with Journal(page.settings.state_dir / job.JOURNAL, durable=False) as journal:
        names = [_made(journal, page, number) for number in range(130)]
    first = page.get("/history")
    assert sum(f"/runs/{name}" in first for name in names) == 50
    assert f"before={names[-50]}" in first
    second = page.get(f"/history?before={names[-50]}")
    assert f'"/runs/{names[-51]}"' in second and f'"/runs/{names[-50]}"' not in second
    third = page.get(f"/history?before={names[30]}")
    assert f'"/runs/{names[0]}"' in third and 'rel="next"' not in third


def _made(journal: Journal, page: RunsOnPage, number: int) -> str:
    name = journal.start(
        base_url=page.crm.url,
        app="",
        source=f"/sheets/{number}.csv",
        sheet="",
        digest="",
        headings=("clue_id",),
        settings=page.settings.for_the_record(),
        options={},
    )
    journal.of(name).set_state(RunState.FINISHED)
    journal.let_go(name)
    return name
