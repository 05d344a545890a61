"""The results sheet of a run, written from its journal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import Halted, SettingsError
from ..journal.journal import Journal
from ..messages import Lang
from ..model import SUMMARY_STATUSES, Run, Status
from ..output import results, summary_sheet
from .next_steps import next_steps
from .options import RunOptions

#: How many reasons of rows that failed or were rejected a report holds, and how many fields that differ.
MOST_REASONS = 3


def write_results(journal: Journal, run: Run, target: Path | None, lang: Lang, *, as_copy: bool = False) -> Path:
    """Write the results sheet of ``run``, to ``target`` or where it was before. Raises ``ResultsNotWritten``.

    The file is known as the run's results from then on, and may be replaced later, unless it is a copy (``as_copy``).
    """
    held = journal.of(run.name)
    mine, statuses = Path(run.results) if run.results else None, held.queries.counts()
    wanted = fitting(journal, run.name, target or mine or results.default_target(Path(run.source)))
    untouched = mine if mine and results.stamp(mine) == run.stamp else None  # else somebody may have mended cells in it
    told = _summary(journal, run, statuses)
    written = results.write(
        wanted,
        run.headings,
        held.queries.rows(),
        lang,
        run=run.name,
        own_file=untouched,
        more_sheets=lambda book, name: summary_sheet.add(book, told, name, lang),
    )
    if not as_copy:
        with suppress(Halted):  # the sheet is there; a journal that is full can only not remember where
            held.remember_results(str(written), results.stamp(written) or "")
    return written


def fitting(journal: Journal, run: str, target: Path) -> Path:
    """``target``, or the CSV of that name where the rows of ``run`` do not fit into a workbook."""
    queries = journal.of(run).queries
    rows = sum(queries.counts().values())
    fits = rows <= results.MOST_WORKBOOK_ROWS and not queries.holds_longer(results.LONGEST_CELL)
    return target if fits else target.with_suffix(".csv")


def _summary(journal: Journal, run: Run, statuses: Mapping[str, int]) -> summary_sheet.Summary:
    queries, maybe_applied = journal.of(run.name).queries, run.settings["retry"]["ambiguous"]
    left = queries.count_to_send(maybe_applied=maybe_applied)
    if maybe_applied:  # of a program that ended without a word
        left += statuses.get(Status.SENDING, 0)
    counts = summary_counts(statuses)
    steps = next_steps(
        RunOptions.from_json(run.options),
        counts,
        left=left,
        undoable=queries.is_undoable(),
        halted=run.halted is not None,
        abandoned=run.state == "abandoned",
    )
    answered, seconds = queries.answered()
    return summary_sheet.Summary(run, counts, queries.reasons(MOST_REASONS), steps, answered, seconds)


def summary_counts(statuses: Mapping[str, int]) -> dict[str, int]:
    """The summary's counts: a pending row was not sent, one that is still in flight failed."""
    found = dict.fromkeys(SUMMARY_STATUSES, 0)
    for status, number in statuses.items():
        found[results.shown_status(Status(status))] += number
    return found


@contextmanager
def nothing_sent() -> Iterator[None]:
    """A journal that fails before anything was sent refuses the run, and does not stop it."""
    try:
        yield
    except Halted as error:
        raise SettingsError(error.message.key, **error.message.values) from None
