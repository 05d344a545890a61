"""The streams of the command line: messages on the right one of them, questions to a person, and the progress of a run.

Everything that is printed passes here, and nothing of it acts in a terminal: values in sentences are made visible by
``messages``, and whatever else a text holds is made visible before it is written. It decides nothing, and words come from
``messages``; what a preview or a report becomes is said in ``preview_text`` and ``summary_text``.
"""

from __future__ import annotations

import io
import json
import logging
import os
import re
import sys
import time
import traceback
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

import click

from ..errors import notes_of, reason_in
from ..events import Event, Notice, Started
from ..messages import Lang, language, say
from ..messages.visible import is_visible, visible, visible_lines
from ..model import Message
from ..runs.json_summary import error_summary
from ..runs.reasons import USAGE
from ..settings.search import Search
from .answers import answer_of, is_blank
from .event_log import DayLog, EventLog, end_text
from .metrics_file import Metrics
from .object_file import write_object
from .progress_lines import Bar, Lines
from .signals import Interruption
from .streams import OutputStream, trouble
from .terminal import fitting, forget_typed, terminal_size, wrapped
from .usage import NoWords, mistake

#: After so many answers that are not understood nobody is asked once more.
MOST_ANSWERS = 3


class Screen:
    """Where and how things are shown: ``quiet`` leaves out all but the summary, ``as_json`` keeps stdout for one object, which
    is also written to ``json_file``.

    ``typed_lang`` is the language that is asked for on the command line, which no setting changes.
    """

    def __init__(
        self,
        *,
        lang: Lang | None = None,
        typed_lang: Lang | None = None,
        quiet: bool = False,
        as_json: bool = False,
        json_file: Path | None = None,
    ) -> None:
        self.typed_lang = typed_lang
        self.lang: Lang = typed_lang or lang or language(os.environ.get("BATCH_EDITOR_LANG"))
        self.quiet = quiet
        self.search = Search()
        self.interruption = Interruption()
        self.as_json = as_json
        self.json_file = json_file
        self.metrics = Metrics()
        self.events: EventLog | None = None
        self.day_log: DayLog | None = None
        #: The runs of earlier nights that wait for somebody, as JSON holds them, and the lines in which they are told.
        self.unfinished: Sequence[Mapping[str, object]] = ()
        self.unfinished_lines: Sequence[Message] = ()
        #: What the object of the command holds also where it came to nothing.
        self.object_has: Mapping[str, object] = {}
        self._notes: list[str] = []
        self._warnings = set[str]()
        self._began = time.monotonic()
        self._progress: Bar | Lines | None = None

    def line(self, message: Message, *, error: bool = False, wrapped: bool = True) -> None:
        """Writes a message: on stdout, or on stderr if it is an error or stdout is kept for JSON.

        It is broken between words where it is wider than the terminal, but for a command, which is copied as it is; and so is a
        path, in a message that is not to be ``wrapped``.
        """
        if self.events is not None and (error or self.as_json):
            self.events.message(message, self.lang)
            return
        text = "\n".join(self.lines(message, error=error)) if wrapped else say(message, self.lang)
        self.text(text, error=error or self.as_json)

    def lines(self, message: Message, *, error: bool = False) -> list[str]:
        """Returns the lines in which a message is written, so that none is wider than the terminal that it is written on; a
        command that is to be copied stays whole, and so does everything where there is no terminal."""
        text, stream = visible_lines(say(message, self.lang)), self._stream(error=error)
        return wrapped(text, terminal_size(stream).columns) if stream.isatty() else text.split("\n")

    def last(self, messages: Sequence[Message], *, below: Sequence[Message], error: bool = False) -> None:
        """Writes messages so that a terminal shows all of them with those that come ``below``, which are not written yet.

        What is too long for that is cut there, and stands whole above; on a screen for which there are too many messages, the
        first of them stand above alone.
        """
        stream = self._stream(error=error)
        if self.events is not None and stream is sys.stderr:
            for message in messages:
                self.events.message(message, self.lang)
            return
        paragraphs: Sequence[Sequence[str]] = [self.lines(message, error=error) for message in messages]
        if stream.isatty():
            size = terminal_size(stream)
            room = size.lines - MOST_ANSWERS - sum(len(self.lines(message, error=error)) for message in below)
            whole, shown = fitting(paragraphs, room, size.columns)
            paragraphs = [*whole, *shown]
        for lines in paragraphs:
            self.text("\n".join(lines), error=error or self.as_json)

    def _stream(self, *, error: bool) -> TextIO:
        return sys.stderr if error or self.as_json else sys.stdout

    def note(self, message: Message) -> None:
        """Writes on stderr what the JSON object of the command is to hold among its notes as well."""
        self.keep_for_json([message])
        self.line(message, error=True)

    def warned(self, messages: Iterable[Message]) -> None:
        """Takes note that these warnings are shown, so that ``tell_notes`` does not write them once more."""
        self._warnings.update(say(message, self.lang) for message in messages)

    def tell_notes(self, notes: Iterable[Message]) -> None:
        """Writes on stderr what was worth a warning and was not shown before, whatever else is left out. This is the end of
        what is told of one sheet."""
        for note in notes:
            if say(note, self.lang) not in self._warnings:
                self.line(note, error=True)
        self._warnings.clear()

    def keep_for_json(self, notes: Iterable[Message]) -> None:
        """Has the JSON object of the command hold among its notes what is written on stderr elsewhere."""
        self._notes += (say(note, self.lang) for note in notes)

    def tell_unfinished(self) -> None:
        """Writes on stderr which runs of earlier nights wait for somebody, whatever else is shown."""
        for message in self.unfinished_lines:
            self.line(message, error=True)

    def tell_settings(self, *, error: bool = False) -> None:
        """Writes which settings file is read, where that is not the usual one, and which is there instead."""
        lines = self.search.lines
        if self.quiet and self.search.file is None:  # that there is none is no warning
            lines = self.search.near_lines
        for message in lines:
            self.line(message, error=error)
        self.warned(lines)

    def text(self, text: str, *, error: bool = False) -> None:
        """Writes lines of text on stdout, or on stderr if they are an error: whatever would act in a terminal is shown."""
        self.settle()
        if self.events is not None and error:
            if self.events.verbose and text:
                self.events.write("text", text=visible_lines(text))
            return
        click.echo(visible_lines(text), err=error)
        if self.day_log is not None and error:
            self.day_log.write(text)

    def event_line(self, line: str) -> None:
        """Writes a line of progress, or an event as JSON, on stderr: no character of it would act in a terminal."""
        click.echo(line, err=True)

    def styled(self, text: str) -> None:
        """Writes a text of this program, which may hold styles, on stdout as it is."""
        click.echo(text, nl=False)

    def document(self, text: str) -> None:
        """Writes a text of this program that is to become a file on stdout: in UTF-8, whatever the system prefers, but for a
        terminal."""
        if isinstance(sys.stdout, OutputStream) and not sys.stdout.isatty():
            sys.stdout.reconfigure(encoding="utf-8")
        click.echo(text, nl=False)

    def error(self, message: Message, exit_code: int, cause: BaseException) -> None:
        """Writes a paragraph on stderr, below what was worth a warning; with ``--json`` also an object on stdout, so that a
        machine always finds one."""
        self.tell_notes([*self.search.near_lines, *notes_of(cause)])
        self.line(message, error=True)
        if check_sheet := getattr(cause, "check_sheet", None):
            self.line(Message("summary.check_sheet", {"path": check_sheet}), error=True, wrapped=False)
        self.tell_unfinished()
        self.failed(say(message, self.lang), exit_code, cause)

    def misused(self, error: click.UsageError) -> None:
        """Writes what is wrong with the words that were typed, and how the command is used."""
        if isinstance(error, NoWords):
            self.text(error.help, error=True)
            return
        if error.ctx is not None:
            self.text(error.ctx.get_usage(), error=True)
            self.line(Message("usage.help", {"command": error.ctx.command_path}), error=True)
            self.text("", error=True)
        what = mistake(error)
        self.line(what, error=True)
        self.failed(say(what, self.lang), 2, error, USAGE)

    def failed(self, text: str, exit_code: int, cause: BaseException, reason: str | None = None) -> None:
        """Writes, where it is asked for, the object of a command that came to nothing; its error is on stderr already."""
        if self.wants_object:
            more: dict[str, Any] = {"seconds": time.monotonic() - self._began, "unfinished": self.unfinished}
            notes = [say(note, self.lang) for note in notes_of(cause)]
            self.json_object(error_summary(exit_code, cause, text, reason=reason, notes=notes, **more))

    def can_ask(self) -> bool:
        """Returns whether there is somebody to ask, who can type and sees what is shown."""
        return sys.stdin.isatty() and (sys.stdout.isatty() or sys.stderr.isatty())

    def ask(self, question: Message, *, default: bool) -> bool:
        """Asks on the stream that leads to the terminal until the answer is understood; Enter alone is ``default``.

        Whoever is not understood three times has not agreed.
        """
        self.settle()
        forget_typed()
        if isinstance(sys.stdin, io.TextIOWrapper):
            sys.stdin.reconfigure(errors="replace")  # half of a character, which a terminal leaves where one was deleted
        aside = self.as_json or not sys.stdout.isatty()
        lines = self.lines(question, error=aside)
        for _ in range(MOST_ANSWERS):
            answer = click.prompt("\n".join(lines), default="", show_default=False, prompt_suffix=" ", err=aside)
            if is_blank(answer):
                return default
            if (agreed := answer_of(answer)) is not None:
                return agreed
            lines = self.lines(Message("prompt.unclear" if default else "prompt.unclear_no"), error=aside)
        self.line(Message("prompt.not_understood"), error=aside)
        return False

    def ask_secret(self, question: Message) -> str:
        """Asks for a text that is not shown while it is typed; where nobody can be asked, it is the next line of stdin."""
        self.settle()
        if not self.can_ask():
            return sys.stdin.readline().rstrip("\r\n")
        text = "\n".join(self.lines(question, error=True))
        return str(click.prompt(text, default="", show_default=False, prompt_suffix=" ", hide_input=True, err=True))

    def show(self, event: Event) -> None:
        """Shows an event: on a bar on a terminal, in a line every few seconds elsewhere; when quiet only what is worth a
        warning. The name of the run is told at its end."""
        is_warning = isinstance(event, Notice) and event.is_warning
        if isinstance(event, Notice) and is_warning:
            self.warned([event.message])
        if self.events is not None:
            self.events.show(event, self.lang)
            return
        if isinstance(event, Notice) and self.day_log is not None:
            self.day_log.write(say(event.message, self.lang))
        if isinstance(event, Started) or (self.quiet and not is_warning):
            return
        if self._progress is None:
            self._progress = Bar(self.lang) if sys.stderr.isatty() else Lines(self.lang, self.event_line)
        self._progress.show(event)

    def is_seen(self, *, aside: bool) -> bool:
        """Returns whether the preview could be written, for somebody who is asked ``aside`` or for whoever reads stdout."""
        if not aside and self.as_json:  # who is to read the JSON reads nothing else
            return True
        return trouble(sys.stderr if aside else sys.stdout) is None

    def exit_code(self) -> int:
        """Returns that of a command that has nothing to hand on but what it shows."""
        return int(isinstance(sys.stdout, OutputStream) and sys.stdout.is_cut)

    def end(self) -> None:
        """Writes out what is still buffered, and says on stderr if stdout does not hold all that was shown."""
        self._end_day_log()
        if self.events is not None:
            self.events.end()
        sys.stdout.flush()
        if error := trouble(sys.stdout):
            self.line(Message("screen.unwritten", {"reason": reason_in(error)}), error=True)
        sys.stderr.flush()

    def _end_day_log(self) -> None:
        if self.day_log is None:
            return
        log = self.day_log
        self.day_log = None
        if self.events is not None:
            self.events.also = None
        log.end()
        if log.trouble is not None:
            self.line(log.trouble, error=True)

    def settle(self) -> None:
        """Takes the bar away, so that something else can be written or asked; the next event brings it back."""
        if self._progress is not None:
            self._progress.settle()

    @property
    def wants_object(self) -> bool:
        """Whether the one object of the command is asked for, on stdout or in a file, or its figures are."""
        return (
            self.as_json
            or self.json_file is not None
            or self.metrics.path is not None
            or self.events is not None
            or self.day_log is not None
        )

    def json_object(self, value: dict[str, object]) -> None:
        """Writes the one object of the command where it is asked for: on stdout, and whole in a file of which nobody ever reads
        a half; and its figures. Where a file cannot be written, that is told and changes nothing. A command that is interrupted
        from here on has ended already."""
        self.interruption.is_over = True
        value = {**self.object_has, **value}
        if isinstance(notes := value.get("notes"), list):
            value = {**value, "notes": [*notes, *self._notes]}
            self._notes = []
        if self.as_json:
            click.echo(as_json(value))
        if self.json_file is not None and (problem := write_object(self.json_file, as_json(value))):
            self.line(problem, error=True)
        if self.events is not None:
            self.events.ended(value)
        elif self.day_log is not None:
            self.day_log.write(end_text(value))
        if problem := self.metrics.write(value):
            self.line(problem, error=True)

    def json_pieces(self, pieces: Iterable[str]) -> None:
        """Writes the one object of the command, of which the text comes in ``pieces``; never whole in memory on stdout."""
        kept = list[str]()
        for piece in pieces:
            if self.as_json:
                click.echo(piece, nl=False)
            if self.json_file is not None:
                kept.append(piece)
        if self.as_json:
            click.echo()
        if self.json_file is not None and (problem := write_object(self.json_file, "".join(kept))):
            self.line(problem, error=True)

    def log(self, level: int = logging.DEBUG) -> None:
        """Lets the log of this process be written on stderr from ``level`` on, each entry on a line."""
        if self.events is not None:
            self.events.verbose = True
            return
        logging.getLogger("batch_editor.events").setLevel(logging.CRITICAL)  # each of them is a line of the log already
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(_LogFormatter("%(asctime)s %(name)s %(message)s"))
        logging.basicConfig(level=level, handlers=[handler])

    def crashed(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Writes the traceback of an error that nobody has expected; its object says no more of it than its kind."""
        if self.events is not None:
            self.events.write("crash", kind=kind.__name__, trace="".join(traceback.format_tb(trace)))
        else:
            self.text("".join(traceback.format_exception(kind, error, trace)), error=True)
        self.failed(say(Message("screen.crash", {"kind": kind.__name__}), self.lang), 1, error)
        self.end()


def as_json(value: object, indent: int | None = None) -> str:
    """Returns ``value`` as JSON, in which everything that is not visible is escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return text if is_visible(text) else re.sub(r"[^\n -~]", _escaped, text)


def _escaped(match: re.Match[str]) -> str:
    """Returns a character as JSON escapes it, if it is not visible."""
    char = match[0]
    return char if is_visible(char) else "\\u007f" if char == "\x7f" else json.dumps(char)[1:-1]


class _LogFormatter(logging.Formatter):
    """Makes entries of the log visible, an entry on one line; the traceback of an error below it keeps its lines."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        return visible(super().formatMessage(record))

    def format(self, record: logging.LogRecord) -> str:
        return visible_lines(super().format(record))
