"""Every sentence that a person reads, by key, in English and Chinese.

A text has places in braces; the values come from a ``Message`` and may be messages themselves. Nothing else in the
package holds a sentence for people, but for the English of ``--help``, whose Chinese is in ``help`` (logs are English).
``{rows:row}`` is a number with its unit in English, "1 row" or "2 rows"; Chinese needs none. ``{rows:is/are}`` is the word that
goes with such a number. ``{reason:sentence}`` is a sentence of its own, whatever part of one it is elsewhere.
"""

from __future__ import annotations

import locale
import os
import re
import string
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Literal

from ..model import Message
from . import (
    cells,
    cluster,
    doctor,
    doctor_database,
    doctor_network,
    files,
    guards,
    guide,
    headings,
    history,
    inbox,
    journals,
    live,
    lookups,
    mending,
    night,
    nights_before,
    on_page,
    page,
    page_mend,
    page_people,
    page_progress,
    page_results,
    page_review,
    page_sheet,
    preview,
    purge,
    reconcile,
    report,
    rows,
    sending,
    settings,
    settings_file,
    sources,
    template,
    usage,
    workbook,
    worker,
)
from .command_line import quoted as quoted
from .retired import ALIASES
from .visible import visible

Lang = Literal["en", "zh"]

#: key → (English, Chinese)
TEXTS: dict[str, tuple[str, str]] = {
    key: text
    for part in (
        files,
        sources,
        headings,
        rows,
        cells,
        cluster,
        lookups,
        settings,
        settings_file,
        live,
        mending,
        night,
        nights_before,
        preview,
        guards,
        reconcile,
        purge,
        sending,
        report,
        history,
        inbox,
        journals,
        workbook,
        template,
        guide,
        usage,
        doctor,
        doctor_database,
        doctor_network,
        page,
        on_page,
        page_mend,
        page_people,
        page_progress,
        page_results,
        page_review,
        page_sheet,
        worker,
    )
    for key, text in part.TEXTS.items()
}
_CJK = re.compile("[\u4e00-\u9fff]")


class _Counting(string.Formatter):
    """Fills places such as ``{rows:row}`` with ``1 row`` or ``2 rows``, and ``{rows:is/are}`` with the word for one or for many; a
    place of which no value is known stays as it is."""

    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        return kwargs.get(str(key), f"{{{key}}}")

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec == "sentence":
            return _sentence(str(value))
        if "/" in format_spec:
            return format_spec.split("/")[str(value) != "1"]
        if not format_spec.replace(" ", "").isalpha():
            with suppress(ValueError):
                return str(super().format_field(value, format_spec))
            return str(value)  # of another kind than the text of today wants
        if str(value) == "1":
            return f"1 {format_spec}"
        many = f"{format_spec[:-1]}ies" if format_spec.endswith("ry") else f"{format_spec}s"  # tries, but days
        return f"{value} {many}"


def _sentence(text: str) -> str:
    """Returns ``text`` with a capital letter, and with a full stop unless it ends with one, or with a sign in its place."""
    sentence = text[:1].upper() + text[1:]
    if not text or text.endswith((".", "?", "!", "…", "。", "？", "！")):
        return sentence
    return sentence + ("。" if _CJK.search(text) else ".")


_COUNTING = _Counting()


def say(message: Message, lang: Lang) -> str:
    """Returns the sentence of ``message`` in ``lang``.

    Values that are messages are said in the same language, and lists line by line, indented by two spaces; any other text is
    shown on one line, so that nothing in it acts where the sentence is shown (``visible``). A message that another version of
    this program has stored may have a key that this one does not know: it is shown as it is.
    """
    values = {name: _said(value, lang) for name, value in message.values.items()}
    text = TEXTS.get(message.key) or TEXTS.get(ALIASES.get(message.key, ""))
    if text is None:
        return " ".join([visible(message.key), *(f"{visible(name)}={value}" for name, value in values.items())])
    return _COUNTING.vformat(text[0 if lang == "en" else 1], (), values)


def _said(value: object, lang: Lang) -> object:
    if isinstance(value, Message):
        return say(value, lang)
    if isinstance(value, list | tuple):
        return "\n".join(f"  {_said(item, lang)}" for item in value)
    return value if isinstance(value, int | float) else visible(str(value))


def listed(value: object, lang: Lang) -> str:
    """Returns a message or a text, or a list of them one after the other on one line."""
    if isinstance(value, list | tuple):
        return ("；" if lang == "zh" else "; ").join(listed(part, lang) for part in value)
    return say(value, lang) if isinstance(value, Message) else visible(str(value))


def language(given: str | None = None) -> Lang:
    """Returns ``given`` if it is a language of ours, else that of the locale (LC_ALL, LC_MESSAGES, LANG, the system's), else
    English."""
    if given in ("en", "zh"):
        return given  # type: ignore[return-value]  # narrowed by the test
    names = [os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG")]
    name = next((name for name in names if name), None) or locale.getlocale()[0] or ""
    return "zh" if name.lower().startswith(("zh", "chinese")) else "en"
