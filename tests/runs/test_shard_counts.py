"""What the shards of a run have come to, as they tell it and as it is added up."""

from __future__ import annotations

from typing import Any

import pytest

from batch_editor.events import Waiting
from batch_editor.journal.leases import Part, ShardState
from batch_editor.model import HaltReason, Message, Stoppage
from batch_editor.runs.shard_counts import (
    MOST_NOTICES,
    ShardCounts,
    added,
    are_over,
    stoppage_of,
    waiting_from_json,
    waiting_to_json,
)
from batch_editor.states import WaitReason

ASKED = Stoppage(HaltReason.ASKED, Message("halt.asked"))
REFUSED = Stoppage(HaltReason.TOKEN, Message("token.fixed_refused"))


def shard(number: int = 1, *, rows: int = 5, most: int | None = None, **state: Any) -> ShardState:
    known: dict[str, Any] = {"epoch": 1, "worker": None, "is_live": False, "is_done": False, "counts": {}, "waiting": None}
    return ShardState(Part(2, 6, number, most), rows, **known | {"stoppage": None} | state)


def test_what_a_shard_has_come_to_is_read_as_it_was_told() -> None:
    counts = ShardCounts(
        {"updated": 3},
        dropped=1,
        held_back=2,
        failures=2,
        lost=1,
        last=Message("failed.never", {"reason": Message("net.lost"), "requests": 5}),
        slowed=0.5,
        told=1,
        notices=(Message("notice.crm_back"),),
        streaks=[[1, 1, 0, ""], [0, 0, 2, "HTTP 403"]],
    )
    assert ShardCounts.of(shard(counts=counts.as_json())) == counts


def test_what_a_worker_of_another_version_tells_beside_it_does_no_harm() -> None:
    assert ShardCounts.of(shard(counts={"ended": {"updated": 2}, "of_tomorrow": 1, "held_back": 1})).ended == {"updated": 2}


def test_a_shard_that_nobody_has_driven_holds_all_its_rows_back() -> None:
    assert ShardCounts.of(shard(rows=5)).held_back == 5
    assert ShardCounts.of(shard(rows=5, most=2)).held_back == 2


def test_of_many_notices_the_latest_are_kept_and_all_are_counted() -> None:
    counts = ShardCounts()
    for number in range(MOST_NOTICES + 5):
        counts = counts.with_notice(Message("notice.full", {"time": number}))
    assert (counts.told, len(counts.notices)) == (MOST_NOTICES + 5, MOST_NOTICES)
    assert counts.notices[-1].values["time"] == MOST_NOTICES + 4


def test_what_all_shards_have_come_to_is_added_up() -> None:
    total = added(
        [
            ShardCounts({"updated": 3, "failed": 1}, dropped=1, held_back=2, failures=1, slowed=0.5),
            ShardCounts({"failed": 2}, failures=2, lost=2, last=Message("failed.never")),
        ]
    )
    assert total == ShardCounts(
        {"updated": 3, "failed": 3}, dropped=1, held_back=2, failures=3, lost=2, last=Message("failed.never"), slowed=0.5
    )


def test_what_stopped_a_shard_stops_the_run_and_not_that_others_were_asked_to_stop_for_it() -> None:
    shards = [shard(1, is_done=True, stoppage=ASKED), shard(2, is_done=True, stoppage=REFUSED)]
    assert stoppage_of(shards, ShardCounts()) == REFUSED
    assert stoppage_of(shards[:1], ShardCounts()) == ASKED
    assert stoppage_of([shard(is_done=True)], ShardCounts({"updated": 1})) is None


@pytest.mark.parametrize(("answered", "stops"), [(0, True), (1, False)])
def test_a_run_of_which_no_edit_at_all_was_answered_stops_and_one_shard_alone_does_not_tell(answered: int, stops: bool) -> None:
    total = ShardCounts({"failed": 4, "updated": answered}, failures=4, lost=4, last=Message("failed.never"))
    stoppage = stoppage_of([shard(is_done=True)], total)
    assert (stoppage is not None and stoppage.reason is HaltReason.CRM_DOWN) == stops


def test_shards_are_over_once_all_have_ended_or_nobody_goes_on_with_a_run_that_stops() -> None:
    done, waiting, live = shard(is_done=True), shard(), shard(is_live=True)
    assert are_over([done, done], stops=False)
    assert not are_over([done, waiting], stops=False)
    assert are_over([done, waiting], stops=True)
    assert are_over([shard(is_done=True, stoppage=REFUSED), waiting], stops=False)
    assert not are_over([done, live], stops=True)
    assert not are_over([], stops=True)


def test_why_a_shard_waits_is_read_as_it_was_told() -> None:
    waiting = Waiting(WaitReason.TOO_FAST, 12.5, Message("net.lost"))
    assert waiting_from_json(waiting_to_json(waiting)) == waiting
    assert waiting_from_json(waiting_to_json(None)) is None
