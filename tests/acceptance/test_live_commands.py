"""The commands and options of the live record, as they are typed, against the stand-in of the CRM, which can be read."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from support import jobs
from support.commands import TOKEN, Commands, Done

from batch_editor.sandbox import Sandbox

terminals = pytest.mark.skipif(os.name == "nt", reason="signals and terminals of POSIX")

#: Clues as they are before anything is sent.
CLUES: list[dict[str, object]] = [
    {"clue_id": 11, "clue_name": "甲", "clue_pool_id": 5, "follow_user_id": "wo-a", "remark": "旧", "label": "t1,t2"},
    {"clue_id": 12, "clue_name": "乙", "clue_pool_id": 6, "follow_user_id": "wo-b", "remark": "新", "email": "b@example.com"},
    {"clue_id": 13, "clue_name": "丙", "clue_pool_id": 7, "follow_user_id": "wo-c", "gender": "1"},
]
#: A sheet of two columns: one row differs, one does not, and one fills what was empty.
SHEET = "线索ID,备注\n11,新\n12,新\n13,新\n"
MOST_COLUMNS = 80


class Tenant(Sandbox):
    """The stand-in, with what the tests ask about it."""

    def asked(self) -> list[str]:
        """The requests in the order in which they arrived: the last word of each address, and the clue."""
        return [
            f"{one.path.rpartition('/')[2]} {json.loads(one.body)['clue_id']}" for one in self.requests if "/clue/" in one.path
        ]

    def edits(self) -> list[dict[str, Any]]:
        """The bodies of all edits."""
        return [json.loads(one.body) for one in self.requests if one.path.endswith("/edit")]

    def remarks(self) -> list[object]:
        return [self.clue(clue)["remark"] for clue in sorted(self.clues())]


def tenant(**options: Any) -> Tenant:
    return Tenant(**{"clues": CLUES, "access_token": TOKEN} | options)


@pytest.fixture
def crm() -> Iterator[Tenant]:
    with tenant() as running:
        yield running


@pytest.fixture
def command(tmp_path: Path, crm: Tenant) -> Commands:
    jobs.text_file(tmp_path / "edits.csv", SHEET)
    return commands(tmp_path, crm)


def commands(folder: Path, crm: Sandbox, **over: Any) -> Commands:
    """The command, with who edits as its only default: the rest of a row is in the sheet, or comes from the CRM."""
    command = Commands(folder, crm.url, **over)
    settings = yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8"))
    command.configure(**settings | {"defaults": {"user_id": "wo-operator"}})
    return command


def run_of(done: Done) -> str:
    """The name of the run that a summary tells of."""
    return re.findall(r"^(?:Run |运行 )(\d{8}-\d{6}-[0-9a-f]{4})", done.out, re.MULTILINE)[0]


# --- what is read before anything is sent


@pytest.mark.parametrize("args", [("--strict",), ()], ids=["strict", "guards"])
def test_rows_that_turn_out_equal_are_no_rows_left_behind(tmp_path: Path, crm: Tenant, args: tuple[str, ...]) -> None:
    jobs.text_file(tmp_path / "edits.csv", SHEET)
    command = commands(tmp_path, crm, guards={} if args else {"max_rows": 100})
    done = command("run", "edits.csv", "--fill", "--only-changed", *args)
    assert sorted(crm.asked()[:3]) == ["info 11", "info 12", "info 13"]
    assert (done.code, done.err) == (0, "Reading 3 clues first, a moment at the permitted rate. Nothing is sent yet.\n")
    assert jobs.statuses(tmp_path / "edits.results.xlsx") == ["updated", "unchanged", "updated"]
    assert f"{run_of(done)}  finished\n" in command("runs").out


def test_a_sheet_of_which_nothing_differs_is_finished(tmp_path: Path, crm: Tenant) -> None:
    jobs.text_file(tmp_path / "edits.csv", "线索ID,备注\n12,新\n")
    done = commands(tmp_path, crm)("run", "edits.csv", "--fill", "--only-changed", "--strict")
    assert done.code == 0 and "Nothing to send.\n        1  unchanged\n" in done.out and not crm.edits()


def test_a_diff_knows_nothing_of_rows_beyond_the_limit(tmp_path: Path, command: Commands, crm: Tenant) -> None:
    done = command("diff", "edits.csv", "--fill", "--limit", "1")
    assert crm.asked() == ["info 11"]
    assert done.err == "Reading clues first, until 1 edits are found. Nothing is sent yet.\n"
    assert "1 fields of 1 rows differ:\n  row 2  描述 (remark): 旧 → 新\nNot sent, beyond --limit: 2 rows\n" in done.out
    assert [row["row"] for row in jobs.results(tmp_path / "edits.diff.xlsx")] == ["2"]


def test_a_limit_is_filled_up_with_rows_that_differ(tmp_path: Path, command: Commands, crm: Tenant) -> None:
    done = command("diff", "edits.csv", "--fill", "--limit", "2")
    assert sorted(crm.asked()) == ["info 11", "info 12", "info 13"]
    assert "2 fields of 2 rows differ:\n" in done.out and "        1  unchanged\n" in done.out


def test_a_limit_says_how_many_clues_are_read(command: Commands) -> None:
    assert "before their rows are sent: 1\n" in command("check", "edits.csv", "--fill", "--limit", "1").out
    told = command("check", "edits.csv", "--fill", "--only-changed", "--limit", "1").out
    assert "Clues are read from the CRM until 1 edits are found: at most 3\n" in told


def test_a_clue_that_is_not_shown_is_no_edit_that_was_refused(tmp_path: Path, command: Commands, crm: Tenant) -> None:
    jobs.text_file(tmp_path / "edits.csv", "线索ID,备注\n99,新\n")
    done = command("run", "edits.csv", "--fill")
    (row,) = jobs.results(tmp_path / "edits.results.xlsx")
    assert (done.code, row["result_status"], row["result_code"]) == (1, "invalid", "90007") and not crm.edits()
    assert row["result_message"].endswith(
        "nothing was sent, since the clue could not be read: the CRM says (90007): 线索不存在"
    )
