"""The guards of the settings: what a sheet must not exceed, or must have at least, before it is sent (guide: rules).

``judge_plan`` compares every guard that is set with what is known of a planned run, and ``check_guards`` raises for the first
that trips. Those that are about a sheet as an export (its age, say) judge it when it comes in, see ``exports``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..errors import GuardTripped
from ..messages.time import spoken
from ..model import Message, Status
from ..settings.sections import Guards
from ..settings.spans import seconds_in
from .exports import Export
from .options import RunOptions
from .preview import Preview
from .row_counts import RowCounts

_NO_OPTIONS = RunOptions()


@dataclass(frozen=True, slots=True)
class Judged:
    """One guard that is set: its ``name``, with the column where it is about one, its ``limit``, and what the sheet has.

    ``trips`` is the error by which it stops the run, None if it does not.
    """

    name: str
    limit: object
    number: object
    trips: GuardTripped | None = None


def check_guards(judged: Iterable[Judged]) -> None:
    """Raises ``GuardTripped`` for the first guard that trips."""
    for guard in judged:
        if guard.trips:
            raise guard.trips


def judge_plan(preview: Preview, guards: Guards, *, attended: bool) -> Iterator[Judged]:
    """Yields every guard that is set, judged by what is known of a planned run."""
    about = preview.circumstances
    return judge(
        preview.counts,
        guards,
        export=about.export,
        options=about.options,
        attended=attended,
        changing=preview.changing,
    )


def judge(
    counts: RowCounts,
    guards: Guards,
    *,
    export: Export | None = None,
    options: RunOptions = _NO_OPTIONS,
    attended: bool = False,
    changing: int | None = None,
) -> Iterator[Judged]:
    """Yields every guard that is set, judged by the ``counts`` of a planned run, those of the sheet as such first.

    ``export`` is the sheet as it came in, None for one that did so before. ``attended``: somebody is asked, who sees what
    stands before. ``changing`` is how many rows will be sent since they differ from what the CRM has, once that is known.
    """
    if export:
        yield from _of_export(counts, guards, export, options, attended=attended)
    invalid_share = counts.statuses[Status.INVALID] / counts.rows if counts.rows else 0.0
    updated = 0 if options.only_failed else counts.statuses[Status.UPDATED]  # by this run, before it stopped
    for name, number, most in (
        ("max_rows", counts.rows, guards.max_rows),
        ("max_clears", counts.clears.total(), guards.max_clears),
        ("max_reassigned", counts.reassigned, guards.max_reassigned),
        ("max_invalid_share", invalid_share, guards.max_invalid_share),
        ("max_changed", updated + (changing or 0), guards.max_changed if changing is not None and options.compares else None),
    ):
        if most is not None:
            yield _at_most(name, _share(number) if name == "max_invalid_share" else number, most, trips=number > most)
    if guards.min_rows is not None:
        yield _at_least("min_rows", counts.rows, guards.min_rows, trips=counts.rows < guards.min_rows)


def _of_export(counts: RowCounts, guards: Guards, export: Export, options: RunOptions, *, attended: bool) -> Iterator[Judged]:
    """Yields the guards that are about a sheet as it came in."""
    if guards.cut:
        trips = GuardTripped("guard.cut") if export.is_cut else None
        yield Judged("cut", guards.cut, Message("refusal.is_cut" if export.is_cut else "refusal.is_whole"), trips)
    if options.only_failed:  # the other guards are about exports, and not about results that somebody has mended
        return
    if guards.max_age is not None and export.age is not None:
        is_old = export.age > seconds_in(guards.max_age)
        age = spoken(export.age)
        trips = GuardTripped("guard.max_age", age=age, most=guards.max_age) if is_old else None
        yield Judged("max_age", guards.max_age, age, trips)
    if export.finished and (guards.repeat == "refuse" or (guards.repeat is None and not attended)):
        finished = export.finished
        failed = Message("refusal.repeat_failed", {"rows": finished.failed, "run": finished.run}) if finished.failed else ""
        trips = GuardTripped("guard.repeat", run=finished.run, time=finished.time, failed=failed)
        yield Judged("repeat", guards.repeat or "refuse", finished.run, trips)
    if export.last and guards.min_share_of_last is not None and not attended:
        share = guards.min_share_of_last
        last = export.last
        values = {"number": counts.rows, "last": last.rows, "run": last.run, "time": last.time, "least": share}
        trips = GuardTripped("guard.min_share_of_last", **values) if counts.rows / last.rows < share else None
        yield Judged("min_share_of_last", share, Message("refusal.of_last", values), trips)
    if guards.min_edits is not None:
        yield _at_least("min_edits", counts.asked, guards.min_edits, trips=counts.asked < guards.min_edits)
    for column, least in guards.min_filled.items():
        filled = counts.filled[column]
        share = filled / counts.rows if counts.rows else 0.0
        why = Message("refusal.filled_few" if column in counts.filled else "refusal.filled_missing")
        values = {"column": column, "share": _share(share), "filled": filled, "rows": counts.rows, "least": least, "why": why}
        trips = GuardTripped("guard.min_filled", **values) if share < least else None
        yield Judged(f"min_filled: {column}", least, _share(share), trips)


def _at_most(name: str, number: object, most: object, *, trips: bool) -> Judged:
    return Judged(name, most, number, GuardTripped(f"guard.{name}", number=number, most=most) if trips else None)


def _at_least(name: str, number: object, least: object, *, trips: bool) -> Judged:
    return Judged(name, least, number, GuardTripped(f"guard.{name}", number=number, least=least) if trips else None)


def _share(share: float) -> str:
    return f"{share:.4g}"
