"""The options that several commands share, and what becomes of them: settings, arguments of the job, and words to type again.

A command takes its options from here as decorators. How a run is driven with them is said in ``sending``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import BatchEditorError
from ..messages import Lang
from ..messages.command_line import quoted
from ..settings.limits import MOST_REQUESTS, WINDOWS, Limit
from ..settings.search import Search, search
from .event_log import log_format_option
from .metrics_file import metrics_option
from .object_file import json_file_option
from .screen import Screen
from .usage import BadValue

if TYPE_CHECKING:
    from datetime import datetime

    from ..settings.sections import Rate
    from ..settings.settings import Settings

#: What is typed for a sheet that is read from stdin.
STDIN = Path("-")
#: The type of an option or argument that is the path of a file; whether that can be read is said in words of ours.
FILE = click.Path(path_type=Path, readable=False)
#: The arguments of the job that ``run`` and ``check`` take beyond those of every command that reads a sheet.
JUDGING_NAMES = ("strict", "only_changed", "only_empty", "snapshot")
#: The arguments of the job that every command takes that reads a sheet, but for the columns to edit.
_READING_NAMES = ("sheet_name", "only_failed", "visible_only", "limit", "tags", "encoding", "delimiter")

config_option = click.option(
    "--config", type=FILE, metavar="FILE", help="Settings file [default: config.yaml in this folder, else beside SHEET]."
)
_LANG_HELP = "Language of messages [default: the locale's]."
lang_option = click.option("--lang", type=click.Choice(["en", "zh"]), help=_LANG_HELP)
#: The same where nobody but the screen has to know it, which has looked for it before.
heard_lang_option = click.option("--lang", type=click.Choice(["en", "zh"]), help=_LANG_HELP, expose_value=False)


def _all_of(*options: Callable[..., Any]) -> Callable[..., Any]:
    """Returns one decorator that adds several options, in this order."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def filled(_: click.Context, parameter: click.Parameter, value: Any) -> Any:
    """Returns what an option names. Raises ``click.BadParameter`` for nothing but blanks, which would mean its default."""
    for text in value if parameter.multiple else [value]:
        if text is not None and not text.strip():
            raise BadValue("usage.empty")
    return value


#: The options of all commands that read or send edits.
run_options = _all_of(
    click.option(
        "--rate",
        type=click.IntRange(1, MOST_REQUESTS),
        metavar="N",
        help="At most N requests a second; limits over longer times stay.",
    ),
    click.option("--json", "as_json", is_flag=True, help="Print one JSON object, the summary, on stdout."),
    json_file_option,
    metrics_option,
    lang_option,
    log_format_option,
    click.option("--quiet", is_flag=True, help="Show no preview (unless you are asked) and no progress; warnings stay."),
    click.option("--verbose", is_flag=True, help="Log every request on stderr, without the token."),
)
_concurrency_option = click.option(
    "--concurrency", type=click.IntRange(1, 64), metavar="N", help="How many edits may be on their way at once."
)
_prove_option = click.option(
    "--prove", is_flag=True, help="Send the first edit alone and read it back; go on only if it is right."
)
#: The options of all commands that send edits.
sending_options = _all_of(
    click.option(
        "--output", "-o", type=FILE, metavar="FILE", help="Results sheet, .xlsx or .csv [default: SHEET.results.xlsx]."
    ),
    _concurrency_option,
    _prove_option,
    click.option("--yes", is_flag=True, help="Do not ask before sending."),
)
new_option = click.option(
    "--new",
    is_flag=True,
    help="Start over, also where an earlier run of this sheet stopped early, has finished or is under way.",
)
until_option = click.option(
    "--until", metavar="HH:MM", help="Stop in time: at the next such time of day, in the zone of the settings; go on later."
)
detach_option = click.option(
    "--detach",
    is_flag=True,
    help="Leave the run to the workers once it is planned and confirmed; needs a journal in PostgreSQL.",
)
_base_url_option = click.option("--base-url", metavar="URL", help="Address of the CRM, instead of api.base_url.")
#: The options by which it is said how the file of a sheet is read, and which of its columns.
_file_options = _all_of(
    click.option(
        "--sheet",
        "sheet_name",
        metavar="SHEET",
        callback=filled,
        help="Sheet of the workbook, by name or by number among the visible tabs [default: the first with a clue id].",
    ),
    click.option(
        "--encoding", metavar="NAME", help="Encoding of a CSV, such as gbk or big5 [default: what it is for certain]."
    ),
    click.option("--delimiter", metavar="CHAR", help="What stands between the fields of a CSV: one character, or tab."),
    click.option(
        "--edit", "edit_keys", metavar="KEYS", help="Only these columns count as edits (keys or headings, comma-separated)."
    ),
    click.option(
        "--ignore-column",
        "ignore",
        metavar="NAME",
        multiple=True,
        callback=filled,
        help="Leave this column out, by any of its names (repeatable).",
    ),
)
_cell_options = _all_of(
    click.option("--visible-only", is_flag=True, help="Leave out rows that the workbook hides, such as filtered-out ones."),
    click.option("--fill-down", is_flag=True, help="Give the value of merged cells to all rows that they span."),
)
_tags_option = click.option(
    "--tags", type=click.Choice(["add", "remove"]), help="Add or remove the tags given, instead of replacing all."
)
#: The options by which it is said what becomes of the rows of a sheet.
_row_options = _all_of(
    _cell_options,
    click.option(
        "--fill", is_flag=True, help="Take what a row lacks (name, pool, owner, required custom fields) from the CRM."
    ),
    _tags_option,
    click.option("--only-empty", is_flag=True, help="Read every clue, and set only the fields in which the CRM has nothing."),
)
_limit_option = click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Send only the first N edits.")
_strict_option = click.option("--strict", is_flag=True, help="Send nothing if a row is invalid.")
#: The options of all commands that read a sheet.
reading_options = _all_of(
    config_option,
    _base_url_option,
    _file_options,
    click.option(
        "--only-failed", is_flag=True, help="SHEET is a results sheet: send what is not updated yet, or was changed since."
    ),
    _row_options,
    _limit_option,
    run_options,
)
#: The options that judge the plan of a sheet, or change it as a whole.
_plan_options = _all_of(
    _strict_option,
    click.option("--only-changed", is_flag=True, help="Read every clue, and send only the fields that differ."),
    click.option(
        "--snapshot/--no-snapshot",
        default=None,
        help="Read every clue first, so that the run can be undone, or do not [default: where you are asked].",
    ),
)
#: The options that ``run`` and ``check`` share.
judging_options = _all_of(reading_options, _plan_options)
#: The options of a command that reads a full export: no results sheet, and what a row lacks is taken from the CRM anyway.
export_options = _all_of(
    config_option,
    _base_url_option,
    _file_options,
    _cell_options,
    _tags_option,
    _limit_option,
    _strict_option,
    run_options,
)
#: The options of a command that sends the sheets of a folder, one after the other, and asks nobody.
folder_options = _all_of(
    click.option(
        "--config", type=FILE, metavar="FILE", help="Settings file [default: config.yaml in DIR, else in this folder]."
    ),
    _base_url_option,
    _file_options,
    _row_options,
    _plan_options,
    _concurrency_option,
    _prove_option,
    run_options,
)


def load_settings(
    screen: Screen,
    *,
    config: Path | None,
    lang: Lang | None,
    sheet: Path | None = None,
    run: str | None = None,
    base_url: str | None = None,
    rate: int | None = None,
    concurrency: int | None = None,
    ignore: tuple[str, ...] = (),
    as_json: bool = False,
    quiet: bool = False,
    verbose: bool = False,
    fill: bool = False,
    fill_down: bool = False,
    prove: bool = False,
    **_: Any,
) -> Settings:
    """Returns the settings with the options of a command over them; sets up ``screen`` and logging on the way.

    They are those of the file ``config``; else those of the usual file, which may lie in this folder, beside ``sheet``, or
    beside the sheet of ``run``. Raises ``SettingsError`` if they cannot be used.
    """
    lang = lang or screen.typed_lang
    screen.lang, screen.as_json, screen.quiet = lang or screen.lang, as_json, quiet
    if verbose:
        screen.log()
    from ..settings.settings import Settings

    given: dict[str, Any] = {}
    if base_url is not None:
        given["api"] = {"base_url": base_url}
    if concurrency:
        given["rate"] = {"concurrency": concurrency}
    if lang:
        given["lang"] = lang
    given |= {name: True for name, value in (("fill", fill), ("fill_down", fill_down), ("prove", prove)) if value}
    if config is None:
        screen.search = _searched(sheet, run, given)
        screen.keep_for_json(screen.search.near_lines)
        settings = _loaded(screen.search, given)
    else:
        settings = Settings.load(config, **given)
    screen.lang = settings.lang or screen.lang
    if rate:
        settings = settings.model_copy(update={"rate": _limited(settings.rate, rate)})
    return settings.model_copy(update={"ignore_columns": (*settings.ignore_columns, *ignore)})


def _limited(settings: Rate, rate: int) -> Rate:
    """Returns these settings with ``rate`` requests a second, at all hours of the day."""

    def with_rate(limits: Sequence[str]) -> dict[str, object]:
        return {"limits": (f"{rate}/second", *(text for text in limits if Limit.parse(text).window > WINDOWS["second"]))}

    quiet = settings.quiet_hours and settings.quiet_hours.model_copy(update=with_rate(settings.quiet_hours.limits))
    return settings.model_copy(update={**with_rate(settings.limits), "quiet_hours": quiet})


def _searched(sheet: Path | None, run: str | None, given: dict[str, Any]) -> Search:
    """Returns where the settings are, which nobody has named."""
    searched = search(sheet.parent if sheet is not None and sheet != STDIN else None)
    if searched.file is None and run is not None and (folder := _folder_of(run, given)) is not None:
        searched = search(folder)
    return searched


def _folder_of(run: str, given: dict[str, Any]) -> Path | None:
    """Returns the folder of the sheet of a run, if the journal that is used without a settings file knows it."""
    from ..job import open_journal
    from ..settings.settings import Settings

    try:
        with open_journal(Settings.load(**given)) as journal:
            source = Path(journal.run(run).source)
    except BatchEditorError:
        return None  # which is told by whoever wants the run
    return source.parent if source.is_absolute() else None


def _loaded(searched: Search, given: dict[str, Any]) -> Settings:
    """Returns the settings of the file that was looked for; what has to be typed again from then on names it."""
    from ..settings.settings import Settings

    if searched.file is None or not searched.is_beside:
        return Settings.load(searched.file, **given)
    context = click.get_current_context(silent=True)
    if context is not None:
        context.params["config"] = searched.file
    return Settings.load_beside(searched.file, **given)


def job_arguments(options: dict[str, Any], *more: str) -> dict[str, Any]:
    """Returns the arguments of the job that the options of a command are, those called ``more`` as well.

    Raises ``click.BadParameter`` where ``--edit`` is given and names no column.
    """
    edit_keys = [key.strip() for key in re.split("[,\uff0c\u3001]", options["edit_keys"] or "") if key.strip()]
    if options["edit_keys"] is not None and not edit_keys:
        raise BadValue("usage.no_column", param_hint="--edit")
    return {name: options[name] for name in (*_READING_NAMES, *more)} | {"edit_keys": edit_keys}


def moment_of(until: str | None, settings: Settings) -> datetime | None:
    """Returns the moment that the option ``--until`` means, the next one at that time of day. Raises ``SettingsError`` for what
    is no time of day."""
    if until is None:
        return None
    from ..runs.deadline import next_moment

    return next_moment(until, settings.zone)


def typed_again(names: Sequence[str]) -> str:
    """Returns those options of the command that is running, as they would be typed again, each with a space before it."""
    context, words = click.get_current_context(), list[str]()
    for parameter in context.command.params:
        if isinstance(parameter, click.Option) and parameter.name in names and context.params[parameter.name] is not None:
            given = context.params[parameter.name]
            if parameter.is_flag:
                words += (parameter.opts if given else parameter.secondary_opts)[:1]
                continue
            for value in given if parameter.multiple else [given]:
                words += [parameter.opts[0], quoted(str(value))]
    return "".join(f" {word}" for word in words)
