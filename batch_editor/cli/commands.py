"""The command line: words in, words out, exit codes. It has no rules of its own: the work is done by ``job.py``.

Here are the group of all commands and the entry point. Modules that take long to load are imported by the command that needs
them, so that ``--help`` answers at once.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click

from ..errors import BatchEditorError, Refused, SettingsError, reason_in
from ..model import Message
from ..runs.reasons import is_disk_full
from .clue import clue
from .copying import copy as copy
from .demo import demo, sandbox
from .doctor import doctor
from .example import settings
from .field_list import fields
from .guide import guide
from .help_pages import Group, typed_language
from .history import results, runs, show
from .inbox import inbox
from .metrics_file import OPTION as METRICS
from .metrics_file import Metrics
from .migrating import migrate as migrate
from .notify import notify
from .object_file import typed_file
from .options import heard_lang_option
from .purging import journal
from .reconcile import reconcile
from .screen import Screen
from .sending import check, diff, resume, run, template, undo
from .serve import serve
from .signals import on_signals
from .streams import guard_streams
from .worker import worker

#: The keys of errors behind which a settings file may stand that is not read.
_OF_SETTINGS = frozenset(
    {"settings.no_credentials", "lookups.no_credentials", "run.unknown", "headings.wrong", "headings.no_clue_id"}
)


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@heard_lang_option
@click.version_option(package_name="batch-editor", prog_name="batch-editor")
def cli() -> None:
    """Send a spreadsheet of clue edits to the CRM, one careful call per row."""


for _command in (
    run,
    inbox,
    reconcile,
    resume,
    undo,
    diff,
    check,
    results,
    journal,
    notify,
    runs,
    show,
    clue,
    template,
    fields,
    settings,
    doctor,
    sandbox,
    demo,
    serve,
    worker,
    guide,
):
    cli.add_command(_command)


def main() -> None:
    """The entry point: run the command that the arguments name, and exit with its code."""
    guard_streams()
    words = sys.argv[1:]
    screen = Screen(typed_lang=typed_language(words), as_json="--json" in words, json_file=typed_file(words))
    screen.metrics = Metrics(typed_file(words, METRICS), began=time.monotonic())
    sys.excepthook = screen.crashed
    on_signals(screen.interruption)
    try:
        _require_here()
        code = cli.main(prog_name="batch-editor", obj=screen, standalone_mode=False)
    except BatchEditorError as error:
        code = error.exit_code
        screen.error(_with_search(error, screen), code, error)
    except click.UsageError as error:
        screen.misused(error)
        code = 2
    except OSError as error:
        if not is_disk_full(error):
            raise
        code = 3 if getattr(error, "run", None) else 2
        screen.error(Message("screen.no_room", {"reason": reason_in(error)}), code, error)
    except (click.Abort, KeyboardInterrupt):
        code = _interrupted(screen)
    except Exception:  # whatever a library has made of the interruption
        if not screen.interruption.came:
            raise
        code = _interrupted(screen)
    screen.end()
    sys.exit(code)


def _interrupted(screen: Screen) -> int:
    """Tells that a command was interrupted, and returns its exit code; whoever interrupts it once more waits for that."""
    screen.interruption.is_over = True
    screen.error(Message("prompt.interrupted"), 2, KeyboardInterrupt())
    return 2


def _with_search(error: BatchEditorError, screen: Screen) -> Message:
    """Returns what is wrong; and where the settings were looked for, if they may be lacking or nobody has named their file."""
    searched = screen.search
    concerned = error.message.key in _OF_SETTINGS or (searched.is_beside and isinstance(error, SettingsError))
    if concerned and searched.lines and error.message.key != "settings.foreign_address":  # which names the file
        screen.warned(searched.lines)
        return Message("settings.with_search", {"error": error.message, "lines": searched.lines})
    return error.message


def _require_here() -> None:
    """Raises ``Refused`` if the current folder is gone, from which the names of files are meant."""
    try:
        Path.cwd()
    except OSError:
        raise Refused("here.gone") from None
