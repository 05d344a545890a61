"""Asking one thing while others find out whether the CRM can be reached: which attempts count as those of an outage."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support import jobs
from support.asking import FakePace, FakeTokens
from support.dispatching import CONFIRMED, RECORD, UNREACHED, FakeTime, http

from batch_editor.crm.retries import Retries
from batch_editor.crm.tokens import Grant
from batch_editor.crm.verdicts import Verdict
from batch_editor.model import Edit, Message, Reply, Sent
from batch_editor.stop import Stop

FIRST, SECOND = Edit(2, 11, "{}"), Edit(3, 12, "{}")
NO_RECORDS = Reply(Sent.YES, 1, 200, 0, data={"records": []})


@pytest.fixture
def retries_with(tmp_path: Path) -> Callable[[Iterator[Reply]], Retries]:
    """Retries with four attempts and a patience of fifteen minutes, whose probes get these replies."""

    def make(probes: Iterator[Reply]) -> Retries:
        time = FakeTime()
        return Retries(
            tokens=FakeTokens(),  # type: ignore[arg-type]
            pace=FakePace(time),  # type: ignore[arg-type]
            settings=jobs.settings(tmp_path, rate={"patience": 900}, retry={"attempts": 4, "max_wait": 60}),
            stop=Stop(),
            notices=deque[Message](),
            read_clue=lambda clue: next(probes),
            list_pools=lambda page: next(probes),
            clock=time.clock,
            wait=time.wait,
            jitter=lambda low, high: high,
        )

    return make


def test_attempts_at_the_very_end_of_an_outage_are_none_of_a_row_that_fails_by_itself(
    retries_with: Callable[[Iterator[Reply]], Retries],
) -> None:
    """While the last attempt of the first row is under way, the second one finds that the CRM is back."""
    retries = retries_with(iter([UNREACHED, NO_RECORDS]))
    attempts_of_second = iter([UNREACHED] * 4 + [CONFIRMED])
    attempts_of_first = iter([UNREACHED] * 4 + [CONFIRMED])
    requests = 0

    def first(edit: Edit) -> Reply:
        nonlocal requests
        requests += 1
        if requests == 4:
            assert retries.send_edit(SECOND, lambda edit: next(attempts_of_second)).verdict is Verdict.DONE
        return next(attempts_of_first)

    assert retries.send_edit(FIRST, first).verdict is Verdict.DONE and requests == 5


def test_edits_alone_that_ask_for_long_waits_have_failed_by_themselves(
    retries_with: Callable[[Iterator[Reply]], Retries],
) -> None:
    """The patience is used up by what they ask for, and yet the CRM can be reached."""
    retries = retries_with(iter([RECORD, RECORD]))
    replies = iter([http(503, retry_after=600.0)] * 9)
    attempted = retries.send_edit(FIRST, lambda edit: next(replies))
    assert attempted.verdict is Verdict.AGAIN and attempted.requests == 3


@pytest.mark.parametrize("reply", [http(429, retry_after=1.0), http(401), http(500)])
def test_what_a_probe_that_gets_through_at_once_is_answered_is_no_last_word(
    retries_with: Callable[[Iterator[Reply]], Retries], reply: Reply
) -> None:
    """Where nothing else can be asked, the question itself is the probe: its answer is heeded as that of any attempt."""
    retries = retries_with(iter(()))
    replies = iter([*[UNREACHED] * 4, reply, NO_RECORDS])
    attempted = retries.read_pools(1, lambda page: next(replies))
    assert attempted.verdict is Verdict.DONE and attempted.requests == 6


def test_a_token_call_that_is_too_fast_right_after_it_got_no_answer_waits(
    retries_with: Callable[[Iterator[Reply]], Retries],
) -> None:
    answers = iter([*[UNREACHED] * 4, http(429, retry_after=1.0), Grant("secret", 7200.0)])
    assert retries_with(iter(())).fetch_token(lambda: next(answers)).expires_in == 7200.0
