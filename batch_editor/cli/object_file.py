"""The option ``--json-file``: the one JSON object of a command in a file, which is whole at every moment (guide: night).

Of two commands that write to one file, it holds the object of the one that ended last.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..model import Message
from .own_files import named, written

if TYPE_CHECKING:
    from .screen import Screen

OPTION = "--json-file"


def typed_file(words: Sequence[str], option: str = OPTION) -> Path | None:
    """Returns the file that an option names anywhere among the words of a command, before it is known which command it is."""
    typed = ""
    for word, after in zip(words, [*words[1:], ""], strict=True) if words else ():
        if word == "--":
            break
        if word == option:
            typed = after
        elif word.startswith(f"{option}="):
            typed = word.partition("=")[2]
    return Path(typed).absolute() if typed.strip() else None


def _heard(ctx: click.Context, _: click.Parameter, path: Path | None) -> None:
    """Has the screen know the file. Raises ``BadValue`` if it holds something else than an object of ours."""
    screen: Screen | None = ctx.obj
    if screen is None or path is None:
        return
    screen.json_file = None
    screen.json_file = named(path, _is_ours)


json_file_option = click.option(
    OPTION,
    type=click.Path(path_type=Path, readable=False),
    metavar="FILE",
    expose_value=False,
    callback=_heard,
    help="Write the JSON object to FILE in one step, also where nothing is sent.",
)


def write_object(path: Path, text: str) -> Message | None:
    """Writes the text of an object to ``path``; returns why that could not be done, or None."""
    return written(path, _is_ours, lambda before: f"{text}\n".encode(), unwritten="screen.object_unwritten")


def _is_ours(content: bytes) -> bool:
    """Whether a file holds an object of ours, and nothing else."""
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and "exit_code" in value
