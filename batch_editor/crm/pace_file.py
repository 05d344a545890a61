"""Keeps the record of permits: which moments were given away, in memory or in a file that all processes of a tenant share.

It is a header and a ring of entries. Every change writes what the header does not speak of yet, and then the header with one
``write``: a process that is killed at any moment leaves a record that the next one can use. Which moment a permit belongs
to is left to ``pace``; the file concerns only the processes of this machine.
"""

from __future__ import annotations

import errno
import hashlib
import io
import itertools
import math
import os
import struct
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock

from ..errors import Halted, SettingsError, reason_in
from ..files import open_regular, require_regular

_MAGIC = b"permits1"
_HEADER = struct.Struct("<8s5Q4d16s16s")
_CHECKSUM = struct.Struct("<L")  # of the header, and right behind it
_UNCHECKED = bytes(_CHECKSUM.size)  # an older version has written none
_ENTRY = struct.Struct("<2d")
_REGION = 128  # where the first ring begins
_FEWEST = 1024  # entries of the smallest ring
_POLL = 0.001  # seconds until another look whether the lock is free
#: Another process may keep the lock so long, in seconds: one that was suspended while it had it.
_BUSY = 60.0

#: Entries that a ring has room for beyond the highest count of a limit, so that it still holds those that are waited for.
HEADROOM = 1024
#: Seconds by which the difference of wall clock and monotonic clock may change before entries are moved to fit.
DRIFT = 1.0
#: The longest hold, in seconds.
DAY = 86400.0
#: No permit is given away so many seconds after the end of the longest window.
_FAR = 60.0


class Entry(NamedTuple):
    """When a permit may be used (``at``), and the moment from which on it counts; both in seconds."""

    at: float
    counts_from: float


#: What stands for an entry that does not exist, or no longer.
NONE = Entry(-math.inf, -math.inf)


class _Header(NamedTuple):
    magic: bytes
    offset: int  # of the ring
    capacity: int  # of the ring; one place of it is always free, for the entry that is being written
    sufficient: int  # the capacity that suffices for whoever has used this record
    first: int  # number of the oldest entry; entry k is in place k % capacity
    last: int  # number of the newest one, first - 1 if there is none
    span: float  # seconds for which entries are of interest to whoever has used this record
    held_until: float
    monotonic: float  # the two clocks when this was written
    wall: float
    identity: bytes = b""  # drawn whenever a record begins: who has used another one until now notices that
    boot: bytes = b""  # digest of the start of the machine in which this was written, zeros if that is not known


#: The identity of a record in memory, and the start of a machine that does not tell it.
UNKNOWN = bytes(16)
_RING = slice(1, 3)  # of a header: offset and capacity


class PermitFile:
    """Entries with ascending numbers and moments, and how long everybody is held.

    All of it may be touched within ``with record.locked()`` alone, where no other process changes it, except
    ``is_unchanged`` and ``close``; threads exclude each other by themselves. ``count`` and ``span`` say how many entries, and
    for how many seconds, must be kept at least; a ring that is too small for that grows. The moments are those of ``clock`` in
    the process that wrote them. After a reboot, which ``boot`` shows, they are moved, so as to go by ``wall_clock``; without a
    reboot that clock is not believed.

    Without a ``file`` it is in memory. A file is made, private to its owner, if it is not there, and anew if it is damaged, or
    deleted, or brought back from a copy, while it is open; ``is_lost`` then says that something may have been in it, and
    ``is_new`` that there are no signs of an earlier one. Raises ``SettingsError`` if it cannot be opened, and ``Halted`` where
    it can no longer be read or written.
    """

    def __init__(
        self,
        file: Path | None,
        *,
        count: int,
        span: float,
        clock: Callable[[], float],
        wall_clock: Callable[[], float],
        boot: str = "",
    ) -> None:
        self.is_new = self.is_lost = False
        self._path = file
        self._clock, self._wall_clock = clock, wall_clock
        self._boot = hashlib.sha256(boot.encode()).digest()[:16] if boot else UNKNOWN
        self._header = _Header(_MAGIC, _REGION, 0, count + HEADROOM, 1, 0, span, -math.inf, 0.0, 0.0, UNKNOWN, self._boot)
        self._oldest = -math.inf  # no entry that was there since this one uses the record is older
        self._lock: FileLock | None = None
        self._io: io.FileIO | io.BytesIO = io.BytesIO()
        if file is None:
            self._rebuild([])
            return
        try:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = Path(f"{file}.lock")
            was_there = file.exists() or lock.exists()
            self._lock = FileLock(lock, timeout=_BUSY, mode=0o600, thread_local=False)
            self._io = _opened(file)
            with self._lock.acquire(poll_interval=_POLL):
                self._begin(was_there=was_there)
        except BaseException as error:
            self._io.close()
            if isinstance(error, OSError):
                raise SettingsError("pace.unusable", path=file, reason=reason_in(error)) from None
            raise

    def close(self) -> None:
        """Closes the file; nothing of the record may be used any more."""
        self._io.close()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Reads the record as it is now, and keeps other processes from changing it meanwhile."""
        with self._errors_as_halts(), self._lock.acquire(poll_interval=_POLL) if self._lock else nullcontext():
            if self._path is not None:
                self._look_after(self._path)
            header = self._read()
            if header is None or not self._take(header):
                self._begin_anew(was_there=True)  # with numbers that nobody has yet
            yield

    def is_unchanged(self, number: int, entry: Entry) -> bool:
        """Whether entry ``number`` is still this one, in the same ring, and nobody has held everybody since ``locked``.

        It needs no lock, and takes a fraction of its time: what another process is just writing may be read half old and
        half new, but all of it reads as before only as long as nothing has changed. (If the ring has just been given up for
        another, then its old entry shows how things were when the header was read.)
        """
        with self._errors_as_halts():
            header, known = self._read(), self._header
            if header is None or header[_RING] != known[_RING] or header.held_until != known.held_until:
                return False
            if header.identity != known.identity:
                return False
            return self._bytes(*self._place(number)) == _ENTRY.pack(*entry)

    # --- within locked()

    @property
    def held_until(self) -> float:
        """The moment before which no permit may be used."""
        return self._header.held_until

    @property
    def identity(self) -> bytes:
        """What tells this record from those that were kept in its place before it was lost."""
        return self._header.identity

    @property
    def last(self) -> int:
        """The number of the newest entry; 0 at first."""
        return self._header.last

    def entry(self, number: int) -> Entry:
        """Returns entry ``number``, or ``NONE`` if there is none yet, or it was overwritten."""
        if not self._header.first <= number <= self._header.last:
            return NONE
        entry = self._entry(number)
        if entry is None:
            raise OSError(errno.EIO, os.strerror(errno.EIO))  # somebody has cut or damaged the file
        return entry

    def entries(self) -> list[Entry]:
        """Returns all entries, the oldest first."""
        header = self._header
        packed = self._bytes(header.offset, header.capacity * _ENTRY.size)
        ring = [Entry._make(moments) for moments in _ENTRY.iter_unpack(packed)]
        return [ring[number % header.capacity] for number in range(header.first, header.last + 1)]

    def replace(self, number: int, entry: Entry) -> None:
        """Replaces entry ``number``, which must exist, by this one."""
        self._write(self._place(number)[0], _ENTRY.pack(*entry))

    def append(self, entry: Entry) -> int:
        """Adds an entry that is not before the last one; returns its number."""
        header = self._header
        if header.last + 2 - header.first >= header.capacity:
            oldest = self.entry(header.first).counts_from
            if header.capacity < header.sufficient and oldest + header.span > self._clock():
                self._rebuild(self.entries())
            else:
                self._header = header._replace(first=header.first + 1)
        number = self._header.last + 1
        self.replace(number, entry)
        self._write_header(self._header._replace(last=number))
        return number

    def extend(self, entries: Sequence[Entry]) -> None:
        """Adds many entries at once: ascending, the first not before the last one of the record."""
        kept = [*self.entries(), *entries][-self._header.sufficient :]
        self._rebuild(kept, self._header.last + len(entries))

    def hold(self, until: float) -> None:
        """Sets ``held_until`` to ``until``, or to a day from now if that is earlier."""
        self._write_header(self._header._replace(held_until=min(until, self._clock() + DAY)))

    # --- the file

    def _begin(self, *, was_there: bool) -> None:
        """Takes up a file as another process has left it, perhaps before a reboot; begins it anew if it is of no use."""
        stored = self._read()
        size = self._io.seek(0, io.SEEK_END)
        if stored is None or not _fits(stored, size):
            self._begin_anew(was_there=was_there)
            return
        initial, self._header = self._header, stored
        entries = self.entries()
        if not _is_sound(stored, entries):
            self._header = initial
            self._begin_anew(was_there=True)
            return
        sufficient = max(initial.sufficient, stored.sufficient)
        self._header = stored._replace(sufficient=sufficient, span=max(initial.span, stored.span), boot=self._boot)
        if move := self._mover(stored):
            self._header = self._header._replace(held_until=move(stored.held_until))
            self._rebuild([Entry(move(at), move(counts_from)) for at, counts_from in entries])
        elif self._header != stored:
            self._write_header(self._header)

    def _mover(self, stored: _Header) -> Callable[[float], float] | None:
        """Returns what makes moments of the clock that ``stored`` was written by moments of today's, None if they are.

        Within one start of the machine the steady clock alone counts: the wall clock can be set to anything. Where it is not
        known which start it was, the time that has passed is what both clocks agree on. Only after a reboot there is nothing
        but the wall clock, and the time since the start, which is the least that can have passed.
        """
        now = self._clock()
        by_wall = self._wall_clock() - stored.wall
        is_known = UNKNOWN not in (stored.boot, self._boot)
        if now < stored.monotonic or (is_known and stored.boot != self._boot):
            passed = max(by_wall, now, 0.0)
        elif is_known or by_wall >= now - stored.monotonic - DRIFT:
            return None
        else:
            passed = max(by_wall, 0.0)
        moved_by = now - passed - stored.monotonic
        return lambda moment: moment + moved_by

    def _begin_anew(self, *, was_there: bool) -> None:
        self.is_lost, self.is_new = was_there, not was_there
        self._header = self._header._replace(capacity=0, held_until=-math.inf, identity=os.urandom(16), boot=self._boot)
        self._rebuild([])
        self._oldest = -math.inf

    def _take(self, header: _Header) -> bool:
        """Goes on with the record as it is by now; False if its ends are damaged, or it is a copy of an earlier state."""
        known, self._header = self._header, header
        if header.identity == known.identity and (header.last < known.last or header.monotonic < known.monotonic):
            return False
        if header.first <= header.last:
            first = self._entry(header.first)
            if first is None or self._entry(header.last) is None:
                return False
            self._oldest = max(self._oldest, first.at)
        return True

    def _entry(self, number: int) -> Entry | None:
        """Returns an entry that must be there; None if this program cannot have written it to the file."""
        packed = self._bytes(*self._place(number))
        if len(packed) != _ENTRY.size:
            return None
        entry = Entry._make(_ENTRY.unpack(packed))
        if self._path is None:
            return entry
        latest = max(self._clock(), self._header.held_until) + self._header.span + _FAR
        return entry if self._oldest <= entry.at <= latest and entry.counts_from <= latest else None

    def _look_after(self, path: Path) -> None:
        """Takes up the file that is at ``path`` by now if somebody has deleted the one that is open. Raises ``OSError`` if it
        was cut, since a part of what was used may be lost that others rely on."""
        opened = os.fstat(self._io.fileno())
        try:
            is_there = sys.platform == "win32" or os.path.samestat(path.stat(), opened)  # there it cannot be deleted
        except FileNotFoundError:
            is_there = False
        if not is_there:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            known = self._header
            self._io.close()
            self._io = _opened(path)
            self._begin(was_there=True)
            if self._header.identity == known.identity:  # a copy of an earlier state
                self._begin_anew(was_there=True)
        elif (header := self._read()) and not _fits(header, opened.st_size):
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    def _rebuild(self, entries: Sequence[Entry], last: int | None = None) -> None:
        """Writes these entries, up to the number ``last``, as a ring elsewhere in the file, then switches the header to it."""
        header = self._header
        last = header.last if last is None else last
        capacity = max(_FEWEST, header.capacity)
        while capacity < len(entries) + 2:
            capacity *= 2
        ring = [NONE] * capacity
        for number, entry in enumerate(entries, last + 1 - len(entries)):
            ring[number % capacity] = entry
        fits_before = header.offset >= _REGION + capacity * _ENTRY.size  # what was there before the present ring is not used
        offset = _REGION if fits_before else header.offset + header.capacity * _ENTRY.size
        self._write(offset, b"".join(itertools.starmap(_ENTRY.pack, ring)))
        self._write_header(header._replace(offset=offset, capacity=capacity, first=last + 1 - len(entries), last=last))

    def _write_header(self, header: _Header) -> None:
        header = header._replace(monotonic=self._clock(), wall=self._wall_clock())
        packed = _HEADER.pack(*header)
        self._write(0, packed + _CHECKSUM.pack(zlib.crc32(packed)))
        self._header = header

    def _read(self) -> _Header | None:
        packed = self._bytes(0, _HEADER.size + _CHECKSUM.size)
        checksum = packed[_HEADER.size :]
        if checksum not in (_CHECKSUM.pack(zlib.crc32(packed[: _HEADER.size])), _UNCHECKED):
            return None
        header = _Header._make(_HEADER.unpack_from(packed))
        return header if header.magic == _MAGIC else None

    def _place(self, number: int) -> tuple[int, int]:
        return self._header.offset + number % self._header.capacity * _ENTRY.size, _ENTRY.size

    def _bytes(self, offset: int, size: int) -> bytes:
        self._io.seek(offset)
        return self._io.read(size)

    def _write(self, offset: int, content: bytes) -> None:
        self._io.seek(offset)
        if self._io.write(content) != len(content):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    @contextmanager
    def _errors_as_halts(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise Halted("pace.unwritable", path=self._path, reason=reason_in(error)) from None


def is_damaged(file: Path) -> bool:
    """Returns whether the record in ``file`` is of no use, so that whoever opens it begins it anew. Raises ``OSError`` where it
    cannot be read. Nothing is changed, and who writes meanwhile may make a record look damaged that is not."""
    with open_regular(file) as opened:
        content = opened.read()
    packed = content[: _HEADER.size]
    checksum = content[_HEADER.size : _HEADER.size + _CHECKSUM.size]
    if checksum not in (_CHECKSUM.pack(zlib.crc32(packed)), _UNCHECKED):
        return True
    header = _Header._make(_HEADER.unpack(packed))
    if header.magic != _MAGIC or not _fits(header, len(content)):
        return True
    ring = content[header.offset : header.offset + header.capacity * _ENTRY.size]
    entries = [Entry._make(moments) for moments in _ENTRY.iter_unpack(ring)]
    return not _is_sound(header, [entries[number % header.capacity] for number in range(header.first, header.last + 1)])


def _opened(file: Path) -> io.FileIO:
    with suppress(FileNotFoundError):
        require_regular(file)
    return open(file, "r+b", buffering=0, opener=_private)  # Path.open has no opener


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CREAT, 0o600)


def _fits(header: _Header, size: int) -> bool:
    """Whether a file of this ``size`` holds the ring that its header speaks of, and the ring the entries."""
    ring = header.capacity * _ENTRY.size
    return _REGION <= header.offset <= size - ring and 0 <= header.last + 1 - header.first < header.capacity


def _is_sound(header: _Header, entries: Sequence[Entry]) -> bool:
    """Whether this program can have written these moments: nothing is out of order, or much later than the last write."""
    latest = header.monotonic + header.span + 2 * DAY  # a hold, and who waits for what follows it
    finite = all(map(math.isfinite, (latest, header.wall, *itertools.chain.from_iterable(entries))))
    ascending = all(earlier.at <= later.at for earlier, later in itertools.pairwise(entries))
    return finite and ascending and header.held_until <= latest and all(max(entry) <= latest for entry in entries)
