"""Whether the ids of a column went through floats on their way, which no id tells alone (guide: rules)."""

from __future__ import annotations

from dataclasses import dataclass, field

#: Ids of this length stand so far apart as doubles (128 and more) that one seldom falls on a double by chance.
LONG_ID = 10**18
#: A column of at least this many long ids, with more than this share on doubles, went through floats.
_ENOUGH, _SHARE = 20, 0.05
#: How many different ids of a column are remembered, so that a pool id that stands in every row counts once.
_REMEMBERED = 10_000


@dataclass(slots=True)
class Exactness:
    """How many long ids of one column a double holds exactly, out of how many."""

    exact: int = 0
    long: int = 0
    seen: set[int] = field(default_factory=set)

    def add(self, number: int) -> bool:
        """Counts an id; returns whether it is a long one that a double holds exactly."""
        if number < LONG_ID:
            return False
        doubtful = float(number) == number
        if number not in self.seen:
            if len(self.seen) >= _REMEMBERED:
                self.seen.clear()
            self.seen.add(number)
            self.long += 1
            self.exact += doubtful
        return doubtful

    @property
    def rounded(self) -> bool:
        """Whether the ids went through floats, as far as they are known."""
        return self.long >= _ENOUGH and self.exact > _SHARE * self.long
