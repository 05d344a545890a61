"""Writes the transactions of one process into a PostgreSQL database, each of them once, over whatever connection there is.

A connection can break before anybody has heard whether a transaction was done. It is then tried again as it was, and the
database knows by its number whether it was (``facts``). A server that has taken the place of another one may lack what that one
had confirmed last: what was known of rows is written again.
"""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Sequence
from functools import lru_cache

from ..model import Status
from .connections import Connection
from .facts import BEGIN, FORGET, HOLDS_RUN, HOLDS_SHARD, LAST, MARKED, SET_STATES, SET_STATES_WITHIN, columns
from .groups import Group
from .kept_facts import KeptTransaction
from .owner import Owner
from .store import State, Transaction

#: Of how many confirmed transactions it is remembered what they said of rows.
_RECENT = 1000


@lru_cache(1000)
def translated(sql: str) -> str:
    """Returns a statement with the places of its values as psycopg wants them."""
    return sql.replace("%", "%%").replace("?", "%s")


class Writer:
    """The process as the database knows it, by its ``id``. One thread at a time may call its methods."""

    def __init__(self) -> None:
        self.id = secrets.randbits(62)
        self._confirmed = 0
        self._recent = deque[KeptTransaction](maxlen=_RECENT)

    def write(self, connection: Connection, group: Group) -> None:
        """Writes all of a group; durable when it returns. Where it raises, nothing of it was done, or the next try finds out
        that all of it was."""
        was_tried, group.tried = group.tried, True
        for transaction in group.transactions:
            transaction.refused = False
        if any(transaction.statements for transaction in group.transactions):
            self._write_statements(connection, group)
        else:
            states = [(state, transaction.owner) for transaction in group.transactions for state in transaction.states]
            if states:
                rows = connection.execute(SET_STATES, [self.id, group.number, *columns(states)]).fetchall()
                _refuse_unmarked(group, {(run, row) for run, row, is_sending in rows if is_sending})
        if was_tried:
            _look_for_marks(connection, group)
        self._confirmed = group.number
        for transaction in group.transactions:
            if transaction.states:
                self._recent.append(KeptTransaction(self.id, group.number, transaction.states, transaction.owner))

    def go_on(self, connection: Connection) -> None:
        """Begins to use a new connection: what its server lacks of what was confirmed before is written again."""
        if not self._confirmed:
            return
        known = connection.execute(LAST, [self.id]).fetchall()
        last = known[0][0] if known else 0
        write_down(connection, [kept for kept in self._recent if kept.number > last])

    def forget(self, connection: Connection) -> None:
        """Lets the database forget the process, which writes nothing any more."""
        if self._confirmed:
            connection.execute(FORGET, [self.id])

    def _write_statements(self, connection: Connection, group: Group) -> None:
        with connection.transaction(), connection.cursor() as cursor:
            if not cursor.execute(BEGIN, [self.id, group.number]).fetchall():
                return
            for transaction in group.transactions:
                if transaction.statements and not _holds(connection, transaction.owner):
                    transaction.refused = True
                    continue
                for sql, values in transaction.statements:
                    cursor.executemany(translated(sql), [*values])
            states = [(state, transaction.owner) for transaction in group.transactions for state in transaction.states]
            if states:
                rows = cursor.execute(SET_STATES_WITHIN, columns(states)).fetchall()
                _refuse_unmarked(group, {(run, row) for run, row, is_sending in rows if is_sending})


def write_down(connection: Connection, transactions: Sequence[KeptTransaction]) -> None:
    """Writes down what was kept, as whoever has kept it would have done: together what has one number, and in their order."""
    groups: dict[tuple[int, int], list[tuple[State, Owner | None]]] = {}
    for kept in transactions:
        groups.setdefault((kept.writer, kept.number), []).extend((state, kept.owner) for state in kept.states)
    for (writer, number), states in groups.items():
        connection.execute(SET_STATES, [writer, number, *columns(states)])


def _holds(connection: Connection, owner: Owner | None) -> bool:
    """Returns whether nobody has taken over from an owner, nor will before the transaction ends."""
    if owner is None or owner.epoch is None:
        return True
    if owner.shard is None:
        return bool(connection.execute(HOLDS_RUN, [owner.run_id, owner.epoch]).fetchall())
    return bool(connection.execute(HOLDS_SHARD, [owner.run_id, owner.shard, owner.epoch]).fetchall())


def _marks(transaction: Transaction) -> list[State]:
    return [state for state in transaction.states if state[2] == Status.SENDING]


def _refuse_unmarked(group: Group, marked: set[tuple[int, int]]) -> None:
    for transaction in group.transactions:
        if not all(state[:2] in marked for state in _marks(transaction)):
            transaction.refused = True


def _look_for_marks(connection: Connection, group: Group) -> None:
    """Finds out which rows are marked by a group of which nobody had heard whether it was done."""
    for transaction in group.transactions:
        for run, row, *_ in _marks(transaction):
            mark = transaction.owner.mark if transaction.owner else None
            transaction.refused = not connection.execute(MARKED, [run, [row], mark]).fetchall()
