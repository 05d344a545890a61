"""``doctor`` against set-ups of which one thing is broken: that thing is named, and nothing else.

Servers, certificates, proxies, journals and records are real ones; nothing of any set-up is edited.
"""

from __future__ import annotations

import json
import os
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from email.utils import formatdate
from hashlib import sha256
from pathlib import Path
from threading import Event, Thread
from time import time

import psycopg
import pytest
from support import certificates
from support.commands import TOKEN, Commands, Done
from support.crm import envelope, granted, status
from support.servers import Answer, Request, Server, certificate, closed_port

from batch_editor.crm.connection import record_path
from batch_editor.crm.pace import Pace, open_record
from batch_editor.doctor.examination import Asked, examine
from batch_editor.doctor.times import Budget
from batch_editor.journal.journal import Journal
from batch_editor.settings.search import Search
from batch_editor.settings.settings import Settings

SECRET = "s3cr3t-of-the-app"
CLUE = 1591005521987920962
RECORD = envelope(0, "ok", {"clue_id": CLUE, "clue_name": "x"})
BY_APP = {"WSHOTO_ACCESS_TOKEN": "", "WSHOTO_APP_ID": "app", "WSHOTO_APP_SECRET": SECRET}
GATEWAY = certificates.KEY + certificates.OF_GATEWAY


class Recording(Server):
    """A CRM that tells what time it is, and whose other answers can be replaced."""

    def __init__(
        self,
        *,
        ahead: float = 0.0,
        grant: Answer | None = None,
        info: Answer = RECORD,
        pools: Answer | None = None,
        tls: Path | None = None,
        chain: str = "",
    ) -> None:
        super().__init__(tls=tls, **({"chain": chain} if chain else {}))  # type: ignore[arg-type]
        self._ahead, self._grant, self._info = ahead, grant or granted(1), info
        self._pools = pools or envelope(0, "ok", {"records": []})

    def answer_to(self, request: Request) -> Answer:
        super().answer_to(request)
        path = request.target.partition("?")[0]
        if request.method == "HEAD":
            return status(404, b"", [("Date", formatdate(time() + self._ahead, usegmt=True))])
        answers = {
            "/openapi/access_token": self._grant,
            "/openapi/crm/clue/info": self._info,
            "/openapi/crm/cluepool/list": self._pools,
        }
        return answers[path]


@dataclass
class SetUp:
    """A set-up in ``folder``, looked at with ``words`` and ``env``; what ``opened`` holds is closed at the end.

    ``mode`` is that of the settings file.
    """

    folder: Path
    opened: ExitStack
    env: dict[str, str] = field(default_factory=dict)
    words: list[str | Path] = field(default_factory=list)
    servers: list[Server] = field(default_factory=list)
    settings: dict[str, object] = field(default_factory=lambda: {"rate": {"limits": ["50/second"]}})
    mode: int = 0o600

    def serve(self, server: Server) -> Server:
        self.servers.append(self.opened.enter_context(server))
        return server

    def crm(self, server: Server | None = None) -> None:
        """Lets ``server`` be the CRM."""
        self.settings["api"] = {"base_url": self.serve(server or Recording()).url}

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def journal(self) -> Path:
        """The file of a journal that is there."""
        path = self.state / "journal.sqlite3"
        Journal(path).close()
        return path

    def record(self) -> Path:
        """Where the record of the rate is."""
        api = self.settings["api"]
        assert isinstance(api, dict)
        self.state.mkdir(exist_ok=True)
        return record_path(self.state, Settings(api={"base_url": api["base_url"]}), "")

    def look(self, *words: str | Path) -> Done:
        command = Commands(self.folder, **self.settings)  # type: ignore[arg-type]
        (self.folder / "config.yaml").chmod(self.mode)
        return command("doctor", *words, *self.words, **self.env)


Break = Callable[[SetUp], None]


@pytest.fixture
def set_up(tmp_path: Path) -> Iterator[SetUp]:
    with ExitStack() as opened:
        (tmp_path / "home").mkdir()
        yield SetUp(tmp_path, opened)


def to_mend(done: Done) -> list[tuple[str, str]]:
    """The checks that ask for something, with the key of what is wrong."""
    return [(check["check"], check["key"]) for check in done.json["checks"] if check["verdict"] in ("warning", "bad")]


# --- what is broken; each function breaks one thing


def token_in_quotes(at: SetUp) -> None:
    at.env = {"WSHOTO_ACCESS_TOKEN": f'"{TOKEN}"'}


def token_with_a_line_end(at: SetUp) -> None:
    at.env = {"WSHOTO_ACCESS_TOKEN": f"{TOKEN}\n"}


def token_with_bearer(at: SetUp) -> None:
    at.env = {"WSHOTO_ACCESS_TOKEN": f"Bearer {TOKEN}"}


def token_of_the_example(at: SetUp) -> None:
    at.env = {"WSHOTO_ACCESS_TOKEN": "the-token"}


def token_in_full_width(at: SetUp) -> None:
    at.env = {"WSHOTO_ACCESS_TOKEN": "ｆｉｘｅｄ－ｔｏｋｅｎ"}


def app_without_a_secret(at: SetUp) -> None:
    at.env = {"WSHOTO_ACCESS_TOKEN": "", "WSHOTO_APP_ID": "app"}


def no_credentials(at: SetUp) -> None:
    at.env = {"WSHOTO_ACCESS_TOKEN": ""}


def secret_that_all_can_read(at: SetUp) -> None:
    api = at.settings["api"]
    assert isinstance(api, dict)
    at.settings["api"] = api | {"access_token": TOKEN}
    at.mode = 0o644
    at.env = {"WSHOTO_ACCESS_TOKEN": ""}


def refused_token(at: SetUp) -> None:
    at.crm(Recording(pools=status(401)))


def refused_token_by_code(at: SetUp) -> None:
    at.crm(Recording(info=envelope(10001, "token invalid")))
    at.words = ["--clue", str(CLUE)]


def wrong_app_secret(at: SetUp) -> None:
    at.crm(Recording(grant=envelope(90001, "wrong secret")))
    at.env = dict(BY_APP)


def server_that_is_no_crm(at: SetUp) -> None:
    at.crm(Recording(grant=status(200, b"<html>Welcome")))
    at.env = dict(BY_APP)


def crm_that_is_too_fast(at: SetUp) -> None:
    at.crm(Recording(grant=status(429)))
    at.env = dict(BY_APP)


def clue_that_is_gone(at: SetUp) -> None:
    at.crm(Recording(info=envelope(40004, "no such clue")))
    at.words = ["--clue", str(CLUE)]


def clock_that_is_behind(at: SetUp) -> None:
    at.crm(Recording(ahead=600))


def clock_that_is_ahead(at: SetUp) -> None:
    at.crm(Recording(ahead=-600))


def unknown_name(at: SetUp) -> None:
    at.settings["api"] = {"base_url": "https://crm..invalid"}


def address_with_a_path(at: SetUp) -> None:
    at.settings["api"] = {"base_url": "http://127.0.0.1:1/openapi/crm"}


def nobody_listens(at: SetUp) -> None:
    at.settings["api"] = {"base_url": f"http://127.0.0.1:{closed_port()}"}


def certificate_of_a_gateway(at: SetUp) -> None:
    at.crm(Recording(tls=at.folder, chain=GATEWAY))


def certificate_signed_by_itself(at: SetUp) -> None:
    at.crm(Recording(tls=at.folder))


def certificate_that_has_expired(at: SetUp) -> None:
    at.crm(Recording(tls=at.folder, chain=certificates.KEY + certificates.EXPIRED))
    _trust_the_gateway(at)


def certificate_of_another_host(at: SetUp) -> None:
    at.crm(Recording(tls=at.folder, chain=certificates.KEY + certificates.OF_ANOTHER_HOST))
    _trust_the_gateway(at)


def certificates_that_are_none(at: SetUp) -> None:
    at.crm(Recording(tls=at.folder))
    (at.folder / "ca.pem").write_text("no certificate", encoding="ascii")
    at.settings["api"] = {**at.settings["api"], "ca_file": "ca.pem"}  # type: ignore[dict-item]


def server_without_tls(at: SetUp) -> None:
    at.settings["api"] = {"base_url": at.serve(Recording()).url.replace("http", "https")}


def proxy_that_wants_a_login(at: SetUp) -> None:
    _behind(at, at.serve(Server(status(407))).url)


def proxy_that_says_no(at: SetUp) -> None:
    _behind(at, at.serve(Server(status(403))).url)


def proxy_that_is_none(at: SetUp) -> None:
    _behind(at, at.serve(Server(Answer(raw=b"220 mail.example.com ESMTP\r\n\r\n"))).url)


def proxy_that_refuses(at: SetUp) -> None:
    _behind(at, f"http://name:pa55word@127.0.0.1:{closed_port()}")


def proxy_of_another_kind(at: SetUp) -> None:
    _behind(at, "socks5://127.0.0.1:1")


def state_dir_that_cannot_be_made(at: SetUp) -> None:
    (at.folder / "file").touch()
    at.settings["state_dir"] = str(at.folder / "file" / "state")


def journal_of_a_newer_version(at: SetUp) -> None:
    with closing(sqlite3.connect(at.journal())) as file:
        file.execute("PRAGMA user_version=99")


def journal_that_is_no_database(at: SetUp) -> None:
    at.journal().write_bytes(b"not a database, whatever its name says" * 200)


def journal_with_a_damaged_page(at: SetUp) -> None:
    path = at.journal()
    content = bytearray(path.read_bytes())
    content[4096 : 2 * 4096] = bytes(range(256)) * 16
    path.write_bytes(content)


def journal_that_is_locked(at: SetUp) -> None:
    file = at.opened.enter_context(closing(sqlite3.connect(at.journal(), isolation_level=None)))
    file.execute("BEGIN EXCLUSIVE")


def damaged_record(at: SetUp) -> None:
    at.record().write_bytes(b"garbage" * 100)


def record_that_is_a_folder(at: SetUp) -> None:
    at.record().mkdir()


def inbox_that_is_not_there(at: SetUp) -> None:
    at.words = ["--inbox", "nowhere", "--config", "config.yaml"]


def inbox_that_is_a_file(at: SetUp) -> None:
    (at.folder / "inbox").touch()
    at.words = ["--inbox", "inbox", "--config", "config.yaml"]


def target_that_nobody_serves(at: SetUp) -> None:
    at.settings["notify"] = [{"kind": "webhook", "url": f"http://127.0.0.1:{closed_port()}/{SECRET}"}]


def target_behind_a_gateway(at: SetUp) -> None:
    at.settings["notify"] = [{"kind": "webhook", "url": f"{at.serve(Server(tls=at.folder, chain=GATEWAY)).url}/{SECRET}"}]


def mail_server_without_encryption(at: SetUp) -> None:
    listening = at.opened.enter_context(socket.create_server(("127.0.0.1", 0)))
    Thread(target=_greet, args=(listening,), daemon=True).start()
    port = listening.getsockname()[1]
    mail = {"kind": "email", "host": "127.0.0.1", "port": port, "from": "night@example.com", "to": "me@example.com"}
    at.settings["notify"] = [mail]


def _greet(listening: socket.socket) -> None:
    """Plays a mail server that knows nothing but hello and goodbye, for the two connections that are made to it."""
    for _ in range(2):
        connection, _ = listening.accept()
        with connection, connection.makefile("rwb") as stream, suppress(OSError):
            stream.write(b"220 mail\r\n")
            stream.flush()
            while line := stream.readline():
                stream.write(b"221 bye\r\n" if line.lower().startswith(b"quit") else b"250 hello\r\n")
                stream.flush()


def heartbeat_that_nobody_hears(at: SetUp) -> None:
    at.settings["heartbeat"] = f"http://127.0.0.1:{closed_port()}/{SECRET}"


def _trust_the_gateway(at: SetUp) -> None:
    (at.folder / "ca.pem").write_text(certificates.AUTHORITY, encoding="ascii")
    at.settings["api"] = {**at.settings["api"], "ca_file": "ca.pem"}  # type: ignore[dict-item]


def _behind(at: SetUp, proxy: str) -> None:
    at.settings["api"] = {"base_url": "https://crm.invalid"}
    at.env = {"HTTPS_PROXY": proxy, "NO_PROXY": "127.0.0.1"}


BROKEN: list[tuple[Break, str, str]] = [
    (token_in_quotes, "secrets", "doctor.secrets.quoted"),
    (token_with_a_line_end, "secrets", "doctor.secrets.line_end"),
    (token_of_the_example, "secrets", "doctor.secrets.placeholder"),
    (token_in_full_width, "secrets", "doctor.secrets.wide"),
    (app_without_a_secret, "secrets", "doctor.secrets.half"),
    (no_credentials, "secrets", "doctor.secrets.none"),
    (secret_that_all_can_read, "secrets", "doctor.secrets.readable"),
    (refused_token, "token", "doctor.token.refused"),
    (refused_token_by_code, "token", "doctor.token.refused"),
    (wrong_app_secret, "token", "doctor.token.denied"),
    (server_that_is_no_crm, "token", "doctor.token.unanswered"),
    (crm_that_is_too_fast, "token", "doctor.token.too_fast"),
    (clue_that_is_gone, "clue", "doctor.clue.refused"),
    (clock_that_is_behind, "clock", "doctor.clock.behind"),
    (clock_that_is_ahead, "clock", "doctor.clock.ahead"),
    (unknown_name, "address", "doctor.address.name"),
    (address_with_a_path, "address", "doctor.address.path"),
    (nobody_listens, "address", "doctor.address.refused"),
    (certificate_of_a_gateway, "certificate", "doctor.certificate.certificate"),
    (certificate_signed_by_itself, "certificate", "doctor.certificate.signed_by_itself"),
    (certificate_that_has_expired, "certificate", "doctor.certificate.expired"),
    (certificate_of_another_host, "certificate", "doctor.certificate.certificate_name"),
    (certificates_that_are_none, "certificate", "net.ca_file_unusable"),
    (server_without_tls, "certificate", "doctor.certificate.tls"),
    (proxy_that_wants_a_login, "proxy", "doctor.proxy.login"),
    (proxy_that_says_no, "proxy", "doctor.proxy.said_no"),
    (proxy_that_is_none, "proxy", "doctor.proxy.silent"),
    (proxy_that_refuses, "proxy", "doctor.proxy.refused"),
    (proxy_of_another_kind, "proxy", "net.proxy_unusable"),
    (state_dir_that_cannot_be_made, "disk", "doctor.disk.unwritable"),
    (journal_of_a_newer_version, "journal", "journal.newer"),
    (journal_that_is_no_database, "journal", "doctor.journal.damaged"),
    (journal_with_a_damaged_page, "journal", "doctor.journal.damaged"),
    (damaged_record, "rate", "doctor.rate.damaged"),
    (record_that_is_a_folder, "rate", "doctor.rate.unusable"),
    (inbox_that_is_not_there, "inbox", "doctor.inbox.missing"),
    (inbox_that_is_a_file, "inbox", "doctor.inbox.no_folder"),
    (target_that_nobody_serves, "notify", "doctor.target.of"),
    (target_behind_a_gateway, "notify", "doctor.target.of"),
    (mail_server_without_encryption, "notify", "doctor.target.no_starttls"),
    (heartbeat_that_nobody_hears, "heartbeat", "doctor.target.of"),
]


@pytest.mark.parametrize(("broken", "check", "key"), BROKEN, ids=[broken.__name__ for broken, _, _ in BROKEN])
def test_what_is_broken_is_named_and_nothing_else(set_up: SetUp, broken: Break, check: str, key: str) -> None:
    set_up.crm()
    broken(set_up)
    done = set_up.look("--json")
    assert to_mend(done) == [(check, key)]
    assert done.code == done.json["exit_code"] == 1
    steps = [item["next"] for item in done.json["checks"] if item["key"] == key]
    assert all(steps) or not key.startswith("doctor.")
    assert all(item["message"] == item["message"].strip() for item in done.json["checks"])
    for secret in (TOKEN, SECRET, "pa55word"):
        assert secret not in done.output
    assert "granted-1" not in done.output
    asked = [request.target.partition("?")[0] for server in set_up.servers for request in server.requests]
    assert not any("edit" in path for path in asked)


def test_a_set_up_that_is_well_is_called_that(set_up: SetUp) -> None:
    set_up.crm()
    (set_up.folder / "inbox").mkdir()
    done = set_up.look("--json", "--clue", str(CLUE), "--inbox", "inbox", "--config", "config.yaml")
    assert (done.code, to_mend(done)) == (0, [])
    verdicts = {check["check"]: check["verdict"] for check in done.json["checks"]}
    not_there = {"certificate", "notify", "heartbeat"}
    assert {name for name, verdict in verdicts.items() if verdict != "ok"} == not_there
    assert list(verdicts) == [
        *("settings", "secrets", "disk", "rate", "journal", "runs"),
        *("proxy", "address", "certificate", "clock", "token", "clue"),
        *("inbox", "notify", "heartbeat", "timezone", "python"),
    ]


def test_nothing_is_changed_but_the_record_of_the_rate(set_up: SetUp) -> None:
    set_up.crm()
    set_up.journal()
    (set_up.folder / "inbox" / "done").mkdir(parents=True)
    (set_up.folder / "inbox" / "edits.csv").write_text("clue_id,remark\n", encoding="utf-8")
    set_up.words = ["--inbox", "inbox", "--config", "config.yaml", "--json"]
    set_up.look()

    def files() -> dict[str, tuple[str, int]]:  # a lock is empty, and some versions of filelock touch it
        paths = (path for path in set_up.folder.rglob("*") if path.is_file() and not path.name.startswith("pace-"))
        return {
            str(path): (sha256(path.read_bytes()).hexdigest(), 0 if path.suffix == ".lock" else path.stat().st_mtime_ns)
            for path in paths
            if path.name != "config.yaml"  # which the test writes each time
        }

    before = files()
    assert set_up.look().code == 0
    assert files() == before


def test_its_requests_count_in_the_permitted_rate(set_up: SetUp) -> None:
    set_up.crm()
    set_up.look("--clue", str(CLUE), "--json")
    file = next(set_up.state.glob("pace-????????????????"))
    record = open_record(Settings().limits, file)
    with record.locked():
        assert record.last == len(set_up.servers[0].requests) == 2
    record.close()


def test_its_requests_count_in_the_rate_that_several_hosts_share(set_up: SetUp, journal_server: str) -> None:
    set_up.crm()
    set_up.settings["journal"] = journal_server
    set_up.look("--clue", str(CLUE), "--json")
    with psycopg.connect(journal_server) as connection:
        permits = connection.execute("SELECT number FROM pace").fetchall()
    assert permits == [(len(set_up.servers[0].requests),)] == [(2,)]
    assert not [*set_up.state.glob("pace-*")]


def test_where_the_rate_leaves_no_room_for_its_requests_nothing_is_called_broken(
    set_up: SetUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up.crm()
    api = {"base_url": set_up.servers[0].url, "access_token": TOKEN}
    settings = Settings(api=api, rate={"limits": ["1/day"]}, state_dir=set_up.state)
    with Pace(settings.limits, record=open_record(settings.limits, set_up.record())) as pace:
        assert pace.acquire(Event())
        pace.used()
    monkeypatch.setenv("WSHOTO_ACCESS_TOKEN", TOKEN)
    checks = list(examine(Asked(settings, None, None, Search()), Budget(0.3)))
    keys = {check.name: check.message.key for check in checks}
    assert (keys["token"], keys["clock"]) == ("doctor.token.no_permit", "doctor.clock.unknown")
    assert not [check for check in checks if check.is_to_mend and check.name in ("token", "clue", "clock")]
    assert set_up.servers[0].requests == []


def test_the_token_is_tried_on_the_clue_that_a_run_updated_last(set_up: SetUp) -> None:
    set_up.crm()
    path = set_up.journal()
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute(
            "INSERT INTO rows (run, row, status, clue, cells, fields, cleared) VALUES (1, 2, 'updated', ?, '[]', '', '')",
            [CLUE],
        )
    done = set_up.look("--json")
    asked = [json.loads(request.body) for request in set_up.servers[0].requests if "info" in request.target]
    assert asked == [{"clue_id": CLUE}]
    assert [check["verdict"] for check in done.json["checks"] if check["check"] == "clue"] == ["ok"]


# --- settings that cannot be read


@pytest.mark.parametrize(
    ("text", "word"),
    [("api: [", "line 1"), ("rates: {limits: []}\n", "rate"), ("rate: {limits: [5]}\n", "rate.limits")],
)
def test_settings_that_cannot_be_read_are_a_line_and_the_rest_is_looked_at(set_up: SetUp, text: str, word: str) -> None:
    set_up.crm()
    url = set_up.servers[0].url
    command = Commands(set_up.folder)
    (set_up.folder / "config.yaml").write_text(text, encoding="utf-8")
    done = command("doctor", "--json", BATCH_EDITOR_STATE_DIR=str(set_up.state), BATCH_EDITOR_API__BASE_URL=url)
    assert done.code == done.json["exit_code"] == 2
    first, *others = done.json["checks"]
    assert first["check"] == "settings" and first["verdict"] == "bad" and word in first["message"]
    assert {check["check"] for check in others if check["verdict"] == "ok"} >= {"secrets", "disk", "address", "token"}


def test_a_token_that_the_settings_refuse_is_named_and_not_shown(set_up: SetUp) -> None:
    set_up.crm()
    token_with_bearer(set_up)
    done = set_up.look("--json")
    assert done.code == 2
    assert to_mend(done) == [("settings", "settings.invalid"), ("secrets", "doctor.secrets.bearer")]
    assert [check["verdict"] for check in done.json["checks"] if check["check"] in ("address", "token")] == [
        "ok",
        "not_looked_at",
    ]
    assert TOKEN not in done.output


def test_credentials_never_go_where_settings_beside_a_sheet_say(set_up: SetUp) -> None:
    set_up.crm()
    inbox = set_up.folder / "inbox"
    inbox.mkdir()
    (inbox / "config.yaml").write_text(f"api: {{base_url: '{set_up.servers[0].url}'}}\n", encoding="utf-8")
    command = Commands(set_up.folder)
    (set_up.folder / "config.yaml").unlink()
    done = command("doctor", "--json", "--inbox", "inbox", BATCH_EDITOR_STATE_DIR=str(set_up.state))
    assert done.code == 2 and done.json["checks"][0]["key"] == "settings.foreign_address"
    assert [request.target for request in set_up.servers[0].requests if "token" in request.target] == []


# --- as people see it


def test_a_person_reads_what_to_do_in_both_languages(set_up: SetUp) -> None:
    certificate_of_a_gateway(set_up)
    english, chinese = set_up.look(), set_up.look("--lang", "zh")
    for done in (english, chinese):
        assert done.code == 1 and "api.ca_file" in done.out and "SSL_CERT_FILE" in done.out
        assert "Acme Web Gateway (Acme Ltd)" in done.out
    assert "[MEND] Certificate: " in english.out and "\n       → " in english.out
    assert "[要改] 证书：" in chinese.out and "未查" in chinese.out


def test_what_the_system_is_told_to_trust_is_enough(set_up: SetUp) -> None:
    set_up.crm(Recording(tls=set_up.folder))
    set_up.env = {"SSL_CERT_FILE": str(certificate(set_up.folder))}
    done = set_up.look("--json")
    assert to_mend(done) == []
    assert [check["key"] for check in done.json["checks"] if check["check"] == "certificate"] == ["doctor.certificate.good"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_state_folder_of_somebody_else(set_up: SetUp) -> None:
    set_up.crm()
    set_up.state.mkdir(mode=0o500)
    assert to_mend(set_up.look("--json")) == [("disk", "doctor.disk.unwritable")]
