"""What somebody is shown before they agree to a run: its preview, compared with what was read, and the digest to confirm.

A look is made of the journal as it stands while nobody drives the run, so that the digest is always that of what is shown. It
is kept for as long as nobody has driven the run since: to go through a hundred thousand rows takes a second. Nothing here asks
the CRM.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from ..errors import Refused, UnderWay
from ..journal.journal import Journal
from ..model import Message, Run
from ..settings.row_rules import RowRules
from ..settings.settings import Settings
from .change_pages import ChangePage, change_page
from .comparing import with_differences, with_losses
from .first_edit import proves_first
from .journal_file import open_journal
from .kept_plans import check_plan
from .listener import Listener
from .moves import Moves, moves_of
from .options import RunOptions
from .planning import open_again
from .prepared import PreparedRun
from .preview import Preview
from .results import nothing_sent
from .row_pages import RowPage

#: Seconds for which a look counts, whatever other runs do: what they have set since is found when a run is sent, at the latest.
LASTS = 60.0
#: So many looks are kept, and so many that somebody was shown before.
MOST_LOOKS, MOST_SEEN = 8, 24
_TRIES = 3


@dataclass(frozen=True, slots=True)
class PlanLook:
    """A run that waits for somebody to agree, as it is shown to them: ``digest`` is what they confirm.

    ``run`` is what the journal says of it, ``version`` the version of its rows there, and ``settings`` are those by which it
    would be sent. ``preview.proves`` says whether its first edit is proved unless somebody wants it otherwise. ``objection``
    says why it must not be sent as it is, if it must not.
    """

    run: Run
    version: int
    settings: Settings
    preview: Preview
    digest: str
    moves: Moves
    objection: Message | None = None

    @property
    def age(self) -> timedelta:
        """How long ago the run was planned: what its sheet says may no longer be what is meant."""
        return datetime.now().astimezone() - datetime.fromisoformat(self.run.started)


class PlanLooks:
    """Looks at runs, and keeps what was seen. Its methods may be called by any thread; ``clock`` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, str], tuple[PlanLook, Settings, float]] = {}
        self._seen: dict[str, PlanLook] = {}

    def look(self, run: str, settings: Settings) -> PlanLook:
        """Returns what somebody is shown of a run that is planned, or that stopped early.

        Raises ``Refused`` as ``open_run`` does, and ``UnderWay`` where somebody drives the run.
        """
        with Listener(run=run), open_journal(settings) as journal, nothing_sent():
            place = (journal.place, run)
            with self._lock:  # of several who look at once, the first one goes through the rows
                look, how, until = self._kept.get(place, (None, None, 0.0))
                if look and how == settings and self._clock() < until and not _was_driven_since(journal, look):
                    return look
                for _ in range(_TRIES):
                    prepared = open_again(journal, run, settings)
                    version = journal.version(run)
                    journal.let_go(run)
                    look = _look_at(prepared, version)
                    if not _was_driven_since(journal, look):
                        self._kept.pop(place, None)
                        self._kept[place] = (look, settings, self._clock() + LASTS)
                        self._seen[look.digest] = look
                        _forget_first(self._kept, MOST_LOOKS)
                        _forget_first(self._seen, MOST_SEEN)
                        return look
                raise UnderWay("run.under_way", run=run)

    def seen(self, run: str, digest: str) -> PlanLook | None:
        """Returns the look at ``run`` with this ``digest``, if somebody was shown one not long ago."""
        look = self._seen.get(digest)
        return look if look and look.run.name == run else None


def changes_at(
    look: PlanLook, *, after: int = 0, most: int = 50, field: str | None = None, cleared: bool = False
) -> ChangePage | None:
    """Returns a page of the old and new values of a run that was looked at; None where somebody has driven it since, so that
    it has to be looked at again."""
    with _opened(look) as prepared:
        page = change_page(prepared, after=after, most=most, field=field, cleared=cleared)
        return None if _was_driven_since(prepared.journal, look) else page


def rows_at(look: PlanLook, status: str, *, after: int = 0, most: int = 50) -> RowPage | None:
    """Returns a page of the rows of this ``status``, each with its reasons; None as ``changes_at``."""
    with _opened(look) as prepared:
        page = prepared.rows(after=after, most=most, status=status)
        return None if _was_driven_since(prepared.journal, look) else page


@contextmanager
def _opened(look: PlanLook) -> Iterator[PreparedRun]:
    """Opens a run that was looked at, as it was then."""
    with Listener(run=look.run.name), open_journal(look.settings) as journal, nothing_sent():
        rules = RowRules.from_record(look.run.settings)
        options = RunOptions.from_json(look.run.options)
        held, circumstances = journal.of(look.run.name), look.preview.circumstances
        yield PreparedRun(journal, held, look.settings, options, rules, circumstances, look.preview, look.run)


def _forget_first(kept: dict[Any, Any], most: int) -> None:
    while len(kept) > most:
        del kept[next(iter(kept))]


def _was_driven_since(journal: Journal, look: PlanLook) -> bool:
    return journal.is_driven(look.run.name) or journal.version(look.run.name) != look.version


def _look_at(prepared: PreparedRun, version: int) -> PlanLook:
    preview = with_losses(with_differences(prepared.preview, prepared), prepared)
    preview = replace(preview, proves=proves_first(preview, prepared, attended=True))
    run = prepared.journal.run(prepared.name)
    return PlanLook(run, version, prepared.settings, preview, prepared.digest(), moves_of(prepared), _objection(prepared))


def _objection(prepared: PreparedRun) -> Message | None:
    """Returns why a run must not be sent as it is."""
    try:
        check_plan(prepared, attended=True)
    except Refused as refused:
        return refused.message
    return None
