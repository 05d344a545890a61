"""What a run can be told beside the settings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    pass

#: What a run can be told beside the settings, and what holds unless it is; ``hidden_rows`` is what its sheet was found to hide.
OPTIONS: dict[str, Any] = {
    "edit": [],
    "only_failed": False,
    "limit": None,
    "strict": False,
    "visible_only": False,
    "hidden_rows": 0,
    "output": None,
    "only_changed": False,
    "tags": None,
    "snapshot": False,
    "prove_only": False,
    "undo": None,
    "force": False,
}


def names(edit_keys: str | Sequence[str]) -> list[str]:
    """The names of the fields to edit; a single text is one name, and not its letters."""
    return [edit_keys] if isinstance(edit_keys, str) else list(edit_keys)


def told(edit_keys: str | Sequence[str], **options: Any) -> dict[str, Any]:
    """What a run was told beside the settings, as the journal keeps it: see ``OPTIONS``, and ``output``."""
    return {**OPTIONS, "edit": names(edit_keys), **options}
