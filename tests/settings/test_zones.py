"""The time zone by which nights are counted: which names are taken, and what is said of those that are none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from batch_editor.errors import SettingsError
from batch_editor.messages import say
from batch_editor.settings.settings import Settings


def test_the_zone_is_that_of_shanghai_unless_another_is_named(tmp_path: Path) -> None:
    moment = datetime(2026, 11, 28, 18, 30, tzinfo=UTC)
    assert moment.astimezone(Settings().zone).isoformat() == "2026-11-29T02:30:00+08:00"
    path = tmp_path / "config.yaml"
    path.write_text("timezone: ' Europe/Berlin '\n", "utf-8")
    berlin = Settings.load(path).zone
    assert moment.astimezone(berlin).isoformat() == "2026-11-28T19:30:00+01:00"
    assert datetime(2026, 7, 1, tzinfo=berlin).utcoffset() == timedelta(hours=2)


@pytest.mark.parametrize(
    ("name", "near"),
    [
        *(("Asia/Shangai", "Asia/Shanghai"), ("Asia/Beijing", "Asia/Shanghai"), ("北京时间", "Asia/Shanghai")),
        *(("UTC+8", "Asia/Shanghai"), ("+08:00", "Asia/Shanghai"), ("GMT + 8", "Asia/Shanghai"), ("Shanghai", "Asia/Shanghai")),
        *(("hong kong", "Asia/Hong_Kong"), ("Europe/Berln", "Europe/Berlin")),
        *(("Asia", ""), ("", ""), ("/etc/localtime", ""), ("../../etc/passwd", ""), ("UTC+9", ""), (8, "")),
    ],
)
def test_a_name_that_is_no_zone_is_refused_with_the_nearest_one(name: object, near: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.load(timezone=name)
    text = say(caught.value.message, "en").splitlines()[1].strip()
    assert text.startswith("timezone: "), text
    assert (f"is {near} meant?" in text) if near else ("meant" not in text), text
    assert "时区" in say(caught.value.message, "zh")
