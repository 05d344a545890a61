"""A whole job without a rate limit, beside a raw-socket client on the same rig (guide: architecture).

Each repetition runs three processes one after the other against one server of 20 ms latency: (a) a raw client that sends
the same bytes over as many kept-alive connections and looks at nothing; (b) ``batch_editor.run``, of which the sending is
timed alone; (c) ``batch-editor run`` from start to exit. Only ratios of one repetition are compared, since the machine
may be busy; of the repetitions the median and the best are printed.
"""

from __future__ import annotations

import argparse
import itertools
import json
import shutil
import socket
import sys
import tempfile
import threading
import time
from pathlib import Path

import rig
from server import Server


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=4000)
    parser.add_argument("--latency", type=float, default=0.02, help="seconds the server takes to answer [0.02]")
    parser.add_argument("--concurrency", type=int, default=8)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--part", choices=["raw", "sending"], help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.part == "raw":
        print(json.dumps(raw(given.folder, given.port, given.concurrency)))
    elif given.part == "sending":
        print(json.dumps(sending(given.folder)))
    else:
        compare(given.rows, given.latency, given.concurrency, given.repeat)


def compare(rows: int, latency: float, concurrency: int, repeat: int) -> None:
    """Run the three side by side, ``repeat`` times."""
    ideal = f" (ideal {concurrency / latency:.0f})" if latency else ""
    print(f"whole job: {rows} rows, {1000 * latency:g} ms latency, {concurrency} at once, {repeat} repetitions")
    raw_rates, sending_ratios, whole_ratios, costs, outside = [], [], [], [], []
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name, Server(latency) as server:
        folder = Path(name)
        sheet = rig.write_sheet(folder / "clues.csv", rows)
        settings = rig.write_settings(folder, server.url, concurrency=concurrency)
        common = ("--folder", folder, "--concurrency", concurrency, "--port", server.port)
        for number in range(1, repeat + 1):
            _, plain = rig.part(__file__, "--part", "raw", *common)
            _expect(len(server.arrivals()), rows)
            shutil.rmtree(folder / "state", ignore_errors=True)
            _, sent = rig.part(__file__, "--part", "sending", *common)
            _expect(len(server.arrivals()), rows)
            shutil.rmtree(folder / "state", ignore_errors=True)
            command = ["run", str(sheet), "--config", str(settings), "--yes", "--json", "--quiet"]
            whole = rig.timed([sys.executable, "-m", "batch_editor", *command])
            arrivals = server.arrivals()
            _expect(len(arrivals), rows)
            _expect(json.loads(whole.stdout)["updated"], rows)
            a, b, c = rows / plain["seconds"], rows / sent["sending"], rows / whole.wall
            print(
                f"  {number}: raw {a:.0f}{ideal}, sending {b:.0f} ({b / a:.3f}), whole {c:.0f} rows/s ({c / a:.3f});"
                f" {1000 * whole.cpu / rows:.2f} ms of processor a row"
                f" (sending {1000 * sent['sending_cpu'] / rows:.2f}, the rest {1000 * sent['rest_cpu'] / rows:.2f})",
                flush=True,
            )
            raw_rates.append(a)
            sending_ratios.append(b / a)
            whole_ratios.append(c / a)
            costs.append(1000 * whole.cpu / rows)
            outside.append(whole.wall - (arrivals[-1] - arrivals[0]))
    rig.figure(f"raw client, rows/s{ideal}", f"{rig.median(raw_rates):.0f}")
    for what, ratios, goal in (
        ("sending, of the raw client", sending_ratios, 0.95),
        ("whole job, of the raw client", whole_ratios, 0.90),
    ):
        found = rig.median(ratios)
        rig.figure(f"{what}: median (best {max(ratios):.3f})", f"{found:.3f}", f"at least {goal}", found >= goal)
    rig.figure("start, reading, journal, results and exit together", f"{rig.median(outside):.2f} s")
    cost = rig.median(costs)
    rig.figure(f"processor time a row: median (best {min(costs):.2f})", f"{cost:.2f} ms", "at most 1.5 ms", cost <= 1.5)


def raw(folder: Path, port: int, concurrency: int) -> dict[str, float]:
    """The yardstick: ready-made requests, one thread and one connection for each of ``concurrency``, no parsing."""
    from batch_editor import Settings, load_edits

    edits = load_edits(folder / "clues.csv", Settings.load(folder / "settings.yaml")).edits
    head = (
        f"POST /openapi/crm/clue/edit?access_token={rig.TOKEN} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        "Content-Type: application/json; charset=utf-8\r\nContent-Length: {length}\r\n\r\n"
    )
    bodies = [edit.body.encode() for edit in edits]
    requests = [head.format(length=len(body)).encode() + body for body in bodies]
    places = itertools.count()
    confirmed = [0] * concurrency

    def send(sender: int) -> None:
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while (place := next(places)) < len(requests):
                connection.sendall(requests[place])
                answer = connection.recv(4096)
                while answer and not answer.endswith(b'"data":true}'):
                    answer += connection.recv(4096)
                confirmed[sender] += bool(answer)

    threads = [threading.Thread(target=send, args=(sender,)) for sender in range(concurrency)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    _expect(sum(confirmed), len(requests))
    return {"seconds": seconds}


def sending(folder: Path) -> dict[str, float]:
    """The job in this process, with the time of its sending: from the go-ahead to the last outcome on disk."""
    from batch_editor import Settings, run
    from batch_editor.events import Event, SendProgress
    from batch_editor.runs.preview import Preview

    moments: list[tuple[float, float]] = []

    def confirm(preview: Preview) -> bool:
        moments.append((time.perf_counter(), time.process_time()))
        return True

    def note(event: Event) -> None:
        if isinstance(event, SendProgress) and event.done == event.total and len(moments) == 1:
            moments.append((time.perf_counter(), time.process_time()))

    report = run(folder / "clues.csv", Settings.load(folder / "settings.yaml"), confirm=confirm, on_event=note)
    _expect(report.counts["updated"], report.rows)
    (began, cpu_began), (ended, cpu_ended) = moments
    cpu = cpu_ended - cpu_began
    return {"sending": ended - began, "sending_cpu": cpu, "rest_cpu": time.process_time() - cpu}


def _expect(found: int, wanted: int) -> None:
    if found != wanted:
        raise RuntimeError(f"{found} instead of {wanted}: this measured something else")


if __name__ == "__main__":
    main()
