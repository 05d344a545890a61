"""What the cells of one column mean, decided once for each text: a value, a marker that clears, a blank, or a problem.

Nearly all cells are ordinary, and one look decides that: a pattern tells the texts that can be nothing but themselves, and what
was read before is remembered, up to a bound. Everything else goes through the rules of ``cells.py``. A ``CellReader`` keeps no
counts; what a cell adds to the findings of its sheet stands in its ``SpecialCell``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache

from ..cell_values import Cell, Formatted
from ..fields import Field, Kind
from ..model import Message
from ..settings.names import EDGES, MADE_OF_LETTERS, folded, ids_of
from ..settings.row_rules import RowRules
from ..sheets.shown_figures import GENERAL_WIDTH
from ..spoilt_text import EXCEL_DIGITS, has_zero_fraction, holds_shortened, is_rounded_number, narrow
from . import cells
from .cells import BadCell, Json
from .rounded_ids import LONG_ID
from .ruined_texts import begins_ruined, looks_ruined, suspicious_characters
from .texts import is_formula, is_wrapped, unwrapped

#: How many cells of a column are remembered at once, and texts of how many characters at most.
MOST_REMEMBERED, LONGEST_REMEMBERED = 1024, 128
#: How many of a column of days, of which there are no more than some ten thousand in a sheet of any length.
MOST_DAYS = 1 << 14
_DAYS = frozenset({Kind.BIRTHDAY, Kind.DATE})
#: Fields of names, in which nobody asks a question.
_NAMES = frozenset({"clue_name", "clue_corp_name"})
#: A number from here on loses digits when Excel or WPS saves it.
_EXCEL_KEEPS = 10**EXCEL_DIGITS
#: Words that programs and people write where there is nothing; they are texts, and counted.
_BLANK_WORDS = frozenset(
    {
        *("na", "n/a", "n.a.", "n.a", "null", "none", "nan", "nat", "nil", "undefined", "empty", "missing", "blank", "dbnull"),
        *(
            f"{before}{word}{after}"
            for before, after in ("()", "<>", "[]", "{}")
            for word in ("null", "none", "na", "n/a", "nil")
        ),
        *("<nan>", "<nat>", "(blank)", "<blank>", "(empty)", "<empty>", "(undefined)", "<undefined>", "system.dbnull"),
        *(
            "[object object]",
            "[object undefined]",
            "[object null]",
            "\\n",
            "\\\\n",
            "/",
            "//",
            "\\",
            "{}",
            "[]",
            "()",
            "''",
            '""',
        ),
        *(
            "无",
            "(无)",
            "暂无",
            "空",
            "(空)",
            "空白",
            "(空白)",
            "空值",
            "没有",
            "未填",
            "未填写",
            "不详",
            "暂缺",
            "缺失",
            "无数据",
        ),
        *("暂无数据", "null值", "同上", "\u3003"),
    }
)
#: One of these, or several, say the same.
_DASHES = "-\u2013\u2014\u2212"
#: What people write when they mean the clear marker: ``# CLEAR``, ``#Clear.``, ``清空``.
_NEAR_MARKER = re.compile("[#\uff03\\s]*(clear|清空|清除)[#\uff03.!\u3002\uff01\\s]*", re.IGNORECASE)

# The patterns of plain texts. What begins with a letter is neither quoted against Excel nor a number. It may be a near marker,
# an error such as Err:502 (in full width from its second letter on, even) or a blank word: by its first letters those are left
# out, and with them a few texts that are none. In no plain text stands half of a character, or what may be left of one.
_NO_WORD = (
    "(?![cC][lL][eE][aA][rR]|清[空除]|[eE](?:[rR]|[mM][pP][tT]|[^\x00-\x7f])|[nN][aAuUoOiI/.]|[uU][nN][dD][eE]|[mM][iI][sS][sS]"
    "|[bB][lL][aA][nN]|[dD][bB][nN]|[sS][yY][sS][tT]|(?:无|暂无|空白?|空值|没有|未填写?|不详|暂缺|缺失|无数据|暂无数据|同上)\\Z)"
)
_NO_EDGE = f"(?<![{re.escape(EDGES)}])"
#: An id that no spreadsheet has rounded, and that is not too large. Most ids have 19 digits, and are matched at once.
_EXACT = rf"[0-9]{{{EXCEL_DIGITS - 1}}}(?!0+\Z)"
_ID = f"(?!0)(?:[0-8]{_EXACT}[0-9]{{4}}|[0-9]{_EXACT}[0-9]{{1,3}}|[0-9]{{1,{EXCEL_DIGITS}}})"
_EMAIL = r"[A-Za-z0-9][A-Za-z0-9_.!#$%&'*+/=^`{|}~-]*@(?:[A-Za-z0-9_-]+\.)+[A-Za-z0-9_-]+"
_TAG = "[A-Za-z_][A-Za-z0-9_-]*"
#: Ids of people and tags as they must be, but for those that begin with a digit, which may have been rounded.
_MADE_TAG = f"(?![0-9-]){MADE_OF_LETTERS}"
#: A part of an area, and what is none although it may stand between two breaks: a street, a house, several parts in one.
_AREA_PART = f"[^{cells.AREA_BREAKS}0-9]{{2,}}"
_IN_PART, _BEHIND_PART = f"[^{cells.AREA_BREAKS}]", f"(?:[{cells.AREA_BREAKS}]|\\Z)"
_NO_PART = (
    f"(?s:.*)(?:[路街巷弄号楼室栋]{_BEHIND_PART}|{_IN_PART}省{_IN_PART}|自治区{_IN_PART}|{_IN_PART}{{2}}市{_IN_PART}{{2}})"
)
#: An area of two or three parts.
_AREA = f"(?!{_NO_PART}){_AREA_PART}(?:[{cells.AREA_BREAKS}]+{_AREA_PART}){{1,2}}"
_SENT_AREA = re.compile(_AREA)
#: What may stand between the levels of a channel in place of the hyphen that the CRM wants, or belong to a name.
_CHANNEL_BREAK = re.compile(r"[/\\>|、,;\n\uff0c\uff1b\uff0f\uff1e\uff3c\uff5c\u2192\u2010-\u2015\u2212\uff0d]")
#: A hyphen that has spaces beside it, or no name.
_ODD_HYPHEN = re.compile(r"\s-|-[\s-]|\A-|-\Z")
_TAG_SEPARATOR = "[,\uff0c;\uff1b\u3001]"
_TAG_SEPARATORS = re.compile(_TAG_SEPARATOR)


@cache
def _text_patterns() -> tuple[str, str]:
    """The patterns of a text that begins with a letter, and of one that begins with digits: few, or such as no number holds.

    Those of them that begin as a ruined text does are still to be left out: in a pattern that would be dear to compile.
    """
    odd = f"\ud800-\udfff?+{suspicious_characters()}"
    letters_first = f"{_NO_WORD}(?![{odd}])[A-Za-z\u4e00-\u9fff][^{odd}]*{_NO_EDGE}"
    digits_first = f"[0-9]+(?: (?![0-9])|[^0-9.,' eE+{odd}])[^{odd}]*{_NO_EDGE}"
    return letters_first, f"[0-9]{{1,{EXCEL_DIGITS}}}|{digits_first}"


@dataclass(frozen=True, slots=True)
class SpecialCell:
    """A cell that is something else than a value, or more than that.

    ``blank``: it looks empty, and is. ``cleared``: it holds the clear marker, and ``value`` is what the emptied field is sent
    as. ``problem`` says why it cannot be used, if it cannot. ``notes`` are the keys of the notes that it counts for, and
    ``long_ids`` the ids in it that are long enough to have lost digits in a float.
    """

    value: Json = None
    blank: bool = False
    cleared: bool = False
    problem: Message | None = None
    notes: tuple[str, ...] = ()
    long_ids: tuple[int, ...] = ()


class CellReader(dict[Cell, Json | SpecialCell]):
    """The rules of one column, for the field that it stands for; ``required``: the rules demand a value of it.

    ``reader[cell]`` is the value that the field takes of a cell, or what the cell is instead. The reader holds what cells that
    were read before have come to, up to a bound, and reads any other one. ``reads_ids`` says that each value is itself an id
    whose digits a float may have cost, so that no ``SpecialCell`` needs to say so. ``in_workbook``: numbers are as Excel holds
    them.
    """

    def __init__(self, field: Field, rules: RowRules, *, required: bool, in_workbook: bool) -> None:
        super().__init__()
        table = rules.lookups.get(field.key, {})
        self.reads_ids = field.kind is Kind.ID and not table
        self._field = field
        self._most = MOST_DAYS if field.kind in _DAYS else MOST_REMEMBERED
        self._rules = rules
        self._clearable = field.clearable and not required
        self._in_workbook = in_workbook
        shows_short = in_workbook and field.kind in cells.FREE_TEXTS
        self._shown_in_full = 10**GENERAL_WIDTH if shows_short else _EXCEL_KEEPS
        self._convert = cells.converter(field, rules)
        trusting = rules.model_copy(update={"ids": rules.ids.model_copy(update={"trust_round": True})})
        self._convert_rounded = cells.converter(field, trusting)
        self._known_ids = ids_of(table)
        has_options = field.key in rules.custom_fields and bool(rules.custom_fields[field.key].options)
        self._counts_ids = (field.holds_ids or field.kind in cells.WHOLE_TEXTS) and not has_options
        self._is_name = field.key in _NAMES
        self._blank_words = frozenset(map(folded, rules.blank_words))
        pattern = None if table else _plain_pattern(field.kind, rules.ids.people, (rules.clear_marker, *rules.blank_words))
        self._is_plain = pattern.fullmatch if pattern else None
        self._plain_value = _PLAIN_VALUES.get(field.kind)
        self._is_channel = field.key == "access_customer_channel"
        if self._is_channel:
            self._is_plain = None

    def __missing__(self, cell: Cell) -> Json | SpecialCell:
        result: Json | SpecialCell
        if isinstance(cell, str):
            if self._is_plain and self._is_plain(cell) and (cell.isascii() or not begins_ruined(cell)):
                result = self._plain_value(cell) if self._plain_value else cell
            else:
                result = self._judge(cell)
            remembers = len(cell) <= LONGEST_REMEMBERED
        elif cell.__class__ is int and cell < self._shown_in_full and self._is_plain and self._is_plain(text := str(cell)):
            # A number of a workbook whose digits are a plain text; not remembered, since 1, 1.0 and True are one key.
            return self._plain_value(text) if self._plain_value else text
        elif isinstance(cell, Formatted):
            return self._formatted(cell)
        else:
            result = SpecialCell(blank=True) if self._is_blank(cell) else self._converted(cell, ())
            # Not times of a zone, since equal ones may look different.
            # Nor dates where equal ones may be shown in different formats.
            is_date = cell.__class__ is date or (isinstance(cell, datetime) and cell.tzinfo is None)
            remembers = cell is None or (is_date and self._field.kind in cells.AS_STORED)
        if remembers:
            if len(self) >= self._most:
                self.clear()
            self[cell] = result
        return result

    def _judge(self, text: str) -> Json | SpecialCell:
        """What any text is, by all rules."""
        cell = cells.trimmed(text)
        if not isinstance(cell, str):
            return SpecialCell(blank=True)
        if cells.is_marker(cell, self._rules.clear_marker):
            if not self._clearable:
                return SpecialCell(problem=BadCell("cell.not_clearable", value=cells.cell_text(cell)).message)
            return SpecialCell(cells.cleared_value(self._field, self._rules), cleared=True)
        if self._is_blank(cell):
            return SpecialCell(blank=True)
        notes = self._notes_on(cell)
        if self._field.kind in cells.WITH_WHOLE_NUMBERS and has_zero_fraction(unwrapped(cell)):
            notes += ("note.zero_fractions",)
        return self._converted(cell, notes)

    def _is_blank(self, cell: Cell) -> bool:
        """Whether a trimmed cell holds nothing, or a word that the settings say to stand for nothing."""
        return cell is None or (bool(self._blank_words) and is_blank_word(cell, self._blank_words))

    def _formatted(self, cell: Formatted) -> Json | SpecialCell:
        """What a cell is whose format may show it as something else."""
        kind = self._field.kind
        notes: tuple[str, ...] = ()
        try:
            value = cells.as_read(cell, kind)
        except BadCell as error:
            return SpecialCell(problem=error.message)
        if isinstance(cell, datetime):
            if kind not in cells.AS_STORED and not cell.shown()[1]:
                notes = ("note.dates_by_country",)
            elif kind in cells.AS_STORED and not cell.is_whole:
                notes = ("note.parts_of_dates",)
        elif isinstance(cell, float) and kind in cells.FREE_TEXTS and not cell.is_whole:
            notes = ("note.shown_short",)
        if value == "":
            return SpecialCell(blank=True, notes=("note.hidden_values",))
        if self._is_blank(value):
            return SpecialCell(blank=True)
        if isinstance(value, str):
            return self._converted(value, notes + self._notes_on(value), cell)
        result = self._converted(value, notes)
        if isinstance(value, datetime) and not notes:  # an equal date is the same here, in whatever format
            if len(self) >= self._most:
                self.clear()
            self[value] = result
        return result

    def _converted(self, cell: Cell, notes: tuple[str, ...], formatted: Formatted | None = None) -> Json | SpecialCell:
        """What a cell is that is neither blank nor the marker; ``formatted`` is the cell of which it is the text."""
        try:
            value = self._convert(cell if formatted is None else formatted)  # type: ignore[arg-type]
        except BadCell as error:
            return (formatted is None and self._rounded(cell, error.message, notes)) or SpecialCell(
                problem=error.message, notes=notes
            )
        if self._in_workbook and isinstance(cell, int) and cell >= _EXCEL_KEEPS and self._field.holds_ids:
            notes += ("note.numeric_ids",)
        elif self._in_workbook and self._field.kind in cells.FREE_TEXTS and _is_shown_short(cell):
            notes += ("note.shown_short",)
        if self._field.kind is Kind.AREA and not _SENT_AREA.fullmatch(str(value)):
            notes += ("note.areas",)
        if self._is_channel and (_ODD_HYPHEN if "-" in str(value) else _CHANNEL_BREAK).search(str(value)):
            notes += ("note.channels",)
        long_ids = tuple(self._long_ids(value)) if self._counts_ids and (notes or not self.reads_ids) else ()
        return SpecialCell(value, notes=notes, long_ids=long_ids) if notes or long_ids else value

    def _rounded(self, cell: Cell, problem: Message, notes: tuple[str, ...]) -> SpecialCell | None:
        """What a text, or a number of no workbook, is that was refused as rounded, if all that is wrong with it are ids of
        which its column may say that they are there by chance."""
        is_exact = isinstance(cell, str) or (isinstance(cell, int) and not self._in_workbook)
        if problem.key != "cell.rounded" or not is_exact or not self._counts_ids:
            return None
        try:
            value = self._convert_rounded(cell)
        except BadCell:
            return None
        long_ids = tuple(self._long_ids(value))
        rounded = list(filter(is_rounded_number, self._parts(value)))
        return SpecialCell(value, notes=notes, long_ids=long_ids) if {*map(str, long_ids)}.issuperset(rounded) else None

    def _notes_on(self, text: str) -> tuple[str, ...]:
        """The keys of the notes that a text counts for, whatever becomes of it."""
        plain = unwrapped(text)
        notes = []
        if folded(plain) in _BLANK_WORDS or not plain.strip(_DASHES):
            notes.append("note.blank_words")
        if _NEAR_MARKER.fullmatch(plain):
            notes.append("note.near_markers")
        if looks_ruined(plain, is_name=self._is_name):
            notes.append("note.garbled")
        if self._field.kind in cells.FREE_TEXTS and plain and is_wrapped(plain):
            notes.append("note.wrapped")
        if self._field.kind in cells.FREE_TEXTS and is_formula(text):
            notes.append("note.formulas")
        if self._field.kind in cells.FREE_TEXTS and holds_shortened(plain):
            notes.append("note.short_forms")
        return tuple(notes)

    def _parts(self, value: Json) -> list[str]:
        """The texts in a value that may each be an id."""
        if isinstance(value, list):
            return list(map(str, value))
        return str(value).split(",") if self._field.kind is Kind.TAGS else [str(value)]

    def _long_ids(self, value: Json) -> Iterable[int]:
        """The long ids in a value that come from the cell itself and not from a table of names."""
        for part in self._parts(value):
            if part not in self._known_ids and part.isascii() and part.isdecimal() and len(part) <= 19:
                number = int(part)
                if number >= LONG_ID:
                    yield number


def _is_shown_short(cell: Cell) -> bool:
    """Whether the format General shows a number without some of its digits."""
    is_number = cell.__class__ in (int, float)
    return is_number and len(cells.cell_text(cell).lstrip("-")) > GENERAL_WIDTH


def _join_tags(text: str) -> str:
    tags = _TAG_SEPARATORS.split(text)
    return text if len(tags) == 1 else ",".join(dict.fromkeys(tags))


#: What the value of a plain text is, where it is not the text itself.
_PLAIN_VALUES: Mapping[Kind, Callable[[str], Json]] = {
    Kind.ID: int,
    Kind.INTEGER: int,
    Kind.AREA: cells.join_area,
    Kind.TAGS: _join_tags,
}


def is_blank_word(cell: Cell, words: Collection[str]) -> bool:
    """Returns whether a filled cell holds one of these words (folded) alone."""
    text = cells.cell_text(cell).strip(EDGES)
    return folded(unwrapped(text) if text else text) in words


@lru_cache(maxsize=128)
def _plain_pattern(kind: Kind, people: str, words: tuple[str, ...]) -> re.Pattern[str] | None:
    """A pattern of texts of which no rule but those of their field can make anything; None where there is no such pattern.
    ``people`` says which ids of people and tags there are, as the settings do.

    Left out are texts that begin as one of ``words`` does, which have a meaning of their own: in either case, and with or
    without an accent.
    """
    firsts = {"#"}
    for word in words:
        normal = narrow(word).strip().casefold()
        firsts |= {*normal[:1], *unicodedata.normalize("NFD", normal)[:1]}
    letters_first, digits_first = _text_patterns()
    starts = "".join(sorted({form for first in firsts for form in (first, first.upper(), first.lower())}))
    no_marker = f"(?![{re.escape(starts)}])"
    tag = no_marker + (_MADE_TAG if people == "id" else _TAG)
    match kind:
        case Kind.ID:
            return re.compile(no_marker + _ID)
        case Kind.INTEGER:
            return re.compile(f"{no_marker}[0-9]{{1,9}}")
        case Kind.PERSON if people == "id":
            return re.compile(tag)
        case Kind.TEXT | Kind.CUSTOM_TEXT | Kind.PERSON:
            return re.compile(f"{no_marker}(?:{letters_first}|{digits_first})")
        case Kind.AREA:
            return re.compile(f"(?={_AREA}\\Z){no_marker}{letters_first}")
        case Kind.EMAIL:
            return re.compile(no_marker + _EMAIL)
        case Kind.TAGS:
            return re.compile(f"{_NO_WORD}{tag}(?:{_TAG_SEPARATOR}{tag})*")
        case _:
            return None
