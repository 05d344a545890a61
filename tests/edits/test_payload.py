"""What goes over the wire: a sheet in, and every body that arrives is, byte by byte, the JSON written by hand for its row.

The rows and their bodies are the YAML files of ``payloads/``; they cover every field of the reference. Each sheet is one
run through the real thing, to a server on loopback.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from payloads.cases import Case, SheetCase, quick, sheets
from support.servers import Server

from batch_editor import Report, run
from batch_editor.fields import FIELDS
from batch_editor.sandbox import Sandbox

SHEETS = {sheet.name: sheet for sheet in sheets()}
ROWS = [pytest.param(sheet, case, id=f"{sheet.name}: {case.name}") for sheet in SHEETS.values() for case in sheet.rows]
LONGS = ("clue_id", "clue_pool_id", "birthday", "work_id", "encrypt_flag")


@dataclass(frozen=True)
class Sent:
    """A run of a whole sheet: its ``report``, and the bodies that arrived, in the order of the sheet."""

    report: Report
    statuses: list[str]
    bodies: dict[int, bytes]


@pytest.fixture(scope="session")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Callable[[SheetCase], Sent]:
    """Runs a sheet, once for all its rows."""
    done: dict[str, Sent] = {}

    def send(sheet: SheetCase) -> Sent:
        if sheet.name not in done:
            folder = tmp_path_factory.mktemp(sheet.name)
            with Server() as server:
                settings = quick(server.url, folder / "state", **sheet.settings)
                report = run(sheet.write(folder), settings, edit_keys=sheet.edit)
            assert all(request.target.startswith("/openapi/crm/clue/edit?") for request in server.requests)
            bodies = {json.loads(request.body)["clue_id"]: request.body for request in server.requests}
            assert len(bodies) == len(server.requests), "a clue stands twice in a sheet, or was sent twice"
            done[sheet.name] = Sent(report, list(report.to_frame()["result_status"]), bodies)
        return done[sheet.name]

    return send


@pytest.mark.parametrize(("sheet", "case"), ROWS)
def test_a_row_becomes_the_body_written_by_hand(sheet: SheetCase, case: Case, sent: Callable[[SheetCase], Sent]) -> None:
    found = sent(sheet)
    assert found.statuses[sheet.rows.index(case)] == case.ends
    if case.sends is not None:
        wanted = json.loads(case.sends)
        body = found.bodies[wanted["clue_id"]]
        received = json.loads(body)
        assert typed(received) == typed(wanted)
        assert received["update_specified_fields"] == wanted["update_specified_fields"]
        assert body.decode("utf-8") == case.sends


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=SHEETS)
def test_nothing_else_is_sent(sheet: SheetCase, sent: Callable[[SheetCase], Sent]) -> None:
    found = sent(sheet)
    assert list(found.bodies) != []
    assert set(found.bodies) == {json.loads(case.sends)["clue_id"] for case in sheet.rows if case.sends}
    assert found.report.rows == len(sheet.rows)


@pytest.mark.parametrize("name", ["standard", "birthday_ms", "typed"])
def test_the_stand_in_of_the_crm_takes_them_too(name: str, tmp_path: Path) -> None:
    """It checks types and required fields by its own reading of the reference."""
    sheet = SHEETS[name]
    with Sandbox(accept_any_clue=True, access_token="token-of-a-test") as crm:
        report = run(sheet.write(tmp_path), quick(crm.url, tmp_path / "state", **sheet.settings))
    assert report.counts["updated"] == sum(case.sends is not None for case in sheet.rows)
    assert report.counts["rejected"] == 0


def test_the_bodies_written_by_hand_are_careful_themselves() -> None:
    """Of the tables, not of the program: every field occurs, lists are never empty, and types are the reference's."""
    bodies = [json.loads(case.sends) for sheet in SHEETS.values() for case in sheet.rows if case.sends]
    assert len(bodies) >= 60
    seen = {key for body in bodies for key in body["update_specified_fields"]}
    assert {field.key for field in FIELDS if field.editable} <= seen
    for body in bodies:
        listed = body["update_specified_fields"]
        assert listed and len(listed) == len(set(listed))
        assert {"clue_id", "user_id", "clue_name", "clue_pool_id", "follow_user_id"} <= body.keys()
        assert set(listed) <= body.keys() | body.get("field_map", {}).keys()
        for key, value in body.items():
            assert value in ("", None, 0) or isinstance(value, int) == (key in LONGS)


def typed(value: object) -> object:
    """``value`` with the type of every leaf, since 1 == True and 0 == 0.0 in Python and not in JSON."""
    if isinstance(value, dict):
        return {key: typed(one) for key, one in value.items()}
    if isinstance(value, list):
        return [typed(one) for one in value]
    return type(value).__name__, value
