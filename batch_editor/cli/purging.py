"""The command ``journal purge``: tells which runs would be forgotten and what is lost with them, asks, and forgets them."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NoReturn

import click

from ..errors import Declined, Refused
from ..messages import say
from ..model import Message
from .help_pages import Group
from .options import config_option, heard_lang_option, lang_option, load_settings
from .screen import Screen
from .usage import BadValue

if TYPE_CHECKING:
    from ..runs.purging import OldRuns, Purged


class _Days(click.ParamType):  # type: ignore[type-arg]  # older versions of click take none
    """An age in days, written 90d."""

    name = "age"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        days = re.fullmatch("([0-9]{1,5})d", str(value))
        return int(days[1]) if days else _no_age(str(value))


def _no_age(value: str) -> NoReturn:
    raise BadValue("usage.age", value=value)


@click.group(cls=Group)
@heard_lang_option
def journal() -> None:
    """Look after the journal, which holds every row of every run."""


@journal.command()
@click.option("--older-than", type=_Days(), required=True, metavar="AGE", help="Age of a run in days, such as 90d.")
@click.option("--results", is_flag=True, help="Remove the results sheets of these runs too, but for those that were changed.")
@click.option("--yes", is_flag=True, help="Do not ask before forgetting.")
@config_option
@lang_option
@click.pass_obj
def purge(screen: Screen, /, older_than: int, results: bool, yes: bool, **options: Any) -> int:
    """Forget old runs with all of their rows, since those are personal data. They can no longer be shown or resumed."""
    from .. import job
    from ..runs import purging

    with job.open_journal(load_settings(screen, **options)) as journal:
        moment = datetime.fromisoformat(journal.now()) + timedelta(seconds=1)  # runs of this very second have begun before
        old = purging.old_runs(journal, moment - timedelta(days=older_than))
        _show(screen, old, older_than, aside=not yes and screen.can_ask() and not sys.stdout.isatty())
        if old.runs or old.copies:
            results = _agreed(screen, old, results=results, yes=yes)
        _show_purged(screen, purging.purge(journal, old, results=results, with_memory=True), older_than)
    return 0


def _show(screen: Screen, old: OldRuns, days: int, *, aside: bool) -> None:
    """Shows what would be forgotten, first what could be gone on with; on stderr if ``aside``."""
    for message in _lines(screen, old, days):
        screen.line(message, error=aside)


def _lines(screen: Screen, old: OldRuns, days: int) -> Iterator[Message]:
    unfinished = [of_old for of_old in old.runs if of_old.is_unfinished]
    if unfinished:
        yield Message("purge.unfinished", {"runs": len(unfinished)})
    for of_old in unfinished:
        state = say(Message(f"state.{of_old.run.state}"), screen.lang)
        values = {"run": of_old.run.name, "state": state, "unsent": of_old.unsent, "rows": of_old.rows}
        yield Message("purge.run", values | {"source": of_old.run.source})
    if old.under_way:
        yield Message("purge.under_way", {"runs": ", ".join(old.under_way)})
    if old.copies:
        yield Message("purge.copies", {"files": ", ".join(path.name for path in old.copies)})
    for path in old.mended:
        yield Message("purge.mended", {"path": path})
    if old.results:
        yield Message("purge.results", {"files": len(old.results)})
    if old.runs:
        values = {"runs": len(old.runs), "rows": sum(of_old.rows for of_old in old.runs), "days": days}
        ages = {"oldest": _minute(old.runs[0].run.started), "newest": _minute(old.runs[-1].run.started)}
        yield Message("purge.runs", values | ages)


def _agreed(screen: Screen, old: OldRuns, *, results: bool, yes: bool) -> bool:
    """Returns whether the results sheets go as well. Raises ``Refused`` where nobody has agreed to forget anything."""
    if yes:
        return results
    if not screen.can_ask():
        raise Refused("purge.needs_yes")
    values = {"runs": len(old.runs), "unfinished": sum(of_old.is_unfinished for of_old in old.runs)}
    key = "prompt.purge_copies" if not old.runs else "prompt.purge_unfinished" if values["unfinished"] else "prompt.purge"
    if not screen.ask(Message(key, values), default=False):
        raise Declined("purge.declined")
    if not old.results or results:
        return results
    return screen.ask(Message("prompt.purge_results", {"files": len(old.results)}), default=False)


def _show_purged(screen: Screen, purged: Purged, days: int) -> None:
    screen.line(Message("journal.purged", {"runs": purged.runs, "days": days}))
    if purged.results:
        screen.line(Message("purge.results_removed", {"files": len(purged.results)}))
    for path in purged.kept:
        screen.line(Message("purge.results_kept", {"path": path}))


def _minute(moment: str) -> str:
    """Returns the day and the minute of a moment in ISO 8601, as the clock showed it that was looked at."""
    return moment[:16].replace("T", " ")
