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
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from ..errors import Halted, Refused
from ..journal.journal import Journal, RunJournal
from ..journal.queries import Filters
from ..model import Mend, Run, RunState
from ..settings.row_rules import RowRules
from ..settings.settings import Settings
from .labels import row_names
from .mending import Mending
from .options import RunOptions
from .preview import Circumstances, Preview, build_preview
from .printed import table_of_prepared
from .row_pages import RowPage as RowPage
from .row_pages import row_page

if TYPE_CHECKING:
    from pandas import Index


@dataclass(frozen=True, repr=False)
class PreparedRun:
    """A run that can be looked at, confirmed, and sent or discarded. ``print`` shows it as a table.

    ``settings`` say how it is sent and ``rules`` are those by which its rows were read; ``options`` are what it was told.
    ``preview`` is what it would do in these ``circumstances``, counted when it is asked for. ``earlier`` is what the journal
    said of it, None if it was planned just now: its state is ``PLANNED`` where nobody has agreed to it yet, else some of its
    rows were sent before. ``index`` holds the labels of the DataFrame that was given as the sheet to this process.

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
        return datetime.now().astimezone() - datetime.fromisoformat(self.journal.run(self.name).started)

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
        return row_page(self.run, Filters(status, field, problem), after=after, most=most)

    def digest(self) -> str:
        """Returns what is confirmed: a SHA-256, in hexadecimal, over exactly what would be sent, as the journal has it now.

        That is the address, the app, the options and the rules by which a row becomes a call, and row, clue and body of every
        row that is to be sent, in their order. It goes through all rows, and is computed only when it is asked for.
        """
        run = self.journal.run(self.name)
        options = self.options.as_json() | {"output": None, "hidden_rows": 0}
        rules = self.rules.for_the_record()
        head = [run.base_url, run.app, run.state is RunState.PLANNED, run.finished, options, rules]
        digest = hashlib.sha256(_line(head))
        for row, clue, body in self.run.queries.planned_bodies(maybe_applied=self.settings.retry.ambiguous):
            digest.update(_line([row, clue, body]))
        return digest.hexdigest()

    # --- mended before it is sent

    def counts(self) -> dict[str, int]:
        """Returns how many rows have each status, which is quicker than the preview (only statuses that occur)."""
        return self.run.queries.counts()

    def mend(self, mends: Iterable[Mend], *, person: str = "") -> PreparedRun:
        """Puts texts into cells, and returns the run with the rows read again by the rules of its sheet; all or nothing.

        The sheet stays as it came: a mend is a layer over it, and the text of the sheet put back takes it away. The digest is
        another one. Raises ``Refused`` where a cell no longer holds what somebody has ``seen``, or the run no longer waits, and
        ``UnderWay`` where another process drives it.
        """
        with self._mending() as mending:
            mending.mend(mends, person)
        return replace(self, counted=None)

    @contextmanager
    def _mending(self) -> Iterator[Mending]:
        with self.driven():
            if self.journal.run(self.name).state is not RunState.PLANNED:
                raise Refused("mend.not_planned", run=self.name)
            label = row_names(self.options, self.index, self.run.queries.cells)
            yield Mending(self.journal, self.run, self.settings, self.options, self.rules, label)

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
