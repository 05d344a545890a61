"""The option ``--json-file``: the one JSON object of a command in a file, which is whole at every moment (guide: night).

Of two commands that write to one file, it holds the object of the one that ended last. A file that holds anything else than
such an object is never replaced: a slip of the keyboard must not cost a sheet.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import reason_in
from ..files import open_regular, write_whole
from ..model import Message
from .usage import BadValue

if TYPE_CHECKING:
    from .screen import Screen

OPTION = "--json-file"
#: A file that is larger holds no object of ours.
_MOST_BYTES = 1 << 28


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
    if not str(path).strip() or path == Path():
        raise BadValue("usage.empty")
    try:
        is_foreign = _is_foreign(path)
    except OSError:  # which is told when the object is to be written
        is_foreign = False
    if is_foreign:
        raise BadValue("usage.foreign_file", path=path)
    screen.json_file = path.absolute()


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
    try:
        if _is_foreign(path):
            return Message("screen.foreign_file", {"path": path})
        write_whole(path, f"{text}\n".encode())
    except OSError as error:
        return Message("screen.object_unwritten", {"path": path, "reason": reason_in(error)})
    return None


def _is_foreign(path: Path) -> bool:
    """Whether there is a file that holds anything else than an object of ours. Raises ``OSError`` if it cannot be read."""
    try:
        with open_regular(path) as file:
            content = file.read(_MOST_BYTES)
    except FileNotFoundError:
        return False
    if not content.strip():
        return False
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return True
    return not (isinstance(value, dict) and "exit_code" in value)
