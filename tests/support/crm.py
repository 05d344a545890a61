"""A CRM on loopback whose answer to each call is decided by a function, and which remembers who was served when.

``Server`` answers in the order of arrival; with several senders a test wants to decide by clue instead.
"""

from __future__ import annotations

import json
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

from support.servers import Answer, Request, Server

CONFIRMED = Answer()
LOST = Answer(raw=b"")


@dataclass(frozen=True, slots=True)
class Call:
    """One ``clue/edit`` call: ``number`` counts the calls of its clue from 1."""

    clue: int
    number: int
    token: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Moment:
    """A call began or was about to be answered; the row is told by the ``remark`` that it sends."""

    kind: Literal["begins", "ends"]
    clue: int
    remark: str


def envelope(
    code: object, msg: str = "", data: object = None, *, status: int = 200, headers: Sequence[tuple[str, str]] = ()
) -> Answer:
    """An answer with a body as the reference shows it."""
    body = json.dumps({"code": code, "msg": msg, "data": data}, ensure_ascii=False).encode()
    return Answer(status=status, headers=headers, body=body)


def status(number: int, body: bytes = b"<html>", headers: Sequence[tuple[str, str]] = ()) -> Answer:
    """An answer of a gateway rather than the CRM."""
    return Answer(status=number, headers=headers, body=body)


def scripted(script: Mapping[int, Sequence[Answer]]) -> Callable[[Call], Answer]:
    """For each clue its answers in turn, the last one again and again; for any other clue a confirmed edit."""

    def decide(call: Call) -> Answer:
        answers = script.get(call.clue, (CONFIRMED,))
        return answers[min(call.number, len(answers)) - 1]

    return decide


class Crm(Server):
    """Answers each ``clue/edit`` call as ``decide`` says; gives out the tokens ``granted-1``, ``granted-2``, …

    ``grant`` may say something else to the token calls, which it is told the number of. ``calls`` and ``moments`` are in
    the order in which they happened, ``token_calls`` how many token calls there were, ``strays`` the paths of all else.
    """

    def __init__(
        self, decide: Callable[[Call], Answer] = lambda call: CONFIRMED, grant: Callable[[int], Answer] | None = None
    ) -> None:
        super().__init__()
        self.calls: list[Call] = []
        self.moments: list[Moment] = []
        self.token_calls = 0
        self.strays: list[str] = []
        self._decide = decide
        self._grant = grant or granted
        self._seen: Counter[int] = Counter()
        self._deciding = threading.Lock()

    def sent(self) -> list[str]:
        """The remarks in the order in which they arrived: a test's sheet gives each row its own."""
        return [str(call.body.get("remark")) for call in self.calls]

    @contextmanager
    def connection(self, sock: socket.socket) -> Iterator[tuple[socket.socket, int]]:
        """As ever, but the body does not wait for an acknowledgement of the head."""
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with super().connection(sock) as opened:
            yield opened

    def answer_to(self, request: Request) -> Answer:
        parts = urlsplit(request.target)
        with self._deciding:
            if parts.path == "/openapi/access_token":
                self.token_calls += 1
                return self._grant(self.token_calls)
            if parts.path != "/openapi/crm/clue/edit":
                self.strays.append(request.target)
                return status(404)
            body = json.loads(request.body)
            clue = body["clue_id"]
            self._seen[clue] += 1
            call = Call(clue, self._seen[clue], parse_qs(parts.query)["access_token"][0], body)
            self.calls.append(call)
            self.moments.append(Moment("begins", clue, str(body.get("remark"))))
        return _Noted(call=call, **_parts(self._decide(call)))

    def give(self, sock: socket.socket, answer: Answer) -> bool:
        """Answer; the end is noted before the first byte goes out, so that nobody can be seen to begin earlier."""
        if isinstance(answer, _Noted):
            self._stopped.wait(answer.delay)
            with self._deciding:
                self.moments.append(Moment("ends", answer.call.clue, str(answer.call.body.get("remark"))))
            answer = Answer(**{**_parts(answer), "delay": 0.0})
        return super().give(sock, answer)


@dataclass(frozen=True, slots=True)
class _Noted(Answer):
    """An answer that knows its call, so that the end of the call can be noted."""

    call: Call = field(kw_only=True)


def _parts(answer: Answer) -> dict[str, Any]:
    return {item.name: getattr(answer, item.name) for item in fields(Answer)}


def granted(number: int) -> Answer:
    """A token that is good for two hours."""
    return envelope(0, "ok", {"access_token": f"granted-{number}", "expires_in": 7200})
