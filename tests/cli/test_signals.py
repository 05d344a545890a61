"""Which signals end a command, and which stay ignored."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator

import pytest

from batch_editor.cli.sending import on_signals

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGHUP")


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("under_nohup", [False, True])
def test_the_end_of_the_terminal_counts_unless_somebody_has_it_ignored(under_nohup: bool) -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN if under_nohup else signal.SIG_DFL)
    seen: list[int] = []
    for _ in range(2):  # once until somebody has agreed, and once from then on
        on_signals(lambda number, frame: seen.append(number))
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.raise_signal(number)
    assert seen == ([signal.SIGTERM] if under_nohup else [signal.SIGTERM, signal.SIGHUP])
