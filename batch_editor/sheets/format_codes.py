"""What the code of a number format says: its sections, and the tokens of which each consists.

What a value is shown as by them is left to ``shown_figures``, ``shown_dates`` and ``number_formats``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

#: Above these are the dates and times of the system, and calendars and figures of other kinds.
_LARGEST_LANGUAGE = 0xEFFF

_TOKEN = re.compile(
    r"""
    "(?P<quoted>[^"]*)"?
    | [\\!](?P<escaped>.)
    | _(?P<space>.)
    | \*(?P<fill>.)
    | \[(?P<bracket>[^\]]*)\]
    | (?P<general>General|G/通用格式)
    | (?P<clock>AM/PM|A/P|上午/下午)
    | (?P<exponent>E[+-])
    | (?P<date>y+|m+|d+|h+|s+|a{3,}|g+|e+|b+)
    | (?P<places>[0#?])
    | (?P<other>.)
    """,
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*([+-]?[0-9]+(?:\.[0-9]+)?)")
_ELAPSED = re.compile(r"h+|m+|s+", re.IGNORECASE)
_COLOUR = re.compile(
    r"black|blue|cyan|green|magenta|red|white|yellow|color ?[0-9]+|[黑蓝青绿洋红白黄]色?|颜色 ?[0-9]+", re.IGNORECASE
)
_LOCALE = re.compile(r"\$([^-]*)(?:-([0-9A-F]{1,8}))?(?:,[0-9A-F]{1,8})?", re.IGNORECASE)


class Shown(NamedTuple):
    """The text that a cell shows; ``is_certain`` says whether every spreadsheet shows this."""

    text: str
    is_certain: bool = True


class Token(NamedTuple):
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    """One of the sections of a format: its tokens, the condition on its numbers, whose names it shows, and whether it is one
    that nobody can be certain of."""

    tokens: tuple[Token, ...]
    condition: tuple[str, Decimal] | None
    language: int | None
    is_certain: bool

    def has(self, *kinds: str) -> bool:
        return any(token.kind in kinds for token in self.tokens)


def sections_of(code: str) -> list[str]:
    """Returns the sections of a code; a semicolon in quotes or brackets, or escaped, ends none."""
    sections = [""]
    for match in _TOKEN.finditer(code):
        if match.lastgroup == "other" and match[0] == ";":
            sections.append("")
        else:
            sections[-1] += match[0]
    return sections


def section_of(piece: str) -> Section:
    """Returns what one section of a code says."""
    tokens: list[Token] = []
    condition, language, is_certain = None, None, True
    for match in _TOKEN.finditer(piece):
        kind = match.lastgroup or ""
        text = match[kind]
        if kind == "bracket":
            if held := _CONDITION.fullmatch(text):
                condition = (held[1], Decimal(held[2]))
            elif _ELAPSED.fullmatch(text):
                tokens.append(Token("elapsed", text.lower()))
            elif named := _LOCALE.fullmatch(text):
                tokens += [Token("literal", named[1])] if named[1] else []
                language = int(named[2], 16) if named[2] else language
                is_certain = is_certain and (language is None or language <= _LARGEST_LANGUAGE)
            elif not _COLOUR.fullmatch(text):
                is_certain = False
        elif kind in ("quoted", "escaped"):
            tokens.append(Token("literal", text))
        elif kind == "space":
            tokens.append(Token("literal", " "))
        elif kind == "fill":
            is_certain = is_certain and text == " "
        elif kind == "date":
            is_certain = is_certain and text[0] not in "gGbBeE"
            tokens.append(Token("date", text.lower()))
        elif kind in ("general", "clock", "places"):
            tokens.append(Token(kind, text))
        elif kind == "exponent":
            tokens.append(Token("exponent", text[1]))
        elif text == "@":
            tokens.append(Token("text", text))
        elif text in ".,%/":
            tokens.append(Token(text, text))
        else:
            tokens.append(Token("literal", text))
    return Section(tuple(tokens), condition, language, is_certain)
