"""What the heading row of a sheet says: which columns are read, for which fields, and which of them count as edits.

It hands on the ``Columns`` of a sheet, with the notes that the headings call for. What stands below them is the business of
``rows.py``; what each heading means, of ``heading_row.py`` (guide: rules).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
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
from .heading_row import ColumnUse, HeadingRow
from .result_columns import key_of


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is read: its place from 0, its heading and field, and whether a filled cell counts as an edit."""

    index: int
    heading: str
    field: Field
    edits: bool


#: How many characters a heading has at most that is looked for below the headings, and of how many texts it is remembered.
_LONGEST_HEADING, _MOST_REMEMBERED = 40, 1024


class HeadingsAgain(Enum):
    """What a row below the headings is that holds headings itself."""

    SAME = "same"  # the headings of the sheet, each at its place
    RENAMED = "renamed"  # other names of the same fields, each at its place
    OTHER = "other"  # other fields, or the same ones in another order


class Columns(HeadingRow):
    """The columns of the sheet called ``sheet_name``, as its heading row and the rules have them.

    ``edit_keys`` names the fields that count as edits, all others are context; none means every field. ``width`` is how many
    cells a row may have. The first ``index_columns`` columns are the index of a DataFrame: one whose name is no heading of a
    field is kept and not read. ``label`` says what a row is called, by its number, where it has no address. The columns
    ``left_out`` are not read, whatever their headings; ``named`` gives some another heading, as where they have none. Raises
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
        left_out: Collection[int] = (),
        named: Mapping[int, str] | None = None,
    ) -> None:
        super().__init__(
            sheet_name,
            heading_row,
            rules,
            edit_keys=edit_keys,
            index_columns=index_columns,
            label=label,
            left_out=left_out,
            named=named,
        )
        self.width = max(heading_row.width, len(self.headings))
        self.notes: list[Message] = []
        self._meanings: dict[str, str] = {}
        self._normal_headings = frozenset(_plain(heading) for heading in self.headings if heading)
        self.columns = tuple(self._read_columns())
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

    def _read_columns(self) -> list[Column]:
        if mistakes := [meaning.mistake for meaning in self.meanings if meaning.mistake]:
            raise SheetError("headings.wrong", lines=mistakes)
        columns: list[Column] = []
        named = {meaning.field.key for meaning in self.meanings if meaning.field and meaning.use is not ColumnUse.IGNORED}
        for meaning in self.meanings:
            field = meaning.field
            if field is None or meaning.use is ColumnUse.IGNORED or meaning.first is not None:
                continue
            edits = meaning.use is ColumnUse.EDITS
            if edits or field.key in self.names.required:
                columns.append(Column(meaning.index, meaning.heading, field, edits))
        if missing := [key for key in self._edit_keys if key not in named]:
            headings = ", ".join(filter(None, self.headings))
            raise SettingsError("edit.not_in_sheet", keys=", ".join(missing), headings=headings)
        self._add_notes(columns, has_pool="clue_pool_id" in named)
        return columns

    def _add_notes(self, columns: Sequence[Column], *, has_pool: bool) -> None:
        if counters := [meaning.heading for meaning in self.meanings if meaning.why == "counter"]:
            self.notes.append(Message("note.counters", {"headings": ", ".join(counters)}))
        if idle := self.names.ignores_nothing(self.headings):
            self.notes.append(Message("note.ignored_nothing", {"names": ", ".join(idle)}))
        if read_only := [meaning.heading for meaning in self.meanings if meaning.why == "read_only"]:
            self.notes.append(Message("note.read_only", {"headings": ", ".join(read_only)}))
        if self._rules.lookups.get("clue_pool_id") and not has_pool:
            for heading in read_only:
                if fields.read_only(heading) == "clue_pool_name":
                    self.notes.append(Message("note.pool_names", {"heading": heading}))
        declared = self._rules.custom_fields
        undeclared = [
            column.field.key for column in columns if column.edits and column.field.custom and column.field.key not in declared
        ]
        if undeclared:
            self.notes.append(Message("note.undeclared", {"keys": ", ".join(undeclared)}))


def _plain(heading: str) -> str:
    """A heading as it is compared; one of a result by its key, so that it is the same in every language."""
    return key_of(heading) or fields.normal(heading)
