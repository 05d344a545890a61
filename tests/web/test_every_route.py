"""Every route of the page, taken from the application itself, against everything that must not pass.

A route that is added is tried at once. Behind a proxy somebody has to log in; on this machine nobody does.
"""

from __future__ import annotations

import gc
import http.client
import re
import socket
from collections.abc import Iterator, MutableMapping
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.routing import Mount, Route
from support.pages import Client, PageServer, in_a_loop, site_with
from support.visitors import FORWARDED, Office, cheap_passwords

from batch_editor.settings.settings import Settings
from batch_editor.web.app import create_app
from batch_editor.web.guard import HEADERS, LONGEST_COOKIES, LONGEST_FORM, LONGEST_PATH, LONGEST_QUERY, OPEN

#: What stands for the parameters of a path: a run that nobody has made.
RUN = "20260101-000000-nobody"
OF_FORMS = {"Content-Type": "application/x-www-form-urlencoded"}


def routes(folder: Path) -> list[tuple[str, str]]:
    """Each method and path of the application, but HEAD."""
    app = create_app(site_with(Settings(state_dir=folder / "state")))
    known = set[tuple[str, str]]()
    for route in app.routes:
        if isinstance(route, Mount):
            known.add(("GET", f"{route.path}/page.css"))
            continue
        assert isinstance(route, Route), f"{route} is of a kind that is not tried here"
        path = re.sub(r"\{[^}]*\}", RUN, route.path)
        known |= {(method, path) for method in (route.methods or set()) - {"HEAD"}}
    assert {method for method, _ in known} <= {"GET", "POST"}
    return sorted(known)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with pytest.MonkeyPatch.context() as patch:
        cheap_passwords(patch)
        with Office(tmp_path_factory.mktemp("office"), lang="en") as office:
            yield office


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageServer]:
    with PageServer(site_with(Settings(state_dir=tmp_path_factory.mktemp("here") / "state"))) as server:
        yield server


@pytest.fixture(scope="module")
def all_routes(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str]]:
    known = routes(tmp_path_factory.mktemp("routes"))
    assert {("GET", "/"), ("POST", "/lang"), ("POST", "/login"), ("POST", "/logout")} <= set(known)
    return known


def is_safe(answer: httpx.Response) -> bool:
    """Whether an answer has the headers that each must have, and tells nothing of the program behind it."""
    missing = {name: answer.headers.get(name) for name, value in HEADERS.items() if answer.headers.get(name) != value}
    assert not missing, (answer.request.url, missing)
    assert "server" not in answer.headers and answer.headers["cache-control"]
    assert "Traceback" not in answer.text and "starlette" not in answer.text.lower()
    return True


def test_a_stranger_is_told_the_same_whatever_is_asked_for(office: Office, all_routes: list[tuple[str, str]]) -> None:
    unknown = [
        ("GET", "/nothing"),
        ("GET", "/runs/x/../../etc"),
        ("GET", "/static/x"),
        ("GET", "/static/"),
        ("POST", "/nothing"),
    ]
    told = set[tuple[int, str]]()
    with office.browser() as browser:
        for method, path in [*all_routes, *unknown]:
            if path in OPEN:
                continue
            for accept, status in (("text/html,*/*", 303), ("*/*", 401), ("text/event-stream", 401)):
                answer = browser.request(method, path, headers=FORWARDED | {"Accept": accept})
                assert answer.status_code == status and is_safe(answer), (method, path)
                if status == 303:
                    assert answer.headers["location"].startswith("/login")
                told.add((status, re.sub("[0-9a-f]{64}", "", answer.text)))
    assert len(told) == 2, "an answer tells what was asked for"


def test_the_session_of_somebody_else_or_an_old_one_lets_nobody_in(office: Office, all_routes: list[tuple[str, str]]) -> None:
    with office.browser("王芳") as browser:
        cookie = {"Cookie": browser.cookie}
        assert browser.get("/").status_code == 200
        token = browser.csrf
        assert browser.submit("/logout").headers["location"] == "/login"
    with office.browser() as thief:
        for method, path in all_routes:
            if path not in OPEN:
                answer = thief.request(method, path, headers=cookie | {"X-CSRF-Token": token or ""})
                assert answer.status_code == 303 and answer.headers["location"].startswith("/login"), (method, path)


@pytest.mark.parametrize("place", ["field", "header"])
@pytest.mark.parametrize("kind", ["none", "wrong", "of somebody else"])
def test_a_form_without_the_token_of_its_browser_is_refused(
    place: str, kind: str, office: Office, all_routes: list[tuple[str, str]]
) -> None:
    with office.browser("Li Lei") as browser, office.browser("王芳") as other:
        token = {"none": None, "wrong": "0" * 64, "of somebody else": other.csrf}[kind]
        for method, path in all_routes:
            if method != "POST":
                continue
            if place == "field":
                refused = [
                    browser.submit(path, {"x": "1"}, token=token),
                    browser.submit(path, {"x": "1"}, token=token, files={"sheet": ("a.csv", b"x" * 200_000)}),
                ]
            else:
                headers = {"X-CSRF-Token": token} if token else {}
                refused = [browser.post(path, json={"x": 1}, headers=headers)]
            assert [answer.status_code for answer in refused] == [403] * len(refused), path
            assert all(map(is_safe, refused))


def test_on_this_machine_a_form_needs_its_token_too(here: PageServer, all_routes: list[tuple[str, str]]) -> None:
    with here.client() as browser:
        for method, path in all_routes:
            if method == "POST":
                assert browser.submit(path, {}, token=None).status_code == 403, path
                assert browser.submit(path, {}, token="0" * 64).status_code == 403, path


FOREIGN_HOSTS = [
    "evil.example",
    "evil.example:{port}",
    "localhost",
    "127.0.0.1:1",
    "localhost.evil.example:{port}",
    "0.0.0.0:{port}",
]
FOREIGN_HOSTS += [
    "[::1",
    "127.0.0.1:{port}:1",
    "@127.0.0.1:{port}",
    "127.0.0.1:{port}x",
    "192.168.1.1:{port}",
    "2130706433:{port}",
]


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_a_foreign_name_of_the_host_is_answered_with_nothing(
    host: str, here: PageServer, all_routes: list[tuple[str, str]]
) -> None:
    port = here.url.rpartition(":")[2]
    with here.client() as browser:
        browser.get("/")
        for method, path in [*all_routes, ("GET", "/nothing")]:
            headers = {"Host": host.format(port=port), "X-CSRF-Token": browser.csrf or ""}
            answer = browser.request(method, path, headers=headers)
            assert (answer.status_code, answer.text) == (421, "Misdirected Request") and is_safe(answer), (method, path)


@pytest.mark.parametrize(
    "host", ["127.0.0.1:{port}", "localhost:{port}", "LocalHost:{port}", "localhost.:{port}", "[::1]:{port}"]
)
def test_the_names_of_this_machine_are_answered(host: str, here: PageServer) -> None:
    port = here.url.rpartition(":")[2]
    with here.client() as browser:
        assert browser.get("/", headers={"Host": host.format(port=port)}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "{url}", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "{url}", "Sec-Fetch-Site": "same-site"},
        {"Origin": "{url}/", "Sec-Fetch-Site": "same-origin"},
        {"Origin": "{url}.evil.example"},
    ],
)
def test_a_form_of_a_foreign_page_is_refused_although_it_knows_the_token(
    headers: dict[str, str], here: PageServer, all_routes: list[tuple[str, str]]
) -> None:
    with here.client() as browser:
        browser.get("/")
        sent = {name: value.format(url=here.url) for name, value in headers.items()}
        for method, path in all_routes:
            if method == "POST":
                answer = browser.submit(path, {}, headers=sent)
                assert (answer.status_code, answer.text) == (403, "Forbidden") and is_safe(answer), path


def test_a_link_of_another_page_opens_a_page_and_nothing_else_does(here: PageServer) -> None:
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    with here.client() as browser:
        assert browser.get("/", headers=link).status_code == 200
        for other in ({"Sec-Fetch-Dest": "iframe"}, {"Sec-Fetch-Dest": "object"}, {"Sec-Fetch-Mode": "no-cors"}):
            assert browser.get("/", headers=link | other).status_code == 403
            assert browser.get("/", headers=link | other | {"Sec-Fetch-Site": "same-site"}).status_code == 403
            assert browser.get("/", headers=link | other | {"Sec-Fetch-Site": "same-origin"}).status_code == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "CONNECT"])
def test_another_method_is_refused_everywhere(method: str, here: PageServer, all_routes: list[tuple[str, str]]) -> None:
    with here.client() as browser:
        for path in sorted({path for _, path in all_routes}):
            answer = browser.request(method, path)
            assert answer.status_code == 405 and answer.headers["allow"] and is_safe(answer), path


def test_an_address_takes_the_method_that_it_has(here: PageServer, all_routes: list[tuple[str, str]]) -> None:
    """A stream is not asked for with HEAD, since it has no end."""
    with here.client() as browser:
        browser.get("/")
        for method, path in all_routes:
            others = {other for other, of_path in all_routes if of_path == path}
            if method == "POST" and "GET" not in others:
                assert browser.get(path).status_code == 405 and browser.head(path).status_code == 405, path
            if method == "GET" and "POST" not in others:
                answer = browser.submit(path, {})
                assert answer.status_code == 405 and is_safe(answer), path


TRICKS = [
    "..",
    "%2e%2e",
    "..%2f..%2fetc%2fpasswd",
    "%2fetc%2fpasswd",
    "%00",
    "a%00b",
    "%0d%0aSet-Cookie:%20x=1",
    "%5c..%5c",
    "%252e%252e",
]
TRICKS += [
    "%e7%8e%8b",
    "%e2%80%ae",
    "%ff%fe",
    "%F0%9F%98%80",
    "x" * 500,
    "'%20OR%201=1--",
    "<script>alert(1)</script>",
    "con",
    "-1",
    "0",
]


@pytest.mark.parametrize("trick", TRICKS)
def test_a_name_that_is_none_is_refused_in_words(trick: str, here: PageServer, all_routes: list[tuple[str, str]]) -> None:
    """No file, no traceback, and nothing of the name becomes markup or a header."""
    with here.client() as browser:
        browser.get("/")
        tried = {(method, path.replace(RUN, trick)) for method, path in all_routes if RUN in path} | {
            ("GET", f"/static/{trick}")
        }
        for method, path in tried:
            headers = {"X-CSRF-Token": browser.csrf or "", "Origin": here.url, "Content-Length": "0"}
            connection = http.client.HTTPConnection(here.url.removeprefix("http://"), timeout=20)
            with closing(connection):  # it sends a path as it is
                connection.request(method, path, headers=headers)
                answer = connection.getresponse()
                text = answer.read().decode()
            assert answer.status in (303, 307, 400, 401, 404, 405), (method, path, text)
            assert {name: answer.headers[name] for name in HEADERS} == HEADERS and answer.headers["Set-Cookie"] is None
            assert "root:" not in text and "<script>alert" not in text and "Traceback" not in text


def test_addresses_and_headers_that_are_too_long_or_too_many_are_refused(here: PageServer) -> None:
    with here.client() as browser:
        assert browser.get("/" + "x" * LONGEST_PATH).status_code == 414
        assert browser.get("/", params={"x": "y" * LONGEST_QUERY}).status_code == 414
        assert browser.get("/", headers={"Cookie": "x=" + "y" * LONGEST_COOKIES}).status_code == 431
        assert browser.get("/", headers={f"X-{number}": "y" for number in range(90)}).status_code == 431
        assert browser.get("/", headers={"Connection": "Upgrade", "Upgrade": "websocket"}).status_code == 400
        assert raw(here.url, "GET //evil.example/ HTTP/1.1\nHost: {host}").startswith(b"HTTP/1.1 400")
        assert browser.get("/").status_code == 200


def test_a_body_that_is_too_long_is_refused_whatever_it_says_of_its_length(
    here: PageServer, all_routes: list[tuple[str, str]]
) -> None:
    with here.client() as browser:
        browser.get("/")
        token = f"csrf_token={browser.csrf}&".encode()
        for method, path in all_routes:
            if method != "POST" or path == "/sheets":
                continue
            long = token + b"x" * (LONGEST_FORM + 1)
            assert browser.post(path, content=long, headers=OF_FORMS).status_code == 413, path


def test_a_body_in_chunks_that_is_too_long_is_refused(here: PageServer) -> None:
    with here.client() as browser:
        browser.get("/")

        def chunks() -> Iterator[bytes]:
            yield f"csrf_token={browser.csrf}".encode()
            for number in range(9):
                yield f"&field{number}=".encode() + b"x" * (LONGEST_FORM // 8)

        answer = browser.post("/lang", content=chunks(), headers=OF_FORMS)
        assert answer.status_code == 413 and is_safe(answer)
        assert browser.get("/").status_code == 200


def raw(url: str, head: str, body: bytes = b"") -> bytes:
    """What a server answers to the bytes of a client that then says no more."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        text = head.replace("\n", "\r\n").format(host=f"{host}:{port}")
        connection.sendall(text.encode("latin-1") + b"\r\n\r\n" + body)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while part := connection.recv(65536):
            answer += part
        return answer


CUT = [
    (
        "POST {path} HTTP/1.1\nHost: {host}\nContent-Type: application/x-www-form-urlencoded\nContent-Length: 5000",
        b"a=b&csrf_token=",
    ),
    (
        "POST {path} HTTP/1.1\nHost: {host}\nContent-Type: application/x-www-form-urlencoded\nTransfer-Encoding: chunked",
        b"5\r\nab",
    ),
    ("POST {path} HTTP/1.1\nHost: {host}\nContent-Length: -1", b""),
    ("POST {path} HTTP/1.1\nHost: {host}\nContent-Length: 5\nContent-Length: 6", b"abcde"),
    ("POST {path} HTTP/1.1\nHost: {host}\nContent-Length: 5\nTransfer-Encoding: chunked", b"0\r\n\r\n"),
    ("POST {path} HTTP/1.1\nHost: {host}\nContent-Length: 99999999999999999999999999", b"a"),
    ("POST {path} HTTP/1.1\nHost: {host}\nHost: other", b""),
    ("GET {path} HTTP/1.1", b""),
    ("GET {path} HTTP/1.0", b""),
    ("GET http://evil.example{path} HTTP/1.1\nHost: evil.example", b""),
]


@pytest.mark.parametrize(("head", "body"), CUT)
def test_what_is_cut_or_contradicts_itself_gets_no_view_and_leaves_no_trace(
    head: str, body: bytes, here: PageServer, all_routes: list[tuple[str, str]], capfd: pytest.CaptureFixture[str]
) -> None:
    for path in sorted({path for method, path in all_routes if head.startswith(method)}):
        answer = raw(here.url, head.replace("{path}", path), body)
        assert answer == b"" or re.match(rb"HTTP/1\.1 4\d\d ", answer), (path, answer[:200])
    with here.client() as browser:
        assert browser.get("/").status_code == 200
    assert "Traceback" not in "".join(capfd.readouterr())


def test_a_form_that_is_cut_after_its_token_is_not_taken_and_nobody_made_a_mistake(
    tmp_path: Path, all_routes: list[tuple[str, str]], caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(site_with(Settings(state_dir=tmp_path / "state")))
    token = app.state.access.sessions.here().token
    body = (
        f'--b\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token}\r\n'
        '--b\r\nContent-Disposition: form-data; name="sheet"; filename="a.csv"\r\n\r\nclue_id,remark\r\n1,'
    )
    for method, path in all_routes:
        if method != "POST":
            continue
        headers = {"host": "127.0.0.1:80", "content-type": "multipart/form-data; boundary=b", "content-length": "9000"}
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": b"",
            "client": ("127.0.0.1", 9),
            "scheme": "http",
        }
        scope |= {"server": ("127.0.0.1", 80), "http_version": "1.1", "root_path": "", "raw_path": path.encode()}
        scope["headers"] = [(name.encode(), value.encode()) for name, value in headers.items()]
        parts = [{"type": "http.request", "body": body.encode(), "more_body": True}]
        sent = list[MutableMapping[str, Any]]()

        async def receive(parts: list[dict[str, Any]] = parts) -> dict[str, Any]:
            return parts.pop() if parts else {"type": "http.disconnect"}

        async def send(message: MutableMapping[str, Any], sent: list[Any] = sent) -> None:
            sent.append(message)

        in_a_loop(app(scope, receive, send))
        assert sent[0]["status"] in (303, 400, 403, 404, 405), path  # a button that needs no more has worked
    assert caplog.records == [] and not [path for path in tmp_path.rglob("*") if "a.csv" in path.name or "upload" in path.name]


def test_a_client_is_a_browser(office: Office) -> None:
    """The tests above would hold of a page that refuses everybody."""
    with office.browser("王芳") as browser:
        assert isinstance(browser, Client) and "王芳" in browser.get("/").text
        assert browser.submit("/lang", {"lang": "zh", "back": "/"}).status_code == 303
        assert browser.submit("/lang", {"lang": "en", "back": "/"}, files={"x": ("x", b"y")}).status_code == 303
        assert browser.post("/lang", headers={"X-CSRF-Token": browser.csrf or ""}).status_code == 303


def test_whatever_is_to_be_done_with_a_run_or_a_sheet_that_is_none_is_not_found(
    here: PageServer, all_routes: list[tuple[str, str]], caplog: pytest.LogCaptureFixture
) -> None:
    with here.client() as browser:
        browser.get("/")
        tried = [(method, path) for method, path in all_routes if RUN in path]
        assert len(tried) > 20
        for method, path in tried:
            for data in ({}, {"digest": "x", "do": "all", "row": "1"}, {"do": "read"}, {"of": "x", "field": "x", "find": "y"}):
                answer = browser.get(path, params=data) if method == "GET" else browser.submit(path, data)
                assert answer.status_code == 404 and is_safe(answer), (method, path, data)
    assert caplog.records == []


def test_a_form_with_files_leaves_none_open(here: PageServer, all_routes: list[tuple[str, str]]) -> None:
    """Such a form is none of ours; that of a sheet is read in another way."""
    with here.client() as browser:
        for method, path in all_routes:
            if method == "POST" and path != "/sheets":
                answer = browser.submit(path, {"x": "1"}, files={"a": ("a.csv", b"x" * 1_500_000)})
                assert answer.status_code in (303, 400, 404) and is_safe(answer), path
    gc.collect()  # a file that was left open is a warning, and so an error
