"""The permits of one tenant whose rate several hosts share: one statement each, by the clock of the database (guide: cluster).

A permit says after how many seconds a request may go out. It is given to nobody without the lease that belongs to it. What a
permit is worth by the time that the request goes out, and who waits for it how, is left to ``crm/shared_pace``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .leases import Lease

if TYPE_CHECKING:  # which imports its driver
    from .postgres_store import PostgresStore

#: Permits are given at most so many seconds ahead. Who would have to wait longer asks again later: a process that ends while it
#: waits, or whose limits were set too low by mistake, leaves no more than that to those that come after it.
AHEAD = 10.0
#: The share of the rate that it is never lowered below.
LEAST_SHARE = 1 / 16


@dataclass(frozen=True, slots=True)
class Asked:
    """What a permit is asked for with: at most ``counts[i]`` in any ``windows[i]`` seconds, each used up to ``late`` seconds
    after its moment, which is not before ``earliest``; that holds until the moment ``until``. ``counts`` is None where there
    are no limits.

    Any limit looks back at ``most`` permits and at ``span`` seconds. ``kept`` is the number of a permit that the caller has,
    and keeps if it is still good; ``used`` are those that it has used since it asked last, and how many seconds after their
    moment at most. Moments are those of the database.
    """

    counts: Sequence[int] | None
    windows: Sequence[float]
    most: int
    span: float
    late: float
    earliest: float | None = None
    until: float = math.inf
    kept: int | None = None
    used: Sequence[tuple[int, float]] = ()


@dataclass(frozen=True, slots=True)
class Granted:
    """What the database says: the permit's ``number``, None where it has to be asked for again later, after how many seconds it
    may be used (``wait``), and after how many no longer (``good_for``; None if it is none). It was ``clock`` there.

    ``lease`` is for how many seconds the lease lasts, None without one. ``reason`` says why it has to be waited for: ``lost``
    if there is no lease any more, ``held``, ``full`` where only a longer window is in the way, ``shared`` where another run
    takes permits as well, else ``rate``. ``share`` is the share of the rate that is used.
    """

    number: int | None
    wait: float
    good_for: float | None
    lease: float | None
    reason: str
    share: float
    clock: float


class Permits:
    """The permits of a ``tenant`` for one run, or for requests of no run: with a ``lease``, for one of its shards.

    Raises ``DatabaseAway`` where the database cannot be reached now.
    """

    def __init__(self, store: PostgresStore, tenant: str, run_id: int | None, lease: Lease | None = None) -> None:
        self._store = store
        self._tenant = tenant
        self._run_id = run_id
        self.lease = lease

    def take(self, asked: Asked, went_well: int = 0) -> Granted | None:
        """Returns the next permit, or ``asked.kept``; None where the lease is lost. ``went_well`` is how many edits were
        confirmed since that was last told."""
        places = "?, ?::BIGINT[], ?::FLOAT8[], ?, ?, ?, ?, ?, ?, ?, ?::BIGINT[], ?::FLOAT8[], ?, ?, ?, ?"
        sql = f"SELECT * FROM take_permit({places})"  # noqa: S608  # places alone
        counts = None if asked.counts is None else list(asked.counts)
        limits = (counts, list(asked.windows), asked.most, asked.span, asked.late)
        when = (asked.earliest, asked.until, AHEAD, asked.kept)
        known = ([number for number, _ in asked.used], [lateness for _, lateness in asked.used], went_well)
        lease = (self.lease.shard, self.lease.epoch) if self.lease else (None, None)
        granted = Granted(*self._store.ask(sql, self._tenant, *limits, *when, *known, self._run_id, *lease))
        return granted if granted.reason != "lost" else None

    def used_late(self, number: int, counts: Sequence[int], windows: Sequence[float]) -> None:
        """Takes notice that a permit was used just now, and too late, be there a lease or not; ``counts`` and ``windows`` as in
        ``Asked``."""
        sql = "SELECT use_later(?, ?, clock_seconds(), ?::BIGINT[], ?::FLOAT8[])"
        self._store.ask(sql, self._tenant, number, list(counts), list(windows))

    def clock(self) -> float:
        """Returns the moment by the database's clock."""
        (clock,) = self._store.ask("SELECT clock_seconds()")
        return float(clock)

    def hold(self, seconds: float) -> None:
        """Lets nobody of the tenant have a permit for so many ``seconds`` (at most a day), not even who waits already; never
        shortens a longer hold."""
        self._store.ask("SELECT hold_pace(?, ?)", self._tenant, seconds)

    def too_fast(self, went_well: int) -> float | None:
        """Takes notice that the CRM said "too fast", once for each pause, whoever hears of it. Returns the new share of the
        rate if it is lowered now; ``went_well`` as for ``take``."""
        (share,) = self._store.ask("SELECT complain(?, ?, ?)", self._tenant, LEAST_SHARE, went_well)
        return None if share is None else float(share)
