"""Which cells of a row are wrong, and why: in a workbook these are red, each with its reason as a note (guide: rules).

A cell is named by the problem of an invalid row, by the lines of a conflict, or by a refusal of the CRM that names one field
and no other. What is wrong without a cell of its own, such as a column that is not there, is the status of the row.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from .. import fields
from ..edits.headings import Names
from ..messages import Lang, say
from ..model import Message, Problem, RowState, Status
from ..settings.row_rules import RowRules
from ..sheets import cell_of, column_of

_NOTHING: Mapping[int, str] = {}
#: Short titles that mean nothing but their field, wherever they stand; others (地址, 描述) are plain words as well.
_UNMISTAKABLE = frozenset({"性别", "生日", "邮箱"})
_LONG_ENOUGH = 4


class WrongCells:
    """The wrong cells of the rows of a sheet with these ``headings``, read by ``rules``, in words of ``lang``.

    ``places`` are the columns of the results by those of the sheet that was read, ``status`` is the column of the status there.
    """

    def __init__(self, headings: Sequence[str], rules: RowRules, lang: Lang, *, places: Mapping[int, int], status: int) -> None:
        names = Names(rules)
        self._lang = lang
        self._places = places
        self._status = status
        self._by_key = names.places(headings)
        self._required = names.required
        self._keys = {label: key for key, label in names.labels().items()} | {names.label(key): key for key in self._by_key}
        self._names = _names_of_fields(names, headings, self._by_key)
        self._any_name = re.compile("|".join(map(_as_word, sorted(self._names, key=len, reverse=True))))

    def of(self, record: RowState) -> Mapping[int, str]:
        """Returns the reasons by the columns of the results in which the wrong cells of a row stand."""
        match record.status:
            case Status.INVALID:
                return self._problems(note for note in record.notes if isinstance(note, Problem))
            case Status.CONFLICT:
                return self._conflicts(record)
            case Status.REJECTED:
                return self._refusals(record)
        return _NOTHING

    def _problems(self, problems: Iterable[Problem]) -> Mapping[int, str]:
        reasons: dict[int, str] = {}
        for problem in problems:
            reason = say(problem.sentence, self._lang)
            place = self._place(problem)
            reasons[place] = f"{reasons[place]}\n{reason}" if place in reasons else reason
        return reasons

    def _place(self, problem: Problem) -> int:
        """The column of the cell that is wrong; that of the status where the sheet has no such column."""
        if problem.heading or not problem.field:
            column: int | None = column_at(problem.address)
        else:
            column = self._by_key.get(problem.field)
        return self._status if column is None else self._places.get(column, self._status)

    def _conflicts(self, record: RowState) -> Mapping[int, str]:
        reasons: dict[int, str] = {}
        for note in record.notes:
            if not isinstance(note, Message):
                continue
            lines = note.values.get("lines")
            for line in lines if isinstance(lines, list | tuple) else ():
                column = (
                    self._by_key.get(self._keys.get(str(line.values.get("field")), "")) if isinstance(line, Message) else None
                )
                if column is not None and column in self._places:
                    text = record.cells[column] if column < len(record.cells) else ""
                    reasons[self._places[column]] = say(Message(line.key, {"cell": text, **line.values}), self._lang)
            if note.key == "undo.changed":  # all of its fields are in conflict, also one that the CRM does not show
                columns = {self._by_key[key] for key in record.fields if key in self._by_key} & self._places.keys()
                reasons = {self._places[column]: say(note, self._lang) for column in columns} | reasons
        return reasons

    def _refusals(self, record: RowState) -> Mapping[int, str]:
        """The cell of the one field that the CRM names in its refusal, if it names one that the row has sent, and no other."""
        for note in record.notes:
            refusal = _words_of(note) if isinstance(note, Message) else ""
            mentions = {name.casefold() for name in self._any_name.findall(refusal.casefold())}
            keys = {self._names[name] for name in mentions}
            if len(keys) != 1 or not any(map(_is_certain, mentions)):
                continue
            (key,) = keys
            column = self._by_key.get(key)
            if column is not None and column in self._places and key in (*record.fields, *self._required):
                return {self._places[column]: say(note, self._lang) if isinstance(note, Message) else refusal}
        return _NOTHING


def column_at(place: str) -> int | None:
    """Returns the column, counted from 0, of an address; None of what is no address of a cell."""
    match = re.fullmatch(r"([A-Z]{1,3})[0-9]+", cell_of(place))
    return column_of(match[1]) if match else None


def _names_of_fields(names: Names, headings: Sequence[str], places: Mapping[str, int]) -> dict[str, str]:
    """What a field may be called in a refusal, and its key; fields that cannot be edited among them."""
    known = {name.casefold(): key for key, titles in fields.READ_ONLY.items() for name in (key, *titles)}
    for key in (*fields.BY_KEY, *names.labels()):
        field = names.by_key(key)
        known |= {name.casefold(): key for name in (field.key, field.title, *field.synonyms, *field.loose)}
    return known | {headings[index].casefold(): key for key, index in places.items() if headings[index].strip()}


def _as_word(name: str) -> str:
    """A pattern of a name; one of letters and digits is not part of a longer word."""
    word = re.escape(name)
    return rf"(?<![a-z0-9_]){word}(?![a-z0-9_])" if name.isascii() else word


def _is_certain(name: str) -> bool:
    """Whether a name in a sentence means its field, and is no plain word, such as ``address``."""
    if name.isascii():
        return "_" in name
    return len(name) >= _LONG_ENOUGH or name in _UNMISTAKABLE


def _words_of(refusal: Message) -> str:
    """The words of the CRM in a refusal."""
    inner = refusal.values.get("refusal")
    if isinstance(inner, Message):
        return _words_of(inner)
    return str(refusal.values.get("msg", "")) if refusal.key.startswith("rejected.") else ""
