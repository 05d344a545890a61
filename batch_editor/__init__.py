"""A spreadsheet of clue edits in, one careful ``clue/edit`` call per row, a results sheet out.

    from batch_editor import run, reconcile, resume, undo, check, diff, load_edits, Settings

or in steps, with a look at the plan in between, in this process or another one:

    from batch_editor import look_at, plan, open_run, read_clues, send, stop_run

The names are imported when they are first used, so that the command line answers ``--help`` without waiting for them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .edits.clue_view import ShownField
    from .edits.heading_row import ColumnUse
    from .errors import (
        BatchEditorError,
        CrmDown,
        Declined,
        GuardTripped,
        Halted,
        OutOfPatience,
        ProofFailed,
        Refused,
        ResultsNotWritten,
        SettingsError,
        SheetError,
        StopAsked,
        TimeIsUp,
        TokenRefused,
        UnderWay,
    )
    from .events import ClueProgress, Event, Notice, SendProgress, SheetProgress, Started, Waiting
    from .job import (
        Clue,
        Loaded,
        check,
        diff,
        dismiss_runs,
        get_run,
        list_runs,
        load_edits,
        look_at,
        make_template,
        open_run,
        plan,
        plan_again,
        plan_undo,
        read_clue,
        read_clues,
        reconcile,
        resume,
        run,
        send,
        stop_run,
        undo,
    )
    from .journal.journal import Journal
    from .journal.run_journal import RunJournal
    from .messages import Lang, say
    from .model import (
        Change,
        Edit,
        HaltReason,
        Message,
        NextStep,
        Outcome,
        Plan,
        Problem,
        RowState,
        Run,
        RunState,
        Status,
        Step,
        Stoppage,
        Values,
    )
    from .runs.earlier_look import EarlierLook
    from .runs.exports import Export, FinishedBefore, LastNight
    from .runs.losses import Losses
    from .runs.memory_use import MemoryUse
    from .runs.mending import Mend, MendedCell
    from .runs.options import Reconciling, RunOptions, Tags
    from .runs.prepared import PreparedRun, RowPage
    from .runs.preview import Circumstances, Differences, Preview
    from .runs.reasons import reason_of
    from .runs.report import Report, ReportError
    from .runs.row_counts import ProblemGroup, RowCounts
    from .runs.sheet_choices import SheetChoices
    from .runs.sheet_look import ColumnLook, SheetLook, SheetTab
    from .runs.sheet_top import RowKind, TopRow
    from .runs.source import SheetSource
    from .runs.undo_parts import Numbers
    from .runs.value_groups import ValueGroup
    from .settings.hours import Hours
    from .settings.limits import Limit
    from .settings.row_rules import RowRules
    from .settings.settings import Settings
    from .sheets.sql import read_sql
    from .states import WaitReason
    from .stop import Stop

#: Where each public name is defined.
_HOMES = {
    "BatchEditorError": "errors",
    "Change": "model",
    "Circumstances": "runs.preview",
    "Clue": "job",
    "ClueProgress": "events",
    "CrmDown": "errors",
    "ColumnLook": "runs.sheet_look",
    "ColumnUse": "edits.heading_row",
    "Declined": "errors",
    "Differences": "runs.preview",
    "EarlierLook": "runs.earlier_look",
    "Edit": "model",
    "Event": "events",
    "Export": "runs.exports",
    "FinishedBefore": "runs.exports",
    "GuardTripped": "errors",
    "HaltReason": "model",
    "Halted": "errors",
    "Journal": "journal.journal",
    "Lang": "messages",
    "LastNight": "runs.exports",
    "Hours": "settings.hours",
    "Limit": "settings.limits",
    "Loaded": "job",
    "Losses": "runs.losses",
    "MemoryUse": "runs.memory_use",
    "Mend": "runs.mending",
    "MendedCell": "runs.mending",
    "Message": "model",
    "NextStep": "model",
    "Notice": "events",
    "Numbers": "runs.undo_parts",
    "OutOfPatience": "errors",
    "Outcome": "model",
    "Plan": "model",
    "PreparedRun": "runs.prepared",
    "Preview": "runs.preview",
    "Problem": "model",
    "ProblemGroup": "runs.row_counts",
    "ProofFailed": "errors",
    "Reconciling": "runs.options",
    "Refused": "errors",
    "Report": "runs.report",
    "ReportError": "runs.report",
    "ResultsNotWritten": "errors",
    "RowCounts": "runs.row_counts",
    "RowKind": "runs.sheet_top",
    "RowPage": "runs.prepared",
    "RowRules": "settings.row_rules",
    "RowState": "model",
    "Run": "model",
    "RunJournal": "journal.run_journal",
    "RunOptions": "runs.options",
    "RunState": "model",
    "SendProgress": "events",
    "Settings": "settings.settings",
    "SettingsError": "errors",
    "SheetChoices": "runs.sheet_choices",
    "SheetError": "errors",
    "SheetLook": "runs.sheet_look",
    "SheetProgress": "events",
    "SheetSource": "runs.source",
    "SheetTab": "runs.sheet_look",
    "ShownField": "edits.clue_view",
    "Started": "events",
    "Status": "model",
    "Step": "model",
    "Stop": "stop",
    "StopAsked": "errors",
    "Stoppage": "model",
    "Tags": "runs.options",
    "TimeIsUp": "errors",
    "TokenRefused": "errors",
    "TopRow": "runs.sheet_top",
    "UnderWay": "errors",
    "ValueGroup": "runs.value_groups",
    "Values": "model",
    "WaitReason": "states",
    "Waiting": "events",
    "check": "job",
    "diff": "job",
    "dismiss_runs": "job",
    "get_run": "job",
    "list_runs": "job",
    "load_edits": "job",
    "look_at": "job",
    "make_template": "job",
    "open_run": "job",
    "plan": "job",
    "plan_again": "job",
    "plan_undo": "job",
    "read_clue": "job",
    "read_clues": "job",
    "read_sql": "sheets.sql",
    "reason_of": "runs.reasons",
    "reconcile": "job",
    "resume": "job",
    "run": "job",
    "say": "messages",
    "send": "job",
    "stop_run": "job",
    "undo": "job",
}

__all__ = [
    "BatchEditorError",
    "Change",
    "Circumstances",
    "Clue",
    "ClueProgress",
    "ColumnLook",
    "ColumnUse",
    "CrmDown",
    "Declined",
    "Differences",
    "EarlierLook",
    "Edit",
    "Event",
    "Export",
    "FinishedBefore",
    "GuardTripped",
    "HaltReason",
    "Halted",
    "Hours",
    "Journal",
    "Lang",
    "LastNight",
    "Limit",
    "Loaded",
    "Losses",
    "MemoryUse",
    "Mend",
    "MendedCell",
    "Message",
    "NextStep",
    "Notice",
    "Numbers",
    "OutOfPatience",
    "Outcome",
    "Plan",
    "PreparedRun",
    "Preview",
    "Problem",
    "ProblemGroup",
    "ProofFailed",
    "Reconciling",
    "Refused",
    "Report",
    "ReportError",
    "ResultsNotWritten",
    "RowCounts",
    "RowKind",
    "RowPage",
    "RowRules",
    "RowState",
    "Run",
    "RunJournal",
    "RunOptions",
    "RunState",
    "SendProgress",
    "Settings",
    "SettingsError",
    "SheetChoices",
    "SheetError",
    "SheetLook",
    "SheetProgress",
    "SheetSource",
    "SheetTab",
    "ShownField",
    "Started",
    "Status",
    "Step",
    "Stop",
    "StopAsked",
    "Stoppage",
    "Tags",
    "TimeIsUp",
    "TokenRefused",
    "TopRow",
    "UnderWay",
    "ValueGroup",
    "Values",
    "WaitReason",
    "Waiting",
    "check",
    "diff",
    "dismiss_runs",
    "get_run",
    "list_runs",
    "load_edits",
    "look_at",
    "make_template",
    "open_run",
    "plan",
    "plan_again",
    "plan_undo",
    "read_clue",
    "read_clues",
    "read_sql",
    "reason_of",
    "reconcile",
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


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
