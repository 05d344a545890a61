"""What people call a run: by the name of its sheet, or by the run that it undoes or takes up.

The name that programs use is that of ``model.Run``, and never changes.
"""

from __future__ import annotations

import re

from ..model import Message, Run
from .options import RunOptions

#: What parts the names in a path, of this system or of another one.
_SEPARATOR = re.compile(r"[/\\\\]")


def sheet_name(run: Run) -> str:
    """Returns what people call the sheet of a run: its title, else the name of its file."""
    return run.title or _SEPARATOR.split(run.source)[-1] or run.source


def called(run: Run) -> Message:
    """Returns what people call a run; of an undo, and of one that takes up what failed of another one, that is said."""
    options = RunOptions.from_json(run.options)
    if options.undo:
        return Message("history.undo_of", {"name": run.title or options.undo})
    if options.round > 1:
        return Message("history.round", {"name": sheet_name(run), "round": options.round})
    return Message("verbatim", {"text": sheet_name(run)})
