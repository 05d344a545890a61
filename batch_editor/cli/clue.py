"""The command ``clue``: shows clues as the CRM has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..messages import say
from ..model import HaltReason, Message, Stoppage
from ..runs.json_summary import frame
from ..runs.reasons import CLUES, CRM_DOWN, word_of
from .help_pages import Command
from .object_file import json_file_option
from .options import config_option, lang_option, load_settings
from .screen import Screen

if TYPE_CHECKING:
    from ..job import Clue


@click.command(cls=Command)
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@config_option
@click.option("--base-url", metavar="URL", help="Address of the CRM, instead of api.base_url.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout: the clues, and each as it came.")
@json_file_option
@lang_option
@click.option("--verbose", is_flag=True, help="Log every request on stderr, without the token.")
@click.pass_obj
def clue(screen: Screen, /, ids: tuple[str, ...], **options: Any) -> int:
    """Show the clues ID... as the CRM has them now; ids with the names that belong to them."""
    from .. import job

    settings = load_settings(screen, **options)
    given = [part for text in ids for part in text.replace("\uff0c", ",").split(",")]
    objects = list[dict[str, object]]()
    missing = list[Message]()
    for place, (clue_id, shown) in enumerate(job.show_clues(given, settings, on_event=screen.show)):
        if isinstance(shown, Message):
            missing.append(shown)
        if screen.wants_object:
            objects.append(_as_json(screen, clue_id, shown))
        if screen.as_json:
            continue
        if isinstance(shown, Message):
            screen.line(shown, error=True)
        else:
            _show(screen, shown, first=not place)
    reasons = {word_of(Stoppage(HaltReason.OTHER, message)) for message in missing}
    code = screen.exit_code()
    reason = None
    if missing:
        code, reason = (3, CRM_DOWN) if CRM_DOWN in reasons else (1, CLUES)
    error = "\n".join(say(message, screen.lang) for message in missing) or None
    screen.json_object({"clues": objects, **frame(code, reason, error)})
    return code


def _show(screen: Screen, shown: Clue, *, first: bool) -> None:
    if not first:
        screen.text("")
    name = Message("diff.named", {"name": shown.name}) if shown.name else ""
    screen.line(Message("changes.of_clue", {"clue": shown.clue_id, "name": name}))
    for field in shown.fields:
        screen.line(Message("clue.line", {"field": field.heading, "value": field.value}))


def _as_json(screen: Screen, clue_id: int, shown: Clue | Message) -> dict[str, object]:
    if isinstance(shown, Message):
        return {"clue_id": clue_id, "name": None, "fields": [], "record": None, "error": say(shown, screen.lang)}
    fields = [
        {
            "key": field.key,
            "heading": say(field.heading, screen.lang) if isinstance(field.heading, Message) else field.heading,
            "value": say(field.value, screen.lang) if isinstance(field.value, Message) else field.value,
        }
        for field in shown.fields
    ]
    return {"clue_id": clue_id, "name": shown.name, "fields": fields, "record": shown.record, "error": None}
