"""Records are called by their labels wherever a row is named: in problems, notes, warnings, and in any process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from support import jobs

from batch_editor import (
    Event,
    Message,
    Notice,
    Report,
    RunOptions,
    Settings,
    SheetError,
    check,
    open_run,
    plan,
    read_clues,
    run,
    say,
    send,
)
from batch_editor.runs.labels import row_names
from batch_editor.sandbox import Sandbox

CLUES = [11, 12, 13]
LABELS = pd.Index(["C-16", "C-17", "C-18"])


@pytest.fixture
def crm() -> Iterator[Sandbox]:
    with Sandbox([{"clue_id": clue, "remark": "old"} for clue in CLUES], access_token=jobs.TOKEN) as running:
        yield running


@pytest.fixture
def given(tmp_path: Path, crm: Sandbox) -> Settings:
    return jobs.settings(tmp_path, crm.url)


def frame(clues: list[object], index: Any = LABELS, **columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"clue_id": clues, "remark": ["a", "b", "old"]} | columns, index=index)


def places(report: Report) -> list[str]:
    return [say(Message("verbatim", {"text": problem.place}), "en") for problem in report.problems]


def message(report: Report, label: object) -> str:
    return str(report.to_frame()["result_message"][label])


def test_a_clue_that_cannot_be_read_is_told_by_the_label_of_its_row(given: Settings) -> None:
    unknown = frame([11, 99, 13])
    assert places(check(unknown, given)) == []
    with plan(unknown, given, only_changed=True) as prepared:
        seen = read_clues(prepared)
        (page,) = seen.rows(status="invalid").rows
        (problem,) = page.notes
        assert say(Message("verbatim", {"text": problem.place}), "en") == "row 'C-17'"  # type: ignore[union-attr]
        report = send(seen, confirmed=seen.digest())
    assert message(report, "C-17").startswith("B3 (row 'C-17'): ")


@pytest.mark.parametrize(
    ("records", "label"),
    [
        (frame([11, 99, 13], [7, 8, 9]), "8"),
        (frame([11, 99, 13], pd.MultiIndex.from_arrays([[1, 1, 2], ["x", "y", "x"]])), "(1, 'y')"),
        (frame([11, 99, 13], pd.date_range("2026-01-01", periods=3)), "2026-01-02"),
        (frame([11, 99, 13], range(3)), "1"),
        ([{"clue_id": clue, "remark": "a"} for clue in (11, 99, 13)], "1"),
        ([["clue_id", "remark"], ["11", "a"], ["99", "a"]], "2"),
    ],
    ids=["numbers", "levels", "days", "counted", "dicts", "lists"],
)
def test_another_process_knows_the_labels(records: Any, label: str, given: Settings) -> None:
    with plan(records, given, only_changed=True) as prepared:
        name = prepared.name
    with open_run(name, given) as opened:
        (row,) = read_clues(opened).rows(status="invalid").rows
    (problem,) = row.notes
    assert problem.label == label  # type: ignore[union-attr]


def test_a_file_of_json_is_counted_from_one_and_a_csv_has_addresses(tmp_path: Path, given: Settings) -> None:
    path = jobs.text_file(tmp_path / "edits.jsonl", '{"clue_id": 11, "remark": "a"}\n{"clue_id": 99, "remark": "b"}\n')
    report = run(path, given, only_changed=True, output=tmp_path / "out.csv")
    assert report.to_frame()["result_message"][1].startswith("A3 (row #2): ")
    with path.open() as opened, plan(opened, given, only_changed=True) as prepared:
        pass
    with open_run(prepared.name, given) as prepared:
        (row,) = read_clues(prepared).rows(status="invalid").rows
    assert row.notes[0].label == "#2"  # type: ignore[union-attr]
    table = jobs.text_file(tmp_path / "edits.csv", "clue_id,remark\n99,a\n")
    report = run(table, given, only_changed=True)
    assert report.to_frame()["result_message"][0].startswith("A2: ")


def test_other_rows_are_called_by_their_labels(given: Settings) -> None:
    back = run(frame([11, 12, 12]), given, only_changed=True)
    assert message(back, "C-17") == "row 'C-18' sets the same clue back to what the CRM shows, so nothing was sent"


def test_the_proof_names_the_label(given: Settings) -> None:
    proving = given.model_copy(update={"prove": True})
    events = list[Event]()
    run(frame([11, 12, 13]), proving, on_event=events.append)
    told = "\n".join(say(event.message, "en") for event in events if isinstance(event, Notice))
    assert "The first edit (row 'C-16') was read back" in told


def test_warnings_name_the_first_row_by_its_label(given: Settings) -> None:
    long = 1591005521987920962
    ids = frame([long, 13800138000, long + 7], follow_user_id=["wo-owner-of-the-tests"] * 3)
    notes = "\n".join(say(note, "en") for note in check(ids, given).notes)
    assert "the first one is row 'C-17' (clue_id)" in notes
    again = frame(["11", "clue_id", "13"], range(3)).assign(remark=["a", "remark", "b"])
    notes = "\n".join(say(note, "en") for note in check(again, given).notes)
    assert "the first of them row 1" in notes


def test_a_run_of_an_older_version_counts_from_zero() -> None:
    names = row_names(RunOptions.from_json({"index": []}), None, lambda row: [])
    assert names is not None and names(4) == "2"
    named = row_names(RunOptions.from_json({"index": [[None, "text"]]}), None, lambda row: [""])
    assert named is not None and named(2) == "nan", "not the address of a cell"
    assert row_names(RunOptions.from_json({}), None, lambda row: []) is None


@pytest.mark.parametrize("index", [range(0), pd.Index([], dtype=object)], ids=["counted", "labels"])
def test_a_frame_without_rows_is_refused(index: Any, given: Settings) -> None:
    with pytest.raises(SheetError, match="no rows below the headings"):
        run(pd.DataFrame({"clue_id": [], "remark": []}, index=index, dtype=object), given)
