"""Charts as inline SVG: shapes without a style of their own, beside which a table says the same in numbers.

The shapes stretch to the room there is; whatever is text stands beside them, so that it stays as large as other text.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..runs.progress import RatePoint

#: The size of the drawing in its own units.
WIDTH, HEIGHT = 600.0, 120.0
#: At most so many lines of the table.
MOST_LINES = 12


@dataclass(frozen=True, slots=True)
class RateChart:
    """The rate over time: ``line`` and ``area`` are the points of a polyline and of a polygon, ``most`` is what the top of the
    drawing stands for, in rows a second, and ``seconds`` the right end. ``lines`` of the table: from which second to which, and
    the rate."""

    line: str
    area: str
    most: float
    seconds: int
    lines: Sequence[tuple[int, int, float]]


def rate_chart(points: Sequence[RatePoint], seconds: int) -> RateChart | None:
    """Returns the chart of what happened within so many seconds; None where there is nothing to be drawn."""
    if not points:
        return None
    ends = max(float(seconds), points[-1].second + points[-1].width)
    most = _rounded_up(max(point.rows for point in points))
    places = [(0.0, points[0].rows)]
    places += [(point.second + point.width / 2, point.rows) for point in points]
    places.append((min(ends, points[-1].second + points[-1].width), points[-1].rows))
    if ends > points[-1].second + 2 * points[-1].width:  # nothing has come to an end since
        places += [(points[-1].second + points[-1].width, 0.0), (ends, 0.0)]
    drawn = [(WIDTH * second / ends, HEIGHT * (1 - rows / most)) for second, rows in places]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in drawn)
    area = f"0,{HEIGHT:.0f} {line} {drawn[-1][0]:.1f},{HEIGHT:.0f}"
    return RateChart(line, area, most, math.ceil(ends), _lines(points))


def _lines(points: Sequence[RatePoint]) -> list[tuple[int, int, float]]:
    together = math.ceil(len(points) / MOST_LINES)
    groups = [points[place : place + together] for place in range(0, len(points), together)]
    return [
        (
            round(group[0].second),
            round(group[-1].second + group[-1].width),
            round(sum(point.rows * point.width for point in group) / sum(point.width for point in group), 1),
        )
        for group in groups
    ]


def _rounded_up(rate: float) -> float:
    """Returns the next of 1, 2, 5, 10, 20, 50, … that is not below ``rate``."""
    if rate <= 1:
        return 1.0
    power = 10.0 ** math.floor(math.log10(rate))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= rate - 1e-9)
