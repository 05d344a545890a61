"""Who a request comes from: a signed cookie, the session that somebody has begun by logging in, and the token of each form.

A cookie holds a random number, signed with a key of the state folder, and nothing else. A session belongs to a number: it is
kept in the state folder, by a digest of the number, and ends by itself, by logging out, or with the password of its person. A
browser without a session has a number as well, so that the forms of the page, the one to log in among them, carry a token that
no other site can know.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from itsdangerous import BadSignature, Signer

from ..errors import SettingsError
from .kept_file import KeptFile
from .people import People

KEY_FILE, FILE = "page_key.json", "page_sessions.json"
#: After so many seconds it is written down that a session is still in use; until then it is known in memory.
_SEEN_EVERY = 60.0
#: The most sessions that are kept; the oldest end when there are more.
_MOST = 2000


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who makes a request: the ``number`` of the cookie, the ``token`` that forms must carry, and the ``person`` who has logged
    in, None for nobody. ``is_new`` says that the browser has yet to be given the cookie."""

    number: str
    token: str
    person: str | None
    is_new: bool


class Sessions:
    """The sessions in the state folder ``folder`` of the people who may have some; ``clock`` counts seconds since 1970.

    Raises ``SettingsError`` where a file of theirs cannot be used.
    """

    def __init__(self, folder: Path, people: People, clock: Callable[[], float] = time.time) -> None:
        self._people = people
        self._clock = clock
        self._file = KeptFile(folder / FILE)
        self._seen: dict[str, float] = {}
        self._key = _key(KeptFile(folder / KEY_FILE))
        self._signer = Signer(self._key, salt="page", key_derivation="hmac", digest_method=hashlib.sha256)

    def visitor(self, cookie: str | None, *, lasts: float, idle: float, touch: bool = True) -> Visitor:
        """Returns who shows this cookie. A session counts for ``lasts`` seconds in all, and for ``idle`` without a request.

        A request that nobody has made by hand does not ``touch`` the session: it is not kept alive by it.
        """
        number = self._number(cookie)
        if number is None:
            return self.stranger()
        return Visitor(number, self._token(number), self._person(number, lasts, idle, touch=touch), is_new=False)

    def here(self) -> Visitor:
        """Returns whoever works on this machine, where nobody has to log in: all browsers share a number, without cookies."""
        return Visitor("here", self._token("here"), None, is_new=False)

    def stranger(self) -> Visitor:
        """Returns somebody whose browser has no cookie of this page yet."""
        number = secrets.token_urlsafe(32)
        return Visitor(number, self._token(number), None, is_new=True)

    def cookie_of(self, visitor: Visitor) -> str:
        """Returns what the cookie of ``visitor`` holds."""
        return self._signer.sign(visitor.number).decode("ascii")

    def begin(self, person: str, stamp: str, before: Visitor) -> Visitor:
        """Returns ``person`` with a session under a new number; one of before ends. ``stamp`` is that of the password."""
        new = self.stranger()
        with self._file.alone():
            kept = self._kept()
            kept.pop(_digest(before.number), None)
            kept = dict(sorted(kept.items(), key=lambda pair: pair[1]["began"])[-_MOST + 1 :])
            kept[_digest(new.number)] = {"person": person, "stamp": stamp, "began": self._clock(), "seen": self._clock()}
            self._file.replace({"sessions": kept})
        return Visitor(new.number, new.token, person, is_new=True)

    def end(self, visitor: Visitor) -> Visitor:
        """Ends the session of ``visitor`` for good, and returns the stranger that the browser belongs to from now on."""
        with self._file.alone():
            kept = self._kept()
            if kept.pop(_digest(visitor.number), None) is not None:
                self._file.replace({"sessions": kept})
        self._seen.pop(_digest(visitor.number), None)
        return self.stranger()

    def is_token_of(self, visitor: Visitor, token: str) -> bool:
        """Returns whether this is the token that the forms of ``visitor`` carry."""
        return hmac.compare_digest(visitor.token.encode(), token.encode("utf-8", "surrogatepass"))

    def _number(self, cookie: str | None) -> str | None:
        try:
            return self._signer.unsign(cookie).decode("ascii") if cookie and cookie.isascii() else None
        except BadSignature:
            return None

    def _token(self, number: str) -> str:
        return hmac.new(self._key, b"form\n" + number.encode("ascii"), hashlib.sha256).hexdigest()

    def _person(self, number: str, lasts: float, idle: float, *, touch: bool) -> str | None:
        now, digest = self._clock(), _digest(number)
        session = self._kept().get(digest)
        if session is None:
            return None
        seen = max(session["seen"], self._seen.get(digest, 0.0))
        if now - session["began"] >= lasts or now - seen >= idle or now < session["began"] - _SEEN_EVERY:
            return None
        if self._people.stamp_of(session["person"]) != session["stamp"]:
            return None
        if touch:
            self._seen[digest] = now
        if touch and now - session["seen"] >= min(_SEEN_EVERY, idle / 4):
            self._write_seen(digest, now)
        return str(session["person"])

    def _write_seen(self, digest: str, now: float) -> None:
        with self._file.alone():
            kept = self._kept()
            if digest in kept:
                kept[digest] = kept[digest] | {"seen": now}
                self._file.replace({"sessions": kept})

    def _kept(self) -> dict[str, dict[str, Any]]:
        """Returns a new dictionary of all sessions that are written down."""
        kept = self._file.read().get("sessions", {})
        if not isinstance(kept, dict) or not all(_is_session(entry) for entry in kept.values()):
            raise SettingsError("page.file_damaged", path=self._file.path)
        return dict(kept)


def _is_session(entry: object) -> bool:
    texts, times = ("person", "stamp"), ("began", "seen")
    return (
        isinstance(entry, dict)
        and all(isinstance(entry.get(name), str) for name in texts)
        and all(isinstance(entry.get(name), int | float) for name in times)
    )


def _digest(number: str) -> str:
    return hashlib.sha256(number.encode("ascii")).hexdigest()


def _key(file: KeptFile) -> bytes:
    """Returns the key of the cookies, which is drawn once for a state folder."""
    with file.alone():
        kept = file.read()
        if not kept:
            kept = {"key": secrets.token_hex(32)}
            file.replace(kept)
    try:
        key = bytes.fromhex(kept["key"])
    except (KeyError, TypeError, ValueError):
        key = b""
    if len(key) < 32:
        raise SettingsError("page.file_damaged", path=file.path)
    return key
