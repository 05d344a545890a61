"""Whom and what a run moves: owners and pools, from which to which in how many rows; and how many tags come and go.

It goes through what is to be sent, as the journal has it. Of rows whose clues were not read only the new values are known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ..edits.cells import Json
from ..edits.changes import Changes
from ..edits.clue_record import TAGS, as_text, is_empty, parts_of, same_value
from ..edits.id_names import id_names
from ..journal.columns import content_of
from ..model import Message, RowValues, ShownNames, Values
from ..settings.row_rules import RowRules
from .losses import REASSIGNING
from .prepared import PreparedRun
from .run_changes import changes_of

_WATCHED = TAGS.union(REASSIGNING)
#: The text that stands for a field in which nothing stands.
_EMPTY = ""


@dataclass(frozen=True, slots=True)
class Move:
    """In so many ``rows`` a field gets another value; ``old`` is None where it was not read."""

    old: str | Message | None
    new: str | Message
    rows: int


@dataclass(slots=True)
class TagMoves:
    """What becomes of the tags of one field: in how many ``rows`` it is set, and, of the ``compared`` rows whose clues were
    read, how many tags are ``added`` and ``removed``, by their names."""

    rows: int = 0
    compared: int = 0
    added: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Moves:
    """By the keys of their fields: the moves of owners and pools, the commonest first, and those of tags."""

    owners_and_pools: Mapping[str, Sequence[Move]] = field(default_factory=dict)
    tags: Mapping[str, TagMoves] = field(default_factory=dict)


def moves_of(prepared: PreparedRun) -> Moves:
    """Returns what a prepared run moves."""
    if not _WATCHED.intersection([*prepared.preview.counts.sets, *prepared.preview.counts.clears]):
        return Moves()
    rows = prepared.run.queries.values_to_send(maybe_applied=prepared.settings.retry.ambiguous)
    names = id_names(prepared.rules, prepared.run.queries.shown_names(undone=prepared.options.undo))
    changes = changes_of(prepared.run, prepared.rules, prepared.options)
    return count_moves(rows, changes, prepared.rules, names)


def count_moves(rows: Iterable[RowValues], changes: Changes, rules: RowRules, names: ShownNames) -> Moves:
    """Returns what ``rows`` that are to be sent move; ``changes`` are those of their run, ``names`` those of ids."""
    moved: dict[str, Counter[tuple[str | None, str]]] = {}
    tags: dict[str, TagMoves] = {}

    def text(key: str, value: Json) -> str:
        shown = as_text(key, value, rules, names)
        return shown if isinstance(shown, str) else _EMPTY

    for row in rows:
        watched = {*_WATCHED.intersection(row.fields)}
        if not watched:  # its body is not even decoded
            continue
        content = content_of(row.body)
        new = {key: None if key in row.cleared else content.get(key) for key in watched}
        old = {} if row.unread else changes.before(row, watched)
        for key in watched:
            if key in TAGS:
                _count_tags(tags.setdefault(key, TagMoves()), key, old, new[key], names)
            elif key not in old or not same_value(key, old[key], new[key], rules):
                before = text(key, old[key]) if key in old else None
                moved.setdefault(key, Counter())[before, text(key, new[key])] += 1
    by_key = {
        key: [Move(None if old is None else _shown(old), _shown(new), number) for (old, new), number in of_key.most_common()]
        for key, of_key in moved.items()
    }
    return Moves(by_key, tags)


def _count_tags(moves: TagMoves, key: str, old: Values, new: Json, names: ShownNames) -> None:
    moves.rows += 1
    if key not in old:
        return
    moves.compared += 1
    of_field = names.get(key, {})
    before, after = ([] if is_empty(value) else parts_of(key, value) for value in (old[key], new))
    moves.added.update(of_field.get(tag, tag) for tag in after if tag not in before)
    moves.removed.update(of_field.get(tag, tag) for tag in before if tag not in after)


def _shown(text: str) -> str | Message:
    return text or Message("value.empty")
