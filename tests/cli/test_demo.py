"""The stand-in of the CRM and the demonstration, as commands."""

from __future__ import annotations

from click.testing import CliRunner

from batch_editor.cli.commands import cli
from batch_editor.sandbox import fault_help


def test_the_help_on_faults_is_whole_and_fits_a_terminal() -> None:
    shown = CliRunner().invoke(cli, ["sandbox", "--help"], terminal_width=80).output
    assert max(len(line) for line in shown.splitlines()) <= 80
    assert " ".join(fault_help().split()) in " ".join(shown.split())


def test_a_fault_that_is_not_understood_is_a_mistake_of_usage() -> None:
    done = CliRunner().invoke(cli, ["sandbox", "--fail", "nonsense"])
    assert done.exit_code == 2 and "fault 'nonsense' is not understood" in done.output
