"""Puts together what one process needs to reach the CRM at one address for one app: the permitted rate, the access token, the
connections, and what tries a request again. Which requests are made is left to those who hold a ``Connection``.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from ..errors import stopped
from ..journal.machine import boot_id
from ..journal.permits import Permits
from ..messages.time import spoken
from ..model import Message, Reply
from ..settings.settings import Settings
from ..stop import Stop
from .client import Client, fetch_token
from .grants import Grants
from .pace import Pace, open_record
from .retries import Retries
from .secrets import Secrets
from .shared_pace import SharedPace
from .tokens import Grant, Tokens
from .waits import Waits


def tenant_key(settings: Settings, app: str) -> str:
    """Returns what all runs have in common that share a rate: those to the same address and ``app``, or to the tenant that the
    settings name."""
    shared = f"tenant {settings.api.tenant}" if settings.api.tenant else app
    return hashlib.sha256(f"{settings.api.base_url} {shared}".encode()).hexdigest()[:16]


def record_path(folder: Path, settings: Settings, app: str) -> Path:
    """Returns the record in ``folder`` of the pace of one tenant."""
    return folder / f"pace-{tenant_key(settings, app)}"


class Connection:
    """Everything that a request to the CRM needs; use it as a context manager.

    ``folder`` is where the record of the pace is kept, which all runs to the same address share, and to the same ``app``, or to
    the tenant that the settings name.
    ``earlier_requests`` gives those of such runs within so many seconds, oldest first: how many seconds ago, and how many; None
    where there were no runs yet. Where several hosts share the rate, ``permits`` are there instead of both. ``grants`` is the
    token that other connections of this process to the same app have, if there are any.
    ``notices`` get what a person who watches wants to know.

    Raises ``SettingsError`` for settings that allow no connection, or if the record cannot be opened.
    """

    def __init__(
        self,
        folder: Path,
        earlier_requests: Callable[[float], Sequence[tuple[float, int]]] | None,
        settings: Settings,
        app: str,
        stop: Stop,
        notices: deque[Message],
        permits: Permits | None = None,
        grants: Grants | None = None,
    ) -> None:
        self.grants = grants or Grants()
        self._notices = notices
        self._stop = stop
        api = settings.api
        secrets = Secrets()
        limits = settings.limits
        waits = Waits()
        with ExitStack() as opened:
            self.pace: Pace | SharedPace
            if permits is not None:
                self.pace = SharedPace(
                    limits,
                    permits=permits,
                    stop=stop.soft,
                    patience=settings.rate.patience,
                    on_wait=self._report_wait,
                    waits=waits,
                )
            else:
                self.pace = Pace(
                    limits,
                    record=open_record(limits, record_path(folder, settings, app), boot=boot_id()),
                    on_wait=self._report_wait,
                    on_loss=self._report_loss,
                    earlier_requests=earlier_requests,
                    waits=waits,
                )
            opened.callback(self.pace.close)
            if api.access_token is not None:
                secrets.add(api.access_token.get_secret_value())
                tokens = Tokens(fixed=api.access_token.get_secret_value())
            else:
                app_id = api.app_id or ""
                app_secret = api.app_secret.get_secret_value() if api.app_secret else ""

                def request_token() -> Grant | Reply:
                    return fetch_token(
                        api.base_url,
                        app_id,
                        app_secret,
                        secrets,
                        timeout=api.timeout,
                        ca_file=api.ca_file,
                        begins=self._confirm_permit,
                        ends=self.pace.used,
                        stop=stop.soft,
                    )

                def grant_token() -> Grant:
                    ask = partial(self.retries.fetch_token, request_token)
                    return self.grants.get(ask, held=tokens.held, stop=stop.soft)

                tokens = Tokens(fetch=grant_token, waits=waits)
            client = Client(
                api.base_url,
                tokens,
                secrets,
                timeout=api.timeout,
                ca_file=api.ca_file,
                begins=self._confirm_permit,
                ends=self.pace.used,
                stop=stop.soft,
            )
            self.client = opened.enter_context(client)
            self.retries = Retries(
                tokens=tokens,
                pace=self.pace,
                settings=settings,
                stop=stop,
                notices=notices,
                read_clue=client.info,
                list_pools=client.pools,
                waits=waits,
            )
            self.pace.take_up()
            self._opened = opened.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._opened.close()

    def _confirm_permit(self) -> None:
        """Waits for another permit if the one at hand has become too old while a connection was made. Raises ``Halted`` if the
        run is to stop, and the request must not be sent."""
        if not self.pace.confirm(self._stop.soft):
            raise stopped(self._stop)

    def _report_wait(self, seconds: float) -> None:
        self._notices.append(Message("notice.full", {"time": spoken(seconds)}))

    def _report_loss(self, seconds: float) -> None:
        self._notices.append(Message("notice.pace_lost", {"time": spoken(seconds)}))
