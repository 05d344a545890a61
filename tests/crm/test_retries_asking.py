"""Asking one thing, without a dispatcher: what is attempted, in which order, how long it waits, and what is handed on."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from support import jobs
from support.asking import FakePace, FakeTokens
from support.dispatching import CONFIRMED, LOST, UNREACHED, FakeTime, coded, http

from batch_editor.crm.attempts import NO_REPLY, Attempted, Interrupted
from batch_editor.crm.pauses import SHORTEST
from batch_editor.crm.retries import Retries
from batch_editor.crm.tokens import Grant, Tokens
from batch_editor.crm.verdicts import Verdict
from batch_editor.errors import Halted, OutOfPatience, SettingsError, StopAsked, TokenRefused
from batch_editor.model import Edit, HaltReason, Message, Reply, Sent
from batch_editor.states import WaitReason
from batch_editor.stop import Stop

EDIT = Edit(7, 11, '{"clue_id": 11}')
RECORD = Reply(Sent.YES, 1, 200, 0, "ok", data={"clue_id": 11})
BUSY = coded(70001, "busy")
FAST = http(429)


class Asking:
    """Retries over fakes."""

    def __init__(self, folder: Path, **over: Any) -> None:
        base = {
            "rate": {"pause": 60, "patience": 900},
            "retry": {"max_wait": 60, "attempts": 3},
            "api": {"retry_codes": [70001]},
        }
        self.time, self.stop = FakeTime(), Stop()
        self.pace, self.tokens = FakePace(self.time), FakeTokens()
        self.notices = deque[Message]()
        self.drawn: list[tuple[float, float]] = []
        self.retries = Retries(
            tokens=self.tokens,  # type: ignore[arg-type]
            pace=self.pace,  # type: ignore[arg-type]
            settings=jobs.settings(folder, **jobs.merged(base, over)),
            stop=self.stop,
            notices=self.notices,
            clock=self.time.clock,
            wait=self.time.wait,
            jitter=self.draw,
        )

    def draw(self, low: float, high: float) -> float:
        self.drawn.append((low, high))
        return high

    def edit(self, *replies: Reply, edit: Edit = EDIT) -> Attempted:
        return self.retries.send_edit(edit, self.script(replies))

    def read(self, *replies: Reply) -> Attempted:
        return self.retries.read_clue(EDIT, self.script(replies))

    def script(self, replies: Sequence[Reply]) -> Callable[[object], Reply]:
        to_come = iter(replies)

        def request(asked: object) -> Reply:
            self.time.now += 1.0  # each request takes its time
            return next(to_come)

        return request


@pytest.fixture
def asking(tmp_path: Path) -> Asking:
    return Asking(tmp_path)


# --- what is handed on


def test_nothing_attempted_is_no_answer_of_nobody() -> None:
    assert Attempted() == Attempted(Verdict.AGAIN, NO_REPLY, 0, False, False, 0.0)
    assert Reply(Sent.NO) == NO_REPLY and not Attempted().is_answered


@pytest.mark.parametrize(
    ("replies", "attempted"),
    [
        ([CONFIRMED], Attempted(Verdict.DONE, CONFIRMED, 1, False, True)),
        ([coded(5)], Attempted(Verdict.REJECTED, coded(5), 1, False, True)),
        ([UNREACHED, CONFIRMED], Attempted(Verdict.DONE, CONFIRMED, 2, False, True)),
        ([UNREACHED] * 3, Attempted(Verdict.AGAIN, UNREACHED, 3, False, False)),
        ([LOST, UNREACHED, UNREACHED], Attempted(Verdict.AGAIN, UNREACHED, 3, True, True)),
        ([LOST, CONFIRMED], Attempted(Verdict.DONE, CONFIRMED, 2, True, True)),
        ([LOST, coded(5)], Attempted(Verdict.REJECTED, coded(5), 2, True, True)),
        ([http(504), BUSY, BUSY], Attempted(Verdict.AGAIN, BUSY, 3, True, True)),
        ([BUSY] * 3, Attempted(Verdict.AGAIN, BUSY, 3, False, True)),
        ([FAST, CONFIRMED], Attempted(Verdict.DONE, CONFIRMED, 2, False, True, 60.0)),
        ([FAST, LOST, FAST, FAST, CONFIRMED], Attempted(Verdict.DONE, CONFIRMED, 5, True, True, 420.0)),
        ([coded(10001), CONFIRMED], Attempted(Verdict.DONE, CONFIRMED, 2, False, True)),
    ],
    ids=str,
)
def test_what_was_attempted_for_an_edit(asking: Asking, replies: list[Reply], attempted: Attempted) -> None:
    assert asking.edit(*replies) == attempted
    assert attempted.is_answered is (attempted.verdict in (Verdict.DONE, Verdict.REJECTED))


def test_what_may_have_been_applied_before_still_may(asking: Asking) -> None:
    assert asking.edit(UNREACHED, UNREACHED, UNREACHED, edit=Edit(7, 11, "{}", maybe_applied=True)).maybe_applied


def test_each_thing_is_asked_with_what_it_is_about(asking: Asking) -> None:
    asked: list[object] = []

    def request(about: object) -> Reply:
        asked.append(about)
        return RECORD

    assert asking.retries.send_edit(EDIT, request).verdict is Verdict.REJECTED  # a record confirms no edit
    assert asking.retries.read_clue(EDIT, request).verdict is Verdict.DONE
    assert asking.retries.read_pools(3, request).verdict is Verdict.DONE
    assert asked == [EDIT, 11, 3]


def test_a_read_can_have_applied_nothing_and_is_repeated_whatever_the_settings_say(tmp_path: Path) -> None:
    asking = Asking(tmp_path, retry={"ambiguous": False})
    assert asking.read(LOST, LOST, RECORD) == Attempted(Verdict.DONE, RECORD, 3, False, True)
    assert asking.edit(LOST) == Attempted(Verdict.AGAIN, LOST, 1, True, True)
    assert asking.edit(UNREACHED, BUSY, CONFIRMED).requests == 3


# --- the order of things


def test_the_token_comes_before_the_permit_and_the_request_right_after_it(asking: Asking) -> None:
    order: list[str] = []
    asking.tokens.current = lambda: order.append("token")  # type: ignore[method-assign]
    asking.pace.acquire = lambda stop: bool(order.append("permit")) or True  # type: ignore[method-assign]
    asking.retries.send_edit(EDIT, lambda edit: order.append("request") or CONFIRMED)  # type: ignore[func-returns-value]
    assert order == ["token", "permit", "request"]


@pytest.mark.parametrize(
    ("replies", "tokens", "pace"),
    [
        ([CONFIRMED], ["current", "worked 1"], ["permit", "well"]),
        ([coded(5)], ["current", "worked 1"], ["permit", "well"]),
        ([UNREACHED, CONFIRMED], ["current", "current", "worked 1"], ["permit", "permit", "well"]),
        (
            [coded(10001, token=4), CONFIRMED],
            ["current", "renew 4", "current", "worked 1"],
            ["permit", "permit", "well"],
        ),
        (
            [http(429), CONFIRMED],
            ["current", "worked 1", "current", "worked 1"],
            ["permit", "too fast", "permit", "well"],
        ),
    ],
    ids=str,
)
def test_tokens_and_pace_hear_how_it_went(asking: Asking, replies: list[Reply], tokens: list[str], pace: list[str]) -> None:
    asking.edit(*replies)
    assert (asking.tokens.asked, asking.pace.asked) == (tokens, pace)


def test_a_request_is_logged_with_its_code_and_verdict_alone(asking: Asking, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "batch_editor")
    asking.edit(LOST, coded(5, "no"))
    asking.read(RECORD)
    asking.retries.read_pools(2, lambda page: RECORD)
    asking.retries.fetch_token(lambda: Grant("S3CRET", 60.0))
    lines = [record.getMessage() for record in caplog.records if record.name != "batch_editor.events"]
    assert lines == [
        "row 7, request 1:   → again",
        "row 7, request 2: 5 no → rejected",
        "row 7, request 1: 0 ok → done",
        "pools, page 2, request 1: 0 ok → done",
        "token, request 1: 0  → done",
    ]


# --- waits


@pytest.mark.parametrize(("attempts", "waits"), [(1, []), (2, [1.0]), (5, [1.0, 2.0, 4.0, 8.0])])
def test_waits_between_attempts_double(tmp_path: Path, attempts: int, waits: list[float]) -> None:
    asking = Asking(tmp_path, retry={"attempts": attempts})
    assert asking.edit(*[BUSY] * attempts).requests == attempts
    assert asking.time.waits == waits and asking.drawn[: len(waits)] == [(0.75 * most, most) for most in waits]


def test_retry_after_decides_a_wait_as_far_as_the_patience_goes(tmp_path: Path) -> None:
    asking = Asking(tmp_path, rate={"patience": 100}, retry={"attempts": 4})
    asking.edit(http(503, 7), http(503, 0), http(503, 1000), CONFIRMED)
    assert asking.time.waits == [7, 0, 100] and asking.drawn == []


@pytest.mark.parametrize(("attempt", "most"), [(1, 1.0), (2, 2.0), (6, 32.0), (7, 60.0), (10_000, 60.0)])
def test_a_backoff_is_drawn_up_to_its_most(asking: Asking, attempt: int, most: float) -> None:
    assert asking.retries.backoff(attempt) == most and asking.drawn == [(0.75 * most, most)]


def test_a_wait_ends_where_the_run_is_to_stop(asking: Asking) -> None:
    asking.retries.sleep(5.0, WaitReason.ANSWER)
    asking.stop.ask()
    with pytest.raises(Halted, match="Stopped on request"):
        asking.retries.sleep(5.0, WaitReason.ANSWER)
    assert asking.time.waits == [5.0]


@pytest.mark.parametrize("returns", [True, False])
def test_a_stop_that_comes_with_the_end_of_a_wait_is_not_overlooked(tmp_path: Path, returns: bool) -> None:
    asking = Asking(tmp_path)

    def wait(event: threading.Event, seconds: float) -> bool:
        if not returns:
            asking.stop.ask()
        return returns

    asking.retries._wait = wait
    with pytest.raises(Halted, match="Stopped on request"):
        asking.retries.sleep(5.0, WaitReason.ANSWER)


# --- interruptions


@pytest.mark.parametrize(
    ("stops_at", "replies", "attempted"),
    [
        (1, [], Attempted()),
        (2, [LOST], Attempted(Verdict.AGAIN, LOST, 1, True, True)),
        (2, [UNREACHED], Attempted(Verdict.AGAIN, UNREACHED, 1, False, False)),
        (2, [FAST], Attempted(Verdict.PAUSE, FAST, 1, False, True, 60.0)),
        (3, [BUSY, BUSY], Attempted(Verdict.AGAIN, BUSY, 2, False, True)),
    ],
)
def test_who_is_interrupted_still_hears_what_was_attempted(
    asking: Asking, stops_at: int, replies: list[Reply], attempted: Attempted
) -> None:
    asking.pace.stops_at = stops_at
    with pytest.raises(Interrupted) as caught:
        asking.edit(*replies)
    assert (caught.value.attempted, caught.value.message) == (attempted, Message("halt.asked"))
    assert caught.value.reason is StopAsked.reason


@pytest.mark.parametrize(
    "error", [TokenRefused("token.denied", code="5", msg="no"), StopAsked("halt.asked"), SettingsError("net.proxy_unusable")]
)
def test_a_run_that_cannot_go_on_is_an_interruption_with_its_reason(asking: Asking, error: Halted) -> None:
    asking.tokens.fails = error
    with pytest.raises(Interrupted) as caught:
        asking.edit(LOST, coded(10001))
    assert (caught.value.message, caught.value.reason, caught.value.__cause__) == (error.message, error.reason, error)
    assert caught.value.attempted == Attempted(Verdict.RENEW, coded(10001), 2, True, True)


def test_a_request_that_is_not_made_does_not_count(asking: Asking) -> None:
    def request(edit: Edit) -> Reply:
        raise Halted("halt.asked")

    with pytest.raises(Interrupted) as caught:
        asking.retries.send_edit(EDIT, request)
    assert caught.value.attempted == Attempted()


def test_an_error_of_the_program_is_none_of_the_run(asking: Asking) -> None:
    with pytest.raises(ZeroDivisionError):
        asking.retries.send_edit(EDIT, lambda edit: 1 / 0)  # type: ignore[arg-type, return-value]


# --- tokens that are refused


@pytest.mark.parametrize("attempts", [1, 3])
def test_an_edit_that_is_refused_with_token_after_token_is_rejected(tmp_path: Path, attempts: int) -> None:
    asking = Asking(tmp_path, retry={"attempts": attempts})
    refusal = coded(10001, "no")
    assert asking.edit(*[refusal] * (attempts + 1)) == Attempted(Verdict.REJECTED, refusal, attempts + 1, False, True)
    assert asking.tokens.asked.count("renew 1") == attempts + 1
    assert [notice.key for notice in asking.notices] == ["notice.token_renewed"] * (attempts + 1)


# --- pauses


def test_a_pause_is_told_and_holds_everybody(asking: Asking) -> None:
    assert asking.edit(FAST, http(429, 7), CONFIRMED).paused == 67
    assert asking.pace.held == [60, 7]
    assert list(asking.notices) == [Message("notice.pause", {"seconds": 60}), Message("notice.pause", {"seconds": 7})]


def test_pauses_double_until_one_gets_through(asking: Asking) -> None:
    asking.edit(FAST, FAST, FAST, CONFIRMED)
    asking.edit(FAST, CONFIRMED)
    assert asking.pace.held == [60, 120, 240, 60]


def test_a_retry_after_of_nothing_is_a_second() -> None:
    assert SHORTEST == 1.0


@pytest.mark.parametrize(("asked", "pause"), [(0.0, 1.0), (0.5, 1.0), (1.0, 1.0), (1.5, 1.5)])
def test_a_pause_takes_at_least_a_second(asking: Asking, asked: float, pause: float) -> None:
    asking.edit(http(429, asked), CONFIRMED)
    assert asking.pace.held == [pause]


def test_a_lowered_share_is_told(asking: Asking) -> None:
    asking.pace.share = [None, 0.5]
    asking.edit(http(429, 1), http(429, 1), CONFIRMED)
    assert [notice.key for notice in asking.notices] == ["notice.pause", "notice.pause", "notice.slower"]
    assert asking.notices[-1].values == {"percent": 50}


@pytest.mark.parametrize(
    ("patience", "replies", "held", "reason"),
    [
        (100, [FAST] * 3, [60, 40], {"seconds": 100, "asked": 240}),
        (0, [FAST], [], {"seconds": 0, "asked": 60}),
        (100, [http(429, 101)], [], {"seconds": 0, "asked": 101}),
        (100, [http(429, 60), http(429, 41)], [60], {"seconds": 60, "asked": 41}),
    ],
)
def test_the_patience_ends(
    tmp_path: Path, patience: float, replies: list[Reply], held: list[float], reason: dict[str, object]
) -> None:
    asking = Asking(tmp_path, rate={"patience": patience})
    with pytest.raises(Interrupted) as caught:
        asking.edit(*replies)
    assert (caught.value.message, asking.pace.held) == (Message("halt.patience", reason), held)
    assert caught.value.reason is OutOfPatience.reason is not HaltReason.OTHER
    assert caught.value.attempted.requests == len(replies)


def test_a_retry_after_that_just_fits_is_waited_for(tmp_path: Path) -> None:
    asking = Asking(tmp_path, rate={"patience": 100})
    assert asking.edit(http(429, 60), http(429, 40), CONFIRMED).verdict is Verdict.DONE
    assert asking.pace.held == [60, 40]


def test_an_edit_that_waits_longer_than_the_patience_by_itself_ends(tmp_path: Path) -> None:
    """Others get through between its refusals, so the run's patience does not end."""
    asking = Asking(tmp_path, rate={"patience": 100})
    replies = iter([http(429, 60)] * 3)

    def request(edit: Edit) -> Reply:
        asking.retries._pauses.went_through()
        asking.time.now += 1.0
        return next(replies)

    attempted = asking.retries.send_edit(EDIT, request)
    assert attempted == Attempted(Verdict.PAUSE, http(429, 60), 2, False, True, 120.0)


def under_way(asking: Asking, *late: Reply) -> list[Message]:
    """What is told when, after a pause of 60 s began, these come back that were under way then, 10 s later each."""
    began = asking.time.now
    asking.edit(FAST, CONFIRMED)
    asking.time.now = began + 1.0
    asking.notices.clear()
    asking.pace.held.clear()
    for reply in late:
        asking.time.now += 10.0
        question = _question(reply)
        asking.retries._pause_run(question, began)
    return list(asking.notices)


def _question(reply: Reply) -> Any:
    from batch_editor.crm.attempts import Question
    from batch_editor.crm.verdicts import edit_verdict

    return Question("row 8", lambda: reply, edit_verdict, Attempted(Verdict.PAUSE, reply, 1))


def test_answers_under_way_belong_to_the_pause_that_began(asking: Asking) -> None:
    assert under_way(asking, FAST, http(429, 5)) == []
    assert asking.pace.held == [50, 40]  # to the same end


def test_answers_under_way_can_only_make_it_longer(asking: Asking) -> None:
    assert under_way(asking, http(429, 70)) == [Message("notice.pause", {"seconds": 70})]
    assert asking.pace.held == [70] and asking.pace.asked.count("too fast") == 1


# --- a token


@pytest.mark.parametrize(
    ("answers", "waits", "held"),
    [
        ([], [], []),
        ([UNREACHED, http(503, 3)], [1, 3], []),
        ([BUSY, LOST], [1, 2], []),
        ([FAST, FAST], [], [60, 120]),
    ],
)
def test_a_token_is_asked_for_like_an_edit(asking: Asking, answers: list[Reply], waits: list[float], held: list[float]) -> None:
    to_come = iter([*answers, Grant("token", 60.0)])
    assert asking.retries.fetch_token(lambda: next(to_come)) == Grant("token", 60.0)
    assert (asking.time.waits, asking.pace.held) == (waits, held)
    assert asking.pace.asked.count("permit") == len(answers) + 1
    assert asking.tokens.asked == []  # nobody needs a token to get one


def test_a_token_call_that_is_too_fast_lowers_no_share(asking: Asking) -> None:
    asking.pace.share = [0.5, 0.25]
    to_come = iter([FAST, FAST, Grant("token", 60.0)])
    asking.retries.fetch_token(lambda: next(to_come))
    assert "too fast" not in asking.pace.asked
    assert [notice.key for notice in asking.notices] == ["notice.pause", "notice.pause"]


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ([UNREACHED] * 3, TokenRefused("token.unobtainable", reason=Message("net.refused"))),
        ([http(403)], TokenRefused("token.unobtainable", reason=Message("reply.not_json"))),
        ([coded(5, "no")], TokenRefused("token.denied", code="5", msg="no")),
        ([BUSY] * 3, TokenRefused("token.denied", code="70001", msg="busy")),
        ([coded(10001, "no")], TokenRefused("token.denied", code="10001", msg="no")),
        ([Reply(Sent.YES, 0, 200, 0, data=None)], TokenRefused("token.denied", code="0", msg="")),
        ([http(429, 901)], OutOfPatience("halt.patience", seconds=0, asked=901)),
    ],
    ids=str,
)
def test_a_token_that_is_not_to_be_had(asking: Asking, answers: list[Reply], error: Halted) -> None:
    to_come = iter(answers)
    with pytest.raises(Halted) as caught:
        asking.retries.fetch_token(lambda: next(to_come))
    assert (type(caught.value), caught.value.message) == (type(error), error.message)
    assert next(to_come, None) is None and asking.tokens.asked == []


def test_a_token_call_that_is_too_fast_by_itself_halts(tmp_path: Path) -> None:
    asking = Asking(tmp_path, rate={"patience": 100})

    def request() -> Reply:
        asking.retries._pauses.went_through()
        asking.time.now += 1.0
        return http(429, 60)

    with pytest.raises(Halted) as caught:
        asking.retries.fetch_token(request)
    assert caught.value.message == Message("halt.patience", {"seconds": 120, "asked": 60})


@pytest.mark.parametrize("stops_at", [1, 2])
def test_a_stop_while_a_token_is_fetched_is_a_halt(asking: Asking, stops_at: int) -> None:
    asking.pace.stops_at = stops_at
    with pytest.raises(Halted) as caught:
        asking.retries.fetch_token(lambda: UNREACHED)
    assert type(caught.value) is StopAsked and caught.value.message == Message("halt.asked")


def test_tokens_hand_on_why_there_is_none(asking: Asking) -> None:
    """``Tokens`` makes the error anew for each thread that waits for it."""
    tokens = Tokens(fetch=lambda: asking.retries.fetch_token(lambda: coded(5, "no")))
    for _ in range(2):
        with pytest.raises(TokenRefused, match="no"):
            tokens.current()
