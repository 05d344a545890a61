"""A planned sheet behind the page of step 2, for tests with and without a browser; and what a test in a browser asks of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from batch_editor import job
from batch_editor.settings.settings import Settings

from . import jobs
from .browser import LAPTOP
from .pages import PageServer, site_with

if TYPE_CHECKING:
    from playwright.sync_api import Page

CLUE = 1591005521987920501


class PlannedSheet:
    """The run of a sheet, and the server whose page shows it."""

    def __init__(self, run: str, settings: Settings, server: PageServer) -> None:
        self.run = run
        self.settings = settings
        self.server = server
        self.address = f"/runs/{run}/mend"

    def texts(self, row: int) -> Sequence[str]:
        """The cells of a row as the journal holds them."""
        with job.open_run(self.run, self.settings) as prepared:
            return prepared.rows(after=row - 1, most=1).rows[0].cells

    def statuses(self) -> dict[str, int]:
        """How many rows have which status."""
        with job.open_run(self.run, self.settings) as prepared:
            return {str(status): number for status, number in prepared.run.queries.counts().items()}


@contextmanager
def planned_sheet(folder: Path, sheet: str | Path, **settings: object) -> Iterator[PlannedSheet]:
    """Plans a sheet, or the text of one, and serves its page."""
    path = jobs.text_file(folder / "sheet.csv", sheet) if isinstance(sheet, str) else sheet
    made = jobs.settings(folder, **settings)
    with job.plan(path, made) as prepared:
        run = prepared.name
    with PageServer(site_with(made)) as server:
        yield PlannedSheet(run, made, server)


#: Plans a sheet and shows its wrong rows: ``opened(text, size=PHONE, lang="zh")``.
OpenSheet = Callable[..., "tuple[PlannedSheet, Page]"]


@pytest.fixture
def opened(tmp_path: Path, browser_page: Callable[..., Page]) -> Iterator[OpenSheet]:
    """Plans a sheet and shows its wrong rows: ``opened(text, size=PHONE, lang="zh")``."""
    with ExitStack() as stack:

        def show(
            sheet: str | Path, *, size: tuple[int, int] = LAPTOP, query: str = "", **settings: Any
        ) -> tuple[PlannedSheet, Page]:
            planned = stack.enter_context(planned_sheet(tmp_path, sheet, **settings))
            page = browser_page(planned.server.url, size)
            page.goto(planned.address + query)
            return planned, page

        yield show


def until(ask: Callable[[], object], seconds: float = 20) -> object:
    """Asks until the answer is a true one."""
    end = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < end, "it never became true"
        time.sleep(0.02)
    return answer


def asked(page: Page, expression: str) -> str:
    """What a page says; nothing while another one is loaded."""
    try:
        return str(page.evaluate(expression))
    except Exception as error:
        if "navigat" not in str(error):
            raise
        return ""


def told(page: Page) -> str:
    return asked(page, "document.getElementById('live')?.textContent")


def focus(page: Page) -> str:
    return asked(page, "document.activeElement?.id")


def remarks(*rows: str) -> str:
    """Rows with a remark each; an error of Excel is one that a person types anew."""
    return "\n".join(["clue_id,备注", *(f"{CLUE + 3 * number},{text}" for number, text in enumerate(rows, 2)), ""])
