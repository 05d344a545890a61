"""Values that no setting can have, and credentials that were copied badly: named before anything is sent, and never shown."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from support import jobs
from support.commands import Commands
from support.crm import Crm

from batch_editor.errors import SettingsError
from batch_editor.messages import say
from batch_editor.settings.settings import Settings

TOKEN = 'S3CR%T/+tok=en&x"y'


def refusal(**given: Any) -> str:
    with pytest.raises(SettingsError) as caught:
        Settings(**given)
    assert say(caught.value.message, "zh")
    return str(caught.value)


def test_what_is_wrong_with_a_value_is_said_in_chinese_as_well() -> None:
    for values in ({"rate": {"concurrency": "1" * 5000}}, {"columns": {1: "remark"}}):
        with pytest.raises(SettingsError) as caught:
            Settings(**values)
        text = say(caught.value.message, "zh").partition("：\n")[2]
        assert text and not re.search("[A-Za-z]+ [a-z]+ [a-z]+", text), text


# --- credentials


@pytest.mark.parametrize(
    "around",
    [
        *("{} ", " {}", "\t{}\r\n", "{}\n", "\ufeff{}", "\u3000{}\u3000", "\u200b{}\u200b", "\u202a{}\u202c"),
        *('"{}"', "'{}'", "`{}`", "“{}”", "‘{}’", "「{}」", "＂{}＂", " “ {} ” \r\n", '"{}"\n'),
    ],
    ids=ascii,
)
@pytest.mark.parametrize("key", ["access_token", "app_secret", "app_id"])
def test_what_was_copied_along_with_a_credential_is_taken_off(around: str, key: str) -> None:
    value = getattr(Settings(api={key: around.format("S3CR%T/+tok=en&x")}).api, key)
    assert (value if key == "app_id" else value.get_secret_value()) == "S3CR%T/+tok=en&x"


def test_a_credential_that_is_one_stays_as_it_is() -> None:
    for text in (TOKEN, "令牌", "x" * 512, "a" + "é" * 255, "%20"):
        token = Settings(api={"access_token": text}).api.access_token
        assert token is not None and token.get_secret_value() == text


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        *((value, "is empty") for value in ("", " ", "\n", '""', "“”", "\u200b")),
        *((value, "quotation mark") for value in ('"S3CRET', "S3CRET”", '“S3CRET"', "'S3CRET", '"S3"CRET"')),
        *(
            (value, "a blank")
            for value in ("S3CRET x", "S3CRET\nx", "S3CRET\x1bx", "S3CRET\u200bx", "S3CRET\x7f", "S3\u3000CRET")
        ),
        *((value, "a character that no file can hold") for value in ("S3CRET\x00", "S3CRET\ud800")),
        *((value, "is longer than") for value in ("S3CRET" * 12_000, "令" * 12_000)),
    ],
    ids=lambda text: ascii(text)[:24],
)
@pytest.mark.parametrize("key", ["access_token", "app_secret", "app_id"])
def test_a_credential_that_cannot_be_one_is_refused_by_its_name_and_not_shown(value: str, reason: str, key: str) -> None:
    text = refusal(api={key: value})
    assert f"api.{key}" in text and reason in text and "S3" not in text and "令" not in text


def test_a_token_of_512_bytes_is_the_longest() -> None:
    assert "longer than 512 bytes" in refusal(api={"access_token": "x" * 513})


def test_a_variable_that_holds_the_credential_is_named(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11])
    with Crm() as crm:
        command = Commands(tmp_path, crm.url)
        done = command("run", "edits.csv", WSHOTO_ACCESS_TOKEN='"S3CRET')
        assert done.code == 2 and "api.access_token (WSHOTO_ACCESS_TOKEN)" in done.err and "S3CRET" not in done.output
        assert command("run", "edits.csv", WSHOTO_ACCESS_TOKEN="“S3CRET”\n").code == 0
        assert [call.token for call in crm.calls] == ["S3CRET"]


# --- codes and addresses


@pytest.mark.parametrize("codes", ["auth_codes", "retry_codes", "rate_codes"])
@pytest.mark.parametrize("code", [0, "0", " 0 ", "00", "-0", "０", 0.0, False, "", " "], ids=repr)
def test_the_code_that_confirms_an_edit_is_in_no_list(codes: str, code: object) -> None:
    assert f"api.{codes}.1" in refusal(api={codes: [7, code]})


def test_a_code_has_no_blanks_around_it() -> None:
    assert Settings(api={"rate_codes": [" A-1 ", 45009, "10"]}).api.rate_codes == ("A-1", 45009, "10")


@pytest.mark.parametrize("address", ["", " ", "\n"])
def test_no_address_is_not_the_usual_one(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs.sheet(tmp_path, [11])
    done = Commands(tmp_path)("run", "edits.csv", "--base-url", address)
    assert done.code == 2 and "api.base_url" in done.err
    monkeypatch.setenv("BATCH_EDITOR_API__BASE_URL", address)
    assert "api.base_url" in refusal()


# --- anything else


@pytest.mark.parametrize("value", ["[" * 100_000, '{"a":' * 100_000, "[" * 3000 + "]" * 3000], ids=["lists", "objects", "deep"])
@pytest.mark.parametrize("name", ["BATCH_EDITOR_API__AUTH_CODES", "BATCH_EDITOR_CLEAR_AS", "BATCH_EDITOR_RATE"])
def test_a_variable_of_nothing_but_brackets_is_named(value: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    text = refusal()
    assert name in text or "clear_as" in text or "auth_codes" in text or "rate" in text
    assert len(text) < 1000


@pytest.mark.parametrize("folder", ["~nobody_here/x", "~nobody_here", "", " ", "a\x00b", "a\udcffb", Path("a\x00b")], ids=repr)
def test_a_folder_that_can_be_none_is_refused(folder: object, tmp_path: Path) -> None:
    assert "state_dir" in refusal(state_dir=folder)


def test_a_folder_is_found_from_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert Settings(state_dir="~/state").state_dir == tmp_path / "state"


@pytest.mark.parametrize("character", ["\x00", "\ud800"])
def test_a_character_that_no_file_can_hold_is_refused_wherever_it_stands(character: str) -> None:
    text = f"a{character}b"
    for given in (
        {"defaults": {"user_id": text}},
        {"columns": {text: "remark"}},
        {"context_columns": ["remark", text]},
        {"clear_marker": text},
        {"custom_fields": {"mf_clue_1": {"title": text}}},
        {"lookups": {"follow_user_id": {"file": text, "name": "n", "id": "i"}}},
        {"rate": {"limits": [text]}},
    ):
        assert next(iter(given)) in refusal(**given)


# --- aliases

BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    "text",
    [
        f"clear_as:\n{BOMB.replace(chr(10), chr(10) + '  ').rstrip()}\n",
        BOMB.replace("i: &i", "context_columns:"),
        "columns: &a {x: *a}\n",
        "clear_as: &a\n  - *a\n",
        "base: &base {a: 1}\n" + "lookups: {x: [" + "*base, " * 20_000 + "*base]}\n",
    ],
    ids=["everywhere", "in a list", "within itself", "a list within itself", "one of many"],
)
def test_a_file_that_its_aliases_make_endless_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        Settings.load(path)
    assert "alias" in str(caught.value)


def test_an_alias_that_only_repeats_a_value_is_understood(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("rate: &rate {pause: 7}\nhalt: {after_failures: &n 3, after_rejections: *n}\n", encoding="utf-8")
    settings = Settings.load(path)
    assert (settings.rate.pause, settings.halt.after_rejections) == (7, 3)


@pytest.mark.parametrize("option", ["--base-url", "--config", "--sheet", "--ignore-column", "--output", "--edit", "--lang"])
@pytest.mark.parametrize("value", ["", " "])
def test_an_option_without_a_value_does_not_mean_its_default(option: str, value: str, tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11])
    with Crm() as crm:
        done = Commands(tmp_path, crm.url)("run", "edits.csv", option, value)
        assert done.code == 2 and done.err and not crm.calls
