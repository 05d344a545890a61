"""When a file counts as finished, by looks at it: the clock is one that the test sets."""

from __future__ import annotations

import pytest

from batch_editor.inbox.endings import Ending
from batch_editor.inbox.looks import APART, APART_WITHIN_A_LINE, BROKEN_OFF, FileState, Looks, seconds_to_wait

STATE = FileState(size=10, modified=1_000, device=1, inode=7)


def test_a_file_is_quiet_for_as_long_as_it_is_the_same() -> None:
    looks = Looks()
    assert looks.take({"a": STATE}, 100.0)["a"].quiet == 0
    assert looks.take({"a": STATE}, 104.0)["a"].quiet == 4
    assert looks.take({"a": STATE}, 110.0)["a"].quiet == APART


@pytest.mark.parametrize(
    "other", [STATE._replace(size=11), STATE._replace(modified=999), STATE._replace(inode=8), STATE._replace(device=2)]
)
def test_whatever_changes_begins_anew(other: FileState) -> None:
    looks = Looks()
    looks.take({"a": STATE}, 0.0)
    seen = looks.take({"a": other}, 10.0)["a"]
    assert (seen.quiet, seen.changed) == (0, True)
    assert looks.take({"a": other}, 20.0)["a"].quiet == 10


def test_a_file_that_was_away_begins_anew() -> None:
    looks = Looks()
    looks.take({"a": STATE}, 0.0)
    looks.take({}, 10.0)
    assert looks.take({"a": STATE}, 20.0)["a"].quiet == 0


def test_a_clock_that_goes_back_makes_nothing_finished() -> None:
    looks = Looks()
    looks.take({"a": STATE}, 100.0)
    assert looks.take({"a": STATE}, 50.0)["a"].quiet == 0
    assert looks.take({"a": STATE}, 59.0)["a"].quiet == 9


def test_how_a_file_ends_says_how_long_it_must_stay_the_same() -> None:
    assert seconds_to_wait(Ending.WHOLE, 0) == APART
    assert seconds_to_wait(Ending.WITHIN_A_LINE, 10_000) == APART_WITHIN_A_LINE > 30
    assert seconds_to_wait(Ending.BROKEN, BROKEN_OFF - 1) is None
    assert seconds_to_wait(Ending.BROKEN, -3600) is None  # the clock of this machine was set back
    assert seconds_to_wait(Ending.BROKEN, BROKEN_OFF) == APART
