"""Undo over HTTP: what each row and field is marked as, and what a choice puts back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import jobs
from support.page_runs import CLUE, RunsOnPage, rows, runs_on_page

import batch_editor
from batch_editor import job
from batch_editor.sandbox import EDIT_PATH

HEADINGS = "clue_id,remark,address"
TWO = rows("new 0,here 0", "new 1,here 1", "new 2,here 2", headings=HEADINGS)


@pytest.fixture
def page(tmp_path: Path) -> Iterator[RunsOnPage]:
    with runs_on_page(tmp_path) as opened:
        yield opened


def marks(text: str) -> list[str]:
    """The words of the marks, row by row and field by field."""
    return re.findall(r'<td><span class="badge \w+"><span aria-hidden="true">.</span> ([^<]+)</span>', text)


def sent(page: RunsOnPage, address: str) -> str:
    """Sends the undo whose review is at this address; returns its name."""
    run = address.split("/")[2]
    assert address == f"/runs/{run}/review"
    with job.open_run(run, page.settings) as prepared:
        job.send(prepared, confirmed=prepared.digest())
    return run


def values(page: RunsOnPage, key: str) -> list[object]:
    return [page.crm.clue(CLUE + number)[key] for number in range(3)]


def test_one_row_is_put_back_and_then_marked_so(page: RunsOnPage) -> None:
    run = page.run(TWO)
    text = page.get(f"/runs/{run}/undo")
    assert marks(text) == ["can be put back"] * 6
    assert "is looked at before anything is put back" in text and "old 1" in text
    undo = sent(page, page.submit(f"/runs/{run}/undo", {"do": "plan", "row": "3"}))
    assert values(page, "remark") == ["new 0", "old 1", "new 2"]
    assert values(page, "address") == ["here 0", "there 1", "here 2"]
    after = page.get(f"/runs/{run}/undo")
    assert marks(after) == ["can be put back"] * 2 + ["put back already"] * 2 + ["can be put back"] * 2
    assert f'href="/runs/{undo}"' in after and 'name="row" value="3" disabled' in after


def test_one_field_of_all_rows_and_then_all_of_what_remains(page: RunsOnPage) -> None:
    run = page.run(TWO)
    sent(page, page.submit(f"/runs/{run}/undo", {"do": "plan", "field": "address"}))
    assert values(page, "remark") == ["new 0", "new 1", "new 2"]
    assert values(page, "address") == ["there 0", "there 1", "there 2"]
    sent(page, page.submit(f"/runs/{run}/undo", {"do": "all", "field": "address"}))
    assert values(page, "remark") == ["old 0", "old 1", "old 2"]
    assert "nothing that could be put back" in page.texts(f"/runs/{run}/undo")


def test_what_somebody_has_changed_since_is_seen_where_the_clues_are_read(page: RunsOnPage) -> None:
    run = page.run(TWO)
    page.run(rows("old 0,x", headings=HEADINGS), name="other.csv")  # sets one value back, and another one anew
    text = page.get(f"/runs/{run}/undo")
    assert marks(text)[:2] == ["changed since", "changed since"]
    answer = page.client.submit(f"/runs/{run}/undo?after=0", {"do": "read", "row": ["2"], "rows": "3"})
    assert "Read from the CRM at" in answer.text
    assert marks(answer.text) == ["old value stands there", "changed since"] + ["can be put back"] * 4
    assert 'value="2-3"' in answer.text  # what was chosen is still chosen


def test_a_field_that_got_the_value_it_had_is_not_offered_to_be_put_back(page: RunsOnPage) -> None:
    equal = "same as before: nothing to put back"
    run = page.run(rows("old 0,here 0", "old 1,there 1", headings=HEADINGS))
    text = page.get(f"/runs/{run}/undo")
    assert marks(text) == [equal, "can be put back", equal, equal]
    assert 'name="row" value="3" disabled' in text and 'name="row" value="2" disabled' not in text
    page.crm.change(CLUE + 1, address="of somebody else")
    answer = page.client.submit(f"/runs/{run}/undo?after=0", {"do": "read"})
    assert marks(answer.text) == [equal, "can be put back", equal, "changed since"]
    sent(page, page.submit(f"/runs/{run}/undo", {"do": "all"}))
    undone = [request for request in page.crm.requests if request.path == EDIT_PATH][2:]
    assert [json.loads(request.body)["update_specified_fields"] for request in undone] == [["address"]]


def test_old_values_that_nobody_has_read_are_marked_unknown(page: RunsOnPage, tmp_path: Path) -> None:
    report = batch_editor.run(jobs.text_file(tmp_path / "blind.csv", TWO), page.settings, snapshot=False)
    text = page.get(f"/runs/{report.run}/undo")
    assert set(marks(text)) == {"old value unknown"} and 'value="plan"' not in text
    assert 'name="rows"' not in text and "Choose what" not in text, "there is nothing to choose from"


def test_a_choice_is_carried_from_page_to_page(page: RunsOnPage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("batch_editor.web.undo_step.PAGE_ROWS", 2)
    run = page.run(TWO)
    first = page.get(f"/runs/{run}/undo")
    assert re.findall(r'name="row" value="([0-9]+)"', first) == ["2", "3"]
    second = page.client.submit(f"/runs/{run}/undo?after=3", {"do": "more", "row": ["2", "3"], "field": "remark"}).text
    assert re.findall(r'name="row" value="([0-9]+)"', second) == ["4"]
    assert 'name="rows" value="2-3"' in second and 'value="remark" checked' in second


def test_nothing_chosen_and_what_the_run_does_not_have_are_said_in_words(page: RunsOnPage) -> None:
    run = page.run(TWO)
    for form, words in (({"do": "plan"}, "Nothing is chosen"), ({"do": "plan", "rows": "99"}, "the run has no such row")):
        answer = page.client.submit(f"/runs/{run}/undo", form)
        assert answer.status_code == 400 and re.search(words, answer.text), answer.text
    for number in ("9" * 30, "9" * 20_000):
        assert page.client.submit(f"/runs/{run}/undo", {"do": "plan", "rows": number}).status_code == 400
    answer = page.client.submit(f"/runs/{run}/undo", {"do": "plan", "rows": "<b>x</b>"})
    assert answer.status_code == 400 and "<b>" not in answer.text


def test_an_undo_is_undone_and_shown_as_what_it_is(page: RunsOnPage) -> None:
    run = page.run(TWO)
    undo = sent(page, page.submit(f"/runs/{run}/undo", {"do": "all"}))
    assert values(page, "remark") == ["old 0", "old 1", "old 2"]
    assert "The undo is done: 3 clues were put back." in page.texts(f"/runs/{undo}")
    sent(page, page.submit(f"/runs/{undo}/undo", {"do": "all"}))
    assert values(page, "remark") == ["new 0", "new 1", "new 2"]
    text = page.texts("/history")
    assert text.count("Undo of 客户.csv") == 2 and f"takes back {run}" in text and f"takes back {undo}" in text


def test_a_planned_undo_can_be_left_and_found_again(page: RunsOnPage) -> None:
    run = page.run(TWO)
    address = page.submit(f"/runs/{run}/undo", {"do": "all"})
    undo = address.split("/")[2]
    assert page.client.get(f"/runs/{undo}").headers["location"] == address
    with job.open_run(undo, page.settings) as prepared:
        assert prepared.preview.calls == 3


def test_guards_about_sheets_bar_no_way_back(tmp_path: Path) -> None:
    with runs_on_page(tmp_path) as page:
        run = page.run(TWO)
    with runs_on_page(tmp_path, guards={"max_rows": 1}, api={"base_url": page.crm.url}) as page:
        page.submit(f"/runs/{run}/undo", {"do": "all"})
