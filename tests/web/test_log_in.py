"""Logging in and out, as a browser does it through a proxy, and over TLS without one."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.pages import Client, Markup, PageServer, in_a_loop, site_with
from support.visitors import BEHIND_PROXY, FORWARDED, PASSWORD, Office, Visitor, cheap_passwords

from batch_editor.settings.settings import Settings
from batch_editor.web.guard import OPEN, Access, Guard
from batch_editor.web.people import People
from batch_editor.web.reach import reach
from batch_editor.web.sessions import Sessions

FILES = Path(__file__).parent / "files"


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap_passwords(monkeypatch)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with Office(tmp_path, lang="en") as office:
        yield office


def log_in(visitor: Visitor, name: str, password: str, after: str = "/", **headers: str) -> httpx.Response:
    visitor.get("/login")
    return visitor.submit("/login", {"name": name, "password": password, "next": after}, headers=headers)


def test_somebody_logs_in_works_and_logs_out(office: Office) -> None:
    with office.browser() as browser:
        assert browser.get("/history?x=1").headers["location"] == "/login?next=/history%3Fx%3D1"
        page = Markup(browser.get("/login?next=/history%3Fx%3D1").text)
        assert not page.faults
        assert {"type": "hidden", "name": "next", "value": "/history?x=1"} in page.all("input")
        answer = browser.submit("/login", {"name": " 王芳", "password": PASSWORD, "next": "/history?x=1"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/history?x=1")
        assert "王芳" in browser.get("/").text
        assert browser.get("/login").headers["location"] == "/"
        assert browser.submit("/logout").headers["location"] == "/login"
        assert browser.get("/").status_code == 303


def test_the_cookie_is_of_no_use_to_scripts_other_sites_or_a_line_that_can_be_read(office: Office) -> None:
    with office.browser() as browser:
        cookies = [browser.get("/login").headers["set-cookie"], log_in(browser, "王芳", PASSWORD).headers["set-cookie"]]
    for cookie in cookies:
        name, *marks = cookie.split("; ")
        assert name.startswith("__Host-batch-editor=")
        assert marks == ["Path=/", "HttpOnly", "SameSite=Lax", "Secure"]
    assert cookies[0] != cookies[1]


def test_a_log_in_gives_a_new_cookie_and_the_old_one_stays_that_of_a_stranger(office: Office) -> None:
    """Whoever has planted a cookie in a browser knows it, but not the one that its owner works with."""
    with office.browser() as browser, office.browser() as planter:
        browser.get("/login")
        planted = dict(browser.jar)
        assert log_in(browser, "王芳", PASSWORD).status_code == 303
        assert browser.jar != planted
        planter.jar = planted
        assert planter.get("/").status_code == 303
        assert browser.get("/").status_code == 200


def test_a_copy_of_the_cookie_ends_with_the_log_out(office: Office) -> None:
    with office.browser("王芳") as browser, office.browser() as copy:
        copy.jar = dict(browser.jar)
        assert copy.get("/").status_code == 200
        browser.submit("/logout")
        assert copy.get("/").status_code == 303


def test_another_password_ends_the_session_while_the_page_runs(office: Office) -> None:
    with office.browser("王芳") as browser, office.browser("Li Lei") as other:
        People(office.settings.state_dir).set_password("王芳", PASSWORD + "2")
        assert browser.get("/").status_code == 303 and other.get("/").status_code == 200
        assert log_in(browser, "王芳", PASSWORD).status_code == 403
        assert log_in(browser, "王芳", PASSWORD + "2").status_code == 303


def test_what_a_page_asks_by_itself_keeps_no_session_alive(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tab that shows how far a run is asks every few seconds: whoever has left it open is logged out all the same."""
    touched = []
    visitor = Sessions.visitor
    monkeypatch.setattr(
        Sessions,
        "visitor",
        lambda of, cookie, *, touch=True, **ends: [touched.append(touch), visitor(of, cookie, touch=touch, **ends)][1],
    )
    with office.browser("王芳") as browser:
        touched.clear()
        for accept in ("text/event-stream", "application/json", "text/html"):
            browser.get("/history", headers={"Accept": accept})
    assert touched == [False, False, True]


def test_a_script_is_told_in_words_that_the_session_has_ended(office: Office) -> None:
    """So that the page can say so beside what somebody has typed."""
    with office.browser("王芳") as browser:
        token = browser.csrf or ""
        browser.submit("/logout")
        answer = browser.post("/runs/x/mend", headers={"Accept": "*/*", "X-CSRF-Token": token, "Sec-Fetch-Mode": "cors"})
        assert answer.status_code == 401 and "Nothing was saved" in " ".join(Markup(answer.text).texts)


def test_a_stream_ends_with_the_session(office: Office) -> None:
    """Whoever has logged out is told nothing more by a page that is still open somewhere."""
    sent: list[Any] = []
    with office.browser("王芳") as browser:
        guard_cookie = browser.cookie
        access = Access.of(BEHIND_PROXY, office.settings.state_dir, lambda: office.settings.web)

        async def events(scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"first", "more_body": True})
            access.sessions.end(scope["state"]["visitor"])
            await send({"type": "http.response.body", "body": b"second", "more_body": True})
            await send({"type": "http.response.body", "body": b"third", "more_body": True})

        async def receive() -> Any:
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        async def refused(request: Any, error: Any) -> Any:
            raise AssertionError(error)

        headers = FORWARDED | {"Cookie": guard_cookie, "Accept": "text/event-stream"}
        scope = {"type": "http", "method": "GET", "path": "/runs/x/events", "query_string": b"", "client": ("127.0.0.1", 9)}
        scope |= {"server": ("127.0.0.1", 8780), "headers": [(k.lower().encode(), v.encode()) for k, v in headers.items()]}
        in_a_loop(Guard(events, access, uploads={}, refused=refused)(scope, receive, send))
    assert [message.get("body") for message in sent] == [None, b"first", b""] and not sent[-1]["more_body"]


def test_a_session_ends_after_the_time_that_the_settings_give(tmp_path: Path) -> None:
    with Office(tmp_path, lang="en", web={"idle_minutes": 1e-6}) as office, office.browser() as browser:
        assert log_in(browser, "王芳", PASSWORD).status_code == 303
        assert browser.get("/").status_code == 303
    with Office(tmp_path, lang="en", web={"session_hours": 1e-8}) as office, office.browser() as browser:
        assert log_in(browser, "王芳", PASSWORD).status_code == 303
        assert browser.get("/").status_code == 303


def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(office: Office) -> None:
    answers = []
    for name, password in [("王芳", "wrong password"), ("nobody at all", "wrong password")]:
        with office.browser() as browser:
            answer = log_in(browser, name, password)
            answers.append((answer.status_code, re.sub(f"{name}|[0-9a-f]{{64}}", "", answer.text)))
    assert answers[0] == answers[1] and answers[0][0] == 403 and "not right" in answers[0][1]


def test_what_was_typed_as_a_name_comes_back_as_text_and_the_password_does_not(office: Office) -> None:
    with office.browser() as browser:
        answer = log_in(browser, '"><script>alert(1)</script>', "hunter2-hunter2")
        assert "<script>" not in answer.text and "hunter2" not in answer.text
        (field,) = [field for field in Markup(answer.text).all("input") if field["name"] == "name"]
        assert field["value"] == '"><script>alert(1)</script>'


ELSEWHERE = ["https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "", "x"]
ELSEWHERE += [
    "/\t/evil.example",
    "/ /evil.example",
    "/\r\nSet-Cookie: x=1",
    "///evil.example",
    "/%0d%0aX: 1\x00",
    " //evil.example",
]


@pytest.mark.parametrize("elsewhere", [*ELSEWHERE, "/王"])
def test_a_log_in_leads_to_no_other_site(elsewhere: str, office: Office) -> None:
    with office.browser() as browser:
        page = browser.get("/login", params={"next": elsewhere})
        hidden = [field["value"] for field in Markup(page.text).all("input") if field["name"] == "next"]
        assert hidden == ["/"]
        answer = log_in(browser, "王芳", PASSWORD, elsewhere)
        assert answer.headers["location"] == "/" and "x" not in browser.jar


def test_attempts_are_slowed_down_and_the_right_person_still_gets_in(office: Office) -> None:
    with office.browser() as right, office.browser() as guesser:
        assert log_in(right, "王芳", PASSWORD, **{"X-Forwarded-For": "203.0.113.1"}).status_code == 303
        right.submit("/logout", headers={"X-Forwarded-For": "203.0.113.1"})
        answers = [
            log_in(guesser, "王芳", f"password {number}", **{"X-Forwarded-For": f"198.51.100.{number}"}) for number in range(9)
        ]
        assert [answer.status_code for answer in answers] == [403] * 5 + [429] * 4
        assert int(answers[-1].headers["retry-after"]) >= 1 and "Wait" in answers[-1].text
        assert log_in(guesser, "王芳", PASSWORD, **{"X-Forwarded-For": "198.51.100.9"}).status_code == 429
        assert log_in(right, "王芳", PASSWORD, **{"X-Forwarded-For": "203.0.113.1"}).status_code == 303


def test_a_browser_does_not_choose_the_address_that_is_slowed_down(office: Office) -> None:
    """A proxy adds the address that it sees at the end of what a browser claims."""
    with office.browser() as browser:
        answers = [
            log_in(browser, f"name {number}", "x", **{"X-Forwarded-For": f"10.0.0.{number}, 198.51.100.1"}).status_code
            for number in range(16)
        ]
    assert answers == [403] * 15 + [429]


def test_a_form_to_log_in_from_a_page_that_was_open_too_long_can_be_sent_again(office: Office) -> None:
    with office.browser() as browser:
        browser.get("/login")
        browser.jar.clear()
        answer = browser.submit("/login", {"name": "王芳", "password": PASSWORD})
        assert answer.status_code == 403 and not Markup(answer.text).faults
        assert browser.submit("/login", {"name": "王芳", "password": PASSWORD}).status_code == 303


def test_a_stranger_reads_no_version_no_name_and_no_company(tmp_path: Path) -> None:
    """In the page to log in, its errors and its looks, in both languages."""
    from importlib.metadata import version

    with Office(tmp_path, lang="en", api={"app_id": "app-4711", "app_secret": "s", "tenant": "Acme Ltd"}) as office:
        with office.browser() as browser:
            browser.get("/login")
            token = browser.csrf or ""
            pages = [browser.request(method, path) for path in sorted(OPEN) for method in ("GET", "HEAD", "PUT", "POST")]
            pages += [browser.submit("/login", {"name": "x", "password": "y"}), browser.submit("/lang", {"lang": "zh"})]
            pages += [browser.get("/login"), browser.post("/login", headers={"X-CSRF-Token": token}, content=b"x" * 3_000_000)]
        told = [str(page.headers) + page.text for page in pages]
    words = (
        "app-4711",
        "Acme",
        version("batch-editor"),
        "王芳",
        "Li Lei",
        str(tmp_path),
        "open.wshoto",
        "batch_editor/",
        "/history",
    )
    assert [
        (page.request.url.path, word) for page, text in zip(pages, told, strict=True) for word in words if word in text
    ] == []


def test_who_is_logged_in_is_told_and_can_log_out_on_every_page_and_nobody_on_this_machine(
    office: Office, tmp_path: Path
) -> None:
    with office.browser("Li Lei") as browser:
        page = browser.get("/history").text
        assert "Li Lei" in page and 'action="/logout"' in page
    with PageServer(site_with(Settings(state_dir=tmp_path / "here"))) as here, here.client() as client:
        answer = client.get("/")
        assert 'action="/logout"' not in answer.text and "set-cookie" not in answer.headers
        assert client.submit("/logout").headers["location"] == "/"
        assert client.get("/login").headers["location"] == "/"
        assert client.submit("/login", {"name": "x", "password": "y"}).headers["location"] == "/"


def test_a_damaged_file_of_people_lets_nobody_in_and_says_nothing_to_strangers(office: Office) -> None:
    with office.browser("王芳") as browser:
        office.people.path.write_text("{", encoding="utf-8")
        answer = browser.get("/")
        assert answer.status_code == 503 and str(office.people.path) not in answer.text


def test_over_tls_of_its_own_the_page_can_be_used(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path / "state", lang="en")
    people = People(settings.state_dir)
    people.set_password("王芳", PASSWORD)
    own = reach("127.0.0.1", settings.web, people, certificate=FILES / "page.crt", key=FILES / "page.key")
    assert own.names[:2] == ("localhost", "crm-edit.example.com")
    server = PageServer(site_with(settings, reach=replace(own, needs_login=True)))
    assert server.url.startswith("https://127.0.0.1:")
    trusted = ssl.create_default_context(cafile=FILES / "page.crt")
    with server, Client(base_url=server.url, trust_env=False, timeout=30, verify=trusted) as browser:
        answer = browser.get("/login")
        assert answer.headers["strict-transport-security"]
        assert answer.headers["set-cookie"].startswith("__Host-batch-editor=")
        after = browser.submit("/login", {"name": "王芳", "password": PASSWORD})
        assert after.status_code == 303
        assert "王芳" in browser.get("/", headers={"Accept": "text/html"}).text
        assert browser.get("/", headers={"Host": "evil.example"}).status_code == 421
        with pytest.raises(httpx.HTTPError):
            httpx.get(server.url.replace("https", "http"), trust_env=False)


def test_without_tls_nothing_says_that_there_is_some(tmp_path: Path) -> None:
    with PageServer(site_with(Settings(state_dir=tmp_path / "state"))) as here, here.client() as client:
        answer = client.get("/", headers={"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"})
        assert "strict-transport-security" not in answer.headers and "evil.example" not in answer.text


def test_whoever_gets_past_the_proxy_is_not_answered(office: Office) -> None:
    with office.server.client() as client:
        assert client.get("/login").status_code == 421
        assert client.get("/login", headers=FORWARDED | {"X-Forwarded-Proto": "http"}).status_code == 421
        assert client.get("/login", headers=FORWARDED | {"Host": "evil.example"}).status_code == 421
        assert client.get("/login", headers=FORWARDED).status_code == 200
