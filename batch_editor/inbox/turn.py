"""Sees to it that one process of a machine works at an inbox at a time, and knows the name by which that takes sheets.

The lock lies beside the journal, since locks on shares cannot be relied upon, and ends with its process, however that ends.
Between machines it is the moving of a sheet that decides, see ``claims``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from ..errors import SettingsError, UnderWay, reason_in
from .claims import owner_of

#: Seconds for which the first process that asks may be writing down the name of the owner.
_FIRST = 10.0


@contextmanager
def my_turn(state_dir: Path, inbox: Path) -> Iterator[str]:
    """Within the block this process alone works at the ``inbox``, as far as those with this ``state_dir`` go; yields the name
    of the owner of what it takes.

    Raises ``UnderWay`` where another process is at work there, and ``SettingsError`` where nothing can be written.
    """
    name = hashlib.sha256(str(inbox).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    try:
        state_dir.mkdir(parents=True, exist_ok=True)
        with FileLock(state_dir / "inbox-owner.lock", timeout=_FIRST, mode=0o600):
            owner = owner_of(state_dir)
        lock = FileLock(state_dir / f"inbox-{name}.lock", timeout=0, mode=0o600)
        lock.acquire()
    except Timeout:
        raise UnderWay("inbox.under_way", path=inbox) from None
    except OSError as error:
        raise SettingsError("journal.unwritable", path=state_dir, reason=reason_in(error)) from None
    try:
        yield owner
    finally:
        lock.release()
