"""The commands that look back at runs: what they list, and the age of runs that are forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import jobs
from support.commands import TOKEN, Commands
from support.crm import Crm, envelope, scripted


def test_a_run_is_shown_with_its_options_and_settings_but_no_secret(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11, 12])
    with Crm(scripted({12: [envelope(7, "no")]})) as crm:
        command = Commands(tmp_path, crm.url)
        run = command("run", "edits.csv", "--edit", "remark", "--json").json["run"]
        shown = command("show", run).out
    assert "2 rows:\n        1  updated\n        1  rejected by the CRM\n" in shown
    assert "Options: --edit remark\n" in shown
    settings = shown[shown.index("Settings that are not the usual ones (without secrets):\n") :]
    assert "  Permitted rate: no limit\n" in settings and TOKEN not in shown
    assert "{" not in settings and "[" not in settings and '"' not in settings


def test_a_run_is_shown_in_chinese_as_well(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11])
    with Crm() as crm:
        command = Commands(tmp_path, crm.url)
        run = command("run", "edits.csv", "--json").json["run"]
        shown = command("show", run, "--lang", "zh").out
    assert "与默认值不同的设置（不含密钥）：\n" in shown and "  允许的速率：不限\n" in shown


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
        kept = command("journal", "purge", "--older-than", "1d")
        forgotten = command("journal", "purge", "--older-than", "0d", "--yes")
        listed = command("runs")
    assert kept.out == "Removed from the journal, since they are older than 1 day: 0 runs.\n"
    assert forgotten.out.endswith("\nRemoved from the journal, since they are older than 0 days: 1 run.\n")
    assert listed.out == "There are no runs yet.\n"
