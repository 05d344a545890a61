"""The whole way of the page in a real browser, from the sheet that is handed in to the row that is taken back, as a person
goes it: with a good sheet, with one that means harm, and with a server that is killed in the middle."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import Workbook, load_workbook
from support import jobs
from support.browser import LAPTOP, PHONE
from support.pages import PageServer, site_with
from support.records import EDIT, calls

from batch_editor import job
from batch_editor.sandbox import Sandbox
from batch_editor.sandbox import crm as crm_module
from batch_editor.sandbox.wire import envelope

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
CLUE = 1591005521987920501
ROWS = 60
#: What would act in a page, in a terminal, or in the order of letters.
HOSTILE = (
    '<img src=x onerror="window.hurt=1"><script>window.hurt=1</script>'
    "\"'><svg/onload=window.hurt=1>{{7*7}}${7*7}\u202e\u2066\u200b&lt;b&gt;javascript:window.hurt=1"
)
#: The columns are those of step 1; of the operator nobody has to say anything.
DEFAULTS = {"user_id": "wovvCXcAAAT_dzekbq48K27FeMRBQJ1Q", "clue_pool_id": 1591005280874161218}
OWNER = "wovvCXcAAAT_dzekbq54K27FeMRBQJ2Q"


def clue(number: int) -> dict[str, Any]:
    return {"clue_id": CLUE + number, "clue_name": f"客户 {number}", "remark": f"旧 {number}", "follow_user_id": OWNER}


def until(ask: Callable[[], object], seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while not ask():
        assert time.monotonic() < end, "it never became true"
        time.sleep(0.05)


def hand_in(page: Page, sheet: Path) -> None:
    """Chooses the file on the home page, and goes on from step 1 as it proposes."""
    page.goto("/")
    page.locator("#sheet-file").set_input_files(sheet)
    page.locator("[data-sheet-file] button.main").click()
    page.wait_for_url("**/sheets/*")


def read_rows(page: Page) -> str:
    """Reads all rows of the sheet of step 1; returns the name of the run."""
    page.locator('form[action$="/plan"] button.main').click()
    page.wait_for_url(re.compile("/runs/.*/(mend|review)"))
    return page.url.split("/runs/")[1].split("/")[0]


def send(page: Page, run: str) -> None:
    page.goto(f"/runs/{run}/review")
    page.locator('form[action$="/send"] button.main').click()
    page.wait_for_url(re.compile(f"/runs/{run}/(progress|results)"))


def results(page: Page, run: str, settings: Any) -> str:
    until(lambda: job.get_run(run, settings).state.value == "finished")
    page.goto(f"/runs/{run}/results")
    return page.locator("main").inner_text()


def test_a_good_sheet_from_the_file_to_the_row_that_is_taken_back(tmp_path: Path, browser_page: Callable[..., Page]) -> None:
    lines = ["线索ID,线索名称,跟进人ID,备注", *(f"{CLUE + row},客户 {row},{OWNER},新 {row}" for row in range(ROWS))]
    sheet = jobs.text_file(tmp_path / "十一月回访.csv", "\n".join(lines) + "\n")
    with Sandbox([clue(row) for row in range(ROWS)], access_token=jobs.TOKEN, latency=0.05) as crm:
        settings = jobs.settings(
            tmp_path, crm.url, lang="zh", defaults=DEFAULTS, context_columns=["clue_name", "follow_user_id"]
        )
        with PageServer(site_with(settings)) as server:
            page = browser_page(server.url, LAPTOP)
            hand_in(page, sheet)
            assert "十一月回访.csv" in page.locator("main").inner_text()
            run = read_rows(page)
            page.goto(f"/runs/{run}")
            assert page.url.endswith("/review"), "nothing is wrong in it"
            page.get_by_role("button", name="读取现在的值").click()
            page.wait_for_url(f"**/runs/{run}/review")
            until(lambda: "旧 0" in page.locator("main").inner_text())
            assert calls(crm, EDIT) == []
            assert page.locator('form[action$="/send"] button.main').inner_text() == f"发送 {ROWS} 行"
            send(page, run)
            page.context.close()  # closing the page stops nothing
            again = browser_page(server.url, PHONE)
            again.goto(f"/runs/{run}")
            assert f"已更新 {ROWS} 行" in results(again, run, settings)
            assert len(calls(crm, EDIT)) == ROWS
            with again.expect_download() as download:
                again.locator(f'a[href="/runs/{run}/results.xlsx"]').click()
            assert download.value.suggested_filename == "十一月回访.results.xlsx"
            rows = list(
                load_workbook(io.BytesIO(Path(download.value.path()).read_bytes())).worksheets[0].iter_rows(values_only=True)
            )
            assert len(rows) == 1 + ROWS and [row[3] for row in rows[1:]] == [f"新 {row}" for row in range(ROWS)]
            again.goto(f"/runs/{run}/undo")
            again.get_by_label("哪些行").fill("3")
            again.get_by_role("button", name="核对要恢复的内容").click()
            again.wait_for_url("**/review")
            undo = again.url.split("/runs/")[1].split("/")[0]
            send(again, undo)
            results(again, undo, settings)
        assert [crm.clue(CLUE + row)["remark"] for row in range(3)] == ["新 0", "旧 1", "新 2"]


def hostile_book(folder: Path) -> Path:
    """A workbook that means harm by its name, the name of its sheet, its headings and its cells, of which one is large."""
    book = Workbook()
    book.active.title = "<b>'表\u202e"
    book.active.append(["线索ID", f"备注{HOSTILE}", "邮箱", "跟进人ID", f'"onfocus=window.hurt=1 x="{HOSTILE}'])
    for row in range(3):
        book.active.append([str(CLUE + row), HOSTILE, "" if row else HOSTILE, OWNER, HOSTILE])
    book.active.append([str(CLUE + 3), "x", "x" * 30_000, OWNER, ""])
    path = folder / "<img src=x onerror=window.hurt=1>\u202e\x1b[2J.xlsx"
    book.save(path)
    return path


@pytest.mark.skipif(os.name == "nt", reason="no such names")
@pytest.mark.parametrize(("lang", "size"), [("zh", LAPTOP), ("en", PHONE)])
def test_nothing_of_a_hostile_sheet_acts_on_any_page(
    tmp_path: Path, browser_page: Callable[..., Page], monkeypatch: pytest.MonkeyPatch, lang: str, size: tuple[int, int]
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    hostile_clues = [{**clue(row), "clue_name": HOSTILE, "remark": HOSTILE} for row in range(4)]
    monkeypatch.setattr(crm_module, "envelope", lambda code, message, *more: envelope(code, message and HOSTILE, *more))
    with Sandbox(hostile_clues, access_token=jobs.TOKEN, faults=[f"code=40001@clue:{CLUE + 2}"]) as crm:
        settings = jobs.settings(tmp_path, crm.url, lang=lang, defaults=DEFAULTS, compare_columns=[])
        with PageServer(site_with(settings)) as server:
            page = browser_page(server.url, size)
            troubles: list[str] = []
            page.on("dialog", lambda dialog: troubles.append(dialog.message))
            page.on("console", lambda line: troubles.append(line.text) if line.type == "error" else None)
            page.on("pageerror", lambda error: troubles.append(str(error)))

            def is_harmless() -> None:
                assert page.evaluate("window.hurt") is None
                assert page.evaluate("document.querySelectorAll('main img, main svg[onload], main b[onfocus]').length") == 0
                assert page.evaluate("[...document.querySelectorAll('main script')].every(node => node.src)")
                assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
                assert axe.run(page).violations_count == 0, page.url
                assert troubles == [], page.url

            hand_in(page, hostile_book(tmp_path))
            is_harmless()
            page.locator('select[name="field-1"]').select_option("remark")
            page.locator('select[name="field-4"]').select_option("ignore")
            page.locator('input[name="ask-owner"]').last.check()
            run = read_rows(page)
            is_harmless()
            page.goto(f"/runs/{run}/mend?status=all")
            is_harmless()
            page.goto(f"/runs/{run}/review")
            page.locator('form[action$="/read"] button').first.click()
            page.wait_for_url(f"**/runs/{run}/review")
            until(lambda: page.locator("#changes tbody tr").count() > 0)
            is_harmless()
            send(page, run)
            results(page, run, settings)
            is_harmless()
            for place in (f"/runs/{run}/progress", f"/runs/{run}/undo", "/history", "/"):
                page.goto(place)
                is_harmless()
        assert crm.clue(CLUE + 1)["remark"] == HOSTILE, "what is sent is what stands in the cell"


@contextmanager
def serving(folder: Path, url: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """``serve`` as a process of its own, and its address."""
    environment = os.environ | {
        "WSHOTO_ACCESS_TOKEN": jobs.TOKEN,
        "BATCH_EDITOR_API__BASE_URL": url,
        "BATCH_EDITOR_STATE_DIR": str(folder / "state"),
        "BATCH_EDITOR_DEFAULTS": json.dumps(DEFAULTS),
        "BATCH_EDITOR_CONTEXT_COLUMNS": '["clue_name", "follow_user_id"]',
        "BATCH_EDITOR_RATE__LIMITS": "[]",
    }
    command = [sys.executable, "-m", "batch_editor", "serve", "--port", "0", "--no-browser", "--lang", "zh"]
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        address = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
        assert address
        yield address[0], process
    finally:
        process.kill()
        process.communicate()


def test_a_server_that_is_killed_in_the_middle_offers_to_go_on(tmp_path: Path, browser_page: Callable[..., Page]) -> None:
    lines = ["线索ID,线索名称,跟进人ID,备注", *(f"{CLUE + row},客户 {row},{OWNER},新 {row}" for row in range(ROWS))]
    sheet = jobs.text_file(tmp_path / "名单.csv", "\n".join(lines) + "\n")
    with Sandbox([clue(row) for row in range(ROWS)], access_token=jobs.TOKEN, latency=0.1) as crm:
        settings = jobs.settings(tmp_path, crm.url, state_dir=tmp_path / "state")
        with serving(tmp_path, crm.url) as (url, process):
            page = browser_page(url, LAPTOP)
            hand_in(page, sheet)
            run = read_rows(page)
            send(page, run)
            until(lambda: len(calls(crm, EDIT)) > 10)
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert len(calls(crm, EDIT)) < ROWS
        with serving(tmp_path, crm.url) as (url, process):
            page = browser_page(url, LAPTOP)
            assert "名单.csv" in page.locator("main").inner_text()
            page.goto(f"/runs/{run}")
            assert page.url.endswith("/progress")
            sent = len(calls(crm, EDIT))
            page.locator('form[action$="/resume"] button').click()
            assert f"已更新 {ROWS} 行" in results(page, run, settings)
            assert sent < len(calls(crm, EDIT)) <= ROWS + settings.rate.concurrency
        assert all(crm.clue(CLUE + row)["remark"] == f"新 {row}" for row in range(ROWS))
