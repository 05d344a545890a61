"""The settings that decide what is made of a row, as a type of their own.

A run's rows are read by the rules of one moment and may be sent, resumed or undone by the settings of another. Since the two
have different types, neither can be taken for the other. The journal keeps the rules with each run; which of them two runs
must share is decided in ``runs``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict

from .names import Ids as TableIds
from .sections import CustomField, Default, Ids

#: The groups of ``clear_as``, and what each is sent as unless it says otherwise.
CLEAR_DEFAULTS: dict[str, Any] = {"text": "", "number": None, "custom_text": "", "custom_choice": []}

#: The fields whose cells tell whose clue a row is about, unless the settings say otherwise.
COMPARED = ("clue_name", "follow_user_id", "clue_pool_id")


class RowRules(BaseModel):
    """The settings of the same names, see ``Settings.row_rules``; in ``lookups`` every table is ``name → id`` by now."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    defaults: dict[str, Default] = {}
    columns: dict[str, str] = {}
    context_columns: tuple[str, ...] = ()
    compare_columns: tuple[str, ...] = COMPARED
    ignore_columns: tuple[str, ...] = ()
    custom_fields: dict[str, CustomField] = {}
    lookups: dict[str, dict[str, TableIds]] = {}
    ids: Ids = Ids()
    fill: bool = False
    fill_down: bool = False
    clear_marker: str = "#CLEAR"
    clear_as: dict[str, Any] = {}
    blank_words: tuple[str, ...] = ()
    birthday_unit: Literal["s", "ms"] = "s"
    date_order: Literal["ymd", "dmy", "mdy"] | None = None

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Self:
        """Returns the rules of a run from what ``Settings.for_the_record`` gave; what an older record lacks was off then."""
        rules = {name: record[name] for name in cls.model_fields if name in record}
        rules["ids"] = {"people": "any"} | dict(rules.get("ids", {}))
        return cls.model_validate(rules)

    def for_the_record(self) -> dict[str, Any]:
        """Returns the rules as JSON, as they stand among the settings that the journal keeps."""
        return self.model_dump(mode="json")
