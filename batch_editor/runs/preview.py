"""What a run would do, in numbers and examples; and the guards, which are limits on those numbers.

It is counted from the planned rows in the journal, so that what is shown is what would be sent. ``lines`` are messages
for a person, no wider than a terminal of 80 columns; asking that person is the command line's business.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ..crm.pace import duration
from ..edits.clue_record import UNREADABLE
from ..errors import GuardTripped
from ..fields import BY_KEY, Kind
from ..messages.time import spoken
from ..messages.widths import fitted, padded, width
from ..model import Change, Limit, Message, Problem, Record, Status
from ..settings.sections import Guards
from ..sheets import cell_of

#: How many problems are kept to be shown; all of them are counted, and all are in the results sheet.
MOST_PROBLEMS = 10_000
#: How many fields that differ are shown before somebody is asked.
SHOWN_CHANGES = 5
#: How many different values of a field are shown, and how many columns a line and the label of a field may take.
SHOWN_VALUES = 3
_COLUMNS, _LABEL = 78, 30
REASSIGNING = ("follow_user_id", "clue_pool_id")
#: What is said of an undo's rows that are not sent, instead of what is said of a sheet's.
_OF_UNDO = {Status.CONFLICT: "preview.put_back_not", Status.SKIPPED: "preview.put_back_unknown"}


@dataclass(slots=True)
class Group:
    """Problems of one kind in one column: the first of them, how many there are, and the row of the last one.

    ``whole`` says that every row between has one.
    """

    first: Problem
    number: int = 1
    last: int = 0
    whole: bool = True

    def add(self, problem: Problem) -> None:
        """Count one more, in sheet order."""
        self.number += 1
        self.whole &= problem.row <= self.last + 1
        self.last = problem.row

    @property
    def place(self) -> str:
        """Where they are: ``Sheet1!C2:C480``, or ``Sheet1!C2 … C480`` where not every row between has one."""
        if self.last == self.first.row:
            return self.first.address
        letters = cell_of(self.first.address).rstrip("0123456789")
        return f"{self.first.address}{':' if self.whole else ' … '}{letters}{self.last}"


@dataclass(slots=True)
class Preview:
    """A planned run in numbers. ``sets`` and ``clears`` count rows by field; ``repeated`` holds a few clues and their rows.

    ``columns`` says in which cell of a row each field stands, ``values`` are a few of what the rows set it to, and ``emptied``
    a few of the rows that clear it. ``hidden`` is how many of the rows the sheet hides. ``groups`` are all problems by column
    and kind, ``problems`` the first of them one by one.

    ``before`` is what is to be said of an earlier run of the sheet; ``repeats`` says that this one sends the same once more.
    ``reads`` clues are still to be read; of ``blind`` rows nothing will be known from before they are sent. ``compares``,
    ``tags``, ``undoes`` and ``forces`` are what the run was told; ``proves`` says that its first edit will be proved,
    ``only_proves`` that nothing else will be sent. ``changes`` are the first fields that differ, ``changed`` is how many do,
    and of how many rows ``differing``, once everything has been read.
    """

    base_url: str
    app: str | Message
    source: str
    sheet: str
    limits: Sequence[Limit]
    before: Message | None = None
    repeats: bool = False
    compares: bool = False
    tags: str | None = None
    undoes: bool = False
    forces: bool = False
    proves: bool = False
    only_proves: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, int] = field(default_factory=dict)
    limit: int | None = None
    rows: int = 0
    clues: int = 0
    hidden: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    sets: Counter[str] = field(default_factory=Counter)
    clears: Counter[str] = field(default_factory=Counter)
    values: dict[str, list[str]] = field(default_factory=dict)
    emptied: dict[str, list[int]] = field(default_factory=dict)
    reassigned: int = 0
    retagged: int = 0
    problems: list[Problem] = field(default_factory=list)
    problem_count: int = 0
    groups: dict[tuple[str, str, str], Group] = field(default_factory=dict)
    repeated_clues: int = 0
    repeated: list[tuple[int, list[int]]] = field(default_factory=list)
    reads: int = 0
    blind: int = 0
    changes: list[Change] = field(default_factory=list)
    changed: int = 0
    differing: int = 0
    notes: list[Message] = field(default_factory=list)

    def count(self, records: Iterable[Record]) -> None:
        """Count the rows of the run anew; those beyond ``limit`` will not be sent and do not count as edits."""
        self.rows = self.reassigned = self.retagged = self.problem_count = 0
        self.statuses, self.sets, self.clears, self.problems = Counter(), Counter(), Counter(), []
        self.values, self.emptied, self.groups = {}, {}, {}
        for record in records:
            self.rows += 1
            self.statuses[record.status] += 1
            if record.status is Status.INVALID:
                found = [note for note in record.notes if isinstance(note, Problem)]
                self.problem_count += len(found)
                self.problems += found[: MOST_PROBLEMS - len(self.problems)]
                for problem in found:
                    self._group(problem)
            elif record.status is Status.PENDING and self.statuses[Status.PENDING] <= self.calls:
                self.clears.update(record.cleared)
                self.sets.update(key for key in record.fields if key not in record.cleared)
                self._take_examples(record)
                self.reassigned += any(key in REASSIGNING for key in record.fields)
                self.retagged += any(key in BY_KEY and BY_KEY[key].kind is Kind.TAGS for key in record.fields)

    def _group(self, problem: Problem) -> None:
        column = problem.address.rstrip("0123456789")
        kind = (column, problem.field, problem.message.key)
        if kind in self.groups:
            self.groups[kind].add(problem)
        else:
            self.groups[kind] = Group(problem, last=problem.row)

    def _take_examples(self, record: Record) -> None:
        for key in record.fields:
            if key in record.cleared:
                if len(rows := self.emptied.setdefault(key, [])) <= SHOWN_VALUES:
                    rows.append(record.row)
            elif len(seen := self.values.setdefault(key, [])) <= SHOWN_VALUES:
                column = self.columns.get(key)
                value = record.cells[column] if column is not None and column < len(record.cells) else ""
                if value and value not in seen:
                    seen.append(value)

    @property
    def calls(self) -> int:
        """How many edits will be sent."""
        pending = self.statuses[Status.PENDING]
        return pending if self.limit is None else min(pending, self.limit)

    @property
    def seconds(self) -> float:
        """How long that takes at least, by the permitted rate alone."""
        return duration(self.calls + self.reads + 2 * self.proves, self.limits)

    @property
    def is_harmless(self) -> bool:
        """Whether nothing is lost that nobody remembers: no field emptied, no owner or pool changed, no tags replaced, nothing
        sent that was sent before, and no row that the sheet hides."""
        retags = self.retagged and self.tags != "add"
        return not (self.clears or self.reassigned or retags or self.repeats or self.forces or self.hidden)

    def lines(self) -> list[Message]:
        """The preview for a person: first what is irreversible, then the rest."""
        found = [
            *([self.before] if self.before else []),
            Message("preview.where", {"url": self.base_url, "app": self.app}),
            Message(
                "preview.sheet", {"source": self.source, "sheet": f" [{self.sheet}]" if self.sheet else "", "rows": self.rows}
            ),
            Message(
                "preview.at_most" if self.reads else "preview.calls",
                {"calls": self.calls, "clues": self.clues, "time": spoken(self.seconds)},
            ),
        ]
        beyond = self.statuses[Status.PENDING] - self.calls
        if self.reads:
            until = self.compares and beyond > 0
            key = "preview.reads_until" if until else "preview.reads"
            found.append(Message(key, {"clues": self.reads, "calls": self.calls}))
        if self.forces:
            found.append(Message("preview.forces"))
        if self.clears:
            found.append(
                Message("preview.clears", {"cells": self.clears.total(), "lines": self._listed(self.clears, self._rows)})
            )
        if self.reassigned:
            found.append(Message("preview.reassigned", {"rows": self.reassigned}))
        if self.retagged:
            found.append(Message(f"tags.{self.tags or 'replace'}", {"rows": self.retagged}))
        if self.sets:
            found.append(Message("preview.sets", {"lines": self._listed(self.sets, self._examples)}))
        if beyond and not self.only_proves:
            found.append(Message("preview.limited", {"rows": beyond}))
        if self.changes:
            found.append(Message("preview.changes", {"fields": self.changed}))
            found += [self._change(one) for one in self.changes[:SHOWN_CHANGES]]
        found += self._way_back()
        if self.proves:
            found.append(Message("preview.proof_only" if self.only_proves else "preview.proof"))
        for status in (
            Status.UNCHANGED,
            Status.SKIPPED,
            Status.INVALID,
            Status.CONFLICT,
            Status.UPDATED,
            Status.REJECTED,
            Status.FAILED,
        ):
            if self.statuses[status]:
                of_undo = _OF_UNDO.get(status) if self.undoes else None
                found.append(Message(of_undo or f"preview.{status}", {"rows": self.statuses[status]}))
        if self.repeated_clues:
            found.append(Message("preview.repeated", {"clues": self.repeated_clues, "examples": repetition(self.repeated)}))
        return found + self.notes

    def _change(self, change: Change) -> Message:
        values: dict[str, object] = {"field": change.field, "old": change.old, "new": change.new}
        if self.undoes:  # its rows are in no sheet
            return Message("undo.line", values | {"clue": change.clue_id})
        return Message("diff.line", values | {"row": change.row})

    def _way_back(self) -> list[Message]:
        """What an undo could not put back."""
        pending, unreadable = self.statuses[Status.PENDING], [key for key in (self.sets + self.clears) if key in UNREADABLE]
        found = []
        if self.blind and self.blind >= pending and not self.only_proves:  # whose one clue is read
            found.append(Message("preview.no_undo"))
        elif self.blind and not self.only_proves:
            found.append(Message("preview.no_undo_of", {"rows": self.blind}))
        if unreadable and self.blind < pending:
            fields = ", ".join(self.labels.get(key, key) for key in unreadable)
            found.append(Message("preview.unreadable_changed" if self.compares else "preview.unreadable", {"fields": fields}))
        return found

    def guard(self, guards: Guards) -> None:
        """Raise ``GuardTripped`` if the run is larger, smaller or worse than the guards allow."""
        share = self.statuses[Status.INVALID] / self.rows if self.rows else 0.0
        for setting, found, most in (
            ("max_rows", self.rows, guards.max_rows),
            ("max_clears", self.clears.total(), guards.max_clears),
            ("max_reassigned", self.reassigned, guards.max_reassigned),
            ("max_invalid_share", share, guards.max_invalid_share),
        ):
            if most is not None and found > most:
                raise GuardTripped(
                    f"guard.{setting}", found=f"{found:.4g}" if setting == "max_invalid_share" else found, most=most
                )
        if guards.min_rows is not None and self.rows < guards.min_rows:
            raise GuardTripped("guard.min_rows", found=self.rows, least=guards.min_rows)

    def _listed(self, counts: Counter[str], shown: Callable[[str, int], str | Message]) -> list[Message]:
        """A line for each field: its label, in how many rows, and what ``shown`` makes of its key and the columns left."""
        labels = {key: fitted(self.labels.get(key, key), _LABEL) for key in counts}
        widest, most = max(map(width, labels.values())), len(str(max(counts.values())))
        room = _COLUMNS - widest - most - len("    ×  …")
        return [
            Message(
                "preview.field", {"field": padded(labels[key], widest), "rows": f"{number:>{most}}", "shown": shown(key, room)}
            )
            for key, number in counts.most_common()
        ]

    def _examples(self, key: str, columns: int) -> str:
        values = self.values.get(key, [])
        each = columns // (min(len(values), SHOWN_VALUES) or 1) - len('"", ')
        return _first([f'"{fitted(value, each)}"' for value in values])

    def _rows(self, key: str, _: int) -> str | Message:
        if self.undoes:  # its rows are in no sheet
            return ""
        return Message("preview.at_rows", {"rows": _first([str(row) for row in self.emptied[key]])})


def _first(found: Sequence[str]) -> str:
    """The first few, with … if there are more."""
    return ", ".join([*found[:SHOWN_VALUES], *(["…"] if len(found) > SHOWN_VALUES else [])])


def repetition(repeated: Sequence[tuple[int, list[int]]]) -> str:
    """The first clues that stand in several rows: ``1591… (2, 7)``."""
    return "; ".join(f"{clue} ({', '.join(map(str, rows))})" for clue, rows in repeated)
