"""A spreadsheet of clue edits in, one careful ``clue/edit`` call per row, a results sheet out.

    from batch_editor import run, resume, undo, check, diff, load_edits, Settings

or in steps, with a look at the plan in between, in this process or another one:

    from batch_editor import plan, open_run, read_clues, send, stop_run

The names are imported when they are first used, so that the command line answers ``--help`` without waiting for them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .errors import BatchEditorError, Halted, Refused, ResultsNotWritten, UnderWay
    from .job import (
        Loaded,
        check,
        diff,
        load_edits,
        make_template,
        open_run,
        plan,
        read_clues,
        resume,
        run,
        send,
        stop_run,
        undo,
    )
    from .messages import say
    from .runs.prepared import PreparedRun, RowPage
    from .runs.preview import Preview
    from .runs.report import Report
    from .settings.settings import Settings
    from .stop import Stop

_HOMES = {
    "Settings": "settings.settings",
    "Stop": "stop",
    "BatchEditorError": "errors",
    "Halted": "errors",
    "Refused": "errors",
    "ResultsNotWritten": "errors",
    "UnderWay": "errors",
    "Loaded": "job",
    "check": "job",
    "diff": "job",
    "load_edits": "job",
    "make_template": "job",
    "open_run": "job",
    "plan": "job",
    "read_clues": "job",
    "resume": "job",
    "run": "job",
    "send": "job",
    "stop_run": "job",
    "undo": "job",
    "PreparedRun": "runs.prepared",
    "Preview": "runs.preview",
    "Report": "runs.report",
    "RowPage": "runs.prepared",
    "say": "messages",
}

__all__ = [
    "BatchEditorError",
    "Halted",
    "Loaded",
    "PreparedRun",
    "Preview",
    "Refused",
    "Report",
    "ResultsNotWritten",
    "RowPage",
    "Settings",
    "Stop",
    "UnderWay",
    "check",
    "diff",
    "load_edits",
    "make_template",
    "open_run",
    "plan",
    "read_clues",
    "resume",
    "run",
    "say",
    "send",
    "stop_run",
    "undo",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
