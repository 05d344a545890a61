"""How much memory a command takes, its own and that of the processes that it starts."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

#: Runs the command within this process, and tells how it ended and the peaks, in MB of 10^6 bytes.
_PROGRAM = r"""
import contextlib, io, json, re, resource, sys
from batch_editor.cli import main
out, err = io.StringIO(), io.StringIO()
code = 0
sys.argv = ["batch-editor", *sys.argv[1:]]
with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
    try:
        main()
    except SystemExit as error:
        code = error.code or 0
unit = 1 if sys.platform == "darwin" else 1024
own, children = (resource.getrusage(who).ru_maxrss * unit / 1e6 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
if sys.platform == "linux":  # where the other figure starts with that of the process which has started this one
    own = int(re.search(r"VmHWM:\s+(\d+) kB", open("/proc/self/status").read())[1]) * 1024 / 1e6
print(json.dumps({"code": code, "output": out.getvalue() + err.getvalue(), "own": own, "children": children}))
"""


@dataclass(frozen=True)
class Peak:
    """How a command ended, what it wrote, and the most memory that it, or a process that it started, held, in MB."""

    code: int
    output: str
    own: float
    children: float


def measured(folder: Path, *args: str | Path, timeout: float = 200) -> Peak:
    """``batch-editor`` with ``args``, run in ``folder`` in a process of its own."""
    command = [sys.executable, "-c", _PROGRAM, *map(str, args)]
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", timeout=timeout, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return Peak(**json.loads(done.stdout))
