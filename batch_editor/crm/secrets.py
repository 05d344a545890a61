"""Knows what must never be shown, and removes it from any text, whatever its notation.

Where texts come from, and where they are shown, is left to others: each hands its own through ``Secrets``. A text is
looked through a fixed number of times, from its beginning to its end, whatever it holds.
"""

from __future__ import annotations

import base64
import re
import threading
from collections.abc import Callable, Iterator

from .notations import Reading, readings

#: What stands where a secret was.
MASK = "***"
#: The shortest stretch of base64, base32 or hexadecimal digits that is taken for a secret: less of it turns up by chance.
_SHORTEST_ENCODED = 10
#: The shortest secret that is looked for in what its notation has made shorter.
_SHORTEST_READ = 4

_SPACE_AS_PLUS = bytes.maketrans(b" ", b"+")
_ONE_ALPHABET = bytes.maketrans(b"-_", b"+/")
_BASE64_END = re.compile(rb"[A-Za-z0-9+/]?={0,2}")
_BASE32_END = re.compile(rb"[A-Z2-7]?={0,6}")
_NO_END = re.compile(b"")


class Secrets:
    """Every secret of a run, and what removes them from a text. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._forms: dict[str, _Forms] = {}
        self._shortest = 0

    def add(self, secret: str) -> None:
        """Lets ``secret`` be removed from now on; an empty one is none."""
        with self._lock:
            if secret and secret not in self._forms:
                self._forms = {**self._forms, secret: _Forms(secret)}
                self._shortest = min(map(len, self._forms))

    def remove_from(self, text: str) -> str:
        """Returns ``text`` with ``***`` for every secret: as it is, percent-encoded (once or more, anything taken as safe), in
        the escapes of JSON, Python, HTML or mails, in full-width letters (each character in a way of its own if need be), in
        hexadecimal digits, base64 or base32, also over several lines."""
        forms = self._forms
        if not forms or len(text) < self._shortest:  # no notation is shorter
            return text
        data = text.encode("utf-8", "surrogatepass")
        spans: list[tuple[int, int]] = []
        for reading in readings(data):
            for form in forms.values():
                spans += form.spans_in(reading)
        if not spans:
            return text
        return _without(data, spans).decode("utf-8", "surrogatepass")


class _Forms:
    """What one secret may look like once its text is read."""

    def __init__(self, secret: str) -> None:
        raw = secret.encode("utf-8", "surrogatepass")
        as_read = {reading.data for reading in readings(raw)}
        self._plain = {data.translate(_SPACE_AS_PLUS) for data in as_read if data == raw or len(data) >= _SHORTEST_READ}
        self._long = {data for data in as_read if len(data) >= _SHORTEST_ENCODED and not data.isspace()}
        of_encodings = [raw]
        if secret.isascii():  # in other encodings, what is ASCII has another form and is still a text
            of_encodings += [secret.encode("utf-16-le"), secret.encode("utf-16-be")]
        self._hex = {data.hex().encode() for data in of_encodings if 2 * len(data) >= _SHORTEST_ENCODED}
        self._base64 = {core for data in of_encodings for core in _cores(data, 3, 6, base64.b64encode)}
        self._base32 = {core for data in of_encodings for core in _cores(data, 5, 5, base64.b32encode)}

    def spans_in(self, reading: Reading) -> Iterator[tuple[int, int]]:
        """Yields where in the first text the secret stands, by one ``reading`` of it."""
        yield from _spans_of(reading, reading.data.translate(_SPACE_AS_PLUS), self._plain)
        together = reading.without_blanks()
        if together is not reading:
            yield from _spans_of(together, together.data, self._long)
        yield from _spans_of(together, together.data.translate(_ONE_ALPHABET), self._base64, _BASE64_END)
        yield from _spans_of(together, together.data.upper(), self._base32, _BASE32_END)
        digits = reading.without_signs_between_bytes()
        yield from _spans_of(digits, digits.data.lower(), self._hex)


def _cores(raw: bytes, group: int, bits: int, encode: Callable[[bytes], bytes]) -> Iterator[bytes]:
    """Yields the characters of nothing but ``raw``, alone or in a longer text, where it starts at any byte of a ``group``."""
    for before in range(group):
        text = encode(bytes(before) + raw)
        core = text[(before * 8 + bits - 1) // bits : (before + len(raw)) * 8 // bits]
        if len(core) >= _SHORTEST_ENCODED:
            yield core


def _spans_of(reading: Reading, data: bytes, forms: set[bytes], end: re.Pattern[bytes] = _NO_END) -> Iterator[tuple[int, int]]:
    for form in forms:
        start = data.find(form)
        while start >= 0:
            match = end.match(data, start + len(form))
            stop = match.end() if match else start + len(form)
            yield reading.origin(start, stop)
            start = data.find(form, stop)


def _without(data: bytes, spans: list[tuple[int, int]]) -> bytes:
    """Returns ``data`` with the mask in the place of each of the ``spans``; those that overlap are one."""
    pieces: list[bytes] = []
    kept = 0
    spans.sort()
    start, end = spans[0]
    for following in [*spans[1:], (len(data) + 1, 0)]:
        if following[0] < end:
            end = max(end, following[1])
            continue
        pieces += [data[kept:start], MASK.encode()]
        kept = end
        start, end = following
    return b"".join([*pieces, data[kept:]])
