"""What a run would change, row by row and field by field, old and new, in pages: for whoever looks before it is sent.

Old values are those that were read and stand in the journal; nothing here asks the CRM. How a page looks is left to whoever
shows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ..edits.changes import FieldChange
from ..journal.planned_changes import PlannedChange
from ..journal.sending import CURRENT
from .labels import row_names
from .prepared import PreparedRun
from .run_changes import changes_of


class Known(StrEnum):
    """What is known of the values that a row would replace."""

    READ = "read"  # they were read
    STALE = "stale"  # they were read longer ago than counts as current: they are read again before the row is sent
    UNREAD = "unread"  # they are still to be read
    UNKNOWN = "unknown"  # nobody reads them, or the CRM does not show them


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """A row that would be sent: ``label`` is what it is called where nobody shows it as a row of a sheet, else its number.

    ``changes`` are the fields that it changes, as far as that is known, and ``equal`` the keys of those in which the CRM has
    these values already. ``read`` is when its clue was read (ISO 8601), empty where it was not.
    """

    row: int
    label: int | str
    clue_id: int
    clue_name: str
    changes: tuple[FieldChange, ...]
    equal: tuple[str, ...]
    known: Known
    read: str


@dataclass(frozen=True, slots=True)
class ChangePage:
    """Some rows that would be sent, of the ``total`` that match, the first of them being the ``first``, counted from 1.

    ``next_after`` and ``previous_after`` are what the next and the previous page begin after, None where there is none.
    """

    rows: tuple[ChangedRow, ...]
    total: int
    first: int
    next_after: int | None
    previous_after: int | None


def change_page(
    prepared: PreparedRun,
    *,
    after: int = 0,
    most: int = 50,
    field: str | None = None,
    cleared: bool = False,
    moment: datetime | None = None,
) -> ChangePage:
    """Returns the next rows below row ``after`` that would be sent, at most so many.

    ``field`` is the key of one that they set; with ``cleared`` they empty it, or any field. ``moment`` is now unless a test
    says otherwise.
    """
    run = prepared.run
    planned_changes = run.planned_changes(
        prepared.preview.calls, maybe_applied=prepared.settings.retry.ambiguous, field=field, cleared=cleared
    )
    rows = planned_changes.page(after, most + 1)
    changes = changes_of(run, prepared.rules, prepared.options)
    label = row_names(prepared.options, prepared.index, run.queries.cells)
    current_since = (moment or datetime.fromisoformat(prepared.journal.now())) - timedelta(seconds=CURRENT)
    page = []
    for planned in rows[:most]:
        values = planned.values
        fields = changes.fields_of(values)
        known = _known(planned, current_since)
        is_compared = known is Known.READ
        equal = [*planned.equal, *(change.key for change in fields if change.is_equal and is_compared)]
        page.append(
            ChangedRow(
                row=values.row,
                label=label(values.row) if label else values.row,
                clue_id=values.clue_id,
                clue_name=values.clue_name,
                changes=tuple(change for change in fields if not (change.is_equal and is_compared)),
                equal=tuple(equal),
                known=known,
                read=planned.read,
            )
        )
    return ChangePage(
        rows=tuple(page),
        total=planned_changes.count(),
        first=planned_changes.count(after) + 1 if page else 0,
        next_after=page[-1].row if len(rows) > most else None,
        previous_after=planned_changes.before(after, most) if after else None,
    )


def _known(planned: PlannedChange, current_since: datetime) -> Known:
    if not planned.read:
        return Known.UNREAD if planned.values.unread else Known.UNKNOWN
    if planned.values.unread or datetime.fromisoformat(planned.read) < current_since:
        return Known.STALE
    return Known.READ
