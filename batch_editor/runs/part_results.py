"""The rows of a run that failed, alone, as a results sheet, which can be mended and sent again with --only-failed.

The sheet has the same columns as that of the whole run (``results``), which stays where it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..journal.journal import Journal
from ..journal.queries import Queries
from ..messages import Lang
from ..model import RowState
from ..output import results
from .again import FAILED_STATUSES
from .results import fitting, read_sheet, sheet_of


@dataclass(frozen=True, slots=True)
class _FailedRows:
    """The rows of a run that failed, which can be gone through again."""

    queries: Queries

    def __iter__(self) -> Iterator[RowState]:
        return (row for row in self.queries.rows() if row.status in FAILED_STATUSES)


def write_failed(journal: Journal, name: str, target: Path, lang: Lang) -> Path:
    """Writes the rows of the run called ``name`` that failed to ``target``; returns the path written. Raises
    ``ResultsNotWritten``."""
    held, run = journal.of(name), journal.run(name)
    read = read_sheet(run)
    return results.write(
        fitting(held, target),
        read.headings,
        _FailedRows(held.queries),
        lang,
        run=name,
        sheet=sheet_of(held, run),
        rules=read.rules,
        file=read.file,
    )
