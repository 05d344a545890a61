"""What the threads that work on the next edits of a run have in common: their queue, how they end, and how clues are read."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass

from ..crm.retries import Retries
from ..events import Event
from ..journal.sending import Sending
from ..model import Edit, Message, Reply, Resolved
from ..settings.settings import Settings
from ..stop import Stop
from .clue_queue import ClueQueue, Streaks
from .clue_reader import ClueReader
from .other_runs import OtherRuns
from .workers import Workers


@dataclass(frozen=True, slots=True)
class Senders:
    """The threads for the next ``total`` edits of a run, which have not begun yet."""

    total: int
    sending: Sending
    retries: Retries
    queue: ClueQueue
    workers: Workers
    reader: ClueReader
    others: OtherRuns | None = None

    @classmethod
    def for_next(
        cls,
        total: int,
        *,
        sending: Sending,
        retries: Retries,
        read_clue: Callable[[int], Reply],
        resolve: Callable[[Edit, Reply, bool], Sequence[Resolved]],
        do_without: Callable[[Edit, Message], Sequence[Resolved]] = lambda edit, reason: (),
        settings: Settings,
        stop: Stop,
        notices: deque[Message],
        on_event: Callable[[Event], None],
        streaks: Streaks,
        held_clues: Set[int] = frozenset(),
        others: OtherRuns | None = None,
    ) -> Senders:
        """Returns threads, ``rate.concurrency`` at most, that share one queue.

        ``read_clue`` makes one request for the live record of a clue, and ``resolve`` says what a reply to that makes of the
        clue's rows that want it, ``do_without`` what becomes of those that are sent also where that cannot be read.
        ``streaks`` are those that senders before these have begun, ``others`` the runs that may send edits of the same clues,
        if there can be any. None of the ``held_clues`` is sent.
        """
        maybe_applied = settings.retry.ambiguous
        queue = ClueQueue(sending, total, maybe_applied=maybe_applied, stop=stop, streaks=streaks, held_clues=held_clues)
        threads = min(settings.rate.concurrency, max(total, 1))
        workers = Workers(threads, stop=stop, notices=notices, on_event=on_event, wake=queue.wake)
        reader = ClueReader(
            sending=sending,
            queue=queue,
            workers=workers,
            retries=retries,
            request=read_clue,
            resolve=resolve,
            do_without=do_without,
        )
        return cls(total, sending, retries, queue, workers, reader, others)
