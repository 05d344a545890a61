"""A workbook of texts: each cell holds the text that was written, whatever it looks like."""

from __future__ import annotations

import zipfile
from contextlib import closing
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support import jobs
from xlsxwriter import Workbook

from batch_editor.model import Change, Message, RowState, Status
from batch_editor.output import changes_sheet, results
from batch_editor.output.mended_copy import write_plain
from batch_editor.output.text_book import TextBook

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RICH = "<r>a & b</r>"
TEXTS = ("", " a", "a\n", "\u3000b", "a & <b> \"c\" 'd'", "_x0041_", "\x01\x1f\r\t\n", "😀", "=1+1", "x" * 32_767)


def written(kind: type[Workbook], texts: list[str], path: Path | None = None) -> bytes:
    """The XML of a sheet with these ``texts`` in rows of three, each row with a blank behind them."""
    target = BytesIO()
    with closing(kind(path or target, {"constant_memory": True})) as book:
        sheet, style = book.add_worksheet(), book.add_format({"num_format": "@"})
        for number, text in enumerate(texts):
            sheet.write_string(number // 3, number % 3, text, style)
            sheet.write_blank(number // 3, 3, None, style)
    with zipfile.ZipFile(path or target) as archive:
        return archive.read("xl/worksheets/sheet1.xml")


def cells(xml: bytes) -> list[tuple[dict[str, str], str | None]]:
    """The attributes and the text of each cell."""
    return [
        (dict(cell.attrib), "".join(cell.itertext()) if len(cell) else None)
        for cell in ElementTree.fromstring(xml).iter(f"{{{MAIN}}}c")  # noqa: S314  # of our own making
    ]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\ufffe\uffff")), min_size=1, max_size=7))
@example(list(TEXTS))
def test_texts_are_written_as_xlsxwriter_writes_them(texts: list[str]) -> None:
    texts = [text for text in texts if not text.startswith("<r>")] or ["a"]
    assert cells(written(TextBook, texts)) == cells(written(Workbook, texts))


@pytest.mark.parametrize("text", [" a", "a ", "a\n", "\ta"])
def test_blanks_at_the_ends_of_a_text_are_kept(text: str) -> None:
    assert b'<t xml:space="preserve">' in written(TextBook, [text])


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
