"""The planned rows of a run in numbers, with examples of what they do.

They are counted in one pass over the rows in the journal. What is shown of them beside what else is known of a run is the
business of ``preview``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ..fields import BY_KEY, Kind
from ..journal.columns import CountedRow, split_keys, status_from_column
from ..model import Message, Problem, Status
from ..settings.names import folded
from ..sheets import cell_of
from .losses import MOST_ROWS, REASSIGNING

#: How many problems a preview holds; all of them are counted, and all are in the results sheet.
MOST_PROBLEMS = 10_000
#: How many different values of a field, and how many rows that clear it, a preview holds at most.
MOST_EXAMPLES = MOST_ROWS
#: How many combinations of listed and cleared fields are counted apart before their fields are.
_MOST_SHAPES = 1000


@dataclass(slots=True)
class ProblemGroup:
    """The problems of one kind in one column: the first of them, how many there are, and the row of the last one.

    ``unbroken`` says that every row between the first and the last has one, ``last_label`` what the last one is called.
    """

    first: Problem
    number: int = 1
    last_row: int = 0
    unbroken: bool = True
    last_label: str = ""

    def add(self, problem: Problem) -> None:
        """Count one more problem; they come in the order of the sheet."""
        self.number += 1
        self.unbroken &= problem.row <= self.last_row + 1
        self.last_row = problem.row
        self.last_label = problem.label

    @property
    def place(self) -> str | Message:
        """The cells: ``Sheet1!C2:C480``, or ``Sheet1!C2 … C480`` where not every row between has a problem; or the labels."""
        if self.last_row == self.first.row:
            return self.first.place
        if self.first.label:
            return self.first.place_with(f"{self.first.label} … {self.last_label}")
        letters = cell_of(self.first.address).rstrip("0123456789")
        return f"{self.first.address}{':' if self.unbroken else ' … '}{letters}{self.last_row}"


@dataclass(frozen=True, slots=True)
class RowCounts:
    """The planned rows in numbers, with examples of what they do.

    ``statuses`` counts all ``rows``. ``calls`` rows will be sent: those that are pending, up to the limit of the run. Of these
    rows alone ``sets`` and ``clears`` count how many set or clear a field, by its key; ``values`` are a few of the texts that
    they set it to, ``cleared_rows`` a few of the rows that clear it; ``reassigned`` rows set the owner or the pool, and
    ``retagged`` rows set tags. ``filled`` is in how many of all rows each column is filled that was asked about.
    ``problem_groups`` are all problems of the invalid rows by column and kind, in the order in which they begin; ``problems``
    are the first ten thousand of the ``problem_count``.
    """

    rows: int = 0
    calls: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    sets: Counter[str] = field(default_factory=Counter)
    clears: Counter[str] = field(default_factory=Counter)
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    cleared_rows: Mapping[str, Sequence[int]] = field(default_factory=dict)
    reassigned: int = 0
    retagged: int = 0
    filled: Counter[str] = field(default_factory=Counter)
    problems: Sequence[Problem] = field(default_factory=list)
    problem_count: int = 0
    problem_groups: Sequence[ProblemGroup] = ()

    @property
    def pending(self) -> int:
        """How many rows are still to be sent, those beyond the limit of the run included."""
        return self.statuses[Status.PENDING]

    @property
    def asked(self) -> int:
        """How many rows ask for an edit: those that are to be sent, and those that have their values already."""
        return self.pending + self.statuses[Status.UNCHANGED]


class FilledColumns:
    """Counts in how many rows columns are filled: with anything but blanks and the ``blank_words``, also with a wrong value.

    ``places`` are the columns of a row's cells by the names under which they are asked for; None where there is no such column.
    """

    def __init__(self, places: Mapping[str, int | None] | None = None, blank_words: frozenset[str] = frozenset()) -> None:
        self.counts = Counter[str]()
        self._places = [(name, place) for name, place in (places or {}).items() if place is not None]
        self.counts.update(dict.fromkeys(dict(self._places), 0))
        self._blank_words = blank_words

    def __bool__(self) -> bool:
        return bool(self._places)

    def add(self, texts: Sequence[str]) -> None:
        """Counts the cells of one more row."""
        for name, place in self._places:
            if place < len(texts) and (text := folded(texts[place])) and text not in self._blank_words:
                self.counts[name] += 1


def count_rows(
    records: Iterable[CountedRow],
    *,
    limit: int | None = None,
    columns: Mapping[str, int] | None = None,
    filled: FilledColumns | None = None,
) -> RowCounts:
    """The counts of the planned rows ``records``, of which at most ``limit`` will be sent.

    ``columns`` is the column of a field in a row's cells, by its key; a field without one gives no examples. ``filled`` counts
    the cells of all rows.
    """
    statuses = Counter[str]()
    shapes = _Shapes(columns or {})
    problems = list[Problem]()
    groups = dict[tuple[str, str, str], ProblemGroup]()
    calls = problem_count = 0
    for record in records:
        statuses[record.status] += 1
        if filled:
            filled.add(record.texts())
        if record.status == Status.PENDING:
            if limit is None or calls < limit:
                calls += 1
                shapes.add(record)
        elif record.status == Status.INVALID:
            row_problems = record.problems()
            problem_count += len(row_problems)
            problems += row_problems[: MOST_PROBLEMS - len(problems)]
            for problem in row_problems:
                _add_to_groups(groups, problem)
    shapes.count()
    return RowCounts(
        rows=statuses.total(),
        calls=calls,
        statuses=Counter({status_from_column(status): number for status, number in statuses.items()}),
        sets=shapes.sets,
        clears=shapes.clears,
        values=shapes.values,
        cleared_rows=shapes.cleared_rows,
        reassigned=shapes.reassigned,
        retagged=shapes.retagged,
        filled=filled.counts if filled else Counter(),
        problems=problems,
        problem_count=problem_count,
        problem_groups=tuple(groups.values()),
    )


@dataclass(slots=True)
class _Shape:
    """The rows that list the same ``fields`` and clear the same of them: how many, and of which of them examples are wanted:
    the columns with the texts, and the row numbers, that are there already."""

    fields: Sequence[str]
    cleared: Sequence[str]
    texts: list[tuple[int, list[str]]]
    cleared_rows: list[list[int]]
    number: int = 0


class _Shapes:
    """Counts the rows that will be sent by their shapes: nearly all rows of a sheet have one of a few."""

    def __init__(self, columns: Mapping[str, int]) -> None:
        self.sets = Counter[str]()
        self.clears = Counter[str]()
        self.values = dict[str, list[str]]()
        self.cleared_rows = dict[str, list[int]]()
        self.reassigned = self.retagged = 0
        self._columns = columns
        self._shapes: dict[tuple[str, str], _Shape] = {}

    def add(self, record: CountedRow) -> None:
        """Counts a row, and takes examples of it as long as its shape has fields with too few of them."""
        shape = self._shapes.get((record.fields, record.cleared)) or self._new_shape(record)
        shape.number += 1
        if shape.texts:  # else its cells are not even decoded
            self._take_texts(shape, record.texts())
        if shape.cleared_rows:
            for rows in shape.cleared_rows:
                if len(rows) < MOST_EXAMPLES:
                    rows.append(record.row)
            shape.cleared_rows = [rows for rows in shape.cleared_rows if len(rows) < MOST_EXAMPLES]

    def count(self) -> None:
        """Counts the fields of the shapes, and forgets these."""
        for shape in self._shapes.values():
            for key in shape.fields:
                (self.clears if key in shape.cleared else self.sets)[key] += shape.number
            self.reassigned += shape.number * any(key in REASSIGNING for key in shape.fields)
            self.retagged += shape.number * any(key in BY_KEY and BY_KEY[key].kind is Kind.TAGS for key in shape.fields)
        self._shapes.clear()

    def _new_shape(self, record: CountedRow) -> _Shape:
        if len(self._shapes) >= _MOST_SHAPES:
            self.count()
        fields = split_keys(record.fields)
        cleared = split_keys(record.cleared)
        rows = [self.cleared_rows.setdefault(key, []) for key in fields if key in cleared]
        texts = [(self._columns.get(key), self.values.setdefault(key, [])) for key in fields if key not in cleared]
        shape = _Shape(fields, cleared, [(column, known) for column, known in texts if column is not None], rows)
        self._shapes[record.fields, record.cleared] = shape
        return shape

    @staticmethod
    def _take_texts(shape: _Shape, cells: Sequence[str]) -> None:
        is_full = False
        for column, texts in shape.texts:
            if len(texts) == MOST_EXAMPLES:  # by rows of another shape
                is_full = True
            elif column < len(cells) and (text := cells[column]) and text not in texts:
                texts.append(text)
                is_full |= len(texts) == MOST_EXAMPLES
        if is_full:
            shape.texts = [(column, texts) for column, texts in shape.texts if len(texts) < MOST_EXAMPLES]


def _add_to_groups(groups: dict[tuple[str, str, str], ProblemGroup], problem: Problem) -> None:
    column = problem.address.rstrip("0123456789")
    kind = (column, problem.field, problem.message.key)
    if kind in groups:
        groups[kind].add(problem)
    else:
        groups[kind] = ProblemGroup(problem, last_row=problem.row)
