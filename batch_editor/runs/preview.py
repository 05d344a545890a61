"""What a planned run would do, as data: the counts of its rows, its circumstances, and what differs.

``build_preview`` counts the planned rows in the journal, so that what a person is shown is what would be sent. How a preview
is worded and laid out is the business of whoever shows it; nothing here knows how wide a line is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..crm.pace import duration
from ..journal.run_journal import RunJournal
from ..messages import Lang
from ..model import Change, Message
from ..settings.limits import Limit
from .exports import Export
from .losses import OWNER, POOL, Losses
from .options import RunOptions
from .printed import table_of_preview
from .row_counts import FilledColumns, RowCounts, count_rows

#: How many clues that stand in several rows a preview names.
MOST_REPEATED = 5
#: Where somebody is asked, the first of more edits than this is proved, unless the settings say otherwise.
UNPROVED = 20


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


def repeated_text(repeated: Sequence[tuple[int, list[int]]]) -> str:
    """The clues that stand in several rows, with these rows: ``1591… (2, 7)``."""
    return "; ".join(f"{clue} ({', '.join(map(str, rows))})" for clue, rows in repeated)
