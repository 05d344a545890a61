"""The log of a command for programs: one event a line, as a JSON object (``--log-format json``; guide: night).

It takes the place of what is else written for people on stderr. Ids, numbers and places are in it; texts that come from a cell
or from the CRM only with ``--verbose``, and the token never. ``DayLog`` keeps the same lines, or those for people, where the
results of nights are.
"""

from __future__ import annotations

import json
import logging
import re
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, TextIO

import click

from ..errors import BatchEditorError, reason_in
from ..events import ClueProgress, Event, Notice, SendProgress, SheetProgress, Started
from ..messages import Lang, say
from ..messages.visible import visible_lines
from ..model import Message

if TYPE_CHECKING:
    from ..settings.settings import Settings
    from .screen import Screen

#: Seconds between two events of progress.
EVERY = 5.0
#: Texts within a message that come from the command line, the settings, this program or the system.
_OURS = frozenset(
    {"path", "folder", "file", "files", "run", "undo", "redo", "url", "option", "command", "key", "known", "time", "reason"}
)
_WITHHELD = "…"
#: A code of the CRM that is none of its texts.
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,32}")
#: Where requests are logged as events.
REQUESTS = logging.getLogger("batch_editor.events")


class EventLog(logging.Handler):
    """Hands each event to ``put``, for stderr, and to ``also``; ``verbose`` adds the texts of cells and of the CRM."""

    def __init__(self, put: Callable[[str], object]) -> None:
        super().__init__(logging.DEBUG)
        self._put = put
        self.verbose = False
        self.also: Callable[[str], None] | None = None
        self._run: str | None = None
        self._shown = time.monotonic()
        self._writing = threading.Lock()

    def begin(self) -> None:
        """Takes the events of the requests from here on."""
        REQUESTS.propagate = False
        REQUESTS.setLevel(logging.DEBUG)
        REQUESTS.addHandler(self)

    def end(self) -> None:
        """Takes no more of them."""
        REQUESTS.removeHandler(self)
        REQUESTS.setLevel(logging.CRITICAL)

    def emit(self, record: logging.LogRecord) -> None:
        """Writes an event of a request, which its place in the program has logged."""
        fields: Mapping[str, Any] = record.__dict__["fields"]
        shown = {name: value for name, value in fields.items() if self.verbose or not _may_hold_words(name, value)}
        self.write(record.msg, **shown)

    def write(self, event: str, **fields: object) -> None:
        """Writes an event with its fields, of which those that are None are left out."""
        moment = datetime.now(UTC).astimezone().isoformat(timespec="milliseconds")
        entry = {"time": moment, "event": event, "run": self._run, **fields}
        line = json.dumps({name: value for name, value in entry.items() if value is not None}, default=str)
        with self._writing:
            self._put(line)
            if self.also:
                self.also(line)

    def message(self, message: Message, lang: Lang, event: str = "message") -> None:
        """Writes what is told to people, with what its sentence says of numbers and places."""
        shown = message if self.verbose else _without_texts(message)
        self.write(event, key=message.key, text=say(shown, lang))

    def show(self, event: Event, lang: Lang) -> None:
        """Writes an event of a run; of progress one every few seconds."""
        match event:
            case Started():
                self._run = event.run
                self.write("started")
            case Notice():
                self.message(event.message, lang, "notice")
            case SheetProgress() | ClueProgress() | SendProgress() if time.monotonic() - self._shown >= EVERY:
                self._shown = time.monotonic()
                done = event.rows if isinstance(event, SheetProgress) else event.done
                total = None if isinstance(event, SheetProgress) else event.total
                self.write("progress", done=done, total=total)

    def ended(self, value: Mapping[str, Any]) -> None:
        """Writes how a command ended, from its JSON object."""
        self.write("ended", **end_of(value) | {"run": value.get("run") or self._run})


def end_of(value: Mapping[str, Any]) -> dict[str, object]:
    """Returns what is logged of the JSON object of a command: its numbers, and the word for why it did not end well."""
    numbers = {name: number for name, number in value.items() if isinstance(number, int | float)}
    return numbers | {"reason": value.get("reason")}


def end_text(value: Mapping[str, Any]) -> str:
    """Returns a line for people: how the command ended, why, and what it has counted."""
    numbers = {name: number for name, number in end_of(value).items() if number and not isinstance(number, bool)}
    return " ".join(["ended", *(f"{name}={number}" for name, number in ({"exit_code": 0} | numbers).items())])


def _may_hold_words(name: str, value: object) -> bool:
    """Whether a field of a request may hold what the CRM says to people: a code may be any text as well."""
    return name == "msg" or (name == "code" and not _CODE.fullmatch(str(value)))


def _without_texts(message: Message) -> Message:
    """Returns a message without the texts in it that may come from a cell or from the CRM."""
    return Message(message.key, {name: _shown(name, value) for name, value in message.values.items()})


def _shown(name: str, value: object) -> object:
    if isinstance(value, Message):
        return _without_texts(value)
    if isinstance(value, list | tuple):
        return [_shown(name, part) for part in value]
    return value if isinstance(value, int | float | PurePath) or name in _OURS else _WITHHELD


class DayLog:
    """The file ``nights.log`` in the folder of the day of ``results_dir``, to which each line of a command is added.

    It changes nothing that it cannot be written: the first reason is kept as ``trouble``.
    """

    def __init__(self, settings: Settings, series: str) -> None:
        self.trouble: Message | None = None
        self._settings = settings
        self._series = series
        self._file: TextIO | None = None
        self._day = ""

    def write(self, line: str) -> None:
        """Adds a line, with its time unless it is an object that has one."""
        try:
            now = datetime.now(UTC).astimezone(self._settings.zone)
            if self._file is None or f"{now:%Y-%m-%d}" != self._day:
                self._begin(now)
            if self._file is not None:
                stamp = "" if line.startswith('{"time": ') else f"{now.isoformat(timespec='seconds')} "
                self._file.write("".join(f"{stamp}{part}\n" for part in visible_lines(line).split("\n")))
                self._file.flush()
        except (OSError, BatchEditorError) as error:
            self._cannot(error)

    def _begin(self, now: datetime) -> None:
        from ..runs.result_places import LOG_NAME, day_folder

        self.end()
        self._day = f"{now:%Y-%m-%d}"
        folder = day_folder(self._settings, clock=lambda: now)
        if folder is not None:
            self._file = (folder / LOG_NAME).open("a", encoding="utf-8", errors="replace")
            self._remember(folder / LOG_NAME)  # now, since a command that is killed does not come to the end

    def end(self) -> None:
        """Closes the file."""
        if self._file is not None:
            file = self._file
            self._file = None
            try:
                file.close()
            except OSError as error:  # what could not be written before is tried once more
                self._cannot(error)
            self._remember(Path(file.name))

    def _cannot(self, error: Exception) -> None:
        self.trouble = self.trouble or Message("screen.log_unwritten", {"reason": reason_in(error)})

    def _remember(self, path: Path) -> None:
        """Has the journal know what the file looks like, so that ``keep`` may remove it one day."""
        from ..output.placing import stamp
        from ..runs.journal_file import open_journal

        with suppress(BatchEditorError), open_journal(self._settings) as journal:
            journal.files.remember(str(path), stamp(path) or "", run=None, series=self._series)


def _heard(ctx: click.Context, _: click.Parameter, form: str) -> None:
    """Has the screen write events where that is wanted."""
    screen: Screen | None = ctx.obj
    if screen is not None and form == "json" and screen.events is None:
        screen.events = EventLog(screen.event_line)
        screen.events.begin()


log_format_option = click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    default="text",
    expose_value=False,
    callback=_heard,
    is_eager=True,
    help="What stderr holds: sentences, or one event a line as JSON [default: text].",
)
