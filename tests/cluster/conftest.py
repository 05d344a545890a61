"""A journal in a PostgreSQL of one test alone, which it may stop."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.postgres import Postgres, migrated, why_there_is_none


@pytest.fixture
def server() -> Iterator[Postgres]:
    """A server that waits for the disk, as it does for a user."""
    if reason := why_there_is_none():
        pytest.skip(reason)
    with Postgres(is_safe=True) as started:
        yield started


@pytest.fixture
def own_journal(server: Postgres) -> str:
    """The DSN of a journal on it."""
    migrated(server.dsn)
    return server.dsn
