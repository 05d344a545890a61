"""What looks at something every now and then while its block is at work, in a thread of its own."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class Watch(ABC):
    """Looks until it has seen what it is there for, or its block ends. Use it as a context manager.

    ``name`` is that of the thread.
    """

    def __init__(self, name: str) -> None:
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name=name, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    @abstractmethod
    def look(self) -> bool:
        """Returns whether there is nothing more to look for."""

    @abstractmethod
    def seconds_to_next_look(self) -> float:
        """Returns how long it may wait before it looks again."""

    def _watch(self) -> None:
        while not self._over.wait(self.seconds_to_next_look()):
            if self.look():
                return
