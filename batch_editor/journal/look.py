"""Looks at the journal's file and changes nothing: what a program may want to know before it opens it, or where it cannot.

What a file of an older or a newer version means, and what to say of it, is left to whoever asks.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from .schema import VERSION as VERSION

#: How many steps of SQLite pass between two looks at the clock.
_STEPS = 10_000
#: Seconds for which another program may keep the file.
_BUSY = 2.0


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen: ``version`` of the tables, ``flaw`` (what SQLite says of damage, "" for none), whether all of the file was
    looked through, whether it is kept ``locked`` by another program, and ``error``, if it could not be read."""

    version: int = 0
    flaw: str = ""
    is_whole: bool = True
    locked: bool = False
    error: str = ""


def look_at(path: Path, seconds: float) -> Look:
    """Looks at the file ``path``, which must be there, for at most so many ``seconds``."""
    until = time.monotonic() + seconds
    try:
        with closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=_BUSY, isolation_level=None)
        ) as file:
            version = int(file.execute("PRAGMA user_version").fetchone()[0])
            file.execute("BEGIN IMMEDIATE")
            file.execute("ROLLBACK")
            file.set_progress_handler(lambda: int(time.monotonic() > until), _STEPS)
            try:
                (answer,) = file.execute("PRAGMA quick_check(1)").fetchone()
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_INTERRUPT:
                    raise
                return Look(version, is_whole=False)
            return Look(version, flaw="" if answer == "ok" else str(answer))
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return Look(locked=True)
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            return Look(flaw=str(error))
        return Look(error=str(error))


def latest_clue(path: Path) -> int | None:
    """Returns the clue of the latest row that was updated, in a file of this version; None if there is none."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=_BUSY)) as file:
        row = file.execute(
            "SELECT clue FROM rows WHERE status IN ('updated', 'unchanged') AND clue IS NOT NULL"
            " ORDER BY run DESC, row DESC LIMIT 1"
        ).fetchone()
    return None if row is None else int(row[0])
