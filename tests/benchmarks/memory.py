"""The most memory that a check and a run hold, at 100,000 and at 1,000,000 rows, over the bare import (guide: architecture);
and a run that reads every clue first, to send what differs, with the undo of it, at a tenth of that; and so writing the
workbook of results alone, half of whose rows are invalid.

Each measurement is a process of its own. The run is the real one but for the wire: its client is replaced by one that
confirms at once, since a million requests over HTTP take most of an hour and hold no more memory than the first thousand.
The connections that are therefore missing are measured apart, with a short run over HTTP.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from itertools import product
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import rig
from server import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from batch_editor import Settings
    from batch_editor.journal.journal import Journal
    from batch_editor.model import Run

PARTS = ("import", "check", "run", "compare", "results", "http")
MEASURED = ("check", "run", "compare", "results")
#: Measured at a tenth of the rows: the one takes four times as long as a run, the other ends at 200,000.
TENTH = ("compare", "results")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000], help="[100000 1000000]")
    parser.add_argument("--concurrency", type=int, default=8)
    parser.add_argument("--timeout", type=float, default=3600, help="seconds for one measurement [3600]")
    parser.add_argument("--part", choices=PARTS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.part:
        print(json.dumps(measure(given.part, given.folder)))
    else:
        compare(given.rows, given.concurrency, given.timeout)


def compare(sizes: list[int], concurrency: int, timeout: float) -> None:
    """Print the peaks over the bare import for each size, and how the largest compares with the smallest."""
    print("memory: peak of a process of its own over the bare import, in MB of 10^6 bytes")
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name, Server(0.0) as server:
        folder = Path(name)
        rig.write_settings(folder, server.url, concurrency=concurrency)
        rig.write_sheet(folder / "clues.csv", 2000)
        _, bare = rig.part(__file__, "--part", "import", "--folder", folder)
        _, http = rig.part(__file__, "--part", "http", "--folder", folder)
        _, stub = rig.part(__file__, "--part", "run", "--folder", folder)
        rig.figure("the bare import itself", f"{bare['end']:.0f} MB")
        rig.figure(f"2000 rows with {concurrency} connections, over the same without", f"{http['end'] - stub['end']:.0f} MB")
        peaks: dict[tuple[str, int], float] = {}
        for whole, what in product(sizes, MEASURED):
            rows = whole // 10 if what in TENTH else whole
            rig.write_sheet(folder / "clues.csv", rows)
            _, found = rig.part(__file__, "--part", what, "--folder", folder, timeout=timeout)
            over = {phase: value - bare["end"] for phase, value in found.items() if phase != "seconds"}
            peaks[what, whole] = over["end"]
            phases = ", ".join(f"{phase} {value:.0f}" for phase, value in over.items())
            rig.figure(f"{what}, {rows:,} rows", f"{over['end']:.0f} MB", "at most 150 MB", over["end"] <= 150)
            print(f"      up to the end of: {phases} MB; {found['seconds']:.0f} s", flush=True)
        for what in MEASURED:
            ratio = peaks[what, sizes[-1]] / peaks[what, sizes[0]]
            title = f"{what}, the largest by the smallest"
            rig.figure(title, f"{ratio:.2f} x", "at most 1.3 x", ratio <= 1.3)


def measure(what: str, folder: Path) -> dict[str, float]:
    """The peaks of this process up to the end of each phase, in MB, and the seconds that it took."""
    import batch_editor.crm.client
    import batch_editor.crm.connection as connection
    from batch_editor import Settings, job
    from batch_editor.events import Event, SendProgress
    from batch_editor.model import Edit, Reply, Sent
    from batch_editor.runs.preview import Preview

    class Confirming:
        """Stands in for the client: confirms every edit without a network."""

        def __init__(self, *_: object, **__: object) -> None:
            self._reply = Reply(Sent.YES, 1, 200, 0, "请求成功", True)

        def edit(self, edit: Edit) -> Reply:
            return self._reply

        def pools(self, page: int) -> Reply:
            return self.info(page)

        def info(self, clue: int) -> Reply:
            same = dict.fromkeys(("clue_corp_name", "email", "area", "address", "access_customer_channel"), "之前")
            data = {"clue_id": clue, "clue_name": "线索", "clue_pool_id": 1, "follow_user_id": "wo", "description": "之前"}
            data |= {"tag_list": [], "business_tags": None, "gender": "男", "birthday": 0, "field_map": {}} | same
            return Reply(Sent.YES, 1, 200, 0, "请求成功", data)

        def __enter__(self) -> Self:
            return self

        def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
            pass

    peaks: dict[str, float] = {}

    def confirm(preview: Preview) -> bool:
        peaks["planning"] = rig.peak_memory()
        return True

    def note(event: Event) -> None:
        if isinstance(event, SendProgress) and event.done == event.total:
            peaks["sending"] = rig.peak_memory()

    began = time.perf_counter()
    settings = Settings.load(folder / "settings.yaml", prove=False, compare_columns=[])  # the stand-in makes up names
    if what == "check":
        report = job.check(folder / "clues.csv", settings)
        _expect(report.counts["not_sent"], report.rows)
    elif what == "results":
        with job.open_journal(settings) as journal:
            run = _ended(journal, folder / "clues.csv", settings)
            peaks["planning"] = rig.peak_memory()
            _expect(job.write_results(journal.of(run.name), run, None, "zh").suffix == ".xlsx", True)
    elif what != "import":
        connection.Client = batch_editor.crm.client.Client if what == "http" else Confirming  # type: ignore[misc, assignment]
        live = what == "compare"
        report = job.run(
            folder / "clues.csv", settings, only_changed=live, attended=live, new=True, confirm=confirm, on_event=note
        )
        _expect(report.counts["updated"], report.rows)
        if live and report.run:
            peaks["the run"] = rig.peak_memory()
            undone = job.undo(report.run, settings, force=True)
            _expect(undone.counts["unchanged"], report.rows)
    return peaks | {"end": rig.peak_memory(), "seconds": time.perf_counter() - began}


def _ended(journal: Journal, path: Path, settings: Settings) -> Run:
    """A run of the sheet that has ended: every other row is updated, the rest is invalid, each with a message of two lines."""
    from batch_editor.edits.choose_sheet import choose_sheet
    from batch_editor.model import Message, Outcome, Plan, Problem, RunState, Status
    from batch_editor.sheets import read_file

    choice = choose_sheet(read_file(path), None, settings.row_rules)
    sheet, heads = choice.sheet, choice.headings
    names = tuple(map(str, heads.cells))
    told = {"source": str(path), "sheet": "", "digest": "x", "headings": names, "options": {}}
    name = journal.start(base_url="https://crm.example", app="", settings=settings.for_the_record(), **told)

    def plans() -> Iterator[Plan]:
        for row in sheet.rows():
            cells = tuple("" if cell is None else str(cell) for cell in row.cells)
            bad = Problem(row.number, f"C{row.number}", "gender", Message("cell.gender", {"value": cells[0]}), "性别")
            kept = Outcome(
                row.number, Status.UPDATED, "0", Message("verbatim", {"text": "请求成功"}), 1, "2026-11-24T09:30:00+08:00"
            )
            if row.number > heads.number:
                problems = () if row.number % 2 else (bad, bad)
                yield Plan(
                    row.number,
                    Status.INVALID if problems else Status.UPDATED,
                    cells,
                    problems=problems,
                    kept=None if problems else kept,
                )

    journal.of(name).planning.plan(plans())
    journal.of(name).set_state(RunState.FINISHED)
    return journal.run(name)


def _expect(found: int, wanted: int) -> None:
    if found != wanted:
        raise RuntimeError(f"{found} instead of {wanted}: this measured something else")


if __name__ == "__main__":
    main()
