"""Says what one reply of the CRM means for what was asked: pure functions of a reply and the settings of the API.

They hand on a ``Verdict``, the code and the sentence that the results sheet shows, and whether an edit may have been applied
without an answer. What follows from a verdict (retries, pauses, new tokens) is left to ``retries`` and to the dispatcher.
"""

from __future__ import annotations

from enum import Enum

from ..model import Message, Reply, Sent
from ..settings.sections import Api

#: What a refusal says where a code means "too fast"; compared with its words in lower case.
_TOO_FAST = (
    *(
        "频繁",
        "頻繁",
        "过快",
        "太快",
        "限流",
        "限频",
        "频率",
        "流控",
        "流量控制",
        "限速",
        "超过限制",
        "超出限制",
        "次数超",
        "超过次数",
        "调用超限",
        "次数过多",
        "次数达",
        "次数已",
        "访问量",
        "调用量",
        "请求过多",
    ),
    *("too many", "too fast", "too frequent", "rate limit", "ratelimit", "rate exceeded", "limit exceeded"),
    *("flow control", "slow down", "freq", "throttl", "quota", "qps"),
)
#: Troubles that the next request would have too, and which whoever looks after the network can mend alone.
_NO_WAY = {"net.certificate", "net.certificate_expired", "net.certificate_name", "net.proxy_login"}
#: HTTP statuses below 500 after which the same request may be tried again; from 500 on all are (guide: crm).
TRY_AGAIN = frozenset({408, 425})


#: HTTP statuses by which a gateway says that it cannot reach what is behind it.
_GATEWAY = frozenset({502, 503, 504})

#: HTTP statuses by which a request was carried out; of them only 200 is that of an answer of the CRM (guide: crm).
_SUCCESS = range(200, 300)


class Verdict(Enum):
    """What one reply means for the request that it answers."""

    DONE = "done"  # the edit is confirmed, or the record is there
    REJECTED = "rejected"  # the CRM said no
    AGAIN = "again"  # no usable answer: one attempt is used up
    PAUSE = "pause"  # too fast: the whole run waits
    RENEW = "renew"  # the access token was refused
    HALT = "halt"  # no request can get through, whichever it is
    WITHHELD = "withheld"  # no request was made, since its body is not what its row asks for


def edit_verdict(reply: Reply, api: Api) -> Verdict:
    """Returns what ``reply`` means for an edit (guide: crm): only HTTP 200 with code 0 and ``data`` true confirms it.

    ``api`` says which codes mean "too fast", "token refused" and "try again"; codes are compared as text.
    """
    return _verdict(reply, api, reply.data is True)


def read_verdict(reply: Reply, api: Api) -> Verdict:
    """Returns what ``reply`` means for a read: like ``edit_verdict``, but ``data`` must be an object."""
    return _verdict(reply, api, isinstance(reply.data, dict))


def _verdict(reply: Reply, api: Api, data_confirms: bool) -> Verdict:
    if reply.withheld:
        return Verdict.WITHHELD
    if halting(reply):
        return Verdict.HALT
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
    if reply.sent is not Sent.YES or status in TRY_AGAIN or status >= 500:
        return Verdict.AGAIN
    if status in _SUCCESS and reply.trouble is not None:
        return Verdict.AGAIN
    if status == 200 and str(reply.code) == "0" and data_confirms:
        return Verdict.DONE
    return Verdict.REJECTED


def halting(reply: Reply) -> Message | None:
    """Returns why no request can get through, if ``reply`` says that; None otherwise."""
    trouble = Message("net.proxy_login") if reply.status == 407 and reply.code is None else reply.trouble
    if trouble is None or trouble.key not in _NO_WAY:
        return None
    return trouble if trouble.key == "net.proxy_login" else Message("halt.certificate", {"reason": trouble})


def is_unreachable(reply: Reply) -> bool:
    """Whether a ``reply`` whose verdict is ``AGAIN`` shows that the CRM itself was not reached, or said nothing at all: no
    connection, one that was lost without an answer, or a gateway that reaches nobody (guide: crm)."""
    if reply.status is None:
        return reply.trouble is None or reply.trouble.key != "net.unasked"
    return reply.status in _GATEWAY


def maybe_applied(reply: Reply) -> bool:
    """Whether an edit may have been carried out though its ``reply`` confirms nothing: not if the request never arrived, nor
    if the CRM answered properly with a code of its own."""
    return reply.sent is not Sent.NO and not (reply.status == 200 and reply.code is not None)


def is_unconfirmed(reply: Reply) -> bool:
    """Whether a ``reply`` says by its code that an edit was made, or a question answered, but not with HTTP 200."""
    return reply.status in _SUCCESS and reply.status != 200 and str(reply.code) == "0"


def code_of(reply: Reply) -> str:
    """Returns what stands for the reply in ``result_code``: the CRM's code, ``HTTP 503`` where there is none, or nothing."""
    if reply.code is not None:
        return str(reply.code)
    return f"HTTP {reply.status}" if reply.status is not None else ""


def edit_refusal(reply: Reply) -> Message:
    """Returns why the edit of a ``REJECTED`` reply was not carried out, or not confirmed."""
    if is_unconfirmed(reply):
        return Message("rejected.status", {"status": reply.status, "msg": reply.msg})
    return _refusal(reply, "rejected.unconfirmed", "rejected.said")


def read_refusal(reply: Reply) -> Message:
    """Returns why the CRM did not show what a ``REJECTED`` read asked for."""
    if is_unconfirmed(reply):
        return Message("reading.status", {"status": reply.status, "msg": reply.msg})
    return _refusal(reply, "reading.nothing", "reading.said")


def token_refusal(reply: Reply) -> Message:
    """Returns why the CRM gave no access token in a reply with a code of its own."""
    return _hinted(Message("token.denied", {"code": code_of(reply), "msg": reply.msg}), reply)


def trouble_of(reply: Reply) -> Message:
    """Returns why there was no usable answer, by the last ``reply``; what came instead of one is quoted."""
    if reply.trouble is not None and reply.start:
        return Message("reply.quoted", {"trouble": reply.trouble, "start": reply.start})
    return reply.trouble or Message("failed.answer", {"code": code_of(reply), "msg": reply.msg})


def _refusal(reply: Reply, without_code: str, with_code: str) -> Message:
    if reply.status is not None and 300 <= reply.status < 400:
        return Message("rejected.redirect", {"status": reply.status})
    if reply.status == 200 and str(reply.code or 0) == "0":
        return Message(without_code, {"msg": reply.msg or reply.start})
    return _hinted(Message(with_code, {"code": code_of(reply), "msg": reply.msg or reply.start}), reply)


def _in_words(text: str) -> str:
    return text.lower().replace("_", " ").replace("-", " ")


def _hinted(refusal: Message, reply: Reply) -> Message:
    """Returns ``refusal``, and which setting lets its code be waited for where its words mean "too fast"."""
    if str(reply.code or 0) == "0" or not any(words in _in_words(reply.msg) for words in _TOO_FAST):
        return refusal
    return Message("rejected.too_fast", {"refusal": refusal, "code": reply.code})
