"""Who owns what of a run, whatever the order in which workers stand still, are killed, wake up, stop and go on: no row is sent
twice that somebody may still know of, none is lost, and none is called what it is not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import get_args

import pytest
from support.owners import Ending, Owners, Said, Worker, owners

from batch_editor.journal import advisory_locks

pytestmark = pytest.mark.usefixtures("results_as_csv")

CLUES = (11, 12, 13, 11, 14, 12)
#: What happens, and how often beside the rest.
STEPS = {"drive": 8, "wake": 1, "kill": 1, "pass time": 2, "lose patience": 0.5, "stop": 0.5, "tend": 1, "resume": 1}
ENDINGS: dict[Ending, float] = {"whole": 2, "broken off": 4, "asked to end": 1, "overtaken": 1}


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for a process that is about to end."""
    monkeypatch.setattr(advisory_locks, "_ENDING", 0.0)


@pytest.fixture
def run(tmp_path: Path, journal_server: str) -> Iterator[Owners]:
    with owners(tmp_path, journal_server, CLUES) as run:
        yield run


class Story:
    """What happens to one run, as ``chance`` has it; ``told`` is what has happened so far."""

    def __init__(self, run: Owners, chance: Random) -> None:
        self.run = run
        self.chance = chance
        self.told: list[str] = []
        script: dict[int, list[Said]] = {row: chance.choices(get_args(Said), k=2) for row in run.rows if chance.random() < 0.2}
        limit = chance.choice([None, None, 3])
        rate, retry = {"patience": 900, "concurrency": chance.choice([1, 3])}, {"ambiguous": chance.random() < 0.7}
        self.told.append(f"begin limit={limit} {rate} {retry} {script}")
        run.begin(script, limit=limit, rate=rate, retry=retry)

    def step(self) -> None:
        (what,) = self.chance.choices([*STEPS], [*STEPS.values()])
        still = self._still()
        if what == "drive":
            self._drive()
        elif what in ("wake", "kill") and still:
            worker = self.chance.choice(still)
            self.told.append(f"{what} {worker.name}")
            (self.run.wake if what == "wake" else self.run.kill)(worker)
        elif what not in ("wake", "kill"):
            self.told.append(what)
            {
                "pass time": self.run.pass_time,
                "lose patience": lambda: self.run.pass_time(1000.0),
                "stop": self.run.stop,
                "tend": self.run.tend,
                "resume": self.run.resume,
            }[what]()
        self.run.check()

    def _drive(self) -> None:
        if self.chance.random() < 0.7:
            self.run.pass_time()
        (ending,) = self.chance.choices([*ENDINGS], [*ENDINGS.values()])
        at, before = self.chance.choice([0, 1, 1, 2]), self.chance.random() < 0.2
        free = [worker for worker in self.run.workers if worker.lease is None]
        worker = free[0] if free else self.run.start_worker()
        self.told.append(f"drive {worker.name}: {ending} at {at}{' before it is sent' * before}")
        self.run.drive(worker, ending, at, before=before)

    def end(self) -> None:
        """All who stand still wake up, and all that is left is sent: every row comes to its end."""
        self.told.append("the end")
        for worker in self._still():
            self.run.wake(worker)
        worker = self.run.start_worker()
        for _ in range(20):
            self.run.pass_time()
            while self.run.drive(worker):
                self.run.check()
            self.run.tend()
            if self.run.state != "sending":
                break
        statuses = self.run.statuses()
        assert self.run.state in ("finished", "stopped")
        assert "sending" not in statuses.values(), statuses
        assert self.run.state == "stopped" or "pending" not in statuses.values(), statuses
        self.run.check()

    def _still(self) -> list[Worker]:
        return [worker for worker in self.run.workers if worker.lease is not None]


def tell(run: Owners, seed: int) -> None:
    """Let one run happen, and say what has happened where that was wrong."""
    story = Story(run, Random(seed))
    try:
        for _ in range(12):
            story.step()
        story.end()
    except AssertionError as error:
        error.add_note("\n".join([f"seed {seed}", *story.told, str(run.statuses())]))
        raise
    finally:
        run.end()


def test_whatever_the_order_every_row_comes_to_its_end(run: Owners) -> None:
    for seed in range(16):
        tell(run, seed)


@pytest.mark.slow
def test_whatever_the_order_of_many_more(run: Owners) -> None:
    for seed in range(100, 220):
        tell(run, seed)
