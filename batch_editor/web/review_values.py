"""What the review of a plan shows beside its rows: fields, moves, rows that stay behind, dangers, and what its button says.

The numbers are those of the look at the plan (``runs/plan_looks``); here they become messages.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import PurePath
from typing import Any

from ..crm.pace import duration
from ..messages.time import spoken
from ..model import Message, RunState, Status
from ..runs.dangers import dangers
from ..runs.losses import OWNER, POOL
from ..runs.moves import Move, TagMoves
from ..runs.plan_looks import PlanLook
from ..runs.preview_lines import details
from ..settings.limits import WINDOWS, Limit

#: How many examples, how many moves, and how many names of tags, are shown of a field.
MOST_EXAMPLES, MOST_MOVES, MOST_TAGS = 3, 12, 12
#: The rows that are not sent, in the order in which they are told.
NOT_SENT = (
    Status.INVALID,
    Status.CONFLICT,
    Status.UNCHANGED,
    Status.SKIPPED,
    Status.UPDATED,
    Status.REJECTED,
    Status.FAILED,
)
#: Those whose words differ where a run is undone.
_UNDO_WORDS = (Status.CONFLICT, Status.SKIPPED, Status.UNCHANGED, Status.INVALID)
#: Messages of the preview that the page shows in another form.
_SHOWN_OTHERWISE = frozenset(
    {"preview.sets", "preview.changes", "diff.line", "undo.line", "preview.proof", "preview.proof_only"}
)


@dataclass(frozen=True, slots=True)
class FieldCounts:
    """In how many rows a field is set and cleared, with examples of what it is set to."""

    key: str
    label: str
    sets: int
    clears: int
    examples: Sequence[str]


def labels_of(look: PlanLook) -> dict[str, str]:
    """Returns what people call the fields of a run, by their keys: the headings of their own sheet, as far as it has them."""
    about = look.preview.circumstances
    if about.options.undo:
        return dict(about.labels)
    headings = {key: look.run.headings[place] for key, place in about.columns.items() if place < len(look.run.headings)}
    return {**about.labels, **headings}


def title_of(look: PlanLook) -> Message | str:
    """Returns what people call the sheet of a run, or what its undo puts back."""
    if look.preview.circumstances.options.undo and look.preview.circumstances.earlier:
        return look.preview.circumstances.earlier
    return look.run.title or PurePath(look.run.source).name


def facts(look: PlanLook) -> dict[str, Message | str]:
    """Returns what a run is about, by the keys of the terms."""
    preview, about = look.preview, look.preview.circumstances
    edits = "review.at_most_edits_of" if preview.reads else "review.edits_of"
    rates = [_rate(limit) for limit in about.limits]
    time = spoken(preview.seconds)
    if rates:
        time = Message("review.least_time", {"time": spoken(preview.seconds), "rate": _joined(rates)})
    return {
        "review.goes_to": Message("review.where", {"url": about.base_url, "app": about.app}),
        "review.edits": Message(edits, {"rows": preview.calls, "clues": preview.clues}),
        "review.time": time,
    }


def _rate(limit: Limit) -> Message:
    """Returns a permitted rate in words, with the hours of the day at which it counts."""
    name = next(name for name, window in WINDOWS.items() if window == limit.window)
    rate = Message(f"review.per_{name}", {"count": limit.count})
    if limit.hours is None:
        return rate
    begins = f"{limit.hours.begins:%H:%M}"
    ends = f"{limit.hours.ends:%H:%M}"
    return Message("rate.quiet", {"rate": rate, "begins": begins, "ends": ends})


def field_counts(look: PlanLook) -> list[FieldCounts]:
    """Returns the fields that are set or cleared, those that are cleared in most rows first."""
    counts, labels = look.preview.counts, labels_of(look)
    keys = sorted({**counts.sets, **counts.clears}, key=lambda key: (-counts.clears[key], -counts.sets[key]))
    return [
        FieldCounts(key, labels.get(key, key), counts.sets[key], counts.clears[key], counts.values.get(key, ())[:MOST_EXAMPLES])
        for key in keys
    ]


def moves(look: PlanLook) -> list[tuple[str, Sequence[Move], tuple[int, int]]]:
    """Returns for the owners and the pools the label of the field, its commonest moves, and how many others there are, in how
    many rows."""
    labels = labels_of(look)
    shown = []
    for key in (OWNER, POOL):
        if of_key := look.moves.owners_and_pools.get(key):
            others = of_key[MOST_MOVES:]
            shown.append((labels.get(key, key), of_key[:MOST_MOVES], (len(others), sum(move.rows for move in others))))
    return shown


def tags(look: PlanLook) -> list[Message]:
    """Returns what becomes of tags, in words."""
    if not look.moves.tags:
        return []
    options, labels = look.preview.circumstances.options, labels_of(look)
    lines = [Message("review.tags_put_back" if options.undo else f"review.tags_{options.tags or 'replace'}")]
    for key, of_key in look.moves.tags.items():
        values: dict[str, object] = {"field": labels.get(key, key), "rows": of_key.rows}
        if not of_key.compared:
            lines.append(Message("review.tags_unread", values))
            continue
        numbers = {"added": of_key.added.total(), "removed": of_key.removed.total(), "compared": of_key.compared}
        lines.append(Message("review.tags_of", values | numbers))
        lines += _names_of(of_key)
    return lines


def _names_of(tags: TagMoves) -> Iterator[Message]:
    for key, counter in (("review.tags_removed", tags.removed), ("review.tags_added", tags.added)):
        if counter:
            shown = [Message("review.times", {"name": name, "rows": rows}) for name, rows in counter.most_common(MOST_TAGS)]
            more = [Message("verbatim", {"text": "…"})] if len(counter) > MOST_TAGS else []
            yield Message(key, {"tags": _joined([*shown, *more])})


def _joined(parts: Sequence[Message]) -> Message:
    return reduce(lambda before, part: Message("review.and", {"before": before, "part": part}), parts)


def not_sent(look: PlanLook) -> list[tuple[Message, str, bool]]:
    """Returns the rows that are not sent, in words, each with the address where they are to be seen, and whether that is where
    they are mended."""
    preview, name = look.preview, look.run.name
    undoes = preview.circumstances.options.undo is not None
    can_be_mended = look.run.state is RunState.PLANNED and not undoes
    lines = []
    for status in NOT_SENT:
        if rows := preview.counts.statuses[status]:
            key = f"review.undo_{status}" if undoes and status in _UNDO_WORDS else f"review.{status}"
            place = f"/runs/{name}/{'mend' if can_be_mended else 'review'}?status={status}"
            lines.append((Message(key, {"rows": rows}), place, can_be_mended and status is Status.INVALID))
    if beyond := preview.counts.pending - preview.calls:
        lines.append((Message("review.limited", {"rows": beyond}), "", False))
    return lines


def what_to_mind(look: PlanLook) -> list[Message]:
    """Returns the dangers, in the words and in the order of the command line: the gravest at the end."""
    return dangers(look.preview, asks=True) if look.preview.calls else []


def notes(look: PlanLook) -> list[Message]:
    """Returns the warnings that are no dangers, and whether the run can be undone."""
    preview = look.preview
    lines = [line for line in details(preview) if line.key not in _SHOWN_OTHERWISE]
    options = preview.circumstances.options
    if options.reads_if_it_can and preview.no_old_values < preview.calls:
        time = spoken(duration(preview.clues, preview.circumstances.limits))
        key = "preview.old_values_to_read" if preview.reads else "preview.old_values_read"
        lines.append(Message(key, {"clues": preview.clues, "time": time}))
    return lines


def button(look: PlanLook) -> Message:
    """Returns what the button says: how many rows it sends, and what they take away."""
    preview, rows = look.preview, {"rows": look.preview.calls}
    if preview.circumstances.options.undo:
        return Message("review.button_undo", rows)
    rest = "_rest" if look.run.state is not RunState.PLANNED else ""
    if losses := list(_losses(look)):
        return Message(f"review.button{rest}_losing", {**rows, "losses": _joined(losses)})
    return Message(f"review.button{rest}", rows)


def _losses(look: PlanLook) -> Iterator[Message]:
    losses, options = look.preview.losses, look.preview.circumstances.options
    if losses.clears:
        yield Message("review.loses_fields", {"fields": losses.clears.total()})
    if losses.owners:
        yield Message("review.loses_owners", {"rows": losses.owners})
    if losses.pools:
        yield Message("review.loses_pools", {"rows": losses.pools})
    if losses.retagged and options.tags != "add" and (losses.compared or options.tags == "remove"):
        yield Message("review.loses_tags", {"rows": losses.retagged})


def proof(look: PlanLook) -> dict[str, Any] | None:
    """Returns what can be chosen of the proof: ``default``, and whether it ``is_fixed`` by the settings; None where there is
    one row alone."""
    if look.preview.calls < 2:  # one is sent, and the others follow
        return None
    return {"default": look.preview.proves, "is_fixed": look.settings.prove is True, "others": look.preview.calls - 1}


def why_nothing_is_sent(look: PlanLook) -> Message:
    """Returns why a run without any edit has nothing to send, and what to do."""
    statuses, options = look.preview.counts.statuses, look.preview.circumstances.options
    if statuses[Status.INVALID] and look.run.state is RunState.PLANNED and not options.undo:
        return Message("review.mend_first")
    if statuses[Status.CONFLICT] and not options.undo:
        return Message("review.look_at_conflicts")
    if statuses[Status.UNCHANGED] == look.preview.rows:
        return Message("review.all_unchanged")
    return Message("review.nothing_to_send")


def changes_since(before: PlanLook, now: PlanLook) -> list[tuple[Message, int, int]]:
    """Returns the numbers of a plan that are others than somebody was shown: what they count, before and now."""
    numbers = [
        (Message("review.rows_to_send"), before.preview.calls, now.preview.calls),
        (Message("review.fields_cleared"), before.preview.losses.clears.total(), now.preview.losses.clears.total()),
        *(
            (Message(f"review.status_{status}"), before.preview.counts.statuses[status], now.preview.counts.statuses[status])
            for status in (Status.INVALID, Status.CONFLICT, Status.UNCHANGED, Status.SKIPPED)
        ),
    ]
    return [line for line in numbers if line[1] != line[2]]
