"""A sheet as it came, with some cells mended: nothing else of it is another, whatever it is and whoever opens it."""

from __future__ import annotations

import random
import zipfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from files import make
from hypothesis import given, settings
from hypothesis import strategies as st
from support.office import saved
from support.workbooks import SHEETS, rows_of, shared, styles, written

from batch_editor.cell_values import FormattedText
from batch_editor.errors import SheetError
from batch_editor.model import RowState, Status
from batch_editor.output.mended_copy import Mends, can_be_mended, write_mended, write_plain
from batch_editor.output.moved_formula import moved
from batch_editor.sheets import Sheet, read_file

pytestmark = pytest.mark.filterwarnings("ignore:Workbook contains no default style")
VALUES = (
    "女",
    "=1+1",
    'a,"b;\tc|',
    "x&<y>",
    " two  \n lines",
    "1591005521987921928",
    "_x0041_ \x07",
    "",
    "😀",
    "+8613800138000",
)
#: Files of ours of which some cells cannot be replaced alone, and why.
REFUSALS = {"mended_copy.merged", "mended_copy.record", "mended_copy.encoding", "mended_copy.uncertain"}


def _sheets() -> Iterator[tuple[Path, Sheet]]:
    for path in sorted(SHEETS.iterdir()):
        try:
            if path.is_file() and path.suffix != ".py" and can_be_mended(path):
                yield from ((path, sheet) for sheet in read_file(path) if len([*sheet.rows()]) > 1)
        except SheetError:
            continue


ALL = list(_sheets())


def mended(path: Path, mends: Mends, folder: Path, *, name: str = "Sheet1") -> Path:
    target = folder / f"mended{path.suffix}"
    write_mended(path, mends, target, sheet_name=name, read_as=read_file(path)[0].read_as)
    return target


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize(("path", "sheet"), ALL, ids=[f"{path.name}-{sheet.name}" for path, sheet in ALL])
@settings(max_examples=settings().max_examples // 12)  # of each of a hundred files
@given(seed=st.integers(0, 1 << 16))
def test_the_mended_cells_hold_the_mends_and_all_others_what_they_did(
    tmp_path_factory: pytest.TempPathFactory, path: Path, sheet: Sheet, seed: int
) -> None:
    chance = random.Random(seed)
    before = [*sheet.rows()]
    mends: dict[int, dict[int, str]] = {}
    for row in chance.sample(before[1:], min(3, len(before) - 1)):
        columns = chance.sample(range(len(row.cells) + 2), 2)
        mends[row.number] = {column: chance.choice(VALUES) for column in columns}
    target = tmp_path_factory.mktemp("copy") / path.name
    try:
        write_mended(path, mends, target, sheet_name=sheet.name, read_as=sheet.read_as)
    except SheetError as error:
        assert error.message.key in REFUSALS
        return
    again = next(other for other in read_file(target) if other.name == sheet.name)
    expected = {}
    for row in before:
        cells = [*row.cells]
        for column, value in mends.get(row.number, {}).items():
            cells += [None] * (column + 1 - len(cells))
            cells[column] = value or None
        while cells and cells[-1] is None:
            cells.pop()
        if any(cell is not None for cell in cells):
            expected[row.number] = (tuple(cells), row.hidden)
    assert {row.number: (row.cells, row.hidden) for row in again.rows()} == expected


def test_every_part_of_a_workbook_but_its_sheet_stays_as_it_is(tmp_path: Path) -> None:
    path = SHEETS / "xlsm_macros.xlsm"
    before, after = parts(path), parts(mended(path, {2: {1: "女"}}, tmp_path))
    changed = {name for name in before if before[name] != after[name]}
    assert [*before] == [*after]
    assert changed == {"xl/worksheets/sheet1.xml"}
    row = b'<row r="2">'
    assert before["xl/worksheets/sheet1.xml"].partition(row)[0] == after["xl/worksheets/sheet1.xml"].partition(row)[0]


def test_a_text_that_begins_like_a_formula_stays_a_text_and_keeps_the_style_of_its_cell(tmp_path: Path) -> None:
    rows = '<row r="2" spans="1:1"><c r="A2" s="1"><v>33000</v></c></row>'
    path = written(tmp_path, rows, parts={"xl/styles.xml": styles("yyyy-mm-dd")})
    target = mended(path, {2: {0: "=HYPERLINK(1)", 2: "new"}}, tmp_path)
    cell = openpyxl.load_workbook(target).active["A2"]
    assert (cell.value, cell.data_type, cell.number_format) == ("=HYPERLINK(1)", "s", "yyyy-mm-dd")
    assert openpyxl.load_workbook(target).active["C2"].value == "new"
    assert b"spans" not in parts(target)["xl/worksheets/sheet1.xml"]


def test_a_format_that_would_hide_the_text_or_add_to_it_is_left_out(tmp_path: Path) -> None:
    rows = '<row r="2"><c r="A2" s="1"><v>1</v></c><c r="B2" s="2"><v>1</v></c></row>'
    path = written(tmp_path, rows, parts={"xl/styles.xml": styles(";;;", '@"元"')})
    (row,) = rows_of(mended(path, {2: {0: "甲", 1: "乙"}}, tmp_path))
    assert row.cells == ("甲", "乙")
    assert not any(isinstance(cell, FormattedText) for cell in row.cells)


FORMULAS = (
    '<row r="1"><c r="A1"><v>5</v></c><c r="B1"><f t="shared" ref="B1:B4" si="0">A1*$A$1+SUM(A:A)</f><v>1</v></c></row>'
    '<row r="2"><c r="A2"><v>6</v></c><c r="B2"><f t="shared" si="0"/><v>2</v></c></row>'
    '<row r="3"><c r="A3"><v>7</v></c><c r="B3"><f t="shared" si="0"/><v>3</v></c></row>'
    '<row r="4"><c r="A4"><v>8</v></c><c r="B4"><f t="shared" si="0"/><v>4</v></c></row>'
)
IN_ORDER = "".join(f'<c r="B{row}" i="1"/>' for row in (1, 2, 3, 4))
CALC_CHAIN = f'{make.HEAD}<calcChain xmlns="{make.MAIN}">{IN_ORDER}</calcChain>'


def test_a_formula_that_other_cells_share_is_held_by_the_next_of_them(tmp_path: Path) -> None:
    path = written(tmp_path, FORMULAS)
    target = mended(path, {1: {1: "mended"}, 2: {1: "too"}}, tmp_path)
    sheet = openpyxl.load_workbook(target).active
    assert [sheet[f"B{row}"].value for row in (1, 2, 3, 4)] == ["mended", "too", "=A3*$A$1+SUM(A:A)", "=A4*$A$1+SUM(A:A)"]
    assert b'ref="B3:B4"' in parts(target)["xl/worksheets/sheet1.xml"]


@pytest.mark.slow  # a program of its own
def test_libreoffice_reads_the_mends_and_calculates_what_shares_a_formula(tmp_path: Path) -> None:
    target = mended(written(tmp_path, FORMULAS), {1: {1: "=mended"}, 3: {0: "9"}}, tmp_path)
    read = openpyxl.load_workbook(saved(target, "xlsx"), data_only=True).active
    assert [read[f"B{row}"].value for row in (1, 2, 4)] == ["=mended", 6 * 5 + 19, 8 * 5 + 19]
    assert read["A3"].value == "9"


def test_what_is_moved_in_a_formula(tmp_path: Path) -> None:
    formula = "VLOOKUP(A2,'A1 b'!$A$1:B$9,2)&\"A2\"&LOG10(5)&T1[[#This Row],[A1]]&C:$C&3:3&x.A1&A1()"
    expected = "VLOOKUP(B4,'A1 b'!$A$1:C$9,2)&\"A2\"&LOG10(5)&T1[[#This Row],[A1]]&D:$C&5:5&x.A1&A1()"
    assert moved(formula, 2, 1) == expected
    assert moved("A1+B2", -1, 0) == "#REF!+B1"


def test_a_workbook_with_formulas_is_calculated_anew_and_in_a_new_order(tmp_path: Path) -> None:
    made = parts(written(tmp_path, FORMULAS))
    relation = f'<Relationship Id="calc" Type="{make.OFFICE}/calcChain" Target="calcChain.xml"/>'.encode()
    kind = f'<Override PartName="/xl/calcChain.xml" ContentType="{make.KIND}calcChain+xml"/>'.encode()
    relations, types = "xl/_rels/workbook.xml.rels", "[Content_Types].xml"
    made["xl/calcChain.xml"] = CALC_CHAIN.encode()
    made[relations] = made[relations].replace(b"</Relationships>", relation + b"</Relationships>")
    made[types] = made[types].replace(b"</Types>", kind + b"</Types>")
    path = tmp_path / "chain.xlsx"
    make.pack(path, made)
    kept = parts(mended(path, {2: {0: "7"}}, tmp_path))
    assert "xl/calcChain.xml" in kept  # no formula has gone
    assert b'<calcPr fullCalcOnLoad="1"/>' in kept["xl/workbook.xml"]
    gone = parts(mended(path, {2: {1: "7"}}, tmp_path))
    assert "xl/calcChain.xml" not in gone
    assert relation not in gone[relations]
    assert kind not in gone[types]


def test_settings_of_the_calculation_that_are_there_are_changed(tmp_path: Path) -> None:
    made = parts(written(tmp_path, FORMULAS))
    settings = b'<calcPr calcId="191029" fullCalcOnLoad="0"/>'
    made["xl/workbook.xml"] = made["xl/workbook.xml"].replace(b"</workbook>", settings + b"</workbook>")
    path = tmp_path / "settings.xlsx"
    make.pack(path, made)
    assert b'<calcPr calcId="191029" fullCalcOnLoad="1"/>' in parts(mended(path, {2: {0: "7"}}, tmp_path))["xl/workbook.xml"]


@pytest.mark.parametrize("place", [(1, 1), (2, 1)])
def test_a_cell_of_an_array_of_formulas_is_refused(tmp_path: Path, place: tuple[int, int]) -> None:
    rows = '<row r="1"><c r="B1"><f t="array" ref="B1:B2">A1:A2</f><v>1</v></c></row><row r="2"><c r="B2"><v>1</v></c></row>'
    path = written(tmp_path, rows)
    with pytest.raises(SheetError) as refused:
        mended(path, {place[0]: {place[1]: "x"}}, tmp_path)
    assert refused.value.message.key == "mended_copy.formula"
    assert refused.value.message.values["cell"] == f"B{place[0]}"


def test_a_shared_text_is_replaced_in_its_cell_alone(tmp_path: Path) -> None:
    rows = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>0</v></c></row>'
    path = written(tmp_path, rows, parts={"xl/sharedStrings.xml": shared("<t>甲</t>")})
    (row,) = rows_of(mended(path, {1: {1: "乙"}}, tmp_path))
    assert row.cells == ("甲", "乙")


def test_rows_and_cells_that_are_not_there_are_put_where_they_belong(tmp_path: Path) -> None:
    path = written(tmp_path, '<row r="1"><c r="A1"><v>1</v></c><c r="D1"><v>4</v></c></row><row r="4"/>')
    mends = {1: {1: "b", 4: "e"}, 2: {0: "new"}, 4: {2: "c"}, 6: {0: "last"}}
    cells = {row.number: row.cells for row in rows_of(mended(path, mends, tmp_path))}
    assert cells == {1: (1, "b", None, 4, "e"), 2: ("new",), 4: (None, None, "c"), 6: ("last",)}


CSVS = {
    "gb18030": 'clue_id;备注;x\r\n12;"张;三";"q"\r\n\r\n13;李四;\r\n',
    "utf-8-sig": 'clue_id;备注;x\n12;"张;三";"q"\n\n13;李四;\n',
    "utf-16": 'clue_id;备注;x\r12;"张;三";"q"\r\r13;李四;\r',
}


@pytest.mark.parametrize("encoding", CSVS)
def test_a_text_file_keeps_its_encoding_its_quotes_and_its_ends_of_lines(tmp_path: Path, encoding: str) -> None:
    text = CSVS[encoding]
    path = tmp_path / "sheet.csv"
    path.write_bytes(text.encode(encoding))
    target = mended(path, {2: {1: "王五", 2: 'r"'}, 4: {1: "赵;六", 2: "女"}}, tmp_path)
    expected = text.replace('"张;三"', '"王五"').replace('"q"', '"r"""').replace("李四;", '"赵;六";女')
    assert target.read_bytes() == expected.encode(encoding)


def test_a_sign_that_the_encoding_does_not_have_is_named(tmp_path: Path) -> None:
    path = tmp_path / "sheet.csv"
    path.write_bytes("clue_id,備註\n12,線索\n".encode("cp950"))
    with pytest.raises(SheetError) as refused:
        write_mended(path, {2: {1: "线"}}, tmp_path / "copy.csv", sheet_name="", read_as="cp950 ,")
    assert refused.value.message.key == "mended_copy.encoding"


def test_rows_that_the_file_does_not_have_any_more_are_told(tmp_path: Path) -> None:
    with pytest.raises(SheetError) as refused:
        mended(SHEETS / "csv_utf8.csv", {900: {1: "x"}}, tmp_path)
    assert refused.value.message.key == "file.changed"


def test_a_plain_workbook_holds_the_rows_where_they_were(tmp_path: Path) -> None:
    rows = [RowState(row, Status.PENDING, ("12", text), (), (), (), "", 0, "") for row, text in ((3, "=1+1"), (5, "乙"))]
    write_plain(("clue_id", "备注"), rows, tmp_path / "plain.xlsx")
    cells = {row.number: row.cells for row in rows_of(tmp_path / "plain.xlsx")}
    assert cells == {2: ("clue_id", "备注"), 3: ("12", "=1+1"), 5: ("12", "乙")}
