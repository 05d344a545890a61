"""Who did what when, and how it ended: all runs of the journal, those of the command line too.

From each run it leads to the step where that run is, which is also where its bare address leads.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from .. import job
from ..errors import BatchEditorError
from ..journal.journal import Journal
from ..model import SUMMARY_STATUSES, Run, RunState
from ..runs.run_lines import is_to_be_mended, is_waiting, run_line
from ..runs.run_names import called
from ..runs.run_outcome import is_ours
from ..settings.settings import Settings
from .rendering import render
from .site import site_of
from .status_signs import SIGNS

#: How many runs a page of the history shows, and the home page.
PAGE_RUNS, _HOME_RUNS = 50, 8
_CLUE = re.compile("[0-9]{6,19}")
_LONGEST_SEARCH = 200
#: What a badge says beside the word for a state, and how it looks; None: it is finished, and some of its rows failed.
_STATE_SIGNS: dict[RunState | None, tuple[str, str]] = {
    None: ("!", "wait"),
    RunState.PLANNING: ("…", "off"),
    RunState.PLANNED: ("…", "wait"),
    RunState.READING: ("→", "off"),
    RunState.SENDING: ("→", "off"),
    RunState.FINISHED: ("✓", "good"),
    RunState.STOPPED: ("■", "wait"),
    RunState.ABANDONED: ("–", "off"),
    RunState.INTERRUPTED: ("!", "bad"),
}


def home_values(request: Request) -> dict[str, Any]:
    """Returns what the block of this part on the home page shows: the latest runs, those first that wait for somebody."""
    try:
        settings = site_of(request).settings
        with job.open_journal(settings) as journal:
            runs = journal.runs_page(PAGE_RUNS)
            waiting = [run for run in runs if is_waiting(run)]
            others = [run for run in runs if run not in waiting]
            return {
                "waiting_runs": _lines(journal, waiting[:_HOME_RUNS], settings),
                "latest_runs": _lines(journal, others[:_HOME_RUNS], settings),
            }
    except BatchEditorError:  # the top of the page says why
        return {"waiting_runs": [], "latest_runs": []}


def history(request: Request) -> Response:
    """Shows the runs, the latest first."""
    settings = site_of(request).settings
    search = request.query_params.get("search", "").strip()[:_LONGEST_SEARCH]
    before = request.query_params.get("before") or None
    is_clue = bool(_CLUE.fullmatch(search)) and int(search) < 1 << 63
    with job.open_journal(settings) as journal:
        runs = journal.runs_page(
            PAGE_RUNS + 1, before=before, text="" if is_clue else search, clue=int(search) if is_clue else None
        )
        lines = _lines(journal, runs[:PAGE_RUNS], settings)
    next_before = runs[PAGE_RUNS - 1].name if len(runs) > PAGE_RUNS else None
    return render(request, "history.html", runs=lines, search=search, next_before=next_before, is_first=before is None)


def open_step(request: Request) -> Response:
    """Goes to the step where a run is."""
    settings = site_of(request).settings
    with job.open_journal(settings) as journal:
        name = journal.run(request.path_params["run"]).name
        step = _step(journal, journal.run(name), settings)
    return RedirectResponse(f"/runs/{name}/{step}", 303)


def _step(journal: Journal, run: Run, settings: Settings) -> str:
    if not is_ours(run, settings):
        return "results"
    if run.state in (RunState.PLANNED, RunState.PLANNING):
        return "mend" if is_to_be_mended(journal, run) else "review"
    return "progress" if run.state.is_at_work or run.state.has_ended_early else "results"


def _lines(journal: Journal, runs: Sequence[Run], settings: Settings) -> list[dict[str, Any]]:
    return [_line(journal, run, settings) for run in runs]


def _line(journal: Journal, run: Run, settings: Settings) -> dict[str, Any]:
    line = run_line(journal, run, settings)
    statuses = [status for status in (*SUMMARY_STATUSES, "sending", "pending") if line.counts.get(status)]
    return {
        "run": run,
        "name": called(run),
        "state": "finished_some" if line.has_failed else str(run.state),
        "sign": _STATE_SIGNS[None if line.has_failed else run.state],
        "counts": [(status, line.counts[status], *SIGNS[status]) for status in statuses],
        "rows": line.rows,
        "undoes": line.undoes,
        "is_ours": line.is_ours,
    }


routes = [Route("/history", history), Route("/runs/{run}", open_step)]
