"""The commands that look back at runs: what they list, and the age of runs that are forgotten."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support import jobs
from support.commands import Commands
from support.crm import Crm, envelope, scripted


def test_a_run_is_shown_with_its_options_and_settings_but_no_secret(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11, 12])
    with Crm(scripted({12: [envelope(7, "no")]})) as crm:
        command = Commands(tmp_path, crm.url)
        run = command("run", "edits.csv", "--edit", "remark", "--json").json["run"]
        shown = command("show", run).out
    assert "2 rows:\n        1  updated\n        1  rejected by the CRM\n" in shown
    (options,) = (line.removeprefix("Options: ") for line in shown.splitlines() if line.startswith("Options: "))
    assert json.loads(options) == {"edit": ["remark"]}
    settings = json.loads(shown[shown.index("Settings (without secrets):") :].split("\n", 1)[1])
    assert settings["rate"]["limits"] == [] and "access_token" not in json.dumps(settings)


def test_a_run_is_listed_with_its_counts_its_address_and_its_sheet(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11])
    with Crm() as crm:
        command = Commands(tmp_path, crm.url)
        run = command("run", "edits.csv", "--json").json["run"]
        listed = command("runs").out.splitlines()
    assert listed[0] == f"{run}  finished" and listed[1] == "    updated 1"
    assert listed[2:] == [f"    {crm.url} (that of the access token)", f"    {tmp_path / 'edits.csv'}"]


@pytest.mark.parametrize("age", ["90", "d", "-1d", "1.5d", "90 d", "九十d", "100000d"])
def test_an_age_is_a_number_of_days(tmp_path: Path, age: str) -> None:
    done = Commands(tmp_path)("journal", "purge", "--older-than", age)
    assert done.code == 2 and "is not a number of days such as 90d" in done.err


def test_only_runs_of_that_age_are_forgotten(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11])
    with Crm() as crm:
        command = Commands(tmp_path, crm.url)
        command("run", "edits.csv")
        kept, forgotten = command("journal", "purge", "--older-than", "1d"), command("journal", "purge", "--older-than", "0d")
        listed = command("runs")
    assert kept.out == "Removed from the journal, since they are older than 1 day: 0 runs.\n"
    assert forgotten.out == "Removed from the journal, since they are older than 0 days: 1 run.\n"
    assert listed.out == "There are no runs yet.\n"
