"""What holds for all tests: examples that are drawn are judged by no clock, and are fewer where the slow tests are left out."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("whole", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", settings.get_profile("whole"), max_examples=30)


def pytest_configure(config: pytest.Config) -> None:
    """The tests that want more examples than others ask for a multiple of the profile's."""
    settings.load_profile("quick" if "not slow" in config.option.markexpr else "whole")
