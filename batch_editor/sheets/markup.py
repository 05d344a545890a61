"""Parses the XML of a workbook, part by part, in bounded memory whatever the part holds.

A part is parsed by expat in small pieces. What no workbook has and what could make a small file eat the machine is
refused: a document type (and with it every entity), elements within each other without an end, tags without an end,
and any number of different names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
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
#: How much may wait for the end of a row or a text before the parser gets it all the same.
_LONGEST_WAIT = 1 << 16
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


@dataclass(slots=True)
class Block:
    """A text of a part whose parser stands at its ``place``; whoever takes something from it moves the place behind that."""

    text: str
    place: int = 0


class _Feed:
    """Hands bytes to a parser, within the bounds, and knows whether it has used them up."""

    def __init__(self, parser: expat.XMLParserType, names: dict[str, str]) -> None:
        self._parser, self._names = parser, names
        self._fed = 0
        self._is_utf8 = True
        parser.XmlDeclHandler = self._note_encoding

    def parse(self, content: bytes) -> None:
        """Raises ExpatError where it is no XML, TooLargeError beyond the bounds, and what the handlers raise."""
        self._parser.Parse(content, False)
        self._fed += len(content)
        if self._fed - self._parser.CurrentByteIndex > _LONGEST_TAG or len(self._names) > _MOST_NAMES:
            raise TooLargeError("a tag without an end, or too many names")

    def is_used_up(self) -> bool:
        """Whether the parser waits for nothing of what it got, and for UTF-8."""
        return self._is_utf8 and self._parser.CurrentByteIndex == self._fed

    def _note_encoding(self, _version: str, encoding: str | None, _standalone: int) -> None:
        # UTF-16 need not be declared, but its parser is never at rest behind a tag in the bytes of ASCII.
        self._is_utf8 = encoding is None or encoding.upper() == "UTF-8"


def feed(parser: expat.XMLParserType, names: dict[str, str], source: IO[bytes]) -> Iterator[None]:
    """Parses ``source`` to its end, with a stop after each piece.

    Raises ExpatError where it is no XML, and what the handlers raise.
    """
    fed = _Feed(parser, names)
    while piece := source.read(_PIECE):
        fed.parse(piece)
        yield
    parser.Parse(b"", True)
    yield


def feed_beside(
    parser: expat.XMLParserType, names: dict[str, str], source: IO[bytes], tag: str, at_rest: Callable[[], bool]
) -> Iterator[Block | None]:
    """Parses ``source`` like ``feed``, but offers what stands between two elements in a ``Block`` before it is parsed.

    A block begins where the parser has used up all that it got, the last of which was ``tag``, an end tag, and where the
    handlers are ``at_rest``: they have noted that tag as what it is. A block ends with such a tag. What is not taken of it is
    parsed, element by element; where two of them have to be, one behind the other, all that is left of the block.
    """
    feed = _Feed(parser, names)
    ending = tag.encode()
    pending = b""
    is_clean = False

    def parse(content: bytes) -> None:
        nonlocal is_clean
        feed.parse(content)
        is_clean = content.endswith(ending) and feed.is_used_up() and at_rest()

    while piece := source.read(_PIECE):
        pending += piece
        whole = pending.rfind(ending) + len(ending)
        if whole >= len(ending):
            content, pending = pending[:whole], pending[whole:]
            if not is_clean:
                first = content.index(ending) + len(ending)
                parse(content[:first])
                content = content[first:]
            if is_clean and content and (text := _decoded(content)):
                block = Block(text)
                while is_clean and block.place < len(text):
                    start = block.place
                    yield block
                    if block.place < len(text):
                        is_second = block.place == start > 0  # behind another one that was not taken
                        stop = len(text) if is_second else text.index(tag, block.place) + len(tag)
                        parse(text[block.place : stop].encode())
                        block.place = stop
                content = text[block.place :].encode()
            if content:
                parse(content)
        if pending and (not is_clean or len(pending) > _LONGEST_WAIT):
            parse(pending)
            pending = b""
        yield None
    parse(pending)
    parser.Parse(b"", True)
    yield None


def _decoded(content: bytes) -> str:
    """Returns the content as a text, or nothing if it is no UTF-8."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        return ""


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
