"""A file whose name is in bytes other than UTF-8, as an archive from Windows unpacks it: every command takes and shows it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from support import jobs
from support.commands import Commands

from batch_editor.journal.columns import path_from_text, path_to_text
from batch_editor.sandbox import Sandbox

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="names are texts there")

#: 修 in GBK, and a byte that no encoding has.
NAME = os.fsdecode(b"\xd0\xde\xff")


def test_a_name_in_other_bytes_is_read_journaled_written_and_told(tmp_path: Path) -> None:
    jobs.text_file(tmp_path / f"{NAME}.csv", "clue_id,remark\n11,a\n12,#N/A\n")
    with Sandbox(access_token="fixed-token", accept_any_clue=True) as crm:
        typed = Commands(tmp_path, crm.url)
        for command in ("check", "diff", "run"):
            done = typed(command, f"{NAME}.csv", "--json", *(["--snapshot"] if command == "run" else []))
            assert done.code == 1, done.output
        assert done.json["results"] == str(tmp_path / f"{NAME}.results.xlsx")
        run = done.json["run"]
        for arguments in (["runs"], ["show", run], ["results", run], ["undo", run, "--yes"]):
            done = typed(*arguments)
            assert done.code == 0 and r"\xd0\xde\xff" in done.output, done.output
        missing = typed("check", f"no{NAME}.csv")
        assert missing.code == 2 and r"no\xd0\xde\xff.csv" in missing.err
    names = {path.name for path in tmp_path.iterdir()}
    assert names >= {f"{NAME}.results.xlsx", f"{NAME}.undo.xlsx", f"{NAME}.diff.xlsx"}


@pytest.mark.parametrize("path", [f"/tmp/{NAME} %20.csv", "/tmp/file:/x%20.csv", "C:\\线索\\a.csv", "DataFrame", ""])
def test_every_path_comes_back_from_the_journal(path: str) -> None:
    text = path_to_text(path)
    assert path_from_text(text) == path
    text.encode()
