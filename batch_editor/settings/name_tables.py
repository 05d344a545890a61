"""Tables of names under ``lookups`` in the settings, and how names and ids of a settings file are kept exact.

What cells make of names is decided in ``edits/cells.py``; how a table becomes ``name → id``, in ``edits/name_tables.py``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, StringConstraints, Tag
from pydantic_core import PydanticCustomError

from ..fields import BY_KEY, NAMED, Kind
from ..model import Message
from ..spoilt_text import is_spoilt
from .names import Ids, flaw

Filled = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
#: The field for whose values the CRM itself can be asked; names of people, tags and business tags it shows nowhere.
ASKED = "clue_pool_id"


def exact(value: object) -> object:
    """A text, or a number that has all its digits; an id that YAML reads as a float has lost some."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise PydanticCustomError("exact_type", "must be a text or a whole number")
    return value


def exact_text(value: object) -> str:
    """The same as a text."""
    return str(exact(value))


def text_names(names: object) -> object:
    """YAML makes booleans of yes, no, on and off, and of 1.50 a number without its last zero: those want quotation marks."""
    if not isinstance(names, Mapping):
        return names
    return {name if isinstance(name, bool | float) else str(name): value for name, value in names.items()}


def _id(value: object) -> str:
    text = exact_text(value).strip()
    if not text:
        raise PydanticCustomError("string_too_short", "must not be empty")
    return text


class TableFile(BaseModel):
    """A sheet from which a table of names is read: its ``file``, and the headings of the two columns.

    ``encoding`` and ``delimiter`` are those of a text file, for which None is found out.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: Filled
    name: Filled
    id: Filled
    sheet: Filled | None = None
    encoding: Filled | None = None
    delimiter: Annotated[str, StringConstraints(min_length=1)] | None = None


def _kind(table: object) -> str | None:
    if isinstance(table, TableFile) or (isinstance(table, Mapping) and ("file" in table or {"name", "id"} <= {*table})):
        return "file"
    return "names" if isinstance(table, Mapping) else "crm" if table == "crm" else None


#: What says which names a field knows. Once it is looked up it is ``name → id``, and a name that may mean several ids has a
#: list of them.
Table = Annotated[
    Annotated[dict[str, Annotated[Ids, BeforeValidator(_id)]], BeforeValidator(text_names), Tag("names")]
    | Annotated[TableFile, Tag("file")]
    | Annotated[Literal["crm"], Tag("crm")],
    Discriminator(_kind),
]


def wrong_with(key: str, table: Table, *, trust: bool) -> Message | None:
    """Returns why ``table`` cannot say which names the field ``key`` knows, if it cannot; ``trust``: ids may look rounded."""
    if key not in NAMED:
        return Message("lookup.no_names", {"key": key, "known": ", ".join(NAMED)})
    if table == "crm" and key != ASKED:
        return Message("lookup.not_asked", {"key": key, "asked": ASKED})
    if not isinstance(table, dict):
        return None
    pairs = [(name, str(ids)) for name, ids in table.items()]
    for name, text in pairs:
        if BY_KEY[key].kind is Kind.ID and not (re.fullmatch("[0-9]{1,19}", text) and int(text) < 2**63):
            return Message("lookup.of", {"key": key, "reason": Message("lookup.not_id", {"name": name})})
        if is_spoilt(text) and not trust:
            return Message("lookup.of", {"key": key, "reason": Message("lookup.rounded", {"name": name})})
    mistake = flaw(pairs, listed=BY_KEY[key].kind is Kind.TAGS)
    return Message("lookup.of", {"key": key, "reason": mistake[1]}) if mistake else None
