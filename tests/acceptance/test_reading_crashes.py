"""Killed while clues are read, while reading and sending overlap, and while an undo is sent: going on keeps every promise.

As in ``test_crashes.py``, with a sandbox for the CRM: at the moment that a test waits for, its requests run into a trap.
"""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from support import jobs
from support.commands import finished
from support.crashes import PATIENCE, SENDERS, Trap, Trial, clues, no_trap, peek, row_of, until
from support.records import EDIT, INFO, clues_of

from batch_editor.sandbox import Sandbox
from batch_editor.sandbox.reference import json_object
from batch_editor.sandbox.wire import Answer

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")]

ROWS = 140
#: Clues of this run that have been read, as its journal knows them.
READ = "SELECT DISTINCT clue FROM rows WHERE run = (SELECT max(id) FROM runs) AND NOT unread"
UNANSWERED = "SELECT clue FROM rows WHERE run = (SELECT max(id) FROM runs) AND (status = 'sending' OR maybe_applied)"


class Trapping(Sandbox):
    """A sandbox whose requests to one path run into a trap, if it is set, and that remembers what ``Trial`` asks for."""

    def __init__(self, clues: Iterable[Mapping[str, object]]) -> None:
        super().__init__(clues, access_token=jobs.TOKEN)
        self.arrived: list[int] = []
        self.applied: list[tuple[int, int]] = []
        self.confirmed: list[int] = []
        self.clients: list[subprocess.Popen[str]] = []
        self.trap, self.traps = no_trap(), EDIT
        self._noting = threading.Lock()

    def set(self, trap: Trap, path: str = EDIT) -> Trap:
        self.trap, self.traps = trap, path
        return trap

    def settle(self) -> None:
        """A program has ended: let what waits meet its fate, and return when nothing is left of what that program sent."""
        self.trap.opened.set()
        with closing(socket.create_connection(("127.0.0.1", urlsplit(self.url).port or 0), timeout=PATIENCE)) as last:
            last.sendall(b"GET /settled HTTP/1.1\r\nConnection: close\r\n\r\n")  # connections are taken in turn
            assert last.recv(1)
        assert self._server
        for worker in list(self._server._workers):
            worker.join(PATIENCE)
            assert not worker.is_alive()

    def _decide(self, method: str, target: str, body: bytes) -> Answer:
        path, sent = urlsplit(target).path, json_object(body) or {}
        row = _row(sent)
        with self._noting:
            fate = self.trap.arrives(row if path == EDIT else sent["clue_id"]) if path == self.traps else ""
            trap = self.trap
            if path == EDIT:
                self.arrived.append(row)
            answer = self._applied(method, target, body) if fate in ("", "applied") else None
        if fate:
            assert trap.opened.wait(PATIENCE)
            if fate == "late":
                with self._noting:
                    self._applied(method, target, body)
            return Answer(b"", ending="nothing")
        with self._noting:
            if path == EDIT:
                self.confirmed.append(row)
        assert answer
        return replace(answer, wait=0.002)

    def _applied(self, method: str, target: str, body: bytes) -> Answer:
        answer = super()._decide(method, target, body)
        if self.requests[-1].applied:
            sent = json_object(body) or {}
            self.applied.append((sent["clue_id"], _row(sent)))
        return answer


def _row(sent: Mapping[str, Any]) -> int:
    """What tells an edit: its row, or in an undo its clue."""
    remark = str(sent.get("remark"))
    return row_of(remark) if remark.startswith("row ") else int(sent.get("clue_id", 0))


@contextmanager
def trial(folder: Path, chance: random.Random, rows: int = ROWS) -> Iterator[tuple[Trial, Trapping]]:
    """A sheet, and a CRM that holds its clues; no command outlives it."""
    numbers = clues(chance, rows)
    with Trapping({"clue_id": clue, "remark": f"old {clue}", "address": "there"} for clue in sorted(set(numbers))) as crm:
        try:
            yield Trial(folder, crm, numbers), crm  # type: ignore[arg-type]
        finally:
            crm.trap.opened.set()
            for client in crm.clients:
                with client:
                    client.kill()


def is_read_in_time(crm: Trapping, kills: int) -> None:
    """Each clue was read before it was edited, and no more of them twice than there were senders when it was killed."""
    reads, edits = clues_of(crm, INFO), clues_of(crm, EDIT)
    assert {*edits} <= {*reads}
    assert len(reads) - len({*reads}) <= SENDERS * kills
    order = [(request.path, clue) for request, clue in zip(crm.requests, _all_clues(crm), strict=True)]
    assert all(order.index((INFO, clue)) < order.index((EDIT, clue)) for clue in {*edits})


def _all_clues(crm: Trapping) -> list[int]:
    return [(json_object(request.body) or {}).get("clue_id", 0) for request in crm.requests]


def read(folder: Path) -> set[int]:
    return {clue for (clue,) in peek(folder, READ)}


#: For each phase the options of ``run``, the path that has the trap, and how many of its requests come before.
PHASES: dict[str, tuple[list[str], str, int]] = {
    "reading": (["--only-changed", "--strict"], INFO, 70),
    "overlapping, at a read": (["--only-changed"], INFO, 70),
    "overlapping, at an edit": (["--snapshot"], EDIT, 120),
    "sending": (["--snapshot", "--strict"], EDIT, 120),
}


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("phase", PHASES)
def test_killed(tmp_path: Path, phase: str, number: int) -> None:
    """Every third one is killed once more while it goes on; it goes on by ``resume`` or by the same ``run``."""
    options, path, most = PHASES[phase]
    chance = random.Random(f"{phase} {number}")
    again = chance.choice([("resume",), ("run", "edits.csv", *options)])
    with trial(tmp_path, chance) as (attempt, crm):
        before, kills = crm.clues(), 2 if number == 0 else 1
        for kill in range(kills):
            known, seen = read(tmp_path), len(crm.requests)
            trap = crm.set(Trap("silence", chance.randrange(most // kills), chance.randint(1, SENDERS), chance), path)
            words = ("run", "edits.csv", *options) if not kill else again
            process = attempt.go(*(words if words != ("resume",) else ("resume", attempt.run)))
            until(trap.snapped.is_set, process)
            attempt.kill(process)
            assert attempt.state == ("reading" if phase == "reading" else "sending")
            assert not known & {*clues_of(crm, INFO, seen)}, "what the journal has read is not read again"
            assert phase != "reading" or crm.arrived == []
            if number == 1:
                attempt.tell()
        known, seen = read(tmp_path), len(crm.requests)
        attempt.ends(*(again if again != ("resume",) else ()), beside=True)
        assert not known & {*clues_of(crm, INFO, seen)}
        is_read_in_time(crm, kills)
        last = {clue: f"row {row}" for row, clue in attempt.edits.items()}
        assert crm.clues() == {clue: whole | {"remark": last[clue]} for clue, whole in before.items()}


@pytest.mark.parametrize("number", range(3))
def test_an_undo_is_killed(tmp_path: Path, number: int) -> None:
    """Whatever was read, put back or in conflict before it was killed: every clue is as it was, but for what somebody has
    changed since, which stands in the results once. Only what was sent and not answered is read again."""
    chance = random.Random(f"undo {number}")
    with trial(tmp_path, chance) as (attempt, crm):
        before = crm.clues()
        assert finished(attempt.go("run", "edits.csv", "--snapshot")).code == 0
        edited = attempt.run
        theirs = chance.sample(sorted(before), 12)
        for clue in theirs:
            crm.change(clue, remark="theirs")
        expected = {clue: whole | ({"remark": "theirs"} if clue in theirs else {}) for clue, whole in before.items()}
        start = len(crm.requests)
        trap = crm.set(Trap("silence", chance.randrange(50), chance.randint(1, SENDERS), chance), EDIT if number else INFO)
        process = attempt.go("undo", edited, "--yes")
        until(trap.snapped.is_set, process)
        process.kill()
        process.communicate(timeout=PATIENCE)
        assert process.returncode == -signal.SIGKILL
        crm.settle()
        crm.set(no_trap())
        run, known, seen = attempt.run, read(tmp_path), len(crm.requests)
        unanswered = {clue for (clue,) in peek(tmp_path, UNANSWERED)}
        assert run != edited and attempt.state == "sending"
        done = finished(attempt.go("resume", run))
        assert crm.clues() == expected
        assert len(unanswered) <= SENDERS
        assert known & {*clues_of(crm, INFO, seen)} <= unanswered, "what somebody has changed since its edit was lost stays"
        for path, most in ((INFO, len(before)), (EDIT, len(before) - len(theirs))):
            counted = Counter(clues_of(crm, path, start))
            assert len(counted) == most and counted.total() - most <= SENDERS
    assert (done.code, done.json["conflict"]) == (1, 12)
    rows = jobs.results(tmp_path / "edits.undo.xlsx")
    by_status = {
        status: {int(row["线索ID"]) for row in rows if row["result_status"] == status}
        for status in ("updated", "unchanged", "conflict")
    }
    assert len(rows) == len(before) and set.union(*by_status.values()) == {*before}
    assert by_status["conflict"] == {*theirs}
    assert by_status["unchanged"] <= unanswered, "what was put back and not answered stands there already"


@pytest.mark.parametrize("again", ["run", "resume"])
def test_strict_still_holds_for_a_run_that_was_killed_before_it_sent_anything(tmp_path: Path, again: str) -> None:
    """A clue that is not there has been read already when it is killed; nobody has agreed to send the others."""
    with trial(tmp_path, random.Random(again), 60) as (attempt, crm):
        clue = attempt.edits[2]
        del crm._clues[clue]
        trap = crm.set(Trap("silence", 20, 4), INFO)
        process = attempt.go("run", "edits.csv", "--only-changed", "--strict")
        until(trap.snapped.is_set, process)
        process.kill()
        process.communicate(timeout=PATIENCE)
        crm.settle()
        crm.set(no_trap())
        assert attempt.state == "reading"
        words = ("resume", attempt.run) if again == "resume" else ("run", "edits.csv", "--only-changed", "--strict")
        done = attempt.command(*words)
        assert (done.code, done.out) == (2, "") and "90007" in done.err and crm.arrived == []
