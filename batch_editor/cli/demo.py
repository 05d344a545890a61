"""The demonstration: the sample sheets against a stand-in of the CRM on this machine, offline.

It uses the same ``job.run`` as everything else, and shows of a few clues what they were before and what they are now.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from .. import job
from ..errors import Refused
from ..messages import say
from ..model import Message
from ..sandbox import Sandbox
from ..settings.settings import Settings
from .screen import Screen

#: The sample sheets in the order in which they are run.
SHEETS = ("clues_utf8.csv", "clues_gbk.csv", "clues.xlsx")
#: How many changed clues of each sheet are shown.
SHOWN = 2


def samples() -> Path:
    """The folder of the sample sheets: within the installed package, or beside it in a checkout."""
    package = Path(__file__).parent.parent
    return next(folder for folder in (package / "sample_data", package.parent / "sample_data") if folder.is_dir())


def play(folder: Path, screen: Screen) -> int:
    """Run every sample sheet in ``folder`` (made if it is not there), leave the results there, and tell what changed."""
    try:
        folder.mkdir(exist_ok=True)
        sheets = [Path(shutil.copy(samples() / name, folder / name)) for name in SHEETS]
    except OSError as error:
        raise Refused("demo.folder", folder=folder, reason=error.strerror) from None
    clues = json.loads((samples() / "clues.json").read_text(encoding="utf-8"))
    with Sandbox(clues, choice_custom=("mf_clue_51", "mf_clue_52")) as crm:
        settings = Settings.load(
            samples() / "config.yaml",
            api={"base_url": crm.url, "app_id": "demo-app", "app_secret": "demo-secret", "access_token": None},
            state_dir=folder / "state",
            lang=screen.lang,
        )
        screen.line(Message("demo.start", {"url": crm.url}))
        for sheet in sheets:
            before = crm.clues()
            screen.line(Message("demo.sheet", {"name": sheet.name}))
            report = job.run(sheet, settings, on_event=screen.show)
            screen.summary(report)
            _show_changes(before, crm.clues(), screen)
        screen.line(Message("demo.end", {"folder": folder}))
    return 0


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
