"""How long somebody waits for the first row of a long sheet on the page, how much is sent to the browser, and how long a mend
takes on the server.

A sheet of 100,000 rows of which some are wrong (``--wrong 1``: every row) is planned and served by this very process; a browser
(Chromium, driven by Playwright) opens step 2. Without a browser the server alone is measured.
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import rig

sys.path.append(str(Path(__file__).parent.parent))

from support import bad_sheet, jobs
from support.browser import CHROMIUM
from support.pages import Client, PageServer, site_with

from batch_editor import job

MENDS = 20


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--wrong", type=int, default=10, help="one row of so many has a problem [10]")
    parser.add_argument("--repeat", type=int, default=3)
    given = parser.parse_args()
    print(f"page: {given.rows} rows, one of {given.wrong} with a problem, {given.repeat} repetitions")
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        folder = Path(name)
        settings = jobs.settings(folder, **bad_sheet.SETTINGS)
        with job.plan(_sheet(folder / "long.csv", given.rows, given.wrong), settings) as prepared:
            address = f"/runs/{prepared.name}/mend"
        with PageServer(site_with(settings)) as server:
            with server.client() as client:
                seconds = rig.median([_mend(client, address, number) for number in range(MENDS)])
            rig.figure("a mend, answered by the server: median", f"{1000 * seconds:.0f} ms")
            if found := _in_browser(server.url, address, given.repeat):
                first, size = found
                rig.figure("first row seen in Chromium: best", f"{first:.2f} s", "at most 1 s", first <= 1)
                rig.figure("sent to the browser", f"{size / 1e6:.3f} MB", "at most 1 MB", size <= 1_000_000)


def _sheet(path: Path, rows: int, wrong: int) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, bad_sheet.HEADINGS)
        writer.writeheader()
        for number in range(2, rows + 2):
            writer.writerow(bad_sheet.right_row(number) | ({"性别": "先生"} if number % wrong == 0 else {}))
    return path


def _mend(client: Client, address: str, number: int) -> float:
    """Seconds until one more cell is mended and its row drawn again."""
    cells = re.findall(r'name="cell-([0-9]+)-([0-9]+)" data-seen="([0-9a-f]+)"', client.get(address).text)
    row, place, seen = cells[number % len(cells)]
    began = time.perf_counter()
    answer = client.submit(address, {f"cell-{row}-{place}": "男", f"seen-{row}-{place}": seen}, headers={"X-Row": row})
    answer.raise_for_status()
    return time.perf_counter() - began


def _in_browser(url: str, address: str, repeat: int) -> tuple[float, int] | None:
    """The fewest seconds until the first row is there, and the bytes of all that was sent for it."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        print("  no browser: playwright is not installed")
        return None
    if not CHROMIUM.exists():
        print(f"  no browser at {CHROMIUM}")
        return None
    seconds, sizes = [], []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        for _ in range(repeat):
            context = browser.new_context(base_url=url)
            page = context.new_page()
            sent: list[Any] = []
            page.on("response", lambda answer, sent=sent: sent.append(answer))
            began = time.perf_counter()
            page.goto(address, wait_until="commit")
            while not page.evaluate("document.querySelector('#rows tbody tr') !== null"):
                pass
            seconds.append(time.perf_counter() - began)
            page.wait_for_load_state("networkidle")
            sizes.append(sum(len(answer.body()) for answer in sent))
            context.close()
        browser.close()
    return min(seconds), max(sizes)


if __name__ == "__main__":
    main()
