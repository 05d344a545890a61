"""``check --output``: the sheet with what would be sent for each row beside it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support import jobs
from support.crm import Crm

import batch_editor
from batch_editor.errors import SettingsError
from batch_editor.model import Message
from batch_editor.output import results
from batch_editor.sandbox import Sandbox

TEXT = "clue_id,remark,gender\n11,甲,男\nbad,乙,\n12,,\n13,#CLEAR,女士\n"
HEADINGS = ["clue_id", "remark", "gender", "result_status", "result_message", "result_fields", "result_payload"]


def test_each_row_stands_beside_what_would_be_sent(tmp_path: Path) -> None:
    edits = jobs.text_file(tmp_path / "edits.csv", TEXT)
    report = batch_editor.check(edits, jobs.settings(tmp_path), output=tmp_path / "preview.xlsx")
    assert report.results == tmp_path / "preview.xlsx" and report.exit_code == 1
    headings, *rows = jobs.raw_results(tmp_path / "preview.xlsx")
    assert headings == HEADINGS
    assert [row[:4] for row in rows] == [
        ["11", "甲", "男", "not_sent"],
        ["bad", "乙", "", "invalid"],
        ["12", "", "", "skipped"],
        ["13", "#CLEAR", "女士", "invalid"],
    ]
    assert json.loads(rows[0][6]) == jobs.DEFAULTS | {
        "clue_id": 11,
        "remark": "甲",
        "gender": "0",
        "update_specified_fields": ["remark", "gender"],
    }
    assert rows[0][5] == "remark, gender" and [row[6] for row in rows[1:]] == ["", "", ""]
    assert "A3" in rows[1][4] and "C5" in rows[3][4]


def test_what_stands_there_is_what_run_sends(tmp_path: Path) -> None:
    edits = jobs.text_file(tmp_path / "edits.csv", TEXT)
    with Crm() as crm:
        settings = jobs.settings(tmp_path, crm.url)
        batch_editor.check(edits, settings, output=tmp_path / "preview.csv")
        assert crm.connections == 0
        batch_editor.run(edits, settings)
    shown = [json.loads(row[6]) for row in jobs.raw_results(tmp_path / "preview.csv")[1:] if row[6]]
    assert shown == [call.body for call in crm.calls] and len(shown) == 1


def test_the_sheet_can_be_mended_and_sent_and_its_results_drop_the_column(tmp_path: Path) -> None:
    edits = jobs.text_file(tmp_path / "edits.csv", TEXT)
    with Crm() as crm:
        settings = jobs.settings(tmp_path, crm.url)
        batch_editor.check(edits, settings, output=tmp_path / "preview.xlsx")
        report = batch_editor.run(tmp_path / "preview.xlsx", settings)
    assert [call.clue for call in crm.calls] == [11] and report.results
    assert jobs.raw_results(report.results)[0][:4] == ["clue_id", "remark", "gender", "result_status"]
    assert "result_payload" not in jobs.raw_results(report.results)[0]


def test_a_file_that_is_there_is_not_replaced(tmp_path: Path) -> None:
    edits, taken = jobs.text_file(tmp_path / "edits.csv", TEXT), jobs.text_file(tmp_path / "preview.xlsx", "mine")
    report = batch_editor.check(edits, jobs.settings(tmp_path), output=taken)
    assert report.results == tmp_path / "preview-2.xlsx" and taken.read_text(encoding="utf-8") == "mine"


def test_a_text_too_long_for_a_workbook_makes_it_a_csv(tmp_path: Path) -> None:
    edits = jobs.text_file(tmp_path / "edits.csv", f"clue_id,remark\n11,{'x' * 40_000}\n")
    report = batch_editor.check(edits, jobs.settings(tmp_path), output=tmp_path / "preview.xlsx")
    assert report.results == tmp_path / "preview.csv"


def test_on_a_full_disk_a_check_or_a_diff_tells_of_no_run_whose_results_could_be_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(results, "_write_csv", full)
    edits, values = jobs.text_file(tmp_path / "edits.csv", "clue_id,remark\n11,x\n"), {"reason": "No space left on device"}
    report = batch_editor.check(edits, jobs.settings(tmp_path), output=tmp_path / "a.csv")
    assert report.unwritten == Message("output.not_written", {"path": tmp_path / "a.csv", **values})
    with Sandbox(access_token=jobs.TOKEN, accept_any_clue=True) as crm:
        report = batch_editor.diff(edits, jobs.settings(tmp_path, crm.url), output=tmp_path / "b.csv")
    assert report.unwritten == Message("output.not_written", {"path": tmp_path / "b.csv", **values})
    assert report.exit_code == 1 and not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize("name", ["preview.txt", "nowhere/preview.xlsx"])
def test_a_place_that_cannot_be_written_is_refused_before_the_sheet_is_read(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        batch_editor.check(tmp_path / "missing.csv", jobs.settings(tmp_path), output=tmp_path / name)
    assert refusal.value.message.key in ("results.kind", "results.folder")
