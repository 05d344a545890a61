"""The dispatcher over a real journal, with a function for the CRM and time in memory: order, stops, errors, permits."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path

import pytest
from support import jobs
from support.dispatching import CONFIRMED, LOST, UNREACHED, CountingPace, FakeTime, Late, Script, coded, dispatch, http, senders
from support.paces import new_pace

from batch_editor.crm.pace import Pace
from batch_editor.crm.retries import Retries
from batch_editor.crm.tokens import Grant, Tokens
from batch_editor.errors import SettingsError, StopAsked
from batch_editor.events import Event, Notice
from batch_editor.events import SendProgress as Progress
from batch_editor.model import Edit, Message, Reply
from batch_editor.runs.clue_queue import WINDOW
from batch_editor.stop import Stop


class Meeting(Script):
    """A script whose first requests wait until so many are with the CRM at the same time; then ``met`` is called once."""

    def __init__(self, parties: int, met: Callable[[], None] = lambda: None) -> None:
        super().__init__()
        self._barrier = threading.Barrier(parties, action=met)

    def reply(self, edit: Edit, number: int) -> Reply:
        if not self._barrier.broken and edit.row < 2 + self._barrier.parties:
            self._barrier.wait(timeout=20)
        return super().reply(edit, number)


# --- order


def test_rows_of_different_clues_are_sent_side_by_side(tmp_path: Path) -> None:
    sent = dispatch(tmp_path, [11, 12, 13, 14, 15], Meeting(4), rate={"concurrency": 4})
    assert set(sent.statuses.values()) == {"updated"}


def test_concurrency_is_how_many_are_on_their_way(tmp_path: Path) -> None:
    most, here, lock = [0], [0], threading.Lock()
    meeting = Meeting(3)

    def edit(edit: Edit) -> Reply:
        with lock:
            here[0] += 1
            most[0] = max(most[0], here[0])
        reply = meeting(edit)
        with lock:
            here[0] -= 1
        return reply

    dispatch(tmp_path, range(11, 41), edit, rate={"concurrency": 3})
    assert most[0] == 3


def test_a_second_row_of_a_clue_waits_for_the_first(tmp_path: Path) -> None:
    other = threading.Event()

    class Crm(Script):
        def reply(self, edit: Edit, number: int) -> Reply:
            if edit.row == 2:
                assert other.wait(20)  # the other sender is given row 4, past row 3 of the same clue
            if edit.clue_id == 12:
                other.set()
            return CONFIRMED

    crm = Crm()
    sent = dispatch(tmp_path, [11, 11, 12], crm, rate={"concurrency": 2})
    assert set(sent.statuses.values()) == {"updated"}
    assert sorted(crm.rows[:2]) == [2, 4] and crm.rows[2] == 3


@pytest.mark.parametrize("concurrency", [1, 8])
def test_rows_of_a_clue_keep_sheet_order(tmp_path: Path, concurrency: int) -> None:
    clues = [11 + (number * 7) % 5 for number in range(60)]
    crm = Script()  # fails on two rows of one clue side by side
    sent = dispatch(tmp_path, clues, crm, rate={"concurrency": concurrency})
    for clue in set(clues):
        mine = [row for row in crm.rows if clues[row - 2] == clue]
        assert mine == sorted(mine) and len(mine) == clues.count(clue)
    assert set(sent.statuses.values()) == {"updated"}


def test_one_busy_clue_fills_more_than_the_window(tmp_path: Path) -> None:
    rows = WINDOW + 40
    crm = Script()
    sent = dispatch(tmp_path, [11] * rows + list(range(100, 100 + rows)), crm, rate={"concurrency": 4})
    assert sorted(crm.rows) == list(range(2, 2 + 2 * rows))
    assert [row for row in crm.rows if row < 2 + rows] == list(range(2, 2 + rows))
    assert set(sent.statuses.values()) == {"updated"}


def test_rows_after_a_failed_one_are_held_back_beyond_the_window(tmp_path: Path) -> None:
    rows = WINDOW + 40
    sent = dispatch(tmp_path, [11] * rows + [12, 13], Script({11: [http(500)]}), rate={"concurrency": 2})
    assert sent.statuses[2] == "failed"
    assert {sent.statuses[row] for row in range(3, 2 + rows)} == {"pending"}
    assert sent.statuses[2 + rows] == sent.statuses[3 + rows] == "updated"
    assert sent.halted is None


def test_rows_after_a_rejected_one_are_sent(tmp_path: Path) -> None:
    sent = dispatch(tmp_path, [11, 11], Script({11: [coded(90007), CONFIRMED]}))
    assert list(sent.statuses.values()) == ["rejected", "updated"]


def test_a_limit_is_the_first_rows_even_if_some_are_held_back(tmp_path: Path) -> None:
    crm = Script({11: [http(500)]})
    sent = dispatch(tmp_path, [11, 11, 12, 13], crm, total=2)
    assert list(sent.statuses.values()) == ["failed", "pending", "pending", "pending"]
    assert set(crm.rows) == {2}


# --- permits


def test_every_request_has_a_permit_of_its_own(tmp_path: Path) -> None:
    pace, asked = CountingPace(), [0]
    answers = [http(502), coded(1, "busy"), Grant("a", 7200), Grant("b", 7200)]

    def ask() -> Grant | Reply:
        asked[0] += 1
        return answers[asked[0] - 1]

    limited = jobs.settings(tmp_path, api={"retry_codes": [1]}, retry={"attempts": 3})
    fetching = Retries(
        tokens=Tokens(fixed="none is needed"),
        pace=pace,  # type: ignore[arg-type]
        settings=limited,
        stop=Stop(),
        notices=deque(),
        wait=lambda stop, seconds: False,
    )
    tokens = Tokens(fetch=lambda: fetching.fetch_token(ask))
    crm = Script(
        {11: [LOST, CONFIRMED], 12: [http(429), coded(10001), CONFIRMED], 13: [UNREACHED], 14: [coded(90007)]},
    )
    sent = dispatch(tmp_path, [11, 12, 13, 14], crm, pace=pace, tokens=tokens, retry={"attempts": 3})
    assert list(sent.statuses.values()) == ["updated", "updated", "failed", "rejected"]
    assert asked[0] == 4
    assert len(crm.rows) == 2 + 3 + 3 + 1
    assert pace.permits == len(crm.rows) + asked[0]


# --- stops


@pytest.mark.parametrize("concurrency", [1, 3])
def test_a_stop_lets_what_is_in_flight_finish(tmp_path: Path, concurrency: int) -> None:
    stop = Stop()
    crm = Meeting(concurrency, met=stop.ask)
    sent = dispatch(tmp_path, range(11, 31), crm, stop=stop, rate={"concurrency": concurrency})
    assert sent.halted == Message("halt.asked")
    assert list(sent.statuses.values()) == ["updated"] * concurrency + ["pending"] * (20 - concurrency)


def test_a_stop_before_the_start_sends_nothing(tmp_path: Path) -> None:
    stop, crm = Stop(), Script()
    stop.ask()
    sent = dispatch(tmp_path, [11, 12], crm, stop=stop)
    assert (crm.rows, sent.halted, set(sent.statuses.values())) == ([], Message("halt.asked"), {"pending"})


@pytest.mark.parametrize(("first", "status"), [(LOST, "failed"), (http(503), "failed"), (UNREACHED, "pending")])
def test_a_stop_between_two_tries(tmp_path: Path, first: Reply, status: str) -> None:
    """Nobody tries again: a row that may have been applied is failed and says so, any other is as if never taken."""
    stop = Stop()

    class Interrupted(FakeTime):
        def wait(self, event: threading.Event, seconds: float) -> bool:
            stop.ask()
            return super().wait(event, seconds)

    crm = Script({11: [first, CONFIRMED]})
    sent = dispatch(tmp_path, [11, 11, 12], crm, stop=stop, time=Interrupted())
    assert crm.rows == [2]
    assert list(sent.statuses.values()) == [status, "pending", "pending"]
    if status == "failed":
        assert sent.message(2) == Message("failed.stopped")


def test_a_stop_during_a_pause_leaves_the_row_pending(tmp_path: Path) -> None:
    stop = Stop()

    class Interrupted(FakeTime):
        def wait(self, event: threading.Event, seconds: float) -> bool:
            stop.ask()
            return super().wait(event, seconds)

    sent = dispatch(tmp_path, [11, 12], Script({11: [http(429)]}), stop=stop, time=Interrupted())
    assert (list(sent.statuses.values()), sent.halted) == (["pending", "pending"], Message("halt.asked"))


def test_a_stop_is_told_also_where_a_sender_that_was_about_to_send_finds_it_first(tmp_path: Path) -> None:
    """As ``Connection`` does; the other edit takes long to be answered, and nobody should have to wonder."""
    stop, taken, told = Stop(), threading.Barrier(2), threading.Event()

    def edit(edit: Edit) -> Reply:
        taken.wait(timeout=20)
        if edit.row == 3:
            stop.ask()
            raise StopAsked("halt.asked")
        assert told.wait(20)
        return CONFIRMED

    def on_event(event: Event) -> None:
        if isinstance(event, Notice) and event.message == Message("notice.stopping"):
            told.set()

    sent = dispatch(tmp_path, [11, 12], edit, stop=stop, on_event=on_event, rate={"concurrency": 2})
    assert (list(sent.statuses.values()), sent.halted) == (["updated", "pending"], Message("halt.asked"))
    assert sent.notices == ["notice.stopping"]


def test_asking_twice_abandons_what_is_in_flight(tmp_path: Path) -> None:
    stop, answer, taken = Stop(), threading.Event(), threading.Barrier(3)

    def edit(edit: Edit) -> Reply:
        taken.wait(timeout=20)
        assert answer.wait(20)
        return CONFIRMED

    def on_event(event: Event) -> None:
        if not stop.soft.is_set():
            taken.wait(timeout=20)
            stop.ask()
            stop.ask()

    before = set(senders())
    sent = dispatch(tmp_path, [11, 12, 13], edit, stop=stop, on_event=on_event, rate={"concurrency": 2})
    assert list(sent.statuses.values()) == ["failed", "failed", "pending"]
    assert sent.message(2) == sent.message(3) == Message("failed.abandoned")
    assert sent.halted == Message("halt.asked")
    answer.set()
    for sender in set(senders()) - before:
        sender.join(20)
        assert not sender.is_alive()


@pytest.mark.parametrize("late", [CONFIRMED, LOST, UNREACHED, http(401), coded(90007)])
def test_what_was_abandoned_stays_so_whatever_comes_back_late(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, late: Reply
) -> None:
    """The results are written by then: the row must not be something else afterwards, and least of all pending."""
    late_one = Late(monkeypatch)

    def edit(edit: Edit) -> Reply:
        late_one.arrives()
        return late

    sent = dispatch(tmp_path, [11, 12], edit, stop=late_one.stop, on_event=late_one.on_event)
    assert list(sent.statuses.values()) == ["failed", "pending"]
    assert (sent.message(2), sent.records[0].attempts) == (Message("failed.abandoned"), 1)
    assert senders() == []


def test_asking_twice_leaves_what_only_waits_for_its_turn_pending(tmp_path: Path) -> None:
    """Two of four are with the CRM, the others have no permit yet: nothing of theirs can have been applied."""
    asked, over, inside = Stop(), threading.Event(), threading.Semaphore(0)

    class Crm(Script):
        def __call__(self, edit: Edit) -> Reply:
            self.rows.append(edit.row)
            inside.release()
            assert over.wait(20)
            return CONFIRMED

    class TwoPermits(Pace):
        left = 2

        def acquire(self, stop: threading.Event) -> bool:
            self.left -= 1
            if self.left >= 0:
                return True
            for _ in range(2):
                assert inside.acquire(timeout=20)
                inside.release()
            if self.left == -2:
                asked.ask()
                asked.ask()
            stop.wait(20)
            return False

    sent = dispatch(tmp_path, range(11, 15), Crm(), stop=asked, pace=new_pace(kind=TwoPermits), rate={"concurrency": 4})
    over.set()
    assert sorted(sent.statuses.values()) == ["failed", "failed", "pending", "pending"]
    for thread in threading.enumerate():
        if thread.name.startswith("sender-"):
            thread.join(20)


# --- errors that are bugs


def test_an_exception_in_a_sender_comes_out_and_leaves_no_thread(tmp_path: Path) -> None:
    class Crm(Script):
        def reply(self, edit: Edit, number: int) -> Reply:
            if edit.clue_id == 12:
                raise ZeroDivisionError("a bug")
            return CONFIRMED

    with pytest.raises(ZeroDivisionError, match="a bug"):
        dispatch(tmp_path, [11, 12, 13, 12, 12], Crm(), rate={"concurrency": 4})
    assert senders() == []


def test_a_callback_that_raises_ends_the_run_after_what_is_in_flight(tmp_path: Path) -> None:
    told, crm = threading.Event(), Script()

    def edit(edit: Edit) -> Reply:
        assert told.wait(20)
        return crm(edit)

    def on_event(event: Event) -> None:
        told.set()
        raise BrokenPipeError("nobody reads this")

    with pytest.raises(BrokenPipeError):
        dispatch(tmp_path, range(11, 61), edit, on_event=on_event, rate={"concurrency": 2})
    assert senders() == []
    assert 1 <= len(crm.rows) < 50


def test_a_callback_that_raises_after_a_stop_does_not_abandon(tmp_path: Path) -> None:
    stop, told, finished = Stop(), threading.Event(), list[int]()

    def edit(edit: Edit) -> Reply:
        stop.ask()
        assert told.wait(20)
        finished.append(edit.row)
        return CONFIRMED

    def on_event(event: Event) -> None:
        if stop.soft.is_set():
            told.set()
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        dispatch(tmp_path, [11, 12], edit, stop=stop, on_event=on_event)
    assert finished == [2] and not stop.hard.is_set() and senders() == []


def test_settings_that_stop_being_usable_halt_instead_of_claiming_that_nothing_was_sent(tmp_path: Path) -> None:
    """A certificate file that vanishes while a run renews its token: rows were sent, so this is no ``Refused``."""
    crm = Script({12: [coded(10001)]})
    grants = iter([Grant("a", 7200)])

    def fetch() -> Grant:
        for grant in grants:
            return grant
        raise SettingsError("net.certificates_unusable")

    sent = dispatch(tmp_path, [11, 12, 13], crm, tokens=Tokens(fetch=fetch))
    assert list(sent.statuses.values()) == ["updated", "pending", "pending"]
    assert sent.halted == Message("net.certificates_unusable")


# --- progress


def test_progress_counts_up_to_the_total(tmp_path: Path) -> None:
    sent = dispatch(tmp_path, [11, 12, 13], Script({12: [coded(5)]}))
    progress = [event for event in sent.events if isinstance(event, Progress)]
    assert progress[-1] == Progress(3, 3, {"updated": 2, "rejected": 1})
    assert all(event.done == sum(event.counts.values()) <= event.total == 3 for event in progress)


def test_events_come_in_the_thread_that_called(tmp_path: Path) -> None:
    threads = set()
    crm = Script({11: [http(429), CONFIRMED]})
    dispatch(tmp_path, [11, 12], crm, on_event=lambda event: threads.add(threading.current_thread()), rate={"concurrency": 2})
    assert threads == {threading.current_thread()}
