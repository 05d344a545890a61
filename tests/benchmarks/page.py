"""What a large sheet costs on the page: from the end of its upload to the picture of its first rows, and to its plan.

The sheet of 100,000 rows is handed in as a CSV and as an .xlsx, to a server in this process, as a browser without JavaScript
does; the processes that read are those of the server. What is sent to the browser is counted as it goes over the wire.
"""

from __future__ import annotations

import argparse
import csv
import re
import tempfile
import threading
import time
from pathlib import Path

import httpx
import rig
import xlsxwriter

from batch_editor.settings.settings import Settings
from batch_editor.web.server import Server
from batch_editor.web.site import SettingsSource, Site

#: Goals: seconds to the first rows, and bytes that are sent to the browser for them.
SECONDS, BYTES = 1.0, 1_000_000
_QUESTION = re.compile(r'name="(ask-\w+)" value="context"')


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=3)
    given = parser.parse_args()
    print(f"page: a sheet of {given.rows:,} rows and {len(rig.HEADINGS)} columns, {given.repeat} repetitions")
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        folder = Path(name)
        sheets = [rig.write_sheet(folder / "clues.csv", given.rows)]
        sheets.append(as_workbook(sheets[0], folder / "clues.xlsx"))
        api = {"base_url": "http://127.0.0.1:1", "access_token": rig.TOKEN}
        settings = Settings(api=api, defaults=rig.DEFAULTS, state_dir=folder / "state")
        server = Server(Site(SettingsSource(lambda: None, lambda _: settings)))
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            for sheet in sheets:
                measure(server.url, sheet, given.repeat)
        finally:
            server.end()
            thread.join()


def measure(url: str, sheet: Path, repeat: int) -> None:
    """Hand in a sheet ``repeat`` times, and print what it took."""
    firsts: list[float] = []
    plans: list[float] = []
    sizes: list[int] = []
    for number in range(1, repeat + 1):
        with httpx.Client(base_url=url, trust_env=False, timeout=600, headers={"Origin": url}) as client:
            token = re.search(r'name="csrf_token" value="(\w+)"', client.get("/").text)
            form = {"csrf_token": token[1] if token else ""}
            answer = client.post("/sheets", data=form, files={"file": (sheet.name, sheet.read_bytes())})
            place = answer.headers["location"]
            uploaded = time.monotonic()
            page = client.get(place)
            firsts.append(time.monotonic() - uploaded)
            sizes.append(int(page.headers["content-length"]))
            form |= {"heading_row": "1"} | dict.fromkeys(_QUESTION.findall(page.text), "context")
            form |= dict(re.findall(r'<select name="(field-\d+)".*?<option value="([^"]*)" selected>', page.text, re.DOTALL))
            began = time.monotonic()
            answer = client.post(f"{place}/plan", data=form)
            while answer.status_code == 200 or answer.headers["location"].endswith("/reading"):
                time.sleep(0.05)
                answer = client.get(f"{place}/reading")
            plans.append(time.monotonic() - began)
            if "/runs/" not in answer.headers["location"]:
                raise SystemExit(f"{sheet.name} was not planned: {answer.headers['location']}")
        print(f"  {number}: {sheet.suffix} {firsts[-1]:.2f} s to the first rows, {plans[-1]:.1f} s to the plan", flush=True)
    first = rig.median(firsts)
    rig.figure(f"{sheet.suffix}: seconds to the first rows", f"{first:.2f}", f"at most {SECONDS:g}", first <= SECONDS)
    rig.figure(f"{sheet.suffix}: bytes to the browser", f"{max(sizes):,}", f"at most {BYTES:,}", max(sizes) <= BYTES)


def as_workbook(sheet: Path, path: Path) -> Path:
    """The same sheet as a workbook whose texts are shared, as Excel writes it."""
    book = xlsxwriter.Workbook(str(path), {"strings_to_numbers": False, "strings_to_formulas": False})
    page = book.add_worksheet()
    with sheet.open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.reader(file)):
            for place, text in enumerate(row):
                page.write_string(number, place, text)
    book.close()
    return path


if __name__ == "__main__":
    main()
