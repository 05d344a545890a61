"""What LibreOffice makes of a file: whoever asks for it is skipped where there is none."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

#: Commas, quotation marks, UTF-8.
CSV = "csv:Text - txt - csv (StarCalc):44,34,76"


def saved(path: Path, kind: str) -> Path:
    """The file as LibreOffice saves it, in a folder of its own; ``kind`` is what it calls the format: ``xlsx``, ``CSV``."""
    return saved_together([path], kind)[0]


def saved_together(paths: Sequence[Path], kind: str) -> list[Path]:
    """The same of several files of one folder, for which it is started once."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed")
    suffix, _, _ = kind.partition(":")
    folder = paths[0].parent / f"as {suffix}"
    profile = f"-env:UserInstallation={(paths[0].parent / 'profile').as_uri()}"
    command = [office, profile, "--headless", "--convert-to", kind, "--outdir", str(folder), *map(str, paths)]
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    return [folder / path.with_suffix(f".{suffix}").name for path in paths]
