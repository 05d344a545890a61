"""Mends the cells of a run that waits: its rows are read again, by the rules of its sheet and with what somebody has put there.

A mend is a layer over the sheet. What only the whole sheet tells of a row holds as it did when the sheet was read, but for what
other headings and other rows of the same clue mean for a row: rows are read again for which a mend changes that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from ..cell_values import Row
from ..edits import cells
from ..edits.columns import Columns
from ..edits.heading_row import without_left_out
from ..edits.whole_sheet import WholeSheet
from ..errors import Refused
from ..journal.journal import Journal
from ..journal.mends import HeldRow, KeptMend
from ..journal.run_journal import RunJournal
from ..model import Message, Plan, Run, Status
from ..settings.row_rules import RowRules
from ..settings.settings import Settings
from ..sheets import address, typed_row
from .earlier_rows import EarlierRows
from .judging import judge_by_age
from .options import RunOptions
from .rereading import ReadAgain
from .row_readers import row_reader

#: How many cells are named to people.
_MOST_NAMED = 10
#: The largest number that a row of the journal can have.
_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Mend:
    """What somebody puts into a cell of a run that waits: the layer over the sheet, which stays as it came.

    ``row`` is the row of the sheet, ``place`` the column, counted from 0, and ``value`` the text. ``seen`` is the text that
    they saw there before: where it is another one by now, somebody else was faster. None mends whatever stands there.
    """

    row: int
    place: int
    value: str
    seen: str | None = None


class Mending:
    """The run ``held`` by the journal, which this process drives and somebody mends.

    ``options`` and ``rules`` are those of the run, and ``label`` says what a row is called where it has no address. Raises
    ``Refused`` where its cells cannot be mended.
    """

    def __init__(
        self,
        journal: Journal,
        held: RunJournal,
        settings: Settings,
        options: RunOptions,
        rules: RowRules,
        label: Callable[[int], str] | None,
    ) -> None:
        self._run = journal.run(held.name)
        self._held = held
        self._mends = held.mends
        self._rules = rules
        self.whole = whole_sheet_of(self._run, held)
        self._cells = Cells(self._run, self.whole)
        self._columns = mended_columns(self._run, self.whole, rules, options, label)
        self._places = {heading: place for place, heading in reversed([*enumerate(self._run.headings)]) if heading}
        self._places |= self._columns.names.places(without_left_out(self._run.headings, options.left_out))
        earlier_rows = EarlierRows(journal, settings) if options.only_failed else None
        self._reader = row_reader(self._columns, rules, options, settings, earlier_rows)
        self._by_age = options.only_failed

    def mend(self, mends: Iterable[Mend], person: str) -> int:
        """Puts what ``mends`` say into their cells, and reads the rows again. Returns how many cells have changed.

        Raises ``Refused``, and mends nothing, where there is no such cell, or one no longer holds what somebody has seen.
        """
        mends_of = dict[int, dict[int, list[Mend]]]()
        for mend in mends:
            mends_of.setdefault(mend.row, {}).setdefault(mend.place, []).append(mend)
        texts = dict[int, dict[int, str]]()
        kept, withdrawn = list[KeptMend](), list[tuple[int, int]]()
        otherwise, rows = list[Message](), set[int]()
        numbers = sorted(row for row in mends_of if 0 < row <= _LARGEST)
        for held in self._mends.rows(numbers):
            rows.add(held.row)
            for place, several in mends_of[held.row].items():
                now, value = self._cells.text(held, place), several[-1].value
                if several[0].seen is not None and several[0].seen != now:
                    otherwise.append(Message("mend.now", {"place": self._cells.place(held.row, place), "value": now}))
                if value == now:
                    continue
                texts.setdefault(held.row, {})[place] = value
                was = self._cells.was(held, place)
                if value == was:
                    withdrawn.append((held.row, place))
                else:
                    kept.append(KeptMend(held.row, place, was, value, person, ""))
        if missing := sorted(mends_of.keys() - rows):
            raise Refused("mend.no_row", rows=", ".join(map(str, missing[:_MOST_NAMED])), run=self._run.name)
        if otherwise:
            raise Refused("mend.changed", lines=otherwise[:_MOST_NAMED], cells=len(otherwise))
        if texts:
            again = ReadAgain(self._held, self.whole, self._read, by_clues=self._by_age)
            self._mends.write(again.plans(texts), kept, withdrawn, again.changed_whole())
            if self._by_age:
                judge_by_age(self._held, self._columns, self._rules)
        return len(kept) + len(withdrawn)

    def holding(self, field: str, text: str) -> Iterator[Mend]:
        """Yields a mend of each cell of a field that holds ``text`` and nothing else but spaces around it; of blank ones those
        alone of rows that are invalid. It changes nothing yet."""
        place, plain = self._place(field), _trimmed(text)
        rows = self._mends.rows_with(plain) if plain else self._mends.invalid_rows()
        for held in rows:
            now = self._cells.text(held, place)
            if _trimmed(now) == plain:
                yield Mend(held.row, place, now, seen=now)

    def containing(self, field: str, text: str) -> Iterator[Mend]:
        """Yields a mend of each cell of a field in which ``text`` stands somewhere. It changes nothing yet."""
        if not text:
            raise Refused("mend.nothing_to_find")
        place = self._place(field)
        for held in self._mends.rows_with(text):
            now = self._cells.text(held, place)
            if text in now:
                yield Mend(held.row, place, now, seen=now)

    def _place(self, field: str) -> int:
        if (place := self._places.get(field)) is None:
            raise Refused("mend.no_field", field=field)
        return place

    def read_again(self, held: HeldRow) -> Plan:
        """Returns what a row becomes as it stands in its sheet, from which nobody has chosen anything else since."""
        plan, _ = self._read(held, {}, self.whole.headings_above(held.row), True)
        return plan

    def _read(self, held: HeldRow, texts: Mapping[int, str], headings: int, has_long_ids: bool) -> tuple[Plan, int]:
        """Returns what a row becomes that stands below the other headings in the row ``headings``, and perhaps below long ids;
        and below which headings the next one stands."""
        row = self._cells.row(held, texts)
        self._reader.stand_below(other_headings=headings, has_long_ids=has_long_ids)
        plan = self._reader.read(row)
        if plan is None:
            shown = [cells.cell_text(cell) for cell in row.cells[: self.whole.columns]]
            return Plan(row.number, Status.SKIPPED, tuple(shown)), headings
        mended = {column.field.key for column in self._columns.columns if column.index in {*held.was, *texts}}
        return self.whole.judged(plan, mended), self._reader.other_headings


def mended_columns(
    run: Run, whole: WholeSheet, rules: RowRules, options: RunOptions, label: Callable[[int], str] | None
) -> Columns:
    """Returns the columns of the sheet of a run, by which its rows are read again."""
    headings = Row(whole.heading_row, run.headings[: whole.columns], whole.width)
    return Columns(run.sheet, headings, rules, edit_keys=options.edit_keys, label=label, left_out=options.left_out)


@dataclass(frozen=True, slots=True)
class MendedCell:
    """A cell that somebody has mended: where it is, and what the sheet shows there (``was``); who has put its ``value`` there,
    and when (ISO 8601 with its offset)."""

    row: int
    place: int
    address: str
    heading: str
    was: str
    value: str
    person: str
    time: str


def mended_cell(run: Run, mend: KeptMend) -> MendedCell:
    """Returns the cell of a ``run`` that the journal has kept as a mend."""
    row, place, was, value, person, time = mend
    return MendedCell(row, place, address(run.sheet, row, place), run.headings[place], was, value, person, time)


class Cells:
    """The cells of a run's rows: as its sheet has them, and with what somebody has put there instead.

    Behind the columns of the sheet stands, in one cell of its own, what rows hold beyond them.
    """

    def __init__(self, run: Run, whole: WholeSheet) -> None:
        self._sheet = run.sheet
        self._headings = run.headings
        self._columns = whole.columns

    def text(self, held: HeldRow, place: int) -> str:
        """Returns the text in a cell. Raises ``Refused`` where there is no such cell."""
        if not 0 <= place < len(self._headings):
            raise Refused("mend.no_cell", place=self.place(held.row, place) if place >= 0 else str(place))
        return held.texts[place] if place < len(held.texts) else ""

    def was(self, held: HeldRow, place: int) -> str:
        """Returns the text that the sheet shows in a cell."""
        return held.was[place] if place in held.was else self.text(held, place)

    def place(self, row: int, place: int) -> str:
        """Returns where a cell is, as Excel shows it."""
        return address(self._sheet, row, place)

    def row(self, held: HeldRow, texts: Mapping[int, str]) -> Row:
        """Returns a row with what stood in its cells before, and then ``texts`` in their places."""
        was = list(held.texts) + [""] * (max(held.was, default=-1) + 1 - len(held.texts))
        for place, text in held.was.items():
            was[place] = text
        row = typed_row(held.row, was, held.typed, self._columns)
        mended = {place: self.text(held, place) for place in held.was} | dict(texts)
        values = list(row.cells)
        for place, text in mended.items():
            if text == self.was(held, place):
                continue
            values += [None] * (place + 1 - len(values))
            values[place] = text or None
            if place == self._columns:
                del values[place + 1 :]
        while values and values[-1] is None:
            values.pop()
        return Row(row.number, tuple(values), len(values), row.hidden)


def _trimmed(text: str) -> str:
    return cells.cell_text(cells.trimmed(text))


def whole_sheet_of(run: Run, held: RunJournal) -> WholeSheet:
    """Returns what was known of the whole sheet of a run. Raises ``Refused`` where its cells cannot be mended."""
    known = held.mends.whole_sheet()
    if known is None:
        raise Refused("mend.not_kept", run=run.name)
    return WholeSheet.from_json(known)
