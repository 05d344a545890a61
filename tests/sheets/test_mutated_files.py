"""2,000 damaged files through the real ``check``: each ends with 0, 1 or 2, without a traceback, soon, and in little memory.

A failure names the number of the file, which stays in the folder of the test; ``support/mutations.py`` makes it again.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support.mutations import TESTS, mutated, seeds

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="peaks of memory are not told there"),
]

FILES = 2000
#: The files are shared out among so many tests.
PARTS = 8
MOST = 500  # MB
#: What a worker runs; a bug may come before it.
PROGRAM = """
import sys
{bug}
from support.mutations import work
work(range(*map(int, sys.argv[1:4])), float(sys.argv[4]), sys.stdout)
"""


def failures(folder: Path, start: int, stop: int, step: int, *, bug: str = "", patience: float = 60) -> list[str]:
    """What is wrong with the files of one worker, each with its number; such a file is kept in ``folder``."""
    folder.mkdir()
    command = [sys.executable, "-W", "error", "-c", PROGRAM.format(bug=bug), *map(str, (start, stop, step, patience))]
    env = os.environ | {"PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS.parent)])}
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", env=env, timeout=1500, check=False)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    troubles = {answer["number"]: trouble for answer in answers if (trouble := _trouble(answer))}
    expected = range(start, stop, step)
    if len(answers) < len(expected):
        troubles[expected[len(answers)]] = f"the worker ended: {done.stderr[-3000:]}"
    for number in troubles:
        name, content = mutated(number)
        (folder / name).write_bytes(content)
    return [f"number {number}, kept in {folder}: {trouble}" for number, trouble in troubles.items()]


def _trouble(answer: dict[str, Any]) -> str:
    if answer["crash"] or "Traceback" in answer["said"]:
        return str(answer["crash"] or answer["said"])
    if answer["code"] not in (0, 1, 2):
        return f"exit {answer['code']}: {answer['said']}"
    if not answer["said"].strip():
        return "it said nothing"
    return f"{answer['peak']:.0f} MB" if answer["peak"] >= MOST else ""


@pytest.mark.timeout(1600)
@pytest.mark.parametrize("first", range(PARTS))
def test_damaged_files_end_in_rows_or_in_a_refusal(tmp_path: Path, first: int) -> None:
    failed = failures(tmp_path / "files", first, FILES, PARTS)
    assert not failed, "\n\n".join(failed)[:20_000]


def test_the_files_are_the_same_each_time_and_of_every_kind() -> None:
    first = [mutated(number) for number in range(100)]
    assert first == [mutated(number) for number in range(100)]
    assert len({content for _, content in first}) > 95
    assert {Path(name).suffix for name, _ in first} >= {".xlsx", ".ods", ".csv"}
    assert all(seeds().values())


@pytest.mark.parametrize(
    ("bug", "expected_trouble"),
    [
        ("def bug(*_, **__): raise RuntimeError('injected')", "injected"),
        ("def bug(*_, **__): print('Traceback (most recent call last)'); return 2", "Traceback"),
        ("def bug(*_, **__): import threading; threading.Event().wait()", "the worker ended: Timeout"),
        ("def bug(*_, **__): bytearray(600_000_000)[::4096] = bytes(146485); print('x'); return 2", "MB"),
        ("def bug(*_, **__): print('x'); return 3", "exit 3"),
        ("def bug(*_, **__): return 0", "it said nothing"),
        ("def bug(*_, **__): import os; os.abort()", "the worker ended"),
    ],
)
def test_the_harness_sees(bug: str, expected_trouble: str, tmp_path: Path) -> None:
    patched = f"from batch_editor.cli.commands import cli\n{bug}\ncli.commands['check'].callback = bug"
    (first, *_) = failures(tmp_path / "files", 17, 40, 20, bug=patched, patience=3)
    assert first.startswith(f"number 17, kept in {tmp_path / 'files'}: ")
    assert expected_trouble in first
    assert (tmp_path / "files" / mutated(17)[0]).read_bytes() == mutated(17)[1]
