"""What became of a run, or what a check or a diff found out: what the Python interface returns, for every summary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from ..errors import BatchEditorError
from ..journal.journal import Journal
from ..messages import Lang, say
from ..model import HaltReason, Message, NextStep, Problem, Stoppage
from .json_summary import json_summary
from .memory_use import MemoryUse
from .next_steps import next_steps
from .preview import Preview
from .printed import table_of_report
from .reasons import ROWS, word_of
from .report_frame import frame_of_problems, frame_of_run

if TYPE_CHECKING:
    from pandas import DataFrame, Index


class ReportError(BatchEditorError):
    """What ``Report.raise_for_status`` raises: not every row came to a good end. ``report`` says which."""

    def __init__(self, report: Report) -> None:
        counts = ", ".join(f"{status} {number}" for status, number in report.counts.items() if number)
        key, values = "report.sheet_not_well", {"exit_code": report.exit_code, "counts": counts}
        if report.run is not None:
            key, values = "report.run_not_well", values | {"run": report.run}
        if trouble := report.halted or report.unwritten:
            key, values = "report.because", {"what": Message(key, values), "reason": trouble}
        super().__init__(key, **values)
        self.report = report
        self.run = report.run


@dataclass(frozen=True, slots=True, repr=False)
class Report:
    """What became of a run, or what a check or a diff found out; of these two ``run`` is None. ``print`` shows it as a table.

    ``counts`` holds how many of the ``rows`` have each status of the summary, ``seconds`` how long it took. ``results`` is the
    path of the sheet that was written, ``unwritten`` says why there is none; ``halted`` says why the run stopped early. The
    same for programs are ``unwritten_reason`` and ``halt_reason``, of which ``reason`` is made. ``reasons`` are the commonest
    reasons why rows failed or were rejected, each with how many rows. ``slowed`` is the least share of the permitted rate that
    was used because the CRM kept answering "too fast"; it is 1.0 if the CRM did not.

    ``left`` is how many rows ``resume`` would send, ``not_repeated`` how many rows of which status may have been applied and
    would not be sent once more (``retry.ambiguous``). ``changed_rows`` is how many rows were updated or may have been, and
    ``undoable_rows`` of how many of them an undo can put something back; of the others no old value was read. ``put_back`` is
    the report of the undo with which a run ends that was for a proof alone. ``journal`` is the file that holds the run, or the
    address of its database without a password, ``address`` what opens it, ``lang`` the language of the texts that are made of
    this report. ``warned`` is what was told on the way that is worth a warning. ``event_error`` is the first of the
    ``event_errors`` errors that ``on_event`` has raised, which have not stopped anything. ``index`` holds the labels of the
    DataFrame that was given as the sheet. ``memory`` says what the run has made of the memory of what was applied, if it has
    trusted that.
    ``detached`` says that the run was left to workers, and goes on: its numbers are those of that moment.
    """

    run: str | None
    exit_code: int
    rows: int
    counts: dict[str, int]
    results: Path | None
    seconds: float
    preview: Preview
    halted: Message | None = None
    halt_reason: HaltReason = HaltReason.OTHER
    unwritten: Message | None = None
    unwritten_reason: str | None = None
    reasons: Sequence[tuple[int, Message]] = ()
    slowed: float = 1.0
    left: int = 0
    journal: Path | str | None = None
    lang: Lang = "en"
    put_back: Report | None = None
    undoable_rows: int = 0
    changed_rows: int = 0
    not_repeated: Mapping[str, int] = field(default_factory=dict)
    warned: Sequence[Message] = ()
    event_error: Exception | None = None
    event_errors: int = 0
    index: Index[Any] | None = field(default=None, compare=False)
    memory: MemoryUse | None = None
    address: Any = field(default=None, repr=False, compare=False)
    detached: bool = False

    def __repr__(self) -> str:
        return f"<Report run={self.run!r} exit_code={self.exit_code} {self.counts}>"

    def __str__(self) -> str:
        return table_of_report(self).text()

    def _repr_html_(self) -> str:
        return table_of_report(self).as_html()

    @property
    def undoable(self) -> bool:
        """Whether values from before are known which an undo can put back."""
        return self.undoable_rows > 0

    @property
    def notes(self) -> Sequence[Message]:
        """What is worth a warning: of the sheet, of what was told on the way, and of what ``on_event`` has raised."""
        return [*self.preview.warnings, *self.warned, *self.memory_notes, *self.event_notes]

    @property
    def memory_notes(self) -> Sequence[Message]:
        """What was seen of the memory of what was applied, where it was not right."""
        return self.memory.notes() if self.memory else ()

    @property
    def event_notes(self) -> Sequence[Message]:
        """What ``on_event`` has raised, in a sentence, if it has raised anything."""
        if self.event_error is None:
            return ()
        values = {"number": self.event_errors, "kind": type(self.event_error).__name__, "text": str(self.event_error)}
        return (Message("report.event_errors", values),)

    def raise_for_status(self) -> Self:
        """Returns the report, or raises ``ReportError`` where ``exit_code`` is not 0: a row did not come to a good end, the run
        stopped early, or its results could not be written."""
        if self.exit_code:
            raise ReportError(self)
        return self

    @property
    def reason(self) -> str | None:
        """Why ``exit_code`` is not 0, in one stable word for programs (guide: reference); None where it is 0.

        What stopped a run counts before a results sheet that could not be written, and that before rows that are not well.
        """
        if not self.exit_code:
            return None
        if self.halted:
            return word_of(Stoppage(self.halt_reason, self.halted))
        return self.unwritten_reason or ROWS

    @property
    def problems(self) -> Sequence[Problem]:
        """The problems of the rows that are ``invalid``, in sheet order: the first ten thousand of them."""
        return self.preview.counts.problems

    @property
    def next_steps(self) -> Sequence[NextStep]:
        """What a person should do now, in that order; nothing after a check or a diff, which no run has come of, or
        while workers go on with the run."""
        if self.run is None or self.detached:
            return ()
        return next_steps(
            self.preview.circumstances.options,
            self.counts,
            left=self.left,
            undoable=self.undoable,
            halted=self.halted is not None,
            not_repeated=self.not_repeated,
        )

    def summary(self) -> dict[str, object]:
        """Returns the summary as it becomes JSON (guide: reference); its sentences are in the language of the run.

        ``slowed_to`` is the share of the permitted rate, where the CRM slowed the run down.
        """
        summary = json_summary(
            self.exit_code,
            reason=self.reason,
            error=say(ReportError(self).message, self.lang) if self.exit_code else None,
            run=self.run,
            rows=self.rows,
            counts=self.counts,
            results=self.results,
            seconds=self.seconds,
            halted=self._text(self.halted),
            unwritten=self._text(self.unwritten),
            reasons=[(rows, say(reason, self.lang)) for rows, reason in self.reasons],
            notes=[say(note, self.lang) for note in self.notes],
            left=self.left,
            undoable_rows=self.undoable_rows,
            changed_rows=self.changed_rows,
            slowed=self.slowed,
        )
        detached = {"detached": True} if self.detached else {}
        return summary | detached | (self.memory.as_json() if self.memory else {})

    def _text(self, message: Message | None) -> str | None:
        return say(message, self.lang) if message else None

    def to_frame(self) -> DataFrame:
        """Returns the results sheet of a run as a DataFrame; after a check or a diff, one with a row for each problem.

        Cells are text (``string``), so that ids stay exact; ``result_attempts`` and ``result_row`` are ``Int64``, and
        ``result_time`` is a time in UTC. Where the sheet was a DataFrame, its labels are the index, so that both join.
        """
        if self.run is None or self.address is None:
            return frame_of_problems(self.problems, self.lang, self.index)
        with Journal(self.address) as journal:
            run = journal.run(self.run)
            return frame_of_run(journal.of(run.name), run, self.lang, self.index)
