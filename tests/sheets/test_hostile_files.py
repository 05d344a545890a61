"""Files that were made to do harm, or were harmed, end in a refusal: soon, in little memory, and with a sentence that helps.

Each goes through the real command. It is the memory that is measured; that nothing hangs, the time limit of each test sees to.
"""

from __future__ import annotations

import random
import re
import struct
import sys
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pytest
from support import foreign as made
from support.foreign import Page, page
from support.peaks import Peak, measured

from batch_editor.messages import TEXTS

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="peaks of memory are not told there"),
]

SHEETS = Path(__file__).parent.parent / "files"
MOST = 500  # MB
MB = 1 << 20
ROW = '<table:table-row><table:table-cell office:value-type="string"{}>{}</table:table-cell></table:table-row>'
#: Whatever is wrong with a workbook, one of these says it.
XLSX = {"xlsx.damaged", "xlsx.too_large", "file.packed"}
FOREIGN = {"foreign.damaged", "xlsx.too_large", "xlsx.damaged"}
CSV = {"csv.long_cell", "csv.quotes", "csv.too_wide"}
Make = Callable[[Path], object]
CASES: dict[str, tuple[Make, set[str]]] = {}


def hostile(name: str, keys: set[str]) -> Callable[[Make], Make]:
    """Adds what makes the file ``name`` to the cases, with the keys of the refusals that fit."""

    def add(make: Make) -> Make:
        assert name not in CASES
        CASES[name] = make, keys
        return make

    return add


def parts_of(name: str) -> dict[str, bytes]:
    with zipfile.ZipFile(SHEETS / name) as archive:
        return {part: archive.read(part) for part in archive.namelist()}


def pack(path: Path, parts: Mapping[str, str | bytes | Iterable[bytes]], method: int = zipfile.ZIP_DEFLATED) -> None:
    """A zip with these parts, large ones piece by piece."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in parts.items():
            with archive.open(name, "w", force_zip64=True) as part:
                for piece in [content] if isinstance(content, str | bytes) else content:
                    part.write(piece.encode() if isinstance(piece, str) else piece)


def many(what: bytes, size: int, before: bytes = b"", after: bytes = b"") -> Iterable[bytes]:
    """``size`` bytes of ``what`` again and again, between two others."""
    block = what * (MB // len(what) + 1)
    yield before
    for _ in range(size // len(block) + 1):
        yield block
    yield after


def sheet_xml(rows: str | bytes = b"") -> tuple[bytes, bytes]:
    """What stands before and after the rows of a worksheet."""
    before, _, after = parts_of("xlsx_called_csv.csv")["xl/worksheets/sheet1.xml"].partition(b"<row")
    return before, after[after.index(b"</sheetData>") :]


def xlsx(path: Path, sheet: Iterable[bytes], **more: Iterable[bytes]) -> None:
    """A workbook with this worksheet."""
    parts = parts_of("xlsx_called_csv.csv")
    pack(path, parts | {"xl/worksheets/sheet1.xml": sheet} | more)


def ods(path: Path, rows: str) -> None:
    """An .ods with these rows."""
    path.write_bytes(made.packed(made.ods_parts(made.ods_table(rows))))


# --- zips


@hostile("bomb_in_the_sheet.xlsx", XLSX)
def _(path: Path) -> None:
    before, after = sheet_xml()
    xlsx(path, many(b" ", 300 * MB, before, after))


@hostile("bomb_of_rows.xlsx", {"headings.no_clue_id"})  # packed like a real sheet, of which no more than the top is read
def _(path: Path) -> None:
    before, after = sheet_xml()
    xlsx(path, many(b"<row><c><v>1</v></c></row>", 300 * MB, before, after))


@hostile("bomb_in_the_types.xlsx", XLSX)
def _(path: Path) -> None:
    pack(path, {"[Content_Types].xml": many(b" ", 1500 * MB)})


@hostile("bomb_in_the_mimetype.ods", XLSX)
def _(path: Path) -> None:
    pack(path, {"mimetype": many(b" ", 1500 * MB)})


@hostile("bomb_in_the_content.ods", FOREIGN)
def _(path: Path) -> None:
    pack(path, made.ods_parts("") | {"content.xml": many(b" ", 600 * MB)})


@hostile("bomb_in_the_sheet.xlsb", FOREIGN)
def _(path: Path) -> None:
    pack(path, made.xlsb_parts(page(["x"])) | {"xl/worksheets/sheet1.bin": many(b"\0", 600 * MB)})


@hostile("bomb_within_the_bounds.ods", FOREIGN)
def _(path: Path) -> None:
    """Packed no tighter than real cells, and more of them than fit into the memory."""
    before, after = str(made.ods_parts(made.ods_table("|"))["content.xml"]).encode().split(b"|")
    cell = b'<table:table-cell office:value-type="string"><text:p>%d</text:p></table:table-cell>'
    row = b"<table:table-row>" + b"".join(cell % (number * 7919) for number in range(200)) + b"</table:table-row>"
    pack(path, made.ods_parts("") | {"content.xml": many(row, 500 * MB, before, after)})


@hostile("seventy_thousand_parts.xlsx", XLSX)
def _(path: Path) -> None:
    pack(path, parts_of("xlsx_called_csv.csv") | {f"xl/media/{number:020}.xml": b"" for number in range(70_000)})


@hostile("three_million_parts.xlsx", XLSX)
def _(path: Path) -> None:
    entry = struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"x"
    directory = entry * 3_000_000
    end = struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 45, 45, 0, 0, 3_000_000, 3_000_000, len(directory), 4)
    finder = struct.pack("<IIQI", 0x07064B50, 0, 4 + len(directory), 1)
    last = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    path.write_bytes(b"PK\3\4" + directory + end + finder + last)


def lie(path: Path, part: str, size: int) -> None:
    """Let the directory and the part's own head say that it unpacks to ``size`` bytes."""
    data = bytearray(path.read_bytes())
    name = part.encode()
    for match in re.finditer(re.escape(name), bytes(data)):
        for head, place in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
            start = match.start() - (30 if head == b"PK\3\4" else 46)
            if data[start : start + 4] == head:
                struct.pack_into("<I", data, start + place, size)
    path.write_bytes(bytes(data))


@hostile("sizes_that_lie.xlsx", XLSX)
def _(path: Path) -> None:
    before, after = sheet_xml()
    part = "xl/worksheets/sheet1.xml"
    content = before + b"<row><c><v>1</v></c></row>" * 4_000_000 + after
    path.write_bytes(made.packed(parts_of("xlsx_called_csv.csv") | {part: content}))
    lie(path, part, 2000)


@hostile("sizes_that_lie.ods", FOREIGN)
def _(path: Path) -> None:
    ods(path, ROW.format("", "<text:p>x</text:p>") * 2_000_000)
    lie(path, "content.xml", 2000)


@hostile("sizes_that_lie.xlsb", FOREIGN)
def _(path: Path) -> None:
    path.write_bytes(made.xlsb(page(["x"])))
    lie(path, "xl/worksheets/sheet1.bin", 0x7FFFFFFF)


@hostile("packed_by_lzma.xlsx", XLSX)
def _(path: Path) -> None:
    pack(path, {"[Content_Types].xml": many(b" ", 300 * MB)}, zipfile.ZIP_LZMA)


@hostile("packed_by_bzip2.ods", FOREIGN)
def _(path: Path) -> None:
    pack(path, made.ods_parts("") | {"mimetype": many(b" ", 600 * MB)}, zipfile.ZIP_BZIP2)


@hostile("nothing_but_an_end.zip", XLSX)
def _(path: Path) -> None:
    path.write_bytes(b"PK\5\6" + bytes(18))


# --- XML


def laughs() -> bytes:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return f'<!DOCTYPE x [<!ENTITY l0 "ha">{entities}]>'.encode()


@hostile("laughs.xlsx", XLSX)
def _(path: Path) -> None:
    path.write_bytes((SHEETS / "xlsx_laughs.xlsx").read_bytes())


@hostile("laughs.ods", FOREIGN)
def _(path: Path) -> None:
    content = str(made.ods_parts(made.ods_table(ROW.format("", "<text:p>&l9;</text:p>")))["content.xml"]).encode()
    pack(path, made.ods_parts("") | {"content.xml": content.replace(b"?>", b"?>" + laughs(), 1)})


@hostile("nested.xlsx", XLSX)
def _(path: Path) -> None:
    before, _ = sheet_xml()
    xlsx(path, many(b"<row>", 20 * MB, before))


@hostile("nested.ods", FOREIGN)
def _(path: Path) -> None:
    ods(path, "<table:table-row><table:table-cell>" + "<text:span>" * 2_000_000)


@hostile("a_million_columns.xlsx", XLSX)
def _(path: Path) -> None:
    before, after = sheet_xml()
    xlsx(path, many(b"<c><v>1</v></c>", 15 * MB, before + b"<row>", b"</row>" + after))


@hostile("a_column_far_beyond_the_last.xlsx", XLSX)
def _(path: Path) -> None:
    before, after = sheet_xml()
    xlsx(path, [before, b'<row r="1"><c r="ZZZZZZ1"><v>1</v></c></row>', after])


@hostile("a_million_columns.ods", FOREIGN)
def _(path: Path) -> None:
    ods(path, ROW.format(' table:number-columns-repeated="1000000"', "<text:p>x</text:p>"))


@hostile("columns_without_end.ods", FOREIGN)
def _(path: Path) -> None:
    ods(path, ROW.format(' table:number-columns-repeated="2147483648"', "<text:p>x</text:p>"))


@hostile("rows_without_end.ods", FOREIGN)
def _(path: Path) -> None:
    ods(path, ROW.format("", "<text:p>x</text:p>").replace("-row>", '-row table:number-rows-repeated="2147483648">', 1))


@hostile("blanks_without_end.ods", FOREIGN)
def _(path: Path) -> None:
    blank = '<table:table-cell table:number-columns-repeated="2147483648"/>'
    ods(path, ROW.format("", "<text:p>x</text:p>").replace("<table:table-cell", blank + "<table:table-cell", 1))


@hostile("blank_rows_without_end.ods", FOREIGN)
def _(path: Path) -> None:
    row = ROW.format("", "<text:p>x</text:p>")
    ods(path, f'{row}<table:table-row table:number-rows-repeated="2147483648"><table:table-cell/></table:table-row>{row}')


@hostile("spaces_without_end.ods", FOREIGN)
def _(path: Path) -> None:
    ods(path, ROW.format("", '<text:p><text:s text:c="99999999999"/></text:p>'))


@hostile("a_text_in_every_column.ods", FOREIGN)
def _(path: Path) -> None:
    ods(path, ROW.format(' table:number-columns-repeated="16384"', f"<text:p>{'中' * 30_000}</text:p>"))


# --- records


@hostile("a_million_columns.xlsb", FOREIGN)
def _(path: Path) -> None:
    path.write_bytes(made.xlsb(Page({1: {1_000_000: 1.5}})))


@hostile("one_far_cell.xlsb", FOREIGN)
def _(path: Path) -> None:
    path.write_bytes(made.xlsb(Page({1: {0: "clue_id"}, 1_048_576: {16_383: "x"}})))


@hostile("a_record_of_256_mb.xlsb", FOREIGN)
def _(path: Path) -> None:
    parts = made.xlsb_parts(page(["x"]))
    sheet = parts["xl/worksheets/sheet1.bin"]
    assert isinstance(sheet, bytes)
    path.write_bytes(made.packed(parts | {"xl/worksheets/sheet1.bin": sheet[:-10] + b"\6\xff\xff\xff\x7f" + b"x" * 100}))


@hostile("texts_that_are_not_there.xlsb", FOREIGN)
def _(path: Path) -> None:
    shared = made.record12(159, struct.pack("<II", 0xFFFFFFFF, 0xFFFFFFFF)) + made.record12(160)
    path.write_bytes(made.packed(made.xlsb_parts(page(["x"])) | {"xl/sharedStrings.bin": shared}))


@hostile("noise.xls", FOREIGN)
def _(path: Path) -> None:
    path.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + random.Random(1).randbytes(100_000))


@hostile("sectors_in_a_circle.xls", FOREIGN)
def _(path: Path) -> None:
    data = bytearray(made.xls(page(*[["x" * 100]] * 200)))
    struct.pack_into("<I", data, 512 + 4 * 5, 2)
    path.write_bytes(bytes(data))


@hostile("tables_that_are_not_there.xls", FOREIGN)
def _(path: Path) -> None:
    data = bytearray(made.xls(page(["x"])))
    struct.pack_into("<I", data, 44, 0xFFFFFFF0)  # sectors of the table
    struct.pack_into("<II", data, 68, 0, 0xFFFFFFF0)  # where more of them are listed
    path.write_bytes(bytes(data))


@hostile("sizes_that_lie.xls", FOREIGN)
def _(path: Path) -> None:
    dimensions = made.record8(0x0200, struct.pack("<IIHHH", 0, 0xFFFFFFFE, 0, 0xFFFE, 0))
    texts = made.record8(0x00FC, struct.pack("<II", 0x7FFFFFFF, 0x7FFFFFFF))
    stream = made.xls_stream(page(["x"]), more=texts)
    path.write_bytes(made.compound(stream[:-4] + dimensions + stream[-4:]))


@hostile("no_end.xls", FOREIGN)
def _(path: Path) -> None:
    path.write_bytes(made.compound(made.xls_stream(page(["x"]))[:-4]))


# --- text


@hostile("nuls.csv", {"csv.nul"})
def _(path: Path) -> None:
    path.write_bytes(b"clue_id,remark\n1,a\0b\n" * 100 + b"1,\0\0\0\n")


@hostile("one_line.csv", CSV)
def _(path: Path) -> None:
    path.write_bytes(b"clue_id,remark\n1," + b"x" * (100 * MB))


@hostile("one_line_of_chinese.csv", CSV)
def _(path: Path) -> None:
    path.write_bytes("线索ID,描述\n1,".encode("gb18030") + "中".encode("gb18030") * (50 * MB))


@hostile("one_line_in_quotes.csv", CSV)
def _(path: Path) -> None:
    path.write_bytes(b'clue_id,remark\n1,"' + b"x" * (100 * MB) + b'"\n')


@hostile("one_cell_of_many_lines.csv", CSV)
def _(path: Path) -> None:
    path.write_bytes(b'clue_id,remark\n1,"' + b"xxxxxxx\n" * (100 * MB // 8) + b'"\n')


@hostile("nothing_but_quotes.csv", CSV)
def _(path: Path) -> None:
    path.write_bytes(b"clue_id,remark\n" + b'"' * (100 * MB))


@hostile("lines_of_quotes.csv", CSV | {"headings.no_clue_id"})
def _(path: Path) -> None:
    path.write_bytes(b'""\n' * (8 * MB) + b'"')


@hostile("a_million_columns.csv", CSV)
def _(path: Path) -> None:
    path.write_bytes(b"clue_id,remark" + b",x" * 1_000_000 + b"\n1,x\n")


@hostile("a_million_commas.csv", CSV)
def _(path: Path) -> None:
    path.write_bytes(b"clue_id,remark\n1,x" + b"," * 1_000_000 + b"\n")


@hostile("one_row_of_many_lines_and_columns.csv", CSV)
def _(path: Path) -> None:
    path.write_bytes(b"clue_id,remark\n1" + b',"\n",,,,,,,,,,,,,,,' * (4 * MB))


@hostile("one_line.txt", CSV | {"csv.encoding", "headings.no_clue_id"})
def _(path: Path) -> None:
    path.write_bytes(random.Random(1).randbytes(100) * (MB // 2))


# --- files of the corpus, cut or called another kind


def cut(name: str) -> Make:
    """What makes a file of the corpus without its last third."""
    whole = (SHEETS / name).read_bytes()
    return lambda path: path.write_bytes(whole[: len(whole) * 2 // 3])


for file_name in ("xlsx_dates.xlsx", "xls_of_libreoffice.xls", "ods_of_libreoffice.ods", "xlsb_hidden.xlsb"):
    CASES[f"cut_{file_name}"] = cut(file_name), XLSX | FOREIGN


@hostile("an_xlsx_that_calls_itself.xlsb", FOREIGN)
def _(path: Path) -> None:
    types = parts_of("xlsb_hidden.xlsb")["[Content_Types].xml"]
    pack(path, parts_of("xlsx_called_csv.csv") | {"[Content_Types].xml": types})


@hostile("an_xlsb_that_calls_itself.xlsx", XLSX | {"xlsx.no_sheet"})
def _(path: Path) -> None:
    types = parts_of("xlsx_called_csv.csv")["[Content_Types].xml"]
    pack(path, parts_of("xlsb_hidden.xlsb") | {"[Content_Types].xml": types})


@hostile("an_xlsx_that_calls_itself.ods", FOREIGN)
def _(path: Path) -> None:
    parts = parts_of("xlsx_called_csv.csv")
    del parts["[Content_Types].xml"]
    pack(path, {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"} | parts)


for file_name in ("xlsx_encrypted.xlsx", "xls_encrypted.xls", "ods_encrypted.ods"):
    CASES[file_name] = (
        (lambda path, file_name=file_name: path.write_bytes((SHEETS / file_name).read_bytes())),
        {"file.encrypted"},
    )


def key_of(peak: Peak) -> str:
    """Which of the texts the command ended with, without those that are a part of another."""
    fitting = [
        key
        for key, (english, _) in TEXTS.items()
        if key not in ("csv.hint", "headings.first_row")
        and key.partition(".")[0] in ("file", "foreign", "csv", "xlsx", "headings", "sheet")
        and re.search(re.sub(r"\\{\w+\\}", ".*", re.escape(english)), peak.output, re.DOTALL)
    ]
    assert len(fitting) == 1, peak.output[:2000]
    return fitting[0]


@pytest.mark.parametrize("name", CASES)
def test_it_is_refused_in_little_memory(name: str, tmp_path: Path) -> None:
    make, keys = CASES[name]
    path = tmp_path / name
    make(path)
    peak = measured(tmp_path, "check", path, "--lang", "en")
    path.unlink()  # some are large, and pytest keeps the folders of the last runs
    assert peak.code == 2, peak.output[:2000]
    assert key_of(peak) in keys
    assert max(peak.own, peak.children) < MOST


def test_the_measurement_sees_the_memory_of_the_command_and_of_its_process(tmp_path: Path) -> None:
    path = tmp_path / "sheet.ods"
    path.write_bytes((SHEETS / "ods_hidden.ods").read_bytes())
    peak = measured(tmp_path, "check", path, "--lang", "en")
    assert peak.code == 1
    assert 20 < peak.own < MOST
    assert 20 < peak.children < MOST
