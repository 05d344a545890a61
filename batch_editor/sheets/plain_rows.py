"""Reads the rows of a worksheet, and the shared texts of a workbook, that are written as nearly all programs write them.

``markup`` hands on the text of a part from a place where its parser stands between two rows and waits for nothing. What
matches here is taken from that text and is never shown to the parser; all else goes to the parser as before. Both ways give
the same, because of three things:

- What matches is well-formed XML that means one thing only: each pattern spells out the tags, in their order, and between
  them it takes no ``<``, ``>`` or ``&`` and no character that XML forbids or changes. There is no way to write a comment, an
  entity, a CDATA section or an element of another kind so that it matches. The attributes of an element are looked at as
  strictly, once for each way in which they are written (``attributes_of``).
- A whole row or text without which the parser goes on leaves what it sees as well-formed, or as broken, as before.
- What a row says is decided by the functions of ``stream``, as for any other row; nothing is refused here. A row that is
  written in any other way, also if that makes it an error, is left to the parser.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from .markup import LONGEST_TEXT, Block, is_true
from .sheet import COLUMNS

#: With what a row and a shared text end.
ROW_ENDS, TEXT_ENDS = "</row>", "</si>"
#: A character of a text: none of markup, none that XML forbids, and no CR, which XML would read as a LF.
_CHARACTER = r"[^<>&\x00-\x08\x0b-\x1f\ufffe\uffff]"
#: In the attributes of a row, and in the value of a cell: what ASCII can print, without ``<``, ``>``, ``&`` and, in
#: attributes, ``/``.
_IN_ATTRIBUTES, _IN_VALUE = r"[ -%'-.0-;=?-~]", r"[ -%'-;=?-~]"
_ROW = re.compile(rf'[ \n]{{0,9}}<row r="([1-9][0-9]{{0,6}})"({_IN_ATTRIBUTES}{{0,400}}+)(/?)>\n?')
#: A cell: its address, its other attributes, and its value or its inline text. Whatever else there is matches as a whole, with
#: an address of "".
_CELL = re.compile(
    r'<c r="([A-Z]{1,3}+[0-9]{1,7}+)"([ a-zA-Z0-9="]{0,99}+)'
    rf"(?:><v>({_IN_VALUE}{{1,99}}+)</v></c>|/>"
    rf'|><is><t(?: xml:space="preserve")?>({_CHARACTER}*+)</t></is></c>)'
    r"|[\s\S]+"
)
#: A shared text, with what Excel writes behind those that came from an input method; or whatever else there is, as a whole.
_TEXT = re.compile(
    rf'<si><t(?: xml:space="preserve")?>({_CHARACTER}{{0,{LONGEST_TEXT}}}+)</t>'
    r'(?:<phoneticPr fontId="[0-9]{1,5}"(?: type="[A-Za-z]{1,20}")?(?: alignment="[A-Za-z]{1,20}")?/>)?</si>'
    r"|([\s\S]+)"
)
_ATTRIBUTE = re.compile(r' ([A-Za-z][A-Za-z0-9]*(?::[A-Za-z][A-Za-z0-9]*)?)="([^"<>&]*)"')
#: A height below that of one pixel, in points.
_LEAST_HEIGHT = 0.75
_PLACES = {letters: place for place, letters in enumerate(COLUMNS)}


class PlainRow(NamedTuple):
    """What is written in a row: of each of its cells the column, the attributes, and the value or the inline text.

    A cell without a value has one of "", and so has one without an inline text. ``end`` is where the row ends in the text.
    """

    number: int
    hidden: bool
    columns: Sequence[int]
    attributes: Sequence[str]
    values: Sequence[str]
    inline_texts: Sequence[str]
    end: int


def plain_row(text: str, start: int) -> PlainRow | None:
    """Returns the row that ``text`` goes on with at ``start``; None if that is not all there or not written plainly."""
    head = _ROW.match(text, start)
    if not head:
        return None
    digits, written, empty = head.groups()
    hidden = _hidden(written)
    if hidden is None:
        return None
    body = head.end()
    end = body if empty else text.find(ROW_ENDS, body)
    if end < 0:
        return None
    cells = _CELL.findall(text, body, end)
    if not cells:
        return PlainRow(int(digits), hidden, range(0), (), (), (), end if empty else end + len(ROW_ENDS))
    addresses, attributes, values, inline_texts = zip(*cells, strict=True)
    # The addresses end in the number of the row; those that do not are no columns without it.
    columns = _columns((" ".join(addresses) + " ").replace(digits + " ", " "))
    if not columns:
        return None
    return PlainRow(int(digits), hidden, columns, attributes, values, inline_texts, end + len(ROW_ENDS))


@lru_cache(256)
def attributes_of(written: str) -> Mapping[str, str] | None:
    """Returns the attributes that are written behind ``r`` in a tag; None if anything is odd about them."""
    pairs: list[tuple[str, str]] = _ATTRIBUTE.findall(written)
    attributes = {"r": "", **dict(pairs)}
    is_all = "".join(f' {name}="{value}"' for name, value in pairs) == written
    return attributes if is_all and len(attributes) == len(pairs) + 1 else None


@lru_cache(256)
def _hidden(written: str) -> bool | None:
    """Returns whether a row with these attributes is hidden; None if the parser has to judge them."""
    attributes = attributes_of(written)
    with suppress(ValueError):
        return None if attributes is None else is_hidden(attributes)
    return None


def is_hidden(attributes: Mapping[str, str]) -> bool:
    """Returns whether nobody sees a row with these attributes: it is hidden, or has no height.

    What ``zeroHeight`` says holds for rows that are not in the file.
    """
    return is_true(attributes.get("hidden")) or float(attributes.get("ht", _LEAST_HEIGHT)) < _LEAST_HEIGHT


@lru_cache(64)
def _columns(letters: str) -> Sequence[int]:
    """Returns the columns, from 0, of cells by their letters, each with a blank behind it; nothing if they are out of order."""
    columns = [_PLACES.get(column, -1) for column in letters.split(" ")[:-1]]
    if any(left >= right for left, right in pairwise([-1, *columns])):
        return ()
    return range(len(columns)) if columns[-1] == len(columns) - 1 else columns


def take_texts(block: Block) -> list[str]:
    """Takes the shared texts that a block begins with, as far as they are plain; returns them as they are written."""
    matches: list[tuple[str, str]] = _TEXT.findall(block.text, block.place)
    remainder = matches[-1][1] if matches else ""
    block.place = len(block.text) - len(remainder)
    texts = [text for text, _ in matches]
    if remainder:
        del texts[-1]
    return texts
