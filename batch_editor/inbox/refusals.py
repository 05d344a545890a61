"""The text that is laid beside a sheet that was refused: why, and what to do so that it is sent."""

from __future__ import annotations

from datetime import datetime

from ..messages import Lang, say
from ..messages.visible import visible_lines
from ..model import Message
from .outcomes import Handled


def reason_text(handled: Handled, lang: Lang | None, now: datetime) -> str:
    """Returns the text, in the language of the settings; in both where they do not name one."""
    languages: tuple[Lang, ...] = (lang,) if lang else ("zh", "en")
    return "\n----\n\n".join(_text(handled, language, now) for language in languages)


def _text(handled: Handled, lang: Lang, now: datetime) -> str:
    why = [handled.error.message] if handled.error else []
    moment = now.isoformat(sep=" ", timespec="minutes")
    messages = [
        Message("inbox.refused_head", {"sheet": handled.name, "time": moment}),
        *why,
        *([Message("inbox.refused_check", {"name": handled.check_sheet.name})] if handled.check_sheet else []),
        Message("inbox.refused_next"),
    ]
    return "\n\n".join(visible_lines(say(message, lang)) for message in messages) + "\n"
