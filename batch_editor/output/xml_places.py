"""Finds where elements stand in the bytes of a part, so that one can be replaced and all others stay as they are.

A part is an XML file in the package of a workbook. What is put in the place of an element is decided in ``mended_sheet`` and
``mended_workbook``.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from ..sheets.markup import Attributes, new_parser

_DECLARED = re.compile(rb"""\A<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_BEHIND_NAME = (">", " ", "\t", "\r", "\n")


@dataclass(slots=True)
class Element:
    """An element of a part: how many are around it, and its place in the bytes."""

    depth: int
    name: str
    attributes: Attributes
    start: int
    end: int = 0


def codec_of(head: bytes) -> str:
    """Returns the codec of a part, of which these are the first bytes."""
    for mark, codec in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if head.startswith(mark):
            return codec
    if head.startswith(b"<\0"):
        return "utf-16-le"
    if head.startswith(b"\0<"):
        return "utf-16-be"
    match = _DECLARED.search(head.removeprefix(codecs.BOM_UTF8))
    return match[1].decode() if match else "utf-8"


def end_of(content: bytes | bytearray, place: int, name: str, codec: str) -> int:
    """Returns where the element ``name`` ends whose end the parser has met at ``place``: there, if it is an empty element, else
    behind its end tag."""
    tag = f"</{name}".encode(codec)
    behind = place + len(tag)
    ends = tuple(character.encode(codec) for character in _BEHIND_NAME)
    if content[place:behind] != tag or not content[behind : behind + len(ends[0])].startswith(ends):
        return place
    width = len(ends[0])
    closing = content.index(ends[0], behind)
    while (closing - place) % width:
        closing = content.index(ends[0], closing + 1)
    return closing + width


def elements_of(content: bytes) -> list[Element]:
    """Returns the elements of a part of no great size, in their order. Raises what expat raises."""
    parser, _ = new_parser()
    codec = codec_of(content)
    above: list[Element] = []
    elements: list[Element] = []

    def start(name: str, attributes: Attributes) -> None:
        element = Element(len(above), name, attributes, parser.CurrentByteIndex)
        above.append(element)
        elements.append(element)

    def end(name: str) -> None:
        above.pop().end = end_of(content, parser.CurrentByteIndex, name, codec)

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.Parse(content, True)
    return elements
