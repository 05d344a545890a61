"""Looks at a sheet of which nothing is sent: ``check`` reads it, and ``diff`` reads its clues as well.

Both plan a run as it would be sent, tell what it would do, and forget it. How that is told is left to ``look``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path

from ..errors import Halted, Refused, SettingsError, reason_in
from ..events import Event
from ..journal.journal import Journal
from ..journal.temporary import clear_abandoned, temporary_folder
from ..output import results
from ..settings.settings import Settings, require_credentials
from ..stop import Stop
from .drive import Drive
from .journal_file import JOURNAL, open_journal
from .listener import Listener
from .loading import with_names
from .look import report_check, report_diff
from .options import RunOptions, Tags, key_names, with_snapshot
from .planning import plan_sheet
from .report import Report
from .results import nothing_sent
from .source import SheetSource, open_source
from .written_files import WrittenFiles


def check(
    sheet: SheetSource,
    settings: Settings | None = None,
    *,
    sheet_name: str | None = None,
    edit_keys: str | Sequence[str] = (),
    only_failed: bool = False,
    visible_only: bool = False,
    limit: int | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    strict: bool = False,
    only_changed: bool = False,
    only_empty: bool = False,
    tags: Tags | None = None,
    snapshot: bool | None = None,
    output: str | Path | None = None,
    attended: bool = False,
    series: str = "",
    on_event: Callable[[Event], None] | None = None,
) -> Report:
    """Reads and checks ``sheet`` exactly as ``run`` does, sends nothing, and asks the CRM nothing but for names of pools, where
    ``lookups`` say so.

    ``output``: the sheet is also written with what would be sent for each row beside it. ``attended``: somebody would be asked
    before ``run`` sends it, and ``series`` is as for that. Raises ``Refused`` where ``run`` would refuse to start.
    ``counts["not_sent"]`` are the rows that a run would send.
    """
    began = time.monotonic()
    options = RunOptions(
        edit_keys=key_names(edit_keys),
        only_failed=only_failed,
        visible_only=visible_only,
        limit=limit,
        strict=strict,
        only_changed=only_changed,
        only_empty=only_empty,
        tags=tags,
        encoding=encoding,
        delimiter=delimiter,
    )
    with Listener(on_event) as events, ExitStack() as opened:
        settings = settings or Settings()
        target = results.writable(output, None)
        source = opened.enter_context(open_source(sheet, encoding=encoding, delimiter=delimiter))
        settings = with_names(settings, events)
        options = with_snapshot(options, snapshot, settings.snapshot)
        known: Journal | None
        if only_failed:  # what became of the rows of a results sheet is in the journal alone
            known = journal = opened.enter_context(open_journal(settings))
        else:
            clear_abandoned()
            journal = opened.enter_context(Journal(_folder_for_a_while(opened) / JOURNAL, durable=False))
            known = _journal_of_earlier_runs(opened, settings, needed=output is not None)
        with nothing_sent():
            prepared = plan_sheet(
                journal,
                source,
                settings,
                sheet_name,
                options,
                new=True,
                known=known,
                series=series,
                with_bodies=target is not None,
                on_event=events,
            )
        if only_failed:
            opened.callback(prepared.abandon)
        return events.noted(report_check(prepared, target, began, WrittenFiles(known, events), attended=attended))


def diff(
    sheet: SheetSource,
    settings: Settings | None = None,
    *,
    sheet_name: str | None = None,
    output: str | Path | None = None,
    edit_keys: str | Sequence[str] = (),
    only_failed: bool = False,
    visible_only: bool = False,
    limit: int | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    only_empty: bool = False,
    tags: Tags | None = None,
    attended: bool = False,
    series: str = "",
    on_event: Callable[[Event], None] | None = None,
    stop: Stop | None = None,
) -> Report:
    """Reads the clues of ``sheet`` and says what ``run`` would change, in ``preview.changes`` and a workbook; sends nothing.

    The workbook is NAME.diff.xlsx beside the sheet unless ``output`` says otherwise; a DataFrame has one only then.
    ``only_empty``, ``attended`` and ``series`` are as for ``check``. Raises ``Refused`` where ``run`` would refuse to start,
    and if reading halts or no clue at all can be read. ``preview.differences`` say what differs; ``counts["not_sent"]`` are
    those and the rows beyond ``limit``.
    """
    began = time.monotonic()
    reading = RunOptions(key_names(edit_keys), only_failed=only_failed, visible_only=visible_only)
    comparing = replace(reading, only_changed=True, only_empty=only_empty, tags=tags)
    options = replace(comparing, limit=limit, encoding=encoding, delimiter=delimiter)
    with Listener(on_event) as events, ExitStack() as opened:
        settings = settings or Settings()
        require_credentials(settings)
        source = opened.enter_context(open_source(sheet, encoding=encoding, delimiter=delimiter))
        target = results.writable(output, results.diff_target(source.place) if source.place else None)
        stop = stop or Stop()
        settings = with_names(settings, events, stop)
        with open_journal(settings) as journal:
            with nothing_sent():
                prepared = plan_sheet(
                    journal, source, settings, sheet_name, options, new=True, known=journal, series=series, on_event=events
                )
            try:
                drive = Drive(prepared, stop, events, attended, asked_output=output is not None)
                return events.noted(report_diff(drive, target, began))
            finally:
                prepared.abandon()


def _journal_of_earlier_runs(opened: ExitStack, settings: Settings, *, needed: bool) -> Journal | None:
    """The journal, which knows earlier runs and what files this program has written; None where it cannot be opened, and where
    there is none and none is ``needed``: a check can do without. One that many machines share is always opened: nobody
    should hear of its trouble only when something is to be sent."""
    if settings.journal is not None:
        return opened.enter_context(open_journal(settings))
    with suppress(Refused, Halted, OSError):
        if needed or (settings.state_dir / JOURNAL).exists():
            return opened.enter_context(open_journal(settings))
    return None


def _folder_for_a_while(opened: ExitStack) -> Path:
    try:
        return opened.enter_context(temporary_folder())
    except OSError as error:
        raise SettingsError("journal.no_room", reason=reason_in(error)) from None
