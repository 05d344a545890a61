"""A planned sheet behind the page of step 2, for tests with and without a browser."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from batch_editor import job
from batch_editor.settings.settings import Settings

from . import jobs
from .pages import PageServer, site_with


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
