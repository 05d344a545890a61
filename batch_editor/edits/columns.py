"""What the heading row of a sheet says: which columns are read, for which fields, and which of them count as edits.

It hands on the ``Columns`` of a sheet, with the notes that the headings call for. What stands below them is the business of
``rows.py``; which field a heading names, of ``headings.py`` (guide: rules).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from .. import fields
from ..cell_values import Row
from ..errors import SettingsError, SheetError
from ..fields import Field
from ..model import Message, Problem
from ..settings.row_rules import RowRules
from ..sheets import address
from . import cells
from .headings import Names
from .result_columns import is_result, key_of


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is read: its place from 0, its heading and field, and whether a filled cell counts as an edit."""

    index: int
    heading: str
    field: Field
    edits: bool


#: The heading of an index that is no field, with the name of the index behind it if it has one.
INDEX_HEADING = "result_index"
#: How many characters a heading has at most that is looked for below the headings, and of how many texts it is remembered.
_LONGEST_HEADING, _MOST_REMEMBERED = 40, 1024


class HeadingsAgain(Enum):
    """What a row below the headings is that holds headings itself."""

    SAME = "same"  # the headings of the sheet, each at its place
    RENAMED = "renamed"  # other names of the same fields, each at its place
    OTHER = "other"  # other fields, or the same ones in another order


class Columns:
    """The columns of the sheet called ``sheet_name``, as its heading row and the rules have them.

    ``edit_keys`` names the fields that count as edits, all others are context; none means every field. ``width`` is how many
    cells a row may have. The first ``index_columns`` columns are the index of a DataFrame: one whose name is no heading of a
    field is kept and not read. ``label`` says what a row is called, by its number, where it has no address. Raises
    ``SheetError`` for headings that cannot be understood and ``SettingsError`` for names that are not in the sheet.
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
    ) -> None:
        self.sheet_name = sheet_name
        self.heading_row = heading_row.number
        self._label = label
        self.names = Names(rules)
        headings = [cells.cell_text(cells.trimmed(cell)) for cell in heading_row.cells]
        self.headings = (*self._index_headings(headings, index_columns), *headings[index_columns:])
        self.width = max(heading_row.width, len(self.headings))
        self._results = frozenset(
            index for index, heading in enumerate(self.headings) if is_result(heading) and self.names.field(heading) is None
        )
        self.notes: list[Message] = []
        self._meanings: dict[str, str] = {}
        self._normal_headings = frozenset(_plain(heading) for heading in self.headings if heading)
        self._rules = rules
        self._edit_keys = tuple(self._edit_key(name) for name in edit_keys)
        self._context_keys = self._find_context_keys()
        self.columns = tuple(self._read_headings())
        self.by_key = {column.field.key: column for column in self.columns}

    @property
    def labels(self) -> dict[str, str]:
        """What people call the fields that are read, by key: ``描述 (remark)``."""
        return {key: self.names.label(key) for key in self.by_key}

    def without_results(self, texts: Sequence[str]) -> list[str]:
        """Returns the texts of a row without those under headings of results."""
        return [text for index, text in enumerate(texts) if index not in self._results]

    def headings_again(self, row: Row) -> HeadingsAgain | None:
        """Returns which headings a row holds that names no clue; None where it holds none.

        It holds headings if most of its cells are such, and there are several, or one that is that of the clue id.
        """
        texts = {
            index: text
            for index, cell in enumerate(row.cells)
            if index not in self._results and (text := cells.cell_text(cells.trimmed(cell)))
        }
        named: dict[int, str] = {}
        others = 0
        for index, text in texts.items():
            named[index] = self._meaning(text)
            others += not named[index]
            if others * 2 >= len(texts):  # as in nearly all rows that hold none, soon
                return None
        headings = [name for name in named.values() if name]
        if not headings or (len(headings) == 1 and "clue_id" not in headings):
            return None
        ours = dict(enumerate(self.headings))
        if all(_plain(ours.get(index, "")) == _plain(text) for index, text in texts.items()):
            return HeadingsAgain.SAME
        same_places = all(self._meaning(ours.get(index, "")) == name for index, name in named.items())
        return HeadingsAgain.RENAMED if same_places else HeadingsAgain.OTHER

    def _meaning(self, text: str) -> str:
        """What a heading says that its column is: the key of a field, or the heading itself if the sheet has it; else ""."""
        if text in self._meanings:
            return self._meanings[text]
        if len(text) > _LONGEST_HEADING or text[:1].isdecimal() or "@" in text:
            return ""
        if len(self._meanings) >= _MOST_REMEMBERED:
            self._meanings.clear()
        return self._meanings.setdefault(text, self._find_meaning(text))

    def _find_meaning(self, text: str) -> str:
        if field := self.names.field(text):
            return field.key
        name = _plain(text)
        return fields.read_only(text) or (name if name in self._normal_headings else "")

    def problem(self, row: int, index: int, key: str, message: Message) -> Problem:
        """Returns a problem of a row as such, at the cell in the column ``index``."""
        return Problem(row, address(self.sheet_name, row, index), key, message, label=self._label_of(row))

    def cell_problem(self, row: int, column: Column, message: Message) -> Problem:
        """Returns the problem of one cell."""
        heading = " ".join(column.heading.split())
        place = address(self.sheet_name, row, column.index)
        return Problem(row, place, column.field.key, message, heading, self._label_of(row))

    def place(self, row: int, index: int, key: str) -> str | Message:
        """Returns where a cell is, for a sentence: ``Sheet1!C12``, or ``row 'C-17' (remark)``."""
        if label := self._label_of(row):
            return Message("problem.in_record", {"label": label, "field": key})
        return address(self.sheet_name, row, index)

    def row_name(self, row: int) -> int | str:
        """Returns what a sentence calls a row: its number, or its label where nobody shows it as a row of a sheet."""
        return self._label_of(row) or row

    def _label_of(self, row: int) -> str:
        return self._label(row) if self._label else ""

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

    def _read_headings(self) -> list[Column]:
        columns: list[Column] = []
        mistakes: list[Message] = []
        place_of_key: dict[str, str | Message] = {}
        read_only: list[str] = []
        counters: list[str] = []
        undeclared: list[str] = []
        context_headings = frozenset(fields.normal(name) for name in self._rules.context_columns)
        for index, heading in enumerate(self.headings):
            if not heading or self.names.is_ignored(heading):
                continue
            place = self._heading_place(index)
            field = self.names.field(heading)
            if field is None:
                if fields.read_only(heading):
                    read_only.append(heading)
                elif fields.normal(heading) in fields.COUNTERS:
                    counters.append(heading)
                elif fields.normal(heading) not in context_headings:
                    mistakes.append(self.names.unknown(place, heading))
                continue
            if field.key in place_of_key:
                if self.names.is_loose(heading) and fields.normal(heading) in context_headings:
                    continue
                values = {"place": place, "heading": heading, "first": place_of_key[field.key], "key": field.key}
                mistakes.append(Message("heading.repeated", values))
                continue
            place_of_key[field.key] = place
            edits = self._counts_as_edit(field)
            if edits and field.custom and field.key not in self._rules.custom_fields:
                undeclared.append(field.key)
            if edits or field.key in self.names.required:
                columns.append(Column(index, heading, field, edits))
        if mistakes:
            raise SheetError("headings.wrong", lines=mistakes)
        missing = [key for key in self._edit_keys if key not in place_of_key]
        if missing:
            headings = ", ".join(filter(None, self.headings))
            raise SettingsError("edit.not_in_sheet", keys=", ".join(missing), headings=headings)
        if counters:
            self.notes.append(Message("note.counters", {"headings": ", ".join(counters)}))
        self._add_notes(read_only, undeclared, has_pool="clue_pool_id" in place_of_key)
        return columns

    def _add_notes(self, read_only: Sequence[str], undeclared: Sequence[str], *, has_pool: bool) -> None:
        if idle := self.names.ignores_nothing(self.headings):
            self.notes.append(Message("note.ignored_nothing", {"names": ", ".join(idle)}))
        if read_only:
            self.notes.append(Message("note.read_only", {"headings": ", ".join(read_only)}))
        if self._rules.lookups.get("clue_pool_id") and not has_pool:
            for heading in read_only:
                if fields.read_only(heading) == "clue_pool_name":
                    self.notes.append(Message("note.pool_names", {"heading": heading}))
        if undeclared:
            self.notes.append(Message("note.undeclared", {"keys": ", ".join(undeclared)}))


def _plain(heading: str) -> str:
    """A heading as it is compared; one of a result by its key, so that it is the same in every language."""
    return key_of(heading) or fields.normal(heading)
