"""Folders that are needed for a while: who is killed leaves one behind, and the next command clears it away."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from support import jobs
from support.commands import Commands

from batch_editor.journal.temporary import clear_abandoned, temporary_folder

#: Writes something personal into such a folder, says where, and waits to be killed.
AT_WORK = """
import sys
from batch_editor.journal.temporary import temporary_folder
with temporary_folder() as folder:
    (folder / "rows").write_text("personal")
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the temporary folders are."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


def test_it_is_private_and_gone_afterwards(folder: Path) -> None:
    with temporary_folder() as made:
        (made / "rows").write_text("personal")
        clear_abandoned()
        assert (made / "rows").exists() and (os.name == "nt" or made.stat().st_mode & 0o777 == 0o700)
    assert not [*folder.iterdir()]


def test_what_a_killed_process_has_left_is_cleared_away_by_the_next_command(folder: Path, tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", AT_WORK], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        made = Path(process.stdout.readline().strip())
        clear_abandoned()
        assert (made / "rows").exists(), "somebody is still at work there"
    finally:
        process.kill()
        process.communicate()
    assert (made / "rows").exists()
    assert Commands(tmp_path)("runs").code == 0
    assert not [*folder.iterdir()]


def test_also_by_a_check(folder: Path, tmp_path: Path) -> None:
    (folder / "batch_editor-1").mkdir()
    (folder / "batch_editor-1" / "in-use.lock").touch()
    (folder / "batch_editor-1" / "journal.sqlite3").write_text("personal")
    jobs.sheet(tmp_path, [11])
    assert Commands(tmp_path)("check", "edits.csv").code == 0
    assert not [*folder.iterdir()]


def test_what_may_be_somebodys_stays(folder: Path) -> None:
    """A folder that has only just been made, another program's, and what is no folder."""
    (folder / "batch_editor-new").mkdir()
    (folder / "other").mkdir()
    (folder / "other" / "in-use.lock").touch()
    (folder / "batch_editor-file").touch()
    (folder / "batch_editor-link").symlink_to(folder / "other")
    clear_abandoned()
    assert len([*folder.iterdir()]) == 4 and (folder / "other" / "in-use.lock").exists()
    os.utime(folder / "batch_editor-new", (1e9, 1e9))
    clear_abandoned()
    assert not (folder / "batch_editor-new").exists()


@pytest.mark.skipif(os.name == "nt", reason="no limit on the size of files")
@pytest.mark.parametrize("most", [0, 100])
def test_where_there_is_no_room_for_temporary_files_it_is_said(most: int, tmp_path: Path) -> None:
    """The disk is played by a limit on the size of a file, which hits all folders that Python would try."""
    jobs.sheet(tmp_path, [11])
    limit = f"import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, ({most}, {most}))\n"
    program = f"{limit}from batch_editor.cli import main\nsys.argv[1:] = ['check', 'edits.csv']\nsys.exit(main())"
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert "temporary" in done.stderr.lower() and "TMPDIR" in done.stderr and "state_dir" not in done.stderr


def test_a_run_needs_no_room_for_temporary_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere() -> str:
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr(tempfile, "gettempdir", nowhere)
    done = Commands(tmp_path)("runs")
    assert (done.code, done.err) == (0, "")
