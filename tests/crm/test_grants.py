"""The token that the connections of one process have in common: asked for once, and again where it was refused or ends."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from batch_editor.crm.grants import Grants
from batch_editor.crm.tokens import Grant
from batch_editor.errors import Halted


class Crm:
    """Gives out one token after the other."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self) -> Grant:
        self.asked += 1
        return Grant(f"token-{self.asked}", 7200.0)


def getting(grants: Grants, ask: Callable[[], Grant], held: str | None = None) -> Grant:
    return grants.get(ask, held=held, stop=threading.Event())


def test_it_is_asked_for_once_and_lasts_for_what_is_left_of_it() -> None:
    moments = iter([100.0, 160.0, 160.0])
    grants, crm = Grants(clock=lambda: next(moments)), Crm()
    assert getting(grants, crm) == Grant("token-1", 7200.0)
    assert getting(grants, crm) == Grant("token-1", 7140.0)
    assert crm.asked == 1


def test_one_that_was_refused_or_is_about_to_end_is_not_handed_out() -> None:
    now = [100.0]
    grants, crm = Grants(clock=lambda: now[0]), Crm()
    getting(grants, crm)
    assert getting(grants, crm, held="token-1").value == "token-2"
    assert getting(grants, crm, held="token-1").value == "token-2"  # whom the first one was refused later
    now[0] += 6900.0
    assert getting(grants, crm).value == "token-3"


def test_who_comes_while_it_is_asked_for_waits_for_that_one() -> None:
    grants, crm = Grants(), Crm()
    begun, answer = threading.Event(), threading.Event()

    def ask() -> Grant:
        begun.set()
        answer.wait()
        return crm()

    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(getting, grants, ask)
        begun.wait()
        others = [pool.submit(getting, grants, ask) for _ in range(2)]
        answer.set()
        assert {call.result().value for call in (first, *others)} == {"token-1"}
    assert crm.asked == 1


def test_who_is_to_stop_waits_for_nobody_and_a_failure_is_that_of_one() -> None:
    grants, crm = Grants(), Crm()
    begun, answer, stop = threading.Event(), threading.Event(), threading.Event()

    def fail() -> Grant:
        begun.set()
        answer.wait()
        raise Halted("halt.asked")

    with ThreadPoolExecutor(1) as pool:
        failing = pool.submit(getting, grants, fail)
        begun.wait()
        stop.set()
        assert grants.get(crm, held=None, stop=stop).value == "token-1"
        answer.set()
        with pytest.raises(Halted):
            failing.result()
    assert getting(grants, crm).value == "token-1"
