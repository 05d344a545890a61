"""The files that this program has written or moved: where each lies, and what it looked like then.

A file that looks different by now was changed by somebody. What follows from that is left to whoever asks.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime

from .columns import path_from_text, path_to_text
from .store import Store
from .times import seconds_of


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file that this program has written or moved: its ``stamp`` says what it looked like, ``run`` which run it is about."""

    path: str
    stamp: str
    run: str | None


class KnownFiles:
    """The files in the journal, by their paths."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def remember(self, path: str, stamp: str, *, run: str | None, series: str = "") -> None:
        """Keeps that a file was written, and what it looks like; what any run but ``run`` has written there is gone.

        It belongs to the nights of the ``series``, else to those of its run, if that is one of them.
        """
        text = path_to_text(path)
        rows = self._store.find("SELECT series FROM runs WHERE name = ?", run) if run and not series else []
        self._store.change(
            "INSERT INTO files (path, stamp, written, run, series) VALUES (?, ?, ?, ?, ?) ON CONFLICT (path) DO UPDATE SET"
            " stamp = excluded.stamp, written = excluded.written, run = excluded.run, series = excluded.series",
            [(text, stamp, seconds_of(self._store.now()), run, rows[0][0] if rows else path_to_text(series))],
        )
        self._store.change("UPDATE runs SET results = NULL, stamp = NULL WHERE results = ? AND name <> ?", [(text, run or "")])

    def of_nights(self, series: str, before: datetime) -> list[KnownFile]:
        """Returns the files that nights of a series have written or moved ``before``, the oldest first."""
        sql = "SELECT path, stamp, run FROM files WHERE series = ? AND written < ? ORDER BY written, path"
        rows = self._store.find(sql, path_to_text(series), int(before.timestamp()))
        return [KnownFile(path_from_text(path), stamp, run) for path, stamp, run in rows]

    def forget(self, path: str) -> None:
        """Forgets that a file was written: it is not ours any more, or not there."""
        self._store.change("DELETE FROM files WHERE path = ?", [(path_to_text(path),)])

    def forget_old(self, before: datetime) -> None:
        """Forgets the files that were written ``before``, but for those of nights that are still there: ``keep`` is to remove
        them one day."""
        moment = int(before.timestamp())
        of_nights = self._store.find("SELECT path FROM files WHERE written < ? AND series <> ''", moment)
        self._store.change("DELETE FROM files WHERE written < ? AND series = ''", [(moment,)])
        gone = [(text,) for (text,) in of_nights if not os.path.lexists(path_from_text(text))]
        self._store.change("DELETE FROM files WHERE path = ?", gone)

    def stamp_of(self, path: str) -> str | None:
        """Returns what the file at ``path`` looked like when this program wrote it; None if it never did."""
        stamps = self._store.find("SELECT stamp FROM files WHERE path = ?", path_to_text(path))
        return stamps[0][0] if stamps else None
