"""Reads the XML of one worksheet into its rows, as a stream.

A row is what ``<sheetData>`` says: its number, whether it is hidden, and its cells with their types. Nothing else of a sheet
is looked at; its dimension in particular may be wrong.

For speed the parser's handlers do next to nothing: they note what happens, most of them without any Python, and a row is
made of its notes once it is complete. If Python were called for each start, text and end of each cell, it would take a third
longer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import IO, Any

from ..cell_values import Cell, CellError, Row, Uncomputed
from .markup import (
    LONGEST_TEXT,
    Attributes,
    Block,
    Tag,
    TooLargeError,
    deeper,
    feed_beside,
    make_tags,
    new_parser,
    prefix_of,
    skip,
    whole_number,
)
from .number_formats import in_general
from .plain_cells import PlainCells
from .plain_rows import ROW_ENDS, is_hidden, plain_row
from .sheet import COLUMNS, column_of, row_of
from .strings import OTHER_STARTS, RUN_STARTS, TEXT_STARTS, SharedTexts, text_of, unescape
from .styles import Formats, from_iso, number

_LAST_ROW, _LAST_COLUMN = 1_048_576, len(COLUMNS)
_ADDRESS = re.compile(r"([A-Z]{1,3})([0-9]+)")
#: How many characters the texts of a row may have in all; of the shared ones those that are long are counted.
_MOST_TEXT = 1 << 25
#: How many notes, and pieces of XML, may wait for a row to end: thrice what Excel's last column takes.
_MOST_NOTES, _MOST_PIECES = 1 << 19, 1 << 11
_TRUTHS = {"1": True, "0": False, "true": True, "false": False}

_TAGS = ("sheetData", "row", "c", "v", "f")
#: What is noted of a start, besides those of a text: of a <v>, of an <f>, and of an <is>; and of the ends of its elements.
_VALUE_STARTS, _FORMULA_STARTS, _INLINE_STARTS = object(), object(), object()
_TEXT_ENDS, _RUN_ENDS, _INLINE_ENDS = object(), object(), object()
#: Where a row's notes have led: into the row, into a cell, behind its value, into its <v> or <f>, behind the row.
_ROW, _CELL, _VALUE, _LEAF, _BEHIND = range(5)


def read_rows(source: IO[bytes], texts: SharedTexts, formats: Formats) -> Iterator[Row]:
    """Yields the rows of a worksheet's part that hold anything.

    Raises what expat raises, LookupError for a text or a format that is not there, ``TooLargeError`` for what no sheet holds,
    and ValueError where rows or cells are out of order, twice there or beyond Excel's last, or where a value is none.
    """
    notes = _Notes()
    reader = _RowReader(notes, texts, formats)
    events, starts = notes.events, notes.starts
    pieces = 0
    for block in feed_beside(notes.parser, notes.names, source, ROW_ENDS, notes.are_at_rest):
        if block and starts:
            starts.append(len(events))  # there the last row has ended
        pieces = 0 if block else pieces + notes.noting
        if len(starts) > 1:
            reader.check_stray(events[: starts[0]])
            for start, end in pairwise(starts):
                if row := reader.row(events[start:end]):
                    yield row
            del events[: starts[-1]]
            starts[:] = [] if block else [0]
            pieces = 0
        if block:
            yield from reader.plain_rows(block)
        if len(events) > _MOST_NOTES or pieces > _MOST_PIECES:
            raise TooLargeError("a row without an end")
    reader.check_stray(events[: starts[0]] if starts else events)
    if starts and (row := reader.row(events[starts[0] :])):
        yield row
    if not notes.has_data:
        raise ValueError("no sheet")


class _RowReader:
    """Makes rows of their notes, in the order of the sheet."""

    def __init__(self, notes: _Notes, texts: SharedTexts, formats: Formats) -> None:
        self._notes, self._texts, self._formats = notes, texts, formats
        texts.weigh = self._weigh
        self._number = 0
        self._digits = ""  # of the number, as they stand in the addresses of the row's cells
        self._weight = 0
        self._ended = False
        self._plain_cells = PlainCells(texts, formats, self._value)

    def row(self, events: list[Any]) -> Row | None:
        """Returns the row that these are the notes of; None if it is blank."""
        attributes: Attributes = events[0]
        self._start(whole_number(attributes["r"]) if "r" in attributes else self._number + 1)
        self._digits = str(self._number)
        _, row_tag, cell_tag, value_tag, _ = self._notes.tags
        cells = len(events) // 5
        plain = (
            events[-1] is row_tag
            and len(events) == 5 * cells + 2
            and events[2::5].count(_VALUE_STARTS) == events[4::5].count(value_tag) == events[5::5].count(cell_tag) == cells
        )
        return row_of(self._number, self._plain(events) if plain else self._any(events), hidden=is_hidden(attributes))

    def plain_rows(self, block: Block) -> Iterator[Row]:
        """Takes the rows that a block begins with, as far as they are plain; yields those that hold anything."""
        while plain := plain_row(block.text, block.place):
            getters = self._plain_cells.getters_of(plain.attributes)
            if getters is None:
                return
            block.place = plain.end
            self._start(plain.number)
            if row := row_of(plain.number, self._plain_cells.read(plain, getters), hidden=plain.hidden):
                yield row

    def _start(self, number: int) -> None:
        """Goes on to the row of this number."""
        if not self._number < number <= _LAST_ROW or self._ended:
            raise ValueError(f"row {number} is out of order")
        self._number = number
        self._weight = 0

    def check_stray(self, events: list[Any]) -> None:
        """Checks what is noted where there is no row; raises ValueError for anything that belongs into one."""
        for event in events:
            if event is self._notes.tags[0]:
                self._ended = True
            elif event.__class__ is not str and event is not OTHER_STARTS:
                raise ValueError("a cell without a row")

    def _plain(self, events: list[Any]) -> list[Cell]:
        """Returns the cells of a row whose notes are five for each: what most rows look like."""
        texts, formats, columns, digits = self._texts, self._formats, COLUMNS, self._digits
        cells: list[Cell] = []
        column = 0
        value: Cell
        for attributes, text in zip(events[1::5], events[3::5], strict=False):
            address = attributes.get("r")
            if address != columns[column] + digits and address is not None:
                column = _column(address, self._number, column)
                cells.extend([None] * (column - len(cells)))
            column += 1
            kind = attributes.get("t")
            if text.__class__ is not str:
                raise ValueError("an element in a value")
            if kind == "s":
                value = texts[text] or None if not formats.texts else formats.text(attributes.get("s"), texts[text])
            elif kind is None or kind == "n":
                moments = formats[attributes.get("s")]
                if moments is not None:
                    value = moments[text]
                elif text.isdigit() and text.isascii():
                    value = int(text)
                else:
                    value = in_general(number(text))
            else:
                value = self._value(kind, attributes.get("s"), text)
            cells.append(value)
        return cells

    def _any(self, events: list[Any]) -> list[Cell]:
        """Returns the cells of any row."""
        sheet_tag, row_tag, cell_tag, value_tag, formula_tag = self._notes.tags
        cells: list[Cell] = []
        state, behind, column = _ROW, _CELL, -1
        kind = style = None
        text = ""
        beside: Cell = None  # the value of a cell whose inline text may still come
        computed = False
        value: Cell
        remaining = iter(events[1:])
        for event in remaining:
            value = None
            if event.__class__ is str:
                if state == _LEAF:
                    text += event
            elif event.__class__ is dict and state == _ROW:
                state, computed, beside = _CELL, False, None
                column += 1
                address = event.get("r")
                if column >= _LAST_COLUMN or address is not None:
                    column = _column(address or "", self._number, column)
                kind, style = event.get("t"), event.get("s")
            elif event is _VALUE_STARTS and state == _CELL and beside is None:
                state, text = _LEAF, ""
            elif event is _FORMULA_STARTS and state in (_CELL, _VALUE):
                behind, state, text, computed = state, _LEAF, "", True
            elif event is value_tag and state == _LEAF:
                value = self._value(kind, style, text)
                # The formula of a text has an empty one; any other that stores nothing, none.
                state = _VALUE if kind == "str" or value is not None else _CELL
                if kind == "inlineStr":
                    state, value, beside = _CELL, None, value
            elif event is formula_tag and state == _LEAF:
                state = behind
            elif event is _INLINE_STARTS and state == _CELL:
                inline = text_of(remaining, _TEXT_ENDS, _RUN_ENDS, _INLINE_ENDS)
                if kind == "inlineStr" and inline:
                    state, value = _VALUE, self._formats.text(style, inline)
                    self._weigh(inline)
            elif event is cell_tag and state in (_CELL, _VALUE):
                value = beside if state == _CELL else None
                if computed and state == _CELL and value is None:
                    value = Uncomputed()
                state = _ROW
            elif event is row_tag and state == _ROW:
                state = _BEHIND
            elif event is sheet_tag and state == _BEHIND:
                self._ended = True
            elif event is not OTHER_STARTS or state == _LEAF:
                raise ValueError("an element out of place")
            if value is not None:
                cells.extend([None] * (column - len(cells)))
                cells.append(value)
        if state != _BEHIND:
            raise ValueError("a row within a row")
        return cells

    def _value(self, kind: str | None, style: str | None, text: str) -> Cell:
        """Returns what the text of a cell's value says; None for a blank."""
        if len(text) > LONGEST_TEXT:
            raise TooLargeError("a text of more than a cell holds")
        if kind == "s":
            return self._formats.text(style, self._texts[text])
        if kind in ("str", "inlineStr"):
            value = unescape(text)
            self._weigh(value)
            return self._formats.text(style, value)
        if kind is None or kind == "n":
            moments = self._formats[style]
            return in_general(number(text)) if moments is None else moments[text]
        text = text.strip()
        if not text:
            return None
        if kind == "b":
            return _TRUTHS[text]
        if kind == "e":
            return CellError(text)
        if kind == "d":
            return self._formats.dated(style, from_iso(text))
        raise ValueError(f"a cell of the type {kind}")

    def _weigh(self, text: str) -> None:
        self._weight += len(text)
        if self._weight > _MOST_TEXT:
            raise TooLargeError("a row with more text than a sheet holds")


class _Notes:
    """The parser of a sheet with its handlers.

    ``events`` is what they note of ``<sheetData>``, for its reader to delete: of a row or a cell that starts, its attributes;
    of any other start, one of the constants; one of ``tags`` for an end; any other str is a piece of a text, or of what
    stands between elements. ``starts`` says where in them a row starts.
    """

    def __init__(self) -> None:
        self.events: list[Any] = []
        self.starts: list[int] = []
        self.tags: tuple[Tag, ...] = tuple(map(Tag, _TAGS))
        self.has_data = self.noting = False
        self.parser, self.names = new_parser()
        self._depth = 0
        self._prefix = ""
        self._note = self.events.append
        self._note_nothing()

    def are_at_rest(self) -> bool:
        """Whether the last thing that was noted, and not left out, is the end of a row."""
        return bool(self.events) and self.events[-1] is self.tags[1] and self.parser.EndElementHandler is self._note

    def _note_nothing(self) -> None:
        self.noting = False
        self.parser.StartElementHandler, self.parser.EndElementHandler = self._start, self._end
        self.parser.CharacterDataHandler = None

    def _start(self, name: str, attributes: Attributes) -> None:
        self._depth = deeper(self._depth)
        if self._depth == 1:
            self._prefix = prefix_of(name, attributes, "worksheet")
            self.tags = make_tags(self.names, self._prefix, *_TAGS)
        elif name.rpartition(":")[2] == "sheetData":
            if self._depth != 2 or name != self.tags[0] or self.has_data:
                raise ValueError(f"{name} out of place")
            self._note_all()

    def _end(self, name: str) -> None:
        self._depth -= 1

    def _note_all(self) -> None:
        """Sets the handlers for ``<sheetData>``: three of the five that a cell takes are the list's own ``append``."""
        self.has_data = self.noting = True
        parser, events, note, note_start = self.parser, self.events, self._note, self.starts.append
        sheet_tag, row_tag, cell_tag, value_tag, formula_tag = self.tags
        inline_tag, text_tag, run_tag = (self._prefix + name for name in ("is", "t", "r"))
        starts_within = {text_tag: TEXT_STARTS, run_tag: RUN_STARTS}
        ends_within = {text_tag: _TEXT_ENDS, run_tag: _RUN_ENDS}

        def start(name: str, attributes: Attributes) -> None:
            if name is cell_tag:
                note(attributes)
            elif name is value_tag:
                note(_VALUE_STARTS)
            elif name is row_tag:
                note_start(len(events))
                note(attributes)
            elif name is formula_tag:
                note(_FORMULA_STARTS)
            elif name == inline_tag:
                note(_INLINE_STARTS)
                parser.StartElementHandler, parser.EndElementHandler = start_within, end_within
            elif any(event is sheet_tag for event in events[-2:]):  # with white space behind it, or without
                self._note_nothing()
                self._depth = 1
                self._start(name, attributes)
            else:
                note(OTHER_STARTS)
                self._other(name)

        # Within an <is> everything is noted by its kind: an <r> or a <t> there must not be taken for the attribute of a cell.
        def start_within(name: str, attributes: Attributes) -> None:
            note(starts_within.get(name, OTHER_STARTS))
            if name not in starts_within:
                self._other(name)

        def end_within(name: str) -> None:
            if name == inline_tag:
                parser.StartElementHandler, parser.EndElementHandler = start, note
            note(ends_within.get(name, _INLINE_ENDS))

        parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, note, note

    def _other(self, name: str) -> None:
        """Takes an element that is none of a sheet: of alternatives the fallback is read, all else is left out."""
        local = name.rpartition(":")[2]
        if local in (*_TAGS, "is"):
            raise ValueError(f"{name} out of place")
        if local not in ("AlternateContent", "Fallback"):
            skip(self.parser)


def _column(address: str, row: int, least: int) -> int:
    """Returns the column of a cell by its address, which must be in this row, and in this column or after it."""
    match = _ADDRESS.fullmatch(address.upper())
    column = column_of(match[1]) if match else -1
    if not match or int(match[2]) != row or not least <= column < _LAST_COLUMN:
        raise ValueError(f"cell {address} is out of order")
    return column
