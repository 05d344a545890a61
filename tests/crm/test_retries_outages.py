"""Asking one thing while others find out whether the CRM can be reached: which attempts count as those of an outage."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import pytest
from support import jobs
from support.asking import FakePace, FakeTokens
from support.dispatching import CONFIRMED, RECORD, UNREACHED, FakeTime, http

from batch_editor.crm.attempts import Interrupted
from batch_editor.crm.retries import Retries
from batch_editor.crm.tokens import Grant
from batch_editor.crm.verdicts import Verdict
from batch_editor.model import Edit, HaltReason, Message, Reply, Sent
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


# --- an outage that others have found


def test_what_others_have_found_makes_edits_wait_for_a_probe_that_gets_through(
    retries_with: Callable[[Iterator[Reply]], Retries],
) -> None:
    retries = retries_with(iter([UNREACHED, UNREACHED, NO_RECORDS]))
    retries.outage.take_up(600.0)
    assert retries.outage.lasts == 600.0
    attempted = retries.send_edit(FIRST, lambda edit: CONFIRMED)
    assert (attempted.verdict, attempted.requests, retries.outage.lasts) == (Verdict.DONE, 1, 0.0)


def test_what_others_have_waited_counts_for_the_patience(retries_with: Callable[[Iterator[Reply]], Retries]) -> None:
    retries = retries_with(iter([UNREACHED] * 99))
    retries.outage.take_up(880.0)
    sent = list[Edit]()
    with pytest.raises(Interrupted) as raised:
        retries.send_edit(FIRST, lambda edit: sent.append(edit) or UNREACHED)  # type: ignore[func-returns-value]
    assert raised.value.reason is HaltReason.CRM_DOWN and not sent
    assert retries.outage.lasts == 900.0


def test_an_outage_lasts_from_the_first_request_that_is_lost_to_the_last(
    retries_with: Callable[[Iterator[Reply]], Retries],
) -> None:
    """It does not while nothing is tried, as in a long pause after a single one."""
    retries = retries_with(iter(()))
    outage, clock = retries.outage, retries._clock
    assert outage.lasts == 0.0
    began = clock()
    retries._wait(Event(), 7.0)
    outage.missed(began, Message("net.lost"), None)
    retries._wait(Event(), 1000.0)
    assert outage.lasts == 7.0
    outage.suspect()
    assert outage.lasts == 1007.0
    outage.missed(clock(), Message("net.lost"), 30.0)
    assert outage.lasts == 0.0  # somebody at the other end has asked for that
    outage.missed(clock(), Message("net.lost"), None)
    assert outage.lasts == 1007.0
    outage.got_through()
    assert outage.lasts == 0.0
