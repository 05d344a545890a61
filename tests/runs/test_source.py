"""What a sheet may be in Python: records one after the other, open files, frames with an index; and what is none."""

from __future__ import annotations

import csv
import errno
import io
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pytest
from support import jobs
from support.crm import Crm

import batch_editor
from batch_editor.errors import SettingsError, SheetError
from batch_editor.messages import say
from batch_editor.model import Message
from batch_editor.sheets import spool, spool_records

IDS = ("1591005521987920962", "1591005521987920963", "1591005521987920964")


@pytest.fixture(autouse=True)
def _temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is spooled is spooled here."""
    (tmp_path / "spool").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "spool"))


def bodies(sheet: Any, tmp_path: Path) -> list[tuple[int, str]]:
    """The clue of each edit of a sheet, and its remark."""
    loaded = batch_editor.load_edits(sheet, jobs.settings(tmp_path))
    assert not loaded.problems
    return [(plan.clue_id or 0, dict(zip(("clue_id", "remark"), plan.cells, strict=False))["remark"]) for plan in loaded.plans]


def records() -> Iterator[dict[str, object]]:
    yield {"clue_id": int(IDS[0]), "remark": "a"}
    yield {"remark": "b", "clue_id": IDS[1]}
    yield {"clue_id": IDS[2], "remark": float("nan"), "email": "c@example.com"}


class Pair(NamedTuple):
    clue_id: str
    remark: str


@pytest.mark.parametrize(
    "sheet",
    [
        [{"clue_id": IDS[0], "remark": "a"}],
        ({"clue_id": IDS[0], "remark": "a"},),
        (record for record in [{"clue_id": int(IDS[0]), "remark": "a"}]),
        csv.DictReader(io.StringIO(f"clue_id,remark\n{IDS[0]},a\n")),
        csv.reader(io.StringIO(f"clue_id,remark\n{IDS[0]},a\n")),
        [["clue_id", "remark"], [IDS[0], "a"]],
        [Pair(IDS[0], "a")],
        pd.DataFrame({"clue_id": [IDS[0]], "remark": ["a"]}).itertuples(index=False),
        io.StringIO(f"clue_id,remark\r\n{IDS[0]},a\r\n"),
        io.BytesIO(f"clue_id\tremark\n{IDS[0]}\ta\n".encode("utf-16")),
    ],
    ids=lambda sheet: type(sheet).__name__,
)
def test_a_sheet_may_come_in_many_shapes(sheet: Any, tmp_path: Path) -> None:
    assert bodies(sheet, tmp_path) == [(int(IDS[0]), "a")]
    assert not list((tmp_path / "spool").iterdir())


def test_a_sheet_may_be_what_a_database_is_asked_for(tmp_path: Path) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.row_factory = sqlite3.Row
        rows = connection.execute(f"SELECT {IDS[0]} AS clue_id, 'a' AS remark")
        assert bodies(rows, tmp_path) == [(int(IDS[0]), "a")]


def test_the_names_of_all_dicts_are_headings_and_what_one_lacks_is_blank(tmp_path: Path) -> None:
    with Crm() as crm:
        report = batch_editor.run(records(), jobs.settings(tmp_path, crm.url), output=tmp_path / "out.csv")
    assert report.counts["updated"] == 3
    headings, *rows = jobs.raw_results(report.results or Path())
    assert headings[:3] == ["clue_id", "remark", "email"]
    assert [row[:3] for row in rows] == [[IDS[0], "a", ""], [IDS[1], "b", ""], [IDS[2], "", "c@example.com"]]


def test_a_name_that_comes_late_and_is_no_field_stops_the_run(tmp_path: Path) -> None:
    with pytest.raises(SheetError, match='column 3: "remrak"'):
        batch_editor.run([{"clue_id": IDS[0], "remark": "a"}, {"clue_id": IDS[1], "remrak": "b"}], jobs.settings(tmp_path))


def test_a_row_of_a_csv_with_more_fields_than_headings_is_invalid(tmp_path: Path) -> None:
    reader = csv.DictReader(io.StringIO(f"clue_id,remark\n{IDS[0]},a,b,c\n{IDS[1]},d\n"))
    loaded = batch_editor.load_edits(reader, jobs.settings(tmp_path))
    assert [problem.message.key for problem in loaded.problems] == ["row.too_long"]
    assert [edit.clue_id for edit in loaded.edits] == [int(IDS[1])]


def test_a_disk_that_is_full_is_told_and_an_error_of_the_iterable_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(io.BytesIO):
        def write(self, content: object) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(spool.Path, "open", lambda path, mode: Full())
    with pytest.raises(SettingsError, match=r"Temporary files, which are needed here, cannot be written \(No space"):
        records_spooled(records())
    with pytest.raises(OSError, match="of mine"):
        records_spooled(failing_with(OSError("of mine")))


def records_spooled(series: Iterator[dict[str, object]]) -> None:
    spool_records(series, Path("unused"))


def failing_with(error: Exception) -> Iterator[dict[str, object]]:
    raise error
    yield


@pytest.mark.parametrize(
    ("sheet", "key"),
    [
        ([{"clue_id": IDS[0]}, [IDS[1]]], "records.mixed"),
        ([["clue_id"], {"clue_id": IDS[1]}], "records.mixed"),
        ([["clue_id"], "1"], "records.none"),
        ([{"clue_id": IDS[0]}, None], "records.mixed"),
        (["clue_id"], "sheet.no_sheet"),
        ({"clue_id": [IDS[0]]}, "sheet.no_sheet"),
        (5, "sheet.no_sheet"),
        (None, "sheet.no_sheet"),
        (b"edits.csv", "sheet.no_sheet"),
        ([], "sheet.empty_file"),
        ([{}], "sheet.empty_file"),
        ([dict.fromkeys(range(first, first + 8_200), 1) for first in (0, 8_200)], "records.too_many_names"),
        ("https://docs.qq.com/sheet/DQ1", "file.address"),
        (Path("https://docs.qq.com/sheet/DQ1"), "file.address"),
        ("file:///tmp/edits.csv", "file.address"),
    ],
)
def test_what_is_no_sheet_is_refused_in_words(sheet: Any, key: str, tmp_path: Path) -> None:
    with pytest.raises(SheetError) as caught:
        batch_editor.check(sheet, jobs.settings(tmp_path))
    assert caught.value.message.key == key
    assert not list((tmp_path / "spool").iterdir())


def test_what_a_generator_raises_is_raised_and_nothing_is_sent_or_kept(tmp_path: Path) -> None:
    def failing() -> Iterator[dict[str, object]]:
        yield {"clue_id": IDS[0], "remark": "a"}
        raise ZeroDivisionError("of mine")

    with Crm() as crm, pytest.raises(ZeroDivisionError, match="of mine"):
        batch_editor.run(failing(), jobs.settings(tmp_path, crm.url))
    assert not crm.requests and not list((tmp_path / "spool").iterdir())


def test_what_is_spooled_is_private_and_gone_when_the_edits_are_sent(tmp_path: Path) -> None:
    def watched() -> Iterator[dict[str, object]]:
        (folder,) = (tmp_path / "spool").iterdir()
        assert folder.stat().st_mode & 0o077 == 0
        yield {"clue_id": IDS[0], "remark": "a"}

    spooled: list[list[Path]] = []
    with Crm() as crm:
        settings = jobs.settings(tmp_path, crm.url)
        batch_editor.run(
            watched(), settings, confirm=lambda preview: spooled.append(list((tmp_path / "spool").iterdir())) or True
        )
    assert spooled == [[]]


# --- open files


def test_an_open_file_is_read_from_where_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "edits.csv"
    path.write_text(f"# from the shop\nclue_id,remark\n{IDS[0]},甲\n", encoding="gbk")
    with path.open(encoding="gbk") as file:
        next(file)
        assert bodies(file, tmp_path) == [(int(IDS[0]), "甲")]
        with pytest.raises(SheetError, match=r"Nothing is left to read in edits\.csv"):
            batch_editor.check(file, jobs.settings(tmp_path))


def test_an_open_workbook_is_a_workbook(tmp_path: Path) -> None:
    pd.DataFrame({"clue_id": [IDS[0]], "remark": ["a"]}).to_excel(tmp_path / "edits.xlsx", index=False)
    with (tmp_path / "edits.xlsx").open("rb") as file:
        assert bodies(file, tmp_path) == [(int(IDS[0]), "a")]


def test_an_open_file_is_named_where_something_is_wrong_with_it(tmp_path: Path) -> None:
    path = tmp_path / "edits.csv"
    path.write_text('clue_id,remark\n1,"a"b\n')
    for mode in ("r", "rb"):
        with path.open(mode) as file, pytest.raises(SheetError, match=r"marks of edits\.csv do not match"):
            batch_editor.check(file, jobs.settings(tmp_path))
    with path.open() as file, pytest.raises(SheetError, match="leave out --encoding"):
        batch_editor.check(file, jobs.settings(tmp_path), encoding="gbk")


def test_an_open_file_whose_text_cannot_be_read_is_to_be_opened_as_bytes(tmp_path: Path) -> None:
    path = jobs.workbook(tmp_path / "edits.xlsx", [["clue_id", "remark"], [IDS[0], "a"]])
    with path.open(encoding="utf-8") as file, pytest.raises(SheetError, match="Open it as bytes"):
        batch_editor.check(file, jobs.settings(tmp_path))


def test_the_bytes_of_an_open_file_are_the_same_sheet_as_the_file(tmp_path: Path) -> None:
    path = jobs.sheet(tmp_path, [11, 12])
    with Crm() as crm, path.open("rb") as file:
        given = jobs.settings(tmp_path, crm.url)
        first = batch_editor.run(path, given, limit=1)
        second = batch_editor.run(file, given)
    assert (second.run, second.results) == (first.run, first.results)


# --- the index of a frame


def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {"clue_id": [IDS[0], "x", IDS[2]], "remark": ["a", "b", "c"]}, index=pd.Index(["C-16", "C-17", "C-18"], name="case")
    )


def test_problems_name_the_labels_of_the_index(tmp_path: Path) -> None:
    report = batch_editor.check(frame(), jobs.settings(tmp_path))
    (problem,) = report.problems
    assert say(Message("verbatim", {"text": problem.place}), "en") == "row 'C-17' (clue_id)"
    assert report.to_frame()["cell"].tolist() == ["row 'C-17' (clue_id)"]
    (group,) = report.preview.counts.problem_groups
    assert group.place == problem.place
    more = batch_editor.check(frame().assign(clue_id="x"), jobs.settings(tmp_path)).preview.counts.problem_groups
    assert say(Message("verbatim", {"text": more[0].place}), "en") == "rows 'C-16' … 'C-18' (clue_id)"
    plain = batch_editor.check(frame().reset_index(drop=True), jobs.settings(tmp_path))
    assert plain.to_frame()["cell"].tolist() == ["row 1 (clue_id)"]


def test_the_index_is_kept_in_the_results_which_are_a_sheet_themselves(tmp_path: Path) -> None:
    with Crm() as crm:
        given = jobs.settings(tmp_path, crm.url)
        report = batch_editor.run(frame(), given, output=tmp_path / "out.csv")
        headings, *rows = jobs.raw_results(report.results or Path())
        assert headings[:3] == ["result_index_case", "clue_id", "remark"]
        assert [row[0] for row in rows] == ["C-16", "C-17", "C-18"]
        again = batch_editor.run(report.results or Path(), given, only_failed=True)
    assert again.counts["invalid"] == 1 and again.counts["updated"] == 2


def test_an_index_that_is_called_like_a_field_is_that_field(tmp_path: Path) -> None:
    given = frame().drop(index="C-17")
    assert len(batch_editor.load_edits(given.set_index("clue_id"), jobs.settings(tmp_path)).edits) == 2
    assert len(batch_editor.load_edits(given.set_index("clue_id", drop=False), jobs.settings(tmp_path)).edits) == 2
    assert len(batch_editor.load_edits(given.set_index("clue_id", append=True), jobs.settings(tmp_path)).edits) == 2
