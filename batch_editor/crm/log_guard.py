"""Keeps every secret out of what the HTTP libraries log, whatever logging is set up, and whenever."""

from __future__ import annotations

import logging
import threading
import weakref

from .secrets import Secrets

_LOGGERS = ("httpx", "httpcore", *(f"httpcore.{part}" for part in ("connection", "http11", "http2", "proxy", "socks")))


class _LogGuard(logging.Filter):
    """Removes every secret from what httpx and httpcore log: at DEBUG they show headers, and those may echo the URL.

    It sits on the loggers themselves, since a filter of a parent never sees the records of its children, and since
    handlers and levels are free to change. One guard serves the process; a ``Secrets`` no longer in use drops out.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._known: tuple[weakref.ref[Secrets], ...] = ()

    def watch(self, secrets: Secrets) -> None:
        with self._lock:
            # A new tuple each time: other threads may be walking through the old one.
            self._known = (*(ref for ref in self._known if ref() not in (None, secrets)), weakref.ref(secrets))
        for name in _LOGGERS:
            logging.getLogger(name).addFilter(self)

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        for ref in self._known:
            if (secrets := ref()) is not None:
                text = secrets.remove_from(text)
        record.msg, record.args = text, ()
        return True


_log_guard = _LogGuard()


def guard_logs(secrets: Secrets) -> None:
    """Removes ``secrets`` from now on from what the HTTP libraries log, for as long as they are in use."""
    _log_guard.watch(secrets)
