"""A length of time in words."""

from __future__ import annotations

import pytest

from batch_editor.messages import say
from batch_editor.messages.time import spoken


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "a moment"),
        (1.2, "about 2 seconds"),
        (119.5, "about 120 seconds"),
        (121, "about 3 minutes"),
        (7200, "about 2.0 hours"),
        (9000, "about 2.5 hours"),
    ],
)
def test_a_length_of_time_in_words(seconds: float, text: str) -> None:
    assert say(spoken(seconds), "en") == text
