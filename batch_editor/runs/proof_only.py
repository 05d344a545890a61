"""Ends a run that was for the proof of its first edit alone: puts back what that edit changed, by an undo of its own."""

from __future__ import annotations

import time
from dataclasses import replace

from ..errors import Refused
from ..model import Message
from ..stop import Stop
from .drive import Drive
from .listener import Listener
from .options import RunOptions
from .planning import plan_rows_back
from .prepared import PreparedRun
from .report import Report


def undo_first_edit(prepared: PreparedRun, report: Report, stop: Stop, events: Listener) -> Report:
    """Returns the ``report`` of a run that has proved its first edit, once what that changed is put back."""
    journal = prepared.journal
    journal.let_go(prepared.name)
    try:
        undone, options = journal.run(prepared.name), RunOptions(undo=prepared.name)
        undo = plan_rows_back(journal, undone, prepared.settings, options, events.start)
    except Refused:
        return replace(report, halted=Message("proof.kept", {"run": prepared.name}), exit_code=max(report.exit_code, 1))
    put_back = Drive(undo, stop, events, attended=False).execute(None, time.monotonic(), None)
    is_whole = put_back.counts["updated"] + put_back.counts["unchanged"] == put_back.rows
    return replace(report, put_back=put_back, exit_code=max(report.exit_code, put_back.exit_code, 0 if is_whole else 1))
