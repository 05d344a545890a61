"""The CRM of several tenants that the tests of several machines trust: it sees what must not be."""

from __future__ import annotations

import http.client
import json
import os
import sys

import pytest
from support.recording import EDIT, Arrival, RecordingCrm, Tenant


def ask(crm: RecordingCrm, token: str, clue: int, row: str) -> tuple[int, object]:
    connection = http.client.HTTPConnection("127.0.0.1", crm.port, timeout=30)
    try:
        body = json.dumps({"clue_id": clue, "remark": row})
        connection.request("POST", f"{EDIT}?access_token={token}", body)
        with connection.getresponse() as response:
            text = response.read()
            return response.status, json.loads(text)["code"] if text else None
    finally:
        connection.close()


def test_each_tenant_is_answered_by_its_own_rules() -> None:
    with RecordingCrm(Tenant("acme", "one"), Tenant("globex", "two")) as crm:
        acme, globex = crm["acme"], crm["globex"]
        assert ask(crm, "one", 1, "row 2") == (200, 0)
        acme.is_refused = True
        assert ask(crm, "one", 1, "row 3") == (200, 10001)
        assert ask(crm, "two", 1, "row 2") == (200, 0)
        globex.too_fast = True
        assert ask(crm, "two", 1, "row 3") == (429, None)
        acme.is_refused = False
        acme.losing = acme.dropping = 1
        for row in ("row 4", "row 5"):
            with pytest.raises((http.client.BadStatusLine, ConnectionError)):
                ask(crm, "one", 1, row)
        assert ask(crm, "one", 1, "row 5") == (200, 0)
        assert ask(crm, "three", 1, "row 2") == (404, 404)
        assert [(each.row, each.applied) for each in acme.arrivals] == [
            ("row 2", True),
            ("row 3", False),
            ("row 4", False),
            ("row 5", True),
            ("row 5", True),
        ]
        assert acme.times_applied == {"row 2": 1, "row 5": 2} and acme.twice == 1
        assert [each.row for each in globex.applied] == ["row 2"]
        assert crm.strays == [EDIT]


@pytest.mark.skipif(sys.platform != "linux", reason="/proc says which process has a connection")
def test_it_knows_who_sends_and_cuts_off_whom_it_is_to() -> None:
    with RecordingCrm(Tenant("acme", "one")) as crm:
        ask(crm, "one", 1, "row 2")
        crm.pids.append(os.getpid())
        ask(crm, "one", 1, "row 3")
        crm.cut_off.add(os.getpid())
        with pytest.raises((http.client.BadStatusLine, ConnectionError)):
            ask(crm, "one", 1, "row 4")
        assert crm["acme"].senders() == {0: 1, os.getpid(): 1}


def applied(*rows: tuple[float, int, str]) -> Tenant:
    tenant = Tenant("acme", "one", limits=((2, 1.0),))
    tenant.arrivals += [Arrival(moment, "acme", clue, row, 0, applied=True) for moment, clue, row in rows]
    return tenant


def test_a_window_with_too_many_requests_is_seen() -> None:
    assert not applied((0.0, 1, "a"), (0.5, 2, "b"), (1.0, 3, "c")).crowded()
    assert applied((0.0, 1, "a"), (0.5, 2, "b"), (0.999, 3, "c")).crowded() == [(0.0, 0.999, 2, 1.0)]


@pytest.mark.parametrize(
    ("rows", "is_right"),
    [
        (["a", "b"], True),
        (["a"], True),
        (["a", "a", "b"], True),
        (["b", "a"], False),
        (["a", "b", "a"], False),
        (["b"], False),
    ],
)
def test_an_order_that_is_not_that_of_the_sheet_is_seen(rows: list[str], is_right: bool) -> None:
    tenant = applied(*((float(place), 1, row) for place, row in enumerate(rows)), (0.0, 2, "of another sheet"))
    if is_right:
        tenant.is_in_order({1: ["a", "b"]})
    else:
        with pytest.raises(AssertionError):
            tenant.is_in_order({1: ["a", "b"]})
