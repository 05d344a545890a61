"""The access token: fetched once for all senders, renewed in time and after a refusal, and never without end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from batch_editor.crm.tokens import Grant, Token, Tokens
from batch_editor.errors import Halted, TokenRefused

SENDERS = 6


class Clock:
    def __init__(self) -> None:
        self.now = 5000.0

    def __call__(self) -> float:
        return self.now


class Crm:
    """Gives out one token after the other, or raises what it is told to; counts how often it was asked."""

    def __init__(self, *grants: Grant | Exception) -> None:
        self.asked = 0
        self._grants = list(grants)

    def __call__(self) -> Grant:
        self.asked += 1
        grant = self._grants.pop(0) if self._grants else Grant(f"token-{self.asked}", 7200.0)
        if isinstance(grant, Exception):
            raise grant
        return grant


class SlowCrm(Crm):
    """One that does not answer before ``answer`` is set; ``waiting`` says that somebody asks."""

    def __init__(self, *grants: Grant | Exception) -> None:
        super().__init__(*grants)
        self.waiting = threading.Event()
        self.answer = threading.Event()

    def __call__(self) -> Grant:
        self.waiting.set()
        self.answer.wait()
        return super().__call__()


def together(crm: SlowCrm, tokens: Tokens, call: Callable[[], object]) -> list[Future[object]]:
    """What ``call`` gave to several threads, all of which were in it before the CRM answered."""
    with ThreadPoolExecutor(SENDERS) as pool:
        calls = [pool.submit(call) for _ in range(SENDERS)]
        crm.waiting.wait()
        # The others are under way when they wait on the one condition of Tokens; nothing public tells it.
        while len(tokens._changed._waiters) < SENDERS - 1:  # type: ignore[attr-defined]
            pass
        crm.answer.set()
    return calls


def test_the_token_is_fetched_when_it_is_first_needed_and_then_kept() -> None:
    crm = Crm()
    tokens = Tokens(fetch=crm)
    assert crm.asked == 0
    assert tokens.current() == tokens.current() == Token("token-1", 1)
    assert crm.asked == 1


@pytest.mark.parametrize(
    ("life", "kept"),
    [(7200.0, 6900.0), (601.0, 301.0), (600.0, 300.0), (300.0, 150.0), (100.0, 50.0), (1.0, 0.5)],
)
def test_it_is_renewed_300_s_before_it_expires_or_at_half_of_a_short_life(life: float, kept: float) -> None:
    clock = Clock()
    crm = Crm(Grant("first", life), Grant("second", life))
    tokens = Tokens(fetch=crm, clock=clock)
    tokens.current()
    clock.now += kept - 0.01
    assert tokens.current().value == "first"
    clock.now += 0.01
    assert tokens.current() == Token("second", 2)
    assert crm.asked == 2


def test_a_token_that_cannot_be_renewed_early_is_used_to_its_end() -> None:
    clock = Clock()
    refusal = TokenRefused("token.denied", code="1", msg="")
    crm = Crm(Grant("first", 7200.0), refusal, refusal, Grant("second", 7200.0))
    tokens = Tokens(fetch=crm, clock=clock)
    tokens.current()
    clock.now += 6900.0
    assert tokens.current().value == tokens.current().value == "first"
    assert crm.asked == 2
    clock.now += 300.0
    with pytest.raises(TokenRefused):
        tokens.current()
    assert tokens.current().value == "second"


def test_a_token_that_is_overdue_when_it_comes_is_used_once() -> None:
    clock = Clock()

    def slow() -> Grant:
        clock.now += 1.0  # on its way
        return Grant("token", 0.5)

    assert Tokens(fetch=slow, clock=clock).current() == Token("token", 1)


def test_its_life_is_counted_from_the_moment_of_asking() -> None:
    clock = Clock()

    def slow() -> Grant:
        clock.now += 100.0  # on its way
        return Grant("token", 7200.0)

    tokens = Tokens(fetch=slow, clock=clock)
    assert tokens.current().generation == 1
    clock.now += 6799.0
    assert tokens.current().generation == 1
    clock.now += 1.0
    assert tokens.current().generation == 2


def test_a_refused_token_is_renewed_once_for_all_who_sent_with_it() -> None:
    crm = Crm()
    tokens = Tokens(fetch=crm)
    refused = tokens.current().generation
    for _ in range(SENDERS):
        tokens.renew(refused)
    assert tokens.current() == Token("token-2", 2)
    assert crm.asked == 2


def test_a_run_outlives_many_tokens() -> None:
    crm = Crm()
    tokens = Tokens(fetch=crm)
    for generation in range(1, 20):
        assert tokens.current().generation == generation
        tokens.worked(generation)
        tokens.renew(generation)
    assert crm.asked == 20


def test_a_token_that_is_refused_right_after_a_refusal_is_the_end() -> None:
    crm = Crm(Grant("dead", 7200.0), Grant("dead", 7200.0))
    tokens = Tokens(fetch=crm)
    tokens.renew(tokens.current().generation)
    with pytest.raises(TokenRefused) as caught:
        tokens.renew(tokens.current().generation)
    assert caught.value.message.key == "token.new_refused"
    assert crm.asked == 2


def test_an_old_answer_does_not_prove_a_new_token() -> None:
    tokens = Tokens(fetch=Crm())
    old = tokens.current().generation
    tokens.renew(old)
    tokens.worked(old)
    with pytest.raises(TokenRefused):
        tokens.renew(tokens.current().generation)


def test_a_token_that_expired_in_time_is_not_held_against_the_next() -> None:
    clock = Clock()
    tokens = Tokens(fetch=Crm(), clock=clock)
    tokens.renew(tokens.current().generation)
    clock.now += 7000.0
    tokens.renew(tokens.current().generation)
    assert tokens.current().generation == 4


def test_a_fixed_token_never_expires_and_cannot_be_renewed() -> None:
    clock = Clock()
    tokens = Tokens(fixed="given", clock=clock)
    clock.now += 1e9
    token = tokens.current()
    assert token == Token("given", 1)
    tokens.worked(token.generation)
    with pytest.raises(TokenRefused) as caught:
        tokens.renew(token.generation)
    assert caught.value.message.key == "token.fixed_refused"
    assert "api.access_token" in str(caught.value)


def test_a_fixed_token_that_is_refused_at_once_says_what_it_is() -> None:
    with pytest.raises(TokenRefused) as caught:
        Tokens(fixed="given").renew(1)
    assert caught.value.message.key == "token.fixed_refused"


def test_a_token_that_outlives_no_fetch_is_used_once_all_the_same() -> None:
    """Else a slow CRM with short lives would be asked without end."""
    clock = Clock()

    def fetch() -> Grant:
        clock.now += 100.0
        return Grant(f"token-{clock.now:.0f}", 1.0)

    tokens = Tokens(fetch=fetch, clock=clock)
    assert [tokens.current().generation for _ in range(3)] == [1, 2, 3]


def test_a_refusal_during_an_early_renewal_waits_for_it() -> None:
    """The token is unproven, and refused; but another is under way already, and may be a better one."""
    clock = Clock()
    crm = SlowCrm(Grant("first", 7200.0), Grant("second", 100.0), Grant("third", 7200.0))
    crm.answer.set()
    tokens = Tokens(fetch=crm, clock=clock)
    tokens.renew(tokens.current().generation)
    clock.now += 60.0  # past half of its life
    crm.answer.clear()
    crm.waiting.clear()
    with ThreadPoolExecutor(2) as pool:
        early = pool.submit(tokens.current)
        assert crm.waiting.wait(20)
        refused = pool.submit(tokens.renew, 2)
        while not tokens._changed._waiters and not refused.done():  # type: ignore[attr-defined]
            pass
        crm.answer.set()
    assert early.result() == Token("third", 3) and refused.result() is None


def test_it_is_either_fixed_or_fetched() -> None:
    with pytest.raises(ValueError, match="either"):
        Tokens()
    with pytest.raises(ValueError, match="either"):
        Tokens(fixed="given", fetch=Crm())


def test_all_senders_wait_for_one_fetch() -> None:
    crm = SlowCrm()
    tokens = Tokens(fetch=crm)
    calls = together(crm, tokens, tokens.current)
    assert {call.result() for call in calls} == {Token("token-1", 1)}
    assert crm.asked == 1


def test_all_senders_wait_for_one_renewal() -> None:
    crm = SlowCrm(Grant("first", 7200.0))
    tokens = Tokens(fetch=crm)
    crm.answer.set()
    tokens.current()
    crm.answer.clear()
    calls = together(crm, tokens, lambda: tokens.renew(1))
    assert [call.result() for call in calls] == [None] * SENDERS
    assert tokens.current().generation == 2
    assert crm.asked == 2


@pytest.mark.parametrize("kind", [TokenRefused, Halted])
def test_a_fetch_that_fails_fails_for_all_who_waited_each_with_its_own_error(kind: type[Halted]) -> None:
    crm = SlowCrm(kind("token.fixed_refused"))
    tokens = Tokens(fetch=crm)
    calls = together(crm, tokens, tokens.current)
    errors = [call.exception() for call in calls]
    assert {type(error) for error in errors} == {kind}
    assert len({id(error) for error in errors}) == SENDERS
    assert all(error is not None and error.__context__ is None and error.__cause__ is None for error in errors)
    assert crm.asked == 1
    assert tokens.current() == Token("token-2", 1)  # a later try is a new one


def test_a_fetch_that_breaks_leaves_nobody_waiting() -> None:
    """A programming error reaches the one who fetched; those who waited try for themselves."""
    crm = SlowCrm(ZeroDivisionError())
    tokens = Tokens(fetch=crm)
    calls = together(crm, tokens, tokens.current)
    errors = [type(call.exception()) for call in calls]
    assert errors.count(ZeroDivisionError) == 1
    assert errors.count(type(None)) == SENDERS - 1
    assert crm.asked == 2


def test_no_repr_shows_a_token() -> None:
    grant = Grant("S3CRET", 7200.0)
    tokens = Tokens(fetch=lambda: grant)
    assert "S3CRET" not in f"{grant!r} {tokens.current()!r} {tokens!r} {Tokens(fixed='S3CRET')!r}"
