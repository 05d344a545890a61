"""Runs as JSON, for whoever lists them or looks at one of them (guide: reference).

Every id is a text, since some readers of JSON round whole numbers of so many digits.
"""

from __future__ import annotations

from ..journal.journal import Journal
from ..messages import Lang, say
from ..model import Change, Message, Run, Status
from ..settings.settings import Settings
from .reasons import word_of
from .results import summary_counts
from .shared_look import shared_run
from .unfinished import rows_left


def run_json(run: Run, lang: Lang) -> dict[str, object]:
    """Returns a ``run`` in short: its ``counts`` are those of when it last ended, null where it has not ended."""
    return {
        "run": run.name,
        "state": str(run.state),
        "stopped": run.state.has_ended_early,
        "dismissed": run.dismissed,
        "reason": word_of(run.stoppage) if run.stoppage else None,
        "halted": say(run.stoppage.message, lang) if run.stoppage else None,
        "started": run.started,
        "finished": run.finished,
        "source": run.source,
        "sheet": run.sheet,
        "base_url": run.base_url,
        "app": run.app,
        "series": run.series,
        "results": run.results,
        "counts": dict(run.counts) if run.counts is not None else None,
    }


def shown_run_json(journal: Journal, name: str, settings: Settings, lang: Lang) -> dict[str, object]:
    """Returns the run called ``name`` as it is now, with all that is known of it beside its rows. Raises ``SettingsError`` if
    there is none."""
    run = journal.run(name)
    run_journal = journal.of(name)
    statuses = run_journal.queries.counts()
    undoable = run_journal.undoable()
    shared = shared_run(journal, name) if run.state.is_at_work else None
    is_under_way = shared is not None or journal.is_driven(name)
    counts = {str(status): number for status, number in statuses.items()} if is_under_way else summary_counts(statuses)
    to_send = run.state.has_ended_early or counts.get(Status.FAILED, 0) > 0
    return run_json(run, lang) | {
        "counts": counts,
        "rows": sum(counts.values()),
        "under_way": is_under_way,
        "shared": shared.as_json(lang) if shared else None,
        "left": rows_left(journal, run, settings) if to_send and not is_under_way else 0,
        "title": run.title,
        "planned_by": run.planned_by,
        "confirmed_by": run.confirmed_by,
        "mends": run_journal.mends.count(),
        "undoable": undoable.rows > 0,
        "undoable_rows": undoable.rows,
        "changed_rows": undoable.changed,
        "put_back_rows": undoable.put_back,
        "options": dict(run.options),
        "settings": dict(run.settings),
    }


def change_json(change: Change, lang: Lang) -> dict[str, object]:
    """Returns one field that a run has changed, with its old and its new value as people are shown them."""
    old, new = (say(value, lang) if isinstance(value, Message) else value for value in (change.old, change.new))
    return {
        "row": change.row,
        "clue_id": str(change.clue_id),
        "name": change.clue_name,
        "field": change.field,
        "old": old,
        "new": new,
        "maybe_applied": change.maybe_applied,
    }
