"""Clues of which another system exports some fields night after night, and what the CRM has of them at first: the same."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

OWNER = "wo-owner-of-the-tests"
HEADING = "clue_id,remark,email"


def record(clue: int) -> dict[str, Any]:
    """What the CRM has of a clue."""
    fields = {"clue_name": f"客户{clue}", "clue_pool_id": 1, "follow_user_id": OWNER, "remark": "旧", "email": "a@example.com"}
    return {"clue_id": clue, "label": "t1", **fields}


def export_lines(clues: Iterable[int], **changed: str) -> list[str]:
    """The lines of an export in which all is as the CRM has it, but for some remarks: ``c7="new"`` is that of clue 7."""
    return [f"{clue},{changed.get(f'c{clue}', '旧')},a@example.com" for clue in clues]
