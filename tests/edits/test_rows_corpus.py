"""Every file of ``sheets/`` asks for the edits, and has the problems, of the table in ``support/corpus.py``, or is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from support import jobs, office
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


def asked(path: Path, folder: Path) -> tuple[dict[int, str], tuple[str, ...]]:
    """What each row of a sheet asks for, or its problem, as ``KINDS`` has it; and the keys of the notes."""
    loaded = load_edits(path, jobs.settings(folder))
    rows = {}
    for edit in loaded.edits:
        body = json.loads(edit.body)
        rows[edit.row] = " ".join(f"{key}={body[key]}" for key in body["update_specified_fields"])
    rows |= {problem.row: f"{cell_of(problem.address)} {problem.message.key}" for problem in loaded.problems}
    return rows, tuple(note.key for note in loaded.notes)


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("suffix", FORMATS)
def test_a_value_is_sent_as_it_is_shown_in_each_format(name: str, suffix: str, tmp_path: Path) -> None:
    kind = KINDS[name]
    assert asked(SHEETS / f"shown_{name}.{suffix}", tmp_path) == (kind.asked_in(suffix), kind.notes_in(suffix))


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["xlsx", "xls", "ods"])
def test_what_libreoffice_saves_in_another_format_asks_for_the_same(suffix: str, tmp_path: Path) -> None:
    """Formulas are calculated anew by it, and formats by country become those of its own country."""
    names = [name for name in KINDS if name not in ("formulas", "uncertain_formats")]
    copies = [shutil.copy(SHEETS / f"shown_{name}.xlsx", tmp_path / f"{name}.xlsx") for name in names]
    for name, path in zip(names, office.saved_together(copies, suffix), strict=True):
        kind = KINDS[name]
        wanted = kind.asked_in(suffix)
        if (name, suffix) == ("booleans", "ods"):  # in which it writes 0 that is shown as FALSE
            wanted[3] = "C3 cell.shown_otherwise"
        assert asked(path, tmp_path) == (wanted, kind.notes_in(suffix)), name


def test_no_sheet_is_missing_and_none_stands_twice() -> None:
    kinds = [f"shown_{name}.{suffix}" for name in KINDS for suffix in FORMATS]
    assert sorted(path.name for path in SHEETS.iterdir() if path.name not in NO_SHEETS) == sorted([*READ, *REFUSED, *kinds])
