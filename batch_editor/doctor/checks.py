"""What the looks at a set-up come to, as data: one check for each part, with a verdict, what was seen, and what to do now.

Where the words come from and how they are shown is left to ``messages`` and to the faces above.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from ..model import Message


class Verdict(StrEnum):
    """What a look at one part has come to."""

    OK = "ok"
    WARNING = "warning"  # it works, and something should be mended all the same
    BAD = "bad"  # nothing can be sent, or not every night
    NOT_LOOKED_AT = "not_looked_at"  # something else has to be mended first, or there is nothing to look at


@dataclass(frozen=True, slots=True)
class Check:
    """A look at one part of the set-up. ``name`` is a stable word for the part, which may have several checks."""

    name: str
    verdict: Verdict
    message: Message
    next_step: Message | None = None

    @property
    def is_to_mend(self) -> bool:
        """Whether somebody has something to do about it."""
        return self.verdict in (Verdict.WARNING, Verdict.BAD)


def well(name: str, key: str, /, **values: object) -> Check:
    """A part that is as it should be."""
    return Check(name, Verdict.OK, Message(key, values))


def warning(name: str, key: str, /, **values: object) -> Check:
    """A part that works and should be mended all the same; the text of what to do is ``KEY.next``."""
    return Check(name, Verdict.WARNING, Message(key, values), Message(f"{key}.next", values))


def bad(name: str, key: str, /, **values: object) -> Check:
    """A part that has to be mended; the text of what to do is ``KEY.next``."""
    return Check(name, Verdict.BAD, Message(key, values), Message(f"{key}.next", values))


def passed_on(name: str, message: Message) -> Check:
    """A part that has to be mended, by a message that says itself what to do."""
    return Check(name, Verdict.BAD, message)


def not_looked_at(name: str, key: str, /, **values: object) -> Check:
    """A part at which there is nothing to look."""
    return Check(name, Verdict.NOT_LOOKED_AT, Message(key, values))


def waiting(names: Iterable[str], first: str) -> list[Check]:
    """The parts at which nobody can look before the part ``first`` is mended."""
    message = Message("doctor.waits", {"first": Message(f"doctor.name.{first}")})
    return [Check(name, Verdict.NOT_LOOKED_AT, message) for name in names]
