"""The top of each page: which company or app, real or sandbox, who edits, until when there is access; and never a secret."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import Route
from support.pages import Markup, PageServer, site_with

from batch_editor.errors import SettingsError
from batch_editor.settings.settings import Settings
from batch_editor.web.app import create_app
from batch_editor.web.header import header_of
from batch_editor.web.site import SettingsSource, Site

TOKEN, SECRET = "sentinel-token-0123456789", "sentinel-secret-0123456789"


def texts(tmp_path: Path, lang: str = "zh", **values: Any) -> str:
    """What the home page says with these settings."""
    settings = Settings(**{"state_dir": tmp_path / "state", "lang": lang, **values})
    with PageServer(site_with(settings)) as server, server.client() as page:
        return " ".join(Markup(page.get("/").text).texts)


@pytest.mark.parametrize(
    ("url", "is_sandbox"),
    [
        ("https://open.wshoto.com", False),
        ("http://127.0.0.1:8765", True),
        ("http://127.8.9.1:8765", True),
        ("http://localhost:1", True),
        ("http://[::1]:8765", True),
        ("https://127.0.0.1.example.com", False),
    ],
)
def test_a_loopback_address_is_a_sandbox_and_no_other(tmp_path: Path, url: str, is_sandbox: bool) -> None:
    shown = texts(tmp_path, api={"base_url": url})
    assert ("模拟 CRM" in shown, "真实 CRM" in shown) == (is_sandbox, not is_sandbox)


@pytest.mark.parametrize(
    ("api", "place"),
    [
        ({"app_id": "app-7", "app_secret": SECRET}, "app-7"),
        ({"app_id": "app-7", "app_secret": SECRET, "tenant": "青禾公司"}, "青禾公司"),
        ({"access_token": TOKEN}, "访问凭证所属的应用"),
        ({}, "尚未设置"),
        ({"access_token": TOKEN, "tenant": "page.title"}, "page.title"),
    ],
)
def test_the_company_or_the_app_is_named(tmp_path: Path, api: dict[str, str], place: str) -> None:
    assert f"企业或应用： {place} " in texts(tmp_path, api=api)


def test_it_says_until_when_there_is_access(tmp_path: Path) -> None:
    assert "自动续期" in texts(tmp_path, api={"app_id": "a", "app_secret": SECRET})
    assert "到期时间未知" in texts(tmp_path, api={"access_token": TOKEN})
    nothing = texts(tmp_path)
    assert "还没有 CRM 的访问凭证" in nothing and "app_secret" in nothing and "config.yaml" in nothing
    assert "There is no access to the CRM yet" in texts(tmp_path, lang="en")


def test_it_says_who_edits(tmp_path: Path) -> None:
    user = "wovvCXcAAAT_dzekbq48K27FeMRBQJ1Q"
    assert f"操作人： {user}" in texts(tmp_path, defaults={"user_id": user})
    named = texts(tmp_path, defaults={"user_id": user}, lookups={"user_id": {"王小明": user}})
    assert f"操作人： 王小明（{user}" in named
    assert "由表格中的“用户ID”列逐行填写" in texts(tmp_path)


def test_it_says_that_nothing_is_sent_where_that_is_so(tmp_path: Path) -> None:
    assert "还没有发送任何内容" in texts(tmp_path)
    site = site_with(Settings(state_dir=tmp_path))
    assert [header_of(site, step=step).is_nothing_sent for step in (1, 2, 3, 4, 5, None)] == [True] * 3 + [False] * 3


def test_no_page_holds_a_secret(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    settings = Settings(state_dir=tmp_path / "state", api={"access_token": TOKEN, "app_id": "app-7", "app_secret": SECRET})
    site = site_with(settings)
    with caplog.at_level(logging.DEBUG), PageServer(site) as server, server.client() as page:
        for path in addresses(site):
            answer = page.get(path, follow_redirects=True)
            everything = f"{answer.headers} {answer.text}"
            assert TOKEN not in everything and SECRET not in everything, path
    assert TOKEN not in caplog.text and SECRET not in caplog.text


def addresses(site: Site) -> list[str]:
    """The address of each route that can be looked at, of a run or a sheet that is not there."""
    routes = [route for route in create_app(site).routes if isinstance(route, Route) and "GET" in (route.methods or ())]
    return ["/static/page.css"] + [
        route.url_path_for(route.name, **dict.fromkeys(route.param_convertors, "nothing")) for route in routes
    ]


# --- the settings are read anew


class _File:
    """A settings file and a page that reads it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "config.yaml"
        self.site = Site(SettingsSource(lambda: self.path if self.path.exists() else None, Settings.load))
        self._state = folder / "state"

    def write(self, text: str) -> None:
        self.path.write_text(f"state_dir: {self._state}\n{text}", encoding="utf-8")


def test_a_new_token_needs_no_restart(tmp_path: Path) -> None:
    file = _File(tmp_path)
    file.write("lang: zh\n")
    with PageServer(file.site) as server, server.client() as page:
        assert "还没有 CRM 的访问凭证" in page.get("/").text
        file.write("api: {app_id: app-7, app_secret: secret-7}\n")
        renewed = page.get("/").text
        assert "还没有 CRM 的访问凭证" not in renewed and "app-7" in renewed


def test_settings_with_a_mistake_are_told_with_their_place_and_the_page_stays(tmp_path: Path) -> None:
    file = _File(tmp_path)
    file.write("")
    with PageServer(file.site) as server, server.client() as page:
        assert page.get("/").status_code == 200
        for text, place in (("rate: {limits: [often]}\n", "rate.limits"), ("api: [\n", "config.yaml")):
            file.write(text)
            answer = page.get("/")
            shown = " ".join(Markup(answer.text).texts)
            assert "设置有误" in shown and shown.count(place) in (1, 2) and str(file.path) in shown
            assert answer.status_code in (200, 503)
        file.write("")
        assert "设置有误" not in page.get("/").text


def test_settings_are_loaded_once_as_long_as_their_file_stays_as_it_is(tmp_path: Path) -> None:
    file, loaded = tmp_path / "config.yaml", []

    def load(path: Path | None) -> Settings:
        loaded.append(path)
        return Settings(state_dir=tmp_path)

    source = SettingsSource(lambda: file if file.exists() else None, load)
    assert [source.settings for _ in range(3)] and loaded == [None]
    file.write_text("lang: zh\n", encoding="utf-8")
    assert [source.settings for _ in range(3)] and loaded == [None, file]


def test_a_mistake_is_raised_each_time_and_the_language_of_before_stays(tmp_path: Path) -> None:
    file = _File(tmp_path)
    file.write("lang: en\n")
    assert file.site.lang == "en"
    file.write("lang: klingon\n")
    for _ in range(2):
        with pytest.raises(SettingsError, match="lang"):
            _ = file.site.settings
    assert file.site.lang == "en"
