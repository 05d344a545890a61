"""What the parts of the program hand to one another: edits, problems, replies, outcomes and runs.

All of them are frozen data without behaviour of consequence. They know nothing of files, HTTP or the journal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple

from .states import SUMMARY_STATUSES as SUMMARY_STATUSES
from .states import HaltReason as HaltReason
from .states import RunState as RunState
from .states import Status as Status
from .states import Step as Step


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence for a person, by its key in ``messages``; ``values`` fill its places and may be messages themselves."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong (or worth a warning) at one place of the sheet.

    ``row`` is the sheet's row number, ``address`` the cell as Excel shows it (``Sheet1!C12``), ``field`` the field's key.
    ``heading`` is that of the column of a cell that cannot be used: ``message`` goes on from it. Where there is none, the
    message is about the row, and stands on its own. ``label`` is what the row is called where nobody shows it as a row of a
    sheet: ``'C-17'`` in the index of a DataFrame.
    """

    row: int
    address: str
    field: str
    message: Message
    heading: str = ""
    label: str = ""

    @property
    def place(self) -> str | Message:
        """Where it is, as people are told: ``Sheet1!C12``, or ``row 'C-17' (remark)`` where no sheet shows such an address."""
        if not self.label:
            return self.address
        return self.place_with(self.label)

    def place_with(self, labels: str) -> Message:
        """Where this one and others like it are, in the rows of these ``labels``."""
        key = "problem.in_record" if self.field else "problem.record"
        return Message(key if labels == self.label else "problem.in_records", {"label": labels, "field": self.field})

    @property
    def sentence(self) -> Message:
        """What is wrong, to stand behind the address: ``性别 must be …``."""
        if not self.heading:
            return self.message
        key = "problem.of_latin" if self.heading[-1].isascii() else "problem.of_cell"  # Chinese sets off letters by a space
        return Message(key, {"heading": self.heading, "what": self.message})


@dataclass(frozen=True, slots=True)
class Edit:
    """One ``clue/edit`` call: ``body`` is the JSON text that is sent; ``row``, its row in the sheet, names it in its run.

    ``maybe_applied`` says that it was sent before, when its run was interrupted or failed, and may have been applied then;
    ``unread``, that it is a draft: its clue's live record is to be read first, and will make of it what is sent, if anything.
    ``set_above`` says that nothing of it is to be sent once the rows of its clue above it are: they leave what it asks for.
    """

    row: int
    clue_id: int
    body: str
    maybe_applied: bool = False
    unread: bool = False
    set_above: bool = False


@dataclass(frozen=True, slots=True)
class Stoppage:
    """Why a run stopped early: the ``reason`` for programs, the ``message`` for people."""

    reason: HaltReason
    message: Message


class Sent(Enum):
    """Whether a request reached the CRM, as far as this side can know."""

    NO = "no"  # no connection was made
    MAYBE = "maybe"  # the connection was lost: it may have been applied
    YES = "yes"  # an HTTP answer came back


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back from one attempt: facts, no judgement.

    ``status`` is the HTTP status; ``code``, ``msg`` and ``data`` are those of the JSON object in the body, ``code`` being
    None where there was no JSON object or it held none; ``start`` is then the start of what came instead. ``retry_after`` is in
    seconds. ``trouble`` says what went wrong below HTTP, or why the body was unusable. ``token`` is the generation of the
    access token that was used, never the token. ``withheld`` says that no request was made at all, for which ``trouble`` is
    the reason.
    """

    sent: Sent
    token: int = 0
    status: int | None = None
    code: int | str | None = None
    msg: str = ""
    data: object = None
    retry_after: float | None = None
    trouble: Message | None = None
    withheld: bool = False
    start: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an edit ended: ``code`` is the CRM's (or ``HTTP 503`` where there was none), ``time`` ISO 8601 with its offset.

    ``attempts`` are those of this time, ``maybe_applied`` says that one of them was not answered and may have been applied.
    ``reads`` are the requests that were made to read its clue. ``reached`` says that one of all these may have arrived at the
    CRM, ``is_lost`` that the last one got no answer of it.
    """

    row: int
    status: Status
    code: str
    message: Message | None
    attempts: int
    time: str
    maybe_applied: bool = False
    reads: int = 0
    reached: bool = True
    is_lost: bool = False


#: Values of fields by their keys, in the shapes in which clue/edit takes them.
Values = Mapping[str, Any]
#: By the key of their field: the names of ids, as the CRM shows them.
ShownNames = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Draft:
    """A row that wants the live record of its clue: what it would send, and which fields it lists and empties.

    ``written`` are, in an undo, the values that the run which is undone has written; where an edit of it was not answered, each
    of ``alternatives`` may stand there instead. ``before`` are the values that the row's fields had when they were first read,
    if they were read before; ``maybe_applied`` says that the row was sent since, and may have been applied. ``cells`` are the
    row's own values as text. ``verifies`` says that its values stand there by the memory of what was applied, which its clue is
    read to verify.
    """

    row: int
    body: str
    fields: tuple[str, ...]
    cleared: tuple[str, ...]
    written: Values | None
    alternatives: tuple[Values, ...] = ()
    before: Values = field(default_factory=dict)
    maybe_applied: bool = False
    cells: tuple[str, ...] = field(default=(), compare=False)
    verifies: bool = False


@dataclass(frozen=True, slots=True)
class Resolved:
    """What the live record has made of a row: ``status`` is pending if ``body`` is to be sent, and without a ``body`` if
    nothing is to be sent once the rows of its clue above it are.

    ``before`` holds the values that its fields had before the run, as far as they are known. ``code`` is the CRM's, where it
    did not show the clue. ``draft`` is the row as it was, where it must be resolved anew once the record is old. ``split`` says
    that this is a new row of the run, beside the one before it, for fields that are left alone. ``equal`` are the fields that
    are not sent since the CRM has their values already. ``is_unread`` says that the row is sent although its clue could not be
    read, so that nothing is known from before. ``clue_name`` and ``names`` are what the CRM calls the clue and the
    ids in its fields.
    """

    row: int
    status: Status
    body: str = ""
    fields: tuple[str, ...] = ()
    cleared: tuple[str, ...] = ()
    before: Values = field(default_factory=dict)
    notes: tuple[Message | Problem, ...] = ()
    code: str = ""
    draft: Draft | None = None
    split: bool = False
    equal: tuple[str, ...] = field(default=(), compare=False)
    is_unread: bool = False
    clue_name: str = field(default="", compare=False)
    names: ShownNames = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class RowValues:
    """A row with what it sends or has sent, and what its fields were ``before``, where that is known.

    ``unread`` says that its clue is still to be read, so that what it sends is not known yet. ``maybe_applied`` says that a try
    of it was not answered; ``lost`` are, with the fields that it emptied, the bodies of such tries that are not its body now.
    ``clue_name`` is the name of its clue, as the CRM showed it; empty where it was not read. ``follows`` says that a row of the
    same clue stands above it.
    """

    row: int
    clue_id: int
    status: Status
    body: str
    fields: tuple[str, ...]
    cleared: tuple[str, ...]
    before: Values
    notes: tuple[Message | Problem, ...]
    unread: bool = False
    maybe_applied: bool = False
    lost: tuple[tuple[str, tuple[str, ...]], ...] = ()
    clue_name: str = ""
    follows: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one row for a person: its label, and its value before and after.

    ``clue_name`` is the name of the clue as the CRM showed it. ``maybe_applied`` says that the edit was not answered: the new
    value may stand there.
    """

    row: int
    clue_id: int
    field: str
    old: str | Message
    new: str | Message
    clue_name: str = ""
    maybe_applied: bool = False


class Plan(NamedTuple):
    """What is to become of one row: an ``edit`` to send, or a status that says why there is none.

    ``cells`` are the row's own values as text, ``fields`` the keys that are listed, ``cleared`` those of them that the row
    empties, ``written`` and ``alternatives`` are those of a ``Draft``, ``note`` says more of a row that is not sent.
    ``doubts`` are problems that hold only if the whole column turns out to be rounded. ``kept`` is the outcome that the row
    has in an earlier run and keeps, ``kept_from`` the name of that run and the row's number there; ``origin`` the run, by its
    number in the journal, and the row in which the values came first, where that was earlier. ``undoes`` are, in an undo, the
    rows of the run that is undone of which each field is put back, by its key. ``typed`` are the cells as they were read, for a
    run whose rows can be mended, where they are not all texts. (Every row of a sheet becomes one: a tuple is
    made in a third of the time.)
    """

    row: int
    status: Status
    cells: tuple[str, ...]
    clue_id: int | None = None
    edit: Edit | None = None
    fields: tuple[str, ...] = ()
    cleared: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    doubts: tuple[Problem, ...] = ()
    kept: Outcome | None = None
    written: Values | None = None
    note: Message | None = None
    kept_from: tuple[str, int] | None = None
    origin: tuple[int, int] | None = None
    alternatives: tuple[Values, ...] = ()
    undoes: Mapping[str, Sequence[int]] | None = None
    typed: str | None = None


@dataclass(frozen=True, slots=True)
class Undoable:
    """What an undo of a run can do: of the ``changed`` rows, which it has updated or may have, it can put back some field of
    so many ``rows``; ``put_back`` rows were put back before. Of the others no old value is known."""

    rows: int = 0
    changed: int = 0
    put_back: int = 0

    @property
    def is_partial(self) -> bool:
        """Whether it can put back something, but not all that is left."""
        return 0 < self.rows < self.changed - self.put_back


@dataclass(frozen=True, slots=True)
class NextStep:
    """One step to take after a run; ``rows`` is how many rows it is about, where it is about rows."""

    step: Step
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Run:
    """One run as the journal knows it; ``started`` and ``finished`` are ISO 8601 with their offset.

    ``stoppage`` says why it stopped early; a run that is being sent, but has not been proved yet, has one too. ``counts`` says
    how many rows had which status when it last ended, ``results`` is the path of its results sheet, and ``stamp`` tells
    whether somebody has changed that file since. ``stop_asked`` says that it is to stop, whoever drives it. ``title`` is what
    people call the sheet, if that is not what its ``source`` says; ``planned_by`` and ``confirmed_by`` are the names of those
    who have planned it and agreed to it, as far as they have names. ``series`` is the path of what the nights of one job
    have in common, empty for a run of no series; ``dismissed`` says that somebody has decided not to go on with it;
    ``in_inbox`` is the path of the sheet in the inbox from which it was taken.
    """

    name: str
    state: RunState
    started: str
    finished: str | None
    base_url: str
    app: str
    source: str
    sheet: str
    digest: str
    headings: tuple[str, ...]
    settings: Mapping[str, Any]
    options: Mapping[str, Any]
    stoppage: Stoppage | None
    results: str | None
    stamp: str | None
    counts: Mapping[str, int] | None
    stop_asked: bool = False
    title: str | None = None
    planned_by: str | None = None
    confirmed_by: str | None = None
    series: str = ""
    dismissed: bool = False
    in_inbox: str | None = None

    @property
    def halted(self) -> Message | None:
        """Why the run stopped early, for people."""
        return self.stoppage.message if self.stoppage else None

    @property
    def tenant(self) -> str:
        """The name that its settings give to the tenant; empty if they give none."""
        return (self.settings.get("api") or {}).get("tenant") or ""

    def is_of(self, base_url: str, app: str, tenant: str) -> bool:
        """Returns whether it went to this address and app; where that is not known, since the token was fixed, not to a tenant
        with another name than ``tenant``, if both have one."""
        is_another = not app and bool(tenant and self.tenant) and tenant != self.tenant
        return (self.base_url, self.app) == (base_url, app) and not is_another

    def is_of_same_sheet_as(self, other: Run) -> bool:
        """Returns whether both are of the same bytes, which are known, and the same sheet, to the same tenant."""
        is_same = bool(self.digest) and (self.digest, self.sheet) == (other.digest, other.sheet)
        return is_same and self.is_of(other.base_url, other.app, other.tenant)


@dataclass(frozen=True, slots=True)
class RowState:
    """One row of a run with its latest state; ``notes`` are its message, or the problems of an invalid row.

    ``maybe_applied`` says that a try of it was not answered, whatever became of it later. ``kept_from`` is the run, by its
    name, and the row from which this run only keeps it; None for a row of its own. The name is "" where nobody knows it.
    ``was`` are the texts of the sheet in the cells that somebody has mended, by their places, where those are asked for.
    ``not_set`` are the fields that the row asks for and that are not set, since the CRM has a value or shows none.
    """

    row: int
    status: Status
    cells: tuple[str, ...]
    fields: tuple[str, ...]
    cleared: tuple[str, ...]
    notes: tuple[Message | Problem, ...]
    code: str
    attempts: int
    time: str
    maybe_applied: bool = False
    kept_from: tuple[str, int] | None = None
    was: Mapping[int, str] = field(default_factory=dict)
    not_set: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EarlierRow:
    """A row of a run that came before, as a later one finds it: its ``state`` and clue.

    ``origin`` is the run, by its number in the journal, and the row in which its values came first; ``place`` those in which it
    got its state.
    """

    state: RowState
    clue_id: int | None
    origin: tuple[int, int]
    place: tuple[int, int]
