"""What a preview says once clues were read: which fields differ from what the CRM holds, and what is really taken away.

It is found in the journal, by whoever drives the run and by whoever only looks at it. Nothing here asks the CRM.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby, islice
from operator import attrgetter

from ..model import Change
from .losses import count_losses
from .prepared import PreparedRun
from .preview import Differences, Preview
from .run_changes import changes_of

#: How many fields that differ a preview holds one by one.
MOST_CHANGES = 1000


def with_differences(preview: Preview, prepared: PreparedRun) -> Preview:
    """Returns the preview of a run with what differs, where the run sends that alone."""
    options = preview.circumstances.options
    if not options.compares and not options.undo:
        return preview
    maybe_applied = prepared.settings.retry.ambiguous
    changes = changes_of(prepared.run, prepared.rules, prepared.options)
    differing = changes.to_come(prepared.run.queries.values_to_send(maybe_applied=maybe_applied))
    return replace(preview, differences=_differences(differing))


def with_losses(preview: Preview, prepared: PreparedRun) -> Preview:
    """Returns the preview of a run with what is really taken away; of a run that has read no clue nobody can say that."""
    if preview.no_old_values >= preview.counts.pending or not prepared.run.queries.has_read():
        return preview
    changes = changes_of(prepared.run, prepared.rules, prepared.options)
    rows = prepared.run.queries.values_to_send(maybe_applied=prepared.settings.retry.ambiguous)
    return replace(preview, compared=count_losses(islice(rows, preview.calls), changes, prepared.rules))


def _differences(differing: Iterable[Change]) -> Differences:
    """Returns what differs, counted; the first fields of it are kept one by one. All changes of a row come together."""
    kept, fields, rows = list[Change](), 0, 0
    for _, of_row in groupby(differing, attrgetter("row")):
        rows += 1
        for change in of_row:
            fields += 1
            if fields <= MOST_CHANGES:
                kept.append(change)
    return Differences(kept, fields, rows)
