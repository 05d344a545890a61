"""The frame of the page in a real browser: nobody is kept out, nothing is wider than the screen, and the keyboard leads on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.browser import LAPTOP, PHONE
from support.pages import PageServer, site_with

from batch_editor.cli.demo_page import SHEETS
from batch_editor.cli.example import shipped
from batch_editor.settings.settings import Settings

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow
SAMPLES = shipped("sample_data")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[PageServer]:
    settings = Settings.load(SAMPLES / "config.yaml", state_dir=tmp_path)
    with PageServer(site_with(settings, samples=tuple(SAMPLES / name for name in SHEETS))) as server:
        yield server


@pytest.mark.parametrize("size", [LAPTOP, PHONE])
def test_the_frame_keeps_nobody_out_in_either_language(
    server: PageServer, browser_page: Callable[..., Page], size: tuple[int, int]
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    page = browser_page(server.url, size)
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    for lang in ("zh-CN", "en"):
        for path in ("/", "/nothing", "/history"):
            page.goto(path)
            assert page.evaluate("document.documentElement.lang") == lang
            assert [found["id"] for found in axe.run(page).response["violations"]] == [], path
            assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        page.goto("/history")
        page.click("form.lang button")
        assert page.url.endswith("/history")
    assert [error for error in errors if "404" not in error] == []


def test_the_keyboard_skips_to_the_content_and_a_sample_is_two_keys_away(
    server: PageServer, browser_page: Callable[..., Page]
) -> None:
    page = browser_page(server.url)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sheets/*")
