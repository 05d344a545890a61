"""What is put back of a run: its rows and fields, each with what is known of it, to choose from.

What can be put back is decided in ``runs``. The choice becomes an undo that waits to be looked at, like any other run.
"""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from .. import job
from ..errors import Refused
from ..journal.journal import Journal
from ..model import Message
from ..runs.run_names import called
from ..runs.run_outcome import RunOutcome, outcome_of
from ..runs.undo_marks import MarksPage, UndoMarks
from .rendering import render
from .site import site_of

#: By the run that is undone: two who choose the same at once get the same undo.
_ONE_AT_A_TIME: dict[str, threading.Lock] = defaultdict(threading.Lock)
#: How many rows a page shows: their clues can be read at once, at the permitted rate.
PAGE_ROWS = 25
#: What a form may hold: a box for each row of the page and for each field.
_MOST_BOXES = 2_000
_LONGEST_ROWS = 20_000
#: The number of a row; no sheet has more rows.
_NUMBER = re.compile("[0-9]{1,9}")
#: What a badge says beside the word of a mark, and how it looks.
_SIGNS = {
    "back": ("↩", "good"),
    "changed": ("≠", "wait"),
    "unknown": ("?", "off"),
    "done": ("✓", "off"),
    "same": ("=", "off"),
    "equal": ("=", "off"),
}


def choose(request: Request) -> Response:
    """Shows what can be put back, as far as the journal knows."""
    return _show(request, rows=request.query_params.get("rows", ""), fields=request.query_params.getlist("field"))


def _show(
    request: Request, *, rows: str = "", fields: Iterable[str] = (), trouble: Message | None = None, reads: bool = False
) -> Response:
    settings = site_of(request).settings
    name, after = request.path_params["run"], _number(request.query_params.get("after"))
    with job.open_journal(settings) as journal:
        outcome = outcome_of(journal, name, settings)
        marks = UndoMarks(journal, name)
        page = marks.read_page(settings, after, PAGE_ROWS, on_event=lambda _: None) if reads else marks.page(after, PAGE_ROWS)
        values = _values(journal, outcome, marks, page)
    chosen = {"chosen_rows": rows[:_LONGEST_ROWS], "chosen_fields": set(fields), "after": after, "trouble": trouble}
    return render(request, "undo.html", 400 if trouble else 200, run=outcome.run, **values, **chosen)


def _values(journal: Journal, outcome: RunOutcome, marks: UndoMarks, page: MarksPage) -> dict[str, Any]:
    return {
        "outcome": outcome,
        "name": called(outcome.run),
        "fields": marks.fields(),
        "page": page,
        "signs": _SIGNS,
        "undoes": outcome.options.undo,
    }


async def plan(request: Request) -> Response:
    """Plans an undo of what was chosen, and goes to its review; or reads the clues of the page."""
    async with request.form(max_fields=_MOST_BOXES, max_files=0) as form:
        return await run_in_threadpool(_plan, request, form)


def _plan(request: Request, form: FormData) -> Response:
    fields = [str(field) for field in form.getlist("field")]
    typed = str(form.get("rows", ""))[:_LONGEST_ROWS]
    boxes = [str(row) for row in form.getlist("row") if re.fullmatch("[0-9]{1,9}", str(row))]
    match form.get("do"):
        case "read":
            return _show(request, rows=_joined(typed, boxes), fields=fields, reads=True)
        case "more":
            return _show(request, rows=_joined(typed, boxes), fields=fields)
        case "all":
            rows: str | None = None
            fields = []
        case _:
            rows = _joined(typed, boxes)
            if not rows and not fields:
                return _show(request, trouble=Message("undo_page.nothing_chosen"))
    name, settings = request.path_params["run"], site_of(request).settings
    try:
        with (
            _ONE_AT_A_TIME[name],
            job.plan_undo(name, settings, rows=rows or None, fields=fields or None, person=request.state.person) as prepared,
        ):
            undo = prepared.name
            for waiting in prepared.journal.waiting("undo", name):  # a double click is one undo
                if waiting.name != undo and waiting.options == prepared.journal.run(undo).options:
                    prepared.discard()
                    undo = waiting.name
                    break
            return RedirectResponse(f"/runs/{undo}/review", 303)
    except Refused as error:
        return _show(request, rows=rows or "", fields=fields, trouble=error.message)


def _joined(typed: str, boxes: Iterable[str]) -> str:
    """Returns rows that were typed, and those whose boxes are ticked, each once; rows one behind the other as a range."""
    others = [part for part in re.split(r"[,，、;；\s]+", typed) if part]
    numbers = sorted({int(part) for part in [*others, *boxes] if _NUMBER.fullmatch(part)})
    ranges = [part for part in others if not _NUMBER.fullmatch(part)]
    spans: list[list[int]] = []
    for number in numbers:
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    listed = [f"{first}-{last}" if last > first else str(first) for first, last in spans]
    return ", ".join([*dict.fromkeys(ranges), *listed])


def _number(text: str | None) -> int:
    return int(text) if text and _NUMBER.fullmatch(text) else 0


routes = [Route("/runs/{run}/undo", choose, methods=["GET"]), Route("/runs/{run}/undo", plan, methods=["POST"])]
