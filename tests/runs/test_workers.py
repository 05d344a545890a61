"""The threads of a run and how they end; and that nobody writes anything down once what is in flight was given up."""

from __future__ import annotations

import threading
from collections import deque

import pytest

from batch_editor.errors import TokenRefused
from batch_editor.events import Event, Notice, SendProgress
from batch_editor.model import HaltReason, Message, Stoppage
from batch_editor.runs.workers import Workers, WriteGate
from batch_editor.stop import Stop

PROGRESS = SendProgress(0, 0, {})


class Told:
    """Workers in so many threads, with all that they tell."""

    def __init__(self, threads: int = 2) -> None:
        self.stop, self.notices, self.events, self.woken = Stop(), deque[Message](), list[Event](), threading.Event()
        self.workers = Workers(threads, stop=self.stop, notices=self.notices, on_event=self.events.append, wake=self.woken.set)

    @property
    def keys(self) -> list[str]:
        return [event.message.key for event in self.events if isinstance(event, Notice)]


def test_all_work_until_nothing_is_left() -> None:
    told, together = Told(3), threading.Barrier(3)
    assert told.workers.run(lambda: bool(together.wait(20)), lambda: PROGRESS) is None
    assert told.events[-1] == PROGRESS and told.keys == []


def test_notices_are_told_before_the_progress() -> None:
    told = Told(1)
    told.workers.run(lambda: told.notices.append(Message("notice.token_renewed")), lambda: PROGRESS)
    assert told.keys == ["notice.token_renewed"] and told.events[-1] == PROGRESS


def test_the_first_reason_to_halt_is_told() -> None:
    told = Told(1)

    def work() -> None:
        told.workers.halt(Stoppage(HaltReason.FAILURES, Message("halt.failures")))
        told.workers.halt(Stoppage(HaltReason.PATIENCE, Message("halt.patience")))

    stoppage = told.workers.run(work, lambda: PROGRESS)
    assert stoppage == Stoppage(HaltReason.FAILURES, Message("halt.failures"))
    assert told.stop.soft.is_set() and told.woken.is_set() and told.keys == []


def test_an_error_of_ours_halts_and_any_other_is_raised() -> None:
    def refused() -> None:
        raise TokenRefused("token.fixed_refused")

    def crashes() -> None:
        raise ZeroDivisionError

    stoppage = Told().workers.run(refused, lambda: PROGRESS)
    assert stoppage is not None and stoppage.reason is HaltReason.TOKEN
    told = Told()
    with pytest.raises(ZeroDivisionError):
        told.workers.run(crashes, lambda: PROGRESS)
    assert told.stop.soft.is_set() and told.keys == []


def test_a_stop_is_told_once_and_is_the_reason() -> None:
    told = Told()
    stoppage = told.workers.run(told.stop.soft.set, lambda: PROGRESS)
    assert stoppage is not None and stoppage.reason is HaltReason.ASKED
    assert told.keys.count("notice.stopping") <= 1


def test_after_a_second_stop_nobody_is_waited_for_and_nobody_writes() -> None:
    told, over, wrote = Told(1), threading.Event(), list[bool]()

    def work() -> None:
        told.stop.ask()
        told.stop.ask()
        assert over.wait(20)
        with told.workers.gate.open() as may_write:
            wrote.append(may_write)
        ended.set()

    ended = threading.Event()
    told.workers.run(work, lambda: PROGRESS)
    assert told.workers.is_given_up and wrote == []
    over.set()
    assert ended.wait(20) and wrote == [False]


def test_a_callback_that_fails_lets_all_finish_first() -> None:
    told, finished = Told(1), threading.Event()

    def work() -> None:
        assert told.stop.soft.wait(20)
        finished.set()

    def progress() -> SendProgress:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        told.workers.run(work, progress)
    assert finished.is_set()


def test_the_gate_waits_for_those_who_are_writing() -> None:
    gate, inside, go_on, shut = WriteGate(), threading.Event(), threading.Event(), threading.Event()

    def write() -> None:
        with gate.open() as may_write:
            assert may_write
            inside.set()
            assert go_on.wait(20)

    writer = threading.Thread(target=write)
    writer.start()
    assert inside.wait(20)
    closing = threading.Thread(target=lambda: (gate.shut(), shut.set()))
    closing.start()
    assert not shut.wait(0.05)
    go_on.set()
    assert shut.wait(20)
    writer.join(20)
    closing.join(20)
    with gate.open() as may_write:
        assert not may_write
