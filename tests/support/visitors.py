"""People who use the page from another machine: their names, passwords that cost a test little, and their browsers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from batch_editor.settings.settings import Settings
from batch_editor.web import people
from batch_editor.web.people import People
from batch_editor.web.reach import Reach
from support.pages import Client, PageServer, site_with

PASSWORD = "correct horse battery"


def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """A password costs next to nothing."""
    monkeypatch.setattr(people, "COST", (2, 1, 1))
    monkeypatch.setattr(people, "_NOBODY", replace(people._NOBODY, cost=(2, 1, 1)))


#: The page as others reach it, through a proxy on this machine that speaks TLS to them.
BEHIND_PROXY = Reach(needs_login=True, names=("crm-edit.example.com",), proxies=("127.0.0.1/32",))
#: What that proxy says of a browser.
FORWARDED = {
    "Host": "crm-edit.example.com",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-For": "203.0.113.9",
    "Origin": "https://crm-edit.example.com",
}


class Visitor(Client):
    """A browser that speaks TLS to the proxy: it hands out its cookies, which are secure ones."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.jar: dict[str, str] = {}

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        if self.jar and request.headers.get("cookie") is None:
            request.headers["Cookie"] = self.cookie
        answer = super().send(request, **options)
        self.cookies.clear()
        self.jar |= (line.partition(";")[0].split("=", 1) for line in answer.headers.get_list("set-cookie"))
        return answer

    def submit(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> httpx.Response:
        options["headers"] = FORWARDED | options.get("headers", {})
        return super().submit(path, data, **options)

    @property
    def cookie(self) -> str:
        """What it sends as its cookies."""
        return "; ".join(f"{name}={value}" for name, value in self.jar.items())


class Office:
    """A page that others reach through a proxy, with 王芳 and Li Lei as its people. Use it in a ``with`` block."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.settings = Settings(state_dir=folder / "state", **settings)
        self.people = People(self.settings.state_dir)
        for name in ("王芳", "Li Lei"):
            self.people.set_password(name, PASSWORD)
        self.server = PageServer(site_with(self.settings, reach=BEHIND_PROXY))

    def __enter__(self) -> Office:
        self.server.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self.server.__exit__(*error)

    @contextmanager
    def browser(self, person: str | None = None, **headers: str) -> Iterator[Visitor]:
        """A browser in which ``person`` has logged in, or nobody."""
        of_all = {"Accept": "text/html"} | FORWARDED | headers
        with Visitor(base_url=self.server.url, trust_env=False, timeout=30, headers=of_all) as visitor:
            if person:
                visitor.get("/login")
                answer = visitor.submit("/login", {"name": person, "password": PASSWORD})
                assert answer.status_code == 303, answer.text
                visitor.get(answer.headers["location"])
            yield visitor
