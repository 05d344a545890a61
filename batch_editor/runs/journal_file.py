"""Where the journal of all runs is: in the state folder of the settings."""

from __future__ import annotations

from ..journal.journal import Journal
from ..settings.settings import Settings

JOURNAL = "journal.sqlite3"


def open_journal(settings: Settings) -> Journal:
    """Opens the journal of all runs, in ``state_dir``. Raises ``SettingsError`` where it cannot be opened."""
    return Journal(settings.state_dir / JOURNAL)
