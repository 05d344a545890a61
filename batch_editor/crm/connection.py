"""How one process reaches the CRM at one address for one app: the permitted rate, the access token, the connections, and what
tries a request again.
"""

from __future__ import annotations

import hashlib
from collections import deque
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from ..journal.journal import Journal
from ..messages.time import spoken
from ..model import Message, Reply
from ..settings.settings import Settings
from ..stop import Stop
from .client import Client, fetch_token
from .pace import Pace
from .retries import Retries, punctual
from .secrets import Secrets
from .tokens import Grant, Tokens

#: Seconds; windows that are longer than this outlast a run, and what the file of the pace may have lost is looked up for them.
MADE_UP_FROM = 60.0


class Connection:
    """Everything that a request to the CRM needs. Use it as a context manager; raises ``SettingsError`` if there cannot be one.

    ``app`` is what, beside the address, all runs have in common that share a rate; ``run`` is one of them that the ``journal``
    knows, if there is one. ``notices`` get what a person who watches wants to know.
    """

    def __init__(
        self, journal: Journal, run: str | None, settings: Settings, app: str, stop: Stop, notices: deque[Message]
    ) -> None:
        self._notices = notices
        api, secrets = settings.api, Secrets()
        tenant = hashlib.sha256(f"{api.base_url} {app}".encode()).hexdigest()
        file = journal.path.with_name(f"pace-{tenant[:16]}")  # what all runs to the same address and app share
        with ExitStack() as opened:
            self.pace = opened.enter_context(Pace(settings.rate.parsed(), file=file, on_wait=self._waits))
            begins = punctual(self.pace, stop)
            if api.access_token is not None:
                secrets.add(api.access_token.get_secret_value())
                tokens = Tokens(fixed=api.access_token.get_secret_value())
            else:
                app_id, app_secret = api.app_id or "", api.app_secret.get_secret_value() if api.app_secret else ""

                def request_token() -> Grant | Reply:
                    ends = self.pace.used
                    return fetch_token(api.base_url, app_id, app_secret, secrets, timeout=api.timeout, begins=begins, ends=ends)

                tokens = Tokens(fetch=lambda: self.retries.fetch_token(request_token))
            client = Client(api.base_url, tokens, secrets, timeout=api.timeout, begins=begins, ends=self.pace.used)
            self.client = opened.enter_context(client)
            self.retries = Retries(tokens=tokens, pace=self.pace, settings=settings, stop=stop, notices=notices)
            if run and self.pace.span > MADE_UP_FROM:
                self.pace.make_up(journal.requests(run, self.pace.span))
            self._opened = opened.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._opened.close()

    def _waits(self, seconds: float) -> None:
        self._notices.append(Message("notice.full", {"time": spoken(seconds)}))
