"""A ``Dispatcher`` over a real journal, with time in memory and a CRM that is a function."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from batch_editor.crm.retries import Retries
from batch_editor.crm.tokens import Tokens
from batch_editor.events import Event, Notice
from batch_editor.journal.journal import Journal
from batch_editor.journal.sending import Sending
from batch_editor.model import Draft, Edit, Message, Plan, Reply, Resolved, RowState, Sent, Status
from batch_editor.runs.clue_queue import Streaks
from batch_editor.runs.dispatcher import Dispatcher
from batch_editor.runs.read_ahead import ReadAhead
from batch_editor.runs.senders import Senders
from batch_editor.stop import Stop
from support import jobs
from support.paces import new_pace

CONFIRMED = Reply(Sent.YES, 1, 200, 0, "请求成功", data=True)
LOST = Reply(Sent.MAYBE, 1, trouble=Message("net.lost"))
RECORD = Reply(Sent.YES, 1, 200, 0, "请求成功", data={"clue_name": "线索"})
UNREACHED = Reply(Sent.NO, 1, trouble=Message("net.refused"))


def http(status: int, retry_after: float | None = None) -> Reply:
    """A status without a JSON body."""
    return Reply(Sent.YES, 1, status, retry_after=retry_after, trouble=Message("reply.not_json"))


def coded(code: int | str, msg: str = "", *, token: int = 1, retry_after: float | None = None) -> Reply:
    """A proper answer with a code."""
    return Reply(Sent.YES, token, 200, code, msg, data=False, retry_after=retry_after)


class FakeTime:
    """Seconds that pass only where somebody waits, at once; ``waits`` are the lengths asked for."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.waits: list[float] = []
        self._lock = threading.Lock()

    def clock(self) -> float:
        return self.now

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        if not stop.is_set():
            with self._lock:
                self.now += seconds
                self.waits.append(seconds)
        return stop.is_set()


class Script:
    """An ``edit`` function: for each clue its replies in turn, the last again and again; any other clue is confirmed.

    It fails when two rows of one clue are with it at the same time. ``rows`` are in the order of asking.
    """

    def __init__(self, replies: Mapping[int, Sequence[Reply]] | None = None) -> None:
        self.rows: list[int] = []
        self._replies = replies or {}
        self._asked: Counter[int] = Counter()
        self._inside: set[int] = set()
        self._lock = threading.Lock()

    def __call__(self, edit: Edit) -> Reply:
        with self._lock:
            assert edit.clue_id not in self._inside, f"two rows of clue {edit.clue_id} side by side"
            self._inside.add(edit.clue_id)
            self.rows.append(edit.row)
            self._asked[edit.clue_id] += 1
            number = self._asked[edit.clue_id]
        reply = self.reply(edit, number)
        with self._lock:
            self._inside.discard(edit.clue_id)
        return reply

    def reply(self, edit: Edit, number: int) -> Reply:
        """The reply to the ``number``-th request of a clue."""
        replies = self._replies.get(edit.clue_id, (CONFIRMED,))
        return replies[min(number, len(replies)) - 1]


@dataclass
class Dispatched:
    """What ``dispatch`` has seen: why it halted, every row, every event, and how many rows were dropped."""

    halted: Message | None
    records: list[RowState]
    events: list[Event]
    time: FakeTime
    run: str = ""
    dropped: int = 0
    statuses: dict[int, str] = field(init=False)

    def __post_init__(self) -> None:
        self.statuses = {record.row: str(record.status) for record in self.records}

    @property
    def notices(self) -> list[str]:
        return [event.message.key for event in self.events if isinstance(event, Notice)]

    def message(self, row: int) -> Message:
        (note,) = next(record for record in self.records if record.row == row).notes
        assert isinstance(note, Message)
        return note


def planned(clues: Iterable[int], unread: bool | Container[int] = False) -> list[Plan]:
    """A pending row for each clue, from row 2 on; all rows are drafts, or those that ``unread`` names."""
    plans = []
    for row, clue in enumerate(clues, 2):
        edit = Edit(row, clue, f'{{"clue_id":{clue}}}', unread=unread if isinstance(unread, bool) else row in unread)
        plans.append(Plan(row, Status.PENDING, (str(clue),), clue, edit, ("remark",)))
    return plans


def new_run(journal: Journal, clues: Iterable[int], unread: bool | Container[int] = False) -> str:
    """A run with those rows, planned."""
    name = journal.start(
        base_url="http://127.0.0.1:1",
        app="",
        source="x.csv",
        sheet="",
        digest="",
        headings=["clue_id"],
        settings={},
        options={},
    )
    journal.of(name).planning.plan(planned(clues, unread))
    return name


def dispatch(
    folder: Path,
    clues: Iterable[int],
    edit: Callable[[Edit], Reply],
    *,
    total: int | None = None,
    tokens: Tokens | None = None,
    pace: Any = None,
    stop: Stop | None = None,
    on_event: Callable[[Event], None] = lambda event: None,
    time: FakeTime | None = None,
    jitter: Callable[[float, float], float] = lambda low, high: high,
    unread: bool | Container[int] = False,
    read: Callable[[int], Reply] = lambda clue: RECORD,
    resolve: Callable[[Sequence[Draft], Edit, Reply, bool], list[Resolved]] = lambda drafts, edit, reply, shown: [
        Resolved(draft.row, Status.PENDING, draft.body, draft.fields) for draft in drafts
    ],
    only_reads: bool = False,
    run: str | None = None,
    **over: Any,
) -> Dispatched:
    """Send a row for each clue and tell what came of it; one sender unless ``rate`` says more. No time passes.

    Rows that are ``unread`` are drafts, of which ``resolve`` makes what is sent. ``run`` is gone on with if it is given.
    """
    clues, time, events = list(clues), time or FakeTime(), list[Event]()
    stop, notices = stop or Stop(), deque[Message]()

    def tell(event: Event) -> None:
        events.append(event)
        on_event(event)

    settings = jobs.settings(
        folder, **jobs.merged({"rate": {"concurrency": 1, "pause": 60, "patience": 900}, "retry": {"max_wait": 60}}, over)
    )
    with Journal(folder / "journal.sqlite3") as journal:
        run = run or new_run(journal, clues, unread)
        sending = journal.of(run).sending
        retries = Retries(
            tokens=tokens or Tokens(fixed="token"),
            pace=pace or new_pace(clock=time.clock, wait=time.wait),
            settings=settings,
            stop=stop,
            notices=notices,
            clock=time.clock,
            wait=time.wait,
            jitter=jitter,
        )
        senders = Senders.for_next(
            len(clues) if total is None else total,
            sending=sending,
            retries=retries,
            read_clue=read,
            resolve=lambda edit, reply, shown: resolve(sending.drafts(edit.clue_id), edit, reply, shown),
            settings=settings,
            stop=stop,
            notices=notices,
            on_event=tell,
            streaks=Streaks(settings.halt),
        )
        halted = ReadAhead(senders).run() if only_reads else Dispatcher(senders, edit).run()
        dropped = senders.reader.dropped.total()
        return Dispatched(halted and halted.message, list(journal.of(run).queries.rows()), events, time, run, dropped)


class CountingPace:
    """A pace that lets everybody through and counts."""

    def __init__(self) -> None:
        self.permits = 0
        self._lock = threading.Lock()

    def acquire(self, stop: threading.Event) -> bool:
        with self._lock:
            self.permits += 1
        return True

    def hold(self, seconds: float) -> None:
        """Holds nobody."""

    def too_fast(self) -> None:
        """Is not lowered."""

    def went_well(self) -> None:
        """Has nothing to recover from."""


def senders() -> list[threading.Thread]:
    """The threads of dispatchers that are still at work."""
    return [thread for thread in threading.enumerate() if thread.name.startswith("sender-")]


class Late:
    """An answer that comes back only once the run was asked twice to stop and what is in flight was given up.

    ``stop`` and ``on_event`` are for the dispatcher; whoever makes the request calls ``arrives`` before it answers.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.stop = Stop()
        self._taken, self._given_up = threading.Event(), threading.Event()
        abandon_really = Sending.abandon

        def abandon(sending: Sending, message: Message) -> int:
            abandoned = abandon_really(sending, message)
            self._given_up.set()
            for sender in senders():
                sender.join(20)
            return abandoned

        monkeypatch.setattr(Sending, "abandon", abandon)

    def on_event(self, event: Event) -> None:
        """Ask twice, once the request is under way."""
        if not self.stop.soft.is_set():
            assert self._taken.wait(20)
            self.stop.ask()
            self.stop.ask()

    def arrives(self) -> None:
        """The request is under way; return when nobody waits for its answer any more."""
        self._taken.set()
        assert self._given_up.wait(20)
