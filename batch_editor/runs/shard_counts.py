"""What a shard of a run has come to: what whoever drives it tells the others through the journal, as JSON.

Whoever watches the run adds up what its shards say, for its progress and for its report.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Self

from ..events import Waiting
from ..journal.columns import message_from_json, message_to_json
from ..journal.leases import ShardState
from ..model import HaltReason, Message, Stoppage
from ..states import WaitReason
from .session import none_answered

#: How many notices of a shard are kept for whoever watches the run: the latest ones.
MOST_NOTICES = 20


@dataclass(frozen=True, slots=True)
class ShardCounts:
    """What a shard has come to by now, under all who have driven it.

    ``ended`` is how many rows were brought to an end, by status, ``dropped`` how many of these turned out to have nothing to
    send; ``held_back`` how many edits have no outcome. ``failures`` edits have failed that could be tried once more, ``lost``
    of them without an answer of the CRM, the last one for the reason ``last``. ``slowed`` is the least share of the rate that
    was used. Of the ``told`` notices there were, ``notices`` are the latest. ``streaks`` are those that its edits ended with.
    ``unreached`` is since when whoever gave it back could not reach the CRM, in seconds since 1970; None once somebody does.
    """

    ended: Mapping[str, int] = field(default_factory=dict)
    dropped: int = 0
    held_back: int = 0
    failures: int = 0
    lost: int = 0
    last: Message | None = None
    slowed: float = 1.0
    told: int = 0
    notices: Sequence[Message] = ()
    streaks: Sequence[Sequence[Any]] = ()
    unreached: float | None = None

    @classmethod
    def of(cls, shard: ShardState) -> Self:
        """Returns the counts that the journal holds of a shard: one that nobody has driven yet holds all its rows back."""
        rows = shard.rows if shard.part.most is None else min(shard.rows, shard.part.most)
        known: dict[str, Any] = {"held_back": rows, **shard.counts}
        known = {part.name: known[part.name] for part in fields(cls) if part.name in known}  # another version may know more
        known["last"] = message_from_json(known.get("last"))
        known["notices"] = tuple(map(message_from_json, known.get("notices", ())))
        return cls(**known)

    def as_json(self) -> dict[str, Any]:
        """Returns the counts as the journal keeps them."""
        plain = {part.name: getattr(self, part.name) for part in fields(self)}
        notices = [message_to_json(notice) for notice in self.notices]
        return plain | {"ended": dict(self.ended), "last": message_to_json(self.last), "notices": notices}

    def with_notice(self, notice: Message) -> Self:
        """Returns the counts with one more notice."""
        return replace(self, told=self.told + 1, notices=(*self.notices, notice)[-MOST_NOTICES:])


def added(shards: Iterable[ShardCounts]) -> ShardCounts:
    """Returns what all shards of a run have come to together, but for their notices and streaks."""
    ended = Counter[str]()
    total = ShardCounts()
    for shard in shards:
        ended.update(shard.ended)
        total = replace(
            total,
            dropped=total.dropped + shard.dropped,
            held_back=total.held_back + shard.held_back,
            failures=total.failures + shard.failures,
            lost=total.lost + shard.lost,
            last=shard.last or total.last,
            slowed=min(total.slowed, shard.slowed),
        )
    return replace(total, ended=ended)


def are_over(shards: Sequence[ShardState], *, stops: bool) -> bool:
    """Returns whether there are ``shards``, and nobody is at work on one of them or will be: of a run that ``stops``, nobody
    takes any more."""
    stops = stops or any(shard.stoppage for shard in shards)
    return bool(shards) and all(shard.is_done or (stops and not shard.is_live) for shard in shards)


def stoppage_of(shards: Sequence[ShardState], total: ShardCounts) -> Stoppage | None:
    """Returns why a run stops whose ``shards`` have come to this ``total``: what stopped one of them, before that it was asked
    to stop, or that not one of its edits got an answer; None if nothing stopped it."""
    stoppages = [shard.stoppage for shard in shards if shard.stoppage is not None]
    by_itself = [stoppage for stoppage in stoppages if stoppage.reason is not HaltReason.ASKED]
    return next(iter(by_itself + stoppages), None) or _unanswered(total)


def _unanswered(total: ShardCounts) -> Stoppage | None:
    return none_answered(sum(total.ended.values()), total.failures, total.lost, total.last)


def waiting_to_json(waiting: Waiting | None) -> dict[str, Any] | None:
    """Returns why all that a shard has to ask of the CRM waits, as the journal keeps it."""
    if waiting is None:
        return None
    return {"reason": waiting.reason.value, "seconds": waiting.seconds, "about": message_to_json(waiting.about)}


def waiting_from_json(stored: Mapping[str, Any] | None) -> Waiting | None:
    """Returns what ``waiting_to_json`` was given."""
    if not stored:
        return None
    return Waiting(WaitReason(stored["reason"]), stored["seconds"], message_from_json(stored["about"]))
