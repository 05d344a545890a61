"""What somebody has said of a text file, and need not be found out: its encoding and its delimiter.

Names are those that people type (``gbk``, ``tab``); what is no such name is refused. Whether a file is like that is left to
``encoding`` and ``text``.
"""

from __future__ import annotations

import codecs
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from ..errors import SettingsError
from .code_pages import GB18030

#: Tables for which Windows has one that holds more, by the names of Python.
_WIDER = {
    **dict.fromkeys(("gbk", "gb2312", "cp936"), GB18030),
    "big5": "cp950",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "iso8859-1": "cp1252",
    "utf-8-sig": "utf-8",
}
#: Codecs of Python that make something else of a text than characters.
_NO_TABLES = {"idna", "punycode", "raw_unicode_escape", "unicode_escape", "undefined"}
_DELIMITERS = {"tab": "\t", r"\t": "\t", "comma": ",", "semicolon": ";", "bar": "|", "pipe": "|"}
_NO_DELIMITERS = "\"'\r\n\0"


@dataclass(frozen=True, slots=True)
class TextForm:
    """The name of a codec, and one character; None for what is to be found out."""

    encoding: str | None = None
    delimiter: str | None = None

    @classmethod
    def named(cls, encoding: str | None = None, delimiter: str | None = None) -> Self:
        """Returns the form that somebody has named. Raises ``SettingsError`` for what is no encoding, or no delimiter."""
        return cls(_codec(encoding) if encoding is not None else None, _delimiter(delimiter) if delimiter is not None else None)


#: The form of a file of which nobody has named anything.
UNNAMED = TextForm()


def _codec(name: str) -> str:
    for spelling in (name.strip(), re.sub(r"[\W_]+", "", name)):  # gb-18030 is not known to Python, and gb18030 is
        with suppress(LookupError, ValueError):
            codec = codecs.lookup(spelling).name
            "a".encode(codec)  # a codec that makes bytes of bytes is refused here
            if codec.replace("-", "_") not in _NO_TABLES:
                return _WIDER.get(codec, codec)
    raise SettingsError("text.encoding_unknown", name=name)


def _delimiter(text: str) -> str:
    delimiter = _DELIMITERS.get(text.strip().lower(), text)
    if len(delimiter) != 1 or delimiter.isalnum() or delimiter in _NO_DELIMITERS or "\ud800" <= delimiter <= "\udfff":
        raise SettingsError("text.delimiter_unknown", name=text)
    return delimiter
