"""The command ``notify test``: sends a sample to each target of the settings, and says of each whether it was told."""

from __future__ import annotations

from typing import Any

import click

from ..errors import Refused
from ..messages import say
from ..model import Message
from ..runs.json_summary import frame
from ..runs.reasons import NOT_DELIVERED
from .help_pages import Group
from .object_file import json_file_option
from .options import config_option, heard_lang_option, lang_option, load_settings
from .screen import Screen


@click.group(cls=Group)
@heard_lang_option
def notify() -> None:
    """Look after those who are told of nights."""


@notify.command()
@config_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout: each target, and what was wrong.")
@json_file_option
@lang_option
@click.pass_obj
def test(screen: Screen, /, **options: Any) -> int:
    """Send a sample to each target of the settings, and tell which were told. Nothing else happens."""
    from datetime import datetime

    from ..notify.night import telling_of
    from ..notify.words import sample
    from ..stop import Stop

    settings = load_settings(screen, **options)
    telling = telling_of(settings, Stop())
    if not telling.targets:
        raise Refused("telling.none")
    text = sample(screen.lang, datetime.now(settings.zone))
    targets = list[dict[str, object]]()
    for number, target in telling.targets:
        trouble = telling.tell_once(number, text)
        values = {"number": number, "kind": target.kind, "reason": trouble or ""}
        if not screen.as_json:
            screen.line(Message("telling.line_bad" if trouble else "telling.line_ok", values), error=trouble is not None)
        error = say(trouble, screen.lang) if trouble else None
        targets.append({"number": number, "kind": target.kind, "ok": trouble is None, "error": error})
    errors = [str(target["error"]) for target in targets if not target["ok"]]
    code = 1 if errors else 0
    screen.json_object({**frame(code, NOT_DELIVERED if errors else None, "\n".join(errors) or None), "targets": targets})
    return code
