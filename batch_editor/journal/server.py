"""A PostgreSQL database that holds the journal of many machines: its address, and how it is shown without its password."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import SettingsError
from ..settings.database_url import shown


class Server:
    """The database at the address ``dsn``, which is secret; ``folder`` is where this machine keeps what it has alone.

    ``str`` shows it to people, without its password.
    """

    def __init__(self, dsn: str, folder: Path) -> None:
        self.dsn = dsn
        self.folder = folder

    def __repr__(self) -> str:
        return f"<Server {self}>"

    def __str__(self) -> str:
        return shown(self.dsn)


@contextmanager
def driver_needed() -> Iterator[None]:
    """Says in words that the driver of PostgreSQL, or the library that it needs, is not installed, where it is imported."""
    try:
        yield
    except ImportError:
        raise SettingsError("journal.no_driver") from None
