"""The permitted rate: how much of it is used, and whether the server ever sees more (guide: architecture).

The whole program sends for some ten seconds at each rate, with more concurrency than the rate needs. Both figures are
taken at the server: the share from its first to its last arrival, and the fullest sliding window of one second.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

import rig
from server import Server


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rates", type=int, nargs="+", default=[5, 50, 200], help="requests a second [5 50 200]")
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--latency", type=float, default=0.02, help="seconds the server takes to answer [0.02]")
    parser.add_argument("--concurrency", type=int, default=16)
    given = parser.parse_args()
    print(f"pace: {given.seconds} s at each rate, {1000 * given.latency:g} ms latency, {given.concurrency} at once")
    for rate in given.rates:
        arrivals = arrivals_at(rate, given.seconds, given.latency, given.concurrency)
        share = (len(arrivals) - 1) / (arrivals[-1] - arrivals[0]) / rate
        fullest = fullest_window(arrivals, 1.0)
        rig.figure(f"{rate} a second: share of it that is used", f"{share:.3f}", "at least 0.97", share >= 0.97)
        rig.figure(f"{rate} a second: most arrivals within a second", str(fullest), f"at most {rate}", fullest <= rate)


def arrivals_at(rate: int, seconds: int, latency: float, concurrency: int) -> list[float]:
    """The arrival times of ``rate`` times ``seconds`` requests that the program sends at that limit."""
    from batch_editor import Settings, run

    with tempfile.TemporaryDirectory(prefix="benchmark-") as name, Server(latency) as server:
        folder = Path(name)
        sheet = rig.write_sheet(folder / "clues.csv", rate * seconds)
        settings = rig.write_settings(folder, server.url, limits=[f"{rate}/second"], concurrency=concurrency)
        report = run(sheet, Settings.load(settings))
        arrivals = server.arrivals()
    if not report.counts["updated"] == len(arrivals) == rate * seconds:
        raise RuntimeError("not every row was sent exactly once: this measured something else")
    return arrivals


def fullest_window(moments: Sequence[float], span: float) -> int:
    """The largest number of ``moments`` (ascending) within any sliding window of ``span`` seconds."""
    most = first = 0
    for last, moment in enumerate(moments):
        while moments[first] <= moment - span:
            first += 1
        most = max(most, last - first + 1)
    return most


if __name__ == "__main__":
    main()
