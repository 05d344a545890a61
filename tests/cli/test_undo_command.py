"""``undo`` as it is typed: the part that is named, and who is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from support import jobs
from support.commands import Commands
from support.records import EDIT, calls

from batch_editor.sandbox import Sandbox


@pytest.fixture
def crm() -> Iterator[Sandbox]:
    clues = [{"clue_id": clue, "remark": f"old {clue}", "address": "there"} for clue in (11, 12, 13)]
    with Sandbox(clues, access_token=jobs.TOKEN) as running:
        yield running


@pytest.fixture
def command(tmp_path: Path, crm: Sandbox) -> Commands:
    return Commands(tmp_path, crm.url, compare_columns=[])


@pytest.fixture
def run(command: Commands) -> str:
    jobs.text_file(command.folder / "edits.csv", "线索ID,备注,地址\n11,a,b\n12,a,b\n13,a,b\n")
    return str(command("run", "edits.csv", "--snapshot", "--json").json["run"])


def state(crm: Sandbox) -> str:
    return "".join(f"{crm.clue(clue)['remark']}"[0] + f"{crm.clue(clue)['address']}"[0] for clue in (11, 12, 13))


@pytest.mark.parametrize(
    ("words", "left"),
    [
        (["--rows", "2，４"], "otabot"),
        (["--rows", "2", "--rows", "3-3"], "ototab"),
        (["--clue", "11、12", "--clue", "13", "--field", "备注"], "obobob"),
        (["--field", "remark,地址", "--rows", "2 - 3"], "ototab"),
    ],
)
def test_a_part_is_named_in_several_options(command: Commands, crm: Sandbox, run: str, words: Sequence[str], left: str) -> None:
    done = command("undo", run, *words, "--yes")
    assert (done.code, state(crm)) == (0, left)
    assert f"Puts back a part of what the run {run} changed:" in done.out


@pytest.mark.parametrize("empty", [["--rows", ""], ["--clue", " "], ["--field", "，"]])
def test_an_option_that_names_nothing_does_not_mean_everything(
    command: Commands, crm: Sandbox, run: str, empty: Sequence[str]
) -> None:
    done = command("undo", run, *empty, "--yes")
    assert (done.code, state(crm)) == (2, "ababab") and "the whole run would be put back" in done.err


def test_without_a_terminal_an_undo_wants_yes(command: Commands, crm: Sandbox, run: str) -> None:
    """Nothing is even read; but a run needs nobody's word there."""
    before = len(crm.requests)
    done = command("undo", run)
    assert (done.code, done.out, len(crm.requests)) == (2, "", before) and "--yes" in done.err and run in done.err
    as_json = command("undo", run, "--json")
    assert (as_json.code, as_json.json["exit_code"]) == (2, 2) and "--yes" in as_json.json["error"]
    assert [line.split()[0] for line in command("runs").out.splitlines()[::4]] == [run], "nothing is left of it"
    assert command("undo", run, "--yes").code == 0 and len(calls(crm, EDIT)) == 6


def test_it_says_in_chinese_what_the_run_did_not_change(command: Commands, crm: Sandbox, run: str) -> None:
    done = command("undo", run, "--rows", "2,9", "--field", "邮箱", "--yes", "--lang", "zh")
    assert done.code == 2 and "第 9 行：该运行没有这一行，最后一行是第 4 行" in done.err and "没有修改这个字段" in done.err
    assert state(crm) == "ababab"


def test_what_was_put_back_before_is_told_and_nothing_is_sent(command: Commands, crm: Sandbox, run: str) -> None:
    assert command("undo", run, "--rows", "2", "--yes").code == 0
    before = len(crm.requests)
    done = command("undo", run, "--rows", "2", "--yes")
    assert (done.code, len(crm.requests)) == (0, before) and "Put back before, by the run" in done.out
