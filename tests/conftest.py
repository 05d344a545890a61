"""What holds for all tests: drawn examples are judged by no clock, and are fewer where the slow tests are left out; a test that
fails leaves no command running beside the next one.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from support.commands import STARTED

settings.register_profile("whole", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", settings.get_profile("whole"), max_examples=25)


def pytest_configure(config: pytest.Config) -> None:
    """The tests that want more examples than others ask for a multiple of the profile's."""
    settings.load_profile("quick" if "not slow" in config.option.markexpr else "whole")


@pytest.fixture(autouse=True)
def _no_command_goes_on() -> Iterator[None]:
    yield
    while STARTED:
        with STARTED.pop() as process:
            process.kill()


@pytest.fixture
def hurried_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever comes second does not wait a second for somebody who may only be looking at the run."""
    monkeypatch.setattr("batch_editor.journal.locks._LOOK", 0.02)
