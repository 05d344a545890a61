"""Whole runs drawn from a seed: whatever fails, is killed, goes on, runs beside it or is undone, each clue ends as it should.

``FUZZED_TRIALS=100:300`` plays the trials of these seeds instead of the twenty that always run.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from support.fuzzed import Trial

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")]

FIRST, LAST = map(int, os.environ.get("FUZZED_TRIALS", "0:20").split(":"))


@pytest.mark.parametrize("seed", range(FIRST, LAST))
def test_each_clue_ends_as_the_journal_says(tmp_path: Path, seed: int) -> None:
    trial = Trial(tmp_path, seed)
    faults = trial.play()
    assert faults == [], "\n".join([*faults, *trial.history, str(trial.first), str(trial.second)])
