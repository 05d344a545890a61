"""A body that is slow, or never comes, is answered with that it was too slow; whoever sends it holds nobody up."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest
from starlette.exceptions import HTTPException
from starlette.types import Message
from support.pages import Client, Markup, PageServer, in_a_loop, site_with

from batch_editor.settings.settings import Settings
from batch_editor.web import bodies, guard
from batch_editor.web.bodies import FEWEST_A_SECOND, GRACE, Body


@pytest.mark.parametrize(
    ("bytes_a_second", "arrives"), [(1, False), (FEWEST_A_SECOND - 200, False), (FEWEST_A_SECOND + 200, True)]
)
def test_a_body_must_arrive_at_some_rate_once_it_has_had_time(bytes_a_second: int, arrives: bool) -> None:
    now = 0.0

    async def receive() -> Message:
        nonlocal now
        now += 1
        return {"type": "http.request", "body": b"x" * bytes_a_second, "more_body": True}

    async def read() -> None:
        body = Body(receive, 1 << 40, lambda: now)
        while now < 5000:
            await body.receive()

    if arrives:
        in_a_loop(read())
        return
    with pytest.raises(HTTPException) as refused:
        in_a_loop(read())
    assert refused.value.status_code == 408 and now > GRACE


@pytest.mark.parametrize("token", [True, False])
@pytest.mark.parametrize("path", ["/lang", "/sheets", "/runs/x/mend"])
def test_a_body_that_pauses_is_too_slow_whether_or_not_its_token_has_come(
    path: str, token: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "PAUSE", 0.05)
    monkeypatch.setattr(guard, "_DISCARDED", (1024, 0.05))
    state = tmp_path / "state"
    with PageServer(site_with(Settings(state_dir=state))) as server, server.client() as browser:
        answer = sent_in_part(browser, path, token=token)
        assert answer.startswith("HTTP/1.1 408 ") and "connection: close" in answer.lower()
        assert Markup(answer.partition("\r\n\r\n")[2]).faults == [] and "太慢" in answer
        assert [*state.glob("uploads/*")] == []
        assert browser.get("/").status_code == 200


def sent_in_part(browser: Client, path: str, *, token: bool) -> str:
    """What the server answers to the beginning of a form, of which the rest never comes."""
    browser.get("/")
    host = str(browser.base_url).rstrip("/").removeprefix("http://")
    field = f'--b\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{browser.csrf}\r\n' if token else ""
    name = '; filename="a.csv"' if path == "/sheets" else ""
    begin = f'{field}--b\r\nContent-Disposition: form-data; name="{"file" if path == "/sheets" else "x"}"{name}\r\n\r\nclue_id'
    kind = "multipart/form-data; boundary=b"
    head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: {kind}\r\nContent-Length: 90000\r\n\r\n"
    with socket.create_connection(host.split(":"), timeout=20) as connection:  # type: ignore[arg-type]
        connection.sendall((head + begin).encode())
        answer = b""
        while not re.search(rb"</html>\s*\Z", answer) and (part := connection.recv(65536)):
            answer += part
        return answer.decode()
