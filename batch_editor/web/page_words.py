"""What messages say on the page: some texts name an option of the command line, and the page has words of its own for those.

Such a text stands in ``messages`` once more, by its key behind ``on_page.``.
"""

from __future__ import annotations

from dataclasses import replace

from ..messages import TEXTS
from ..model import Message, Problem

_OWN = "on_page."


def on_page(message: Message) -> Message:
    """Returns ``message``, and the messages within it, in the words of the page."""
    values = {name: _said(value) for name, value in message.values.items()}
    key = f"{_OWN}{message.key}"
    return replace(message, key=key if key in TEXTS else message.key, values=values)


def note_on_page(note: Message | Problem) -> Message | Problem:
    """Returns what is noted of a row in the words of the page."""
    return on_page(note) if isinstance(note, Message) else replace(note, message=on_page(note.message))


def _said(value: object) -> object:
    match value:
        case Message():
            return on_page(value)
        case list() | tuple():
            return [_said(part) for part in value]
        case _:
            return value
