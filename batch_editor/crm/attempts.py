"""One thing that is asked of the CRM, and what asking it has come to.

How often it is asked, and what is waited for meanwhile, is decided in ``retries``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..errors import BatchEditorError, Halted
from ..model import Reply, Sent
from ..settings.sections import Api
from .verdicts import Verdict

#: What stands for the reply where no request was made.
NO_REPLY = Reply(Sent.NO)


@dataclass(frozen=True, slots=True)
class Attempted:
    """What asking the CRM one thing has come to.

    ``verdict`` is what the last ``reply`` means: ``AGAIN`` and ``PAUSE`` say that there was no usable answer after every
    attempt. ``requests`` is how many were made, ``paused`` for how many seconds this one was held back by "too fast".
    ``reached`` says that one of them may have arrived at the CRM; ``maybe_applied``, that one which was not answered may have
    been carried out there, now or before.
    """

    verdict: Verdict = Verdict.AGAIN
    reply: Reply = NO_REPLY
    requests: int = 0
    maybe_applied: bool = False
    reached: bool = False
    paused: float = 0.0

    @property
    def is_answered(self) -> bool:
        """Whether the CRM has given a usable answer, be it yes or no."""
        return self.verdict in (Verdict.DONE, Verdict.REJECTED)


class Interrupted(Halted):
    """The run is stopping, or cannot go on, before there is a verdict; ``attempted`` is what was tried until then."""

    def __init__(self, attempted: Attempted, cause: BatchEditorError) -> None:
        super().__init__(cause.message.key, **cause.message.values)
        self.reason = cause.reason
        self.attempted = attempted


@dataclass(slots=True)
class Question:
    """One thing that is asked of the CRM, and how far that has come; ``name`` is for the log."""

    name: str
    send: Callable[[], Reply]
    judge: Callable[[Reply, Api], Verdict]
    attempted: Attempted
    row: int | None = None
    clue: int | None = None
    is_edit: bool = False  # a request of it that is lost may have been applied
    needs_token: bool = True
    is_patient: bool = True  # whether it waits while nothing gets through at all
    probes: Sequence[Callable[[], Reply]] = ()  # other requests, by which it is found out in turn whether that is so
    probed: float | None = None  # when its last request began, if that was to find this out and its reply is still to be judged
    renewals: int = 0
