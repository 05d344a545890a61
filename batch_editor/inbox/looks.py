"""Whether a file is still being written, judged by looks at its size, its time and which file it is.

A look is taken by a clock that nobody can set, and the time of a file is compared with its own earlier time: a clock that is
set back does no harm. What the file holds is looked at in ``endings``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from .endings import Ending

#: Seconds for which a file must stay as it is, in two looks, before it counts as finished.
APART = 10.0
#: The same for a text that ends within a line, and for what a program has open: a copy that has stalled looks like that, and
#: may go on.
APART_WITHIN_A_LINE = 40.0
#: Seconds since its last change after which a file that is empty or cannot be read to its end is not waited for: its copy has
#: broken off.
BROKEN_OFF = 600.0


class FileState(NamedTuple):
    """What a change of a file is noticed by: its size, its modification time in nanoseconds, and which file it is."""

    size: int
    modified: int
    device: int
    inode: int


@dataclass(frozen=True, slots=True)
class Seen:
    """A file that has been in this ``state`` from the look ``since`` to the look ``until``, in seconds of the clock of looks.

    ``changed`` says that it was in another state at an earlier look.
    """

    state: FileState
    since: float
    until: float
    changed: bool = False

    @property
    def quiet(self) -> float:
        """The seconds for which the file is known to have stayed as it is."""
        return self.until - self.since


class Looks:
    """What the looks at one folder have shown so far."""

    def __init__(self) -> None:
        self._seen: dict[str, Seen] = {}

    def take(self, states: Mapping[str, FileState], now: float) -> Mapping[str, Seen]:
        """Takes note of a look at ``now``: the files that are there, by their names; returns all that is known of them."""
        self._seen = {name: self._with(name, state, now) for name, state in states.items()}
        return self._seen

    def _with(self, name: str, state: FileState, now: float) -> Seen:
        seen = self._seen.get(name)
        if seen is None or now < seen.until:
            return Seen(state, now, now)
        if seen.state != state:
            return Seen(state, now, now, changed=True)
        return Seen(state, seen.since, now, seen.changed)


def seconds_to_wait(ending: Ending, age: float) -> float | None:
    """Returns for how long a file that ends like this must stay as it is; None where no waiting helps, and the next pass may
    find it whole. ``age`` is how many seconds ago it was changed, by the clock of the machine."""
    match ending:
        case Ending.WHOLE:
            return APART
        case Ending.WITHIN_A_LINE | Ending.OPEN:
            return APART_WITHIN_A_LINE
        case Ending.EMPTY | Ending.BROKEN | Ending.FORBIDDEN:
            return APART if age >= BROKEN_OFF else None
