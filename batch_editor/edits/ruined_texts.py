"""Texts that were ruined before they came: read by the wrong table of characters, escaped, or saved without their characters.

What is certain is refused, with what was probably meant; what may be a text like any other is only counted (guide: rules,
"Text that was ruined"). Nearly all texts hold none of the characters that ruined ones have, and are not looked at any further.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from .texts import BadCell

#: Tables by which a text in UTF-8 is read wrongly: of several bytes a character, and of one.
_WIDE_TABLES = ("gb18030", "big5hkscs", "cp932", "cp949")
_BIG5 = "cp950"  # that of Windows
_NARROW_TABLES = ("cp1252", "cp1250", "cp1251", "cp437", "cp850", "mac_roman")
#: No table of one byte a character has one beyond this, or one that several have has none before it.
_LAST_NARROW = "\u2fff"
#: The first bytes in UTF-8 of what Chinese is written with, and those that may follow.
_LEADS = range(0xE2, 0xF1)
_FOLLOWERS = range(0x80, 0xC0)
#: How often a text may have been read wrongly one time after the other.
_MOST_TIMES = 3
#: So many characters that are read rightly by another table are no chance.
_NO_CHANCE = 4
#: What stands for bytes that no character was found for.
_LOST = re.compile("[?\ufffd]+")
_ENTITY = re.compile("&#(?:x([0-9a-f]{2,6})|([0-9]{2,7}));?", re.IGNORECASE)
_ESCAPE = re.compile(r"\\u([0-9a-f]{4})", re.IGNORECASE)
_BYTES = re.compile(r"(?:\\x[0-9a-f]{2}){2,}", re.IGNORECASE)
_MAIL_WORD = re.compile(r"=\?[\w-]+\?[bq]\?[^?]+\?=", re.IGNORECASE)
#: What is left of characters that no table had: in UTF-8, and the same read as GBK.
_REMAINS = re.compile("\ufffd|锟斤")
_NAMED_ENTITY = re.compile("&(?:[a-z]{2,8}|#[0-9]{2,3});", re.IGNORECASE)
_PERCENT = re.compile("(?:%[0-9a-f]{2}){3,}", re.IGNORECASE)
#: Controls that no cell is typed with, in the class of a pattern: those of C0 but for tabs and the ends of lines and pages.
_CONTROLS = r"\x00-\x08\x0e-\x1f\x7f"
#: These, the controls C1, characters for private use, what memory that was never written looks like in GBK (烫烫烫, 屯屯屯),
#: the remains of 锟斤拷, and numbers that stand for no character.
_ODD = re.compile(f"[{_CONTROLS}\ue000-\uf8ff\x80-\x84\x86-\x9f\ufdd0-\ufdef\ufffe\uffff]|烫{{3}}|屯{{3}}|锟|斤拷")
_BEYOND_ASCII = re.compile("[^\x00-\x7f]")
#: The first character beyond ASCII, and the one after it.
_FIRST_PAIR = re.compile("[\x00-\x7f]*+([^\x00-\x7f])(.)", re.DOTALL)
#: Letters, punctuation and signs of Europe that stand in texts which were read by a table of one byte a character.
_EUROPEAN = re.compile("[\u00a0-\u017f\u0218-\u021b\u0370-\u04ff\u2010-\u203a\u20ac\u2122]+")
_CHINESE = re.compile("[\u3001-\u3002\u3008-\u3011\u3041-\u30ff\u4e00-\u9fff\uff01-\uff5e]")
_CHINESE_AS_LATIN = re.compile("[\x00-\x7f]*(?:[\u00a1-\u00ff]{2,}[\x00-\x7f]*)+")


def refuse_ruined(text: str) -> None:
    """Raises ``BadCell`` for a text that is certain to have been ruined on its way."""
    if not _is_suspicious(text) and not text.startswith("=?"):
        return
    meant = repaired(text)
    if meant is not None:
        raise BadCell("cell.ruined", value=text, meant=meant)
    if _REMAINS.search(text) or _MAIL_WORD.search(text):
        raise BadCell("cell.lost_characters", value=text)


def looks_ruined(text: str, *, is_name: bool) -> bool:
    """Returns whether a text that is sent may have been ruined; in a name even a single ``?`` says so."""
    if "?" in text:
        if text.isascii() and "??" in text and 3 * text.count("?") >= 2 * len(text):
            return True
        if text.strip("?") and (text[0] == "?" or is_name):
            return True
    if not _is_suspicious(text):
        return False
    return bool(
        _from_gbk(text)
        or _ODD.search(text)
        or _NAMED_ENTITY.search(text)
        or _ESCAPE.search(text)
        or ("://" not in text and (percent := _PERCENT.search(text)) and _from_percent(percent[0]))
    )


@cache
def suspicious_characters() -> str:
    """Returns characters that ruined texts have, as they stand in a class of a pattern."""
    rare = "".join(sorted(_rare()))
    return f"{_CONTROLS}\x80-\u04ff\u2030\u221e\u2229\ue000-\uf8ff\ufdd0-\ufdef\ufffd-\uffff&\\\\%烫屯锟斤{rare}"


def begins_ruined(text: str) -> bool:
    """Returns whether a text begins as a ruined one does, unless that holds one of the ``suspicious_characters``.

    Read by a table of several bytes a character, the first character of a text in UTF-8 that is beyond ASCII has a first byte
    that is a first byte of UTF-8, and a second byte that follows there. The next character begins with the third byte of
    that, and ends with the first byte of another or with an ASCII character, unless no character was found for them.
    """
    match = _FIRST_PAIR.match(text)
    if match is None or (following := _ruined_beginnings().get(match[1])) is None:
        return False
    second = match[2]
    return second in "?\ufffd" or "\ue000" <= second <= "\uf8ff" or any(second in characters for characters in following)


def repaired(text: str) -> str | None:
    """Returns what a text was before it was ruined; None where that is not certain."""
    if "&#" in text or "\\" in text:
        for pattern, meaning in ((_ENTITY, _from_entity), (_ESCAPE, _from_escape), (_BYTES, _from_bytes)):
            meant = pattern.sub(meaning, text)
            if meant != text and not meant.isascii():
                return meant.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _read_rightly(text, _MOST_TIMES)


def _read_rightly(text: str, times: int) -> str | None:
    if text.isascii() or not times:
        return None
    first = next(char for char in text if not char.isascii())
    is_wide = max(text) > _LAST_NARROW
    for table in [name for name in _WIDE_TABLES if first in _beginnings(name)] if is_wide else _NARROW_TABLES:
        meant = _from_utf8(text, table)
        if meant is None or meant == text:
            continue
        if again := _read_rightly(meant, times - 1):
            return again
        if _is_better(meant, text, is_wide=is_wide):
            return meant
    if not is_wide:
        return _from_latin(text)
    meant = _from_gbk(text)
    return meant if meant and len(_BEYOND_ASCII.findall(meant)) >= _NO_CHANCE else None


def _is_better(meant: str, text: str, *, is_wide: bool) -> bool:
    """Whether ``meant`` is a text as people write it, and ``text`` is not."""
    chinese = len(_CHINESE.findall(meant))
    others = [char for char in meant if not char.isascii() and not _CHINESE.match(char)]
    if is_wide:
        is_text = chinese >= 2 and not others and _common(meant) * 2 > chinese
        # By chance not even three characters in a million texts are read as UTF-8, and as characters that are often written.
        return is_text and (chinese >= _NO_CHANCE or _common(text) < len(_BEYOND_ASCII.findall(text)))
    if chinese:
        return len(others) * 4 <= chinese and _common(meant) * 2 > chinese
    return _EUROPEAN.fullmatch("".join(others)) is not None


def _common(text: str) -> int:
    """How many of the characters are among those that are written most, or are signs between them: of the simplified ones, or
    of the traditional ones, whichever are more."""
    return max(sum(char in characters for char in text) for characters in (_simplified(), _traditional()))


def _from_utf8(text: str, table: str) -> str | None:
    """``text`` as it would be read by the right table, if nearly all of it can be: bytes that no character was found for were
    lost, or became a ``?``."""
    pieces = []
    wrong = 0
    size = 0
    for piece in _LOST.split(text):
        content = _encoded(piece, table)
        if content is None:
            return None
        meant = content.decode(errors="replace")
        pieces.append(meant.replace("\ufffd", "?"))
        size += len(_BEYOND_ASCII.findall(meant))
        wrong += meant[:-1].count("\ufffd")  # a character that was cut is no sign against it
    return (
        None if wrong * (2 if table in _NARROW_TABLES else 5) > size else "?".join(piece.removesuffix("?") for piece in pieces)
    )


def _encoded(text: str, table: str) -> bytes | None:
    if table in _WIDE_TABLES:
        try:
            return text.encode(table)
        except UnicodeEncodeError:
            return None
    numbers = [_numbers(table).get(char) for char in text]
    return None if None in numbers else bytes(number for number in numbers if number is not None)


@cache
def _numbers(table: str) -> dict[str, int]:
    """The number of each character of a table of one byte a character; a number without a character is a control."""
    numbers = {chr(number): number for number in range(256)} if table == "cp1252" else {}
    for number in range(256):
        numbers[bytes((number,)).decode(table, "ignore") or chr(number)] = number
    return numbers


def _from_latin(text: str) -> str | None:
    """Chinese in GBK that was read as Latin-1: ``ÍõÐ¡Ã÷``."""
    if not _CHINESE_AS_LATIN.fullmatch(text):
        return None
    try:
        meant = text.encode("latin-1").decode("gb2312")
    except UnicodeDecodeError:
        return None
    chinese = len(_CHINESE.findall(meant))
    common = sum(char in _simplified() for char in meant)
    return meant if chinese >= 2 and common * 5 >= chinese * 4 else None


def _from_gbk(text: str) -> str | None:
    """Chinese in GBK that was read as Big5, where many characters are such as hardly anybody writes: ``卼苤隴`` for 王小明."""
    characters = _BEYOND_ASCII.findall(text)
    if sum(char in _rare() for char in characters) * (3 if len(characters) >= _NO_CHANCE else 2) < len(characters):
        return None
    try:
        meant = text.encode(_BIG5).decode("gb2312")
    except UnicodeError:
        return None
    common = sum(char in _simplified() for char in meant)
    return meant if common >= 2 and common * 5 >= len(_BEYOND_ASCII.findall(meant)) * 4 else None


def _from_entity(match: re.Match[str]) -> str:
    return html.unescape(f"{match[0].rstrip(';')};")


def _from_escape(match: re.Match[str]) -> str:
    return chr(int(match[1], 16))


def _from_bytes(match: re.Match[str]) -> str:
    return bytes.fromhex(match[0].replace("\\x", "")).decode(errors="ignore") or match[0]


def _from_percent(text: str) -> bool:
    content = bytes.fromhex(text.replace("%", ""))
    return bool(_CHINESE.search(content.decode(errors="ignore")))


@cache
def _simplified() -> frozenset[str]:
    """The first level of GB 2312, with its signs."""
    leads = (0xA1, 0xA3, *range(0xB0, 0xD8))
    return frozenset(_decoded((bytes((lead, trail)) for lead in leads for trail in range(0xA1, 0xFF)), "gb2312"))


@cache
def _traditional() -> frozenset[str]:
    """The first level of Big5, with its signs."""
    leads = (0xA1, *range(0xA4, 0xC6))
    trails = (*range(0x40, 0x7F), *range(0xA1, 0xFF))
    return frozenset(_decoded((bytes((lead, trail)) for lead in leads for trail in trails), "big5"))


@cache
def _rare() -> frozenset[str]:
    """Characters as which Big5 shows common ones of GB 2312, and which are themselves common in neither."""
    pairs = (bytes((lead, trail)) for lead in range(0xB0, 0xD8) for trail in range(0xA1, 0xFF))
    ideographs = frozenset(char for char in _decoded(pairs, _BIG5) if "\u4e00" <= char <= "\u9fff")
    return ideographs - _simplified() - _traditional()


@cache
def _suspicious() -> re.Pattern[str]:
    return re.compile(f"[{suspicious_characters()}]")


def _is_suspicious(text: str) -> bool:
    return _suspicious().search(text) is not None or begins_ruined(text)


@cache
def _ruined_beginnings() -> Mapping[str, Sequence[str]]:
    """The characters that may follow each of those with which a text begins that was read by the wrong table, by table."""
    following: dict[str, tuple[str, ...]] = {}
    for table in _WIDE_TABLES:
        pairs = (bytes((lead, trail)) for lead in _FOLLOWERS for trail in (*_LEADS, *range(0x40, 0x7F)))
        seconds = "".join(sorted({*_decoded(pairs, table)}))
        for first in _beginnings(table):
            following[first] = (*following.get(first, ()), seconds)
    return following


@cache
def _beginnings(table: str) -> frozenset[str]:
    pairs = (bytes((lead, trail)) for lead in _LEADS for trail in _FOLLOWERS)
    return frozenset(_decoded(pairs, table))


def _decoded(pairs: Iterable[bytes], table: str) -> str:
    """The characters that pairs of bytes are: read at once, with a line end between them that is no part of any character."""
    return b"\n".join(pairs).decode(table, "ignore").replace("\n", "")
