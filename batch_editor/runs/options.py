"""What a run is told beside its settings: one frozen record, which the journal keeps with the run.

What the options mean is the business of those that read them; this module says what they are, and how they become JSON
and come back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, Self, get_args

from ..errors import SettingsError

#: What becomes of the tags of a clue beside those of its row.
Tags = Literal["add", "remove"]
#: Under which name the journal keeps an option that has another one here.
_STORED_AS = {"edit_keys": "edit"}
#: How many of the clues that are verified may hold something else before all are read: one in fifty.
MAX_DRIFT = 0.02
_LISTS = ("undo_clues", "undo_rows", "undo_fields", "left_out")


@dataclass(frozen=True, slots=True)
class Reconciling:
    """How a full export is reconciled: with ``trust_journal``, clues are not read whose values the journal knows.

    ``verify_share`` of them, from 0 to 1, are read all the same; where more than ``max_drift`` of those, from 0 to 1, hold
    something else, all are read. Raises ``SettingsError`` for other shares, and for those that nothing is verified by.
    """

    trust_journal: bool = False
    verify_share: float = 0.0
    max_drift: float = MAX_DRIFT

    def __post_init__(self) -> None:
        for name in ("verify_share", "max_drift"):
            if not 0 <= getattr(self, name) <= 1:
                raise SettingsError("reconcile.share", name=name, value=getattr(self, name))
        if self.verify_share and not self.trust_journal:
            raise SettingsError("reconcile.nothing_to_verify")


@dataclass(frozen=True, slots=True)
class RunOptions:
    """The options of one run. What is not given holds as it stands here.

    ``edit_keys`` are the only fields that count as edits; empty means all filled ones. ``only_failed`` says that the sheet is
    a results sheet whose updated and unchanged rows stay as they are, ``visible_only`` that rows which the sheet hides are left
    out, ``limit`` how many edits are sent at most, ``strict`` that a sheet with an invalid row is refused.

    ``heading_row`` is the row whose headings somebody has chosen, ``left_out`` are the columns, from 0, that are not read
    whatever their headings, and ``named`` those that have another heading than the sheet gives them, each with that.

    ``encoding`` and ``delimiter`` are what somebody has said of a text file, ``read_as`` by which of them its bytes were read
    (None where an older version has kept the run).

    ``index`` are the levels of the index that stands before the columns of a DataFrame: none where records are only counted,
    and None where the sheet is no such thing. ``first_label`` is what the first of records that are counted is called: ``0``,
    ``#1``.

    ``modified`` is when the file was changed last, in seconds since 1970 (None for what is no file); ``cut`` says that it is
    a text of which the last line has no end.

    ``attended`` says that somebody is asked before anything is sent.

    ``hidden_rows`` is how many rows the sheet was found to hide, ``output`` the path of the results that was asked for.

    ``only_changed`` reads every clue and sends the fields that differ, ``only_empty`` those in which the CRM has nothing;
    ``snapshot`` reads every clue so that the run can be
    undone, where ``auto_snapshot`` says that nobody has decided that, but whether somebody is asked. ``tags`` ("add" or
    "remove") changes the tags of a clue instead of replacing them, ``prove_only`` sends and proves the first edit alone.
    ``undo`` is the run that this one puts back, ``force`` puts fields back also where somebody has
    changed them since. ``undo_clues``, ``undo_rows`` (``5``, ``8-12``) and ``undo_fields`` (keys) name the part of that run
    that is put back; empty means all. ``again_of`` is the run whose rows that failed this one takes up, and ``round`` how many
    runs of the same sheet that makes in a row. ``reconciling`` is None unless a full export is reconciled. Raises
    ``SettingsError`` for ``tags`` that are neither of the two words, and for ``only_empty`` with ``tags`` or
    ``reconciling``.
    """

    edit_keys: tuple[str, ...] = ()
    only_failed: bool = False
    limit: int | None = None
    strict: bool = False
    visible_only: bool = False
    hidden_rows: int = 0
    output: str | None = None
    only_changed: bool = False
    only_empty: bool = False
    tags: Tags | None = None
    snapshot: bool = False
    auto_snapshot: bool = False
    prove_only: bool = False
    undo: str | None = None
    force: bool = False
    undo_clues: tuple[int, ...] = ()
    undo_rows: tuple[str, ...] = ()
    undo_fields: tuple[str, ...] = ()
    again_of: str | None = None
    round: int = 1
    heading_row: int | None = None
    left_out: tuple[int, ...] = ()
    named: tuple[tuple[int, str], ...] = ()
    encoding: str | None = None
    delimiter: str | None = None
    read_as: str | None = None
    index: tuple[tuple[str | None, str], ...] | None = None
    first_label: str | None = None
    modified: int | None = None
    cut: bool = False
    attended: bool = False
    reconciling: Reconciling | None = None

    def __post_init__(self) -> None:
        if self.tags is not None and self.tags not in get_args(Tags):
            raise SettingsError("tags.unknown", given=self.tags)
        if self.tags is not None and self.only_empty:  # what is added to tags is in a field that has a value
            raise SettingsError("tags.only_empty")
        if self.reconciling is not None and self.only_empty:  # a value that is known says nothing of another
            raise SettingsError("reconcile.only_empty")

    def as_json(self) -> dict[str, Any]:
        """Returns the options as the journal keeps them."""
        stored = {_STORED_AS.get(option.name, option.name): getattr(self, option.name) for option in fields(self)}
        reconciling = asdict(self.reconciling) if self.reconciling else None
        return stored | {"edit": list(self.edit_keys), "reconciling": reconciling}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Returns the options that a run of any version was kept with: what it lacks holds as it stands above, and what nobody
        here knows is left out."""
        known = {
            option.name: stored[key] for option in fields(cls) if (key := _STORED_AS.get(option.name, option.name)) in stored
        }
        lists: dict[str, Any] = {name: tuple(known.get(name) or ()) for name in _LISTS}
        lists["edit_keys"] = key_names(known.get("edit_keys") or ())
        lists["named"] = tuple((place, heading) for place, heading in known.get("named") or ())
        lists["index"] = None if known.get("index") is None else tuple(map(tuple, known["index"]))
        reconciling = known.get("reconciling")
        lists["reconciling"] = Reconciling(**reconciling) if reconciling else None
        return cls(**known | lists)

    @property
    def trusts_journal(self) -> bool:
        """Whether clues are not read whose values the journal knows."""
        return self.reconciling is not None and self.reconciling.trust_journal

    @property
    def undoes_part(self) -> bool:
        """Whether this is an undo of a part of a run, which leaves the other rows and fields as they are."""
        return bool(self.undo_clues or self.undo_rows or self.undo_fields)

    @property
    def _reading(self) -> tuple[object, ...]:
        return (self.edit_keys, self.only_failed, self.visible_only, self.heading_row, self.left_out, self.named)

    @property
    def shape(self) -> tuple[object, ...]:
        """What decides, like the row rules of the settings, what is made of a row: of two runs that go on with each other it is
        the same (guide: night)."""
        return (
            *self._reading,
            self.only_changed,
            self.only_empty,
            self.tags,
            self.snapshot,
            self.prove_only,
            self.trusts_journal,
        )

    @property
    def compares(self) -> bool:
        """Whether every clue is read, and only some of the fields of its rows are sent, if any."""
        return self.only_changed or self.only_empty

    def asks_for_the_same_as(self, earlier: RunOptions) -> bool:
        """Returns whether the same sheet asks for the same in both runs, in whatever way that is sent."""
        asked = [(*options._reading, options.only_empty, options.tags) for options in (self, earlier)]
        return asked[0] == asked[1]

    def is_shaped_as(self, earlier: RunOptions) -> bool:
        """Returns whether ``earlier`` has the same shape. Whether old values are read makes no difference where nobody says
        that they are to be read, or not."""
        options = replace(self, snapshot=earlier.snapshot) if self.auto_snapshot else self
        return options.shape == earlier.shape

    @property
    def reads_if_it_can(self) -> bool:
        """Whether old values are read since somebody is asked, who can do without them where the CRM does not show them."""
        return self.snapshot and self.auto_snapshot

    def reads_as(self, earlier: RunOptions) -> bool:
        """Returns whether the bytes of a text file are the same rows as in an ``earlier`` run of it.

        An older version has not kept how it read them: nobody could say that then, and so a run of which somebody says it is
        another one.
        """
        if earlier.read_as is None:
            return self.encoding is None and self.delimiter is None
        return self.read_as == earlier.read_as


def key_names(edit_keys: str | Sequence[str]) -> tuple[str, ...]:
    """Returns the names of the fields to edit; a single text is one name, and not its letters."""
    return (edit_keys,) if isinstance(edit_keys, str) else tuple(edit_keys)


def with_snapshot(
    options: RunOptions, given: bool | None, setting: Literal["auto"] | bool, *, attended: bool = False
) -> RunOptions:
    """Returns the options with whether old values are read: as ``given``, else as the ``setting`` says; where that leaves it
    open, if somebody is asked (``attended``), and if nothing else reads them or does without."""
    if given is None and setting == "auto":
        reads = attended and not options.compares and not options.prove_only
        return replace(options, snapshot=reads, auto_snapshot=True)
    return replace(options, snapshot=bool(setting if given is None else given))
