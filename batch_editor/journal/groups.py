"""Transactions of one process that wait to be written, in groups that become durable together."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from .store import Transaction


@dataclass(slots=True)
class Group:
    """Transactions that become durable together, as the transaction ``number`` of their process; whether that was tried."""

    number: int
    transactions: Sequence[Transaction]
    tried: bool = False


class Groups:
    """The transactions that wait, in their order. Any thread may add to them; they are false where none waits."""

    def __init__(self) -> None:
        #: The number of the latest group; 0 while there was none.
        self.last = 0
        self._ungrouped = deque[Transaction]()
        self._groups = deque[Group]()
        self._lock = threading.Lock()

    def __bool__(self) -> bool:
        return bool(self._groups or self._ungrouped)

    def add(self, transaction: Transaction) -> None:
        """Lets a transaction wait behind the others."""
        with self._lock:
            self._ungrouped.append(transaction)

    def next(self) -> Group | None:
        """Returns the group that is to be written next; None where nothing waits."""
        with self._lock:
            if not self._groups:
                self._form()
            return self._groups[0] if self._groups else None

    def remove_first(self) -> None:
        """Lets the first group wait no longer."""
        with self._lock:
            self._groups.popleft()

    def all_after(self, number: int) -> list[Group]:
        """Returns all that waits, in groups, but for those up to the one of this ``number``."""
        with self._lock:
            while self._ungrouped:
                self._form()
            return [group for group in self._groups if group.number > number]

    def _form(self) -> None:
        """Makes a group of the transactions that are in none, up to one that is about a row of them once more."""
        rows = set[tuple[int, int]]()
        group = list[Transaction]()
        while self._ungrouped and rows.isdisjoint(of := {state[:2] for state in self._ungrouped[0].states}):
            rows |= of
            group.append(self._ungrouped.popleft())
        if group:
            self.last += 1
            self._groups.append(Group(self.last, group))
