"""The window of rows that step 2 shows: of each row the cells that can be mended, with their reasons, and what tells whose row
it is.

A cell that can be mended has a control: a list where its field has few words, else an input, or an area for long texts and
those of several lines. The control holds what the cell holds, but for what must not be saved again: an id that has lost digits,
a text that hides characters, and one that is too long to be typed. There it is empty, and the cell is shown beside it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

from ..edits.headings import Names
from ..fields import Field, Kind
from ..journal.mends import KeptMend
from ..messages import Lang, say
from ..messages.visible import is_visible
from ..messages.widths import width
from ..model import Message, Problem, RowState, Status
from ..output.field_texts import choices
from ..output.wrong_cells import WrongCells
from ..settings.row_rules import RowRules
from .page_words import note_on_page, on_page

#: How many characters of a text are shown, of a reason, and how many at most a control holds.
SHOWN, SHOWN_REASON, TYPED = 200, 400, 2000
#: How many words a list offers; more of them are suggestions to what is typed.
MOST_LISTED = 12
#: How wide an input may be, in columns of Latin letters; wider texts have an area of several lines.
_WIDEST, _NARROWEST = 44, 14
#: The messages on an id of which digits were lost: what stands in the cell must not be saved once more.
LOST_DIGITS = frozenset({"cell.rounded", "cell.rounded_many", "cell.rounded_column", "cell.id_float", "cell.number_too_long"})
#: The place of what is wrong with a row as a whole.
_WHOLE_ROW = -1
_LINE_ENDS = re.compile("\r\n?")
_LISTS = frozenset({Kind.TAGS, Kind.MULTIPLE})

ControlKind = Literal["list", "input", "area"]


@dataclass(frozen=True, slots=True)
class Conflict:
    """What somebody has typed into a cell that another ``person`` has mended meanwhile, at ``time``."""

    typed: str
    person: str = ""
    time: str = ""


@dataclass(frozen=True, slots=True)
class Control:
    """What a cell is mended with: ``value`` is what it holds at first, ``words`` are what a list offers.

    ``suggestions`` is the key of the field whose words are suggested, "" if none are. ``clears`` says that the clear marker
    may be chosen. ``size`` is how wide an input is.
    """

    kind: ControlKind
    value: str
    words: tuple[str, ...] = ()
    suggestions: str = ""
    clears: bool = False
    size: int = _NARROWEST


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a row: ``name`` is its row and place, such as ``12-3``; ``text`` what is shown of it, of ``length`` characters.

    ``reasons`` say why it cannot be used. ``seen`` tells what it held when it was shown from what it holds later.
    ``has_lost_digits`` says that it is an id that was rounded.
    """

    row: int
    place: int
    heading: str
    text: str
    length: int
    seen: str
    is_id: bool = False
    reasons: tuple[str, ...] = ()
    control: Control | None = None
    mended: KeptMend | None = None
    conflict: Conflict | None = None
    has_lost_digits: bool = False

    @property
    def name(self) -> str:
        return f"{self.row}-{self.place}"

    @property
    def is_short(self) -> bool:
        """Whether all of the cell is shown."""
        return self.length <= len(self.text)

    @property
    def is_beside(self) -> bool:
        """Whether the cell is shown beside its control, which does not hold it."""
        return self.control is not None and self.length > 0 and self.control.value == ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the window: ``cells`` are those to be mended, ``others`` those that are only shown, by their columns.

    ``index`` counts the rows that match, from 1. ``reasons`` say what is wrong with the row as a whole.
    """

    number: int
    index: int
    status: Status
    cells: tuple[Cell, ...]
    others: tuple[Cell, ...]
    reasons: tuple[str, ...] = ()

    @property
    def is_bad(self) -> bool:
        return self.status is Status.INVALID

    @property
    def wrong(self) -> list[Cell]:
        """The cells that cannot be used."""
        return [cell for cell in self.cells if cell.reasons]


@dataclass(frozen=True)
class Sheet:
    """What is known of the columns of a run: their ``headings``, and the ``rules`` by which they are read."""

    headings: Sequence[str]
    rules: RowRules
    lang: Lang
    _words: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def names(self) -> Names:
        return Names(self.rules)

    @cached_property
    def places(self) -> Mapping[str, int]:
        """The column of each field, by its key."""
        return self.names.places(self.headings)

    @cached_property
    def fields(self) -> Mapping[int, Field]:
        """The field of each column that is read."""
        return {place: self.names.by_key(key) for key, place in self.places.items()}

    @cached_property
    def wrong_cells(self) -> WrongCells:
        everywhere = {place: place for place in range(len(self.headings))}
        return WrongCells(self.headings, self.rules, self.lang, places=everywhere, status=_WHOLE_ROW)

    def words(self, key: str) -> tuple[str, ...]:
        """Returns the words that a cell of the field can be chosen from."""
        if key not in self._words:
            self._words[key] = tuple(choices(self.names.by_key(key), self.rules))
        return self._words[key]

    def clears(self, key: str) -> bool:
        """Returns whether a cell of the field may hold the clear marker."""
        field = self.names.by_key(key)
        return field.clearable and key not in self.names.required and key not in self._context

    @cached_property
    def _context(self) -> frozenset[str]:
        named = map(self.names.field, self.rules.context_columns)
        return frozenset(field.key for field in named if field is not None)

    def control(self, place: int, text: str, *, is_lost: bool = False) -> Control:
        """Returns what a cell with this text is mended with; ``is_lost`` says that it is an id without all of its digits."""
        field = self.fields.get(place)
        value = "" if is_lost or not can_be_typed(text) else text
        words = self.words(field.key) if field else ()
        clears = field is not None and self.clears(field.key)
        if field and words and len(words) <= MOST_LISTED and field.kind not in _LISTS and len(text) <= SHOWN:
            return Control("list", value, words, clears=clears)
        suggestions = field.key if field and words else ""
        if "\n" in value or width(value) > _WIDEST or (len(text) > SHOWN and not is_lost):
            return Control("area", value, clears=clears)
        needed = 22 if field and field.kind is Kind.ID else 36 if field and field.holds_ids else _NARROWEST
        return Control("input", value, suggestions=suggestions, clears=clears, size=max(needed, width(value) + 2))

    def row(
        self,
        record: RowState,
        *,
        index: int = 1,
        shown: Iterable[int] = (),
        is_open: bool = False,
        mended: Mapping[int, KeptMend] | None = None,
        conflicts: Mapping[int, Conflict] | None = None,
    ) -> Row:
        """Returns a row as it is shown: its wrong and mended cells to be mended, all of them if it ``is_open``, and those in
        the columns ``shown``."""
        mended, conflicts = mended or {}, conflicts or {}
        reasons = self.wrong_cells.of(replace(record, notes=tuple(map(note_on_page, record.notes))))
        lost = {note.field for note in record.notes if isinstance(note, Problem) and note.message.key in LOST_DIGITS}
        editable = range(len(self.headings)) if is_open else sorted({*reasons, *mended, *conflicts} - {_WHOLE_ROW})
        cells = tuple(
            self._cell(
                record,
                place,
                reasons=reasons.get(place, ""),
                is_lost=place in self.fields and self.fields[place].key in lost and place in reasons,
                mended=mended.get(place),
                conflict=conflicts.get(place),
                is_to_mend=True,
            )
            for place in editable
        )
        others = tuple(self._cell(record, place) for place in shown)
        of_row = _lines(reasons.get(_WHOLE_ROW, "")) if record.status is Status.INVALID else self._notes(record)
        return Row(record.row, index, record.status, cells, others, of_row)

    def _notes(self, record: RowState) -> tuple[str, ...]:
        """Why a row that is valid is not sent, or what became of it before."""
        notes = (note for note in record.notes if isinstance(note, Message))
        return tuple(line for note in notes for line in _lines(say(on_page(note), self.lang)))

    def _cell(
        self,
        record: RowState,
        place: int,
        *,
        reasons: str = "",
        is_lost: bool = False,
        mended: KeptMend | None = None,
        conflict: Conflict | None = None,
        is_to_mend: bool = False,
    ) -> Cell:
        text = text_at(record, place)
        field = self.fields.get(place)
        is_id = field is not None and field.kind in (Kind.ID, Kind.PERSON)
        return Cell(
            record.row,
            place,
            self.headings[place] if place < len(self.headings) else "",
            text if len(text) <= SHOWN or (is_id and len(text) <= TYPED) else text[:SHOWN],
            len(text),
            fingerprint(text),
            is_id,
            _lines(first_clause(reasons) if is_lost else reasons),
            self.control(place, text, is_lost=is_lost) if is_to_mend else None,
            mended,
            conflict,
            is_lost,
        )


def text_at(record: RowState, place: int) -> str:
    """Returns what a cell of a row holds; a row that is too short holds nothing there."""
    return record.cells[place] if place < len(record.cells) else ""


def fingerprint(text: str) -> str:
    """Returns what tells a text from another one, however its lines end."""
    return hashlib.sha256(unix_lines(text).encode("utf-8", "surrogatepass")).hexdigest()[:20]


def unix_lines(text: str) -> str:
    """Returns ``text`` with the line ends that a form is not free to change."""
    return _LINE_ENDS.sub("\n", text)


def first_clause(reason: str) -> str:
    """Returns what is wrong, without what the cell holds and what else may be done about it."""
    return reason.partition("；")[0].partition("; ")[0]


def can_be_typed(text: str) -> bool:
    """Returns whether a control can hold ``text`` so that a person sees all of it."""
    return len(text) <= TYPED and is_visible(unix_lines(text).replace("\n", " ").replace("\t", " "))


def _lines(text: str) -> tuple[str, ...]:
    return tuple(f"{line[:SHOWN_REASON]}…" if len(line) > SHOWN_REASON else line for line in text.split("\n") if line)
