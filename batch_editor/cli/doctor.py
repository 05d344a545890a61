"""The command ``doctor``: looks at the set-up part by part, and says of each that it is well, or what to mend."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import SettingsError
from ..messages import say
from ..messages.visible import visible
from ..messages.widths import broken
from ..model import Message
from ..runs.json_summary import frame
from ..runs.reasons import TO_MEND, reason_of
from .help_pages import Command
from .object_file import json_file_option
from .options import FILE, config_option, lang_option, load_settings
from .screen import Screen
from .terminal import terminal_size

if TYPE_CHECKING:
    from ..doctor.checks import Check

#: What stands below the signs.
_INDENT = " " * 7


@click.command(cls=Command)
@config_option
@click.option("--inbox", type=FILE, metavar="DIR", help="Look at this inbox as well, with the settings that it would have.")
@click.option("--clue", metavar="ID", help="Read this clue [default: the one that was updated last].")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout: every check, with its verdict.")
@json_file_option
@lang_option
@click.pass_obj
def doctor(screen: Screen, /, inbox: Path | None, clue: str | None, **options: Any) -> int:
    """Look at settings, network, token, disks and the rest; say of each that it is well, or what to mend. Edits nothing."""
    from ..doctor.examination import Asked, examine
    from ..settings.written import usable

    settings = None
    error = None
    try:
        settings = load_settings(screen, sheet=inbox / "-" if inbox is not None else None, **options)
    except SettingsError as caught:
        error = caught
    file = options["config"] or screen.search.file
    clue_id = None
    if clue is not None:
        from ..runs.clues import clue_id_of

        clue_id = clue_id_of(clue, usable([]).row_rules)
    checks: list[Check] = []
    for check in examine(Asked(settings, error, file, screen.search, inbox, clue_id)):
        checks.append(check)
        if not screen.as_json:
            _show(screen, check)
    to_mend = sum(check.is_to_mend for check in checks)
    verdict = Message("doctor.to_mend", {"count": to_mend}) if to_mend else Message("doctor.all_well")
    ended = frame(screen.exit_code(), None, None)
    if error is not None:
        ended = frame(error.exit_code, reason_of(error), say(error.message, screen.lang))
    elif to_mend:
        ended = frame(1, TO_MEND, say(verdict, screen.lang))
    screen.json_object({**ended, "checks": [_as_json(screen, check) for check in checks]})
    if not screen.as_json:
        screen.text("")
        screen.line(verdict)
    return int(str(ended["exit_code"]))


def _show(screen: Screen, check: Check) -> None:
    """Shows a check, and below it what to do; nothing but signs stands at the left."""
    values = {"sign": Message(f"doctor.sign.{check.verdict}"), "name": Message(f"doctor.name.{check.name}")}
    lines = [say(Message("doctor.line", values | {"text": check.message}), screen.lang).split("\n")]
    if check.next_step is not None:
        lines.append(["", *say(Message("doctor.next", {"text": check.next_step}), screen.lang).split("\n")])
    room = terminal_size(sys.stdout).columns - len(_INDENT) if sys.stdout.isatty() else None
    for paragraphs in lines:
        parts = [part for line in paragraphs for part in (broken(visible(line), room) if room else [visible(line)])]
        screen.text(f"\n{_INDENT}".join(parts).removeprefix("\n"))


def _as_json(screen: Screen, check: Check) -> dict[str, object]:
    """Returns a check as a program reads it."""
    return {
        "check": check.name,
        "verdict": str(check.verdict),
        "key": check.message.key,
        "message": say(check.message, screen.lang),
        "next": say(check.next_step, screen.lang) if check.next_step is not None else None,
    }
