"""Looks, right before an edit is sent, at what other runs have set of its clue, or are just sending (guide: rules).

Two runs, in one process or in two, say by their rows what they are about to do: a row is written down as ``sending`` first, and
then each looks at those of the other. So at least one of them sees the other. The older one gives way, and the newer one comes
last. Which values are newer is left to ``journal/newer_values``, what follows for a row to the dispatcher.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from ..edits.clue_record import as_text
from ..edits.headings import Names
from ..journal.newer_values import NewerValues
from ..model import Edit, Message
from ..settings.row_rules import RowRules


class Look(Enum):
    """What an edit is to wait for."""

    OLDER = "older"  # an older edit of its clue is on its way, and this one is to land after it
    TAGS = "tags"  # tags of its clue were changed after they were read, or are just being changed


class OtherRuns:
    """What the other runs mean for the edits of one run, read by ``rules``; ``is_driven`` says whether a process is at work on
    a run."""

    def __init__(self, newer_values: NewerValues, is_driven: Callable[[str], bool], rules: RowRules) -> None:
        self._newer_values = newer_values
        self._rules = rules
        self._names = Names(rules)
        self._is_driven = is_driven

    def look(self, edit: Edit) -> Message | Look | None:
        """Returns why ``edit``, which is written down as ``sending``, must not be sent at all, or what it is to wait for; None
        if it may be sent now."""
        waits: Look | None = None
        for rival in self._newer_values.rivals(edit.row):
            if rival.is_newer:
                return changed_since(self._newer_values, edit.row, rival.run, self._names, self._rules)
            on_its_way = rival.is_on_its_way and self._is_driven(rival.run)
            if rival.merges and (rival.is_of_later_run if on_its_way else rival.since_read):
                waits = Look.TAGS
            elif on_its_way:
                waits = waits or Look.OLDER
        return waits

    def is_awaited(self, edit: Edit) -> bool:
        """Returns whether an edit of another run is on its way that shares fields with ``edit``."""
        return any(
            rival.is_on_its_way and not rival.is_newer and self._is_driven(rival.run)
            for rival in self._newer_values.rivals(edit.row)
        )


def changed_since(newer_values: NewerValues, row: int, run: str, names: Names, rules: RowRules) -> Message:
    """Returns why ``row`` is not sent whose fields another ``run`` has set since, with the values of both."""
    lines = []
    for key, values in newer_values.values_of(row, run).items():
        ours, other = (as_text(key, value, rules) for value in values)  # what a body holds
        lines.append(Message("cell.set_since", {"field": names.label(key), "cell": ours, "run": run, "other": other}))
    return Message("row.changed_since", {"run": run, "lines": lines})
