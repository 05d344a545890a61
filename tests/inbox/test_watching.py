"""Looking into an inbox again and again: real files, and a clock that goes on when the inbox waits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from support import jobs
from support.inboxes import Box

from batch_editor.errors import Refused, UnderWay
from batch_editor.inbox.passes import Inbox
from batch_editor.inbox.turn import my_turn
from batch_editor.inbox.watching import passes
from batch_editor.sandbox import Sandbox

#: The clock of the test is far ahead of the real one, by which a run knows whether it is to end.
BEGUN = datetime.now().astimezone() + timedelta(days=1)


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    with Sandbox([{"clue_id": 11}], access_token=jobs.TOKEN) as crm:
        yield Box(tmp_path, crm.url)


def watched(box: Box, minutes: float) -> Inbox:
    """The inbox, watched for so many minutes of the clock of the test."""
    until = BEGUN + timedelta(minutes=minutes)
    return box.inbox(until=until, now=lambda: BEGUN + timedelta(seconds=box.clock))


def test_whoever_watches_ends_in_time_and_does_not_wait_beyond_it(box: Box) -> None:
    assert [outcome.exit_code for outcome in passes(watched(box, 1), 25)] == [0, 0, 0]
    assert box.waited == [25, 25, 10]


def test_a_clock_that_is_set_back_lets_nobody_watch_for_longer(box: Box) -> None:
    inbox = box.inbox(until=BEGUN + timedelta(minutes=1), now=lambda: BEGUN - timedelta(hours=box.clock))
    assert len([*passes(inbox, 30)]) == 2


def test_a_sheet_that_comes_while_somebody_watches_is_sent(box: Box) -> None:
    def put(seconds: float) -> None:
        if box.clock == 20:
            box.put([11])

    box.meanwhile = put
    sent = [len(outcome.sheets) for outcome in passes(watched(box, 1), 10)]
    assert sent == [0, 0, 0, 1, 0, 0]  # it stays as it is from one look to the next
    assert "done/edits.csv" in box.files()


def test_what_keeps_from_looking_is_told_once_and_looked_at_again(box: Box) -> None:
    away, told = box.folder.with_name("away"), list[str]()

    def share(seconds: float) -> None:
        if box.clock == 10:
            box.folder.rename(away)
        if box.clock == 40:
            away.rename(box.folder)

    box.meanwhile = share
    for outcome in passes(watched(box, 1), 10):
        told.append(outcome.message.key if isinstance(outcome, Refused | UnderWay) else "looked")
    assert told == ["looked", "inbox.gone", "looked", "looked"]
    with my_turn(box.settings.state_dir, box.folder):
        (busy,) = passes(watched(box, 10), 60)
    assert isinstance(busy, UnderWay)


def test_a_folder_that_was_never_there_is_refused_at_once(box: Box) -> None:
    box.folder.rmdir()
    with pytest.raises(Refused, match="There is no folder"):
        list(passes(watched(box, 1), 10))


def test_while_passes_come_to_a_stop_it_looks_less_and_less_often(tmp_path: Path) -> None:
    with Sandbox([{"clue_id": 11}], access_token="another") as crm:
        box = Box(tmp_path, crm.url)
        box.put([11])
        codes = [outcome.exit_code for outcome in passes(watched(box, 60), 30)]
    assert box.waited[:4] == [30, 60, 120, 240]
    assert max(box.waited) <= 900 and set(codes[1:]) == {3}
