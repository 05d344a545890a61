"""A run that waits to be mended, for whoever shows a window of its rows: opening it costs the same for any length of its sheet.

It drives the run only while something is mended, so that several people can look at one run and mend it in turn. What a mended
row becomes is decided in ``mending``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ..errors import Refused
from ..journal.journal import Journal, RunJournal
from ..journal.mends import KeptMend
from ..model import Mend, RowState, Run, RunState
from ..settings.row_rules import RowRules
from ..settings.settings import Settings
from .labels import row_names
from .mending import Mending
from .options import RunOptions
from .row_pages import Filters, RowPage, row_page


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

    def rows(self, filters: Filters, *, after: int = 0, most: int = 100) -> RowPage:
        """Returns the next rows below row ``after`` that match, at most so many."""
        return row_page(self.held, filters, after=after, most=most)

    def row(self, number: int) -> RowState | None:
        """Returns one row; None if there is no such row."""
        rows = self.held.queries.page(number - 1, 1)
        return rows[0] if rows and rows[0].row == number else None

    def count_down_to(self, row: int, filters: Filters) -> int:
        """Returns how many rows match down to ``row``."""
        return self.held.queries.count_matching(filters, up_to=row)

    def mends_of(self, rows: Sequence[int]) -> Mapping[tuple[int, int], KeptMend]:
        """Returns the mends of these rows, by row and place."""
        return {(mend.row, mend.place): mend for mend in self.held.mends.of_rows(rows)}

    # --- what is mended

    def mend(self, mends: Iterable[Mend], *, person: str = "") -> int:
        """Puts texts into cells and reads their rows again: all of it or nothing. Returns how many cells have changed.

        Raises ``Refused`` where a cell no longer holds what somebody has ``seen``, or where nobody waits for the run any more,
        and ``UnderWay`` where somebody drives it.
        """
        name = self.record.name
        self.journal.claim(name)
        try:
            if self.journal.run(name).state is not RunState.PLANNED:
                raise Refused("mend.not_planned", run=name)
            options = RunOptions.from_json(self.record.options)
            label = row_names(options, None, self.held.queries.cells)
            mending = Mending(self.journal, self.held, self.settings, options, self.rules, label)
            return mending.mend(mends, person)
        finally:
            self.journal.let_go(name)


def waiting_run(journal: Journal, name: str, settings: Settings) -> WaitingRun:
    """Returns a run as it is now. Raises ``Refused`` if there is no such run."""
    return WaitingRun(journal, journal.run(name), journal.of(name), settings)
