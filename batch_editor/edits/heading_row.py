"""What each heading of a sheet is taken for: its field, whether its column changes the CRM, and why, or what is wrong with it.

Which columns are read then is the business of ``columns.py``; which field a heading names, of ``headings.py`` (guide: rules).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from .. import fields
from ..cell_values import Row
from ..errors import SettingsError
from ..fields import Field
from ..model import Message
from ..settings.row_rules import RowRules
from ..sheets import address
from . import cells
from .headings import Names
from .result_columns import is_result


class ColumnUse(StrEnum):
    """What becomes of the cells of a column."""

    EDITS = "edits"  # a filled cell changes the CRM
    CONTEXT = "context"  # the column tells whose clue it is, or goes along with every call, and changes nothing
    IGNORED = "ignored"  # the column is not read
    UNKNOWN = "unknown"  # nobody can say: the sheet is refused as long as it has the column


@dataclass(frozen=True, slots=True)
class HeadingMeaning:
    """What the column at ``index`` (from 0) is taken for: the field that its heading names, if any, its use, and why.

    ``mistake`` is what the refusal of the sheet says of it, None where it can be read. ``first`` is the index of the column
    that stands for the same field already, None where there is none.
    """

    index: int
    heading: str
    field: Field | None
    use: ColumnUse
    why: str
    mistake: Message | None = None
    first: int | None = None


#: The heading of an index that is no field, with the name of the index behind it if it has one.
INDEX_HEADING = "result_index"
#: So many headings without a meaning are compared with the names of fields, which takes a while for each.
_MOST_COMPARED = 300


class HeadingRow:
    """The headings of the sheet called ``sheet_name`` and what they mean by the rules; the arguments are those of ``Columns``.

    Raises ``SettingsError`` for names that no field has.
    """

    def __init__(
        self,
        sheet_name: str,
        heading_row: Row,
        rules: RowRules,
        *,
        edit_keys: Sequence[str] = (),
        index_columns: int = 0,
        label: Callable[[int], str] | None = None,
        left_out: Collection[int] = (),
        named: Mapping[int, str] | None = None,
    ) -> None:
        self.sheet_name = sheet_name
        self.heading_row = heading_row.number
        self._label = label
        self._rules = rules
        self.names = Names(rules)
        headings = texts_of(heading_row)
        headings = [*self._index_headings(headings, index_columns), *headings[index_columns:]]
        self.headings = with_names(headings, named or {})
        self.left_out = frozenset(left_out)
        self._results = frozenset(
            index for index, heading in enumerate(self.headings) if is_result(heading) and self.names.field(heading) is None
        )
        self._edit_keys = tuple(self._edit_key(name) for name in edit_keys)
        self._context_keys = self._find_context_keys()
        self._unknown = 0
        self.meanings = tuple(self._meanings_of_headings())

    def _meanings_of_headings(self) -> Iterator[HeadingMeaning]:
        place_of_key: dict[str, int] = {}
        context_headings = frozenset(fields.normal(name) for name in self._rules.context_columns)
        for index, heading in enumerate(self.headings):
            meaning = self._meaning_of_heading(index, heading, context_headings, place_of_key)
            if meaning.field is not None and meaning.use in (ColumnUse.EDITS, ColumnUse.CONTEXT) and meaning.first is None:
                place_of_key[meaning.field.key] = index
            yield meaning

    def _meaning_of_heading(
        self, index: int, heading: str, context_headings: Collection[str], place_of_key: Mapping[str, int]
    ) -> HeadingMeaning:
        field = self.names.field(heading) if heading else None
        if index in self.left_out:
            return HeadingMeaning(index, heading, field, ColumnUse.IGNORED, "left_out")
        if not heading:
            return HeadingMeaning(index, heading, None, ColumnUse.IGNORED, "no_heading")
        if self.names.is_ignored(heading):
            return HeadingMeaning(index, heading, field, ColumnUse.IGNORED, "result" if index in self._results else "setting")
        if field is None:
            return self._meaning_without_field(index, heading, context_headings)
        first = place_of_key.get(field.key)
        if first is not None:
            if self.names.is_loose(heading) and fields.normal(heading) in context_headings:
                return HeadingMeaning(index, heading, field, ColumnUse.CONTEXT, "setting", first=first)
            values = {"place": self._heading_place(index), "heading": heading, "first": self._heading_place(first)}
            mistake = Message("heading.repeated", values | {"key": field.key})
            return HeadingMeaning(index, heading, field, ColumnUse.UNKNOWN, "repeated", mistake, first)
        if self._counts_as_edit(field):
            return HeadingMeaning(index, heading, field, ColumnUse.EDITS, "field")
        return HeadingMeaning(index, heading, field, ColumnUse.CONTEXT, "setting" if field.editable else "clue")

    def _meaning_without_field(self, index: int, heading: str, context_headings: Collection[str]) -> HeadingMeaning:
        if fields.read_only(heading):
            return HeadingMeaning(index, heading, None, ColumnUse.IGNORED, "read_only")
        if fields.normal(heading) in fields.COUNTERS:
            return HeadingMeaning(index, heading, None, ColumnUse.IGNORED, "counter")
        if fields.normal(heading) in context_headings:
            return HeadingMeaning(index, heading, None, ColumnUse.CONTEXT, "setting")
        self._unknown += 1
        place = self._heading_place(index)
        values = {"place": place, "heading": heading}
        is_one_of_many = self._unknown > _MOST_COMPARED
        mistake = Message("heading.unknown", values) if is_one_of_many else self.names.unknown(place, heading)
        return HeadingMeaning(index, heading, None, ColumnUse.UNKNOWN, "unknown", mistake)

    def _key(self, name: str, source: str | Message) -> str:
        field = self.names.field(name)
        if field is None:
            raise SettingsError("settings.no_such_field", name=name, source=source)
        return field.key

    def _edit_key(self, name: str) -> str:
        key = self._key(name, Message("settings.edit_option"))
        if not self.names.by_key(key).editable:
            raise SettingsError("edit.not_editable", name=name)
        return key

    def _find_context_keys(self) -> frozenset[str]:
        headings = {fields.normal(heading) for heading in self.headings}
        names = [name for name in self._rules.context_columns if self.names.field(name) or fields.normal(name) not in headings]
        # A loose name means its own column where another one has the proper name.
        proper = {
            field.key for heading in self.headings if not self.names.is_loose(heading) and (field := self.names.field(heading))
        }
        keys = [(name, self._key(name, "context_columns")) for name in names]
        return frozenset(key for name, key in keys if not (self.names.is_loose(name) and key in proper))

    def _counts_as_edit(self, field: Field) -> bool:
        return field.editable and (field.key in self._edit_keys if self._edit_keys else field.key not in self._context_keys)

    def _heading_place(self, index: int) -> str | Message:
        if self._label:
            return Message("place.column", {"number": index + 1})
        return address(self.sheet_name, self.heading_row, index)

    def _index_headings(self, headings: Sequence[str], index_columns: int) -> list[str]:
        """The headings of the index: the name of a field, unless another column is of that field; else one that is ignored, so
        that results are a sheet that can be read."""
        others = {field.key for field in map(self.names.field, headings[index_columns:]) if field}
        index = []
        for level, heading in enumerate(headings[:index_columns]):
            field = self.names.field(heading) if heading else None
            if field and field.key not in others:
                index.append(heading)
            else:
                name = heading or (str(level) if index_columns > 1 else "")
                index.append(f"{INDEX_HEADING}_{name}" if name else INDEX_HEADING)
        return index


def texts_of(heading_row: Row) -> list[str]:
    """Returns the headings that a row holds."""
    return [cells.cell_text(cells.trimmed(cell)) for cell in heading_row.cells]


def with_names(headings: Sequence[str], named: Mapping[int, str]) -> tuple[str, ...]:
    """Returns the headings of a sheet with those that somebody has given to some of its columns, by the index of each."""
    if not named:
        return tuple(headings)
    wide = [*headings, *[""] * (max(named) + 1 - len(headings))]
    return tuple(named.get(index, heading) for index, heading in enumerate(wide))


def without_left_out(headings: Sequence[str], left_out: Collection[int]) -> tuple[str, ...]:
    """Returns the headings of the columns that are read, with none in the place of those that are left out."""
    return tuple("" if index in left_out else heading for index, heading in enumerate(headings))
