"""Problems by what stands in the cells, as step 2 shows them: 先生 × 37, and what is put in its place.

What is kept for later sheets is suggested there, with who has chosen it and when, and is applied only when somebody says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..journal.choices import Choice
from ..messages import say
from ..model import Message
from ..runs.value_groups import ValueGroup
from ..runs.waiting_run import WaitingRun
from .mend_rows import SHOWN, SHOWN_REASON, Control, Sheet, can_be_typed, first_clause
from .page_words import on_page

#: How many groups are shown unless all are asked for.
_FEW = 6


@dataclass(frozen=True, slots=True)
class Group:
    """So many ``rows`` that hold one ``value`` in the column ``heading``: ``shown`` is what is shown of it.

    ``control`` is what the value is replaced with; None where each row needs another one, as ``remedy`` says, or nobody can
    type the value. ``suggested`` is what it holds at first, and ``kept`` who has chosen that before.
    """

    field: str
    heading: str
    value: str
    shown: str
    rows: int
    problem: str
    reason: str
    is_id: bool
    control: Control | None
    remedy: Message | None = None
    suggested: str = ""
    kept: Choice | None = None
    required: bool = False


@dataclass(frozen=True, slots=True)
class KeptValue:
    """What somebody has chosen for a value before, by the ``name`` under which it is kept."""

    name: str
    heading: str
    old: str
    new: str
    person: str
    time: str


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups that are ``shown``, ``more`` in all if some are not; the kinds of ``problems`` with their words, and what is
    ``kept``."""

    shown: Sequence[Group]
    more: int
    problems: Sequence[tuple[str, str]]
    kept: Sequence[KeptValue]


def groups_of(run: WaitingRun, sheet: Sheet, *, is_all: bool) -> Groups:
    """Returns the groups of now: those of several rows and those with something kept, or all of them."""
    groups = run.value_groups()
    several = [group for group in groups if (group.rows > 1 or group.kept is not None) and not _is_own(group)]
    chosen = groups if is_all else several[:_FEW]
    problems = dict[str, str]()
    for group in groups:
        words = first_clause(_reason(group, sheet))
        if words in problems.values():  # two kinds that begin alike are told apart by all of their words
            words = _reason(group, sheet)
        problems.setdefault(group.key, words)
    more = len(groups) if not is_all and several and len(groups) > len(chosen) else 0
    return Groups([_group(run, sheet, group) for group in chosen], more, list(problems.items()), kept_values(run, sheet))


def kept_values(run: WaitingRun, sheet: Sheet) -> list[KeptValue]:
    """Returns what was chosen for values of the columns of this sheet, the latest first."""
    kept = list[KeptValue]()
    for choice in run.choices.all("value"):
        field, _, old = choice.name.partition("\n")
        if field in sheet.places:
            heading = sheet.headings[sheet.places[field]]
            kept.append(KeptValue(choice.name, heading, old[:SHOWN], str(choice.value)[:SHOWN], choice.person, choice.time))
    return kept


def _group(run: WaitingRun, sheet: Sheet, group: ValueGroup) -> Group:
    field = sheet.names.by_key(group.field)
    place = sheet.places.get(group.field, group.place)
    is_own = _is_own(group)
    can_be_mended = place is not None and not is_own and can_be_typed(group.value) and "\r" not in group.value
    control = sheet.control(place, group.kept or "") if can_be_mended and place is not None else None
    kept = run.choices.find("value", f"{group.field}\n{group.value}") if group.kept is not None else None
    if control and control.kind == "area":
        control = replace(control, kind="input")
    return Group(
        group.field,
        sheet.headings[place] if place is not None and place < len(sheet.headings) else field.title,
        group.value,
        group.value if field.holds_ids and can_be_typed(group.value) else group.value[:SHOWN],
        group.rows,
        group.key,
        _reason(group, sheet),
        field.holds_ids,
        control,
        (group.remedy or Message("mending.each_its_own")) if is_own else None,
        group.kept or "",
        kept,
        field.key in sheet.names.required,
    )


def _is_own(group: ValueGroup) -> bool:
    """Whether each of the rows needs another value: which clue it is, no two of them have in common."""
    return group.remedy is not None or group.field == "clue_id"


def _reason(group: ValueGroup, sheet: Sheet) -> str:
    return say(on_page(group.problem.sentence), sheet.lang)[:SHOWN_REASON]
