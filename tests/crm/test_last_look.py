"""What must not go out does not, whatever the journal holds: the last look at a body, and what becomes of its row."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from support import jobs
from support.commands import Commands
from support.crm import Crm
from support.servers import Server

from batch_editor.crm.client import Client
from batch_editor.crm.last_look import flaw
from batch_editor.crm.secrets import Secrets
from batch_editor.crm.tokens import Tokens
from batch_editor.model import Edit, Message, Sent
from batch_editor.sandbox import Sandbox

CLUE = 1591005521987920962
BODY = (
    '{"clue_id":1591005521987920962,"user_id":"u","clue_name":"王","remark":"周五","field_map":{"mf_clue_1":"x"},'
    '"update_specified_fields":["clue_name","remark","mf_clue_1"]}'
)
LIST = '"update_specified_fields":["clue_name","remark","mf_clue_1"]'


def of(body: str) -> Message | None:
    return flaw(Edit(2, CLUE, body))


def test_a_body_that_lists_what_it_holds_goes_out() -> None:
    assert of(BODY) is None
    assert of('{"clue_id":1591005521987920962,"remark":null,"update_specified_fields":["remark"]}') is None


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        *(
            (LIST, f'"update_specified_fields":{nothing}', "wire.no_list")
            for nothing in ("[]", "null", '""', "{}", "0", '"remark"')
        ),
        ("update_specified_fields", "update_specified_fieldz", "wire.no_list"),
        (f",{LIST}", "", "wire.no_list"),
        ('"remark":', '"remarl":', "wire.lacking"),
        ('"remark","mf', '"remarl","mf', "wire.lacking"),
        ('"mf_clue_1":', '"mf_clue_2":', "wire.lacking"),
        ("field_map", "field_mop", "wire.lacking"),
        ('{"mf_clue_1":"x"}', '["mf_clue_1"]', "wire.lacking"),
        ('{"mf_clue_1":"x"}', "null", "wire.lacking"),
        ('["clue_name"', '[["clue_name"]', "wire.lacking"),
        ('["clue_name"', "[null", "wire.lacking"),
        ('["clue_name"', '["field_map"', "wire.lacking"),
        (str(CLUE), str(CLUE + 1), "wire.other_clue"),
        (str(CLUE), f'"{CLUE}"', "wire.other_clue"),
        (str(CLUE), f"{CLUE}.0", "wire.other_clue"),
        ('"clue_id"', '"clue_ib"', "wire.other_clue"),
        (LIST, f'{LIST},"update_specified_fields":["remark"]', "wire.not_json"),
        ('"remark":"周五"', '"remark":"周五","remark":""', "wire.not_json"),
        ("{", "[", "wire.not_json"),
        (BODY, "", "wire.not_json"),
        (BODY, "[]", "wire.not_json"),
        (BODY, "[" * 100_000, "wire.not_json"),
    ],
    ids=lambda text: text[:40],
)
def test_a_body_that_would_empty_fields_or_edit_another_clue_does_not_go_out(old: str, new: str, key: str) -> None:
    body = BODY.replace(old, new, 1)
    reason = of(body)
    assert reason is not None and reason.key == key
    with Server() as server, Client(server.url, Tokens(fixed="t"), Secrets(), timeout=5) as client:
        reply = client.edit(Edit(2, CLUE, body))
    assert (reply.sent, reply.withheld, reply.trouble) == (Sent.NO, True, reason)
    assert server.connections == 0


@pytest.mark.parametrize("letter", ["x", '"', "[", "}", "9", ","])
def test_no_single_damaged_letter_lets_another_field_be_emptied(letter: str) -> None:
    """What still goes out lists as many fields, all of them there, and is for the same clue: a value alone may differ."""
    for place in range(len(BODY)):
        body = BODY[:place] + letter + BODY[place + 1 :]
        if of(body) is None:
            content = json.loads(body)
            assert content["clue_id"] == CLUE and len(content["update_specified_fields"]) == 3


def damage(folder: Path, row: int, old: str, new: str, column: str = "body") -> None:
    (journal,) = (folder / "state").glob("*.sqlite3")
    with closing(sqlite3.connect(journal)) as connection, connection:
        sql = f"UPDATE rows SET {column} = replace({column}, ?, ?) WHERE row = ?"  # noqa: S608
        changed = connection.execute(sql, (old, new, row)).rowcount
        assert changed == 1


def test_a_row_that_is_damaged_in_the_journal_is_failed_and_not_sent(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, range(11, 15))
    with Crm() as crm:
        command = Commands(tmp_path, crm.url)
        run = command("run", "edits.csv", "--limit", "1", "--json").json["run"]
        damage(tmp_path, 3, "update_specified_fields", "update_specified_fieldz")
        damage(tmp_path, 4, ":13,", ":12,")
        done = command("resume", run)
        assert done.code == 1 and "the journal is damaged" in done.output
        assert [call.clue for call in crm.calls] == [11, 14]
        again = command("resume", run, "--json")
        assert (again.code, again.json["failed"]) == (1, 2)
        assert [call.clue for call in crm.calls] == [11, 14]
    rows = jobs.results(tmp_path / "edits.results.xlsx")
    assert [row["result_status"] for row in rows] == ["updated", "failed", "failed", "updated"]
    assert "nothing was sent: the journal is damaged" in rows[1]["result_message"]
    assert (rows[1]["result_attempts"], rows[1]["result_code"]) == ("", "")


@pytest.mark.parametrize(("old", "new"), [("update_specified_fields", "update_specified_fieldz"), ("{", "[")])
def test_a_damaged_row_whose_clue_is_read_first_and_one_that_is_undone(tmp_path: Path, old: str, new: str) -> None:
    jobs.sheet(tmp_path, range(11, 14))
    clues = [{"clue_id": clue, "clue_name": "n", "clue_pool_id": 1, "follow_user_id": "o"} for clue in range(11, 14)]
    with Sandbox(clues=clues, access_token="fixed-token") as crm:
        command = Commands(tmp_path, crm.url)
        run = command("run", "edits.csv", "--limit", "1", "--snapshot", "--json").json["run"]
        damage(tmp_path, 3, old, new)
        done = command("resume", run)
        assert done.code == 1 and "the journal is damaged" in done.output
        assert jobs.statuses(tmp_path / "edits.results.xlsx") == ["updated", "failed", "updated"]
        damage(tmp_path, 4, old, new)
        undone = command("undo", run, "--json", "--yes")
        assert (undone.json["updated"], undone.json["skipped"]) == (1, 1)
        assert [crm.clues()[clue].get("remark") or "" for clue in (11, 12, 13)] == ["", "", "row 4"]


@pytest.mark.parametrize("how", ["--snapshot", "--only-changed"])
def test_a_row_of_which_the_fields_are_damaged_fails_alone(tmp_path: Path, how: str) -> None:
    """It is to be read first, and would list another field than its body holds."""
    jobs.sheet(tmp_path, range(11, 14))
    with Sandbox(clues=[{"clue_id": clue} for clue in range(11, 14)], access_token="fixed-token") as crm:
        command = Commands(tmp_path, crm.url)
        run = command("run", "edits.csv", "--limit", "1", how, "--json").json["run"]
        damage(tmp_path, 3, "remark", "relark", "fields")
        assert command("resume", run).code == 1
        assert [crm.clues()[clue]["remark"] for clue in (11, 12, 13)] == ["row 2", None, "row 4"]
    rows = jobs.results(tmp_path / "edits.results.xlsx")
    assert [row["result_status"] for row in rows] == ["updated", "failed", "updated"]
    assert "the journal is damaged" in rows[1]["result_message"]
