"""Knows what must never be shown, and removes it from any text, whatever its notation.

Where texts come from, and where they are shown, is left to others: each hands its own through ``Secrets``.
"""

from __future__ import annotations

import base64
import html
import re
import threading

#: What stands where a secret was.
MASK = "***"
#: The shortest stretch of base64 that is taken for a secret: less of it turns up by chance.
_BASE64_CORE = 10

_SHORT_ESCAPES = {"\n": "n", "\r": "r", "\t": "t", "\b": "b", "\f": "f"}


class Secrets:
    """Every secret of a run, and what removes them from a text. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._patterns: dict[str, re.Pattern[str]] = {}

    def add(self, secret: str) -> None:
        """Lets ``secret`` be removed from now on; an empty one is none."""
        with self._lock:
            if secret and secret not in self._patterns:
                known = {**self._patterns, secret: _pattern(secret)}
                # The longest first: a secret that is the beginning of another must not leave that one's end behind.
                self._patterns = dict(sorted(known.items(), key=lambda item: -len(item[0])))

    def remove_from(self, text: str) -> str:
        """Returns ``text`` with ``***`` for every secret: as it is, percent-encoded (once or more, anything taken as safe), in
        the escapes of JSON, Python or HTML (each character in a way of its own if need be), or in base64."""
        for pattern in self._patterns.values():
            text = pattern.sub(MASK, text)
        return text


def _pattern(secret: str) -> re.Pattern[str]:
    return re.compile("|".join((*_base64_forms(secret), "".join(_any_form(char) for char in secret))))


def _any_form(char: str) -> str:
    """Returns a pattern for one character in every notation that a URL, a log line or an error page may use for it."""
    raw = char.encode("utf-8", "surrogatepass")
    units = char.encode("utf-16-be", "surrogatepass").hex()
    forms = [
        re.escape(char),
        "".join("%(?:25){0,8}" + _hex(f"{byte:02x}") for byte in raw),
        "".join(r"\\{1,32}x" + _hex(f"{byte:02x}") for byte in raw),
        "".join(r"\\{1,32}u" + _hex(units[start : start + 4]) for start in range(0, len(units), 4)),
        r"\\{1,32}U" + _hex(f"{ord(char):08x}"),
        rf"&#(?:0{{0,8}}{ord(char)}|[xX]0{{0,8}}{_hex(f'{ord(char):x}')});",
    ]
    if html.escape(char) != char:
        forms.append(re.escape(html.escape(char)))
    if "\x7f" < char <= "\xff":
        forms.append(r"\\{1,32}x" + _hex(f"{ord(char):02x}"))
    if char in _SHORT_ESCAPES:
        forms.append(r"\\{1,32}" + _SHORT_ESCAPES[char])
    if char in "\"'\\/":
        forms.append(r"\\{1,32}" + re.escape(char))
    if char == " ":
        forms.append(r"\+")
    return f"(?:{'|'.join(forms)})"


def _hex(digits: str) -> str:
    return "".join(f"[{digit}{digit.upper()}]" if digit.isalpha() else digit for digit in digits)


def _base64_forms(secret: str) -> list[str]:
    """Returns patterns for the secret in base64, alone or in a longer text, where it starts at any of a group's three bytes."""
    raw = secret.encode("utf-8", "surrogatepass")
    forms = []
    for before in range(3):
        text = base64.b64encode(bytes(before) + raw).decode()
        core = text[(before * 8 + 5) // 6 : (before + len(raw)) * 8 // 6]  # the characters of nothing but the secret
        if len(core) >= _BASE64_CORE:
            either_alphabet = "".join({"+": "[+-]", "/": "[/_]"}.get(char, char) for char in core)
            forms.append(either_alphabet + "[A-Za-z0-9+/_-]?={0,2}")
    return forms
