"""Permits a second where several hosts share the rate of each tenant, beside those of one machine (guide: cluster).

Nobody has to wait for a permit: what is measured is what taking one takes. The server is that of the tests, which waits for the
disk, on this machine; as many threads as ``--threads`` take permits, of one tenant or of many in turn.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import rig

sys.path.insert(0, str(Path(__file__).parents[1]))  # the tests' own, where this is started alone
from support.postgres import Postgres, migrated

_MANY = 1_000_000


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tenants", type=int, nargs="+", default=[1, 10, 100])
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--repeat", type=int, default=3)
    given = parser.parse_args()
    print(f"permits: {given.threads} threads of one process, {given.repeat} times {given.seconds:g} s")
    alone = rig.median([of_file(given.threads, given.seconds) for _ in range(given.repeat)])
    rig.figure("a second, of one machine with its file", f"{alone:,.0f}")
    with Postgres(is_safe=True) as server:
        migrated(server.dsn)
        for tenants in given.tenants:
            shared = rig.median([of_database(server.dsn, tenants, given.threads, given.seconds) for _ in range(given.repeat)])
            rig.figure(f"a second, of PostgreSQL, {tenants} tenants", f"{shared:,.0f}")
            rig.figure(f"{tenants} tenants: times as many as of the file", f"{shared / alone:.2f}")


def of_file(threads: int, seconds: float) -> float:
    """Permits a second from the record of one machine."""
    from batch_editor.crm.pace import Pace, open_record
    from batch_editor.settings.limits import Limit

    limits, stop = [Limit(_MANY, 1.0)], threading.Event()
    with (
        tempfile.TemporaryDirectory(prefix="benchmark-") as name,
        Pace(limits, record=open_record(limits, Path(name) / "pace")) as pace,
    ):

        def take() -> None:
            pace.acquire(stop)
            pace.used()

        return rate_of(itertools.repeat(take), threads, seconds)


def of_database(dsn: str, tenants: int, threads: int, seconds: float) -> float:
    """Permits a second from the database, of so many tenants in turn."""
    from batch_editor.journal.permits import Asked, Permits
    from batch_editor.journal.postgres_store import PostgresStore
    from batch_editor.journal.server import Server

    asked = Asked([_MANY], [1.0], _MANY, 1.0, 0.01)
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        store = PostgresStore(Server(dsn, Path(name)))
        of_tenants = [Permits(store, f"tenant-{number}", None) for number in range(tenants)]
        try:
            return rate_of(itertools.cycle([lambda one=one: one.take(asked) for one in of_tenants]), threads, seconds)
        finally:
            store.close()


def rate_of(takes: Iterator[Callable[[], object]], threads: int, seconds: float) -> float:
    """How many of ``takes`` so many threads do in a second."""
    lock, ends, counts = threading.Lock(), time.monotonic() + seconds, [0] * threads
    began = time.monotonic()

    def work(number: int) -> None:
        while time.monotonic() < ends:
            with lock:
                take = next(takes)
            take()
            counts[number] += 1

    working = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for thread in working:
        thread.start()
    for thread in working:
        thread.join()
    return sum(counts) / (time.monotonic() - began)


if __name__ == "__main__":
    main()
