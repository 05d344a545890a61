"""``batch-editor serve`` beyond this machine: who is added and removed, and what it refuses to start without."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from support.commands import Commands, Done, Terminal
from support.visitors import PASSWORD, cheap_passwords

from batch_editor.web.people import People
from batch_editor.web.server import Server

FILES = Path(__file__).parent.parent / "web" / "files"
TLS = ("--tls-cert", str(FILES / "page.crt"), "--tls-key", str(FILES / "page.key"))
EVERYWHERE = ("--host", "0.0.0.0")  # noqa: S104


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Commands:
    cheap_passwords(monkeypatch)
    monkeypatch.setattr(Server, "run", lambda server, on_end: [server._socket.close()][:0])
    return Commands(tmp_path)


def typed(command: Commands, stdin: str, *words: str) -> Done:
    """What becomes of the command where its stdin, which is no terminal, holds this."""
    command.piped = stdin.encode()
    return command(*words)


def people(command: Commands) -> People:
    return People(command.folder / "state")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_somebody_is_added_gets_another_password_and_is_removed(command: Commands, lang: str) -> None:
    added = typed(command, f"{PASSWORD}\n", "serve", "--add-user", "王芳", "--lang", lang)
    assert added.code == 0 and "王芳" in added.out and str(people(command).path) in added.out
    assert people(command).let_in("王芳", PASSWORD)
    changed = typed(command, "another password\r\n", "serve", "--add-user", "王芳", "--lang", lang)
    assert changed.code == 0 and changed.out != added.out
    assert people(command).let_in("王芳", "another password") and not people(command).let_in("王芳", PASSWORD)
    removed = command("serve", "--remove-user", "王芳", "--lang", lang)
    assert removed.code == 0 and people(command).names() == []
    assert PASSWORD not in added.output + changed.output + removed.output


@pytest.mark.parametrize(
    ("words", "stdin", "why"),
    [
        (["--add-user", "王芳"], "short\n", "at least 10 characters"),
        (["--add-user", "王芳"], "", "No password was given"),
        (["--add-user", ""], PASSWORD, "cannot be a name"),
        (["--add-user", "a\x1bb"], PASSWORD, "cannot be a name"),
        (["--remove-user", "王芳"], "", "Li Lei"),
        (["--remove-user", "王芳", "--add-user", "x"], PASSWORD, "not both"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_changed(command: Commands, words: list[str], stdin: str, why: str) -> None:
    people(command).set_password("Li Lei", PASSWORD)
    before = people(command).path.read_bytes()
    done = typed(command, stdin, "serve", *words, "--lang", "en")
    assert done.code == 2 and why in " ".join(done.err.split()) and people(command).path.read_bytes() == before


def test_a_damaged_file_is_said_to_be_so(command: Commands) -> None:
    people(command).set_password("Li Lei", PASSWORD)
    people(command).path.write_text("{", encoding="utf-8")
    for words in (["--add-user", "x"], ["--remove-user", "x"], [*EVERYWHERE, *TLS]):
        done = typed(command, PASSWORD, "serve", *words, "--lang", "en")
        assert done.code == 2 and "is damaged" in done.err and str(people(command).path) in done.err
    assert people(command).path.read_text(encoding="utf-8") == "{"


@pytest.mark.skipif(sys.platform == "win32", reason="there is no pseudo-terminal")
@pytest.mark.slow
@pytest.mark.parametrize(("again", "code"), [(PASSWORD, 0), (f"{PASSWORD}!", 2)])
def test_at_a_terminal_the_password_is_asked_for_twice_and_not_shown(command: Commands, again: str, code: int) -> None:
    terminal = Terminal(command, "serve", "--add-user", "王芳", "--lang", "en")
    terminal.read_until("Password of 王芳:")
    terminal.type(f"{PASSWORD}\n")
    terminal.read_until("once more:")
    terminal.type(f"{again}\n")
    assert terminal.end() == code and PASSWORD not in terminal.seen
    assert bool(people(command).names()) == (code == 0)


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])  # noqa: S104
def test_beyond_this_machine_it_starts_with_all_it_needs_and_says_what_is_lacking(command: Commands, host: str) -> None:
    words = ("serve", "--host", host, "--port", "0", "--no-browser", "--lang", "en")
    done = command(*words)
    assert done.code == 2 and "--tls-cert" in done.err and "--behind-proxy" in done.err
    done = command(*words, *TLS)
    assert done.code == 2 and "--add-user" in done.err
    people(command).set_password("王芳", PASSWORD)
    done = command(*words, *TLS)
    assert done.code == 0 and "https://" in done.out and "http://" not in done.out
    done = command(*words, "--behind-proxy")
    assert done.code == 2 and "web: {hosts:" in done.err
    done = command(*words, "--behind-proxy", BATCH_EDITOR_WEB__HOSTS='["crm.example"]')
    assert done.code == 0


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (TLS[:2], "--tls-key"),
        (TLS[2:], "--tls-cert"),
        (("--tls-cert", str(FILES / "page.crt"), "--tls-key", str(FILES / "other.key")), "does not belong to"),
        (("--tls-cert", str(FILES / "nothing.crt"), *TLS[2:]), "cannot be read"),
    ],
)
def test_tls_that_cannot_work_is_refused_on_this_machine_too(command: Commands, words: tuple[str, ...], why: str) -> None:
    done = command("serve", "--port", "0", "--no-browser", "--lang", "en", *words)
    assert done.code == 2 and why in done.err


def test_on_this_machine_it_starts_without_anything(command: Commands) -> None:
    done = command("serve", "--port", "0", "--no-browser", "--lang", "en")
    assert done.code == 0 and "http://127.0.0.1:" in done.out


@pytest.mark.parametrize("hosts", ['["https://crm.example"]', '["crm.example:443"]', '["a b"]', '[""]'])
def test_a_name_of_the_host_that_is_none_is_refused(command: Commands, hosts: str) -> None:
    done = command("serve", "--port", "0", "--no-browser", "--lang", "en", BATCH_EDITOR_WEB__HOSTS=hosts)
    assert done.code == 2 and "is not the name of a host" in done.err


def test_an_address_of_a_proxy_that_is_none_is_refused(command: Commands) -> None:
    done = command("serve", "--port", "0", "--no-browser", "--lang", "en", BATCH_EDITOR_WEB__PROXIES='["nginx"]')
    assert done.code == 2 and "is not an address" in done.err
