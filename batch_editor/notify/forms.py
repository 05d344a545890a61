"""The forms in which robots and a webhook take a text: what is posted to which address, to the last byte.

The limits and signatures are those that WeCom, DingTalk and Feishu document for the robots of their groups.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote

from ..settings.notify import DingTalk, Feishu, Webhook, WeCom
from .text import Text, in_bytes, in_json, inert, unlinked, within_limit

#: The most bytes of UTF-8 that WeCom takes as the content of a message.
WECOM_MARKDOWN = 4096
WECOM_TEXT = 2048
#: The most bytes that DingTalk and Feishu take as a request.
LARGEST_REQUEST = 20_000

Posted = tuple[str, bytes]


def posted(target: WeCom | DingTalk | Feishu | Webhook, text: Text, note: str, seconds: float) -> Posted:
    """Returns the address and the body by which ``text`` is posted to ``target``; ``note`` says that something was cut,
    ``seconds`` since 1970 is when that is."""
    url = target.url.get_secret_value()
    match target:
        case WeCom():
            return url, _json(_wecom(target, text, note))
        case DingTalk():
            return _signed_url(target, url, seconds), _json(_dingtalk(target, text, note))
        case Feishu():
            return url, _json(_feishu(target, text, note, seconds))
        case Webhook():
            return url, _json(text.record)


def _json(content: object) -> bytes:
    # Half a character, such as a name of a file may hold, is written as JSON has it: no UTF-8 can.
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(errors="backslashreplace")


def _wecom(target: WeCom, text: Text, note: str) -> object:
    text = _inert(text)
    if target.format == "text":
        content = _laid_out(text, note, title="{}", between="\n", limit=WECOM_TEXT, size=in_bytes)
        return {"msgtype": "text", "text": {"content": content}}
    content = _laid_out(text, note, title="### {}", between="\n", limit=WECOM_MARKDOWN, size=in_bytes)
    return {"msgtype": "markdown", "markdown": {"content": content}}


def _dingtalk(target: DingTalk, text: Text, note: str) -> object:
    text = _with_keyword(_inert(text), target.keyword)

    def message(content: str) -> object:
        return {"msgtype": "markdown", "markdown": {"title": text.title, "text": content}, "at": {"isAtAll": False}}

    room = LARGEST_REQUEST - len(_json(message("")))
    return message(_laid_out(text, note, title="### {}", between="\n\n", limit=room, size=in_json))


def _feishu(target: Feishu, text: Text, note: str, seconds: float) -> object:
    text = _with_keyword(_inert(text), target.keyword)
    signed: dict[str, object] = {}
    if target.secret is not None:
        timestamp = str(int(seconds))
        key = f"{timestamp}\n{target.secret.get_secret_value()}"
        signed = {"timestamp": timestamp, "sign": _base64_of_hmac(key, "")}

    def message(content: str) -> dict[str, object]:
        # Each line is an element of its own; nothing acts in one of the kind ``text``, not even a mention.
        lines = [[{"tag": "text", "text": line}] for line in content.split("\n") if line]
        return {**signed, "msg_type": "post", "content": {"post": {"zh_cn": {"title": text.title, "content": lines}}}}

    around = len(_json(message("")))

    def size(content: str) -> int:
        return len(_json(message(content))) - around + 1  # with the comma behind it

    return message(_laid_out(text, note, title="", between="\n", limit=LARGEST_REQUEST - around, size=size))


def _laid_out(text: Text, note: str, *, title: str, between: str, limit: int, size: Callable[[str], int]) -> str:
    """Returns all lines of ``text`` as one, with ``title`` as the form of its first line; "" leaves that out."""
    head = between.join([*([title.format(text.title)] if title else []), *text.lines])
    problems = between.join(text.problems)
    tail = between.join(text.ending)
    return within_limit(head, problems, tail, between=between, note=note, limit=limit, size=size)


def _inert(text: Text) -> Text:
    lines, problems, ending = ([inert(line) for line in part] for part in (text.lines, text.problems, text.ending))
    return Text(inert(text.title), lines, problems, ending)


def _with_keyword(text: Text, keyword: str | None) -> Text:
    """Returns ``text`` with the word in its title without which the robot refuses it."""
    return replace(text, title=f"{text.title} ({keyword})") if keyword and keyword not in text.title else text


def _signed_url(target: DingTalk, url: str, seconds: float) -> str:
    if target.secret is None:
        return url
    timestamp = str(int(seconds * 1000))
    secret = target.secret.get_secret_value()
    sign = quote(_base64_of_hmac(secret, f"{timestamp}\n{secret}"), safe="")
    return f"{url}{'&' if '?' in url else '?'}timestamp={timestamp}&sign={sign}"


def _base64_of_hmac(key: str, message: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), message.encode(), hashlib.sha256).digest()).decode()


def plain(text: Text) -> str:
    """Returns ``text`` but for its title as the lines of a mail."""
    parts = [text.lines, text.problems, text.ending]
    return "\n\n".join("\n".join(map(unlinked, lines)) for lines in parts if lines) + "\n"
