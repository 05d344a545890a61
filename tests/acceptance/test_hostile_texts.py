"""Nothing that comes from a sheet, the CRM, a name or a variable acts in a terminal: every command shows it as text."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from support import jobs
from support.commands import TOKEN, Commands, Done, Terminal
from support.crm import Crm, envelope, scripted

from batch_editor.messages.visible import visible_lines
from batch_editor.sandbox import Sandbox

#: It goes up a line and erases it, colours, sets a title, rings, reverses the order of letters, begins a line, hides.
ACTING = "\x1b[1A\x1b[2K\x1b[31m\x1b]0;t\x07\x9b2J\r\u202e\u2066\u2028\u200b\U000e0041[red]x[/red]:smile:"
#: The same for a cell, which may also hold lines.
CELL = f"{ACTING}\nNothing would be cleared."
#: The same for a name of a file of this system.
NAME = f"a{ACTING.replace('/', '')}\nb"

posix = pytest.mark.skipif(os.name == "nt", reason="no such names, and no pseudo-terminals")


@pytest.fixture
def command(tmp_path: Path) -> Iterator[Commands]:
    """A folder whose settings hold what acts as well, against a CRM that refuses the clue 12 with it."""
    clues = [
        {"clue_id": clue, "clue_name": CELL, "clue_pool_id": 1, "follow_user_id": "wo", "remark": CELL} for clue in (11, 12)
    ]
    with Sandbox(clues, access_token=TOKEN) as crm:
        yield Commands(
            tmp_path,
            crm.url,
            custom_fields={"mf_clue_1": {"title": f"题{ACTING}", "type": "single", "options": {f"项{ACTING}": "101"}}},
            columns={f"列{ACTING}": "remark"},
        )


def book(folder: Path, name: str = "edits.xlsx") -> Path:
    rows = [
        ["线索ID", f"列{ACTING}".replace("\x1b", ""), "mf_clue_1", "邮箱"],
        ["11", f"new{CELL}".replace("\x1b", ""), "101", "a@example.com"],
        ["12", "#CLEAR", CELL.replace("\x1b", ""), CELL.replace("\x1b", "")],
    ]
    return jobs.workbook(
        folder / name, [[cell.replace("\x07", "").replace("\x9b", "") for cell in row] for row in rows], "表\u202e\u200b"
    )


def sheet(folder: Path, name: str = "edits.csv") -> Path:
    """A CSV with what acts in its cells and in the name of its file."""
    rows = [
        ("clue_id", f"列{ACTING}", "mf_clue_1", "email"),
        ("11", f"new{CELL}", f"项{ACTING}", ""),
        ("12", "#CLEAR", "", ""),
        ("12", "a", CELL, CELL),
    ]
    text = "\n".join(",".join(f'"{cell}"' for cell in row) for row in rows)
    (folder / name).write_text(text + "\n", encoding="utf-8", newline="")
    return folder / name


def is_text(done: Done) -> bool:
    """Whether everything that a command wrote is visible, and no value began a line."""
    lines = done.output.split("\n")
    return visible_lines(done.output) == done.output and not any(line.startswith("Nothing would") for line in lines)


@posix
@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("more", [[], ["--quiet"], ["--json"], ["--verbose"]], ids=str)
def test_every_command_that_reads_a_sheet(command: Commands, tmp_path: Path, lang: str, more: list[str]) -> None:
    name = sheet(tmp_path, f"{NAME}.csv").name
    for words in (["check", name], ["diff", name], ["run", name, "--snapshot"]):
        done = command(*words, "--lang", lang, *more)
        assert done.code == 1 and is_text(done), done.output
    assert any(ord(char) < 0x20 for char in "".join(path.name for path in tmp_path.iterdir()))


@posix
def test_every_command_that_looks_back(command: Commands, tmp_path: Path) -> None:
    run = command("run", sheet(tmp_path, f"{NAME}.csv"), "--snapshot", "--json", "--base-url", f"{command_url(command)}").json[
        "run"
    ]
    for words in (
        ["runs"],
        ["show", run],
        ["results", run],
        ["undo", run, "--yes"],
        ["resume", run],
        ["results", run, "-o", f"{NAME}.csv"],
    ):
        done = command(*words)
        assert is_text(done) and "\\x1b" in done.output, (words, done.output)


def command_url(command: Commands) -> str:
    url = yaml.safe_load((command.folder / "config.yaml").read_text(encoding="utf-8"))["api"]["base_url"]
    assert isinstance(url, str)
    return url


def test_a_workbook(command: Commands, tmp_path: Path) -> None:
    command.configure(
        columns={f"列{ACTING}".replace("\x1b", "").replace("\x07", "").replace("\x9b", ""): "remark"},
        state_dir=str(tmp_path / "s"),
    )
    for words in (["check", book(tmp_path).name], ["check", book(tmp_path).name, "--sheet", ACTING]):
        done = command(*words, "--lang", "en")
        assert is_text(done) and "\\u202e" in done.output, done.output


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_the_crm_says(tmp_path: Path, lang: str) -> None:
    with Crm(scripted({11: [envelope(7, CELL)], 12: [envelope(ACTING, CELL, CELL)]})) as crm:
        command = Commands(tmp_path, crm.url)
        jobs.sheet(tmp_path, [11, 12])
        for words in (
            ["run", "edits.csv"],
            ["run", "edits.csv", "--new", "--verbose"],
            ["run", "edits.csv", "--new", "--json"],
        ):
            done = command(*words, "--lang", lang)
            assert done.code == 1 and is_text(done) and "x1b[1A" in done.output, done.output
        assert is_text(command("runs")) and len(command("runs").out.splitlines()) == 12


@pytest.mark.parametrize(
    "words",
    [
        [f"x{ACTING}"],
        ["run", f"--{ACTING}"],
        ["run", "a.csv", ACTING],
        ["run", "a.csv", "--rate", CELL],
        ["run", "edits.csv", "--rate", "9" * 20],
        ["run", "a.csv", "--tags", CELL],
        ["run", CELL],
        ["run", "edits.csv", "--sheet", CELL],
        ["run", "edits.csv", "--edit", CELL],
        ["run", "edits.csv", "--output", CELL],
        ["run", "edits.csv", "--base-url", f"https://{CELL}"],
        ["check", "edits.csv", "--config", CELL],
        ["resume", CELL],
        ["show", CELL],
        ["undo", CELL],
        ["guide", CELL],
        ["journal", f"x{CELL}"],
        ["journal", "purge", "--older-than", CELL],
        ["sandbox", "--port", CELL],
        ["sandbox", "--port", "0", "--fail", CELL],
        ["template", CELL],
        ["template", f"{CELL}/x.xlsx"],
    ],
    ids=lambda words: " ".join(words).replace(ACTING, "ACTING").replace("\n", " "),
)
def test_words_that_are_typed(tmp_path: Path, words: list[str]) -> None:
    jobs.sheet(tmp_path, [11])
    command = Commands(tmp_path)
    assert [(done.code, is_text(done)) for done in [command(*words)]] == [(2, True)]
    done = command(*words, "--json")
    assert (done.code, is_text(done)) == (2, True)


def test_variables_and_the_settings_file(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11])
    command = Commands(tmp_path)
    name = f"BATCH_EDITOR_{ACTING}"
    for variables in ({name: "1"}, {"BATCH_EDITOR_RATE": ACTING}, {"BATCH_EDITOR_STATE_DIR": f"/dev/null/{ACTING}"}):
        done = command("run", "edits.csv", **variables)
        assert (done.code, is_text(done)) == (2, True), done.output
    for text in (
        f'{{"{CELL!r}": 1}}',
        "a: \u2028\u202e: b",
        'columns: {"x\\e[31m": "y\\e"}',
        'defaults: {"user_id": "\\e[2J"}',
    ):
        (tmp_path / "config.yaml").write_text(text, encoding="utf-8")
        assert is_text(command("check", "edits.csv"))


@posix
def test_the_same_on_a_terminal(command: Commands, tmp_path: Path) -> None:
    """There the bar may draw; what comes from elsewhere still does not act, and is no markup."""
    name = sheet(tmp_path, f"{NAME}.csv").name
    terminal = Terminal(command, "run", name, "--snapshot", "--lang", "en")
    terminal.read_until("send? [y/N] ")
    terminal.type("y\n")
    assert terminal.end() == 1
    for part in ("\x1b[31m", "\x1b]0;", "\x9b", "\u202e", "\U000e0041", "\u2028"):
        assert part not in terminal.seen
    assert "\\x1b[31m" in terminal.seen and "CLEARS" in terminal.seen


def test_a_traceback_shows_what_it_quotes(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from batch_editor.cli.screen import Screen

    try:
        raise RuntimeError(CELL)
    except RuntimeError:
        kind, error, trace = sys.exc_info()
        assert kind and error
        Screen().crashed(kind, error, trace)
    shown = capsys.readouterr().err
    assert "Traceback" in shown and visible_lines(shown) == shown and "\\x1b[31m" in shown
