"""An inbox as it is looked at: what lies in it, what can be done there, and whose settings are read."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from batch_editor.doctor import inbox


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    (folder / "done").mkdir(parents=True)
    for name in ("a.csv", "b.xlsx", "~$b.xlsx", "c.tmp", "photo.jpg", "config.yaml"):
        (folder / name).touch()
    return folder


def test_sheets_are_counted_by_their_names_and_nothing_stays(folder: Path) -> None:
    before = sorted(folder.rglob("*"))
    (check,) = inbox.look(folder)
    assert check.message.key == "doctor.inbox.good"
    assert (check.message.values["sheets"], check.message.values["others"]) == (2, 1)
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize("where", [".", "taken", "results", "done", "refused"])
def test_a_folder_that_cannot_be_written_is_named(folder: Path, where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / where).mkdir(exist_ok=True)

    def probe(place: Path) -> None:
        if place == folder / where:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(inbox, "write_probe", probe)
    (check,) = inbox.look(folder)
    assert (check.message.key, check.message.values["folder"]) == ("doctor.inbox.unwritable", folder / where)


def test_a_folder_in_which_nothing_can_be_moved_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def replace(path: Path, target: Path) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    before = sorted(folder.rglob("*"))
    monkeypatch.setattr(Path, "replace", replace)
    (check,) = inbox.look(folder)
    assert check.message.key == "doctor.inbox.no_moves" and sorted(folder.rglob("*")) == before


def test_a_settings_file_in_the_inbox_that_is_not_read_is_told(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "config.yaml"
    other.touch()
    (check,) = inbox.settings_of(folder, other)
    assert check.message.key == "doctor.inbox.other_settings"
    assert inbox.settings_of(folder, folder / "config.yaml") == []
