"""The command line: words in, words out, exit codes. It has no rules of its own: the work is done by ``job.py``.

Modules that take long to load are imported by the command that needs them, so that ``--help`` answers at once.
"""

from __future__ import annotations

import io
import logging
import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from ..errors import BatchEditorError, Declined, Halted, Refused, UnderWay
from ..messages import Lang, quoted
from ..model import WINDOWS, Limit, Message
from ..sandbox import Sandbox, fault_help
from .guide import guide
from .screen import Screen

if TYPE_CHECKING:
    from ..runs.preview import Preview
    from ..runs.report import Report
    from ..settings.settings import Settings

SANDBOX_TOKEN = "sandbox-token"  # noqa: S105  # accepted by the local stand-in alone
DEFAULT_CONFIG = Path("config.yaml")
_EXIT_CODES = {Refused: 2, Halted: 3, UnderWay: 4}
#: Options of ``run`` that hold for the rest of its rows as well; and those that have to be given again with its results.
_LASTING = ("config", "rate", "concurrency", "prove")
_SHAPING = ("base_url", "edit_keys", "ignore", "fill", "tags", "only_changed", "snapshot")
#: What ``run`` and ``check`` are told beyond what every command is that reads a sheet.
_JUDGING = ("strict", "only_changed", "snapshot")

_FILE = click.Path(path_type=Path)


class _Days(click.ParamType[int]):
    """An age in days, written 90d."""

    name = "age"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        found = re.fullmatch("([0-9]{1,5})d", str(value))
        return int(found[1]) if found else self.fail(f"{value!r} is not a number of days such as 90d.", param, ctx)


_config = click.option("--config", type=_FILE, metavar="FILE", help="Settings file [default: ./config.yaml if there].")
_lang = click.option("--lang", type=click.Choice(["en", "zh"]), help="Language of messages [default: the locale's].")


def _all_of(*options: Callable[..., Any]) -> Callable[..., Any]:
    """Several options as one decorator, in this order."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


#: The options of all commands that read or send edits.
_shown = _all_of(
    click.option("--rate", type=click.IntRange(min=1), metavar="N", help="At most N requests a second."),
    click.option("--json", "as_json", is_flag=True, help="Print one JSON object, the summary, on stdout."),
    _lang,
    click.option("--quiet", is_flag=True, help="Show no preview and no progress."),
    click.option("--verbose", is_flag=True, help="Log every request on stderr, without the token."),
)
#: The options of all commands that send edits.
_sending = _all_of(
    click.option(
        "--output", "-o", type=_FILE, metavar="FILE", help="Results sheet, .xlsx or .csv [default: SHEET.results.xlsx]."
    ),
    click.option("--concurrency", type=click.IntRange(1, 64), metavar="N", help="How many edits may be on their way at once."),
    click.option("--prove", is_flag=True, help="Send the first edit alone and read it back; go on only if it did as told."),
    click.option("--yes", is_flag=True, help="Do not ask before sending."),
)
#: The options of all commands that read a sheet.
_reading = _all_of(
    _config,
    click.option("--base-url", metavar="URL", help="Address of the CRM, instead of api.base_url."),
    click.option(
        "--sheet",
        "sheet_name",
        metavar="SHEET",
        help="Sheet of the workbook, by name or number [default: the first with a clue id].",
    ),
    click.option("--edit", "edit_keys", metavar="KEYS", help="Only these columns count as edits (keys, comma-separated)."),
    click.option("--ignore-column", "ignore", metavar="NAME", multiple=True, help="Leave this column out (repeatable)."),
    click.option("--only-failed", is_flag=True, help="SHEET is a results sheet: send the rows that are not updated."),
    click.option("--visible-only", is_flag=True, help="Leave out rows that the workbook hides, such as filtered-out ones."),
    click.option("--fill", is_flag=True, help="Take what a row lacks (name, pool, owner) from the CRM."),
    click.option(
        "--tags", type=click.Choice(["add", "remove"]), help="Add or remove the tags given, instead of replacing all."
    ),
    click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Send only the first N edits."),
    _shown,
)
#: The options that ``run`` and ``check`` share.
_judging = _all_of(
    _reading,
    click.option("--strict", is_flag=True, help="Send nothing if a row is invalid."),
    click.option("--only-changed", is_flag=True, help="Read every clue, and send only the fields that differ."),
    click.option("--snapshot", is_flag=True, help="Read every clue first, so that the run can be undone."),
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="batch-editor", prog_name="batch-editor")
def cli() -> None:
    """Send a spreadsheet of clue edits to the CRM, one careful call per row."""


@cli.command()
@click.argument("sheet", type=_FILE)
@_judging
@_sending
@click.option("--prove-only", is_flag=True, help="Prove the first edit, put back what it changed, and stop.")
@click.option("--new", is_flag=True, help="Start over, also where an earlier run of this sheet stopped early.")
@click.pass_obj
def run(screen: Screen, /, sheet: Path, yes: bool, new: bool, prove_only: bool, **options: Any) -> int:
    """Send every edit of SHEET and write a results sheet; go on where an earlier run of it stopped."""
    from .. import job

    settings, how = _settings(screen, **options), _driven(screen, yes, options)
    return _told(screen, job.run(sheet, settings, new=new, prove_only=prove_only, **how, **_job_options(options, *_JUDGING)))


@cli.command()
@click.argument("run")
@_config
@_shown
@_sending
@click.pass_obj
def resume(screen: Screen, /, run: str, yes: bool, **options: Any) -> int:
    """Go on with RUN: send its rows that were not sent or failed, and write its results sheet again."""
    from .. import job

    settings = _settings(screen, **options)
    return _told(screen, job.resume(run, settings, **_driven(screen, yes, options)))


@cli.command()
@click.argument("run")
@_config
@_shown
@_sending
@click.option("--force", is_flag=True, help="Put fields back also where somebody has changed them since.")
@click.pass_obj
def undo(screen: Screen, /, run: str, yes: bool, force: bool, **options: Any) -> int:
    """Put back what RUN changed, as far as it read what was there before; this is a run as well."""
    from .. import job

    settings = _settings(screen, **options)
    return _told(screen, job.undo(run, settings, force=force, **_driven(screen, yes, options)))


@cli.command()
@click.argument("sheet", type=_FILE)
@_reading
@click.option("--output", "-o", type=_FILE, metavar="FILE", help="Workbook, .xlsx or .csv [default: SHEET.diff.xlsx].")
@click.pass_obj
def diff(screen: Screen, /, sheet: Path, output: Path | None, **options: Any) -> int:
    """Read the clues of SHEET and show what run would change, old and new; send nothing."""
    from .. import job

    settings = _settings(screen, **options)
    report = job.diff(sheet, settings, output=output, on_event=screen.show, **_job_options(options))
    screen.compared(report)
    return report.exit_code


@cli.command()
@click.argument("sheet", type=_FILE)
@_judging
@click.option("--output", "-o", type=_FILE, metavar="FILE", help="Also write the sheet with what would be sent, row by row.")
@click.pass_obj
def check(screen: Screen, /, sheet: Path, output: Path | None, **options: Any) -> int:
    """Read and check SHEET as run does, show what it would do, and send nothing."""
    from .. import job

    settings = _settings(screen, **options)
    report = job.check(sheet, settings, output=output, on_event=screen.show, **_job_options(options, *_JUDGING))
    screen.checked(report)
    return report.exit_code


@cli.command()
@click.argument("run")
@_config
@click.option("--output", "-o", type=_FILE, metavar="FILE", help="Where to write them [default: where they were].")
@_lang
@click.pass_obj
def results(screen: Screen, /, run: str, output: Path | None, **options: Any) -> int:
    """Write the results sheet of RUN again."""
    from .. import job
    from ..output.results import check_target

    settings = _settings(screen, **options)
    target = output.absolute() if output else None
    if target:
        check_target(target)
    with job.open_journal(settings) as journal:
        written = job.results_again(journal, run, target, screen.lang)
    screen.line(Message("summary.results", {"path": written}))
    return 0


@cli.group()
def journal() -> None:
    """Look after the journal, which holds every row of every run."""


@journal.command()
@click.option("--older-than", type=_Days(), required=True, metavar="AGE", help="Age of a run in days, such as 90d.")
@_config
@_lang
@click.pass_obj
def purge(screen: Screen, /, older_than: int, **options: Any) -> int:
    """Forget old runs with all of their rows, since those are personal data. They can no longer be shown or resumed."""
    from .. import job

    with job.open_journal(_settings(screen, **options)) as journal:
        purged = journal.purge(datetime.now().astimezone() - timedelta(days=older_than))
    screen.line(Message("journal.purged", {"runs": purged, "days": older_than}))
    return 0


@cli.command()
@_config
@_lang
@click.pass_obj
def runs(screen: Screen, /, **options: Any) -> int:
    """List all runs, the latest first."""
    from .. import job
    from ..runs.results import summary_counts

    with job.open_journal(_settings(screen, **options)) as journal:
        screen.history([(run, summary_counts(run.counts or {})) for run in journal.runs()])
    return 0


@cli.command()
@click.argument("run")
@_config
@_lang
@click.pass_obj
def show(screen: Screen, /, run: str, **options: Any) -> int:
    """Tell what RUN sent when, to which tenant, by which settings."""
    from .. import job
    from ..runs.results import summary_counts

    with job.open_journal(_settings(screen, **options)) as journal:
        found, statuses = journal.run(run), journal.of(run).queries.counts()
        screen.run(found, statuses if journal.is_driven(run) else summary_counts(statuses))
    return 0


@cli.command()
@click.argument("file", type=_FILE)
@_config
@_lang
@click.pass_obj
def template(screen: Screen, /, file: Path, **options: Any) -> int:
    """Make FILE, an empty workbook (.xlsx) to fill in, with a column for each field and a sheet that says how."""
    from .. import job

    written = job.make_template(file.absolute(), _settings(screen, **options))
    options_again = _again(click.get_current_context(), ("config",))
    screen.line(Message("template.written", {"path": written, "file": quoted(str(written)), "options": options_again}))
    return 0


@cli.command(epilog="\b\n" + fault_help())
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="Port on 127.0.0.1; 0: any free one."
)
@click.option("--fail", multiple=True, metavar="FAULT", help="Misbehave as told, see below (repeatable).")
@click.option("--latency", type=click.FloatRange(min=0), default=0.0, metavar="SECONDS", help="Answer this late.")
def sandbox(port: int, fail: tuple[str, ...], latency: float) -> int:
    """Serve a local stand-in of the CRM on 127.0.0.1 that knows every clue id."""
    try:
        stand_in = Sandbox(port=port, faults=fail, latency=latency, access_token=SANDBOX_TOKEN, accept_any_clue=True)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    try:
        stand_in.start()
    except OSError as error:
        raise click.UsageError(f"Port {port} cannot be used ({error.strerror}); choose another one with --port.") from None
    try:
        click.echo(f"The stand-in listens on {stand_in.url} until Ctrl-C. In another terminal:")
        click.echo(f"  WSHOTO_ACCESS_TOKEN={SANDBOX_TOKEN} batch-editor run SHEET --base-url {stand_in.url}")
        sys.stdout.flush()
        threading.Event().wait()
    except KeyboardInterrupt:
        return 0
    finally:
        stand_in.stop()
    return 0


@cli.command()
@_lang
@click.pass_obj
def demo(screen: Screen, /, lang: Lang | None) -> int:
    """Run the sample sheets against a stand-in of the CRM, offline, and show what happened."""
    from .demo import play

    screen.lang = lang or screen.lang
    return play(Path.cwd() / "batch-editor-demo", screen)


cli.add_command(guide)


def main() -> None:
    """The entry point: run the command that the arguments name, and exit with its code."""
    for name in ("stdin", "stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by whoever started this program
            setattr(sys, name, Path(os.devnull).open("r" if name == "stdin" else "w"))  # noqa: SIM115  # to the end
        elif isinstance(stream, io.TextIOWrapper) and name != "stdin":
            stream.reconfigure(errors="replace")  # a console that lacks a character must not end the run
    screen = Screen(as_json="--json" in sys.argv[1:])
    _on_signals(signal.default_int_handler)  # also SIGTERM: rows that a check keeps for its own time must not be left behind
    try:
        _require_here()
        code = cli.main(obj=screen, standalone_mode=False)
    except BatchEditorError as error:
        code = next((code for kind, code in _EXIT_CODES.items() if isinstance(error, kind)), 1)
        screen.error(error.message, code)
    except click.UsageError as error:
        error.show()
        code = 2
        screen.failed(error.format_message(), code)
    except (click.Abort, KeyboardInterrupt):
        screen.error(Message("prompt.interrupted"), 2)
        code = 2
    _flush()
    sys.exit(code)


def _require_here() -> None:
    """Names of files are meant from the current folder on, and somebody may have removed it."""
    try:
        Path.cwd()
    except OSError:
        raise Refused("here.gone") from None


def _flush() -> None:
    """Write out what is left; where nobody reads any more Python would change the exit code to 120."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _settings(
    screen: Screen,
    *,
    config: Path | None,
    lang: Lang | None,
    base_url: str | None = None,
    rate: int | None = None,
    concurrency: int | None = None,
    ignore: tuple[str, ...] = (),
    as_json: bool = False,
    quiet: bool = False,
    verbose: bool = False,
    fill: bool = False,
    prove: bool = False,
    **_: Any,
) -> Settings:
    """The settings with the options over them; sets up ``screen`` and logging on the way."""
    screen.lang, screen.as_json, screen.quiet = lang or screen.lang, as_json, quiet
    if verbose:
        logging.basicConfig(level=logging.DEBUG, stream=sys.stderr, format="%(asctime)s %(name)s %(message)s")
    from ..settings.settings import Settings

    given: dict[str, Any] = {}
    if base_url:
        given["api"] = {"base_url": base_url}
    if concurrency:
        given["rate"] = {"concurrency": concurrency}
    if lang:
        given["lang"] = lang
    given |= {name: True for name, value in (("fill", fill), ("prove", prove)) if value}
    settings = Settings.load(config or (DEFAULT_CONFIG if DEFAULT_CONFIG.exists() else None), **given)
    screen.lang = settings.lang or screen.lang
    if rate:
        longer = [limit for limit in settings.rate.limits if Limit.parse(limit).window > WINDOWS["second"]]
        limited = settings.rate.model_copy(update={"limits": (f"{rate}/second", *longer)})
        settings = settings.model_copy(update={"rate": limited})
    return settings.model_copy(update={"ignore_columns": (*settings.ignore_columns, *ignore)})


def _driven(screen: Screen, yes: bool, options: dict[str, Any]) -> dict[str, Any]:
    """How a run is driven from here: what shows a person the preview, and asks where there is one, tells the progress and
    stops it. Until somebody was asked a signal ends the program, as ever, and from then on it asks the run to stop."""
    from ..stop import Stop

    stop, asks = Stop(), not yes and screen.can_ask()

    def confirm(preview: Preview) -> bool:
        try:
            if asks or not screen.quiet:
                screen.preview(preview, aside=asks and not sys.stdout.isatty())
            if asks and not screen.ask(
                Message("prompt.send" if preview.is_harmless else "prompt.send_no", {"calls": preview.calls}),
                default=preview.is_harmless,
            ):
                return False
        except BrokenPipeError:
            raise Declined("prompt.unseen") from None
        _on_signals(lambda number, frame: stop.ask())
        return True

    how = {"confirm": confirm, "attended": asks, "on_event": screen.show, "stop": stop}
    return how | {"output": options["output"]}


def _told(screen: Screen, report: Report) -> int:
    """Tell what became of a run; its exit code."""
    context = click.get_current_context()
    with suppress(BrokenPipeError):  # nobody reads any more; what happened, happened
        if not report.preview.calls and not screen.quiet:  # then nobody was asked, and nobody has seen what is wrong
            screen.preview(report.preview)
        screen.summary(report, (_again(context, _LASTING), _again(context, _LASTING + _SHAPING)))
    return report.exit_code


def _again(context: click.Context, names: Sequence[str]) -> str:
    """Those options of this command, as they would be typed again."""
    words: list[str] = []
    for parameter in context.command.params:
        if isinstance(parameter, click.Option) and parameter.name in names and context.params[parameter.name]:
            given = context.params[parameter.name]
            for value in given if parameter.multiple else [given]:
                words += [parameter.opts[0]] if parameter.is_flag else [parameter.opts[0], quoted(str(value))]
    return "".join(f" {word}" for word in words)


def _job_options(options: dict[str, Any], *more: str) -> dict[str, Any]:
    keys = [key.strip() for key in re.split("[,\uff0c\u3001]", options["edit_keys"] or "") if key.strip()]
    if options["edit_keys"] is not None and not keys:
        raise click.BadParameter("it names no column; leave it out to edit every filled column.", param_hint="'--edit'")
    return {name: options[name] for name in ("sheet_name", "only_failed", "visible_only", "limit", "tags", *more)} | {
        "edit_keys": keys
    }


def _on_signals(handler: Callable[[int, FrameType | None], object]) -> None:
    """From here on Ctrl-C and SIGTERM (Ctrl-Break on Windows) do this."""
    for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), handler)
