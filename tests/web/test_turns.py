"""One person who asks for much does not keep the others waiting."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from support.visitors import FORWARDED, Office, Visitor, cheap_passwords

from batch_editor.web import history, turns


def test_a_person_with_many_slow_requests_keeps_nobody_else_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cheap_passwords(monkeypatch)
    at_work, is_free = threading.Semaphore(0), threading.Event()
    values_of = history.home_values

    def home_values(request: Request) -> dict[str, Any]:
        if request.state.person == "Li Lei":
            at_work.release()
            is_free.wait()
        return values_of(request)

    def ask(browser: Visitor) -> None:
        with suppress(httpx.TransportError):
            browser.get("/", headers=FORWARDED)

    with Office(tmp_path, lang="en") as office, office.browser("Li Lei") as many, office.browser("王芳") as other:
        monkeypatch.setattr(history, "home_values", home_values)
        asking = [threading.Thread(target=ask, args=(many,)) for _ in range(50)]
        try:
            for thread in asking:
                thread.start()
            for _ in range(turns.AT_ONCE):
                assert at_work.acquire(timeout=20)
            assert other.get("/", headers=FORWARDED).status_code == 200
        finally:
            is_free.set()
            for thread in asking:
                thread.join()
        assert many.get("/", headers=FORWARDED).status_code == 200
