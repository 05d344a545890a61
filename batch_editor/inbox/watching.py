"""Looks into an inbox again and again, until somebody asks it to stop, or the time is up.

It looks by asking, since no system tells of what happens on a share. While passes come to a stop it looks less and less often,
so that a CRM that is down, or a token that is dead, is not asked every few seconds.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import Refused, UnderWay
from .outcomes import Pass
from .passes import Inbox

#: Seconds after which it looks again at the latest, unless it is to look less often anyway.
_LONGEST = 900.0


def passes(inbox: Inbox, every: float) -> Iterator[Pass | Refused | UnderWay]:
    """Yields what each pass has come to, one every so many seconds, until a stop is asked for or the time of the inbox is up;
    and, once, what keeps it from looking, such as a share that is gone. Raises ``Refused`` where the first pass cannot be made
    at all."""
    pause = every
    trouble = None
    is_first = True
    while not inbox.stop.soft.is_set() and inbox.seconds_left():
        try:
            outcome = inbox.one_pass(patient=False)
        except (Refused, UnderWay) as error:
            if is_first and isinstance(error, Refused):
                raise
            if trouble != error.message:
                yield error
            trouble = error.message
            pause = every
        else:
            trouble = None
            pause = min(pause * 2, max(every, _LONGEST)) if outcome.stopped else every
            yield outcome
        is_first = False
        (inbox.wait or inbox.stop.soft.wait)(min(pause, inbox.seconds_left()))
