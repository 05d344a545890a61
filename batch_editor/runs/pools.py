"""Asks the CRM for the names of its pools, so that a sheet may name them instead of their ids (guide: crm).

Which columns take such names is a setting; what a cell means by then is left to ``edits/``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..crm.connection import Connection
from ..crm.verdicts import Verdict, read_refusal, trouble_of
from ..edits import cells
from ..errors import CrmDown, Halted, Refused
from ..events import Event
from ..journal.journal import Journal
from ..model import Reply
from ..settings.names import Ids, folded
from ..settings.settings import Settings
from ..stop import Stop
from .outside_runs import connected
from .reasons import not_asked

#: The most pools that a list may have, and the most pages that it may take to show them.
MOST_POOLS = 100_000
MOST_PAGES = 1000


def asks(settings: Settings) -> bool:
    """Returns whether the CRM has to be asked for a table."""
    return "crm" in settings.lookups.values()


def ask(settings: Settings, journal: Journal, stop: Stop, on_event: Callable[[Event], None]) -> Settings:
    """Returns ``settings`` with the names of the pools as the CRM has them, asked for at the permitted rate, which ``journal``
    knows to be shared with its runs.

    Raises ``Refused`` if it does not say them, and ``Halted`` where it cannot be asked now.
    """
    with connected(settings, journal, stop, on_event) as connection:
        pools = _pool_names(connection)
    lookups = {key: pools if table == "crm" else table for key, table in settings.lookups.items()}
    return settings.model_copy(update={"lookups": lookups})


def _pool_names(connection: Connection) -> dict[str, Ids]:
    """Returns the id, or all ids, of each name of a pool. Raises ``Refused`` unless the CRM shows all pools: one that is
    missing may have the same name."""
    names: dict[str, str] = {}
    for page in range(1, MOST_PAGES + 1):
        total, names_of_page = _page(_answer(connection, page).data)
        new = names_of_page.keys() - names.keys()
        names |= names_of_page
        if len(names) >= total:
            break
        if not new or total > MOST_POOLS:
            raise Refused("lookups.incomplete", found=len(names), total=total)
    else:
        raise Refused("lookups.endless", found=len(names))
    alike: dict[str, list[str]] = {}
    for pool_id, name in names.items():
        alike.setdefault(folded(name), []).append(pool_id)
    for name, ids in alike.items():
        ids += [name] if name in names and name not in ids else []  # another pool has this name as its id
        ids.sort()  # the order of the list must not tell a run from an earlier one of the same sheet
    return {name: ids[0] if len(ids := alike[folded(name)]) == 1 else ids for name in names.values() if folded(name)}


def _answer(connection: Connection, page: int) -> Reply:
    try:
        attempted = connection.retries.read_pools(page, connection.client.pools)
    except Halted as error:
        raise not_asked("lookups.halted", error.stoppage) from error
    reply = attempted.reply
    if not attempted.is_answered:
        raise CrmDown("lookups.unanswered", requests=attempted.requests, reason=trouble_of(reply))
    if attempted.verdict is not Verdict.DONE:
        raise Refused("lookups.refused", reason=read_refusal(reply))
    return reply


def _page(data: object) -> tuple[int, dict[str, str]]:
    """Returns how many pools there are, and those of one page: their names by their ids, whose digits are exact."""
    if isinstance(data, dict) and isinstance(records := data.get("records"), list):
        total, pools = _digits(data.get("total")), list(_records(records))
        if total is not None and len(pools) == len(records):
            return int(total), dict(pools)
    raise Refused("lookups.malformed")


def _records(records: list[object]) -> Iterator[tuple[str, str]]:
    for record in records:
        if isinstance(record, dict) and (pool_id := _digits(record.get("id"))):
            name = cells.trimmed(record.get("clue_pool_name"))
            yield pool_id, name if isinstance(name, str) else ""


def _digits(value: object) -> str | None:
    """Returns the digits of a whole number; the CRM writes some of its numbers as texts (guide: crm). A float shows none."""
    text = str(value)
    return text if text.isascii() and text.isdecimal() and len(text) <= 19 else None
