"""The form of step 1: what it shows of a sheet, and what somebody has chosen in it.

For each column there is a choice of the field that it stands for, or to leave it out, and whether it changes the CRM. Of owner,
pool and tags that is asked in so many words, since what they change may not be put back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..edits.heading_row import ColumnUse
from ..model import Message
from ..runs.sheet_choices import SheetChoices
from ..runs.sheet_look import ColumnLook, SheetLook

#: So many columns have a choice of their own; those beyond that nobody knows can only be left out together.
MOST_COLUMNS = 300
#: What is asked in so many words, with the fields that it is about.
QUESTIONS = {"owner": ("follow_user_id",), "pool": ("clue_pool_id",), "tags": ("label", "business_tag_ids")}
#: What can be answered.
ANSWERS = {"owner": ("edits", "context"), "pool": ("edits", "context"), "tags": ("replace", "add", "remove", "context")}
_IGNORE = "ignore"
#: So many columns are named in a message.
_MOST_NAMED = 12


@dataclass(frozen=True, slots=True)
class Chosen:
    """What somebody has chosen of a sheet, as it is kept with an upload.

    ``answers`` are those to ``QUESTIONS`` by their names, ``rest`` says that the columns beyond ``MOST_COLUMNS`` are left out,
    and ``earlier`` what becomes of a results sheet: "failed" or "all". ``is_sent`` says that somebody has sent the form.
    """

    sheet: str = ""
    columns: SheetChoices = field(default_factory=SheetChoices)
    answers: Mapping[str, str] = field(default_factory=dict)
    visible_only: bool = False
    rest: bool = False
    earlier: str = ""
    encoding: str = ""
    delimiter: str = ""
    is_kept: bool = False
    is_sent: bool = False

    def as_json(self) -> dict[str, Any]:
        """Returns it as it is kept."""
        return {
            "sheet": self.sheet,
            "columns": self.columns.as_json(),
            "answers": dict(self.answers),
            "visible_only": self.visible_only,
            "rest": self.rest,
            "earlier": self.earlier,
            "encoding": self.encoding,
            "delimiter": self.delimiter,
            "is_kept": self.is_kept,
            "is_sent": self.is_sent,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Chosen:
        """Returns what was kept; nothing chosen where nothing was."""
        if not kept:
            return cls()
        return cls(**{**kept, "columns": SheetChoices.from_json(kept["columns"])})

    def for_look(self) -> dict[str, Any]:
        """Returns how a sheet is looked at with these choices."""
        return {
            "sheet_name": self.sheet or None,
            "choices": self.columns,
            "encoding": self.encoding or None,
            "delimiter": self.delimiter or None,
        }

    def for_plan(self) -> dict[str, Any]:
        """Returns how a sheet is planned with these choices."""
        tags = self.answers.get("tags")
        more = {"tags": tags if tags in ("add", "remove") else None, "only_failed": self.earlier == "failed"}
        return self.for_look() | more | {"visible_only": self.visible_only}


def chosen_in(form: Mapping[str, Any], look: SheetLook) -> Chosen:
    """Returns what was chosen in a form for the sheet that ``look`` has seen without these choices."""
    fields: dict[int, str] = {}
    uses: dict[int, ColumnUse] = {}
    answers = {name: text for name in QUESTIONS if (text := str(form.get(f"ask-{name}", ""))) in ANSWERS[name]}
    rest = form.get("rest") == "yes"
    for number, column in enumerate(look.columns):
        given = str(form.get(f"field-{column.place}", ""))
        if number >= MOST_COLUMNS and rest and column.mistake:
            uses[column.place] = ColumnUse.IGNORED
        if not given:
            continue
        if given == _IGNORE:
            if column.use is not ColumnUse.IGNORED or column.why.key == "look.setting_ignored":
                uses[column.place] = ColumnUse.IGNORED
            continue
        if given != column.field or column.first is not None or column.use is ColumnUse.IGNORED:
            fields[column.place] = given
        use = str(form.get(f"use-{column.place}", "")) or _answered(given, answers)
        if use in (ColumnUse.EDITS, ColumnUse.CONTEXT):
            uses[column.place] = ColumnUse(use)
    return Chosen(
        str(form.get("sheet", "")),
        SheetChoices(look.heading_row, fields, uses),
        answers,
        form.get("visible_only") == "yes",
        rest,
        str(form.get("earlier", "")),
        str(form.get("encoding", "")),
        str(form.get("delimiter", "")),
        form.get("keep") == "yes",
        is_sent=True,
    )


def _answered(key: str, answers: Mapping[str, str]) -> str:
    """What the answer to a question says of the column of a field."""
    for name, keys in QUESTIONS.items():
        if key in keys and name in answers:
            return "context" if answers[name] == "context" else "edits"
    return ""


def questions_of(look: SheetLook) -> dict[str, list[ColumnLook]]:
    """Returns the questions that a sheet asks, each with the columns that it is about."""
    read = [column for column in look.columns if column.use in (ColumnUse.EDITS, ColumnUse.CONTEXT) and column.first is None]
    asked = {name: [column for column in read if column.field in keys] for name, keys in QUESTIONS.items()}
    return {name: columns for name, columns in asked.items() if columns}


def answers_of(look: SheetLook, chosen: Chosen) -> dict[str, str]:
    """Returns the answers that the form shows: those that were given, or what the settings say of such columns already."""
    answers = dict(chosen.answers)
    for name, columns in questions_of(look).items():
        if name not in answers and all(column.use is ColumnUse.CONTEXT for column in columns):
            answers[name] = "context"
    return answers


def lacking(look: SheetLook, chosen: Chosen) -> list[Message]:
    """Returns what somebody has yet to answer before the sheet can be planned."""
    open_questions = [name for name in questions_of(look) if name not in chosen.answers]
    problems = [Message(f"sheet_form.lacks_{name}") for name in open_questions]
    mapped = [column for column in look.columns if column.place in chosen.columns.fields and column.editable]
    asked = {key for keys in QUESTIONS.values() for key in keys}
    if any(column.place not in chosen.columns.uses and column.field not in asked for column in mapped):
        problems.append(Message("sheet_form.lacks_use"))
    if mistaken := [column for column in look.columns if column.mistake]:
        names = ", ".join(f"{column.letters} {column.heading}" for column in mistaken[:_MOST_NAMED])
        problems.append(Message("sheet_form.lacks_columns", {"count": len(mistaken), "names": names}))
    if look.earlier is not None and chosen.earlier not in ("failed", "all"):
        problems.append(Message("sheet_form.lacks_earlier"))
    return problems
