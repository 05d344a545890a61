"""Which names in an inbox are those of sheets."""

from __future__ import annotations

import pytest

from batch_editor.inbox.names import Kind, kind_of, markers_of


@pytest.mark.parametrize("name", ["a.csv", "A.XLSX", "线索.xls", "a.b.ods", "x.ndjson", "nightly.txt", "t.parquet", "a.tsv"])
def test_what_the_reader_accepts_is_a_sheet(name: str) -> None:
    assert kind_of(name) is Kind.SHEET


@pytest.mark.parametrize(
    "name", ["~$a.xlsx", ".a.csv", ".csv", "a.csv.tmp", "a.TMP", "a.csv.part", "a.xlsx.filepart", "a.csv.crdownload"]
)
def test_what_is_not_finished_is_passed_over(name: str) -> None:
    assert kind_of(name) is Kind.PASSED_OVER
    assert kind_of(name, ".done") is Kind.PASSED_OVER


@pytest.mark.parametrize("name", ["Thumbs.db", "desktop.ini", "Desktop.ini", "ehthumbs.db", ".DS_Store", "._a.csv"])
def test_what_systems_lay_into_folders_is_passed_over(name: str) -> None:
    assert kind_of(name) is Kind.PASSED_OVER


def test_files_of_the_job_are_passed_over_and_others_are_told() -> None:
    assert {kind_of(name) for name in ("config.yaml", "nightly.sh", "nightly.cmd", "README.md")} == {Kind.PASSED_OVER}
    assert {kind_of(name) for name in ("a.pdf", "a", "a.csv.bak", "csv", "a.done")} == {Kind.STRANGE}


def test_a_marker_belongs_to_its_sheet_with_its_ending_or_without() -> None:
    assert kind_of("a.csv.DONE", ".done") is Kind.MARKER
    assert markers_of("a.csv", ".done") == ("a.csv.done", "a.done")
