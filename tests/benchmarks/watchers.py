"""What it costs a run that browsers watch it, and what sending from the page costs beside the command line.

Each repetition sends the same sheet three times, one after the other, against one server of 20 ms latency: (a) by
``batch_editor.run`` in a process of its own; (b) from the page, which nobody watches; (c) from the page, while 20 clients in
another process hold streams of its events. Only ratios of one repetition are compared, since the machine may be busy: of the
rows a second that arrive at the server, and of the processor time of the process that sends.
"""

from __future__ import annotations

import argparse
import json
import selectors
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import rig
from server import Server


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=4000)
    parser.add_argument("--latency", type=float, default=0.02, help="seconds the server takes to answer [0.02]")
    parser.add_argument("--concurrency", type=int, default=8)
    parser.add_argument("--watchers", type=int, default=20)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--part", choices=["run", "page", "watch"], help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.part == "run":
        print(json.dumps(command_line(given.folder)))
    elif given.part == "page":
        print(json.dumps(page(given.folder, given.watchers)))
    elif given.part == "watch":
        watch(given.watchers)
    else:
        compare(given.rows, given.latency, given.concurrency, given.watchers, given.repeat)


def compare(rows: int, latency: float, concurrency: int, watchers: int, repeat: int) -> None:
    """Send three times side by side, ``repeat`` times."""
    print(f"watchers: {rows} rows, {1000 * latency:g} ms latency, {concurrency} at once, {repeat} repetitions")
    page_ratios, watched_ratios, page_costs, watched_costs = [], [], [], []
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name, Server(latency) as server:
        folder = Path(name)
        rig.write_sheet(folder / "clues.csv", rows)
        rig.write_settings(folder, server.url, concurrency=concurrency)
        for number in range(1, repeat + 1):
            parts: dict[str, tuple[float, dict[str, Any]]] = {}
            for part, looking in (("run", 0), ("page", 0), ("page", watchers)):
                shutil.rmtree(folder / "state", ignore_errors=True)
                arguments = ("--part", part, "--folder", folder, "--watchers", looking)
                _, told = rig.part(__file__, *arguments)
                arrivals = server.arrivals()
                _expect(len(arrivals), rows)
                _expect(told["updated"], rows)
                parts[f"{part} {looking}"] = ((rows - 1) / (arrivals[-1] - arrivals[0]), told)
            (plain, a), (alone, b), (watched, c) = parts.values()
            print(
                f"  {number}: command line {plain:.0f}, page {alone:.0f} ({alone / plain:.3f}), page with {watchers} watchers"
                f" {watched:.0f} rows/s ({watched / alone:.3f}); {c['events']} events; processor time a row"
                f" {1000 * a['cpu'] / rows:.2f}, {1000 * b['cpu'] / rows:.2f}, {1000 * c['cpu'] / rows:.2f} ms",
                flush=True,
            )
            page_ratios.append(alone / plain)
            watched_ratios.append(watched / alone)
            page_costs.append(1000 * (b["cpu"] - a["cpu"]) / rows)
            watched_costs.append(1000 * (c["cpu"] - b["cpu"]) / rows)
    found = rig.median(watched_ratios)
    rig.figure(
        f"watched, of unwatched: median (best {max(watched_ratios):.3f})", f"{found:.3f}", "at least 0.95", found >= 0.95
    )
    rig.figure(f"page, of the command line: median (best {max(page_ratios):.3f})", f"{rig.median(page_ratios):.3f}")
    rig.figure("processor time a row that the page adds", f"{rig.median(page_costs):.2f} ms")
    rig.figure(f"processor time a row that {watchers} watchers add", f"{rig.median(watched_costs):.2f} ms")


def command_line(folder: Path) -> dict[str, float]:
    """The job in this process, as the command line has it, with the processor time of its sending."""
    from batch_editor import Settings, plan, send

    with plan(folder / "clues.csv", Settings.load(folder / "settings.yaml")) as prepared:
        digest, began = prepared.digest(), time.process_time()
        report = send(prepared, confirmed=digest)
    return {"updated": report.counts["updated"], "cpu": time.process_time() - began}


def page(folder: Path, watchers: int) -> dict[str, float]:
    """The same from the page, while so many clients in another process watch it."""
    from batch_editor import Settings, plan
    from batch_editor.web.server import Server as Page
    from batch_editor.web.site import SettingsSource, Site

    settings = Settings.load(folder / "settings.yaml")
    site = Site(SettingsSource(lambda: None, lambda _: settings))
    served = Page(site)
    thread = threading.Thread(target=served.run)
    thread.start()
    with plan(folder / "clues.csv", settings) as prepared:
        run, digest = prepared.name, prepared.digest()
    command = [sys.executable, __file__, "--part", "watch", "--watchers", str(watchers)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as looking:
        began = time.process_time()
        site.drivers.start(run, confirmed=digest, settings=settings)
        events, _ = looking.communicate(f"{served.url} {run}\n", timeout=300)
        while site.drivers.snapshot(run).is_at_work:
            time.sleep(0.2)
        cpu = time.process_time() - began
    report = site.drivers.snapshot(run).report
    served.end()
    thread.join()
    return {"updated": report.counts["updated"] if report else 0, "cpu": cpu, "events": int(events)}


def watch(watchers: int) -> None:
    """So many clients that hold a stream each until it ends; prints how many events came."""
    url, run = sys.stdin.readline().split()
    port = int(url.rpartition(":")[2])
    events = 0
    with selectors.DefaultSelector() as selector:
        for _ in range(watchers):
            client = socket.create_connection(("127.0.0.1", port), timeout=30)
            client.sendall(f"GET /runs/{run}/events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
            selector.register(client, selectors.EVENT_READ, bytearray())
        while selector.get_map():
            for key, _ in selector.select(60):
                got = key.fileobj.recv(1 << 16)  # type: ignore[union-attr]
                events += got.count(b"event: ")
                if not got or b"event: end" in got:
                    selector.unregister(key.fileobj)
                    key.fileobj.close()  # type: ignore[union-attr]
    print(events)


def _expect(found: float, wanted: float) -> None:
    if found != wanted:
        raise RuntimeError(f"{found} instead of {wanted}: this measured something else")


if __name__ == "__main__":
    main()
