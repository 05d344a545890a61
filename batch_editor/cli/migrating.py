"""The command ``journal migrate``: makes a journal in a database, or brings one up to this version, and says what it did."""

from __future__ import annotations

from typing import Any

import click

from ..model import Message
from .options import config_option, lang_option, load_settings
from .purging import journal
from .screen import Screen


@journal.command()
@config_option
@lang_option
@click.pass_obj
def migrate(screen: Screen, /, **options: Any) -> int:
    """Make the journal in the database that the settings name, or bring a journal up to this version (a file after a copy)."""
    from .. import job

    migrated = job.migrate_journal(load_settings(screen, **options))
    if not migrated.is_changed:
        key = "journal.migrated_already"
    else:
        key = "journal.migrated" if migrated.before else "journal.migrated_new"
    screen.line(Message(key, {"path": migrated.place}))
    if migrated.copy:
        screen.line(Message("journal.migrated_copy", {"path": migrated.copy}))
    return 0
