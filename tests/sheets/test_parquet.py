"""What a parquet file turns into, by pyarrow; and what is said where that is not installed."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas
import pyarrow
import pytest
from pyarrow import parquet

from batch_editor.cell_values import Cell, Texts, Unusable
from batch_editor.errors import SheetError
from batch_editor.sheets import Sheet, read_file

ID = 1591005521987920963
CHINA = timezone(timedelta(hours=8))


def sheet_of(folder: Path, table: pyarrow.Table, **options: Any) -> Sheet:
    parquet.write_table(table, folder / "edits.parquet", **options)
    (sheet,) = read_file(folder / "edits.parquet")
    return sheet


def cells_of(sheet: Sheet) -> list[tuple[Cell, ...]]:
    return [row.cells for row in sheet.rows()]


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        (pyarrow.array([ID, None]), ID),
        (pyarrow.array([ID, None], pyarrow.uint64()), ID),
        (pyarrow.array([1.5, None]), 1.5),
        (pyarrow.array([0.1, None], pyarrow.float32()), 0.1),
        (pyarrow.array(["甲", None]), "甲"),
        (pyarrow.array(["甲", None]).dictionary_encode(), "甲"),
        (pyarrow.array([Decimal(ID), None], pyarrow.decimal128(38, 2)), ID),
        (pyarrow.array([["et1", "et2"], None]), Texts(("et1", "et2"))),
        (pyarrow.array([True, None]), True),
        (pyarrow.array([{"id": 1}, None]), Unusable("dict")),
        (pyarrow.array([b"x", None]), Unusable("bytes")),
        (pyarrow.array([datetime(1990, 5, 1), None], pyarrow.date32()), datetime(1990, 5, 1)),
        (pyarrow.array([datetime(1990, 5, 1), None], pyarrow.timestamp("ns")), datetime(1990, 5, 1)),
        (
            pyarrow.array([datetime(1990, 5, 1, tzinfo=CHINA), None], pyarrow.timestamp("us", "Asia/Shanghai")),
            datetime(1990, 5, 1, tzinfo=CHINA),
        ),
    ],
    ids=lambda value: str(value.type) if isinstance(value, pyarrow.Array) else "",
)
def test_a_value_is_exactly_what_stands_there_and_null_is_a_blank(column: pyarrow.Array, cell: Cell, tmp_path: Path) -> None:
    rows = cells_of(sheet_of(tmp_path, pyarrow.table({"value": column, "last": ["x", "y"]})))
    assert rows == [("value", "last"), (cell, "x"), (None, "y")]
    assert type(rows[1][0]) is type(cell)


def test_rows_come_part_by_part_and_are_called_by_their_number(tmp_path: Path) -> None:
    sheet = sheet_of(tmp_path, pyarrow.table({"clue_id": range(10_000)}), row_group_size=1000)
    numbers = [(row.number, row.cells[0]) for row in sheet.rows() if row.number > 1]
    assert numbers == [(place + 2, place) for place in range(10_000)]
    assert sheet.label and sheet.label(2) == "#1"


def test_an_index_of_pandas_stands_before_the_columns(tmp_path: Path) -> None:
    frame = pandas.DataFrame({"clue_id": [1], "remark": ["a"]})
    for index, expected in ((None, (0, None)), (["C-1"], (1, None)), (pandas.Index(["C-1"], name="case"), (1, "case"))):
        path = tmp_path / "edits.parquet"
        (frame if index is None else frame.set_axis(index)).to_parquet(path)
        (sheet,) = read_file(path)
        first, *_ = cells_of(sheet)
        assert (sheet.index_columns, first[0] if index is not None else None) == expected
        assert first[sheet.index_columns :] == ("clue_id", "remark")


def test_two_columns_of_one_name_both_stand_there(tmp_path: Path) -> None:
    table = pyarrow.Table.from_arrays([pyarrow.array([1]), pyarrow.array([2])], names=["remark", "remark"])
    assert cells_of(sheet_of(tmp_path, table)) == [("remark", "remark"), (1, 2)]


def test_without_pyarrow_it_is_said_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parquet.write_table(pyarrow.table({"clue_id": [1]}), tmp_path / "edits.parquet")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(SheetError, match=r"pip install 'batch-editor\[parquet\]'"):
        read_file(tmp_path / "edits.parquet")


@pytest.mark.parametrize("length", [4, 40, -1])
def test_a_parquet_file_that_is_not_whole_is_refused(length: int, tmp_path: Path) -> None:
    sheet_of(tmp_path, pyarrow.table({"clue_id": range(1000)}))
    path = tmp_path / "edits.parquet"
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(SheetError) as caught:
        read_file(path)
    assert caught.value.message.key == "parquet.damaged"


def test_a_part_that_is_damaged_is_refused_when_it_is_read(tmp_path: Path) -> None:
    sheet_of(tmp_path, pyarrow.table({"clue_id": [f"{place:0100d}" for place in range(10_000)]}), compression="gzip")
    path = tmp_path / "edits.parquet"
    content = bytearray(path.read_bytes())
    content[4:400] = bytes(396)
    path.write_bytes(content)
    (sheet,) = read_file(path)
    with pytest.raises(SheetError) as caught:
        list(sheet.rows())
    assert caught.value.message.key == "parquet.damaged"
