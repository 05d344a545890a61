"""What a run says an undo of it can do: in its report, its results workbook, ``show``, and once parts of it were put back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml
from support import jobs
from support.commands import Commands

import batch_editor
from batch_editor import job
from batch_editor.messages import say
from batch_editor.model import Message, Undoable
from batch_editor.sandbox import Sandbox

CLUES = [
    {"clue_id": clue, "clue_name": "n", "clue_pool_id": 5, "follow_user_id": "wo", "remark": "old"} for clue in (11, 12, 13, 14)
]
CONTEXT = ["clue_name", "clue_pool_id", "follow_user_id"]
#: Two rows lack their name, so that with --fill their clues are read, and no others.
TEXT = "clue_id,clue_name,clue_pool_id,follow_user_id,remark\n11,,5,wo,a\n12,n,5,wo,b\n13,,5,wo,c\n14,n,5,wo,d\n"


@pytest.fixture
def crm() -> Iterator[Sandbox]:
    with Sandbox(CLUES, access_token=jobs.TOKEN) as running:
        yield running


@pytest.fixture
def command(tmp_path: Path, crm: Sandbox) -> Commands:
    jobs.text_file(tmp_path / "edits.csv", TEXT)
    command = Commands(tmp_path, crm.url, fill=True, context_columns=CONTEXT, compare_columns=[], ids=jobs.SHORT_IDS)
    config = yaml.safe_load((tmp_path / "config.yaml").read_text(encoding="utf-8")) | {"defaults": {"user_id": "op"}}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    return command


def undoable(folder: Path, crm: Sandbox, run: str) -> Undoable:
    with job.open_journal(jobs.settings(folder, crm.url)) as journal:
        return journal.of(run).undoable()


def test_a_run_offers_an_undo_with_what_it_can_do(tmp_path: Path, command: Commands, crm: Sandbox) -> None:
    done = command("run", "edits.csv")
    assert "To put back what this run changed in 2 of 4 rows (the old values of the others were not read):\n" in done.out
    (run,) = [line.split()[2] for line in done.out.splitlines() if line.startswith("  batch-editor undo ")]
    shown = command("show", run)
    assert "An undo can put back: 2 of 4 rows; the old values of the others were not read\n" in shown.out
    page = openpyxl.load_workbook(tmp_path / "edits.results.xlsx").worksheets[1]
    texts = [str(cell.value) for row in page for cell in row if cell.value]
    wanted = Message("summary.undo_some", {"run": run, "options": "", "rows": 2, "changed": 4})
    assert say(wanted, "en") in texts


@pytest.mark.parametrize(
    ("option", "counts"), [([], (2, 4)), (["--snapshot"], (4, 4)), (["--limit", "1"], (1, 1)), (["--edit", "remark"], (2, 4))]
)
def test_the_summary_counts_them(command: Commands, option: list[str], counts: tuple[int, int]) -> None:
    summary = command("run", "edits.csv", "--json", *option).json
    assert (summary["undoable"], summary["undoable_rows"], summary["changed_rows"]) == (True, *counts)


def test_what_was_put_back_is_offered_no_more(tmp_path: Path, command: Commands, crm: Sandbox) -> None:
    run = command("run", "edits.csv", "--snapshot", "--json").json["run"]
    assert command("undo", run, "--rows", "2-3", "--yes").code == 0
    assert undoable(tmp_path, crm, run) == Undoable(2, 4, 2) and not undoable(tmp_path, crm, run).is_partial
    shown = command("show", run).out
    assert "An undo can put back: 2 of 4 rows\n" in shown and "Put back by undos: 2 rows\n" in shown
    assert command("undo", run, "--yes").code == 0
    assert undoable(tmp_path, crm, run) == Undoable(0, 4, 4)
    assert "batch-editor undo" not in command("show", run).out
    command("results", run)
    page = openpyxl.load_workbook(tmp_path / "edits.results.xlsx").worksheets[1]
    assert not any("batch-editor undo" in str(cell.value) for row in page for cell in row)


def test_a_row_of_which_one_field_was_put_back_can_still_be_undone(tmp_path: Path, crm: Sandbox) -> None:
    given = jobs.settings(tmp_path, crm.url, compare_columns=[])
    path = jobs.text_file(tmp_path / "edits.csv", "clue_id,remark,address,uin\n11,a,b,u\n12,a,b,u\n")
    run = batch_editor.run(path, given, snapshot=True).run or ""
    batch_editor.undo(run, given, rows=2, fields="remark")
    assert undoable(tmp_path, crm, run) == Undoable(2, 2, 0)
    batch_editor.undo(run, given, rows=2, fields="address")
    assert undoable(tmp_path, crm, run) == Undoable(1, 2, 1), "what cannot be read is no reason to offer it"


def test_what_a_later_row_alone_has_read_is_not_counted(tmp_path: Path, crm: Sandbox) -> None:
    """An undo of the run does not know what was there before the first row."""
    lines = "clue_id,clue_name,clue_pool_id,follow_user_id,remark,address\n11,n,5,wo,first,\n11,,5,wo,second,\n12,,5,wo,x,\n"
    over: dict[str, Any] = {"fill": True, "context_columns": CONTEXT, "compare_columns": [], "rate": {"concurrency": 1}}
    over["ids"] = jobs.SHORT_IDS
    given = jobs.settings(tmp_path, crm.url, **over).model_copy(update={"defaults": {"user_id": "op"}})
    report = batch_editor.run(jobs.text_file(tmp_path / "edits.csv", lines), given)
    assert (report.undoable_rows, report.changed_rows) == (1, 3)
    undone = batch_editor.undo(report.run or "", given)
    assert (undone.counts["updated"], undone.counts["skipped"]) == (1, 1)
