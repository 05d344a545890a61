"""Notes at cells: how large one is, so that all of its text is seen, and in which letters it is written.

Excel, WPS and LibreOffice show a note in a box that does not grow with its text.
"""

from __future__ import annotations

from ..messages.widths import height

#: The width of a box, the height of a line and the widths of a letter and of both edges, in pixels.
WIDTH, LINE, LETTER, EDGE = 400, 20, 8, 20
#: The most characters of a note at a cell: what is longer stands in a column as well.
_LONGEST = 600
_FONT = {"font_name": "Microsoft YaHei", "font_size": 9}


def box(text: str) -> dict[str, object]:
    """Returns how a note is written that holds ``text``: as large as that needs, and in nobody's name."""
    lines = height(text, (WIDTH - EDGE) // LETTER) + 1
    return {**_FONT, "author": "", "width": WIDTH, "height": lines * LINE}


def shown(text: str) -> str:
    """Returns as much of a sentence as a note at a cell holds."""
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
