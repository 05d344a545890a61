"""Tables of names, from wherever the settings say they are, to plain ``name → id``: the settings themselves, a sheet, the CRM.

It is done once, before the sheet of edits is read, so that everything after it knows nothing of files and questions, and so
that the journal holds the very names by which a run read its rows.
"""

from __future__ import annotations

from pathlib import Path

from .. import fields
from ..errors import SettingsError, SheetError
from ..fields import Kind
from ..model import Message
from ..settings.name_tables import TableFile
from ..settings.names import Ids, flaw
from ..settings.paths import from_home
from ..settings.row_rules import RowRules
from ..settings.settings import Settings
from ..sheets import Sheet, TextForm, address, read_file
from . import cells
from .cells import BadCell
from .choose_sheet import TOP_ROWS
from .rounded_ids import Exactness


def read(settings: Settings) -> Settings:
    """Returns ``settings`` with the tables read that stand in sheets. Raises ``SettingsError`` where one cannot be used."""
    tables = {
        key: _from_file(key, table, settings) if isinstance(table, TableFile) else table
        for key, table in settings.lookups.items()
    }
    return settings.model_copy(update={"lookups": tables})


# --- a sheet


def _from_file(key: str, table: TableFile, settings: Settings) -> dict[str, Ids]:
    path = Path(from_home(table.file)).absolute()
    try:
        form = TextForm.named(table.encoding, table.delimiter, place="table")
    except SettingsError as error:
        raise SettingsError("lookups.file", key=key, reason=error.message) from None
    try:
        return _table(key, table, path, form, settings)
    except SheetError as error:
        raise SettingsError("lookups.file", key=key, reason=error.message) from None


def _table(key: str, table: TableFile, path: Path, form: TextForm, settings: Settings) -> dict[str, Ids]:
    sheet, heading_row, columns = _columns(key, table, path, form)
    # An id is read as a cell of its field would be, and a name as a text: errors of formulas, lost digits and all that.
    # Which ids a table may hold is decided by whoever writes it: those of people may be short.
    plain = RowRules(ids=settings.ids.model_copy(update={"people": "any"}))
    convert = [cells.converter(fields.BY_KEY[field_key], plain) for field_key in ("clue_name", key)]
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
    if mistake := flaw(pairs, listed=fields.BY_KEY[key].kind is Kind.TAGS):
        place, reason = mistake
        raise wrong(rows[place], 0, reason)
    if not settings.ids.trust_round and _went_through_floats({pair[1] for pair in pairs}):
        raise SettingsError("lookups.rounded", key=key, path=path, heading=table.id)
    return dict(pairs)


def _columns(key: str, table: TableFile, path: Path, form: TextForm) -> tuple[Sheet, int, tuple[int, int]]:
    """The sheet that has both headings in one of its top rows, the number of that row, and where they are."""
    sheets = read_file(path, form)
    seen = ""
    for sheet in sheets:
        if sheet.name != table.sheet if table.sheet else not sheet.visible:
            continue
        for row in sheet.rows():
            if row.number > TOP_ROWS:
                break
            headings = [fields.normal(cells.cell_text(cell)) for cell in row.cells]
            needed = [fields.normal(heading) for heading in (table.name, table.id)]
            if twice := next((heading for heading in needed if headings.count(heading) > 1), None):
                at = address(sheet.name, row.number, headings.index(twice))
                raise SettingsError("lookups.cell", key=key, path=path, at=at, reason=Message("lookup.heading_twice"))
            if all(heading in headings for heading in needed):
                return sheet, row.number, (headings.index(needed[0]), headings.index(needed[1]))
            seen = seen or ", ".join(cells.cell_text(cell) for cell in row.cells if cell is not None)
    if table.sheet and table.sheet not in [sheet.name for sheet in sheets]:
        names = ", ".join(sheet.name for sheet in sheets)
        values = {"key": key, "path": path, "sheet": table.sheet}
        if not names:
            raise SettingsError("lookups.no_names", **values)
        raise SettingsError("lookups.no_sheet", **values, names=names)
    if not seen:
        raise SettingsError("lookups.empty", key=key, path=path)
    raise SettingsError("lookups.no_heading", key=key, path=path, name=table.name, id=table.id, seen=seen[:300])


def _went_through_floats(ids: set[str]) -> bool:
    """Whether too many of the long ids are numbers that a double holds, as a column of a sheet of edits is judged."""
    exactness = Exactness()
    for text in ids:
        if text.isascii() and text.isdecimal() and len(text) <= 19:
            exactness.add(int(text))
    return exactness.rounded
