"""Three workers and two tenants, while workers are killed and frozen and the database is restarted, again and again, by a seed.

``BATCH_EDITOR_TEST_CHAOS`` says how many kills, freezes and restarts there are, and with which seed: ``100,30,10,1`` is the
whole of it; without the variable there is a share, which takes two minutes at most.
"""

from __future__ import annotations

import os
import random
import subprocess
import time
from pathlib import Path

import pytest
from support.clusters import Cluster, Sheet, Worker
from support.commands import finished
from support.postgres import Postgres
from support.recording import RecordingCrm, Tenant

VARIABLE = "BATCH_EDITOR_TEST_CHAOS"
SHARE = "12,5,2,1"
LEASE = 2.0
RATE = ((40, 1.0),)
#: So many rows each tenant has to send at least, at any moment.
LOW = 150

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]


class Chaos:
    """What happens to the workers of ``cluster``, and what may have been applied twice by it."""

    def __init__(self, cluster: Cluster, server: Postgres, chance: random.Random) -> None:
        self.cluster, self.server, self.chance = cluster, server, chance
        self.workers = [Worker(cluster, name) for name in ("one", "two", "three")]
        self.thaws: dict[Worker, float] = {}
        self.sheets: list[Sheet] = []
        self.planning: dict[str, subprocess.Popen[str]] = {}
        self.in_flight: set[str] = set()
        self.events: list[str] = []
        self.most_twice = 0

    def supply(self) -> None:
        """Let each tenant have enough to send, by commands that nobody waits for: whoever is frozen is to wake up in time."""
        for tenant in self.cluster.crm.tenants.values():
            planned = sum(len(sheet.clues) for sheet in self.sheets if sheet.tenant == tenant.name)
            if planned - len(tenant.times_applied) < LOW and self.has_planned(tenant.name):
                first = 1000 * (1 + len(self.sheets))
                drawn = [first + place // 3 for place in range(90)] + list(range(first + 100, first + 310))
                self.chance.shuffle(drawn)
                sheet = Sheet(tenant.name, f"sheet_{len(self.sheets)}", drawn)
                self.sheets.append(sheet)
                self.planning[tenant.name] = self.cluster.start_planning(sheet)

    def has_planned(self, tenant: str) -> bool:
        """Whether the command that plans the latest sheet of the tenant has ended, which has to end well."""
        command = self.planning.get(tenant)
        if command is None or command.poll() is None:
            return command is None
        done = finished(command)
        assert done.code == 0, done.output
        del self.planning[tenant]
        return True

    def await_plans(self) -> None:
        """Wait until no command plans any more."""
        while not all(self.has_planned(tenant) for tenant in [*self.planning]):
            self.thaw()
            time.sleep(0.05)

    def kill(self) -> None:
        """One that is not frozen dies, and is started again, as a service is."""
        worker = self.chance.choice([worker for worker in self.workers if worker not in self.thaws])
        self.note(f"kill {worker.pid}")
        worker.kill()
        lost = self.cluster.in_flight(worker.pid, *self.sheets)
        self.in_flight |= lost
        self.most_twice += len(lost)
        worker.restart()

    def freeze(self) -> None:
        """One stands still for longer than its lease, while the others go on."""
        worker = self.chance.choice([worker for worker in self.workers if worker not in self.thaws])
        self.note(f"freeze {worker.pid}")
        worker.freeze()
        self.thaws[worker] = time.monotonic() + self.chance.uniform(1.5, 2.5) * LEASE

    def restart(self) -> None:
        """The database ends and comes again, while nobody plans: whoever does would give up, and say so."""
        self.await_plans()
        mode = self.chance.choice(["fast", "immediate"])
        self.note(f"restart, {mode}")
        self.server.restart(mode)

    def thaw(self, *, all_of_them: bool = False) -> None:
        for worker, moment in [*self.thaws.items()]:
            if all_of_them or moment <= time.monotonic():
                self.note(f"thaw {worker.pid}")
                worker.thaw()
                del self.thaws[worker]

    def note(self, event: str) -> None:
        self.events.append(f"{time.monotonic():.3f} {event}")

    def story(self, rows: set[str]) -> str:
        """What is known where these rows came twice that should not have."""
        return "\n".join([*self.events, self.cluster.arrivals_of(rows)])

    def pause(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.thaw()
            self.supply()
            time.sleep(0.05)

    def go(self, kills: int, freezes: int, restarts: int) -> None:
        events = [self.kill] * kills + [self.freeze] * freezes + [self.restart] * restarts
        self.chance.shuffle(events)
        for event in events:
            self.pause(self.chance.uniform(0.5, 2.5))
            while len(self.thaws) > 1:  # somebody must be there to be struck, and somebody to go on
                self.pause(0.1)
            event()
        self.await_plans()


def test_kills_freezes_and_restarts_lose_nothing(tmp_path: Path, server: Postgres, own_journal: str) -> None:
    kills, freezes, restarts, seed = map(int, os.environ.get(VARIABLE, SHARE).split(","))
    chance = random.Random(seed)
    began = time.monotonic()
    with RecordingCrm(*(Tenant(name, f"token-of-{name}", RATE, 0.05) for name in ("acme", "globex"))) as crm:
        chaos = Chaos(Cluster(tmp_path, own_journal, crm, lease=LEASE), server, chance)
        chaos.supply()
        chaos.await_plans()
        chaos.go(kills, freezes, restarts)
        chaos.thaw(all_of_them=True)
        chaos.cluster.until_over(*chaos.sheets, seconds=180)
        rows = sum(len(sheet.clues) for sheet in chaos.sheets)
        twice = {remark for sheet in chaos.sheets for remark in chaos.cluster.twice(sheet)}
        again = sum(tenant.twice for tenant in crm.tenants.values())
        print(
            f"{kills} kills, {freezes} freezes, {restarts} restarts: {rows} rows in {time.monotonic() - began:.0f} s,"
            f" {again} applied twice of {chaos.most_twice} in flight at kills"
        )
        for sheet in chaos.sheets:
            chaos.cluster.is_true(sheet)
        assert twice <= chaos.in_flight, chaos.story(twice - chaos.in_flight)
        assert again <= chaos.most_twice
        assert all(worker.process.poll() is None for worker in chaos.workers), chaos.cluster.story()
        assert all(worker.end() == 0 for worker in chaos.workers), chaos.cluster.story()
        assert not any("Traceback" in worker.log for worker in chaos.workers), chaos.cluster.story()
