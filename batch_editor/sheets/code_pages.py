"""Judges whether bytes that are no Unicode are GB18030, or were written by another table of characters.

Nearly every pair of bytes is a character in several tables: a name from Taiwan, Japan, Korea or Russia may be valid GB18030 and
mean something else there. But real text keeps to the common characters of its own table, and those are counted here. What
follows from the judgement is left to ``encoding``.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import BinaryIO

from .. import fields
from .frequent_characters import CHINESE, JAPANESE

#: The table of mainland China. On Windows its 0x80 is the euro sign, which the codec of Python does not know.
GB18030 = "gb18030"
#: So much of the text that is beyond ASCII is looked at, in bytes.
_SAMPLE = 1 << 18
#: The share of common characters in real text was 0.98 to 1.00; a short list of rare names has less.
_COMMON = 0.8
#: Below a heading of the CRM in Chinese so much is enough, whatever the other tables say.
_COMMON_BELOW_HEADINGS = 0.5
#: So much of a text are the characters that people write most; not more of the many characters of a large file is looked for.
_FREQUENT, _MOST_LOOKED_FOR = 0.35, 600
#: How far the next table has to stay behind.
_MARGIN = 0.1
#: Characters of names such as 婷 and 昊 are in the second half of GB2312, which other tables seldom lead to.
_OF_NAMES = 0.6
#: What is no character at all speaks against a table as much as so many rare ones.
_BAD = 4
#: The share of bytes that are no character below which a file is GB18030 that was damaged.
_DAMAGED, _DAMAGED_BELOW_HEADINGS = 0.02, 0.2
#: Headings stand within so many bytes.
_HEADINGS = 1 << 12
_FIELD_ENDS = re.compile(r'[,;\t|\r\n"]')
#: As an example of what a table makes of a file, so many characters are shown.
_SHOWN = 12
_EURO, _MARKED = "batch_editor_euro", "batch_editor_marked"
_LOW_TRAILS, _HIGH_TRAILS = range(0x40, 0x7F), range(0xA1, 0xFF)
_NO_CHARACTER = "\ufffd"
#: The katakana of half the width, which are one byte each. Next to Chinese characters they are what GB18030 looks like.
_HALF_WIDTH = range(0xFF61, 0xFFA0)
_HALF_WIDTH_RUN, _CHINESE = re.compile(r"[\uff61-\uff9f]+"), re.compile(r"[\u4e00-\u9fff\ue000-\uf8ff\ufffd]")
_ODD = {number: number - _HALF_WIDTH[0] + 0xE000 for number in _HALF_WIDTH}
_IDEOGRAPH = re.compile(r"[\u4e00-\u9fff]")
_PRIVATE = re.compile(r"[\ue000-\uf8ff]")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_EXAMPLE = re.compile(r"(?:\A|(?<=[\s,;\t|\"]))[^\s,;\t|\"]*[^\x00-\x7f][^,;\t|\"\r\n]*")
_HIGH = rb"\x80-\xff"
_OF_BYTES = re.compile(rb"[%s]" % _HIGH)


def _words(large: bytes, small: bytes) -> re.Pattern[bytes]:
    """Matches words that are small but for their first letter, or large altogether."""
    parts = {b"high": _HIGH, b"large": large, b"small": small}
    return re.compile(rb"(?<![%(high)s])(?:[%(large)s]+|[%(large)s]?[%(small)s]+)(?![%(high)s])" % parts)


#: What real text is in tables of one byte each: letters with accents stand alone among those of ASCII, and there are words.
_BYTES = {
    "windows-1252": re.compile(rb"(?<![%(high)s])[%(high)s](?![%(high)s])" % {b"high": _HIGH}),
    "windows-1251": _words(rb"\xa5\xa8\xaa\xaf\xb2\xc0-\xdf", rb"\xb3\xb4\xb8\xba\xbf\xe0-\xff"),
    "koi8-r": _words(rb"\xb3\xe0-\xff", rb"\xa3\xc0-\xdf"),
    "windows-1253": _words(rb"\xa2\xb8-\xba\xbc\xbe\xbf\xc1-\xdb", rb"\xc0\xdc-\xfe"),
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a file that is no Unicode may be: ``is_gb18030`` for certain, or ``is_damaged`` GB18030, or one of ``candidates``.

    A candidate is the name of an encoding, and the first text of the file as it reads it; likely ones come first.
    """

    is_gb18030: bool
    is_damaged: bool
    candidates: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Table:
    """A table of characters: the codec that reads it, and its common characters.

    ``others`` count for less. Some of those that ``odd`` matches count for nothing, since nobody writes them so.
    """

    codec: str
    common: frozenset[str]
    others: frozenset[str] = frozenset()
    odd: re.Pattern[str] | None = None

    def share(self, sample: bytes) -> tuple[float, float]:
        """Returns the share of a sample's different characters that are common, and of its text that is no character.

        What stands in every row says no more than what stands there once.
        """
        errors = _MARKED if self.codec == GB18030 else "replace"
        decoded = sample.decode(self.codec, errors)
        if self.odd:
            decoded = self.odd.sub(_beside_chinese, decoded)
        text = _BEYOND_ASCII.findall(decoded)
        characters = set(text)
        common = len(characters & self.common) + _OF_NAMES * len(characters & self.others)
        return common / max(len(characters - {_NO_CHARACTER}), 1), text.count(_NO_CHARACTER) / max(len(text), 1)


def _beside_chinese(run: re.Match[str]) -> str:
    """Returns a run of katakana as something else where it stands next to Chinese characters."""
    text = run.string
    beside = text[max(run.start() - 1, 0) : run.start()] + text[run.end() : run.end() + 1]
    return run[0].translate(_ODD) if _CHINESE.search(beside) else run[0]


def errors_of(encoding: str) -> str:
    """Returns how the codec of an encoding is to treat what it does not know."""
    return _EURO if encoding == GB18030 else "strict"


def _euro(error: UnicodeError) -> tuple[str, int]:
    if isinstance(error, UnicodeDecodeError) and error.object[error.start] == 0x80:
        return "€", error.start + 1
    raise error


def _marked(error: UnicodeError) -> tuple[str, int]:
    try:
        return _euro(error)
    except UnicodeDecodeError as undecodable:
        return _NO_CHARACTER, undecodable.end


codecs.register_error(_EURO, _euro)
codecs.register_error(_MARKED, _marked)


def judge(file: BinaryIO) -> Judgement:
    """Returns what the text of a file may be that is no Unicode."""
    sample = sample_of(file)
    parts = {name: table.share(sample) for name, table in _tables().items()}
    ours, damage = parts.pop(GB18030)
    shares = {name: common - _BAD * bad for name, (common, bad) in parts.items()}
    high = max(len(_OF_BYTES.findall(sample)), 1)
    shares |= {name: sum(map(len, pattern.findall(sample))) / high for name, pattern in _BYTES.items()}
    chinese = _frequent(sample.decode(GB18030, "replace"), CHINESE)
    japanese = _frequent(sample.decode("euc_jp", "replace"), JAPANESE)
    is_usual = chinese > max(japanese, _FREQUENT)
    plausible = is_usual and ours >= _COMMON and max(shares.values()) <= ours - _MARGIN
    is_proved = ours > _COMMON_BELOW_HEADINGS and _has_chinese_heading(sample)
    plausible = plausible or is_proved
    shares[GB18030] = ours
    likely = sorted((name for name, share in shares.items() if share >= _COMMON), key=lambda name: -shares[name])
    if GB18030 not in likely and ours > _COMMON_BELOW_HEADINGS:  # names of rare characters, perhaps
        likely.append(GB18030)
    if "euc_jp" not in likely and japanese > max(chinese, _FREQUENT):
        likely.insert(0, "euc_jp")
    return Judgement(
        is_gb18030=plausible and not damage,
        is_damaged=plausible and 0 < damage <= (_DAMAGED_BELOW_HEADINGS if is_proved else _DAMAGED),
        candidates=readings(file, likely),
    )


def _frequent(text: str, usual: frozenset[str]) -> float:
    """Returns what share of the different Chinese characters of a text are such as people write most."""
    characters = set(_IDEOGRAPH.findall(text))
    return len(characters & usual) / max(min(len(characters), _MOST_LOOKED_FOR), 1)


def _has_chinese_heading(sample: bytes) -> bool:
    """Whether a whole field at the beginning is a heading of the CRM in GB18030; no other table writes one by these bytes."""
    texts = _FIELD_ENDS.split(sample[:_HEADINGS].decode(GB18030, "replace"))
    return any(not text.isascii() and (fields.named(text) or fields.read_only(text)) for text in texts)


def may_be_gb18030(file: BinaryIO) -> bool:
    """Whether more than half of the characters of a file would be common ones if it was GB18030."""
    common, bad = _tables()[GB18030].share(sample_of(file))
    return not bad and common > 0.5


@cache
def common_chinese() -> frozenset[str]:
    """Returns the characters that nearly all Chinese text consists of, in simplified and in traditional writing."""
    level_1 = _pairs(GB18030, range(0xB0, 0xD8), _HIGH_TRAILS)
    return level_1 | _pairs("cp950", range(0xA4, 0xC7), (*_LOW_TRAILS, *_HIGH_TRAILS))


def sample_of(file: BinaryIO) -> bytes:
    """Returns the first lines of a file that hold anything beyond ASCII, as far as there is room."""
    lines, size = list[bytes](), 0
    file.seek(0)
    while size < _SAMPLE and (line := file.readline(_SAMPLE)):
        if not line.isascii():
            lines.append(line)
            size += len(line)
    return b"".join(lines)


def readings(file: BinaryIO, encodings: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Returns the first text beyond ASCII of a file as each of these encodings reads it, but for those that cannot."""
    sample = sample_of(file)
    return tuple((name, text) for name in encodings if (text := _example(sample, name)))


def _example(sample: bytes, encoding: str) -> str:
    """Returns the first text beyond ASCII as an encoding reads it; none where it cannot read the sample."""
    try:
        match = _EXAMPLE.search(sample.decode(encoding, errors_of(encoding)))
    except UnicodeDecodeError:
        return ""
    return match[0].strip()[:_SHOWN] if match else ""


@cache
def _tables() -> dict[str, _Table]:
    """Returns the tables of pairs of bytes, by the names of their encodings."""
    return {
        GB18030: _Table(
            GB18030,
            _pairs(GB18030, [*range(0xA1, 0xA4), *range(0xA6, 0xAA), *range(0xB0, 0xD8)], _HIGH_TRAILS) | {"€"},
            _pairs(GB18030, range(0xD8, 0xF8), _HIGH_TRAILS),
        ),
        "big5": _Table("cp950", _pairs("cp950", range(0xA1, 0xC7), (*_LOW_TRAILS, *_HIGH_TRAILS))),
        "shift_jis": _Table(
            "cp932",
            _pairs("cp932", [*range(0x81, 0x84), *range(0x88, 0x99)], range(0x40, 0xFD)) | set(map(chr, _HALF_WIDTH)),
            odd=_HALF_WIDTH_RUN,
        ),
        "euc_kr": _Table("cp949", _pairs("cp949", [*range(0xA1, 0xA4), *range(0xB0, 0xC9)], _HIGH_TRAILS)),
        "euc_jp": _Table("euc_jp", _pairs("euc_jp", [0xA1, *range(0xA3, 0xA6), *range(0xB0, 0xD0)], _HIGH_TRAILS)),
    }


def _pairs(codec: str, leads: Iterable[int], trails: Iterable[int]) -> frozenset[str]:
    """Returns the characters that these pairs of bytes are, but for those of private use, which no text has."""
    trails = tuple(trails)
    texts = (bytes((lead, trail)).decode(codec, "ignore") for lead in leads for trail in trails)
    return frozenset(text for text in texts if len(text) == 1 and not text.isascii() and not _PRIVATE.match(text))
