"""No secret of those who tell nights is anywhere: in no output, file, log, journal or message, however a night goes.

Every server echoes what it was asked, as badly made ones do.
"""

from __future__ import annotations

import base64
import contextlib
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from support import jobs
from support.commands import Commands, Done
from support.mail_server import MailServer
from support.servers import Answer, Request, Server

from batch_editor.sandbox import Sandbox

#: What each kind of target keeps to itself; each of them is of letters that no notation but its own has.
KEYS = {
    "wecom": "aaaa1111-wecom/key+1",
    "dingtalk": "bbbb2222-dingtalk=key",
    "feishu": "cccc3333-feishu-key",
    "webhook": "dddd4444-webhook-key",
    "heartbeat": "eeee5555-check-uuid",
}
SIGNING, PASSWORD = "SECffff6666-signing", "gggg7777:mail password"
SECRETS = [*KEYS.values(), SIGNING, PASSWORD]


class Echo(Server):
    """Takes what is for WeCom. Whatever else it is asked it refuses, and says all of it back."""

    def answer_to(self, request: Request) -> Answer:
        self.requests.append(request)
        request_text = (
            f"{self.url}{request.target} {request.headers} {request.body.decode()} {request.target.rpartition('/')[2]}"
        )
        if "/send?key=" in request.target:
            return Answer(body=b'{"errcode":0}')
        return Answer(
            400,
            [("Location", f"{self.url}{request.target}")],
            body=json.dumps({"errcode": 1, "errmsg": request_text, "code": 1, "msg": request_text}).encode(),
        )


def forms_of(secret: str) -> Iterator[bytes]:
    """What a secret may look like."""
    raw = secret.encode()
    yield from (
        raw,
        quote(secret, safe="").encode(),
        quote(secret).encode(),
        json.dumps(secret)[1:-1].encode(),
        raw.hex().encode(),
    )
    for before in range(3):  # within a longer text of which base64 was made
        yield base64.b64encode(b"x" * before + raw)[4 if before else 0 : -4]


def secrets_in(data: bytes) -> list[str]:
    """The secrets that ``data`` shows, with what is around them."""
    return [
        f"{form!r} in {data[max(0, place - 80) : place + 80]!r}"
        for secret in SECRETS
        for form in {*forms_of(secret)}
        if (place := data.find(form)) >= 0
    ]


def contents(path: Path) -> Iterator[bytes]:
    """What is in a file; of a workbook what is in its parts as well."""
    yield path.read_bytes()
    with contextlib.suppress(zipfile.BadZipFile), zipfile.ZipFile(path) as archive:
        yield from map(archive.read, archive.namelist())


class Nights:
    """Nights of every kind, whose settings are the one file that may hold a secret."""

    def __init__(self, folder: Path, crm: str, hook: Server, mails: MailServer) -> None:
        self.folder = folder
        place = f"{hook.url}/hook/"
        addresses = {"host": "127.0.0.1", "port": mails.port, "starttls": False, "from": "a@b.cn", "to": ["c@d.cn", "e@f.cn"]}
        self.telling: dict[str, Any] = {
            "notify": [
                {"kind": "wecom", "url": f"{place}send?key={quote(KEYS['wecom'], safe='')}", "weekly": True},
                {"kind": "dingtalk", "url": f"{place}send?access_token={KEYS['dingtalk']}", "secret": SIGNING},
                {"kind": "feishu", "url": f"{place}{KEYS['feishu']}", "secret": SIGNING},
                {"kind": "webhook", "url": f"{place}{KEYS['webhook']}"},
                {"kind": "email", **addresses, "user": "me", "password": PASSWORD},
            ],
            "heartbeat": f"{hook.url}/{KEYS['heartbeat']}",
        }
        self.command = Commands(folder, crm, **self.telling, results_dir="results", keep="90d", lang="zh")
        self.shown: list[str] = []

    def __call__(self, *words: str, codes: tuple[int, ...], **env: str) -> Done:
        done = self.command(*words, **env)
        assert done.code in codes, (words, done)
        assert secrets_in(done.output.encode()) == [], words
        return done

    def files(self) -> list[Path]:
        settings = self.folder / "config.yaml"
        return [path for path in self.folder.rglob("*") if path.is_file() and path != settings]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("batch_editor.notify.telling.AGAIN", 0.001)


def test_no_secret_is_anywhere_however_nights_go(tmp_path: Path) -> None:
    refusal = f"550 {PASSWORD} {base64.b64encode(PASSWORD.encode()).decode()}".encode()
    clues = [{"clue_id": 11}, {"clue_id": 12}]
    with (
        Sandbox(clues, access_token=jobs.TOKEN) as crm,
        Echo() as server,
        MailServer(answers={"rcpt to:<e@f.cn>": refusal}) as mails,
    ):
        nights = Nights(tmp_path, crm.url, server, mails)
        go_through(nights)
        broken_down(nights)
        assert len(server.requests) > 40 and any(line.startswith("AUTH") for line in mails.heard)
        messages = [request.body for request in server.requests] + [mail.content for mail in mails.mails]
        messages += [base64.b64decode(re.sub(rb"(?s).*?\r\n\r\n", b"", mail.content, count=1)) for mail in mails.mails]
    assert [line for body in messages for line in secrets_in(body)] == []
    files = nights.files()
    assert {path.suffix for path in files} >= {".sqlite3", ".csv", ".log", ".json", ".prom", ".txt"}
    assert {str(path): lines for path in files for data in contents(path) if (lines := secrets_in(data))} == {}


def go_through(nights: Nights) -> None:
    folder = nights.folder
    jobs.sheet(folder, [11, 12])
    nights("notify", "test", codes=(0, 1))
    nights("notify", "test", "--json", codes=(0, 1))
    nights("run", "edits.csv", "--yes", "--json", "--metrics", "m.prom", "--json-file", "o.json", codes=(0,))
    jobs.sheet(folder, [12, 11])
    nights("run", "edits.csv", "--yes", "--verbose", codes=(0,))
    jobs.text_file(folder / "bad.csv", "clue_id,email\n11,no-address\n12,a@b.cn\n")
    nights("run", "bad.csv", "--yes", "--log-format", "json", "--verbose", codes=(1,))
    nights("run", "missing.csv", "--yes", "--json", codes=(2,))
    nights("run", "edits.csv", "--yes", "--new", codes=(3,), WSHOTO_ACCESS_TOKEN="expired")
    nights("runs", "--json", codes=(0,))
    run = nights("runs", "--json", codes=(0,)).json["runs"][0]["run"]
    nights("show", run, "--json", codes=(0, 1))
    nights("resume", run, "--yes", "--log-format", "json", codes=(0,))
    nights("doctor", codes=(0, 1))
    nights("doctor", "--json", codes=(0, 1))
    inbox(nights)


def inbox(nights: Nights) -> None:
    place = nights.folder / "in"
    place.mkdir()
    for name, text in (("good", "clue_id,remark\n11,x\n"), ("bad", "clue_id,rermark\n11,x\n")):
        jobs.text_file(place / f"{name}.csv", text)
        jobs.text_file(place / f"{name}.csv.done", "")
    nights("inbox", "in", "--marker", ".done", "--config", "config.yaml", "--json", "--verbose", codes=(2,))


def test_no_secret_is_in_what_is_said_of_settings_that_cannot_be_used(tmp_path: Path) -> None:
    with Echo() as server, MailServer() as mails:
        nights = Nights(tmp_path, "http://127.0.0.1:1", server, mails)
        jobs.sheet(tmp_path, [11])
        refused_settings(nights)
    assert {str(path): lines for path in nights.files() for data in contents(path) if (lines := secrets_in(data))} == {}


def refused_settings(nights: Nights) -> None:
    robot, mail = nights.telling["notify"][0], nights.telling["notify"][4]
    for over in (
        {"heartbeat": f"ftp://{KEYS['heartbeat']}"},
        {"heartbeat": [KEYS["heartbeat"]]},
        {"notify": KEYS["wecom"]},
        {"notify": {KEYS["wecom"]: 1}},
        {"notify": [robot | {"kind": KEYS["wecom"]}]},
        {"notify": [robot | {"url": [KEYS["wecom"]]}]},
        {"notify": [robot | {"weekly": KEYS["wecom"]}]},
        {"notify": [robot | {"format": KEYS["wecom"]}]},
        {"notify": [mail | {"port": PASSWORD}]},
        {"notify": [mail | {"host": PASSWORD}]},
        {"notify": [mail | {"to": PASSWORD}]},
        {"notify": [mail | {"password": [PASSWORD]}]},
        {"rate": {"concurency": 3}},
    ):
        nights.command.configure(**(nights.telling | over))
        nights("run", "edits.csv", "--yes", "--json", "--verbose", codes=(2,))
        nights("notify", "test", codes=(2,) if "rate" not in over else (1, 2))
    for text in (
        f'notify:\n  - kind: wecom\n    url: "{robot["url"]}\n',
        f"notify:\n  - kind: wecom\n    url: {robot['url']}\n   weekly: true\n",
        f"heartbeat: {KEYS['heartbeat']}: x\n",
        f"notify: [{{kind: email, password: {KEYS['wecom']}\n",
        f"heartbeat: *{KEYS['webhook']}\n",
    ):
        jobs.text_file(nights.folder / "config.yaml", text)
        nights("run", "edits.csv", "--yes", "--json", "--verbose", codes=(2,))
        nights("doctor", codes=(1, 2))
    nights("run", "edits.csv", "--yes", codes=(2,), BATCH_EDITOR_NOTIFY=f'[{{"url": "{robot["url"]}"')


BREAKING_DOWN = """
import batch_editor.job
import batch_editor.notify.telling
from batch_editor.cli import main

batch_editor.notify.telling.AGAIN = 0.001
batch_editor.job.run = lambda *args, **values: 1 // 0
main()
"""


def broken_down(nights: Nights) -> None:
    """A night that ends by an error of the program itself."""
    words = [sys.executable, "-c", BREAKING_DOWN, "run", "edits.csv", "--yes", "--json", "--verbose"]
    done = subprocess.run(words, cwd=nights.folder, env=nights.command.env, capture_output=True)
    assert b"ZeroDivisionError" in done.stderr and secrets_in(done.stdout + done.stderr) == []
