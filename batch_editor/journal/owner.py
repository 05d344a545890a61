"""Who sends the rows of a run, or of a part of it, in a journal that several machines share (guide: cluster).

What somebody knows is always written down. What somebody only means to do, such as to send a row, is written down as long as
nobody else has taken over meanwhile: that is what the database compares an owner with.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

#: What tells the rows that this process is sending from those of others; and how large a mark can be.
_PROCESS = secrets.randbits(62)
_LARGEST = (1 << 62) - 1


@dataclass(frozen=True, slots=True)
class Owner:
    """Whoever sends rows of the run with the id ``run_id``: those of a ``shard``, or all of them (None).

    ``epoch`` is that of its lease on the shard, or without one the number of times that somebody had begun to drive the run
    when it did; None where nobody can take over. ``mark`` is a number by which its rows that are being sent are told from those
    of anybody else: of a shard it is the epoch, so that the database knows who is sending them.
    """

    mark: int
    run_id: int
    shard: int | None = None
    epoch: int | None = None

    @classmethod
    def of_shard(cls, run_id: int, shard: int, epoch: int) -> Owner:
        """Returns the owner of a shard."""
        return cls(epoch, run_id, shard, epoch)

    @classmethod
    def of_run(cls, run_id: int, epoch: int | None) -> Owner:
        """Returns this process as the owner of all rows of a run."""
        return cls(hash((_PROCESS, run_id, epoch or 0)) & _LARGEST, run_id, None, epoch)
