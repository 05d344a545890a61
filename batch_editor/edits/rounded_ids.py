"""What the ids of a column say of each other, which no id tells alone (guide: rules): whether they went through floats, whether
chance explains those that end in zeros, and which of them look like something else than the others.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from ..model import Message, Plan, Status

#: Ids of this length stand so far apart as doubles (128 and more) that one seldom falls on a double by chance.
LONG_ID = 10**18
#: A column of at least this many long ids, with more than this share on doubles, went through floats.
_ENOUGH, _SHARE = 20, 0.05
#: How many different ids of a column are remembered, so that a pool id that stands in every row counts once.
_REMEMBERED = 10_000
#: What Excel makes of the last digits of a long id, and how many right ids end so.
_ZEROS = 10**4
#: With fewer different ids, one that ends in zeros is more likely rounded than there by chance.
FULL_COLUMN = 100
#: Of so many sheets of right ids, one has more ids that end in zeros than are accepted.
_SHEETS = 10_000
#: More ids that end in zeros than this no sheet explains.
_MOST_ZEROS = 5_000
#: An id with fewer digits than this is much shorter than those of the CRM.
SHORT_ID = 10**15
_PHONES = range(13 * 10**9, 20 * 10**9)
#: Short ids are told among so many times as many others, and neighbours that differ in their last digits among so many pairs.
_OTHERS, _PAIRS = 3, 5


@lru_cache(maxsize=256)
def most_by_chance(ids: int) -> int:
    """Returns how many of so many different right ids may end in ``0000``: more do in one sheet of 10,000 at most.

    It is 0 where there are too few ids to say so.
    """
    if ids < FULL_COLUMN:
        return 0
    mean, share = ids / _ZEROS, 1 / _ZEROS
    tail = 0.0
    for count in range(min(ids, int(mean + 10 * math.sqrt(mean)) + 30), 0, -1):
        ways = math.lgamma(ids + 1) - math.lgamma(count + 1) - math.lgamma(ids - count + 1)
        tail += math.exp(ways + count * math.log(share) + (ids - count) * math.log1p(-share))
        if tail >= 1 / _SHEETS:
            return count
    return 0


def too_many_zeros(zeros: int, ids: int) -> Message | None:
    """Returns what is said of an id that ends in zeros, as more do in its column than chance explains, but for its ``value``;
    None where the column has too few ids to speak of it."""
    values = {"zeros": zeros, "ids": ids, "most": most_by_chance(ids)}
    return Message("cell.rounded_many", values) if ids >= FULL_COLUMN else None


@dataclass(slots=True)
class Places:
    """How many cells of a column look like something, and the row of the first one."""

    count: int = 0
    first: int = 0

    def add(self, row: int) -> None:
        """Counts the cell of a row."""
        self.first = self.first or row
        self.count += 1

    def remove(self, row: int) -> None:
        """Takes away the cell of a row that is none of the data."""
        self.first = 0 if self.first == row else self.first
        self.count -= 1


@dataclass(slots=True)
class Exactness:
    """What is known of the ids of one column; ``in_floats`` says whether it may be one that went through floats.

    ``long`` counts the long ids, of which ``exact`` a double holds, ``zeros`` are those that end in ``0000``, and ``lost``
    counts cells whose number has lost digits for certain. ``short`` ones are much shorter than the ids of the CRM, ``phones``
    may be numbers of phones, and ``neighbours`` differ from the id above them in their last digits alone, of ``pairs`` in all.
    """

    in_floats: bool = True
    exact: int = 0
    long: int = 0
    lost: int = 0
    pairs: int = 0
    zeros: set[int] = field(default_factory=set)
    seen: set[int] = field(default_factory=set)
    short: Places = field(default_factory=Places)
    phones: Places = field(default_factory=Places)
    neighbours: Places = field(default_factory=Places)
    _previous: int = 0

    def add(self, number: int, row: int = 0) -> bool:
        """Counts an id; returns whether it is a long one that a double holds exactly, in a column that may have gone through
        floats."""
        if number < LONG_ID:
            if number < SHORT_ID:
                (self.phones if number in _PHONES else self.short).add(row)
            return False
        difference = number - self._previous
        if difference:
            self.pairs += 1
            if -_ZEROS < difference < _ZEROS:
                self.neighbours.add(row)
            self._previous = number
        doubtful = self.in_floats and float(number) == number
        if number not in self.seen:
            if len(self.seen) >= _REMEMBERED:
                self.seen.clear()
            self.seen.add(number)
            self.long += 1
            self.exact += doubtful
            if number % _ZEROS == 0 and not self.is_hopeless:
                self.zeros.add(number)
        return doubtful

    @property
    def rounded(self) -> bool:
        """Whether the ids went through floats, as far as they are known."""
        return self.long >= _ENOUGH and self.exact > _SHARE * self.long

    @property
    def is_hopeless(self) -> bool:
        """Whether more ids end in zeros than chance explains in a sheet of any length."""
        return len(self.zeros) > _MOST_ZEROS

    @property
    def explained(self) -> bool:
        """Whether chance explains how many of the ids end in zeros, with those that were rounded for certain."""
        return len(self.zeros) + self.lost <= most_by_chance(self.long)

    @property
    def odd_short(self) -> bool:
        """Whether few ids are much shorter than the others."""
        return 0 < self.short.count * _OTHERS <= self.long

    @property
    def odd_neighbours(self) -> bool:
        """Whether few ids differ in their last digits alone from the id above: where many do, clues were made so."""
        return 0 < self.neighbours.count * _PAIRS <= self.pairs


def ends_in_zeros(number: int) -> bool:
    """Returns whether a long id is what Excel makes of one."""
    return number >= LONG_ID and number % _ZEROS == 0


def refuse_rounded(plan: Plan, refused: Mapping[tuple[str, str], Message | None]) -> Plan:
    """Returns ``plan`` once the whole sheet is known: invalid if one of its doubts holds.

    ``refused`` says which do, by the keys of their column and of their message, and what is said in its place, if anything.
    """
    problems = plan.problems
    for doubt in plan.doubts:
        key = (doubt.field, doubt.message.key)
        if key in refused:
            better = refused[key]
            message = Message(better.key, dict(doubt.message.values) | dict(better.values)) if better else doubt.message
            problems += (replace(doubt, message=message),)
    if problems == plan.problems:
        return plan
    return plan._replace(status=Status.INVALID, problems=problems, edit=None, fields=(), cleared=(), note=None)
