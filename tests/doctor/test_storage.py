"""What is kept on this computer: disks that are full, shares of the network, runs that wait for somebody."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from filelock import FileLock
from support import jobs
from support.dispatching import new_run

from batch_editor import job
from batch_editor.crm.connection import record_path
from batch_editor.crm.pace import open_record
from batch_editor.doctor import shares, storage
from batch_editor.doctor.checks import Check, Verdict
from batch_editor.doctor.shares import share_of
from batch_editor.journal.journal import Journal
from batch_editor.messages import say
from batch_editor.model import RunState
from batch_editor.runs.unfinished import dismiss_runs
from batch_editor.sandbox import Sandbox
from batch_editor.settings.settings import Settings
from batch_editor.stop import Stop

MEGABYTE = 1 << 20


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "state").mkdir()
    return Settings(state_dir=tmp_path / "state", results_dir=tmp_path / "results")


def full(folder: Path) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def keys(checks: list[Check], name: str) -> list[str]:
    return [check.message.key for check in checks if check.name == name]


def test_a_full_disk_is_called_that_for_each_folder(settings: Settings) -> None:
    checks = storage.look(settings, probe=full).checks
    assert [check.message.values["which"] for check in checks if check.message.key == "doctor.disk.full"] == [
        "state_dir",
        "temp",
        "results_dir",
    ]
    assert {check.verdict for check in checks if check.name in ("rate", "journal", "runs")} == {Verdict.NOT_LOOKED_AT}


@pytest.mark.parametrize(
    ("free", "verdict"), [(10 * MEGABYTE, Verdict.BAD), (100 * MEGABYTE, Verdict.WARNING), (1000 * MEGABYTE, Verdict.OK)]
)
def test_a_disk_with_little_room_is_told(settings: Settings, free: int, verdict: Verdict) -> None:
    checks = storage.look(settings, usage=lambda folder: (free, 0, free)).checks
    assert {check.verdict for check in checks if check.name == "disk"} == {verdict}


def test_what_is_written_to_see_whether_it_can_be_is_gone(settings: Settings, tmp_path: Path) -> None:
    storage.look(settings)
    assert list((tmp_path / "state").iterdir()) == [] and not (tmp_path / "results").exists()


def test_runs_that_wait_for_somebody_are_named(settings: Settings) -> None:
    path = settings.state_dir / "journal.sqlite3"
    with Journal(path) as journal:
        name = new_run(journal, [11])
        journal.of(name).set_state(RunState.STOPPED)
    (check,) = [check for check in storage.look(settings).checks if check.name == "runs"]
    assert (check.verdict, check.message.values["names"]) == (Verdict.WARNING, name)
    assert check.next_step is not None
    for lang in ("en", "zh"):
        words = say(check.next_step, lang)  # type: ignore[arg-type]
        assert f"batch-editor resume {name}" in words and f"batch-editor runs --dismiss {name}" in words


def test_runs_that_wait_for_nobody_are_not_named(tmp_path: Path) -> None:
    """A later run has sent the same rows, somebody has dismissed it, or it was for a proof alone."""
    with Sandbox(access_token=jobs.TOKEN, accept_any_clue=True) as crm:
        settings = jobs.settings(tmp_path, crm.url)
        for name, options in (("done.csv", {}), ("dismissed.csv", {}), ("waits.csv", {}), ("proof.csv", {"prove_only": True})):
            stop = Stop()
            edits = jobs.sheet(tmp_path, [11, 12], name)
            report = job.run(edits, settings, stop=stop, confirm=lambda _, stop=stop: not stop.ask(), **options)
            if name == "done.csv":
                job.run(edits, settings, new=True)
            if name == "dismissed.csv":
                dismiss_runs([str(report.run)], settings)
            if name == "waits.csv":
                waiting = report.run
        (check,) = [check for check in storage.look(settings).checks if check.name == "runs"]
    assert check.message.values["names"] == waiting


def test_a_lock_that_somebody_keeps_is_told(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "_LOCK", 0.05)
    file = record_path(settings.state_dir, settings, "")
    open_record(settings.limits, file).close()
    with FileLock(f"{file}.lock", thread_local=False).acquire():
        assert keys(storage.look(settings).checks, "rate") == ["doctor.rate.stuck"]


def test_locks_that_keep_nobody_out_are_told(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "exclude_each_other", lambda folder: False)
    seen = storage.look(settings)
    assert keys(seen.checks, "rate") == ["doctor.rate.no_locks"] and seen.record is None


@pytest.mark.parametrize(("kind", "share"), [("nfs4", "nfs4"), ("cifs", "cifs"), ("fuse.sshfs", "fuse.sshfs"), ("ext4", "")])
@pytest.mark.skipif(os.name == "nt", reason="Windows tells it of each drive")
def test_a_share_of_the_network_is_told_from_a_disk(tmp_path: Path, kind: str, share: str) -> None:
    place = tmp_path / "the share"
    place.mkdir()
    mounts = tmp_path / "mounts"
    lines = ["/dev/sda1 / ext4 rw 0 0", f"server:/x {str(place.resolve()).replace(' ', chr(92) + '040')} {kind} rw 0 0"]
    mounts.write_text("\n".join(lines), encoding="utf-8")
    assert share_of(place / "state", mounts) == share
    assert share_of(tmp_path, mounts) == ""


def test_a_journal_and_a_record_on_a_share_are_warned_of(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shares, "_MOUNTS", Path(os.devnull))
    monkeypatch.setattr(storage, "share_of", lambda folder: "nfs4")
    Journal(settings.state_dir / "journal.sqlite3").close()
    seen = storage.look(settings)
    assert keys(seen.checks, "rate") + keys(seen.checks, "journal") == ["doctor.rate.share", "doctor.journal.share"]
    assert seen.record == settings.state_dir


def test_a_journal_of_an_older_version_is_not_opened(settings: Settings) -> None:
    path = settings.state_dir / "journal.sqlite3"
    path.write_bytes((Path(__file__).parent.parent / "journal" / "files" / "v7.sqlite3").read_bytes())
    before = path.read_bytes()
    seen = storage.look(settings)
    assert keys(seen.checks, "journal") == ["doctor.journal.older"] and path.read_bytes() == before
