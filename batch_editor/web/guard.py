"""What every request passes before any view, and every answer on its way out: who asks, by which name, from which page.

The order is that of harm: a foreign name of the host, a shape that no browser sends, a foreign page, somebody who has not
logged in, a form that is not ours. Whoever is refused so early learns nothing: the answer is the same whatever is asked for.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..errors import SettingsError
from ..messages.visible import is_visible
from ..settings.sections import Web
from .bodies import Body
from .people import People, account
from .reach import Asked, Reach
from .sessions import Sessions, Visitor
from .throttle import Throttle
from .turns import AT_ONCE, MOST_STREAMS, Turns

_LOG = logging.getLogger(__name__)
#: What somebody who has not logged in may ask for: the page to log in, its language and its looks.
OPEN = frozenset({"/login", "/lang", "/static/page.css", "/static/icon.svg"})
#: The most characters of an address and of its query, and the most headers and bytes of cookies.
LONGEST_PATH, LONGEST_QUERY, MOST_HEADERS, LONGEST_COOKIES = 1024, 4096, 60, 8192
#: The most bytes of a form that carries no sheet.
LONGEST_FORM = 2 * 1024 * 1024
#: A body that is refused is read on for so many bytes and seconds, and forgotten, so that the browser reads why.
_DISCARDED, _DISCARDED_OF_STRANGERS = (128 * 1024 * 1024, 10.0), (1024 * 1024, 1.0)

HEADERS = {
    "content-security-policy": (
        "default-src 'self'; frame-ancestors 'none'; form-action 'self'; base-uri 'none'; object-src 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # With "no-referrer", browsers would send the forms of the page with the origin "null".
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
}
#: For how long a browser asks by TLS alone, once it has: 30 days.
_STRICT_TRANSPORT = "max-age=2592000"


@dataclass(frozen=True, slots=True)
class Access:
    """Who is let in: how the page is reached, its people, their sessions and tries. ``web`` returns the settings of now."""

    reach: Reach
    people: People
    sessions: Sessions
    throttle: Throttle
    web: Callable[[], Web]

    @classmethod
    def of(cls, reach: Reach, folder: Path, web: Callable[[], Web]) -> Access:
        """Returns the access that the files in the state folder ``folder`` give."""
        people = People(folder)
        return cls(reach, people, Sessions(folder, people), Throttle(), web)


class Guard:
    """An application that hands to ``app`` what may pass. ``uploads`` are the addresses to which a sheet may be sent, with the
    most bytes of one; ``refused`` draws the page that tells somebody who is let in why a request was refused."""

    def __init__(
        self,
        app: ASGIApp,
        access: Access,
        *,
        uploads: Mapping[str, Callable[[], int]],
        refused: Callable[[Request, HTTPException], Awaitable[Response]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._access = access
        self._uploads = uploads
        self._refused = refused
        self._clock = clock
        self._account = account()
        self._turns, self._streams = Turns(AT_ONCE), Turns(MOST_STREAMS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request, or hands it on."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = _headers(scope)
        asked = self._access.reach.asked((scope.get("client") or ("", 0))[0], scope.get("server") or ("", 0), headers)
        is_tls = asked is not None and asked.scheme == "https"
        status = 421 if asked is None else _misshapen(scope, headers)
        if asked is not None and status is None and _is_foreign(scope["method"], headers, asked):
            status = 403
        if asked is not None and status is None:
            await self._known_place(scope, receive, send, headers, asked)
            return
        if scope["method"] == "POST":
            await Body(receive, 0, self._clock).discard(*_DISCARDED_OF_STRANGERS)
        await _bare(status or 403)(scope, receive, _Answer(send, scope, is_tls=is_tls).send)

    async def _known_place(self, scope: Scope, receive: Receive, send: Send, headers: Mapping[str, str], asked: Asked) -> None:
        reach, is_tls = self._access.reach, asked.scheme == "https"
        cookie = _cookie_name(is_tls=is_tls, port=(scope.get("server") or ("", 0))[1])
        is_stream = "text/event-stream" in headers.get("accept", "")
        try:
            visitor = self._visitor(
                headers, cookie, touch=not is_stream and "application/json" not in headers.get("accept", "")
            )
        except SettingsError as error:  # a file is damaged, or on a disk that is full
            _LOG.error("%s", error)
            await _bare(503)(scope, receive, _Answer(send, scope, is_tls=is_tls).send)
            return
        state = scope.setdefault("state", {})
        state |= {
            "visitor": visitor,
            "csrf": visitor.token,
            "person": (visitor.person or "") if reach.needs_login else self._account,
            "address": asked.address,
            "access": self._access,
        }
        answer = _Answer(send, scope, is_tls=is_tls, cookie=self._cookie(cookie, is_tls=is_tls))
        if is_stream and reach.needs_login:
            answer.is_over = lambda: self._visitor(headers, cookie, touch=False).person is None
        body = Body(receive, self._most(scope["path"]), self._clock)
        if not state["person"] and scope["path"] not in OPEN:
            if scope["method"] == "POST":
                await body.discard(*_DISCARDED)
            to_log_in = _to_log_in(scope, headers) or await self._refused(Request(scope, receive), HTTPException(401))
            await to_log_in(scope, receive, answer.send)
            return
        scope["scheme"] = asked.scheme
        who = f"{state['person']}\n{'' if state['person'] else asked.address}"
        if scope["method"] == "GET" and scope["path"].endswith("/events"):  # it lasts, and takes no thread
            stream = self._streams.of(who)
            if stream.locked():
                await _bare(503)(scope, receive, answer.send)
                return
            async with stream:
                await self._app(scope, receive, answer.send)
            return
        async with self._turns.of(who):
            await self._pass(scope, receive, headers, visitor, body, answer)

    async def _pass(
        self, scope: Scope, receive: Receive, headers: Mapping[str, str], visitor: Visitor, body: Body, answer: _Answer
    ) -> None:
        if scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, answer.send)
            return
        try:
            if scope["method"] != "POST":
                raise HTTPException(405, headers={"Allow": "GET, HEAD, POST"})
            await self._require_form(scope, headers, visitor, body)
        except HTTPException as error:
            await body.discard(*_DISCARDED)
            refusal = await self._refused(Request(scope, body.receive), error)
            refusal.headers["connection"] = "close"
            await refusal(scope, receive, answer.send)
        else:
            await self._app(scope, body.receive, answer.send)

    async def _require_form(self, scope: Scope, headers: Mapping[str, str], visitor: Visitor, body: Body) -> None:
        """Raises ``HTTPException`` unless the body has a length that is possible, and comes from a form of ours."""
        length = headers.get("content-length", "0")
        if length.isdecimal() and int(length[:20]) > self._most(scope["path"]):
            raise HTTPException(413)
        sessions = self._access.sessions

        def is_token(token: str) -> bool:
            return sessions.is_token_of(visitor, token)

        token = headers.get("x-csrf-token")
        is_ours = is_token(token) if token is not None else await body.carries(is_token, headers.get("content-type", ""))
        if not is_ours:
            raise HTTPException(403)

    def _most(self, path: str) -> int:
        upload = self._uploads.get(path)
        return LONGEST_FORM if upload is None else upload() + LONGEST_FORM

    def _visitor(self, headers: Mapping[str, str], cookie: str, *, touch: bool) -> Visitor:
        sessions, web = self._access.sessions, self._access.web()
        if not self._access.reach.needs_login:
            return sessions.here()
        return sessions.visitor(
            _cookie(headers, cookie), lasts=web.session_hours * 3600, idle=web.idle_minutes * 60, touch=touch
        )

    def _cookie(self, name: str, *, is_tls: bool) -> Callable[[Visitor], str]:
        secure = "; Secure" if is_tls else ""
        return lambda visitor: f"{name}={self._access.sessions.cookie_of(visitor)}; Path=/; HttpOnly; SameSite=Lax{secure}"


class _Answer:
    """An answer on its way out. ``is_over`` says, at each part of a stream, whether nobody may see more of it."""

    def __init__(self, send: Send, scope: Scope, *, is_tls: bool, cookie: Callable[[Visitor], str] | None = None) -> None:
        self._send = send
        self._scope = scope
        self._is_tls = is_tls
        self._cookie = cookie
        self._is_ended = False
        self.is_over: Callable[[], bool] = lambda: False

    async def send(self, message: Message) -> None:
        if self._is_ended:
            return
        if message["type"] == "http.response.start":
            self._complete(MutableHeaders(scope=message))
        elif message["type"] == "http.response.body" and message.get("more_body") and self.is_over():
            self._is_ended = True
            message = {"type": "http.response.body", "body": b"", "more_body": False}
        await self._send(message)

    def _complete(self, headers: MutableHeaders) -> None:
        for name, value in HEADERS.items():
            headers[name] = value
        if self._is_tls:
            headers["strict-transport-security"] = _STRICT_TRANSPORT
        headers.setdefault("cache-control", "no-store")
        visitor: Visitor | None = self._scope.get("state", {}).get("visitor")
        if self._cookie and visitor and visitor.is_new and not self._scope["path"].startswith("/static/"):
            headers.append("set-cookie", self._cookie(visitor))


def local_path(text: str) -> str:
    """Returns ``text`` if it is the address of a page of ours, to which somebody may be sent on; else that of the first one."""
    is_ours = text.startswith("/") and not text.startswith(("//", "/\\")) and len(text) <= LONGEST_PATH + LONGEST_QUERY
    return text if is_ours and text.isascii() and text.isprintable() and "\\" not in text and " " not in text else "/"


def _headers(scope: Scope) -> dict[str, str]:
    """Returns the headers by their names in small letters; of one that is there twice, both with a comma between."""
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1"), value.decode("latin-1")
        between = "; " if key == "cookie" else ", "
        headers[key] = f"{headers[key]}{between}{text}" if key in headers else text
    return headers


def _misshapen(scope: Scope, headers: Mapping[str, str]) -> int | None:
    """Returns the status with which a request is refused that no browser sends for a page of ours, None for others."""
    path, query = scope["path"], scope.get("query_string", b"")
    if len(path) > LONGEST_PATH or len(query) > LONGEST_QUERY:
        return 414
    if len(scope["headers"]) > MOST_HEADERS or len(headers.get("cookie", "")) > LONGEST_COOKIES:
        return 431
    if "upgrade" in headers or not is_visible(path) or "\\" in path or "//" in path or "/../" in f"{path}/":
        return 400
    return None


def _is_foreign(method: str, headers: Mapping[str, str], asked: Asked) -> bool:
    """Returns whether another site asks: by a form or a script of its own, or for something that it would show as its own.

    A link of another site may open a page here.
    """
    origin, site = headers.get("origin"), headers.get("sec-fetch-site", "same-origin")
    if method == "POST":
        is_ours = origin is None or origin.casefold() == f"{asked.scheme}://{asked.host}".casefold()
        return not is_ours or site not in ("same-origin", "none")
    is_link = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest", "document") == "document"
    return site not in ("same-origin", "none") and not is_link


def _to_log_in(scope: Scope, headers: Mapping[str, str]) -> Response | None:
    """Returns the way to the page to log in for a browser that shows what it is answered, None for a script's question."""
    if "text/html" not in headers.get("accept", "") or headers.get("sec-fetch-mode", "navigate") != "navigate":
        return None
    if scope["method"] == "POST" or scope["path"] == "/":
        return RedirectResponse("/login", 303)
    query = scope.get("query_string", b"").decode("latin-1")
    asked_for = quote(scope["path"], safe="/") + (f"?{query}" if query else "")
    return RedirectResponse(f"/login?next={quote(asked_for, safe='/')}", 303)


def _bare(status: int) -> Response:
    """Returns an answer that says nothing but its status."""
    answer = PlainTextResponse(HTTPStatus(status).phrase, status)
    answer.headers["connection"] = "close"
    return answer


def _cookie_name(*, is_tls: bool, port: int) -> str:
    """Returns the name of the cookie. Without TLS, servers on other ports of one machine share its cookies."""
    return "__Host-batch-editor" if is_tls else f"batch-editor-{port}"


def _cookie(headers: Mapping[str, str], name: str) -> str | None:
    """Returns the cookie of that name; those of others may have any form."""
    pairs = (pair.strip().partition("=") for pair in headers.get("cookie", "").split(";"))
    return next((value for known, _, value in pairs if known == name), None)
