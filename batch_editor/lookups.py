"""Tables of names, from wherever the settings say they are, to plain ``name → id``: the settings themselves, a sheet, the CRM.

It is done once, before the sheet of edits is read, so that everything after it knows nothing of files and questions, and so
that the journal holds the very names by which a run read its rows.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path

from . import cells, fields
from .cells import BadCell
from .choices import Ids, flaw, folded
from .config import Settings
from .connection import Connection
from .errors import Halted, Refused, SettingsError, SheetError
from .exactness import Exactness
from .fields import Kind
from .headings import TOP_ROWS
from .journal import Journal
from .records import Event, Message, Notice, Reply
from .retries import Effort, Interrupted, Stop
from .sheets import Sheet, address, read_file
from .tables import TableFile, from_home
from .verdicts import Verdict, refusal_of


def asks(settings: Settings) -> bool:
    """Whether the CRM has to be asked for a table."""
    return "crm" in settings.lookups.values()


def read(settings: Settings) -> Settings:
    """``settings`` with the tables that stand in sheets read. Raises ``SettingsError`` where one cannot be used."""
    found = {
        key: _from_file(key, table, settings) if isinstance(table, TableFile) else table
        for key, table in settings.lookups.items()
    }
    return settings.model_copy(update={"lookups": found})


def ask(settings: Settings, journal: Journal, app: str, stop: Stop, on_event: Callable[[Event], None]) -> Settings:
    """``settings`` with the names of the pools as the CRM tells them, at the permitted rate. Raises ``Refused`` if it does not.

    ``app`` is what all runs have in common that share the rate, as far as ``journal`` knows of them.
    """
    notices = _Told(on_event)
    run = next((run.name for run in journal.runs() if (run.base_url, run.app) == (settings.api.base_url, app)), None)
    try:
        with Connection(journal, run, settings, app, stop, notices) as line:
            pools = _pools(line)
    except Interrupted:
        raise Refused("lookups.halted", reason=Message("halt.asked")) from None
    except Halted as error:
        raise Refused("lookups.halted", reason=error.message) from None
    found = {key: pools if table == "crm" else table for key, table in settings.lookups.items()}
    return settings.model_copy(update={"lookups": found})


class _Told(deque[Message]):
    """Notices that are told at once: nobody else would look for them while a single request is waited for."""

    def __init__(self, on_event: Callable[[Event], None]) -> None:
        super().__init__()
        self._on_event = on_event

    def append(self, message: Message) -> None:
        self._on_event(Notice(message))


# --- a sheet


def _from_file(key: str, table: TableFile, settings: Settings) -> dict[str, Ids]:
    path = Path(from_home(table.file)).absolute()
    try:
        return _table(key, table, path, settings)
    except SheetError as error:
        raise SettingsError("lookups.file", key=key, reason=error.message) from None


def _table(key: str, table: TableFile, path: Path, settings: Settings) -> dict[str, Ids]:
    sheet, heading_row, columns = _columns(key, table, path)
    # An id is read as a cell of its field would be, and a name as a text: errors of formulas, lost digits and all that.
    plain = settings.model_copy(update={"lookups": {}})
    convert = [cells.converter(fields.BY_KEY[one], plain) for one in ("clue_name", key)]
    pairs: list[tuple[str, str]] = []
    rows: list[int] = []

    def wrong(row: int, column: int, reason: Message) -> SettingsError:
        at = address(sheet.name, row, columns[column])
        return SettingsError("lookups.cell", key=key, path=path, at=at, reason=reason)

    for row in sheet.rows():
        both = [cells.trimmed(row.cells[index]) if index < len(row.cells) else None for index in columns]
        if row.number <= heading_row or both == [None, None]:
            continue
        texts = []
        for column, cell in enumerate(both):
            if cell is None:
                raise wrong(row.number, column, Message("lookup.no_id" if column else "lookup.no_name"))
            try:
                texts.append(str(convert[column](cell)))
            except BadCell as error:
                raise wrong(row.number, column, error.message) from None
        pairs.append((texts[0], texts[1]))
        rows.append(row.number)
    if not pairs:
        raise SettingsError("lookups.empty", key=key, path=path)
    if found := flaw(pairs, listed=fields.BY_KEY[key].kind is Kind.TAGS):
        raise wrong(rows[found[0]], 0, found[1])
    if not settings.ids.trust_round and _went_through_floats({one for _, one in pairs}):
        raise SettingsError("lookups.rounded", key=key, path=path, heading=table.id)
    return dict(pairs)


def _columns(key: str, table: TableFile, path: Path) -> tuple[Sheet, int, tuple[int, int]]:
    """The sheet that has both headings in one of its top rows, the number of that row, and where they are."""
    sheets = read_file(path)
    seen = ""
    for sheet in sheets:
        if sheet.name != table.sheet if table.sheet else not sheet.visible:
            continue
        for row in sheet.rows():
            if row.number > TOP_ROWS:
                break
            headings = [fields.normal(cells.shown(cell)) for cell in row.cells]
            wanted = [fields.normal(one) for one in (table.name, table.id)]
            if twice := next((one for one in wanted if headings.count(one) > 1), None):
                at = address(sheet.name, row.number, headings.index(twice))
                raise SettingsError("lookups.cell", key=key, path=path, at=at, reason=Message("lookup.heading_twice"))
            if all(one in headings for one in wanted):
                return sheet, row.number, (headings.index(wanted[0]), headings.index(wanted[1]))
            seen = seen or ", ".join(cells.shown(cell) for cell in row.cells if cell is not None)
    if table.sheet and table.sheet not in [sheet.name for sheet in sheets]:
        names = ", ".join(sheet.name for sheet in sheets)
        raise SettingsError("lookups.no_sheet", key=key, path=path, sheet=table.sheet, names=names)
    raise SettingsError("lookups.no_heading", key=key, path=path, name=table.name, id=table.id, seen=seen[:300])


def _went_through_floats(ids: set[str]) -> bool:
    """What a column of a sheet of edits is looked at for as well: too many of its long ids are numbers that a double holds."""
    found = Exactness()
    for one in ids:
        if one.isascii() and one.isdecimal() and len(one) <= 19:
            found.add(int(one))
    return found.rounded


# --- the CRM


def _pools(line: Connection) -> dict[str, Ids]:
    """The names of all pools. Raises ``Refused`` unless the CRM shows all: one that is missing may have the same name."""
    names: dict[str, str] = {}
    for page in count(1):
        total, found = _page(_answer(line, page).data)
        new = found.keys() - names.keys()
        names |= found
        if len(names) >= total:
            break
        if not new:
            raise Refused("lookups.incomplete", found=len(names), total=total)
    alike: dict[str, list[str]] = {}
    for one, name in names.items():
        alike.setdefault(folded(name), []).append(one)
    for name, ids in alike.items():
        ids += [name] if name in names and name not in ids else []  # another pool has this name as its id
        ids.sort()  # the order of the list must not tell a run from an earlier one of the same sheet
    return {name: ids[0] if len(ids := alike[folded(name)]) == 1 else ids for name in names.values() if folded(name)}


def _answer(line: Connection, page: int) -> Reply:
    effort = Effort(0, reading=True)
    found = line.retries.bring_about(effort, partial(line.client.pools, page))
    if found in (Verdict.AGAIN, Verdict.PAUSE):
        raise Refused("lookups.unanswered", requests=effort.requests, reason=_reason(effort.last))
    if found is not Verdict.DONE:
        raise Refused("lookups.refused", reason=refusal_of(effort.last, reading=True))
    return effort.last


def _reason(reply: Reply) -> Message:
    return reply.trouble or refusal_of(reply, reading=True)


def _page(data: object) -> tuple[int, dict[str, str]]:
    """How many pools there are, and those of one page: id → name, in which digits are exact."""
    if isinstance(data, dict) and isinstance(records := data.get("records"), list):
        total, found = _whole(data.get("total")), list(_records(records))
        if total is not None and len(found) == len(records):
            return int(total), dict(found)
    raise Refused("lookups.malformed")


def _records(records: list[object]) -> Iterator[tuple[str, str]]:
    for record in records:
        if isinstance(record, dict) and (one := _whole(record.get("id"))):
            name = cells.trimmed(record.get("clue_pool_name"))
            yield one, name if isinstance(name, str) else ""


def _whole(value: object) -> str | None:
    """The digits of a whole number; the CRM writes some of its numbers as texts (platform-facts §8). A float shows none."""
    text = str(value)
    return text if text.isascii() and text.isdecimal() and len(text) <= 19 else None
