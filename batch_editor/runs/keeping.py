"""Removing what old nights have left, by the setting ``keep``: their results sheets, inputs and logs, and their runs.

Nobody is asked, so only that is removed which this program has written or moved itself, which nobody has changed since, and
which nobody needs: a run that is under way or not finished stays with its files, and so does a run that another one puts back,
or has put back, that stays (guide: night). What was removed, and what could not be, is handed on as messages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from pathlib import Path

from ..errors import BatchEditorError, reason_in
from ..files import open_regular
from ..journal.journal import Journal
from ..journal.known_files import KnownFile
from ..model import Message, Run
from ..output import placing
from ..output.placing import OwnFile
from ..settings.settings import Settings
from .earlier_runs import undos
from .options import RunOptions
from .purging import OVER
from .result_places import LOG_NAME

#: The folders of an inbox in which this program has put what lies there.
_OF_INBOX = ("results", "done", "refused")
#: How each line of the log of a day begins, for people and for programs.
_BEGINS_LINE = re.compile(rb'(?:\{"time": ")?[0-9]{4}-[0-9]{2}-[0-9]{2}T')


def remove_old(journal: Journal, settings: Settings, series: str, now: datetime) -> Sequence[Message]:
    """Removes what the nights of a ``series`` have left that are older than ``keep`` says; returns what is to be told of it.

    A file that cannot be removed stays, and so does its run, until another night removes both. Nothing is raised: what goes
    wrong is told.
    """
    if settings.keep is None or not series:
        return ()
    days = int(settings.keep.removesuffix("d"))
    try:
        return tuple(_removed(journal, settings, series, now - timedelta(days=days), days))
    except (BatchEditorError, OSError) as error:
        reason = reason_in(error)
        return (Message("keep.failed", {"reason": reason}),)


def _removed(journal: Journal, settings: Settings, series: str, before: datetime, days: int) -> Iterator[Message]:
    old_files = journal.files.of_nights(series, before)
    old_runs = [run for run in journal.runs_of_series(series) if datetime.fromisoformat(run.started) < before]
    if not old_files and not old_runs:
        journal.nights.forget(series, before)
        return
    removable = _removable(journal, old_runs)
    needed = {run.name for run in journal.runs() if run.name not in removable}
    roots = _roots(settings, series)
    removed = 0
    for file in old_files:
        if file.run in needed or not _lies_below(Path(file.path), roots):
            continue
        outcome = _remove(journal, file)
        if isinstance(outcome, Message):
            yield outcome
            if outcome.key == "keep.not_removed":
                removable = {name: run for name, run in removable.items() if name != file.run}
        else:
            removed += outcome
    removable = _with_whole_chains(journal.runs(), removable)
    forgotten = journal.forgetting.forget(removable)
    journal.nights.forget(series, before)
    if removed or forgotten:
        yield Message("keep.removed", {"files": removed, "runs": forgotten, "days": days})


def _removable(journal: Journal, old: Sequence[Run]) -> dict[str, Run]:
    """Returns those of the ``old`` runs that nobody drives, and that are over or that nobody wants to go on with, by name.

    One that is over may have rows that failed, which a new export holds again. A run by hand is none of them.
    """
    runs = journal.runs()
    undone = undos(runs)
    free = {
        run.name: run
        for run in old
        if not RunOptions.from_json(run.options).attended
        and not journal.is_driven(run.name)
        and (run.state in OVER or run.dismissed or run.name in undone)
    }
    return _with_whole_chains(runs, free)


def _with_whole_chains(runs: Sequence[Run], removable: Mapping[str, Run]) -> dict[str, Run]:
    """Returns the ``removable`` runs without those that belong together with one that is not: an undo with what it puts back,
    and a run that takes up the rows of another one with that."""
    links = [(run.name, other) for run in runs for other in _named_by(run)]
    names = {run.name for run in runs}
    kept = dict(removable)
    while True:
        bound = {
            name
            for link in links
            for name, partner in (link, link[::-1])
            if name in kept and partner in names and partner not in kept
        }
        if not bound:
            return kept
        kept = {name: run for name, run in kept.items() if name not in bound}


def _named_by(run: Run) -> Iterator[str]:
    options = RunOptions.from_json(run.options)
    yield from (name for name in (options.undo, options.again_of) if name)


def _roots(settings: Settings, series: str) -> Sequence[Path]:
    """Returns the folders of which this program may remove something: that of the results, and those of an inbox."""
    folders = [Path(series) / name for name in _OF_INBOX]
    return [*([settings.results_dir.absolute()] if settings.results_dir else []), *folders]


def _lies_below(path: Path, roots: Sequence[Path]) -> bool:
    """Whether a file lies below one of the folders, by its name as well as on the disk, and not by a link of its own."""
    return any(
        path.is_relative_to(root) and not path.is_symlink() and path.resolve().is_relative_to(root.resolve()) for root in roots
    )


def _remove(journal: Journal, file: KnownFile) -> bool | Message:
    """Removes a file; returns whether there was one, or what is to be told where it stays. A file that somebody has changed is
    theirs from then on."""
    path = Path(file.path)
    if path.exists():
        stamp = placing.stamp(path)
        if stamp is not None and stamp != file.stamp and not _is_log(path):
            journal.files.forget(file.path)
            return Message("keep.changed", {"path": path})
        if not OwnFile(path, stamp or file.stamp).is_replaceable():
            return Message("keep.not_removed", {"path": path, "reason": Message("keep.open")})
        try:
            path.unlink()
        except OSError as error:
            return Message("keep.not_removed", {"path": path, "reason": reason_in(error)})
        _remove_empty_day(path.parent)
        journal.files.forget(file.path)
        return True
    journal.files.forget(file.path)
    return False


def _is_log(path: Path) -> bool:
    """Whether a file is the log of a day, with no line that is not of this program: a command that was killed could not say
    what the log looks like since its lines."""
    if path.name != LOG_NAME:
        return False
    try:
        with open_regular(path) as file:
            return all(_BEGINS_LINE.match(line) for line in file)
    except OSError:
        return False


def _remove_empty_day(folder: Path) -> None:
    with suppress(ValueError, OSError):  # it is no folder of a day, or not empty
        date.fromisoformat(folder.name)
        folder.rmdir()
