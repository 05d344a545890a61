"""Dates in cells: which are read, in which order, and which are nobody's (guide: rules, "Cells")."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from payloads.rows import one

from batch_editor.cell_values import Cell
from batch_editor.edits import dates
from batch_editor.messages import say

FIELDS: dict[str, Any] = {"mf_day": {"type": "date"}, "mf_moment": {"type": "datetime"}}


def value(key: str, cell: Cell, **settings: Any) -> Any:
    found = one(key, cell, custom_fields=FIELDS, **settings)
    assert found.problems == []
    (body,) = found.bodies
    return body["field_map"][key] if key.startswith("mf_") else body[key]


def refusal(key: str, cell: Cell, **settings: Any) -> str:
    ((_, problem),) = one(key, cell, custom_fields=FIELDS, **settings).problems
    return problem


def seconds(day: date) -> int:
    return (day.toordinal() - 719_163) * 86_400 - 8 * 3600


@pytest.mark.parametrize(
    "cell",
    [
        *("2024-11-27", "2024/11/27", "2024.11.27", "2024年11月27日", "2024 年 11 月 27 号", "20241127", "2024. 11. 27."),
        *("27-Nov-2024", "27 Nov 2024", "Nov 27, 2024", "November 27 2024", "27th November, 2024", "27Nov2024", "2024-Nov-27"),
        *("Wed, 27 Nov 2024", "27/NOV/2024", "Nov. 27, 2024", "11/27/2024", "27/11/2024", "27.11.2024", "27-11-2024"),
        *("2024-11-27 00:00", "27/11/2024 00:00:00", "'2024-11-27", '="2024-11-27"', "２０２４－１１－２７"),
    ],
)
def test_a_day_that_can_be_read_in_one_way_is_read_without_a_setting(cell: str) -> None:
    assert value("birthday", cell) == seconds(date(2024, 11, 27))
    assert value("mf_day", cell) == "2024-11-27"
    assert value("mf_moment", cell) == "2024-11-27 00:00:00"


@pytest.mark.parametrize(
    ("cell", "clock"),
    [
        ("2024-11-27 14:30", "14:30:00"),
        ("2024-11-27T14:30:05", "14:30:05"),
        ("27/11/2024 2:30 PM", "14:30:00"),
        ("27-Nov-2024 12:05 am", "00:05:00"),
        ("2024/11/27 12:05PM", "12:05:00"),
        ("2024年11月27日 14时30分", "14:30:00"),
        ("2024年11月27日 下午2:30", "14:30:00"),
        ("2024年11月27日14时30分", "14:30:00"),
        ("2024年11月27号14点30分05秒", "14:30:05"),
        ("2024年11月27日14:30", "14:30:00"),
        ("2024年11月27日 下午2点半", "14:30:00"),
        ("2024年11月27日上午9时", "09:00:00"),
        ("2024-11-27 14 点整", "14:00:00"),
        ("2024-11-27 上午 9:05:07", "09:05:07"),
        ("2024-11-27 下午 14:30", "14:30:00"),
    ],
)
def test_a_time_behind_a_day(cell: str, clock: str) -> None:
    assert value("mf_moment", cell) == f"2024-11-27 {clock}"
    assert refusal("mf_day", cell) == refusal("birthday", cell) == "cell.has_time"


@pytest.mark.parametrize(
    "cell",
    [
        "2024-11-27 25:00",
        "2024-11-27 0:30 PM",
        "2024-11-27 14:30 PM",
        "2024-11-27 下午 9:30 am",
        "2024-11-27 上午 14:30",
        "2024-11-27x",
        "2024年11月27日14",
        "2024年11月2714时",
        "2024-11-2714时",
        "2024年11月27日25时",
        "2024年11月27日14时30",
    ],
)
def test_no_time_behind_a_day(cell: str) -> None:
    assert refusal("mf_moment", cell) == "cell.date"


@pytest.mark.parametrize("cell", ["05/06/1990", "5.6.1990", "05-06-1990 00:00", "5 / 6 / 1990"])
def test_two_numbers_before_a_year_are_read_as_the_settings_say_and_else_refused(cell: str) -> None:
    for key in ("birthday", "mf_day", "mf_moment"):
        assert refusal(key, cell) == "cell.ambiguous_date"
        assert refusal(key, cell, date_order="ymd") == "cell.other_order"
    assert value("mf_day", cell, date_order="dmy") == "1990-06-05"
    assert value("mf_day", cell, date_order="mdy") == "1990-05-06"
    assert value("birthday", cell, date_order="dmy") == seconds(date(1990, 6, 5))
    assert value("birthday", cell, date_order="mdy", birthday_unit="ms") == seconds(date(1990, 5, 6)) * 1000
    (problem,) = one("birthday", cell).plans[0].problems  # type: ignore[union-attr]
    assert "date_order" in say(problem.message, "en") and "date_order" in say(problem.message, "zh")


def test_both_readings_may_be_the_same_day() -> None:
    assert value("mf_day", "05/05/1990") == "1990-05-05"


@pytest.mark.parametrize(("cell", "order"), [("11/27/2024", "dmy"), ("27/11/2024", "mdy"), ("27/11/2024", "ymd")])
def test_a_date_in_another_order_than_the_settings_say_is_refused(cell: str, order: str) -> None:
    assert refusal("mf_day", cell, date_order=order) == "cell.other_order"


@pytest.mark.parametrize("order", ["ymd", "dmy", "mdy"])
def test_a_year_that_stands_first_is_read_whatever_the_settings_say(order: str) -> None:
    for cell in ("2024-05-06", "2024年5月6日", "20240506", "6 May 2024", date(2024, 5, 6)):
        assert value("mf_day", cell, date_order=order) == "2024-05-06"


@pytest.mark.parametrize("cell", ["27/11/24", "24/11/27", "27-Nov-24", "90年5月1日", "13-5-90"])
def test_a_year_of_two_digits_is_refused(cell: str) -> None:
    for order in (None, "ymd", "dmy", "mdy"):
        assert refusal("mf_day", cell, date_order=order) == "cell.short_year"
    assert refusal("birthday", "05/06/07", date_order="dmy") == "cell.short_year"


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "30/02/2024",
            "31/31/2024",
            "0/5/2024",
            "27112024",
            "2024/27/11",
            "2024-00-10",
            "Foo 27 2024",
            "27 Nov",
            "Nov 2024",
            "79.5.1",
        ),
        *(
            "١٩٩٠-٠٥-٠١",
            "१९९०-०५-०१",
            "①990-05-01",
            "民国79年5月1日",
            "二〇二四年五月一日",
            "2024-11/27",
            "5月1日",
            "2024W10",
            "明天",
        ),
    ],
)
def test_what_is_no_date_is_refused(cell: str) -> None:
    assert refusal("mf_day", cell) in ("cell.date", "cell.short_year")
    assert refusal("birthday", cell) in ("cell.date", "cell.short_year")


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "2090-05-01",
            "0199-05-01",
            "1899-12-31",
            "2533-05-01",
            date(2090, 5, 1),
            datetime(1899, 12, 30),
            "4102444800",
            4102444800,
        ),
        *("4102444800000", "1/13/2090", "20900501", "9999999999", "0001-01-01"),
    ],
)
def test_nobody_has_such_a_birthday(cell: Cell) -> None:
    assert refusal("birthday", cell) == "cell.birthday_range"


def test_a_birthday_is_as_late_as_the_day_where_the_crm_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dates, "today", lambda: date(2026, 11, 28))
    assert value("birthday", "2026-11-28") == seconds(date(2026, 11, 28))
    assert value("birthday", str(seconds(date(2026, 11, 29)) - 1)) == seconds(date(2026, 11, 29)) - 1
    assert refusal("birthday", "2026-11-29") == refusal("birthday", str(seconds(date(2026, 11, 29)))) == "cell.birthday_range"
    assert value("birthday", "1900-01-01") == seconds(date(1900, 1, 1))


def test_the_day_is_that_at_eight_hours_east(monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime(2026, 11, 27, 16, 30, tzinfo=UTC).astimezone(tz)

    monkeypatch.setattr(dates, "datetime", Clock)
    assert dates.today() == date(2026, 11, 28)


@pytest.mark.parametrize("cell", ["0199-01-01", "1899-12-31", "2200-01-01", "9999-12-30", datetime(1, 1, 1)])
def test_nobody_plans_with_such_a_day(cell: Cell) -> None:
    assert refusal("mf_day", cell) == refusal("mf_moment", cell) == "cell.date_range"


@pytest.mark.parametrize("cell", ["1900-01-01", "2090-05-01", "2199-12-31", "9999-12-31"])
def test_other_dates_may_be_long_ahead(cell: str) -> None:
    assert value("mf_day", cell) == cell


separators = st.sampled_from(["/", "-", ".", " / "])


@settings(deadline=None)
@given(st.dates(date(1900, 1, 1), date(2025, 12, 31)), separators, st.booleans(), st.sampled_from([None, "dmy", "mdy", "ymd"]))
def test_a_date_is_never_another_day_than_one_that_its_numbers_say(
    day: date, sign: str, padded: bool, order: str | None
) -> None:
    """Whatever order it was written in: what is read is what was written by the order of the settings, or is refused."""
    numbers = [f"{number:02}" if padded else str(number) for number in (day.day, day.month)]
    written = sign.join([*numbers, str(day.year)])
    found = one("mf_day", written, custom_fields=FIELDS, date_order=order)
    uncertain = day.day <= 12 and day.day != day.month
    if order == "dmy" or (order is None and not uncertain):
        assert found.bodies[0]["field_map"]["mf_day"] == day.isoformat()
    elif order == "mdy" and day.day <= 12:
        assert found.bodies[0]["field_map"]["mf_day"] == date(day.year, day.day, day.month).isoformat()
    else:
        assert found.bodies == []


def test_midnight_of_another_country_is_shown_as_the_time_that_it_is() -> None:
    moment = datetime(2020, 1, 1, tzinfo=UTC)
    (problem,) = one("birthday", moment).plans[0].problems
    assert problem.message.values["value"] == "2020-01-01 00:00:00+00:00"
