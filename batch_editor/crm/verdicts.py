"""What one reply means for its edit: the table of DESIGN §5 as pure functions.

What follows from a verdict (retries, pauses, new tokens) is the business of retries and dispatcher.
"""

from __future__ import annotations

from enum import Enum

from ..model import Message, Reply, Sent
from ..settings.settings import Api

#: HTTP statuses below 500 after which the same request may be tried again; from 500 on all are (platform-facts §2).
TRY_AGAIN = frozenset({408, 425})


class Verdict(Enum):
    """What one reply means for its edit."""

    DONE = "done"  # the edit is confirmed, or the record is there
    REJECTED = "rejected"  # the CRM said no
    AGAIN = "again"  # no usable answer: one attempt is used up
    PAUSE = "pause"  # too fast: the whole run waits
    RENEW = "renew"  # the access token was refused


def verdict(reply: Reply, api: Api, *, reading: bool = False) -> Verdict:
    """What ``reply`` means, by the table of DESIGN §5; ``api`` says which codes mean what. Codes are compared as text.

    What confirms an edit is ``data`` true; where a clue is read (``reading``), it is an object.
    """
    if reply.code is not None:
        for codes, meaning in (
            (api.rate_codes, Verdict.PAUSE),
            (api.auth_codes, Verdict.RENEW),
            (api.retry_codes, Verdict.AGAIN),
        ):
            if str(reply.code) in map(str, codes):
                return meaning
    if reply.status == 429:
        return Verdict.PAUSE
    if reply.status == 401:
        return Verdict.RENEW
    status = reply.status or 0
    if reply.sent is not Sent.YES or status in TRY_AGAIN or status >= 500 or (status == 200 and reply.trouble is not None):
        return Verdict.AGAIN
    confirmed = isinstance(reply.data, dict) if reading else reply.data is True
    if reply.status == 200 and str(reply.code) == "0" and confirmed:
        return Verdict.DONE
    return Verdict.REJECTED


def may_have_been_applied(reply: Reply) -> bool:
    """Whether a reply without a verdict leaves open that the edit was carried out: not if it never arrived, nor if the CRM
    answered properly with a code of its own."""
    return reply.sent is not Sent.NO and not (reply.status == 200 and reply.code is not None)


def code_of(reply: Reply) -> str:
    """What stands for the reply in ``result_code``: the CRM's code, ``HTTP 503`` where there is none, or nothing."""
    if reply.code is not None:
        return str(reply.code)
    return f"HTTP {reply.status}" if reply.status is not None else ""


def refusal_of(reply: Reply, *, reading: bool = False) -> Message:
    """Why the edit of a ``REJECTED`` reply was not carried out, or not confirmed; or why a clue was not shown."""
    if reply.status is not None and 300 <= reply.status < 400:
        return Message("rejected.redirect", {"status": reply.status})
    if reply.status == 200 and str(reply.code or 0) == "0":
        return Message("reading.nothing" if reading else "rejected.unconfirmed", {"msg": reply.msg})
    return Message("reading.said" if reading else "rejected.said", {"code": code_of(reply), "msg": reply.msg})
