"""Plans, runs and rows in the form in which the journal's tables hold them, and back; messages and problems as JSON."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

from ..model import Draft, Edit, Message, Plan, Problem, Record, Run, Status, Written

#: The columns of a run, of a planned row and of a row as it is read, in the order of the functions below.
RUN_COLUMNS = tuple(field.name for field in fields(Run))
PLAN_COLUMNS: tuple[str, ...] = ("row", "status", "clue", "body", "cells", "fields", "cleared", "doubts", "code", "message")
PLAN_COLUMNS += ("attempts", "time", "unread", "written")
ROW_COLUMNS = ("cells", "fields", "cleared", "message", "code", "attempts", "time")
EDIT_COLUMNS = ("row", "clue", "body", "unsure", "unread")
DRAFT_COLUMNS = ("row", "body", "fields", "cleared", "written")
WRITTEN_COLUMNS = ("row", "clue", "status", "body", "fields", "cleared", "before", "message", "unread")


def run_of(found: tuple[Any, ...]) -> Run:
    """The run whose ``RUN_COLUMNS`` were found."""
    values = dict(zip(RUN_COLUMNS, found, strict=True))
    for name in ("headings", "settings", "options", "halted", "counts"):
        values[name] = json.loads(values[name]) if values[name] else None
    return Run(**values | {"headings": tuple(values["headings"]), "halted": values["halted"] and unpacked(values["halted"])})


def columns_of(plan: Plan) -> tuple[object, ...]:
    """A plan as its ``PLAN_COLUMNS``."""
    kept = plan.kept
    note = kept.message if kept else plan.note
    message: object = [packed(problem) for problem in plan.problems] or (packed(note) if note else None)
    return (
        plan.row,
        plan.status,
        plan.clue_id,
        plan.edit.body if plan.edit else None,
        as_json(plan.cells),
        ",".join(plan.fields),
        ",".join(plan.cleared),
        as_json([packed(doubt) for doubt in plan.doubts]) if plan.doubts else None,
        kept.code if kept else "",
        as_json(message) if message else None,
        kept.attempts if kept else 0,
        kept.time if kept else "",
        plan.edit is not None and plan.edit.unread,
        as_json(plan.written) if plan.written is not None else None,
    )


def record_of(row: int, status: str, found: tuple[Any, ...]) -> Record:
    """The row whose ``ROW_COLUMNS`` were found."""
    cells, listed, cleared, message, code, attempts, time = found
    fields, emptied = split(listed), split(cleared)
    return Record(row, Status(status), tuple(json.loads(cells)), fields, emptied, notes_of(message), code, attempts, time)


def edit_of(found: tuple[Any, ...]) -> Edit:
    """The edit whose ``EDIT_COLUMNS`` were found."""
    row, clue, body, unsure, unread = found
    return Edit(row, clue, body, bool(unsure), bool(unread))


def draft_of(found: tuple[Any, ...]) -> Draft:
    """The draft whose ``DRAFT_COLUMNS`` were found."""
    row, body, listed, cleared, written = found
    return Draft(row, body, split(listed), split(cleared), json.loads(written) if written is not None else None)


def packed_draft(draft: Draft) -> str:
    """What is kept of a draft that is resolved."""
    return as_json([draft.body, ",".join(draft.fields), ",".join(draft.cleared)])


def written_of(found: tuple[Any, ...]) -> Written:
    """The row whose ``WRITTEN_COLUMNS`` were found."""
    row, clue, status, body, listed, cleared, before, message, unread = found
    known = json.loads(before) if before else {}
    fields, emptied = split(listed), split(cleared)
    return Written(row, clue, Status(status), body or "", fields, emptied, known, notes_of(message), bool(unread))


def notes_of(message: str | None) -> tuple[Message | Problem, ...]:
    """What a row's column ``message`` holds: one message, or several, or the problems of an invalid row."""
    said = json.loads(message) if message else []
    return tuple(unpacked(one) for one in (said if isinstance(said, list) else [said]))


def split(keys: str) -> tuple[str, ...]:
    """Keys that were joined with commas."""
    return tuple(keys.split(",")) if keys else ()


def as_json(value: object) -> str:
    """``value``, of what JSON knows, as a text that SQLite can hold."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    # Half of a character, which a DataFrame can hold and SQLite cannot, is kept as the JSON escape that it has anyway.
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def packed(value: object) -> object:
    """Messages and problems as JSON; texts and numbers as they are, anything else (a path) as text."""
    match value:
        case Message():
            return {"key": value.key, "values": {name: packed(one) for name, one in value.values.items()}}
        case Problem():
            said = packed(value.message)
            return {"row": value.row, "at": value.address, "field": value.field, "message": said, "heading": value.heading}
        case list() | tuple():
            return [packed(one) for one in value]
        case str() | int() | float() | None:
            return value
        case _:
            return str(value)


def unpacked(value: Any) -> Any:
    """What ``packed`` was given."""
    match value:
        case {"key": key, "values": values}:
            return Message(key, {name: unpacked(one) for name, one in values.items()})
        case {"at": _}:
            return _problem(value)
        case list():
            return [unpacked(one) for one in value]
        case _:
            return value


def _problem(value: Any) -> Problem:
    heading = value.get("heading", "")  # an older record lacks it
    return Problem(value["row"], value["at"], value["field"], unpacked(value["message"]), heading)
