"""Since which start this machine runs, and a clock of it that nobody can set.

What may be concluded from them is left to the record of the pace.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path

_LINUX_BOOT = Path("/proc/sys/kernel/random/boot_id")
_WINDOWS_BOOT = r"SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management\PrefetchParameters"


@cache
def boot_id() -> str:
    """Returns what is the same in all processes, and containers, of one machine until it is started anew; "" if unknown."""
    if sys.platform == "win32":
        return _from_registry(
            r"SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management\PrefetchParameters", "BootId"
        )
    return _first_line(_LINUX_BOOT)


def steady_clock() -> Callable[[], float]:
    """Returns a clock that nobody can set and that all processes share; where the system has one, it goes on while the machine
    sleeps."""
    if sys.platform == "linux":
        return lambda: time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic


def _first_line(file: Path) -> str:
    with suppress(OSError, UnicodeDecodeError):
        return file.read_text(encoding="ascii").strip()
    return ""


def _from_registry(key: str, name: str) -> str:
    if sys.platform == "win32":
        import winreg

        with suppress(OSError), winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, key) as opened:
            return str(winreg.QueryValueEx(opened, name)[0])
    return ""
