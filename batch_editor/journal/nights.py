"""The nights that the journal knows: each start of a command that nobody watches, by the series to which it belongs.

A night is written down when it begins, and once more when it ends. While it is under way its process holds a lock, so that one
whose process was killed can be told from one that goes on. What a night means, and who is told of it, is left to ``notify/``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .columns import from_json, path_from_text, path_to_text, to_json
from .locks import RunLocks
from .row_pages import literal
from .store import Store
from .times import moment_of, text_of

if TYPE_CHECKING:
    from .advisory_locks import AdvisoryLocks


@dataclass(frozen=True, slots=True)
class PastNight:
    """A night as the journal knows it; ``began`` and ``ended`` are ISO 8601 with their offset.

    ``run`` is the name of its run, if it came to one, ``counts`` how many rows had which status. ``told`` are the words for
    what was told of it. Without ``ended`` its process was cut off before it could write down how it ended.
    """

    id: int
    series: str
    began: str
    ended: str | None
    source: str
    run: str | None
    exit_code: int | None
    reason: str | None
    counts: Mapping[str, int]
    told: Sequence[str]

    @property
    def is_well(self) -> bool:
        """Whether it ended, and ended well."""
        return self.exit_code == 0


class Nights:
    """The nights in the journal: written by whoever has one, read by whoever asks what the last ones came to."""

    def __init__(self, store: Store, locks: RunLocks | AdvisoryLocks) -> None:
        self._store = store
        self._locks = locks

    def forget(self, series: str, before: datetime) -> None:
        """Forgets the nights of a series that began ``before``, but for the last one and the last one that ended well."""
        latest = "SELECT max(id) FROM nights WHERE series = ?"
        self._store.change(
            f"DELETE FROM nights WHERE series = ? AND began < ? AND id NOT IN ({latest})"  # noqa: S608  # a text of ours
            f" AND id NOT IN (SELECT coalesce(max(id), 0) FROM nights WHERE series = ? AND exit_code = 0)",
            [(text := path_to_text(series), int(before.timestamp()), text, text)],
        )

    def begin(self, series: str, source: str, when: datetime) -> int:
        """Writes down that a night begins, which this process has from here on, and returns its number."""
        sql = "INSERT INTO nights (id, series, source, began, began_offset) VALUES (?, ?, ?, ?, ?)"
        with self._store.alone():
            ((latest,),) = self._store.find("SELECT coalesce(max(id), 0) FROM nights")
            night = int(latest) + 1
            self._locks.acquire(_lock_of(night))  # before anybody can see it, and take it for one that was cut off
            self._store.change(sql, [(night, path_to_text(series), path_to_text(source), *_moment(when))])
        return night

    def end(
        self,
        night: int,
        when: datetime,
        *,
        exit_code: int,
        reason: str | None = None,
        run: str | None = None,
        counts: Mapping[str, int] | None = None,
    ) -> None:
        """Writes down how a night of this process has ended."""
        sql = "UPDATE nights SET ended = ?, ended_offset = ?, exit_code = ?, reason = ?, run = ?, counts = ? WHERE id = ?"
        self._store.change(sql, [(*_moment(when), exit_code, reason, run, to_json({**(counts or {})}), night)])
        self._locks.forget(_lock_of(night))

    def mark_told(self, night: int, words: Iterable[str]) -> None:
        """Keeps what was told of a night."""
        self._store.change("UPDATE nights SET told = ? WHERE id = ?", [(to_json([*words]), night)])

    def last(self, series: str, *, before: int | None = None) -> PastNight | None:
        """Returns the latest night of the series, of those that began before the night ``before``; None if there is none.

        One that is still under way in some process is left out.
        """
        where = "WHERE series = ?"
        values = [path_to_text(series)]
        sql = f"{_SELECT} {where}" + (" AND id < ?" if before is not None else "") + " ORDER BY id DESC LIMIT ?"
        number = 1
        while True:  # more of them only where the latest ones are under way
            rows = self._store.find(sql, *values, *(() if before is None else (before,)), number)
            for row in rows:
                night = _night(row)
                if not self.is_under_way(night):
                    return night
            if len(rows) < number:
                return None
            number *= 8

    def since(self, series: str, moment: datetime) -> list[PastNight]:
        """Returns the nights of the series that have begun at the ``moment`` or later, the first of them first."""
        seconds, _ = _moment(moment)
        return [
            _night(row)
            for row in self._store.find(f"{_SELECT} WHERE series = ? AND began >= ? ORDER BY id", path_to_text(series), seconds)
        ]

    def cut_off(self, series: str, *, before: int) -> list[PastNight]:
        """Returns the nights of the series before the night ``before`` that ended without a word and were not told yet."""
        sql = f"{_SELECT} WHERE series = ? AND id < ? AND ended IS NULL AND told = '' ORDER BY id"
        nights = [_night(row) for row in self._store.find(sql, path_to_text(series), before)]
        return [night for night in nights if not self.is_under_way(night)]

    def last_told(self, series: str, *words: str, before: int | None = None) -> PastNight | None:
        """Returns the latest night of the series of which one of the ``words`` was told, of those that began before the night
        ``before``; None if there is none."""
        is_told = " OR ".join(["told LIKE ? ESCAPE '!'"] * len(words))
        sql = f"{_SELECT} WHERE series = ? AND ({is_told})" + (" AND id < ?" if before is not None else "")
        values = [
            path_to_text(series),
            *(f"%{literal(to_json(word))}%" for word in words),
            *(() if before is None else (before,)),
        ]
        rows = self._store.find(f"{sql} ORDER BY id DESC LIMIT 1", *values)
        return _night(rows[0]) if rows else None

    def last_success(self, series: str) -> float:
        """Returns when a night of the series last ended well, in seconds since 1970; 0 if none has. A night that is about
        the folder of an inbox, and about no sheet, does not count."""
        sql = "SELECT coalesce(max(ended), 0) FROM nights WHERE series = ? AND exit_code = 0 AND source <> series"
        ((seconds,),) = self._store.find(sql, path_to_text(series))
        return float(seconds)

    def first(self, series: str) -> PastNight | None:
        """Returns the first night of the series that is known; None if there is none."""
        rows = self._store.find(f"{_SELECT} WHERE series = ? ORDER BY id LIMIT 1", path_to_text(series))
        return _night(rows[0]) if rows else None

    def last_of_sheets(self, series: str) -> PastNight | None:
        """Returns the latest night of an inbox that was about a sheet, and not about its folder; None if there is none."""
        sql = f"{_SELECT} WHERE series = ? AND source <> series ORDER BY id DESC LIMIT 1"
        rows = self._store.find(sql, path_to_text(series))
        return _night(rows[0]) if rows else None

    def is_under_way(self, night: PastNight) -> bool:
        """Returns whether a process, this one or another, is still at work on the night."""
        return night.ended is None and self._locks.is_held(_lock_of(night.id))


def _moment(when: datetime) -> tuple[int | None, int | None]:
    return moment_of(when.isoformat(timespec="seconds"))[:2]


def _lock_of(night: int) -> str:
    return f"night-{night}"


_COLUMNS = "id, series, began, began_offset, ended, ended_offset, source, run, exit_code, reason, counts, told"
_SELECT = f"SELECT {_COLUMNS} FROM nights"  # noqa: S608  # names of ours


def _night(columns: tuple[Any, ...]) -> PastNight:
    number, series, began, began_offset, ended, ended_offset, source, run, exit_code, reason, counts, told = columns
    return PastNight(
        number,
        path_from_text(series),
        text_of(began, began_offset, ""),
        text_of(ended, ended_offset, "") or None,
        path_from_text(source),
        run,
        exit_code,
        reason,
        from_json(counts) if counts else {},
        from_json(told) if told else (),
    )
