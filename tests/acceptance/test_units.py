"""The files of ``guide units``: a script that acts on what the program says, and units that systemd understands."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support import jobs
from support.commands import Commands

from batch_editor import guide
from batch_editor.sandbox import Sandbox

UNITS = guide.files_of("units")


def test_the_files_of_a_page_are_written_and_none_is_replaced(tmp_path: Path) -> None:
    command = Commands(tmp_path)
    done = command("guide", "units", "--files", "units")
    assert done.code == 0 and {path.name for path in (tmp_path / "units").iterdir()} == UNITS.keys()
    assert {"nightly.sh", "nightly.cmd", "batch-editor-night.timer", "Containerfile"} <= UNITS.keys()
    content = (tmp_path / "units" / "nightly.cmd").read_bytes()
    assert content.isascii() and content.count(b"\r\n") == content.count(b"\n") > 10 and b"chcp 65001" in content
    assert os.name == "nt" or os.access(tmp_path / "units" / "nightly.sh", os.X_OK)
    (tmp_path / "units" / "nightly.sh").write_text("mine", "utf-8")
    again = command("guide", "units", "--files", "units")
    assert again.code == 1 and "nightly.sh" in again.err and (tmp_path / "units" / "nightly.sh").read_text("utf-8") == "mine"


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
@pytest.mark.parametrize("name", ["a night", "夜间 $(touch x); 'q'"])
def test_nightly_sh_does_a_night_and_acts_on_the_exit_code(name: str, tmp_path: Path) -> None:
    folder = tmp_path / name
    folder.mkdir()
    with Sandbox(accept_any_clue=True, access_token="from-the-file") as crm:
        command = Commands(folder, crm.url, compare_columns=[])
        (folder / "config.yaml").rename(folder / "nightly.yaml")
        assert command("guide", "units", "--files", ".").code == 0
        (folder / "secrets.env").write_text("WSHOTO_ACCESS_TOKEN=from-the-file\n", "utf-8")
        env = {key: value for key, value in command.env.items() if key != "WSHOTO_ACCESS_TOKEN"} | {
            "BATCH_EDITOR": str(Path(sys.executable).with_name("batch-editor")),
            "PAUSE_AFTER_STOP": "0",
        }

        def night(*words: str) -> tuple[int, str]:
            done = subprocess.run(
                [folder / "nightly.sh", *words], cwd="/", env=env, capture_output=True, text=True, timeout=120
            )
            return done.returncode, done.stdout + done.stderr

        jobs.sheet(folder, [11], "nightly.csv")
        assert night("a b.csv")[0] == 2  # the sheet is not there
        assert night() == (0, "")
        assert len([*crm.requests]) >= 2
        logs = sorted(path.suffix for path in (folder / "logs").iterdir())
        assert logs == [".json", ".json", ".log", ".log"] and (folder / "night.prom").is_file()
        assert not (folder / "x").exists()


@pytest.mark.skipif(shutil.which("sh") is None, reason="needs a POSIX shell")
def test_nightly_sh_is_plain_shell(tmp_path: Path) -> None:
    script = tmp_path / "nightly.sh"
    script.write_text(UNITS["nightly.sh"], "utf-8")
    assert subprocess.run(["sh", "-n", script], capture_output=True, text=True).stderr == ""
    if shutil.which("shellcheck"):
        done = subprocess.run(["shellcheck", script], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("code", "ends", "says"), [(0, 0, ""), (1, 1, "need a look"), (2, 2, "why"), (4, 0, ""), (9, 9, "failed")]
)
@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
def test_nightly_sh_acts_on_each_exit_code(code: int, ends: int, says: str, tmp_path: Path) -> None:
    done, starts = _night_of(tmp_path, f"echo why >&2; exit {code}")
    assert (done.returncode, starts) == (ends, 1) and (says in done.stderr if says else not done.stderr)


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
def test_nightly_sh_starts_once_more_what_stopped_early(tmp_path: Path) -> None:
    done, starts = _night_of(tmp_path, "[ -e second ] || { touch second; exit 3; }")
    assert (done.returncode, starts, done.stderr) == (0, 2, "")
    done, starts = _night_of(tmp_path, "exit 3")
    assert (done.returncode, starts) == (3, 4) and "Stopped early twice" in done.stderr


def _night_of(folder: Path, program: str) -> tuple[subprocess.CompletedProcess[str], int]:
    """What ``nightly.sh`` makes of a program, and how often it was started so far."""
    (folder / "nightly.sh").write_text(UNITS["nightly.sh"], "utf-8")
    (folder / "program").write_text(f"#!/bin/sh\necho start >>starts\n{program}\n", "utf-8")
    (folder / "program").chmod(0o755)
    env = {"PATH": os.environ["PATH"], "BATCH_EDITOR": "./program", "PAUSE_AFTER_STOP": "0"}
    done = subprocess.run(["sh", folder / "nightly.sh"], env=env, capture_output=True, text=True, timeout=60)
    return done, len((folder / "starts").read_text("utf-8").splitlines())


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze here, which knows the rules")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    names = [name for name in UNITS if name.endswith((".service", ".timer"))]
    for name in names:
        text = UNITS[name].replace("/opt/batch_editor/bin/batch-editor", "/bin/true")
        assert name.endswith(".timer") or ("/bin/true" in text and "ProtectSystem=strict" in text and "NoNewPrivileges" in text)
        (tmp_path / name).write_text(text, "utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(tmp_path / name for name in names)], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "Persistent=true" in UNITS["batch-editor-night.timer"]


@pytest.mark.parametrize("name", UNITS)
def test_commands_of_the_units_are_words_that_the_program_takes(name: str) -> None:
    """Each line that starts the program has options that there are."""
    from click import Option

    from batch_editor.cli.commands import cli

    for line in UNITS[name].replace("\\\n", " ").splitlines():
        words = line.replace('"', " ").replace(",", " ").replace("[", " ").split()
        for command in ("run", "inbox", "worker"):
            if command in words and "--config" in words:
                known = {opt for param in cli.commands[command].params if isinstance(param, Option) for opt in param.opts}
                assert {word for word in words if word.startswith("--")} <= known, line
