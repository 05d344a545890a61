"""Plans, runs and rows in the form in which the journal's tables hold them, and back; messages and problems as JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache, wraps
from json.encoder import encode_basestring
from typing import Any, NamedTuple, ParamSpec, TypeVar
from urllib.parse import quote, unquote_to_bytes

from ..errors import Halted
from ..model import (
    Draft,
    Edit,
    HaltReason,
    Message,
    Plan,
    Problem,
    RowState,
    RowValues,
    Run,
    RunState,
    Status,
    Stoppage,
    Values,
)
from .times import moment_of, text_of

#: The columns of a run, of a planned row and of a row as it is read, in the order of the functions below.
RUN_COLUMNS: tuple[str, ...] = ("name", "state", "started", "started_offset", "finished", "finished_offset", "base_url", "app")
RUN_COLUMNS += ("source", "sheet", "digest", "headings", "settings", "options", "halt_reason", "halted", "results", "stamp")
RUN_COLUMNS += ("counts", "stop_asked", "title", "planned_by", "confirmed_by", "series", "dismissed", "in_inbox")
PLAN_COLUMNS: tuple[str, ...] = ("row", "status", "clue", "body", "cells", "fields", "cleared", "doubts", "code", "message")
PLAN_COLUMNS += ("attempts", "time", "time_offset", "time_text", "unread", "written")
PLAN_COLUMNS += ("kept_run", "kept_row", "origin_run", "origin_row", "undoes", "typed")
STATE_COLUMNS: tuple[str, ...] = ("cells", "fields", "cleared", "message", "code", "attempts")
STATE_COLUMNS += ("time", "time_offset", "time_text", "maybe_applied", "kept_run", "kept_row", "draft", "equal", "trusted")
#: Of which nothing is to be sent once the rows of their clue above them are.
SET_ABOVE = "(rows.status = 'pending' AND NOT rows.unread AND rows.body IS NULL AND rows.fields = '' AND rows.equal <> '')"
EDIT_COLUMNS = ("row", "clue", "coalesce(body, '')", "maybe_applied", "unread", SET_ABOVE)
DRAFT_COLUMNS = ("row", "body", "fields", "cleared", "written", "before", "maybe_applied", "cells", "verifies")
#: Those of a row that is counted: of nearly all rows, the message is not needed.
COUNTED_COLUMNS = ("fields", "cleared", "cells", "CASE WHEN status = 'invalid' THEN message END")
VALUES_COLUMNS: tuple[str, ...] = ("row", "clue", "status", "body", "fields", "cleared", "before", "message", "unread")
VALUES_COLUMNS += ("maybe_applied", "lost", "clue_name")
VALUES_COLUMNS += (
    "EXISTS (SELECT 1 FROM rows AS above WHERE above.run = rows.run AND above.clue = rows.clue AND above.row < rows.row)",
)

#: The age of a row's values: the run in which they came first, by its id, and their row there.
AGE_COLUMNS = "coalesce(rows.origin_run, rows.run), coalesce(rows.origin_row, rows.row)"

_FILE = "file://"
_Given = ParamSpec("_Given")
_Read = TypeVar("_Read")
#: Makes compact JSON; made once, since every row needs it.
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

#: What is to be sent: rows that were not, and failed ones. Its parameter says whether also those that may have been applied.
#: A failed row whose clue has a later one that is updated is left as it is: an old value would land on a newer one.
TO_SEND = (
    "(rows.status = 'pending' OR (rows.status = 'failed' AND rows.kept_run IS NULL AND (NOT rows.maybe_applied OR ?)"
    " AND NOT EXISTS (SELECT 1 FROM rows AS later WHERE later.run = rows.run AND later.clue = rows.clue"
    " AND later.row > rows.row AND later.status = 'updated' AND later.kept_run IS NULL)))"
)


def _read(read: Callable[_Given, _Read]) -> Callable[_Given, _Read]:
    """Makes of a function that reads columns one that raises ``Halted`` where they hold what nobody has written there."""

    @wraps(read)
    def reading(*args: _Given.args, **kwargs: _Given.kwargs) -> _Read:
        try:
            return read(*args, **kwargs)
        except (ValueError, TypeError, LookupError, RecursionError):
            raise Halted("journal.damaged") from None

    return reading


@_read
def from_json(text: str) -> Any:
    """Returns what a column of JSON holds."""
    return json.loads(text)


def content_of(body: str | None) -> dict[str, Any]:
    """Returns what the body of an edit holds; nothing if there is none, or a damaged one, which is not sent anyway."""
    try:
        content = json.loads(body or "")
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


@_read
def status_from_column(text: str) -> Status:
    """Returns the status of a row."""
    return Status(text)


class CountedRow(NamedTuple):
    """A row that is counted: its number, its status, and the ``COUNTED_COLUMNS`` as the table holds them.

    To decode them takes longer than to read them, and most rows are counted by what they have in common with others.
    """

    row: int
    status: str
    fields: str
    cleared: str
    cells: str
    message: str | None

    def texts(self) -> list[str]:
        """Returns the row's own cells."""
        texts: list[str] = from_json(self.cells)
        return texts

    def problems(self) -> list[Problem]:
        """Returns the problems of an invalid row."""
        return [note for note in notes_from_json(self.message) if isinstance(note, Problem)]


@_read
def run_from_columns(columns: tuple[Any, ...]) -> Run:
    """Returns the run of these ``RUN_COLUMNS``."""
    values = dict(zip(RUN_COLUMNS, columns, strict=True))
    started = text_of(values.pop("started"), values.pop("started_offset"), "")
    finished = text_of(values.pop("finished"), values.pop("finished_offset"), "") or None
    for name in ("settings", "options", "counts"):
        values[name] = json.loads(values[name]) if values[name] else None
    for name in ("source", "results", "title", "series", "in_inbox"):
        values[name] = path_from_text(values[name]) if values[name] else values[name]
    headings = tuple(json.loads(values.pop("headings")))
    reason, halted = values.pop("halt_reason"), values.pop("halted")
    stoppage = Stoppage(HaltReason(reason), message_from_json(json.loads(halted))) if reason else None
    state, stop_asked = RunState(values.pop("state")), bool(values.pop("stop_asked"))
    values["dismissed"] = values["dismissed"] is not None
    shape = {"state": state, "started": started, "finished": finished, "headings": headings}
    return Run(**values | shape, stoppage=stoppage, stop_asked=stop_asked)


def path_to_text(path: str) -> str:
    """Returns a path as a text that a database can hold: one with bytes that are no UTF-8 becomes an address (``file:///…``)."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return f"{_FILE}{quote(os.fsencode(path))}"
    return path


def path_from_text(text: str) -> str:
    """Returns the path of ``path_to_text``; none of its own begins like an address."""
    return os.fsdecode(unquote_to_bytes(text.removeprefix(_FILE))) if text.startswith(_FILE) else text


def plan_to_columns(plan: Plan) -> tuple[object, ...]:
    """Returns the ``PLAN_COLUMNS`` of a planned row."""
    kept = plan.kept
    note = kept.message if kept else plan.note
    message: object = None
    if plan.problems:
        message = [message_to_json(problem) for problem in plan.problems]
    elif note:
        message = message_to_json(note)
    return (
        plan.row,
        plan.status.value,
        plan.clue_id,
        plan.edit.body if plan.edit else None,
        texts_to_json(plan.cells),
        ",".join(plan.fields),
        ",".join(plan.cleared),
        to_json([message_to_json(doubt) for doubt in plan.doubts]) if plan.doubts else None,
        kept.code if kept else "",
        to_json(message) if message else None,
        kept.attempts if kept else 0,
        *moment_of(kept.time if kept else ""),
        plan.edit is not None and plan.edit.unread,
        to_json([plan.written, *plan.alternatives] if plan.alternatives else plan.written)
        if plan.written is not None
        else None,
        *(plan.kept_from or (None, None)),
        *(plan.origin or (None, None)),
        None if plan.undoes is None else to_json(plan.undoes),
        plan.typed,
    )


@_read
def row_state_from_columns(row: int, status: str, columns: tuple[Any, ...]) -> RowState:
    """Returns the row of these ``STATE_COLUMNS``."""
    cells, fields, cleared, message, code, attempts, *moment, maybe_applied, kept_run, kept_row, draft, equal, trusted = columns
    dealt_with = (fields, equal)
    asked = split_keys(json.loads(draft)[1]) if draft else ()
    return RowState(
        row,
        Status(status),
        tuple(json.loads(cells)),
        split_keys(fields),
        split_keys(cleared),
        (_trusted(trusted),) if trusted is not None and status == "unchanged" else notes_from_json(message),
        code,
        attempts,
        text_of(*moment),
        bool(maybe_applied),
        None if kept_run is None else (kept_run, kept_row or 0),
        not_set=tuple(key for key in asked if not any(key in split_keys(keys) for keys in dealt_with)),
    )


@lru_cache(256)
def _trusted(seconds: int) -> Message:
    """Returns what is said of a row that has its values by the memory of what was applied."""
    return Message("row.trusted", {"when": f"{datetime.fromtimestamp(seconds).astimezone():%Y-%m-%d %H:%M}"})


def edit_from_columns(columns: tuple[Any, ...]) -> Edit:
    """Returns the edit of these ``EDIT_COLUMNS``."""
    row, clue, body, maybe_applied, unread, set_above = columns
    return Edit(row, clue, body, bool(maybe_applied), bool(unread), bool(set_above))


@_read
def draft_from_columns(columns: tuple[Any, ...]) -> Draft:
    """Returns the draft of these ``DRAFT_COLUMNS``."""
    row, body, fields, cleared, written, before, maybe_applied, cells, verifies = columns
    written = json.loads(written) if written is not None else None
    alternatives: tuple[Values, ...] = ()
    if isinstance(written, list):
        written, *others = written
        alternatives = tuple(others)
    old_values = json.loads(before) if before else {}
    listed, emptied = split_keys(fields), split_keys(cleared)
    texts = tuple(json.loads(cells))
    return Draft(row, body, listed, emptied, written, alternatives, old_values, bool(maybe_applied), texts, bool(verifies))


def draft_to_json(draft: Draft, read_at: int | None) -> str:
    """Returns what is kept of a draft that is resolved: its body, its fields and those that it clears, and when its clue was
    read, in seconds since 1970."""
    return to_json([draft.body, ",".join(draft.fields), ",".join(draft.cleared), read_at])


@_read
def row_values_from_columns(columns: tuple[Any, ...]) -> RowValues:
    """Returns the row of these ``VALUES_COLUMNS``."""
    row, clue, status, body, fields, cleared, before, message, unread, maybe_applied, lost, clue_name, follows = columns
    return RowValues(
        row,
        clue,
        Status(status),
        body or "",
        split_keys(fields),
        split_keys(cleared),
        json.loads(before) if before else {},
        notes_from_json(message),
        bool(unread),
        bool(maybe_applied),
        tuple((body, split_keys(keys)) for body, keys in json.loads(lost)) if lost else (),
        clue_name or "",
        bool(follows),
    )


@_read
def notes_from_json(message: str | None) -> tuple[Message | Problem, ...]:
    """Returns what a row's column ``message`` holds: one message, or several, or the problems of an invalid row."""
    notes = json.loads(message) if message else []
    return tuple(message_from_json(note) for note in (notes if isinstance(notes, list) else [notes]))


def split_keys(keys: str) -> tuple[str, ...]:
    """Returns the keys that were joined with commas."""
    return tuple(keys.split(",")) if keys else ()


def to_json(value: object) -> str:
    """Returns ``value``, made of what JSON knows, as a text that a database can hold."""
    return _storable(_encode(value))


def texts_to_json(texts: Sequence[str]) -> str:
    """Returns what ``to_json`` does of texts, in half of the time: the encoder is made anew by every call of it."""
    return _storable(f"[{','.join(map(encode_basestring, texts))}]")


def _storable(text: str) -> str:
    """Returns a JSON text that a database can hold: half of a character, which a DataFrame can hold and a database cannot, is
    kept as the JSON escape that it has anyway."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode()
    return text


def message_to_json(value: object) -> object:
    """Returns messages and problems as JSON; texts and numbers as they are, anything else (a path) as a text."""
    match value:
        case Message():
            return {"key": value.key, "values": {name: message_to_json(part) for name, part in value.values.items()}}
        case Problem():
            message = message_to_json(value.message)
            stored = {"row": value.row, "at": value.address, "field": value.field, "message": message, "heading": value.heading}
            return stored | ({"label": value.label} if value.label else {})
        case list() | tuple():
            return [message_to_json(part) for part in value]
        case str() | int() | float() | None:
            return value
        case _:
            return str(value)


@_read
def message_from_json(value: Any) -> Any:
    """Returns what ``message_to_json`` was given."""
    match value:
        case {"key": key, "values": values}:
            return Message(key, {name: message_from_json(part) for name, part in values.items()})
        case {"at": _}:
            return _problem_from_json(value)
        case list():
            return [message_from_json(part) for part in value]
        case dict():
            raise ValueError("neither a message nor a problem")
        case _:
            return value


def _problem_from_json(value: Any) -> Problem:
    heading, label = value.get("heading", ""), value.get("label", "")  # an older record lacks them
    return Problem(value["row"], value["at"], value["field"], message_from_json(value["message"]), heading, label)
