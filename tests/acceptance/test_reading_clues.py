"""The commands and options of the live record, as they are typed, against the stand-in of the CRM, which can be read."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from support import jobs
from support.commands import TOKEN, Commands, Done, Terminal, finished

from batch_editor.sandbox import Sandbox

terminals = pytest.mark.skipif(os.name == "nt", reason="signals and terminals of POSIX")

#: Clues as they are before anything is sent.
CLUES: list[dict[str, object]] = [
    {
        "clue_id": 11,
        "clue_name": "甲",
        "clue_pool_id": 5,
        "follow_user_id": "wo-employee-number-a",
        "remark": "旧",
        "label": "tag-of-the-tests-no1,tag-of-the-tests-no2",
    },
    {
        "clue_id": 12,
        "clue_name": "乙",
        "clue_pool_id": 6,
        "follow_user_id": "wo-employee-number-b",
        "remark": "新",
        "email": "b@example.com",
    },
    {"clue_id": 13, "clue_name": "丙", "clue_pool_id": 7, "follow_user_id": "wo-employee-number-c", "gender": "1"},
]
#: A sheet of two columns: one row differs, one does not, and one fills what was empty.
SHEET = "线索ID,备注\n11,新\n12,新\n13,新\n"
MOST_COLUMNS = 80
#: Three English words in a row: a sentence, and not a name.
ENGLISH = re.compile("[A-Za-z]+ [a-z]+ [a-z]+")


class Tenant(Sandbox):
    """The stand-in, with what the tests ask about it."""

    def asked(self) -> list[str]:
        """The requests in the order in which they arrived: the last word of each address, and the clue."""
        return [
            f"{request.path.rpartition('/')[2]} {json.loads(request.body)['clue_id']}"
            for request in self.requests
            if "/clue/" in request.path
        ]

    def edits(self) -> list[dict[str, Any]]:
        """The bodies of all edits."""
        return [json.loads(request.body) for request in self.requests if request.path.endswith("/edit")]

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
    command.configure(**settings | {"defaults": {"user_id": "wo-operator-of-the-tests"}})
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
    assert done.err == "Reading clues first, until 1 edit can be sent. Nothing is sent yet.\n"
    assert (
        "Differences: 1 field in 1 row:\n  row 2 (甲)  描述 (remark): 旧 → 新\nNot sent, beyond --limit: 2 rows\n" in done.out
    )
    assert [row["row"] for row in jobs.results(tmp_path / "edits.diff.xlsx")] == ["2"]


def test_a_diff_tells_of_clues_that_cannot_be_read(tmp_path: Path) -> None:
    jobs.text_file(tmp_path / "edits.csv", SHEET)
    with tenant(faults=["read:500@clue:11"]) as crm:
        command = commands(tmp_path, crm, rate={"concurrency": 1})
        done = command("diff", "edits.csv", "--fill")
        limited = command("diff", "edits.csv", "--fill", "--limit", "1", "--output", "one.csv")
    assert done.code == 1 and done.out.startswith("Differences: 1 field in 1 row:\n  row 4 (丙)  描述 (remark): (empty) → 新\n")
    assert "        1  failed (no usable answer)\n  1 ×  the clue could not be read in 2 tries" in done.out
    assert "--limit" not in done.out
    assert [row["row"] for row in jobs.results(tmp_path / "edits.diff.xlsx")] == ["2", "4"]
    assert "differ" not in limited.out.casefold().partition("differences:")[0] and "--limit: 2 rows" in limited.out
    assert [row["row"] for row in jobs.results(tmp_path / "one.csv")] == ["2"]


def test_a_limit_is_filled_up_with_rows_that_differ(tmp_path: Path, command: Commands, crm: Tenant) -> None:
    done = command("diff", "edits.csv", "--fill", "--limit", "2")
    assert sorted(crm.asked()) == ["info 11", "info 12", "info 13"]
    assert "Differences: 2 fields in 2 rows:\n" in done.out and "        1  unchanged\n" in done.out


def test_a_limit_says_how_many_clues_are_read(command: Commands) -> None:
    assert "before their rows are sent: 1\n" in command("check", "edits.csv", "--fill", "--limit", "1").out
    shown_text = command("check", "edits.csv", "--fill", "--only-changed", "--limit", "1").out
    assert "Clues are read from the CRM until 1 edit can be sent: at most 3\n" in shown_text


def test_a_clue_that_is_not_shown_is_no_edit_that_was_refused(tmp_path: Path, command: Commands, crm: Tenant) -> None:
    jobs.text_file(tmp_path / "edits.csv", "线索ID,备注\n99,新\n")
    done = command("run", "edits.csv", "--fill")
    (row,) = jobs.results(tmp_path / "edits.results.xlsx")
    assert (done.code, row["result_status"], row["result_code"]) == (1, "invalid", "90007") and not crm.edits()
    assert row["result_message"].endswith(
        "nothing was sent, since the clue could not be read: the CRM says (90007): 线索不存在"
    )


# --- filling, comparing, tags


def test_fill_takes_what_a_sheet_of_two_columns_lacks(tmp_path: Path, command: Commands, crm: Tenant) -> None:
    lacking = command("run", "edits.csv")
    assert (lacking.code, crm.requests) == (1, []) and "or add --fill to take it from the CRM" in lacking.out
    done = command("run", "edits.csv", "--fill")
    assert done.code == 0 and crm.remarks() == ["新", "新", "新"]
    first = next(body for body in crm.edits() if body["clue_id"] == 11)
    assert first == {
        "clue_id": 11,
        "clue_name": "甲",
        "clue_pool_id": 5,
        "follow_user_id": "wo-employee-number-a",
        "user_id": "wo-operator-of-the-tests",
        "remark": "新",
        "update_specified_fields": ["remark"],
    }


def test_fill_can_be_set_once_and_for_all(command: Commands, crm: Tenant) -> None:
    assert command("run", "edits.csv", BATCH_EDITOR_FILL="true").code == 0 and len(crm.edits()) == 3


def test_only_changed_sends_what_differs_and_reads_and_sends_side_by_side(
    tmp_path: Path, command: Commands, crm: Tenant
) -> None:
    jobs.text_file(tmp_path / "edits.csv", "线索ID,备注,性别\n11,新,男\n12,新,\n13,新,女\n")
    done = command("run", "edits.csv", "--fill", "--only-changed", "--concurrency", "1")
    assert done.code == 0 and crm.asked() == ["info 11", "edit 11", "info 12", "info 13", "edit 13"]
    assert [body["update_specified_fields"] for body in crm.edits()] == [["remark", "gender"], ["remark"]]
    assert jobs.statuses(tmp_path / "edits.results.xlsx") == ["updated", "unchanged", "updated"]
    assert "Reading" not in done.output and "        1  unchanged\n" in done.out
    again = command("run", "edits.csv", "--fill", "--only-changed", "--json")
    assert (again.code, again.json["unchanged"], len(crm.edits())) == (0, 3, 2)


@pytest.mark.parametrize(
    ("args", "label"),
    [
        ((), "tag-of-the-tests-no2,tag-of-the-tests-no3"),
        (("--tags", "add"), "tag-of-the-tests-no1,tag-of-the-tests-no2,tag-of-the-tests-no3"),
        (("--tags", "remove"), "tag-of-the-tests-no1"),
    ],
    ids=" ".join,
)
def test_tags(tmp_path: Path, command: Commands, crm: Tenant, args: tuple[str, ...], label: str) -> None:
    jobs.text_file(tmp_path / "tags.csv", "线索ID,标签\n11,tag-of-the-tests-no2、tag-of-the-tests-no3\n")
    assert command("run", "tags.csv", "--fill", *args).code == 0
    assert crm.clue(11)["label"] == label


# --- a way back


def test_snapshot_makes_a_run_one_that_can_be_undone(command: Commands, crm: Tenant) -> None:
    jobs.text_file(
        command.folder / "whole.csv",
        "线索ID,线索名称,线索池ID,跟进人ID,备注\n11,甲,5,wo-employee-number-a,x\n12,乙,6,wo-employee-number-b,y\n",
    )
    blind = command("run", "whole.csv", "--edit", "remark")
    assert (
        "This run cannot be undone, since old values are not read. --snapshot" in blind.out
        and "batch-editor undo" not in blind.out
    )
    refused = command("undo", run_of(blind))
    assert refused.code == 2 and refused.err.startswith(f"Nothing of the run {run_of(blind)} can be put back")
    assert len(crm.requests) == 2
    done = command("run", "whole.csv", "--edit", "remark", "--snapshot", "--new", "--config", "config.yaml")
    assert "This run cannot be undone" not in done.out
    (line,) = [line for line in done.out.splitlines() if line.startswith("  batch-editor undo ")]
    crm.change(11, remark="z")
    assert command(*line.split()[1:], "--yes").code == 1
    assert crm.remarks()[:2] == ["z", "y"]


@pytest.fixture
def undone(command: Commands, crm: Tenant) -> tuple[Commands, str]:
    """A run that can be undone: clue 11 had another remark, clue 13 had none."""
    return command, run_of(command("run", "edits.csv", "--fill", "--only-changed"))


def test_undo_puts_back_and_can_be_undone_itself(undone: tuple[Commands, str], crm: Tenant) -> None:
    command, run = undone
    done = command("undo", run, "--yes")
    assert done.code == 0 and crm.remarks() == ["旧", "新", None]
    assert f"Puts back what the run {run} changed." in done.out and "CLEARS 1 cell:" in done.out
    rows = jobs.results(command.folder / "edits.undo.xlsx")
    assert [(row["线索ID"], row["描述"], row["result_status"]) for row in rows] == [
        ("11", "旧", "updated"),
        ("13", "#CLEAR", "updated"),
    ]
    assert command("undo", run_of(done), "--yes").code == 0 and crm.remarks() == ["新", "新", "新"]


def test_undo_leaves_alone_what_somebody_has_changed_unless_it_is_forced(undone: tuple[Commands, str], crm: Tenant) -> None:
    command, run = undone
    crm.change(11, remark="同事写的")
    done = command("undo", run, "--json", "--output", "back.csv", "--yes")
    assert (done.code, done.json["updated"], done.json["conflict"]) == (1, 1, 1)
    assert done.json["results"] == str(command.folder / "back.csv") and crm.remarks() == ["同事写的", "新", None]
    first, _ = jobs.results(command.folder / "back.csv")
    assert first["result_status"] == "conflict" and "not what the run has set: 描述 (remark)" in first["result_message"]
    forced = command("undo", run, "--force", "--yes")
    assert forced.code == 0 and crm.remarks() == ["旧", "新", None]


def test_undo_tells_what_it_cannot_put_back(tmp_path: Path, command: Commands, crm: Tenant) -> None:
    jobs.text_file(tmp_path / "edits.csv", "线索ID,备注,工单ID\n11,新,7\n")
    ran = command("run", "edits.csv", "--fill", "--snapshot")
    assert "These fields cannot be read from the CRM, and so cannot be undone: 工单ID (work_id)\n" in ran.out
    done = command("undo", run_of(ran), "--yes")
    assert done.code == 0 and crm.remarks()[0] == "旧"
    assert "Cannot be put back, since no value from before is known: 工单ID (work_id): 1\n" in done.out
    assert jobs.statuses(tmp_path / "edits.undo.xlsx") == ["updated", "skipped"]


# --- the proof


@pytest.fixture
def odd(tmp_path: Path) -> Iterator[Tenant]:
    """A tenant that clears what is not sent, whatever the edit lists."""
    clues = [clue | {"email": f"{clue['clue_id']}@example.com"} for clue in CLUES]
    jobs.text_file(tmp_path / "edits.csv", SHEET)
    with tenant(clues=clues, quirks=["clears-unsent"]) as running:
        yield running


def test_prove_sends_the_first_edit_alone_and_reads_it_back(command: Commands, crm: Tenant) -> None:
    done = command("run", "edits.csv", "--fill", "--prove")
    assert done.code == 0 and crm.asked()[:3] == ["info 11", "edit 11", "info 11"] and len(crm.edits()) == 3
    assert "The first edit (row 2) was read back: it did what it says, and nothing else.\n" in done.err
    assert "The first edit is sent alone and read back; the others follow if it is right.\n" in done.out


@pytest.mark.parametrize("set_to", ["", "true", "false"])
def test_a_proof_that_fails_stops_the_run(tmp_path: Path, odd: Tenant, set_to: str) -> None:
    command = commands(tmp_path, odd)
    args, env = ([] if set_to else ["--prove"]), ({"BATCH_EDITOR_PROVE": set_to} if set_to else {})
    done = command("run", "edits.csv", "--fill", *args, **env)
    if set_to == "false":
        assert done.code == 0 and len(odd.edits()) == 3
        return
    assert done.code == 3 and len(odd.edits()) == 1
    assert "Stopped: the CRM confirmed the first edit (row 2, clue 11)" in done.err
    assert set_to or all("--prove" in line.split() for line in done.output.splitlines() if line.startswith("  batch-editor"))
    assert "  邮箱 (email): expected 11@example.com, found (empty)\n" in done.err
    assert jobs.statuses(tmp_path / "edits.results.xlsx") == ["updated", "not_sent", "not_sent"]


def test_prove_only_puts_back_what_it_tried(tmp_path: Path, command: Commands, crm: Tenant) -> None:
    before = crm.clues()
    done = command("run", "edits.csv", "--fill", "--prove-only")
    assert done.code == 0 and crm.asked() == ["info 11", "edit 11", "info 11", "info 11", "edit 11"]
    assert crm.clues() == before
    assert "Only the first edit is sent; it is read back, and its old values are put back.\n" in done.out
    assert "--limit" not in done.output and "others go" not in done.output
    assert re.search("What this edit changed was put back, by the run ", done.out)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.yaml", "edits.csv", "state"]
    resumed = command("resume", run_of(done))
    assert resumed.code == 2 and "Run its sheet instead" in resumed.err
    assert command("run", "edits.csv", "--fill").code == 0 and crm.remarks() == ["新", "新", "新"]


def test_resume_proves_the_first_of_what_is_left(tmp_path: Path, odd: Tenant) -> None:
    command = commands(tmp_path, odd)
    run = run_of(command("run", "edits.csv", "--fill", "--limit", "1"))
    done = command("resume", run, "--prove")
    assert done.code == 3 and len(odd.edits()) == 2 and "(row 3, clue 12)" in done.err
    again = command("resume", run)  # whoever goes on as it is suggested has not said that it was looked at
    assert again.code == 3 and len(odd.edits()) == 3 and "(row 4, clue 13)" in again.err


# --- diff


def test_diff_shows_old_and_new_and_sends_nothing(tmp_path: Path, command: Commands, crm: Tenant) -> None:
    done = command("diff", "edits.csv", "--fill")
    assert done.code == 0 and sorted(crm.asked()) == ["info 11", "info 12", "info 13"]
    assert done.out == (
        "Differences: 2 fields in 2 rows:\n"
        "  row 2 (甲)  描述 (remark): 旧 → 新\n"
        "  row 4 (丙)  描述 (remark): (empty) → 新\n"
        "        1  unchanged\n"
        f"Differences: {tmp_path / 'edits.diff.xlsx'}\n"
        "Compared only; nothing was sent.\n"
    )
    assert jobs.raw_results(tmp_path / "edits.diff.xlsx") == [
        ["row", "clue id", "name", "field", "now", "will be", "note"],
        ["2", "11", "甲", "描述 (remark)", "旧", "新", ""],
        ["4", "13", "丙", "描述 (remark)", "(empty)", "新", ""],
    ]
    assert command("runs").out == "There are no runs yet.\n"


def test_diff_without_fill_says_what_a_row_lacks(tmp_path: Path, command: Commands, crm: Tenant) -> None:
    done = command("diff", "edits.csv")
    assert (done.code, crm.requests) == (
        1,
        [],
    ) and "A2:A4: 3 cells, the first: 线索名称 (clue_name) is required and missing" in done.out
    notes = [row["note"] for row in jobs.results(tmp_path / "edits.diff.xlsx")]
    assert len(notes) == 3 and all("add --fill to take it from the CRM" in note for note in notes)


def test_diff_as_csv_and_as_json(tmp_path: Path, command: Commands) -> None:
    done = command("diff", "edits.csv", "--fill", "--json", "--output", "what.csv", "--quiet")
    assert done.code == 0 and done.err == "" and done.json["changed"] == 2
    assert done.json["changes"] == [
        {"row": 2, "clue_id": 11, "name": "甲", "field": "描述 (remark)", "old": "旧", "new": "新"},
        {"row": 4, "clue_id": 13, "name": "丙", "field": "描述 (remark)", "old": "(empty)", "new": "新"},
    ]
    assert (done.json["unchanged"], done.json["results"]) == (1, str(tmp_path / "what.csv"))
    with (tmp_path / "what.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["will be"] for row in csv.DictReader(file)] == ["新", "新"]
    assert not (tmp_path / "edits.diff.xlsx").exists()


def test_diff_of_tags_that_are_added(tmp_path: Path, command: Commands) -> None:
    jobs.text_file(
        tmp_path / "tags.csv", "线索ID,标签\n11,tag-of-the-tests-no2、tag-of-the-tests-no3\n13,tag-of-the-tests-no3\n"
    )
    assert (
        "标签 (label): 标签tag-of-the-tests-no1, 标签tag-of-the-tests-no2 → 标签tag-of-the-tests-no2, tag-of-the-tests-no3\n"
        in command("diff", "tags.csv", "--fill").out
    )
    both = "标签tag-of-the-tests-no1, 标签tag-of-the-tests-no2"
    added = command("diff", "tags.csv", "--fill", "--tags", "add").out
    assert (
        f"标签 (label): {both} → {both}, tag-of-the-tests-no3\n" in added
        and "标签 (label): (empty) → tag-of-the-tests-no3\n" in added
    )
    removed = command("diff", "tags.csv", "--fill", "--tags", "remove").out
    assert (
        "标签 (label): 标签tag-of-the-tests-no1, 标签tag-of-the-tests-no2 → 标签tag-of-the-tests-no1\n" in removed
        and "Differences: 1 field in 1 row" in removed
    )


def test_diff_of_what_is_left_of_a_results_sheet(tmp_path: Path, command: Commands, crm: Tenant) -> None:
    command("run", "edits.csv", "--fill", "--limit", "1")
    asked = len(crm.requests)
    done = command("diff", "edits.results.xlsx", "--fill", "--only-failed")
    assert sorted(crm.asked()[asked:]) == ["info 12", "info 13"]
    assert "Differences: 1 field in 1 row:\n  row 4 (丙)  描述 (remark): (empty) → 新\n" in done.out


# --- check


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["--fill"], "Clues to be read from the CRM before their rows are sent: 2\n"),
        (
            ["--fill", "--only-changed"],
            "Edits to send: at most 2, to 2 clues; with the reading this takes a moment at the permitted rate\n",
        ),
        (["--edit", "label", "--tags", "add"], "Adds tags in 2 rows\n"),
        (["--edit", "label", "--tags", "remove"], "REMOVES TAGS in 2 rows\n"),
        (["--fill", "--snapshot"], "Clues to be read from the CRM before their rows are sent: 2\n"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_check_says_what_would_be_read_and_asks_nothing(command: Commands, crm: Tenant, args: list[str], expected: str) -> None:
    heads = "线索ID,线索名称,线索池ID,跟进人ID,标签\n"
    text = f"{heads}11,甲,5,wo-employee-number-a,tag-of-the-tests-no3\n13,丙,7,wo-employee-number-c,tag-of-the-tests-no3\n"
    if "--fill" in args:
        text = "线索ID,标签\n11,tag-of-the-tests-no3\n13,tag-of-the-tests-no3\n"
    jobs.text_file(command.folder / "edits.csv", text)
    done = command("check", "edits.csv", *args)
    assert done.code == 0 and expected in done.out and done.out.endswith("Checked only; nothing was sent.\n")
    assert crm.requests == []
    assert ("cannot be undone" in done.out) is False


def test_check_of_a_run_that_could_not_be_undone(tmp_path: Path, crm: Tenant) -> None:
    jobs.sheet(tmp_path, [11, 12])
    command = Commands(tmp_path, crm.url)
    assert "This run cannot be undone, since old values are not read. --snapshot" in command("check", "edits.csv").out
    with_snapshot = command("check", "edits.csv", "--snapshot").out
    assert "cannot be undone" not in with_snapshot and "before their rows are sent: 2\n" in with_snapshot and crm.requests == []


# --- at a terminal


def columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def shown(terminal: Terminal) -> list[str]:
    """What is left on the screen of every line, without colours and what was drawn over."""
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", terminal.seen)
    return [line.rpartition("\r")[2] for line in text.replace("\r\n", "\n").split("\n")]


@terminals
@pytest.mark.parametrize(
    ("lang", "heading", "first"),
    [
        ("en", "Fields that differ: 2. The first of them:", "  row 2 (甲)  描述 (remark): 旧 → 新"),
        pytest.param("zh", "有差异的字段共 2 个，前几个是：", "  第 2 行（甲） 描述 (remark)：旧 → 新", marks=pytest.mark.slow),
    ],
)
def test_the_prompt_shows_the_first_differences(command: Commands, crm: Tenant, lang: str, heading: str, first: str) -> None:
    terminal = Terminal(command, "run", "edits.csv", "--fill", "--only-changed", "--lang", lang)
    terminal.read_until("[Y/n]")
    assert not crm.edits() and sorted(crm.asked()) == ["info 11", "info 12", "info 13"]
    lines = shown(terminal)
    assert lines.index(first) == lines.index(heading) + 1
    assert not any("--snapshot" in line or "undone" in line for line in lines)
    terminal.type("y\n")
    assert terminal.end() == 0 and len(crm.edits()) == 2


@terminals
@pytest.mark.parametrize("rows", [20, 21])
def test_the_prompt_says_what_cannot_be_undone_and_that_many_edits_are_proved(tmp_path: Path, rows: int) -> None:
    jobs.sheet(tmp_path, range(1001, 1001 + rows))
    with tenant(accept_any_clue=True) as crm:
        terminal = Terminal(Commands(tmp_path, crm.url), "run", "edits.csv", "--no-snapshot")
        terminal.read_until(f"Send now? Edits: {rows}. [Y/n]")
        lines = shown(terminal)
        assert "This run cannot be undone, since old values are not read." in " ".join(lines)
        proof = "The first edit is sent alone and read back; the others follow if it is right."
        assert (proof in lines) is (rows > 20)
        terminal.type("y\n")
        assert terminal.end() == 0 and len(crm.edits()) == rows
        reads = [word for word in crm.asked() if word.startswith("info")]
        assert reads == (["info 1001", "info 1001"] if rows > 20 else [])
    assert ("it did what it says, and nothing else" in terminal.seen) is (rows > 20)


@terminals
def test_many_edits_are_not_proved_where_the_settings_say_so_or_nobody_is_asked(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, range(1001, 1022))
    with tenant(accept_any_clue=True) as crm:
        assert Terminal(Commands(tmp_path, crm.url), "run", "edits.csv", "--yes").end() == 0
        terminal = Terminal(Commands(tmp_path, crm.url, prove=False, snapshot=False), "run", "edits.csv", "--new")
        terminal.read_until("send? [y/N]")
        assert "read back" not in terminal.seen and "NOT PROVED" in terminal.seen
        terminal.type("y\n")
        assert terminal.end() == 0 and not any(word.startswith("info") for word in crm.asked())


@terminals
def test_what_is_typed_before_there_is_a_question_is_no_answer(tmp_path: Path) -> None:
    jobs.text_file(tmp_path / "edits.csv", SHEET)
    with tenant(faults=["read:slow=1@2*1"]) as crm:
        terminal = Terminal(commands(tmp_path, crm, rate={"concurrency": 1}), "run", "edits.csv", "--fill", "--only-changed")
        terminal.read_until("Nothing is sent yet.")
        while len(crm.requests) < 2:
            terminal.process.poll()
        terminal.type("y\n")
        terminal.read_until("[Y/n]")
        terminal.type("n\n")
        assert terminal.end() == 2 and not crm.edits()


@terminals
def test_ctrl_c_while_clues_are_read_before_the_prompt(tmp_path: Path) -> None:
    jobs.text_file(tmp_path / "edits.csv", SHEET)
    with tenant(faults=["read:slow=5@2-9"]) as crm:
        command = commands(tmp_path, crm, rate={"concurrency": 1})
        terminal = Terminal(command, "run", "edits.csv", "--fill", "--only-changed")
        terminal.read_until("Nothing is sent yet.")
        while len(crm.requests) < 2:
            terminal.process.poll()
        terminal.process.send_signal(signal.SIGINT)
        assert terminal.end() == 2 and not crm.edits()
        assert "Interrupted before anything was sent." in terminal.seen and "Send now?" not in terminal.seen
        assert command("runs").out == "There are no runs yet.\n"
        assert not (tmp_path / "edits.results.xlsx").exists()


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_ctrl_c_while_a_diff_reads(tmp_path: Path) -> None:
    jobs.text_file(tmp_path / "edits.csv", SHEET)
    with tenant(faults=["read:slow=5@2-9"]) as crm:
        command = commands(tmp_path, crm, rate={"concurrency": 1})
        process = command.start("diff", "edits.csv", "--fill")
        while len(crm.requests) < 2:
            process.poll()
        process.send_signal(signal.SIGINT)
        done = finished(process)
        assert done.code == 2 and done.out == "" and "Interrupted before anything was sent." in done.err
        assert command("runs").out == "There are no runs yet.\n"
        assert not (tmp_path / "edits.diff.xlsx").exists()


# --- both languages


def chinese(done: Done | Terminal) -> str:
    """What was said, in which there is no sentence that nobody has translated."""
    text = done.output if isinstance(done, Done) else "\n".join(shown(done))
    assert not ENGLISH.search(text), text
    return text


def test_chinese_says_everything_in_chinese(tmp_path: Path, command: Commands, crm: Tenant) -> None:
    def typed(*args: str) -> str:
        return chinese(command(*args, "--lang", "zh"))

    jobs.text_file(
        tmp_path / "more.csv", "线索ID,备注,标签,工单ID\n11,新,tag-of-the-tests-no3,7\n12,新,,\n13,新,,\n99,新,,\nbad,新,,\n"
    )
    assert "找出 1 次编辑为止" in typed("check", "more.csv", "--fill", "--only-changed", "--limit", "1")
    both = "标签tag-of-the-tests-no1, 标签tag-of-the-tests-no2"
    assert "问题（16 处）" in typed("diff", "more.csv")
    assert f"第 2 行（甲） 标签 (label)：{both} → {both}, tag-of-the-tests-no3" in typed(
        "diff", "more.csv", "--fill", "--tags", "add"
    )
    assert "此次编辑已恢复原值" in typed("run", "more.csv", "--fill", "--prove-only", "--edit", "remark")
    done = command("run", "more.csv", "--fill", "--only-changed", "--tags", "add", "--prove", "--lang", "zh")
    assert "新值正确" in chinese(done) and "无变化" in done.out
    crm.change(11, remark="同事写的")
    undone = command("undo", run_of(done), "--lang", "zh", "--yes")
    assert "恢复运行" in chinese(undone) and "不恢复（原值未知）：1 行" in undone.out and "有冲突" in undone.out
    books = sorted(path.name for path in tmp_path.glob("*.xlsx"))
    assert books == ["more.diff-2.xlsx", "more.diff.xlsx", "more.results.xlsx", "more.undo.xlsx"]
    cells = [cell for name in books for row in jobs.raw_results(tmp_path / name) for cell in row]
    assert [cell for cell in cells if ENGLISH.search(cell)] == []


READS = (
    ("diff", "edits.csv", "--fill", "--limit", "3"),
    ("diff", "edits.csv", "--fill"),
    ("run", "edits.csv", "--fill", "--prove-only"),
)


@terminals
@pytest.mark.parametrize(
    ("lang", "before"), [("zh", ()), *(pytest.param(lang, READS, marks=pytest.mark.slow) for lang in ("en", "zh"))]
)
def test_what_is_said_fits_a_terminal(tmp_path: Path, lang: str, before: Sequence[Sequence[str]]) -> None:
    """But for paths, addresses and lists of fields, which are as long as they are."""
    jobs.text_file(tmp_path / "edits.csv", "线索ID,备注,工单ID\n" + "".join(f"{clue},新,7\n" for clue in range(11, 41)))
    with tenant(accept_any_clue=True) as crm:
        command = commands(tmp_path, crm)

        def typed(*args: str) -> None:
            terminal = Terminal(command, *args, "--lang", lang)
            if args[0] != "diff":
                terminal.read_until("[Y/n]", "[y/N]")
                terminal.type("y\n")
            terminal.end()
            values = (str(tmp_path), crm.url, "(remark): ")
            wide = [
                line for line in shown(terminal) if columns(line) > MOST_COLUMNS and not any(value in line for value in values)
            ]
            assert not wide

        for args in before:
            typed(*args)
        typed("run", "edits.csv", "--fill", "--only-changed")
        run = command("runs").out.split()[0]
        crm.change(12, remark="同事写的")
        typed("undo", run)
