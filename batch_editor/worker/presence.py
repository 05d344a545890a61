"""A worker's place in the journal: it is seen by others, and sees itself whether the journal is still the one it knows.

Both are looked at every few seconds, in a thread of its own: while the database is away, the others go on with what they have.
"""

from __future__ import annotations

import os
import platform
import threading
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import version
from types import TracebackType
from typing import Self

from ..errors import BatchEditorError, Halted, SettingsError
from ..journal.journal import Journal
from .tenants import Tenants

#: Seconds between two looks.
_EVERY = 2.0


class Presence:
    """Says every few seconds that the worker called ``name`` is there, and for whom. Use it as a context manager.

    ``on_refused`` is called where the journal has become that of another version.
    """

    def __init__(self, journal: Journal, name: str, tenants: Tenants, on_refused: Callable[[BatchEditorError], None]) -> None:
        self._journal = journal
        self._name = name
        self._tenants = tenants
        self._on_refused = on_refused
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="presence", daemon=True)

    def __enter__(self) -> Self:
        self._look()
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over.set()
        with suppress(Halted):
            self._journal.leases.forget_worker(self._name)

    def _keep(self) -> None:
        while not self._over.wait(_EVERY):
            self._look()

    def _look(self) -> None:
        try:
            if not self._journal.leases.is_current():
                self._on_refused(SettingsError("worker.migrated"))
                return
            keys = [tenant.key for tenant in self._tenants.served]
            self._journal.leases.note_worker(self._name, platform.node(), os.getpid(), version("batch-editor"), keys)
        except Halted:
            return  # the database is away: whoever has something to do there says so
