"""Rows and texts that the parser never sees: they are read as the parser would have had them read, and nothing else is."""

from __future__ import annotations

import io
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import pytest
import xlsxwriter
from files import make
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from support.corpus import READ
from support.mutations import mutated
from support.workbooks import SHEETS, rows_of, shared

from batch_editor.errors import SheetError
from batch_editor.sheets import markup, plain_rows, stream, strings, styles, workbook

#: Of what a row was read as, and of how the reading has ended.
Reading = tuple[list[object], str]

ADDRESSED = ("A{n}", "B{n}", "C{n}", "D{n}", "AA{n}", "XFD{n}")
PLAIN_CELLS = (
    '<c r="{a}"><v>{n}</v></c>',
    '<c r="{a}" t="s"><v>0</v></c>',
    '<c r="{a}" s="2" t="s"><v>1</v></c>',
    '<c r="{a}" t="s" s="1"><v>2</v></c>',
    '<c r="{a}" s="1"><v>12</v></c>',
    '<c r="{a}" t="n"><v>-1.5e3</v></c>',
    '<c r="{a}" s="2"/>',
    '<c r="{a}" s="77"/>',
    '<c r="{a}" t="b"><v>1</v></c>',
    '<c r="{a}" t="e"><v>#N/A</v></c>',
    '<c r="{a}" t="d"><v>1990-05-01</v></c>',
    '<c r="{a}" t="str"><v> x_x000D_ </v></c>',
    '<c r="{a}" t="inlineStr"><is><t>第"{n}"号\n</t></is></c>',
    '<c r="{a}" t="inlineStr"><is><t xml:space="preserve"> _x000D_ </t></is></c>',
    '<c r="{a}" t="inlineStr"><is><t></t></is></c>',
    '<c r="{a}" t="inlineStr"><v>v</v></c>',
    '<c r="{a}" t="s"><is><t>not shown</t></is></c>',
    '<c r="{a}"><v>１</v></c>',
)
ODD_CELLS = (
    '<c r="{a}"><v>1&#50;</v></c>',
    '<c r="{a}"><v>1<!-- 2 --></v></c>',
    '<c r="{a}"><v><![CDATA[</v></c></row>]]></v></c>',
    '<c r="{a}"><!-- </row> --><v>5</v></c>',
    '<c r="{a}"><?x </row>?><v>6</v></c>',
    '<c r="{a}"><f>1</f><v>2</v></c>',
    '<c r="{a}" t="str"><f>1</f></c>',
    '<c r="{a}"><v/></c>',
    '<c r="{a}"><v></v></c>',
    "<c><v>7</v></c>",
    '<c r="{a}" ><v>8</v></c>',
    '<c t="s" r="{a}"><v>1</v></c>',
    '<c r="{a}"  s="1"><v>9</v></c>',
    "<c r='{a}'><v>10</v></c>",
    '<c r="{a}" t="inlineStr"><is><t>a&lt;b&none;</t></is></c>',
    '<c r="{a}" t="inlineStr"><is><t>a&amp;b\r\n</t></is></c>',
    '<c r="{a}" t="inlineStr"><is><t>\r</t></is></c>',
    '<c r="{a}" t="inlineStr"><is><t>1</t><t>2</t></is></c>',
    '<c r="{a}" t="inlineStr"><is><r><t>1</t></r></is></c>',
)
WRONG_CELLS = (
    '<c r="{a}" r="{a}"><v>1</v></c>',
    '<c r="{a}" s="1" s="1"><v>1</v></c>',
    '<c r="{a}" s="77"><v>1</v></c>',
    '<c r="{a}" t="s"><v>99</v></c>',
    '<c r="{a}" t="s"><v>x</v></c>',
    '<c r="{a}" t="x"><v>1</v></c>',
    '<c r="{a}"><v>1.2.3</v></c>',
    '<c r="{a}" t="inlineStr"><is><t>a]]>b</t></is></c>',
    '<c r="{a}" t="inlineStr"><is><t>\x01</t></is></c>',
    '<c r="{a}" t="inlineStr"><is><t>\uffff</t></is></c>',
    '<c r="{a}" t="inlineStr"><is><t>a & b</t></is></c>',
    '<c r="{a}" t="inlineStr"><is><t>a</is></t></c>',
    '<c r="{a}"><v>1</c></v>',
    '<c r="{a}"s="1"><v>1</v></c>',
    '<c r="{a}" s=1><v>1</v></c>',
    '<c r="{a}" a:b:c="1"><v>1</v></c>',
    '<c r="A1{n}"><v>1</v></c>',
    '<c r="ZZZ{n}"><v>1</v></c>',
    '<c r="B{n}"><v>1</v></c><c r="A{n}"><v>1</v></c>',
    "<row/>",
    "<c>",
)
ATTRIBUTES = (
    "",
    ' spans="1:6"',
    ' spans="1:6" ht="15" hidden="1" customHeight="1" x14ac:dyDescent="0.25"',
    ' hidden="true"',
    ' customFormat="false" hidden="false"',
    " hidden='1'",
    ' hidden="&#49;"',
)
WRONG_ATTRIBUTES = (' hidden="1" hidden="1"', ' r="1"', ' a="<"', ' a="\x01"', ' 1="1"', " a")
HEADS = ('<row r="{n}"{attributes}>', '<row r="{n}"{attributes}>\n', "<row{attributes}>", '<row{attributes} r="{n}">')
BETWEEN = (
    *("\n", " ", "x", "\t", "<!-- -->", "<?x?>", "<![CDATA[]]>", "<![CDATA[</row>]]>", "&amp;"),
    '<!-- <row r="{n}"><c r="A{n}"><v>1</v></c></row> -->',
    '<?x <row r="{n}"><c r="A{n}"><v>1</v></c></row>?>',
    '<extLst><row r="{n}"><c r="A{n}"><v>1</v></c></row></extLst>',
    '<y:AlternateContent><y:Fallback><row r="{n}"><c r="A{n}"><v>1</v></c></row></y:Fallback></y:AlternateContent>',
    '<y:AlternateContent><y:Choice><row r="{n}"><c r="A{n}"><v>1</v></c></row></y:Choice></y:AlternateContent>',
    '<row r="{n}" hidden="1"/>',
    # In which there is the end of a row, and then a row that is none.
    '<![CDATA[</row><row r="{n}"><c r="A{n}"><v>1</v></c></row>]]>',
    '<!-- </row><row r="{n}"><c r="A{n}"><v>1</v></c></row> -->',
    '<?x </row><row r="{n}"><c r="A{n}"><v>1</v></c></row>?>',
    '<extLst><row></row><row r="{n}"><c r="A{n}"><v>1</v></c></row></extLst>',
)
WRONG_BETWEEN = (
    *("<!--", "-->", "<![CDATA[", "<?x ", "&none;", "<extLst>", "<row>", "</row>", "<y:row/>", "\x01", "\uffff", "]]>"),
    *("<!DOCTYPE x>", "</sheetData><sheetData>", "</sheetData>", "<c/>"),
)
STARTS = ("<sheetData>", '<?xml version="1.0" encoding="UTF-8"?><sheetData>', '<?xml version="1.0"?>\n<sheetData>')
ENDS = ("</sheetData></worksheet>", "\n</sheetData>\n<a/>\n</worksheet>\n", "</sheetData></worksheet>x", "</sheetData>", "")


def mostly(usual: Iterable[str], odd: Iterable[str], wrong: Iterable[str]) -> st.SearchStrategy[str]:
    """One of the usual ones, seldom an odd one, and hardly ever one that is wrong."""
    kinds = [usual] * 24 + [odd] * 3 + [wrong]
    return st.sampled_from(kinds).flatmap(lambda kind: st.sampled_from(list(kind)))


@st.composite
def sheets(draw: st.DrawFn) -> bytes:
    """The XML of a sheet, most of whose rows are plain."""
    content = [draw(mostly(STARTS[:1], STARTS[1:], ["<sheetData/><sheetData>"])) if draw(st.booleans()) else STARTS[0]]
    number = 0
    for _ in range(draw(st.integers(0, 12))):
        number += draw(st.sampled_from([1] * 30 + [2, 1000, 0, -1, 2_000_000]))
        addresses = [place for place in ADDRESSED if draw(st.sampled_from([True, True, False]))]
        if draw(st.integers(0, 60)) == 0:
            addresses.reverse()
        cells = "".join(
            draw(mostly(PLAIN_CELLS, ODD_CELLS, WRONG_CELLS)).replace("{a}", place).replace("{n}", str(number))
            for place in (address.format(n=number) for address in addresses)
        )
        head = draw(mostly(HEADS[:1], HEADS[1:], HEADS[:1]))
        attributes = draw(mostly(ATTRIBUTES, ATTRIBUTES, WRONG_ATTRIBUTES))
        content.append(head.format(n=number, attributes=attributes) + cells + "</row>")
        if draw(st.integers(0, 4)) == 0:
            content.append(draw(mostly(BETWEEN, BETWEEN, WRONG_BETWEEN)).replace("{n}", str(number + 1)))
            number += "r=" in content[-1]
    content.append(draw(mostly(ENDS[:2], ENDS, ENDS)))
    prolog, _, rows = "".join(content).partition("<sheetData>")
    text = f'{prolog}<worksheet xmlns="{make.MAIN}" xmlns:y="urn:y"><sheetData>{rows}'
    encoding = draw(st.sampled_from(["utf-8"] * 9 + ["utf-8-sig", "utf-16", "gbk"]))
    return text.encode(encoding, "surrogatepass" if encoding.startswith("utf") else "replace")


def read(content: bytes, *, by_parser: bool, piece: int = 1 << 14, wait: int = 1 << 16) -> Reading:
    """The rows of a sheet, with all that they say, and how the reading ends."""
    items = ("<t>zero</t>", "<t></t>", f"<t>{'长' * 2000}</t>")
    rows: list[object] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(markup, "_PIECE", piece)
        patch.setattr(markup, "_LONGEST_WAIT", wait)
        patch.setattr(stream, "_MOST_PIECES", 1 << 20)  # such as they are here
        patch.setattr(strings, "_MOST_PIECES", 1 << 20)
        if by_parser:
            parse_all(patch)
        texts = strings.SharedTexts(io.BytesIO(shared(*items).encode()))
        formats = styles.Formats(styles.moments([0, 1, 2], {0: "General", 1: "yyyy", 2: "0"}, from_1904=False))
        try:
            with workbook.damage(Path("made.xlsx")):
                rows.extend((row, row.hidden) for row in stream.read_rows(io.BytesIO(content), texts, formats))
        except SheetError as error:
            return rows, error.message.key
    return rows, ""


def parse_all(patch: pytest.MonkeyPatch) -> None:
    """Has everything go through the parser: nothing ends as it must for anything to be taken."""
    patch.setattr(stream, "ROW_ENDS", "</nothing>")
    patch.setattr(strings, "TEXT_ENDS", "</nothing>")


def assert_same(one: Reading, other: Reading) -> None:
    """Both are the same; of what is refused, one may have handed on more rows before that."""
    assert one[1] == other[1]
    shortest = min(len(one[0]), len(other[0])) if one[1] else None
    assert one[0][:shortest] == other[0][:shortest]


def check_any_sheet(content: bytes, piece: int, wait: int) -> None:
    assert_same(read(content, by_parser=False, piece=piece, wait=wait), read(content, by_parser=True))


SIZES = st.sampled_from([1, 7, 50, 64, 200, 1 << 14])
WAITS = st.sampled_from([0, 100, 1 << 16])


@given(sheets(), SIZES, WAITS)
def test_any_sheet_is_read_as_the_parser_has_it_read(content: bytes, piece: int, wait: int) -> None:
    check_any_sheet(content, piece, wait)


@pytest.mark.slow
@settings(max_examples=2000)
@given(sheets(), SIZES, WAITS)
def test_any_of_very_many_sheets_is_read_as_the_parser_has_it_read(content: bytes, piece: int, wait: int) -> None:
    check_any_sheet(content, piece, wait)


PLAIN_START = f'<worksheet xmlns="{make.MAIN}" xmlns:y="urn:y"><sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
PLAIN_ROW = '<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>'


@pytest.mark.parametrize("piece", [60, 1 << 14])
@pytest.mark.parametrize(
    "odd", [cell.replace("{a}", "A3") for cell in (*PLAIN_CELLS, *ODD_CELLS, *WRONG_CELLS)], ids=lambda cell: repr(cell)
)
def test_any_cell_between_plain_ones(odd: str, piece: int) -> None:
    row = f'<row r="3">{odd.replace("{n}", "3")}<c r="XFD3"><v>3</v></c></row>'
    content = "".join([PLAIN_START, PLAIN_ROW.format(n=2), row, PLAIN_ROW.format(n=4), PLAIN_ROW.format(n=5), ENDS[0]]).encode()
    assert_same(read(content, by_parser=False, piece=piece), read(content, by_parser=True))


@pytest.mark.parametrize("piece", [60, 1 << 14])
@pytest.mark.parametrize("between", [*BETWEEN, *WRONG_BETWEEN])
def test_anything_between_plain_rows(between: str, piece: int) -> None:
    rows = PLAIN_ROW.format(n=2), between.replace("{n}", "3"), PLAIN_ROW.format(n=4), PLAIN_ROW.format(n=5)
    content = "".join([PLAIN_START, *rows, ENDS[0]]).encode()
    assert_same(read(content, by_parser=False, piece=piece), read(content, by_parser=True))


@pytest.mark.parametrize("wait", [0, 1 << 16])
def test_a_comment_that_begins_in_one_piece_and_ends_in_another(wait: int) -> None:
    comment = '<!-- </row><row r="3"><c r="A3"><v>3</v></c></row> -->'
    content = (PLAIN_START + comment + PLAIN_ROW.format(n=4) + ENDS[0]).encode()
    expected = read(content, by_parser=True)
    for piece in range(len(PLAIN_START) - 10, len(PLAIN_START) + len(comment)):
        assert_same(read(content, by_parser=False, piece=piece, wait=wait), expected)


@pytest.mark.parametrize("attributes", [*ATTRIBUTES, *WRONG_ATTRIBUTES])
def test_any_attributes_of_a_plain_row(attributes: str) -> None:
    row = f'<row r="3"{attributes}><c r="A3"><v>3</v></c></row>'
    content = "".join([PLAIN_START, PLAIN_ROW.format(n=2), row, PLAIN_ROW.format(n=4), ENDS[0]]).encode()
    assert_same(read(content, by_parser=False), read(content, by_parser=True))


@pytest.mark.parametrize("numbers", [(1,), (2, 2), (3, 2), (0,), (1_048_577,), (1_048_576, 1_048_577)])
def test_plain_rows_out_of_order_are_refused(numbers: tuple[int, ...]) -> None:
    content = (PLAIN_START + "".join(PLAIN_ROW.format(n=number) for number in numbers) + ENDS[0]).encode()
    assert read(content, by_parser=False)[1] == "xlsx.damaged"


def test_plain_rows_have_no_more_text_than_a_sheet_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "_MOST_TEXT", 5000)
    cells = [f'<c r="{letter}2" t="s"><v>2</v></c>' for letter in "ABC"]
    for count, key in ((2, ""), (3, "xlsx.too_large")):
        content = f'{PLAIN_START}<row r="2">{"".join(cells[:count])}</row>{ENDS[0]}'.encode()
        assert read(content, by_parser=False)[1] == read(content, by_parser=True)[1] == key


@pytest.mark.parametrize(("last", "width"), [('t="s"><v>1</v></c>', 3), ('s="1"/>', 1)])
def test_a_plain_row_is_as_wide_as_the_parser_has_it(last: str, width: int) -> None:
    cells = f'<c r="A2"><v>2</v></c><c r="C2" {last}'
    content = f'{PLAIN_START}<row r="2">{cells}</row>{PLAIN_ROW.format(n=3)}{ENDS[0]}'.encode()
    for parse in (True, False):
        with pytest.MonkeyPatch.context() as patch:
            if parse:
                parse_all(patch)
            texts = strings.SharedTexts(io.BytesIO(shared("<t>zero</t>", "<t></t>").encode()))
            (_, row, _) = stream.read_rows(io.BytesIO(content), texts, styles.Formats([]))
            assert (row.cells, row.width) == ((2,), width)


def test_a_sheet_of_many_plain_rows_and_texts_is_no_row_without_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markup, "_PIECE", 100)
    monkeypatch.setattr(stream, "_MOST_PIECES", 2)
    monkeypatch.setattr(strings, "_MOST_PIECES", 2)
    content = PLAIN_START + "".join(PLAIN_ROW.format(n=number) for number in range(2, 500)) + ENDS[0]
    texts = strings.SharedTexts(io.BytesIO(shared(*(f"<t>text {number}</t>" for number in range(500))).encode()))
    texts.drain()
    assert len(list(stream.read_rows(io.BytesIO(content.encode()), texts, styles.Formats([])))) == 499


@pytest.mark.parametrize("encoding", ["gbk", "iso-8859-1", "utf-16", "us-ascii"])
def test_only_utf8_is_taken(encoding: str) -> None:
    """Each byte of these is also UTF-8, and says something else there."""
    cell = '<c r="A2" t="inlineStr"><is><t>|</t></is></c>'
    content = f'<?xml version="1.0" encoding="{encoding}"?>{PLAIN_START}<row r="2">{cell}</row>{ENDS[0]}'
    encoded = content.encode(encoding).replace("|".encode(encoding)[-2:], "é".encode())
    assert_same(read(encoded, by_parser=False), read(encoded, by_parser=True))


ITEMS = (
    *("<si><t>上海</t></si>", '<si><t xml:space="preserve"> a </t></si>', "<si><t></t></si>", "<si><t>_x000D_]]</t></si>"),
    *('<si><t>拼音</t><phoneticPr fontId="1" type="noConversion"/></si>', "<si><t>\n</t></si>", f"<si><t>{'x' * 300}</t></si>"),
)
ODD_ITEMS = (
    *("<si><t/></si>", "<si/>", "<si>\n<t>a</t></si>", "<si><r><t>a</t></r><r><t>b</t></r></si>", "<si><t>a&amp;b</t></si>"),
    *("<si><t>a<!-- </si> --></t></si>", "<si><t>a<![CDATA[</si>]]></t></si>", "<!-- <si><t>a</t></si> -->", "\n"),
    *("<extLst><si></si><si><t>x</t></si></extLst>", "<si><t>a<![CDATA[</si><si><t>b</t></si>]]></t></si>"),
    *("<!-- </si><si><t>b</t></si> -->", "<?x </si><si><t>b</t></si>?>"),
    *("<extLst><si><t>x</t></si></extLst>", "<si><t>\r</t></si>", "<?x <si><t>a</t></si>?>", "<![CDATA[</si>]]>"),
)
WRONG_ITEMS = (
    *(
        "<si><t>a]]>b</t></si>",
        "<si><t>\x01</t></si>",
        "<si><t>a</si></t>",
        "<si><t>&none;</t></si>",
        "<!--",
        "<si><t>\uffff</t></si>",
    ),
    *(
        "<si><si><t>a</t></si></si>",
        '<si><t xml:space="preserve" xml:space="preserve">a</t></si>',
        "</si>",
        "<t>a</t>",
        "<extLst>",
    ),
)


def texts_of(items: list[str], *, by_parser: bool, piece: int) -> Reading:
    texts: list[object] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(markup, "_PIECE", piece)
        patch.setattr(strings, "_MOST_PIECES", 1 << 20)  # such as they are here
        if by_parser:
            parse_all(patch)
        content = f'<sst xmlns="{make.MAIN}">{"".join(items)}</sst>'.encode()
        shared_texts = strings.SharedTexts(io.BytesIO(content))
        try:
            with workbook.damage(Path("made.xlsx")):
                shared_texts.drain()
        except SheetError as error:
            return [], error.message.key
        while True:
            try:
                texts.append(shared_texts[str(len(texts))])
            except IndexError:
                return texts, ""


@given(st.lists(mostly(ITEMS, ODD_ITEMS, WRONG_ITEMS), max_size=20), SIZES)
def test_any_shared_texts_are_read_as_the_parser_has_them_read(items: list[str], piece: int) -> None:
    assert_same(texts_of(items, by_parser=False, piece=piece), texts_of(items, by_parser=True, piece=1 << 14))


@pytest.mark.parametrize("item", [*ITEMS, *ODD_ITEMS, *WRONG_ITEMS])
def test_any_text_between_plain_ones(item: str) -> None:
    items = ["<si><t>first</t></si>", "<si><t>second</t></si>", item, "<si><t>third</t></si>", "<si><t>last</t></si>"]
    assert_same(texts_of(items, by_parser=False, piece=1 << 14), texts_of(items, by_parser=True, piece=1 << 14))


def reading_of(path: Path) -> list[Reading]:
    """What each sheet of a workbook is read as."""
    readings: list[Reading] = []
    try:
        for sheet in workbook.read_workbook(path):
            rows: list[object] = []
            readings.append((rows, ""))
            rows.extend((row, row.width, row.hidden) for row in sheet.rows())
    except SheetError as error:
        readings.append(((readings.pop()[0] if readings else []), error.message.key))
    return readings


def assert_same_workbook(path: Path) -> None:
    ours = reading_of(path)
    with pytest.MonkeyPatch.context() as patch:
        parse_all(patch)
        parsed = reading_of(path)
    assert len(ours) == len(parsed)
    for one, other in zip(ours, parsed, strict=True):
        assert_same(one, other)


@pytest.mark.parametrize("path", sorted(SHEETS / name for name in READ if Path(name).suffix in (".xlsx", ".xlsm")), ids=str)
def test_each_sheet_of_the_corpus_is_read_as_the_parser_has_it_read(path: Path) -> None:
    assert_same_workbook(path)


def check_mutated(numbers: Iterable[int], folder: Path) -> None:
    for number in numbers:
        name, content = mutated(number)
        if name.endswith(".xlsx"):
            (folder / name).write_bytes(content)
            assert_same_workbook(folder / name)
            (folder / name).unlink()


def test_damaged_workbooks_are_read_as_the_parser_has_them_read(tmp_path: Path) -> None:
    check_mutated(range(0, 2000, 23), tmp_path)


@pytest.mark.slow
def test_all_damaged_workbooks_are_read_as_the_parser_has_them_read(tmp_path: Path) -> None:
    check_mutated(range(2000), tmp_path)


def written_by(writer: str, path: Path) -> None:
    """A workbook of 300 rows with gaps, numbers and texts."""
    rows = [[f"第{row}号", row, row / 7, None if row % 3 else "x", None, " a"] for row in range(1, 301)]
    if writer == "openpyxl" or writer == "openpyxl, write-only":
        book = Workbook(write_only=writer != "openpyxl")
        sheet = book.create_sheet() if writer != "openpyxl" else book.active
        for row in rows:
            sheet.append(row)
        book.save(path)
        return
    with xlsxwriter.Workbook(
        path, {"constant_memory": writer == "XlsxWriter, constant memory", "tmpdir": str(path.parent)}
    ) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True})
        for number, row in enumerate(rows):
            sheet.set_row(number, 20, None, {"hidden": number % 9 == 5})
            for column, value in enumerate(row):
                sheet.write(number, column, value, bold if column == 4 else None)


@pytest.mark.parametrize("writer", ["openpyxl", "openpyxl, write-only", "XlsxWriter", "XlsxWriter, constant memory"])
def test_what_the_usual_writers_write_is_plain(writer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All rows but the first, which tells that the parser is among the rows."""
    path = tmp_path / "written.xlsx"
    written_by(writer, path)
    assert_same_workbook(path)
    taken = []

    def plain_row(text: str, start: int) -> plain_rows.PlainRow | None:
        row = plain_rows.plain_row(text, start)
        taken.extend([row.number] if row else [])
        return row

    monkeypatch.setattr(stream, "plain_row", plain_row)
    assert len(rows_of(path)) == 300
    assert taken == list(range(2, 301))
    assert all(before < after for before, after in pairwise(taken))
