"""What is named instead of a file (a pipe, a socket, a device, a folder, links in a circle) is refused at once, in words."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support import jobs
from support.commands import Commands
from support.crm import Crm

import batch_editor
from batch_editor import job
from batch_editor.crm.pace_file import PermitFile
from batch_editor.errors import SettingsError
from batch_editor.files import NotRegular, open_regular, require_regular
from batch_editor.output.placing import OwnFile, first_free, stamp

pytestmark = pytest.mark.skipif(os.name == "nt", reason="no such files")


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(os.path.relpath(path))  # an absolute one may be too long


#: Makes what is no file; each is one at which a program could wait for ever, or read without an end.
KINDS: dict[str, Callable[[Path], object]] = {
    "pipe": os.mkfifo,
    "socket": _socket,
    "empty device": lambda path: path.symlink_to("/dev/null"),
    "endless device": lambda path: path.symlink_to("/dev/zero"),
    "folder": Path.mkdir,
    "circle": lambda path: path.symlink_to(path.name),
}


@pytest.fixture(params=KINDS)
def no_file(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "no_file"
    KINDS[request.param](path)
    return path


def test_only_a_file_is_opened(no_file: Path, tmp_path: Path) -> None:
    with pytest.raises(OSError):
        open_regular(no_file)
    (tmp_path / "link").symlink_to(jobs.sheet(tmp_path, [11]))
    with open_regular(tmp_path / "link") as file:
        assert file.read() == (tmp_path / "edits.csv").read_bytes()


@pytest.mark.parametrize(("kind", "error"), [("pipe", NotRegular), ("folder", IsADirectoryError)])
def test_what_is_no_file_is_told_apart(kind: str, error: type[OSError], tmp_path: Path) -> None:
    KINDS[kind](tmp_path / "no_file")
    with pytest.raises(error):
        require_regular(tmp_path / "no_file")
    with pytest.raises(FileNotFoundError):
        require_regular(tmp_path / "a\0b")


def test_no_settings_are_read_from_it(no_file: Path, tmp_path: Path) -> None:
    done = Commands(tmp_path)("runs", "--config", no_file)
    assert (done.code, done.out) == (2, "") and done.err.startswith(f"The settings file {no_file} cannot be read: ")
    assert len(done.err.splitlines()) == 1 and "Errno" not in done.err and "Error)" not in done.err


def test_settings_that_lie_here_are_never_passed_over(tmp_path: Path) -> None:
    """By the defaults instead, the same sheet would go to another address, and faster."""
    jobs.sheet(tmp_path, [11])
    commands = Commands(tmp_path)
    (tmp_path / "config.yaml").rename(tmp_path / "elsewhere.yaml")
    for target, words in (("away/config.yaml", "There is no settings file"), ("config.yaml", "cannot be read")):
        (tmp_path / "config.yaml").symlink_to(target)
        done = commands("check", "edits.csv")
        assert done.code == 2 and words in done.err
        (tmp_path / "config.yaml").unlink()


def test_a_settings_file_has_a_largest_size(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(SettingsError, match="larger than 16 MB"):
        batch_editor.Settings.load(path)


def test_it_is_no_sheet(no_file: Path, tmp_path: Path) -> None:
    done = Commands(tmp_path)("run", no_file, "--only-failed")
    assert (done.code, done.out) == (2, "") and done.err.startswith(str(no_file)) and "Errno" not in done.err


def test_it_is_no_table_of_names(no_file: Path, tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11])
    tables = {"follow_user_id": {"file": no_file.name, "name": "a", "id": "b"}}
    done = Commands(tmp_path, lookups=tables)("check", "edits.csv")
    assert done.code == 2 and str(no_file) in done.err and "follow_user_id" in done.err


def test_it_holds_no_certificates(no_file: Path, tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11])
    done = Commands(tmp_path, "https://127.0.0.1:1")("run", "edits.csv", SSL_CERT_FILE=str(no_file))
    assert done.code == 2 and "SSL_CERT_FILE" in done.err


def test_results_take_another_name_and_leave_it_alone(no_file: Path, tmp_path: Path) -> None:
    assert stamp(no_file) is None
    assert first_free(no_file, OwnFile(no_file, "0" * 64)) == tmp_path / "no_file-2"


@pytest.mark.parametrize("kind", ["pipe", "folder"])
def test_results_that_became_one_are_written_beside_it(kind: str, tmp_path: Path) -> None:
    with Crm() as crm:
        settings = jobs.settings(tmp_path, crm.url)
        report = batch_editor.run(jobs.sheet(tmp_path, [11]), settings)
    assert report.results is not None
    report.results.unlink()
    KINDS[kind](report.results)
    with job.open_journal(settings) as journal:
        written = job.results_again(journal, report.run, None, "en")
    assert written == report.results.with_name("edits.results-2.xlsx")


@pytest.mark.parametrize("kind", ["pipe", "endless device", "circle"])
def test_the_state_folder_may_hold_one(kind: str, tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    KINDS[kind](state / "in-use-1-abcd")
    assert Commands(tmp_path)("runs").code == 0


def test_the_rate_is_not_kept_in_it(no_file: Path) -> None:
    def clock() -> float:
        return 1.0

    options: dict[str, Any] = {"count": 5, "span": 1.0, "clock": clock, "wall_clock": clock}
    with pytest.raises(SettingsError, match="cannot be opened"):
        PermitFile(no_file, **options)
