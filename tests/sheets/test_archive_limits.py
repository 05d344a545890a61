"""Workbooks that are made to do harm: they are refused before they eat the machine, and nothing beside them is read."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from files import make
from support.workbooks import cells_of, refusal, rows_of, shared, styles, written

from batch_editor.sheets import markup, stream, strings, workbook
from batch_editor.sheets import styles as formats

ROW = '<row><c t="s"><v>0</v></c></row>'
CODES = styles(*["yyyy"] * 61).partition("<cellStyleXfs>")[0] + "</styleSheet>"  # which no cell has
TEXTS = {"xl/sharedStrings.xml": shared("<t>one</t>", "<t>two</t>")}


@pytest.mark.parametrize(
    "part",
    [
        "_rels/.rels",
        "xl/workbook.xml",
        "xl/_rels/workbook.xml.rels",
        "xl/styles.xml",
        "xl/sharedStrings.xml",
        "xl/worksheets/sheet1.xml",
    ],
)
def test_no_part_may_declare_anything(part: str, tmp_path: Path) -> None:
    parts = make.parts_of(make.sheet(ROW)) | TEXTS
    path = tmp_path / "declared.xlsx"
    for doctype in ("<!DOCTYPE x>", '<!DOCTYPE x [<!ENTITY a "b">]>', '<!DOCTYPE x SYSTEM "file:///etc/hostname">'):
        make.pack(path, parts | {part: parts[part].replace(make.HEAD, make.HEAD + doctype)})
        assert refusal(path).message.key == "xlsx.damaged"
    make.pack(path, parts)
    assert cells_of(path) == ("one",)


@pytest.mark.parametrize(
    ("module", "limit", "value", "rows", "parts"),
    [
        (strings, "_MOST_TEXTS", 1, ROW, TEXTS),
        (strings, "_MOST_BYTES", 5, ROW, TEXTS),
        (formats, "_MOST_FORMATS", 60, ROW, TEXTS | {"xl/styles.xml": styles(*["0"] * 60)}),
        (formats, "_MOST_FORMATS", 60, ROW, TEXTS | {"xl/styles.xml": CODES}),
        (workbook, "_MOST_SHEETS", 2, ROW, TEXTS),  # it has three relations
        (stream, "_MOST_TEXT", 5999, '<row><c t="s"><v>0</v></c><c t="s"><v>0</v></c></row><row/>', "long"),
        (stream, "_MOST_TEXT", 5999, '<row><c t="s"><v>0</v></c> <c t="s"><v>0</v></c></row>', "long"),
        (stream, "_MOST_TEXT", 2999, f'<row><c t="str"><v>{"x" * 3000}</v></c></row>', {}),
        (stream, "_MOST_TEXT", 2999, f'<row><c t="inlineStr"><is><t>{"x" * 3000}</t></is></c></row>', {}),
        (stream, "LONGEST_TEXT", 2999, f'<row><c t="str"><v>{"x" * 3000}</v></c></row>', {}),
        (strings, "LONGEST_TEXT", 2999, f'<row><c t="inlineStr"><is><t>{"x" * 3000}</t></is></c></row>', {}),
        (strings, "LONGEST_TEXT", 2999, ROW, "long"),
        (stream, "_MOST_NOTES", 20, f"<row>{'<c/>' * 30}</row>", {}),
        (stream, "_MOST_PIECES", 1, f"<row>{'<c/>' * 9000}</row>", {}),
        (markup, "_MOST_NAMES", 99, ROW + "".join(f"<a{number}/>" for number in range(99)), TEXTS),
        (markup, "_LONGEST_TAG", 20_000, f'<row a="{"x" * 40_000}"/>', {}),
        (markup, "_DEEPEST", 9, f"<row>{'<a>' * 10}{'</a>' * 10}</row>", {}),
        (markup, "_DEEPEST", 9, ROW, TEXTS | {"xl/styles.xml": f"{'<a>' * 10}{'</a>' * 10}"}),
    ],
)
def test_nothing_is_without_a_limit(
    module: object, limit: str, value: int, rows: str, parts: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"xl/sharedStrings.xml": shared(f"<t>{'x' * 3000}</t>")} if parts == "long" else parts
    path = written(tmp_path, rows, parts=given)  # type: ignore[arg-type]
    rows_of(path)  # as it is, it can be read
    monkeypatch.setattr(module, limit, value)
    assert refusal(path).message.key == "xlsx.too_large"


def test_a_directory_that_lies_about_sizes_is_not_believed(tmp_path: Path) -> None:
    """What is unpacked ends where the directory says, and what is then missing is damage."""
    path = written(tmp_path, ROW, parts=TEXTS)
    with zipfile.ZipFile(path) as archive:
        part = archive.getinfo("xl/sharedStrings.xml")
        content = path.read_bytes()
    size = struct.pack("<L", part.file_size)
    found = content.rindex(size, 0, content.rindex(b"xl/sharedStrings.xml"))
    path.write_bytes(content[:found] + struct.pack("<L", 60) + content[found + 4 :])
    assert refusal(path).message.key == "xlsx.damaged"


def test_a_part_whose_bytes_have_changed_is_damaged_also_behind_what_is_read(tmp_path: Path) -> None:
    path = tmp_path / "flipped.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for part, content in (make.parts_of(make.sheet(ROW)) | TEXTS).items():
            archive.writestr(part, content)
    path.write_bytes(path.read_bytes().replace(b"<t>two</t>", b"<t>TWO</t>"))
    assert refusal(path).message.key == "xlsx.damaged"


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_part_is_packed_as_workbooks_are(method: int, tmp_path: Path) -> None:
    path = tmp_path / "packed.xlsx"
    with zipfile.ZipFile(path, "w", method) as archive:
        for part, content in (make.parts_of(make.sheet(ROW)) | TEXTS).items():
            archive.writestr(part, content, zipfile.ZIP_DEFLATED if part.startswith("[") else method)
    assert refusal(path).message.key == "xlsx.damaged"


MEGABYTES = 120

READS = """
import json, sys
from pathlib import Path
from batch_editor.errors import SheetError
from batch_editor.sheets.workbook import read_workbook

def peak():
    found = next(line for line in open("/proc/self/status") if line.startswith("VmHWM:"))
    return int(found.split()[1]) // 1024

before, rows = peak(), 0
try:
    for sheet in read_workbook(Path(sys.argv[1])):
        for row in sheet.rows():
            rows += 1
    said = ""
except SheetError as error:
    said = error.message.key
print(json.dumps([peak() - before, rows, said]))
"""

START = f'<worksheet xmlns="{make.MAIN}"><sheetData>'
HARM: dict[str, tuple[str, Callable[[], Iterable[str]], str]] = {
    "cells within cells": ("sheet1", lambda: [START + "<row>", *("<c>" * 1000 for _ in range(20_000))], "xlsx.too_large"),
    "rows within rows": ("sheet1", lambda: [START, *("<row>" * 1000 for _ in range(20_000))], "xlsx.damaged"),
    "a row without an end": ("sheet1", lambda: [START + "<row>", *(" <c/>" * 1000 for _ in range(20_000))], "xlsx.too_large"),
    "a value without an end": (
        "sheet1",
        lambda: [START + '<row><c t="str"><v>', *("x" * 100_000 for _ in range(1500))],
        "xlsx.too_large",
    ),
    "an attribute without an end": (
        "sheet1",
        lambda: [START + '<row r="', *("x" * 100_000 for _ in range(1500))],
        "xlsx.too_large",
    ),
    "names without an end": (
        "sheet1",
        lambda: [START, *("".join(f"<a{thousand}x{n}/>" for n in range(1000)) for thousand in range(5000))],
        "xlsx.too_large",
    ),
    "full to the last column": (
        "sheet1",
        lambda: [
            START,
            *(f'<row r="{n}"><c r="XFD{n}"><v>1</v></c></row>' for n in range(1, 3000)),
            "</sheetData></worksheet>",
        ],
        "",
    ),
    "texts by the million": (
        "sharedStrings",
        lambda: [f'<sst xmlns="{make.MAIN}">', *(f"<si><t>{n:060}</t></si>" * 100 for n in range(20_000)), "</sst>"],
        "",
    ),
    "a text without an end": (
        "sharedStrings",
        lambda: [f'<sst xmlns="{make.MAIN}"><si><t>', *("x" * 100_000 for _ in range(1500))],
        "xlsx.too_large",
    ),
    "runs without an end": (
        "sharedStrings",
        lambda: [f'<sst xmlns="{make.MAIN}"><si>', *("<r><t>xxxxxxxx</t></r>" * 1000 for _ in range(5000))],
        "xlsx.too_large",
    ),
    "relations by the million": (
        "workbook.xml.rels",
        lambda: [
            f'<Relationships xmlns="{make.PACKAGE}relationships">',
            *(f'<Relationship Id="{n}" Type="{n}" Target="{n}"/>' for n in range(1_000_000)),
        ],
        "xlsx.too_large",
    ),
}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the peak of a process is read from /proc")
@pytest.mark.parametrize("harm", HARM)
def test_no_workbook_takes_much_memory(harm: str, tmp_path: Path) -> None:
    place, content, said = HARM[harm]
    parts = make.parts_of(make.sheet('<row><c t="s"><v>0</v></c></row>'))
    path = tmp_path / "harm.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for part, text in parts.items():
            if place not in part:
                archive.writestr(part, text)
        with archive.open(next(part for part in parts if place in part), "w") as file:
            for piece in content():
                file.write(piece.encode())
    done = subprocess.run([sys.executable, "-c", READS, path], capture_output=True, check=True, timeout=200)
    grown, rows, found = json.loads(done.stdout)
    assert (found, grown < MEGABYTES) == (said, True), f"{grown} MB"
    assert bool(rows) == (not said)
