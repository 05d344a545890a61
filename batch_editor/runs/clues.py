"""Reads clues outside of any run, for whoever wants to see what the CRM has: at the permitted rate, and counted like every
other request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from ..crm.verdicts import Verdict, read_refusal, trouble_of
from ..edits import cells
from ..edits.cells import BadCell
from ..edits.clue_view import Clue, view
from ..errors import Halted, SettingsError
from ..events import Event
from ..fields import BY_KEY
from ..journal.journal import Journal
from ..model import Message
from ..settings.row_rules import RowRules
from ..settings.settings import Settings, require_credentials
from ..stop import Stop
from .journal_file import open_journal
from .loading import with_names
from .outside_runs import connected
from .reasons import not_asked


def clue_id_of(given: str | int, rules: RowRules) -> int:
    """Returns the id of a clue as somebody gives it, by the rules for a cell of a sheet. Raises ``SettingsError`` for one that
    is none, or that may have lost digits."""
    text = cells.trimmed(given)
    if not text:
        raise SettingsError("clue.no_id")
    try:
        value = cells.converter(BY_KEY["clue_id"], rules)(text)
    except BadCell as error:
        raise SettingsError("clue.bad_id", given=given, reason=error.message) from None
    return int(str(value))


def read(
    clue_ids: Iterable[int], settings: Settings, journal: Journal, stop: Stop, on_event: Callable[[Event], None]
) -> Iterator[tuple[int, Clue | Message]]:
    """Yields each clue as the CRM has it, or why it does not show it. Raises ``Refused`` or ``Halted`` where nothing
    more can be asked."""
    with connected(settings, journal, stop, on_event) as connection:
        for clue_id in clue_ids:
            try:
                attempted = connection.retries.show_clue(clue_id, connection.client.info)
            except Halted as error:
                raise not_asked("clue.halted", error.stoppage) from error
            reply = attempted.reply
            if not attempted.is_answered:
                values = {"clue": clue_id, "requests": attempted.requests, "reason": trouble_of(reply)}
                yield clue_id, Message("clue.unanswered", values)
            elif attempted.verdict is not Verdict.DONE or not isinstance(reply.data, dict):
                yield clue_id, Message("clue.refused", {"clue": clue_id, "reason": read_refusal(reply)})
            else:
                yield clue_id, view(reply.data, clue_id, settings.row_rules)


def show_clues(
    given: Iterable[str | int],
    settings: Settings,
    *,
    on_event: Callable[[Event], None],
    stop: Stop | None = None,
) -> Iterator[tuple[int, Clue | Message]]:
    """Yields each of the clues with these ids as the CRM has it, or why it does not show it.

    Raises ``Refused``, before anything is asked, for what is no id, and without credentials.
    """
    stop = stop or Stop()
    plain = settings.model_copy(update={"lookups": {}}).row_rules
    clue_ids = [clue_id_of(text, plain) for text in given]
    require_credentials(settings)
    settings = with_names(settings, on_event, stop)
    with open_journal(settings) as journal:
        yield from read(clue_ids, settings, journal, stop, on_event)
