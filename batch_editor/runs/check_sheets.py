"""The sheet with what would be sent for each row: what a check writes, and what is left of a run that was refused.

A run that is refused once its sheet was read is forgotten; what speaks against it stays to be seen in this sheet, beside the
results that there would have been (guide: night).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ..errors import BatchEditorError, GuardTripped, Halted, ResultsNotWritten
from ..events import Event, Notice
from ..messages import language
from ..model import Message
from ..output import check_sheet, refusal_sheet, results
from ..output.placing import OwnFile
from ..output.refusal_sheet import Refusal
from .guards import judge_plan
from .prepared import PreparedRun
from .preview import Preview
from .results import fitting, read_sheet, sheet_of, summary_counts
from .written_files import WrittenFiles

#: What speaks against a sheet as a whole, beside the guards.
_OF_THE_WHOLE = ("duplicates.refused", "strict.refused")


def write_check_sheet(
    prepared: PreparedRun, target: Path, *, own_file: OwnFile | None = None, refusal: Refusal | None = None
) -> Path:
    """Writes the sheet to ``target``, or where that is taken beside it, and returns the path written. Raises
    ``ResultsNotWritten``."""
    lang = language(prepared.settings.lang)
    queries = prepared.run.queries
    run = prepared.journal.run(prepared.name)
    read = read_sheet(run)
    return results.write_table(
        fitting(prepared.run, target),
        lambda in_workbook: check_sheet.table(read, queries.rows(), queries.row_values(), lang, in_workbook=in_workbook),
        check_sheet.page(lang),
        run=prepared.name,
        sheet=sheet_of(prepared.run, run),
        own_file=own_file,
        more_sheets=refusal_sheet.adds(refusal, lang) if refusal else None,
    )


def tell_rows(error: BatchEditorError, prepared: PreparedRun) -> None:
    """Adds to an error what had become of the rows of the run that it refuses, and what was worth a warning."""
    error.notes = prepared.preview.warnings
    with suppress(Halted):  # the journal cannot be read any more: the error says so, or is about something else
        error.counts = summary_counts(prepared.run.queries.counts())
        error.rows = sum(error.counts.values())


def leave_check_sheet(
    error: BatchEditorError,
    prepared: PreparedRun,
    preview: Preview,
    target: Path | None,
    *,
    attended: bool,
    on_event: Callable[[Event], None],
) -> None:
    """Writes the check sheet of a run that is refused for what its sheet holds, and lets the ``error`` name it.

    It stands where the results would have gone, at ``target``, if they go anywhere.
    """
    if target is None or not (isinstance(error, GuardTripped) or error.message.key in _OF_THE_WHOLE):
        return
    try:
        refusal = refusal_of(error, prepared, preview, attended=attended)
        error.check_sheet = write_check_sheet(prepared, check_target(target), refusal=refusal)
        files = WrittenFiles(prepared.journal, on_event)
        series = prepared.journal.run(prepared.name).series  # the run will be forgotten, and its nights bring the file away
        files.remember(error.check_sheet, error.check_sheet, run=None, asked=False, series=series)
    except ResultsNotWritten as unwritten:
        on_event(Notice(without_run(unwritten), is_warning=True))
    except Halted as halted:
        on_event(Notice(halted.message, is_warning=True))


def without_run(error: ResultsNotWritten) -> Message:
    """Returns what is said of a sheet that no run has, and that therefore cannot be written again without being made anew."""
    return Message("output.not_written", error.message.values)


def refusal_of(error: BatchEditorError, prepared: PreparedRun, preview: Preview, *, attended: bool) -> Refusal:
    """Returns what the sheet says of why the run is refused; ``attended`` says whether somebody is asked.
    Raises ``Halted`` if the journal cannot be read."""
    judged = judge_plan(preview, prepared.settings.guards, attended=attended)
    guards = [(guard.name, guard.limit, guard.number, guard.trips is not None) for guard in judged]
    in_inbox = prepared.journal.run(prepared.name).in_inbox  # where people have put the sheet, and not where it is at work
    return Refusal(error.message, in_inbox or preview.circumstances.source, error.counts, guards)


def check_target(target: Path) -> Path:
    """Returns where the check sheet goes of a run whose results would go to ``target``: ``NAME.check.xlsx`` for
    ``NAME.results.xlsx`` and ``NAME.diff.xlsx``, and in the same format."""
    plain = target.with_name(results.plain_stem(target))
    return plain.with_name(f"{plain.name.removesuffix('.diff')}.check{target.suffix}")
