"""The rate over time as shapes and as a table."""

from __future__ import annotations

import pytest

from batch_editor.runs.progress import RatePoint
from batch_editor.web.charts import HEIGHT, MOST_LINES, WIDTH, RateChart, rate_chart


def drawn(*rows: float, width: float = 1.0, seconds: int | None = None) -> RateChart:
    points = [RatePoint(place * width, width, rate) for place, rate in enumerate(rows)]
    chart = rate_chart(points, round(len(rows) * width) if seconds is None else seconds)
    assert chart is not None
    return chart


def places(points: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in (point.split(",") for point in points.split())]


def test_nothing_is_drawn_of_nothing() -> None:
    assert rate_chart([], 3) is None


@pytest.mark.parametrize(("rate", "most"), [(0.2, 1), (1, 1), (4.9, 5), (5, 5), (7, 10), (12, 20), (380, 500)])
def test_the_top_is_a_round_number_above_all(rate: float, most: float) -> None:
    chart = drawn(rate, rate / 2)
    assert chart.most == most
    assert min(y for _, y in places(chart.line)) == pytest.approx(HEIGHT * (1 - rate / most), abs=0.1)


def test_the_line_goes_from_edge_to_edge_and_the_area_stands_on_the_ground() -> None:
    chart = drawn(2, 4, 6, 8, width=5.0)
    line, area = places(chart.line), places(chart.area)
    assert (line[0][0], line[-1][0], chart.seconds) == (0.0, WIDTH, 20)
    assert [x for x, _ in line] == sorted(x for x, _ in line)
    assert area[0] == (0.0, HEIGHT) and area[-1] == (WIDTH, HEIGHT) and area[1:-1] == line


def test_a_standstill_is_drawn() -> None:
    chart = drawn(5, 5, seconds=30)
    assert chart.seconds == 30 and places(chart.line)[-2:] == [(pytest.approx(WIDTH / 15), HEIGHT), (WIDTH, HEIGHT)]


def test_the_table_holds_all_rows_in_few_lines() -> None:
    chart = drawn(*range(1, 101))
    assert len(chart.lines) <= MOST_LINES
    assert sum((end - begin) * rate for begin, end, rate in chart.lines) == pytest.approx(5050, abs=5)
    assert [begin for begin, _, _ in chart.lines][1:] == [end for _, end, _ in chart.lines][:-1]
