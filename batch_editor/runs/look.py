"""Reports of prepared runs that are not sent: what a check has found, what a diff has found, and that nothing was to be done.

The first two write a sheet of their own where one is asked for. Forgetting the run afterwards is left to whoever made it.
"""

from __future__ import annotations

import time
from pathlib import Path

from ..errors import Refused, ResultsNotWritten
from ..messages import language
from ..output import diff_sheet, results
from .check_sheets import leave_check_sheet, refusal_of, tell_rows, without_run, write_check_sheet
from .drive import Drive
from .ending import Ending
from .kept_plans import check_plan
from .prepared import PreparedRun
from .reasons import reason_of
from .report import Report
from .results import MOST_REASONS, sheet_of, summary_counts
from .run_changes import changes_of
from .written_files import WrittenFiles


def report_check(prepared: PreparedRun, target: Path | None, began: float, files: WrittenFiles, *, attended: bool) -> Report:
    """Returns what ``check`` has found, after writing the sheet with what would be sent to ``target``.

    ``began`` is when the job began, by ``time.monotonic``. ``files`` know whether a file that is there may be replaced, and
    ``attended`` says whether somebody would be asked. Raises ``Refused`` where the run would not be sent.
    """
    lang = language(prepared.settings.lang)
    preview = prepared.preview
    written = None
    unwritten = None
    unwritten_reason = None
    refused = None
    try:
        check_plan(prepared, attended=attended)
    except Refused as error:
        tell_rows(error, prepared)
        refused = error
    if target is not None:
        sheet = sheet_of(prepared.run, prepared.journal.run(prepared.name))
        own_file = files.replaceable(target, read=sheet, run=prepared.name)
        refusal = refusal_of(refused, prepared, preview, attended=attended) if refused else None
        try:
            written = write_check_sheet(prepared, target, own_file=own_file, refusal=refusal)
            files.remember(written, target, run=None, asked=True)
        except ResultsNotWritten as error:
            unwritten = without_run(error)
            unwritten_reason = reason_of(error)
    if refused:
        refused.check_sheet = written
        raise refused
    counts = summary_counts(preview.counts.statuses)
    return Report(
        run=None,
        exit_code=1 if counts["invalid"] or unwritten else 0,
        rows=preview.rows,
        counts=counts,
        results=written,
        seconds=time.monotonic() - began,
        preview=preview,
        unwritten=unwritten,
        unwritten_reason=unwritten_reason,
        lang=lang,
        index=prepared.index,
    )


def report_diff(drive: Drive, target: Path | None, began: float) -> Report:
    """Returns what ``diff`` has found, after reading the clues and writing what differs to ``target``.

    ``began`` is when the job began, by ``time.monotonic``. Raises ``Refused`` or ``Halted`` if reading halts, or no clue can
    be read, and where the run would not be sent.
    """
    prepared, lang = drive.prepared, language(drive.settings.lang)
    queries = prepared.run.queries
    _refuse_early(drive, target)
    drive.read_all()
    counts, reasons = summary_counts(queries.counts()), queries.reasons(MOST_REASONS)
    written = None
    unwritten = None
    unwritten_reason = None
    if target is not None:
        sheet = sheet_of(prepared.run, prepared.journal.run(prepared.name))
        changes = changes_of(prepared.run, prepared.rules, prepared.options)
        files = WrittenFiles(prepared.journal, drive.on_event)
        try:
            written = results.write_table(
                target,
                lambda in_workbook: diff_sheet.table(queries.row_values(), changes, lang, in_workbook=in_workbook),
                diff_sheet.page(lang),
                run=prepared.name,
                sheet=sheet,
                own_file=files.replaceable(target, read=sheet, run=prepared.name) if drive.asked_output else None,
            )
            files.remember(written, target, run=None, asked=drive.asked_output)
        except ResultsNotWritten as error:
            unwritten = without_run(error)
            unwritten_reason = reason_of(error)
    try:
        check_plan(prepared, drive.preview, attended=drive.attended)
    except Refused as refused:
        tell_rows(refused, prepared)
        refused.check_sheet = written
        raise
    return Report(
        run=None,
        exit_code=1 if counts["invalid"] or counts["failed"] or counts["conflict"] or unwritten else 0,
        rows=drive.preview.rows,
        counts=counts,
        results=written,
        seconds=time.monotonic() - began,
        preview=drive.preview,
        unwritten=unwritten,
        unwritten_reason=unwritten_reason,
        reasons=reasons,
        lang=lang,
        index=prepared.index,
    )


def _refuse_early(drive: Drive, target: Path | None) -> None:
    """Raises ``Refused`` where the sheet must not be sent whatever its clues hold, so that none has to be read."""
    prepared = drive.prepared
    try:
        check_plan(prepared, drive.preview, attended=drive.attended)
    except Refused as refused:
        tell_rows(refused, prepared)
        leave_check_sheet(refused, prepared, drive.preview, target, attended=drive.attended, on_event=drive.on_event)
        raise


def report_as_written(prepared: PreparedRun, began: float) -> Report:
    """Returns that the sheet holds results in which nothing was changed, so that nothing is sent, and nothing written."""
    counts = summary_counts(prepared.preview.counts.statuses)
    return Report(
        run=None,
        exit_code=Ending(pending=0, limit=None, done=0, dropped=0, counts=counts).exit_code,
        rows=prepared.preview.rows,
        counts=counts,
        results=None,
        seconds=time.monotonic() - began,
        preview=prepared.preview,
        reasons=prepared.run.queries.reasons(MOST_REASONS),
        lang=language(prepared.settings.lang),
        index=prepared.index,
    )
