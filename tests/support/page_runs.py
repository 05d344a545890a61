"""Runs that were sent to a sandbox, and the page on which somebody looks at them, without JavaScript."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import batch_editor
from batch_editor.sandbox import Sandbox
from batch_editor.settings.settings import Settings
from support import jobs
from support.pages import Client, Markup, PageServer, site_with

CLUE = 1591005521987920501
#: Eight clues with a remark and an address each.
CLUES = [{"clue_id": CLUE + number, "remark": f"old {number}", "address": f"there {number}"} for number in range(8)]


@dataclass
class RunsOnPage:
    """A browser of the page, the CRM behind it, and the settings of both."""

    client: Client
    crm: Sandbox
    settings: Settings
    folder: Path
    server: PageServer

    def run(self, text: str, *, name: str = "客户.csv", **options: Any) -> str:
        """Sends a sheet of this text as the command line does; returns the name of the run."""
        report = batch_editor.run(jobs.text_file(self.folder / name, text), self.settings, snapshot=True, **options)
        assert report.run is not None
        return report.run

    def get(self, path: str, status: int = 200) -> str:
        """A page, whose markup has no faults."""
        answer = self.client.get(path, follow_redirects=True)
        assert answer.status_code == status, answer.text
        assert Markup(answer.text).faults == []
        return answer.text

    def texts(self, path: str) -> str:
        """What a page says, without its markup."""
        return " ".join(Markup(self.get(path)).texts)

    def submit(self, path: str, data: dict[str, Any] | None = None) -> str:
        """Sends a form; returns where it leads."""
        answer = self.client.submit(path, data or {})
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    def rows_in(self, path: str) -> list[tuple[Any, ...]]:
        """The rows of the first sheet of a workbook that is downloaded."""
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        target = self.folder / "downloaded.xlsx"
        target.write_bytes(io.BytesIO(answer.content).read())
        from batch_editor.sheets import read_file

        return [row.cells for row in read_file(target)[0].rows()]


@contextmanager
def runs_on_page(folder: Path, **settings: Any) -> Iterator[RunsOnPage]:
    """The page before a sandbox with ``CLUES``."""
    with Sandbox(CLUES, access_token=jobs.TOKEN) as crm:
        given = jobs.settings(folder, crm.url, **{"compare_columns": []} | settings)
        with PageServer(site_with(given)) as server, server.client() as client:
            yield RunsOnPage(client, crm, given, folder, server)


def rows(*cells: str, headings: str = "clue_id,remark,gender") -> str:
    """A sheet with a row for each of ``CLUES`` in turn: ``rows("a,男", "b,先生")``."""
    return "\n".join([headings, *(f"{CLUE + number},{text}" for number, text in enumerate(cells)), ""])
