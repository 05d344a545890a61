"""Pings the address of a check as healthchecks does: when a night begins, and when it has ended, well or not.

Only somebody else can notice a night that never began. A ping that fails changes nothing.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from ..crm.secrets import Secrets
from ..model import Message
from .post import post
from .text import cut

#: Seconds that a ping may take, and the most bytes that its body may have.
TIMEOUT = 5.0
LARGEST_BODY = 10_000


class Heartbeat:
    """The check at ``url``. Each ping returns None, or what kept it from being heard."""

    def __init__(self, url: str, *, ca_file: Path | None = None, timeout: float = TIMEOUT) -> None:
        self.secrets = Secrets()
        self._url = url
        self._ca_file = ca_file
        self._timeout = timeout

    def start(self) -> Message | None:
        """Says that a night begins."""
        return self._ping("/start", "")

    def end(self, words: str, *, is_well: bool) -> Message | None:
        """Says that a night has ended, and in ``words`` how."""
        return self._ping("" if is_well else "/fail", words)

    def _ping(self, place: str, words: str) -> Message | None:
        parts = urlsplit(self._url)
        url = urlunsplit(parts._replace(path=(parts.path.rstrip("/") if place else parts.path) + place))
        body = cut(words, LARGEST_BODY).encode()
        kind = "text/plain; charset=utf-8"
        answer = post(url, body, content_type=kind, seconds=self._timeout, secrets=self.secrets, ca_file=self._ca_file)
        if isinstance(answer, Message):
            return answer
        return None if 200 <= answer.status < 300 else Message("telling.status", {"status": answer.status})
