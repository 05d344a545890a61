"""The journal's own tests run with each kind of it: those that ask for ``journal`` or ``address`` do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.journals import empty_database

from batch_editor.journal.journal import Journal
from batch_editor.journal.server import Server


@pytest.fixture(params=["file", "database"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path | Server]:
    """Where an empty journal is."""
    if request.param == "file":
        yield tmp_path / "state" / "journal.sqlite3"
        return
    databases = request.getfixturevalue("databases")
    server = empty_database(databases, tmp_path / "state")
    yield server
    databases.remove(server.dsn)


@pytest.fixture
def journal(address: Path | Server) -> Iterator[Journal]:
    """An empty journal."""
    with Journal(address) as opened:
        yield opened
