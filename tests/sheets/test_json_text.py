"""What a file of JSON turns into: the names of its objects as row 1, whole numbers with all digits, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from batch_editor.cell_values import Cell, Texts, Unusable
from batch_editor.errors import SheetError
from batch_editor.sheets import TextForm, json_text, read_file

ID = 1591005521987920963


def rows_of(folder: Path, content: str | bytes, **form: str) -> list[tuple[int, tuple[Cell, ...]]]:
    path = folder / "edits.csv"  # names lie
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    (sheet,) = read_file(path, TextForm.named(**form))
    rows = [(row.number, row.cells) for row in sheet.rows()]
    assert rows == [(row.number, row.cells) for row in sheet.rows()]
    return rows


LINES = f'{{"clue_id": {ID}, "remark": "甲"}}\n{{"remark": null, "clue_id": "{ID}", "email": "a@b.cn"}}\n'
ROWS = [(1, ("clue_id", "remark", "email")), (2, (ID, "甲")), (3, (str(ID), None, "a@b.cn"))]


@pytest.mark.parametrize(
    "content",
    [
        LINES,
        LINES.rstrip(),
        LINES.replace("\n", "\r\n"),
        "\n\n" + LINES.replace("\n", "\n\n"),
        "[" + LINES.strip().replace("\n", ",\n") + "]",
        " [\n" + LINES.strip().replace("\n", "\n,") + "\n]\n",
        json.dumps([json.loads(line) for line in LINES.splitlines()], indent=4),
        LINES.replace(", ", ",\n  "),
        LINES.encode("utf-16"),
        LINES.encode("utf-8-sig"),
    ],
)
def test_objects_one_after_the_other_or_in_a_list_are_rows(content: str | bytes, tmp_path: Path) -> None:
    assert rows_of(tmp_path, content) == ROWS


def test_an_encoding_may_be_named_and_a_delimiter_not(tmp_path: Path) -> None:
    assert rows_of(tmp_path, LINES.encode("gbk"), encoding="gbk") == ROWS
    with pytest.raises(SheetError, match="leave out --delimiter"):
        rows_of(tmp_path, LINES, delimiter=";")


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("1591005521987920963", ID),
        ("1591005521987920963.0", "1591005521987920963.0"),  # more digits than a float holds
        ("1.5910055219879210e18", 1.591005521987921e18),
        ("0.5", 0.5),
        ("0.30000000000000004", 0.30000000000000004),
        ("0.1234567890123456789", "0.1234567890123456789"),
        ("1e400", "1e400"),
        ("NaN", None),
        ("Infinity", "Infinity"),
        ("true", True),
        ("null", None),
        ('""', None),
        ('"\\ud83d"', "\ud83d"),
        ('["et1", 12]', Texts(("et1", "12"))),
        ("[]", None),
        ('{"id": 1}', Unusable("dict")),
        ('[{"id": 1}]', Unusable("list")),
    ],
)
def test_a_value_is_exactly_what_stands_there(value: str, cell: Cell, tmp_path: Path) -> None:
    _, (_, cells) = rows_of(tmp_path, f'{{"value": {value}, "last": "x"}}')
    assert (type(cells[0]), cells[0]) == (type(cell), cell)


@pytest.mark.parametrize(
    ("content", "key", "line"),
    [
        ('{"a": 1}\n{"a": 2', "json.cut", 2),
        ('[{"a": 1},\n{"a": 2},\n', "json.cut", 3),
        ('[{"a": 1}\n', "json.cut", 2),
        ('{"a": 1}\n{"a": "x', "json.cut", 2),
        ('{"a": 1}\n{"a": 2,}\n', "json.damaged", 2),
        ('[{"a": 1},\n{"a": 2}\n] {', "json.damaged", 3),
        ('[{"a": 1}\n{"a": 2}]', "json.damaged", 2),
        ('{"a": 1},\n{"a": 2}', "json.no_object", 1),
        ('[["clue_id"], ["1"]]', "json.no_object", 1),
        ('{"a": 1}\n[1]', "json.no_object", 2),
        ('{"a": 1}\n{"b": 1, "b": 1}', "json.twice", 2),
        ('{"a": ' + "9" * 5000 + "}", "json.damaged", 1),
        ('{"a": ' + "[" * 200_000 + "}", "json.damaged", 1),
        ('{"a": "' + "x" * (1 << 22) + '"', "json.long_object", 1),
    ],
)
def test_what_is_damaged_is_refused_with_its_line(content: str, key: str, line: int, tmp_path: Path) -> None:
    with pytest.raises(SheetError) as caught:
        rows_of(tmp_path, content)
    assert (caught.value.message.key, caught.value.message.values.get("line")) == (key, line)


@pytest.mark.parametrize("size", [1, 2, 7])
def test_an_object_may_end_anywhere_in_what_is_read_at_once(size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_text, "_CHUNK", size)
    assert rows_of(tmp_path, LINES) == ROWS
    assert rows_of(tmp_path, "[" + LINES.strip().replace("\n", ",\n") + "]") == ROWS


@pytest.mark.parametrize("heading", ["[clue_id]", "{clue_id}", "[必填] clue_id"])
def test_a_csv_may_begin_with_a_bracket(heading: str, tmp_path: Path) -> None:
    assert rows_of(tmp_path, f"{heading},remark\n1,a\n") == [(1, (heading, "remark")), (2, ("1", "a"))]
