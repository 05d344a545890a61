"""The edits that a sheet asks for, all in memory and without a run; and the settings once all names of ids are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..edits import name_tables
from ..edits.choose_sheet import choose_sheet
from ..edits.columns import Columns
from ..edits.rounded_ids import refuse_rounded
from ..edits.rows import RowReader
from ..errors import SettingsError
from ..events import Event
from ..model import Edit, Message, Plan, Problem
from ..settings.settings import Settings, require_credentials
from ..stop import Stop
from . import pools
from .journal_file import open_journal
from .listener import Listener
from .options import key_names
from .results import nothing_sent
from .source import SheetSource, open_source


@dataclass(frozen=True, slots=True)
class Loaded:
    """The edits of a sheet, the rows without one, and what is wrong: everything in memory."""

    edits: list[Edit]
    plans: list[Plan]
    problems: list[Problem]
    notes: list[Message]


def load_edits(
    sheet: SheetSource,
    settings: Settings | None = None,
    *,
    sheet_name: str | None = None,
    edit_keys: str | Sequence[str] = (),
    visible_only: bool = False,
    encoding: str | None = None,
    delimiter: str | None = None,
) -> Loaded:
    """Returns the edits that ``sheet`` asks for, without sending them. Raises ``Refused`` as ``run`` does."""
    with open_source(sheet, encoding=encoding, delimiter=delimiter) as source:
        settings = with_names(settings or Settings())
        rules = settings.row_rules
        choice = choose_sheet(source.sheets, sheet_name, rules)
        columns = Columns(
            choice.sheet.name,
            choice.headings,
            rules,
            edit_keys=key_names(edit_keys),
            index_columns=choice.sheet.index_columns,
            label=choice.sheet.label,
        )
        reader = RowReader(columns, rules, visible_only=visible_only)
        plans = list(reader.plans(choice.sheet))
    plans = [refuse_rounded(plan, reader.findings.refused_doubts()) for plan in plans]
    edits = [plan.edit for plan in plans if plan.edit is not None]
    problems = [problem for plan in plans for problem in plan.problems]
    return Loaded(edits, plans, problems, choice.notes() + reader.findings.notes())


def with_names(settings: Settings, on_event: Callable[[Event], None] | None = None, stop: Stop | None = None) -> Settings:
    """Returns ``settings`` with all names of ``lookups`` known, the CRM asked for them if need be. Raises ``Refused``."""
    settings = name_tables.read(settings)
    if not pools.asks(settings):
        return settings
    try:
        require_credentials(settings)
    except SettingsError as error:
        raise SettingsError("lookups.no_credentials", reason=error.message) from None
    with open_journal(settings) as journal, nothing_sent():
        return pools.ask(settings, journal, stop or Stop(), on_event or Listener())
