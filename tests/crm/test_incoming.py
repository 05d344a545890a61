"""What arrives is handed on whole where it is one answer for certain, and but for its last byte anywhere else."""

from __future__ import annotations

from collections import deque
from typing import Any

import h11
from hypothesis import example, given
from hypothesis import strategies as st

from batch_editor.crm.incoming import Incoming, is_one_answer

WHOLE = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4\r\nVia: a\r\n\r\ntrue"
PIECES = (
    *(
        b"HTTP/1.1 200 OK",
        b"HTTP/1.1 200 ",
        b"HTTP/1.1 204 No Content",
        b"HTTP/1.1 100 Continue",
        b"HTTP/1.0 200 OK",
        b"HTTP/1.1 304 x",
    ),
    *(
        b"\r\n",
        b"\r\n\r\n",
        b"\n",
        b"\r",
        b"\n\n",
        b" ",
        b"\t",
        b":",
        b"Content-Length: 4",
        b"content-length:4",
        b"Content-Length: 04",
    ),
    *(
        b"Content-Length: 4, 4",
        b"Content-Length : 4",
        b"Content-Length:  4",
        b"Transfer-Encoding: chunked",
        b"Server: x",
        b"X:",
        b"Content-Length: 5",
    ),
    *(b"true", b"tru", b"e", b"4\r\ntrue\r\n0\r\n\r\n", WHOLE, b"\x00", b"Connection: close", b"Upgrade: h2c"),
)
anything = st.lists(st.sampled_from(PIECES), max_size=12).map(b"".join)
changed = st.tuples(st.integers(0, len(WHOLE)), st.integers(0, len(WHOLE)), st.sampled_from(PIECES)).map(
    lambda change: WHOLE[: change[0]] + change[2] + WHOLE[change[1] :]
)
heads = st.lists(
    st.sampled_from([b"Server: x", b"content-length: 4", b"Transfer-Encoding: chunked", b" folded: x", b"A:"]), max_size=4
).map(lambda lines: b"HTTP/1.1 200 OK\r\n" + b"".join(line + b"\r\n" for line in lines) + b"\r\ntrue")


class Stream:
    """A connection over which these pieces arrive, one with each read."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = deque(pieces)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.pieces.popleft() if self.pieces else b""

    def get_extra_info(self, info: str) -> Any:
        return bool(self.pieces) if info == "is_readable" else None


def incoming(stream: Stream) -> Incoming:
    return Incoming(stream)  # type: ignore[arg-type]


def rest_behind(data: bytes) -> bytes | None:
    """What h11 does not take for the answer to a request; None if it finds no whole answer."""
    connection = h11.Connection(h11.CLIENT)
    connection.send(h11.Request(method="POST", target="/", headers=[("Host", "a"), ("Content-Length", "0")]))
    connection.send(h11.EndOfMessage())
    connection.receive_data(data)
    try:
        while not isinstance(event := connection.next_event(), h11.EndOfMessage):
            if event in (h11.NEED_DATA, h11.PAUSED):
                return None
    except h11.RemoteProtocolError:
        return b""  # the connection is closed
    return connection.trailing_data[0]


@given(st.one_of(anything, changed, heads))
@example(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\ntrue")
@example(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 9\r\n\r\n0\r\n\r\ntrue")
@example(b"HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\ntrue")
def test_what_is_taken_for_one_answer_has_nothing_behind_it(data: bytes) -> None:
    if is_one_answer(data):
        assert rest_behind(data) == b""


def test_what_gateways_send_is_one_answer() -> None:
    assert is_one_answer(WHOLE) and is_one_answer(WHOLE.replace(b" OK", b" ")) and is_one_answer(WHOLE.replace(b"L", b"l"))
    for other in (WHOLE + b"x", WHOLE[:-1], WHOLE + WHOLE, WHOLE.replace(b"200", b"204"), WHOLE.replace(b"\r\n", b"\n")):
        assert not is_one_answer(other)


def test_one_answer_is_handed_on_at_once_and_nothing_is_behind_it() -> None:
    stream = Stream(WHOLE)
    watched = incoming(stream)
    watched.expect_answer()
    assert stream.read(1000) == WHOLE
    assert not watched.has_more


def test_what_looks_like_an_answer_within_another_is_not_handed_on_whole() -> None:
    """The body of an answer may hold anything, and be shorter than that."""
    stream = Stream(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ntrue", WHOLE, WHOLE)
    watched = incoming(stream)
    watched.expect_answer()
    head = stream.read(1000) + stream.read(1000)
    assert head.endswith(b"true")
    for _ in range(2):
        assert stream.read(1000) == WHOLE[:-1]
        assert watched.has_more
        assert stream.read(1000) == WHOLE[-1:]
