"""What a person is told, before it takes the form of a target: lines of plain text that are made to fit, and not to act.

Whatever a sheet, a file name or the CRM says is shown as text: it names nobody, leads nowhere and changes no letter's look.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ..messages.visible import visible


def _full_width(sign: str) -> str:
    return chr(ord(sign) + 0xFEE0)


#: What acts in a message of a robot, each with the full-width sign that stands for it: mentions, markdown, HTML.
_ACTING = str.maketrans({char: _full_width(char) for char in "<>@[]*`&~|"})
#: What turns into a link by itself, wherever it is shown: a scheme, and a name of a server without one.
_SCHEME = re.compile("://")
_WWW = re.compile(r"(?i)(?<![a-z0-9])(www)\.")
_TOP = "com|cn|net|org|io|info|biz|top|xyz|club|site|shop|link|live|vip|icu|app|dev|cc|co|me|tv|ru|uk|de|jp|hk|tw|us|eu|中国"
_SERVER = re.compile(rf"(?i)(?<=[\w-])\.(?=(?:{_TOP})(?![\w-])(?!\.\w))")
#: What makes something else than a line of text of a line in markdown where it begins with it: a title, a list, a rule.
_BEGINNING = re.compile(r"^(\s*)([#+=-])|^(\s*\d+)([.)])(?=\s)")
#: What keeps the sign behind it from acting, and is not shown itself.
_ESCAPING = re.compile(r"\\(?=[!-/:-@\[-`{-~])")
#: What belongs to the sign before it: variants, tones of skin, the mark around a key; and what joins two signs.
_FORMS = range(0xFE00, 0xFE10)
_TONES = range(0x1F3FB, 0x1F400)
_KEYCAP = 0x20E3
_JOINER = 0x200D
#: Letters of which two make a flag.
_FLAGS = range(0x1F1E6, 0x1F200)


@dataclass(frozen=True, slots=True)
class Text:
    """What is told: the verdict as ``title``, then ``lines``, then ``problems``, of which the last ones are left out where
    there is no room, then the ``ending`` that says what to do now. ``record`` is the same for programs."""

    title: str
    lines: Sequence[str] = ()
    problems: Sequence[str] = ()
    ending: Sequence[str] = ()
    record: Mapping[str, object] = field(default_factory=dict)


def unlinked(line: str) -> str:
    """Returns a line in which nothing is a link by itself, and nothing is hidden."""
    return _SERVER.sub("．", _WWW.sub(r"\1．", _SCHEME.sub("：//", visible(line))))


def inert(line: str) -> str:
    """Returns a line in which nothing acts where a robot shows it, as markdown or not."""
    line = _ESCAPING.sub("＼", unlinked(line)).translate(_ACTING)
    line = _BEGINNING.sub(lambda match: (match[1] or match[3] or "") + _full_width(match[2] or match[4]), line)
    chars = list(line)
    for place, char in enumerate(line):  # within a word, as in most names of files, it is no sign of emphasis
        if char == "_" and not (line[place - 1 : place].isalnum() and line[place + 1 : place + 2].isalnum()):
            chars[place] = "＿"
    return "".join(chars)


def in_bytes(text: str) -> int:
    """Returns how many bytes of UTF-8 a text takes."""
    return len(text.encode())


def in_json(text: str) -> int:
    """Returns how many bytes a text takes within JSON."""
    return len(json.dumps(text, ensure_ascii=False).encode()) - 2


def cut(text: str, limit: int, size: Callable[[str], int] = in_bytes) -> str:
    """Returns as much of the beginning of ``text`` as is no larger than ``limit``: whole characters, with all that belongs to
    them."""
    if size(text) <= limit:
        return text
    fits = 0
    too_long = len(text)
    while too_long - fits > 1:
        middle = (fits + too_long) // 2
        if size(text[:middle]) <= limit:
            fits = middle
        else:
            too_long = middle
    while fits and _belongs_together(text, fits):
        fits -= 1
    return text[:fits]


def _belongs_together(text: str, place: int) -> bool:
    """Returns whether what stands before the ``place`` and what follows it are shown as one sign."""
    before = ord(text[place - 1])
    after = ord(text[place])
    if (
        after in _FORMS
        or after in _TONES
        or after == _KEYCAP
        or _JOINER in (before, after)
        or unicodedata.combining(text[place])
    ):
        return True
    flags = 0
    while flags < place and ord(text[place - 1 - flags]) in _FLAGS:
        flags += 1
    return flags % 2 == 1 and after in _FLAGS


def shortened(text: str, most: int) -> str:
    """Returns ``text``, or so many characters of its beginning, and that there are more."""
    return text if len(text) <= most else f"{cut(text, most, len)}…"


def shortened_within(text: str, most: int) -> str:
    """Returns ``text``, or so many characters of its beginning and its end."""
    if len(text) <= most:
        return text
    start = len(text) - most // 2
    while start < len(text) and _belongs_together(text, start):
        start += 1
    return f"{cut(text, most // 2, len)}…{text[start:]}"


def within_limit(
    head: str, problems: str, tail: str, *, between: str, note: str, limit: int, size: Callable[[str], int] = in_bytes
) -> str:
    """Returns the three parts as one text that is no larger than ``limit``, with the ``note`` where it was cut.

    What is left out is the end of the ``problems``; where that is not enough all of them, and the end of the head; and the
    beginning of the tail only where that alone takes more than half of what there is.
    """
    text = between.join(part for part in (head, problems, tail) if part)
    if size(text) <= limit:
        return text
    around = between.join(part for part in (head, note, tail) if part)
    room = limit - size(around) - size(between)
    if problems and room > 0:
        return between.join(part for part in (head, cut(problems, room, size).rstrip(), note, tail) if part)
    while tail and size(tail) > limit // 2:  # what to do is its last line
        _, more, remaining = tail.partition(between)
        tail = remaining if more else cut(tail, limit // 2, size)
    around = between.join(part for part in (note, tail) if part)
    return between.join([cut(head, limit - size(around) - size(between), size).rstrip(), around])
