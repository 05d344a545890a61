"""Runs all benchmarks one after the other: ``python tests/benchmarks``. Each can also be run alone, with options."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import rig

FILES = (
    *(
        "startup.py",
        "reading.py",
        "checking.py",
        "pace.py",
        "permits.py",
        "whole_job.py",
        "watchers.py",
        "page.py",
        "page_browser.py",
    ),
    *("mending.py", "memory.py", "reconcile.py", "cluster.py"),
)

if __name__ == "__main__":
    print(rig.machine(), flush=True)
    failed = [
        file for file in FILES if subprocess.run([sys.executable, Path(__file__).with_name(file)], check=False).returncode
    ]
    sys.exit(f"could not be measured: {', '.join(failed)}" if failed else 0)
