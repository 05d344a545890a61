"""Every guard in every way in which a sheet is sent while nobody is asked: exit code 2, the word of the guard, nothing sent, a
check sheet left."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support import jobs
from support.commands import TOKEN, Commands

import batch_editor
from batch_editor import GuardTripped, Settings
from batch_editor.sandbox import Sandbox
from batch_editor.settings.sections import Guards
from batch_editor.stop import Stop

#: A limit for each guard that the sheet does not keep.
LIMITS: dict[str, Any] = {
    "max_rows": 3,
    "min_rows": 5,
    "max_clears": 0,
    "max_reassigned": 0,
    "max_invalid_share": 0.2,
    "max_changed": 0,
    "max_age": "20h",
    "repeat": "refuse",
    "min_edits": 5,
    "min_filled": {"备注": 0.9},
    "min_share_of_last": 0.9,
    "cut": "refuse",
}
#: Those that are about rows, and so also hold for a run that is gone on with.
OF_ROWS = {"max_rows", "min_rows", "max_clears", "max_reassigned", "max_invalid_share", "max_changed"}
SHEET = "clue_id,remark,email,跟进人id\n11,a,,\n12,#CLEAR,,\n13,c,nobody,\n14,,,wo-another-owner"
LARGE = "clue_id,remark\n" + "".join(f"{clue},x\n" for clue in range(21, 31))


@pytest.fixture
def crm() -> Iterator[Sandbox]:
    clues = [{"clue_id": clue, "remark": "old", "clue_name": "name"} for clue in (*range(11, 15), *range(21, 31))]
    with Sandbox(clues, access_token=TOKEN) as sandbox:
        yield sandbox


def edits(crm: Sandbox) -> int:
    return sum(request.path.endswith("clue/edit") for request in crm.requests)


def old(path: Path, text: str) -> Path:
    moment = time.time() - 21 * 3600
    os.utime(jobs.text_file(path, text), (moment, moment))
    return path


def test_no_guard_is_forgotten() -> None:
    assert {*LIMITS} == {*Guards.model_fields}


def test_no_guard_is_set_unless_somebody_sets_it() -> None:
    """That of a repetition is then the one that depends on whether somebody is asked."""
    assert {value for name, value in Guards() if name != "min_filled"} == {None}
    assert Guards().min_filled == {}


@pytest.mark.parametrize("word", ["run", "reconcile", "inbox"])
def test_a_guard_stops_a_command(tmp_path: Path, crm: Sandbox, word: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()

    def night(name: str, text: str, **guards: Any) -> tuple[int, dict[str, Any]]:
        command = Commands(tmp_path, crm.url, ids=jobs.SHORT_IDS, guards={"repeat": "allow", **guards})
        path = old(folder / name, text)
        if word != "inbox":
            done = command(word, path, "--config", "config.yaml", "--yes", "--json")
            return done.code, done.json
        (folder / f"{name}.done").touch()
        done = command("inbox", folder, "--config", "config.yaml", "--only-changed", "--marker", ".done", "--json")
        assert done.code == done.json["exit_code"] and done.json["reason"] == done.json["sheets"][0]["reason"]
        return done.code, done.json["sheets"][0]

    for name, limit in LIMITS.items():
        if word == "run" and name == "max_changed":  # nobody knows what differs
            continue
        if name == "repeat":
            night("tonight.csv", SHEET)
        if name == "min_share_of_last":
            night("last.csv", LARGE)
        crm.requests.clear()
        code, summary = night("tonight.csv", SHEET, **{name: limit})
        assert (code, summary["exit_code"], summary["reason"]) == (2, 2, f"guard.{name}"), name
        assert (edits(crm), summary["rows"], sum(summary[status] for status in ("updated", "failed"))) == (0, 4, 0), name
        assert summary["check_sheet"] and Path(summary["check_sheet"]).exists(), name
        assert summary["error"] and name in summary["error"], name


@pytest.mark.parametrize("by", [batch_editor.run, batch_editor.plan, batch_editor.check])
def test_a_guard_stops_the_python_interface(tmp_path: Path, crm: Sandbox, by: Any) -> None:
    def given(**guards: Any) -> Settings:
        return jobs.settings(tmp_path, crm.url, ids=jobs.SHORT_IDS, guards={"repeat": "allow", **guards})

    sheet = old(tmp_path / "tonight.csv", SHEET)
    for name, limit in LIMITS.items():
        if name == "max_changed":  # which is known once the clues were read
            continue
        if name == "repeat":
            batch_editor.run(sheet, given())
        if name == "min_share_of_last":
            batch_editor.run(old(tmp_path / "last.csv", LARGE), given(), series="nightly")
        crm.requests.clear()
        series = {"series": "nightly"} if by is batch_editor.run else {}
        if name == "min_share_of_last" and not series:  # which night that is is not known there
            continue
        with pytest.raises(GuardTripped) as caught:
            by(sheet, given(**{name: limit}), **series)
        assert (caught.value.guard, caught.value.exit_code, crm.requests) == (name, 2, []), name


def test_a_run_that_is_gone_on_with_is_held_by_the_guards_of_its_rows(tmp_path: Path, crm: Sandbox) -> None:
    stop = Stop()
    given = jobs.settings(tmp_path, crm.url, ids=jobs.SHORT_IDS)
    sheet = old(tmp_path / "tonight.csv", SHEET)
    report = batch_editor.run(sheet, given, only_changed=True, stop=stop, confirm=lambda _: not stop.ask())
    assert (report.exit_code, edits(crm)) == (3, 0)
    for name in OF_ROWS:
        done = Commands(tmp_path, crm.url, ids=jobs.SHORT_IDS, guards={name: LIMITS[name]})("resume", str(report.run), "--json")
        assert (done.code, done.json["reason"], edits(crm)) == (2, f"guard.{name}", 0)
    of_exports = {name: limit for name, limit in LIMITS.items() if name not in OF_ROWS}
    done = Commands(tmp_path, crm.url, ids=jobs.SHORT_IDS, guards=of_exports)("resume", str(report.run), "--json")
    assert (done.code, done.json["reason"]) == (1, "rows")  # one of them is invalid
    assert edits(crm) == 3
