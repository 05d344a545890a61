"""The results sheet of a run, written from its journal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import groupby
from math import inf
from operator import attrgetter
from pathlib import Path

from ..errors import Halted, SettingsError, UnderWay
from ..events import Event
from ..journal.columns import status_from_column
from ..journal.journal import Journal
from ..journal.mends import KeptMend
from ..journal.run_journal import RunJournal
from ..messages import Lang
from ..model import SUMMARY_STATUSES, HaltReason, RowState, Run, Status
from ..output import changes_sheet, placing, results, summary_sheet
from ..output.placing import OwnFile
from ..output.result_rows import ReadSheet, shown_status
from ..settings.row_rules import RowRules
from .memory_use import memory_use
from .next_steps import next_steps
from .options import RunOptions
from .run_changes import MadeChanges
from .source import place_of
from .written_files import WrittenFiles

#: How many reasons of rows that failed or were rejected a report holds, and how many fields that differ.
MOST_REASONS = 3
_NONE_KNOWN = WrittenFiles(None)


def write_results(
    held: RunJournal,
    run: Run,
    target: Path | None,
    lang: Lang,
    files: WrittenFiles = _NONE_KNOWN,
    *,
    asked: bool = False,
    as_copy: bool = False,
) -> Path:
    """Writes the results sheet of ``run``, whose rows are ``held`` by the journal, to ``target`` or where it was before.

    Returns the path written. Where somebody has ``asked`` for it, a file of ours is replaced that nobody has changed, as
    ``files`` know. The new one is known as the run's results from then on, unless it is a copy (``as_copy``). Raises
    ``ResultsNotWritten``.
    """
    earlier_file = Path(run.results) if run.results else None
    target = fitting(held, target or earlier_file or results.default_target(Path(run.source)))
    # Of one that looks otherwise, somebody may have mended cells.
    own_file = OwnFile(earlier_file, run.stamp or "") if earlier_file else None
    if asked and target != earlier_file:
        own_file = files.replaceable(target, read=sheet_of(held, run), run=run.name)
    summary = summary_of(held, run, held.queries.counts())
    changes = MadeChanges(held, run) if held.queries.has_read() else None
    read = read_sheet(run)
    written = results.write(
        target,
        read.headings,
        _Rows(held),
        lang,
        run=run.name,
        sheet=sheet_of(held, run),
        rules=read.rules,
        file=read.file,
        with_mends=held.mends.count() > 0,
        undoes=RunOptions.from_json(run.options).undo is not None,
        own_file=own_file.path if own_file else None,
        own_stamp=own_file.stamp if own_file else None,
        more_sheets=changes_sheet.behind(
            lambda book, written: summary_sheet.add(book, summary, written, lang), changes, run.name, lang
        ),
    )
    if not as_copy:
        with suppress(Halted):  # the sheet is there; a journal that is full can only not remember where
            held.remember_results(str(written), placing.stamp(written) or "")
    files.remember(written, target, run=run.name, asked=asked)
    return written


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of a run, which can be gone through again."""

    held: RunJournal

    def __iter__(self) -> Iterator[RowState]:
        return with_mends(self.held.queries.rows(), self.held)


def with_mends(rows: Iterable[RowState], held: RunJournal) -> Iterator[RowState]:
    """Yields ``rows`` of a run, in sheet order, each with what the sheet holds in the cells that were mended."""
    mends = groupby(held.mends.in_order(), key=attrgetter("row"))
    number, mended = next(mends, _NO_MORE)
    for row in rows:
        while number < row.row:
            number, mended = next(mends, _NO_MORE)
        yield replace(row, was={mend.place: mend.was for mend in mended}) if number == row.row else row


#: Behind the mends of the last row.
_NO_MORE: tuple[float, Iterator[KeptMend]] = (inf, iter(()))


def results_again(
    journal: Journal, name: str, target: Path | None, lang: Lang, on_event: Callable[[Event], None] = lambda event: None
) -> Path:
    """Writes the results sheet of a run that is over; returns the path written. Raises ``UnderWay`` where it is not."""
    run = journal.run(name)
    if journal.is_queued(name):
        raise UnderWay("run.under_way", run=name)
    journal.claim(name, takes_over=False)
    try:
        files = WrittenFiles(journal, on_event)
        is_copy = target is not None and run.results is not None
        return write_results(journal.of(name), run, target, lang, files, asked=target is not None, as_copy=is_copy)
    finally:
        journal.let_go(name)


def sheet_of(held: RunJournal, run: Run) -> Path | None:
    """Returns the sheet that ``run`` was read from, or the run that it undoes; None if that was no file."""
    undone = RunOptions.from_json(run.options).undo
    source = held.source_of(undone) if undone else run.source
    return place_of(source)


def read_sheet(run: Run) -> ReadSheet:
    """Returns what was read for ``run``: an undo, and a DataFrame, has no file in which a person could look."""
    place = place_of(run.source)
    left_out = RunOptions.from_json(run.options).left_out
    return ReadSheet(run.headings, RowRules.from_record(run.settings), place.name if place else "", left_out)


def fitting(held: RunJournal, target: Path) -> Path:
    """Returns ``target``, or the CSV of that name where the rows of a run do not fit into a workbook."""
    rows = sum(held.queries.counts().values())
    fits = rows <= results.MOST_WORKBOOK_ROWS and not held.queries.holds_longer(results.LONGEST_CELL)
    return target if fits else target.with_suffix(".csv")


def summary_of(held: RunJournal, run: Run, statuses: Mapping[str, int]) -> summary_sheet.Summary:
    """Returns what is to be said of a run whose rows have these ``statuses``."""
    queries = held.queries
    maybe_applied = run.settings["retry"]["ambiguous"]
    unsent = queries.count_to_send(maybe_applied=maybe_applied)
    if maybe_applied:  # of a program that ended without a word
        unsent += statuses.get(Status.SENDING, 0)
    counts = summary_counts(statuses)
    undoable = held.undoable()
    options = RunOptions.from_json(run.options)
    steps = next_steps(
        options,
        counts,
        left=unsent,
        undoable=undoable.rows > 0,
        halted=run.halted is not None,
        state=run.state,
        not_repeated=queries.not_to_be_repeated(maybe_applied=maybe_applied),
    )
    answered, seconds = queries.answered()
    memory = memory_use(held, options)
    verification = memory.verification if memory else None
    reasons = queries.reasons(MOST_REASONS)
    return summary_sheet.Summary(run, counts, reasons, steps, answered, seconds, undoable, verification)


def summary_counts(statuses: Mapping[str, int]) -> dict[str, int]:
    """Returns the rows by the statuses of the summary: a pending row was not sent, and one that is still being sent failed."""
    counts = dict.fromkeys(SUMMARY_STATUSES, 0)
    for status, number in statuses.items():
        counts[shown_status(status_from_column(status))] += number
    return counts


def statuses_shown_as(shown: str) -> tuple[Status, ...]:
    """Returns the statuses of the rows that the summary counts as ``shown``."""
    return tuple(status for status in Status if shown_status(status) == shown)


@contextmanager
def nothing_sent() -> Iterator[None]:
    """A journal that fails before anything was sent refuses the run, and does not stop it."""
    try:
        yield
    except Halted as error:
        if error.reason not in (HaltReason.OTHER, HaltReason.DISK_FULL):  # it is about the CRM, or somebody stops
            raise
        refused = SettingsError(error.message.key, **error.message.values)
        refused.reason = error.reason
        raise refused from None
