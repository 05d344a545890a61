"""Reads what came back over HTTP as an answer of the CRM, and hands on a ``Reply`` or a ``Grant``: facts, no judgement.

No secret is left in a reply. Headers are handed in as a mapping that finds a name in any case of its letters. How an answer
comes about is left to ``client``, what it means to ``verdicts``.
"""

from __future__ import annotations

import contextlib
import html
import json
import math
import re
import zlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC
from email.utils import parsedate_to_datetime

from ..model import Message, Reply, Sent
from ..settings.credentials import LONGEST_TOKEN
from .secrets import Secrets
from .tokens import Grant

#: The longest answer that is read, in bytes; that of clue/edit has some 60.
LONGEST_BODY = 1 << 20
#: The longest ``msg`` and ``code`` that are kept, in characters.
LONGEST_MSG = 2000
LONGEST_CODE = 100
#: How much of an answer without a code is quoted, in characters.
LONGEST_START = 160
#: Seconds for which a token is good when the CRM does not say (guide: crm).
USUAL_LIFE = 7200.0

#: What ``Content-Encoding`` calls the compressions that are undone.
_COMPRESSIONS = {"gzip", "x-gzip", "deflate"}
_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)
#: What a page of HTML holds beside its text. No longer stretch is taken at a time, so that a page of openings costs no more.
_MARKUP = re.compile(r"<(script|style)\b.{0,2000}?</\1\s*>|<!?[a-zA-Z/!?][^>]{0,2000}>", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one exchange brought, before its body is read as JSON; there is either a ``body`` or a ``trouble``.

    ``charset`` is the name of the encoding that the answer says it has, if it does.
    """

    sent: Sent
    status: int | None = None
    retry_after: float | None = None
    body: bytes | None = None
    trouble: Message | None = None
    charset: str = ""


class _KeyTwice(ValueError):
    """An object of the answer names a key twice: nobody can know which of the two is meant."""


def charset(headers: Mapping[str, str]) -> str:
    """Returns the encoding that ``Content-Type`` names, in lower case; "" if none."""
    match = _CHARSET.search(headers.get("Content-Type", ""))
    return match[1].lower() if match else ""


def retry_seconds(headers: Mapping[str, str], wall_clock: Callable[[], float]) -> float | None:
    """Returns the seconds of ``Retry-After`` (RFC 9110 §10.2.3: seconds or a date; decimals are borne with); None for nonsense.

    A date counts from the answer's own ``Date`` where it has one: the two clocks need not agree.
    """
    text = headers.get("Retry-After", "").strip()
    if not text:  # as in nearly all answers
        return None
    if re.fullmatch(r"[0-9]{1,10}(\.[0-9]{1,10})?", text):
        return float(text)
    until = _http_date(text)
    if until is None:
        return None
    now = _http_date(headers.get("Date", ""))
    return max(0.0, until - (wall_clock() if now is None else now))


def decompressed(body: bytes, headers: Mapping[str, str]) -> bytes:
    """Returns ``body`` without the gzip or deflate that a gateway put around it unasked; b"", which is no JSON, if broken.

    At most one byte more than the longest body is decompressed: a small answer may become gigabytes. Other words in the header,
    such as ``none`` or ``UTF-8``, name no compression that can be undone here, and the body stays as it is.
    """
    if headers.get("Content-Encoding", "").strip().lower() not in _COMPRESSIONS:
        return body
    decompressor = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
    try:
        content = decompressor.decompress(body, LONGEST_BODY + 1)
    except zlib.error:
        return b""
    is_cut = not decompressor.eof and len(content) <= LONGEST_BODY
    return b"" if is_cut or decompressor.unused_data else content  # the latter: one answer, and something behind it


def edit_reply(answer: Answer, secrets: Secrets, generation: int) -> Reply:
    """Returns ``answer`` read as the CRM's object of code, msg and data (guide: crm), with no secret in it."""
    return _reply(answer, secrets, generation, _JSON.decode, _clean_data)


def info_reply(answer: Answer, secrets: Secrets, generation: int) -> Reply:
    """Returns what ``edit_reply`` does, but keeps ``data`` that is an object as a dict; a NaN or an infinity is no JSON."""
    return _reply(answer, secrets, generation, _FINITE.decode, _clean_record)


def token_grant(answer: Answer, secrets: Secrets) -> Grant | Reply:
    """Returns the token that ``answer`` grants (guide: crm), which is added to ``secrets``; or what it says instead."""
    content: dict[str, object] = {}
    with contextlib.suppress(_KeyTwice):
        content = _json_object(answer, _JSON.decode) or {}
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
    try:
        content = _json_object(answer, parse)
        trouble = answer.trouble or Message("reply.not_json")
    except _KeyTwice as error:
        content = None
        trouble = Message("reply.key_twice", {"key": _clean(str(error), secrets)})
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
                start=_start(answer, secrets) if code is None else "",
            )
    start = _start(answer, secrets)
    return Reply(answer.sent, generation, answer.status, retry_after=answer.retry_after, trouble=trouble, start=start)


def _json_object(answer: Answer, parse: Callable[[str], object]) -> dict[str, object] | None:
    """Returns the JSON object of ``answer``, None if there is none. A broken character in it costs that character only. Raises
    ``_KeyTwice``."""
    if answer.body is None:
        return None
    try:
        content = parse(_text(answer.body, answer.charset))
    except _KeyTwice:
        raise
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _text(body: bytes, named: str) -> str:
    """Returns ``body`` as text: in UTF-8, unless it is called, or can only be, in the encoding of Chinese Windows."""
    text = body.decode("utf-8-sig", "replace")
    if "\ufffd" in text:
        unreadable = text.count("\ufffd")
        is_chinese = named.startswith(("gb", "cp936", "ms936", "x-gbk")) or 2 * unreadable > sum(char > "\x7f" for char in text)
        if is_chinese:
            with contextlib.suppress(UnicodeDecodeError):
                return body.decode("gb18030")
    return text


def _start(answer: Answer, secrets: Secrets) -> str:
    """Returns the beginning of an answer without a code, for a person: no secret, no markup, nothing that cannot be seen."""
    if not answer.body:
        return ""
    text = secrets.remove_from(_text(answer.body, answer.charset))[: 50 * LONGEST_START]
    if text.lstrip()[:1] == "<":
        text = html.unescape(_MARKUP.sub(" ", text))
    words = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return words if len(words) <= LONGEST_START else f"{words[:LONGEST_START]}…"


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):  # also 1e999, which is JSON, but no float holds it
        raise ValueError("not finite")
    return number


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    content = dict(pairs)
    if len(content) != len(pairs):
        keys = Counter(key for key, _ in pairs)
        raise _KeyTwice(next(key for key in keys if keys[key] > 1)[:LONGEST_CODE])
    return content


_JSON = json.JSONDecoder(object_pairs_hook=_unique)
_FINITE = json.JSONDecoder(object_pairs_hook=_unique, parse_float=_finite, parse_constant=_finite)


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
