"""A run that waits to be mended, for whoever shows a window of its rows: opening it costs the same for any length of its sheet.

It drives the run only while something is mended, so that several people can look at one run and mend it in turn. What a mended
row becomes is decided in ``mending``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property

from ..errors import Refused
from ..journal.choices import Choices
from ..journal.journal import Journal
from ..journal.mends import KeptMend
from ..journal.run_journal import RunJournal
from ..model import RowState, Run, RunState
from ..settings.row_rules import RowRules
from ..settings.settings import Settings
from .labels import row_names
from .mending import Mend, Mending
from .options import RunOptions
from .row_pages import Filters, RowPage, row_page
from .value_groups import ValueGroup, choice_name, value_groups


@dataclass(frozen=True)
class WaitingRun:
    """The run ``record`` as ``held`` by the journal; ``settings`` are those by which earlier runs are looked at."""

    journal: Journal
    record: Run
    held: RunJournal
    settings: Settings

    @cached_property
    def rules(self) -> RowRules:
        """The rules by which its rows were read, and are read again."""
        return RowRules.from_record(self.record.settings)

    @property
    def is_waiting(self) -> bool:
        """Whether nobody has agreed to the run yet."""
        return self.record.state is RunState.PLANNED

    @property
    def can_be_mended(self) -> bool:
        """Whether its rows can be read again."""
        return self.held.mends.whole_sheet() is not None

    # --- what is there

    def counts(self) -> dict[str, int]:
        """Returns how many rows have each status (only statuses that occur)."""
        keeps_rows = RunOptions.from_json(self.record.options).only_failed
        return self.held.queries.counts() if keeps_rows else self.held.queries.planned_counts()

    def rows(self, filters: Filters, *, after: int = 0, most: int = 100) -> RowPage:
        """Returns the next rows below row ``after`` that match, at most so many."""
        return row_page(self.held, filters, after=after, most=most)

    def row(self, number: int) -> RowState | None:
        """Returns one row; None if there is no such row."""
        rows = self.held.row_pages.page(number - 1, 1)
        return rows[0] if rows and rows[0].row == number else None

    def count_down_to(self, row: int, filters: Filters) -> int:
        """Returns how many rows match down to ``row``."""
        return self.held.row_pages.count(filters, up_to=row)

    def mends_of(self, rows: Sequence[int]) -> Mapping[tuple[int, int], KeptMend]:
        """Returns the mends of these rows, by row and place."""
        return {(mend.row, mend.place): mend for mend in self.held.mends.of_rows(rows)}

    def value_groups(self) -> list[ValueGroup]:
        """Returns the problems by what stands in the cells, those of the most rows first."""
        return value_groups(self.held.queries.invalid(), self.record.headings, self.rules, self.choices)

    def replaced(self, field: str, text: str, replacement: str) -> list[Mend]:
        """Returns what replacing ``text`` in the cells of a field would put there, and changes nothing yet. Raises ``Refused``
        where there is no such field, or no text."""
        mends = self._as_mended().containing(field, text)
        return [replace(mend, value=mend.value.replace(text, replacement)) for mend in mends]

    # --- what is mended

    def mend(self, mends: Iterable[Mend], *, person: str = "") -> int:
        """Puts texts into cells and reads their rows again: all of it or nothing. Returns how many cells have changed.

        Raises ``Refused`` where a cell no longer holds what somebody has ``seen``, or where nobody waits for the run any more,
        and ``UnderWay`` where somebody drives it.
        """
        with self._mending() as mending:
            return mending.mend(mends, person)

    def mend_value(self, field: str, value: str, replacement: str, *, person: str = "") -> int:
        """Puts ``replacement`` into every cell of a field that holds ``value`` alone; for the rest it is as ``mend``."""
        with self._mending() as mending:
            return mending.mend((replace(mend, value=replacement) for mend in mending.holding(field, value)), person)

    @contextmanager
    def _mending(self) -> Iterator[Mending]:
        name = self.record.name
        self.journal.claim(name)
        try:
            if self.journal.run(name).state is not RunState.PLANNED:
                raise Refused("mend.not_planned", run=name)
            yield self._as_mended()
        finally:
            self.journal.let_go(name)

    def _as_mended(self) -> Mending:
        options = RunOptions.from_json(self.record.options)
        label = row_names(options, None, self.held.queries.cells)
        return Mending(self.journal, self.held, self.settings, options, self.rules, label)

    # --- what is kept for later sheets

    @property
    def choices(self) -> Choices:
        """What was chosen for sheets of the run's app."""
        return self.journal.choices(self.record.app)

    def keep_value(self, field: str, value: str, replacement: str, *, person: str = "") -> None:
        """Keeps that ``value`` in a field is to become ``replacement``: it is suggested for later runs of the app."""
        self.choices.keep("value", choice_name(field, value), replacement, person=person)


def waiting_run(journal: Journal, name: str, settings: Settings) -> WaitingRun:
    """Returns a run as it is now. Raises ``Refused`` if there is no such run."""
    return WaitingRun(journal, journal.run(name), journal.of(name), settings)
