"""Finds out in which encoding a text file is, or holds the one that somebody has named against the file.

A wrong guess would write characters of no meaning into the CRM: what is not certain is refused, and the refusal names the place
of what is damaged or the encodings that are likely. What bytes that are no Unicode may be is judged in ``code_pages``.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence, Set
from functools import partial
from pathlib import Path
from typing import BinaryIO

from ..errors import SheetError
from ..model import Message
from .code_pages import GB18030, common_chinese, errors_of, judge, may_be_gb18030, readings, sample_of
from .text_form import TextForm

_CHUNK = 1 << 18
#: So many different characters beyond ASCII that decode as UTF-8 are no accident: GB18030 text does that once in a million. A
#: character of three bytes or four counts for two, and for four if it is one that Chinese is written with.
_PROOF, _LONG = 8, "\u0800"

_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32",  # before the shorter one that it begins with
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    "\ufeff".encode(GB18030): GB18030,
}
_ASCII = re.compile(r"[\x00-\x7f]+")
#: Encodings that write Chinese, Japanese or Korean by ASCII alone: those of ISO-2022, HZ and UTF-7.
_DISGUISED = {
    "iso2022_jp_2": re.compile(rb"\x1b\$[@AB][!-~]+"),
    "iso2022_kr": re.compile(rb"\x1b\$\)C"),  # by which it begins, and which reads as nothing
    "hz": re.compile(rb"~\{(?:[!-w][!-~])+~\}"),
    "utf-7": re.compile(rb"(?<![\w.])\+[A-Za-z0-9+/]{6,}-?"),
}
_CHINESE = re.compile("[\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef]*")


def encoding_of(path: Path, file: BinaryIO, form: TextForm) -> str:
    """Returns the name of the codec that reads the text in ``file``: that of ``form``, if it names one.

    Raises ``SheetError`` if it is not certain, if the file is damaged, or if it is not in the encoding that was named.
    """
    head = file.read(4)
    mark = next((name for mark, name in _MARKS.items() if head.startswith(mark)), None)
    if form.encoding:
        return _named(path, file, form, form.encoding, mark)
    if mark and mark != "utf-8":
        return _proved(path, file, form, mark)
    even, odd, size = _nuls(file)
    if not even and not odd:
        return _without_nuls(path, file, form, marked=mark is not None)
    if mark or (even + odd) * 20 < size:  # a stray NUL would turn a text of bytes into Chinese of no meaning
        raise SheetError("csv.nul", path=path, line=_line_of_nul(file))
    return _proved(path, file, form, "utf-16-le" if odd > even else "utf-16-be")


def _named(path: Path, file: BinaryIO, form: TextForm, named: str, mark: str | None) -> str:
    option = form.encoding_key
    family = "-".join(named.split("-")[:2])
    if mark and family != mark:
        raise SheetError("csv.encoding_other", path=path, option=option, encoding=named, real=mark.upper())
    if named == "utf-16" and not mark:
        even, odd, _ = _nuls(file)
        named = "utf-16-be" if even > odd else "utf-16-le"
    if family != "utf-8" and not mark:
        is_utf8, characters = _read_as_utf8(file)
        if is_utf8 and _prove(characters):
            raise SheetError("csv.encoding_other", path=path, option=option, encoding=named, real="UTF-8")
    if line := _undecodable_line(file, named):
        raise SheetError("csv.encoding_misfit", path=path, option=option, encoding=named, line=line)
    if line := _line_of_nul(file, named):
        raise SheetError("csv.nul", path=path, line=line)
    return named


def _proved(path: Path, file: BinaryIO, form: TextForm, encoding: str) -> str:
    """Returns ``encoding`` if the whole file is in it."""
    if _undecodable_line(file, encoding) or _line_of_nul(file, encoding):
        raise SheetError("csv.encoding", path=path, hint=Message("csv.hint", {"option": form.encoding_key}))
    return encoding


def _without_nuls(path: Path, file: BinaryIO, form: TextForm, *, marked: bool) -> str:
    is_utf8, characters = _read_as_utf8(file)
    certain = _prove(characters)
    if is_utf8 and not characters and (disguise := _disguise(file)):
        raise SheetError("csv.disguised", path=path, option=form.encoding_key, encoding=disguise)
    if is_utf8:  # of a few characters only: 小伟 in GB18030 is such a text as well
        if marked or certain or not characters or not may_be_gb18030(file):
            return "utf-8"
        raise SheetError("csv.uncertain", path=path, hint=_hint(readings(file, ("utf-8", GB18030)), form))
    if marked or certain or _is_nearly_utf8(file):
        raise SheetError("csv.damaged", path=path, encoding="UTF-8", line=_undecodable_line(file, "utf-8"))
    judgement = judge(file)
    if judgement.is_damaged or (judgement.is_gb18030 and _undecodable_line(file, GB18030)):
        raise SheetError("csv.damaged", path=path, encoding="GB18030", line=_undecodable_line(file, GB18030) or 1)
    if judgement.is_gb18030:
        return GB18030
    raise _unknown(path, file, form)


def _unknown(path: Path, file: BinaryIO, form: TextForm) -> SheetError:
    """Returns the refusal of a file whose encoding is not certain, with the likely ones."""
    candidates = judge(file).candidates
    if not candidates:
        return SheetError("csv.encoding", path=path, hint=Message("csv.hint", {"option": form.encoding_key}))
    key = "csv.which_encoding" if GB18030 in dict(candidates) else "csv.encoding"
    return SheetError(key, path=path, hint=_hint(candidates, form))


def _hint(candidates: Sequence[tuple[str, str]], form: TextForm) -> Message:
    """Returns what to do about a file that may be in one of these encodings, with what each of them makes of it."""
    listed = ", ".join(f"{name} ({text})" for name, text in candidates)
    return Message("csv.hint_candidates", {"candidates": listed, "option": form.encoding_key})


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    return iter(partial(file.read, _CHUNK), b"")


def _nuls(file: BinaryIO) -> tuple[int, int, int]:
    """Returns how many NUL bytes there are at even and at odd places, and how many bytes."""
    even = odd = size = 0
    for chunk in _chunks(file):  # of an even length, all but the last
        even += chunk[::2].count(0)
        odd += chunk[1::2].count(0)
        size += len(chunk)
    return even, odd, size


def _undecodable_line(file: BinaryIO, encoding: str) -> int:
    """Returns the number of the first line that ``encoding`` cannot read; 0 where it reads all of them."""
    decoder = codecs.getincrementaldecoder(encoding)(errors_of(encoding))
    lines = _LineCount()
    try:
        for chunk in _chunks(file):
            lines.add(decoder.decode(chunk))
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        lines.add(error.object[: error.start].decode(encoding, "ignore"))
        return lines.number
    except UnicodeError:  # what a codec of Python itself raises, without a place
        return lines.number
    return 0


def _line_of_nul(file: BinaryIO, encoding: str = "latin-1") -> int:
    """Returns the number of the first line with the character NUL; 0 where there is none."""
    decoder = codecs.getincrementaldecoder(encoding)("ignore")
    lines = _LineCount()
    for chunk in _chunks(file):
        before, nul, _ = decoder.decode(chunk).partition("\0")
        lines.add(before)
        if nul:
            return lines.number
    return 0


class _LineCount:
    """Counts lines, whose ends may be ``\\n``, ``\\r`` or both: ``number`` is that of the line on which the text ends."""

    def __init__(self) -> None:
        self.number = 1
        self._after_return = False

    def add(self, text: str) -> None:
        self.number += text.count("\n") + text.count("\r") - text.count("\r\n")
        self.number -= self._after_return and text.startswith("\n")
        self._after_return = text.endswith("\r")


def _read_as_utf8(file: BinaryIO) -> tuple[bool, set[str]]:
    """Returns whether the whole file is UTF-8, and some different characters beyond ASCII, up to the first failure."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    characters = set[str]()
    try:
        for chunk in _chunks(file):
            text = decoder.decode(chunk)
            if not text.isascii() and not _prove(characters):
                characters.update(_ASCII.sub("", text))
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        characters.update(_ASCII.sub("", error.object[: error.start].decode()))
        return False, characters
    return True, characters


def _prove(characters: Set[str]) -> bool:
    """Whether these characters, all of them beyond ASCII, prove that a file is UTF-8."""
    common = common_chinese()
    return sum(4 if character in common else 2 if character >= _LONG else 1 for character in characters) >= _PROOF


def _is_nearly_utf8(file: BinaryIO) -> bool:
    """Whether a file is UTF-8 but for very few bytes, which may stand anywhere."""
    characters = _ASCII.sub("", sample_of(file).decode("utf-8", "surrogateescape"))
    damaged = [character for character in characters if "\ud800" <= character <= "\udfff"]
    return _prove(set(characters).difference(damaged)) and len(damaged) * 20 <= len(characters)


def _disguise(file: BinaryIO) -> str | None:
    """Returns the encoding by which a file of ASCII writes Chinese, Japanese or Korean, if it does."""
    disguises = (
        codec
        for chunk in _chunks(file)
        for codec, pattern in _DISGUISED.items()
        for match in pattern.findall(chunk)
        if _CHINESE.fullmatch(match.decode(codec, "replace"))
    )
    return next(disguises, None)
