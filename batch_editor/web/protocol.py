"""How the server speaks HTTP: as uvicorn does it, but a connection on which no whole request begins is not kept for long.

Otherwise whoever opens many connections, and sends nothing or the head of a request byte by byte, would keep out all others.
"""

from __future__ import annotations

from asyncio import TimerHandle, Transport

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

#: Within so many seconds the head of a request must be there, from the connection on or from its first byte on.
HEAD_WITHIN = 20.0


class Protocol(H11Protocol):
    """One connection."""

    _head_timer: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._forget_timer()
        elif self._head_timer is None and self.conn.trailing_data[0]:
            self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget_timer()
        super().connection_lost(exc)

    def _await_head(self) -> None:
        self._head_timer = self.loop.call_later(HEAD_WITHIN, self.transport.close)

    def _forget_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
