"""The command ``guide``: a page of the guide on a terminal, or as plain Markdown where it is piped.

The pages come from the module ``guide``. Here the few forms of Markdown that they use are drawn so that every line fits the
terminal: headings, paragraphs, lists, blocks of code and tables. A table that is too wide is drawn row by row.
"""

from __future__ import annotations

import re
import shutil
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from .. import guide as pages
from ..errors import Refused, reason_in
from ..messages import Lang
from ..messages.widths import broken, width
from ..model import Message
from .help_pages import Command
from .options import FILE, lang_option
from .screen import Screen

#: Lines of prose are no longer than this on a wide terminal, since longer ones are hard to read.
MOST_COLUMNS = 100
#: A column of a table is not made narrower than this: the table is then drawn row by row.
LEAST_COLUMNS = 30
_ITEM = re.compile(r"( *)(- |[0-9]+\. )")
_MARKED = re.compile(
    r"\*\*(?P<strong>.+?)\*\*|(?<!\*)\*(?P<stressed>[^*]+?)\*|`(?P<code>[^`]+)`|\[(?P<text>[^]]+)\]\((?P<link>[^)]+)\)"
)
_STYLES: dict[str, dict[str, Any]] = {
    "strong": {"bold": True},
    "stressed": {"italic": True},
    "code": {"fg": "cyan"},
    "text": {"underline": True},
}
#: Signs of Chinese after which no space follows, and the empty beginning of a text.
_SIGNS = ("", *"，。；：、？！（）“”《》…")
#: A character of a text with the name of its style, which is empty for plain text.
_Styled = list[tuple[str, str]]


@click.command(cls=Command)
@click.argument("topic", required=False)
@click.option("--files", "folder", type=FILE, metavar="DIR", help="Write the files that the page holds into DIR.")
@lang_option
@click.pass_obj
def guide(screen: Screen, /, topic: str | None, folder: Path | None, lang: Lang | None) -> int:
    """Show the guide: a list of its topics, or the page of TOPIC."""
    screen.lang = lang or screen.lang
    if topic is None:
        screen.line(Message("guide.topics"))
        longest = max(map(len, pages.TOPICS))
        for name in pages.TOPICS:
            screen.text(f"  {name:{longest}}  {pages.summary(name, screen.lang)}")
        return screen.exit_code()
    if topic not in pages.TOPICS:
        raise Refused("guide.unknown", topic=topic, topics=", ".join(pages.TOPICS))
    if folder is not None:
        return _write_files(screen, topic, folder)
    text = pages.page(topic, screen.lang)
    if sys.stdout.isatty():
        text = "\n".join(drawn(text, min(shutil.get_terminal_size().columns, MOST_COLUMNS))) + "\n"
    screen.styled(text)
    return screen.exit_code()


def _write_files(screen: Screen, topic: str, folder: Path) -> int:
    """Writes the files of a page, none of them in the place of one that is there; returns the exit code."""
    code = 0
    for name, text in pages.files_of(topic).items():
        path = folder / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8", newline="\r\n" if path.suffix in (".cmd", ".ps1") else "\n") as file:
                file.write(text)
            if path.suffix == ".sh":
                path.chmod(0o755)
        except FileExistsError:
            screen.line(Message("guide.file_there", {"path": path}), error=True)
            code = 1
        except OSError as error:
            raise Refused("guide.file_unwritten", path=path, reason=reason_in(error)) from None
        else:
            screen.line(Message("guide.file_written", {"path": path}), wrapped=False)
    return code or screen.exit_code()


def drawn(page: str, columns: int) -> Iterator[str]:
    """Yields the lines of a Markdown page for a terminal, each at most ``columns`` wide, with styles as ANSI codes.

    Lines of a block of code stay as they are, whatever their width, since people copy them.
    """
    for block in _blocks(page):
        first = block[0]
        if not first:
            yield ""
        elif first.lstrip().startswith("```"):
            code = textwrap.dedent("\n".join(block[1:-1]))
            yield from (click.style(line, fg="green") for line in textwrap.indent(code, "  ").splitlines())
        elif first.startswith("    "):
            yield from block
        elif first.startswith("#"):
            yield click.style(first.lstrip("# "), bold=True, underline=first.startswith("# "))
        elif first.startswith("|"):
            yield from _table(block, columns)
        else:
            item = _ITEM.match(first)
            mark = item[0] if item else " " * (len(first) - len(first.lstrip()))
            text = _joined(line.strip() for line in (first[len(mark) :], *block[1:]))
            lines = _styled_lines(text, columns - len(mark))
            yield from ((mark if index == 0 else " " * len(mark)) + line for index, line in enumerate(lines))


def _blocks(page: str) -> Iterator[list[str]]:
    """Yields what belongs together: a heading, a paragraph, an item of a list, a block of code, a table, or a blank line."""
    block: list[str] = []
    for line in page.splitlines():
        in_code = bool(block) and block[0].lstrip().startswith("```")
        if in_code:
            block.append(line)
            if line.strip() == "```":
                yield block
                block = []
            continue
        preformatted = line.startswith("    ") and not block
        begins = not line.strip() or preformatted or bool(re.match(r" *```|#", line) or _ITEM.match(line))
        if block and (begins or line.startswith("|") != block[0].startswith("|")):
            yield block
            block = []
        if not line.strip() or preformatted or line.startswith("#"):
            yield [line.rstrip()]
        else:
            block.append(line)
    if block:
        yield block


def _joined(lines: Iterator[str]) -> str:
    """Joins the lines of a paragraph with a space, but without one between two Chinese characters or after a Chinese sign."""
    text = ""
    for line in lines:
        chinese = text[-1:] in _SIGNS or (width(text[-1:]) == 2 and width(line[:1]) == 2)
        text += ("" if chinese else " ") + line
    return text


def _table(block: list[str], columns: int) -> Iterator[str]:
    """Yields a table in columns, of which the widest is broken into lines if need be; where that leaves too little room for
    it, the headings and then each row as its first cell with the other cells below."""
    heading, *rows = (_cells(line) for line in block if not set(line) <= set("|- "))
    widths = [max(width(_plain(row[index])) for row in (heading, *rows)) for index in range(len(heading))]
    widest = widths.index(max(widths))
    room = columns - sum(widths) + widths[widest] - 2 * (len(widths) - 1)
    if room >= min(widths[widest], LEAST_COLUMNS):
        widths[widest] = min(widths[widest], room)
        yield click.style(_beside([[_plain(cell)] for cell in heading], widths), bold=True)
        for row in rows:
            cells = [list(_styled_lines(cell, wide)) or [""] for cell, wide in zip(row, widths, strict=True)]
            for number in range(max(map(len, cells))):
                yield _beside([lines[number : number + 1] for lines in cells], widths)
        return
    yield click.style(" / ".join(map(_plain, heading)), underline=True)
    for row in rows:
        yield from (click.style(line, bold=True) for line in broken(_plain(row[0]), columns))
        for name, cell in zip(heading[1:], row[1:], strict=True):
            label = "" if len(heading) == 2 else f"{name}：" if width(name[-1:]) == 2 else f"{name}: "
            if cell:
                yield from (f"    {line}" for line in _styled_lines(label + cell, columns - 4))


def _beside(cells: list[list[str]], widths: list[int]) -> str:
    """Joins one line of each cell of a row, each as wide as its column."""
    lines = [(lines or [""])[0] for lines in cells]
    return "  ".join(
        line + " " * (wide - width(click.unstyle(line))) for line, wide in zip(lines, widths, strict=True)
    ).rstrip()


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def _marked(text: str) -> _Styled:
    """Takes the marks of Markdown out of ``text`` and gives each character the style that they ask for."""
    characters: _Styled = []
    end = 0
    for match in _MARKED.finditer(text):
        kind = match.lastgroup if match.lastgroup != "link" else "text"
        characters += [(char, "") for char in text[end : match.start()]]
        characters += [(char, kind or "") for char in match[kind or 0].replace("`", "")]
        end = match.end()
    return characters + [(char, "") for char in text[end:]]


def _plain(text: str) -> str:
    return "".join(char for char, _ in _marked(text))


def _styled_lines(text: str, columns: int) -> Iterator[str]:
    """Yields ``text`` on lines of at most ``columns``, the marks of Markdown turned into styles."""
    characters = _marked(text)
    at = 0
    for line in broken("".join(char for char, _ in characters), columns):
        parts: list[tuple[str, str]] = []
        for char in line:
            while characters[at][0] != char:  # a space at the end of the line before
                at += 1
            kind = characters[at][1]
            at += 1
            if parts and parts[-1][1] == kind:
                parts[-1] = (parts[-1][0] + char, kind)
            else:
                parts.append((char, kind))
        yield "".join(click.style(part, **_STYLES[kind]) if kind else part for part, kind in parts)
