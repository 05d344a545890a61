"""Stand-ins for the rate and the tokens, for tests that ask for one thing without a dispatcher."""

from __future__ import annotations

import threading

from support.dispatching import FakeTime


class FakePace:
    """Notes what it is asked; ``share`` is what the next complaints lower the rate to, ``stops_at`` the permit not given."""

    def __init__(self, time: FakeTime) -> None:
        self.time = time
        self.asked: list[str] = []
        self.held: list[float] = []
        self.share: list[float | None] = []
        self.stops_at = 0
        self._held_until = 0.0

    def acquire(self, stop: threading.Event) -> bool:
        self.asked.append("permit")
        self.time.now = max(self.time.now, self._held_until)
        return self.asked.count("permit") != self.stops_at

    def hold(self, seconds: float) -> None:
        self.held.append(seconds)
        self._held_until = self.time.now + seconds

    def too_fast(self) -> float | None:
        self.asked.append("too fast")
        return self.share.pop(0) if self.share else None

    def went_well(self) -> None:
        self.asked.append("well")


class FakeTokens:
    """Notes what it is asked; raises what ``fails`` says where the token is to be renewed."""

    still_holds = False

    def __init__(self, fails: Exception | None = None) -> None:
        self.asked: list[str] = []
        self.fails = fails

    def current(self) -> None:
        self.asked.append("current")

    def worked(self, generation: int) -> None:
        self.asked.append(f"worked {generation}")

    def renew(self, generation: int) -> None:
        self.asked.append(f"renew {generation}")
        if self.fails:
            raise self.fails
