"""Which machine this is, and since which start it runs: what tells a reboot from another machine.

What may be concluded from it is left to those who ask: the record of the pace, and ``presence``.
"""

from __future__ import annotations

import platform
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path

_LINUX_BOOT = Path("/proc/sys/kernel/random/boot_id")
_WINDOWS_BOOT = r"SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management\PrefetchParameters"
_LINUX_MACHINE = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))


@cache
def boot_id() -> str:
    """Returns what is the same in all processes, and containers, of one machine until it is started anew; "" if unknown."""
    if sys.platform == "win32":
        number = _from_registry(_WINDOWS_BOOT, "BootId")
        return f"{machine_id()} {number}" if number else ""
    return _first_line(_LINUX_BOOT)


@cache
def machine_id() -> str:
    """Returns what stays the same when the machine is started anew, with its name in the network; a container has one of its
    own."""
    if sys.platform == "win32":
        identity = _from_registry(r"SOFTWARE\Microsoft\Cryptography", "MachineGuid")
    else:
        identity = next(filter(None, map(_first_line, _LINUX_MACHINE)), "")
    return f"{identity} {machine_name()}"


def machine_name() -> str:
    """Returns the name by which people know this machine."""
    return platform.node()


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
