"""Each fault of the stand-in × each position: the right statuses, the right exit code, no wait without an end, and a way on."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support import jobs, virtual_time
from support.crm import Crm, status
from support.virtual_time import BoundedTime, LateAnswers

import batch_editor
from batch_editor import Report, Settings
from batch_editor.sandbox import FAULT_NAMES, Sandbox

CLUES = range(11, 18)
POSITIONS = {"first": 11, "middle": 14, "last": 17}
#: Nobody waits for these in fact, nor for ``api.timeout``.
PATIENCE, ATTEMPTS, SENDERS = 0.3, 2, 2
WAITS: dict[str, Any] = {
    "api": {"access_token": None, "app_id": "demo-app", "app_secret": "demo-secret"},
    "rate": {"limits": [], "concurrency": SENDERS, "pause": 0.02, "patience": PATIENCE},
    "retry": {"attempts": ATTEMPTS, "max_wait": 0.01},
}


@dataclass(frozen=True)
class Fault:
    """What becomes of a row that always meets with it; ``passes``: once, it does no harm; ``halts``: it stops the run."""

    name: str
    ends: str
    passes: bool = True
    halts: bool = False
    maybe_applied: bool = False  # the edit may have been applied
    late: bool = False  # its answers come later than anybody waits


FAULTS = [
    Fault("slow=1", "failed", maybe_applied=True, late=True),
    Fault("drip=2", "failed", maybe_applied=True, late=True),
    Fault("429", "not_sent", halts=True),
    Fault("429=2", "not_sent", passes=False, halts=True),
    Fault("429=date", "not_sent", passes=False, halts=True),
    Fault("500", "failed", maybe_applied=True),
    Fault("503=1", "failed", maybe_applied=True),
    Fault("408", "failed", maybe_applied=True),
    Fault("404", "rejected", passes=False),
    Fault("302", "rejected", passes=False),
    Fault("lost-before", "failed", maybe_applied=True),
    Fault("lost-after", "failed", maybe_applied=True),
    Fault("truncated", "failed", maybe_applied=True),
    Fault("not-json", "failed", maybe_applied=True),
    Fault("not-object", "failed", maybe_applied=True),
    Fault("token-expired", "not_sent", halts=True),
    Fault("code=5", "rejected", passes=False),
    Fault("data-false", "rejected", passes=False),
]
#: What else becomes of one row that always meets with it, if its own patience is at an end before that of the run, or tokens
#: that are refused for it alone have worked for others in between.
EITHER = {"429": "failed", "token-expired": "rejected"}
each_fault = pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)


def test_no_fault_is_left_out() -> None:
    assert {name.split("=")[0] for name in FAULT_NAMES} <= {fault.name.split("=")[0] for fault in FAULTS}


def longest(given: Settings, rows: int) -> float:
    """The longest that the senders of so many rows can wait, all together, in seconds, without a limit of the rate.

    One row: so many attempts, between two of them ``max_wait``, or what Retry-After asks for, which is at most ``patience``;
    each attempt may be made twice, since a token may have been refused in between, which costs an attempt at getting a new
    one, and that is as long as a row's own attempts. Pauses of the whole run: ``patience`` before each success at most, and as
    much for the one edit that is refused again and again while others get through; every sender waits for them.
    """
    between = (given.retry.attempts - 1) * max(given.retry.max_wait, given.rate.patience)
    pauses = (2 * rows + 1) * given.rate.patience
    return rows * (2 * between + between * given.retry.attempts) + SENDERS * pauses


@pytest.fixture(autouse=True)
def _bounded_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a run and its resume wait for is time in memory, and less than the longest that it can be."""
    given = jobs.settings(Path(), **WAITS)
    virtual_time.use(monkeypatch, BoundedTime(2 * longest(given, len(CLUES))))


def settings(folder: Path, url: str, **over: Any) -> Settings:
    return jobs.settings(folder, url, **jobs.merged(WAITS, over))


def sent_and_resumed(
    folder: Path, fault: Fault, *, clue: int | None = None, times: int | None = None, **over: Any
) -> tuple[Report, list[dict[str, str]]]:
    """A run in which this clue, or every clue, meets with the fault always or so many times, and its results. That its resume
    ends well, once the stand-in is well again, is checked here."""
    path = jobs.sheet(folder, CLUES)
    where = "" if clue is None else f"@clue:{clue}"
    how_often = "" if times is None else f"*{times}"
    with Sandbox(accept_any_clue=True, faults=[fault.name + where + how_often]) as crm, pytest.MonkeyPatch.context() as patch:
        given, port = settings(folder, crm.url, **over), int(crm.url.rsplit(":", 1)[1])
        if fault.late:
            LateAnswers(clue, times).use(patch)
        first = batch_editor.run(path, given, output=folder / "results.csv")  # soon written, and read
    rows = jobs.results(first.results)
    statuses = [row["result_status"] for row in rows]
    assert {status: number for status, number in first.counts.items() if number} == Counter(statuses)
    with Sandbox(accept_any_clue=True, port=port):
        second = batch_editor.resume(str(first.run), given)
    expected = [
        row["result_status"]
        if row["result_status"] == "rejected"
        or (not given.retry.ambiguous and "may have been applied" in row["result_message"])
        else "updated"
        for row in rows
    ]
    assert jobs.statuses(second.results) == expected
    assert second.exit_code == (0 if set(expected) == {"updated"} else 1)
    return first, rows


def by_clue(rows: list[dict[str, str]]) -> dict[int, str]:
    return {int(row["clue_id"]): row["result_status"] for row in rows}


@each_fault
@pytest.mark.parametrize("position", POSITIONS)
def test_a_row_that_always_meets_with_it(tmp_path: Path, fault: Fault, position: str) -> None:
    clue = POSITIONS[position]
    report, rows = sent_and_resumed(tmp_path, fault, clue=clue)
    statuses = by_clue(rows)
    if fault.name in EITHER:
        assert statuses[clue] in (EITHER[fault.name], "not_sent")
        assert report.exit_code == (3 if "not_sent" in statuses.values() else 1)
        return
    assert statuses[clue] == fault.ends
    others = {status for other, status in statuses.items() if other != clue}
    if fault.halts:
        assert report.exit_code == 3 and report.halted is not None and others <= {"updated", "not_sent"}
    else:
        assert report.exit_code == 1 and report.halted is None and others == {"updated"}
    (result,) = [row for row in rows if int(row["clue_id"]) == clue]
    assert ("may have been applied" in result["result_message"]) is fault.maybe_applied
    assert not fault.maybe_applied or result["result_attempts"] == str(2 * ATTEMPTS)  # and at the end of the run


@each_fault
@pytest.mark.parametrize("position", POSITIONS)
def test_a_row_that_meets_with_it_once(tmp_path: Path, fault: Fault, position: str) -> None:
    clue = POSITIONS[position]
    report, rows = sent_and_resumed(tmp_path, fault, clue=clue, times=1)
    if fault.passes:
        assert set(by_clue(rows).values()) == {"updated"} and report.exit_code == 0
    else:
        assert by_clue(rows)[clue] == fault.ends and report.exit_code == (3 if fault.halts else 1)


@each_fault
def test_all_rows_meet_with_it(tmp_path: Path, fault: Fault) -> None:
    """Where not one of them got an answer, the run has not failed but stopped: the CRM alone was in the way."""
    report, rows = sent_and_resumed(tmp_path, fault)
    assert set(by_clue(rows).values()) == {fault.ends}
    halts = fault.halts or fault.name in ("slow=1", "503=1", "lost-before", "lost-after")
    assert report.exit_code == (3 if halts else 1) and (report.halted is not None) is halts
    assert fault.halts or report.reason == ("crm_down" if halts else "rows")


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault.maybe_applied], ids=lambda fault: fault.name)
def test_what_may_have_been_applied_is_not_repeated_where_it_must_not_be(tmp_path: Path, fault: Fault) -> None:
    """Neither in the run nor in its resume, and the row says why."""
    _, rows = sent_and_resumed(tmp_path, fault, clue=14, retry={"ambiguous": False})
    assert by_clue(rows) == {clue: "failed" if clue == 14 else "updated" for clue in CLUES}
    assert rows[3]["result_attempts"] == "1" and "may have been applied" in rows[3]["result_message"]


@pytest.mark.parametrize("answer", [429, 500, 403, 0], ids=["too fast", "broken", "denied", "no server"])
def test_no_token_is_to_be_had(tmp_path: Path, answer: int) -> None:
    with Crm(grant=lambda number: status(answer, b'{"code":10002,"msg":"no"}' if answer == 403 else b"<html>")) as crm:
        url = crm.url if answer else "http://127.0.0.1:1"
        given = settings(tmp_path, url)
        path = jobs.sheet(tmp_path, CLUES)
        report = batch_editor.run(path, given)
        assert not crm.calls
    assert report.exit_code == 3 and report.halted is not None and set(jobs.statuses(report.results)) == {"not_sent"}
