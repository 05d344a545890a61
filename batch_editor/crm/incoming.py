"""Watches what arrives over one connection, so that no answer is taken for that to another request.

Bytes that nobody has asked for show that requests and answers no longer belong together: a second answer behind the first, an
answer before its request, a body longer than was promised. What follows from that is left to ``client``.
"""

from __future__ import annotations

import ssl

import httpcore


class Incoming:
    """What arrives over ``stream``, whose ``read`` it takes over.

    It hands on the last byte of what has arrived only to whoever asks for more. An answer that needs that byte asks for it;
    one that ended before does not, and then there is something behind it.
    """

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream
        self._read = stream.read
        # TLS within TLS, to a proxy, may hold what its socket does not show any more.
        self._socket_shows_all = not isinstance(stream.get_extra_info("ssl_object"), ssl.SSLObject)
        self._last = b""
        stream.read = self._read_all_but_the_last  # type: ignore[method-assign]

    def _read_all_but_the_last(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self._last:
            last, self._last = self._last, b""
            return last
        data = self._read(max_bytes, timeout)
        if len(data) < 2:
            return data
        self._last = data[-1:]
        return data[:-1]

    @property
    def has_more(self) -> bool:
        """Whether something has arrived that nobody asked for, once an answer has been read to its end, or before a request.

        It waits for nothing.
        """
        if not self._last:
            if self._socket_shows_all and not self._stream.get_extra_info("is_readable"):
                return False
            try:
                self._last = self._read(1, 0.0)
            except httpcore.NetworkError:  # there is nothing; or the connection is broken, which its next use will show
                return False
        return bool(self._last)
