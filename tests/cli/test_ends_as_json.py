"""However a command ends that takes ``--json``, its object says so in the same four keys, on stdout as in a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from support import jobs
from support.commands import TOKEN, Commands
from support.nights import Robot
from support.servers import closed_port

from batch_editor.cli.commands import cli
from batch_editor.sandbox import Sandbox

#: What is typed for a command that ends well, beside its name.
WELL = {
    "run": ["edits.csv"],
    "inbox": [".", "--marker", ".done"],
    "reconcile": ["edits.csv"],
    "resume": ["RUN"],
    "undo": ["RUN", "--yes"],
    "diff": ["edits.csv"],
    "check": ["edits.csv"],
    "notify test": [],
    "runs": [],
    "show": ["RUN"],
    "show --changes": ["RUN"],
    "clue": ["11"],
    "fields": [],
    "doctor": ["--clue", "11"],
}
#: The same, where something else than the settings and the words is wrong: the exit code and the reason.
NOT_WELL = {
    "run": (["nowhere.csv"], 2, "sheet_missing"),
    "inbox": (["nowhere"], 2, "inbox"),
    "reconcile": (["nowhere.csv"], 2, "sheet_missing"),
    "resume": (["nobody"], 2, "run_unknown"),
    "undo": (["nobody", "--yes"], 2, "run_unknown"),
    "diff": (["99.csv"], 1, "rows"),
    "check": (["bad.csv"], 1, "rows"),
    "notify test": ([], 1, "not_delivered"),
    "runs": (["--dismiss", "nobody"], 2, "run_unknown"),
    "show": (["nobody"], 2, "run_unknown"),
    "show --changes": (["nobody"], 2, "run_unknown"),
    "clue": (["99"], 1, "clues"),
    "fields": (["--config", "nowhere.yaml"], 2, "settings"),
    "doctor": (["--clue", "99"], 1, "to_mend"),
}
ENDINGS = ("exit_code", "reason", "error", "stopped")


def with_json(command: click.Command, name: str = "") -> Iterator[str]:
    if isinstance(command, click.Group):
        for word, inner in command.commands.items():
            yield from with_json(inner, f"{name} {word}".strip())
    elif any("--json" in option.opts for option in command.params):
        yield name


def test_every_command_with_json_is_played() -> None:
    names = {*with_json(cli)}
    assert names == {name.partition(" --")[0] for name in WELL} == {name.partition(" --")[0] for name in NOT_WELL}


@pytest.mark.usefixtures("results_as_csv")
@pytest.mark.parametrize("name", WELL)
def test_an_object_says_how_its_command_ended(name: str, tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11])
    jobs.sheet(tmp_path, [99], "99.csv")
    jobs.text_file(tmp_path / "bad.csv", "clue_id,remark\nx,a\n")
    words = name.split()
    clue = {"clue_id": 11, "clue_name": "王", "clue_pool_id": 1, "follow_user_id": "x"}
    with Sandbox([clue], access_token=TOKEN) as crm, Robot() as robot:
        telling = [{"kind": "wecom", "url": f"{robot.url}/robot?key=k"}]
        command = Commands(tmp_path, crm.url, notify=telling, timezone="Asia/Shanghai")
        run = ""
        if "RUN" in WELL[name]:
            run = command("run", "edits.csv", "--snapshot", "--json").json["run"]
        arguments = [run if word == "RUN" else word for word in WELL[name]]
        done = command(*words, *arguments, "--json", "--json-file", "object.json")
        well = done.json
        is_alone = name == "doctor" and well["exit_code"] == 1  # of a machine of which something else is to mend
        assert [well[key] for key in ENDINGS] == [0, None, None, False] or is_alone, done
        assert json.loads((tmp_path / "object.json").read_text("utf-8")) == well
        given, code, reason = NOT_WELL[name]
        if name == "notify test":
            file = tmp_path / "config.yaml"
            file.write_text(file.read_text().replace(robot.url, f"http://127.0.0.1:{closed_port()}"))
        bad = command(*words, *given, "--json", "--json-file", "object.json")
        value = bad.json
        assert (bad.code, value["exit_code"], value["reason"], value["stopped"]) == (code, code, reason, False), bad
        assert value["error"] and all(line in bad.output for line in value["error"].split("\n"))
        assert json.loads((tmp_path / "object.json").read_text("utf-8")) == value
        value = command(*words, *arguments, "--nonsense", "--json", "--json-file", "object.json").json
        assert [value[key] for key in ENDINGS if key != "error"] == [2, "usage", False] and "--nonsense" in value["error"]
        (tmp_path / "config.yaml").write_text("nonsense: 1\n")
        value = command(*words, *arguments, "--json", "--json-file", "object.json").json
        assert [value[key] for key in ENDINGS if key != "error"] == [2, "settings", False] and "nonsense" in value["error"]
