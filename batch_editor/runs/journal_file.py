"""Where the journal of all runs is: in the state folder of the settings, or in the database that they name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import SettingsError
from ..journal.journal import Journal
from ..journal.look import look_at
from ..journal.migrated import Migrated
from ..journal.schema import VERSION
from ..journal.server import Server, driver_needed
from ..journal.temporary import clear_abandoned
from ..settings.settings import Settings

if TYPE_CHECKING:
    from ..journal.moving import Moved

JOURNAL = "journal.sqlite3"


def journal_address(settings: Settings) -> Path | Server:
    """Returns where the journal of these settings is."""
    if settings.journal is None:
        return settings.state_dir / JOURNAL
    return Server(settings.journal.get_secret_value(), settings.state_dir)


def open_journal(settings: Settings) -> Journal:
    """Opens the journal of all runs. Raises ``SettingsError`` where it cannot be opened.

    What a process that was killed has left elsewhere is cleared away.
    """
    clear_abandoned()
    return Journal(journal_address(settings))


def migrate_journal(settings: Settings) -> Migrated:
    """Makes the journal of these settings, or brings one up to this version, a file after a copy; returns what was done.

    Raises ``SettingsError`` where that cannot be, and leaves everything as it is.
    """
    address = journal_address(settings)
    if isinstance(address, Server):
        with driver_needed():
            from ..journal.migrating import migrate
        return migrate(address)
    before = look_at(address, 0).version if address.exists() else 0
    with Journal(address) as journal:
        copies = journal.copies()
    is_changed = before < VERSION
    return Migrated(str(address), before, VERSION, is_changed, copies[-1] if before and is_changed and copies else None)


def copy_journal(file: Path, settings: Settings, begins: Callable[[int, int], None] = lambda runs, rows: None) -> Moved:
    """Copies all that ``file`` holds, a journal of one machine, into the database of these settings; returns what that was.

    ``begins`` is told how many runs and rows those are. What is there already is left as it is, and so is the file. Raises
    ``Refused`` where one of the two cannot be used, ``UnderWay`` while somebody drives a run of the file, and ``Halted`` where
    something goes wrong on the way: then the same call goes on.
    """
    address = journal_address(settings)
    if not isinstance(address, Server):
        raise SettingsError("copy.no_database")
    with driver_needed():
        from ..journal.moving import move
    return move(file, address, begins)
