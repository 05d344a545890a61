"""What the journal knows of the rows that a results sheet refers to: for a run with ``--only-failed`` (guide: rules).

A row counts for what its run has made of it only where that run went to the same address and app, and was not undone. Of any
other row nobody here knows what became of it; why, is said. What follows for a row is left to ``edits/kept_rows``.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from ..edits.earlier_results import Reference
from ..edits.heading_row import without_left_out
from ..edits.headings import Names
from ..edits.kept_rows import EarlierReader, KnownRow, UnknownRow
from ..errors import Refused, UnderWay
from ..journal.journal import Journal
from ..journal.put_back import PutBack
from ..journal.queries import Queries
from ..model import EarlierRow, Message, Run
from ..settings.row_rules import RowRules
from ..settings.settings import Settings, app_of
from .earlier_runs import undone_by, undos
from .options import RunOptions

#: The origin of values of which nobody knows when they came: they are older than anything.
_OLDEST = (0, 0)


class EarlierRows:
    """The rows of all runs in ``journal``, for a run of a results sheet to the address and app of ``settings``."""

    def __init__(self, journal: Journal, settings: Settings) -> None:
        runs = journal.runs()
        self._journal = journal
        self._tenant = (settings.api.base_url, app_of(settings), settings.api.tenant or "")
        #: A check needs no credentials: then it is not known which app a run would belong to.
        self._knows_app = settings.api.access_token is not None or settings.api.app_id is not None
        self._runs = {run.name: run for run in runs}
        self._undos = undos(runs)
        self._queries: dict[str, Queries] = {}
        self._put_back_of: dict[str, PutBack] = {}
        self._readers: dict[str, EarlierReader | None] = {}
        self._reasons: dict[tuple[str, str], Message | None] = {}
        self._has_known = False
        self._first_reason: Message | None = None

    def find(self, reference: Reference) -> KnownRow | UnknownRow:
        """Returns the row that ``reference`` names. Raises ``UnderWay`` where its run is being driven."""
        row = self._find(reference)
        if isinstance(row, KnownRow):
            self._has_known = True
        elif self._first_reason is None:
            self._first_reason = row.reason
        return row

    def require_known(self) -> None:
        """Raises ``Refused``, once all rows were asked for, if nothing is known of any of them."""
        if self._first_reason and not self._has_known:
            raise Refused("only_failed.unknown", reason=self._first_reason)

    def _find(self, reference: Reference) -> KnownRow | UnknownRow:
        name, number = reference
        if not name or not number:
            return UnknownRow(Message("reference.damaged"), _OLDEST)
        run, row = self._held(name, number)
        if run is None:
            return UnknownRow(Message("reference.unknown_run", {"run": name}), _OLDEST)
        if row is None:
            return UnknownRow(Message("reference.unknown_row", {"run": name, "row": number}), _OLDEST)
        if row.state.kept_from and run.name == name:
            if not row.state.kept_from[0]:
                return UnknownRow(Message("reference.believed", {"run": name}), _OLDEST)
            return self._find(Reference(*row.state.kept_from))
        reason = self._reason(run, name) or self._put_back(run, name, number, row.clue_id, row.state.fields)
        if reason := reason or self._put_back_below(row):
            return UnknownRow(reason, row.origin)
        return KnownRow(name, number, row.origin, row.place, row.state, row.clue_id, self._reader(run))

    def find_later(self, known: KnownRow) -> KnownRow | None:
        """Returns the row in which another run has last updated a row since it came into a sheet; None if none has."""
        latest, age = known, known.age
        while age != _OLDEST and (updated := self._journal.origins.updated_since(age)):
            row = self._find(Reference(*updated))
            if not isinstance(row, KnownRow) or row.place == latest.place or row.clue_id != known.clue_id:
                break
            latest, age = row, row.place
        return None if latest is known else latest

    def _held(self, name: str, number: int) -> tuple[Run | None, EarlierRow | None]:
        """The run that holds a row of the run ``name``, and the row: that run, or if it was purged a later one that keeps the
        row."""
        if name not in self._runs:
            name, number = self._journal.origins.keeper_of(name, number) or ("", 0)
        run = self._runs.get(name)
        if run is None:
            return None, None
        if name not in self._queries:
            self._queries[name] = self._journal.of(name).queries
        return run, self._queries[name].earlier_row(number)

    def _reason(self, run: Run, name: str) -> Message | None:
        """Why nothing of the run ``name``, which ``run`` holds, counts here; None if it does."""
        if (run.name, name) not in self._reasons:
            reason = None
            if run.base_url != self._tenant[0] or (self._knows_app and not run.is_of(*self._tenant)):
                theirs, ours = (_named(*tenant) for tenant in ((run.base_url, run.app, run.tenant), self._tenant))
                reason = Message("reference.elsewhere", {"run": name, "theirs": theirs, "ours": ours})
            elif self._journal.is_driven(run.name):
                raise UnderWay("run.under_way", run=run.name)
            elif name in self._undos:
                names = undone_by(name, self._undos)
                reason = Message("reference.redone" if "redo" in names else "reference.undone", names)
            self._reasons[run.name, name] = reason
        return self._reasons[run.name, name]

    def _put_back_below(self, row: EarlierRow) -> Message | None:
        """Why a row no longer counts that was mended after another run had updated it, and has set only what was changed then:
        an undo has put back other fields, which came with that run. None if none has."""
        fields = {*row.state.fields}
        while row.origin != row.place and (updated := self._journal.origins.updated_at(row.origin)):
            run, below = self._held(*updated)
            if run is None or below is None:
                return None
            if reason := self._reason(run, run.name):
                return reason
            remaining = [key for key in below.state.fields if key not in fields]
            if reason := self._put_back(run, run.name, updated[1], row.clue_id, remaining):
                return reason
            fields |= {*below.state.fields}
            row = below
        return None

    def _put_back(self, run: Run, name: str, number: int, clue_id: int | None, fields: Sequence[str]) -> Message | None:
        """Why a row no longer counts of which an undo has put back some of these fields; None if none has."""
        if clue_id is None or run.name != name:
            return None
        if name not in self._put_back_of:
            self._put_back_of[name] = self._journal.of(name).put_back
        put_back = self._put_back_of[name].of_clue(clue_id)
        if not (keys := put_back.of_row(number, fields)):
            return None
        names = Names(RowRules.from_record(run.settings))
        values = {"run": name, "undo": put_back.undo_of(number, keys[-1])}
        return Message("reference.put_back", values | {"fields": ", ".join(map(names.label, keys))})

    def _reader(self, run: Run) -> EarlierReader | None:
        if run.name not in self._readers:
            options, rules = RunOptions.from_json(run.options), RowRules.from_record(run.settings)
            reader = None
            with suppress(Refused):  # a heading that this version understands otherwise
                reader = EarlierReader(
                    without_left_out(run.headings, options.left_out), rules, edit_keys=options.edit_keys, tags=options.tags
                )
            self._readers[run.name] = reader
        return self._readers[run.name]


def _named(base_url: str, app: str, tenant: str) -> Message:
    return Message("reference.tenant", {"address": base_url, "app": app or tenant or Message("preview.fixed_token")})
