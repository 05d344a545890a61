"""What a CSV, and what any file that is no workbook, turns into: exact rows, or a refusal that says what to do."""

from __future__ import annotations

import csv
import errno
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from batch_editor.cell_values import Cell
from batch_editor.errors import SettingsError, SheetError
from batch_editor.messages import TEXTS, say
from batch_editor.sheets import TextForm, address, cell_of, encoding, read_file, text

SHEETS = Path(__file__).parent.parent / "files"
PEOPLE = [
    (1, ("clue_id", "clue_name", "remark")),
    (2, ("1591005521987921928", "上海测试", "第一行")),
    (3, ("1591005521987921929", "北京测试", "第二行")),
]


def rows_of(path: Path, **form: str | None) -> list[tuple[int, tuple[Cell, ...]]]:
    (sheet,) = read_file(path, TextForm.named(**form))
    assert (sheet.name, sheet.visible) == ("", True)
    return [(row.number, row.cells) for row in sheet.rows()]


def refusal(path: Path, **form: str | None) -> SheetError:
    with pytest.raises(SheetError) as caught:
        rows_of(path, **form)
    return caught.value


@pytest.mark.parametrize(
    "name",
    [
        "csv_utf8.csv",
        "csv_utf8_bom.csv",
        "csv_utf16_le_bom.csv",
        "csv_utf16_be_bom.csv",
        "csv_utf16_no_bom.csv",
        "csv_utf16_be_no_bom.csv",
        "csv_gb18030.csv",
        "csv_lone_cr.csv",
    ],
)
def test_every_encoding_and_line_end_gives_the_same_rows(name: str) -> None:
    assert rows_of(SHEETS / name) == PEOPLE


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("csv_semicolon.csv", [(1, ("clue_id", "remark")), (2, ("1", "a,b,c,d")), (3, ("2", "x;y"))]),
        ("csv_tab.tsv", [(1, ("clue_id", "remark")), (2, ("1", "a, b; c"))]),
        ("csv_called_txt.txt", [(1, ("clue_id", "remark")), (2, ("1", "x"))]),
        ("csv_sep_line.csv", [(1, ("clue_id", "remark")), (2, ("1", "a,b,c,d"))]),
        ("csv_sep_line_bar.csv", [(1, ("clue_id", "remark")), (2, ("1", "a,b"))]),
        ("csv_tags_with_semicolons.csv", [(1, ("clue_id", "label")), (2, ("1", "11;12;13;14"))]),
        ("csv_lines_with_commas.csv", [(1, ("clue_id", "remark")), (2, ("1", "one, two\nthree, four\nfive, six"))]),
        (
            "csv_title_lines.csv",
            [
                (1, ("Edits of November, for the north",)),
                (3, ("clue_id", "label", "remark")),
                (4, ("1", "a,b,c,d", "x")),
            ],
        ),
    ],
)
def test_the_delimiter_is_found_out(name: str, rows: list[tuple[int, tuple[Cell, ...]]]) -> None:
    assert rows_of(SHEETS / name) == rows


def test_a_quoted_line_break_counts_as_no_row_and_comes_back_as_it_is() -> None:
    assert rows_of(SHEETS / "csv_quoted_line_breaks.csv") == [
        (1, ("clue_id", "remark")),
        (2, ("1", "one\r\ntwo\nthree\rfour")),
        (3, ("2", "after")),
    ]


def test_blank_lines_are_no_rows_but_count() -> None:
    assert rows_of(SHEETS / "csv_blank_lines.csv") == [(2, ("clue_id", "remark")), (5, ("1", "x")), (7, ("2", " y "))]


def test_cells_are_handed_on_as_the_file_has_them() -> None:
    assert rows_of(SHEETS / "csv_exact_text.csv") == [
        (1, ("clue_id", "remark")),
        (2, ('="0012"', "NA")),
        (3, (None, "null")),
        (4, ("001234", "  x  ")),
    ]


@pytest.mark.parametrize("name", ["csv_empty.csv", "csv_bom_only.csv"])
def test_an_empty_file_has_no_rows(name: str) -> None:
    assert rows_of(SHEETS / name) == []


def test_rows_may_be_read_again() -> None:
    (sheet,) = read_file(SHEETS / "csv_utf8.csv")
    assert list(sheet.rows()) == list(sheet.rows())


def test_a_mark_makes_a_single_accent_certain() -> None:
    assert rows_of(SHEETS / "csv_utf8_bom_one_accent.csv") == [(1, ("clue_id", "clue_name")), (2, ("1", "Café"))]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("csv_latin1.csv", "csv.encoding"),
        ("csv_stray_nul.csv", "csv.nul"),
        ("csv_nul_padding.csv", "csv.encoding"),
        ("csv_utf8_bom_nuls.csv", "csv.nul"),
        ("csv_utf16_odd_length.csv", "csv.encoding"),
        ("csv_gb18030_like_utf8.csv", "csv.uncertain"),
        ("csv_utf8_one_accent.csv", "csv.uncertain"),
        ("csv_utf8_damaged.csv", "csv.damaged"),
        ("csv_utf8_bom_damaged.csv", "csv.damaged"),
        ("csv_unclosed_quote.csv", "csv.quotes"),
        ("csv_text_after_quote.csv", "csv.quotes"),
        ("html_called_xls.xls", "file.markup"),
        ("html_utf16_called_xls.xls", "file.markup"),
        ("xml_called_xls.xls", "file.markup"),
        ("pdf_called_xlsx.xlsx", "file.not_sheet"),
        ("png_called_csv.csv", "file.not_sheet"),
        ("docx_called_xlsx.xlsx", "file.not_sheet"),
        ("pptx_called_xlsx.xlsx", "file.not_sheet"),
        ("odt_called_ods.ods", "file.not_sheet"),
        ("ods_without_content.ods", "foreign.damaged"),
        ("xlsb_without_content.xlsb", "foreign.damaged"),
        ("numbers_sheet.numbers", "file.other_sheet"),
        ("zip_of_csv.zip", "file.packed"),
        ("gzip.csv.gz", "file.packed"),
        ("xls_of_excel_95.xls", "file.old_xls"),
        ("doc_called_xls.xls", "file.not_sheet"),
        ("xlsx_encrypted.xlsx", "file.encrypted"),
    ],
)
def test_what_cannot_be_read_for_certain_is_refused(name: str, key: str) -> None:
    error = refusal(SHEETS / name)
    assert error.message.key == key
    assert say(error.message, "en").count(name) == say(error.message, "zh").count(name) == 1


@pytest.mark.parametrize(
    ("name", "english", "chinese"),
    [
        (
            "csv_utf8_damaged.csv",
            "The text of {path} is UTF-8, but line 4 is damaged: it holds bytes that are no character. "
            'Export the file again, or mend that line and save the file as "CSV UTF-8".',
            "{path} 的编码是 UTF-8，但第 4 行已损坏，其中有无法识别的字节。请重新导出文件，或修正该行后另存为“CSV UTF-8”。",
        ),
        (
            "csv_latin1.csv",
            "The text of {path} cannot be read for certain: it is neither UTF-8 nor GB18030 nor UTF-16, or it is damaged. "
            "It may be windows-1252 (Café), windows-1251 (Cafй), koi8-r (CafИ), windows-1253 (Cafι). Name the encoding in "
            "which the text is right with --encoding; "
            "or open the file in Excel, check the text, and save it as "
            '"CSV UTF-8 (Comma delimited)" or as .xlsx.',
            "无法确定 {path} 的文字编码：它不是 UTF-8、GB18030 或 UTF-16，或者已损坏。"
            "可能是：windows-1252 (Café), windows-1251 (Cafй), koi8-r (CafИ), windows-1253 (Cafι)。"
            "请用 --encoding 指明能正确显示文字的那一种；"
            "或用 Excel 打开，核对文字后另存为“CSV UTF-8（逗号分隔）”或 .xlsx。",
        ),
        (
            "csv_unclosed_quote.csv",
            "The quotation marks of {path} do not match in the row that begins on line 3: one is missing, or one too "
            "many is there. Mend that line in a text editor, or save the sheet as .xlsx.",
            "{path} 中从第 3 行开始的一行，双引号不配对：缺少或多出一个。请在文本编辑器中修正该行，或把表格另存为 .xlsx。",
        ),
        (
            "xlsx_encrypted.xlsx",
            "{path} is protected by a password. Open it in Excel, remove the password (File > Info > Protect Workbook) "
            "and save it again.",
            "{path} 设有密码。请在 Excel 中打开，取消密码（文件 > 信息 > 保护工作簿）后重新保存。",
        ),
        (
            "numbers_sheet.numbers",
            "{path} is a sheet of Apple Numbers. Open it in the program that it comes from and save or export it as .xlsx.",
            "{path} 是 Apple Numbers 表格。请用原来的程序打开，另存为或导出为 .xlsx。",
        ),
        (
            "html_called_xls.xls",
            "{path} is a web page (HTML or XML), whatever its name says. Open it in Excel and save it as .xlsx.",
            "{path} 实际上是网页（HTML 或 XML）文件，与文件名无关。请用 Excel 打开，另存为 .xlsx。",
        ),
    ],
)
def test_a_refusal_says_what_is_wrong_where_and_what_to_do(name: str, english: str, chinese: str) -> None:
    error = refusal(SHEETS / name)
    assert say(error.message, "en") == english.format(path=SHEETS / name)
    assert say(error.message, "zh") == chinese.format(path=SHEETS / name)


def test_the_line_of_a_broken_row_counts_lines_and_not_rows() -> None:
    assert refusal(SHEETS / "csv_text_after_quote_late.csv").message.values["line"] == 5


def test_a_cell_that_runs_on_without_an_end_is_refused(tmp_path: Path) -> None:
    (tmp_path / "long.csv").write_text('clue_id,remark\n1,x\n2,"' + "x\n" * 100_000, encoding="utf-8")
    error = refusal(tmp_path / "long.csv")
    assert (error.message.key, error.message.values["line"]) == ("csv.long_cell", 3)


def test_a_file_of_one_endless_line_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "_LONGEST_LINE", 100)
    (tmp_path / "one_line.csv").write_text("clue_id\n" + "1," * 100, encoding="utf-8")
    error = refusal(tmp_path / "one_line.csv")
    assert (error.message.key, error.message.values["line"]) == ("csv.long_cell", 2)


def test_characters_across_the_pieces_that_are_read_at_a_time_are_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoding, "_CHUNK", 2)
    for name in ("csv_utf8.csv", "csv_gb18030.csv", "csv_utf16_no_bom.csv", "csv_utf8_bom.csv"):
        assert rows_of(SHEETS / name) == PEOPLE
    error = refusal(SHEETS / "csv_utf8_damaged.csv")
    assert (error.message.key, error.message.values["line"]) == ("csv.damaged", 4)


def test_a_file_that_changes_after_it_was_looked_at_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "edits.csv"
    path.write_bytes((SHEETS / "csv_utf8.csv").read_bytes())
    (sheet,) = read_file(path)
    path.write_bytes((SHEETS / "csv_gb18030.csv").read_bytes())
    with pytest.raises(SheetError) as caught:
        list(sheet.rows())
    assert caught.value.message.key == "file.changed"
    path.unlink()
    with pytest.raises(SheetError) as caught:
        list(sheet.rows())
    assert caught.value.message.key == "file.missing"


# --- what stands between fields


def saved(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "edits.csv"
    path.write_bytes(text.encode(encoding))
    return path


EDIT = [(1, ("clue_id", "remark")), (2, ("1591005521987921928", "a"))]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "，"])
def test_each_usual_delimiter_is_found_out_or_named(delimiter: str, tmp_path: Path) -> None:
    path = saved(tmp_path, f"clue_id{delimiter}remark\r\n1591005521987921928{delimiter}a\r\n")
    assert rows_of(path) == rows_of(path, delimiter=delimiter) == EDIT


@pytest.mark.parametrize(
    ("delimiter", "named"), [("\t", "tab"), ("\t", r"\t"), ("^", "^"), ("~", "~"), ("：", "："), ("\x01", "\x01")]
)
def test_an_unusual_delimiter_has_to_be_named(delimiter: str, named: str, tmp_path: Path) -> None:
    path = saved(tmp_path, f"clue_id{delimiter}remark\r\n1591005521987921928{delimiter}a\r\n")
    assert rows_of(path, delimiter=named) == EDIT
    if delimiter != "\t":
        error = refusal(path)
        assert (
            error.message.key == "csv.delimiter" and "--delimiter" in str(error) and "--delimiter" in say(error.message, "zh")
        )


def test_two_delimiters_that_fit_as_well_are_not_decided(tmp_path: Path) -> None:
    path = saved(tmp_path, "clue_id,x;remark\r\n1,2;3\r\n")
    assert refusal(path).message.key == "csv.delimiter"
    assert rows_of(path, delimiter=";") == [(1, ("clue_id,x", "remark")), (2, ("1,2", "3"))]


def test_the_comma_of_chinese_in_headings_is_no_delimiter(tmp_path: Path) -> None:
    assert rows_of(saved(tmp_path, "线索ID,备注（选填，最多十字）\r\n1,上海\r\n"))[1] == (2, ("1", "上海"))


@pytest.mark.parametrize("name", ["", ",,", "a", "1", '"', "\n", "comma and more"])
def test_what_cannot_stand_between_fields_is_refused(name: str) -> None:
    with pytest.raises(SettingsError) as caught:
        TextForm.named(None, name)
    assert caught.value.message.key == "text.delimiter_unknown"


@pytest.mark.parametrize("line", ["sep=;", '"sep=;"', "SEP=;"])
@pytest.mark.parametrize("named", [None, ";"])
def test_a_line_that_names_the_delimiter_is_no_row(line: str, named: str | None, tmp_path: Path) -> None:
    path = saved(tmp_path, f"{line}\r\nclue_id;remark\r\n1591005521987921928;a\r\n")
    assert rows_of(path, delimiter=named) == EDIT


# --- quotation marks


def test_a_bar_between_quoted_cells_is_read(tmp_path: Path) -> None:
    assert rows_of(saved(tmp_path, '"clue_id"|"remark"\r\n"1"|"a|b ""c"""\r\n')) == [
        (1, ("clue_id", "remark")),
        (2, ("1", 'a|b "c"')),
    ]


def test_a_blank_behind_a_quotation_mark_is_called_that(tmp_path: Path) -> None:
    error = refusal(saved(tmp_path, '"clue_id","remark"\r\n"1" ,"a"\r\n'))
    assert (error.message.key, error.message.values["line"]) == ("csv.blank_behind_quote", 2)


@pytest.mark.parametrize("delimiter", ["\t", "|"])
def test_a_cell_that_begins_with_a_quotation_mark_of_its_own_is_called_that(delimiter: str, tmp_path: Path) -> None:
    text = f'clue_id{delimiter}remark\r\n1{delimiter}"Hello" she said\r\n2{delimiter}a, b, c\r\n'
    error = refusal(saved(tmp_path, text))
    assert (error.message.key, error.message.values["line"]) == ("csv.plain_quotes", 2)


def test_rows_that_a_lost_quotation_mark_has_swallowed_are_noticed(tmp_path: Path) -> None:
    row = "1591005521987921928,{}\r\n"
    text = "clue_id,remark\r\n" + row.format('"a') + row.format("b") + row.format('c"')
    error = refusal(saved(tmp_path, text))
    assert (error.message.key, error.message.values["line"]) == ("csv.quotes", 2)


@pytest.mark.parametrize("delimiter", [",", "\t", "|"])
@pytest.mark.parametrize("headings", ["clue_name,clue_id,remark", "clue_name,remark,clue_id"])
def test_rows_are_noticed_that_two_marks_of_their_own_have_put_together(headings: str, delimiter: str, tmp_path: Path) -> None:
    """Of such a sheet the first name would be the name of the second clue, with a line break."""
    rows = [headings, *(headings.replace("clue_id", f"159100552198792{row}") for row in range(1921, 1925))]
    rows[2], rows[4] = f'"{rows[2]}', rows[4].replace("clue_name", 'clue_name"')
    error = refusal(saved(tmp_path, "\r\n".join(rows).replace(",", delimiter) + "\r\n"))
    assert (error.message.key, error.message.values["line"]) == ("csv.quotes", 3)


def test_cells_of_several_lines_may_stand_before_an_id(tmp_path: Path) -> None:
    text = 'clue_name,clue_id,remark\r\n"a\nb",1591005521987921921,"call\n1591005521987921922"\r\n'
    assert rows_of(saved(tmp_path, text))[1] == (2, ("a\nb", "1591005521987921921", "call\n1591005521987921922"))


# --- the end of a file


def test_a_short_last_row_without_a_line_end_was_cut(tmp_path: Path) -> None:
    text = "clue_id,remark,address\r\n1,a,b\r\n2,c"
    error = refusal(saved(tmp_path, text))
    assert (error.message.key, error.message.values["line"]) == ("csv.cut", 3)
    assert rows_of(saved(tmp_path, f"{text}\r\n"))[2] == rows_of(saved(tmp_path, f"{text},"))[2] == (3, ("2", "c"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030"])
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("线索ID,客户备注\r\n1,周五回访，已签约", True),
        ("线索ID,客户备注\n1,周五回访，已签约", True),
        ("线索ID,客户备注\r\n1,周五回访，已签约\r\n", False),
        ("线索ID,客户备注\r1,周五回访，已签约\r\x1a", False),
        ("线索ID,客户备注周五回访，已签约", False),
        ("", False),
    ],
)
def test_a_last_line_without_an_end_is_told(text: str, told: bool, encoding: str, tmp_path: Path) -> None:
    """Nothing in it says whether its last cell is whole."""
    (sheet,) = read_file(saved(tmp_path, text, encoding))
    assert [note.key for note in sheet.notes] == ["note.no_line_end"] * told


@pytest.mark.parametrize("end", ["\x1a", "\r\n\x1a", "\r\n\x1a\x1a", "\r\n\x1a\r\n", "\x1a\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030"])
def test_the_character_that_ends_a_file_is_no_row_and_no_text(end: str, encoding: str, tmp_path: Path) -> None:
    path = saved(tmp_path, f"线索ID,客户备注\r\n1,周五回访，已签约{end}", encoding)
    assert rows_of(path) == [(1, ("线索ID", "客户备注")), (2, ("1", "周五回访，已签约"))]


def test_that_character_is_text_where_it_ends_nothing(tmp_path: Path) -> None:
    assert rows_of(saved(tmp_path, "clue_id,remark\r\n1,a\x1ab\x1a\r\n2,c\r\n"))[1] == (2, ("1", "a\x1ab\x1a"))


@pytest.mark.parametrize(("broken", "line"), [("1,a,b\nb\r\n", 4), ("1,a\ra,b\r\n", 3), ("1,a,b\rb\r\n", 4)])
def test_half_a_row_behind_a_line_end_of_another_kind_is_refused(broken: str, line: int, tmp_path: Path) -> None:
    error = refusal(saved(tmp_path, f"clue_id,remark,address\r\n1,a,b\r\n{broken}2,c,d\r\n"))
    assert (error.message.key, error.message.values["line"]) == ("csv.line_ends", line)


def test_whole_rows_may_end_in_every_way(tmp_path: Path) -> None:
    assert [row for _, row in rows_of(saved(tmp_path, "clue_id,remark\r\n1,a\n2,b\r3,c\u2028d\r\n4\r\n"))] == [
        ("clue_id", "remark"),
        ("1", "a"),
        ("2", "b"),
        ("3", "c\u2028d"),
        ("4",),
    ]


# --- a file that changes


@pytest.mark.parametrize("how", ["grows", "is replaced", "is written anew"])
@pytest.mark.parametrize("name", ["csv_utf8.csv", "xlsx_no_styles.xlsx", "xls_hidden.xls", "ods_hidden.ods"])
def test_a_file_that_changes_while_it_is_read_is_refused(how: str, name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    content = (SHEETS / name).read_bytes()
    path.write_bytes(content)
    rows = read_file(path)[-1].rows()
    next(rows)
    if how == "grows":
        path.write_bytes(content + b"\r\n")
    elif how == "is replaced":
        other = tmp_path / "other"
        other.write_bytes(content)
        os.utime(other, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
        other.replace(path)
    else:
        os.utime(path, ns=(1, 1))
    with pytest.raises(SheetError) as caught:
        list(rows)
    assert caught.value.message.key == "file.changed"


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    missing = tmp_path / "no.csv"
    assert str(refusal(missing)) == f"There is no file {missing}. Check the name and the folder."
    assert refusal(SHEETS / "csv_utf8.csv" / "x.csv").message.key == "file.missing"
    assert str(refusal(tmp_path)) == (f"{tmp_path} is a folder. Give the sheet itself, a file such as edits.xlsx or edits.csv.")


@pytest.mark.parametrize(
    ("trouble", "english"),
    [
        (
            PermissionError(errno.EACCES, "Permission denied"),
            "{path} may not be read. If it is open in Excel, close it there or copy it; if not, ask its owner for access.",
        ),
        (
            OSError(errno.EIO, "Input/output error"),
            "{path} cannot be read: Input/output error. Copy it to a folder of this computer and try again.",
        ),
    ],
)
def test_what_the_system_says_against_reading_is_told(monkeypatch: pytest.MonkeyPatch, trouble: OSError, english: str) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise trouble

    monkeypatch.setattr(Path, "open", refuse)  # whoever runs the tests may be allowed to read everything
    assert str(refusal(SHEETS / "csv_utf8.csv")) == english.format(path=SHEETS / "csv_utf8.csv")


def test_a_file_is_closed_when_its_rows_are_abandoned(monkeypatch: pytest.MonkeyPatch) -> None:
    files = []
    plain = Path.open

    def recorded(*arguments: object, **named: object) -> object:
        files.append(plain(*arguments, **named))  # type: ignore[call-overload]
        return files[-1]

    monkeypatch.setattr(Path, "open", recorded)
    (sheet,) = read_file(SHEETS / "csv_utf8.csv")
    rows = sheet.rows()
    next(rows)
    assert not files[-1].closed
    rows.close()  # type: ignore[attr-defined]
    assert all(file.closed for file in files)


@pytest.mark.parametrize(
    ("sheet", "row", "column", "shown"),
    [
        ("", 12, 2, "C12"),
        ("", 1, 0, "A1"),
        ("", 1, 25, "Z1"),
        ("", 1, 26, "AA1"),
        ("", 1, 701, "ZZ1"),
        ("", 1, 702, "AAA1"),
        ("", 1048576, 16383, "XFD1048576"),
        ("Sheet1", 12, 2, "Sheet1!C12"),
        ("线索", 12, 2, "线索!C12"),
        ("My sheet", 12, 2, "'My sheet'!C12"),
        ("it's", 12, 2, "'it''s'!C12"),
        ("2024", 12, 2, "'2024'!C12"),
        ("Q1", 12, 2, "'Q1'!C12"),
        ("R1C1", 12, 2, "'R1C1'!C12"),
        ("a-b", 12, 2, "'a-b'!C12"),
    ],
)
def test_an_address_is_the_one_that_excel_shows(sheet: str, row: int, column: int, shown: str) -> None:
    assert address(sheet, row, column) == shown
    assert cell_of(shown) == shown.removeprefix(shown[: -len(address("", row, column))])


def test_every_sentence_has_the_same_places_in_both_languages() -> None:
    values = {"path": "P", "line": 7, "reason": "R", "kind": "K"}
    for key, (english, chinese) in TEXTS.items():
        if key.startswith(("file.", "csv.", "xlsx.")):
            assert [f"{{{name}}}" in english for name in values] == [f"{{{name}}}" in chinese for name in values], key


def expected(table: list[list[str]]) -> list[tuple[int, tuple[Cell, ...]]]:
    rows = []
    for number, line in enumerate(table, 1):
        cells: list[Cell] = [cell or None for cell in line]
        while cells and cells[-1] is None:
            cells.pop()
        if "".join(line).strip():
            rows.append((number, tuple(cells)))
    return rows


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12) | st.sampled_from(
    ["", " ", "11;12;13", "a,b,c,d,e", "x\ty\tz", 'say "x"', "one\r\ntwo", "\rone", "\u2028", "\ufeff", "上海测试"]
)


@given(
    width=st.integers(2, 5),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]),
    delimiter=st.sampled_from(",;\t"),
    end=st.sampled_from(["\r\n", "\n", "\r"]),
    data=st.data(),
)
@settings(deadline=None)
def test_any_table_comes_back_exactly(width: int, encoding: str, delimiter: str, end: str, data: st.DataObject) -> None:
    heading = ["线索id", "线索名称", "跟进人", "备注", "标签"][:width]
    heading[-1] += "（必填，最多二百个字）"  # enough Chinese to be certain of UTF-8, and none that passes for it
    table = [heading, *data.draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=15))]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        with path.open("w", encoding=encoding, newline="") as file:
            # The writer leaves a lone \r unquoted where it is not part of its line end.
            if end == "\r\n":
                csv.writer(file, delimiter=delimiter).writerows(table)
            else:
                csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(table)
        # Nobody can be certain of cells of any characters at all in GB18030: somebody has to say it.
        assert rows_of(path, encoding="gb18030" if encoding == "gb18030" else None) == expected(table)


PIECES = st.sampled_from([b"\0", b"a", b",", b'"', b"\n", b"\r", "上".encode(), "上".encode("gb18030"), b"\xff"])


@given(st.binary(max_size=200) | st.lists(PIECES).map(b"".join))
@example(b"PK\x03\x04")
@example(b"PK\x05\x06" + b"\0" * 18)
@example(b"\xff\xfe\0\0")
@settings(deadline=None)
def test_any_bytes_end_in_rows_or_in_a_refusal(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "any.csv"
        path.write_bytes(content)
        try:
            rows_of(path)
        except SheetError as error:
            assert say(error.message, "en") and say(error.message, "zh")
