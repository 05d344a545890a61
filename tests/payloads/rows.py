"""Rows through the loader without a file, for tests of single rules."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from support.rules import row_rules

from batch_editor.cell_values import Cell, Row
from batch_editor.edits.columns import Columns
from batch_editor.edits.earlier_results import Reference
from batch_editor.edits.kept_rows import KeptRows, UnknownRow
from batch_editor.edits.rounded_ids import refuse_rounded
from batch_editor.edits.rows import RowReader
from batch_editor.messages import say
from batch_editor.model import Message, Plan

CLUE = "1591005521987921928"  # no double holds it exactly
DEFAULTS = {
    "user_id": "wo-operator-of-the-tests",
    "clue_name": "线索",
    "clue_pool_id": "1591005280874161217",
    "follow_user_id": "wo-owner-of-the-tests",
}


@dataclass(frozen=True)
class Read:
    """What became of some rows below the headings, which stand in row 1 of a sheet called Sheet1."""

    plans: list[Plan | None]
    notes: list[Message]

    @property
    def statuses(self) -> list[str]:
        return [str(plan.status) if plan else "blank" for plan in self.plans]

    @property
    def problems(self) -> list[tuple[str, str]]:
        """The address and the message's key of every problem, in order."""
        return [(one.address, one.message.key) for plan in self.plans if plan for one in plan.problems]

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(plan.edit.body) for plan in self.plans if plan and plan.edit]

    @property
    def unread(self) -> list[bool]:
        """Of every edit, whether its clue is to be read first."""
        return [plan.edit.unread for plan in self.plans if plan and plan.edit]

    @property
    def said(self) -> list[str]:
        return [say(note, "en") for note in self.notes]


def nothing_known(reference: Reference) -> UnknownRow:
    """What an empty journal knows of a row."""
    return UnknownRow(Message("reference.unknown_run", {"run": reference.run}), (0, 0))


def read(
    headings: Sequence[Cell],
    *rows: Sequence[Cell],
    sheet: str = "Sheet1",
    edit_keys: Sequence[str] = (),
    only_failed: bool = False,
    reads_all: bool = False,
    reads_tags: bool = False,
    **settings: Any,
) -> Read:
    """The plans of ``rows``, the first of which is row 2; required fields have defaults unless ``defaults`` are given."""
    rules, reads = row_rules(**{"defaults": DEFAULTS} | settings), {"reads_all": reads_all, "reads_tags": reads_tags}
    columns = Columns(sheet, Row(1, tuple(headings)), rules, edit_keys=edit_keys)
    kept_rows = KeptRows(columns, nothing_known, lambda known: None, None) if only_failed else None
    reader = RowReader(columns, rules, kept_rows=kept_rows, **reads)
    plans = [reader.read(Row(number, tuple(cells))) for number, cells in enumerate(rows, 2)]
    return Read([plan and refuse_rounded(plan, reader.findings.refused_doubts()) for plan in plans], reader.findings.notes())


def one(key: str, cell: Cell, **settings: Any) -> Read:
    """A row with a clue id and one cell."""
    return read(["clue_id", key], [CLUE, cell], **settings)
