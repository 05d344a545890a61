"""A run that is planned and not sent: what every face looks at, confirms, and sends or discards.

``PreparedRun`` holds its rows in the journal and its preview as data. It is made by ``planning`` and sent by ``drive``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from operator import itemgetter
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from ..edits.headings import Names
from ..errors import Halted, Refused
from ..journal.journal import Journal
from ..journal.row_pages import Filters
from ..journal.run_journal import RunJournal
from ..model import Problem, Run, RunState
from ..settings.row_rules import RowRules
from ..settings.settings import Settings
from .labels import row_names
from .mending import Mend, MendedCell, Mending, mended_cell
from .options import RunOptions
from .preview import Circumstances, Preview, build_preview
from .printed import table_of_prepared
from .row_pages import RowPage as RowPage
from .row_pages import row_page
from .value_groups import ValueGroup, choice_name, problem_place, value_groups

if TYPE_CHECKING:
    from pandas import Index


@dataclass(frozen=True, repr=False)
class PreparedRun:
    """A run that can be looked at, confirmed, and sent or discarded. ``print`` shows it as a table.

    ``settings`` say how it is sent and ``rules`` are those by which its rows were read; ``options`` are what it was told.
    ``preview`` is what it would do in these ``circumstances``, counted when it is asked for. ``earlier`` is what the journal
    said of it, None if it was planned just now: its state is ``PLANNED`` where nobody has agreed to it yet, else some of its
    rows were sent before. ``mended`` is how many cells were changed by the call that returned it. ``index`` holds the labels of
    the DataFrame that was given as the sheet to this process.

    One that somebody was handed by ``plan`` or ``open_run`` keeps the journal open: use it as a context manager, or ``close``
    it. It stays as it is when it is closed, and can be opened again, by any process.
    """

    journal: Journal
    run: RunJournal
    settings: Settings
    options: RunOptions
    rules: RowRules
    circumstances: Circumstances
    counted: Preview | None = None
    earlier: Run | None = None
    mended: int = 0
    index: Index[Any] | None = field(default=None, compare=False)

    @cached_property
    def preview(self) -> Preview:
        """What the run would do, counted from its rows in the journal."""
        return self.counted or build_preview(self.run, self.circumstances, maybe_applied=self.settings.retry.ambiguous)

    def __repr__(self) -> str:
        return f"<PreparedRun {self.name} rows={self.preview.rows} calls={self.preview.calls}>"

    def __str__(self) -> str:
        return table_of_prepared(self).text()

    def _repr_html_(self) -> str:
        return table_of_prepared(self).as_html()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Closes the journal."""
        self.journal.close()

    @property
    def name(self) -> str:
        """The name of the run, such as ``20261124-093000-7f3a``, by which it is opened again."""
        return self.run.name

    @property
    def age(self) -> timedelta:
        """How long ago the run was planned: what its sheet says may no longer be what is meant."""
        return datetime.fromisoformat(self.journal.now()) - datetime.fromisoformat(self.journal.run(self.name).started)

    def rows(
        self,
        *,
        after: int = 0,
        most: int = 100,
        status: str | None = None,
        field: str | None = None,
        problem: str | None = None,
    ) -> RowPage:
        """Returns the next rows below row ``after``, at most so many: all of them, or those that match every filter.

        ``status`` is that of the row, such as ``pending`` or ``invalid``; ``field`` the key of one that it sets, clears or has
        a problem in; ``problem`` the key of a message, such as that of a ``Problem`` in ``preview.counts.problems``.
        """
        return row_page(self.run, Filters((status,) if status is not None else (), field, problem), after=after, most=most)

    def digest(self) -> str:
        """Returns what is confirmed: a SHA-256, in hexadecimal, over exactly what would be sent, as the journal has it now.

        That is the address, the app, the options and the rules by which a row becomes a call, and row, clue and body of every
        row that is to be sent, in their order. It goes through all rows, and is computed only when it is asked for.
        """
        run = self.journal.run(self.name)
        options = self.options.as_json() | {"output": None, "hidden_rows": 0, "modified": None, "attended": False}
        rules = self.rules.for_the_record()
        head = [run.base_url, run.app, run.state is RunState.PLANNED, run.finished, options, rules]
        digest = hashlib.sha256(_line(head))
        for row, clue, body in self.run.queries.planned_bodies(maybe_applied=self.settings.retry.ambiguous):
            digest.update(_line([row, clue, body]))
        return digest.hexdigest()

    # --- mended before it is sent

    def counts(self) -> dict[str, int]:
        """Returns how many rows have each status, which is quicker than the preview (only statuses that occur)."""
        is_plain = not self.options.only_failed and self.journal.run(self.name).state is RunState.PLANNED
        return self.run.queries.planned_counts() if is_plain else self.run.queries.counts()

    def mend(self, mends: Iterable[Mend], *, person: str = "") -> PreparedRun:
        """Puts texts into cells, and returns the run with the rows read again by the rules of its sheet; all or nothing.

        The sheet stays as it came: a mend is a layer over it, and the text of the sheet put back takes it away. The digest is
        another one. Raises ``Refused`` where a cell no longer holds what somebody has ``seen``, or the run no longer waits, and
        ``UnderWay`` where another process drives it.
        """
        with self._mending() as mending:
            return replace(self, counted=None, mended=mending.mend(mends, person))

    def mend_value(self, field: str, value: str, replacement: str, *, person: str = "") -> PreparedRun:
        """Puts ``replacement`` into every cell of a field that holds ``value``, and nothing else but spaces around it; a blank
        one only where the row is invalid. ``field`` is a key or a heading; for the rest it is as ``mend``."""
        with self._mending() as mending:
            mends = [replace(mend, value=replacement) for mend in mending.holding(field, value)]
            return replace(self, counted=None, mended=mending.mend(mends, person))

    def replace(self, field: str, text: str, replacement: str, *, person: str = "") -> PreparedRun:
        """Replaces ``text``, letter by letter as it stands there, wherever it is in a cell of a field; for the rest it is as
        ``mend_value``. ``count_cells`` says before in how many cells."""
        with self._mending() as mending:
            mends = [replace(mend, value=mend.value.replace(text, replacement)) for mend in mending.containing(field, text)]
            return replace(self, counted=None, mended=mending.mend(mends, person))

    def count_cells(self, field: str, text: str) -> int:
        """Returns in how many cells of a field ``text`` is found."""
        return sum(1 for _ in self._as_mended().containing(field, text))

    def withdraw(self, cells: Iterable[tuple[int, int]], *, person: str = "") -> PreparedRun:
        """Puts the text of the sheet back into cells that were mended, given as row and place; else it is as ``mend``."""
        with self._mending() as mending:
            mends = [Mend(mend.row, mend.place, mend.was) for mend in self.run.mends.of(cells)]
            return replace(self, counted=None, mended=mending.mend(mends, person))

    def mends(self, after: tuple[int, int] = (0, -1), most: int = 1000) -> list[MendedCell]:
        """Returns the next cells that are mended behind the cell ``after``, a row and a place, in sheet order."""
        run = self.journal.run(self.name)
        return [mended_cell(run, mend) for mend in self.run.mends.all(after, most)]

    def count_mends(self) -> int:
        """Returns how many cells are mended."""
        return self.run.mends.count()

    def problem_groups(self) -> list[ValueGroup]:
        """Returns the problems by what stands in the cells, with what might be meant: those of the most rows first."""
        run = self.journal.run(self.name)
        return value_groups(self.run.queries.invalid(), run.headings, self.rules, self.journal.choices(run.app))

    def next_problem(self, row: int = 0, place: int = -1) -> tuple[int, int, Problem] | None:
        """Returns row, place and problem of the next cell behind this one that is to be mended; None if there is none."""
        return next((cell for cell in self._problems(row) if cell[:2] > (row, place)), None)

    def previous_problem(self, row: int, place: int = 0) -> tuple[int, int, Problem] | None:
        """Returns row, place and problem of the last cell before this one that is to be mended; None if there is none."""
        return next((cell for cell in self._problems(row, upwards=True) if cell[:2] < (row, place)), None)

    def _problems(self, row: int, *, upwards: bool = False) -> Iterator[tuple[int, int, Problem]]:
        places = Names(self.rules).places(self.journal.run(self.name).headings)
        for problems in self.run.queries.problems_from(row, upwards=upwards):
            cells = [(problem.row, problem_place(problem, places) or 0, problem) for problem in problems]
            yield from sorted(cells, key=itemgetter(0, 1), reverse=upwards)

    def keep_value(self, field: str, value: str, replacement: str, *, person: str = "") -> None:
        """Keeps that ``value`` in a field is to become ``replacement``: the groups of later runs of the app say so."""
        choices = self.journal.choices(self.journal.run(self.name).app)
        choices.keep("value", choice_name(field, value), replacement, person=person)

    @contextmanager
    def _mending(self) -> Iterator[Mending]:
        with self.driven():
            if self.journal.run(self.name).state is not RunState.PLANNED:
                raise Refused("mend.not_planned", run=self.name)
            yield self._as_mended()

    def _as_mended(self) -> Mending:
        label = row_names(self.options, self.index, self.run.queries.cells)
        return Mending(self.journal, self.run, self.settings, self.options, self.rules, label)

    def discard(self) -> None:
        """Forgets a run that was planned, with all of its rows; one of which something was sent before stays as it was.

        Raises ``UnderWay`` where another process drives it.
        """
        with self.driven():
            if self.journal.run(self.name).state is RunState.PLANNED:
                self.journal.discard(self.name)

    @contextmanager
    def driven(self) -> Iterator[None]:
        """Drives the run within the block. Raises ``UnderWay`` where another process does."""
        self.journal.claim(self.name)
        try:
            yield
        finally:
            self.journal.let_go(self.name)

    def abandon(self) -> None:
        """Leaves a run of which nothing was sent: a new one is forgotten, and one that was there before is as it was."""
        with suppress(Halted):  # a journal that is full can only not forget it
            if self.earlier is None:
                self.journal.discard(self.name)
            elif self.earlier.state is RunState.PLANNED:
                self.run.set_state(RunState.PLANNED)
            elif self.earlier.state is not RunState.FINISHED:
                self.run.set_state(RunState.STOPPED, stoppage=self.earlier.stoppage)


def _line(values: list[object]) -> bytes:
    return json.dumps(values, ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode() + b"\n"
