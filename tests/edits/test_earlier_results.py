"""A results sheet that comes in again: what was refused stays refused until somebody has mended it."""

from __future__ import annotations

import csv
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from support import jobs, office
from support.crm import CONFIRMED, Crm, envelope, scripted

import batch_editor
from batch_editor import Settings, fields, load_edits
from batch_editor.cli.preview_text import preview_lines
from batch_editor.edits import earlier_results
from batch_editor.job import Report
from batch_editor.journal.sqlite_store import SqliteStore
from batch_editor.messages import TEXTS, Lang, say
from batch_editor.model import Message, Status

CLUE = 1591005521987920962
#: The double nearest to an id of a clue.
ROUNDED = 1591005521987920896


def again(folder: Path, crm: Crm, report: Report, *, new: bool = False, **over: Any) -> Report:
    """The rows of a report that are not updated, sent once more."""
    assert report.results is not None
    return batch_editor.run(report.results, jobs.settings(folder, crm.url, **over), only_failed=True, new=new)


def mended(path: Path, old: str, new: str) -> Path:
    """The same results with some cells mended by a person."""
    rows = [[new if cell == old else cell for cell in row] for row in jobs.raw_results(path)]
    return jobs.workbook(path.with_name("mended.xlsx"), rows)


def messages(report: Report) -> list[str]:
    return [row["result_message"] for row in jobs.results(report.results)]


def test_a_row_that_was_too_long_is_not_sent_shifted(tmp_path: Path) -> None:
    text = f"线索ID,备注,地址\n{CLUE},电话已接通,周五回访,武汉市,,三楼\n{CLUE + 1},x,y\n"
    with Crm() as crm:
        first = batch_editor.run(jobs.text_file(tmp_path / "a.csv", text), jobs.settings(tmp_path, crm.url))
        second = again(tmp_path, crm, first, new=True)
        assert [call.clue for call in crm.calls] == [CLUE + 1]
        third = batch_editor.run(
            mended(first.results or Path(), "武汉市, 三楼", ""), jobs.settings(tmp_path, crm.url), only_failed=True
        )
    assert jobs.raw_results(first.results or Path())[0][:4] == ["线索ID", "备注", "地址", ""]
    assert jobs.raw_results(first.results or Path())[1][:4] == [str(CLUE), "电话已接通", "周五回访", "武汉市, 三楼"]
    assert jobs.statuses(second.results) == ["invalid", "updated"]
    assert "D2: " in messages(second)[0] and "to the right of its" in messages(second)[0]
    assert jobs.statuses(third.results) == ["updated", "updated"]


def test_ids_of_a_rounded_column_are_refused_again_until_they_are_mended(tmp_path: Path) -> None:
    """The good ones, which are not sent again, still count; and one bad id that is left is too few for any rule of columns."""
    good = [CLUE + 37 * number for number in range(60)]
    bad = [ROUNDED + 256 * number for number in range(1, 16)]
    with Crm() as crm:
        first = batch_editor.run(jobs.sheet(tmp_path, [*good, *bad]), jobs.settings(tmp_path, crm.url))
        second = again(tmp_path, crm, first, new=True)
        path = second.results or Path()
        for number, one in enumerate(bad[1:]):
            path = mended(path, str(one), str(CLUE + 37 * (100 + number)))
        third = batch_editor.run(path, jobs.settings(tmp_path, crm.url), only_failed=True)
        assert not {call.clue for call in crm.calls} & set(bad)
        trusted = again(tmp_path, crm, third, ids={"trust_round": True})
    assert [first.counts["invalid"], second.counts["invalid"], third.counts["invalid"]] == [15, 15, 1]
    assert trusted.counts["updated"] == 75


def test_a_number_that_lost_digits_is_not_sent_as_text(tmp_path: Path) -> None:
    rows = [["线索ID", "第三方线索ID"], [str(CLUE), 1591005521987920962.0], [str(CLUE + 1), 1591005521987920000]]
    with Crm() as crm:
        first = batch_editor.run(jobs.workbook(tmp_path / "a.xlsx", rows), jobs.settings(tmp_path, crm.url))
        second = again(tmp_path, crm, first, new=True)
        assert crm.connections == 0
    assert jobs.statuses(first.results) == jobs.statuses(second.results) == ["invalid", "invalid"]


def test_an_older_row_is_not_sent_over_a_newer_one_that_is_updated(tmp_path: Path) -> None:
    rows = "clue_id,remark\n11,old\n11,new\n12,only\n"
    with Crm(scripted({11: [envelope(7, "不行"), CONFIRMED], 12: [envelope(7, "不行"), CONFIRMED]})) as crm:
        first = batch_editor.run(jobs.text_file(tmp_path / "a.csv", rows), jobs.settings(tmp_path, crm.url))
        second = again(tmp_path, crm, first)
        sent = [call.body["remark"] for call in crm.calls]
    assert jobs.statuses(first.results) == ["rejected", "updated", "rejected"]
    assert jobs.statuses(second.results) == ["invalid", "updated", "updated"]
    assert sorted(sent) == ["new", "old", "only", "only"]
    assert "row 3 of the same clue was updated already" in messages(second)[0]


def test_every_word_for_a_status_means_one() -> None:
    """In either language: what Excel writes to a CSV is what it shows."""
    words = [(status, word) for status in Status for word in {status.value, *TEXTS[f"status.{status}"]}]
    assert {fields.normal(word): status for status, word in words} == earlier_results._STATUSES
    assert len({fields.normal(word) for _, word in words}) == len(words)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_csv_that_was_saved_as_shown_tells_which_rows_are_updated(tmp_path: Path, lang: Lang) -> None:
    with Crm(scripted({12: [envelope(7, "不行"), CONFIRMED]})) as crm:
        given = jobs.settings(tmp_path, crm.url, lang=lang)
        first = batch_editor.run(jobs.text_file(tmp_path / "a.csv", "clue_id,remark\n11,a\n12,b\n13,\nx,c\n"), given)
        rows = jobs.raw_results(first.results or Path())
        rows = [[say(Message(f"status.{cell}"), lang) if f"status.{cell}" in TEXTS else cell for cell in row] for row in rows]
        assert rows[1][2] == say(Message("status.updated"), lang)
        with (tmp_path / "shown.csv").open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows(rows)
        again = batch_editor.run(tmp_path / "shown.csv", given, only_failed=True)
        assert sorted(call.clue for call in crm.calls) == [11, 12, 12]
    assert jobs.statuses(again.results) == ["updated", "updated", "skipped", "invalid"]


def test_a_cell_that_is_mended_in_the_workbook_itself_is_sent(tmp_path: Path) -> None:
    """With all that stands around it: colours, notes, the summary with its chart."""
    with Crm() as crm:
        given = jobs.settings(tmp_path, crm.url)
        first = batch_editor.run(jobs.text_file(tmp_path / "a.csv", MENDABLE), given)
        assert jobs.statuses(first.results) == ["updated", "invalid"]
        mend(first.results or Path(), "C3", "女")
        second = batch_editor.run(first.results, given, only_failed=True)
        assert [(call.clue, call.body.get("gender")) for call in crm.calls] == [(CLUE, None), (CLUE + 2, "1")]
    assert jobs.statuses(second.results) == ["updated", "updated"]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["xlsx", "ods", "csv"])
def test_what_libreoffice_saves_comes_in_again(tmp_path: Path, kind: str) -> None:
    with Crm() as crm:
        given = jobs.settings(tmp_path, crm.url, lang="zh")
        first = batch_editor.run(jobs.text_file(tmp_path / "a.csv", MENDABLE), given)
        path = office.saved(first.results or Path(), office.CSV if kind == "csv" else kind)
        if kind == "ods":
            path = office.saved(path, "xlsx")
        elif kind == "csv":
            jobs.text_file(path, path.read_text(encoding="utf-8").replace("先生", "女", 1))
        if kind != "csv":
            mend(path, "C3", "女")
        second = batch_editor.run(path, given, only_failed=True)
        assert [(call.clue, call.body.get("gender")) for call in crm.calls] == [(CLUE, None), (CLUE + 2, "1")]
    assert jobs.statuses(second.results) == ["updated", "updated"]


def test_updated_rows_that_are_filtered_out_still_tell_what_is_newer(tmp_path: Path) -> None:
    """Who filters for the red rows, mends one and sends only what is seen sends nothing over a newer value all the same."""
    rows = "clue_id,remark\n11,old\n11,new\n12,only\n"
    with Crm(scripted({11: [envelope(7, "不行"), CONFIRMED], 12: [envelope(7, "不行"), CONFIRMED]})) as crm:
        given = jobs.settings(tmp_path, crm.url)
        first = batch_editor.run(jobs.text_file(tmp_path / "a.csv", rows), given)
        book = openpyxl.load_workbook(first.results or Path())
        book.worksheets[0].row_dimensions[3].hidden = True
        book.save(tmp_path / "filtered.xlsx")
        second = batch_editor.run(tmp_path / "filtered.xlsx", given, only_failed=True, visible_only=True)
    assert jobs.statuses(first.results) == ["rejected", "updated", "rejected"]
    assert jobs.statuses(second.results) == ["invalid", "updated", "updated"]
    assert sorted(call.body["remark"] for call in crm.calls) == ["new", "old", "only", "only"]


@pytest.mark.parametrize(
    ("place", "value", "sent"),
    [("B2", "三", {"remark": "三"}), ("C2", "男", {"gender": "0"}), ("B2", "#CLEAR", {"remark": ""})],
)
def test_a_row_that_is_mended_after_it_was_updated_is_sent_at_once_for_the_field_that_was_changed(
    tmp_path: Path, place: str, value: str, sent: dict[str, str]
) -> None:
    with Crm() as crm:
        given = jobs.settings(tmp_path, crm.url)
        first = batch_editor.run(jobs.text_file(tmp_path / "a.csv", MENDABLE), given)
        mend(first.results or Path(), place, value)
        second = batch_editor.run(first.results, given, only_failed=True)
        assert [call.clue for call in crm.calls] == [CLUE, CLUE]
        body = crm.calls[1].body
        assert body["update_specified_fields"] == [*sent] and {key: body[key] for key in sent} == sent
        titles = {"remark": "remark", "gender": "性别", "email": "email"}
        assert jobs.results(second.results)[0]["result_fields"] == ", ".join(titles[key] for key in sent)
        assert jobs.statuses(second.results) == ["updated", "invalid"]
        third = batch_editor.run(second.results, given, only_failed=True, new=True)
        assert jobs.statuses(third.results) == ["updated", "invalid"] and len(crm.calls) == 2


def test_the_rows_that_a_sheet_refers_to_are_found_by_their_numbers(tmp_path: Path) -> None:
    """And not by going through all rows of all runs for each: 50,000 of them would take hours."""
    asked = list[str]()

    def noting(store: SqliteStore, sql: str, *values: object) -> Any:
        asked.append(sql)
        return find(store, sql, *values)

    find = SqliteStore.find
    with pytest.MonkeyPatch.context() as patch, Crm() as crm:
        given = jobs.settings(tmp_path, crm.url)
        first = batch_editor.run(jobs.text_file(tmp_path / "a.csv", MENDABLE), given)
        patch.setattr(SqliteStore, "find", noting)
        batch_editor.run(first.results, given, only_failed=True)
    (sql,) = {one for one in asked if "WHERE run = ? AND row = ?" in one and "origin_run" in one}
    with closing(sqlite3.connect(given.state_dir / "journal.sqlite3")) as connection:
        plan = [step for *_, step in connection.execute(f"EXPLAIN QUERY PLAN {sql}", (2, 2))]
    assert plan == ["SEARCH rows USING INDEX rows_by_row (run=? AND row=?)"]


def test_a_row_that_is_only_written_otherwise_stays_updated(tmp_path: Path) -> None:
    """As Excel does to a CSV: dates its own way, cells it need not write, spaces."""
    text = f"clue_id,remark,生日,性别,邮箱\n{CLUE},一 ,1990-05-01,女,a@example.com\n{CLUE},二,1990-05-01,女,\n"
    with Crm() as crm:
        given = jobs.settings(tmp_path, crm.url)
        first = batch_editor.run(jobs.text_file(tmp_path / "a.csv", text), given)
        path = mended(mended(first.results or Path(), "1990-05-01", "1990/5/1"), "a@example.com", "")
        second = batch_editor.run(path, given, only_failed=True)
        assert len(crm.calls) == 2
    assert jobs.statuses(second.results) == ["updated", "updated"]


MENDABLE = f"clue_id,remark,性别\n{CLUE},一,\n{CLUE + 2},二,先生\n"


def mend(path: Path, place: str, value: str) -> None:
    """What somebody does in the workbook: one cell, and nothing else."""
    book = openpyxl.load_workbook(path)
    book.worksheets[0][place] = value
    book.save(path)


def test_updated_rows_that_would_be_sent_again_are_told(tmp_path: Path) -> None:
    with Crm(scripted({12: [envelope(7, "不行")]})) as crm:
        given = jobs.settings(tmp_path, crm.url)
        first = batch_editor.run(jobs.sheet(tmp_path, [11, 12, 13]), given)
    told = [say(line, "en") for line in preview_lines(batch_editor.check(first.results or Path(), given).preview)]
    assert "This is a results sheet. Updated already, and to be sent again: 2 rows." in "\n".join(told)
    checked = batch_editor.check(first.results or Path(), given, only_failed=True)
    told = [say(line, "en") for line in preview_lines(checked.preview)]
    assert "This is a results sheet" not in "\n".join(told)


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_texts_come_back_as_they_went_out(tmp_path: Path, suffix: str) -> None:
    remark = "a\x0bb _x000D_ c_x005F_d  x"
    with Crm(scripted({11: [envelope(7, "不行")]})) as crm:
        edits = jobs.text_file(tmp_path / "a.csv", f"clue_id,remark\n11,{remark}\n")
        first = batch_editor.run(edits, jobs.settings(tmp_path, crm.url), output=tmp_path / f"out.{suffix}")
        again(tmp_path, crm, first)
        assert [call.body["remark"] for call in crm.calls] == [remark, remark]


def test_columns_of_ones_own_that_are_called_like_results(tmp_path: Path) -> None:
    """Only our eight are dropped from the next results sheet; one that the settings name is read."""
    text = "clue_id,remark,result_mine,result_level,Result_Status\n11,a,keep,高,updated\n"
    edits = jobs.text_file(tmp_path / "a.csv", text)
    with Crm() as crm:
        given = jobs.settings(tmp_path, crm.url, columns={"result_level": "address"})
        report = batch_editor.run(edits, given)
        assert crm.calls[0].body["update_specified_fields"] == ["remark", "address"]
    headings, row = jobs.raw_results(report.results or Path())
    assert headings[:5] == ["clue_id", "remark", "result_mine", "result_level", "result_status"]
    assert row[:5] == ["11", "a", "keep", "高", "updated"]


def test_a_trailing_heading_that_is_empty_makes_no_row_too_long() -> None:
    import pandas as pd

    frame = pd.DataFrame([["11", "x", "y"]], columns=["clue_id", "remark", None])
    loaded = load_edits(frame, Settings(defaults=jobs.DEFAULTS))
    assert len(loaded.edits) == 1 and [note.key for note in loaded.notes] == ["note.empty_heading"]


def test_a_trailing_heading_that_is_empty_in_a_csv(tmp_path: Path) -> None:
    edits = jobs.text_file(tmp_path / "a.csv", "clue_id,remark,\n11,x,y\n12,x,y,z\n")
    loaded = load_edits(edits, Settings(defaults=jobs.DEFAULTS))
    assert [edit.clue_id for edit in loaded.edits] == [11] and [one.address for one in loaded.problems] == ["D3"]
