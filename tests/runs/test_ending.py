"""The table of exit codes: what decides each of them, one fact at a time."""

from __future__ import annotations

from typing import Any

import pytest

from batch_editor.model import SUMMARY_STATUSES
from batch_editor.runs.ending import Ending


def ended(counts: dict[str, int] | None = None, **facts: Any) -> Ending:
    """A run of five rows, all of which were sent, but for what a test says."""
    given = {
        "pending": 5,
        "limit": None,
        "done": 5,
        "dropped": 0,
        "counts": dict.fromkeys(SUMMARY_STATUSES, 0) | (counts or {}),
    }
    return Ending(**given | facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("counts", "exit_code"),
    [
        ({"updated": 5}, 0),
        ({"updated": 4, "unchanged": 1}, 0),
        ({"updated": 4, "skipped": 1}, 0),
        ({"updated": 4, "invalid": 1}, 1),
        ({"updated": 4, "conflict": 1}, 1),
        ({"updated": 4, "rejected": 1}, 1),
        ({"updated": 4, "failed": 1}, 1),
        ({"updated": 4, "not_sent": 1}, 0),  # beyond the limit
    ],
)
def test_each_status_decides(counts: dict[str, int], exit_code: int) -> None:
    assert ended(counts).exit_code == exit_code


@pytest.mark.parametrize(
    ("facts", "held_back", "exit_code"),
    [
        ({}, 0, 0),
        ({"done": 4}, 1, 3),
        ({"done": 4, "dropped": 1}, 0, 0),
        ({"done": 3, "dropped": 1}, 1, 3),
        ({"done": 2, "limit": 2}, 0, 0),
        ({"done": 1, "limit": 2}, 1, 3),
        ({"done": 2, "limit": 4, "dropped": 3}, 0, 0),
        ({"done": 2, "limit": 4, "dropped": 2}, 1, 3),
        ({"done": 5, "limit": 9}, 0, 0),
        ({"unproved": True}, 0, 3),
        ({"unwritten": True}, 0, 1),
        ({"unwritten": True, "done": 4}, 1, 3),
        ({"unrecorded": True}, 0, 3),
        ({"cut_short": True}, 0, 3),
    ],
)
def test_what_was_not_sent_decides_before_all_else(facts: dict[str, Any], held_back: int, exit_code: int) -> None:
    ending = ended({"updated": 5}, **facts)
    assert (ending.held_back, ending.exit_code) == (held_back, exit_code)
    assert ended({"rejected": 5}, **facts).exit_code == (exit_code or 1)


@pytest.mark.parametrize(
    ("counts", "facts", "exit_code"),
    [
        ({"updated": 1, "not_sent": 4}, {}, 0),
        ({"updated": 1, "invalid": 1}, {}, 0),
        ({"rejected": 1, "not_sent": 4}, {}, 1),
        ({"not_sent": 5}, {}, 1),
        ({"updated": 1}, {"unproved": True}, 3),
        ({"updated": 1}, {"unwritten": True}, 1),
    ],
)
def test_a_proof_alone_asks_nothing_of_the_other_rows(counts: dict[str, int], facts: dict[str, Any], exit_code: int) -> None:
    ending = ended(counts, done=1, limit=1, only_proves=True, **facts)
    assert (ending.held_back, ending.exit_code, ending.is_finished) == (0, exit_code, True)


@pytest.mark.parametrize(
    ("counts", "facts", "is_finished"),
    [
        ({"updated": 5}, {}, True),
        ({"failed": 5}, {}, True),
        ({"updated": 4, "not_sent": 1}, {"done": 4}, False),
        ({"updated": 2, "not_sent": 3}, {"done": 2, "limit": 2}, False),
        ({"updated": 4, "failed": 1}, {"done": 4}, False),  # a failed row of a resume that was halted before it
    ],
)
def test_what_is_left_to_go_on_with_is_not_finished(counts: dict[str, int], facts: dict[str, Any], is_finished: bool) -> None:
    assert ended(counts, **facts).is_finished == is_finished
