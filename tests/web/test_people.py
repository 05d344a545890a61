"""Who may use the page: names, passwords, and the file that keeps them."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from support.visitors import PASSWORD, cheap_passwords

from batch_editor.errors import SettingsError
from batch_editor.web import people as people_module
from batch_editor.web.people import FILE, People, account


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap_passwords(monkeypatch)


def test_the_right_password_lets_in_and_no_other(tmp_path: Path) -> None:
    people = People(tmp_path / "state")
    assert people.set_password("王芳", PASSWORD)
    person = people.let_in("王芳", PASSWORD)
    assert person is not None and person.name == "王芳"
    for name, password in [("王芳", PASSWORD + " "), ("王芳", ""), ("王", PASSWORD), ("", ""), ("王芳", "\ud800" * 500)]:
        assert people.let_in(name, password) is None


@pytest.mark.parametrize("typed", ["Li Lei", " li lei ", "LI LEI", "ｌｉ ｌｅｉ"])
def test_a_name_is_known_however_it_is_typed(typed: str, tmp_path: Path) -> None:
    people = People(tmp_path)
    people.set_password("Li Lei", PASSWORD)
    person = people.let_in(typed, PASSWORD)
    assert person is not None and person.name == "Li Lei"
    assert not people.set_password(typed, PASSWORD + "2") and people.names() == ["Li Lei"]


def test_a_password_is_the_same_on_systems_that_compose_in_their_own_way(tmp_path: Path) -> None:
    people = People(tmp_path)
    people.set_password("x", "Zürich am See")
    assert people.let_in("x", "Zu\u0308rich am See")


def test_the_file_is_private_and_holds_no_password(tmp_path: Path) -> None:
    people = People(tmp_path / "state")
    for name in ("王芳", "Li Lei"):
        people.set_password(name, PASSWORD)
    file = tmp_path / "state" / FILE
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600 and stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    text = file.read_text(encoding="utf-8")
    kept = json.loads(text)["people"]
    assert PASSWORD not in text and len({one["salt"] for one in kept}) == 2 and len({one["hash"] for one in kept}) == 2
    assert [path.name for path in file.parent.iterdir() if path.suffix != ".lock"] == [FILE]


def test_passwords_cost_what_they_should(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """At least what is recommended for scrypt with 32 MB of memory, and the same for a name that nobody has."""
    monkeypatch.undo()
    n, r, p = people_module.COST
    assert 128 * n * r >= 2**25 and p >= 3
    assert people_module._NOBODY.cost == people_module.COST
    costs = list[Any]()

    def counted(password: bytes, *, n: int, r: int, p: int, **_: Any) -> bytes:
        costs.append((n, r, p))
        return b"\0" * 32

    monkeypatch.setattr(hashlib, "scrypt", counted)
    people = People(tmp_path)
    people.set_password("x", PASSWORD)
    for name in ("x", "nobody"):
        people.let_in(name, "wrong password")
    assert costs == [people_module.COST] * 3


@pytest.mark.parametrize(
    ("password", "key"),
    [
        ("", "people.short_password"),
        ("123456789", "people.short_password"),
        ("x" * 201, "people.long_password"),
        ("somebody12", "people.weak_password"),
        ("aaaaaaaaaaaa", "people.weak_password"),
    ],
)
def test_a_password_that_is_too_short_or_guessed_at_once_is_refused(password: str, key: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as error:
        People(tmp_path).set_password("SomeBody12", password)
    assert error.value.message.key == key and not (tmp_path / FILE).exists()


@pytest.mark.parametrize("name", ["", "   ", "a\nb", "a\u202eb", "x" * 61, "\u200b", "a\x00b", "\ud800"])
def test_a_name_that_nobody_could_see_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as error:
        People(tmp_path).set_password(name, PASSWORD)
    assert error.value.message.key == "people.name"


def test_a_page_that_runs_sees_who_is_added_changed_and_removed(tmp_path: Path) -> None:
    of_page, of_command = People(tmp_path), People(tmp_path)
    assert of_page.names() == [] and of_page.stamp_of("x") is None
    of_command.set_password("x", PASSWORD)
    first = of_page.stamp_of("x")
    assert first and of_page.let_in("x", PASSWORD)
    of_command.set_password("x", PASSWORD + "2")
    assert of_page.stamp_of("x") not in (first, None)
    assert of_page.let_in("x", PASSWORD) is None and of_page.let_in("x", PASSWORD + "2")
    of_command.remove("X")
    assert of_page.stamp_of("x") is None and of_page.let_in("x", PASSWORD + "2") is None
    with pytest.raises(SettingsError) as error:
        of_command.remove("x")
    assert error.value.message.key == "people.unknown"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"people": 3}',
        b'{"people": [3]}',
        b'{"people": [{"name": "x"}]}',
        b"\xff\xfe",
        b'{"people": {"x": 1}}',
    ],
)
def test_a_damaged_file_is_refused_in_words_and_kept(content: bytes, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(content)
    people = People(tmp_path)
    for act in (people.names, lambda: people.let_in("x", PASSWORD), lambda: people.set_password("x", PASSWORD)):
        with pytest.raises(SettingsError) as error:
            act()
        assert error.value.message.key == "page.file_damaged" and FILE in str(error.value)
    assert (tmp_path / FILE).read_bytes() == content


@pytest.mark.parametrize(
    "change",
    [
        {"cost": [2**30, 8, 1]},
        {"cost": [3, 1, 1]},
        {"cost": [0, 0, 0]},
        {"cost": "no"},
        {"salt": "zz"},
        {"hash": ""},
        {"stamp": None},
        {"name": None},
    ],
)
def test_an_entry_that_would_let_in_anybody_or_hold_up_the_page_is_refused(change: dict[str, Any], tmp_path: Path) -> None:
    people = People(tmp_path)
    people.set_password("x", PASSWORD)
    kept = json.loads((tmp_path / FILE).read_text(encoding="utf-8"))
    kept["people"][0] |= change
    (tmp_path / FILE).write_text(json.dumps(kept), encoding="utf-8")
    with pytest.raises(SettingsError):
        people.let_in("x", PASSWORD)


def test_people_who_are_added_at_the_same_moment_are_all_there(tmp_path: Path) -> None:
    names = [f"person {number}" for number in range(12)]
    threads = [threading.Thread(target=People(tmp_path).set_password, args=(name, PASSWORD)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert People(tmp_path).names() == sorted(names)


def test_a_write_that_fails_leaves_the_file_as_it_was(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    people = People(tmp_path)
    people.set_password("x", PASSWORD)
    before = (tmp_path / FILE).read_bytes()
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(SettingsError) as error:
        people.set_password("y", PASSWORD)
    assert error.value.message.key == "page.file_unusable"
    assert (tmp_path / FILE).read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == {FILE, f"{FILE}.lock"}


def test_an_account_without_a_name_has_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    assert account()
    monkeypatch.setattr("getpass.getuser", lambda: (_ for _ in ()).throw(KeyError("uid")))
    assert account() == (str(os.getuid()) if hasattr(os, "getuid") else "-")
