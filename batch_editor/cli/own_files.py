"""Files that an option names for a command to write in one step: one that holds anything else than that is never replaced.

A slip of the keyboard must not cost a sheet. What such a file holds is said by whoever writes it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..errors import BatchEditorError, reason_in
from ..files import open_regular, write_whole
from ..model import Message
from .usage import BadValue

#: A file that is larger holds nothing of ours.
_MOST_BYTES = 1 << 28


def named(path: Path, is_ours: Callable[[bytes], bool]) -> Path:
    """Returns the whole path of the file that an option names. Raises ``BadValue`` if there is none, or it is not ours."""
    if not str(path).strip() or path == Path():
        raise BadValue("usage.empty")
    try:
        content = _content_of(path)
    except OSError:  # which is told when it is to be written
        content = b""
    if content.strip() and not is_ours(content):
        raise BadValue("usage.foreign_file", path=path)
    return path.absolute()


def written(
    path: Path,
    is_ours: Callable[[bytes], bool],
    content: Callable[[bytes], bytes],
    *,
    unwritten: str,
    mode: int | None = None,
) -> Message | None:
    """Writes to ``path`` what ``content`` makes of what stood there before. Returns why that could not be done, by the message
    ``unwritten``, or None."""
    try:
        before = _content_of(path)
        if before.strip() and not is_ours(before):
            return Message("screen.foreign_file", {"path": path})
        write_whole(path, content(before), mode=mode)
    except (OSError, BatchEditorError) as error:
        return Message(unwritten, {"path": path, "reason": reason_in(error)})
    return None


def _content_of(path: Path) -> bytes:
    """Returns what a file holds, nothing if it is not there. Raises ``OSError`` if it cannot be read."""
    try:
        with open_regular(path) as file:
            return file.read(_MOST_BYTES)
    except FileNotFoundError:
        return b""
