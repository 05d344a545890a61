"""Writes the formula of one cell as it reads in another: what it refers to moves along, but for what a ``$`` holds.

That is what a cell means that shares the formula of another one.
"""

from __future__ import annotations

import re

from ..sheets.sheet import COLUMNS, column_of

#: What is no reference: texts, names of sheets in quotation marks, names of columns of a table.
_PASSED = r"""(?P<passed>"(?:[^"]|"")*"|'(?:[^']|'')*'|\[[^\]]*\])"""
_NAME = r"[\w.\\?$]"
_COLUMN, _ROW = r"(\$?)([A-Z]{1,3})", r"(\$?)([0-9]{1,7})"
_REFERENCE = re.compile(
    rf"{_PASSED}|(?<!{_NAME})(?:{_COLUMN}{_ROW}|{_COLUMN}:{_COLUMN}|{_ROW}:{_ROW})(?![\w.(!\[])",
    re.IGNORECASE,
)
_LAST_ROW = 1_048_576
_NONE = "#REF!"


def moved(formula: str, rows: int, columns: int) -> str:
    """Returns a formula as it reads so many rows below its cell, and so many columns to the right of it."""

    def column(fixed: str, letters: str) -> str:
        if fixed:
            return f"${letters}"
        place = column_of(letters.upper()) + columns
        return COLUMNS[place] if 0 <= place < len(COLUMNS) else _NONE

    def row(fixed: str, digits: str) -> str:
        if fixed:
            return f"${digits}"
        number = int(digits) + rows
        return str(number) if 1 <= number <= _LAST_ROW else _NONE

    def replaced(match: re.Match[str]) -> str:
        if match["passed"] is not None:
            return match[0]
        _, fixed, letters, held, digits, first, left, last, right, top_held, top, end_held, end = match.groups()
        if digits is not None:
            parts = [column(fixed, letters), row(held, digits)]
            between = ""
        elif left is not None:
            parts, between = [column(first, left), column(last, right)], ":"
        else:
            parts, between = [row(top_held, top), row(end_held, end)], ":"
        return _NONE if _NONE in parts else between.join(parts)

    return _REFERENCE.sub(replaced, formula)
