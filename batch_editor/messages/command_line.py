"""How a command is typed: texts in quotation marks, and the names of the options.

A sentence that tells what to type is told by whoever has the words, also in a workbook: so the names of the options stand here,
and no code but that of the command line itself has to know them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

#: The option by which each setting or option of a run is given, by the name under which the journal keeps it.
OPTION_NAMES = {
    "base_url": "--base-url",
    "edit": "--edit",
    "ignore_columns": "--ignore-column",
    "only_failed": "--only-failed",
    "visible_only": "--visible-only",
    "fill": "--fill",
    "fill_down": "--fill-down",
    "tags": "--tags",
    "limit": "--limit",
    "strict": "--strict",
    "only_changed": "--only-changed",
    "snapshot": "--snapshot",
    "prove_only": "--prove-only",
    "force": "--force",
    "output": "--output",
}
#: The options that are given once for each of their values; others of several values take them with commas between.
_REPEATED = {"ignore_columns"}
_PLAIN = re.compile(r"[\w./:\\+=-]+")


def quoted(text: str) -> str:
    """Returns ``text`` as it is typed in a command: in quotation marks that sh, cmd and PowerShell all know, if it needs any."""
    return text if _PLAIN.fullmatch(text) else f'"{text}"'


def typed_options(values: Mapping[str, object]) -> str:
    """Returns the options as they are typed behind a command, each with a space before it; those without a value are left out.

    ``values`` are by the names of ``OPTION_NAMES``; names that are not there belong to no option.
    """
    words = list[str]()
    for name, value in values.items():
        if not value or name not in OPTION_NAMES:
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
