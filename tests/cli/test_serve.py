"""``batch-editor serve``: where the page is, which addresses it refuses, and how it ends."""

from __future__ import annotations

import re
import signal
import socket
import webbrowser
from pathlib import Path

import httpx
import pytest
from support.commands import Commands

from batch_editor.web.server import Server


@pytest.fixture
def command(tmp_path: Path) -> Commands:
    return Commands(tmp_path)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_port_that_is_taken_is_said_to_be_so(command: Commands, lang: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = command("serve", "--port", port, "--lang", lang, "--no-browser")
    assert done.code == 2
    assert port in done.err and "--port" in done.err
    assert ("占用" in done.err) == (lang == "zh")


@pytest.mark.parametrize("host", ["192.0.2.7", "x" * 70])
def test_a_host_that_is_not_this_computers_is_said_to_be_so(command: Commands, host: str) -> None:
    done = command("serve", "--host", host, "--no-browser")
    assert done.code == 2
    assert host in done.err and "does not belong to this computer" in done.err


@pytest.mark.parametrize("words", [[], ["--no-browser"]])
def test_the_browser_of_this_computer_opens_unless_it_shall_not(
    command: Commands, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    monkeypatch.setattr("batch_editor.cli.serve.threading.Thread", _AtOnce)
    monkeypatch.setattr(Server, "run", lambda server, on_end: [server._socket.close()][:0])
    done = command("serve", "--port", "0", *words, DISPLAY=":0")
    assert done.code == 0
    (url,) = re.findall(r"http://127\.0\.0\.1:\d+", done.out)
    assert opened == ([] if words else [url])


class _AtOnce:
    """A thread whose work is done when it is started, by whoever starts it."""

    def __init__(self, target, args, daemon) -> None:  # type: ignore[no-untyped-def]
        self._work = lambda: target(*args)

    def start(self) -> None:
        self._work()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_page_serves_until_a_signal(command: Commands, number: signal.Signals) -> None:
    process = command.start("serve", "--port", "0", "--no-browser")
    assert process.stdout is not None
    (url,) = re.findall(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
    assert httpx.get(url, trust_env=False).status_code == 200
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")
    assert out.splitlines()[-1] == "The page has ended."


@pytest.mark.slow
def test_the_demonstration_offers_the_same_page_with_sample_sheets(command: Commands, tmp_path: Path) -> None:
    process = command.start("demo", "--page", "--port", "0", "--no-browser")
    assert process.stdout is not None
    process.stdout.readline()
    (url,) = re.findall(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
    shown = httpx.get(url, trust_env=False).text
    assert "模拟 CRM" in shown and "/samples/clues_to_mend.csv" in shown
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")
    assert {path.name for path in tmp_path.iterdir()} == {"config.yaml", "batch-editor-demo"}
    assert (tmp_path / "batch-editor-demo" / "page" / "clues.json").exists()


def test_options_of_the_page_belong_to_the_page(command: Commands) -> None:
    done = command("demo", "--port", "1")
    assert done.code == 2 and "demo --page" in done.err
    assert not (command.folder / "batch-editor-demo").exists()
