"""Looks at what is kept on this computer: disks, the record of the permitted rate, the journal and its runs.

Nothing is changed: what is written to see whether something can be written is removed again, and a journal of another version
is not opened.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..crm.connection import record_path
from ..crm.pace_file import is_damaged
from ..errors import BatchEditorError, reason_in
from ..job import JOURNAL, open_journal
from ..journal.locks import exclude_each_other, is_stuck
from ..journal.look import VERSION, latest_clue, look_at
from ..model import Message
from ..runs.unfinished import unfinished_runs
from ..settings.sections import Rate
from ..settings.settings import Settings, app_of
from . import database
from .checks import Check, Verdict, bad, not_looked_at, passed_on, waiting, warning, well
from .shares import share_of

#: Bytes below which a disk is full before the night is over, and below which somebody should know.
LEAST = 50 << 20
LITTLE = 500 << 20
#: Bytes that are written, and removed again, to see whether anything can be written.
_PROBE = 1 << 16
#: Seconds for which the journal is looked through, and for which somebody may hold a lock.
_LOOK = 5.0
_LOCK = 3.0
#: So many runs are named.
_MOST_RUNS = 3


@dataclass(frozen=True, slots=True)
class Kept:
    """What was seen: the ``checks``, the folder of the rate's record if that can be shared, and the ``clue`` that a run has
    updated last."""

    checks: list[Check]
    record: Path | None = None
    clue: int | None = None


def look(
    settings: Settings,
    *,
    usage: Callable[[Path], tuple[int, int, int]] = shutil.disk_usage,
    probe: Callable[[Path], None] | None = None,
) -> Kept:
    """Looks at the disks, and at what the state folder holds. ``usage`` tells the size of a disk, and what of it is used and
    free; ``probe`` writes something into a folder and removes it, and raises ``OSError``."""
    folders = {"state_dir": settings.state_dir, "temp": Path(tempfile.gettempdir())}
    if settings.results_dir is not None:
        folders["results_dir"] = settings.results_dir
    checks = list(_disks(folders, usage, probe or write_probe))
    if any(check.verdict is Verdict.BAD and check.message.values.get("which") == "state_dir" for check in checks):
        return Kept([*checks, *waiting(("rate", "journal", "runs"), "disk")])
    if settings.journal is not None:
        of_database, clue = database.look(settings)
        return Kept([*checks, _shared_rate(settings), *of_database], None, clue)
    rate = list(_rate(settings))
    journal, clue = _journal(settings)
    is_usable = all(check.verdict is Verdict.OK or check.message.key == "doctor.rate.share" for check in rate)
    return Kept([*checks, *rate, *journal], settings.state_dir if is_usable else None, clue)


def write_probe(folder: Path) -> None:
    """Writes a file into ``folder`` and removes it. Raises ``OSError``."""
    with tempfile.TemporaryFile(dir=folder, prefix=".write-probe-") as opened:  # gone with this process at the latest
        opened.write(bytes(_PROBE))
        opened.flush()
        os.fsync(opened.fileno())


def _disks(
    folders: Mapping[str, Path], usage: Callable[[Path], tuple[int, int, int]], probe: Callable[[Path], None]
) -> Iterator[Check]:
    """Yields what is wrong with the disks of ``folders``, else that all of them are well."""
    checks = list[Check]()
    least = None
    for which, folder in folders.items():
        values = {"which": which, "folder": folder}
        try:
            place = _nearest(folder)
            if not place.is_dir():
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
            probe(place)
            free = usage(place)[2]
        except OSError as error:
            is_full = error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
            checks.append(
                bad("disk", "doctor.disk.full" if is_full else "doctor.disk.unwritable", **values, reason=reason_in(error))
            )
            continue
        least = free if least is None else min(free, least)
        if free < LITTLE:
            checks.append((bad if free < LEAST else warning)("disk", "doctor.disk.little", **values, megabytes=free >> 20))
    yield from checks or [well("disk", "doctor.disk.free", megabytes=(least or 0) >> 20)]


def _nearest(folder: Path) -> Path:
    """Returns ``folder``, or the one above it in which it would be made."""
    folder = folder.absolute()
    while not os.path.lexists(folder) and folder != folder.parent:
        folder = folder.parent
    return folder


def _rate(settings: Settings) -> Iterator[Check]:
    """Yields what is to be said of the record of the permitted rate."""
    if not settings.limits:
        yield well("rate", "doctor.rate.no_limit")
        return
    file = record_path(settings.state_dir, settings, app_of(settings))
    if share := share_of(settings.state_dir):
        yield warning("rate", "doctor.rate.share", folder=settings.state_dir, kind=share)
        return
    if not settings.state_dir.exists():
        yield well("rate", "doctor.rate.new", file=file)
        return
    try:
        if not exclude_each_other(settings.state_dir):
            yield bad("rate", "doctor.rate.no_locks", folder=settings.state_dir)
        elif is_stuck(Path(f"{file}.lock"), _LOCK):
            yield bad("rate", "doctor.rate.stuck", file=file)
        elif not file.exists():
            yield well("rate", "doctor.rate.new", file=file)
        elif is_damaged(file) and is_damaged(file):  # somebody may have written to it while it was read
            yield warning("rate", "doctor.rate.damaged", file=file)
        else:
            yield well("rate", "doctor.rate.good", limits=", ".join(_limits(settings.rate)))
    except OSError as error:
        yield bad("rate", "doctor.rate.unusable", file=file, reason=reason_in(error))


def _shared_rate(settings: Settings) -> Check:
    """Returns what is to be said of a rate that is kept in the database of the journal."""
    if not settings.limits:
        return well("rate", "doctor.rate.no_limit")
    return well("rate", "doctor.rate.shared", limits=", ".join(_limits(settings.rate)))


def _limits(rate: Rate) -> Iterator[str]:
    yield from rate.limits
    if (quiet := rate.quiet_hours) is not None:
        yield from (f"{quiet.begins}-{quiet.ends}: {limit}" for limit in quiet.limits)


def _journal(settings: Settings) -> tuple[list[Check], int | None]:
    """Returns what is to be said of the journal and its runs, and the clue that a run has updated last."""
    path = settings.state_dir / JOURNAL
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        return [well("journal", "doctor.journal.new", path=path), well("runs", "doctor.runs.none")], None
    except OSError as error:
        return [
            bad("journal", "doctor.journal.unreadable", path=path, reason=reason_in(error)),
            *waiting(("runs",), "journal"),
        ], None
    trouble = _of_file(path)
    if trouble is not None:
        return [trouble, *waiting(("runs",), "journal")], None
    look = look_at(path, _LOOK)
    if look.locked:
        trouble = passed_on("journal", Message("journal.locked", {"path": path}))
    elif look.flaw:
        trouble = bad("journal", "doctor.journal.damaged", path=path, reason=look.flaw)
    elif look.error:
        trouble = bad("journal", "doctor.journal.unreadable", path=path, reason=look.error)
    elif look.version > VERSION:
        trouble = passed_on("journal", Message("journal.newer", {"path": path}))
    if trouble is not None:
        return [trouble, *waiting(("runs",), "journal")], None
    if look.version < VERSION:
        return [
            well("journal", "doctor.journal.older" if look.version else "doctor.journal.new", path=path),
            not_looked_at("runs", "doctor.runs.older"),
        ], None
    megabytes = f"{size / (1 << 20):.1f}"
    try:
        runs = _runs(settings)
    except BatchEditorError as error:
        return [passed_on("journal", error.message), *waiting(("runs",), "journal")], None
    if share := share_of(path.parent):
        return [warning("journal", "doctor.journal.share", path=path, kind=share), *runs], latest_clue(path)
    key = "doctor.journal.good" if look.is_whole else "doctor.journal.long"
    return [well("journal", key, path=path, megabytes=megabytes), *runs], latest_clue(path)


def _of_file(path: Path) -> Check | None:
    """Returns what keeps the journal from being opened at all."""
    if not path.is_file():
        return bad("journal", "doctor.journal.no_file", path=path)
    if not os.access(path, os.R_OK | os.W_OK):
        return bad("journal", "doctor.journal.no_access", path=path)
    return None


def _runs(settings: Settings) -> list[Check]:
    """Returns which runs wait for somebody: those that each night tells of, and those by hand. Raises what opening the journal
    raises."""
    with open_journal(settings) as journal:
        waiting = unfinished_runs(journal, None, settings)
    if not waiting:
        return [well("runs", "doctor.runs.none")]
    runs = waiting[::-1]  # the latest first
    names = ", ".join(of.run.name for of in runs[:_MOST_RUNS]) + (", …" if len(runs) > _MOST_RUNS else "")
    return [warning("runs", "doctor.runs.unfinished", count=len(runs), names=names, latest=runs[0].run.name)]
