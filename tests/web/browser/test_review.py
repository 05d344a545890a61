"""Step 3 in a real browser: from a plan, by the values that are read, to the run that is sent, with one click or with two."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support import jobs
from support.browser import LAPTOP, PHONE
from support.pages import PageServer, site_with
from support.records import EDIT, INFO, calls

from batch_editor import job
from batch_editor.model import RunState
from batch_editor.runs.mending import Mend
from batch_editor.sandbox import Sandbox
from batch_editor.web.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("results_as_csv")]
CLUE = 1591005521987920501
ROWS = 30


class Planned:
    """A plan of thirty rows that can be sent, of which three clear a field, and two that wait."""

    def __init__(self, site: Site, server: PageServer, crm: Sandbox, run: str) -> None:
        self.site, self.server, self.crm, self.run = site, server, crm, run
        self.address = f"/runs/{run}/review"

    @property
    def state(self) -> RunState:
        return job.get_run(self.run, self.site.settings).state

    def until_over(self) -> None:
        end = time.monotonic() + 30
        while self.state is not RunState.FINISHED:
            assert time.monotonic() < end
            time.sleep(0.05)


@pytest.fixture
def planned(tmp_path: Path) -> Iterator[Planned]:
    clues = [{"clue_id": CLUE + number, "remark": f"旧 {number}", "email": "a@b.cn"} for number in range(ROWS + 2)]
    rows = [
        f"{CLUE + number},{'<b>新</b>' if number % 2 else f'旧 {number}'},{'#CLEAR' if number < 3 else ''}"
        for number in range(ROWS)
    ]
    rows += [f"{CLUE + ROWS + number},x,没有" for number in range(2)]
    sheet = jobs.text_file(tmp_path / "九月.csv", "\n".join(["线索ID,描述,邮箱", *rows]) + "\n")
    with Sandbox(clues, access_token=jobs.TOKEN) as crm:
        settings = jobs.settings(tmp_path, crm.url, compare_columns=[], lang="zh")
        with job.plan(sheet, settings, attended=True) as prepared:
            run = prepared.name
        site = site_with(settings)
        with PageServer(site) as server:
            yield Planned(site, server, crm, run)


@pytest.fixture
def opened(planned: Planned, browser_page: Callable[..., Page]) -> Callable[..., Page]:
    def open_review(size: tuple[int, int] = LAPTOP) -> Page:
        page = browser_page(planned.server.url, size)
        page.goto(planned.address)
        return page

    return open_review


def test_from_the_plan_to_the_run_that_is_sent(planned: Planned, opened: Callable[..., Page]) -> None:
    page = opened()
    assert page.locator("button.main").inner_text() == "发送 30 行，其中清空 3 个字段"
    page.get_by_role("button", name="读取现在的值").click()
    page.wait_for_url(f"**{planned.address}", timeout=20_000)
    assert len(calls(planned.crm, INFO)) == ROWS and calls(planned.crm, EDIT) == []
    first = page.locator("#changes tbody tr").first
    assert "a@b.cn" in first.inner_text() and "清空" in first.inner_text()
    assert not first.locator("details p").is_visible()
    first.locator("summary").click()
    assert first.locator("details p").inner_text() == "描述"
    page.get_by_label("只看清空的").check()
    page.get_by_role("button", name="筛选").click()
    assert page.locator("#changes tbody tr").count() == 3
    assert page.locator('input[value="yes"]').is_checked()
    page.locator("button.main").click()
    page.wait_for_url(f"**/runs/{planned.run}/*")
    planned.until_over()
    assert planned.crm.clue(CLUE + 1)["remark"] == "<b>新</b>" and len(calls(planned.crm, EDIT)) == ROWS


def test_two_quick_clicks_and_a_second_tab_are_one_run(planned: Planned, opened: Callable[..., Page]) -> None:
    page, second = opened(), opened()
    page.locator('input[value="no"]').check()
    page.locator("button.main").dblclick(no_wait_after=True)
    second.locator("button.main").click()
    second.wait_for_url(f"**/runs/{planned.run}/*")
    planned.until_over()
    assert len(calls(planned.crm, EDIT)) == ROWS
    page.goto(planned.address)
    assert planned.run in page.url and "/review" not in page.url


def test_a_page_that_is_out_of_date_sends_nothing_and_shows_what_has_changed(
    planned: Planned, opened: Callable[..., Page]
) -> None:
    page = opened()
    with job.open_run(planned.run, planned.site.settings) as prepared:
        prepared.mend([Mend(32, 2, "good@b.cn")])
    page.locator("button.main").click()
    alert = page.get_by_role("alert")
    assert "没有发送任何数据" in alert.inner_text()
    assert page.locator("button.main").inner_text() == "发送 31 行，其中清空 3 个字段"
    assert calls(planned.crm, EDIT) == [] and planned.state is RunState.PLANNED


def test_the_keyboard_alone_is_enough(planned: Planned, opened: Callable[..., Page]) -> None:
    page = opened()
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('button.main')"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/runs/{planned.run}/*")
    planned.until_over()


@pytest.mark.parametrize(("lang", "size"), [("zh", LAPTOP), ("en", PHONE)])
def test_the_page_is_accessible_and_does_not_scroll_sideways(
    planned: Planned, opened: Callable[..., Page], size: tuple[int, int], lang: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    page = opened(size)
    if lang == "en":
        page.get_by_role("button", name="English").click()
    for read in (False, True):
        if read:
            with job.open_run(planned.run, planned.site.settings) as prepared:
                job.read_clues(prepared)
        for address in (planned.address, f"/runs/{planned.run}/discard"):
            said: list[Any] = []
            page.on("console", lambda message, said=said: said.append(message.text))
            page.goto(address)
            assert axe.run(page).response["violations"] == []
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
            assert [text for text in said if "favicon" not in text and "404" not in text] == []
