"""``--json-file``: the one object of a command, however that ends, in a file that is whole at every moment and no sheet."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from support import jobs
from support.commands import TOKEN, Commands
from support.crm import Call, Crm
from support.servers import Answer

from batch_editor import files, job
from batch_editor.sandbox import Sandbox


def held(path: Path) -> Any:
    text = path.read_text("utf-8")
    assert text.endswith("}\n") and text.count("\n") == 1
    return json.loads(text)


def test_it_holds_what_stdout_would_and_the_words_are_still_shown(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11, 12])
    clues = [{"clue_id": clue, "clue_name": "王", "clue_pool_id": 1, "follow_user_id": "x" * 20} for clue in (11, 12)]
    with Sandbox(clues, access_token=TOKEN) as crm:
        command = Commands(tmp_path, crm.url)
        done = command("run", "edits.csv", "--json-file", "night.json")
        assert (done.code, held(tmp_path / "night.json")["updated"]) == (0, 2), done
        assert "2  updated" in done.out and not done.out.startswith("{")
        jobs.sheet(tmp_path, [11])
        both = command("check", "edits.csv", "--json", "--json-file=night.json")
        assert held(tmp_path / "night.json") == both.json
        command("diff", "edits.csv", "--json-file", "night.json")
        assert "changes" in held(tmp_path / "night.json")
        assert "clear_marker" in command("fields", "--json", "--json-file", "night.json").json
        assert held(tmp_path / "night.json")["fields"]
        shown = command("clue", "11", "--json-file", "night.json")
        assert held(tmp_path / "night.json")["clues"][0]["clue_id"] == 11 and "11" in shown.out


@pytest.mark.parametrize(
    "words",
    [
        ["run", "nowhere.csv"],
        ["run", "edits.csv", "--config", "nowhere.yaml"],
        ["run", "edits.csv", "--rat", "1"],  # usage: a misspelt option, before or behind it
        ["run", "edits.csv", "--tags", "all"],
        ["run"],
        ["resume", "20260101-000000-0000"],
        ["undo", "20260101-000000-0000"],
    ],
)
@pytest.mark.parametrize("is_first", [False, True])
def test_whatever_comes_to_nothing_is_in_the_file_too(words: list[str], is_first: bool, tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11])
    (tmp_path / "night.json").write_text('{"exit_code": 0, "rows": 7}\n', "utf-8")  # last night's
    option = ["--json-file", "night.json"]
    done = Commands(tmp_path)(words[0], *(option if is_first else []), *words[1:], *([] if is_first else option))
    refusal = held(tmp_path / "night.json")
    assert (done.code, done.out, refusal["exit_code"], refusal["rows"]) == (2, "", 2, 0)
    assert refusal["error"] in done.err


def test_an_interrupted_command_and_one_that_crashed_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(job, "check", interrupted)
    command = Commands(tmp_path)
    assert command("check", "edits.csv", "--json-file", "night.json").code == held(tmp_path / "night.json")["exit_code"] == 2

    def crashed(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a value of somebody's sheet")

    monkeypatch.setattr(job, "check", crashed)
    with pytest.raises(ZeroDivisionError) as caught:
        command("check", "edits.csv", "--json-file", "night.json", "--json")
    from batch_editor.cli.screen import Screen

    Screen(json_file=tmp_path / "night.json").crashed(ZeroDivisionError, caught.value, None)
    crash = held(tmp_path / "night.json")
    assert crash["exit_code"] == 1 and "ZeroDivisionError" in crash["error"] and "a value of" not in crash["error"]


@pytest.mark.parametrize(
    "content", [b"clue_id\n11\n", b"PK\3\4", b'{"clue_id": 11}\n', b'{"clue_id": 11}\n{"exit_code": 1}\n', b"[]", b"[" * 9999]
)
@pytest.mark.parametrize("words", [["run", "edits.csv"], ["run"], ["guide"]], ids=" ".join)
def test_a_file_that_holds_anything_else_is_never_replaced(content: bytes, words: list[str], tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11])
    (tmp_path / "other.xlsx").write_bytes(content)
    done = Commands(tmp_path)(*words, "--json-file", "other.xlsx")
    assert done.code == 2 and "other.xlsx" in done.err + done.out
    assert (tmp_path / "other.xlsx").read_bytes() == content


@pytest.mark.parametrize("name", ["nowhere/night.json", "folder", "pipe", "n" * 300])
def test_where_it_cannot_be_written_that_is_told_and_changes_nothing(name: str, tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11])
    (tmp_path / "folder").mkdir()
    if name == "pipe":
        if os.name == "nt":
            pytest.skip("has no named pipes in folders")
        os.mkfifo(tmp_path / "pipe")
    with Crm() as crm:
        done = Commands(tmp_path, crm.url)("run", "edits.csv", "--json", "--json-file", name)
    assert (done.code, done.json["updated"]) == (0, 1)
    assert "could not be written" in done.err and "Traceback" not in done.err
    assert not list(tmp_path.rglob("*.part"))


def test_two_processes_never_mix_theirs_and_one_that_is_killed_leaves_the_file_whole(tmp_path: Path) -> None:
    """Two write as fast as they can, and one of them is killed while it does: whoever reads finds one of the two, whole."""
    path = tmp_path / "night.json"
    code = """if True:
        import itertools, pathlib, sys
        from batch_editor.cli.object_file import write_object
        for number in itertools.count():
            text = '{"exit_code": 0, "who": "%s", "number": %d, "all": "%s"}' % (sys.argv[2], number, sys.argv[2] * 200_000)
            problem = write_object(pathlib.Path(sys.argv[1]), text)
            assert problem is None, problem
    """
    writers = [subprocess.Popen([sys.executable, "-c", code, str(path), who]) for who in "ab"]
    try:
        seen = set[str]()
        deadline = time.monotonic() + 60
        while seen != {"a", "b"} and time.monotonic() < deadline:
            if path.exists():
                value = held(path)
                seen.add(value["who"])
                assert value["all"] == value["who"] * 200_000
        assert seen == {"a", "b"}
        writers[0].kill()
        writers[0].wait()
        assert {held(path)["who"] for _ in range(50)} <= {"a", "b"}
        writers[1].kill()
        writers[1].wait()
        assert held(path)["exit_code"] == 0
    finally:
        for writer in writers:
            writer.kill()
            writer.wait()


@pytest.mark.skipif(os.name == "nt", reason="modes and links of POSIX")
def test_the_file_keeps_its_mode_and_a_link_stays_one(tmp_path: Path) -> None:
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    real.write_text("", "utf-8")
    real.chmod(0o600)
    link.symlink_to(real)
    Commands(tmp_path)("run", "nowhere.csv", "--json-file", "link.json")
    assert link.is_symlink() and held(real)["exit_code"] == 2
    assert real.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.name == "nt", reason="the only way there is what is played here")
def test_on_windows_a_file_that_somebody_reads_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There a file cannot be replaced while somebody has it open."""
    tries, waits, replace = list[Path](), list[float](), Path.replace

    def busy(self: Path, target: Path) -> Path:
        tries.append(target)
        if len(tries) < 4:
            raise PermissionError(13, "in use")
        return replace(self, target)

    monkeypatch.setattr(files, "IS_WINDOWS", True)
    monkeypatch.setattr(Path, "replace", busy)
    files.write_whole(tmp_path / "night.json", b"{}", wait=waits.append)
    assert (tmp_path / "night.json").read_bytes() == b"{}" and len(waits) == 3


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_a_run_that_is_killed_leaves_the_object_of_before(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, range(11, 31))
    before = '{"exit_code": 0, "rows": 7}\n'
    (tmp_path / "night.json").write_text(before, "utf-8")
    was_killed = threading.Event()

    def answer_when_it_is_too_late(call: Call) -> Answer:
        was_killed.wait(60)
        return Answer()

    with Crm(answer_when_it_is_too_late) as crm:
        command = Commands(tmp_path, crm.url)
        process = command.start("run", "edits.csv", "--json-file", "night.json")
        while not crm.calls:
            time.sleep(0.01)
        second = command.process("run", "edits.csv", "--json-file", "second.json")
        assert second.code == held(tmp_path / "second.json")["exit_code"] == 4
        process.send_signal(signal.SIGKILL)
        process.communicate()
        was_killed.set()
    assert (tmp_path / "night.json").read_text("utf-8") == before
