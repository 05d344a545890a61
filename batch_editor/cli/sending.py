"""The commands that read a sheet or send edits, ``run``, ``resume``, ``undo``, ``check`` and ``diff``, and ``template``.

They turn options into a call of the job, show the preview and ask where there is somebody to ask, and tell how it ended.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import Declined, Refused
from ..messages.command_line import quoted
from ..model import Message
from .help_pages import Command
from .nights import look_for_unfinished, series_of, series_of_run, settings_for_night, sheet_of, watched
from .options import (
    FILE,
    JUDGING_NAMES,
    config_option,
    detach_option,
    job_arguments,
    judging_options,
    lang_option,
    load_settings,
    moment_of,
    new_option,
    reading_options,
    run_options,
    sending_options,
    typed_again,
    until_option,
)
from .screen import Screen
from .signals import on_signals
from .streams import piped_sheet

if TYPE_CHECKING:
    from ..runs.preview import Preview
    from ..runs.report import Report

#: The options of a run that hold for the rest of its rows as well, and those that have to be given again with its results.
_LASTING = ("config", "rate", "concurrency", "prove")
_SHAPING = ("base_url", "edit_keys", "ignore", "fill", "fill_down", "tags", "only_changed", "only_empty", "snapshot")


@click.command(cls=Command)
@click.argument("sheet", type=FILE)
@judging_options
@sending_options
@until_option
@detach_option
@click.option("--prove-only", is_flag=True, help="Prove the first edit, put back what it changed, and stop.")
@new_option
@click.pass_obj
def run(screen: Screen, /, sheet: Path, yes: bool, new: bool, prove_only: bool, until: str | None, **options: Any) -> int:
    """Send every edit of SHEET (a file, or - for stdin) and write a results sheet; go on where an earlier run of it stopped."""
    from .. import job

    with settings_for_night(screen, options["config"], sheet, yes=yes):
        settings = load_settings(screen, sheet=sheet, **options)
    source = piped_sheet(sheet)  # before it is asked who can be asked
    driving = driving_from(screen, yes, options)
    reading = job_arguments(options, *JUDGING_NAMES)
    series = series_of(screen, options["config"], sheet)
    with watched(screen, settings, series=series, source=sheet, **of_night(driving)) as night:
        more: dict[str, Any] = {"series": series, "until": moment_of(until, settings)}
        report = job.run(source, settings, new=new, prove_only=prove_only, **more, **driving, **reading)
        look_for_unfinished(screen, settings, "" if driving["attended"] else series, but=[report.run])
        return ended(screen, night.ended(report))


@click.command(cls=Command)
@click.argument("run")
@config_option
@run_options
@sending_options
@until_option
@detach_option
@click.pass_obj
def resume(screen: Screen, /, run: str, yes: bool, until: str | None, **options: Any) -> int:
    """Go on with RUN: send its rows that were not sent or failed, and write its results sheet again."""
    from .. import job

    with settings_for_night(screen, options["config"], run, yes=yes):
        settings = load_settings(screen, run=run, **options)
    driving = driving_from(screen, yes, options)
    series = series_of_run(run, settings) or series_of(screen, options["config"], None)
    sheet = run if driving["attended"] else sheet_of(settings, run)
    with watched(screen, settings, series=series, source=sheet, **of_night(driving)) as night:
        ends = moment_of(until, settings)
        report = night.ended(job.resume(run, settings, until=ends, **driving))
        look_for_unfinished(screen, settings, "" if driving["attended"] else series, but=[run])
        return ended(screen, report)


@click.command(cls=Command)
@click.argument("run")
@config_option
@run_options
@sending_options
@click.option("--clue", "clues", metavar="ID,…", multiple=True, help="Put back these clues alone (repeatable).")
@click.option("--rows", metavar="5,8-12", multiple=True, help="Put back these rows of RUN's sheet alone (repeatable).")
@click.option(
    "--field", "fields", metavar="KEY,…", multiple=True, help="Put back these fields alone, by key or heading (repeatable)."
)
@detach_option
@click.option("--force", is_flag=True, help="Put fields back also where they were changed since.")
@click.pass_obj
def undo(screen: Screen, /, run: str, yes: bool, force: bool, **options: Any) -> int:
    """Put back what RUN changed, or a part of it, as far as it read what was there before; this is a run as well."""
    from .. import job

    settings = load_settings(screen, run=run, **options)
    parts: dict[str, Any] = {name: options[name] or None for name in ("clues", "rows", "fields")}
    driving = driving_from(screen, yes, options, unasked=Refused("undo.unasked", run=run))
    return ended(screen, job.undo(run, settings, force=force, **parts, **driving))


@click.command(cls=Command)
@click.argument("sheet", type=FILE)
@reading_options
@click.option("--output", "-o", type=FILE, metavar="FILE", help="Workbook, .xlsx or .csv [default: SHEET.diff.xlsx].")
@click.pass_obj
def diff(screen: Screen, /, sheet: Path, output: Path | None, **options: Any) -> int:
    """Read the clues of SHEET and show what run would change, old and new; send nothing."""
    from .. import job
    from .summary_text import show_diff

    settings = load_settings(screen, sheet=sheet, **options)
    source = piped_sheet(sheet)
    series = series_of(screen, options["config"], sheet)
    arguments = job_arguments(options, "only_empty") | {"attended": screen.can_ask(), "series": series}
    report = job.diff(source, settings, output=output, on_event=screen.show, **arguments)
    show_diff(screen, report)
    return report.exit_code


@click.command(cls=Command)
@click.argument("sheet", type=FILE)
@judging_options
@click.option(
    "--output", "-o", type=FILE, metavar="FILE", help="Write the sheet with what would be sent beside each row, .xlsx or .csv."
)
@click.pass_obj
def check(screen: Screen, /, sheet: Path, output: Path | None, **options: Any) -> int:
    """Read and check SHEET as run does, show what it would do, and send nothing."""
    from .. import job
    from .summary_text import show_check

    settings = load_settings(screen, sheet=sheet, **options)
    source = piped_sheet(sheet)
    series = series_of(screen, options["config"], sheet)
    arguments = job_arguments(options, *JUDGING_NAMES) | {"attended": screen.can_ask(), "series": series}
    report = job.check(source, settings, output=output, on_event=screen.show, **arguments)
    show_check(screen, report)
    return report.exit_code


@click.command(cls=Command)
@click.argument("file", type=FILE)
@config_option
@lang_option
@click.pass_obj
def template(screen: Screen, /, file: Path, **options: Any) -> int:
    """Make FILE, an empty workbook (.xlsx) to fill in, with a column for each field and a sheet that says how."""
    from .. import job

    written = job.make_template(file.absolute(), load_settings(screen, sheet=file, **options))
    options_again = typed_again(("config",))
    screen.tell_settings(error=True)
    screen.line(Message("template.written", {"path": written, "file": quoted(str(written)), "options": options_again}))
    return 0


def driving_from(screen: Screen, yes: bool, options: dict[str, Any], *, unasked: Refused | None = None) -> dict[str, Any]:
    """Returns the arguments of the job by which a run is driven from here.

    They show a person the preview and ask where there is one, show the progress, and stop the run. ``unasked`` is raised where
    nobody can be asked and ``--yes`` is not given; without it that needs nobody's word.
    Until somebody was asked a signal ends the program, as ever, and from then on it asks the run to stop.
    """
    from ..runs.dangers import question
    from ..stop import Stop
    from .preview_text import show_preview, show_warnings

    stop, asks = Stop(), not yes and screen.can_ask()

    def confirm(preview: Preview) -> bool:
        if unasked and not (yes or asks):
            raise unasked
        if asks or not screen.quiet:
            aside = asks and not sys.stdout.isatty()
            show_preview(screen, preview, aside=aside, question=question(preview) if asks else None)
            if not screen.is_seen(aside=aside):
                raise Declined("prompt.unseen")
        else:
            show_warnings(screen, preview)
        if asks and not screen.ask(question(preview), default=preview.is_harmless):
            return False
        on_signals(lambda number, frame: stop.ask())
        return True

    return {
        "confirm": confirm,
        "attended": asks,
        "on_event": screen.show,
        "stop": stop,
        "output": options["output"],
        "detach": options["detach"],
    }


def of_night(driving: dict[str, Any]) -> dict[str, Any]:
    """Returns what a night has to know of how its run is driven."""
    return {"attended": driving["attended"], "stop": driving["stop"]}


def ended(screen: Screen, report: Report, shape: str = "") -> int:
    """Tells what became of a run, and returns its exit code. ``shape`` are the options, with a space before each, by which the
    command differs from ``run``: they have to be typed with its results."""
    from .preview_text import show_preview, show_warnings
    from .summary_text import show_summary

    if not report.preview.calls:  # then nobody was asked, and nobody has seen what is wrong
        (show_warnings if screen.quiet else show_preview)(screen, report.preview)
    screen.json_object(report.summary() | {"unfinished": [*screen.unfinished]})
    show_summary(screen, report, (typed_again(_LASTING), typed_again(_LASTING + _SHAPING) + shape))
    return report.exit_code
