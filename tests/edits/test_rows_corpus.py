"""Every file of ``sheets/`` asks for the edits, and has the problems, of the table in ``support/corpus.py``, or is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support import jobs
from support.corpus import READ, REFUSED
from support.kinds import FORMATS, KINDS

from batch_editor import load_edits
from batch_editor.errors import Refused
from batch_editor.sheets import cell_of

SHEETS = Path(__file__).parent.parent / "files"
NO_SHEETS = {"make.py", "make_by_libreoffice.py", ".gitattributes", "__pycache__"}


def told(path: Path, folder: Path) -> tuple[list[str], list[str]]:
    """What a sheet asks for, as ``READ`` has it; what a row lacks comes from the defaults."""
    loaded = load_edits(path, jobs.settings(folder))
    edits = []
    for edit in loaded.edits:
        body = json.loads(edit.body)
        edits.append(" ".join([str(edit.clue_id), *(f"{key}={body[key]}" for key in body["update_specified_fields"])]))
    return edits, [f"{problem.address} {problem.message.key}" for problem in loaded.problems]


@pytest.mark.parametrize("name", READ)
def test_a_sheet_asks_for_these_edits_and_has_these_problems(name: str, tmp_path: Path) -> None:
    assert told(SHEETS / name, tmp_path) == READ[name]


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_is_refused_for_this_reason(name: str, tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        told(SHEETS / name, tmp_path)
    assert caught.value.message.key == REFUSED[name]


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("suffix", FORMATS)
def test_a_value_is_sent_as_it_is_shown_in_each_format(name: str, suffix: str, tmp_path: Path) -> None:
    loaded = load_edits(SHEETS / f"shown_{name}.{suffix}", jobs.settings(tmp_path))
    asked = {}
    for edit in loaded.edits:
        body = json.loads(edit.body)
        asked[edit.row] = " ".join(f"{key}={body[key]}" for key in body["update_specified_fields"])
    asked |= {problem.row: f"{cell_of(problem.address)} {problem.message.key}" for problem in loaded.problems}
    kind = KINDS[name]
    assert (asked, tuple(note.key for note in loaded.notes)) == (kind.asked_in(suffix), kind.notes_in(suffix))


def test_no_sheet_is_missing_and_none_stands_twice() -> None:
    kinds = [f"shown_{name}.{suffix}" for name in KINDS for suffix in FORMATS]
    assert sorted(path.name for path in SHEETS.iterdir() if path.name not in NO_SHEETS) == sorted([*READ, *REFUSED, *kinds])
