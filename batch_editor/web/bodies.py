"""The body of a request, on its way to a view: not longer and not slower than it may be, and shown to be from a form of ours.

A form carries its token as its first field. Of a body that is to be refused no more is read than it takes to see that, and
nothing of it reaches a view.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

#: The name of the hidden field that carries the token.
TOKEN_FIELD = "csrf_token"  # noqa: S105
#: So many bytes of a body are looked through for it.
_LOOKED_THROUGH = 64 * 1024
#: The token in a form as browsers send it, in either encoding.
_IN_FORM = re.compile(rb"(?:^|&)csrf_token=([0-9a-f]{64})(?=&|$)")
_IN_PARTS = re.compile(rb'\r\ncontent-disposition: *form-data; *name="csrf_token"\r\n\r\n([0-9a-f]{64})\r\n', re.IGNORECASE)
#: A body may pause so many seconds, and must arrive at so many bytes a second, once it has had some time.
PAUSE, FEWEST_A_SECOND, GRACE = 30.0, 8 * 1024, 60.0


class Body:
    """The body that ``receive`` hands out: ``Body.receive`` hands out the same, or raises ``HTTPException``.

    ``most`` is the number of bytes that it may have; ``clock`` counts seconds.
    """

    def __init__(self, receive: Receive, most: int, clock: Callable[[], float]) -> None:
        self._receive = receive
        self._most = most
        self._clock = clock
        self._began = clock()
        self._kept: deque[Message] = deque()
        self._length = 0
        self._is_whole = False

    async def carries(self, is_token: Callable[[str], bool], content_type: str) -> bool:
        """Returns whether the body begins with a form that carries the token of the person who sends it."""
        kind = content_type.partition(";")[0].strip().casefold()
        pattern = {"application/x-www-form-urlencoded": _IN_FORM, "multipart/form-data": _IN_PARTS}.get(kind)
        if pattern is None:
            return False
        begin = b""
        while not self._is_whole and len(begin) < _LOOKED_THROUGH:
            message = await self._next()
            self._kept.append(message)
            if message["type"] != "http.request":
                return False
            begin += message.get("body", b"")
            # A token at the very end may be the beginning of a longer value, unless the body ends there.
            if (match := pattern.search(begin)) and (match.end() < len(begin) or self._is_whole):
                return is_token(match[1].decode("ascii"))
        match = pattern.search(begin)
        return match is not None and is_token(match[1].decode("ascii"))

    async def receive(self) -> Message:
        """Returns the next message. Raises ``HTTPException`` for a body that is too long (413) or too slow (408)."""
        return self._kept.popleft() if self._kept else await self._next()

    async def discard(self, most: int, seconds: float) -> None:
        """Reads what is still to come, up to so many bytes and ``seconds``, so that a browser reads the answer."""
        until = self._clock() + seconds
        self._kept.clear()
        try:
            while not self._is_whole and most > 0 and self._clock() < until:
                message = await asyncio.wait_for(self._receive(), max(0.01, until - self._clock()))
                most -= len(message.get("body", b"")) + 1
                self._is_whole = not message.get("more_body", False)
        except TimeoutError:
            return

    async def _next(self) -> Message:
        if self._is_whole:  # nothing comes any more but that the browser goes, for which a stream waits
            return await self._receive()
        late = self._began + GRACE + self._length / FEWEST_A_SECOND - self._clock()
        try:
            message = await asyncio.wait_for(self._receive(), min(PAUSE, max(late, 0.0)))
        except TimeoutError:
            raise HTTPException(408) from None
        self._length += len(message.get("body", b""))
        self._is_whole = not message.get("more_body", False)
        if self._length > self._most:
            raise HTTPException(413)
        return message
