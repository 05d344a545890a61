"""Which signals end a command, and which stay ignored."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support import jobs
from support.commands import Commands

from batch_editor import job
from batch_editor.cli.screen import Screen
from batch_editor.cli.signals import on_signals

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


def test_an_interruption_of_which_a_library_makes_another_error_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        try:
            signal.raise_signal(signal.SIGTERM)
        except KeyboardInterrupt:
            raise ValueError("a schema cannot be built") from None

    monkeypatch.setattr(job, "check", interrupted)
    done = Commands(tmp_path)("check", "edits.csv", "--json")
    assert (done.code, done.json["reason"], done.json["stopped"]) == (2, "interrupted", True)
    monkeypatch.setattr(job, "check", lambda *_, **__: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        Commands(tmp_path)("check", "edits.csv", "--json")


@pytest.mark.parametrize("is_over", [False, True])
def test_whoever_interrupts_twice_or_late_gets_one_whole_object(
    is_over: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs.sheet(tmp_path, [11])
    error = Screen.error

    def interrupted_again(screen: Screen, *args: Any) -> None:
        signal.raise_signal(signal.SIGINT)
        error(screen, *args)

    def shown(screen: Screen, *args: Any) -> None:
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(Screen, "error", interrupted_again)
    monkeypatch.setattr(Screen, "tell_notes" if is_over else "tell_settings", shown)
    if not is_over:
        monkeypatch.setattr(job, "check", lambda *_, **__: signal.raise_signal(signal.SIGTERM))
    try:
        done = Commands(tmp_path)("check", "edits.csv", "--json")
    except KeyboardInterrupt:
        pytest.fail("a second interruption got through")
    assert done.code == json.loads(done.out)["exit_code"] == (0 if is_over else 2)
