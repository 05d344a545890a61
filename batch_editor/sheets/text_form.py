"""What somebody has said of a text file, and need not be found out: its encoding and its delimiter.

Names are those that people type (``gbk``, ``tab``); what is no such name is refused. Whether a file is like that is left to
``encoding`` and ``text``.
"""

from __future__ import annotations

import codecs
import re
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Literal, Self

from ..errors import SettingsError
from ..model import Message
from .code_pages import GB18030

#: An option of the command line, or a table of names in the settings.
Place = Literal["option", "table"]

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
    """The name of a codec, and one character; None for what is to be found out. ``place`` is where people name them."""

    encoding: str | None = None
    delimiter: str | None = None
    place: Place = "option"

    @classmethod
    def named(cls, encoding: str | None = None, delimiter: str | None = None, *, place: Place = "option") -> Self:
        """Returns the form that somebody has named. Raises ``SettingsError`` for what is no encoding, or no delimiter."""
        form = cls(place=place)
        return replace(
            form,
            encoding=None if encoding is None else _codec(encoding, form.encoding_key),
            delimiter=None if delimiter is None else _delimiter(delimiter, form.delimiter_key),
        )

    @property
    def is_named(self) -> bool:
        """Whether anything is named."""
        return self.encoding is not None or self.delimiter is not None

    @property
    def encoding_key(self) -> Message:
        """What people write before the name of an encoding."""
        return Message(f"encoding.{self.place}")

    @property
    def delimiter_key(self) -> Message:
        """What people write before a delimiter."""
        return Message(f"delimiter.{self.place}")


#: The form of a file of which nobody has named anything.
UNNAMED = TextForm()


def _codec(name: str, key: Message) -> str:
    for spelling in (name.strip(), re.sub(r"[\W_]+", "", name)):  # gb-18030 is not known to Python, and gb18030 is
        with suppress(LookupError, ValueError):
            codec = codecs.lookup(spelling).name
            "a".encode(codec)  # a codec that makes bytes of bytes is refused here
            if codec.replace("-", "_") not in _NO_TABLES:
                return _WIDER.get(codec, codec)
    raise SettingsError("text.encoding_unknown", option=key, name=name)


def _delimiter(text: str, key: Message) -> str:
    delimiter = _DELIMITERS.get(text.strip().lower(), text)
    if len(delimiter) != 1 or delimiter.isalnum() or delimiter in _NO_DELIMITERS or "\ud800" <= delimiter <= "\udfff":
        raise SettingsError("text.delimiter_unknown", option=key, name=text)
    return delimiter
