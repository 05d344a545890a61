"""Makes the sheets that LibreOffice has to write, with a Python that knows it: /usr/bin/python3 make_by_libreoffice.py"""

from __future__ import annotations

import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException

HERE = Path(__file__).parent
FILTERS = {"xls": "MS Excel 97", "ods": "calc8"}
DAY = 36  # a number format of LibreOffice: the day in the form of the language
ROWS: dict[int, list[object]] = {
    3: [None, "clue_id", "备注", "生日", "work_id"],
    4: [None, "1591005521987921928", "第一行\n第二行", "=DATE(1990;5;1)", 12],
    5: [None, "1591005521987921929", "hidden", None, "=1+2"],
    7: [None, "1591005521987921930", "=NA()", None, "=1/0"],
    8: [None, "1591005521987921931", '="a"&"b"', '=""', 2],
}


def named(**values: object) -> tuple[Any, ...]:
    return tuple(PropertyValue(name, 0, value, 0) for name, value in values.items())


def make(desktop: Any) -> None:
    document = desktop.loadComponentFromURL("private:factory/scalc", "_blank", 0, named(Hidden=True))
    document.Sheets.insertNewByName("列表", 1)
    document.Sheets.getByIndex(1).getCellByPosition(0, 0).String = "clue_id"
    document.Sheets.getByIndex(1).IsVisible = False
    sheet = document.Sheets.getByIndex(0)
    for row, values in ROWS.items():
        for column, value in enumerate(values):
            cell = sheet.getCellByPosition(column, row - 1)
            if isinstance(value, int):
                cell.Value = value
            elif isinstance(value, str) and value.startswith("="):
                cell.Formula = value
            elif isinstance(value, str):
                cell.String = value
    sheet.getCellByPosition(3, 3).NumberFormat = DAY
    sheet.Rows.getByIndex(4).IsVisible = False
    for kind, name in FILTERS.items():
        for file, more in ((f"{kind}_of_libreoffice.{kind}", {}), (f"{kind}_encrypted.{kind}", {"Password": "secret"})):
            document.storeToURL((HERE / file).as_uri(), named(FilterName=name, **more))
    document.close(True)


def main() -> None:
    with tempfile.TemporaryDirectory() as profile:
        door = "pipe,name=make_sheets;urp;"
        command = [
            "soffice",
            "--headless",
            "--norestore",
            f"-env:UserInstallation={Path(profile).as_uri()}",
            f"--accept={door}",
        ]
        office = subprocess.Popen(command)
        resolver = uno.getComponentContext().ServiceManager.createInstance("com.sun.star.bridge.UnoUrlResolver")
        while office.poll() is None:
            try:
                context = resolver.resolve(f"uno:{door}StarOffice.ComponentContext")
                break
            except NoConnectException:
                time.sleep(0.5)
        desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
        make(desktop)
        desktop.terminate()
        office.wait()


if __name__ == "__main__":
    main()
