"""A whole run against a server whose answers slip: each row has the status that the CRM gave to it, and to no other."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import jobs
from support.commands import Commands
from support.crm import CONFIRMED, Call, Crm, envelope
from support.servers import CONFIRMED as BODY
from support.servers import Answer

SECOND = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)


@pytest.mark.parametrize("surplus", [SECOND, SECOND[:9], b"\n"], ids=["an answer", "a part of one", "a line end"])
def test_a_row_never_takes_the_answer_of_another(tmp_path: Path, surplus: bytes) -> None:
    """One answer of the first row comes twice; every second row is refused."""

    def decide(call: Call) -> Answer:
        if call.clue == 11 and call.number == 1:
            return Answer(surplus=surplus)
        return CONFIRMED if call.clue % 2 else envelope(90007, "无权限")

    jobs.sheet(tmp_path, range(11, 21))
    with Crm(decide) as crm:
        done = Commands(tmp_path, crm.url)("run", "edits.csv", "--concurrency", "1")
        assert [call.clue for call in crm.calls] == [11, *range(11, 21)]
    assert done.code == 1
    assert jobs.statuses(tmp_path / "edits.results.xlsx") == ["updated", "rejected"] * 5


def test_a_row_that_may_have_been_applied_is_not_sent_again_where_that_is_forbidden(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11, 12])
    with Crm(lambda call: Answer(surplus=SECOND) if call.clue == 11 else CONFIRMED) as crm:
        command = Commands(tmp_path, crm.url, retry={"ambiguous": False})
        assert command("run", "edits.csv").code == 1
        assert [call.clue for call in crm.calls].count(11) == 1
    rows = jobs.results(tmp_path / "edits.results.xlsx")
    assert [row["result_status"] for row in rows] == ["failed", "updated"]
    assert "may have been applied" in rows[0]["result_message"] and "no answer to this request" in rows[0]["result_message"]


def test_what_came_instead_of_an_answer_stands_in_the_message(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11, 12, 13])

    def decide(call: Call) -> Answer:
        match call.clue:
            case 11:
                return Answer(body=b'{"errcode":45009,"errmsg":"api freq out of limit"}')
            case 12:
                return Answer(status=404, body="<html><title>404 网关</title>".encode())
        return envelope(45009, "调用过于频繁")

    with Crm(decide) as crm:
        Commands(tmp_path, crm.url)("run", "edits.csv")
    messages = [row["result_message"] for row in jobs.results(tmp_path / "edits.results.xlsx")]
    assert '{"errcode":45009,"errmsg":"api freq out of limit"}' in messages[0]
    assert "404 网关" in messages[1]
    assert "api.rate_codes" in messages[2] and "45009" in messages[2]
