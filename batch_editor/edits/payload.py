"""What one call of clue/edit holds: the values of its fields, and which of them it lists (guide: rules).

The body of a call is stored and sent as one JSON text. A ``Payload`` becomes that text once, and is made from it once where a
row is looked at again; which values belong into it is decided by the rules of rows and by the merge.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Self

from .. import fields
from ..crm.last_look import content_of
from ..model import Values

_LISTED = "update_specified_fields"
_CUSTOM = "field_map"
#: Makes compact JSON, as ``json.dumps`` with these arguments does; made once, since every row of a sheet needs it.
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Payload:
    """The ``values`` of a call by the keys of their fields, custom ones among them, and the keys that it ``listed``.

    Values are sent in the order in which they stand here, but for those of custom fields, which come behind the others.
    """

    values: Values
    listed: tuple[str, ...]

    @classmethod
    def from_json(cls, body: str) -> Self:
        """Returns the payload whose ``to_json`` gave ``body``. Raises ``UnfitBody`` for any other text."""
        content = content_of(body)
        listed = content.pop(_LISTED)
        custom: dict[str, Any] = content.pop(_CUSTOM, {})
        return cls(content | custom, tuple(listed))

    def to_json(self) -> str:
        """Returns the body of the call: the plain fields, the custom ones in ``field_map``, then the keys that it lists."""
        body: dict[str, object] = {}
        custom: dict[str, object] = {}
        for key, value in self.values.items():
            (body if key in fields.BY_KEY else custom)[key] = value
        if custom:
            body[_CUSTOM] = custom
        body[_LISTED] = self.listed
        return _encode(body)

    def listed_values(self, cleared: Collection[str]) -> dict[str, Any]:
        """Returns the values of the listed fields by key: None for those ``cleared``, whatever they are sent as."""
        return {key: None if key in cleared else self.values[key] for key in self.listed}
