"""Who sends the rows of a run, or of a part of it, in a journal that several machines share (guide: cluster).

What somebody knows is always written down. What somebody only means to do, such as to send a row, is written down as long as
nobody else has taken over meanwhile: that is what the database compares an owner with.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Owner:
    """Whoever sends rows of the run with the id ``run_id``: those of a ``shard``, or all of them (None).

    ``epoch`` is that of its lease on the shard, or without one the number of times that somebody had begun to drive the run
    when it did; None where nobody can take over. ``mark`` is a number by which its rows that are being sent are told from those
    of anybody else.
    """

    mark: int
    run_id: int
    shard: int | None = None
    epoch: int | None = None
