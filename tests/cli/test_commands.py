"""The entry point: exit codes of errors, what a machine finds on stdout then, and that every command answers for itself."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from support.commands import Commands

from batch_editor import job
from batch_editor.cli.commands import cli
from batch_editor.errors import BatchEditorError, Declined, GuardTripped, Halted, Refused, ResultsNotWritten, UnderWay


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Refused("prompt.declined"), 2),
        (GuardTripped("guard.min_rows", number=1, least=2), 2),
        (Declined("prompt.declined"), 2),
        (Halted("halt.asked"), 3),
        (UnderWay("run.under_way", run="20261124-093000-7f3a"), 4),
        (ResultsNotWritten("results.not_written", path="x.xlsx", reason="disk full"), 1),
    ],
)
def test_the_kind_of_an_error_decides_the_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BatchEditorError, code: int
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(job, "run", fail)
    command = Commands(tmp_path)
    plain, as_json = command("run", "edits.csv"), command("run", "edits.csv", "--json")
    assert (plain.code, plain.out, plain.err) == (code, "", f"{error}\n")
    assert (as_json.code, as_json.json["exit_code"], as_json.json["error"], as_json.err) == (
        code,
        code,
        str(error),
        f"{error}\n",
    )


def test_a_mistake_of_usage_is_json_as_well(tmp_path: Path) -> None:
    done = Commands(tmp_path)("run", "edits.csv", "--tags", "all", "--json")
    assert done.code == 2 and "'--tags'" in done.err
    assert json.loads(done.out)["error"] in done.err


@pytest.mark.parametrize("command", [name for name, found in cli.commands.items() if not isinstance(found, click.Group)])
def test_every_command_has_help_of_whole_sentences(command: str) -> None:
    shown = CliRunner().invoke(cli, [command, "--help"])
    assert shown.exit_code == 0 and shown.output.startswith("Usage: cli ")
    options = [parameter for parameter in cli.commands[command].params if isinstance(parameter, click.Option)]
    assert all(option.help and option.help.rstrip("].")[:1].isupper() for option in options)
