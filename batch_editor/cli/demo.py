"""The commands ``sandbox`` and ``demo``: a stand-in of the CRM on this machine, and the sample sheets run against one, offline.

The demonstration uses the same ``job.run`` as everything else, and shows of a few clues what they were before and what they are
now.
"""

from __future__ import annotations

import json
import shutil
import sys
import threading
from pathlib import Path

import click

from ..errors import Refused, reason_in
from ..messages import Lang, say
from ..model import Message
from ..sandbox import FAULT_NAMES, Sandbox, fault_help
from .demo_page import PORT, play_page
from .example import shipped
from .help_pages import Command
from .options import heard_lang_option, lang_option
from .screen import Screen
from .usage import Misused

#: The access token that the local stand-in alone accepts.
SANDBOX_TOKEN = "sandbox-token"  # noqa: S105
#: The sample sheets in the order in which they are run.
SHEETS = ("clues_utf8.csv", "clues_gbk.csv", "clues.xlsx")
#: How many changed clues of each sheet are shown.
SHOWN = 2


@click.command(cls=Command, epilog="\b\n" + fault_help())
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8765,
    show_default=True,
    metavar="PORT",
    help="Port on 127.0.0.1; 0: any free one.",
)
@click.option("--fail", multiple=True, metavar="FAULT", help="Misbehave as told, see below (repeatable).")
@click.option(
    "--latency", type=click.FloatRange(min=0), default=0.0, metavar="SECONDS", help="Answer each request so many seconds late."
)
@heard_lang_option
@click.pass_obj
def sandbox(screen: Screen, /, port: int, fail: tuple[str, ...], latency: float) -> int:
    """Serve a local stand-in of the CRM on 127.0.0.1 that knows every clue id."""
    try:
        stand_in = Sandbox(port=port, faults=fail, latency=latency, access_token=SANDBOX_TOKEN, accept_any_clue=True)
    except ValueError:
        known = ", ".join(FAULT_NAMES)
        raise Misused("usage.fault", click.get_current_context(), fault=", ".join(fail), known=known) from None
    try:
        stand_in.start()
    except OSError as error:
        raise Misused("usage.port", click.get_current_context(), port=port, reason=reason_in(error)) from None
    try:
        screen.line(Message("sandbox.listens", {"url": stand_in.url, "token": SANDBOX_TOKEN}))
        sys.stdout.flush()
        threading.Event().wait()
    except KeyboardInterrupt:
        return 0
    finally:
        stand_in.stop()
    return 0


@click.command(cls=Command)
@click.option("--page", is_flag=True, help="Offer the page of serve against that stand-in, with the sample sheets to try.")
@click.option("--port", type=click.IntRange(0, 65535), metavar="PORT", help=f"With --page: its port [default: {PORT}].")
@click.option("--no-browser", is_flag=True, help="With --page: do not open the browser on this computer.")
@lang_option
@click.pass_obj
def demo(screen: Screen, /, page: bool, port: int | None, no_browser: bool, lang: Lang | None) -> int:
    """Run the sample sheets against a stand-in of the CRM, offline, and show what happened."""
    screen.lang = lang or screen.lang
    screen.typed_lang = lang or screen.typed_lang
    folder = Path.cwd() / "batch-editor-demo"
    if page:
        return play_page(folder / "page", screen, port=PORT if port is None else port, opens_browser=not no_browser)
    if port is not None or no_browser:
        raise Misused("usage.demo_page", click.get_current_context())
    return play(folder, screen)


def play(folder: Path, screen: Screen) -> int:
    """Runs every sample sheet in ``folder`` (made if it is not there), leaves the results there, and tells what changed.

    Returns the exit code, 1 where a run stopped or has no results sheet; raises ``Refused`` if the folder cannot be written.
    """
    from .. import job
    from ..settings.settings import Settings
    from .summary_text import show_summary

    samples = shipped("sample_data")
    try:
        folder.mkdir(exist_ok=True)
        sheets = [Path(shutil.copy(samples / name, folder / name)) for name in SHEETS]
    except OSError as error:
        raise Refused("demo.folder", folder=folder, reason=reason_in(error)) from None
    clues = json.loads((samples / "clues.json").read_text(encoding="utf-8"))
    with Sandbox(clues, choice_custom=("mf_clue_51", "mf_clue_52")) as crm:
        settings = Settings.load(
            samples / "config.yaml",
            api={"base_url": crm.url, "app_id": "demo-app", "app_secret": "demo-secret", "access_token": None},
            state_dir=folder / "state",
            lang=screen.lang,
            guards={"repeat": "allow"},  # whoever looks at it may want to see it again
        )
        screen.line(Message("demo.start", {"url": crm.url}))
        is_whole = True
        for sheet in sheets:
            before = crm.clues()
            screen.line(Message("demo.sheet", {"name": sheet.name}))
            report = job.run(sheet, settings, on_event=screen.show)
            show_summary(screen, report)
            _show_changes(before, crm.clues(), screen)
            is_whole = is_whole and report.halted is None and report.unwritten is None
        screen.line(Message("demo.end", {"folder": folder}))
    return 0 if is_whole else 1


def _show_changes(before: dict[int, dict[str, object]], after: dict[int, dict[str, object]], screen: Screen) -> None:
    changed = [clue for clue in after if after[clue] != before[clue]]
    for clue in changed[:SHOWN]:
        screen.line(Message("demo.clue", {"clue": clue, "name": before[clue]["clue_name"]}))
        old, new = _flat(before[clue]), _flat(after[clue])
        for key in sorted(old.keys() | new.keys()):
            if old.get(key) != new.get(key):
                values = {"key": key, "old": _text(old.get(key), screen), "new": _text(new.get(key), screen)}
                screen.line(Message("demo.field", values))


def _flat(clue: dict[str, object]) -> dict[str, object]:
    flat = dict(clue)
    custom = flat.pop("field_map")
    return flat | custom if isinstance(custom, dict) else flat


def _text(value: object, screen: Screen) -> str:
    return say(Message("demo.empty"), screen.lang) if value in (None, "", []) else str(value)
