"""The values that the settings give to required fields which a row leaves blank (guide: rules)."""

from __future__ import annotations

from ..errors import SettingsError
from ..settings.row_rules import RowRules
from . import cells
from .cells import BadCell, Json
from .headings import Names


def read_defaults(names: Names, rules: RowRules) -> dict[str, Json]:
    """Returns what the defaults of the settings come to, by the keys of their fields, as cells of these fields would.

    Raises ``SettingsError`` for one that its field does not take.
    """
    defaults: dict[str, Json] = {}
    for key, value in rules.defaults.items():
        try:
            cell = cells.trimmed(value)
            if cell is None:
                raise BadCell("cell.blank_default")
            if cells.is_marker(cell, rules.clear_marker):
                raise BadCell("cell.not_clearable")
            defaults[key] = cells.converter(names.by_key(key), rules)(cell)
        except BadCell as error:
            raise SettingsError("settings.default", field=names.label(key), reason=error.message) from None
    return defaults
