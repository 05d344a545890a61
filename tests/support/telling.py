"""Targets on loopback, and telling that waits for nothing."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter

from batch_editor.notify.telling import Telling
from batch_editor.notify.text import Text
from batch_editor.settings.notify import Target
from batch_editor.stop import Stop
from support.mail_server import MailServer
from support.servers import Server

KEY = "9e8d5c1e-the-key"
TEXT = Text("夜.csv：有 3 行没有成功", ["共 300 行"], [], ["怎么办：改"], {"event": "bad"})


class Waits:
    """Waits that are over at once, and a clock that knows of them; ``stops`` makes that the process is told to stop."""

    def __init__(self, *, stops: bool = False) -> None:
        self.waited: list[float] = []
        self.time = 0.0
        self._stops = stops

    def __call__(self, seconds: float) -> bool:
        self.waited.append(seconds)
        self.time += seconds
        return self._stops


def telling(*targets: dict[str, Any], waits: Waits | None = None, **values: Any) -> Telling:
    waits = waits or Waits()
    checked: Sequence[Target] = TypeAdapter(tuple[Target, ...]).validate_python(targets)
    moment = datetime(2026, 11, 29, 2, 30, tzinfo=UTC)
    given = {"stop": Stop(), "timeout": 5, "wait": waits, "clock": lambda: waits.time, "now": lambda: moment} | values
    return Telling(checked, "en", **given)


def robot(server: Server, kind: str = "wecom", **values: Any) -> dict[str, Any]:
    return {"kind": kind, "url": f"{server.url}/hook?key={KEY}", **values}


def mail(server: MailServer, **values: Any) -> dict[str, Any]:
    addresses = {"from": "night@example.com", "to": ["a@example.com", "b@example.com"]}
    return {"kind": "email", "host": "127.0.0.1", "port": server.port, **addresses, **values}


def assert_nothing_goes_on() -> None:
    """What took too long has come to its end as well."""
    for thread in threading.enumerate():
        if thread.name == "telling":
            thread.join(10)
            assert not thread.is_alive()
