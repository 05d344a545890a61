"""The command ``reconcile``: a full export, of which nearly all rows are as they were the night before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from .help_pages import Command
from .nights import look_for_unfinished, series_of, settings_for_night, watched
from .options import (
    FILE,
    detach_option,
    export_options,
    job_arguments,
    load_settings,
    moment_of,
    new_option,
    sending_options,
    until_option,
)
from .screen import Screen
from .sending import driving_from, ended, of_night
from .streams import piped_sheet

#: What has to be typed for ``run``, so that it does with the results of this command what this command does.
_AS_RUN = " --fill --only-changed"


@click.command(cls=Command)
@click.argument("sheet", type=FILE)
@click.option(
    "--trust-journal", is_flag=True, help="Do not read a clue whose values the journal has set, or seen there, before."
)
@click.option(
    "--verify-share",
    type=click.FloatRange(0, 1),
    metavar="SHARE",
    help="Read so many of these clues all the same, such as 0.05: each night others [default: 0].",
)
@click.option(
    "--max-drift",
    type=click.FloatRange(0, 1),
    metavar="SHARE",
    help="Read all clues if more than so many of those hold something else [default: 0.02].",
)
@export_options
@sending_options
@new_option
@until_option
@detach_option
@click.pass_obj
def reconcile(
    screen: Screen,
    /,
    sheet: Path,
    yes: bool,
    new: bool,
    until: str | None,
    trust_journal: bool,
    verify_share: float | None,
    max_drift: float | None,
    **options: Any,
) -> int:
    """Make all clues of SHEET, a full export, what it says: run --fill --only-changed that need not read what cannot differ."""
    from .. import job

    with settings_for_night(screen, options["config"], sheet, yes=yes):
        settings = load_settings(screen, sheet=sheet, **options)
    source = piped_sheet(sheet)  # before it is asked who can be asked
    driving = driving_from(screen, yes, options)
    reading = job_arguments(options | {"only_failed": False}, "strict")
    del reading["only_failed"]
    series = series_of(screen, options["config"], sheet)
    with watched(screen, settings, series=series, source=sheet, **of_night(driving)) as night:
        report = job.reconcile(
            source,
            settings,
            trust_journal=trust_journal,
            verify_share=verify_share or 0.0,
            max_drift=max_drift,
            new=new,
            series=series,
            until=moment_of(until, settings),
            **driving,
            **reading,
        )
        look_for_unfinished(screen, settings, "" if driving["attended"] else series, but=[report.run])
        return ended(screen, night.ended(report), _AS_RUN)
