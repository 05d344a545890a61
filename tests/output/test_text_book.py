"""A workbook of texts: each cell holds the text that was written, whatever it looks like."""

from __future__ import annotations

import errno
import gc
from contextlib import closing
from pathlib import Path

import openpyxl
import pytest
from support import jobs
from xlsxwriter.exceptions import FileCreateError

from batch_editor.model import Change, Message, RowState, Status
from batch_editor.output import changes_sheet, results
from batch_editor.output.mended_copy import write_plain
from batch_editor.output.text_book import PackedFile, TextBook

RICH = "<r>a & b</r>"


@pytest.mark.parametrize("text", [RICH, "<r></r>", "<r><t>x</t></r>", "<r>\ud83d</r>"])
def test_a_text_that_looks_like_xml_stays_a_text(tmp_path: Path, text: str) -> None:
    """In a cell of the sheet, and in what the CRM says, which would have broken the whole file."""
    row = RowState(2, Status.REJECTED, (text, text), ("remark",), (), (Message("verbatim", {"text": text}),), "1", 1, "")
    path = results.write(tmp_path / "x.xlsx", [text, "描述"], [row], "en", run="run", sheet=None)
    shown = text.replace("\ud83d", "\ufffd")
    (found,) = jobs.results(path)
    assert (found[shown], found["描述"]) == (shown, shown)
    assert found["result_message"].startswith("<r>")
    write_plain([text], [row], tmp_path / "y.xlsx")
    assert [[cell.value for cell in line] for line in openpyxl.load_workbook(tmp_path / "y.xlsx").active] == [
        [shown, None],
        [shown, shown],
    ]


def test_what_has_changed_stays_a_text_as_well(tmp_path: Path) -> None:
    change = Change(2, 11, "remark", RICH, RICH)
    with closing(TextBook(tmp_path / "x.xlsx", {"constant_memory": True})) as book:
        changes_sheet.add(book, [change], "run", "en")
    values = {cell.value for line in openpyxl.load_workbook(tmp_path / "x.xlsx").active for cell in line}
    assert RICH in values


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a file on which there is never room")
def test_a_disk_without_room_is_told_once() -> None:
    """Whatever is told by an object that is forgotten, and by a file that nobody has closed, fails a test."""
    with pytest.raises(FileCreateError) as raised, PackedFile(Path("/dev/full")) as file, closing(TextBook(file)) as book:
        book.add_worksheet().write_string(0, 0, "x")
    assert isinstance(raised.value.args[0], OSError) and raised.value.args[0].errno == errno.ENOSPC
    del raised, book
    gc.collect()
