"""Every file of ``sheets/``: the edits that it asks for and the problems it has, or why it is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support import jobs

from batch_editor import load_edits
from batch_editor.errors import Refused

SHEETS = Path(__file__).parent / "sheets"
NO_SHEETS = {"make.py", "make_by_libreoffice.py", ".gitattributes", "__pycache__"}

#: name → the key of the message
REFUSED: dict[str, str] = {
    "clues_extra_columns.xlsx": "headings.wrong",
    "csv_bom_only.csv": "sheet.empty",
    "csv_empty.csv": "sheet.empty",
    "csv_gb18030_like_utf8.csv": "csv.uncertain",
    "csv_latin1.csv": "csv.encoding",
    "csv_nul_padding.csv": "csv.encoding",
    "csv_stray_nul.csv": "csv.encoding",
    "csv_text_after_quote.csv": "csv.quotes",
    "csv_text_after_quote_late.csv": "csv.quotes",
    "csv_unclosed_quote.csv": "csv.quotes",
    "csv_utf16_odd_length.csv": "csv.encoding",
    "csv_utf8_bom_damaged.csv": "csv.damaged",
    "csv_utf8_bom_nuls.csv": "csv.encoding",
    "csv_utf8_damaged.csv": "csv.damaged",
    "csv_utf8_one_accent.csv": "csv.uncertain",
    "doc_called_xls.xls": "file.not_sheet",
    "docx_called_xlsx.xlsx": "file.not_sheet",
    "gzip.csv.gz": "file.packed",
    "html_called_xls.xls": "file.markup",
    "html_utf16_called_xls.xls": "file.markup",
    "numbers_sheet.numbers": "file.other_sheet",
    "ods_encrypted.ods": "file.encrypted",
    "ods_without_content.ods": "foreign.damaged",
    "odt_called_ods.ods": "file.not_sheet",
    "pdf_called_xlsx.xlsx": "file.not_sheet",
    "png_called_csv.csv": "file.not_sheet",
    "pptx_called_xlsx.xlsx": "file.not_sheet",
    "xls_encrypted.xls": "file.encrypted",
    "xls_of_excel_95.xls": "file.old_xls",
    "xlsb_without_content.xlsb": "foreign.damaged",
    "xlsx_broken_xml.xlsx": "xlsx.damaged",
    "xlsx_cells_out_of_order.xlsx": "xlsx.damaged",
    "xlsx_dates.xlsx": "headings.no_clue_id",
    "xlsx_dates_1904.xlsx": "headings.no_clue_id",
    "xlsx_encrypted.xlsx": "file.encrypted",
    "xlsx_entity_of_a_file.xlsx": "xlsx.damaged",
    "xlsx_laughs.xlsx": "xlsx.damaged",
    "xlsx_laughs_in_shared_strings.xlsx": "xlsx.damaged",
    "xlsx_no_addresses.xlsx": "headings.no_clue_id",
    "xlsx_rich_text.xlsx": "headings.no_clue_id",
    "xlsx_row_beyond_last.xlsx": "xlsx.damaged",
    "xlsx_rows_out_of_order.xlsx": "xlsx.damaged",
    "xlsx_shared_strings_missing.xlsx": "xlsx.damaged",
    "xlsx_strict.xlsx": "xlsx.no_sheet",
    "xlsx_text_as_number.xlsx": "xlsx.damaged",
    "xlsx_truncated.xlsx": "xlsx.damaged",
    "xml_called_xls.xls": "file.markup",
    "zip_of_csv.zip": "file.packed",
}

#: name → the edits, each as its clue id and the values that it lists, and the problems, each as its place and its message's key
READ: dict[str, tuple[list[str], list[str]]] = {
    "clues_blank_rows.xlsx": (["1591005521987921928 remark=甲"], []),
    "clues_column_without_heading.xlsx": (["1591005521987921928 remark=甲", "1591005521987921929 remark=乙"], []),
    "clues_dates_as_text.xlsx": (
        ["1591005521987921928 birthday=641491200", "1591005521987921929 birthday=641491200"],
        ["Sheet1!B4 cell.ambiguous_date", "Sheet1!B5 cell.serial_date"],
    ),
    "clues_errors.xlsx": (["12 remark=甲"], ["Sheet1!B2 cell.error", "Sheet1!A3 cell.error", "Sheet1!B4 cell.error"]),
    "clues_formulas.xlsx": (["1591005521987921928 remark=甲"], ["Sheet1!B4 cell.uncomputed"]),
    "clues_full_width.xlsx": (["1591005521987921928 gender=1 address=", "1591005521987921929 gender=0 address=上海，静安"], []),
    "clues_hidden_rows.xlsx": (
        ["1591005521987921928 remark=甲", "1591005521987921929 remark=乙", "1591005521987921931 remark=丙"],
        [],
    ),
    "clues_ids_as_numbers.xlsx": (["1591005521987921928 remark=甲", "12 remark=丙"], ["Sheet1!A3 cell.id_float"]),
    "clues_ids_rounded.xlsx": (["1591005521987921928 remark=丙"], ["Sheet1!A2 cell.rounded", "Sheet1!A3 cell.rounded"]),
    "clues_ids_scientific.xlsx": (["1591005521987921928 remark=丙"], ["Sheet1!A2 cell.id_float", "Sheet1!A3 cell.id_float"]),
    "clues_merged_title.xlsx": (["1591005521987921928 remark=甲"], []),
    "clues_of_a_report.xlsx": (["1591005521987921928 remark=NULL work_id=12 address=-"], ["Sheet1!C3 cell.integer"]),
    "clues_of_wps.xlsx": (
        [
            "1591005521987921928 remark=甲 gender=0 birthday=641491200 email=a@example.com",
            "1591005521987921929 remark=乙 gender=1 birthday=946656000 email=b@example.com",
        ],
        [],
    ),
    "clues_read_only_columns.xlsx": (["1591005521987921928 remark=甲"], []),
    "clues_results_again.xlsx": (["1591005521987921928 remark=甲", "1591005521987921929 remark=乙"], []),
    "clues_title_above.xlsx": (["1591005521987921928 remark=甲", "1591005521987921929 remark=乙"], []),
    "clues_totals_below.xlsx": (["1591005521987921928 remark=甲", "1591005521987921929 remark=乙"], ["Sheet1!A5 cell.not_id"]),
    "clues_twice.xlsx": (
        ["1591005521987921928 remark=甲", "1591005521987921929 remark=乙", "1591005521987921928 remark=丙"],
        [],
    ),
    "csv_blank_lines.csv": (["1 remark=x", "2 remark=y"], []),
    "csv_called_txt.txt": (["1 remark=x"], []),
    "csv_exact_text.csv": (["12 remark=NA", "1234 remark=x"], ["A3 row.no_clue_id"]),
    "csv_gb18030.csv": (
        ["1591005521987921928 clue_name=上海测试 remark=第一行", "1591005521987921929 clue_name=北京测试 remark=第二行"],
        [],
    ),
    "csv_lines_with_commas.csv": (["1 remark=one, two\nthree, four\nfive, six"], []),
    "csv_lone_cr.csv": (
        ["1591005521987921928 clue_name=上海测试 remark=第一行", "1591005521987921929 clue_name=北京测试 remark=第二行"],
        [],
    ),
    "csv_quoted_line_breaks.csv": (["1 remark=one\r\ntwo\nthree\rfour", "2 remark=after"], []),
    "csv_semicolon.csv": (["1 remark=a,b,c,d", "2 remark=x;y"], []),
    "csv_sep_line.csv": (["1 remark=a,b,c,d"], []),
    "csv_sep_line_bar.csv": (["1 remark=a,b"], []),
    "csv_tab.tsv": (["1 remark=a, b; c"], []),
    "csv_tags_with_semicolons.csv": (["1 label=11,12,13,14"], []),
    "csv_title_lines.csv": (["1 label=a,b,c,d remark=x"], []),
    "csv_utf16_be_bom.csv": (
        ["1591005521987921928 clue_name=上海测试 remark=第一行", "1591005521987921929 clue_name=北京测试 remark=第二行"],
        [],
    ),
    "csv_utf16_be_no_bom.csv": (
        ["1591005521987921928 clue_name=上海测试 remark=第一行", "1591005521987921929 clue_name=北京测试 remark=第二行"],
        [],
    ),
    "csv_utf16_le_bom.csv": (
        ["1591005521987921928 clue_name=上海测试 remark=第一行", "1591005521987921929 clue_name=北京测试 remark=第二行"],
        [],
    ),
    "csv_utf16_no_bom.csv": (
        ["1591005521987921928 clue_name=上海测试 remark=第一行", "1591005521987921929 clue_name=北京测试 remark=第二行"],
        [],
    ),
    "csv_utf8.csv": (
        ["1591005521987921928 clue_name=上海测试 remark=第一行", "1591005521987921929 clue_name=北京测试 remark=第二行"],
        [],
    ),
    "csv_utf8_bom.csv": (
        ["1591005521987921928 clue_name=上海测试 remark=第一行", "1591005521987921929 clue_name=北京测试 remark=第二行"],
        [],
    ),
    "csv_utf8_bom_one_accent.csv": (["1 clue_name=Café"], []),
    "ods_errors.ods": (["1591005521987921929 remark=甲"], ["Sheet1!B2 cell.error", "Sheet1!B4 cell.error"]),
    "ods_formula_without_value.ods": ([], ["Sheet1!B2 cell.uncomputed"]),
    "ods_hidden.ods": (["1591005521987921928 remark=甲", "1591005521987921929 remark=乙"], []),
    "ods_numbers_at_c5.ods": (
        ["1591005521987921928 remark=12 birthday=641491200 work_id=7", "12 remark=TRUE"],
        ["Sheet1!C7 cell.id_float", "Sheet1!F7 cell.integer"],
    ),
    "ods_of_libreoffice.ods": (
        [
            "1591005521987921928 remark=第一行\n第二行 birthday=641491200 work_id=12",
            "1591005521987921929 remark=hidden work_id=3",
            "1591005521987921931 remark=ab work_id=2",
        ],
        ["Sheet1!C7 cell.error", "Sheet1!E7 cell.error"],
    ),
    "xls_called_xlsx.xlsx": (["1591005521987921928 remark=甲"], []),
    "xls_errors.xls": (["1591005521987921929 remark=甲"], ["Sheet1!B2 cell.error", "Sheet1!B4 cell.error"]),
    "xls_hidden.xls": (["1591005521987921928 remark=甲", "1591005521987921929 remark=乙"], []),
    "xls_numbers_at_c5.xls": (
        ["1591005521987921928 remark=12 birthday=641491200 work_id=7", "12 remark=TRUE"],
        ["Sheet1!C7 cell.id_float", "Sheet1!F7 cell.integer"],
    ),
    "xls_of_libreoffice.xls": (
        [
            "1591005521987921928 remark=第一行\n第二行 birthday=641491200 work_id=12",
            "1591005521987921929 remark=hidden work_id=3",
            "1591005521987921931 remark=ab work_id=2",
        ],
        ["Sheet1!C7 cell.error", "Sheet1!E7 cell.error"],
    ),
    "xls_of_xlwt.xls": ([], ["Sheet1!B2 cell.uncomputed", "Sheet1!C2 cell.error"]),
    "xlsb_called_xls.xls": (["1591005521987921928 remark=甲"], []),
    "xlsb_errors.xlsb": (["1591005521987921929 remark=甲"], ["Sheet1!B2 cell.error", "Sheet1!B4 cell.error"]),
    "xlsb_hidden.xlsb": (["1591005521987921928 remark=甲", "1591005521987921929 remark=乙"], []),
    "xlsb_numbers_at_c5.xlsb": (
        ["1591005521987921928 remark=12 birthday=641491200 work_id=7", "12 remark=TRUE"],
        ["Sheet1!C7 cell.id_float", "Sheet1!F7 cell.integer"],
    ),
    "xlsm_macros.xlsm": (["1591005521987921928 remark=x"], []),
    "xlsx_called_csv.csv": (["1591005521987921928 remark=x"], []),
    "xlsx_chart_sheet.xlsx": (["1591005521987921928 remark=x"], []),
    "xlsx_extensions.xlsx": (["1591005521987921928 remark=x"], []),
    "xlsx_formula_with_value.xlsx": (["1591005521987921928 remark=ab"], []),
    "xlsx_formula_without_value.xlsx": (
        [],
        ["Sheet1!B2 cell.uncomputed", "Sheet1!A4 cell.uncomputed", "Sheet1!A5 cell.uncomputed", "Sheet1!A6 cell.uncomputed"],
    ),
    "xlsx_hidden_first_sheet.xlsx": (["1591005521987921928 remark=x"], []),
    "xlsx_no_styles.xlsx": (["1591005521987921928 remark=x"], []),
    "xlsx_prefixed_xml.xlsx": ([], ["Sheet1!A2 cell.uncomputed"]),
    "xlsx_sheet_missing.xlsx": (["1591005521987921928 remark=x"], []),
    "xlsx_sparse.xlsx": ([], []),
    "xlsx_wrong_dimension.xlsx": (["1591005521987921928 remark=x"], []),
}


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


def test_no_sheet_is_missing_and_none_stands_twice() -> None:
    assert sorted(path.name for path in SHEETS.iterdir() if path.name not in NO_SHEETS) == sorted([*READ, *REFUSED])
