"""Make the pictures of the READMEs again, with Debian's Chromium: ``python tests/make_pictures.py``.

They show ``demo --page`` as it is: the sample sheet with mistakes in step 2, and what will be sent in step 3.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

FOLDER = Path(__file__).parent.parent / ".pictures"
CHROMIUM = Path("/usr/bin/chromium")
WIDTH, HEIGHT = 1000, 720
#: What is put in place of what, in the sample sheet.
REMEDIES = {"先生": "男", "女士": "女", "A级": "A类"}


@contextmanager
def demonstration(lang: str) -> Iterator[str]:
    """Offers the page in a folder of its own; hands on its address."""
    command = [sys.executable, "-m", "batch_editor", "demo", "--page", "--port", "0", "--no-browser", "--lang", lang]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(
            command, cwd=folder, stdout=subprocess.PIPE, text=True, env=os.environ | {"USER": "li.juan"}
        ) as process,
    ):
        assert process.stdout
        lines = iter(process.stdout.readline, "")
        addresses = (re.search(r"http://127\.0\.0\.1:\d+", line) for line in lines if "CRM" not in line)
        try:
            yield next(address[0] for address in addresses if address)
        finally:
            process.terminate()


def take(page: Page, name: str) -> None:
    """Takes a picture of what stands in the window."""
    FOLDER.mkdir(exist_ok=True)
    page.screenshot(path=FOLDER / f"{name}.png")


def play(page: Page, lang: str) -> None:
    """Goes from the sample sheet to the review, and takes a picture of both steps."""
    page.locator("main button", has_text="clues_to_mend.csv").click()
    page.locator('form[action$="/plan"] button.main').click()
    page.wait_for_url("**/mend")
    take(page, f"mend.{lang}")
    for value, remedy in REMEDIES.items():
        group = page.locator(".groups li", has_text=f"{value} ×").first
        group.locator("select").select_option(label=remedy)
        group.locator("button").first.click()
        page.wait_for_load_state()
    page.locator('main a[href$="/review"]').first.click()
    page.locator('form[action$="/read"] button').first.click()
    page.wait_for_url("**/review")
    page.locator("#changes tbody tr").first.wait_for()
    page.locator('form[action$="/send"]').first.evaluate("form => form.scrollIntoView({block: 'start'})")
    take(page, f"review.{lang}")


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        for lang in ("zh", "en"):
            with demonstration(lang) as address:
                page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
                page.goto(address)
                play(page, lang)
        browser.close()


if __name__ == "__main__":
    main()
