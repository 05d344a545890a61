"""Whether an earlier run of the same sheet stopped early, so that a new command goes on with it (guide: night)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ..edits.headings import Names
from ..errors import Refused, SettingsError, UnderWay
from ..journal.journal import Journal
from ..messages.time import spoken
from ..model import HaltReason, Message, Run, RunState
from ..settings.row_rules import RowRules
from ..settings.settings import Settings, app_of, require_credentials
from ..settings.zones import minute_in
from .options import RunOptions

#: A run that was started longer ago is not gone on with unasked: what the sheet says may no longer be what is wanted.
MAX_AGE_TO_CONTINUE = timedelta(hours=72)
#: How many earlier runs of a file are looked through for rows that were sent before.
LOOKED_AT = 5
#: Runs of which nothing was sent, since nobody has agreed to them: no other run goes on with them, or speaks of them.
_NOT_AGREED_TO = {RunState.ABANDONED, RunState.PLANNED}


def run_to_continue(
    journal: Journal, *, digest: str, sheet: str, app: str, settings: Settings, options: RunOptions
) -> tuple[Run | None, Message | None]:
    """Returns the run to go on with, if there is one; and what is to be said of earlier runs, if anything.

    An earlier run is one of the same bytes (``digest``) and ``sheet``, to the same tenant, that was not undone, and to
    which somebody has agreed. It is gone on with if the row rules are the same as well and it stopped early. Raises
    ``UnderWay`` if it is being driven, ``Refused`` if it is old, or its first edit did not prove right.
    """
    rules = settings.row_rules
    options = with_keys(options, rules)
    runs = [run for run in journal.runs() if run.state not in _NOT_AGREED_TO]
    undone = undos(runs)
    here = [
        run
        for run in runs
        if digest
        and (run.digest, run.sheet) == (digest, sheet)
        and run.is_of(settings.api.base_url, app, settings.api.tenant or "")
    ]
    latest = next((run for run in here if RowRules.from_record(run.settings) == rules), None)
    if latest:
        _require_good_proof(journal, latest, undone.get(latest.name))
    earlier = [run for run in here if run.name not in undone and not _options(run).prove_only]
    same = [
        run
        for run in earlier
        if RowRules.from_record(run.settings) == rules and _is_same(with_keys(_options(run), rules), options)
    ]
    if not same:
        stopped = [run.name for run in earlier if run.state.has_ended_early]
        return None, Message("note.other_rules", {"run": stopped[0]}) if stopped else None
    run = same[0]
    if run.state.is_at_work:
        raise UnderWay("run.under_way", run=run.name)
    if run.dismissed:
        return None, Message("note.dismissed", {"run": run.name})
    if run.state is RunState.FINISHED:
        failed = journal.of(run.name).queries.count_to_send(maybe_applied=settings.retry.ambiguous)
        return None, Message(
            "note.finished_failed" if failed else "note.finished", {"run": run.name, "time": run.finished, "failed": failed}
        )
    if datetime.fromisoformat(journal.now()) - datetime.fromisoformat(run.started) > MAX_AGE_TO_CONTINUE:
        started = minute_in(settings.zone, run.started)
        raise Refused("run.too_old", run=run.name, started=started, hours=MAX_AGE_TO_CONTINUE.total_seconds() // 3600)
    require_nobody_knows(journal, run, settings)
    return run, None


def with_keys(options: RunOptions, rules: RowRules) -> RunOptions:
    """Returns ``options`` with the fields to edit by their keys, in whatever words and order somebody has named them: of two
    runs that are told the same, they are the same."""
    if not options.edit_keys:
        return options
    names = Names(rules)
    keys = {field.key if (field := names.field(name)) else name for name in options.edit_keys}
    return replace(options, edit_keys=tuple(sorted(keys)))


def is_of_finished(note: Message) -> bool:
    """Returns whether ``note`` says that the sheet was finished, and that all of it would be sent once more.

    That is not so of a results sheet whose rows the journal is asked for.
    """
    return note.key in ("note.finished", "note.finished_failed")


def sent_before(journal: Journal, name: str) -> Message | None:
    """Returns what is to be said of the run ``name`` where the same file, before somebody changed it, had rows updated that it
    would send once more as they were: who mends a cell in the sheet itself, and not in its results, sends all of it again."""
    runs = journal.runs()
    this_run, undone = next(run for run in runs if run.name == name), undos(runs)
    earlier_ones = [
        run
        for run in runs
        if (run.source, run.sheet, run.base_url, run.app) == (this_run.source, this_run.sheet, this_run.base_url, this_run.app)
        and run.name not in (name, *undone)
        and not _options(run).prove_only
    ]
    for run in earlier_ones[:LOOKED_AT]:
        if rows := journal.of(name).planning.sent_before(run.name):
            return Message("note.sent_before", {"rows": rows, "run": run.name})
    return None


def settings_for(run: Run, settings: Settings) -> Settings:
    """Returns the settings with which to reach the tenant of an earlier ``run`` again: its address, and the rest of
    ``settings``.

    Raises ``SettingsError`` if there are no credentials, or if they are those of another app.
    """
    settings = settings.model_copy(update={"api": settings.api.model_copy(update={"base_url": run.base_url})})
    require_credentials(settings)
    app, tenant = app_of(settings), settings.api.tenant or ""
    if not run.is_of(run.base_url, app, tenant):
        fixed = Message("preview.fixed_token")
        theirs, ours = run.app or run.tenant or fixed, app or tenant or fixed
        raise SettingsError("resume.other_app", run=run.name, theirs=theirs, ours=ours)
    return settings


def require_resumable(journal: Journal, run: Run) -> None:
    """Raises ``Refused`` for a run that was never sent, or was for a proof alone, or was undone."""
    if run.state is RunState.ABANDONED:
        raise Refused("resume.abandoned", run=run.name, sheet=run.source)
    undo = undos(journal.runs()).get(run.name)
    if _options(run).prove_only:
        raise _proof_refused(journal, run, undo)
    if undo:
        names = undone_by(run.name, undos(journal.runs()))
        raise Refused("resume.redone" if "redo" in names else "resume.undone", sheet=run.source, **names)


def require_nobody_knows(journal: Journal, run: Run, settings: Settings) -> None:
    """Raises ``UnderWay`` where a worker that stands still knows alone what became of rows which would be sent once more, for
    as long as patience lasts."""
    if not (journal.is_shared and settings.retry.ambiguous):
        return
    for worker in journal.workers.awaited(journal.of(run.name).run_id, settings.rate.patience):
        time = spoken(settings.rate.patience)
        raise UnderWay("run.stands_still", run=run.name, worker=worker, time=time)


def _proof_refused(journal: Journal, run: Run, undo: Run | None) -> Refused:
    """Returns why a run is not gone on with that was for a proof alone, and in which state that has left the clue."""
    if undo and undo.state is RunState.FINISHED:
        counts = undo.counts or {}
        is_whole = counts.get("updated", 0) + counts.get("unchanged", 0) == sum(counts.values())
        key = "resume.proof" if is_whole else "resume.proof_kept"
        return Refused(key, run=run.name, undo=undo.name, sheet=run.source)
    if undo:
        return Refused("resume.proof_half", run=run.name, undo=undo.name)
    queries = journal.of(run.name).queries
    if journal.of(run.name).undoable().rows:
        return Refused("resume.proof_not_put_back", run=run.name)
    if queries.was_sent():
        return Refused("proof.kept", run=run.name)
    return Refused("resume.proof_unsent", run=run.name, sheet=run.source)


def undos(runs: Sequence[Run]) -> dict[str, Run]:
    """Returns, by the name of each of ``runs`` that was undone, the latest undo of it; those of a part of a run, which leave
    the other rows of it as they are, do not count."""
    given = ((run, _options(run)) for run in reversed(runs) if run.state is not RunState.ABANDONED)
    return {options.undo: run for run, options in given if options.undo and not options.undoes_part}


def undone_by(name: str, undos: Mapping[str, Run]) -> dict[str, str]:
    """Returns the ``run`` of this name that was undone, and its ``undo``, for a message; and ``redo``, the run that has undone
    the undo in turn, where that is how it ended. ``undos`` are those of all runs."""
    chain = [name]
    while undo := undos.get(chain[-1]):
        chain.append(undo.name)
    is_redone = len(chain) % 2 == 1
    return {"run": name, "undo": chain[1]} | ({"redo": chain[-1]} if is_redone else {})


def _is_same(earlier: RunOptions, options: RunOptions) -> bool:
    """Whether two runs of the same bytes are of the same rows, and make the same of them."""
    return options.is_shaped_as(earlier) and options.reads_as(earlier)


def _options(run: Run) -> RunOptions:
    return RunOptions.from_json(run.options)


def _require_good_proof(journal: Journal, run: Run, undo: Run | None) -> None:
    """Raises ``Refused`` where the last that is known of a sheet is an edit that did not prove right, or, having been for the
    proof alone, was not put back by ``undo``: to try again would be to prove it on a clue that is spoilt by now."""
    if _options(run).prove_only and not (undo and undo.state is RunState.FINISHED) and journal.of(run.name).undoable().rows:
        raise Refused("proof.not_put_back", run=run.name)
    if run.stoppage and run.stoppage.reason is HaltReason.PROOF_REFUTED:
        raise Refused("proof.was_refuted", run=run.name)
