"""What a person (or ``--json``) gets to see: the preview, the progress, the summary, the history.

It turns messages and reports into lines of text on the right stream. It decides nothing; words come from ``messages``.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from ..messages import Lang, language, quoted, say
from ..messages.widths import broken
from ..model import SUMMARY_STATUSES, Change, ClueProgress, Event, Message, Notice, SendProgress, SheetProgress, Step

if TYPE_CHECKING:
    from ..model import NextStep, Run
    from ..runs.preview import Preview
    from ..runs.report import Report

#: Seconds between two lines of progress where there is no terminal to draw a bar on.
LINE_EVERY = 5.0
MOST_PROBLEMS_SHOWN = 10
MOST_CHANGES_SHOWN = 20
_ANSWERS = dict.fromkeys(("y", "yes", "是", "好"), True) | dict.fromkeys(("n", "no", "否", "不"), False)


class Screen:
    """Where and how things are shown: ``quiet`` leaves out all but the summary, ``as_json`` keeps stdout for one object."""

    def __init__(self, *, lang: Lang | None = None, quiet: bool = False, as_json: bool = False) -> None:
        self.lang: Lang = lang or language()
        self.quiet = quiet
        self.as_json = as_json
        self._progress: _Bar | _Lines | None = None

    def line(self, message: Message, *, error: bool = False, wrapped: bool = False) -> None:
        """One message: on stdout, or on stderr if it is an error or stdout is kept for JSON.

        ``wrapped`` breaks it between words where it is wider than the terminal, except for a command that is to be copied.
        """
        self.settle()
        aside, text = error or self.as_json, say(message, self.lang)
        if wrapped and (sys.stderr if aside else sys.stdout).isatty():
            text = _wrapped(text)
        click.echo(text, err=aside)

    def error(self, message: Message, exit_code: int) -> None:
        """A paragraph on stderr; with ``--json`` also an object on stdout, so that a machine always finds one."""
        self.line(message, error=True)
        self.failed(say(message, self.lang), exit_code)

    def failed(self, text: str, exit_code: int) -> None:
        """With ``--json`` the object of a command that came to nothing, for an error that is on stderr already."""
        if self.as_json:
            summary: dict[str, object] = {"run": None, "exit_code": exit_code, "rows": 0, **dict.fromkeys(SUMMARY_STATUSES, 0)}
            summary |= {"results": None, "seconds": 0.0, "halted": None, "unwritten": None, "reasons": [], "notes": []}
            self._json(summary | {"left": 0, "undoable": False, "error": text})

    def can_ask(self) -> bool:
        """Whether there is somebody to ask: one who types, and sees what is shown."""
        return sys.stdin.isatty() and (sys.stdout.isatty() or sys.stderr.isatty())

    def ask(self, question: Message, *, default: bool) -> bool:
        """Ask on the stream that leads to the terminal, until the answer is understood; Enter alone is ``default``."""
        self.settle()
        _forget_typed()
        aside = self.as_json or not sys.stdout.isatty()
        while True:
            answer = click.prompt(say(question, self.lang), default="", show_default=False, prompt_suffix=" ", err=aside)
            if answer.strip().casefold() in _ANSWERS:
                return _ANSWERS[answer.strip().casefold()]
            if not answer.strip():
                return default
            self.line(Message("prompt.unclear"), error=aside)

    def preview(self, preview: Preview, *, aside: bool = False) -> None:
        """What a run would do, and the first problems; on stderr if ``aside``."""
        from .preview_text import preview_lines

        for message in preview_lines(preview):
            self.line(message, error=aside, wrapped=True)
        self._problems(preview, aside)

    def _problems(self, preview: Preview, aside: bool) -> None:
        """The first kinds of problems, each with its addresses, and how many there are."""
        counts = preview.counts
        if not counts.problem_count:
            return
        self.line(Message("preview.problems", {"number": counts.problem_count}), error=aside)
        groups = counts.problem_groups
        most = MOST_PROBLEMS_SHOWN if aside or sys.stdout.isatty() else len(groups)
        for group in groups[:most]:
            values = {"at": group.place, "number": group.number, "what": group.first.sentence}
            self.line(Message("preview.group" if group.number > 1 else "preview.problem", values), error=aside, wrapped=True)
        if beyond := sum(group.number for group in groups[most:]):
            self.line(Message("preview.more_problems", {"number": beyond}), error=aside)

    def checked(self, report: Report) -> None:
        """The outcome of ``check``."""
        if self.as_json:
            problems = [
                {"row": one.row, "cell": one.address, "field": one.field, "problem": say(one.sentence, self.lang)}
                for one in report.problems
            ]
            self._json(report.summary() | {"problem_count": report.preview.counts.problem_count, "problems": problems})
        else:
            if not self.quiet:
                self.preview(report.preview)
            if report.results:
                self.line(Message("preview.written", {"path": report.results}))
            if report.unwritten:
                self.line(report.unwritten, error=True)
            self.line(Message("preview.nothing_sent"))

    def compared(self, report: Report) -> None:
        """The outcome of ``diff``: on a terminal the first fields that differ, elsewhere all that the report holds."""
        preview, differences = report.preview, report.preview.differences
        if self.as_json:
            self._json(
                report.summary() | {"changed": differences.fields, "changes": [self._change(one) for one in preview.changes]}
            )
            return
        self._problems(preview, aside=False)
        if differences.fields:
            self.line(Message("diff.found", {"fields": differences.fields, "rows": differences.rows}))
        elif not report.counts["invalid"] and not report.counts["failed"]:
            self.line(Message("diff.none"))
        most = MOST_CHANGES_SHOWN if sys.stdout.isatty() else len(preview.changes)
        for one in preview.changes[:most]:
            self.line(Message("diff.line", {"row": one.row, "field": one.field, "old": one.old, "new": one.new}))
        if differences.fields > most:
            self.line(Message("diff.more", {"fields": differences.fields - most}))
        self._counted(report.counts | {"not_sent": 0})
        self._reasons(report)
        if beyond := report.counts["not_sent"] - differences.rows:
            self.line(Message("preview.limited", {"rows": beyond}))
        if report.results:
            self.line(Message("diff.written", {"path": report.results}))
        if report.unwritten:
            self.line(report.unwritten, error=True)
        self.line(Message("diff.nothing_sent"))

    def _change(self, change: Change) -> dict[str, object]:
        old, new = (say(one, self.lang) if isinstance(one, Message) else one for one in (change.old, change.new))
        return {"row": change.row, "clue_id": change.clue_id, "field": change.field, "old": old, "new": new}

    def _counted(self, counts: Mapping[str, int]) -> None:
        self.settle()
        for status, number in self._in_order(counts):
            click.echo(f"  {number:>7}  {say(Message(f'status.{status}'), self.lang)}")

    def _reasons(self, report: Report) -> None:
        for number, reason in report.reasons:
            self.line(Message("summary.reason", {"rows": number, "reason": reason}), wrapped=True)

    def summary(self, report: Report, options: tuple[str, str] | None = None) -> None:
        """The outcome of a run: the counts, why rows failed, and where the results are.

        With ``options``, those that have to be given again to resume the run and to run its results, also how to go on.
        """
        if self.as_json:
            self._json(report.summary())
        else:
            from ..messages.time import spoken

            self.line(Message("summary.head", {"run": report.run, "rows": report.rows, "time": spoken(report.seconds)}))
            if not report.preview.calls:
                self.line(Message("summary.nothing"))
            self._counted(report.counts)
            self._reasons(report)
            if report.slowed < 1:
                self.line(Message("summary.slowed", {"percent": round(100 * report.slowed)}))
            if report.results:
                self.line(Message("summary.results", {"path": report.results}))
        for trouble in (report.halted, report.unwritten):
            if trouble:
                self.line(trouble, error=True, wrapped=True)
        if report.put_back:
            self._put_back(report.put_back)
        if options is not None:
            for step in report.next_steps:
                self._next_step(step, report, *options)

    def _next_step(self, step: NextStep, report: Report, options: str, options_again: str) -> None:
        """One step to take after a run, as a command with ``options``, or ``options_again`` if its results are to be run."""
        match step.step:
            case Step.GO_ON:
                values = {"rows": step.rows, "run": report.run, "options": options}
                self.line(Message("summary.go_on", values), error=report.exit_code == 3)
            case Step.MEND if report.results:
                values = {"rows": step.rows, "path": quoted(str(report.results)), "options": options_again}
                self.line(Message("summary.mend", values), wrapped=True)
            case Step.MEND_AFTERWARDS if report.results:
                self.line(Message("summary.mend_afterwards", {"rows": step.rows}), error=report.exit_code == 3, wrapped=True)
            case Step.LOOK if report.results:
                self.line(Message("book.look", {"rows": step.rows}), wrapped=True)
            case Step.UNDO if not (self.quiet or self.as_json):
                self.line(Message("summary.undo", {"run": report.run, "options": options}))

    def _put_back(self, report: Report) -> None:
        """How the undo ended with which a proof ends."""
        reason = report.halted or next((reason for _, reason in report.reasons), None) or next(iter(report.preview.notes), None)
        if reason or report.counts["updated"] + report.counts["unchanged"] != report.rows:
            said = reason or Message(f"status.{next(status for status, number in self._in_order(report.counts) if number)}")
            self.line(Message("summary.not_put_back", {"run": report.run, "reason": said}), error=True)
            if report.left:
                self.line(Message("summary.go_on", {"rows": report.left, "run": report.run, "options": ""}), error=True)
        else:
            self.line(Message("summary.put_back", {"run": report.run}))

    def history(self, runs: list[tuple[Run, Mapping[str, int]]]) -> None:
        """All runs in the order given, each with its counts: none of one that has not ended."""
        if not runs:
            self.line(Message("runs.none"))
            return
        for run, counts in runs:
            app = run.app or say(Message("preview.fixed_token"), self.lang)
            click.echo(f"{run.name}  {say(Message(f'state.{run.state}'), self.lang)}")
            if told := [f"{say(Message(f'status.{status}'), self.lang)} {number}" for status, number in self._in_order(counts)]:
                click.echo(f"    {', '.join(told)}")
            click.echo(f"    {run.base_url} ({app})")
            click.echo(f"    {run.source}")

    def _in_order(self, counts: Mapping[str, int]) -> list[tuple[str, int]]:
        """The statuses that occur, in the order in which people read them."""
        return [(status, counts[status]) for status in (*SUMMARY_STATUSES, "sending", "pending") if counts.get(status)]

    def run(self, run: Run, counts: dict[str, int]) -> None:
        """One run: what was sent when, to which tenant, by which settings."""
        rows = sum(counts.values())
        facts = {
            "run": run.name,
            "state": say(Message(f"state.{run.state}"), self.lang),
            "started": run.started,
            "finished": run.finished or "",
            "url": run.base_url,
            "app": run.app or say(Message("preview.fixed_token"), self.lang),
            "source": run.source + (f" [{run.sheet}]" if run.sheet else ""),
            "results": run.results or "",
        }
        for name, value in facts.items():
            if value:
                click.echo(f"{say(Message(f'show.{name}'), self.lang)}: {value}")
        if run.halted:
            self.line(run.halted)
        self.line(Message("show.rows", {"rows": rows}))
        self._counted(counts)
        options = {name: value for name, value in run.options.items() if value}
        if options:
            click.echo(f"{say(Message('show.options'), self.lang)}: {json.dumps(options, ensure_ascii=False)}")
        self.line(Message("show.settings"))
        click.echo("  " + json.dumps(run.settings, ensure_ascii=False, indent=2).replace("\n", "\n  "))

    def show(self, event: Event) -> None:
        """Show an event: on a bar on a terminal, in a line every few seconds elsewhere, not at all when quiet."""
        if self.quiet:
            return
        if self._progress is None:
            self._progress = _Bar(self.lang) if sys.stderr.isatty() else _Lines(self.lang)
        with suppress(OSError):  # whoever read the progress is gone; that is no reason to stop sending
            self._progress.show(event)

    def settle(self) -> None:
        """Take the bar away, so that something else can be written or asked; the next event brings it back."""
        if self._progress is not None:
            self._progress.settle()

    def _json(self, value: dict[str, object]) -> None:
        click.echo(json.dumps(value, ensure_ascii=False))


class _Lines:
    """Progress as lines, the first one after a few seconds; notices at once."""

    def __init__(self, lang: Lang) -> None:
        self._lang = lang
        self._last = time.monotonic()

    def show(self, event: Event) -> None:
        if isinstance(event, Notice) or time.monotonic() - self._last >= LINE_EVERY:
            self._last = time.monotonic()
            click.echo(say(_told(event, self._lang), self._lang), err=True)

    def settle(self) -> None:
        """Lines leave nothing to take away."""


class _Bar:
    """Progress as a bar on the terminal, which disappears when something else is to be seen."""

    def __init__(self, lang: Lang) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._lang = lang
        columns = (BarColumn(bar_width=20), TextColumn("{task.description}", markup=False), TimeRemainingColumn())
        self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
        self._task = self._bar.add_task("", total=None)

    def show(self, event: Event) -> None:
        told = say(_told(event, self._lang), self._lang)
        if isinstance(event, Notice):
            self._bar.console.print(told, markup=False, highlight=False)
            return
        done, total = (0, None) if isinstance(event, SheetProgress) else (event.done, event.total)
        self._bar.update(self._task, description=told, total=total, completed=done)
        self._bar.start()

    def settle(self) -> None:
        self._bar.stop()


def _told(event: Event, lang: Lang) -> Message:
    match event:
        case Notice():
            return event.message
        case SheetProgress():
            return Message("progress.reading", {"rows": event.rows})
        case ClueProgress():
            return Message("progress.comparing", {"done": event.done, "total": event.total})
        case SendProgress():
            counts = ", ".join(
                f"{say(Message(f'status.{status}'), lang)} {number}" for status, number in sorted(event.counts.items())
            )
            return Message("progress.sending", {"done": event.done, "total": event.total, "counts": counts or "-"})


def _wrapped(text: str) -> str:
    """Lines that fit the terminal: what does not goes on below, further in."""
    columns, found = shutil.get_terminal_size().columns, list[str]()
    for line in text.splitlines():
        if line.lstrip().startswith("batch-editor "):  # to be copied as it is
            found.append(line)
            continue
        indent = " " * (len(line) - len(line.lstrip()))
        first, *rest = broken(line.lstrip(), columns - len(indent) - 2)
        found += [f"{indent}{first}", *(f"{indent}  {one}" for one in rest)]
    return "\n".join(found)


def _forget_typed() -> None:
    """Forget what was typed before there was a question: nobody has agreed to what was not to be seen yet."""
    if sys.platform == "win32":
        import msvcrt

        while msvcrt.kbhit():
            msvcrt.getwch()
    else:
        import termios

        termios.tcflush(sys.stdin, termios.TCIFLUSH)
