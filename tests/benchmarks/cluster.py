"""Several workers on one PostgreSQL, beside the single process on SQLite (guide: cluster). The server is that of the tests.

Printed are rows a second with 1 to 4 workers; how long a run of 20 rows takes beside a large one of another tenant and of the
same; how long after a kill another worker sends the first of the rows that were left; and the bytes that a row takes. All
processes share the processors of this machine: on several machines each worker has its own.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import rig

sys.path.insert(0, str(Path(__file__).parents[1]))  # the tests' own, where this is started alone
from support.clusters import Cluster, Sheet, Worker
from support.postgres import Postgres, migrated
from support.recording import RecordingCrm, Tenant

#: Nothing that is measured ends by it.
PATIENCE = 3600.0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=2000, help="rows of a run whose speed is measured [2000]")
    parser.add_argument("--large", type=int, default=100_000, help="rows of the large run [100000]")
    parser.add_argument("--latency", type=float, default=0.02, help="seconds the CRM takes to answer [0.02]")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--parts", nargs="+", default=["speed", "beside", "recovery"], choices=["speed", "beside", "recovery"])
    given = parser.parse_args()
    print(f"cluster: {1000 * given.latency:g} ms latency, 8 senders for each shard, a PostgreSQL that waits for the disk")
    if "speed" in given.parts:
        speed(given.rows, given.latency, given.repeat)
    if "beside" in given.parts:
        beside(given.large, given.latency)
    if "recovery" in given.parts:
        recovery(given.latency, given.repeat)


@contextmanager
def site(latency: float, rate: int, **options: Any) -> Iterator[Cluster]:
    """Two tenants of ``rate`` a second, on a server that waits for the disk."""
    tenants = [Tenant(name, f"token-of-{name}", ((rate, 1.0),), latency) for name in ("acme", "globex")]
    with (
        tempfile.TemporaryDirectory(prefix="benchmark-") as name,
        Postgres(is_safe=True) as server,
        RecordingCrm(*tenants) as crm,
    ):
        migrated(server.dsn)
        yield Cluster(Path(name), server.dsn, crm, concurrency=8, **options)


@contextmanager
def workers(cluster: Cluster, *names: str) -> Iterator[list[Worker]]:
    """Workers that are ready; they end afterwards."""
    started: list[Worker] = []
    try:
        started += [Worker(cluster, name) for name in names]
        cluster.until(lambda: all(worker.log for worker in started))
        yield started
    finally:
        for worker in started:
            worker.kill()


def speed(rows: int, latency: float, repeat: int) -> None:
    """Rows a second, from the first arrival to the last; in each repetition by all in turn."""
    kinds: dict[str, list[float]] = {"one process on SQLite": []} | {f"{count} workers": [] for count in range(1, 5)}
    with site(latency, 5000, lease=15.0, shards=1, rows_per_shard=rows // 16) as cluster:
        numbers = iter(range(10**6))
        for _ in range(repeat):
            of_file = [sys.executable, "-m", "batch_editor"]
            kinds["one process on SQLite"].append(_rate(cluster, _sheet("acme", next(numbers), rows), of_file))
            for count in range(1, 5):
                with workers(cluster, *(f"w{next(numbers)}" for _ in range(count))):
                    kinds[f"{count} workers"].append(_rate(cluster, _sheet("acme", next(numbers), rows)))
    single = kinds["one process on SQLite"]
    for kind, rates in kinds.items():
        ratios = [rate / alone for rate, alone in zip(rates, single, strict=True)]
        rig.figure(f"rows a second, {kind}", f"{rig.median(rates):.0f}", f"{rig.median(ratios):.2f} of the single one")


def _rate(cluster: Cluster, sheet: Sheet, of_file: Sequence[str] = ()) -> float:
    """Rows a second by the CRM's clock: sent by the workers, or by a single process with a file for its journal."""
    before = len(cluster.crm[sheet.tenant].arrivals)
    if of_file:
        path = sheet.write(cluster.folder / sheet.tenant)
        done = cluster.command(sheet.tenant, "run", path.name, "--yes", "--quiet", "--config", str(_without_server(cluster)))
        _expect(done.code, 0)
    else:
        cluster.plan(sheet)
        cluster.until_over(sheet, seconds=PATIENCE)
    moments = [arrival.moment for arrival in cluster.crm[sheet.tenant].arrivals[before:]]
    _expect(len(moments), len(sheet.clues))
    return (len(moments) - 1) / (max(moments) - min(moments))


def _without_server(cluster: Cluster) -> Path:
    folder = cluster.folder / "acme"
    text = (folder / "config.yaml").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("journal:")]
    path = folder / "of_file.yaml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def beside(large: int, latency: float) -> None:
    """How long 20 rows take from the command to its end, alone and beside ``large`` rows that are being sent, and the bytes
    that a row of these takes in the database."""
    with site(latency, 50, lease=15.0, shards=2, rows_per_shard=500) as cluster, workers(cluster, "one", "two"):
        numbers = iter(range(1, 10**6))
        alone = _seconds(lambda: _run(cluster, _sheet("acme", next(numbers), 20)))
        size = "SELECT pg_database_size(current_database())"
        before = cluster.select(size)[0][0]
        began = time.perf_counter()
        cluster.plan(_sheet("globex", 0, large))
        rig.figure(f"{large} rows are planned and cut", f"{time.perf_counter() - began:.1f} s")
        rig.figure("bytes a row in PostgreSQL", f"{(cluster.select(size)[0][0] - before) / large:.0f}")
        cluster.until(lambda: len(cluster.crm["globex"].arrivals) > 200, PATIENCE)
        for tenant, which in (("acme", "another tenant"), ("globex", "the same tenant")):
            taken = _seconds(lambda tenant=tenant: _run(cluster, _sheet(tenant, next(numbers), 20)))  # type: ignore[misc]
            goal = f"{taken / alone:.1f} times {alone:.1f} s"
            rig.figure(f"20 rows beside {large} of {which}", f"{taken:.1f} s", goal)


def recovery(latency: float, repeat: int) -> None:
    """From a kill to the first row of the killed worker's shard that another one sends: some are on their way, since the CRM
    takes its time here."""
    for lease in (5.0, 15.0):
        taken = []
        for number in range(repeat):
            with (
                site(latency, 50, lease=lease, shards=1, rows_per_shard=100) as cluster,
                workers(cluster, "one", "two") as both,
            ):
                sheet = _sheet("acme", number, 1000)
                cluster.plan(sheet)
                acme = cluster.crm["acme"]
                victim = both[0]
                cluster.until(lambda acme=acme, victim=victim: acme.senders().get(victim.pid, 0) >= 20)  # type: ignore[misc]
                victim.kill()
                moment = time.monotonic()
                lost = cluster.in_flight(victim.pid, sheet)
                if not lost:
                    raise RuntimeError("nothing was in flight: this measured something else")

                def again(acme: Tenant = acme, lost: set[str] = lost, moment: float = moment) -> list[float]:
                    return [each.moment for each in acme.arrivals if each.moment > moment and each.row in lost]

                cluster.until(again, 10 * lease)
                taken.append(min(again()) - moment)
        goal = f"of a lease of {lease:g} s"
        rig.figure("a kill, and the first of its rows is sent again after", f"{rig.median(taken):.1f} s", goal)


def _sheet(tenant: str, number: int, rows: int) -> Sheet:
    return Sheet(tenant, f"sheet_{number}", range(1 + number * 10**7, 1 + number * 10**7 + rows))


def _run(cluster: Cluster, sheet: Sheet) -> None:
    path = sheet.write(cluster.folder / sheet.tenant)
    _expect(cluster.command(sheet.tenant, "run", path.name, "--yes", "--quiet").code, 0)


def _seconds(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def _expect(found: int, wanted: int) -> None:
    if found != wanted:
        raise RuntimeError(f"{found} instead of {wanted}: this measured something else")


if __name__ == "__main__":
    main()
