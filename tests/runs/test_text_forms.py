"""The encoding and the delimiter that somebody names: in every command that reads a sheet, and when a run goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from support import jobs
from support.commands import Commands
from support.crm import CONFIRMED, Crm, scripted, status

import batch_editor
from batch_editor import Report
from batch_editor.errors import Refused
from batch_editor.runs.options import RunOptions
from batch_editor.sandbox import Sandbox

BIG5 = "clue_id|remark\r\n11|週五回訪\r\n12|已簽約\r\n13|王小明\r\n".encode("big5")
#: Two encodings in which these are other characters, and both make sense.
EITHER = "clue_id,remark\r\n11,小伟\r\n12,小伟\r\n13,小伟\r\n".encode("gbk")


def saved(folder: Path, content: bytes) -> Path:
    path = folder / "edits.csv"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("command", ["check", "diff", "run"])
def test_the_options_decide_how_a_text_file_is_read(command: str, tmp_path: Path) -> None:
    saved(tmp_path, BIG5)
    with Sandbox(access_token="fixed-token", accept_any_clue=True) as crm:
        typed = Commands(tmp_path, crm.url)
        refused = typed(command, "edits.csv")
        assert refused.code == 2 and "--encoding" in refused.err and "big5" in refused.err
        done = typed(command, "edits.csv", "--encoding", "big5", "--delimiter", "|", "--edit", "remark", "--json")
        assert (done.code, done.json["rows"]) == (0, 3), done.output
        if command == "run":
            assert [crm.clue(clue)["remark"] for clue in (11, 12, 13)] == ["週五回訪", "已簽約", "王小明"]


@pytest.mark.parametrize(("option", "value", "example"), [("--encoding", "klingon", "gbk"), ("--delimiter", "ab", "tab")])
def test_a_name_that_is_none_is_a_usage_error_with_examples(option: str, value: str, example: str, tmp_path: Path) -> None:
    saved(tmp_path, EITHER)
    done = Commands(tmp_path)("check", "edits.csv", option, value)
    assert done.code == 2 and option in done.err and value in done.err and example in done.err


def test_the_python_interface_takes_both(tmp_path: Path) -> None:
    loaded = batch_editor.load_edits(saved(tmp_path, BIG5), jobs.settings(tmp_path), encoding="big5", delimiter="|")
    assert [edit.clue_id for edit in loaded.edits] == [11, 12, 13] and "週五回訪" in loaded.edits[0].body
    with pytest.raises(Refused) as caught:
        batch_editor.load_edits(pd.DataFrame({"clue_id": ["1"]}), jobs.settings(tmp_path), encoding="gbk")
    assert caught.value.message.key == "text.not_text"


def twice(folder: Path, first: dict[str, Any], then: dict[str, Any], older: bool = False) -> tuple[Report, Report, list[str]]:
    """A run of a sheet that stops before its last row, the next run of the sheet, and the remarks that reached the CRM."""
    path = saved(folder, EITHER)
    with Crm(scripted({12: [status(401), CONFIRMED]})) as crm, pytest.MonkeyPatch.context() as patch:
        given = jobs.settings(folder, crm.url, rate={"concurrency": 1})
        if older:
            whole = RunOptions.as_json
            patch.setattr(RunOptions, "as_json", lambda self: {**whole(self), "read_as": None})
        stopped = batch_editor.run(path, given, **first)
        patch.undo()
        again = batch_editor.run(path, given, **then)
        return stopped, again, [call.body["remark"] for call in crm.calls]


def test_a_run_of_bytes_that_are_read_in_the_same_way_goes_on(tmp_path: Path) -> None:
    stopped, again, sent = twice(tmp_path, {"encoding": "gbk"}, {"encoding": "gb18030", "delimiter": "comma"})
    assert again.run == stopped.run and sent == ["小伟"] * 4


def test_a_run_does_not_go_on_with_bytes_that_are_read_in_another_way(tmp_path: Path) -> None:
    stopped, again, sent = twice(tmp_path, {"encoding": "gbk"}, {"encoding": "utf-8"})
    assert again.run != stopped.run
    assert again.preview.circumstances.earlier is not None and again.preview.circumstances.earlier.values["run"] == stopped.run
    assert sent == ["小伟"] * 2 + ["Сΰ"] * 3


def test_a_run_of_an_older_version_goes_on_only_where_nobody_says_how_to_read(tmp_path: Path) -> None:
    stopped, again, _ = twice(tmp_path, {"encoding": "gbk"}, {"encoding": "gbk"}, older=True)
    assert again.run != stopped.run
    old, new = RunOptions(), RunOptions(read_as="utf-8 ,")
    assert new.reads_as(old) and not RunOptions(read_as="utf-8 ,", encoding="utf-8").reads_as(old)
