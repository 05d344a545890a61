"""Looks at the settings as a whole: which file is read, whether it can be, and what lies beside it that may have been meant."""

from __future__ import annotations

from pathlib import Path

from ..errors import BatchEditorError
from ..settings.search import Search
from .checks import Check, Verdict, passed_on, warning, well

NAME = "settings"


def look(file: Path | None, searched: Search, error: BatchEditorError | None, *, has_variables: bool) -> list[Check]:
    """Returns what is to be said of the settings file that is read, None for none, and of the ``error`` that it gave.

    ``has_variables``: the environment says something as well.
    """
    if error is not None:
        return [passed_on(NAME, error.message)]
    near = [Check(NAME, Verdict.WARNING, message) for message in searched.near_lines] if file is None else []
    if file is not None:
        key = "doctor.settings.file_and_variables" if has_variables else "doctor.settings.file"
        return [well(NAME, key, file=file.absolute()), *near]
    if has_variables:
        return [well(NAME, "doctor.settings.variables"), *near]
    return near or [warning(NAME, "doctor.settings.none", folder=Path.cwd())]
