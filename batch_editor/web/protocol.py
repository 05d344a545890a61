"""How the server speaks HTTP: as uvicorn does it, but a connection on which no whole request begins is not kept for long, and
no address has more than its share of them.

Otherwise whoever opens many connections, and sends nothing or the head of a request byte by byte, would keep out all others.
"""

from __future__ import annotations

import ipaddress
from asyncio import TimerHandle, Transport

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

#: Within so many seconds the head of a request must be there, from the connection on or from its first byte on.
HEAD_WITHIN = 20.0
#: The most connections at once, and those of one address that is not of this machine.
MOST, MOST_OF_ADDRESS = 400, 200


class Protocol(H11Protocol):
    """One connection."""

    _head_timer: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        if self._is_one_too_many():
            transport.close()
            return
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

    def _is_one_too_many(self) -> bool:
        address = self.client[0] if self.client else ""
        others = [connection for connection in self.connections if isinstance(connection, Protocol)]
        of_address = [other for other in others if other.client and other.client[0] == address]
        is_here = _is_of_this_machine(address)  # or a proxy here, behind which there are many people
        return len(others) > MOST or (len(of_address) > MOST_OF_ADDRESS and not is_here)

    def _await_head(self) -> None:
        self._head_timer = self.loop.call_later(HEAD_WITHIN, self.transport.close)

    def _forget_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None


def _is_of_this_machine(address: str) -> bool:
    try:
        return ipaddress.ip_address(address.partition("%")[0]).is_loopback
    except ValueError:
        return False
