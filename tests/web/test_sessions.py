"""Cookies, sessions and the tokens of forms."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path

import pytest
from support.visitors import PASSWORD, cheap_passwords

from batch_editor.errors import SettingsError
from batch_editor.web.people import People
from batch_editor.web.sessions import FILE, KEY_FILE, Sessions, Visitor

LASTS, IDLE = 12 * 3600.0, 3600.0


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


class House:
    """The sessions of a state folder in which "x" may log in."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock, self.people = folder, Clock(), People(folder)
        self.people.set_password("x", PASSWORD)
        self.sessions = self.again()

    def again(self) -> Sessions:
        """Those of a page that was started anew."""
        return Sessions(self.folder, self.people, self.clock)

    def logged_in(self) -> Visitor:
        return self.sessions.begin("x", self.people.stamp_of("x") or "", self.sessions.stranger())

    def person(self, visitor: Visitor, *, touch: bool = True, sessions: Sessions | None = None) -> str | None:
        sessions = sessions or self.sessions
        return sessions.visitor(sessions.cookie_of(visitor), lasts=LASTS, idle=IDLE, touch=touch).person


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    cheap_passwords(monkeypatch)
    return House(tmp_path)


def test_a_session_is_known_by_its_cookie_also_by_a_page_that_was_started_anew(house: House) -> None:
    visitor = house.logged_in()
    assert house.person(visitor) == "x" and house.person(visitor, sessions=house.again()) == "x"
    assert house.person(house.sessions.stranger()) is None


@pytest.mark.parametrize("cookie", [None, "", "a", "a.b", "王.芳", "." * 5000, "here.AAAA"])
def test_a_cookie_that_is_not_ours_is_that_of_a_stranger(cookie: str | None, house: House) -> None:
    visitor = house.sessions.visitor(cookie, lasts=LASTS, idle=IDLE)
    assert visitor.person is None and visitor.is_new


def test_a_cookie_of_which_one_character_is_another_is_that_of_a_stranger(house: House) -> None:
    cookie = house.sessions.cookie_of(house.logged_in())
    for place in range(0, len(cookie) - 1, 7):
        changed = cookie[:place] + ("A" if cookie[place] != "A" else "B") + cookie[place + 1 :]
        assert house.sessions.visitor(changed, lasts=LASTS, idle=IDLE).person is None


def test_a_log_in_has_a_new_number_and_ends_the_session_of_before(house: House) -> None:
    before = house.logged_in()
    after = house.sessions.begin("x", house.people.stamp_of("x") or "", before)
    assert after.number != before.number and after.token != before.token
    assert house.person(before) is None and house.person(after) == "x"


def test_a_session_ends_when_nobody_uses_it_and_after_its_time(house: House) -> None:
    visitor = house.logged_in()
    house.clock.now += IDLE
    assert house.person(visitor) is None
    visitor = house.logged_in()
    for _ in range(int(LASTS / 1800) - 1):
        house.clock.now += 1800
        assert house.person(visitor) == "x"
    house.clock.now += 1800
    assert house.person(visitor) is None


def test_a_page_that_asks_by_itself_keeps_no_session_alive(house: House) -> None:
    visitor = house.logged_in()
    for _ in range(4):
        house.clock.now += IDLE / 4
        last = house.person(visitor, touch=False)
    assert last is None


def test_that_a_session_is_in_use_outlives_the_page(house: House) -> None:
    visitor = house.logged_in()
    for _ in range(3):
        house.clock.now += IDLE * 0.75
        assert house.person(visitor, sessions=house.again()) == "x"


def test_logging_out_ends_the_session_at_the_server_for_good(house: House) -> None:
    visitor = house.logged_in()
    stranger = house.sessions.end(visitor)
    assert house.person(visitor) is None and house.person(visitor, sessions=house.again()) is None
    assert stranger.number != visitor.number and stranger.is_new


def test_another_password_ends_all_sessions_and_so_does_being_removed(house: House) -> None:
    first, second = house.logged_in(), house.logged_in()
    People(house.folder).set_password("x", PASSWORD + "2")
    assert house.person(first) is None and house.person(second) is None
    third = house.logged_in()
    assert house.person(third) == "x"
    People(house.folder).remove("x")
    assert house.person(third) is None
    People(house.folder).set_password("x", PASSWORD)
    assert house.person(third) is None, "somebody new of the same name"


def test_a_token_is_that_of_one_browser(house: House) -> None:
    one, other = house.logged_in(), house.logged_in()
    assert house.sessions.is_token_of(one, one.token) and not house.sessions.is_token_of(one, other.token)
    assert not any(house.sessions.is_token_of(one, token) for token in ("", "王", "\ud800", one.number))
    assert one.token not in house.sessions.cookie_of(one)


def test_the_files_are_private_and_hold_no_cookie(house: House) -> None:
    visitor = house.logged_in()
    texts = [(house.folder / name).read_text(encoding="utf-8") for name in (FILE, KEY_FILE)]
    assert not any(visitor.number in text or visitor.token in text for text in texts)
    if sys.platform != "win32":
        assert {stat.S_IMODE((house.folder / name).stat().st_mode) for name in (FILE, KEY_FILE)} == {0o600}


@pytest.mark.parametrize("content", ["", "{}x", '{"key": "ab"}', '{"key": 7}', "[]"])
def test_a_damaged_key_is_refused_in_words(content: str, tmp_path: Path) -> None:
    (tmp_path / KEY_FILE).write_text(content, encoding="utf-8")
    with pytest.raises(SettingsError) as error:
        Sessions(tmp_path, People(tmp_path))
    assert error.value.message.key == "page.file_damaged"


def test_damaged_sessions_let_nobody_in(house: House) -> None:
    visitor = house.logged_in()
    kept = json.loads((house.folder / FILE).read_text(encoding="utf-8"))
    for change in ({"began": "long ago"}, {"person": None}, {"seen": None}):
        damaged = {"sessions": {digest: entry | change for digest, entry in kept["sessions"].items()}}
        (house.folder / FILE).write_text(json.dumps(damaged), encoding="utf-8")
        with pytest.raises(SettingsError):
            house.person(visitor)
