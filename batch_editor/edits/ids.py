"""Ids in cells, alone or several, given by themselves or by name: clues and pools, people, tags, options (guide: rules).

An id is exact or refused; a name has one id or is refused. Which kind of field wants which of them is decided in ``cells.py``.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from ..cell_values import Cell, Texts
from ..settings.names import EDGES, SEPARATORS, Choices, is_made
from ..settings.sections import CustomField, Ids
from ..spoilt_text import is_error_text, is_rounded, is_rounded_number, is_shortened, narrow
from .texts import BadCell, Json, cell_text, digits_of, filled, hidden_characters, narrow_digits, plain_text, unquoted

MAX_LONG = 2**63 - 1
#: A long number with commas between its thousands, in which each of them would pass for a tag.
_GROUPED = re.compile("[1-9][0-9]{0,2}(?:[,\uff0c][0-9]{3}){5,}")
_SCIENTIFIC = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?[eE][+-]?[0-9]+")


def id_of(cell: Cell, known: Choices | None, trust: bool) -> str:
    """Returns the digits of the id that a cell holds, or names."""

    def otherwise(cell: Cell) -> BadCell:
        if known is None or digits_of(cell).isdecimal():
            return BadCell("cell.not_id", value=cell_text(cell))
        return _unknown(cell_text(cell), known)

    return _named(cell, known) or _id_digits(cell, trust, otherwise)


def clue_id(cell: Cell, trust: bool) -> int:
    """Returns the id of a clue, of which no one is 0."""
    number = int(id_of(cell, None, trust))
    if not number:
        raise BadCell("cell.zero_id", value=cell_text(cell))
    return number


def person(cell: Cell, known: Choices | None, rules: Ids) -> str:
    """Returns the id of a member of the company, by itself or by name."""
    if named_id := _named(cell, known):
        return named_id
    text = filled(unquoted(plain_text(cell)), cell)
    if is_error_text(text):
        raise BadCell("cell.error", value=text)
    if known or rules.people == "any":
        return _known_or_made(text, known)
    text = narrow_digits(text)
    if not is_made(text):
        raise BadCell("cell.not_person", value=cell_text(cell))
    return text


def tags(cell: Cell, known: Choices | None, rules: Ids) -> list[str]:
    """Returns the tag ids in a cell, by name or id, but none that lost digits when a spreadsheet took it for a number."""
    if isinstance(cell, Texts):
        parts = list(dict.fromkeys(map(narrow_digits, cell.texts)))
        if any(map(SEPARATORS.search, parts)):
            raise BadCell("cell.list_separator", value=cell_text(cell))
    else:
        text = narrow_digits(plain_text(cell))
        if known is None or not known.find(_parts(text)[0]):  # else a sign against Excel is a part of the first name
            text = unquoted(text)
        if _GROUPED.fullmatch(text):
            raise BadCell("cell.id_float", value=text)
        parts = _parts(text)
    return list(dict.fromkeys(_named(part, known) or _tag(part, known, rules) for part in parts))


def choices(cell: Cell, custom: CustomField, known: Choices | None, trust: bool) -> Json:
    """Returns the ids of the option or options that the cell names, in the shape that the field is declared to want."""
    if isinstance(cell, float):
        raise BadCell("cell.id_float", value=cell_text(cell))
    if custom.type == "cascade":
        text = "/".join(cell.texts) if isinstance(cell, Texts) else plain_text(cell)
        option_ids = _path(text, custom, known, trust)
    elif custom.type == "multiple":
        parts = cell.texts if isinstance(cell, Texts) else _parts(plain_text(cell))
        option_ids = list(dict.fromkeys(_option(part, known, trust) for part in parts))
    else:
        text = cell.texts[0] if isinstance(cell, Texts) and len(cell.texts) == 1 else plain_text(cell)
        option_ids = [_option(text, known, trust)]
    ids: list[str] | list[int] = list(map(int, option_ids)) if custom.ids == "integer" else option_ids
    return ids[0] if custom.type == "single" and custom.choice_shape == "scalar" else ids


def _id_digits(cell: Cell, trust: bool, otherwise: Callable[[Cell], BadCell]) -> str:
    """The digits of an id; ``otherwise`` says what is wrong with a cell that holds something else."""
    if isinstance(cell, float):
        raise BadCell("cell.id_float", value=cell_text(cell))
    digits = digits_of(cell)
    if _SCIENTIFIC.fullmatch(digits) or is_shortened(digits):
        raise BadCell("cell.id_float", value=cell_text(cell))
    if hidden := hidden_characters(digits):
        raise BadCell("cell.hidden_characters", value=cell_text(cell), characters=hidden)
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 19 and int(digits) <= MAX_LONG):
        raise otherwise(cell)
    if is_rounded(digits) and not trust:
        raise BadCell("cell.rounded", value=digits)
    return digits


def _named(cell: Cell, known: Choices | None) -> str | None:
    """The id that a cell names, None if it holds no known name. Raises ``BadCell`` where the name may mean several."""
    if known is None or isinstance(cell, float):
        return None
    text = plain_text(cell)
    ids = known.find(text) or known.find(unquoted(narrow(text)))
    if len(ids) > 1:
        raise BadCell("cell.ambiguous", value=text, ids=", ".join(ids))
    return ids[0] if ids else None


def _unknown(text: str, known: Choices) -> BadCell:
    near = known.near(text)
    if near is None:
        return BadCell("cell.unknown", value=text, names=known.listed)
    return BadCell("cell.unknown_near", value=text, near=near)


def _parts(text: str) -> list[str]:
    """The parts of a list in a cell, in order, without blanks and duplicates."""
    pieces = (piece.strip(EDGES) for piece in SEPARATORS.split(text))
    parts = list(dict.fromkeys(filter(None, pieces)))
    if not parts:
        raise BadCell("cell.no_parts", value=text)
    return parts


def _tag(text: str, known: Choices | None, rules: Ids) -> str:
    if is_shortened(text):
        raise BadCell("cell.id_float", value=text)
    if is_rounded_number(text) and not rules.trust_round:
        raise BadCell("cell.rounded", value=text)
    if not known and rules.people == "id" and not is_made(text):
        raise BadCell("cell.not_tag", value=text)
    return _known_or_made(text, known)


def _known_or_made(text: str, known: Choices | None) -> str:
    """The text, which is no name. Raises ``BadCell`` where there is a table of names that knows no such id."""
    if known and not known.passes(text):
        raise _unknown(text, known)
    return text


def _option(text: str, known: Choices | None, trust: bool) -> str:
    """The id of an option given by name or id; without declared options only an id can be meant."""
    if known is None:
        return _id_digits(text, trust, _undeclared)
    digits = digits_of(text)
    if option_id := _named(text, known):
        return option_id
    if not known.has(digits):
        raise _no_option(text, known)
    return digits


def _undeclared(cell: Cell) -> BadCell:
    return BadCell("cell.option_undeclared", value=cell_text(cell))


def _no_option(text: str, known: Choices | None) -> BadCell:
    if known is None:
        return _undeclared(text)
    near = known.near(text)
    if near is None:
        return BadCell("cell.option", value=text, options=known.listed)
    return BadCell("cell.option_near", value=text, near=near)


def _path(text: str, custom: CustomField, known: Choices | None, trust: bool) -> list[str]:
    """The ids along a cascade's path: ``一级/二级`` (or ``>``, or ``-`` where no name holds one), or the ids themselves."""
    for breaks in (r"[/\uff0f>\uff1e]", r"[-/\uff0f>\uff1e]", SEPARATORS):
        names = [part.strip() for part in re.split(breaks, text)]
        paths = ["/".join(names[: depth + 1]) for depth in range(len(names))]
        if all(path in custom.options for path in paths):
            return [custom.options[path] for path in paths]
        digits = [digits_of(name) for name in names]
        if all(map(str.isdecimal, digits)) and (known is None or all(map(known.has, digits))):
            return [_id_digits(part, trust, _undeclared) for part in digits]
    raise _no_option(text, known)
