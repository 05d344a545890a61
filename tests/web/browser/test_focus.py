"""What a page that is read aloud or enlarged owes: the focus is where something went wrong or was done, and nothing is cut."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support import jobs
from support.mend_pages import CLUE, OpenSheet, asked, until
from support.pages import PageServer, site_with

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow


def focused(page: Page, words: str) -> None:
    """Waits until what has the focus says this."""
    until(lambda: words in asked(page, "document.activeElement === document.body ? '' : document.activeElement.textContent"))


def test_a_form_that_is_answered_with_what_is_wrong_begins_there(tmp_path: Path, browser_page: Callable[..., Page]) -> None:
    with PageServer(site_with(jobs.settings(tmp_path))) as server:
        page = browser_page(server.url)
        page.fill("#sheet-text", f"clue_id\tCity\n{CLUE}\tWuhan\n")
        page.locator("[data-sheet-paste] button").click()
        page.wait_for_url("**/sheets/*")
        assert asked(page, "document.activeElement.tagName") == "BODY", "a page that nothing is wrong with begins at its top"
        page.locator('form[action$="/plan"] button.main').click()
        focused(page, "B City")
        page.goto("/runs/20200101-000000-0000/review")
        focused(page, "There is no such page")


def test_what_was_changed_for_all_rows_of_a_value_is_read_first(opened: OpenSheet) -> None:
    _, page = opened(f"clue_id,gender\n{CLUE},先生\n{CLUE + 7},先生\n{CLUE + 14},小姐\n")
    page.locator("#groups select").first.select_option("=男")
    page.locator("#groups button").first.click()
    focused(page, "Changed: 2 cells")
    page.keyboard.press("Tab")
    assert "Review and send" in asked(page, "document.activeElement.textContent") or "Mended so far" in asked(
        page, "document.activeElement.textContent"
    ), "what comes next is the next key away"


def test_at_320_pixels_nothing_is_wider_than_the_page(opened: OpenSheet) -> None:
    sheet, page = opened(f"clue_id,gender,邮箱\n{CLUE},先生,li\n{CLUE + 7},男,li\n", size=(320, 568))
    for place in (sheet.address, f"/runs/{sheet.run}/review", "/", "/history"):
        page.goto(place)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), place
