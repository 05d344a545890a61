"""What a run takes away from clues: owners, pools, tags, and the values of fields that are emptied.

Of rows whose clues were read it counts what really changes: an owner that is another one now, tags of which some go, a field in
which something stands. Of the others it counts what their cells ask for. How that is worded is left to whoever shows it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ..crm.last_look import UnfitBody
from ..edits.cells import Json
from ..edits.changes import Changes
from ..edits.clue_record import TAGS, is_empty, same_value
from ..edits.payload import Payload
from ..model import RowValues, Values
from ..settings.row_rules import RowRules

OWNER, POOL = "follow_user_id", "clue_pool_id"
#: The fields whose change gives a clue to another person or team.
REASSIGNING = (OWNER, POOL)
#: What counts where it is set, and not only where it is emptied.
_WATCHED = TAGS.union(REASSIGNING)
#: How many rows that empty a field are named at most.
MOST_ROWS = 4


@dataclass(slots=True)
class Losses:
    """How many rows change the owner, the pool, or one of them (``reassigned``), and how many replace or remove tags.

    ``clears`` counts the rows that empty a field, by its key, and ``cleared_rows`` are the first of them. Of all these rows
    ``compared`` were compared with what the CRM holds, ``uncompared`` were not.
    """

    owners: int = 0
    pools: int = 0
    reassigned: int = 0
    retagged: int = 0
    clears: Counter[str] = field(default_factory=Counter)
    cleared_rows: Mapping[str, Sequence[int]] = field(default_factory=dict)
    compared: int = 0
    uncompared: int = 0


def count_losses(rows: Iterable[RowValues], changes: Changes, rules: RowRules) -> Losses:
    """Returns what ``rows`` that are to be sent take away; ``changes`` are those of their run, read by ``rules``."""
    losses = Losses()
    cleared_rows = dict[str, list[int]]()
    for row in rows:
        watched = _WATCHED.union(row.cleared).intersection(row.fields)
        if not watched:  # its body is not even decoded
            continue
        try:
            new = dict.fromkeys(row.fields) if row.unread else Payload.from_json(row.body).listed_values(row.cleared)
        except UnfitBody:  # it will not be sent
            continue
        old = {} if row.unread else changes.before(row, {*new})
        if old:
            losses.compared += 1
        else:
            losses.uncompared += 1
        lost = {key for key in watched.intersection(new) if _is_lost(key, old, new[key], row, rules)}
        losses.owners += OWNER in lost
        losses.pools += POOL in lost
        losses.reassigned += not lost.isdisjoint(REASSIGNING)
        losses.retagged += not lost.isdisjoint(TAGS)
        for key in lost.intersection(row.cleared):
            losses.clears[key] += 1
            if len(of_key := cleared_rows.setdefault(key, [])) < MOST_ROWS:
                of_key.append(row.row)
    losses.cleared_rows = cleared_rows
    return losses


def _is_lost(key: str, old: Values, new: Json, row: RowValues, rules: RowRules) -> bool:
    """Returns whether a row takes away what stands in the field ``key``; where nobody knows that, it does."""
    if key not in old:
        return True
    if key in row.cleared:
        return not is_empty(old[key])
    if key in TAGS:
        return not {*_tags(old[key])} <= {*_tags(new)}
    return not same_value(key, old[key], new, rules)


def _tags(joined: object) -> list[str]:
    return [tag for tag in str(joined or "").split(",") if tag]
