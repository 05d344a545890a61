"""Whether a file looks whole by its end: real files, whole and cut."""

from __future__ import annotations

import errno
import sys
from pathlib import Path
from typing import BinaryIO

import pytest
from support import jobs

from batch_editor.inbox import endings
from batch_editor.inbox.endings import Ending, ending_of
from batch_editor.inbox.looks import APART_WITHIN_A_LINE, BROKEN_OFF, seconds_to_wait

FILES = Path(__file__).parent.parent / "files"


def of(folder: Path, content: bytes) -> Ending:
    path = folder / "file"
    path.write_bytes(content)
    return ending_of(path)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_text_is_whole_if_its_last_line_ends(tmp_path: Path, encoding: str, end: str) -> None:
    text = f"clue_id,描述{end}1,甲"
    assert of(tmp_path, (text + end).encode(encoding)) is Ending.WHOLE
    assert of(tmp_path, text.encode(encoding)) is Ending.WITHIN_A_LINE


def test_an_empty_file_may_be_about_to_be_written(tmp_path: Path) -> None:
    assert of(tmp_path, b"") is Ending.EMPTY
    assert seconds_to_wait(Ending.EMPTY, BROKEN_OFF - 1) is None


def test_json_ends_with_its_last_bracket(tmp_path: Path) -> None:
    assert of(tmp_path, b'[{"clue_id": 1}]') is Ending.WHOLE
    assert of(tmp_path, b'[{"clue_id": 1},') is Ending.WITHIN_A_LINE
    assert of(tmp_path, b'{"clue_id": 1}\n{"clue_id": 2}\n') is Ending.WHOLE


def test_a_workbook_that_is_cut_is_broken(tmp_path: Path) -> None:
    whole = jobs.workbook(tmp_path / "a.xlsx", [["clue_id", "remark"], ["1", "x"]]).read_bytes()
    assert of(tmp_path, whole) is Ending.WHOLE
    for size in (4, 100, len(whole) // 2, len(whole) - 1):
        assert of(tmp_path, whole[:size]) is Ending.BROKEN, size


@pytest.mark.parametrize("ending", ["xls", "xlsb", "ods"])
def test_other_workbooks_that_are_cut_are_broken(tmp_path: Path, ending: str) -> None:
    whole = next(path for path in sorted(FILES.rglob(f"*.{ending}")) if ending_of(path) is Ending.WHOLE).read_bytes()
    for size in (len(whole) // 2, len(whole) * 9 // 10):
        assert of(tmp_path, whole[:size]) is Ending.BROKEN, size


def test_parquet_ends_as_it_begins(tmp_path: Path) -> None:
    assert of(tmp_path, b"PAR1 columns, and their directory PAR1") is Ending.WHOLE
    assert of(tmp_path, b"PAR1 columns, and their direc") is Ending.BROKEN
    assert of(tmp_path, b"PAR1") is Ending.BROKEN


def test_what_cannot_be_opened_is_broken(tmp_path: Path) -> None:
    assert ending_of(tmp_path) is Ending.BROKEN
    assert ending_of(tmp_path / "missing") is Ending.BROKEN


def test_a_file_that_is_not_filled_to_its_end_is_broken(tmp_path: Path) -> None:
    """Some programs make room for the whole of a copy first."""
    assert of(tmp_path, b"clue_id,remark\n11,a\n" + bytes(4)) is Ending.BROKEN
    assert of(tmp_path, b"[{}]" + bytes(4096)) is Ending.BROKEN
    assert of(tmp_path, bytes(4096)) is Ending.BROKEN
    assert of(tmp_path, "clue_id,remark\n11,a\n".encode("utf-32-le")) is not Ending.BROKEN
    whole = jobs.workbook(tmp_path / "a.xlsx", [["clue_id", "remark"], ["1", "x"]]).read_bytes()
    assert of(tmp_path, whole[: len(whole) // 2] + bytes(len(whole) - len(whole) // 2)) is Ending.BROKEN


@pytest.mark.skipif(sys.platform != "linux", reason="leases of Linux")
def test_what_a_program_of_this_machine_writes_to_is_open(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("wb") as copy:
        copy.write(b"clue_id,remark\n11,a\n")
        copy.flush()
        assert ending_of(path) is Ending.OPEN
        assert seconds_to_wait(Ending.OPEN, 10_000) == APART_WITHIN_A_LINE
        with path.open("rb"):
            assert ending_of(path) is Ending.OPEN
    with path.open("rb"):  # who reads it does no harm
        assert ending_of(path) is Ending.WHOLE
    with path.open("ab"):  # nothing keeps others from it afterwards
        pass


def test_what_this_user_may_not_read_is_forbidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def may_not(path: Path) -> BinaryIO:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(endings, "open_regular", may_not)
    expected = Ending.BROKEN if sys.platform == "win32" else Ending.FORBIDDEN
    assert of(tmp_path, b"clue_id\n1\n") is expected
