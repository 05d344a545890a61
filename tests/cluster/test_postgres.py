"""The PostgreSQL of the tests, and the proxy before it: what the tests of several machines stand on."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from support.crashes import until
from support.postgres import VARIABLE, Databases, Postgres, dsn_with, why_there_is_none
from support.proxies import Proxy

embedded = pytest.mark.skipif(
    bool(os.environ.get(VARIABLE) or why_there_is_none()), reason=why_there_is_none() or "the server is a person's own"
)


def test_each_database_is_empty_and_of_its_test_alone(databases: Databases) -> None:
    first, second = databases.create(), databases.create()
    with closing(psycopg.connect(first, autocommit=True)) as connection:
        connection.execute("CREATE TABLE mine (number integer)")
    with closing(psycopg.connect(second)) as connection:
        assert connection.execute("SELECT to_regclass('mine')").fetchone() == (None,)
    databases.remove(first)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(first)
    databases.remove(second)


def test_a_database_can_be_made_after_another(databases: Databases) -> None:
    asked = []

    def make(dsn: str) -> None:
        asked.append(dsn)
        with closing(psycopg.connect(dsn, autocommit=True)) as connection:
            connection.execute("CREATE TABLE theirs AS SELECT 7 AS number")

    for _ in range(2):
        copy = databases.copy_of("with a table", make)
        with closing(psycopg.connect(copy)) as connection:
            assert connection.execute("SELECT number FROM theirs").fetchone() == (7,)
        databases.remove(copy)
    assert len(asked) == 1


def test_a_journal_of_each_test_is_there_and_empty(journal_server: str) -> None:
    with closing(psycopg.connect(journal_server)) as connection:
        assert connection.execute("SELECT count(*) FROM runs").fetchone() == (0,)


def test_a_line_that_is_cut_and_mended(databases: Databases) -> None:
    dsn = databases.create()
    known = psycopg.conninfo.conninfo_to_dict(dsn)
    with Proxy((str(known["host"]), int(known["port"] or 5432))) as proxy:
        by_proxy = dsn_with(dsn, host="127.0.0.1", port=proxy.port)
        with closing(psycopg.connect(by_proxy)) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
            proxy.cut()
            with pytest.raises(psycopg.OperationalError):
                connection.execute("SELECT 1")
            with pytest.raises(psycopg.OperationalError):
                psycopg.connect(by_proxy)
        proxy.mend()
        with closing(psycopg.connect(by_proxy)) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        proxy.silence()
        with socket.create_connection(("127.0.0.1", proxy.port), timeout=0.05) as sock, pytest.raises(TimeoutError):
            sock.sendall(b"anybody there?")
            sock.recv(1)
    databases.remove(dsn)


@embedded
@pytest.mark.slow
def test_a_server_that_is_stopped_has_everything_afterwards() -> None:
    with Postgres(is_safe=True) as server:
        with closing(psycopg.connect(server.dsn, autocommit=True)) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS number")
            server.restart("immediate")
            with pytest.raises(psycopg.OperationalError):
                connection.execute("SELECT 1")
        with closing(psycopg.connect(server.dsn)) as connection:
            assert connection.execute("SELECT number FROM kept").fetchone() == (1,)
        server.stop()
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(server.dsn)


@embedded
@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_no_server_outlives_the_tests_that_are_killed() -> None:
    program = "from support.postgres import Postgres; s = Postgres(); print(s.port, s.folder, flush=True); input()"
    folder = Path(__file__).parents[1]
    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", program], cwd=folder, text=True, **streams) as process:  # type: ignore[call-overload]
        port, home = process.stdout.readline().split()
        psycopg.connect(f"postgresql://postgres@127.0.0.1:{port}/postgres").close()
        process.send_signal(signal.SIGKILL)
    until(lambda: not Path(home).exists())
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(f"postgresql://postgres@127.0.0.1:{port}/postgres")
