"""Step 1 in a real browser: dropped, pasted, by keyboard alone, at both widths, with hostile texts, and open to everybody."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support import jobs
from support.browser import LAPTOP, PHONE
from support.pages import PageServer, site_with

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow
CLUE = "1591005521987921928"
BAD = f"线索ID,备注2,跟进人ID,标签,\n{CLUE},甲,wovvCXcAAAT_dzekbq54K27FeMRBQJ2Q,ettag_of_the_test_0123456,x\n"
HOSTILE = (
    f"线索ID,<script>alert(1)</script>,\u202egnp.x,\x1b[31m红,{'长' * 3000}\n"
    f"{CLUE},<img src=x onerror=alert(1)>,{{{{7*7}}}},\u2066x,{'字' * 100_000}\n"
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageServer]:
    settings = jobs.settings(tmp_path_factory.mktemp("page"), lang="en", web={"max_upload": "2MB"})
    with PageServer(site_with(settings)) as server:
        yield server


def hand_in(page: Page, text: str, name: str = "客户.csv") -> None:
    page.goto("/")
    page.set_input_files("#sheet-file", {"name": name, "mimeType": "", "buffer": text.encode()})
    page.locator("[data-sheet-file] button").click()
    page.wait_for_url("**/sheets/*")


def violations(page: Page) -> list[str]:
    axe: Any = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    return [violation["id"] for violation in axe.run(page).response["violations"]]


def watched(page: Page) -> list[str]:
    """What the page complains about, and dialogs that a script of a cell would open."""
    heard: list[str] = []
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("dialog", lambda dialog: (heard.append(dialog.message), dialog.dismiss()))
    page.on("console", lambda said: heard.append(said.text) if "Content Security" in said.text else None)
    return heard


def drop(page: Page, *files: tuple[str, str]) -> None:
    """Drops files on the page as a person does."""
    encoded = [[name, base64.b64encode(text.encode()).decode()] for name, text in files]
    page.evaluate(
        """(files) => {
            const data = new DataTransfer();
            for (const [name, text] of files)
                data.items.add(new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], name));
            for (const kind of ["dragover", "drop"])
                document.body.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
        }""",
        encoded,
    )


@pytest.mark.parametrize(("lang", "size"), [("zh-CN", LAPTOP), ("en", PHONE)])
def test_no_page_of_the_step_breaks_a_rule_of_access_or_scrolls_sideways(
    server: PageServer, browser_page: Callable[..., Page], size: tuple[int, int], lang: str
) -> None:
    page = browser_page(server.url, size)
    heard = watched(page)
    if page.locator("html").get_attribute("lang") != lang:
        page.locator(".lang button").click()
    for text, name in ((None, ""), (BAD, "a.csv"), (HOSTILE, "\u202egnp.csv"), ("%PDF-1.4", "a.pdf")):
        if text is not None:
            hand_in(page, text, name)
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert heard == []


def test_a_sheet_is_dropped_anywhere_and_what_cannot_be_taken_is_said(
    server: PageServer, browser_page: Callable[..., Page]
) -> None:
    page = browser_page(server.url)
    problem = page.locator("[data-sheet-problem]")
    drop(page, ("a.csv", "x"), ("b.csv", "y"))
    assert problem.inner_text() == "Hand in one sheet at a time."
    drop(page, ("a.csv", "x" * (2 << 20) + "y"))
    assert "2 MB" in problem.inner_text()
    drop(page, ("三月.csv", f"线索ID,备注\n{CLUE},甲\n"))
    page.wait_for_url("**/sheets/*")
    assert "三月.csv" in page.locator("main").inner_text()


def test_the_way_through_by_keyboard_alone(server: PageServer, browser_page: Callable[..., Page]) -> None:
    page = browser_page(server.url)
    page.locator("#sheet-text").focus()
    page.keyboard.insert_text(f"线索ID\t备注2\n{CLUE}\t甲\n")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sheets/*")
    for _ in range(60):
        if page.evaluate("document.activeElement.name") == "field-1":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    assert page.locator("select[name=field-1]").input_value() == "remark", "the nearest field comes first"
    for _ in range(60):
        if page.evaluate("document.activeElement.matches('button.main')"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/runs/**")


def test_reading_goes_on_to_the_next_step_by_itself_and_back_shows_the_choices(
    server: PageServer, browser_page: Callable[..., Page]
) -> None:
    page = browser_page(server.url, java_script_enabled=False)
    hand_in(page, BAD)
    sheet = page.url
    page.locator("select[name=field-1]").select_option("remark")
    page.locator("input[name=ask-owner][value=context]").check()
    page.locator("input[name=ask-tags][value=add]").check()
    page.locator("form[action$='/plan'] button.main").click()
    page.wait_for_url("**/runs/**", timeout=30_000)
    page.goto(sheet)
    assert page.locator("select[name=field-1]").input_value() == "remark"
    assert page.locator("input[name=ask-tags][value=add]").is_checked()
    assert Path(sheet).name in page.locator("form[action$='/plan']").get_attribute("action")  # type: ignore[operator]
