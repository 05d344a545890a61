"""Receives the form with which a sheet is handed in: part by part, counted while it arrives, straight into its file.

The form carries one file, or one pasted text. What is too large is cut off at the limit, whatever length was announced; what is
left of it is let pass for a while, so that the browser shows the answer.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request

from ..errors import Refused
from .uploads import Arriving, Upload, Uploads, in_words, paste_name, pasted

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

#: What is written to the file at once, and how much of a body that is too large is let pass, in bytes.
_BLOCK, _LET_PASS = 1 << 18, 256 << 20
#: The most bytes of the head of a part.
_LONGEST_HEAD = 1 << 16


async def receive(request: Request, uploads: Uploads, person: str, most: int) -> Upload:
    """Returns the upload that the body of a request holds, of ``most`` bytes at most.

    Raises ``Refused`` for what is no sheet, or too large, or where there is no room, and ``HTTPException`` for a body that is
    no form or is cut short.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data" or b"boundary" not in options:
        raise HTTPException(400)
    stream = request.stream()
    with ExitStack() as opened:
        parts = _Parts(uploads, person, most, opened)
        try:
            parser = MultipartParser(options[b"boundary"], parts.callbacks())
            async for chunk in stream:
                parser.write(chunk)
                if parts.waiting >= _BLOCK:
                    await run_in_threadpool(parts.flush)
            parser.finalize()
        except FormParserError:
            raise HTTPException(400) from None
        except Refused:
            await _let_pass(stream)
            raise
        return await run_in_threadpool(parts.complete)


async def _let_pass(stream: AsyncIterator[bytes]) -> None:
    passed = 0
    with suppress(HTTPException):
        async for chunk in stream:
            passed += len(chunk)
            if passed > _LET_PASS:
                return


class _Parts:
    """The parts of a form as they arrive. The sheet is the part ``file``, or else the part ``text``, kept in memory."""

    def __init__(self, uploads: Uploads, person: str, most: int, opened: ExitStack) -> None:
        self._uploads = uploads
        self._person = person
        self._most = most
        self._opened = opened
        self._head = bytearray()
        self._value = bytearray()
        self._headers: dict[bytes, bytes] = {}
        self._part = b""
        self._file: Arriving | None = None
        self._text = bytearray()
        self._buffer = bytearray()
        self._size = 0
        self._is_ended = False

    @property
    def waiting(self) -> int:
        """How many bytes wait to be written."""
        return len(self._buffer)

    def callbacks(self) -> MultipartCallbacks:
        """Returns what the parser calls."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._on_name,
            "on_header_value": self._on_value,
            "on_header_end": self._on_header,
            "on_headers_finished": self._on_headers,
            "on_part_data": self._on_data,
            "on_end": self._on_end,
        }

    def _begin(self) -> None:
        self._headers = {}
        self._part = b""

    def _on_name(self, data: bytes, start: int, end: int) -> None:
        self._head += data[start:end]
        self._require_short()

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]
        self._require_short()

    def _require_short(self) -> None:
        if len(self._head) + len(self._value) > _LONGEST_HEAD:
            raise FormParserError("a head that is too long")

    def _on_header(self) -> None:
        self._headers[bytes(self._head).lower()] = bytes(self._value)
        self._head.clear()
        self._value.clear()

    def _on_headers(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._part = options.get(b"name", b"")
        if self._part == b"file" and (name := options.get(b"filename", b"")):
            if self._file is not None:
                raise Refused("upload.several")
            self._file = self._opened.enter_context(self._uploads.begin(_decoded(name), self._person))

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        if self._part not in (b"file", b"text"):
            return
        self._size += end - start
        if self._size > self._most:
            raise Refused("upload.too_large", size=in_words(self._most))
        if self._part == b"text":
            self._text += data[start:end]
        elif self._file is not None:
            self._buffer += data[start:end]

    def _on_end(self) -> None:
        self._is_ended = True

    def flush(self) -> None:
        """Writes what waits to be written."""
        if self._file is not None:
            self._file.write(bytes(self._buffer))
        self._buffer.clear()

    def complete(self) -> Upload:
        """Returns the upload once the form has ended."""
        if not self._is_ended:
            raise HTTPException(400)
        if self._file is not None:
            self.flush()
            return self._file.complete()
        if not self._text.strip():
            raise Refused("upload.nothing_chosen")
        content = pasted(bytes(self._text))
        with self._uploads.begin(paste_name(), self._person) as arriving:
            arriving.write(content)
            return arriving.complete_pasted()


def _decoded(name: bytes) -> str:
    return name.decode("utf-8", "replace")
