"""A real browser: Debian's Chromium, driven by Playwright. Where either is not there, a test that wants it is skipped.

One browser is started for a worker; each test has a context of its own, with no cookie. A page under a strict policy lets
nobody evaluate texts in it, as ``wait_for_function`` of Playwright does: ask ``page.evaluate`` until the answer is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = Path("/usr/bin/chromium")
LAPTOP, PHONE = (1366, 768), (390, 844)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser of this worker."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install playwright")
    if not CHROMIUM.exists():
        pytest.skip(f"there is no browser at {CHROMIUM}: apt-get install chromium fonts-noto-cjk")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        try:
            yield started
        finally:
            started.close()


@pytest.fixture
def browser_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a page of a new context: ``browser_page(server.url, PHONE)``."""
    opened: list[Any] = []

    def open_page(url: str, size: tuple[int, int] = LAPTOP, **options: Any) -> Page:
        context = browser.new_context(base_url=url, viewport={"width": size[0], "height": size[1]}, **options)
        opened.append(context)
        page = context.new_page()
        page.goto("/")
        return page

    yield open_page
    for context in opened:
        context.close()
