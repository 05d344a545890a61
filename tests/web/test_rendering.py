"""Whatever a template prints is text: markup is escaped, what acts or hides is shown, and an input holds its value exactly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import UndefinedError
from support.pages import Client, Markup, PageServer, site_with

from batch_editor.settings.settings import Settings
from batch_editor.web.rendering import environment


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Client]:
    with PageServer(site_with(Settings(state_dir=tmp_path / "state"))) as server, server.client() as client:
        yield client


def printed(template: str, **values: object) -> str:
    return environment().from_string(template).render(values)


HOSTILE = "<img src=x onerror=alert(1)>\u202e\x1b[31m\x00&\"'"


def test_a_text_is_no_markup_and_shows_what_hides() -> None:
    for template in ("{{ cell }}", "{{ cell|upper|lower }}", "{{ cell ~ '' }}", "{% for x in [cell] %}{{ x }}{% endfor %}"):
        text = printed(template, cell=HOSTILE)
        assert "<" not in text and '"' not in text
        assert "\u202e" not in text and "\x1b" not in text and "\x00" not in text
        assert "\\u202e" in text and "\\x1b" in text


def test_only_the_value_of_an_input_comes_back_as_it_is() -> None:
    markup = Markup(printed('<input value="{{ cell|exact }}">', cell=HOSTILE.replace("\x00", "")))
    assert markup.all("input") == [{"value": HOSTILE.replace("\x00", "")}]


def test_a_text_in_a_macro_or_a_block_is_text_as_well() -> None:
    text = printed(
        "{% macro show(x) %}<b>{{ x }}</b>{% endmacro %}{{ show(cell) }}{% set y %}{{ cell }}{% endset %}{{ y }}", cell="<i>"
    )
    assert text == "<b>&lt;i&gt;</b>&lt;i&gt;"


def test_what_a_view_has_not_handed_in_is_an_error_and_no_blank() -> None:
    with pytest.raises(UndefinedError):
        printed("{{ nothing }}")


def test_numbers_and_times_are_written_for_people() -> None:
    assert printed("{{ 1234567|grouped }}") == "1,234,567"
    assert printed("{{ time|moment }}", time="2026-11-24T09:30:00+08:00").startswith("2026-11-2")


def test_the_page_is_chinese_until_somebody_has_chosen(page: Client) -> None:
    assert Markup(page.get("/", headers={"Accept-Language": "en-US,en;q=0.9"}).text).all("html") == [{"lang": "zh-CN"}]
    assert page.submit("/lang", {"lang": "en", "back": "/"}).status_code == 303
    assert Markup(page.get("/").text).all("html") == [{"lang": "en"}]
    assert page.submit("/lang", {"lang": "zh", "back": "/"}).status_code == 303
    assert Markup(page.get("/").text).all("html") == [{"lang": "zh-CN"}]


def test_the_settings_decide_the_language_of_who_has_chosen_none(tmp_path: Path) -> None:
    with PageServer(site_with(Settings(state_dir=tmp_path, lang="en"))) as server, server.client() as page:
        assert Markup(page.get("/").text).all("html") == [{"lang": "en"}]


@pytest.mark.parametrize(
    ("back", "place"),
    [
        ("/runs/r/mend?status=invalid", "/runs/r/mend?status=invalid"),
        ("https://elsewhere.example/", "/"),
        ("//elsewhere.example/", "/"),
        ("/\\elsewhere.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
        ("/a\r\nSet-Cookie: x=1", "/"),
    ],
)
def test_choosing_a_language_leads_back_and_nowhere_else(page: Client, back: str, place: str) -> None:
    answer = page.submit("/lang", {"lang": "en", "back": back})
    assert answer.headers["location"] == place
    assert "x" not in answer.cookies


def test_the_button_of_the_language_leads_back_to_what_was_looked_at(page: Client) -> None:
    (hidden,) = [
        values for values in Markup(page.get("/?status=invalid&after=3").text).all("input") if values["name"] == "back"
    ]
    assert hidden["value"] == "/?status=invalid&after=3"


def test_an_unknown_language_changes_nothing(page: Client) -> None:
    page.submit("/lang", {"lang": "fr", "back": "/"})
    assert Markup(page.get("/").text).all("html") == [{"lang": "zh-CN"}]


def test_a_message_is_said_in_the_language_of_the_page(page: Client) -> None:
    assert "没有这个页面" in page.get("/nothing").text
    page.submit("/lang", {"lang": "en"})
    assert "There is no such page" in page.get("/nothing").text
