"""The second sheet of a results workbook: what is to be done now, how many rows had which status, and how the run went.

It is for whoever opens the workbook, in words; what programs read are the rows. It holds no more than the journal knows, so
that it can be written again, and nothing secret, since the journal holds nothing secret either.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from xlsxwriter import Workbook

from ..messages import Lang
from ..messages.command_line import quoted, typed_options
from ..model import Message, NextStep, Run, Step, Undoable
from ..settings.in_words import differing, rates
from ..settings.settings import Settings
from .results import Written
from .text_page import TextPage

#: Seconds; the rate of a run whose answers came within less says nothing.
TELLING = 10.0
#: The steps that are a command to be typed.
_TYPED = (Step.GO_ON, Step.MEND, Step.UNDO)


@dataclass(frozen=True, slots=True)
class Summary:
    """What the sheet says of ``run``: its ``counts`` of rows by status, and the commonest ``reasons`` of those that failed.

    ``steps`` are what is to be done now. ``answered`` rows got their answers within so many ``seconds``.
    ``undoable`` is what an undo can do, ``verification`` what has come of verifying the memory of what was applied.
    """

    run: Run
    counts: Mapping[str, int]
    reasons: Sequence[tuple[int, Message]]
    steps: Sequence[NextStep]
    answered: int
    seconds: float
    undoable: Undoable = field(default_factory=Undoable)
    verification: Message | None = None

    def step_texts(self, written: Path) -> list[Message]:
        """Returns what is to be done now in words, where the workbook is at ``written``."""
        texts = [text for step in self.steps for text in _step_texts(step, self.run, written, self.undoable)]
        if any(step.step in _TYPED for step in self.steps):
            texts.append(Message("book.where"))
        return texts

    def facts(self) -> Iterator[tuple[Message, object]]:
        """Yields what is known of the run: a label and a text or a message each."""
        run = self.run
        yield Message("show.run"), run.name
        yield Message("show.state"), Message(f"state.{run.state}")
        yield Message("show.source"), (run.in_inbox or run.source) + (f" [{run.sheet}]" if run.sheet else "")
        yield Message("show.url"), run.base_url
        yield Message("show.app"), run.app or Message("preview.fixed_token")
        if run.planned_by:
            yield Message("show.planned_by"), run.planned_by
        if run.confirmed_by:
            yield Message("show.confirmed_by"), run.confirmed_by
        yield Message("show.started"), run.started.replace("T", " ")
        if run.finished:
            yield Message("show.finished"), run.finished.replace("T", " ")
            yield Message("book.duration"), _clock(run.started, run.finished)
        yield Message("book.permitted"), rates(run.settings["rate"]["limits"], run.settings["rate"].get("quiet_hours"))
        if self.seconds >= TELLING:
            yield Message("book.reached"), f"{(self.answered - 1) / self.seconds:.3g}"
        if options := typed_options(run.options):
            yield Message("show.options"), options.strip()


def add(book: Workbook, summary: Summary, written: Written, lang: Lang) -> None:
    """Adds the sheet to a ``book`` whose rows are ``written``, in words of ``lang``."""
    page = TextPage(book, Message("book.sheet"), lang)
    page.title(Message("book.title", {"run": summary.run.name}))
    page.section(Message("book.next"))
    if summary.run.halted:
        page.text(summary.run.halted)
    for step in summary.step_texts(written.path):
        page.text(step)
    if written.without_note:
        page.text(Message("book.without_note", {"cells": written.without_note}))
    page.section(Message("book.counts"))
    page.counted(summary.counts)
    if summary.verification:
        page.text(summary.verification)
    if summary.reasons:
        page.section(Message("book.reasons"))
        for number, reason in summary.reasons:
            page.text(Message("summary.reason", {"rows": number, "reason": reason}))
    page.section(Message("book.facts"))
    for label, fact in summary.facts():
        page.line(label, fact)
    page.section(Message("book.changed"))
    lines = [*differing(summary.run.settings)]
    for name, value in lines:
        page.line(name, value)
    if not lines:
        page.text(Message("book.all_usual"))


def _step_texts(step: NextStep, run: Run, written: Path, undoable: Undoable) -> list[Message]:
    """The paragraphs that tell a step; a step that is a command also tells what to type."""
    match step.step:
        case Step.CONFIRM:
            return [Message("resume.planned", {"run": run.name, "started": run.started})]
        case Step.RUN_SHEET:
            return [Message("resume.abandoned", {"run": run.name, "sheet": run.source})]
        case Step.SEND_SHEET:
            return [Message("book.proved")]
        case Step.GO_ON:
            return [Message("summary.go_on", {"rows": step.rows, "run": run.name, "options": ""})]
        case Step.MEND_AFTERWARDS:
            return [Message("book.then")]
        case Step.MEND:
            values = {"rows": step.rows, "path": quoted(str(written)), "options": _options_again(run)}
            return [Message("book.mend"), Message("summary.mend", values)]
        case Step.LOOK:
            return [Message("book.look", {"rows": step.rows})]
        case Step.COMPARE:
            return [Message("summary.compare", {"rows": step.rows})]
        case Step.NOTHING:
            return [Message("book.done")]
        case Step.UNDO:
            values = {"run": run.name, "options": "", "rows": undoable.rows, "changed": undoable.changed}
            return [Message("summary.undo_some" if undoable.is_partial else "summary.undo", values)]


def _options_again(run: Run) -> str:
    """The options with which the results of ``run`` have to be sent again, as they are typed, as far as they are known."""
    settings, options = run.settings, run.options
    usual_url = Settings.model_construct().api.base_url
    given = {
        "base_url": settings["api"]["base_url"] if settings["api"]["base_url"] != usual_url else None,
        "edit": options.get("edit"),
        "ignore_columns": settings["ignore_columns"],
        "fill": settings.get("fill"),  # an older run lacks it
        "tags": options.get("tags"),
        "only_changed": options.get("only_changed"),
        "only_empty": options.get("only_empty"),
        "snapshot": options.get("snapshot"),
        "auto_snapshot": options.get("auto_snapshot"),  # who is asked the next time need not say so
    }
    return typed_options(given)


def _clock(began: str, ended: str) -> str:
    """The time between two moments of ISO 8601: ``1:02:03``."""
    seconds = round((datetime.fromisoformat(ended) - datetime.fromisoformat(began)).total_seconds())
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
