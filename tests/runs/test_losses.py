"""What a run takes away: what really changes where the clue was read, and what the cells ask for where it was not."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest

from batch_editor.edits.changes import Changes
from batch_editor.model import RowValues, Status
from batch_editor.runs.losses import Losses, count_losses
from batch_editor.settings.settings import Settings

RULES = Settings().row_rules


def row(number: int, values: dict[str, Any], before: dict[str, Any] | None = None, **over: Any) -> RowValues:
    """A row to be sent that lists ``values``, None for what it empties, of a clue that has held ``before``."""
    cleared = tuple(key for key, value in values.items() if value is None)
    body = {"clue_id": 11, **{key: value or "" for key, value in values.items()}, "update_specified_fields": [*values]}
    given = {"status": Status.PENDING, "before": before or {}, "notes": (), "unread": before is None} | over
    return RowValues(number, 11, body=json.dumps(body), fields=tuple(values), cleared=cleared, **given)


def lost(*rows: RowValues) -> Losses:
    def above(clue: int, number: int) -> Iterable[RowValues]:
        return reversed([earlier for earlier in rows if earlier.row < number])

    return count_losses(rows, Changes(RULES, {}, above), RULES)


@pytest.mark.parametrize(
    ("values", "before", "expected"),
    [
        ({"follow_user_id": "b"}, {"follow_user_id": "a"}, Losses(owners=1, reassigned=1, compared=1)),
        ({"follow_user_id": "a"}, {"follow_user_id": "a"}, Losses(compared=1)),
        ({"follow_user_id": "b"}, {"remark": "x"}, Losses(owners=1, reassigned=1, compared=1)),  # it is not shown
        ({"clue_pool_id": 2, "follow_user_id": "b"}, None, Losses(owners=1, pools=1, reassigned=1, uncompared=1)),
        ({"clue_pool_id": 2}, {"clue_pool_id": 2}, Losses(compared=1)),
        ({"label": "b,a"}, {"label": "a,b"}, Losses(compared=1)),
        ({"label": "a,b,c"}, {"label": "a"}, Losses(compared=1)),  # nothing goes
        ({"label": "b"}, {"label": "a,b"}, Losses(retagged=1, compared=1)),
        ({"label": "b"}, {"label": None}, Losses(compared=1)),
        ({"remark": None}, {"remark": "x"}, Losses(clears=Counter(remark=1), cleared_rows={"remark": [2]}, compared=1)),
        ({"remark": None}, {"remark": None}, Losses(compared=1)),
        ({"work_id": None}, {"remark": "x"}, Losses(clears=Counter(work_id=1), cleared_rows={"work_id": [2]}, compared=1)),
        ({"remark": "y"}, {"remark": "x"}, Losses()),
    ],
)
def test_what_really_changes_counts_and_what_nobody_knows(
    values: dict[str, Any], before: dict[str, Any] | None, expected: Losses
) -> None:
    assert lost(row(2, values, before)) == expected


def test_a_later_row_of_a_clue_changes_what_the_earlier_one_leaves() -> None:
    """The second row gives the clue to whom the first one has given it, and empties what the first one has filled."""
    first = row(2, {"follow_user_id": "b", "remark": "x"}, {"follow_user_id": "a", "remark": None})
    second = row(3, {"follow_user_id": "b", "remark": None}, {"follow_user_id": "a", "remark": None}, follows=True)
    assert lost(first, second) == Losses(
        owners=1, reassigned=1, clears=Counter(remark=1), cleared_rows={"remark": [3]}, compared=2
    )


def test_a_row_of_a_damaged_journal_takes_nothing_away() -> None:
    damaged = row(2, {"remark": None}, {"remark": "x"})
    assert lost(RowValues(2, 11, Status.PENDING, "{", damaged.fields, damaged.cleared, {"remark": "x"}, ())) == Losses()
