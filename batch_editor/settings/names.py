"""Names that people write instead of ids: how two of them are compared, which known one is nearest, what a table may hold.

Whether a cell may hold a name at all is decided in ``edits/cells.py``; where tables come from, in ``edits/name_tables.py``.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence

from ..model import Message
from ..spoilt_text import narrow

#: What a name stands for: an id, or several where it is not known which one is meant.
Ids = str | list[str]

SEPARATORS = re.compile("[,\uff0c;\uff1b\u3001\r\n]+")
#: Characters at the ends of a cell that nobody sees, beside the spaces; those that turn the direction come with copied numbers.
INVISIBLE = (
    "\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff"
)
EDGES = "".join(filter(str.isspace, map(chr, range(0x3001)))) + INVISIBLE
#: How many names a message lists.
SHOWN = 12
#: How alike a text and a known name must be for the name to be suggested, 0 to 1.
NEAR = 0.5
#: How many characters of names are compared with unknown texts in all, for one column: a few seconds' worth. Texts beyond that
#: get no suggestion, so that a column of nothing but mistakes takes no hours.
MOST_COMPARED = 4_000_000
#: What a comparison with even the fewest names counts, so that not too many texts are remembered.
LEAST_COMPARED = 200
#: An id of a person or a tag as the platform makes them (guide: crm): ``wo…``, ``et…``, or 19 digits. No name that a person
#: types looks so, and no number of a phone.
#: Digits with hyphens between them are numbers of phones, or days.
MADE_OF_DIGITS, MADE_OF_LETTERS = "[0-9]{16,}", "(?=[0-9_-]*[A-Za-z])[A-Za-z0-9_-]{20,}"
_MADE = re.compile(f"{MADE_OF_DIGITS}|{MADE_OF_LETTERS}")


def folded(text: str) -> str:
    """Returns a name as it is compared: whatever its case, its width, and the spaces around it."""
    return narrow(narrow(text).strip(EDGES).casefold())


def is_made(text: str) -> bool:
    """Returns whether ``text`` looks like the id of a person or a tag, and like nothing else."""
    return _MADE.fullmatch(text) is not None


class Choices:
    """The names of one column and the ids that they stand for; made once for the column, whatever the number of its cells."""

    def __init__(self, names: Mapping[str, Ids]) -> None:
        self._names = names
        self._alike: dict[str, list[str]] = {}
        self._spelt: dict[str, str] = {}
        for name, ids in names.items():
            alike = self._alike.setdefault(folded(name), [])
            alike += [named_id for named_id in _several(ids) if named_id not in alike]
            self._spelt.setdefault(folded(name), name)
        self._ids = ids_of(names)
        self._made_names = any(is_made(narrow(name)) for name in names)
        self._longest = max(map(len, self._spelt), default=0)
        self._cost = max(sum(map(len, self._spelt)), LEAST_COMPARED)
        self._nearest: dict[str, str | None] = {}
        self._budget = MOST_COMPARED

    def find(self, text: str) -> list[str]:
        """Returns the id that ``text`` names; several if that is not certain, none if no name is like it."""
        exact = self._names.get(text)
        return self._alike.get(folded(text), []) if exact is None else _several(exact)

    def has(self, text: str) -> bool:
        """Returns whether ``text`` is one of the ids."""
        return text in self._ids

    def passes(self, text: str) -> bool:
        """Returns whether ``text``, which is no name, may be sent as an id: one of these, or one that can be nothing else."""
        return self.has(text) or (not self._made_names and is_made(text))

    def near(self, text: str) -> str | None:
        """Returns the name that is most like ``text``, if any is like it at all."""
        plain = folded(text)
        if len(plain) > self._longest * (2 / NEAR - 1):  # nothing so much longer is alike
            return None
        if plain not in self._nearest and self._budget > 0:
            self._budget -= self._cost
            matches = difflib.get_close_matches(plain, self._spelt, n=1, cutoff=NEAR)
            self._nearest[plain] = self._spelt[matches[0]] if matches else None
        return self._nearest.get(plain)

    @property
    def listed(self) -> str:
        """The first of the names, for a message."""
        return ", ".join(list(self._names)[:SHOWN]) + (", …" if len(self._names) > SHOWN else "")


def flaw(pairs: Sequence[tuple[str, str]], *, listed: bool) -> tuple[int, Message] | None:
    """Returns the first of these names and ids that could be mistaken for another one, by its place, and why.

    ``listed`` says that a cell may hold several, with separators between. None is returned if there is no such pair.
    """
    spellings: dict[str, set[str]] = {}
    for _, named_id in pairs:
        spellings.setdefault(folded(named_id), set()).add(named_id)
    first_ids: dict[str, str] = {}
    for place, (name, named_id) in enumerate(pairs):
        plain = folded(name)
        if not plain:
            return place, Message("lookup.no_name")
        if listed and (apart := next((text for text in (name, named_id) if SEPARATORS.search(narrow(text))), None)):
            return place, Message("lookup.separator", {"text": apart})
        if first_ids.setdefault(plain, named_id) != named_id:
            return place, Message("lookup.twice", {"name": name, "first": first_ids[plain], "second": named_id})
        if others := spellings.get(plain, set()) - {named_id}:
            return place, Message("lookup.is_id", {"name": name, "id": named_id, "other": min(others)})
    return None


def ids_of(names: Mapping[str, Ids]) -> frozenset[str]:
    """Returns all ids that the names stand for."""
    return frozenset(named_id for ids in names.values() for named_id in _several(ids))


def _several(ids: Ids) -> list[str]:
    return [ids] if isinstance(ids, str) else ids
