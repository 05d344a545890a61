"""A database becomes one that holds a journal, or one of this version: whole, once, and while nobody sends."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.dispatching import new_run
from support.journals import execute
from support.servers import unused_port

from batch_editor.errors import SettingsError
from batch_editor.journal.journal import Journal
from batch_editor.journal.schema import VERSION
from batch_editor.journal.server import Server
from batch_editor.model import RunState

if TYPE_CHECKING:
    from support.postgres import Databases

TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1"


def migrate(server: Server, **over: Any) -> Any:
    from batch_editor.journal import migrating

    return migrating.migrate(server, **over)


@pytest.fixture
def server(postgres: str, tmp_path: Path) -> Server:
    """An empty database."""
    return Server(postgres, tmp_path / "state")


@pytest.fixture
def role(databases: Databases, server: Server) -> Iterator[str]:
    """Somebody who may log in, and has been given nothing."""
    if execute(Server(databases.dsn, Path()), "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") != [(True,)]:
        pytest.skip("only a superuser makes another user")
    execute(server, "CREATE ROLE stranger LOGIN PASSWORD 'Sentinel-4711'")
    yield "stranger"
    execute(server, "DROP OWNED BY stranger")
    execute(server, "DROP ROLE stranger")


def as_role(server: Server, role: str, **parts: Any) -> Server:
    from support.postgres import dsn_with

    return Server(dsn_with(server.dsn, user=role, password="Sentinel-4711", **parts), server.folder)


def refused(server: Server, **over: Any) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        migrate(server, **over)
    assert "Sentinel-4711" not in str(caught.value) and "Traceback" not in str(caught.value)
    return caught.value


def test_it_is_made_once(server: Server) -> None:
    first, second = migrate(server), migrate(server)
    assert (first.before, first.after, first.is_changed) == (0, VERSION, True)
    assert (second.before, second.after, second.is_changed) == (VERSION, VERSION, False)
    with Journal(server) as journal:
        assert journal.runs() == []


def test_texts_are_compared_by_their_bytes_whatever_the_language_of_the_database(server: Server) -> None:
    migrate(server)
    of_a_language = (
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' AND data_type = 'text'"
        " AND collation_name IS DISTINCT FROM 'C' AND table_name IN ('runs', 'rows', 'files', 'mends', 'choices', 'nights',"
        " 'memories', 'applied', 'applied_fields')"
    )
    assert execute(server, of_a_language) == []


def test_who_do_it_at_once_do_it_once(server: Server) -> None:
    with ThreadPoolExecutor(4) as pool:
        migrated = list(pool.map(lambda _: migrate(server), range(4)))
    assert sorted(each.before for each in migrated) == [0, VERSION, VERSION, VERSION]
    assert execute(server, "SELECT count(*) FROM journal_version") == [(1,)]


def test_one_that_breaks_off_leaves_nothing(server: Server) -> None:
    error = refused(server, cluster_schema=("CREATE TABLE shards (run BIGINT)", "no statement"))
    assert error.message.key == "journal.not_migrated_now" and execute(server, TABLES) == []
    assert migrate(server).before == 0


def test_one_of_a_newer_version_is_left_as_it_is(server: Server) -> None:
    migrate(server)
    execute(server, "UPDATE journal_version SET version = 1000")
    with pytest.raises(
        SettingsError, match=r"is of a newer version of batch_editor, and was left as it is\. Update this one\."
    ):
        Journal(server)
    assert refused(server).message.key == "journal.newer_there"
    assert execute(server, "SELECT version FROM journal_version") == [(1000,)]


STEPS = {VERSION: (VERSION + 1, ("ALTER TABLE runs ADD COLUMN extra TEXT",))}


def test_one_of_an_older_version_is_brought_up_when_it_is_asked_for(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    migrate(server)
    with Journal(server) as journal:
        run = new_run(journal, [11])
    from batch_editor.journal import postgres_store

    with monkeypatch.context() as patch:
        patch.setattr(postgres_store, "VERSION", VERSION + 1)
        with pytest.raises(SettingsError, match=r"is of an older version .*: batch-editor journal migrate"):
            Journal(server)
    migrated = migrate(server, steps=STEPS)
    assert (migrated.before, migrated.after, migrated.is_changed) == (VERSION, VERSION + 1, True)
    assert execute(server, "SELECT name, extra FROM runs") == [(run, None)]


@pytest.mark.parametrize("what", ["version", "functions"])
def test_it_waits_until_nobody_is_at_work(server: Server, what: str) -> None:
    migrate(server)
    changed: dict[str, Any] = {"steps": STEPS} if what == "version" else {"cluster_schema": ("SELECT 1",)}
    with Journal(server) as journal:
        run = new_run(journal, [11])
        journal.of(run).set_state(RunState.SENDING)
        error = refused(server, **changed)
        assert error.message.key == "journal.is_driven_there" and run in str(error)
        assert not migrate(server).is_changed, "where nothing is to be done, nobody is in the way"
    assert migrate(server, **changed).is_changed


def test_it_waits_until_no_worker_has_a_shard(server: Server) -> None:
    migrate(server)
    with Journal(server) as journal:
        run = new_run(journal, [11])
        journal.of(run).set_state(RunState.SENDING)
    columns = "run, shard, tenant, first, last, rows, cut, worker, lease, leased_until"
    moment = "extract(epoch FROM clock_timestamp())"
    execute(server, f"INSERT INTO shards ({columns}) SELECT id, 1, 't', 2, 2, 1, 0, 'w', 60, {moment} + 60 FROM runs")  # noqa: S608
    assert refused(server, steps=STEPS).message.key == "journal.is_driven_there"
    execute(server, f"UPDATE shards SET lease = 0, leased_until = {moment} - 1")  # noqa: S608
    assert migrate(server, steps=STEPS).is_changed


def test_who_may_make_no_tables_is_told(server: Server, role: str) -> None:
    execute(server, "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    error = refused(as_role(server, role))
    assert error.message.key == "journal.may_not_migrate" and "permission denied for schema public" in str(error)
    assert error.exit_code == 2


def test_who_may_not_use_the_tables_is_told(server: Server, role: str) -> None:
    migrate(server)
    with pytest.raises(SettingsError) as caught:
        Journal(as_role(server, role))
    assert caught.value.message.key == "journal.unusable_there" and "permission denied" in str(caught.value)


def test_a_user_with_a_schema_of_its_own_has_its_own_journal(server: Server, role: str) -> None:
    migrate(server)
    execute(server, "CREATE SCHEMA stranger AUTHORIZATION stranger")
    own = as_role(server, role)
    assert migrate(own).before == 0
    with Journal(server) as ours, Journal(own) as theirs:
        run = new_run(theirs, [11])
        assert ours.runs() == [] and not ours.is_driven(run) and theirs.is_driven(run)


def test_a_search_path_that_leads_nowhere_is_told(server: Server) -> None:
    error = refused(Server(f"{server.dsn}?options=-csearch_path%3Dnowhere", server.folder))
    assert error.message.key == "journal.no_schema"


@pytest.mark.parametrize(
    ("parts", "word"),
    [
        ({"dbname": "nowhere"}, "nowhere"),
        ({"user": "nobody-here", "password": "Sentinel-4711"}, "nobody-here"),
        ({"port": "closed", "password": "Sentinel-4711"}, "onnection"),
    ],
    ids=["no such database", "no such user", "no server"],
)
def test_a_server_that_does_not_let_us_in_is_told_with_what_to_do(server: Server, parts: dict[str, Any], word: str) -> None:
    from support.postgres import dsn_with

    if "port" in parts:
        parts = parts | {"port": unused_port()}
    away = Server(dsn_with(server.dsn, **parts), server.folder)
    for opening in (migrate, Journal):
        with pytest.raises(SettingsError) as caught:
            opening(away)
        text = str(caught.value)
        assert caught.value.message.key == "journal.no_server" and caught.value.exit_code == 2
        assert word in text and "See that the server runs" in text and "Sentinel-4711" not in text and "\n" not in text


@pytest.mark.parametrize("query", ["nonsense=Sentinel-4711", "Sentinel-4711=x"])
def test_an_address_that_postgresql_does_not_understand_is_not_repeated(server: Server, query: str) -> None:
    error = refused(Server(f"{server.dsn}?{query}", server.folder))
    assert error.message.key == "journal.no_address"


def test_a_database_that_cannot_hold_every_character_is_refused(databases: Databases, tmp_path: Path) -> None:
    from support.postgres import dsn_with

    name = "batch_editor_in_latin1"
    execute(
        Server(databases.dsn, tmp_path),
        f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'",
    )
    try:
        error = refused(Server(dsn_with(databases.dsn, dbname=name), tmp_path))
    finally:
        execute(Server(databases.dsn, tmp_path), f"DROP DATABASE {name} WITH (FORCE)")
    assert error.message.key == "journal.no_utf8" and "LATIN1" in str(error)


def test_a_database_with_odd_characters_in_its_name_is_one_like_any_other(databases: Databases, tmp_path: Path) -> None:
    from support.postgres import dsn_with

    admin = Server(databases.dsn, tmp_path)
    execute(admin, 'CREATE DATABASE "运行 %40/?#" TEMPLATE template0')
    server = Server(dsn_with(databases.dsn, dbname="运行 %40/?#"), tmp_path)
    try:
        migrate(server)
        with Journal(server) as journal:
            assert journal.place.endswith("/运行 %40/?#") and journal.runs() == []
    finally:
        execute(admin, 'DROP DATABASE "运行 %40/?#" WITH (FORCE)')
