"""The guide: the pages in ``en/`` and ``zh/`` that ship with the package, one Markdown file for each topic.

This module reads a page. How a page is drawn on a terminal is the business of ``cli/guide.py``. Code and tests cite a page as
``(guide: rules)``, and the tests look up every such citation.
"""

from __future__ import annotations

import re
from importlib.resources import files

from ..messages import Lang

#: The topics in the order in which they are listed: the tasks of people first, then what somebody looks up.
TOPICS = (
    *("tasks", "page", "undo", "night", "inbox", "reconcile", "notify", "doctor", "units"),
    *("cluster", "migration", "people", "python"),
    *("rules", "reference", "limits", "crm", "vocabulary", "architecture"),
)
#: A comment of a page is meant for the tests: whether a block is run, which file it is, where a table is generated.
_FILE = re.compile(r"^<!-- file: (\S+) -->\n```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"^ *<!-- .* -->\n", re.MULTILINE)


def page(topic: str, lang: Lang) -> str:
    """Returns the page of ``topic``, one of ``TOPICS``, as Markdown without its comments."""
    text = files(__package__).joinpath(lang, f"{topic}.md").read_text(encoding="utf-8")
    return _COMMENT.sub("", text)


def files_of(topic: str) -> dict[str, str]:
    """Returns the files that the page of ``topic`` holds, by name, as they are to be written."""
    text = files(__package__).joinpath("en", f"{topic}.md").read_text(encoding="utf-8")
    return {match[1]: match[2] for match in _FILE.finditer(text)}


def summary(topic: str, lang: Lang) -> str:
    """Returns the one line below the title of a page, which says what the page is about."""
    return page(topic, lang).split("\n")[2]
