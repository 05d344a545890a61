"""The options that several commands share: what becomes of them as settings, as arguments of the job, and typed again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest
from support import jobs

from batch_editor.cli.options import job_arguments, load_settings, typed_again
from batch_editor.cli.screen import Screen
from batch_editor.cli.sending import run
from batch_editor.errors import SettingsError


@pytest.fixture
def loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Loads settings with options over those of a file."""
    text = "rate: {limits: [5/second, 300/minute], concurrency: 4}\nignore_columns: [a]\nlang: zh\n"
    config = jobs.text_file(tmp_path / "settings.yaml", text)
    monkeypatch.chdir(tmp_path)
    return lambda screen=None, **options: load_settings(
        screen or Screen(lang="en"), **{"config": config, "lang": None, **options}
    )


def test_an_option_wins_over_the_settings_file(loaded: Any) -> None:
    settings = loaded(base_url="https://other.example", concurrency=9, fill=True, prove=True, ignore=("b", "c"))
    assert settings.api.base_url == "https://other.example" and settings.rate.concurrency == 9
    assert (settings.fill, settings.prove, settings.ignore_columns) == (True, True, ("a", "b", "c"))


def test_without_options_the_settings_file_holds(loaded: Any) -> None:
    settings = loaded()
    assert (settings.rate.concurrency, settings.fill, settings.prove, settings.ignore_columns) == (4, False, None, ("a",))


def test_a_rate_replaces_the_limit_of_a_second_and_keeps_longer_ones(loaded: Any) -> None:
    assert loaded(rate=50).rate.limits == ("50/second", "300/minute")


@pytest.mark.parametrize(("option", "expected"), [(None, "zh"), ("en", "en")])
def test_the_screen_speaks_the_language_of_the_settings_unless_an_option_says_otherwise(
    loaded: Any, option: str | None, expected: str
) -> None:
    screen = Screen(lang="en")
    loaded(screen, lang=option, quiet=True, as_json=True)
    assert (screen.lang, screen.quiet, screen.as_json) == (expected, True, True)


def test_a_settings_file_that_is_not_there_is_refused_and_the_usual_one_may_be_missing(loaded: Any, tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        loaded(config=tmp_path / "nowhere.yaml")
    assert loaded(config=None).ignore_columns == ()
    jobs.text_file(tmp_path / "config.yaml", "ignore_columns: [usual]\n")
    assert loaded(config=None).ignore_columns == ("usual",)


READING = {
    "sheet_name": None,
    "only_failed": False,
    "visible_only": False,
    "limit": 5,
    "tags": None,
    "encoding": "big5",
    "delimiter": "|",
}


@pytest.mark.parametrize(
    ("typed", "keys"), [(None, []), ("remark", ["remark"]), ("remark, 性别，标签、 area ,", ["remark", "性别", "标签", "area"])]
)
def test_columns_to_edit_stand_apart_by_commas_of_both_kinds(typed: str | None, keys: list[str]) -> None:
    options = READING | {"edit_keys": typed, "strict": True, "rate": 9}
    assert job_arguments(options) == READING | {"edit_keys": keys}
    assert job_arguments(options, "strict") == READING | {"edit_keys": keys, "strict": True}


@pytest.mark.parametrize("typed", ["", " ", "，"])
def test_no_column_to_edit_is_a_mistake(typed: str) -> None:
    with pytest.raises(click.BadParameter, match="it names no column"):
        job_arguments(READING | {"edit_keys": typed})


def test_options_are_typed_again_as_they_were_meant() -> None:
    typed = ["my edits.csv", "--edit", "remark,性别", "--ignore-column", "a", "--ignore-column", "x y", "--fill", "--rate", "9"]
    with run.make_context("run", typed):
        assert typed_again(("edit_keys", "ignore", "fill", "tags")) == (
            ' --edit "remark,性别" --ignore-column a --ignore-column "x y" --fill'
        )
        assert typed_again(("config", "rate")) == " --rate 9"
