"""A trial of whole runs drawn from a seed: faults, kills, continuations, tags, equal values, an undo, a second run beside it.

``play`` types the commands and returns what the clues must not be afterwards, in words; nothing if all is well. What a clue may
hold is reckoned from the sheets and from what the journal says of each row, not from what was sent.
"""

from __future__ import annotations

import json
import random
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from batch_editor.sandbox import Sandbox
from batch_editor.sandbox.faults import parse_fault
from support import jobs
from support.commands import Commands, Done, finished
from support.crashes import PATIENCE, peek
from support.records import EDIT

FIELDS = ("remark", "gender", "address", "label")
GENDERS = {"男": "0", "女": "1"}
TAGS = ("etA-tag-of-the-tests", "etB-tag-of-the-tests", "etC-tag-of-the-tests", "etD-tag-of-the-tests")
#: Edits and reads that go wrong, for a share of the requests.
FAULTS = (
    "lost-after@25%",
    "lost-before@15%",
    "truncated@15%",
    "503@20%",
    "not-json@10%",
    "code=40001@10%",
    "data-false@5%",
    "token-expired@5%",
    "read:503@20%",
    "read:lost-before@20%",
    "read:code=40002@5%",
)
#: How long after a later run's edit one of an earlier run may still arrive: it was on its way.
ON_ITS_WAY = 0.5
#: How often a run is gone on with, at most, before everything goes well.
CONTINUATIONS = 3


@dataclass(frozen=True)
class Row:
    """A row of a sheet: its number, its clue, and what its filled cells say."""

    number: int
    clue: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Outcome:
    """What the journal says of a row of a run."""

    status: str
    maybe_applied: bool


@dataclass
class FuzzedRun:
    """A sheet, the options it is sent with, and the name of its run once it has one."""

    operator: str
    rows: list[Row]
    options: list[str]
    tags: str | None
    name: str = ""
    again: str = ""

    @property
    def file(self) -> str:
        return f"{self.operator}.csv"

    def write(self, folder: Path) -> None:
        lines = [f"clue_id,user_id,{','.join(FIELDS)}"]
        lines += [f"{row.clue},{self.operator},{','.join(row.cells.get(key, '') for key in FIELDS)}" for row in self.rows]
        jobs.text_file(folder / self.file, "\n".join(lines) + "\n")

    def after(self, row: Row, key: str, value: str) -> str:
        """Returns what an applied ``row`` makes of a field that held ``value``."""
        cell = row.cells[key]
        if cell == "#CLEAR":
            return ""
        if key == "gender":
            return GENDERS[cell]
        if key != "label":
            return cell
        given, current = cell.split(";"), [tag for tag in value.split(",") if tag]
        if self.tags == "add":
            return _joined([*current, *given])
        if self.tags == "remove":
            return _joined(tag for tag in current if tag not in given)
        return _joined(given)


class Trial:
    """One trial in ``folder``, drawn from ``seed``."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder = folder
        self._chance = random.Random(f"fuzzed {seed}")
        self._clues = range(101, 101 + self._chance.randint(2, 5))
        self.crm = Sandbox((self._record(clue) for clue in self._clues), seed=seed)
        self.first = self._sheet("first", self._chance.randint(6, 30))
        self.second = self._sheet("second", self._chance.randint(3, 12)) if self._chance.random() < 0.4 else None
        self.history: list[str] = []
        self._started: list[subprocess.Popen[str]] = []

    def _record(self, clue: int) -> dict[str, Any]:
        tags = ",".join(sorted(self._chance.sample(TAGS, self._chance.randint(0, 2))))
        return {
            "clue_id": clue,
            "remark": f"old {clue}",
            "gender": self._chance.choice(["0", "1"]),
            "address": "",
            "label": tags,
        }

    def _sheet(self, operator: str, length: int) -> FuzzedRun:
        tags = self._chance.choice([None, "add", "add", "remove"])
        options = [f"--tags={tags}"] if tags else []
        options += [option for option in ("--only-changed", "--snapshot") if self._chance.random() < 0.6]
        rows = [
            Row(number, self._chance.choice(self._clues), self._cells(f"{operator} {number}"))
            for number in range(2, 2 + length)
        ]
        return FuzzedRun(operator, rows, options, tags)

    def _cells(self, text: str) -> dict[str, str]:
        drawn = {
            "remark": self._chance.choice([text, text, "equal", "#CLEAR"]),
            "gender": self._chance.choice(sorted(GENDERS)),
            "address": text,
            "label": ";".join(sorted(self._chance.sample(TAGS, self._chance.randint(1, 2)))),
        }
        return {key: cell for key, cell in drawn.items() if self._chance.random() < 0.6}

    def play(self) -> list[str]:
        """Returns what is wrong after the runs, and after the undo of the first one."""
        with self._serving():
            self._command = Commands(self._folder, self.crm.url, rate={"concurrency": self._chance.randint(1, 4)})
            self._command.env |= {"WSHOTO_APP_ID": "demo-app", "WSHOTO_APP_SECRET": "demo-secret"}
            del self._command.env["WSHOTO_ACCESS_TOKEN"]
            runs = [run for run in (self.first, self.second) if run]
            for run in runs:
                run.write(self._folder)
            before = self._values()
            self._misbehave()
            self._send()
            self._behave()
            for run in runs:
                self._finish(run)
            if self._chance.random() < 0.4:
                self._send_results()
            faults = [*self._wrong_values(before), *self._overtaken()]
            if not faults and self._chance.random() < 0.7:
                faults = self._undo(before)
            return faults

    # --- commands

    def _send(self) -> None:
        limit = ["--limit", str(self._chance.randint(1, 3))] if self._chance.random() < 0.5 else []
        process = self._start("run", self.first.file, *self.first.options, *limit)
        if self.second:
            self._wait_for_requests(self._chance.randint(1, 20), process)
            second = self._start("run", self.second.file, *self.second.options)
            self._end(second, self._chance.choice([0, 0, 10]))
        self._end(process, self._kill_after())
        self.first.name = self._name_of(self.first.file)
        if self.second:
            self.second.name = self._name_of(self.second.file)
        for _ in range(self._chance.randint(0, CONTINUATIONS)):
            run = self._chance.choice([run for run in (self.first, self.second) if run and run.name] or [self.first])
            if self._state(run.name) != "finished":
                words = ("resume", run.name) if run.name and self._chance.random() < 0.5 else ("run", run.file, *run.options)
                self._end(self._start(*words), self._kill_after())
                run.name = run.name or self._name_of(run.file)

    def _finish(self, run: FuzzedRun) -> None:
        """Goes on with a run until nothing is left of it; the CRM behaves by now."""
        if not run.name:
            self._end(self._start("run", run.file, *run.options), 0)
            run.name = self._name_of(run.file)
        for _ in range(3):
            if self._end(self._start("resume", run.name), 0) == 3:
                continue
            return
        raise AssertionError(f"{run.file} does not come to its end")

    def _send_results(self) -> None:
        """Sends the results of the first run in: what was not updated is sent again, if nothing newer stands there."""
        results = peek(self._folder, f"SELECT results FROM runs WHERE name = '{self.first.name}'")[0][0]  # noqa: S608
        self._end(self._start("run", results, "--only-failed", *self.first.options), 0)
        self.first.again = self._name_of(Path(results).name)

    def _undo(self, before: dict[int, dict[str, str]]) -> list[str]:
        """Returns what is wrong after the first run was undone."""
        start = self._values()
        self._misbehave()
        code = self._end(self._start("undo", self.first.name, "--yes"), self._kill_after())
        undo = self._name_of(f"undo {self.first.name}")
        self._behave()
        if not undo:
            if code == 2:  # nothing was read, or nothing was set
                return []
            self._end(self._start("undo", self.first.name, "--yes"), 0)
            undo = self._name_of(f"undo {self.first.name}")
        for _ in range(3):
            if self._end(self._start("resume", undo), 0) != 3:
                break
        return self._wrong_after_undo(undo, before, start)

    def _start(self, *words: str) -> subprocess.Popen[str]:
        self.history.append(" ".join(words))
        process = self._command.start(*words, "--json")
        self._started.append(process)
        return process

    def _end(self, process: subprocess.Popen[str], kill_after: int) -> int:
        """Returns the exit code of a command, which is killed after so many requests; 0 lets it come to its end."""
        if kill_after:
            self._wait_for_requests(kill_after, process)
            process.kill()
            process.communicate(timeout=PATIENCE)
            self.history.append(f"  killed after {kill_after} requests: {process.returncode}")
            return process.returncode
        done: Done = finished(process)
        self.history.append(f"  {done.code} {done.err.strip()[-300:]}")
        return done.code

    def _kill_after(self) -> int:
        return self._chance.randint(1, 30) if self._chance.random() < 0.7 else 0

    def _wait_for_requests(self, number: int, process: subprocess.Popen[str]) -> None:
        seen, deadline = len(self.crm.requests), time.monotonic() + PATIENCE
        while len(self.crm.requests) < seen + number and process.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.001)

    @contextmanager
    def _serving(self) -> Iterator[None]:
        with self.crm:
            try:
                yield
            finally:
                for process in self._started:
                    with process:
                        process.kill()

    def _misbehave(self) -> None:
        self.crm._faults = [parse_fault(fault) for fault in self._chance.sample(FAULTS, self._chance.randint(1, 5))]

    def _behave(self) -> None:
        self.crm._faults = []

    # --- what is so

    def _values(self) -> dict[int, dict[str, str]]:
        """Returns each clue's fields; what is empty is an empty text, and tags are sorted."""
        clues = self.crm.clues()
        values = {clue: {key: str(record[key] or "") for key in FIELDS} for clue, record in clues.items()}
        return {clue: fields | {"label": _joined(fields["label"].split(","))} for clue, fields in values.items()}

    def _name_of(self, source: str) -> str:
        named = peek(self._folder, "SELECT name, source, state FROM runs ORDER BY id")
        names = [name for name, path, state in named if Path(path).name == source and state != "planning"]
        return str(names[0]) if names else ""

    def _state(self, name: str) -> str:
        return dict(peek(self._folder, "SELECT name, state FROM runs")).get(name, "")

    def _outcomes(self, name: str) -> dict[int, Outcome]:
        """Returns what became of each row that a run did not only keep."""
        run = f"(SELECT id FROM runs WHERE name = '{name}')"  # noqa: S608
        rows = peek(self._folder, f"SELECT row, status, maybe_applied FROM rows WHERE kept_run IS NULL AND run = {run}")  # noqa: S608
        return {row: Outcome(status, bool(maybe_applied)) for row, status, maybe_applied in rows}

    # --- what must be so

    def _wrong_values(self, before: dict[int, dict[str, str]]) -> list[str]:
        """Returns each field of a clue that holds what neither its rows nor what was there before explain."""
        after, faults = self._values(), []
        for clue in self._clues:
            for key in FIELDS:
                runs = [run for run in (self.first, self.second) if run and _rows(run, clue, key)]
                possible = {before[clue][key]}
                # Two runs that set one field took turns: which was first in each is not known here, only what must not be.
                for run in [*runs, *runs] if len(runs) > 1 else runs:
                    explained = self._possible(run, clue, key, possible)
                    possible = possible | explained if len(runs) > 1 else explained
                if after[clue][key] not in possible:
                    faults.append(f"clue {clue}: {key} is {after[clue][key]!r} and not {sorted(possible)}")
        return faults

    def _possible(self, run: FuzzedRun, clue: int, key: str, values: set[str]) -> set[str]:
        """Returns what a field may hold after the rows of a run, if it held one of ``values`` before."""
        for name in (run.name, run.again):
            outcomes = self._outcomes(name)
            for row in _rows(run, clue, key):
                outcome = outcomes.get(row.number)
                assert outcome or name == run.again
                applied = {run.after(row, key, value) for value in values}
                if outcome and outcome.status in ("updated", "unchanged"):
                    values = applied
                elif outcome and outcome.maybe_applied:
                    values = values | applied
        return values

    def _overtaken(self) -> list[str]:
        """Returns the edits of the first run that arrived after the second one had set the same field of the clue."""
        if not self.second:
            return []
        outcomes, faults = self._outcomes(self.second.name), []
        set_at: dict[tuple[int, str], tuple[float, int]] = {}
        rows = {(row.clue, row.cells.get("address")): row for row in self.second.rows if "address" in row.cells}
        for request in self.crm.requests:
            if request.path != EDIT or not request.applied:
                continue
            sent = json.loads(request.body)
            for key in set(sent["update_specified_fields"]) - {"label"}:
                place = sent["clue_id"], key
                if sent["user_id"] == "second":
                    row = rows.get((sent["clue_id"], sent.get("address")))
                    if row and outcomes[row.number].status == "updated":
                        set_at[place] = request.at, row.number
                elif place in set_at and request.at - set_at[place][0] > ON_ITS_WAY:
                    faults.append(f"clue {place[0]}: {key} of row {set_at[place][1]} of the second run was overwritten")
        return faults

    def _wrong_after_undo(self, undo: str, before: dict[int, dict[str, str]], start: dict[int, dict[str, str]]) -> list[str]:
        """Returns each field that the first run set and that is not as it was before, though the undo does not say so."""
        after, faults = self._values(), []
        sql = "SELECT clue, status, fields FROM rows WHERE run = (SELECT id FROM runs WHERE name = '{}')"
        not_put_back = {
            (clue, key)
            for clue, status, fields in peek(self._folder, sql.format(undo))
            if status not in ("updated", "unchanged")
            for key in (fields.split(",") if fields else FIELDS)
        }
        for clue in self._clues:
            for key in FIELDS:
                shared = (self.second and _rows(self.second, clue, key)) or self._is_sent_again(clue, key)
                if (clue, key) in not_put_back or shared:
                    continue
                if after[clue][key] != before[clue][key] and _rows(self.first, clue, key):
                    faults.append(f"clue {clue}: {key} is {after[clue][key]!r} after the undo and was {before[clue][key]!r}")
                if not _rows(self.first, clue, key) and after[clue][key] != start[clue][key]:
                    faults.append(f"clue {clue}: the undo made {after[clue][key]!r} of {key}")
        return faults

    def _is_sent_again(self, clue: int, key: str) -> bool:
        outcomes = self._outcomes(self.first.again)
        return any(row.number in outcomes for row in _rows(self.first, clue, key))


def _rows(run: FuzzedRun, clue: int, key: str) -> Sequence[Row]:
    return [row for row in run.rows if row.clue == clue and key in row.cells]


def _joined(tags: Iterator[str] | Sequence[str] | Any) -> str:
    return ",".join(sorted({tag for tag in tags if tag}))
