"""Which machines use a state folder: neither SQLite nor a lock holds between two of them, so that the second one is refused.

Each process leaves a small file in the folder while it uses it, and renews it as long as it lives. Containers that share a
kernel are one machine: their locks hold.
"""

from __future__ import annotations

import json
import os
import secrets
import threading
from contextlib import suppress
from pathlib import Path

from ..errors import SettingsError
from ..files import open_regular
from .machine import boot_id, machine_id, machine_name

#: Seconds from one renewal of the file to the next, and after which a file that nobody renews is of nobody any more.
RENEW, STALE = 10.0, 90.0
_PREFIX = "in-use-"
#: More bytes than such a file ever has.
_LONGEST = 1 << 16


class Presence:
    """This process in ``folder``, until it is left. Raises ``SettingsError`` where another machine uses the folder, and
    ``OSError`` where nothing can be written.

    ``machine`` and ``boot`` tell this machine, and its start, from others.
    """

    def __init__(self, folder: Path, *, machine: str | None = None, boot: str | None = None) -> None:
        self._folder = folder
        self._machine = machine_id() if machine is None else machine
        self._boot = boot_id() if boot is None else boot
        self._file = folder / f"{_PREFIX}{os.getpid()}-{secrets.token_hex(4)}"
        self._over = threading.Event()
        self._write()
        try:
            self._look_for_others()
        except BaseException:
            self._file.unlink(missing_ok=True)
            raise
        self._thread = threading.Thread(target=self._renew, name="presence", daemon=True)
        self._thread.start()

    def leave(self) -> None:
        """Removes what shows that this process uses the folder."""
        self._over.set()
        self._thread.join()
        with suppress(OSError):
            self._file.unlink(missing_ok=True)

    def _write(self) -> None:
        text = json.dumps({"machine": self._machine, "boot": self._boot, "name": machine_name()})
        with open(self._file, "w", encoding="utf-8", opener=_private) as file:  # Path.open has no opener
            file.write(text)

    def _renew(self) -> None:
        while not self._over.wait(RENEW):
            with suppress(OSError):
                self._write()

    def _look_for_others(self) -> None:
        """Compares times of one and the same file system, so that the clocks of two machines need not agree."""
        now = self._file.stat().st_mtime
        for file in self._folder.glob(f"{_PREFIX}*"):
            with suppress(OSError, ValueError):
                with open_regular(file) as opened:
                    other = json.loads(opened.read(_LONGEST))
                is_stale = now - file.stat().st_mtime > STALE
                if is_stale or self._was_here(other):
                    file.unlink()
                elif not self._is_here(other):
                    raise SettingsError("journal.other_machine", folder=self._folder, name=other.get("name", ""), file=file)

    def _is_here(self, other: dict[str, str]) -> bool:
        if self._boot and other.get("boot"):
            return self._boot == other["boot"]
        return other.get("machine") == self._machine

    def _was_here(self, other: dict[str, str]) -> bool:
        """Whether it is of this machine before it was started anew."""
        is_another_start = bool(self._boot and other.get("boot")) and self._boot != other["boot"]
        return is_another_start and other.get("machine") == self._machine


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
