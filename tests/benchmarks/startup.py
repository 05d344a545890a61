"""How much processor time ``batch-editor --help`` takes, beside an interpreter that does nothing (guide: architecture)."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import rig


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=15)
    repeat = parser.parse_args().repeat
    print(f"startup: median of {repeat} processes")
    installed = Path(sys.executable).with_name("batch-editor")
    program = [str(installed)] if installed.exists() else [sys.executable, "-m", "batch_editor"]
    commands = {"--help": [*program, "--help"], "empty": [sys.executable, "-c", "pass"]}
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(repeat):
        for name, command in commands.items():
            taken[name].append(rig.timed(command, timeout=60).cpu)
    found = rig.median(taken["--help"])
    rig.figure("batch-editor --help, processor time", f"{found:.3f} s", "at most 0.35 s", found <= 0.35)
    rig.figure("python -c pass, processor time", f"{rig.median(taken['empty']):.3f} s")


if __name__ == "__main__":
    main()
