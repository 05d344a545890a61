"""Step 5: how a run ended, what became of each row, and what can be downloaded, mended or taken back now.

What the rows say, and what is to be done next, is decided in ``runs``. A workbook to download is written to a private folder
that goes with the answer.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from .. import job
from ..edits.headings import Names
from ..edits.result_columns import key_of
from ..journal.journal import Journal
from ..journal.temporary import clear_abandoned, temporary_folder
from ..messages import Lang, say
from ..model import SUMMARY_STATUSES, Message, Problem, RowState, Run, RunState, Status
from ..output.result_rows import result_message, shown_status
from ..output.wrong_cells import column_at
from ..runs.again import FAILED_STATUSES
from ..runs.mended_copy import mended_copy_of, write_mended_copy
from ..runs.part_results import write_failed
from ..runs.results import read_sheet, statuses_shown_as, write_results
from ..runs.row_pages import Filters, row_page
from ..runs.run_names import called
from ..runs.run_outcome import RunOutcome, outcome_of
from ..sheets.sheet import COLUMNS
from .page_words import note_on_page
from .rendering import lang_of, render
from .site import site_of
from .status_signs import SIGNS

#: How many rows a page shows, and how many characters of a name a download keeps.
PAGE_ROWS, _LONGEST_NAME = 100, 90
_FAILED = "all_failed"
_SHEET_SUFFIX = re.compile(r"\.(xlsx|xlsm|xls|xlsb|ods|csv|tsv|txt|json|jsonl|parquet)$", re.IGNORECASE)
_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|%;]+')
#: By the run that is taken up: two who do so at once get the same new run.
_ONE_AT_A_TIME: dict[str, threading.Lock] = defaultdict(threading.Lock)
#: What is never broken into two lines.
_ID = re.compile("[0-9]{11,19}")


def results(request: Request) -> Response:
    """Shows how a run ended, with a page of its rows."""
    site, lang = site_of(request), lang_of(request)
    name = request.path_params["run"]
    with job.open_journal(site.settings) as journal:
        outcome = outcome_of(journal, name, site.settings)
        if outcome.is_ours and (outcome.run.state is RunState.PLANNED or outcome.is_driven or outcome.run.state.is_at_work):
            return RedirectResponse(f"/runs/{name}", 303)
        shown = request.query_params.get("status") or (_FAILED if outcome.failed else "all")
        rows = _rows_page(journal, outcome, shown, _number(request.query_params.get("after")), lang)
        values = _values(journal, outcome)
    return render(request, "results.html", step=5, run=outcome.run, **values, **rows, shown=shown)


def _values(journal: Journal, outcome: RunOutcome) -> dict[str, Any]:
    run = outcome.run
    has_sheet = not outcome.options.undo and run.state is not RunState.ABANDONED
    return {
        "outcome": outcome,
        "name": called(run),
        "ending": ending_of(outcome),
        "statuses": [(status, outcome.counts[status], *SIGNS[status]) for status in SUMMARY_STATUSES if outcome.counts[status]],
        "steps": {str(step.step): step.rows for step in outcome.steps},
        "copy": mended_copy_of(journal, run) if has_sheet and (outcome.mended or outcome.options.again_of) else None,
        "rows_in_all": sum(outcome.counts.values()),
    }


def ending_of(outcome: RunOutcome) -> Message:
    """Returns in one sentence how a run ended."""
    run, counts = outcome.run, outcome.counts
    good = counts["updated"] + counts["unchanged"]
    values = {
        "rows": sum(counts.values()),
        "updated": counts["updated"],
        "good": good,
        "failed": outcome.failed,
        "left": counts["not_sent"],
    }
    kind = "undo" if outcome.options.undo else "run"
    match run.state:
        case RunState.PLANNED:
            return Message("results.planned", values)
        case RunState.ABANDONED:
            return Message("results.abandoned", values)
        case RunState.STOPPED | RunState.INTERRUPTED:
            return Message(f"results.{run.state}", values)
        case _ if outcome.failed:
            return Message(f"results.{kind}_some", values)
        case _ if not counts["updated"]:
            return Message(f"results.{kind}_nothing", values)
        case _:
            return Message(f"results.{kind}_all", values)


def _rows_page(journal: Journal, outcome: RunOutcome, shown: str, after: int, lang: Lang) -> dict[str, Any]:
    """Returns the rows of a page, with its place among those that are shown."""
    if shown == _FAILED:
        statuses: tuple[Status, ...] = FAILED_STATUSES
    elif shown == "all":
        statuses = ()
    elif shown in SUMMARY_STATUSES:
        statuses = statuses_shown_as(shown)
    else:
        raise HTTPException(404)
    held, run = journal.of(outcome.run.name), outcome.run
    page = row_page(held, Filters(statuses), after=after, most=PAGE_ROWS)
    first = page.rows_above + 1
    columns = [place for place, heading in enumerate(run.headings) if not key_of(heading)]
    is_sheet = not outcome.options.undo
    return {
        "rows": [_row(row, run, columns, lang, first + place) for place, row in enumerate(page.rows)],
        "columns": [(COLUMNS[place] if is_sheet else "", run.headings[place]) for place in columns],
        "first": first,
        "last": first + len(page.rows) - 1,
        "total": page.total,
        "next_after": page.next_after,
        "before": page.previous_after,
    }


def _row(row: RowState, run: Run, columns: list[int], lang: Lang, place: int) -> dict[str, Any]:
    read = read_sheet(run)
    status = str(shown_status(row.status))
    wrong = {column_at(note.address) for note in row.notes if isinstance(note, Problem) and note.heading}
    shown = replace(row, notes=tuple(map(note_on_page, row.notes)))
    label = Names(read.rules).label
    return {
        "row": row.row,
        "place": place,
        "status": status,
        "sign": SIGNS[status][0],
        "look": SIGNS[status][1],
        "reason": result_message(shown, row.row, {}, lang, read.file, label=label),
        "code": row.code,
        "cells": [_cell(row.cells[index] if index < len(row.cells) else "", index in wrong) for index in columns],
    }


def _cell(text: str, is_wrong: bool) -> dict[str, Any]:
    return {"text": text, "is_wrong": is_wrong, "is_id": _ID.fullmatch(text) is not None}


def _number(text: str | None) -> int:
    return int(text) if text and re.fullmatch("[0-9]{1,9}", text) else 0


# --- downloads


def results_sheet(request: Request) -> Response:
    """Hands out the results sheet."""

    def write(journal: Journal, run: Run, folder: Path) -> Path:
        target = folder / f"{stem_of(run, lang_of(request))}.results.xlsx"
        return write_results(journal.of(run.name), run, target, lang_of(request), as_copy=True)

    return _download(request, write)


def failed_sheet(request: Request) -> Response:
    """Hands out what failed, with the same columns."""

    def write(journal: Journal, run: Run, folder: Path) -> Path:
        target = folder / f"{stem_of(run, lang_of(request))}.failed.xlsx"
        return write_failed(journal, run.name, target, lang_of(request))

    return _download(request, write)


def own_sheet(request: Request) -> Response:
    """Hands out the sheet as it came, with what was mended."""

    def write(journal: Journal, run: Run, folder: Path) -> Path:
        return write_mended_copy(journal, run.name, folder, f"{stem_of(run, lang_of(request))}.mended")

    return _download(request, write)


def stem_of(run: Run, lang: Lang) -> str:
    """Returns what a download of a run is called, without its end: of one line, and no path."""

    name = _SHEET_SUFFIX.sub("", say(called(run), lang))
    name = "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in _NOT_IN_NAMES.sub(" ", name))
    name = " ".join(name.split()).strip(". ")[:_LONGEST_NAME].strip(". ")
    return name or run.name


class _Passing(FileResponse):
    """A file that is there for this answer alone: its folder goes with it, however the answer ends."""

    def __init__(self, path: Path, folder: ExitStack) -> None:
        super().__init__(path, filename=path.name, headers={"Cache-Control": "no-store"})
        self._folder = folder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await run_in_threadpool(self._folder.close)


def _download(request: Request, write: Any) -> Response:
    """Writes a file for one answer, in the thread of the view, and hands it out."""
    clear_abandoned()
    with ExitStack() as opened:
        folder = opened.enter_context(temporary_folder())
        with job.open_journal(site_of(request).settings) as journal:
            path = write(journal, journal.run(request.path_params["run"]), folder)
        return _Passing(path, opened.pop_all())


# --- mend and send what failed


async def again(request: Request) -> Response:
    """Takes up what failed in a new run, and goes to its step 2."""
    return await run_in_threadpool(_again, request)


def _again(request: Request) -> Response:
    name, settings = request.path_params["run"], site_of(request).settings
    with _ONE_AT_A_TIME[name]:  # a double click is one run
        with job.open_journal(settings) as journal:
            waiting = journal.waiting("again_of", name)
        if waiting:
            return RedirectResponse(f"/runs/{waiting[0].name}/mend", 303)
        with job.plan_again(name, settings, person=request.state.person) as prepared:
            return RedirectResponse(f"/runs/{prepared.name}/mend", 303)


routes = [
    Route("/runs/{run}/results", results),
    Route("/runs/{run}/results.xlsx", results_sheet),
    Route("/runs/{run}/failed.xlsx", failed_sheet),
    Route("/runs/{run}/sheet", own_sheet),
    Route("/runs/{run}/again", again, methods=["POST"]),
]
