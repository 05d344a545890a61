"""The password of the journal's database is nowhere but in the connection: not in what commands say, write or keep."""

from __future__ import annotations

import base64
import dataclasses
import traceback
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from support import jobs
from support.commands import TOKEN, Commands
from support.journals import execute
from support.servers import unused_port

import batch_editor
from batch_editor import Settings, job
from batch_editor.journal.server import Server
from batch_editor.sandbox import Sandbox

PASSWORD = "S3ntinel@/:?#%密"
CLUES = [{"clue_id": clue, "remark": "old", **jobs.DEFAULTS} for clue in (11, 12)]


@pytest.fixture
def crm() -> Iterator[Sandbox]:
    with Sandbox(CLUES, access_token=TOKEN) as sandbox:
        yield sandbox


def with_password(dsn: str, **parts: object) -> str:
    from support.postgres import dsn_with

    return dsn_with(dsn, password=PASSWORD, **parts)


def shows_it(text: str | bytes) -> bool:
    """Whether the password, or a part of it, is in there in any encoding."""
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    written = (PASSWORD, quote(PASSWORD, safe=""), PASSWORD.encode("unicode_escape").decode(), "S3ntinel")
    spellings = [text.encode() for text in written]
    spellings += [base64.b64encode(text.encode()).rstrip(b"=")[:-1] for text in written]
    return any(spelling in raw for spelling in spellings)


def test_no_command_shows_or_keeps_it(tmp_path: Path, crm: Sandbox, postgres: str) -> None:
    """Commands that go well, commands that do not, in words and as JSON; their files, and the database itself."""
    command = Commands(tmp_path, crm.url)
    jobs.sheet(tmp_path, [11, 12])
    (tmp_path / "in").mkdir()
    outputs = list[str]()

    def says(*args: str, journal: str = with_password(postgres)) -> str:
        done = command(*args, BATCH_EDITOR_JOURNAL=journal)
        outputs.append(done.output)
        return done.output

    assert "holds no journal yet" in says("run", "edits.csv")
    says("journal", "migrate")
    says("run", "edits.csv", "--verbose", "--log-format", "json")
    run = command("run", "edits.csv", "--new", "--json", BATCH_EDITOR_JOURNAL=with_password(postgres)).json["run"]
    for args in (["runs"], ["show", run], ["show", run, "--json"], ["doctor"], ["doctor", "--json"], ["inbox", "in"]):
        says(*args)
    says("results", run)
    for wrong in ({"dbname": "nowhere"}, {"port": unused_port()}, {"user": "nobody-here"}):
        for args in (["runs"], ["journal", "migrate"], ["run", "edits.csv", "--json"], ["doctor"]):
            assert "postgresql://" in says(*args, journal=with_password(postgres, **wrong))
    says("runs", journal=f"postgresql://ops:{PASSWORD}@db/journal")
    command.configure(journal=f"{with_password(postgres)} x", api={"base_url": crm.url})
    assert "postgresql://user:password@host" in command("runs").output
    assert not any(map(shows_it, outputs))
    files = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "config.yaml"]
    assert len(files) > 3 and [path for path in files if shows_it(path.read_bytes())] == []
    server = Server(postgres, tmp_path)
    tables = execute(server, "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
    for (table,) in tables:
        rows = execute(server, f"SELECT to_jsonb(one)::text FROM {table} AS one")  # noqa: S608
        assert not any(shows_it(row) for (row,) in rows), table


def test_no_object_or_traceback_shows_it(tmp_path: Path, crm: Sandbox, journal_server: str) -> None:
    given = jobs.settings(tmp_path, crm.url, journal=with_password(journal_server))
    report = batch_editor.run(jobs.sheet(tmp_path, [11, 12]), given)
    assert report.exit_code == 0 and report.journal == journal_server
    assert len(report.to_frame()) == 2, "it finds its rows again"
    with job.open_journal(given) as journal:
        objects = [given, report, report.summary(), journal, journal.address, journal.run(report.run or ""), journal._locks]
        objects += [vars(journal._store), dataclasses.asdict(report)]
        assert not any(shows_it(f"{value!r}{value}") for value in objects)
    wrong = Settings(journal=with_password(journal_server, dbname="nowhere"), state_dir=tmp_path / "state")
    for calling in (job.open_journal, job.migrate_journal):
        with pytest.raises(batch_editor.SettingsError) as caught:
            calling(wrong)
        error: BaseException | None = caught.value
        while error is not None:
            assert not shows_it("".join(traceback.format_exception(error))) and not shows_it(repr(error))
            error = error.__cause__ or error.__context__
