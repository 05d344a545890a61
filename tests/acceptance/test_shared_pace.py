"""One rate for several processes, with real clocks and real kills: together they never send more than one may."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

THREADS = 4
#: It waits for a line, sends with some threads, and says the moment of each use; at the end of its input it stops.
SENDER = """
import sys, threading, time
from pathlib import Path
from batch_editor.crm.pace import Pace, open_record
from batch_editor.settings.limits import Limit

file, rate, number = sys.argv[1:]
limits, stop = [Limit(int(rate), 1.0)], threading.Event()
pace = Pace(limits, record=open_record(limits, Path(file)))

def sender():
    while pace.acquire(stop) and pace.confirm(stop):
        moment = time.monotonic()
        pace.used()
        sys.stdout.write(f"{moment!r}\\n")
        sys.stdout.flush()
        time.sleep(0.005)

threads = [threading.Thread(target=sender) for _ in range(int(number))]
print("ready", flush=True)
sys.stdin.readline()
for thread in threads:
    thread.start()
sys.stdin.read()
stop.set()
for thread in threads:
    thread.join()
pace.close()
"""


class Sender:
    """A process that sends, and the moments at which it did."""

    def __init__(self, file: Path, rate: int) -> None:
        self.uses: list[float] = []
        self.process = subprocess.Popen(
            [sys.executable, "-c", SENDER, str(file), str(rate), str(THREADS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read)

    def ready(self) -> None:
        assert self.process.stdout and self.process.stdout.readline() == "ready\n"
        self._reader.start()

    def go(self) -> None:
        assert self.process.stdin
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            with self._changed:
                self.uses.append(float(line))
                self._changed.notify_all()

    def wait_for(self, number: int) -> None:
        """Return once there have been ``number`` uses."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.uses) >= number, timeout=200), self.process.poll()

    def end(self) -> None:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.close()
        self.process.wait(60)
        if self._reader.ident:
            self._reader.join(60)
        self.process.stdout.close()


@contextmanager
def senders(file: Path, number: int, rate: int) -> Iterator[list[Sender]]:
    started = [Sender(file, rate) for _ in range(number)]
    try:
        for sender in started:
            sender.ready()
        for sender in started:
            sender.go()
        yield started
    finally:
        for sender in started:
            sender.end()


def crowded(uses: list[float], rate: int) -> list[tuple[float, float]]:
    return [(first, last) for first, last in zip(uses, uses[rate:], strict=False) if last - first < 1.0]


@pytest.mark.parametrize(("number", "rate"), [(2, 5), (2, 50), (2, 200), (4, 50), (4, 200)])
def test_processes_together_never_send_more_than_the_rate(tmp_path: Path, number: int, rate: int) -> None:
    with senders(tmp_path / "permits", number, rate) as started:
        for sender in started:
            sender.wait_for(5 * rate // number // 2)
    uses = sorted(use for sender in started for use in sender.uses)
    assert len(uses) > rate and all(sender.process.returncode == 0 for sender in started)
    share = (len(uses) - 1) / (uses[-1] - uses[0]) / rate
    print(f"{number} processes, {rate} a second: {share:.3f} of it is used, by each {[len(sender.uses) for sender in started]}")
    assert not crowded(uses, rate)


def test_a_process_that_is_killed_leaves_the_others_going(tmp_path: Path) -> None:
    rate = 200
    with senders(tmp_path / "permits", 3, rate) as started:
        for victim in started[:2]:
            victim.wait_for(50)
            victim.process.kill()
            victim.process.wait(60)
        started[2].wait_for(len(started[2].uses) + 3 * rate)
    assert started[2].process.returncode == 0
    with senders(tmp_path / "permits", 1, rate) as later:  # and so do later runs
        later[0].wait_for(2 * rate)
    uses = sorted(use for sender in [*started, *later] for use in sender.uses)
    assert not crowded(uses, rate)
