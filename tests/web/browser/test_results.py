"""Results, mending, undo and history in a real browser: as a person goes through them, at both widths and in both languages."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.browser import LAPTOP, PHONE
from support.page_runs import CLUE, RunsOnPage, rows, runs_on_page

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow  # a browser of its own
HEADINGS = "clue_id,remark,gender"
SHEET = rows("new 0,男", "new 1,先生", "new 2,女", headings=HEADINGS)


@pytest.fixture
def page(tmp_path: Path) -> Iterator[RunsOnPage]:
    with runs_on_page(tmp_path) as opened:
        yield opened


def comes_to(page: Page, end: str, seconds: float = 20) -> None:
    """Waits until the address ends so; the policy of the page forbids to evaluate a text for that."""
    until = time.monotonic() + seconds
    while not page.evaluate("location.pathname").endswith(end):
        assert time.monotonic() < until, page.url
        page.wait_for_timeout(50)


def confirm(page: Page) -> None:
    """Sends what stands on the review, and goes to the results."""
    comes_to(page, "/review")
    page.locator('form[action$="/send"] button.main').click()
    comes_to(page, "/progress")
    until = time.monotonic() + 20
    while not page.locator('main a[href$="/results"]').count():
        assert time.monotonic() < until, page.content()
        page.wait_for_timeout(100)
    page.locator('main a[href$="/results"]').first.click()
    comes_to(page, "/results")


def test_what_failed_is_mended_and_sent_and_one_row_is_taken_back(page: RunsOnPage, browser_page: Callable[..., Page]) -> None:
    run = page.run(SHEET)
    shown = browser_page(page.server.url)
    shown.goto(f"/runs/{run}")
    assert "2 rows are updated, and 1 row did not succeed" in shown.locator("main").inner_text()
    shown.get_by_role("button", name="Mend and send what failed (1 row)").click()
    comes_to(shown, "/mend")
    cell = shown.locator('[name="cell-3-2"]')
    cell.select_option("男") if cell.evaluate("node => node.tagName") == "SELECT" else cell.fill("男")
    cell.press("Tab")
    shown.wait_for_timeout(500)
    shown.goto(shown.url.partition("/mend")[0] + "/review")
    confirm(shown)
    assert "All is done: 1 row is updated." in shown.locator("main").inner_text()
    assert page.crm.clue(CLUE + 1)["remark"] == "new 1"
    shown.goto(f"/runs/{run}/undo")
    shown.get_by_role("checkbox", name="Row 4").check()
    shown.get_by_role("button", name="Look at what would be put back").click()
    confirm(shown)
    assert [page.crm.clue(CLUE + number)["remark"] for number in range(3)] == ["new 0", "new 1", "old 2"]
    shown.goto("/history")
    assert "Undo of 客户.csv" in shown.locator("main").inner_text()


@pytest.mark.parametrize(("lang", "size"), [("zh", LAPTOP), ("en", PHONE)])
def test_no_page_breaks_a_rule_of_access_or_is_wider_than_its_window(
    page: RunsOnPage, browser_page: Callable[..., Page], size: tuple[int, int], lang: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    run = page.run(SHEET)
    stopped = page.run(rows("a,男", "b,女"), name="<b>提前停止.csv", limit=1)
    shown = browser_page(page.server.url, size)
    shown.context.add_cookies([{"name": "batch_editor_lang", "value": lang, "url": page.server.url}])
    for path in ("/", "/history", f"/runs/{run}/results?status=all", f"/runs/{stopped}/results", f"/runs/{run}/undo"):
        shown.goto(path)
        assert shown.evaluate("document.documentElement.scrollWidth") <= size[0], path
        assert axe.run(shown).response["violations"] == [], path
    shown.locator('button[value="read"]').click()
    assert axe.run(shown).response["violations"] == []
    assert shown.locator("b").count() == 0
