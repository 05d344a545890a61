"""Results of sheets that were handed in on the page: where they are on the disk, and what becomes of the file itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from support.page_runs import CLUE, RunsOnPage, rows, runs_on_page

from batch_editor import job
from batch_editor.runs.mending import Mend

TEXT = rows("new 0,先生", "new 1,男", headings="线索ID,描述,性别")


@pytest.fixture
def page(tmp_path: Path) -> Iterator[RunsOnPage]:
    with runs_on_page(tmp_path) as opened:
        yield opened


def planned(page: RunsOnPage, files: dict[str, tuple[str | None, bytes]]) -> str:
    """Hands in a sheet and plans it as it is understood; returns the name of the run."""
    address = page.client.submit("/sheets", files=files).headers["location"]
    reading = page.client.submit(f"{address}/plan", {}).headers["location"]
    until = time.monotonic() + 60
    while True:
        answer = page.client.get(reading)
        if answer.status_code == 303:
            return str(answer.headers["location"].split("/")[2])
        assert answer.status_code == 200 and time.monotonic() < until, answer.text
        time.sleep(0.05)


def sent(page: RunsOnPage, run: str, *mends: Mend) -> Path:
    with job.open_run(run, page.settings) as prepared:
        mended = prepared.mend(mends)
        report = job.send(mended, confirmed=mended.digest())
    assert report.results is not None
    return report.results


def test_results_stay_in_the_private_folder_of_the_upload_and_the_command_line_finds_them(page: RunsOnPage) -> None:
    run = planned(page, {"file": ("../../客户 十一月.csv", TEXT.encode())})
    results = sent(page, run, Mend(2, 2, "男"))
    assert results.is_relative_to(page.settings.state_dir) and results.parent.stat().st_mode & 0o077 == 0
    text = page.texts(f"/runs/{run}/results")
    assert "客户 十一月.csv" in text and "My sheet with what was mended (.csv)" in text
    answer = page.client.get(f"/runs/{run}/sheet")
    assert answer.content == TEXT.replace("先生", "男").encode()
    assert unquote(answer.headers["content-disposition"]).endswith("客户 十一月.mended.csv")
    results.unlink()
    with job.open_journal(page.settings) as journal:
        assert job.results_again(journal, run, None, "en") == results and results.exists()


@pytest.mark.slow  # a process that reads the sheet, for one more case
def test_pasted_rows_come_back_as_a_workbook(page: RunsOnPage) -> None:
    run = planned(page, {"text": (None, TEXT.replace(",", "\t").encode())})
    sent(page, run, Mend(2, 2, "女"))
    assert "My sheet with what was mended (.xlsx)" in page.texts(f"/runs/{run}/results")
    assert page.client.get(f"/runs/{run}/sheet").headers["content-disposition"].endswith(".mended.xlsx")
    assert page.rows_in(f"/runs/{run}/sheet")[1] == (str(CLUE), "new 0", "女")


@pytest.mark.slow  # the same
def test_what_failed_of_an_upload_is_taken_up(page: RunsOnPage) -> None:
    run = planned(page, {"file": ("a.csv", TEXT.encode())})
    sent(page, run)
    again = page.submit(f"/runs/{run}/again").split("/")[2]
    assert "a.csv (round 2)" in page.texts("/history")
    assert sent(page, again, Mend(2, 2, "女")).is_relative_to(page.settings.state_dir)
    assert page.crm.clue(CLUE)["remark"] == "new 0"
