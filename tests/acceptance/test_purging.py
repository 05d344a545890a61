"""``journal purge``: what it would forget is told and asked first, unfinished runs first, and what was not agreed to stays."""

from __future__ import annotations

import os
from pathlib import Path

import openpyxl
import pytest
from support import jobs
from support.commands import Commands, Terminal
from support.crm import Crm

from batch_editor.journal.journal import Journal

terminals = pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals of POSIX")
PURGE = ("journal", "purge", "--older-than", "0d")


@pytest.fixture
def command(tmp_path: Path) -> Commands:
    """A journal with one run that is finished and one of which three rows are still to be sent, each with its results."""
    jobs.sheet(tmp_path, [11, 12], "whole.csv")
    jobs.sheet(tmp_path, range(21, 26), "half.csv")
    with Crm() as crm:
        command = Commands(tmp_path, crm.url)
        assert command("run", "whole.csv").code == 0
        assert command("run", "half.csv", "--limit", "2").code == 0
    return command


def runs(command: Commands) -> list[str]:
    return [line.split()[0] for line in command("runs").out.splitlines() if line[0] not in " T"]


def books(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.results.xlsx"))


@terminals
@pytest.mark.parametrize(
    ("lang", "told", "asked", "also"),
    [
        (
            "en",
            "stopped early: 3 of 5 rows still to be sent, from",
            "Forget 2 runs, 1 of them not finished?",
            "(2 files)? [y/N]",
        ),
        ("zh", "提前停止：共 5 行，还有 3 行待发送，来自", "删除这 2 次运行（其中 1 次没有完成）吗？", "（2 份）吗？"),
    ],
)
def test_it_tells_what_is_lost_and_asks_for_the_runs_and_for_their_results(
    command: Commands, tmp_path: Path, lang: str, told: str, asked: str, also: str
) -> None:
    half, whole = runs(command)
    terminal = Terminal(command, *PURGE, "--lang", lang, size=(80, 24))
    terminal.read_until("[y/N]")
    seen = "".join(terminal.screen()).replace(" ", "")
    assert half in seen and whole not in seen and told.replace(" ", "") in seen and asked.replace(" ", "") in seen
    assert ("2runswith7rows,from20" if lang == "en" else "2次运行，共7行，时间从20") in seen
    assert runs(command) == [half, whole]
    terminal.type("确定\n")
    terminal.read_until(also)
    terminal.type("y\n")
    assert terminal.end() == 0
    assert runs(command) == [] and books(tmp_path) == []
    assert sorted(path.name for path in tmp_path.glob("*.csv")) == ["half.csv", "whole.csv"]


@terminals
@pytest.mark.parametrize(("answers", "code", "left"), [(["\n"], 2, 2), (["n\n"], 2, 2), (["y\n", "\n"], 0, 0)])
def test_enter_alone_forgets_nothing_and_removes_nothing(
    command: Commands, tmp_path: Path, answers: list[str], code: int, left: int
) -> None:
    terminal = Terminal(command, *PURGE, size=(80, 24))
    for question, answer in zip(("undone. [y/N]", "(2 files)? [y/N]"), answers, strict=False):
        while question not in " ".join("".join(terminal.screen()).split()):
            terminal.read_more()
        terminal.type(answer)
    assert terminal.end() == code and len(runs(command)) == left and len(books(tmp_path)) == 2
    assert ("Nothing was forgotten." in terminal.seen) is (code == 2)


def test_without_a_terminal_it_wants_to_be_told(command: Commands, tmp_path: Path) -> None:
    refused = command(*PURGE)
    assert refused.code == 2 and "--yes" in refused.err and len(runs(command)) == 2
    assert (
        refused.out.startswith("NOT FINISHED: 1 run.")
        and "To be forgotten, since they are older than 0 days: 2 runs" in refused.out
    )
    done = command(*PURGE, "--yes")
    assert done.code == 0 and runs(command) == [] and len(books(tmp_path)) == 2
    assert command(*PURGE).code == 0  # there is nothing to agree to


def test_results_go_with_their_runs_unless_somebody_has_changed_them(command: Commands, tmp_path: Path) -> None:
    mended = tmp_path / "half.results.xlsx"
    book = openpyxl.load_workbook(mended)
    book.worksheets[0]["B5"] = "mended"
    book.save(mended)
    done = command(*PURGE, "--yes", "--results")
    assert done.code == 0 and books(tmp_path) == [mended.name]
    assert f"Not removed, since it is open, cannot be deleted, or was changed by somebody: {mended}" in done.out
    assert "Removed: 1 results sheet." in done.out


def test_a_run_that_is_under_way_stays(command: Commands, tmp_path: Path) -> None:
    half, _ = runs(command)
    with Journal(tmp_path / "state" / "journal.sqlite3") as journal:
        journal.claim(half)
        done = command(*PURGE, "--yes", "--results")
    assert f"Kept, since they are under way: {half}" in done.out
    assert runs(command) == [half] and books(tmp_path) == ["half.results.xlsx"]


def test_the_copies_of_older_versions_are_told_and_removed(command: Commands, tmp_path: Path) -> None:
    copy = tmp_path / "state" / "journal.sqlite3.before-v5"
    copy.touch()
    assert copy.name in command(*PURGE).out and copy.exists()
    assert command(*PURGE, "--yes").code == 0 and not copy.exists()
    copy.touch()  # also where no run is that old
    assert command(*PURGE).code == 2 and copy.exists() and command(*PURGE, "--yes").code == 0 and not copy.exists()
