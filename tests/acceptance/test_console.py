"""Consoles of other encodings, ``--help`` without waiting, and the two commands that bring a CRM of their own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support import jobs
from support.commands import Commands, Terminal, finished
from support.crm import Crm, envelope, scripted

from batch_editor.messages.widths import width

HEAVY = ("pandas", "numpy", "openpyxl", "httpx", "pydantic", "pydantic_settings", "yaml", "rich", "tenacity", "sqlite3")


# --- help


def imported(*args: str) -> tuple[int, set[str]]:
    """The exit code of a command in a fresh interpreter, and which heavy modules it has imported."""
    code = f"""
import sys
sys.argv = ["batch-editor", *{list(args)!r}]
try:
    from batch_editor.cli import main
    main()
except SystemExit as ended:
    print("\\n" + repr((ended.code, [name for name in {HEAVY!r} if name in sys.modules])))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, encoding="utf-8")
    ending = eval(done.stdout.splitlines()[-1])  # noqa: S307  # what this test printed itself
    return ending[0], set(ending[1])


@pytest.mark.parametrize("args", [["--help"], ["run", "--help"], ["sandbox", "--help"], ["--version"]], ids=" ".join)
def test_help_waits_for_nothing(args: list[str]) -> None:
    assert imported(*args) == (0, set())


def test_a_check_does_without_pandas_and_rich(tmp_path: Path) -> None:
    code, modules = imported("check", str(jobs.sheet(tmp_path, [11])))
    assert code == 1  # the required fields have no defaults here
    assert modules.isdisjoint({"pandas", "rich"})


def test_every_command_has_help(tmp_path: Path) -> None:
    command = Commands(tmp_path)
    help_text = command("--help").out
    names = re.findall(r"^  ([a-z]+) +(\S.*)$", help_text[help_text.index("Commands:") :], re.MULTILINE)
    assert {name for name, _ in names} >= {"run", "check", "results", "runs", "show", "sandbox", "demo"}
    assert all(text.strip() for _, text in names)


# --- encodings


@pytest.mark.parametrize(
    ("lang", "encoding", "written"),
    [
        ("zh", "cp936", "cp936"),
        ("zh", "cp1252", "cp1252"),
        *(
            pytest.param(*values, marks=pytest.mark.slow)
            for values in (
                ("en", "cp936", "cp936"),
                ("en", "cp1252", "cp1252"),
                ("en", "ascii", "utf-8"),  # click takes ASCII for a misconfiguration
                ("zh", "ascii", "utf-8"),
            )
        ),
    ],
)
def test_a_console_that_lacks_characters_does_not_end_the_run(tmp_path: Path, lang: str, encoding: str, written: str) -> None:
    text = "线索ID,描述\n11,甲\n坏的😀,乙\n"
    jobs.text_file(tmp_path / "线索😀.csv", text)
    with Crm(scripted({11: [envelope(7, "Ünïcode 不行 😀")]})) as crm:
        command = Commands(tmp_path, crm.url)
        env = command.env | {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
        done = finished(command.start("run", "线索😀.csv", "--lang", lang, env=env, encoding=written, errors="replace"))
    assert done.code == 1
    word = "被 CRM 拒绝" if lang == "zh" else "rejected by the CRM"
    assert word.encode(written, "replace").decode(written) in done.out
    (first, second) = jobs.results(tmp_path / "线索😀.results.xlsx")
    assert "Ünïcode 不行 😀" in first["result_message"] and second["线索ID"] == "坏的😀"


# --- sandbox


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_the_sandbox_serves_until_ctrl_c(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [1591005521987920962, 1591005521987920963])
    command = Commands(tmp_path)
    process = command.start("sandbox", "--port", "0", "--fail", "500@1", stdout=subprocess.PIPE)
    try:
        assert process.stdout
        first, second = process.stdout.readline(), process.stdout.readline()
        url = re.search(r"listens on (http://127\.0\.0\.1:\d+) until Ctrl-C", first)
        example = re.search(r"WSHOTO_ACCESS_TOKEN=(\S+) batch-editor run SHEET --base-url (\S+)$", second)
        assert url and example and example[2] == url[1]
        run = command("run", "edits.csv", "--base-url", url[1], "--json", WSHOTO_ACCESS_TOKEN=example[1])
        refused = command("run", "edits.csv", "--base-url", url[1], "--json", WSHOTO_ACCESS_TOKEN="wrong")
    finally:
        process.send_signal(signal.SIGINT)
        done = finished(process)
    assert done.code == 0 and done.err.strip() == ""
    assert (run.code, run.json["updated"]) == (0, 2)
    assert sorted(row["result_attempts"] for row in jobs.results(tmp_path / "edits.results.xlsx")) == ["1", "2"]
    assert (refused.code, refused.json["not_sent"]) == (3, 2)


def test_a_sandbox_that_cannot_be_had(tmp_path: Path) -> None:
    command = Commands(tmp_path)
    with Crm() as crm:
        port = crm.url.rpartition(":")[2]
        taken = command("sandbox", "--port", port)
    assert taken.code == 2 and f"Port {port} cannot be used" in taken.err and "--port" in taken.err
    unknown = command("sandbox", "--port", "0", "--fail", "explode")
    assert unknown.code == 2 and "'explode' is not understood; known: slow" in unknown.err


# --- demo


def test_a_demo_that_has_no_place(tmp_path: Path) -> None:
    (tmp_path / "batch-editor-demo").touch()
    done = Commands(tmp_path)("demo")
    assert done.code == 2 and done.err.startswith(f"The folder {tmp_path / 'batch-editor-demo'} cannot be made or written")


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps a folder in which somebody works")
def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    command = Commands(tmp_path)
    (tmp_path / "gone").mkdir()
    line = f'cd gone && rmdir ../gone && exec "{sys.executable}" -m batch_editor check edits.csv'
    env = command.env | {"PYTHONSAFEPATH": "1"}
    done = subprocess.run(["sh", "-c", line], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and done.stderr.startswith("The folder in which this command was started is gone.")


def test_the_demo_works_offline_and_shows_what_changed(tmp_path: Path) -> None:
    command = Commands(tmp_path)
    (tmp_path / "config.yaml").unlink()
    offline = {"HTTPS_PROXY": "http://127.0.0.1:1", "HTTP_PROXY": "http://127.0.0.1:1"}
    done = command.process("demo", "--lang", "en", **offline)
    folder = tmp_path / "batch-editor-demo"
    assert "--only-failed" not in done.output  # that would go to the real CRM
    assert done.code == 0 and " → " in done.out and done.out.endswith("to see what became of every row.\n")
    for name in ("clues_utf8.csv", "clues_gbk.csv", "clues.xlsx"):
        assert f"== {name}" in done.out and (folder / name).exists()
    results = sorted(path.name for path in folder.glob("*.results*"))
    assert len(results) == 3
    statuses = {status for name in results for status in jobs.statuses(folder / name)}
    assert "updated" in statuses and statuses <= {"updated", "invalid", "skipped", "rejected"}
    again = command("demo", "--lang", "zh", **offline)  # a second time, beside what is there
    assert again.code == 0, again.output
    assert len(list(folder.glob("*.results*"))) == 6, (sorted(path.name for path in folder.iterdir()), again.output)


@pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals of POSIX")
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_demo_breaks_no_word_at_80_columns(tmp_path: Path, lang: str) -> None:
    """What is too long for a line goes on below, at the end of a word; only the path of a file may be wider."""
    command = Commands(tmp_path)
    terminal = Terminal(command, "demo", "--lang", lang, size=(80, 200))
    assert terminal.end() == 0
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", terminal.seen)
    lines = [line.rpartition("\r")[2] for line in text.replace("\r\n", "\n").split("\n")]
    folder = str(tmp_path / "batch-editor-demo")
    assert [line for line in lines if width(line) > 80 and folder not in line] == []
    again = "\n".join(line for line in lines if not line.endswith(folder))
    assert "127.0.0.1" in again and (
        ".results.xlsx to see" in " ".join(again.split()) or "可查看每一行的结果" in again.replace("\n  ", "")
    )
