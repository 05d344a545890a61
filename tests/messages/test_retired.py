"""Messages that another version of this program has stored: they are said, or shown as they are, and never end in an error."""

from __future__ import annotations

from pathlib import Path

import pytest

from batch_editor.messages import TEXTS, Lang, cells, headings, live, rows, say, sending
from batch_editor.messages.retired import ALIASES
from batch_editor.model import Message

#: The key of every text that any version has had, one a line: whoever adds or renames a text adds its key.
KEYS = (Path(__file__).parent / "keys_of_all_versions.txt").read_text(encoding="utf-8").split()
#: Texts of errors and reports that no row and no run has ever held, and that say nothing any more.
NEVER_STORED = {"diff.clue_line", "kind.ods", "kind.xlsb", "book.usual"}


def test_every_key_that_an_earlier_version_could_store_is_known() -> None:
    assert {*KEYS} - NEVER_STORED <= TEXTS.keys() | ALIASES.keys()


def test_every_text_that_is_stored_today_is_on_the_list() -> None:
    """So that a key which is renamed one day is missed then."""
    assert {*headings.TEXTS, *rows.TEXTS, *cells.TEXTS, *sending.TEXTS, *live.TEXTS} <= {*KEYS}


def test_an_alias_is_no_key_of_today_and_leads_to_one() -> None:
    assert not ALIASES.keys() & TEXTS.keys() and {*ALIASES.values()} <= TEXTS.keys()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_message_of_any_version_is_said_whatever_it_holds(lang: Lang) -> None:
    assert len(KEYS) > 500
    assert [key for key in KEYS if not say(Message(key), lang)] == []


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_retired_key_says_what_it_said(lang: Lang) -> None:
    values = {"code": "7", "msg": "没有权限"}
    assert say(Message("live.said", values), lang) == say(Message("reading.said", values), lang)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_key_that_nobody_knows_is_shown_with_its_values(lang: Lang) -> None:
    message = Message("later.invention", {"rows": 3, "last": Message("verbatim", {"text": "{x} 行"}), "path": None})
    assert say(message, lang) == "later.invention rows=3 last={x} 行 path=None"


def test_a_place_without_a_value_stays_as_it_is() -> None:
    message = Message("halt.failures", {"rows": 2})
    assert say(message, "en") == say(Message("halt.failures", {"rows": 2, "last": "{last}"}), "en")
    assert "{last}" in say(message, "zh")
