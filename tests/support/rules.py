"""The rules of rows that settings make: those of equal settings are made once, since many tests ask for the same ones."""

from __future__ import annotations

from typing import Any

from batch_editor.settings.row_rules import RowRules
from batch_editor.settings.settings import Settings

_made: dict[str, RowRules] = {}


def row_rules(**settings: Any) -> RowRules:
    """What ``Settings`` makes of these; they are frozen, and no test that asks here sets variables of the environment."""
    key = repr(settings)
    if key not in _made:
        _made[key] = Settings(**settings).row_rules
    return _made[key]
