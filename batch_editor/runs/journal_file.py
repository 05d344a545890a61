"""Where the journal of all runs is: in the state folder of the settings."""

from __future__ import annotations

from ..journal.journal import Journal
from ..journal.temporary import clear_abandoned
from ..settings.settings import Settings

JOURNAL = "journal.sqlite3"


def open_journal(settings: Settings) -> Journal:
    """Opens the journal of all runs, in ``state_dir``. Raises ``SettingsError`` where it cannot be opened.

    What a process that was killed has left elsewhere is cleared away.
    """
    clear_abandoned()
    return Journal(settings.state_dir / JOURNAL)
