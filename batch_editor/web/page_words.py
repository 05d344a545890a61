"""What messages say on the page: some texts name an option of the command line, and the page has words of its own for those.

Such a text stands in ``messages`` once more, by its key behind ``on_page.``.
"""

from __future__ import annotations

from dataclasses import replace

from ..messages import TEXTS
from ..model import Message

_OWN = "on_page."


def on_page(message: Message) -> Message:
    """Returns ``message``, and the messages within it, in the words of the page."""
    values = {name: _said(value) for name, value in message.values.items()}
    key = f"{_OWN}{message.key}"
    return replace(message, key=key if key in TEXTS else message.key, values=values)


def _said(value: object) -> object:
    match value:
        case Message():
            return on_page(value)
        case list() | tuple():
            return [_said(part) for part in value]
        case _:
            return value
