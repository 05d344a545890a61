"""What Python prints of a report, of a preview and of a prepared run: a table of at most ten lines, as plain text and as HTML.

It is made of the same data for both. Whatever a value holds is shown as text: nothing acts in a terminal, or in a notebook.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..messages import Lang, say
from ..messages.time import spoken
from ..messages.visible import visible
from ..messages.widths import width
from ..model import SUMMARY_STATUSES, Message, NextStep, Step

if TYPE_CHECKING:
    from .prepared import PreparedRun
    from .preview import Preview
    from .report import Report

#: How many lines a table has at most.
MOST_LINES = 10
#: How many fields a line names at most.
_MOST_FIELDS = 8
#: No characters of a cell become formulas in a notebook.
_NO_FORMULAS = 'class="tex2jax_ignore mathjax_ignore"'


@dataclass(frozen=True, slots=True)
class Table:
    """Lines of a label and a value, both in one language."""

    lines: Sequence[tuple[str, str]]

    @classmethod
    def of(cls, facts: Iterable[tuple[str, Message | str]], notes: Sequence[Message], lang: Lang) -> Table:
        """Returns a table of ``facts``, each with the key of its label, and of as many ``notes`` as there is room for."""
        facts = list(facts)
        room = MOST_LINES - len(facts)
        shown = notes if len(notes) <= room else notes[: room - 1]
        lines = [*facts, *(("printed.note", note) for note in shown)]
        if len(shown) < len(notes) and room > 0:
            lines.append(("printed.note", Message("printed.more_notes", {"number": len(notes) - len(shown)})))
        return cls([(say(Message(key), lang), _line(value, lang)) for key, value in lines])

    def text(self) -> str:
        """Returns the lines as plain text, the values below one another."""
        widest = max(width(label) for label, _ in self.lines)
        return "\n".join(f"{label}{' ' * (widest - width(label))}  {value}" for label, value in self.lines)

    def as_html(self) -> str:
        """Returns the lines as a table of HTML."""
        cell = 'style="text-align:left"'
        rows = (
            f"<tr><th {cell}>{html.escape(label)}</th><td {cell}>{html.escape(value)}</td></tr>" for label, value in self.lines
        )
        return f"<table {_NO_FORMULAS}>{''.join(rows)}</table>"


def _line(value: Message | str, lang: Lang) -> str:
    text = say(value, lang) if isinstance(value, Message) else value
    return visible(" ".join(text.split()))


def table_of_report(report: Report) -> Table:
    """Returns how a run ended, where its results are, and what to do next; or what a check or a diff has found."""
    about, lang, counts = report.preview.circumstances, report.lang, report.counts
    if report.run is None:  # what was not sent is what would be
        counts = counts | {"not_sent": 0, "pending": counts["not_sent"]}
    outcome: Message | str = Message("printed.well" if report.exit_code == 0 else "printed.not_well")
    if report.halted or report.exit_code == 3:
        outcome = Message("printed.stopped", {"reason": report.halted or ""})
    if report.detached:
        outcome = Message("printed.detached")
    facts: list[tuple[str, Message | str]] = [
        ("printed.run", report.run or Message("printed.no_run")),
        ("printed.sheet", about.source + (f" [{about.sheet}]" if about.sheet else "")),
        ("printed.outcome", outcome),
        ("printed.rows", _counted(report.rows, counts, lang)),
    ]
    facts += [("printed.reason", Message("printed.times", {"rows": rows, "what": why})) for rows, why in report.reasons[:1]]
    if report.preview.counts.problem_count:
        facts.append(("printed.problems", _problems(report.preview)))
    if report.results:
        facts.append(("printed.results", str(report.results)))
    elif report.unwritten:
        facts.append(("printed.results", report.unwritten))
    facts.append(("printed.time", spoken(report.seconds)))
    later = (step for step in report.next_steps[1:] if step.step not in (Step.MEND_AFTERWARDS, Step.LOOK))
    facts += [("printed.next", _step(step, report)) for step in [*report.next_steps[:1], *later][:2]]
    return Table.of(facts, report.notes, lang)


def table_of_preview(preview: Preview) -> Table:
    """Returns what a run would do, and what of it cannot be taken back."""
    return _table_of_preview(preview, [], [])


def table_of_prepared(prepared: PreparedRun) -> Table:
    """Returns what a prepared run would do, and how it is sent."""
    return _table_of_preview(
        prepared.preview, [("printed.run", prepared.name)], [("printed.next", Message("printed.send", {"run": prepared.name}))]
    )


def _table_of_preview(
    preview: Preview, before: Sequence[tuple[str, Message | str]], after: Sequence[tuple[str, Message | str]]
) -> Table:
    about, counts, lang = preview.circumstances, preview.counts, preview.circumstances.lang
    facts: list[tuple[str, Message | str]] = [
        *before,
        ("printed.sheet", about.source + (f" [{about.sheet}]" if about.sheet else "")),
        ("printed.to", Message("printed.address", {"url": about.base_url, "app": about.app})),
        ("printed.rows", _counted(preview.rows, counts.statuses, lang)),
        (
            "printed.edits",
            Message("printed.calls", {"calls": preview.calls, "clues": preview.clues, "time": spoken(preview.seconds)}),
        ),
    ]
    if dangers := _dangers(preview):
        facts.append(("printed.dangers", _listed(dangers, lang)))
    if counts.sets:
        facts.append(("printed.sets", _fields(preview, counts.sets)))
    if counts.problem_count:
        facts.append(("printed.problems", _problems(preview)))
    return Table.of([*facts, *after], preview.warnings, lang)


def _counted(rows: int, counts: Mapping[str, int], lang: Lang) -> str:
    """Returns the number of rows, and how many of them have which status: ``5 (updated 3, failed 2)``."""
    numbers = {status: counts[status] for status in (*SUMMARY_STATUSES, "sending", "pending") if counts.get(status)}
    texts = [f"{say(Message(f'printed.{status}'), lang)} {number}" for status, number in numbers.items()]
    return f"{rows} ({', '.join(texts)})" if lang == "en" else f"{rows}（{'，'.join(texts)}）"


def _problems(preview: Preview) -> Message:
    first = preview.counts.problem_groups[0]
    values = {"number": preview.counts.problem_count, "at": first.place, "what": first.first.sentence}
    return Message("printed.first_problem", values)


def _fields(preview: Preview, numbers: Mapping[str, int]) -> str:
    labels = preview.circumstances.labels
    most = sorted(numbers.items(), key=lambda item: -item[1])
    texts = [f"{labels.get(key, key)} {number}" for key, number in most[:_MOST_FIELDS]]
    return ", ".join([*texts, *(["…"] if len(most) > _MOST_FIELDS else [])])


def _dangers(preview: Preview) -> list[Message]:
    """Returns what a run does that an undo may not put back, or that nobody may have meant."""
    losses, options = preview.losses, preview.circumstances.options
    dangers = (
        (losses.clears.total(), "printed.clears"),
        (losses.reassigned, "preview.reassigned"),
        (losses.retagged if options.tags != "add" else 0, f"tags.{options.tags or 'replace'}"),
        (options.hidden_rows, "printed.hidden"),
        (preview.no_old_values if preview.calls else 0, "printed.no_undo"),
    )
    return [Message(key, {"rows": number}) for number, key in dangers if number]


def _listed(messages: Sequence[Message], lang: Lang) -> str:
    return ("; " if lang == "en" else "；").join(say(message, lang) for message in messages)


def _step(step: NextStep, report: Report) -> Message:
    values = {"rows": step.rows, "run": report.run, "results": str(report.results or "")}
    if step.step is Step.MEND and not report.results:
        return Message("next.look", values)
    return Message(f"next.{step.step}", values)
