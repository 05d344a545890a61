"""Every command once in a process of its own: it does there what it does in the process of the tests, and says the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from support import jobs
from support.commands import TOKEN, Commands, Done

from batch_editor.cli.commands import cli
from batch_editor.sandbox import Sandbox

CLUES = [{"clue_id": 11, "remark": "old"}, {"clue_id": 12, "remark": "row 3"}, {"clue_id": 13}]
#: Commands that go on until they are stopped, or bring a CRM of their own: test_console.py, test_serve.py and test_worker.py
#: start them; and one that writes to others: test_nights.py has somebody who listens.
ELSEWHERE = {"journal copy", "sandbox", "demo", "serve", "worker", "notify test"}

#: Commands that look at the journal itself, or tell the settings, and so say something else of a database than of a file.
OTHERWISE = {"doctor", "journal migrate", "show"}


def commands(group: click.Group) -> set[str]:
    """The words of every command below ``group``."""
    words = set[str]()
    for name, command in group.commands.items():
        words |= {f"{name} {below}" for below in commands(command)} if isinstance(command, click.Group) else {name}
    return words


def session(folder: Path, start: Callable[[Commands], Callable[..., Done]]) -> list[tuple[str, Done]]:
    """Every command in turn, each with what came of it; whatever differs from session to session is left out."""
    (folder / "in").mkdir(parents=True)
    jobs.sheet(folder, [11, 12, 13])
    with Sandbox(CLUES, access_token=TOKEN) as crm:
        command = start(Commands(folder, crm.url, rate={"concurrency": 1}))
        ran = command("run", "edits.csv", "--snapshot", "--limit", "2", "--json")
        run = ran.json["run"]
        endings = [("run", ran)]
        for words in (
            ["check", "edits.csv"],
            ["diff", "edits.csv"],
            ["resume", run],
            ["results", run, "--output", "again.csv"],
            ["runs"],
            ["show", run],
            ["clue", "11", "12"],
            ["undo", run, "--yes"],
            ["inbox", "in"],
            ["reconcile", "edits.csv", "--trust-journal"],
            ["template", "new.xlsx"],
            ["fields"],
            ["doctor"],
            ["guide", "limits"],
            ["settings", "--example"],
            ["journal migrate"],
            ["journal purge", "--older-than", "0d", "--yes"],
        ):
            endings.append((words[0], command(*words[0].split(), *words[1:])))

    def same(text: str) -> str:
        for pattern, name in (
            (re.escape(str(folder)), "FOLDER"),
            (re.escape(crm.url), "URL"),
            (r"\d{8}-\d{6}-[0-9a-f]{4}", "RUN"),
            (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S*", "TIME"),
            (r"\d{4}-\d\d-\d\d \d\d:\d\d", "MOMENT"),
            (r"\d+ ms", "QUICK"),
            (r"[\d.]+ MB", "SIZE"),
            (r'in a moment|in (?:about )?\d+ seconds?|"seconds": [0-9.]+', "SECONDS"),
        ):
            text = re.sub(pattern, name, text)
        return text

    return [(words, Done(done.code, same(done.out), same(done.err))) for words, done in endings]


def test_every_command_ends_well(tmp_path: Path) -> None:
    endings = session(tmp_path / "here", lambda command: command)
    assert {words for words, _ in endings} | ELSEWHERE == commands(cli)
    assert [done.code for _, done in endings] == [0] * len(endings)


def test_every_command_says_the_same_where_machines_share_the_journal(tmp_path: Path, journal_server: str) -> None:
    def with_database(command: Commands) -> Callable[..., Done]:
        command.env["BATCH_EDITOR_JOURNAL"] = journal_server
        return command

    of_file = session(tmp_path / "file", lambda command: command)
    for (words, shared), (_, alone) in zip(session(tmp_path / "shared", with_database), of_file, strict=True):
        if words in OTHERWISE:
            is_unsafe = "fsync" in shared.out  # the tests' own server waits for no disk, and doctor says so
            assert shared.code == (1 if is_unsafe and words == "doctor" else alone.code), shared.err
        else:
            assert (words, shared) == (words, alone)


@pytest.mark.slow
def test_a_process_does_and_says_the_same(tmp_path: Path) -> None:
    in_processes = session(tmp_path / "processes", lambda command: command.process)
    assert {words for words, _ in in_processes} | ELSEWHERE == commands(cli)
    assert [done.code for _, done in in_processes] == [0] * len(in_processes)
    assert in_processes == session(tmp_path / "here", lambda command: command)
