"""Reads a compound file, the file system within a file in which an .xls, and much else of Microsoft's, keeps its streams.

Only what stands directly in its root belongs to the document itself: what is embedded in that has streams of the same names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from struct import unpack_from

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LAST_SECTOR = 0xFFFFFFFA
_NO_ENTRY = 0xFFFFFFFF
_SMALL = 4096  # streams below this size stand in the small sectors
_ENTRY = 128
_STREAM = 2
_UNSIGNED = "<%dI"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the directory: its name, whether it is a stream, where that begins and its size; ``place`` is its number."""

    place: int
    name: str
    is_stream: bool
    start: int
    size: int


class CompoundFile:
    """A compound file of these bytes. Raises ValueError, IndexError or struct.error where it is damaged."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        shift, small_shift = unpack_from("<HH", data, 30)
        if data[:8] != SIGNATURE or shift not in (9, 12) or small_shift != 6:
            raise ValueError("no compound file")
        self._shift: int = shift
        self._table = self._sector_table()
        directory, self._small_first = unpack_from("<4xI8xI", data, 44)
        self._directory = _chain(self._table, directory)
        self._entries = self._large(self._directory)

    def is_whole(self) -> bool:
        """Returns whether every sector that is in use is there; the last one may be shorter."""
        last = max((number for number, following in enumerate(self._table) if following != _NO_ENTRY), default=0)
        return (last + 1) << self._shift < len(self._data)

    def children(self) -> dict[str, Entry]:
        """Returns what stands in the root, by its name in small letters: names of compound files know no case."""
        entries: dict[str, Entry] = {}
        waiting: list[int] = [unpack_from("<I", self._entries, 76)[0]]
        seen = set[int]()
        while waiting:
            place = waiting.pop()
            if place == _NO_ENTRY or place in seen:
                continue
            seen.add(place)
            left, right = unpack_from("<II", self._entries, place * _ENTRY + 68)
            entry = self._entry(place)
            entries.setdefault(entry.name.lower(), entry)
            waiting += (right, left)
        return entries

    def stream(self, entry: Entry) -> bytes:
        """Returns the content of a stream."""
        if entry.size >= _SMALL:
            return self._large(_chain(self._table, entry.start))[: entry.size]
        small = self._large(_chain(self._table, unpack_from("<I", self._entries, 116)[0]))
        sectors = self._small_sectors(entry)
        return b"".join(small[number << 6 : (number + 1) << 6] for number in sectors)[: entry.size]

    def with_only(self, entry: Entry, changes: Sequence[tuple[int, bytes]]) -> bytes:
        """Returns the file with other bytes at these offsets of a stream, whose name gets the usual letters (``Workbook``), and
        with nothing else of that name."""
        data = bytearray(self._data)
        for offset, new in changes:
            for place, byte in enumerate(new, offset):
                data[self._place(entry, place)] = byte
        for other in self._namesakes(entry):
            place = self._at(self._directory, other.place * _ENTRY)
            name = entry.name.capitalize() if other.place == entry.place else "-"
            data[place : place + 2 * len(name)] = name.encode("utf-16-le")
        return bytes(data)

    def is_only(self, entry: Entry) -> bool:
        """Returns whether nothing else in the file has the name of this entry, which is in the usual letters."""
        return len(self._namesakes(entry)) == 1 and entry.name == entry.name.capitalize()

    def _namesakes(self, entry: Entry) -> list[Entry]:
        entries = map(self._entry, range(len(self._entries) // _ENTRY))
        return [other for other in entries if other.name.lower() == entry.name.lower()]

    def _place(self, entry: Entry, offset: int) -> int:
        """Returns where in the file a byte of a stream stands."""
        if entry.size < _SMALL:
            number = self._small_sectors(entry)[offset >> 6]
            offset = (number << 6) + (offset & 63)
            return self._at(_chain(self._table, unpack_from("<I", self._entries, 116)[0]), offset)
        return self._at(_chain(self._table, entry.start), offset)

    def _at(self, sectors: Sequence[int], offset: int) -> int:
        """Returns where in the file that byte stands which is so far from the first one in these sectors."""
        return ((sectors[offset >> self._shift] + 1) << self._shift) + (offset & ((1 << self._shift) - 1))

    def _entry(self, place: int) -> Entry:
        at = place * _ENTRY
        length, kind = unpack_from("<HB", self._entries, at + 64)
        name = self._entries[at : at + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
        return Entry(place, name, kind == _STREAM, *unpack_from("<II", self._entries, at + 116))

    def _sector_table(self) -> list[int]:
        """Returns which sector follows on each."""
        data, size = self._data, 1 << self._shift
        tables = list(unpack_from("<109I", data, 76))
        count, following, more = unpack_from("<I20xII", data, 44)
        for _ in range(min(more, len(data) >> self._shift)):
            *part, following = unpack_from(_UNSIGNED % (size // 4), data, (following + 1) << self._shift)
            tables += part
        table: list[int] = []
        for sector in tables[:count]:
            table += unpack_from(_UNSIGNED % (size // 4), data, (sector + 1) << self._shift)
        return table

    def _small_sectors(self, entry: Entry) -> list[int]:
        packed = self._large(_chain(self._table, self._small_first))
        return _chain(unpack_from(_UNSIGNED % (len(packed) // 4), packed), entry.start)

    def _large(self, sectors: Sequence[int]) -> bytes:
        if sectors and max(sectors) + 1 > len(self._data) >> self._shift:  # the last one may be shorter
            raise ValueError("a sector is not there")
        return b"".join(self._data[(number + 1) << self._shift : (number + 2) << self._shift] for number in sectors)


def _chain(table: Sequence[int], sector: int) -> list[int]:
    sectors: list[int] = []
    while sector < _LAST_SECTOR:
        sectors.append(sector)
        if len(sectors) > len(table):
            raise ValueError("the sectors of the compound file go round in a circle")
        sector = table[sector]
    return sectors
