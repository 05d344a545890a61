"""What a planned run would do, as data: counts of its rows, its circumstances, and examples.

``build_preview`` counts the planned rows in the journal, so that what a person is shown is what would be sent. How a preview
is worded and laid out is the business of whoever shows it; nothing here knows how wide a line is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ..crm.pace import duration
from ..fields import BY_KEY, Kind
from ..journal.columns import CountedRow, split_keys, status_from_column
from ..journal.run_journal import RunJournal
from ..messages import Lang
from ..model import Change, Message, Problem, Status
from ..settings.limits import Limit
from ..settings.names import folded
from ..sheets import cell_of
from .exports import Export
from .losses import MOST_ROWS, OWNER, POOL, REASSIGNING, Losses
from .options import RunOptions
from .printed import table_of_preview

#: How many problems a preview holds; all of them are counted, and all are in the results sheet.
MOST_PROBLEMS = 10_000
#: How many different values of a field, and how many rows that clear it, a preview holds at most.
MOST_EXAMPLES = MOST_ROWS
#: How many clues that stand in several rows a preview names.
MOST_REPEATED = 5
#: Where somebody is asked, the first of more edits than this is proved, unless the settings say otherwise.
UNPROVED = 20
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


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a run is about beside its rows: where they come from and go to, and what the run was told.

    ``app`` is the CRM's id of the app, or the words for one that is not known. ``limits`` are the permitted rates. ``options``
    are those of the run, with the limit of this time. ``labels`` are the names of the fields by their keys, ``columns`` is the
    column of a field in a row's cells. ``earlier`` says something of an earlier run of the sheet, ``repeats`` that it has sent
    the same edits. ``notes`` are warnings that came up while the sheet was read. ``is_as_written`` says that the sheet
    holds results in which nothing was changed since they were written, and of which nothing would be sent. ``export`` is the
    sheet as it came in, None where it did so before; ``filled`` are the columns of which is counted how many rows fill them, by
    the names under which they are asked for; ``blank_words`` fill none. ``lang`` is the language of the texts that are made of
    this.
    """

    base_url: str
    app: str | Message
    source: str
    sheet: str
    limits: Sequence[Limit]
    options: RunOptions
    labels: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, int] = field(default_factory=dict)
    earlier: Message | None = None
    repeats: bool = False
    notes: Sequence[Message] = ()
    is_as_written: bool = False
    export: Export | None = None
    filled: Mapping[str, int | None] = field(default_factory=dict)
    blank_words: frozenset[str] = frozenset()
    lang: Lang = "en"


@dataclass(frozen=True, slots=True)
class Differences:
    """What differs between the rows and the CRM: ``fields`` fields in ``rows`` rows; ``changes`` are the first of them."""

    changes: Sequence[Change] = ()
    fields: int = 0
    rows: int = 0


@dataclass(frozen=True, slots=True, repr=False)
class Preview:
    """A planned run before it is sent. ``print`` shows it as a table.

    The edits to be sent are of ``clues`` different clues. ``repeated_clues`` clues stand in several rows; ``repeated`` holds
    the first of them with their rows. ``reads`` clues are still to be read. Of ``no_old_values`` rows no value from before will
    be known, so that an undo cannot put them back. ``proves`` says that the first edit will be sent alone and read back.
    ``differences`` is empty until the clues have been read, and so is what is really lost, ``compared``.
    """

    circumstances: Circumstances
    counts: RowCounts
    clues: int
    repeated_clues: int
    repeated: Sequence[tuple[int, list[int]]]
    reads: int
    no_old_values: int
    proves: bool = False
    differences: Differences = Differences()
    compared: Losses | None = None

    @property
    def losses(self) -> Losses:
        """What is taken away from clues: by what the CRM holds where that is known, else by what the sheet asks for."""
        if self.compared and self.compared.compared:
            return self.compared
        counts = self.counts
        return Losses(
            owners=counts.sets[OWNER],
            pools=counts.sets[POOL],
            reassigned=counts.reassigned,
            retagged=counts.retagged,
            clears=counts.clears,
            cleared_rows=counts.cleared_rows,
        )

    def __repr__(self) -> str:
        return f"<Preview rows={self.rows} calls={self.calls}>"

    def __str__(self) -> str:
        return table_of_preview(self).text()

    def _repr_html_(self) -> str:
        return table_of_preview(self).as_html()

    @property
    def rows(self) -> int:
        """How many rows the sheet has."""
        return self.counts.rows

    @property
    def calls(self) -> int:
        """How many edits will be sent."""
        return self.counts.calls

    @property
    def changing(self) -> int | None:
        """How many rows will be sent since they change something, by what was read; None while that is not known."""
        if self.reads:
            return self.differences.rows or None
        return self.calls

    @property
    def changes(self) -> Sequence[Change]:
        """The first fields that differ from what the CRM holds, once the clues have been read."""
        return self.differences.changes

    @property
    def notes(self) -> Sequence[Message]:
        """What the reading of the sheet has found worth a warning."""
        return self.circumstances.notes

    @property
    def warnings(self) -> list[Message]:
        """What is told whatever else of the preview is shown: that the sheet was sent before, clues in several rows, and what
        the reading of the sheet has found."""
        about, warnings = self.circumstances, list[Message]()
        if about.earlier and about.repeats:
            warnings.append(about.earlier)
        if self.repeated_clues:
            values = {"clues": self.repeated_clues, "examples": repeated_text(self.repeated)}
            warnings.append(Message("preview.repeated", values))
        if about.is_as_written:
            warnings.append(Message("note.nothing_mended" if self._has_bad_rows else "note.nothing_left"))
        return [*warnings, *self.notes]

    @property
    def _has_bad_rows(self) -> bool:
        return any(self.counts.statuses[status] for status in ("invalid", "conflict", "rejected", "failed"))

    @property
    def seconds(self) -> float:
        """How many seconds the run takes at least, by the permitted rate alone."""
        return duration(self.calls + self.reads + 2 * self.proves, self.circumstances.limits)

    @property
    def is_harmless(self) -> bool:
        """Whether nothing is lost that nobody remembers: no field is cleared, no owner or pool changed, no tags are replaced,
        nothing is sent that was sent before, and no row that the sheet hides."""
        losses, options = self.losses, self.circumstances.options
        loses = losses.clears or losses.reassigned or (losses.retagged and options.tags != "add")
        return not (loses or self.circumstances.repeats or options.force or options.hidden_rows)


def build_preview(run: RunJournal, circumstances: Circumstances, *, maybe_applied: bool) -> Preview:
    """The preview of a planned run, counted from its rows in the journal.

    ``maybe_applied`` is the setting ``retry.ambiguous``: whether rows that may have been applied are sent again.
    """
    queries = run.queries
    records = queries.remaining(maybe_applied=maybe_applied)
    counts = count_rows(
        records,
        limit=circumstances.options.limit,
        columns=circumstances.columns,
        filled=FilledColumns(circumstances.filled, circumstances.blank_words),
    )
    repeated_clues, repeated = queries.repeated_clues(MOST_REPEATED)
    reads = queries.count_unread_clues()
    if not circumstances.options.compares:  # else rows beyond the limit come in for those of which nothing is sent
        reads = min(reads, counts.calls)
    return Preview(
        circumstances=circumstances,
        counts=counts,
        clues=queries.count_clues(counts.calls, maybe_applied=maybe_applied),
        repeated_clues=repeated_clues,
        repeated=repeated,
        reads=reads,
        no_old_values=queries.count_without_old_values(),
    )


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
    statuses, shapes = Counter[str](), _Shapes(columns or {})
    problems, groups = list[Problem](), dict[tuple[str, str, str], ProblemGroup]()
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
        self.sets, self.clears = Counter[str](), Counter[str]()
        self.values, self.cleared_rows = dict[str, list[str]](), dict[str, list[int]]()
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
        fields, cleared = split_keys(record.fields), split_keys(record.cleared)
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


def repeated_text(repeated: Sequence[tuple[int, list[int]]]) -> str:
    """The clues that stand in several rows, with these rows: ``1591… (2, 7)``."""
    return "; ".join(f"{clue} ({', '.join(map(str, rows))})" for clue, rows in repeated)
