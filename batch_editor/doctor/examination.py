"""Looks at all parts of a set-up, and hands on a check for each as soon as it is there, in one order.

What needs no other part is looked at meanwhile. All of it takes less than a minute, whatever does not answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ..errors import BatchEditorError
from ..settings.search import Search
from ..settings.settings import Settings
from ..settings.written import sources, usable
from . import inbox, secrets, storage, system, telling, written
from .checks import Check, Verdict, bad, waiting
from .network import Server
from .storage import Kept
from .times import EACH, Budget, Started, TooSlow

#: Settings that may have come from somebody else: credentials are not sent where they say.
_FOREIGN = frozenset({"settings.foreign_address", "settings.foreign_trust", "settings.foreign_journal"})


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be looked at: the ``settings`` that were read, or the ``error`` instead; the settings ``file`` (None for none)
    and how it was ``searched``; the ``inbox`` and the clue that somebody named, if any."""

    settings: Settings | None
    error: BatchEditorError | None
    file: Path | None
    searched: Search
    inbox: Path | None = None
    clue_id: int | None = None


def examine(asked: Asked, budget: Budget | None = None) -> Iterator[Check]:
    """Yields the checks of all parts. Where the settings are wrong, what is right of them is looked at all the same."""
    budget = budget or Budget()
    origins = sources(asked.file)
    settings = asked.settings or usable(origins)
    of_inbox = Started(partial(_of_inbox, asked.inbox, asked.file)) if asked.inbox is not None else None
    kept = Started(lambda: storage.look(settings))
    targets = telling.start(settings)
    yield from written.look(
        asked.file, asked.searched, asked.error, has_variables=any(source.file is None for source in origins)
    )
    of_secrets = secrets.look(origins)
    yield from of_secrets
    storage_looks = _kept(kept, settings, budget)
    yield from storage_looks.checks
    is_foreign = asked.error is not None and asked.error.message.key in _FOREIGN
    is_ready = not is_foreign and not any(check.verdict is Verdict.BAD for check in of_secrets)
    yield from Server(
        settings,
        budget,
        record=storage_looks.record,
        ready=is_ready,
        clue_id=asked.clue_id if asked.clue_id is not None else storage_looks.clue,
    ).looks()
    if of_inbox is not None and asked.inbox is not None:
        folder = asked.inbox
        yield from _in_time(of_inbox, budget, lambda: bad("inbox", "doctor.inbox.slow", folder=folder, seconds=f"{EACH:g}"))
    yield from telling.results(targets, budget)
    yield from system.look(settings)


def _of_inbox(folder: Path, read: Path | None) -> list[Check]:
    return [*inbox.look(folder), *inbox.settings_of(folder, read)]


def _kept(started: Started[Kept], settings: Settings, budget: Budget) -> Kept:
    try:
        return started.result(budget.share(1.5 * EACH))
    except TooSlow:
        slow = bad("disk", "doctor.disk.slow", folder=settings.state_dir, seconds=f"{1.5 * EACH:g}")
        return Kept([slow, *waiting(("rate", "journal", "runs"), "disk")])


def _in_time(started: Started[list[Check]], budget: Budget, too_slow: Callable[[], Check]) -> list[Check]:
    """Returns the checks of a look that began with the others."""
    try:
        return started.result(max(1.0, budget.share()))
    except TooSlow:
        return [too_slow()]
