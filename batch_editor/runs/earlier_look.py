"""What a results sheet says of its rows before it is planned: how many have which status, and why the others failed.

Only its first rows are looked at. What its rows mean for a new run is decided in ``edits/kept_rows``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from ..cell_values import Row
from ..edits import cells
from ..edits.earlier_results import results_in
from ..edits.heading_row import texts_of
from ..edits.result_columns import MESSAGE, RUN
from ..model import Status
from ..sheets import Sheet
from .sheet_top import shortened

#: So many rows of a results sheet are looked at, and so many reasons are shown.
_MOST_RESULTS, _MOST_REASONS = 20_000, 5


@dataclass(frozen=True, slots=True)
class EarlierLook:
    """What a results sheet says of its rows: how many have which status, and the commonest reasons of those that failed, as far
    as it was looked at. ``refers`` says that its rows can be known again, so that what failed can be sent alone; ``run`` is the
    run that they name, "" where they name none, or several."""

    statuses: Mapping[str, int]
    reasons: tuple[tuple[str, int], ...]
    refers: bool
    is_whole: bool
    run: str = ""


def earlier_look(sheet: Sheet, headings: Row | None) -> EarlierLook | None:
    """Returns what a results sheet says of its rows; None where the sheet is none."""
    results = results_in(texts_of(headings)) if headings else None
    if headings is None or results is None:
        return None
    statuses: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    runs: set[str] = set()
    looked_at = 0
    for row in sheet.rows():
        if row.number <= headings.number:
            continue
        if looked_at == _MOST_RESULTS:
            break
        looked_at += 1
        values = tuple(map(cells.trimmed, row.cells))
        runs.update(results.texts(values, RUN))
        if status := results.status(values):
            statuses[str(status)] += 1
            if status not in (Status.UPDATED, Status.UNCHANGED, Status.SKIPPED):
                reasons.update(results.texts(values, MESSAGE)[:1])
    common = tuple((shortened(text), count) for text, count in reasons.most_common(_MOST_REASONS))
    return EarlierLook(dict(statuses), common, results.refers, looked_at < _MOST_RESULTS, runs.pop() if len(runs) == 1 else "")
