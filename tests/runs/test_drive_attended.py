"""A run of which somebody is asked first, so that all clues are read before: it ends as one that reads as it goes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support import jobs

from batch_editor import diff, run
from batch_editor.cli.preview_text import preview_lines
from batch_editor.errors import Declined
from batch_editor.messages import say
from batch_editor.runs.preview import Preview
from batch_editor.sandbox import Sandbox

REQUIRED: dict[str, Any] = {"clue_name": "线索", "clue_pool_id": 5, "follow_user_id": "wo-owner-of-the-tests"}


@pytest.fixture
def crm() -> Iterator[Sandbox]:
    """Ten clues, of which the first five have the remark already that the sheet of ``jobs.sheet`` gives them."""
    remarks = [f"row {row}" if row < 7 else "旧" for row in range(2, 12)]
    clues = [{"clue_id": 100 + number, "remark": remark, "label": "a", **REQUIRED} for number, remark in enumerate(remarks)]
    with Sandbox(clues, access_token=jobs.TOKEN) as running:
        yield running


@pytest.mark.parametrize("attended", [False, True])
@pytest.mark.parametrize(("limit", "updated", "left"), [(None, 5, 0), (3, 3, 2)])
def test_rows_with_nothing_to_send_are_no_rows_that_were_held_back(
    tmp_path: Path, crm: Sandbox, attended: bool, limit: int | None, updated: int, left: int
) -> None:
    sheet = jobs.sheet(tmp_path, range(100, 110))
    report = run(sheet, jobs.settings(tmp_path, crm.url), only_changed=True, limit=limit, attended=attended)
    assert (report.exit_code, report.halted) == (0, None)
    assert (report.counts["unchanged"], report.counts["updated"], report.counts["not_sent"]) == (5, updated, left)


@pytest.mark.parametrize("attended", [False, True])
@pytest.mark.parametrize(
    ("tags", "rows", "label"),
    [("add", ["#CLEAR", "new"], "new"), ("add", ["new", "#CLEAR"], ""), ("remove", ["#CLEAR", "b"], "")],
)
def test_the_tags_of_a_row_come_on_top_of_what_the_rows_before_it_leave(
    tmp_path: Path, crm: Sandbox, attended: bool, tags: str, rows: list[str], label: str
) -> None:
    """Also where those empty them, for which alone the clue would not have to be read."""
    sheet = jobs.text_file(tmp_path / "tags.csv", "clue_id,label\n" + "".join(f"100,{row}\n" for row in rows))
    report = run(sheet, jobs.settings(tmp_path, crm.url, ids=jobs.SHORT_IDS), tags=tags, attended=attended)
    assert (report.exit_code, report.counts["updated"], crm.clue(100)["label"] or "") == (0, 2, label)


def test_what_differs_beyond_the_limit_is_not_told_before_it_was_read(tmp_path: Path, crm: Sandbox) -> None:
    asked = list[Preview]()

    def confirm(preview: Preview) -> bool:
        asked.append(preview)
        return True

    how: dict[str, Any] = {"only_changed": True, "attended": True, "limit": 2}
    run(jobs.sheet(tmp_path, range(100, 110)), jobs.settings(tmp_path, crm.url), confirm=confirm, **how)
    (preview,) = asked
    assert (preview.calls, preview.reads, preview.differences.fields) == (2, 0, 2)
    assert [(change.row, change.old, change.new) for change in preview.changes] == [(7, "旧", "row 7"), (8, "旧", "row 8")]
    said = [say(line, "en") for line in preview_lines(preview)]
    assert not any("Clues to be read" in line or "at most" in line or "cannot be read" in line for line in said)


def test_a_clue_that_could_not_be_read_before_is_still_to_be_read(tmp_path: Path) -> None:
    asked = list[Preview]()

    def confirm(preview: Preview) -> bool:
        asked.append(preview)
        return False

    faults = ["read:500@clue:100"]
    with Sandbox(access_token=jobs.TOKEN, accept_any_clue=True, faults=faults) as crm, pytest.raises(Declined):
        settings = jobs.settings(tmp_path, crm.url, rate={"concurrency": 1})
        run(jobs.sheet(tmp_path, [100, 101]), settings, snapshot=True, attended=True, confirm=confirm)
    assert (asked[0].calls, asked[0].reads) == (2, 1)


def test_the_workbook_of_a_diff_shows_no_row_beyond_the_limit(tmp_path: Path, crm: Sandbox) -> None:
    report = diff(jobs.sheet(tmp_path, range(100, 110)), jobs.settings(tmp_path, crm.url), limit=1)
    assert report.results is not None
    assert [row[:2] for row in jobs.raw_results(report.results)[1:]] == [["7", "105"]]
