"""The access token is in the requests and nowhere else: not on a stream, in the journal or in the results, in no encoding."""

from __future__ import annotations

import base64
import json
import re
import zipfile
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from support import jobs
from support.commands import Commands, Done
from support.crm import Call, Crm, envelope, status
from support.servers import Answer, closed_port

#: Every character of it that is no letter is one that some encoding changes.
TOKEN = 'Sentinel/9f+c7=e1&a"3%d<5\\b>0?x#令牌z'
SECRET = "app/Secret+77=&é%2Fzz"


def lower_hex(text: str) -> str:
    """``text`` with its percent escapes in lower case."""
    return re.sub("%[0-9A-F]{2}", lambda escape: escape[0].lower(), text)


def forms(secret: str) -> set[str]:
    """How a text may hold ``secret``."""
    quoted = {quote(secret), quote(secret, safe=""), quote_plus(secret), quote(quote(secret, safe=""), safe="")}
    encoded = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], repr(secret)[1:-1]}
    in_base64 = base64.b64encode(secret.encode()).decode().rstrip("=")[:-1]
    return {secret, in_base64} | encoded | quoted | {lower_hex(text) for text in quoted}


def assert_nowhere(folder: Path, done: Done, secrets: tuple[str, ...] = (TOKEN,)) -> None:
    """No stream and no file below ``folder`` holds a secret; workbooks are looked into."""
    texts = {"stdout": done.out.encode(), "stderr": done.err.encode()}
    for path in (path for path in folder.rglob("*") if path.is_file()):
        texts[path.name] = path.read_bytes()
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as archive:
                texts |= {f"{path.name}/{name}": archive.read(name) for name in archive.namelist()}
    for name, content in texts.items():
        for secret in secrets:
            for form in forms(secret):
                assert form.encode() not in content, f"{name} holds {form}"
            assert secret.encode("utf-16-le") not in content


def echoing(call: Call) -> Answer:
    """An answer that repeats the token wherever a careless server might, in the encodings that it might use."""
    link = f"https://elsewhere.invalid/?access_token={quote(call.token, safe='')}"
    headers = [("Location", link), ("X-Token", quote(call.token)), ("Set-Cookie", f"t={quote_plus(call.token)}")]
    message = f"token {call.token} / {quote(call.token)} / {lower_hex(quote_plus(call.token))} / {link}"
    match call.clue % 6:
        case 0:
            return envelope(0, message, True, headers=headers)
        case 1:
            return envelope(7, message, {"token": call.token}, headers=headers)
        case 2:
            return status(302, message.encode(), headers)
        case 3:
            return status(500, message.encode(), headers)
        case 4:
            return envelope(call.token, message, call.token, status=400, headers=headers)
        case _:
            return envelope(0, json.dumps({"url": link, "token": call.token}), call.token, headers=headers)


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_a_server_that_echoes_the_token(tmp_path: Path, kind: str) -> None:
    jobs.sheet(tmp_path, range(12, 24))
    with Crm(echoing) as crm:
        command = Commands(tmp_path, crm.url)
        words = ("run", "edits.csv", "--verbose", "--output", f"out.{kind}")
        done = (command if kind == "csv" else command.process)(*words, WSHOTO_ACCESS_TOKEN=TOKEN)
        assert {call.token for call in crm.calls} == {TOKEN}
    assert done.code == 1 and "send_request_headers" in done.err
    rows = jobs.results(tmp_path / f"out.{kind}")
    assert [row["result_status"] for row in rows[:6]] == ["updated", "rejected", "rejected", "failed", "rejected", "rejected"]
    assert "token ***" in rows[0]["result_message"]
    assert_nowhere(tmp_path, done)
    assert_nowhere(tmp_path, command("show", command("runs").out.split()[0]))


def test_a_token_that_is_refused(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11, 12])
    with Crm(lambda call: envelope(10001, f"token {call.token} 已失效")) as crm:
        done = Commands(tmp_path, crm.url)("run", "edits.csv", "--verbose", "--json", WSHOTO_ACCESS_TOKEN=TOKEN)
    assert done.code == 3
    assert_nowhere(tmp_path, done)


def test_a_token_that_is_fetched_and_the_secret_that_fetches_it(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, range(12, 24))
    api = {"app_id": "app", "app_secret": SECRET}
    with Crm(echoing, lambda number: envelope(0, f"for {SECRET}", {"access_token": TOKEN, "expires_in": 7200})) as crm:
        command = Commands(tmp_path, crm.url)
        env = {"WSHOTO_ACCESS_TOKEN": "", "WSHOTO_APP_ID": api["app_id"], "WSHOTO_APP_SECRET": SECRET}
        done = command("run", "edits.csv", "--verbose", **env)
        assert {call.token for call in crm.calls} == {TOKEN}
    assert done.code == 1
    assert_nowhere(tmp_path, done, (TOKEN, SECRET))


def test_a_secret_that_is_refused_and_echoed(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11])
    with Crm(grant=lambda number: envelope(90003, f"wrong secret {SECRET} {quote(SECRET)}")) as crm:
        env = {"WSHOTO_ACCESS_TOKEN": "", "WSHOTO_APP_ID": "app", "WSHOTO_APP_SECRET": SECRET}
        done = Commands(tmp_path, crm.url)("run", "edits.csv", "--verbose", **env)
    assert done.code == 3 and "wrong secret ***" in done.err
    assert_nowhere(tmp_path, done, (SECRET,))


@pytest.mark.parametrize("by_app", [False, True], ids=["token", "app"])
def test_a_closed_port(tmp_path: Path, by_app: bool) -> None:
    jobs.sheet(tmp_path, [11, 12])
    env = {
        "WSHOTO_ACCESS_TOKEN": "" if by_app else TOKEN,
        "WSHOTO_APP_ID": "app",
        "WSHOTO_APP_SECRET": SECRET if by_app else "",
    }
    done = Commands(tmp_path, f"http://127.0.0.1:{closed_port()}")("run", "edits.csv", "--verbose", **env)
    assert done.code == 3 and "the connection was refused" in done.err
    assert_nowhere(tmp_path, done, (TOKEN, SECRET))


def test_a_token_that_stands_in_a_broken_settings_file(tmp_path: Path) -> None:
    """The settings file itself holds it, of course; what is said of that file does not."""
    jobs.sheet(tmp_path, [11])
    command = Commands(tmp_path)
    for broken in (
        f"api:\n  access_token: {TOKEN!r}\n  nonsense: 1\n",
        f"api: {{access_token: '{SECRET}\n",
        f"api: {TOKEN!r}\n",
    ):
        (tmp_path / "config.yaml").write_text(broken, encoding="utf-8")
        done = command("run", "edits.csv", WSHOTO_ACCESS_TOKEN="")
        (tmp_path / "config.yaml").unlink()
        assert done.code == 2
        assert_nowhere(tmp_path, done, (TOKEN, SECRET))
