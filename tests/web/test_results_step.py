"""Step 5 over HTTP: how a run ended, what became of its rows, what is downloaded, and what failed taken up again."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import unquote

import pytest
from support.page_runs import CLUE, RunsOnPage, rows, runs_on_page
from support.pages import Markup

import batch_editor
from batch_editor import job
from batch_editor.runs.mending import Mend
from batch_editor.sheets import read_file

MIXED = rows("new 0,男", "new 1,先生", "new 2,女", "new 3,不详")


@pytest.fixture
def page(tmp_path: Path) -> Iterator[RunsOnPage]:
    with runs_on_page(tmp_path) as opened:
        yield opened


def shown_rows(text: str) -> list[int]:
    return [int(number) for number in re.findall(r'<th scope="row" class="number">([0-9]+)</th>', text)]


def test_it_says_in_one_sentence_how_a_run_ended_and_shows_what_failed_with_reasons(page: RunsOnPage) -> None:
    run = page.run(MIXED)
    text = page.get(f"/runs/{run}")
    assert "It is finished: 2 rows are updated, and 2 rows did not succeed." in text
    assert shown_rows(text) == [3, 5]
    assert "C3: 性别 must be" in text or "C3: gender must be" in text
    assert text.count('<td class="wrong') == 2
    assert shown_rows(page.get(f"/runs/{run}/results?status=all")) == [2, 3, 4, 5]
    assert shown_rows(page.get(f"/runs/{run}/results?status=updated")) == [2, 4]
    assert page.client.get(f"/runs/{run}/results?status=x").status_code == 404


def test_the_code_of_a_refusal_is_said_once(page: RunsOnPage) -> None:
    run = page.run(f"clue_id,remark\n{CLUE + 500},x\n")
    (reason,) = re.findall(r'<td class="lines reason">(.*?)</td>', page.get(f"/runs/{run}"))
    (code,) = set(re.findall("[0-9]{3,}", reason))
    assert reason.count(code) == 1


def test_long_tables_come_in_pages_forwards_and_back(page: RunsOnPage) -> None:
    run = page.run("clue_id,gender\n" + "".join(f"{CLUE + row},x\n" for row in range(250)))
    first = page.get(f"/runs/{run}/results?status=invalid")
    assert shown_rows(first) == list(range(2, 102)) and 'aria-rowcount="251"' in first
    second = page.get(f"/runs/{run}/results?status=invalid&after=101")
    assert shown_rows(second) == list(range(102, 202)) and 'aria-rowindex="102"' in second
    assert f"after={201}" in second and "after=0" in second
    third = page.get(f"/runs/{run}/results?status=invalid&after=201")
    assert shown_rows(third) == list(range(202, 252)) and 'rel="next"' not in third and "after=101" in third


def test_all_results_are_the_workbook_that_the_command_line_writes(page: RunsOnPage) -> None:
    run = page.run(MIXED)
    ours = [row.cells for row in read_file(page.folder / "客户.results.xlsx")[0].rows()]
    answer = page.client.get(f"/runs/{run}/results.xlsx")
    assert unquote(answer.headers["content-disposition"]).endswith("客户.results.xlsx")
    assert answer.headers["cache-control"] == "no-store"
    assert page.rows_in(f"/runs/{run}/results.xlsx") == ours
    with job.open_journal(page.settings) as journal:  # a download is a copy
        assert str(journal.run(run).results).endswith("客户.results.xlsx")


def test_what_failed_alone_can_come_in_again_as_a_results_sheet(page: RunsOnPage) -> None:
    run = page.run(MIXED)
    lines = page.rows_in(f"/runs/{run}/failed.xlsx")
    assert [line[1] for line in lines[1:]] == ["new 1", "new 3"]
    report = batch_editor.run(page.folder / "downloaded.xlsx", page.settings, only_failed=True)
    assert report.counts["invalid"] == 2 and report.rows == 2


def test_hostile_texts_are_never_markup_and_never_a_formula(tmp_path: Path) -> None:
    nasty = "=HYPERLINK(<script>alert(1)</script>)\u202e"
    with runs_on_page(tmp_path) as page:
        run = page.run(rows(f"{nasty},男", f"{nasty},<b>先生</b>"), name="<img src=x>\u202e;a.csv")
        text = page.get(f"/runs/{run}/results?status=all")
        assert "<script>alert" not in text and "<img" not in text and "<b>" not in text
        assert "\u202e" not in text and "\\u202e" in text
        for path in ("results.xlsx", "failed.xlsx"):
            answer = page.client.get(f"/runs/{run}/{path}")
            disposition = unquote(answer.headers["content-disposition"])
            name = disposition.partition("''")[2]
            assert not re.search(r'[/\\<>\r\n"\u202e;]', name) and name.endswith(path.replace("results", ".results")[-12:])
        assert page.rows_in(f"/runs/{run}/results.xlsx")[1][1] == nasty
        assert "<img" not in page.get("/history") and "\u202e" not in page.get("/history")


def test_nothing_of_a_download_stays_behind(page: RunsOnPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = page.run(MIXED)
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    assert page.client.get(f"/runs/{run}/results.xlsx").status_code == 200
    assert page.client.get(f"/runs/{run}/nothing.xlsx").status_code == 404
    assert page.client.get("/runs/20260101-000000-none/results.xlsx").status_code == 404
    page.get("/history")
    assert list(folder.iterdir()) == []


def test_what_failed_is_mended_and_sent_right_there_and_never_the_green_ones(page: RunsOnPage) -> None:
    run = page.run(MIXED)
    address = page.submit(f"/runs/{run}/again")
    again = address.split("/")[2]
    assert address == f"/runs/{again}/mend"
    with job.open_run(again, page.settings) as prepared:
        assert [row.row for row in prepared.rows().rows] == [3, 5]
        assert prepared.preview.calls == 0
        mended = prepared.mend([Mend(3, 2, "男"), Mend(5, 2, "女")], person="somebody")
        assert mended.preview.calls == 2
        report = job.send(mended, confirmed=mended.digest())
    assert report.counts["updated"] == report.rows == 2
    assert [page.crm.clue(CLUE + number)["remark"] for number in range(4)] == ["new 0", "new 1", "new 2", "new 3"]
    assert "客户.csv (round 2)" in page.texts("/history")


def test_a_double_click_is_one_run(page: RunsOnPage) -> None:
    run = page.run(MIXED)
    with ThreadPoolExecutor(3) as threads:
        page.get("/history")
        addresses = [*threads.map(lambda _: page.submit(f"/runs/{run}/again"), range(3))]
        undos = [*threads.map(lambda _: page.submit(f"/runs/{run}/undo", {"do": "all"}), range(3))]
    assert len({*addresses}) == len({*undos}) == 1
    other = page.submit(f"/runs/{run}/undo", {"do": "plan", "row": "2"})
    assert other not in undos


def test_what_is_taken_up_once_more_is_a_third_round_and_nothing_is_left_to_take_up_at_the_end(page: RunsOnPage) -> None:
    run = page.run(rows("new 0,先生"))
    for number in (2, 3):
        run = page.submit(f"/runs/{run}/again").split("/")[2]
        with job.open_run(run, page.settings) as prepared:
            if number == 3:
                prepared = prepared.mend([Mend(2, 2, "男")])
            job.send(prepared, confirmed=prepared.digest())
    assert "(round 3)" in page.texts(f"/runs/{run}/results")
    answer = page.client.submit(f"/runs/{run}/again")
    assert answer.status_code == 400 and "There is nothing to mend" in answer.text


def test_the_own_sheet_is_handed_out_with_what_was_mended(page: RunsOnPage) -> None:
    sheet = page.folder / "客户.csv"
    sheet.write_bytes(rows("new 0,先生", "new 1,男", headings="clue_id,描述,性别").replace("\n", "\r\n").encode("gb18030"))
    with job.plan(sheet, page.settings) as prepared:
        mended = prepared.mend([Mend(2, 2, "男")])
        job.send(mended, confirmed=mended.digest())
        run = mended.name
    answer = page.client.get(f"/runs/{run}/sheet")
    assert unquote(answer.headers["content-disposition"]).endswith("客户.mended.csv")
    assert answer.content == sheet.read_bytes().replace("先生".encode("gb18030"), "男".encode("gb18030"))
    sheet.unlink()
    assert "not there any more" in page.texts(f"/runs/{run}/results")
    assert page.rows_in(f"/runs/{run}/sheet")[1] == (str(CLUE), "new 0", "男")


def test_a_run_of_another_app_is_named_and_can_only_be_looked_at(page: RunsOnPage, tmp_path: Path) -> None:
    run = page.run(MIXED)
    with runs_on_page(tmp_path) as other:  # the same journal, another address
        text = other.get(f"/runs/{run}")
        assert "went to another app or address" in text
        assert "/again" not in text and "/undo" not in text
        assert "another app or address" in other.get("/history")


def test_a_stopped_run_is_gone_on_with_and_not_taken_up(tmp_path: Path) -> None:
    with runs_on_page(tmp_path) as page:
        run = page.run(rows("new 0,男", "new 1,先生", "new 2,女"), limit=1)
        text = page.get(f"/runs/{run}/results")
        assert "It stopped early: 1 row is updated, and 1 row was not sent." in text
        assert f'href="/runs/{run}/progress"' in text and f"/runs/{run}/again" not in text


def test_a_download_of_many_rows_keeps_nobody_waiting(page: RunsOnPage) -> None:
    run = page.run("clue_id,gender\n" + "".join(f"{CLUE + row},x\n" for row in range(3000)))
    answers: list[int] = []
    with page.server.client() as other:
        thread = threading.Thread(target=lambda: answers.append(other.get(f"/runs/{run}/results.xlsx").status_code))
        thread.start()
        assert page.client.get("/history").status_code == 200
        thread.join()
    assert answers == [200]


def test_pages_are_well_formed_in_both_languages(page: RunsOnPage) -> None:
    run = page.run(MIXED)
    for lang in ("zh", "en"):
        page.client.submit("/lang", {"lang": lang, "back": "/"})
        for path in (f"/runs/{run}/results", f"/runs/{run}/undo", "/history", "/"):
            text = page.get(path)
            assert "{" not in " ".join(Markup(text).texts)
