"""What goes wrong in a view is a page in plain words, in either language, with a next step; the browser sees no traceback."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.pages import Client, Markup, PageServer, site_with

from batch_editor import job
from batch_editor.errors import BatchEditorError, Halted, Refused, ResultsNotWritten, SettingsError, UnderWay
from batch_editor.messages import say
from batch_editor.settings.settings import Settings
from batch_editor.web import history
from batch_editor.web.page_words import on_page


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Client]:
    with PageServer(site_with(Settings(state_dir=tmp_path / "state"))) as server, server.client() as client:
        yield client


def failing(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """From here on the home page fails so."""

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(history, "home_values", fail)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Refused("sheet.unknown", name="<b>", names="x"), 400),
        (Refused("run.unknown", run="20261124-093000-7f3a"), 404),
        (Refused("plan.changed", run="20261124-093000-7f3a"), 409),
        (UnderWay("run.under_way", run="20261124-093000-7f3a"), 409),
        (Halted("journal.damaged"), 503),
        (SettingsError("journal.no_room", reason="full"), 503),
        (ResultsNotWritten("results.not_written", path="x", reason="full", run="r"), 503),
        (BatchEditorError("run.under_way", run="r"), 500),
    ],
)
def test_an_error_of_ours_is_a_page_with_its_message_and_a_next_step(
    page: Client, monkeypatch: pytest.MonkeyPatch, error: BatchEditorError, status: int, lang: str
) -> None:
    page.submit("/lang", {"lang": lang})
    failing(monkeypatch, error)
    answer = page.get("/")
    markup = Markup(answer.text)
    assert answer.status_code == status
    assert markup.faults == []
    assert re.search(r"--[a-z]|batch-editor |Ctrl", " ".join(markup.texts)) is None
    assert " ".join(markup.texts).count(say(on_page(error.message), lang).split("\n")[0][:20]) == 1
    assert "/" in [link["href"] for link in markup.all("a") if link.get("class") == "button"]


@pytest.mark.parametrize(
    ("method", "path", "status", "words"),
    [
        ("GET", "/nothing/here", 404, "没有这个页面"),
        ("GET", "/static/nothing.js", 404, "没有这个页面"),
        ("GET", "/static/../site.py", 404, "没有这个页面"),
        ("GET", "/lang", 405, "按钮"),
        ("PUT", "/", 405, "按钮"),
    ],
)
def test_what_is_not_there_is_said_in_words(page: Client, method: str, path: str, status: int, words: str) -> None:
    page.get("/")
    answer = page.request(method, path, headers={"Origin": str(page.base_url).rstrip("/"), "X-CSRF-Token": page.csrf or ""})
    assert answer.status_code == status
    assert words in answer.text and Markup(answer.text).faults == []


def test_an_unexpected_error_is_one_line_in_the_log_and_a_page_without_what_it_says(
    page: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    failing(monkeypatch, KeyError("13800138000 of a sheet"))
    with caplog.at_level(logging.WARNING):
        answer = page.get("/?secret=s3cr3t")
    assert answer.status_code == 500
    assert "程序内部出错" in answer.text
    assert "Traceback" not in answer.text and "KeyError" not in answer.text and "13800138000" not in answer.text
    (record,) = caplog.records
    assert record.getMessage().startswith("GET /: KeyError at home.py:")
    assert "s3cr3t" not in caplog.text and "13800138000" not in caplog.text


def test_a_journal_that_is_none_is_a_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(state_dir=tmp_path)
    (tmp_path / "journal.sqlite3").write_bytes(b"no journal at all" * 1000)
    monkeypatch.setattr(history, "home_values", lambda request: {"runs": job.list_runs(settings)})
    with PageServer(site_with(settings)) as server, server.client() as page:
        answer = page.get("/")
    assert answer.status_code == 503
    assert "journal.sqlite3" in answer.text and Markup(answer.text).faults == []
