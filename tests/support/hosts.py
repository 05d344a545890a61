"""Hosts as network namespaces of Linux: each has its own loopback, and a cable to this machine that can be pulled.

What listens on this machine's loopback is reached there at the same ports of its own, so that settings hold on every host. A
namespace ends with its last process, so that none stays behind.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from support.crashes import until
from support.proxies import Proxy

#: Runs in the namespace: waits for a line, that is for the network, then forwards until nobody holds the other end of stdin.
_FORWARDS = """\
import json, sys
from support.proxies import Proxy
ways = json.loads(sys.stdin.readline())
proxies = [Proxy((host, port), at=("127.0.0.1", own)) for own, host, port in ways]
print("ready", flush=True)
sys.stdin.read()
"""
#: Where the hosts are.
NETWORK = "10.231.0.0/16"
_numbers = itertools.count(1)


def why_there_are_none() -> str | None:
    """Why this machine has no namespaces for us; nothing if it has."""
    if sys.platform != "linux" or not all(map(shutil.which, ("unshare", "nsenter", "ip"))):
        return "network namespaces are made by unshare, nsenter and ip of Linux"
    tried = subprocess.run(
        ["unshare", "--net", "ip", "link", "add", "type", "veth"], capture_output=True, check=False, text=True
    )
    return f"this user may make no network namespace: {tried.stderr.strip()}" if tried.returncode else None


class Host:
    """A namespace that reaches ``ports`` of this machine's loopback, and those ``reachable`` from ``NETWORK``, each
    at the same port of its own loopback; used as a context manager."""

    def __init__(self, *ports: int, reachable: Sequence[int] = ()) -> None:
        number = next(_numbers)
        here, there = (f"10.231.{os.getpid() % 200}.{4 * number + place}" for place in (1, 2))
        self._link = f"be{os.getpid() % 100000}n{number}"
        with ExitStack() as opened:
            streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
            command = ["unshare", "--net", sys.executable, "-c", _FORWARDS]
            process = subprocess.Popen(command, text=True, cwd=Path(__file__).parents[1], **streams)  # type: ignore[call-overload]
            self._process: subprocess.Popen[str] = opened.enter_context(process)
            opened.callback(process.kill)
            own = os.readlink("/proc/self/ns/net")  # noqa: PTH115  # a name, and not a path
            until(lambda: os.readlink(f"/proc/{process.pid}/ns/net") != own, process)  # noqa: PTH115
            #: Stands before a command that is to run there; the process is then the command itself.
            self.enter = ["nsenter", "--net", "--target", str(process.pid)]
            peer = ("peer", "name", "cable", "netns", str(process.pid))
            _do("ip", "link", "add", self._link, "type", "veth", *peer)
            opened.callback(subprocess.run, ("ip", "link", "delete", self._link), capture_output=True, check=False)
            _do("ip", "address", "add", f"{here}/30", "dev", self._link)
            _do("ip", "link", "set", self._link, "up")
            _do(*self.enter, "ip", "address", "add", f"{there}/30", "dev", "cable")
            for device in ("cable", "lo"):
                _do(*self.enter, "ip", "link", "set", device, "up")
            ways = [(port, here, opened.enter_context(Proxy(("127.0.0.1", port), at=(here, 0))).port) for port in ports]
            ways += [(port, here, port) for port in reachable]
            print(json.dumps(ways), file=process.stdin, flush=True)
            assert process.stdout.readline() == "ready\n"
            self._opened = opened.pop_all()

    def __enter__(self) -> Host:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._opened.close()

    def lose(self) -> None:
        """The host is gone, with all that ran there, and nobody was told: no connection was ended."""
        self.pull()
        self._process.kill()

    def pull(self) -> None:
        """Pull the cable: nothing passes, and nobody is told."""
        _do("ip", "link", "set", self._link, "down")

    def plug(self) -> None:
        """Put it in again."""
        _do("ip", "link", "set", self._link, "up")


def _do(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True)
