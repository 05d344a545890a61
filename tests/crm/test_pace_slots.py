"""The arithmetic of the permits: no window is crowded, which slots a late use moves on, which one it takes the place of."""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from batch_editor.crm.counting import MARGIN
from batch_editor.crm.pace import open_record
from batch_editor.crm.pace_file import NONE, Entry, PermitFile
from batch_editor.crm.slots import AHEAD, CATCH_UP, GIVEN_UP, PUNCTUAL, Slot, Slots
from batch_editor.settings.limits import Limit

ROUNDING = 1e-9
FIVE = Limit(5, 1.0)
SPACING = (1.0 + MARGIN) / 5


def slots_of(*limits: Limit) -> tuple[Slots, PermitFile]:
    record = open_record(limits, None, clock=lambda: 0.0, wall_clock=lambda: 0.0)
    return Slots(limits, record), record


def take(slots: Slots, now: float) -> Slot:
    slot, _, _ = slots.renew(None, now)
    assert slot is not None
    return slot


# --- the promise, whoever is late


@dataclass(frozen=True)
class Use:
    """A request: the moment of its slot, when its permit was found to be good, and when it went out."""

    slot_at: float
    confirmed: float
    moment: float


@dataclass
class Traffic:
    """Senders without threads: each is a generator that yields the moment at which it goes on."""

    limits: list[Limit]
    chance: random.Random
    delays: list[float]
    end: float = 20.0
    now: float = 0.0
    uses: list[Use] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.slots, self.record = slots_of(*self.limits)

    def run(self, senders: int, *, holds: bool = False) -> None:
        actors = [*(self.sender() for _ in range(senders)), *([self.holder()] if holds else [])]
        queue = [(0.0, number) for number in range(len(actors))]
        while queue:
            self.now, number = heapq.heappop(queue)
            following = next(actors[number], None)
            if following is not None:
                heapq.heappush(queue, (max(following, self.now), number))

    def sender(self) -> Iterator[float]:
        while self.now < self.end:
            slot = yield from self.permit(None)
            yield self.now + self.chance.choice([0.0, 0.0, 0.01, 0.3])  # a connection is made
            slot = yield from self.permit(slot)
            confirmed = self.now
            yield self.now + self.chance.choice(self.delays)
            self.uses.append(Use(slot.entry.at, confirmed, self.now))
            self.slots.used(slot, self.now)
            yield self.now + self.chance.choice([*[0.0] * 8, 0.05, 2.0])

    def permit(self, slot: Slot | None) -> Iterator[float]:  # type: ignore[misc]  # its value is a Slot
        while True:
            slot, at, _ = self.slots.renew(slot, self.now)
            if slot is not None and at <= self.now:
                return slot
            wakes = at if slot is not None else at - AHEAD / 2
            yield wakes + self.chance.choice([0.0, 0.0, 0.001, 0.02])

    def holder(self) -> Iterator[float]:
        while self.now < self.end:
            yield self.now + self.chance.uniform(0.1, 8.0)
            seconds = self.chance.choice([0.05, 0.5, 4.0])
            self.record.hold(max(self.record.held_until, self.now + seconds))

    def crowded(self) -> Iterator[tuple[Limit, list[Use]]]:
        """Each ``count + 1`` uses in a row that lie within one window of a limit."""
        uses = sorted(self.uses, key=lambda use: use.moment)
        for limit in self.limits:
            for first in range(len(uses) - limit.count):
                together = uses[first : first + limit.count + 1]
                if together[-1].moment - together[0].moment < limit.window - ROUNDING:
                    yield limit, together

    def is_beyond_help(self, uses: list[Use]) -> bool:
        """Whether one of them came so late that all the others had their permits by then: nobody could make room any more."""
        shortest = min(limit.window for limit in self.limits)
        late = [use for use in uses if use.moment - use.slot_at > shortest]
        return any(all(other.confirmed <= use.moment + MARGIN for other in uses) for use in late)


limits = st.lists(st.builds(Limit, st.integers(1, 7), st.sampled_from([1.0, 3.0])), min_size=1, max_size=3)
seeds = st.integers(0, 1 << 30)


@settings(max_examples=3 * settings.default.max_examples, deadline=None)
@given(limits=limits, senders=st.integers(1, 6), holds=st.booleans(), seed=seeds)
def test_late_uses_crowd_no_window(limits: list[Limit], senders: int, holds: bool, seed: int) -> None:
    traffic = Traffic(limits, random.Random(seed), [0.0, 0.0, 0.002, 0.005, 0.05, 0.4, 0.9])
    traffic.run(senders, holds=holds)
    assert traffic.uses and list(traffic.crowded()) == []


@settings(max_examples=3 * settings.default.max_examples, deadline=None)
@given(limits=limits, senders=st.integers(2, 6), holds=st.booleans(), seed=seeds)
@example([FIVE], 6, False, 1)
def test_after_a_standstill_others_make_room_as_soon_as_they_can(
    limits: list[Limit], senders: int, holds: bool, seed: int
) -> None:
    """A thread that stood still for longer than a window crowds one with what went out by then, and no other."""
    traffic = Traffic(limits, random.Random(seed), [*[0.0] * 12, 0.005, 0.4, 1.5, 4.0, 9.0])
    traffic.run(senders, holds=holds)
    assert traffic.uses
    assert [pair for pair in traffic.crowded() if not traffic.is_beyond_help(pair[1])] == []


def test_a_standstill_does_happen_in_that_traffic() -> None:
    traffic = Traffic([FIVE], random.Random(1), [*[0.0] * 12, 0.005, 0.4, 1.5, 4.0, 9.0])
    traffic.run(6)
    assert len([use for use in traffic.uses if use.moment - use.slot_at > 1.0]) > 5 and list(traffic.crowded())


# --- what a late use does


def test_the_slots_of_the_shortest_window_are_spread_evenly() -> None:
    slots, record = slots_of(FIVE, Limit(7, 3.0))
    ats = [take(slots, 100.0).entry.at for _ in range(7)]
    assert ats == pytest.approx([100.0 - CATCH_UP + number * SPACING for number in range(7)])
    assert slots.next(100.0) == (pytest.approx(ats[0] + 3.0 + MARGIN), True)
    assert record.last == 7


@pytest.mark.parametrize("share", [1.0, 0.5, 0.125])
def test_a_lower_share_spaces_the_slots_out(share: float) -> None:
    slots, record = slots_of(FIVE)
    first = take(slots, 100.0)
    at, is_full = slots.next(100.0, share)
    assert (at, is_full) == (pytest.approx(first.entry.at + SPACING / share), False)
    assert slots.renew(None, 100.0, share)[1] == at and record.entry(2).at == at


def test_a_use_on_time_changes_nothing() -> None:
    slots, record = slots_of(FIVE)
    taken = [take(slots, 100.0) for _ in range(6)]
    before = record.entries()
    slots.used(taken[0], taken[0].entry.at + PUNCTUAL)
    assert record.entries() == before


def test_a_late_use_counts_from_when_it_was_and_moves_on_what_shares_its_window() -> None:
    slots, record = slots_of(FIVE)
    taken = [take(slots, 100.0) for _ in range(8)]
    before = record.entries()
    slots.used(taken[0], 100.5)
    after = record.entries()
    counts_from = 100.5 - PUNCTUAL
    moved_by = counts_from + 1.0 + MARGIN - before[5].at
    assert after[0] == Entry(before[0].at, counts_from)
    assert after[1:5] == before[1:5]
    assert after[5:] == [pytest.approx(Entry(at + moved_by, counts + moved_by), abs=ROUNDING) for at, counts in before[5:]]
    assert slots.renew(taken[5], before[5].at)[0] != taken[5]


def test_a_use_that_is_a_little_late_moves_on_by_as_little() -> None:
    slots, record = slots_of(FIVE)
    taken = [take(slots, 100.0) for _ in range(6)]
    used = taken[0].entry.at + PUNCTUAL + 0.005
    slots.used(taken[0], used)
    assert record.entry(6).at == pytest.approx(taken[5].entry.at + 0.005)


@pytest.mark.parametrize("after", [-MARGIN / 2, 0.0, MARGIN / 2])
def test_a_slot_that_is_just_due_is_moved_on_and_none_is_given_up(after: float) -> None:
    """Who has it may not have used it yet: it is not overtaken."""
    slots, record = slots_of(FIVE)
    taken = [take(slots, 100.0) for _ in range(8)]
    now = taken[5].entry.at + after
    slots.used(taken[0], now)
    assert record.last == 8
    moved = [entry.at for entry in record.entries()[5:]]
    first = now - PUNCTUAL + 1.0 + MARGIN
    assert moved == pytest.approx([first, first + SPACING, first + 2 * SPACING])
    assert all(entry.counts_from >= entry.at for entry in record.entries())


def test_a_late_use_that_nobody_follows_gives_up_nothing() -> None:
    slots, record = slots_of(FIVE)
    slots.used(take(slots, 100.0), 500.0)
    assert record.entries() == [Entry(100.0 - CATCH_UP, 500.0 - PUNCTUAL)]


def test_a_second_use_that_is_less_late_takes_nothing_back() -> None:
    slots, record = slots_of(FIVE)
    slot = take(slots, 100.0)
    slots.used(slot, 100.5)
    before = record.entries()
    slots.used(slot, 100.4)
    assert record.entries() == before


def test_slots_are_in_order_at_any_moment_of_a_move(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process may be killed between any two of its writes, and what is out of order is taken for damage."""
    slots, record = slots_of(FIVE)
    taken = [take(slots, 100.0) for _ in range(12)]
    replaced = list[int]()
    replace = record.replace

    def watched(number: int, entry: Entry) -> None:
        replace(number, entry)
        replaced.append(number)
        assert all(earlier.at <= later.at for earlier, later in pairwise(record.entries()))

    monkeypatch.setattr(record, "replace", watched)
    slots.used(taken[0], 100.9)
    assert replaced == [1, *range(12, 5, -1)]


def test_a_use_after_a_standstill_takes_the_place_of_the_next_that_comes() -> None:
    slots, record = slots_of(FIVE)
    late, *others = [take(slots, 100.0 + number * SPACING) for number in range(20)]
    now = others[-3].entry.at + 0.1  # two are taken that come after it
    slots.used(late, now)
    given_up = record.entry(others[-2].number)
    assert given_up == Entry(others[-2].entry.at, others[-2].entry.at - GIVEN_UP)
    assert not slots.is_usable(given_up, now)
    assert record.entry(others[-1].number) == others[-1].entry
    replacement, at, _ = slots.renew(others[-2], now)
    assert replacement is not None and replacement.number == 21
    assert at == pytest.approx(others[-1].entry.at + SPACING)


def test_each_standstill_takes_a_place_of_its_own() -> None:
    slots, record = slots_of(FIVE)
    taken = [take(slots, 100.0 + number * SPACING) for number in range(20)]
    now = taken[-4].entry.at + 0.1
    slots.used(taken[0], now)
    slots.used(taken[1], now)
    assert [slots.is_usable(record.entry(slot.number), now) for slot in taken[-3:]] == [False, False, True]


def test_a_use_after_a_standstill_gives_up_a_new_slot_where_none_waits() -> None:
    slots, record = slots_of(FIVE)
    late, *others = [take(slots, 100.0 + number * SPACING) for number in range(20)]
    now = others[-1].entry.at + 0.1
    slots.used(late, now)
    assert record.last == 21
    assert record.entry(21) == pytest.approx(Entry(others[-1].entry.at + SPACING, others[-1].entry.at + SPACING), abs=1e-5)
    assert not slots.is_usable(record.entry(21), now)


def test_a_use_whose_slot_is_no_longer_known_takes_a_place_too() -> None:
    slots, record = slots_of(FIVE)
    for number in range(2100):
        take(slots, 100.0 + number * SPACING)
    assert record.entry(1) == NONE
    before = record.entries()
    now = record.entry(record.last).at + 0.1
    slots.used(Slot(1, Entry(100.0, 100.0)), now)
    assert record.last == 2101 and not slots.is_usable(record.entry(2101), now)
    assert record.entry(1) == NONE and record.entries()[: len(before) - 1] == before[-len(record.entries()) + 1 :]


# --- what a slot says of itself


def test_a_slot_stays_what_it_is_while_it_is_usable() -> None:
    slots, _ = slots_of(FIVE, Limit(1, 3600.0))
    slot = take(slots, 100.0)
    for now in (99.0, 100.0, slot.entry.at + MARGIN):
        assert slots.renew(slot, now) == (slot, slot.entry.at, False)
    assert slots.renew(slot, slot.entry.at + MARGIN + ROUNDING)[0] is None


def test_only_a_longer_window_is_called_full() -> None:
    """However late a use was: the shortest window is full all the time, and nobody has to be told."""
    slots, _ = slots_of(Limit(1, 60.0))
    slots.used(take(slots, 100.0), 130.0)
    at, is_full = slots.next(130.0)
    assert (at, is_full) == (pytest.approx(130.0 - PUNCTUAL + 60.0 + MARGIN), False)
    slots, _ = slots_of(Limit(1, 60.0), Limit(1, 90.0))
    slots.used(take(slots, 100.0), 130.0)
    at, is_full = slots.next(130.0)
    assert (at, is_full) == (pytest.approx(130.0 - PUNCTUAL + 90.0 + MARGIN), True)


def test_a_slot_that_is_too_far_ahead_is_not_taken_yet() -> None:
    slots, record = slots_of(Limit(1, 60.0))
    take(slots, 100.0)
    slot, at, is_full = slots.renew(None, 110.0)
    assert (slot, at, is_full, record.last) == (None, pytest.approx(160.0 + MARGIN - CATCH_UP), False, 1)
    assert slots.renew(None, at - AHEAD - ROUNDING)[0] is None
    assert slots.renew(None, at - AHEAD + ROUNDING)[0] == Slot(2, Entry(at, at))


def test_all_wait_for_the_end_of_a_hold() -> None:
    slots, record = slots_of(FIVE)
    first = take(slots, 100.0)
    record.hold(700.0)
    assert not slots.is_usable(first.entry, 100.0)
    slot, at, _ = slots.renew(first, 100.0)
    assert slot == Slot(2, Entry(700.0, 700.0)) and at == 700.0
    assert slots.renew(slot, 100.0) == (slot, 700.0, False)


def test_a_slot_just_within_reach_is_taken() -> None:
    slots, record = slots_of(FIVE)
    record.hold(200.0)
    for number in range(50):  # the last of them is 49 * SPACING after the end of the hold, which is less than AHEAD
        slot, at, _ = slots.renew(None, 100.0)
        assert slot is not None and at == pytest.approx(200.0 + number * SPACING)
    assert slots.renew(None, 100.0) == (None, pytest.approx(200.0 + 50 * SPACING), False)


@pytest.mark.parametrize(
    ("moments", "added"),
    [
        ([(30.0, 2), (10.0, 1)], [70.0, 70.0, 90.0]),
        ([(60.0, 5), (10.0, 1)], [90.0]),  # the window is 60 s, and its end is not in it
        ([(59.9, 1)], [40.1]),
        ([(10.0, 99)], [90.0] * 7),  # no more than a window holds
        ([(30.0, 5), (10.0, 5)], [70.0] * 2 + [90.0] * 5),  # the latest of them
        ([(-5.0, 1)], [100.0]),
    ],
)
def test_what_a_record_has_lost_is_made_up_for(moments: list[tuple[float, int]], added: list[float]) -> None:
    slots, record = slots_of(Limit(7, 60.0))
    slots.make_up(moments, 100.0, 60.0)
    assert record.entries() == [pytest.approx(Entry(moment, moment)) for moment in added]


def test_what_a_record_knows_is_not_made_up_for_again() -> None:
    slots, record = slots_of(Limit(7, 60.0))
    for at in (35.0, 40.0, 80.0, 101.0):
        record.append(Entry(at, at))
    slots.make_up([(70.0, 1), (20.0, 2), (5.0, 1)], 100.0, 60.0)  # of four, one is too old; of these, one is within
    assert [entry.at for entry in record.entries()] == [35.0, 40.0, 80.0, 101.0, 101.0, 101.0]


def test_without_limits_every_moment_is_free() -> None:
    slots, _ = slots_of()
    assert slots.next(100.0) == (100.0 - CATCH_UP, False)
    assert slots.next(100.0)[0] > -math.inf
