"""How long so many calls take at least at the permitted rates."""

from __future__ import annotations

import pytest

from batch_editor.crm.pace import duration
from batch_editor.settings.limits import Limit

SECOND, MINUTE = Limit(5, 1.0), Limit(300, 60.0)


@pytest.mark.parametrize(
    ("calls", "limits", "seconds"),
    [
        (0, [SECOND], 0),
        (1, [SECOND], 0),
        (1000, [], 0),
        (6, [SECOND], 1.015),
        (301, [SECOND, MINUTE], 60.9),
        (301, [Limit(50, 1.0), MINUTE], 60),
        (1201, [Limit(50, 1.0), MINUTE], 240),
    ],
)
def test_how_long_it_takes_at_least(calls: int, limits: list[Limit], seconds: float) -> None:
    assert duration(calls, limits) == pytest.approx(seconds)
