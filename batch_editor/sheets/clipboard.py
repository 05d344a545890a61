"""Reads what a spreadsheet program puts on the clipboard: rows of cells with tabs between them, as a person has copied them.

Excel, WPS and their like put a cell between quotation marks where it holds a line break or a tab, and nowhere else: any other
quotation mark is one that the person sees in the cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_QUOTED = re.compile(r'"((?:[^"]++|"")*+)"(?=[\t\n]|\Z)')
_PLAIN = re.compile(r"[^\t\n]*")


def clipboard_rows(text: str) -> Iterator[list[str]]:
    """Yields the rows of a text from the clipboard, each as the texts of its cells; the line that ends the last row is no row.

    Line breaks within cells become LF, however the system writes them. A NUL, which no cell holds, ends the text, as it does
    for the programs that put one there.
    """
    text = text.partition("\0")[0].removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    place, row = 0, list[str]()
    while place < len(text):
        quoted = _QUOTED.match(text, place) if text[place] == '"' else None
        if quoted and ("\n" in quoted[1] or "\t" in quoted[1]):
            row.append(quoted[1].replace('""', '"'))
            place = quoted.end()
        else:
            plain = _PLAIN.match(text, place)
            row.append(plain[0] if plain else "")
            place += len(row[-1])
        if place == len(text) or text[place] == "\n":
            yield row
            row = []
        elif place + 1 == len(text):  # the tab before an empty last cell
            yield [*row, ""]
        place += 1
