"""Reads the sheets of this folder, and writes rows as the files that a person would hand in.

A YAML file is one sheet: its ``file`` type, ``settings``, ``headings`` and ``rows``. A row has ``cells`` by heading and
either ``sends``, the whole body byte by byte, or ``ends``, the status of a row that is not sent. ``!error '#N/A'`` is an
Excel error and ``!formula '=1+2'`` a formula without a stored value.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from openpyxl import Workbook

from batch_editor.cell_values import CellError
from batch_editor.settings.settings import Settings

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Formula:
    """A formula whose value nobody stored."""

    text: str


class _Loader(yaml.SafeLoader):
    pass


_Loader.add_constructor("!error", lambda loader, node: CellError(loader.construct_scalar(node)))
_Loader.add_constructor("!formula", lambda loader, node: Formula(loader.construct_scalar(node)))


@dataclass(frozen=True)
class Case:
    """One row: ``sends`` is the body it must become, or None for a row that must not be sent and ``ends`` otherwise."""

    name: str
    cells: Mapping[str, Any]
    sends: str | None
    ends: str


@dataclass(frozen=True)
class SheetCase:
    """One sheet, by the name of its file here."""

    name: str
    kind: str
    settings: Mapping[str, Any]
    edit: Sequence[str]
    headings: Sequence[str]
    rows: Sequence[Case]

    def write(self, folder: Path) -> Path:
        """The sheet as a file in ``folder``."""
        table = [list(self.headings), *([case.cells.get(heading) for heading in self.headings] for case in self.rows)]
        path = folder / f"{self.name}.{self.kind}"
        return write_csv(path, table) if self.kind == "csv" else write_workbook(path, table)


def sheets() -> list[SheetCase]:
    """All sheets of this folder."""
    return [_sheet(path) for path in sorted(HERE.glob("*.yaml"))]


def _sheet(path: Path) -> SheetCase:
    with path.open(encoding="utf-8") as file:
        found = yaml.load(file, Loader=_Loader)  # noqa: S506 - a SafeLoader with two tags of its own
    rows = [Case(row["name"], row["cells"], row.get("sends"), row.get("ends", "updated")) for row in found["rows"]]
    unknown = {heading for row in rows for heading in row.cells} - set(found["headings"])
    assert not unknown, f"{path.name} fills columns that it does not have: {unknown}"
    return SheetCase(path.stem, found["file"], found["settings"], found.get("edit", ()), found["headings"], rows)


def write_csv(path: Path, table: Iterable[Sequence[object]]) -> Path:
    """``table`` as Excel saves it: UTF-8 with a BOM."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(table)
    return path


def write_workbook(path: Path, table: Iterable[Sequence[object]], name: str = "Sheet1") -> Path:
    """``table`` as a workbook with typed cells; whole numbers keep all their digits."""
    book = Workbook()
    sheet = book.active
    sheet.title = name
    for row, values in enumerate(table, 1):
        for column, value in enumerate(values, 1):
            if value is None:
                continue
            cell = sheet.cell(row, column)
            if isinstance(value, CellError | Formula):
                cell.value, cell.data_type = value.text, "e" if isinstance(value, CellError) else "f"
            elif isinstance(value, int) and not isinstance(value, bool):
                cell.value, cell.data_type = str(value), "n"  # openpyxl itself would write a long one as 1.59e+18
            else:
                cell.value = value
                if isinstance(value, str):
                    cell.data_type = "s"
    book.save(path)
    return path


def quick(url: str, state_dir: Path, **values: Any) -> Settings:
    """Settings for a run against a server on loopback, at no limited rate, also of a sheet that was finished before."""
    api = {"base_url": url, "access_token": "token-of-a-test"} | values.pop("api", {})
    values["guards"] = {"repeat": "allow"} | values.get("guards", {})
    return Settings(api=api, rate={"limits": []}, state_dir=state_dir, **values)
