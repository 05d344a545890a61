"""The page as its users meet it: a real server on loopback in a thread, and a client that keeps cookies and sends forms.

``PageServer(site)`` serves within a ``with`` block; ``Client`` is an ``httpx.Client`` that knows its address. A form is sent
with the token that the last page of the client held, as a browser does; ``token=None`` leaves it out.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from batch_editor.settings.settings import Settings
from batch_editor.web.server import Server
from batch_editor.web.site import SettingsSource, Site

Result = TypeVar("Result")


def in_a_loop(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """Runs ``coroutine`` in a thread with an event loop of its own: an open browser leaves one running here."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


#: Elements that have no end.
VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def site_with(settings: Settings, **more: Any) -> Site:
    """A site whose settings are these, whatever happens."""
    return Site(SettingsSource(lambda: None, lambda _: settings), **more)


class PageServer:
    """The page of ``site`` on a free port of 127.0.0.1."""

    def __init__(self, site: Site) -> None:
        self._server = Server(site)
        self.url = self._server.url
        self._thread = threading.Thread(target=self._server.run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.end()
        self._thread.join()

    def client(self, **options: Any) -> Client:
        """A browser of its own, with no cookie yet."""
        return Client(base_url=self.url, trust_env=False, timeout=30, **options)


class Client(httpx.Client):
    """A browser without JavaScript: it keeps cookies and sends forms. Redirects are not followed unless a call says so."""

    csrf: str | None = None

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        answer = super().send(request, **options)
        if answer.headers.get("content-type", "").startswith("text/html") and (token := _TOKEN.search(answer.text)):
            self.csrf = token[1]
        return answer

    def submit(
        self, path: str, data: dict[str, Any] | None = None, *, token: str | None = "", **options: Any
    ) -> httpx.Response:
        """Send a form to ``path`` from the page that was seen last; ``files`` go along as httpx takes them."""
        token = (self.csrf or self._asked()) if token == "" else token
        fields = dict(data or {}) | ({"csrf_token": token} if token is not None else {})
        headers = {"Origin": str(self.base_url).rstrip("/")} | options.pop("headers", {})
        return self.post(path, data=fields, headers=headers, **options)

    def _asked(self) -> str | None:
        self.get("/")
        return self.csrf


class Markup(HTMLParser):
    """A page, read strictly: ``faults`` are elements that are not closed, or in the wrong order, and ids that stand twice.

    ``elements`` are all start tags with their attributes, in order, and ``texts`` the texts between them. ``in_labels`` are the
    attributes of what stands within a label, which names it.
    """

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.faults: list[str] = []
        self.in_labels: list[dict[str, str | None]] = []
        self._open: list[str] = []
        self._ids: set[str] = set()
        self.feed(page)
        self.close()
        self.faults += [f"<{tag}> is not closed" for tag in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if len(values) < len(attrs):
            self.faults.append(f"<{tag}> has an attribute twice")
        if (name := values.get("id")) is not None:
            if name in self._ids:
                self.faults.append(f"the id {name} stands twice")
            self._ids.add(name)
        self.elements.append((tag, values))
        if "label" in self._open:
            self.in_labels.append(values)
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1] != tag:
            self.faults.append(f"</{tag}> closes {self._open[-1:]}, line {self.getpos()[0]}")
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append(data.strip())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of every element of this name."""
        return [values for name, values in self.elements if name == tag]
