"""Which rows step 2 shows: what its address says, and what every form of it hands on.

So whoever has saved something comes back to the rows where it was done. What is no filter in an address counts for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Self
from urllib.parse import urlencode

from ..model import Status
from ..runs.row_pages import Filters

#: The rows that are shown unless others are asked for, those with mended cells, and all.
PROBLEMS, MENDED, ALL = Status.INVALID.value, "mended", "all"
_STATUSES = frozenset({*(status.value for status in Status), MENDED, ALL})
_LARGEST = 2**31


@dataclass(frozen=True, slots=True)
class View:
    """The rows below ``after`` that match every filter; ``columns`` is "all" or "", ``groups`` as well, ``open`` the row of
    which every cell can be mended, 0 if none."""

    status: str = PROBLEMS
    field: str = ""
    problem: str = ""
    after: int = 0
    columns: str = ""
    open: int = 0
    groups: str = ""

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """Returns the view that an address or a form asks for; what makes no sense there counts for nothing."""
        given = {name: str(values.get(name, "")) for name in ("status", "field", "problem")}
        if given["status"] not in _STATUSES:
            given["status"] = PROBLEMS
        numbers = {name: _number(values.get(name)) for name in ("after", "open")}
        alls = {name: "all" if values.get(name) == "all" else "" for name in ("columns", "groups")}
        return cls(**given, **numbers, **alls)  # type: ignore[arg-type]  # texts and numbers, as they are declared

    @property
    def is_filtered(self) -> bool:
        return self.status != PROBLEMS or bool(self.field or self.problem)

    def filters(self) -> Filters:
        """Returns the filters as the rows of a run are asked for."""
        statuses = () if self.status in (ALL, MENDED) else (self.status,)
        return Filters(statuses, self.field or None, self.problem or None, self.status == MENDED)

    def items(self) -> list[tuple[str, str | int]]:
        """Returns the names and values of whatever is not as it is unless something else is asked for."""
        return [(part.name, value) for part in fields(self) if (value := getattr(self, part.name)) != part.default]

    def address(self, run: str, **changes: Any) -> str:
        """Returns the address of this view of ``run``, or of one with ``changes``."""
        items = (replace(self, **changes) if changes else self).items()
        return f"/runs/{run}/mend" + (f"?{urlencode(items)}" if items else "")


def _number(text: object) -> int:
    digits = str(text or "")
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 12 and int(digits) < _LARGEST else 0
