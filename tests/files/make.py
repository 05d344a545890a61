"""Makes the sheets of this folder again, those that cannot be written by hand: python make.py

With ``--all`` it also makes the two that other libraries write (``pip install xlwt msoffcrypto-tool``); those of LibreOffice
make ``make_by_libreoffice.py``. Each file has one purpose, said by its name. The workbooks are written as XML, since no library
writes them as wrong as they are.
"""

from __future__ import annotations

import csv
import io
import sys
import zipfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from xml.sax.saxutils import escape

HERE = Path(__file__).parent
#: The first digits of the clue ids.
CLUE = "15910055219879219"
FULL_WIDTH = {ord(char): ord(char) + 0xFEE0 for char in "0123456789.+E"}
sys.path.append(str(HERE.parent))
from support import foreign  # noqa: E402  # the folder above is that of the tests

from batch_editor.cell_values import CellError, Uncomputed  # noqa: E402

ROWS = "clue_id,clue_name,remark\r\n1591005521987921928,上海测试,第一行\r\n1591005521987921929,北京测试,第二行\r\n"

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/"
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml."
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
DATES = (
    f'{HEAD}<styleSheet xmlns="{MAIN}"><fonts count="1"><font/></fonts>'
    '<fills count="1"><fill><patternFill/></fill></fills><borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="3"><xf/><xf numFmtId="14"/><xf numFmtId="46"/></cellXfs></styleSheet>'
)


def pack(name: str | Path, parts: Mapping[str, str | bytes]) -> None:
    """A zip that is the same each time, in this folder or at a path of its own."""
    with zipfile.ZipFile(HERE / name, "w") as archive:
        for part, text in parts.items():
            content = text.encode() if isinstance(text, str) else text
            archive.writestr(zipfile.ZipInfo(part), content, zipfile.ZIP_DEFLATED)


def sheet(rows: str, before: str = "", after: str = "") -> str:
    return f'{HEAD}<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


def parts_of(
    *sheets: str,
    names: tuple[str, ...] = (),
    states: tuple[str, ...] = (),
    properties: str = "",
    main: str = KIND + "sheet",
) -> dict[str, str]:
    """The parts of a workbook with these sheets; Sheet1, Sheet2, … unless named, visible unless a state is given."""
    names = names or tuple(f"Sheet{number}" for number in range(1, len(sheets) + 1))
    states = states or ("visible",) * len(sheets)
    listed = "".join(
        f'<sheet name="{name}" sheetId="{number}" state="{state}" r:id="rId{number}"/>'
        for number, (name, state) in enumerate(zip(names, states, strict=True), 1)
    )
    relations = "".join(
        f'<Relationship Id="rId{number}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        for number in range(1, len(sheets) + 1)
    )
    relations += (
        f'<Relationship Id="rIdStyles" Type="{OFFICE}/styles" Target="styles.xml"/>'
        f'<Relationship Id="rIdTexts" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
    )
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{KIND}worksheet+xml"/>'
        for number in range(1, len(sheets) + 1)
    )
    return {
        "[Content_Types].xml": (
            f'{HEAD}<Types xmlns="{PACKAGE}content-types"><Default Extension="xml" ContentType="application/xml"/>'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{main}.main+xml"/>'
            f'<Override PartName="/xl/sharedStrings.xml" ContentType="{KIND}sharedStrings+xml"/>{overrides}</Types>'
        ),
        "_rels/.rels": (
            f'{HEAD}<Relationships xmlns="{PACKAGE}relationships">'
            f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
        "xl/workbook.xml": (
            f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{properties}<sheets>{listed}</sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": (HEAD + f'<Relationships xmlns="{PACKAGE}relationships">{relations}</Relationships>'),
        "xl/styles.xml": DATES,
        "xl/sharedStrings.xml": f'{HEAD}<sst xmlns="{MAIN}"/>',
    } | {f"xl/worksheets/sheet{number}.xml": text for number, text in enumerate(sheets, 1)}


def text(address: str, value: str) -> str:
    return f'<c r="{address}" t="inlineStr"><is><t xml:space="preserve">{value}</t></is></c>'


def strict(parts: dict[str, str]) -> dict[str, str]:
    """The same as a Strict Open XML workbook."""
    purl = "http://purl.oclc.org/ooxml/"
    return {
        part: content.replace(MAIN, purl + "spreadsheetml/main").replace(OFFICE, purl + "officeDocument/relationships")
        for part, content in parts.items()
    }


def csvs() -> None:
    written = {
        "csv_utf8_bom.csv": ROWS.encode("utf-8-sig"),
        "csv_utf16_le_bom.csv": b"\xff\xfe" + ROWS.encode("utf-16-le"),
        "csv_utf16_be_bom.csv": b"\xfe\xff" + ROWS.encode("utf-16-be"),
        "csv_utf16_no_bom.csv": ROWS.encode("utf-16-le"),
        "csv_utf16_be_no_bom.csv": ROWS.encode("utf-16-be"),
        "csv_utf16_odd_length.csv": b"\xff\xfe" + ROWS.encode("utf-16-le") + b"\n",
        "csv_gb18030.csv": ROWS.encode("gb18030"),
        "csv_gb18030_like_utf8.csv": "clue_id,clue_name\r\n1,小伟\r\n".encode("gb18030"),
        "csv_utf8_one_accent.csv": "clue_id,clue_name\r\n1,Café\r\n".encode(),
        "csv_utf8_bom_one_accent.csv": "clue_id,clue_name\r\n1,Café\r\n".encode("utf-8-sig"),
        "csv_utf8_bom_damaged.csv": b"\xef\xbb\xbfclue_id,clue_name\r\n1,\xe4\xb8\r\n",
        # The character that is cut is the eleventh; read as GB18030 the whole file would decode, into mojibake.
        "csv_utf8_damaged.csv": "clue_id,name\r\n1,上海测试\r\n2,北京测试\r\n3,上海测".encode()[:-1] + b"\r\n4,x\r\n",
        "csv_latin1.csv": "clue_id,clue_name\r\n1,Café\r\n".encode("latin-1"),
        # These would decode as UTF-16, into Chinese of no meaning.
        "csv_stray_nul.csv": b"clue_id,remark\r\n1591005521987921928,a\0bc\r\n1591005521987921929,de\r\n",
        "csv_nul_padding.csv": b"clue_id,remark\r\n1,ab\0\0\0\0\0\0\r\n",
        "csv_utf8_bom_nuls.csv": b"\xef\xbb\xbfclue_id,remark\r\n1,a\0b\0c\r\n",
        "csv_lone_cr.csv": ROWS.replace("\r\n", "\r").encode(),
        "csv_quoted_line_breaks.csv": b'clue_id,remark\r\n1,"one\r\ntwo\nthree\rfour"\r\n2,after\r\n',
        # Texts that are valid GB18030 as well, and mean something else there.
        "csv_big5.csv": "clue_id,clue_name,remark\r\n1,林志玲,週五回訪\r\n2,陳建宏,已簽約\r\n".encode("big5"),
        "csv_shift_jis_half_width.csv": "clue_id,clue_name\r\n1,ｽｽﾞｷ\r\n2,ﾀﾅｶﾀﾛｳ\r\n".encode("cp932"),
        "csv_euc_kr.csv": "clue_id,clue_name\r\n1,김철수\r\n2,박영희\r\n".encode("euc_kr"),
        "csv_windows_1252.csv": "clue_id,clue_name,remark\r\n1,Müller,Rückruf für Café\r\n".encode("cp1252"),
        "csv_gb18030_euro.csv": "clue_id,clue_name,remark\r\n1,王小明,报价@10，周五回访\r\n".encode("gbk").replace(
            b"@", b"\x80"
        ),
        "csv_utf7.csv": "clue_id,clue_name\r\n1,王小明\r\n".encode("utf-7"),
        "csv_utf32.csv": "clue_id,clue_name\r\n1,王小明\r\n".encode("utf-32"),
        "csv_bar.csv": b'clue_id|remark\r\n1|"a|b"\r\n',
        "csv_caret.csv": b"clue_id^remark\r\n1^a\r\n",
        "csv_blank_behind_quote.csv": b'"clue_id","remark"\r\n"1" ,"a"\r\n',
        "csv_tab_plain_quotes.tsv": b'clue_id\tremark\r\n1\t"Hello" she said\r\n',
        "csv_cut.csv": b"clue_id,remark,address\r\n1,a,b\r\n2,c",
        "csv_half_a_row.csv": b"clue_id,remark,address\r\n1,a,b\rc\r\n2,d,e\r\n",
        "csv_end_of_file.csv": b"clue_id,remark\r\n1,a\r\n\x1a",
        "csv_bom_only.csv": b"\xef\xbb\xbf",
        "html_called_xls.xls": b"\xef\xbb\xbf\r\n<HTML><table><tr><td>clue_id</td></tr></table></HTML>",
        "html_utf16_called_xls.xls": "\ufeff<html><table></table></html>".encode("utf-16-le"),
        "xml_called_xls.xls": b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>',
        "pdf_called_xlsx.xlsx": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
        "png_called_csv.csv": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        "gzip.csv.gz": b"\x1f\x8b\x08\0\0\0\0\0\0\x03K\x04\0C\xbe\xb7\xe8\x01\0\0\0",
    }
    for name, content in written.items():
        (HERE / name).write_bytes(content)


def workbooks() -> None:
    heading = f'<row r="1">{text("A1", "clue_id")}{text("B1", "remark")}</row>'
    second = f'<row r="2">{text("A2", "1591005521987921928")}{text("B2", "x")}</row>'
    plain = sheet(heading + second)

    pack("xlsx_hidden_first_sheet.xlsx", parts_of(sheet(""), plain, sheet(""), names=("列表", "Edits", "Codes"),
                                                  states=("hidden", "visible", "veryHidden")))  # fmt: skip
    pack("xlsx_called_csv.csv", parts_of(plain))
    pack("xlsm_macros.xlsm", parts_of(plain, main="application/vnd.ms-excel.sheet.macroEnabled"))
    pack("xlsx_wrong_dimension.xlsx", parts_of(sheet(heading + second, before='<dimension ref="A1:A1"/>')))

    pack("xlsx_formula_without_value.xlsx", parts_of(sheet(
        heading
        + '<row r="2"><c r="A2"><v>1</v></c><c r="B2"><f>C2&amp;D2</f></c></row>'
        + '<row r="4"><c r="A4"><f>1+1</f><v/></c><c r="C4"><v>7</v></c><c r="D4" t="str"><f>"x"</f></c></row>'
        + '<row r="5"><c r="A5"><f t="shared" ref="A5:A6" si="0">1+1</f></c></row>'
        + '<row r="6"><c r="A6"><f t="shared" si="0"/></c></row>'
    )))  # fmt: skip
    pack("xlsx_formula_with_value.xlsx", parts_of(sheet(
        heading
        + '<row r="2"><c r="A2"><f>1+1</f><v>1591005521987921928</v></c>'
        + '<c r="B2" t="str"><f>"a"&amp;"b"</f><v>ab</v></c>'
        + '<c r="C2" t="str"><f>""</f><v></v></c><c r="D2" t="b"><f>TRUE</f><v>1</v></c>'
        + '<c r="E2" t="e"><f>NA()</f><v>#N/A</v></c><c r="F2" s="1"><f>DATE(1990,5,1)</f><v>32994</v></c></row>'
    )))  # fmt: skip

    pack("xlsx_sparse.xlsx", parts_of(sheet(
        heading + f'<row r="9">{text("C9", "nine")}</row><row r="1048576">{text("XFD1048576", "far")}</row>'
    )))  # fmt: skip
    pack("xlsx_no_addresses.xlsx", parts_of(sheet(
        "<row><c><v>1</v></c><c><v>2</v></c></row><row/><row><c/><c><v>3</v></c></row>"
        '<row r="7"><c r="B7"><v>4</v></c><c><v>5</v></c></row>'
    )))  # fmt: skip
    pack("xlsx_rows_out_of_order.xlsx", parts_of(sheet(heading + f'<row r="3">{text("A3", "3")}</row>' + second)))
    pack("xlsx_cells_out_of_order.xlsx", parts_of(sheet(f'<row r="1">{text("C1", "c")}{text("A1", "a")}</row>')))
    pack("xlsx_row_beyond_last.xlsx", parts_of(sheet(f'{heading}<row r="999999999999">{text("A9", "x")}</row>')))

    shared = parts_of(sheet('<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>'))
    shared["xl/sharedStrings.xml"] = (
        f'{HEAD}<sst xmlns="{MAIN}"><si><r><rPr><b/></rPr><t xml:space="preserve">bold </t></r><r><t>plain</t></r>'
        '<rPh sb="0" eb="4"><t>spoken</t></rPh></si><si><t>one_x000D_\ntwo _x005F_x4E2D_</t></si></sst>'
    )
    pack("xlsx_rich_text.xlsx", shared)
    del shared["xl/sharedStrings.xml"]
    pack("xlsx_shared_strings_missing.xlsx", shared)

    pack("xlsx_dates.xlsx", parts_of(sheet(
        '<row r="1"><c r="A1" s="1"><v>32994</v></c><c r="B1" s="1"><v>32994.5</v></c><c r="C1" s="1"><v>0.25</v></c>'
        '<c r="D1" s="2"><v>1.5</v></c><c r="E1" t="d"><v>1990-05-01</v></c>'
        '<c r="F1" s="1"><v>159100552198</v></c></row>'
    )))  # fmt: skip
    pack("xlsx_dates_1904.xlsx", parts_of(sheet(
        '<row r="1"><c r="A1" s="1"><v>31532</v></c></row>'), properties='<workbookPr date1904="1"/>'))  # fmt: skip
    pack("xlsx_extensions.xlsx", parts_of(sheet(
        heading + second, after='<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}"/></extLst>')))  # fmt: skip
    no_styles = parts_of(plain)
    no_styles["xl/styles.xml"] = f'{HEAD}<styleSheet xmlns="{MAIN}"/>'
    pack("xlsx_no_styles.xlsx", no_styles)

    prefixed = sheet(heading + '<row r="2"><c r="A2"><f>1+1</f></c></row>')
    for name in ("worksheet", "sheetData", "row", "c", "f", "is", "t"):
        prefixed = prefixed.replace(f"<{name} ", f"<x:{name} ").replace(f"<{name}>", f"<x:{name}>")
        prefixed = prefixed.replace(f"</{name}>", f"</x:{name}>")
    pack("xlsx_prefixed_xml.xlsx", parts_of(prefixed.replace("xmlns=", "xmlns:x=")))

    chart = parts_of(sheet(""), plain, names=("Chart", "Edits"))
    chart["xl/_rels/workbook.xml.rels"] = chart["xl/_rels/workbook.xml.rels"].replace(
        f'{OFFICE}/worksheet" Target="worksheets/sheet1.xml', f'{OFFICE}/chartsheet" Target="chartsheets/sheet1.xml'
    )
    del chart["xl/worksheets/sheet1.xml"]
    chart["xl/chartsheets/sheet1.xml"] = (
        f'{HEAD}<chartsheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0"/></sheetViews></chartsheet>'
    )
    chart["xl/chartsheets/_rels/sheet1.xml.rels"] = f'{HEAD}<Relationships xmlns="{PACKAGE}relationships"/>'
    pack("xlsx_chart_sheet.xlsx", chart)

    pack("xlsx_strict.xlsx", strict(parts_of(plain)))

    missing = parts_of(plain, plain)
    del missing["xl/worksheets/sheet2.xml"]
    pack("xlsx_sheet_missing.xlsx", missing)
    pack("xlsx_broken_xml.xlsx", parts_of(sheet(heading + second + '<row r="3"><c r="A3"><v>3</v></c>')))
    pack("xlsx_text_as_number.xlsx", parts_of(sheet(heading + '<row r="2"><c r="A2"><v>two</v></c></row>')))
    pack("xlsx_truncated.xlsx", parts_of(plain))
    whole = (HERE / "xlsx_truncated.xlsx").read_bytes()
    (HERE / "xlsx_truncated.xlsx").write_bytes(whole[: len(whole) // 2])

    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE worksheet [<!ENTITY l0 "ha">{laughs}]>'
    pack("xlsx_laughs.xlsx", parts_of(sheet(f'<row r="1">{text("A1", "&l9;")}</row>').replace(HEAD, HEAD + bomb)))
    laughing = parts_of(sheet('<row r="1"><c r="A1" t="s"><v>0</v></c></row>'))
    laughing["xl/sharedStrings.xml"] = f'{HEAD}{bomb}<sst xmlns="{MAIN}"><si><t>&l9;</t></si></sst>'
    pack("xlsx_laughs_in_shared_strings.xlsx", laughing)
    reaching = HEAD + '<!DOCTYPE worksheet [<!ENTITY out SYSTEM "file:///etc/hostname">]>'
    outside = sheet(f'<row r="1">{text("A1", "&out;")}</row>').replace(HEAD, reaching)
    pack("xlsx_entity_of_a_file.xlsx", parts_of(outside))


def unusual_workbooks() -> None:
    """What other programs write, and Excel reads."""
    heading = f'<row r="1">{text("A1", "clue_id")}{text("B1", "remark")}</row>'
    second = f'<row r="2">{text("A2", "1591005521987921928")}{text("B2", "x")}</row>'
    plain = sheet(heading + second)

    dates = sheet(
        '<row r="1"><c r="A1" s="1" t="d"><v>1990-05-01</v></c><c r="B1" s="1" t="d"><v>1990-05-01T12:30:00.250</v></c>'
        '<c r="C1" s="1" t="d"><v>06:00:00</v></c><c r="D1" s="1" t="d"><v>1899-12-31T06:00:00</v></c>'
        '<c r="E1" s="1"><v>32994</v></c></row>'
    )
    pack("xlsx_strict_dates.xlsx", strict(parts_of(dates)))

    pack("xlsx_hidden_rows.xlsx", parts_of(sheet(
        heading + f'<row r="2" hidden="1">{text("A2", "2")}</row><row r="3" hidden="0">{text("A3", "3")}</row>'
        + f'<row r="4" hidden="true">{text("A4", "4")}</row>'
    )))  # fmt: skip
    pack("xlsx_hidden_by_default.xlsx", parts_of(sheet(
        f'<row r="1" hidden="0">{text("A1", "clue_id")}</row><row r="2">{text("A2", "2")}</row>',
        before='<sheetFormatPr defaultRowHeight="15" zeroHeight="1"/>',
    )))  # fmt: skip

    texts = parts_of(sheet('<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" s="1"><v>32994</v></c></row>'))
    texts["xl/sharedStrings.xml"] = f'{HEAD}<sst xmlns="{MAIN}"><si><t>clue_id</t></si></sst>'
    moved = {
        "xl/workbook.xml": "office/the book.xml",
        "xl/_rels/workbook.xml.rels": "office/_rels/the book.xml.rels",
        "xl/worksheets/sheet1.xml": "Data/first.xml",
        "xl/sharedStrings.xml": "Data/texts.xml",
    }
    other = {moved.get(part, part): content for part, content in texts.items()}
    other["_rels/.rels"] = other["_rels/.rels"].replace("xl/workbook.xml", "/office/the%20book.xml")
    relations = other["office/_rels/the book.xml.rels"].replace("worksheets/sheet1.xml", "/data/FIRST.xml")
    relations = relations.replace("sharedStrings.xml", "../Data/texts.xml").replace("styles.xml", "../xl/./styles.xml")
    other["office/_rels/the book.xml.rels"] = relations
    pack("xlsx_parts_elsewhere.xlsx", other)
    slashes = {part if part.startswith("[") else part.replace("/", "\\"): content for part, content in texts.items()}
    for part in ("_rels\\.rels", "xl\\_rels\\workbook.xml.rels"):
        slashes[part] = slashes[part].replace("xl/workbook", "xl\\workbook").replace("worksheets/", "\\xl\\worksheets\\")
    pack("xlsx_backslashes.xlsx", slashes)

    alternatives = parts_of(sheet(
        heading + f'<row r="2">{text("A2", "1591005521987921928")}<mc:AlternateContent><mc:Choice Requires="x9">'
        f'{text("B2", "new")}</mc:Choice><mc:Fallback>{text("B2", "x")}</mc:Fallback></mc:AlternateContent></row>',
        after='<mc:AlternateContent><mc:Choice Requires="x14"><controls/></mc:Choice></mc:AlternateContent>',
    ))  # fmt: skip
    known = ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    alternatives["xl/worksheets/sheet1.xml"] = alternatives["xl/worksheets/sheet1.xml"].replace(
        "<worksheet", "<worksheet" + known
    )
    alternatives["xl/workbook.xml"] = (
        alternatives["xl/workbook.xml"]
        .replace("<workbook", "<workbook" + known)
        .replace(
            "<sheets>",
            '<mc:AlternateContent><mc:Choice Requires="x15"><sheets>'
            '<sheet name="no" sheetId="9" r:id="rId1"/></sheets></mc:Choice></mc:AlternateContent><sheets>',
        )
    )
    pack("xlsx_alternatives.xlsx", alternatives)

    pack("xlsx_utf16.xlsx", {
        part: content.replace("UTF-8", "UTF-16").encode("utf-16") for part, content in parts_of(plain).items()
    } | {"[Content_Types].xml": parts_of(plain)["[Content_Types].xml"]})  # fmt: skip


def grid(*rows: list[object], hidden: tuple[int, ...] = (), before: str = "", after: str = "") -> dict[str, str]:
    """A workbook of one sheet: texts, numbers as they are to be written, and whole cells, which begin with ``<c``."""
    lines = ""
    for number, row in enumerate(rows, 1):
        cells = ""
        for column, value in enumerate(row):
            place = f"{chr(ord('A') + column)}{number}"
            if isinstance(value, str) and value.startswith("<"):
                cells += value.replace("<c", f'<c r="{place}"', 1)
            elif value is not None:
                cells += text(place, value) if isinstance(value, str) else f'<c r="{place}"><v>{value}</v></c>'
        folded = ' hidden="1"' if number in hidden else ""
        lines += f'<row r="{number}"{folded}>{cells}</row>'
    return parts_of(sheet(lines, before, after))


#: Texts and so on of one clue after another, so that a row is short to write.
FIRST, SECOND, THIRD = "1591005521987921928", "1591005521987921929", "1591005521987921931"


def clues() -> None:
    """Sheets as people send them."""
    heads: list[object] = ["线索ID", "备注"]
    pack(
        "clues_title_above.xlsx",
        grid(["六月线索批量修改"], ["导出时间：2024-06-01", None, "制表人：小王"], [], heads, [FIRST, "甲"], [SECOND, "乙"]),
    )
    pack(
        "clues_merged_title.xlsx",
        grid(
            ["线索备注修改表", None, None],
            heads,
            [FIRST, "甲"],
            after='<mergeCells count="1"><mergeCell ref="A1:C1"/></mergeCells>',
        ),
    )
    pack("clues_totals_below.xlsx", grid(heads, [FIRST, "甲"], [SECOND, "乙"], [], ["合计", 2]))
    pack(
        "clues_of_wps.xlsx",
        grid(
            ["*线索ID", "描述 ", "性别", "生日", "邮箱"],
            [f"\u200b{FIRST}", "甲\u3000", "男", '<c s="1"><v>32994</v></c>', " a@example.com "],
            [f"{SECOND}\t", "乙", "女", '<c s="1"><v>36526</v></c>', "b@example.com"],
        ),
    )
    pack(
        "clues_of_a_report.xlsx",
        grid(
            ["clue_id", "remark", "work_id", "address"],
            [FIRST, "NULL", 12, "-"],
            [SECOND, "-", "7.0", None],
        ),
    )
    pack(
        "clues_ids_as_numbers.xlsx",
        grid(heads, [1591005521987921928, "甲"], ["<c><v>1591005521987921929.0</v></c>", "乙"], [12, "丙"]),
    )
    pack("clues_ids_rounded.xlsx", grid(heads, [1591005521987920000, "甲"], ["1591005521987920000", "乙"], [FIRST, "丙"]))
    pack(
        "clues_ids_scientific.xlsx",
        grid(heads, ["1.59101E+18", "甲"], ["<c><v>1.591005521987921E+18</v></c>", "乙"], [FIRST, "丙"]),
    )
    pack(
        "clues_dates_as_text.xlsx",
        grid(
            ["线索ID", "生日"],
            [FIRST, "1990-05-01"],
            [SECOND, "1990年5月1日"],
            [THIRD, "05/06/1990"],
            ["1591005521987921932", 32994],
        ),
    )
    pack(
        "clues_full_width.xlsx",
        grid(
            ["线索ＩＤ", "性别", "地址"],
            ["１５９１００５５２１９８７９２１９２８", "１", "＃ＣＬＥＡＲ"],
            [f"'{SECOND}", "０", "上海，静安"],
        ),
    )
    pack("clues_hidden_rows.xlsx", grid(heads, [FIRST, "甲"], [SECOND, "乙"], [THIRD, "丙"], hidden=(3,)))
    pack("clues_twice.xlsx", grid(heads, [FIRST, "甲"], [SECOND, "乙"], [FIRST, "丙"]))
    pack(
        "clues_errors.xlsx",
        grid(heads, [FIRST, '<c t="e"><v>#N/A</v></c>'], ['<c t="e"><v>#REF!</v></c>', "乙"], [THIRD, "#VALUE!"], ["12", "甲"]),
    )
    pack(
        "clues_formulas.xlsx",
        grid(
            heads,
            ['<c t="str"><f>A9</f><v>1591005521987921928</v></c>', '<c t="str"><f>C2</f><v>甲</v></c>'],
            [SECOND, '<c t="str"><f>""</f><v></v></c>'],
            [THIRD, "<c><f>1+1</f></c>"],
        ),
    )
    pack("clues_column_without_heading.xlsx", grid(["线索ID", None, "备注"], [FIRST, "x", "甲"], [SECOND, None, "乙"]))
    pack("clues_extra_columns.xlsx", grid(["线索ID", "备注", "客户等级", "销售大区"], [FIRST, "甲", "A", "华东"]))
    pack(
        "clues_read_only_columns.xlsx",
        grid(["线索ID", "备注", "手机号", "创建时间"], [FIRST, "甲", "13800000000", "2024-06-01"]),
    )
    pack(
        "clues_results_again.xlsx",
        grid(
            [
                "线索ID",
                "备注",
                "result_status",
                "result_code",
                "result_message",
                "result_fields",
                "result_attempts",
                "result_time",
            ],
            [FIRST, "甲", "updated", "0", None, "remark", "1", "2024-06-01T10:00:00+08:00"],
            [SECOND, "乙", "failed", "HTTP 503", "no answer", "remark", "5", "2024-06-01T10:00:01+08:00"],
        ),
    )
    pack("clues_blank_rows.xlsx", grid(heads, [], [FIRST, "甲"], [" ", "\u3000"], [SECOND, None], [THIRD, " "]))


def shown_otherwise() -> None:
    """Sheets that show something else than they hold."""
    head, clue = ["clue_id", "remark", "work_id", "birthday"], "1591005521987921928"
    codes = ("0%", "[h]:mm", "00000", "yyyy/m/d", "[DBNum1]0", ";;;", '@"元"', "0.00")
    listed = "".join(
        f'<numFmt numFmtId="{200 + place}" formatCode="{code}"/>'.replace('@"元"', "@&quot;元&quot;")
        for place, code in enumerate(codes, 1)
    )
    used = "".join(f'<xf numFmtId="{200 + place}"/>' for place in range(1, len(codes) + 1)) + '<xf numFmtId="14"/>'
    styles = f'{HEAD}<styleSheet xmlns="{MAIN}"><numFmts>{listed}</numFmts><cellXfs><xf/>{used}</cellXfs></styleSheet>'

    def number(style: int, value: object) -> str:
        return f'<c s="{style}"><v>{value}</v></c>'

    rows: list[list[object]] = [
        [clue, number(1, 0.5), number(8, 7)],
        [clue, number(2, 1.25), number(1, 1)],
        [clue, number(3, 430), number(3, 430)],
        [clue, number(4, 46357), None, number(4, 32994)],
        [clue, number(5, 5)],
        [clue, number(6, 5), number(8, 7)],
        [clue, '<c s="7" t="inlineStr"><is><t>500</t></is></c>'],
        [clue, 0.30000000000000004],
        [clue, 138001380001],
        [clue, number(9, 46357)],
        [clue, number(99, 5), number(99, 5)],
    ]
    pack("xlsx_number_formats.xlsx", grid(head, *rows) | {"xl/styles.xml": styles})
    merged = '<mergeCells><mergeCell ref="A2:A3"/><mergeCell ref="B2:B4"/></mergeCells>'
    pack(
        "xlsx_merged_cells.xlsx",
        grid(head[:3], [clue, "甲", 1], [None, None, 2], ["1591005521987921929", "乙", 3], after=merged),
    )
    columns = '<cols><col min="2" max="2" hidden="1"/><col min="3" max="3" width="0" customWidth="1"/></cols>'
    pack("xlsx_hidden_columns.xlsx", grid(head[:3], [clue, "甲", 1], before=columns))
    pictures = '<c t="str"><f>_xlfn.DISPIMG("ID_1",1)</f><v>=DISPIMG("ID_1",1)</v></c>'
    pack("xlsx_pictures.xlsx", grid(head[:3], [clue, pictures, 1], [clue, '<c t="e" vm="1"><v>#VALUE!</v></c>', 1]))


KINDS_OF_CELLS: dict[str, list[list[str]]] = {
    "short_forms": [
        ["clue_id", "uin", "remark"],
        [f"{CLUE}28", "1.38E+10", "a"],
        [f"{CLUE}29", "x", "+8.61E+12"],
        [f"{CLUE}30", "1.38e10", "b"],
        [f"{CLUE}31", "8.61E+12".translate(FULL_WIDTH), "c"],
        [f"{CLUE}32", "0001591005521987920000", "d"],
        [f"{CLUE}33", "1e5", "2.4G"],
    ],
    "wrapped_texts": [
        ["clue_id", "uin", "clue_name", "remark"],
        [f"'{CLUE}28", "'0012", '="王小明"', "\t00123"],
        [f'="{CLUE}29"', '=T("0012")', "'t Hooft", '"好的"'],
        [f"{CLUE}30", '"0012"', "王小明", "'+86 13800138000"],
    ],
    "ruined_texts": [
        ["clue_id", "clue_name", "remark"],
        [f"{CLUE}28", "鐜嬪皬", "a"],
        [f"{CLUE}29", "锟斤拷", "b"],
        [f"{CLUE}30", "Ã¤Â½Â", "c"],
        [f"{CLUE}31", "&#29579;", "d"],
        [f"{CLUE}32", "\\u738b", "e"],
        [f"{CLUE}33", "周\ufffd五", "f"],
        [f"{CLUE}34", "王?", "烫烫烫"],
        [f"{CLUE}35", "王小明", "Café"],
    ],
    "headings_again": [
        ["clue_id", "remark", "address"],
        [f"{CLUE}28", "a", "b"],
        ["clue_id", "remark", "address"],
        [f"{CLUE}29", "c", "d"],
        ["clue_id", "address", "remark"],
        [f"{CLUE}30", "e", "f"],
    ],
    "words_for_nothing": [
        ["clue_id", "remark", "address"],
        [f"{CLUE}28", "NULL", "\\N"],
        [f"{CLUE}29", "(null)", "undefined"],
        [f"{CLUE}30", "[object Object]", "无"],
        ["NULL", "<NA>", "NaT"],
    ],
    "orders_of_dates": [
        ["clue_id", "birthday"],
        [f"{CLUE}28", "27/11/1990"],
        [f"{CLUE}29", "11/27/1990"],
        [f"{CLUE}30", "27-Nov-1990"],
        [f"{CLUE}31", "05/06/1990"],
        [f"{CLUE}32", "2090-05-01"],
        [f"{CLUE}33", "0199-05-01"],
        [f"{CLUE}34", "27/11/90"],
    ],
    "odd_ids": [
        ["clue_id", "remark"],
        ["\u2460", "a"],
        ["0", "b"],
        [f"{CLUE}28.0", "c"],
        ["1,591,005,521,987,921,928", "d"],
        [f"15910\u200b{CLUE[5:]}28", "e"],
        ["\u0661\u0662", "f"],
        [f"{CLUE}29".translate(FULL_WIDTH), "g"],
    ],
    "marked_headings": [
        ["线索ID（必填）", "备注(选填)", "Area-Code *"],
        [f"{CLUE}28", "a", "420106"],
    ],
}


def kinds_of_cells() -> None:
    """The same cells as a CSV and as a workbook."""
    for kind, rows in KINDS_OF_CELLS.items():
        with (HERE / f"cells_{kind}.csv").open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows(rows)
        cells = [
            [f'<c t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>' for value in row] for row in rows
        ]
        pack(f"cells_{kind}.xlsx", grid(*cells))
        for other, write in foreign.WRITERS.items():
            (HERE / f"cells_{kind}.{other}").write_bytes(write(foreign.page(*rows)))


def kinds_of_values() -> None:
    """The same values in each format of a workbook, which shows them as something else."""
    from support.kinds import KINDS, xlsx_parts

    for name, kind in KINDS.items():
        pack(f"shown_{name}.xlsx", xlsx_parts(kind.page))
        for other, write in foreign.WRITERS.items():
            (HERE / f"shown_{name}.{other}").write_bytes(write(kind.page))


def oddly_packed() -> None:
    """Workbooks that Excel opens, and which are put together in another way than it does; and one that nobody can open."""
    plain = grid(["clue_id", "remark"], ["1591005521987921928", "周五"])
    types, book = "[Content_Types].xml", "xl/workbook.xml"
    modules = '<sheet name="Module1" sheetId="8" state="veryHidden" r:id=""/><sheet name="Module2" sheetId="9"/></sheets>'
    pack("xlsx_sheet_without_relation.xlsx", plain | {book: plain[book].replace("</sheets>", modules)})
    pack("xlsx_lower_case_backslashes.xlsx", {part.lower().replace("/", "\\"): content for part, content in plain.items()})
    pack("xlsx_content_types_utf16.xlsx", plain | {types: plain[types].replace("UTF-8", "UTF-16").encode("utf-16")})  # type: ignore[dict-item]
    both = '<c t="inlineStr"><v>1</v><is><t>周五</t></is></c>'
    pack("xlsx_value_before_inline_text.xlsx", grid(["clue_id", "remark"], ["1591005521987921928", both]))
    days = [f'<c t="d"><v>{day}</v></c>' for day in ("1895-05-01", "1990-05-01T00:00:00+08:00", "1990-05-01T06:00:00+08:00")]
    dated = [["1591005521987921928", days[0]], *(["1591005521987921928", None, day] for day in days[1:])]
    pack("xlsx_iso_dates.xlsx", grid(["clue_id", "remark", "birthday"], *dated))
    with zipfile.ZipFile(HERE / "xlsx_part_twice.xlsx", "w") as archive:
        for part, content in [*plain.items(), ("XL/Worksheets/Sheet1.xml", sheet(""))]:
            archive.writestr(zipfile.ZipInfo(part), content, zipfile.ZIP_DEFLATED)


def workbooks_of_other_kinds() -> None:
    """The same sheets in each kind."""
    numbers = foreign.Page({
        5: {2: "线索ID", 3: "备注", 4: "生日", 5: "work_id"},
        6: {2: FIRST, 3: 12, 4: datetime(1990, 5, 1), 5: 7},
        7: {2: int(FIRST), 3: 1.5, 5: 7.5},
        8: {2: 12, 3: True},
    })  # fmt: skip
    lost = foreign.page(
        ["线索ID", "备注", "地址"],
        [FIRST, CellError("#N/A"), "x"],
        [SECOND, foreign.Formula("甲"), foreign.Formula("")],
        [THIRD, foreign.Formula(CellError("#REF!"))],
    )
    hidden = (
        foreign.page(["线索ID", "备注"], [FIRST, "no"], name="旧", visible=False),
        foreign.page(["线索ID", "备注"], [FIRST, "甲"], [SECOND, "乙"], hidden=[3]),
    )
    for kind, write in foreign.WRITERS.items():
        (HERE / f"{kind}_numbers_at_c5.{kind}").write_bytes(write(numbers))
        (HERE / f"{kind}_errors.{kind}").write_bytes(write(lost))
        (HERE / f"{kind}_hidden.{kind}").write_bytes(write(*hidden))
    (HERE / "ods_formula_without_value.ods").write_bytes(foreign.ods(foreign.page(["线索ID", "备注"], [FIRST, Uncomputed()])))
    (HERE / "xls_called_xlsx.xlsx").write_bytes(foreign.xls(foreign.page(["线索ID", "备注"], [FIRST, "甲"])))
    (HERE / "xlsb_called_xls.xls").write_bytes(foreign.xlsb(foreign.page(["线索ID", "备注"], [FIRST, "甲"])))
    (HERE / "xls_of_excel_95.xls").write_bytes(
        foreign.compound(foreign.xls_stream(foreign.page(["线索ID"]), version=0x0500), "Book")
    )
    shaped = foreign.Page(
        {1: {0: "线索ID", 1: "备注", 3: "地址"}, 2: {0: FIRST, 1: "甲", 3: "x"}, 3: {0: SECOND, 3: "y"}},
        merged=((2, 1, 3, 2),),
        unseen=((3, 3, True),),
        flat=frozenset({3}),
    )
    for kind, write in foreign.WRITERS.items():
        (HERE / f"{kind}_merged_and_hidden.{kind}").write_bytes(write(shaped))
    plain = foreign.ods_parts(foreign._ods_page(foreign.page(["线索ID", "备注"], [FIRST, "甲"])))
    pretty = str(plain["content.xml"]).replace("><", ">\n    <")
    (HERE / "ods_pretty_printed.ods").write_bytes(foreign.packed(plain | {"content.xml": pretty}))
    del plain["mimetype"]
    (HERE / "ods_without_mimetype.ods").write_bytes(foreign.packed(plain))
    shown = '<table:table-cell office:value-type="{}" office:{}value="{}"><text:p>{}</text:p></table:table-cell>'
    text = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    cells = [
        text.format(FIRST),
        shown.format("percentage", "", "0.5", "50%"),
        shown.format("float", "", "430", "00430"),
        shown.format("time", "time-", "PT30H00M00S", "30:00"),
        shown.format("date", "date-", "1990-05-01", "1990年5月1日"),
    ]
    heads = [text.format(heading) for heading in ("线索ID", "备注", "地址", "uin", "area_code")]
    rows = "".join(f"<table:table-row>{''.join(row)}</table:table-row>" for row in (heads, cells))
    (HERE / "ods_number_formats.ods").write_bytes(foreign.packed(foreign.ods_parts(foreign.ods_table(rows))))
    own = foreign.xls_stream(foreign.page(["线索ID", "备注"], [FIRST, CellError("#N/A")], [SECOND, "乙"], hidden=[3]))
    other = foreign.xls_stream(foreign.page(["线索ID", "备注"], [THIRD, "x"]))
    (HERE / "xls_embedded.xls").write_bytes(foreign.compound(own, embedded=other, embedded_first=True))
    (HERE / "xls_stream_in_large_letters.xls").write_bytes(
        foreign.compound(foreign.xls_stream(foreign.page(["线索ID", "备注"], [FIRST, "周五"])), "WORKBOOK")
    )
    western = foreign.xls_stream(foreign.page(["线索ID", "备注"], [FIRST, "周五"]))
    western = western.replace(foreign.record8(0x0042, b"\xb0\x04"), foreign.record8(0x0042, b"\xe4\x04"))
    (HERE / "xls_code_page_1252.xls").write_bytes(foreign.compound(western))
    (HERE / "xls_of_excel_4.xls").write_bytes(b"\x09\x04\x06\0" + bytes(60))
    (HERE / "~$owner.xlsx").write_bytes(b"\x04Wang" + b" " * 160)
    (HERE / "guarded.xlsx").write_bytes(b"b\x14#e\0\1 E-SafeNet\0\0\0LOCK" + bytes(60))
    (HERE / "doc_called_xls.xls").write_bytes(foreign.compound(b"", "WordDocument"))


def others() -> None:
    types = f'<Types xmlns="{PACKAGE}content-types"><Override PartName="/x" ContentType="{{}}"/></Types>'
    word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    slides = "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
    binary = "application/vnd.ms-excel.sheet.binary.macroEnabled.main"
    pack("xlsb_without_content.xlsb", {"[Content_Types].xml": types.format(binary)})
    pack("docx_called_xlsx.xlsx", {"[Content_Types].xml": types.format(word)})
    pack("pptx_called_xlsx.xlsx", {"[Content_Types].xml": types.format(slides)})
    pack("ods_without_content.ods", {"mimetype": "application/vnd.oasis.opendocument.spreadsheet"})
    pack("odt_called_ods.ods", {"mimetype": "application/vnd.oasis.opendocument.text"})
    pack("numbers_sheet.numbers", {"Index/Document.iwa": "x"})
    pack("zip_of_csv.zip", {"edits.csv": ROWS})


def by_other_libraries() -> None:
    import msoffcrypto.format.ooxml
    import xlwt

    book = xlwt.Workbook()
    sheet = book.add_sheet("Sheet1")
    for column, heading in enumerate(("clue_id", "remark", "address", "work_id")):
        sheet.write(0, column, heading)
    sheet.write(1, 0, "1591005521987921928")
    sheet.write(1, 1, xlwt.Formula('"a"&"b"'))  # it does not calculate
    sheet.row(1).set_cell_error(2, 0x2A)  # #N/A
    sheet.write(1, 3, 12)
    book.save(str(HERE / "xls_of_xlwt.xls"))
    with (HERE / "xlsx_called_csv.csv").open("rb") as plain, (HERE / "xlsx_encrypted.xlsx").open("wb") as encrypted:
        msoffcrypto.format.ooxml.OOXMLFile(io.BytesIO(plain.read())).encrypt("secret", encrypted)


if __name__ == "__main__":
    csvs()
    kinds_of_cells()
    kinds_of_values()
    workbooks()
    unusual_workbooks()
    clues()
    shown_otherwise()
    oddly_packed()
    workbooks_of_other_kinds()
    others()
    if "--all" in sys.argv:
        by_other_libraries()
