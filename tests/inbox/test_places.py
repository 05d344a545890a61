"""Files are moved to free names: nothing is replaced, and nothing is lost on the way."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from batch_editor.inbox import places
from batch_editor.inbox.places import fitting, move, write


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def file(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_a_name_that_is_taken_gets_a_number(tmp_path: Path) -> None:
    done = tmp_path / "done"
    moved = [move(file(tmp_path / "a.b.csv", text), done, "a.b.csv") for text in "xyz"]
    assert [path.name for path in moved] == ["a.b.csv", "a.b-2.csv", "a.b-3.csv"]
    assert [path.read_text() for path in moved] == ["x", "y", "z"]
    assert names(tmp_path) == ["done"]


@pytest.mark.parametrize("code", [errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS])
def test_a_disk_without_links_replaces_nothing_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    def no_link(*_: object, **__: object) -> None:
        raise OSError(code, "no links")

    monkeypatch.setattr(os, "link", no_link)
    test_a_name_that_is_taken_gets_a_number(tmp_path)


def other_disk(*_: object, **__: object) -> None:
    raise OSError(errno.EXDEV, "another disk")


def test_to_another_disk_a_file_is_copied_with_its_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, link = file(tmp_path / "a.csv", "x"), os.link
    os.utime(source, (1_000, 2_000))
    monkeypatch.setattr(
        os, "link", lambda source, *more, **_: (link if source.suffix == ".part" else other_disk)(source, *more)
    )
    moved = move(source, tmp_path / "done", "a.csv")
    assert (moved.read_text(), moved.stat().st_mtime, names(tmp_path / "done")) == ("x", 2_000, ["a.csv"])
    assert not source.exists()


def test_a_disk_that_is_full_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = file(tmp_path / "a.csv", "x")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "link", other_disk)
    monkeypatch.setattr(places.shutil, "copyfileobj", full)
    with pytest.raises(OSError, match="No space left"):
        move(source, tmp_path / "done", "a.csv")
    assert (source.read_text(), names(tmp_path / "done")) == ("x", [])


def test_a_move_that_was_cut_off_is_ended(tmp_path: Path) -> None:
    source = file(tmp_path / "a.csv", "x")
    (tmp_path / "done").mkdir()
    os.link(source, tmp_path / "done" / "a.csv")
    assert move(source, tmp_path / "done", "a.csv") == tmp_path / "done" / "a.csv"
    assert names(tmp_path) == ["done"]


def test_a_file_that_is_there_already_stays(tmp_path: Path) -> None:
    """As a check sheet does, which was written into the folder of the day."""
    source = file(tmp_path / "a.check.xlsx", "x")
    (tmp_path / "link").symlink_to(tmp_path)
    assert move(source, tmp_path, source.name) == move(source, tmp_path / "link", source.name) == source
    assert (source.read_text(), names(tmp_path)) == ("x", ["a.check.xlsx", "link"])


@pytest.mark.parametrize("letter", ["a", "线", "\U0001f600"])
def test_a_name_that_is_too_long_with_a_number_is_cut(tmp_path: Path, letter: str) -> None:
    name = fitting(letter * 300, ".csv")
    assert 250 <= len(os.fsencode(name)) <= 255
    moved = [move(file(tmp_path / "x", text), tmp_path / "done", name) for text in "xy"]
    assert moved[0].name == name
    assert moved[1].name.endswith("-2.csv")


def test_a_text_is_written_whole_to_a_free_name(tmp_path: Path) -> None:
    beside = file(tmp_path / "a.csv", "x")
    beside.chmod(0o600)
    first, second = (write(tmp_path / "refused", "a.csv.reason.txt", "为什么\n", beside=beside) for _ in range(2))
    assert first.read_bytes() == "\ufeff为什么\r\n".encode()
    assert (first.name, second.name) == ("a.csv.reason.txt", "a.csv.reason-2.txt")
    assert first.stat().st_mode & 0o077 == 0
