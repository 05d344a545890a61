"""The option ``--metrics``: the figures of a command in a file that a collector reads (guide: night).

They are those of the JSON object of the command, so that every end of it has them, with what the journal knows of the nights
before. The file is written in one step, and holds the figures of the series whose night ended last.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..model import SUMMARY_STATUSES, Message
from .own_files import named, written

if TYPE_CHECKING:
    from ..output.metrics import Figures
    from ..settings.settings import Settings
    from .screen import Screen

OPTION = "--metrics"
#: Figures are read by a collector, which is another user, and hold nothing that it might not see.
_FOR_ALL = 0o644


@dataclass(frozen=True, slots=True)
class Known:
    """What the journal knows of a ``series``: when a night of it last ended well, and how many requests runs have made.
    ``is_night`` says whether this command is one of them."""

    series: str
    last_success: float
    requests: int
    is_night: bool


def _nothing_known(runs: list[str]) -> Known:
    return Known("", 0.0, 0, is_night=False)


@dataclass(slots=True)
class Metrics:
    """Where the figures of a command go: to the file ``path``, if it is named. ``known`` is asked with names of runs."""

    path: Path | None = None
    known: Callable[[list[str]], Known] = _nothing_known
    began: float = 0.0

    def write(self, value: Mapping[str, Any]) -> Message | None:
        """Writes the figures of the JSON object of a command; returns why that could not be done, or None."""
        from ..output.metrics import metrics_text

        if self.path is None:
            return None
        return written(
            self.path,
            _is_ours,
            lambda before: metrics_text(self._figures(value, before.decode("utf-8", "replace"))).encode(),
            unwritten="screen.metrics_unwritten",
            mode=_FOR_ALL,
        )

    def _figures(self, value: Mapping[str, Any], before: str) -> Figures:
        """Returns the figures of the object of a command, where the file held those of ``before``. Raises ``BatchEditorError``
        if the journal cannot be asked."""
        from ..output.metrics import Figures, last_success_in

        sheets: list[Mapping[str, Any]] = value.get("sheets", [value])
        known = self.known([sheet["run"] for sheet in sheets if sheet.get("run")])
        now = time.time()
        is_success = value["exit_code"] == 0 and known.is_night and bool(sheets)  # a pass that finds no sheet is no night
        return Figures(
            series=known.series,
            ended=now,
            exit_code=value["exit_code"],
            seconds=time.monotonic() - self.began,
            last_success=now if is_success else known.last_success or last_success_in(before),
            reason=value.get("reason") or "",
            rows={status: sum(sheet.get(status) or 0 for sheet in sheets) for status in SUMMARY_STATUSES},
            requests=known.requests,
            slowed=min((sheet.get("slowed_to", 1.0) for sheet in sheets), default=1.0),
            unfinished=len(value.get("unfinished") or ()),
        )


def known_by(settings: Settings, series: str, *, is_night: bool = True) -> Callable[[list[str]], Known]:
    """Returns what asks the journal of these settings for what it knows of a series, of which the command is a night or not."""

    def known(runs: list[str]) -> Known:
        from ..errors import SettingsError
        from ..runs.journal_file import open_journal

        with open_journal(settings) as journal:
            requests = 0
            for run in runs:
                with suppress(SettingsError):  # a run of which nothing was sent may be forgotten
                    requests += journal.of(run).queries.count_requests()
            return Known(series, journal.nights.last_success(series), requests, is_night)

    return known


def _heard(ctx: click.Context, _: click.Parameter, path: Path | None) -> None:
    """Has the screen know the file. Raises ``BadValue`` if it holds something else than figures of ours."""
    screen: Screen | None = ctx.obj
    if screen is None or path is None:
        return
    screen.metrics.path = None
    screen.metrics.path = named(path, _is_ours)


metrics_option = click.option(
    OPTION,
    type=click.Path(path_type=Path, readable=False),
    metavar="FILE",
    expose_value=False,
    callback=_heard,
    help="Write the figures of the command to FILE, in the text format of Prometheus.",
)


def _is_ours(content: bytes) -> bool:
    """Whether a file holds figures of ours."""
    from ..output.metrics import HEAD

    return content.decode("utf-8", "replace").startswith(HEAD)
