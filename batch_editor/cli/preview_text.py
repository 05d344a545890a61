"""Shows the preview at a terminal: what a run would do, its dangers on the last screen, right above the question.

What is told, in which words and in which order, is made by ``runs/preview_lines`` and ``runs/dangers``. Where a sentence is
broken is left to ``screen``.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from ..model import Message
from ..runs.dangers import dangers
from ..runs.preview import Preview
from ..runs.preview_lines import details, head, problem_lines
from .field_lines import cleared_lines, set_lines
from .screen import Screen

#: How many kinds of problems are shown to somebody at a terminal.
MOST_PROBLEMS_SHOWN = 10


def show_preview(
    screen: Screen, preview: Preview, *, aside: bool = False, question: Message | None = None, below: Sequence[Message] = ()
) -> None:
    """Shows what a run would do, and the first problems; on stderr if ``aside``.

    What is dangerous fits on one screen with the ``question`` that is asked next, or with what is told ``below``.
    """
    asks = question is not None
    screen.tell_settings(error=aside)
    lines = preview_lines(preview, asks=asks, most_problems=_most_problems(aside=aside))
    last = dangers(preview, asks=asks, lines_of=cleared_lines)
    _show(screen, lines[: len(lines) - len(last)], aside=aside)
    screen.last(last, below=[question] if question else below, error=aside)
    screen.warned(preview.warnings)


def show_warnings(screen: Screen, preview: Preview) -> None:
    """Shows on stderr what a preview warns of, for whoever sees nothing else of it."""
    screen.tell_settings(error=True)
    _show(screen, preview.warnings, aside=True)
    screen.warned(preview.warnings)


def show_problems(screen: Screen, preview: Preview) -> None:
    """Shows what is wrong with the sheet, for whoever sees nothing else of the preview."""
    _show(screen, problem_lines(preview, _most_problems(aside=False)), aside=False)


def preview_lines(preview: Preview, *, asks: bool = False, most_problems: int | None = None) -> list[Message]:
    """Returns a preview in its order, the dangers at the end, with at most so many kinds of problems."""
    lines = [*head(preview), *problem_lines(preview, most_problems), *details(preview, lines_of=set_lines)]
    return [*lines, *dangers(preview, asks=asks, lines_of=cleared_lines)]


def _most_problems(*, aside: bool) -> int | None:
    """Returns how many kinds of problems are shown where somebody looks at a terminal; all of them elsewhere."""
    return MOST_PROBLEMS_SHOWN if aside or sys.stdout.isatty() else None


def _show(screen: Screen, messages: Sequence[Message], *, aside: bool) -> None:
    for message in messages:
        screen.line(message, error=aside)
