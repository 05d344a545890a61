"""What a worker tells whoever looks after it: notes, each a word for programs, its fields, and a sentence for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ..model import Message


@dataclass(frozen=True, slots=True)
class Note:
    """Something that a worker tells: ``word`` and ``fields`` for programs, ``message`` for people.

    ``is_warning``: somebody may have to do something.
    """

    word: str
    message: Message
    fields: Mapping[str, object] = field(default_factory=dict)
    is_warning: bool = False


#: What takes the notes of a worker. Any thread may call it.
Tell = Callable[[Note], None]
