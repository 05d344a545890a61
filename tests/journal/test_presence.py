"""Two machines on one state folder: the second one is told so, and a reboot, a container or what a kill has left is none."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from support.commands import Commands

from batch_editor.errors import SettingsError
from batch_editor.journal import presence
from batch_editor.journal.journal import Journal
from batch_editor.journal.presence import STALE, Presence


def mark(folder: Path, *, machine: str = "one", boot: str = "", age: float = 5.0) -> Path:
    """What another process has left in ``folder``, so many seconds ago."""
    file = folder / "in-use-77-abcd"
    file.write_text(json.dumps({"machine": machine, "boot": boot, "name": "the-other"}), encoding="utf-8")
    now = file.stat().st_mtime
    os.utime(file, (now - age, now - age))
    return file


def marks(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("in-use-*"))


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ({"machine": "one", "boot": "b1"}, {"machine": "two", "boot": "b2"}),
        ({"machine": "one"}, {"machine": "two"}),
        ({"machine": "one", "boot": "b1"}, {"machine": "two", "boot": ""}),
    ],
)
def test_another_machine_that_uses_the_folder_refuses_this_one(
    tmp_path: Path, theirs: dict[str, str], ours: dict[str, str]
) -> None:
    file = mark(tmp_path, machine=theirs["machine"], boot=theirs.get("boot", ""))
    with pytest.raises(SettingsError, match=r"in use by another machine \(the-other\)") as refused:
        Presence(tmp_path, machine=ours["machine"], boot=ours.get("boot", ""))
    assert str(file) in str(refused.value) and marks(tmp_path) == [file.name]


@pytest.mark.parametrize(
    ("theirs", "stays"),
    [
        ({"machine": "two", "boot": "b2"}, True),  # another process
        ({"machine": "one", "boot": "b2"}, True),  # another container on the same kernel
        ({"machine": "two", "boot": "b1"}, False),  # before a reboot
        ({"machine": "one", "boot": "b1", "age": STALE + 1}, False),  # a machine that no longer runs
        ({"machine": "two", "boot": "b2", "age": STALE + 1}, False),  # a process that was killed
    ],
)
def test_what_is_no_other_machine_refuses_nobody(tmp_path: Path, theirs: dict[str, Any], stays: bool) -> None:
    file = mark(tmp_path, **theirs)
    here = Presence(tmp_path, machine="two", boot="b2")
    assert len(marks(tmp_path)) == 1 + stays and file.exists() is stays
    here.leave()
    assert len(marks(tmp_path)) == stays


def test_who_stays_shows_it_again_and_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "RENEW", 0.001)
    renewed, write = threading.Event(), Presence._write

    def noted(self: Presence) -> None:
        write(self)
        if threading.current_thread().name == "presence":
            renewed.set()

    monkeypatch.setattr(Presence, "_write", noted)
    here = Presence(tmp_path)
    assert renewed.wait(30)
    here.leave()
    assert marks(tmp_path) == []


def test_a_command_says_so_before_it_touches_anything(tmp_path: Path) -> None:
    command = Commands(tmp_path)
    assert command("runs").code == 0
    file = mark(tmp_path / "state", machine="another one", boot="of another start")
    done = command("runs")
    assert done.code == 2 and "Two machines cannot share one" in done.err
    file.unlink()
    assert command("runs").code == 0 and marks(tmp_path / "state") == []


def test_the_journal_of_a_check_is_of_nobody_else(tmp_path: Path) -> None:
    with Journal(tmp_path / "journal.sqlite3", durable=False):
        assert marks(tmp_path) == []
