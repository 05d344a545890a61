"""Text that acts in a terminal, made visible: escape sequences, other controls, and characters that nobody sees.

A value that comes from a sheet, from the CRM, from a name of a file or from the settings is shown by these functions before it
stands in a sentence or on a screen: it can neither erase nor forge nor reorder what stands around it. Nothing is lost by that:
each such character is shown by its number, as programmers write it (``\\x1b``).
"""

from __future__ import annotations

import re
import unicodedata

#: Controls (C0, C1), what separates lines and paragraphs, halves of characters, non-characters, what changes the direction of
#: text, what takes no room (Unicode's ``Default_Ignorable_Code_Point``), and notes between lines.
_HIDDEN = (
    "\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164"
    "\ud800-\udfff\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\U00013430-\U0001345f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_ANY_HIDDEN = re.compile(f"[{_HIDDEN}]")
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
#: Bytes of a file name that are no characters, as Python keeps them.
_BYTES = range(0xDC80, 0xDD00)
#: What chooses between the forms of the sign before it (❤️), and what joins two pictures into one (👨‍👩‍👧).
_FORMS, _JOINER = "\ufe0e\ufe0f", "\u200d"


def visible(text: str) -> str:
    """Returns ``text`` on one line, with every character that acts or hides shown by its number; a line break as ``\\n``."""
    if text.isascii() and text.isprintable():  # as most texts, at a tenth of the price
        return text
    return _ANY_HIDDEN.sub(_shown, text)


def visible_lines(text: str) -> str:
    """Returns ``text`` as ``visible`` does, but keeps its line breaks: for sentences, whose values are visible already."""
    if text.isascii() and text.isprintable():
        return text
    return "\n".join(map(visible, text.split("\n")))


def is_visible(text: str) -> bool:
    """Returns whether ``text`` shows all that it holds: whether ``visible`` would leave it as it is."""
    return visible(text) == text


def _shown(match: re.Match[str]) -> str:
    """Returns what stands for a hidden character; one that belongs to a picture before it stays."""
    char, text, place = match[0], match.string, match.start()
    before, after = text[place - 1 : place], text[place + 1 : place + 2]
    if char in _FORMS and before and not _ANY_HIDDEN.match(before):
        return char
    if char == _JOINER and _is_picture(before) and _is_picture(after):
        return char
    number = ord(char)
    if number in _BYTES:
        number -= _BYTES[0] - 0x80
    return _SHORT.get(char) or (
        f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
    )


def _is_picture(char: str) -> bool:
    return char != "" and (char in _FORMS or unicodedata.category(char) in ("So", "Sk"))
