"""What whoever watches a run is told while it goes on: events, each a frozen record.

The parts of a run tell them to ``runs/listener``; the command line, the page and the log of events each show them in their own
way, or leave them out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .model import Message
from .states import WaitReason


@dataclass(frozen=True, slots=True)
class Started:
    """Event: the run with this name has begun, or is gone on with. It is the first event of a run: by its name a run can be
    stopped, looked at and gone on with, whatever becomes of the process that is told."""

    run: str


@dataclass(frozen=True, slots=True)
class SheetProgress:
    """Event: ``rows`` rows of the sheet have been read and checked so far."""

    rows: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """Why all that a run has to ask of the CRM waits.

    ``seconds`` is how long that still takes, None where nobody knows. ``about`` says more, such as what became of the last
    request.
    """

    reason: WaitReason
    seconds: float | None = None
    about: Message | None = None


@dataclass(frozen=True, slots=True)
class SendProgress:
    """Event: of ``total`` edits, ``done`` have an outcome; ``counts`` says how many by status.

    ``waiting`` says why nothing goes out now, where all senders wait.
    """

    done: int
    total: int
    counts: Mapping[str, int]
    waiting: Waiting | None = None


@dataclass(frozen=True, slots=True)
class ClueProgress:
    """Event: of ``total`` rows whose clues are read before anybody is asked, ``done`` are ready; ``waiting`` as for sending."""

    done: int
    total: int
    waiting: Waiting | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """Event: something that a person watching wants to know: a pause, a renewed token, a halt.

    ``is_warning``: whoever does not watch has to know it as well, so that it is among the notes of how it ended.
    """

    message: Message
    is_warning: bool = False


#: What whoever watches a run is told.
Event = Started | SheetProgress | ClueProgress | SendProgress | Notice
