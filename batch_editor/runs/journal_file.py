"""Where the journal of all runs is: in the state folder of the settings, or in the database that they name."""

from __future__ import annotations

from pathlib import Path

from ..journal.journal import Journal
from ..journal.look import look_at
from ..journal.migrated import Migrated
from ..journal.schema import VERSION
from ..journal.server import Server, driver_needed
from ..journal.temporary import clear_abandoned
from ..settings.settings import Settings

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
    return Migrated(str(address), before, VERSION, copies[-1] if 0 < before < VERSION and copies else None)
