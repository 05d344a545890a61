"""The cells of a row as they were read, as a JSON text, and back: numbers stay numbers, and dates dates.

The texts of a row are kept anyway: here stand only the cells that are no texts, those beyond the columns of the sheet, and
whether the sheet hides the row. For a row of texts there is nothing to keep.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from ..cell_values import Cell, CellError, Formatted, FormattedText, Row, Texts, Uncomputed, Unusable
from .number_formats import formatted

_TEXTS = frozenset({str, type(None)})
#: What JSON holds as it is.
_PLAIN = frozenset({str, type(None), int, float, bool})
#: ``str`` refuses an int of more than 4300 digits, and so does JSON.
_STR_BITS = 14_000
_BEYOND, _HIDDEN = "beyond", "hidden"
_MICROSECOND = timedelta(microseconds=1)
#: Makes compact JSON; made once, since every row needs it.
_encode = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode
#: Returns whether what a format shows of the cell in a column is of any consequence.
IsShown = Callable[[int, Formatted], bool]


def typed_cells(row: Row, columns: int, is_shown: IsShown) -> str | None:
    """Returns what the texts of the first ``columns`` cells of a row do not tell of it; None where they tell it all.

    Of a cell for which ``is_shown`` says no, the value is kept without its format.
    """
    cells = row.cells
    is_long = len(cells) > columns
    if not is_long and not row.hidden and _TEXTS.issuperset(map(type, cells)):
        return None
    kept: dict[str, object] = {
        str(place): _to_json(place, cell, is_shown)
        for place, cell in enumerate(cells[:columns] if is_long else cells)
        if cell.__class__ not in _TEXTS
    }
    if is_long:
        kept[_BEYOND] = [_to_json(columns, cell, is_shown) for cell in cells[columns:]]
    if row.hidden:
        kept[_HIDDEN] = True
    return _encode(kept)


def typed_row(number: int, texts: Sequence[str], typed: str | None, columns: int) -> Row:
    """Returns the row of which ``typed_cells`` gave ``typed``, and whose first ``columns`` cells are the ``texts``."""
    cells: list[Cell] = [text or None for text in texts[:columns]]
    if typed is None:
        return Row(number, tuple(cells), len(cells))
    kept = json.loads(typed)
    hidden = bool(kept.pop(_HIDDEN, False))
    beyond = kept.pop(_BEYOND, ())
    for place, value in kept.items():
        cells[int(place)] = _from_json(value)
    if beyond:
        cells += [None] * (columns - len(cells))
        cells += map(_from_json, beyond)
    return Row(number, tuple(cells), len(cells), hidden)


def _to_json(place: int, cell: Cell, is_shown: IsShown) -> object:
    if cell.__class__ in _PLAIN and not (isinstance(cell, int) and cell.bit_length() > _STR_BITS):
        return cell
    if isinstance(cell, Formatted):
        if is_shown(place, cell):
            return {"formatted": [_tagged(cell), *cell.shown(), cell.is_whole]}
        return cell.text if isinstance(cell, FormattedText) else _tagged(cell)
    return _tagged(cell)


def _tagged(cell: Cell | Formatted) -> object:
    """The value of a cell without its format; what JSON has no form for as a dict of one tag."""
    match cell:
        case FormattedText():
            return {"text": cell.text}
        case int() if cell.bit_length() > _STR_BITS:
            return {"int": hex(cell)}
        case int():
            return int(cell)
        case float():
            return float(cell)
        case datetime():
            return {"datetime": cell.isoformat()}
        case date():
            return {"date": cell.isoformat()}
        case time():
            return {"time": cell.isoformat()}
        case timedelta():
            return {"duration": cell // _MICROSECOND}
        case CellError():
            return {"error": cell.text}
        case Uncomputed():
            return {"uncomputed": True}
        case Texts():
            return {"texts": cell.texts}
        case Unusable():
            return {"unusable": cell.kind}
    raise TypeError(f"{type(cell).__name__} is no cell")


def _from_json(value: Any) -> Cell:
    if not isinstance(value, dict):
        cell: Cell = value
        return cell
    ((tag, held),) = value.items()
    if tag == "formatted":
        bare, shown, is_certain, is_whole = held
        return formatted(_from_json(bare), partial(_shown, shown, is_certain), is_whole=is_whole)
    return _FROM_JSON[tag](held)


def _shown(text: str, is_certain: bool) -> tuple[str, bool]:
    return text, is_certain


_FROM_JSON: Mapping[str, Callable[[Any], Cell]] = {
    "text": str,
    "int": lambda digits: int(digits, 16),
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "duration": lambda number: number * _MICROSECOND,
    "error": CellError,
    "uncomputed": lambda _: Uncomputed(),
    "texts": lambda texts: Texts(tuple(texts)),
    "unusable": Unusable,
}
