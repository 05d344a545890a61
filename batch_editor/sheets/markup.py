"""Parses the XML of a workbook, part by part, in bounded memory whatever the part holds.

A part is parsed by expat in small pieces. What no workbook has and what could make a small file eat the machine is
refused: a document type (and with it every entity), elements within each other without an end, tags without an end,
and any number of different names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import IO
from xml.parsers import expat

#: The namespaces of a sheet: of the usual workbooks, and of those that are saved as Strict Open XML.
MAIN = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
#: Of a text in one cell, in characters; Excel takes 32,767.
LONGEST_TEXT = 1 << 20
_KNOWN = {*MAIN, "http://schemas.openxmlformats.org/package/2006/relationships"}
_CHOICE = "http://schemas.openxmlformats.org/markup-compatibility/2006 Choice"
# Rows are handed on once per piece: with Excel's last column filled, those of a piece take some 60 MB.
_PIECE = 1 << 14
_LONGEST_TAG = 1 << 20
_MOST_NAMES = 10_000
_DEEPEST = 100

Attributes = dict[str, str]
#: Is called for each element of ``walk``: with the name of the element around it, its own name, and its attributes.
Visit = Callable[[str, str, Attributes], None]


class TooLargeError(ValueError):
    """A part holds more than a sheet does."""


class Tag(str):
    """The name of an element as a parser hands it on: the same object each time, and never the same as a text."""

    __slots__ = ()


def make_tags(names: dict[str, str], prefix: str, *tags: str) -> tuple[Tag, ...]:
    """Returns these names of elements as ``Tag``s, which the parser hands on from then on."""
    made = tuple(Tag(prefix + tag) for tag in tags)
    names.update(zip(made, made, strict=True))
    return made


def new_parser(*, namespaces: bool = False) -> tuple[expat.XMLParserType, dict[str, str]]:
    """Returns a parser, and the names that it meets, for ``feed``.

    With ``namespaces`` a name is ``NAMESPACE name``; without, as it is written, which takes a fifth less time.
    """
    names: dict[str, str] = {}
    parser = expat.ParserCreate(None, " " if namespaces else None, names)
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _no_doctype
    return parser, names


def feed(parser: expat.XMLParserType, names: dict[str, str], source: IO[bytes]) -> Iterator[None]:
    """Parses ``source`` to its end, with a stop after each piece.

    Raises ExpatError where it is no XML, and what the handlers raise.
    """
    fed = 0
    while piece := source.read(_PIECE):
        parser.Parse(piece, False)
        fed += len(piece)
        if fed - parser.CurrentByteIndex > _LONGEST_TAG or len(names) > _MOST_NAMES:
            raise TooLargeError("a tag without an end, or too many names")
        yield
    parser.Parse(b"", True)
    yield


def skip(parser: expat.XMLParserType) -> None:
    """Leaves out an element with all that it holds, and then goes on as before; is called by the handler of its start."""
    handlers = parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler
    depth = 1

    def start(name: str, attributes: Attributes) -> None:
        nonlocal depth
        depth = deeper(depth)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        if not depth:
            parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = handlers

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, None


def deeper(depth: int) -> int:
    """Returns one more level of nesting; raises TooLargeError if no workbook has so many."""
    if depth >= _DEEPEST:
        raise TooLargeError("elements within each other without an end")
    return depth + 1


def prefix_of(name: str, attributes: Attributes, expected: str) -> str:
    """Returns with what the names of a sheet's namespace begin, by the outermost element: "", or a prefix with its colon.

    Raises ValueError if that element is not the ``expected`` one.
    """
    prefix, colon, local = name.rpartition(":")
    if local != expected or attributes.get(f"xmlns:{prefix}" if colon else "xmlns") not in MAIN:
        raise ValueError(f"{name} instead of {expected}")
    return prefix + colon


def walk(source: IO[bytes], visit: Visit) -> None:
    """Calls ``visit`` for each element of a part of no great size, without its namespace; those of others are left out.

    Of alternatives the fallback is taken, which needs nothing that is not known here.
    """
    parser, names = new_parser(namespaces=True)
    above: list[str] = []

    def start(name: str, attributes: Attributes) -> None:
        if name == _CHOICE:
            skip(parser)
            return
        deeper(len(above))
        namespace, _, local = name.rpartition(" ")
        if namespace in _KNOWN:
            visit(above[-1] if above else "", local, attributes)
        elif local not in ("AlternateContent", "Fallback"):
            local = ""
        else:
            local = above[-1] if above else ""
        above.append(local)

    def end(name: str) -> None:
        above.pop()

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    for _ in feed(parser, names, source):
        pass


def whole_number(text: str) -> int:
    """Returns the number of a count or a place; raises ValueError for anything but ASCII digits."""
    text = text.strip()
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"{text!r} is no whole number")
    return int(text)


def is_true(text: str | None) -> bool:
    """Returns what an attribute says that is yes or no; no where it is missing."""
    return text in ("1", "true")


def _no_doctype(*_: object) -> None:
    raise ValueError("a document type")
