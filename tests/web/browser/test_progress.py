"""Step 4 in a real browser: it goes on as the run does, whoever closes, reloads or opens it once more."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support import jobs
from support.browser import LAPTOP, PHONE
from support.crm import CONFIRMED, Call, Crm, status
from support.pages import PageServer, site_with
from support.servers import Answer

from batch_editor import job
from batch_editor.model import RunState
from batch_editor.web.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("results_as_csv")]
ROWS = 40


class Steps:
    """A CRM that answers as many edits as it is let."""

    def __init__(self) -> None:
        self._free = threading.Semaphore(0)
        self.answer = CONFIRMED

    def let(self, edits: int) -> None:
        self._free.release(edits)

    def __call__(self, call: Call) -> Answer:
        assert self._free.acquire(timeout=60)
        return self.answer


class Sending:
    """A run that is being sent from the page."""

    def __init__(self, site: Site, server: PageServer, steps: Steps, run: str) -> None:
        self.site, self.server, self.steps, self.run = site, server, steps, run
        self.address = f"/runs/{run}/progress"

    @property
    def state(self) -> RunState:
        return self.site.drivers.snapshot(self.run).state


@pytest.fixture
def sending(tmp_path: Path) -> Iterator[Sending]:
    steps = Steps()
    with Crm(steps) as crm:
        given = jobs.settings(tmp_path, crm.url, lang="zh", rate={"concurrency": 1, "pause": 42, "patience": 900})
        site = site_with(given)
        with job.plan(jobs.sheet(tmp_path, range(101, 101 + ROWS)), given, title="客户.xlsx") as prepared:
            run, digest = prepared.name, prepared.digest()
        with PageServer(site) as server:
            site.drivers.start(run, confirmed=digest, settings=given)
            yield Sending(site, server, steps, run)
            steps.let(10_000)


def until(page: Page, expression: str, expected: Any) -> None:
    """Asks the page until it answers so; while it goes to another address, there is nobody to answer."""
    from playwright.sync_api import Error

    end, answer = time.monotonic() + 20, None
    while time.monotonic() < end:
        with suppress(Error):
            answer = page.evaluate(expression)
        if answer == expected:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"{expression} is {answer}, and not {expected}")


def done(page: Page, rows: int) -> None:
    until(page, "document.getElementById('bar').value", rows)


def violations(page: Page) -> list[str]:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    return [found["id"] for found in axe.Axe().run(page).response["violations"]]


def test_the_page_goes_on_as_the_run_does_and_leads_to_the_results(sending: Sending, browser_page: Callable[..., Page]) -> None:
    page = browser_page(sending.server.url)
    faults: list[str] = []
    page.on(
        "console",
        lambda message: (
            faults.append(message.text) if message.type == "error" and "favicon" not in message.location["url"] else None
        ),
    )
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(sending.address)
    sending.steps.let(10)
    done(page, 10)
    until(page, "document.title.slice(0, 3)", "25%")
    assert page.evaluate("document.querySelector('[data-status=updated] dd').textContent") == "10"
    sending.steps.let(ROWS)
    until(page, "location.pathname", f"/runs/{sending.run}/results")
    page.go_back()
    until(page, "location.pathname", sending.address)
    page.wait_for_timeout(3000)  # longer than the page that has seen the end waits
    assert page.evaluate("location.pathname") == sending.address
    assert page.inner_text("h1") == "全部完成" and faults == []


def test_closing_the_page_stops_nothing_and_a_second_one_shows_the_same(
    sending: Sending, browser_page: Callable[..., Page]
) -> None:
    page = browser_page(sending.server.url)
    page.goto(sending.address)
    sending.steps.let(5)
    done(page, 5)
    context = page.context
    page.close()
    sending.steps.let(10)
    page, other = context.new_page(), browser_page(sending.server.url, PHONE)
    for looking in (page, other):
        looking.goto(sending.address)
        done(looking, 15)
    other.click("button.danger")  # somebody else stops it: both pages say so
    sending.steps.let(1)
    for looking in (page, other):
        until(looking, "document.querySelector('h1').textContent", "提前停止")
    left = ROWS - sending.site.drivers.snapshot(sending.run).progress.counts["updated"]
    other.click("button.main")
    until(other, "document.querySelector('h1').textContent", "正在发送")
    sending.steps.let(left)
    until(other, "location.pathname", f"/runs/{sending.run}/results")
    assert sending.state is RunState.FINISHED


def test_seven_pages_of_one_browser_all_go_on(sending: Sending, browser: Browser) -> None:
    context = browser.new_context(base_url=sending.server.url)
    try:
        pages = [context.new_page() for _ in range(7)]
        for page in pages:
            page.goto(sending.address, timeout=10_000)  # a seventh stream would keep this from coming
        assert sending.site.drivers.watchers(sending.run) == 3
        sending.steps.let(8)
        for page in pages:
            done(page, 8)
        sending.steps.let(ROWS)
        for page in pages:
            until(page, "location.pathname", f"/runs/{sending.run}/results")
    finally:
        context.close()


def test_who_looks_at_another_page_holds_no_stream(sending: Sending, browser_page: Callable[..., Page]) -> None:
    page = browser_page(sending.server.url)
    page.goto(sending.address)
    end = time.monotonic() + 20
    while sending.site.drivers.watchers(sending.run) != 1:
        assert time.monotonic() < end
        page.wait_for_timeout(50)
    page.goto("/history")
    while sending.site.drivers.watchers(sending.run):
        assert time.monotonic() < end
        page.wait_for_timeout(50)


def test_where_events_are_kept_back_the_page_asks(sending: Sending, browser_page: Callable[..., Page]) -> None:
    page = browser_page(sending.server.url)
    page.route("**/events", lambda route: None)  # as a proxy that waits for the end of an answer
    page.goto(sending.address)
    sending.steps.let(6)
    done(page, 6)


def test_without_a_script_the_page_loads_itself_anew(sending: Sending, browser_page: Callable[..., Page]) -> None:
    page = browser_page(sending.server.url, java_script_enabled=False)
    page.goto(sending.address)
    sending.steps.let(4)
    end = time.monotonic() + 20
    while "4 / 40" not in page.inner_text("#how-far"):
        assert time.monotonic() < end
        page.wait_for_timeout(200)
    page.click("button.danger")
    sending.steps.let(1)
    while page.inner_text("h1") != "提前停止":
        assert time.monotonic() < end + 20
        page.wait_for_timeout(200)


@pytest.mark.parametrize(("lang", "size"), [("zh", LAPTOP), ("en", PHONE)])
def test_nobody_is_kept_out_and_nothing_is_wider_than_the_screen(
    sending: Sending, browser_page: Callable[..., Page], lang: str, size: tuple[int, int]
) -> None:
    page = browser_page(sending.server.url, size)
    page.context.add_cookies([{"name": "batch_editor_lang", "value": lang, "url": sending.server.url}])
    page.goto(sending.address)
    sending.steps.let(10)
    done(page, 10)
    assert violations(page) == []
    sending.steps.answer = status(429)
    sending.steps.let(3)
    words = "CRM 限频，4" if lang == "zh" else 'The CRM says "too fast" (rate limit). It goes on in 4'
    until(page, f"document.getElementById('waiting').textContent.startsWith({json.dumps(words)})", True)
    until(page, f"document.getElementById('announcement').textContent.includes({json.dumps(words)})", True)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.click("button.danger")
    until(page, "document.querySelectorAll('.outcome').length", 1)
    assert violations(page) == [] and page.evaluate("document.documentElement.scrollWidth <= innerWidth")
