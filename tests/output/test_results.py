"""The results sheet: a row for a row, text as read, whole or not at all, and never in the place of another run's."""

from __future__ import annotations

import csv
import os
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pandas
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from support import jobs
from support.crm import CONFIRMED, Crm, envelope, scripted

import batch_editor
from batch_editor import job
from batch_editor.errors import ResultsNotWritten, SettingsError
from batch_editor.messages import TEXTS, Lang, say
from batch_editor.model import SUMMARY_STATUSES, Message, Problem, RowState, Status
from batch_editor.output import results, rows_page
from batch_editor.sandbox import Sandbox

COLUMNS = ["result_status", "result_code", "result_message", "result_fields", "result_attempts", "result_time"]
COLUMNS += ["result_run", "result_row"]
HEADINGS = ["线索ID", "描述"]
BOTH = pytest.mark.parametrize("kind", ["xlsx", "csv"])
RUN = "20261124-093000-7f3a"


def record(
    *cells: str, status: Status = Status.UPDATED, said: str = "请求成功", code: str = "0", row: int = 2, attempts: int = 1
) -> RowState:
    return RowState(
        row, status, cells, ("remark",), (), (Message("verbatim", {"text": said}),), code, attempts, "2026-11-24T09:30:00+08:00"
    )


def write(target: Path, records: Iterable[RowState], lang: Lang = "en", own_file: Path | None = None, **more: Any) -> Path:
    return results.write(target, HEADINGS, records, lang, run=RUN, own_file=own_file, **{"sheet": None} | more)


def sheet_xml(path: Path) -> str:
    with zipfile.ZipFile(path) as archive:
        return archive.read("xl/worksheets/sheet1.xml").decode()


# --- what it holds


@BOTH
def test_own_columns_then_what_became_of_the_row(tmp_path: Path, kind: str) -> None:
    path = write(tmp_path / f"x.{kind}", [record("1591005521987920962", "描述")])
    field = "描述" if kind == "xlsx" else "remark"  # people read a workbook, and programs a CSV
    assert jobs.raw_results(path) == [
        [*HEADINGS, *COLUMNS],
        ["1591005521987920962", "描述", "updated", "0", "请求成功", field, "1", "2026-11-24T09:30:00+08:00", RUN, "2"],
    ]


@BOTH
def test_a_row_for_every_row_in_its_order(tmp_path: Path, kind: str) -> None:
    shown = {status: status.value for status in Status} | {Status.PENDING: "not_sent", Status.SENDING: "failed"}
    path = write(tmp_path / f"x.{kind}", [record(str(row), status=status, row=row) for row, status in enumerate(Status, 2)])
    assert [(row["线索ID"], row["result_status"]) for row in jobs.results(path)] == [
        (str(row), shown[status]) for row, status in enumerate(Status, 2)
    ]


def test_a_row_that_was_on_its_way_when_the_program_ended_says_so(tmp_path: Path) -> None:
    (row,) = jobs.results(write(tmp_path / "x.csv", [record("11", status=Status.SENDING)]))
    assert row["result_message"] == "the program ended while this edit was on its way; it may have been applied"


@pytest.mark.parametrize(("lang", "message"), [("en", " must be an id of 1 to 19 digits"), ("zh", "应为 1 到 19 位数字的ID")])
def test_problems_with_their_addresses_a_line_each(tmp_path: Path, lang: Lang, message: str) -> None:
    """With the heading as well: the address is that of the sheet that was sent, whose rows may have stood elsewhere; which
    sheet that was goes without saying."""
    said = Message("cell.not_id", {"value": "?"})
    problems = tuple(Problem(2, f"'a!b'!{place}2", "x", said, heading) for place, heading in zip("AB", HEADINGS, strict=True))
    bad = RowState(2, Status.INVALID, ("?", "?"), (), (), problems, "", 0, "")
    (row,) = jobs.results(write(tmp_path / "x.xlsx", [bad], lang))
    first, second = row["result_message"].split("\n")
    colon = "：" if lang == "zh" else ": "
    assert first.startswith(f"A2{colon}线索ID{' ' if lang == 'zh' else ''}{message}")
    assert second.startswith(f"B2{colon}描述{message}")
    assert [row[name] for name in ("result_code", "result_fields", "result_attempts", "result_time")] == [""] * 4


def test_values_are_what_was_read(tmp_path: Path) -> None:
    """Dates in ISO form, whole numbers without ".0", errors by name, formulas as the value that is stored for them."""
    path = tmp_path / "edits.xlsx"
    cells = [11, datetime(1990, 5, 1), datetime(1990, 5, 1, 8, 30), 2.0, 2.5, True, "#N/A", "=1+1", "'007", None, "x"]
    headings = ["clue_id", *(f"note {number}" for number in range(1, 10)), "remark"]
    book = openpyxl.load_workbook(jobs.workbook(path, [headings, cells]))
    book.active["G2"].data_type = "e"
    book.save(path)
    _store_value(path, "H2", "1+1", "2")
    ignored = [f"note {number}" for number in range(1, 10)]
    with Crm() as crm:
        report = batch_editor.run(path, jobs.settings(tmp_path, crm.url, ignore_columns=ignored))
    headings_found, row = jobs.raw_results(report.results or Path())
    assert headings_found == [*headings, *COLUMNS]
    assert row[:11] == ["11", "1990-05-01", "1990-05-01 08:30:00", "2", "2.5", "TRUE", "#N/A", "2", "'007", "", "x"]
    assert row[11] == "updated"


def _store_value(path: Path, cell: str, formula: str, value: str) -> None:
    """Put the value beside a formula that openpyxl writes without one."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    xml = parts["xl/worksheets/sheet1.xml"].decode()
    empty = f'<c r="{cell}"><f>{formula}</f><v />'
    assert empty in xml
    xml = xml.replace(empty, empty.replace("<v />", f"<v>{value}</v>"))
    parts["xl/worksheets/sheet1.xml"] = xml.encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


@BOTH
def test_rows_are_those_of_the_input_blank_ones_left_out(tmp_path: Path, kind: str) -> None:
    text = "导出于今天,\nclue_id,remark\n11,a\n,\n12,\nnot an id,b\n13,c\n"
    with Crm(scripted({13: [envelope(5, "无权限")]})) as crm:
        report = batch_editor.run(
            jobs.text_file(tmp_path / "edits.csv", text), jobs.settings(tmp_path, crm.url), output=tmp_path / f"out.{kind}"
        )
    assert report.rows == 4
    assert [(row["clue_id"], row["result_status"]) for row in jobs.results(report.results)] == [
        ("11", "updated"),
        ("12", "skipped"),
        ("not an id", "invalid"),
        ("13", "rejected"),
    ]


# --- nothing in it can do harm


@pytest.mark.parametrize("start", ["=", "+", "-", "@", " =", "\u3000＝", "＋", "－", "＠"])
def test_what_the_crm_says_cannot_become_a_formula(tmp_path: Path, start: str) -> None:
    said = f"{start}cmd|' /C calc'!A0"
    book = write(tmp_path / "x.xlsx", [record("11", f"{start}own", said=said, code=said)])
    (row,) = jobs.results(book)
    assert (row["result_message"], row["result_code"], row["描述"]) == (said, said, f"{start}own")
    assert "<f>" not in sheet_xml(book) and "<f " not in sheet_xml(book)
    assert 't="n"' not in sheet_xml(book)
    (row,) = jobs.results(write(tmp_path / "x.csv", [record("11", f"{start}own", said=said, code=said)]))
    assert (row["result_message"], row["result_code"]) == ("'" + said, "'" + said)
    assert row["描述"] == f"{start}own"  # the user's own cells are not touched


@pytest.mark.parametrize("text", ["=1+1", "\t=1+1", "\r\n-1", "\u200b@SUM(1)", "\tx", "\rx", "＝1"])
def test_nor_can_what_an_undo_puts_back(tmp_path: Path, text: str) -> None:
    """The cells of an undo come from the CRM; those of a sheet are the own ones, and may be sent again."""
    (row,) = jobs.results(write(tmp_path / "x.undo.csv", [record("11", text)], undoes=True))
    assert row["描述"] == "'" + text
    (row,) = jobs.results(write(tmp_path / "x.csv", [record("11", text)]))
    assert row["描述"] == text


def test_a_harmless_text_gets_no_apostrophe(tmp_path: Path) -> None:
    (row,) = jobs.results(write(tmp_path / "x.csv", [record("11", "a", said="a=b")]))
    assert row["result_message"] == "a=b"


def test_a_csv_is_utf_8_with_a_bom(tmp_path: Path) -> None:
    path = write(tmp_path / "x.csv", [record("11", 'a "b", c\nd')])
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf" + "线索ID,描述,result_status".encode())
    assert next(csv.DictReader(content.decode("utf-8-sig").splitlines(keepends=True)))["描述"] == 'a "b", c\nd'


@BOTH
def test_control_characters_are_not_the_end(tmp_path: Path, kind: str) -> None:
    """In the own columns they are kept, since the sheet may be sent again; what the CRM said shows them."""
    path = write(tmp_path / f"x.{kind}", [record("11", "a\x01b\x1fc\td", said="\x07")])
    (row,) = jobs.results(path)
    assert (row["描述"], row["result_message"]) == ("a\x01b\x1fc\td", "\\x07")
    if kind == "xlsx":
        cells = [cell.value for cell in openpyxl.load_workbook(path).worksheets[0][2]]
        assert "a_x0001_b_x001F_c\td" in cells  # as Excel writes them


def test_a_text_of_several_lines_is_shown_whole(tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(write(tmp_path / "x.xlsx", [record("11", "a\nb", said="one line")])).active
    assert [bool(sheet[place].alignment.wrap_text) for place in ("A2", "B2", "E2")] == [False, True, False]
    assert sheet["B2"].number_format == "@"


# --- how a workbook looks


def sheet_of(path: Path) -> Worksheet:
    return openpyxl.load_workbook(path).worksheets[0]


def high(sheet: Worksheet, row: int) -> int | None:
    """How many lines high a row is made, if it is."""
    height = sheet.row_dimensions[row].height
    return round(height / results.LINE) if height else None


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_status_is_shown_in_words_and_in_colour_and_read_as_what_it_is(tmp_path: Path, lang: Lang) -> None:
    shown = list(results.COLOURS)
    path = write(tmp_path / "x.xlsx", [record(str(row), status=status, row=row) for row, status in enumerate(shown, 2)], lang)
    cells = [cell for (cell,) in sheet_of(path)["C2:C9"]]
    assert [cell.value for cell in cells] == shown == list(SUMMARY_STATUSES)
    assert [cell.number_format for cell in cells] == [f';;;"{say(Message(f"status.{one}"), lang)}"' for one in shown]
    assert [(f"#{cell.fill.fgColor.rgb[2:]}", f"#{cell.font.color.rgb[2:]}") for cell in cells] == list(
        results.COLOURS.values()
    )
    assert len(set(results.COLOURS.values())) == len(shown)
    frame = pandas.read_excel(path, dtype=str, engine="openpyxl")
    assert frame["result_status" if lang == "en" else "结果·状态"].tolist() == shown


def test_words_of_a_status_can_stand_in_a_number_format() -> None:
    assert not any('"' in text or ";" in text for status in results.COLOURS for text in TEXTS[f"status.{status}"])


@pytest.mark.parametrize(("lang", "name"), [("en", "results"), ("zh", "结果")])
def test_each_result_says_what_it_is_at_its_heading(tmp_path: Path, lang: Lang, name: str) -> None:
    sheet = sheet_of(write(tmp_path / "x.xlsx", [record("11", "x")], lang))
    notes = {cell.value: cell.comment.text for cell in sheet[1] if cell.comment}
    titles = dict(zip(COLUMNS, COLUMNS if lang == "en" else jobs.CHINESE, strict=False))
    assert notes == {titles[column]: say(Message(f"column.{column}"), lang) for column in COLUMNS}
    assert sheet.title == name


def test_the_headings_stay_in_sight_are_filters_and_are_printed_on_every_page(tmp_path: Path) -> None:
    sheet = sheet_of(write(tmp_path / "x.xlsx", [record("11", "x"), record("12", "y")]))
    assert (sheet.freeze_panes, sheet.auto_filter.ref, sheet.print_title_rows) == ("A2", "A1:J3", "$1:$1")
    setup = sheet.page_setup
    assert (setup.orientation, setup.paperSize, setup.fitToHeight) == ("landscape", 9, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage


def test_columns_are_as_wide_as_what_they_show(tmp_path: Path) -> None:
    """Chinese counts double; a status is measured by its words; what is too wide is wrapped, up to a height of some lines."""
    long, many = "长" * 200, "\n".join("多" * 40)
    rows = [record("11", "描述" * 10, said=long), record("12", long, status=Status.INVALID), record("13", many)]
    sheet = sheet_of(write(tmp_path / "x.xlsx", rows, "zh"))
    widths = {cell.value: sheet.column_dimensions[cell.column_letter].width for cell in sheet[1]}
    assert widths["线索ID"] == pytest.approx(11, abs=1) and widths["描述"] == pytest.approx(45, abs=1)
    assert widths["结果·说明"] == pytest.approx(70, abs=1) and widths["结果·状态"] == pytest.approx(20, abs=1)
    assert [high(sheet, row) for row in (1, 2, 3, 4)] == [None, 6, 10, 12]
    assert [bool(sheet[place].alignment.wrap_text) for place in ("B2", "E2", "B3", "E3")] == [False, True, True, False]


def test_heights_are_given_to_so_many_rows_as_can_be_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows_page, "_MOST_HEIGHTS", 2)
    sheet = sheet_of(write(tmp_path / "x.xlsx", [record(str(row), "a\nb", row=row) for row in range(2, 6)]))
    assert [high(sheet, row) for row in range(2, 6)] == [2, 2, None, None]
    assert sheet["B5"].alignment.wrap_text


def test_the_workbook_of_differences_has_its_own_name_and_no_more_than_its_rows(tmp_path: Path) -> None:
    with Sandbox([{"clue_id": 11, "remark": "old"}], access_token=jobs.TOKEN) as crm:
        edits = jobs.sheet(tmp_path, [11])
        for lang, name in (("en", "differences"), ("zh", "差异")):
            report = batch_editor.diff(edits, jobs.settings(tmp_path, crm.url, lang=lang), output=tmp_path / f"{lang}.xlsx")
            (sheet,) = openpyxl.load_workbook(report.results or "").worksheets
            assert (sheet.title, sheet.max_row, sheet.page_setup.orientation) == (name, 2, "landscape")
            assert not any(cell.comment for cell in sheet[1])


def test_ids_are_text_cells_in_a_workbook(tmp_path: Path) -> None:
    path = write(tmp_path / "x.xlsx", [record("1591005521987920962", "描述")])
    cell = openpyxl.load_workbook(path).active["A2"]
    assert (cell.value, cell.data_type, cell.number_format) == ("1591005521987920962", "s", "@")


def test_a_message_of_the_crm_over_the_wire(tmp_path: Path) -> None:
    with Crm(lambda call: envelope(5, '=HYPERLINK("http://x")\u0001')) as crm:
        report = batch_editor.run(jobs.sheet(tmp_path, [11]), jobs.settings(tmp_path, crm.url))
    assert report.results is not None
    assert jobs.results(report.results)[0]["result_message"] == 'the CRM refused the edit (5): =HYPERLINK("http://x")\\x01'
    assert "<f>" not in sheet_xml(report.results)


# --- where it goes


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_file())


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("edits.xlsx", "edits.results.xlsx"),
        ("edits.csv", "edits.results.xlsx"),
        ("线索.十一月.csv", "线索.十一月.results.xlsx"),
        ("edits.results.xlsx", "edits.results.xlsx"),
        ("edits.results-3.csv", "edits.results.xlsx"),
    ],
)
def test_the_default_place(source: str, target: str) -> None:
    assert results.default_target(Path("folder", source)) == Path("folder", target)


@pytest.mark.parametrize(("output", "written"), [(None, "edits.results.csv"), ("asked.xlsx", "asked.csv")])
@pytest.mark.parametrize(("most", "rows"), [(2, 3), (3, 3)])
def test_too_many_rows_for_a_workbook_give_a_csv(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output: str | None, written: str, most: int, rows: int
) -> None:
    """A workbook also ends at Excel's last row, and rows beyond would be gone."""
    monkeypatch.setattr(results, "MOST_WORKBOOK_ROWS", most)
    with Crm() as crm:
        given = jobs.settings(tmp_path, crm.url)
        target = tmp_path / output if output else None
        report = batch_editor.run(jobs.sheet(tmp_path, range(11, 11 + rows)), given, output=target)
    assert report.results == (tmp_path / written).with_suffix(".csv" if rows > most else ".xlsx")
    assert jobs.statuses(report.results) == ["updated"] * 3


def test_a_text_too_long_for_a_workbook_gives_a_csv(tmp_path: Path) -> None:
    long = "长" * 40_000
    with Crm() as crm:
        edits = jobs.text_file(tmp_path / "edits.csv", f"clue_id,remark\n11,{long}\n")
        report = batch_editor.run(edits, jobs.settings(tmp_path, crm.url))
    assert report.results == tmp_path / "edits.results.csv"
    assert jobs.results(report.results)[0]["remark"] == long


def test_a_long_row_of_short_texts_stays_a_workbook(tmp_path: Path) -> None:
    with Crm() as crm:
        text = f"clue_id,remark,address,mf_clue_1,mf_clue_2\n11{',' + '长' * 9000}" + f"{',' + '长' * 9000}" * 3 + "\n"
        report = batch_editor.run(jobs.text_file(tmp_path / "edits.csv", text), jobs.settings(tmp_path, crm.url))
    assert report.results == tmp_path / "edits.results.xlsx"


def test_a_message_that_is_too_long_ends_in_an_ellipsis(tmp_path: Path) -> None:
    (row,) = jobs.results(write(tmp_path / "x.xlsx", [record("11", said="长" * 40_000)]))
    assert row["result_message"] == "长" * (results.LONGEST_CELL - 1) + "…"


def test_a_name_that_is_too_long_stops_before_anything_is_sent(tmp_path: Path) -> None:
    with Crm() as crm:
        edits = jobs.sheet(tmp_path, [11], f"{'x' * 245}.csv")
        with pytest.raises(SettingsError, match="File name too long"):
            batch_editor.run(edits, jobs.settings(tmp_path, crm.url))
        assert crm.connections == 0


@BOTH
def test_another_runs_results_are_never_replaced(tmp_path: Path, kind: str) -> None:
    paths = [write(tmp_path / f"x.results.{kind}", [record(str(number))]) for number in range(3)]
    assert [path.name for path in paths] == [f"x.results.{kind}", f"x.results-2.{kind}", f"x.results-3.{kind}"]
    assert [jobs.results(path)[0]["线索ID"] for path in paths] == ["0", "1", "2"]
    assert names(tmp_path) == sorted(path.name for path in paths)


def test_the_same_runs_results_are_replaced(tmp_path: Path) -> None:
    mine = write(tmp_path / "x.xlsx", [record("old")])
    assert write(tmp_path / "x.xlsx", [record("new")], own_file=mine) == mine
    assert jobs.results(mine)[0]["线索ID"] == "new" and names(tmp_path) == ["x.xlsx"]


def test_the_same_runs_results_are_replaced_behind_those_of_others(tmp_path: Path) -> None:
    other, mine = write(tmp_path / "x.xlsx", [record("other")]), write(tmp_path / "x.xlsx", [record("old")])
    assert write(tmp_path / "x.xlsx", [record("new")], own_file=mine) == mine == tmp_path / "x-2.xlsx"
    assert [jobs.results(path)[0]["线索ID"] for path in (other, mine)] == ["other", "new"]


@pytest.mark.parametrize("mark", ["~$x.xlsx", ".~lock.x.xlsx#"])
def test_results_that_are_open_elsewhere_get_another_name(tmp_path: Path, mark: str) -> None:
    mine = write(tmp_path / "x.xlsx", [record("old")])
    (tmp_path / mark).touch()
    assert write(mine, [record("new")], own_file=mine) == tmp_path / "x-2.xlsx"
    assert jobs.results(mine)[0]["线索ID"] == "old"


def test_results_that_windows_holds_open_get_another_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = write(tmp_path / "x.xlsx", [record("old")])
    replace = Path.replace

    def held(self: Path, target: Path) -> Path:
        if target == mine:
            raise PermissionError(13, "The process cannot access the file")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", held)
    assert write(mine, [record("new")], own_file=mine) == tmp_path / "x-2.xlsx"
    assert names(tmp_path) == ["x-2.xlsx", "x.xlsx"]


# --- whole or not at all


@BOTH
def test_a_failing_write_leaves_nothing(tmp_path: Path, kind: str) -> None:
    def failing() -> Iterator[RowState]:
        yield from (record(str(number)) for number in range(500))
        raise OSError(28, "No space left on device")

    message = r"could not be written \(No space left on device\)\. Nothing is lost: .* batch-editor results RUN --output FILE"
    with pytest.raises(ResultsNotWritten, match=message):
        write(tmp_path / f"x.{kind}", failing())
    assert list(tmp_path.iterdir()) == []


@BOTH
def test_half_a_sheet_that_a_killed_process_has_left_is_removed(tmp_path: Path, kind: str) -> None:
    left = tmp_path / f".x.{RUN}.part"
    left.write_bytes(b"half of")
    assert list(tmp_path.iterdir()) == [left]
    path = write(tmp_path / f"x.{kind}", [record("11")])
    assert list(tmp_path.iterdir()) == [path] and len(jobs.results(path)) == 1


@BOTH
def test_a_failing_last_step_leaves_nothing(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*names: object, **options: object) -> None:
        raise PermissionError(13, "Permission denied")

    for place, name in ((os, "link"), (Path, "replace"), (Path, "rename")):
        monkeypatch.setattr(place, name, failing)
    with pytest.raises(ResultsNotWritten):
        write(tmp_path / f"x.{kind}", [record("11")])
    assert list(tmp_path.iterdir()) == []


def test_a_run_whose_results_cannot_be_written_says_so_and_can_write_them_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = None

    def failing(path: Path, *_: object) -> None:
        raise OSError(28, "No space left on device")

    with Crm() as crm, monkeypatch.context() as patched:
        given = jobs.settings(tmp_path, crm.url)
        patched.setattr(results, "_write_workbook", failing)
        report = batch_editor.run(jobs.sheet(tmp_path, [11, 12]), given)
    assert (report.exit_code, report.results, report.halted) == (1, None, None)
    assert report.unwritten is not None and report.unwritten.key == "results.not_written"
    assert report.counts["updated"] == 2
    with job.open_journal(given) as journal:
        written = job.write_results(journal.of(str(report.run)), journal.run(str(report.run)), None, "en")
    assert written == tmp_path / "edits.results.xlsx" and jobs.statuses(written) == ["updated", "updated"]


@pytest.mark.parametrize(("output", "reason"), [("missing/x.xlsx", "No such file"), ("file/x.csv", "Not a directory")])
def test_a_folder_that_cannot_hold_them_stops_before_anything_is_sent(tmp_path: Path, output: str, reason: str) -> None:
    jobs.text_file(tmp_path / "file", "")
    with (
        Crm() as crm,
        pytest.raises(SettingsError, match=rf"\({reason}.*\)\. Choose another place with --output\. Nothing was sent"),
    ):
        batch_editor.run(jobs.sheet(tmp_path, [11]), jobs.settings(tmp_path, crm.url), output=tmp_path / output)
    assert crm.calls == []


@pytest.mark.parametrize("name", ["x.xls", "x.txt", "x", "x.csv.gz"])
def test_another_kind_of_file_stops_before_anything_is_sent(tmp_path: Path, name: str) -> None:
    with Crm() as crm, pytest.raises(SettingsError, match=r"the name must end in \.xlsx or \.csv"):
        batch_editor.run(jobs.sheet(tmp_path, [11]), jobs.settings(tmp_path, crm.url), output=tmp_path / name)
    assert crm.calls == []


# --- fed in again


@BOTH
def test_only_failed_sends_what_is_not_updated_and_keeps_what_the_rest_says(tmp_path: Path, kind: str) -> None:
    """Twice: results of a CSV that were escaped, and of a workbook, both come in again as they went out."""
    said = {12: [envelope(5, "=无权限"), envelope(6, "还是不行")], 14: [envelope(0, "", False), CONFIRMED]}
    text = "clue_id,remark,\n11,row 2,\n12,row 3,\n13,,\n14,row 5,\nbad,row 6,\n15,row 7,\n"
    edits = jobs.text_file(tmp_path / "edits.csv", text)
    with Crm(scripted(said)) as crm:
        given = jobs.settings(tmp_path, crm.url)
        first = batch_editor.run(edits, given, output=tmp_path / f"edits.results.{kind}")
        assert jobs.statuses(first.results) == ["updated", "rejected", "skipped", "rejected", "invalid", "updated"]
        before = len(crm.calls)
        second = batch_editor.run(first.results, given, only_failed=True, output=tmp_path / f"edits.results.{kind}")
        assert sorted(crm.sent()[before:]) == ["row 3", "row 5"]
    assert jobs.statuses(second.results) == ["updated", "rejected", "skipped", "updated", "invalid", "updated"]
    assert second.results != first.results
    before, after = jobs.results(first.results), jobs.results(second.results)
    assert [before[place] for place in (0, 5)] == [after[place] for place in (0, 5)]
    assert after[1]["result_code"] == "6"
    assert list(after[0]) == list(before[0])
    assert second.counts["updated"] == 3


def test_only_failed_sends_what_was_not_sent(tmp_path: Path) -> None:
    edits = jobs.sheet(tmp_path, range(11, 17))
    with Crm() as crm:
        given = jobs.settings(tmp_path, crm.url)
        first = batch_editor.run(edits, given, limit=2)
        assert jobs.statuses(first.results) == ["updated"] * 2 + ["not_sent"] * 4
        second = batch_editor.run(first.results, given, only_failed=True)
    assert sorted(crm.sent()) == [f"row {number}" for number in range(2, 8)]
    assert jobs.statuses(second.results) == ["updated"] * 6
    assert second.exit_code == 0


def test_without_only_failed_a_results_sheet_is_a_sheet(tmp_path: Path) -> None:
    with Crm() as crm:
        given = jobs.settings(tmp_path, crm.url)
        first = batch_editor.run(jobs.sheet(tmp_path, [11, 12]), given)
        batch_editor.run(first.results, given)
    assert len(crm.calls) == 4


def test_a_problem_names_the_cell_of_the_results_where_it_is_to_be_mended(tmp_path: Path) -> None:
    """Titles stand above the headings of the sheet, and results of an earlier run between its columns: here they do not."""
    rows = [["三月的线索"], [], ["线索ID", "result_code", "性别"], [11, "7", "女"], [], [12, "", "先生"]]
    sheet = jobs.workbook(tmp_path / "edits.xlsx", rows)
    report = batch_editor.check(sheet, jobs.settings(tmp_path), output=tmp_path / "checked.xlsx")
    assert [problem.address for problem in report.problems] == ["Sheet1!C6"]
    (_, mended) = jobs.results(report.results)
    assert mended["result_message"].startswith("B3 (edits.xlsx: C6): 性别 must be 男 or 女")
    book = openpyxl.load_workbook(tmp_path / "checked.xlsx")
    assert book.active["B3"].value == "先生"
