"""A look-up of a name that never ends: the wait for it does, at its time or once the run is to stop, whatever is asked."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import jobs
from support.servers import Server, certificate

from batch_editor import Refused, Stop, run
from batch_editor.crm.client import Client, fetch_token
from batch_editor.crm.secrets import Secrets
from batch_editor.crm.tokens import Tokens
from batch_editor.errors import StopAsked
from batch_editor.model import Edit, Message, Reply, Sent

EDIT = Edit(2, 5, '{"clue_id":5,"remark":"x","update_specified_fields":["remark"]}')
URL = "https://crm.invalid"
LATE = Reply(Sent.NO, 1, trouble=Message("net.connect_timeout", {"seconds": "0.2"}))


class Hanging:
    """``getaddrinfo`` that never ends, until the test does."""

    def __init__(self) -> None:
        self.asked = 0
        self.began = threading.Event()
        self.over = threading.Event()

    def __call__(self, *args: object, **options: object) -> list[object]:
        self.asked += 1
        self.began.set()
        self.over.wait()
        raise socket.gaierror("over")


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hanging]:
    names = Hanging()
    monkeypatch.setattr(socket, "getaddrinfo", names)
    monkeypatch.setenv("NO_PROXY", "*")
    yield names
    names.over.set()
    for thread in threading.enumerate():
        if thread.name == "host-name":
            thread.join()


def test_no_edit_no_read_and_no_token_waits_longer_than_its_time(hanging: Hanging) -> None:
    with Client(URL, Tokens(fixed="t"), Secrets(), timeout=0.2) as client:
        assert client.edit(EDIT) == client.info(5) == client.pools(1) == LATE
    assert fetch_token(URL, "app", "secret", Secrets(), timeout=0.2) == Reply(Sent.NO, trouble=LATE.trouble)
    assert hanging.asked == 1  # the others wait for the same look-up


def test_whoever_stops_waits_no_longer(hanging: Hanging) -> None:
    stop = threading.Event()
    threading.Thread(target=lambda: hanging.began.wait() and stop.set()).start()
    with Client(URL, Tokens(fixed="t"), Secrets(), timeout=1000, stop=stop) as client, pytest.raises(StopAsked):
        client.edit(EDIT)
    with pytest.raises(StopAsked):
        fetch_token(URL, "app", "secret", Secrets(), timeout=1000, stop=stop)


@pytest.mark.parametrize("over", [{}, {"api": jobs.APP}, {"lookups": {"clue_pool_id": "crm"}}], ids=["edit", "token", "pools"])
def test_a_run_that_is_stopped_ends(hanging: Hanging, tmp_path: Path, over: dict[str, object]) -> None:
    settings = jobs.settings(tmp_path, URL, **{"api": {"timeout": 1000}, **over})
    settings = settings.model_copy(update={"api": settings.api.model_copy(update={"timeout": 1000})})
    stop = Stop()
    threading.Thread(target=lambda: hanging.began.wait() and stop.ask()).start()
    sheet = jobs.sheet(tmp_path, [11, 12])
    if "lookups" in over:
        with pytest.raises(Refused):
            run(sheet, settings, stop=stop)
    else:
        assert run(sheet, settings, stop=stop).exit_code == 3
        assert jobs.statuses(tmp_path / "edits.results.xlsx") == ["not_sent"] * 2


def test_a_name_that_is_found_is_connected_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate(tmp_path)))
    with (
        Server(tls=tmp_path) as server,
        Client(server.url.replace("127.0.0.1", "localhost"), Tokens(fixed="t"), Secrets(), timeout=5) as client,
    ):
        assert client.edit(EDIT).data is True
