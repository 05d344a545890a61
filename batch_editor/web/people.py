"""Who may use the page from another machine: names, and passwords that are kept as scrypt makes them, in the state folder.

A running page sees at once that somebody was added, removed or has another password. How often somebody may try is left to
``throttle``, how long somebody stays logged in to ``sessions``.
"""

from __future__ import annotations

import getpass
import hashlib
import hmac
import os
import secrets
import threading
import unicodedata
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..errors import SettingsError
from ..messages.visible import is_visible
from .kept_file import KeptFile

FILE = "page_people.json"
#: The fewest characters of a password, and the most of a password and of a name.
SHORTEST_PASSWORD, LONGEST_PASSWORD, LONGEST_NAME = 10, 200, 60
#: What a new password costs (n, r, p): 32 MB of memory, and about a quarter of a second.
COST = (2**15, 8, 3)
#: What the costs in a file may be at most; more would keep the page busy.
_MOST_COST = (2**17, 16, 16)
#: So many passwords are checked at the same time, for each takes memory and a processor.
_AT_ONCE = threading.BoundedSemaphore(2)


@dataclass(frozen=True, slots=True)
class Person:
    """One person: the name as it was given, and what scrypt has made of the password. ``stamp`` is drawn with each password."""

    name: str
    salt: str
    hash: str
    cost: tuple[int, int, int]
    stamp: str


class People:
    """The people in the state folder ``folder``. Raises ``SettingsError`` where their file is damaged or cannot be used."""

    def __init__(self, folder: Path) -> None:
        self._file = KeptFile(folder / FILE)

    @property
    def path(self) -> Path:
        """Where their names and passwords are kept."""
        return self._file.path

    def names(self) -> list[str]:
        """Returns the names of all people, in the order of the alphabet."""
        return sorted(person.name for person in self._people().values())

    def stamp_of(self, name: str) -> str | None:
        """Returns what changes with the password of ``name``; None where there is nobody of that name."""
        person = self._people().get(folded_name(name))
        return person.stamp if person else None

    def let_in(self, name: str, password: str) -> Person | None:
        """Returns the person whose name and password these are, else None: for an unknown name as late as for a known."""
        person = self._people().get(folded_name(name))
        with _AT_ONCE:
            known = person or _NOBODY
            given = _scrypt(password[: LONGEST_PASSWORD + 1], bytes.fromhex(known.salt), known.cost)
        is_right = hmac.compare_digest(given, bytes.fromhex(known.hash))
        return person if is_right and person else None

    def set_password(self, name: str, password: str) -> bool:
        """Adds somebody, or changes the password and ends the sessions of somebody; returns whether the name is a new one.

        Raises ``SettingsError`` for a name or a password that cannot be used.
        """
        shown = usable_name(name)
        require_password(password, shown)
        salt = secrets.token_bytes(16)
        made = _scrypt(password, salt, COST)
        with self._file.alone():
            people = self._people()
            known = people.get(folded_name(shown))
            people[folded_name(shown)] = Person(
                known.name if known else shown, salt.hex(), made.hex(), COST, secrets.token_hex(8)
            )
            self._write(people)
        return known is None

    def remove(self, name: str) -> None:
        """Removes somebody, whose sessions end with that. Raises ``SettingsError`` where there is nobody of that name."""
        with self._file.alone():
            people = self._people()
            if people.pop(folded_name(name), None) is None:
                raise SettingsError("people.unknown", name=name, names=self.names() or ["-"])
            self._write(people)

    def _people(self) -> dict[str, Person]:
        people = self._file.read().get("people", [])
        try:
            return {folded_name(entry["name"]): _person(entry) for entry in people}
        except (KeyError, TypeError, ValueError, AttributeError):
            raise SettingsError("page.file_damaged", path=self._file.path) from None

    def _write(self, people: dict[str, Person]) -> None:
        self._file.replace({"people": [asdict(person) for person in people.values()]})


def usable_name(name: str) -> str:
    """Returns ``name`` as it is kept. Raises ``SettingsError`` for one that is empty, too long or not to be seen."""
    shown = unicodedata.normalize("NFC", name).strip()
    if not shown or not is_visible(shown) or len(shown) > LONGEST_NAME:
        raise SettingsError("people.name", name=name[: LONGEST_NAME + 1], most=LONGEST_NAME)
    return shown


def require_password(password: str, name: str) -> None:
    """Raises ``SettingsError`` for a password that is too short, too long, or as good as the name."""
    if len(password) < SHORTEST_PASSWORD:
        raise SettingsError("people.short_password", fewest=SHORTEST_PASSWORD)
    if len(password) > LONGEST_PASSWORD:
        raise SettingsError("people.long_password", most=LONGEST_PASSWORD)
    if folded_name(password) == folded_name(name) or len(set(password)) < 3:
        raise SettingsError("people.weak_password")


def account() -> str:
    """Returns the name of the account on this machine under which the page runs."""
    with suppress(KeyError, OSError, ImportError):  # no account has this number, as in a container
        return getpass.getuser()
    return str(os.getuid()) if hasattr(os, "getuid") else "-"


def folded_name(name: str) -> str:
    """Returns what all ways to type a name have in common: width and case do not matter."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).strip().casefold())


def _scrypt(password: str, salt: bytes, cost: tuple[int, int, int]) -> bytes:
    n, r, p = cost
    typed = unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")  # each system composes in its way
    return hashlib.scrypt(typed, salt=salt, n=n, r=r, p=p, maxmem=2 * 128 * n * r + 2**20, dklen=32)


def _person(entry: dict[str, Any]) -> Person:
    """Returns the person of an entry. Raises ``ValueError``, ``KeyError`` or ``TypeError`` for what is none."""
    n, r, p = entry["cost"]
    if any(not isinstance(part, int) or not 0 < part <= most for part, most in zip((n, r, p), _MOST_COST, strict=True)):
        raise ValueError("cost")
    if n < 2 or n & (n - 1) or len(bytes.fromhex(entry["hash"])) != 32 or len(bytes.fromhex(entry["salt"])) < 8:
        raise ValueError("hash")
    if not isinstance(entry["stamp"], str) or not entry["name"]:
        raise ValueError("stamp")
    return Person(str(entry["name"]), entry["salt"], entry["hash"], (n, r, p), entry["stamp"])


#: Whose password is checked where nobody has the name: as costly, and never right.
_NOBODY = Person("", secrets.token_hex(16), secrets.token_hex(32), COST, "")
