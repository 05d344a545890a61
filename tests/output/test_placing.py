"""How a finished file gets its name: the first that is free, whoever else is writing, and never in the place of another's."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support import jobs
from support.crm import CONFIRMED, Crm, scripted, status
from xlsxwriter import Workbook

import batch_editor
from batch_editor import Report, Settings
from batch_editor.model import RowState, Status
from batch_editor.output import placing, results
from batch_editor.output.placing import OwnFile
from batch_editor.output.results import Written


def record(text: str) -> RowState:
    return RowState(2, Status.UPDATED, (text,), (), (), (), "0", 1, "")


def write(target: Path, text: str, **more: object) -> Path:
    return results.write(target, ["线索ID"], [record(text)], "en", run=text, sheet=None, **more)  # type: ignore[arg-type]


def content(path: Path) -> str:
    return jobs.results(path)[0]["线索ID"]


# --- whoever is quicker


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_of_many_that_write_at_once_each_has_a_file_of_its_own(tmp_path: Path, kind: str) -> None:
    texts, begin = [f"run-{number}" for number in range(8)], threading.Barrier(8)

    def one(text: str) -> Path:
        begin.wait()
        return write(tmp_path / f"x.results.{kind}", text)

    with ThreadPoolExecutor(8) as pool:
        written = list(pool.map(one, texts))
    assert [content(path) for path in written] == texts
    assert sorted(tmp_path.iterdir()) == sorted(written) and len(set(written)) == 8


_PROCESS = """
import sys
from pathlib import Path
from batch_editor.output import placing
folder, name, number = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
sys.stdin.readline()
for turn in range(number):
    part = folder / f".{name}-{turn}.part"
    part.write_text(f"{name}-{turn}", encoding="utf-8")
    placing.move(part, folder / "x.results.csv", None)
"""


def test_nor_does_another_process_take_one_away(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _PROCESS, str(tmp_path)]
    started = [subprocess.Popen([*command, name, "100"], stdin=subprocess.PIPE, text=True) for name in ("a", "b")]
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in started:
        process.communicate(timeout=100)
        assert process.returncode == 0
    held = Counter(path.read_text(encoding="utf-8") for path in tmp_path.iterdir())
    assert held == Counter(f"{name}-{turn}" for name in "ab" for turn in range(100))


def test_a_workbook_names_itself_even_where_somebody_was_quicker(tmp_path: Path) -> None:
    """Its summary says which file is to be sent in again."""
    named = list[str]()

    def more(book: Workbook, written: Written) -> None:
        named.append(written.path.name)
        if len(named) == 1:
            written.path.write_text("somebody's", encoding="utf-8")

    written = write(tmp_path / "x.xlsx", "mine", more_sheets=more)
    assert (written.name, named, content(written)) == ("x-2.xlsx", ["x.xlsx", "x-2.xlsx"], "mine")
    assert (tmp_path / "x.xlsx").read_text(encoding="utf-8") == "somebody's"


# --- what may be replaced


def test_a_file_that_was_changed_while_it_is_written_anew_is_kept(tmp_path: Path) -> None:
    mine = write(tmp_path / "x.xlsx", "old")
    before = placing.stamp(mine)

    def more(book: Workbook, written: Written) -> None:
        if written.path == mine:
            mine.write_text("mended", encoding="utf-8")

    written = write(mine, "new", own_file=mine, own_stamp=before, more_sheets=more)
    assert written == tmp_path / "x-2.xlsx" and mine.read_text(encoding="utf-8") == "mended" and content(written) == "new"


def test_a_file_is_told_by_what_it_holds(tmp_path: Path) -> None:
    path = jobs.text_file(tmp_path / "x.csv", "one")
    own, moment = OwnFile(path, placing.stamp(path)), path.stat().st_mtime_ns
    os.utime(path, ns=(moment + 10**9, moment + 10**9))
    assert own.is_replaceable()
    jobs.text_file(path, "two")
    os.utime(path, ns=(moment, moment))
    assert not own.is_replaceable()
    path.unlink()
    assert not own.is_replaceable() and placing.stamp(path) is None


def test_a_link_to_nowhere_is_no_free_name(tmp_path: Path) -> None:
    (tmp_path / "x.csv").symlink_to(tmp_path / "nowhere")
    assert write(tmp_path / "x.csv", "mine").name == "x-2.csv"


def stopped(folder: Path, crm: Crm) -> tuple[Settings, Report, Path]:
    given = jobs.settings(folder, crm.url, rate={"concurrency": 1})
    report = batch_editor.run(jobs.sheet(folder, [11, 12]), given, output=folder / "x.csv")
    assert report.exit_code == 3 and report.results is not None
    return given, report, report.results


def test_results_of_another_run_that_look_the_same_are_kept_when_a_run_goes_on(tmp_path: Path) -> None:
    """Of the same size and time, as on a disk that counts in steps of two seconds."""
    with Crm(scripted({12: [status(401), CONFIRMED]})) as crm:
        given, report, path = stopped(tmp_path, crm)
        state, other = path.stat(), path.read_bytes().replace(b"row 2", b"row 9")
        path.rename(tmp_path / "renamed.csv")
        path.write_bytes(other)
        os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
        assert path.stat().st_size == state.st_size
        again = batch_editor.resume(str(report.run), given)
    assert again.results == tmp_path / "x-2.csv" and path.read_bytes() == other
    assert jobs.statuses(tmp_path / "renamed.csv") == ["updated", "not_sent"]


def test_results_that_were_put_back_from_a_copy_are_replaced(tmp_path: Path) -> None:
    with Crm(scripted({12: [status(401), CONFIRMED]})) as crm:
        given, report, path = stopped(tmp_path, crm)
        inside = path.read_bytes()
        path.unlink()
        path.write_bytes(inside)
        assert batch_editor.resume(str(report.run), given).results == path
    assert jobs.statuses(path) == ["updated", "updated"]
