"""Moments: whatever text there was comes back, and has the number that it stands for."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch_editor.journal.times import moment_of, now, seconds_of, text_of

OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=OFFSETS)  # zones are drawn


@given(st.one_of(st.text(), MOMENTS.map(datetime.isoformat), MOMENTS.map(lambda moment: moment.isoformat(timespec="seconds"))))
def test_every_text_comes_back(text: str) -> None:
    assert text_of(*moment_of(text)) == text


@given(MOMENTS)
def test_a_moment_is_its_seconds_and_its_offset(moment: datetime) -> None:
    seconds, offset, text = moment_of(moment.isoformat(timespec="seconds"))
    assert (seconds, text) == (int(moment.timestamp() // 1), "")
    assert offset == (moment.utcoffset() or timedelta()).total_seconds()


@pytest.mark.parametrize(
    "text", ["", "2026-11-24", "2026-11-24T09:30:00", "2026/11/24 9:30", "soon", "9999-99-99T00:00:00+08:00"]
)
def test_what_is_no_moment_has_no_number(text: str) -> None:
    assert moment_of(text) == (None, None, text)
    with pytest.raises(ValueError, match="is no time of ISO 8601 with an offset"):
        seconds_of(text)


def test_now_is_told_to_the_second_and_with_its_offset() -> None:
    assert moment_of(now())[2] == "" and datetime.fromisoformat(now()).tzinfo
