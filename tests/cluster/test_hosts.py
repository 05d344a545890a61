"""Workers on hosts of their own, as network namespaces, of which one loses its network in the middle."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.clusters import Cluster, Sheet, Worker
from support.hosts import NETWORK, Host, why_there_are_none
from support.postgres import Postgres, migrated, why_there_is_none
from support.recording import RecordingCrm, Tenant

LEASE = 2.0

pytestmark = pytest.mark.slow


@pytest.fixture
def reached() -> Iterator[Postgres]:
    """A server that is reached from hosts, with a journal."""
    if reason := why_there_are_none() or why_there_is_none():
        pytest.skip(reason)
    with Postgres(network=NETWORK) as server:
        migrated(server.dsn)
        yield server


def test_a_host_that_loses_its_network_and_gets_it_again(tmp_path: Path, reached: Postgres) -> None:
    sheet = Sheet("acme", "edits", [*range(1, 261), *range(1, 41)])
    crm = RecordingCrm(Tenant("acme", "token", ((40, 1.0),), 0.05))
    hosts = [Host(crm.port, reachable=[reached.port]) for _ in range(2)]
    with crm, hosts[0], hosts[1]:
        acme = crm["acme"]
        cluster = Cluster(tmp_path, reached.dsn, crm, lease=LEASE)
        workers = [Worker(cluster, f"worker_{number}", host=host) for number, host in enumerate(hosts)]
        cluster.plan(sheet)
        cluster.until(lambda: len(acme.arrivals) >= 30)
        hosts[0].pull()
        time.sleep(1.5 * LEASE)
        arrived = len(acme.arrivals)
        cluster.until(lambda: len(acme.arrivals) >= arrived + 20)  # by the other one
        hosts[0].plug()
        cluster.until_over(sheet)
        cluster.is_true(sheet, held_up=True)
        assert not cluster.twice(sheet)
        assert all(worker.end() == 0 for worker in workers)


def test_a_host_that_is_lost_for_good(tmp_path: Path, reached: Postgres) -> None:
    """The database sees no connection end; a command was driving its run there."""
    sheet = Sheet("acme", "edits", [*range(1, 261), *range(1, 41)])
    crm = RecordingCrm(Tenant("acme", "token", ((40, 1.0),), 0.05))
    hosts = [Host(crm.port, reachable=[reached.port]) for _ in range(2)]
    with crm, hosts[0], hosts[1]:
        cluster = Cluster(tmp_path, reached.dsn, crm, lease=LEASE)
        workers = [Worker(cluster, f"worker_{number}", host=host) for number, host in enumerate(hosts)]
        driver = cluster.run(sheet, host=hosts[0])
        cluster.until(lambda: len(crm["acme"].arrivals) >= 30)
        hosts[0].lose()
        driver.kill()
        workers[0].kill()
        in_flight = cluster.in_flight(0, sheet)
        cluster.until_over(sheet)
        cluster.is_true(sheet, held_up=True)
        assert {*cluster.twice(sheet)} <= in_flight
