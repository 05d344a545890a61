"""Watches what arrives over one connection, so that no answer is taken for that to another request.

Bytes that nobody has asked for show that requests and answers no longer belong together: a second answer behind the first, an
answer before its request, a body longer than was promised. What follows from that is left to ``client``.
"""

from __future__ import annotations

import re
import ssl

import httpcore

_OTHER_HEADERS = rb"(?:(?!content-length:|transfer-encoding:)[-!#$%&'*+.^_`|~0-9a-z]+:[^\r\n]*\r\n)*"
#: The head of an answer whose length can be read in one way only: a status with a body, one length, no transfer encoding, no
#: line that goes on with the next one.
_PLAIN_HEAD = re.compile(
    rb"HTTP/1\.1 200 [^\r\n]*\r\n%(others)scontent-length: ?([0-9]{1,7})\r\n%(others)s\r\n" % {b"others": _OTHER_HEADERS},
    re.IGNORECASE,
)


def is_one_answer(data: bytes) -> bool:
    """Returns whether ``data`` is a whole plain answer to a request that was no ``CONNECT``, and nothing more."""
    head = _PLAIN_HEAD.match(data)
    return head is not None and head.end() + int(head[1]) == len(data)


class Incoming:
    """What arrives over ``stream``, whose ``read`` it takes over.

    It hands on the last byte of what has arrived only to whoever asks for more. An answer that needs that byte asks for it;
    one that ended before does not, and then there is something behind it. What arrives first after ``expect_answer`` and is one
    plain answer for certain, as nearly all are, is handed on at once.
    """

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream
        self._read = stream.read
        # TLS within TLS, to a proxy, may hold what its socket does not show any more.
        self._socket_shows_all = not isinstance(stream.get_extra_info("ssl_object"), ssl.SSLObject)
        self._last = b""
        self._is_first = False  # whether nothing has arrived since ``expect_answer``
        stream.read = self._read_but_for_the_last  # type: ignore[method-assign]

    def _read_but_for_the_last(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self._last:
            last, self._last = self._last, b""
            return last
        data = self._read(max_bytes, timeout)
        is_first, self._is_first = self._is_first, False
        if len(data) < 2 or (is_first and is_one_answer(data)):
            return data
        self._last = data[-1:]
        return data[:-1]

    def expect_answer(self) -> None:
        """Takes notice that a request is about to go out, and that nothing has arrived before it."""
        self._is_first = True

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
