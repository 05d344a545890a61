"""Every page as it goes over the wire: its markup, its language, and where its parts come from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.pages import Client, Markup, PageServer, site_with

from batch_editor.settings.settings import Settings


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Client]:
    settings = Settings(state_dir=tmp_path / "state")
    with PageServer(site_with(settings)) as server, server.client() as client:
        yield client


def test_the_home_page_is_chinese_until_somebody_chooses_english(page: Client) -> None:
    first = page.get("/")
    assert first.status_code == 200
    assert Markup(first.text).all("html") == [{"lang": "zh-CN"}]
    assert page.submit("/lang", {"lang": "en", "back": "/"}).headers["location"] == "/"
    assert Markup(page.get("/").text).all("html") == [{"lang": "en"}]
