"""Reads what came back over HTTP as an answer of the CRM, and hands on a ``Reply`` or a ``Grant``: facts, no judgement.

No secret is left in a reply. Headers are handed in as a mapping that finds a name in any case of its letters. How an answer
comes about is left to ``client``, what it means to ``verdicts``.
"""

from __future__ import annotations

import contextlib
import json
import math
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC
from email.utils import parsedate_to_datetime

from ..model import Message, Reply, Sent
from .secrets import Secrets
from .tokens import Grant

#: The longest answer that is read, in bytes; that of clue/edit has some 60.
LONGEST_BODY = 1 << 20
#: The longest ``msg`` and ``code`` that are kept, in characters.
LONGEST_MSG = 2000
LONGEST_CODE = 100
#: The longest access token, in bytes (guide: crm).
LONGEST_TOKEN = 512
#: Seconds for which a token is good when the CRM does not say (guide: crm).
USUAL_LIFE = 7200.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What one exchange brought, before its body is read as JSON; there is either a ``body`` or a ``trouble``."""

    sent: Sent
    status: int | None = None
    retry_after: float | None = None
    body: bytes | None = None
    trouble: Message | None = None


def retry_seconds(headers: Mapping[str, str], wall_clock: Callable[[], float]) -> float | None:
    """Returns the seconds of ``Retry-After`` (RFC 9110 §10.2.3: seconds or a date; decimals are borne with); None for nonsense.

    A date counts from the answer's own ``Date`` where it has one: the two clocks need not agree.
    """
    text = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,10}(\.[0-9]{1,10})?", text):
        return float(text)
    until = _http_date(text)
    if until is None:
        return None
    now = _http_date(headers.get("Date", ""))
    return max(0.0, until - (wall_clock() if now is None else now))


def decompressed(body: bytes, headers: Mapping[str, str]) -> bytes:
    """Returns ``body`` without the gzip or deflate that a gateway put around it unasked; b"", which is no JSON, if broken.

    At most one byte more than the longest body is decompressed: a small answer may become gigabytes.
    """
    if headers.get("Content-Encoding", "identity").strip().lower() == "identity":
        return body
    try:
        return zlib.decompressobj(wbits=zlib.MAX_WBITS | 32).decompress(body, LONGEST_BODY + 1)
    except zlib.error:
        return b""


def edit_reply(answer: Answer, secrets: Secrets, generation: int) -> Reply:
    """Returns ``answer`` read as the CRM's object of code, msg and data (guide: crm), with no secret in it."""
    return _reply(answer, secrets, generation, json.loads, _clean_data)


def info_reply(answer: Answer, secrets: Secrets, generation: int) -> Reply:
    """Returns what ``edit_reply`` does, but keeps ``data`` that is an object as a dict; a NaN or an infinity is no JSON."""
    return _reply(answer, secrets, generation, _FINITE.decode, _clean_record)


def token_grant(answer: Answer, secrets: Secrets) -> Grant | Reply:
    """Returns the token that ``answer`` grants (guide: crm), which is added to ``secrets``; or what it says instead."""
    content = _json_object(answer.body, json.loads) or {}
    data = content.get("data")
    value = data.get("access_token") if isinstance(data, dict) else None
    if isinstance(data, dict) and isinstance(value, str) and _may_be_token(value):
        secrets.add(value)
        if answer.status == 200 and _code(content) in (0, "0"):
            return Grant(value, _life(data.get("expires_in")))
    reply = edit_reply(answer, secrets, 0)
    trouble = Message("reply.no_token") if reply.code in (0, "0") else reply.trouble
    return replace(reply, data=None, trouble=trouble)


def _http_date(text: str) -> float | None:
    """Returns the seconds since 1970 of an HTTP date, None if it is none."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    # A zone of "-0000" is read as none; HTTP dates are in UTC.
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _reply(
    answer: Answer,
    secrets: Secrets,
    generation: int,
    parse: Callable[[str], object],
    clean: Callable[[object, Secrets], object],
) -> Reply:
    content = _json_object(answer.body, parse)
    if content is not None:
        with contextlib.suppress(RecursionError):  # nested so deeply that it can be parsed, but not gone through
            code, msg = _code(content), content.get("msg")
            if not isinstance(msg, str):
                msg = "" if msg is None else json.dumps(msg, ensure_ascii=False)
            return Reply(
                answer.sent,
                generation,
                answer.status,
                _clean(code, secrets)[:LONGEST_CODE] if isinstance(code, str) else code,
                _clean(msg, secrets)[:LONGEST_MSG],
                clean(content.get("data"), secrets),
                answer.retry_after,
                Message("reply.no_code") if code is None else None,
            )
    trouble = answer.trouble or Message("reply.not_json")
    return Reply(answer.sent, generation, answer.status, retry_after=answer.retry_after, trouble=trouble)


def _json_object(body: bytes | None, parse: Callable[[str], object]) -> dict[str, object] | None:
    """Returns the JSON object in ``body``, None if there is none. A broken character in it costs that character only."""
    if body is None:
        return None
    try:
        content = parse(body.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):  # also 1e999, which is JSON, but no float holds it
        raise ValueError("not finite")
    return number


_FINITE = json.JSONDecoder(parse_float=_finite, parse_constant=_finite)


def _code(content: dict[str, object]) -> int | str | None:
    code = content.get("code")
    return code if isinstance(code, (int, str)) and not isinstance(code, bool) else None


def _clean(text: str, secrets: Secrets) -> str:
    """Returns ``text`` without secrets, and without the half characters that JSON can express and no file can hold."""
    return secrets.remove_from(text).encode("utf-8", "replace").decode()


def _clean_data(data: object, secrets: Secrets) -> object:
    """Returns ``data`` as it is if it is a number, a bool or nothing; else its JSON text, cleaned and cut like ``msg``."""
    if data is None or isinstance(data, (bool, int, float)):
        return data
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    return _clean(text, secrets)[:LONGEST_MSG]


def _clean_record(data: object, secrets: Secrets) -> object:
    """Returns ``data`` with every text in it cleaned, keys too, if it is an object; else what ``_clean_data`` does."""
    return _clean_texts(data, secrets) if isinstance(data, dict) else _clean_data(data, secrets)


def _clean_texts(value: object, secrets: Secrets) -> object:
    if isinstance(value, str):
        return _clean(value, secrets)
    if isinstance(value, dict):
        return {_clean(key, secrets): _clean_texts(item, secrets) for key, item in value.items()}
    if isinstance(value, list):
        return [_clean_texts(item, secrets) for item in value]
    return value


def _may_be_token(value: str) -> bool:
    """Whether ``value`` can be an access token (guide: crm): neither empty nor too long, all of it visible."""
    return value.isprintable() and " " not in value and 0 < len(value.encode()) <= LONGEST_TOKEN


def _life(expires_in: object) -> float:
    """Returns ``expires_in`` in seconds; the usual life where it is missing or no positive number."""
    if isinstance(expires_in, (int, float, str)) and not isinstance(expires_in, bool):
        try:
            seconds = float(expires_in)
        except (ValueError, OverflowError):
            return USUAL_LIFE
        if 0 < seconds < math.inf:
            return seconds
    return USUAL_LIFE
