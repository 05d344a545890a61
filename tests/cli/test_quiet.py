"""Warnings are never lost: whatever else is left out, stderr or the preview has them, and the JSON has the same ones.

Each situation is played four times, each time in a folder of its own: as it is, with ``--quiet``, as JSON, and with both.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from support import jobs
from support.commands import TOKEN, Commands, Done

from batch_editor.cli.commands import cli
from batch_editor.errors import ResultsNotWritten
from batch_editor.sandbox import Sandbox

MODES: dict[str, list[str]] = {"plain": [], "quiet": ["--quiet"], "json": ["--json"], "both": ["--quiet", "--json"]}
#: What is told by a command that goes on until it is stopped: acceptance/test_worker.py looks at it.
ENDLESS = {"worker"}
#: A clue in two rows, and a text that may be meant for nothing: two warnings.
DOUBTFUL = "clue_id,remark\n11,NA\n11,b\n12,c\n"
TWICE, NOTHING = "Several rows for", "such as NA"
CLUES = [{"clue_id": clue, "remark": "old", "clue_name": "王"} for clue in (11, 12)]
Situation = Callable[[Path, Sandbox, list[str]], Done]


def given(folder: Path, crm: Sandbox, **over: Any) -> Commands:
    jobs.text_file(folder / "edits.csv", DOUBTFUL)
    jobs.text_file(folder / "mine.csv", "that of somebody\n")
    return Commands(folder, crm.url, **over)


def sheet_of(command: str, *words: str, **over: Any) -> Situation:
    """The command reads the doubtful sheet, by settings that are ``over`` the usual ones."""

    def play(folder: Path, crm: Sandbox, mode: list[str]) -> Done:
        return given(folder, crm, **over)(command, "edits.csv", *words, *mode)

    return play


def inbox(text: str = DOUBTFUL, **over: Any) -> Situation:
    def play(folder: Path, crm: Sandbox, mode: list[str]) -> Done:
        command = given(folder, crm, **over)
        (folder / "in").mkdir()
        jobs.text_file(folder / "in" / "edits.csv", text)
        (folder / "in" / "edits.csv.done").touch()
        return command("inbox", "in", "--marker", ".done", *mode)

    return play


def resumed(folder: Path, crm: Sandbox, mode: list[str]) -> Done:
    """What is said of the sheet when it was read is not said once more; that its results could not be replaced is."""
    command = given(folder, crm)
    run = command("run", "edits.csv", "--limit", "1", "--json").json["run"]
    return command("resume", run, "-o", "mine.csv", *mode)


def undone(folder: Path, crm: Sandbox, mode: list[str]) -> Done:
    command = given(folder, crm)
    run = command("run", "edits.csv", "--snapshot", "--json").json["run"]
    return command("undo", run, "--yes", "-o", "mine.csv", *mode)


def with_settings_nearby(*words: str, text: str = DOUBTFUL) -> Situation:
    """A settings file that is called otherwise is not read."""

    def play(folder: Path, crm: Sandbox, mode: list[str]) -> Done:
        command = given(folder, crm)
        jobs.text_file(folder / "edits.csv", text)
        (folder / "config.yaml").rename(folder / "config (1).yaml")
        address = [] if words[0] in ("undo", "resume") else ["--base-url", crm.url]
        return command(*words, *address, *mode)

    return play


GUARDED: dict[str, Any] = {"guards": {"max_rows": 2}}
SITUATIONS: dict[str, tuple[Situation, int, list[str]]] = {
    "run": (sheet_of("run"), 0, [TWICE, NOTHING]),
    "run of nothing": (sheet_of("run", "--only-empty", "--edit", "remark"), 0, [TWICE, NOTHING]),
    "run that is refused": (sheet_of("run", **GUARDED), 2, [TWICE, NOTHING]),
    "run to a file that is there": (sheet_of("run", "-o", "mine.csv"), 0, [TWICE, "mine.csv"]),
    "run that cannot read": (sheet_of("run", "--strict", "--only-changed", rate={"patience": 0.1}), 3, [TWICE, NOTHING]),
    "run that cannot send": (sheet_of("run"), 3, [TWICE, NOTHING]),
    "reconcile": (sheet_of("reconcile"), 0, [TWICE, NOTHING]),
    "reconcile that is refused": (sheet_of("reconcile", **GUARDED), 2, [TWICE, NOTHING]),
    "check": (sheet_of("check"), 0, [TWICE, NOTHING]),
    "check that is refused": (sheet_of("check", **GUARDED), 2, [TWICE, NOTHING]),
    "check with settings nearby": (with_settings_nearby("check", "edits.csv"), 1, ["config (1).yaml", NOTHING]),
    "diff": (sheet_of("diff"), 0, [TWICE, NOTHING]),
    "diff that is refused": (sheet_of("diff", **GUARDED), 2, [TWICE, NOTHING]),
    "diff of no sheet": (with_settings_nearby("diff", "edits.csv", text="x\n"), 2, ["config (1).yaml"]),
    "inbox": (inbox(), 0, [TWICE, NOTHING]),
    "inbox that refuses": (inbox(**GUARDED), 2, [TWICE, NOTHING]),
    "inbox that stops": (inbox(), 3, [TWICE, NOTHING]),
    "resume": (resumed, 0, ["mine.csv"]),
    "undo": (undone, 0, ["mine.csv"]),
    "undo of no run": (with_settings_nearby("undo", "20260101-000000-dead"), 2, ["config (1).yaml"]),
}
#: More of what others show as well.
SLOW = {"run of nothing", "reconcile that is refused", "inbox that stops", "undo"}
#: What the CRM does there.
FAULTS = {
    "run that cannot read": ["read:503"],
    "run that cannot send": ["token-expired"],
    "inbox that stops": ["token-expired"],
}


def notes_of(value: dict[str, Any]) -> list[str]:
    return [note for part in (value, *value.get("sheets", [])) for note in part["notes"]]


@pytest.mark.usefixtures("results_as_csv")
@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.slow if name in SLOW else ()) for name in SITUATIONS])
def test_warnings_are_shown_whatever_is_left_out(name: str, tmp_path: Path) -> None:
    play, code, words = SITUATIONS[name]
    ended = dict[str, Done]()
    for mode, options in MODES.items():
        folder = tmp_path / mode
        folder.mkdir()
        with Sandbox(CLUES, access_token=TOKEN, faults=FAULTS.get(name, [])) as crm:
            done = play(folder, crm, options)
        ended[mode] = Done(done.code, done.out.replace(str(folder), ""), done.err.replace(str(folder), ""))
    assert {mode: done.code for mode, done in ended.items()} == dict.fromkeys(MODES, code), ended
    notes = notes_of(json.loads(ended["json"].out))
    assert notes == notes_of(json.loads(ended["both"].out)) and len({*notes}) == len(notes)
    assert all(any(word in note for note in notes) for word in words), notes
    for mode, done in ended.items():
        shown = done.output if mode == "plain" else done.err
        assert {note: shown.count(note) for note in notes} == dict.fromkeys(notes, 1), (mode, done)


def test_every_command_that_can_be_quiet_is_played() -> None:
    quiet = {name for name, command in cli.commands.items() if any("--quiet" in option.opts for option in command.params)}
    assert isinstance(cli, click.Group) and quiet == {name.split()[0] for name in SITUATIONS} | ENDLESS


@pytest.mark.parametrize("command", ["run", "check", "diff"])
@pytest.mark.parametrize("over", [{}, GUARDED], ids=["well", "refused"])
def test_the_log_for_programs_has_them_too(command: str, over: dict[str, Any], tmp_path: Path) -> None:
    with Sandbox(CLUES, access_token=TOKEN) as crm:
        done = given(tmp_path, crm, **over)(command, "edits.csv", "--quiet", "--json", "--log-format", "json")
    events = [json.loads(line) for line in done.err.splitlines()]
    assert [event.get("key") for event in events].count("preview.repeated") == 1, done


def test_a_check_sheet_that_cannot_be_written_is_told_without_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no run whose results could be written again."""

    def full(target: Path, *_: object, **__: object) -> None:
        raise ResultsNotWritten("results.not_written", path=target, reason="no space")

    monkeypatch.setattr("batch_editor.runs.check_sheets.results.write_table", full)
    with Sandbox(CLUES, access_token=TOKEN) as crm:
        done = given(tmp_path, crm, **GUARDED)("run", "edits.csv", "--quiet", "--json")
    (note,) = [note for note in done.json["notes"] if "could not be written" in note]
    assert note in done.err and "results RUN" not in note and (done.code, done.json["check_sheet"]) == (2, None)
