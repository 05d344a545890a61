"""What people call the ids in the values of fields: owners, pools, tags and options, by the tables of the settings and by what
the CRM shows beside an id.

How a value becomes a text is left to ``clue_record``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from ..model import ShownNames
from ..settings.names import Ids, folded
from ..settings.row_rules import RowRules
from .clue_record import CHOICES, names_of_choices

#: Fields whose values are ids of people: a table of one of them names the people of the other too.
PEOPLE = ("follow_user_id", "user_id")


def id_names(rules: RowRules, shown: Iterable[ShownNames] = ()) -> dict[str, dict[str, str]]:
    """Returns what the ids of each field are called, by the key of the field and the id.

    The tables and options of ``rules`` come first, and of several names of an id the first; then what the CRM has ``shown``.
    Where several ids of a field have one name, its id stands behind it, but for a cascade, whose names stand in their order.
    """
    names: dict[str, dict[str, str]] = {}
    for key in {*PEOPLE, *rules.lookups}:
        tables = [rules.lookups.get(other, {}) for other in (key, *(PEOPLE if key in PEOPLE else ()))]
        _add(names, key, (pair for table in tables for pair in _by_id(table)))
    for key, custom in rules.custom_fields.items():
        if custom.type in CHOICES:
            _add(names, key, names_of_choices(custom).items())
    for of_reply in shown:
        for key, of_field in of_reply.items():
            _add(names, key, of_field.items())
    cascades = {key for key, custom in rules.custom_fields.items() if custom.type == "cascade"}
    return {key: of_field if key in cascades else _told_apart(of_field) for key, of_field in names.items()}


def _add(names: dict[str, dict[str, str]], key: str, pairs: Iterable[tuple[str, str]]) -> None:
    of_field = names.setdefault(key, {})
    for id_, name in pairs:
        of_field.setdefault(id_, name)


def _by_id(table: Mapping[str, Ids]) -> Iterator[tuple[str, str]]:
    for name, ids in table.items():
        for id_ in [ids] if isinstance(ids, str) else ids:
            yield id_, name


def _told_apart(names: Mapping[str, str]) -> dict[str, str]:
    """Returns the names of ids, those that several ids have with the id behind them."""
    numbers = Counter(map(folded, names.values()))
    return {id_: f"{name} ({id_})" if numbers[folded(name)] > 1 else name for id_, name in names.items()}
