"""How a command is typed: texts in quotation marks, and the names of the options.

A command is offered for copying, so a text in it must be one word to the shell, in which nothing is replaced or carried out. A
sentence that tells what to type is told by whoever has the words, also in a workbook: so the names of the options stand here,
and no code but that of the command line itself has to know them.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Mapping

from .visible import is_visible

#: The option by which each setting or option of a run is given, by the name under which the journal keeps it; and the one by
#: which the settings file is named.
OPTION_NAMES = {
    "config": "--config",
    "base_url": "--base-url",
    "edit": "--edit",
    "ignore_columns": "--ignore-column",
    "only_failed": "--only-failed",
    "visible_only": "--visible-only",
    "encoding": "--encoding",
    "delimiter": "--delimiter",
    "fill": "--fill",
    "fill_down": "--fill-down",
    "tags": "--tags",
    "limit": "--limit",
    "strict": "--strict",
    "only_changed": "--only-changed",
    "only_empty": "--only-empty",
    "snapshot": "--snapshot",
    "prove_only": "--prove-only",
    "force": "--force",
    "undo_clues": "--clue",
    "undo_rows": "--rows",
    "undo_fields": "--field",
    "output": "--output",
}
#: The options that are given once for each of their values; others of several values take them with commas between.
_REPEATED = {"ignore_columns"}
#: What is one word to every shell, and what is one word to every shell within quotation marks.
_PLAIN = re.compile(r"\w[\w./:+=-]*|[./][\w./:+=-]*")
_SAME_EVERYWHERE = re.compile(r"[^$`\"\\!%\u201c-\u201e]*")
#: What acts within quotation marks in PowerShell, which takes some other marks for them; a grave accent before it keeps it.
_ACTS_IN_POWERSHELL = re.compile("[$`\u201c-\u201e]")


def quoted(text: str) -> str:
    """Returns ``text`` as it is typed in a command, in quotation marks if it needs any: in those that sh, cmd and PowerShell all
    know, if that is possible, else in those of this system.

    Where cmd and PowerShell differ, the text is typed for PowerShell, and harmless in cmd. cmd alone replaces a variable between
    two ``%``, whatever is around it.
    """
    if _PLAIN.fullmatch(text):
        return text
    if sys.platform == "win32":
        return _quoted_for_windows(text)
    if not is_visible(text):  # a line break would end the command, and what hides is not copied
        return "$'" + "".join(_octal(byte) for byte in os.fsencode(text)) + "'"
    return f'"{text}"' if _SAME_EVERYWHERE.fullmatch(text) else shlex.quote(text)


def _quoted_for_windows(text: str) -> str:
    """Returns ``text`` in quotation marks; a program of Windows would take a ``\\`` before the last of them for its own."""
    end = "\\" * (len(text) - len(text.rstrip("\\")))
    return '"' + _ACTS_IN_POWERSHELL.sub(r"`\g<0>", text.replace('"', '""')) + end + '"'


def _octal(byte: int) -> str:
    char = chr(byte)
    return char if (char.isascii() and char.isalnum()) or char in " ./:+=-_" else f"\\{byte:03o}"


def typed_options(values: Mapping[str, object]) -> str:
    """Returns the options as they are typed behind a command, each with a space before it; those without a value are left out.

    ``values`` are by the names of ``OPTION_NAMES``; names that are not there belong to no option. What nobody has typed, since it
    followed from whether somebody was asked (``auto_snapshot``), is left out.
    """
    words = list[str]()
    unsaid = {"snapshot"} if values.get("auto_snapshot") else set()
    for name, value in values.items():
        if not value or name not in OPTION_NAMES or name in unsaid:
            continue
        option = OPTION_NAMES[name]
        if value is True:
            words.append(option)
        elif isinstance(value, list | tuple) and name in _REPEATED:
            words += [f"{option} {quoted(str(part))}" for part in value]
        else:
            text = ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
            words.append(f"{option} {quoted(text)}")
    return "".join(f" {word}" for word in words)
