"""Nobody may read what is written who may not read the sheet, whichever command writes it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import jobs
from support.commands import TOKEN, Commands
from support.crm import Crm

import batch_editor
from batch_editor import job
from batch_editor.output.permissions import make_file
from batch_editor.sandbox import Sandbox

pytestmark = pytest.mark.skipif(os.name == "nt", reason="on Windows the folder decides")


@pytest.fixture(autouse=True)
def open_to_all() -> Iterator[None]:
    """Files are made open to all who may read and write: what is not, was narrowed."""
    before = os.umask(0o000)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize(
    ("of_sheet", "umask", "made"),
    [
        (0o600, 0o000, 0o600),
        (0o640, 0o000, 0o640),
        (0o644, 0o000, 0o644),
        (0o664, 0o022, 0o644),
        (0o444, 0o000, 0o644),
        (0o000, 0o000, 0o600),
        (0o755, 0o077, 0o600),
    ],
)
def test_a_file_is_no_wider_than_the_sheet_and_than_usual(tmp_path: Path, of_sheet: int, umask: int, made: int) -> None:
    sheet = jobs.sheet(tmp_path, [11])
    sheet.chmod(of_sheet)
    os.umask(umask)
    make_file(tmp_path / "x", as_private_as=(sheet,))
    assert mode(tmp_path / "x") == made


def test_of_several_files_each_narrows_and_none_that_is_gone_opens(tmp_path: Path) -> None:
    for name, bits in (("a", 0o640), ("b", 0o604)):
        (tmp_path / name).touch(bits)
    make_file(tmp_path / "x", as_private_as=(tmp_path / "a", tmp_path / "b"))
    make_file(tmp_path / "y", as_private_as=(tmp_path / "gone",))
    make_file(tmp_path / "z", as_private_as=())
    assert [mode(tmp_path / name) for name in "xyz"] == [0o600, 0o600, 0o666]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="who is not root cannot give a file away")
def test_the_group_of_a_sheet_is_not_that_of_its_results(tmp_path: Path) -> None:
    """They belong to the group of whoever writes them: those may read no more than everybody may."""
    sheet = jobs.sheet(tmp_path, [11])
    os.chown(sheet, -1, os.getegid() + 1)
    sheet.chmod(0o664)
    make_file(tmp_path / "x", as_private_as=(sheet,))
    assert mode(tmp_path / "x") == 0o644


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_each_command_writes_is_as_private_as_the_sheet(tmp_path: Path, kind: str) -> None:
    clues = [{"clue_id": 11, "clue_name": "a", "clue_pool_id": 1, "follow_user_id": "wo", "remark": "old"}]
    sheet = jobs.sheet(tmp_path, [11])
    sheet.chmod(0o640)
    with Sandbox(clues, access_token=TOKEN) as crm:
        command = Commands(tmp_path, crm.url)
        assert command("check", "edits.csv", "-o", f"check.{kind}").code == 0
        assert command("diff", "edits.csv", "-o", f"diff.{kind}").code == 0
        run = command("run", "edits.csv", "-o", f"results.{kind}", "--snapshot", "--json").json["run"]
        assert command("results", run, "-o", f"again.{kind}").code == 0
        assert command("undo", run, "-o", f"undo.{kind}", "--yes").code == 0
    written = [tmp_path / f"{name}.{kind}" for name in ("check", "diff", "results", "again", "undo")]
    assert [mode(path) for path in written] == [0o640] * 5


def test_whoever_made_results_private_keeps_them_private(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11])
    with Crm() as crm:
        settings = jobs.settings(tmp_path, crm.url)
        report = batch_editor.run(tmp_path / "edits.csv", settings)
        assert report.results and report.run and mode(report.results) == 0o666
        report.results.chmod(0o600)
        with job.open_journal(settings) as journal:
            assert job.results_again(journal, report.run, None, "en") == report.results
    assert mode(report.results) == 0o600


def test_the_journal_is_private_to_its_owner(tmp_path: Path) -> None:
    with Crm() as crm:
        batch_editor.run(jobs.sheet(tmp_path, [11]), jobs.settings(tmp_path, crm.url))
    state = tmp_path / "state"
    assert [path.name for path in (state, *state.rglob("*")) if mode(path) & 0o077] == []
