"""The problems of a run's rows by what stands in the cells: 37 rows hold 先生, which is no gender, and what is meant.

Rows of one kind of problem are counted by the text in which the journal keeps it, and decoded once for all of them.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..edits.cells import LISTS, trimmed
from ..edits.headings import Names
from ..fields import Kind
from ..journal.choices import Choices as KeptChoices
from ..journal.columns import from_json, message_from_json
from ..model import Message, Problem
from ..output.wrong_cells import column_at
from ..settings.names import MOST_COMPARED, NEAR, folded
from ..settings.row_rules import RowRules

#: How many groups are told at most, and how many suggestions with each.
MOST_GROUPS, MOST_SUGGESTIONS = 200, 12
#: Tables with at most so many names are shown whole, the nearest first.
_SHORT_TABLE = 40
#: Where a stored problem stands, and what its row is called: what two rows with the same problem do not have in common.
_PLACE = re.compile(r'"row":[0-9]+,"at":"(?:[^"\\]|\\.)*",|,"label":"(?:[^"\\]|\\.)*"(?=\})')
_BETWEEN = '},{"field":'
_FIELD = re.compile(r'\{?(?:"field":)?"((?:[^"\\]|\\.)*)"')
_WHOLE_VALUE = '"values":{"value":'
#: Kinds without a table of names, and what is chosen from.
_FIXED: Mapping[Kind, tuple[str, ...]] = {Kind.GENDER: ("男", "女"), Kind.FLAG: ("是", "否")}
#: What is said of a number that has lost digits.
_LOST_DIGITS = frozenset(
    {
        "cell.rounded",
        "cell.rounded_many",
        "cell.rounded_column",
        "cell.id_float",
        "cell.number_too_long",
        "cell.shown_otherwise",
    }
)


@dataclass(frozen=True, slots=True)
class ValueGroup:
    """The rows that hold the same ``value`` in a field, which cannot be used for the same reason.

    ``field`` is the key of the field, ``place`` its column, counted from 0 (None where the sheet has none), ``problem`` the
    first of the problems, ``rows`` how many rows there are, and ``first_row`` the first of them. ``suggestions`` are what might
    be meant, the likeliest first; ``kept`` is what somebody has chosen for this value before. ``remedy`` says what helps where
    another value for all of them does not.
    """

    field: str
    place: int | None
    value: str
    problem: Problem
    rows: int
    first_row: int
    suggestions: tuple[str, ...] = ()
    kept: str | None = None
    remedy: Message | None = None

    @property
    def key(self) -> str:
        """The key of the message, by which rows are filtered."""
        return self.problem.message.key


@dataclass(slots=True)
class _Counted:
    problem: str
    first_row: int
    value: str | None
    rows: int = field(default=0)


def value_groups(
    invalid: Iterable[tuple[int, str, str]], headings: tuple[str, ...], rules: RowRules, choices: KeptChoices
) -> list[ValueGroup]:
    """Returns the groups with the most rows, those first. ``invalid`` are number, cells and problems of the invalid rows as
    the journal holds them."""
    names = Names(rules)
    places = names.places(headings)
    groups = dict[tuple[str, str | None], _Counted]()
    needs_cell = dict[tuple[str, bool], int | None]()
    for row, texts, message in invalid:
        cells: list[str] | None = None
        for problem in _problems(message):
            kind = (_FIELD.match(problem)[1], _WHOLE_VALUE in problem)  # type: ignore[index]  # every one has a field
            if kind not in needs_cell:
                needs_cell[kind] = _place_to_look_at(kind, names, places)
            value = None
            if (place := needs_cell[kind]) is not None:
                cells = from_json(texts) if cells is None else cells
                value = _text(cells, place)
            group = groups.get((problem, value))
            if group is None:
                group = groups[problem, value] = _Counted(problem, row, value)
            group.rows += 1
    most = sorted(groups.values(), key=lambda group: (-group.rows, group.first_row))[:MOST_GROUPS]
    suggest = _Suggestions(names, rules)
    return [_group(counted, places, suggest, choices) for counted in most]


def problem_place(problem: Problem, places: Mapping[str, int]) -> int | None:
    """Returns the column of the cell that is to be mended; None where the sheet has no such column."""
    if problem.heading or not problem.field:
        return column_at(problem.address)
    return places.get(problem.field)


def choice_name(key: str, value: str) -> str:
    """Returns the name under which it is kept what a value in a field means."""
    return f"{key}\n{trimmed(value) or ''}"


def _problems(message: str) -> Iterator[str]:
    """The problems of a row as JSON texts without their braces, and without what tells one row from another."""
    yield from _PLACE.sub("", message)[2:-2].split(_BETWEEN)


def _text(cells: list[str], place: int) -> str:
    text = trimmed(cells[place]) if place < len(cells) else None
    return text if isinstance(text, str) else ""


def _place_to_look_at(kind: tuple[str, bool], names: Names, places: Mapping[str, int]) -> int | None:
    """The column in which the value must be looked up; None where the problem says it, or there is none."""
    key, says_value = kind
    if says_value and names.by_key(key).kind not in LISTS:
        return None
    return places.get(key)


def _group(counted: _Counted, places: Mapping[str, int], suggest: _Suggestions, choices: KeptChoices) -> ValueGroup:
    text = counted.problem if counted.problem.startswith('"field"') else f'"field":{counted.problem}'
    problem: Problem = message_from_json({"row": counted.first_row, "at": "", **from_json(f"{{{text}}}")})
    value = counted.value
    if value is None:
        value = str(problem.message.values.get("value", ""))
    kept = choices.find("value", choice_name(problem.field, value))
    return ValueGroup(
        problem.field,
        problem_place(problem, places) if not problem.heading else places.get(problem.field),
        value,
        problem,
        counted.rows,
        counted.first_row,
        suggest(problem.field, value),
        kept=str(kept.value) if kept else None,
        remedy=Message("mend.lost_digits") if problem.message.key in _LOST_DIGITS else None,
    )


class _Suggestions:
    """What might be meant by a value of a field that takes one of known names."""

    def __init__(self, names: Names, rules: RowRules) -> None:
        self._names = names
        self._rules = rules
        self._budget = MOST_COMPARED
        self._folded = dict[str, dict[str, str]]()

    def __call__(self, key: str, value: str) -> tuple[str, ...]:
        kind = self._names.by_key(key).kind
        if kind in _FIXED:
            return _FIXED[kind]
        names = self._known(key)
        plain = folded(value)
        self._budget -= sum(map(len, names))
        if not names or self._budget < 0 or kind in LISTS:
            return ()
        near = difflib.get_close_matches(plain, names, n=MOST_SUGGESTIONS, cutoff=0 if len(names) <= _SHORT_TABLE else NEAR)
        inside = [name for name in names if plain and (plain in name or name in plain)]
        return tuple(names[name] for name in dict.fromkeys([*near, *inside]))[:MOST_SUGGESTIONS]

    def _known(self, key: str) -> dict[str, str]:
        if key not in self._folded:
            custom = self._rules.custom_fields.get(key)
            table: Mapping[str, Any] = (custom.options if custom else None) or self._rules.lookups.get(key, {})
            self._folded[key] = {folded(name): name for name in table}
        return self._folded[key]
