"""``-`` as SHEET: what another program writes is a sheet like any other, and a run of it is gone on with."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from support import jobs
from support.commands import Commands
from support.crm import CONFIRMED, Crm, scripted, status

LINES = b'{"clue_id": 1591005521987920962, "remark": "a"}\n{"clue_id": "1591005521987920963", "remark": "b"}\n'
CSV = b"clue_id,remark\n1591005521987920962,a\n1591005521987920963,b\n"


def spooled(folder: Path) -> list[Path]:
    return list((folder / "temporary").glob("batch_editor-*"))


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))


@pytest.mark.parametrize(
    "content", [LINES, CSV, CSV.replace(b",", b"\t").decode().encode("utf-16")], ids=["json", "csv", "utf-16"]
)
def test_what_another_program_writes_is_sent_and_has_results(content: bytes, tmp_path: Path, temporary: None) -> None:
    with Crm() as crm:
        commands = Commands(tmp_path, crm.url)
        commands.piped = content
        checked = commands("check", "-")
        assert (checked.code, crm.calls) == (0, []) and "2 rows" in checked.out
        done = commands("run", "-")
    assert done.code == 0 and sorted(crm.sent()) == ["a", "b"]
    headings, *rows = jobs.raw_results(tmp_path / "stdin.results.xlsx")
    assert headings[:2] == ["clue_id", "remark"]
    assert [row[:3] for row in rows] == [["1591005521987920962", "a", "updated"], ["1591005521987920963", "b", "updated"]]
    assert not spooled(tmp_path)


def test_a_workbook_may_be_piped_and_an_encoding_named(tmp_path: Path) -> None:
    commands = Commands(tmp_path)
    commands.piped = jobs.workbook(tmp_path / "a.xlsx", [["clue_id", "remark"], ["11", "a"]]).read_bytes()
    assert commands("check", "-").code == 0
    commands.piped = CSV.replace(b"a\n", "王\n".encode("big5"))
    assert "--encoding" in commands("check", "-").err
    assert '"王"' in commands("check", "-", "--encoding", "big5").out


def test_a_run_that_stopped_is_gone_on_with_by_the_same_bytes_and_by_its_name(tmp_path: Path) -> None:
    for again in ("run", "resume"):
        folder = tmp_path / again
        folder.mkdir()
        with Crm(scripted({1591005521987920963: (status(401), CONFIRMED)})) as crm:
            commands = Commands(folder, crm.url, rate={"concurrency": 1})
            commands.piped = LINES + b'{"clue_id": 12, "remark": "c"}\n'
            first = commands("run", "-", "--json").json
            assert first["exit_code"] == 3
            if again == "resume":
                commands.piped = b""
            second = commands(*(["run", "-"] if again == "run" else ["resume", first["run"]]), "--json").json
        assert (second["run"], second["updated"], second["results"]) == (first["run"], 3, first["results"])


def test_the_same_rows_of_a_file_and_of_stdin_are_one_run(tmp_path: Path) -> None:
    (tmp_path / "edits.csv").write_bytes(CSV)
    with Crm() as crm:
        commands = Commands(tmp_path, crm.url)
        first = commands("run", "edits.csv", "--limit", "1", "--json").json
        commands.piped = CSV
        second = commands("run", "-", "--json").json
    assert (second["run"], second["updated"]) == (first["run"], 2)


def test_nothing_and_something_else_on_stdin_are_told_by_name(tmp_path: Path) -> None:
    commands = Commands(tmp_path)
    for content, text in (
        (b"", "Nothing came from stdin"),
        (b"%PDF-1.7", "stdin is a PDF"),
        (LINES[:-20], "stdin ends on line 2"),
    ):
        commands.piped = content
        done = commands("run", "-")
        assert done.code == 2 and text in done.err and "batch_editor-" not in done.err


def test_results_of_stdin_are_private_and_no_copy_of_it_is_kept(tmp_path: Path) -> None:
    with Crm() as crm:
        commands = Commands(tmp_path, crm.url)
        commands.piped = LINES
        assert commands("run", "-").code == 0
    assert (tmp_path / "stdin.results.xlsx").stat().st_mode & 0o077 == 0
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and LINES in path.read_bytes()]


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
@pytest.mark.parametrize(("answer", "code", "sent"), [(b"y\n", 0, 2), (b"n\n", 2, 0)])
def test_at_a_terminal_it_is_asked_there_while_stdin_is_the_sheet(answer: bytes, code: int, sent: int, tmp_path: Path) -> None:
    """The command has a terminal of its own, and its stdin is a file."""
    (tmp_path / "lines").write_bytes(LINES)
    with Crm() as crm:
        commands = Commands(tmp_path, crm.url)
        command = [sys.executable, "-m", "batch_editor", "run", "-"]
        ended, shown = at_terminal(command, commands, tmp_path / "lines", answer)
    assert (ended, len(crm.calls)) == (code, sent), shown
    assert "Send now?" in shown


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_a_terminal_is_no_sheet(tmp_path: Path) -> None:
    ended, shown = at_terminal([sys.executable, "-m", "batch_editor", "run", "-"], Commands(tmp_path), None, b"")
    assert ended == 2 and "program | batch-editor run -" in shown


def at_terminal(command: list[str], commands: Commands, stdin: Path | None, typed: bytes) -> tuple[int, str]:
    """Runs a command whose controlling terminal is a pseudo-terminal; types when it asks. Returns its exit code and what it
    showed."""
    import pty

    child, master = pty.fork()
    if child == 0:
        os.chdir(commands.folder)
        if stdin:
            os.dup2(os.open(stdin, os.O_RDONLY), 0)
        os.execve(command[0], command, {**commands.env, "TERM": "xterm"})  # noqa: S606  # this Python
    shown = b""
    while True:
        try:
            part = os.read(master, 4096)
        except OSError:
            break
        if not part:
            break
        shown += part
        if typed and b"Send now?" in shown.split(b"\n")[-1]:
            os.write(master, typed)
            typed = b""
    _, wait = os.waitpid(child, 0)
    os.close(master)
    return os.waitstatus_to_exitcode(wait), shown.decode()
