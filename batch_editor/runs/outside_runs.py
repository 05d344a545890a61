"""The way to the CRM for requests that belong to no run, which count in the permitted rate all the same."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from ..crm.connection import Connection, tenant_key
from ..events import Event, Notice
from ..journal.journal import Journal
from ..model import Message
from ..settings.settings import Settings, app_of
from ..stop import Stop


@contextmanager
def connected(settings: Settings, journal: Journal, stop: Stop, on_event: Callable[[Event], None]) -> Iterator[Connection]:
    """Opens a connection that shares its rate with the runs that ``journal`` knows to the same address and app or tenant.

    Raises ``SettingsError`` where there cannot be one.
    """
    app = app_of(settings)
    runs = (run for run in journal.runs() if run.base_url == settings.api.base_url)
    run = next((run.name for run in runs if (run.tenant or run.app) == (settings.api.tenant or app)), None)
    earlier_requests = partial(journal.requests, run) if run else None
    notices = _NoticesAtOnce(on_event)
    permits = journal.permits(tenant_key(settings, app), None)
    with Connection(journal.folder, earlier_requests, settings, app, stop, notices, permits) as connection:
        yield connection


class _NoticesAtOnce(deque[Message]):
    """Notices that are told at once: nobody else would look for them while a single request is waited for."""

    def __init__(self, on_event: Callable[[Event], None]) -> None:
        super().__init__()
        self._on_event = on_event

    def append(self, message: Message) -> None:
        self._on_event(Notice(message))
