"""Knows tenants whose server does not keep to the reference: what each of them does with an edit that has passed, by name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from .reference import EDITABLE

IGNORES_LIST = "ignores-list"  # update_specified_fields counts for nothing: what is not sent is cleared
CLEARS_UNSENT = "clears-unsent"  # what is listed is set, and what is not sent is cleared all the same
ROUNDS_IDS = "rounds-ids"  # ids pass through a double, as in a gateway of JavaScript
SHIFTS_BIRTHDAYS = "shifts-birthdays"  # a birthday that is set ends up a day early
NO_READING = "no-reading"  # clue/info and clue/page are not permitted
QUIRK_NAMES = (IGNORES_LIST, CLEARS_UNSENT, ROUNDS_IDS, SHIFTS_BIRTHDAYS, NO_READING)

_DAY = 86_400


def check_quirks(names: Iterable[str]) -> frozenset[str]:
    quirks = frozenset(names)
    unknown = quirks.difference(QUIRK_NAMES)
    if unknown:
        raise ValueError(f"no quirk is called {', '.join(map(repr, sorted(unknown)))}; known: {', '.join(QUIRK_NAMES)}")
    return quirks


def bend(quirks: frozenset[str], typed: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the values of an edit as such a server stores them; clue_id stays, or no clue would match."""
    values = dict(typed)
    if ROUNDS_IDS in quirks:
        values["clue_pool_id"] = _rounded(values["clue_pool_id"])
        values["field_map"] = {key: _rounded(value) for key, value in values["field_map"].items()}
    if SHIFTS_BIRTHDAYS in quirks and values["birthday"] is not None:
        # As seconds, 10**11 would be the year 5138.
        values["birthday"] -= _DAY * 1000 if abs(values["birthday"]) >= 10**11 else _DAY
    return values


def _rounded(value: Any) -> Any:
    if isinstance(value, list):
        return [_rounded(part) for part in value]
    if re.fullmatch("[0-9]{16,19}", str(value)):  # shorter numbers fit into a double, longer ones are no long
        return type(value)(int(float(value)))
    return value


def clear_unsent(clue: dict[str, Any], sent: Mapping[str, Any]) -> None:
    clue.update({key: None for key in EDITABLE if key not in sent})  # the required are always sent
    custom = sent.get("field_map") or {}
    clue["field_map"] = {key: value for key, value in clue["field_map"].items() if key in custom}
