"""When the dispatcher tries again and how long it waits: retries, pauses of the whole run, renewed tokens, halts."""

from __future__ import annotations

import threading
from collections import Counter, deque
from pathlib import Path
from typing import Any

import pytest
from support import jobs
from support.dispatching import CONFIRMED, LOST, UNREACHED, FakeTime, Script, coded, dispatch, http
from support.paces import new_pace

from batch_editor.crm.attempts import Interrupted
from batch_editor.crm.pace import Pace
from batch_editor.crm.retries import Retries
from batch_editor.crm.tokens import Grant, Tokens
from batch_editor.crm.verdicts import Verdict
from batch_editor.errors import Halted, TokenRefused
from batch_editor.events import Notice
from batch_editor.messages import say
from batch_editor.model import Edit, Message, Reply, Sent
from batch_editor.states import WaitReason
from batch_editor.stop import Stop

BUSY = coded(70001, "系统繁忙")
EDIT = Edit(7, 11, "{}")


# --- retries


@pytest.mark.parametrize("attempts", [1, 2, 5])
def test_attempts_is_how_often_an_edit_is_tried(tmp_path: Path, attempts: int) -> None:
    crm = Script({11: [http(502)]})
    sent = dispatch(tmp_path, [11], crm, retry={"attempts": attempts})
    assert len(crm.rows) == attempts
    assert (sent.records[0].status, sent.records[0].attempts, sent.records[0].code) == ("failed", attempts, "HTTP 502")


def test_the_last_attempt_may_succeed(tmp_path: Path) -> None:
    sent = dispatch(tmp_path, [11], Script({11: [LOST, UNREACHED, CONFIRMED]}), retry={"attempts": 3})
    assert (sent.records[0].status, sent.records[0].attempts, sent.records[0].code) == ("updated", 3, "0")


@pytest.mark.parametrize(("max_wait", "waits"), [(60, [1, 2, 4, 8, 16]), (5, [1, 2, 4, 5, 5])])
def test_waits_double_up_to_max_wait(tmp_path: Path, max_wait: float, waits: list[float]) -> None:
    sent = dispatch(tmp_path, [11], Script({11: [http(500)]}), retry={"attempts": 6, "max_wait": max_wait})
    assert sent.time.waits == waits


def test_waits_are_drawn_from_three_quarters_up_to_the_most(tmp_path: Path) -> None:
    asked = list[tuple[float, float]]()

    def jitter(low: float, high: float) -> float:
        asked.append((low, high))
        return high / 4

    sent = dispatch(tmp_path, [11], Script({11: [http(500)]}), retry={"attempts": 3}, jitter=jitter)
    assert asked[:2] == [(0.75, 1), (1.5, 2)]
    assert sent.time.waits == [0.25, 0.5]


def test_retry_after_of_a_503_is_obeyed(tmp_path: Path) -> None:
    sent = dispatch(tmp_path, [11], Script({11: [http(503, 7), http(503, 0), CONFIRMED]}), retry={"attempts": 3})
    assert (sent.time.waits, sent.statuses[2]) == ([7, 0], "updated")


def test_retry_after_is_obeyed_no_longer_than_the_patience(tmp_path: Path) -> None:
    sent = dispatch(tmp_path, [11], Script({11: [http(503, 86400), CONFIRMED]}), rate={"patience": 900})
    assert sent.time.waits == [900]


@pytest.mark.parametrize(
    ("replies", "requests", "status", "message"),
    [
        ([LOST], 1, "failed", "failed.maybe"),
        ([http(504)], 1, "failed", "failed.maybe"),
        ([UNREACHED, LOST], 2, "failed", "failed.maybe"),
        ([UNREACHED, CONFIRMED], 2, "updated", None),
        ([BUSY, CONFIRMED], 2, "updated", None),
    ],
)
def test_without_ambiguous_only_what_was_not_applied_is_tried_again(
    tmp_path: Path, replies: list[Reply], requests: int, status: str, message: str | None
) -> None:
    crm = Script({11: replies})
    sent = dispatch(tmp_path, [11], crm, retry={"attempts": 3, "ambiguous": False}, api={"retry_codes": [70001]})
    assert (len(crm.rows), sent.statuses[2]) == (requests, status)
    if message:
        assert sent.message(2).key == message


@pytest.mark.parametrize(
    ("replies", "message"),
    [
        ([UNREACHED, UNREACHED], "never reached the CRM after 2 tries: the connection was refused"),
        (
            [UNREACHED, LOST],
            "no usable answer after 2 tries, may have been applied: the connection was lost before an answer came",
        ),
        ([LOST, UNREACHED], "no usable answer after 2 tries, may have been applied: the connection was refused"),
        ([BUSY, BUSY], "the CRM did not take the edit in 2 tries: 70001 系统繁忙"),
        ([BUSY, UNREACHED], "the CRM did not take the edit in 2 tries: the connection was refused"),
        ([LOST, BUSY], "no usable answer after 2 tries, may have been applied: 70001 系统繁忙"),
    ],
)
def test_a_failed_row_says_whether_it_can_have_been_applied(tmp_path: Path, replies: list[Reply], message: str) -> None:
    sent = dispatch(tmp_path, [11], Script({11: replies}), api={"retry_codes": [70001]})
    assert say(sent.message(2), "en") == message


# --- pauses


def test_a_pause_holds_everybody_and_uses_up_no_attempt(tmp_path: Path) -> None:
    time = FakeTime()
    moments = list[tuple[int, float]]()

    class Crm(Script):
        def reply(self, edit: Edit, number: int) -> Reply:
            moments.append((edit.row, time.now))
            return super().reply(edit, number)

    crm = Crm({12: [http(429), http(429), CONFIRMED]})
    sent = dispatch(tmp_path, [11, 12, 13], crm, time=time, retry={"attempts": 1})
    assert set(sent.statuses.values()) == {"updated"}
    assert moments == [(2, 1000), (3, 1000), (3, 1060), (3, 1180), (4, 1180)]
    assert sent.notices == ["notice.pause", "notice.pause"]


def test_a_pause_holds_the_other_senders_too(tmp_path: Path) -> None:
    """One sender is told "too fast"; the row that another one takes afterwards waits for the end of the pause."""
    time, paused, together = FakeTime(), threading.Event(), threading.Barrier(2)
    began = dict[int, float]()

    class Crm(Script):
        def reply(self, edit: Edit, number: int) -> Reply:
            if edit.row not in began:
                began[edit.row] = time.now
                if edit.row < 4:
                    together.wait(20)
                if edit.row == 3:
                    assert paused.wait(20)  # it is under way while the pause begins
            return super().reply(edit, number)

    class Watched(Pace):
        def hold(self, seconds: float) -> None:
            super().hold(seconds)
            paused.set()

    crm = Crm({11: [http(429, 30), CONFIRMED]})
    pace = new_pace(kind=Watched, clock=time.clock, wait=time.wait)
    dispatch(tmp_path, [11, 12, 13], crm, time=time, pace=pace, rate={"concurrency": 2})
    assert (began[2], began[3]) == (1000, 1000)
    assert began[4] >= 1030


def test_answers_under_way_when_a_pause_begins_belong_to_it(tmp_path: Path) -> None:
    together = threading.Barrier(4)

    class Crm(Script):
        def reply(self, edit: Edit, number: int) -> Reply:
            if number == 1:
                together.wait(20)
                return http(429)
            return CONFIRMED

    sent = dispatch(tmp_path, [11, 12, 13, 14], Crm(), rate={"concurrency": 4, "pause": 60, "patience": 60})
    assert set(sent.statuses.values()) == {"updated"}
    assert sent.notices == ["notice.pause"]


@pytest.mark.parametrize(
    ("patience", "halted", "notices"),
    [(60, None, ["notice.pause"] * 2), (16, None, ["notice.pause"] * 2), (12, 15, ["notice.pause"])],
)
def test_an_answer_under_way_can_make_the_pause_longer_within_the_patience(
    tmp_path: Path, patience: float, halted: int | None, notices: list[str]
) -> None:
    """Not for ever: a Retry-After of a day must not hold the run for a day, whoever it was told."""
    together, first = threading.Barrier(2), threading.Event()

    class Crm(Script):
        def reply(self, edit: Edit, number: int) -> Reply:
            if number > 1:
                return CONFIRMED
            together.wait(20)
            if edit.clue_id == 12:
                assert first.wait(20)
                return http(429, 15)
            return http(429, 1)

    class Watched(Pace):
        def hold(self, seconds: float) -> None:
            super().hold(seconds)
            first.set()

    time = FakeTime()
    pace = new_pace(kind=Watched, clock=lambda: 1000.0, wait=lambda stop, seconds: stop.wait(20 if halted else 0) or True)
    pace = new_pace(kind=Watched, clock=time.clock, wait=time.wait) if not halted else pace
    sent = dispatch(tmp_path, [11, 12], Crm(), time=time, pace=pace, rate={"concurrency": 2, "patience": patience})
    assert sent.notices == notices
    assert (sent.halted and sent.halted.values["asked"]) == halted
    assert set(sent.statuses.values()) == ({"pending"} if halted else {"updated"})


@pytest.mark.parametrize(("pause", "waits"), [(60, [60, 120, 240]), (7, [7, 14, 28])])
def test_pause_is_where_the_doubling_begins(tmp_path: Path, pause: float, waits: list[float]) -> None:
    sent = dispatch(tmp_path, [11], Script({11: [http(429), http(429), http(429), CONFIRMED]}), rate={"pause": pause})
    assert (sent.time.waits, sent.statuses[2]) == (waits, "updated")


def test_retry_after_decides_how_long_a_pause_is(tmp_path: Path) -> None:
    sent = dispatch(
        tmp_path, [11], Script({11: [http(429, 5), coded(70002, retry_after=9), CONFIRMED]}), api={"rate_codes": [70002]}
    )
    assert sent.time.waits == [5, 9]


def test_a_success_ends_the_doubling_and_the_patience(tmp_path: Path) -> None:
    twice = [http(429), http(429), CONFIRMED]
    sent = dispatch(tmp_path, range(11, 16), Script(dict.fromkeys(range(11, 16), twice)), rate={"patience": 180})
    assert sent.time.waits == [60, 120] * 5
    assert set(sent.statuses.values()) == {"updated"}


@pytest.mark.parametrize(("patience", "waits"), [(900, [60, 120, 240, 480]), (100, [60, 40]), (0, [])])
def test_after_the_patience_the_run_halts(tmp_path: Path, patience: float, waits: list[float]) -> None:
    crm = Script({12: [http(429)]})
    sent = dispatch(tmp_path, [11, 12, 13], crm, rate={"patience": patience})
    assert sent.time.waits == waits
    assert list(sent.statuses.values()) == ["updated", "pending", "pending"]
    assert sent.halted is not None and sent.halted.key == "halt.patience"
    assert "--rate" in say(sent.halted, "en") and f"{sum(waits):g} seconds in all" in say(sent.halted, "en")


def test_a_retry_after_beyond_the_patience_halts_at_once(tmp_path: Path) -> None:
    sent = dispatch(tmp_path, [11, 12], Script({11: [http(429, 86400)]}))
    assert (sent.time.waits, set(sent.statuses.values())) == ([], {"pending"})
    assert sent.halted is not None and sent.halted.values["asked"] == 86400


def test_a_retry_after_of_nothing_does_not_go_on_for_ever(tmp_path: Path) -> None:
    crm = Script({11: [http(429, 0)]})
    sent = dispatch(tmp_path, [11, 12], crm, rate={"patience": 30})
    assert sent.halted is not None and sent.halted.key == "halt.patience"
    assert len(crm.rows) == 31


def test_a_row_that_alone_is_too_fast_fails_and_the_others_go_on(tmp_path: Path) -> None:
    """Another row gets through between any two refusals, so the run's patience never ends; the row's own does."""
    refused, confirmed = threading.Semaphore(0), threading.Semaphore(0)

    class Crm(Script):
        def reply(self, edit: Edit, number: int) -> Reply:
            if edit.clue_id == 11:
                refused.release()
                assert confirmed.acquire(timeout=20)
                return http(429, 100)
            if edit.clue_id < 16:
                assert refused.acquire(timeout=20)
                confirmed.release()
            return CONFIRMED

    sent = dispatch(tmp_path, range(11, 30), Crm(), rate={"concurrency": 2, "patience": 300})
    assert sent.halted is None
    assert list(sent.statuses.values()) == ["failed"] + ["updated"] * 18
    assert say(sent.message(2), "en") == 'the CRM kept answering "too fast" to this edit for 400 seconds; it was not applied'


def test_a_lost_row_that_is_then_too_fast_does_not_claim_that_it_was_not_applied(tmp_path: Path) -> None:
    refused, confirmed = threading.Semaphore(0), threading.Semaphore(0)

    class Crm(Script):
        def reply(self, edit: Edit, number: int) -> Reply:
            if edit.clue_id == 11 and number > 1:
                refused.release()
                assert confirmed.acquire(timeout=20)
                return http(429, 200)
            if 11 < edit.clue_id < 14:
                assert refused.acquire(timeout=20)
                confirmed.release()
            return LOST if edit.clue_id == 11 else CONFIRMED

    sent = dispatch(tmp_path, range(11, 20), Crm(), rate={"concurrency": 2, "patience": 300})
    assert sent.statuses[2] == "failed" and sent.message(2).key == "failed.maybe"


# --- tokens


def granting(*values: str) -> tuple[Tokens, list[str]]:
    """Tokens that are fetched in this order, and those that were."""
    fetched, to_come = list[str](), list(values)

    def fetch() -> Grant:
        fetched.append(to_come.pop(0))
        return Grant(fetched[-1], 7200)

    return Tokens(fetch=fetch), fetched


def test_a_refused_token_is_renewed_once_for_all_and_uses_up_no_attempt(tmp_path: Path) -> None:
    tokens, fetched = granting("a", "b", "c")
    together = threading.Barrier(4)

    class Crm(Script):
        def reply(self, edit: Edit, number: int) -> Reply:
            generation = tokens.current().generation
            if number == 1:
                together.wait(20)
                return coded(10001, token=generation)
            return Reply(Sent.YES, generation, 200, 0, data=True)

    sent = dispatch(tmp_path, [11, 12, 13, 14], Crm(), tokens=tokens, rate={"concurrency": 4}, retry={"attempts": 1})
    assert fetched == ["a", "b"]
    assert set(sent.statuses.values()) == {"updated"}
    assert "notice.token_renewed" in sent.notices


def test_tokens_may_be_renewed_any_number_of_times_if_they_work_in_between(tmp_path: Path) -> None:
    tokens, fetched = granting(*"abcdefgh")

    class Crm(Script):
        def reply(self, edit: Edit, number: int) -> Reply:
            generation = tokens.current().generation
            return coded(10001, token=generation) if number == 1 else Reply(Sent.YES, generation, 200, 0, data=True)

    sent = dispatch(tmp_path, range(11, 18), Crm(), tokens=tokens)
    assert set(sent.statuses.values()) == {"updated"} and len(fetched) == 8


def test_a_renewed_token_that_is_refused_halts_the_run(tmp_path: Path) -> None:
    tokens, fetched = granting("a", "b", "c")
    crm = Script()
    crm.reply = lambda edit, number: coded(10001, token=tokens.current().generation)  # type: ignore[method-assign]
    sent = dispatch(tmp_path, [11, 12, 13], crm, tokens=tokens, rate={"concurrency": 2})
    assert sent.halted == Message("token.new_refused")
    assert set(sent.statuses.values()) == {"pending"} and fetched == ["a", "b"]


@pytest.mark.parametrize("attempts", [1, 5])
def test_a_token_that_is_refused_twice_is_never_a_rejection(tmp_path: Path, attempts: int) -> None:
    tokens, _ = granting("first", "first")

    class Crm(Script):
        def reply(self, edit: Edit, number: int) -> Reply:
            return coded(10001, token=tokens.current().generation)

    sent = dispatch(tmp_path, [11, 12], Crm(), tokens=tokens, retry={"attempts": attempts})
    assert (sent.halted, set(sent.statuses.values())) == (Message("token.new_refused"), {"pending"})


def test_a_fixed_token_that_is_refused_halts_the_run(tmp_path: Path) -> None:
    crm = Script({12: [Reply(Sent.YES, 1, 401, trouble=Message("reply.not_json"))]})
    sent = dispatch(tmp_path, [11, 12, 13], crm)
    assert sent.halted == Message("token.fixed_refused")
    assert list(sent.statuses.values()) == ["updated", "pending", "pending"]


def test_a_lost_row_whose_token_is_then_refused_says_that_it_may_have_been_applied(tmp_path: Path) -> None:
    sent = dispatch(tmp_path, [11, 12], Script({11: [LOST, coded(10001)]}))
    assert list(sent.statuses.values()) == ["failed", "pending"]
    assert sent.message(2) == Message("failed.stopped")


def test_a_row_that_alone_is_refused_again_and_again_is_rejected(tmp_path: Path) -> None:
    """Other rows prove each new token before the row is refused with it: without an end of its own it would go on for ever."""
    tokens, fetched = granting(*map(str, range(60)))
    proven = threading.Event()

    class Crm(Script):
        def reply(self, edit: Edit, number: int) -> Reply:
            generation = tokens.current().generation
            if edit.clue_id == 11:
                if number <= 5:
                    assert proven.wait(20)
                    proven.clear()
                return coded(10001, "凭证失效", token=generation)
            return Reply(Sent.YES, generation, 200, 0, data=True)

    class Watched(Tokens):
        def worked(self, generation: int) -> None:
            tokens.worked(generation)
            proven.set()

        current = tokens.current
        renew = tokens.renew

    watched = Watched(fixed="unused")
    sent = dispatch(tmp_path, [11, *range(12, 212)], Crm(), tokens=watched, rate={"concurrency": 2}, retry={"attempts": 3})
    assert sent.statuses[2] == "rejected" and sent.halted is None
    assert Counter(sent.statuses.values()) == {"rejected": 1, "updated": 200}
    assert len(fetched) <= 5


@pytest.mark.parametrize(
    ("answers", "raised"),
    [
        ([http(500), http(503, 3), UNREACHED], Message("token.unobtainable", {"reason": Message("net.refused")})),
        ([coded(90003, "appid 错误")], Message("token.denied", {"code": "90003", "msg": "appid 错误"})),
        ([http(403)], Message("token.unobtainable", {"reason": Message("reply.not_json")})),
    ],
)
def test_a_token_that_cannot_be_had(tmp_path: Path, answers: list[Reply], raised: Message) -> None:
    made, time = retries(tmp_path, retry={"attempts": 3, "max_wait": 60})
    to_come = list(answers)
    with pytest.raises(TokenRefused) as caught:
        made.fetch_token(lambda: to_come.pop(0))
    assert caught.value.message == raised
    assert time.waits == ([1, 3] if len(answers) == 3 else []) and to_come == []


@pytest.mark.parametrize(
    ("answers", "waits", "asked"),
    [
        ([http(429), http(429), http(429, 7)], [60, 120, 7], None),
        ([http(429)] * 9, [60, 120, 240, 480], 960),
        ([http(429, 901)], [], 901),
    ],
)
def test_a_token_call_that_is_too_fast_pauses_like_an_edit(
    tmp_path: Path, answers: list[Reply], waits: list[float], asked: int | None
) -> None:
    to_come, notices = [*answers, Grant("token", 7200)], deque[Message]()
    made, time = retries(tmp_path, notices, rate={"pause": 60, "patience": 900}, retry={"attempts": 1})
    if asked is None:
        assert made.fetch_token(lambda: to_come.pop(0)) == Grant("token", 7200)
    else:
        with pytest.raises(Halted) as caught:
            made.fetch_token(lambda: to_come.pop(0))
        assert caught.value.message == Message("halt.patience", {"seconds": sum(waits), "asked": asked})
    assert time.waits == waits
    assert [notice.values["seconds"] for notice in notices] == waits


def test_a_stop_while_a_token_is_awaited(tmp_path: Path) -> None:
    stop = Stop()

    def wait(event: threading.Event, seconds: float) -> bool:
        stop.ask()
        return True

    tokens, settings = Tokens(fixed="none is needed"), jobs.settings(tmp_path)
    made = Retries(tokens=tokens, pace=new_pace(), settings=settings, stop=stop, notices=deque(), wait=wait)
    with pytest.raises(Halted, match="Stopped on request"):
        made.fetch_token(lambda: http(500))


# --- what reads a clue


def retries(folder: Path, notices: deque[Message] | None = None, **over: Any) -> tuple[Retries, FakeTime]:
    """Retries in a time of their own, which passes at once."""
    time = FakeTime()
    settings = jobs.settings(folder, **jobs.merged({"rate": {"pause": 60, "patience": 900}, "retry": {"max_wait": 60}}, over))
    pace, tokens = new_pace(clock=time.clock, wait=time.wait), Tokens(fixed="token")
    made = Retries(
        tokens=tokens,
        pace=pace,
        settings=settings,
        stop=Stop(),
        notices=deque() if notices is None else notices,
        clock=time.clock,
        wait=time.wait,
        jitter=lambda low, high: high,
    )
    return made, time


def shown(data: object) -> Reply:
    return Reply(Sent.YES, 1, 200, 0, "请求成功", data=data)


@pytest.mark.parametrize(
    ("replies", "verdict", "reached"),
    [
        ([UNREACHED, LOST, http(504), shown({})], Verdict.DONE, True),
        ([LOST, http(429), shown({})], Verdict.DONE, True),
        ([LOST, coded(5)], Verdict.REJECTED, True),
        ([LOST, shown(True)], Verdict.REJECTED, True),
        ([LOST] * 4, Verdict.AGAIN, True),
        ([UNREACHED] * 4, Verdict.AGAIN, False),
    ],
)
@pytest.mark.parametrize("ambiguous", [True, False])
def test_nothing_can_have_been_applied_by_a_read(
    tmp_path: Path, replies: list[Reply], verdict: Verdict, reached: bool, ambiguous: bool
) -> None:
    made, _ = retries(tmp_path, retry={"attempts": 4, "ambiguous": ambiguous})
    to_come = list(replies)
    attempted = made.read_clue(EDIT, lambda clue_id: to_come.pop(0))
    assert attempted.verdict is verdict
    assert (attempted.maybe_applied, attempted.requests, attempted.reached, to_come) == (False, len(replies), reached, [])
    assert attempted.reply == replies[-1]


def test_a_read_is_not_what_an_edit_is(tmp_path: Path) -> None:
    """The same replies for an edit: the one that is lost is not sent again, and a record is no confirmation."""
    made, _ = retries(tmp_path, retry={"attempts": 4, "ambiguous": False})
    to_come = [LOST, CONFIRMED]
    attempted = made.send_edit(EDIT, lambda edit: to_come.pop(0))
    assert attempted.verdict is Verdict.AGAIN
    assert (attempted.maybe_applied, to_come) == (True, [CONFIRMED])
    assert made.send_edit(EDIT, lambda edit: shown({})).verdict is Verdict.REJECTED


def test_who_compares_twice_waits_in_between_as_ever(tmp_path: Path) -> None:
    made, time = retries(tmp_path)
    for attempt in (1, 2, 3, 9):
        made.sleep(made.backoff(attempt), WaitReason.ANSWER)
    assert time.waits == [1, 2, 4, 60]


def test_nobody_waits_once_the_run_is_to_stop(tmp_path: Path) -> None:
    stop = Stop()
    stop.ask()
    made = Retries(tokens=Tokens(fixed="token"), pace=new_pace(), settings=jobs.settings(tmp_path), stop=stop, notices=deque())
    with pytest.raises(Halted, match="Stopped on request"):
        made.sleep(3600, WaitReason.ANSWER)
    with pytest.raises(Interrupted, match="Stopped on request") as caught:
        made.read_clue(EDIT, lambda clue_id: shown({}))
    assert caught.value.attempted.requests == 0


# --- halts


def test_after_failures_in_a_row(tmp_path: Path) -> None:
    crm = Script({clue: [http(500)] for clue in (12, 13, 15, 16, 17)})
    sent = dispatch(tmp_path, range(11, 21), crm, halt={"after_failures": 3})
    assert list(sent.statuses.values())[:7] == ["updated", "failed", "failed", "updated", "failed", "failed", "failed"]
    assert set(list(sent.statuses.values())[7:]) == {"pending"}
    assert sent.halted is not None and say(sent.halted, "en").startswith("Stopped: 3 rows in a row failed, the last one: ")


def test_a_rejection_between_failures_starts_the_count_again(tmp_path: Path) -> None:
    crm = Script({11: [UNREACHED], 12: [coded(5)], 13: [UNREACHED]})
    assert dispatch(tmp_path, [11, 12, 13], crm, halt={"after_failures": 2}).halted is None


def test_after_rejections_with_the_same_code(tmp_path: Path) -> None:
    codes = {11: 5, 12: 5, 13: 6, 14: 5, 15: 5, 16: 5}
    crm = Script({clue: [coded(code, "无权限")] for clue, code in codes.items()})
    sent = dispatch(tmp_path, range(11, 20), crm, halt={"after_rejections": 3})
    assert list(sent.statuses.values()) == ["rejected"] * 6 + ["pending"] * 3
    assert sent.halted is not None
    assert say(sent.halted, "en") == (
        "Stopped: the CRM refused 3 rows in a row for the same reason, the last one: the CRM refused the edit (5): 无权限"
    )


@pytest.mark.parametrize("between", [CONFIRMED, UNREACHED])
def test_anything_between_rejections_starts_the_count_again(tmp_path: Path, between: Reply) -> None:
    crm = Script({11: [coded(5)], 12: [between], 13: [coded(5)]})
    assert dispatch(tmp_path, [11, 12, 13], crm, halt={"after_rejections": 2}).halted is None


def test_null_never_halts(tmp_path: Path) -> None:
    crm = Script({clue: [UNREACHED if clue % 100 < 60 else coded(5)] for clue in range(100, 220)})
    sent = dispatch(tmp_path, range(100, 220), crm, retry={"attempts": 1})
    assert sent.halted is None and "pending" not in sent.statuses.values()


def test_a_pause_is_told_with_its_length(tmp_path: Path) -> None:
    sent = dispatch(tmp_path, [11], Script({11: [http(429, 12), CONFIRMED]}))
    (notice,) = [event for event in sent.events if isinstance(event, Notice)]
    assert say(notice.message, "en") == 'The CRM says "too fast": everything waits for 12 seconds.'
