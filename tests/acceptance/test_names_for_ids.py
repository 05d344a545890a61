"""Names instead of ids, as a person uses them: settings and tables in files, the real command, the stand-in of the CRM."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import jobs
from support.commands import TOKEN, Commands

from batch_editor.sandbox import Sandbox
from batch_editor.sandbox.reference import POOLS_PATH

POOL, OTHER = 1591005280874161218, 1591005280874161301
OWNER = "wovvCXcAAAFa-yRtEAUjgQCyjqN9TJ7A"
CLUES: list[dict[str, object]] = [
    {"clue_id": 11, "clue_pool_id": POOL},
    {"clue_id": 12, "clue_pool_id": OTHER, "clue_pool_name": "华中池"},
    {"clue_id": 13, "clue_pool_id": 7, "clue_pool_name": "重名"},
    {"clue_id": 14, "clue_pool_id": 8, "clue_pool_name": "重名"},
]
SHEET = "线索ID,线索池ID,跟进人,标签\n11,华中池,张三,ＶＩＰ\n12,华东池,张三,VIP\n13,重名,,\n14,7,李四,\n"


@pytest.fixture
def command(tmp_path: Path) -> Commands:
    """The command in a folder with a sheet and, in another folder beside its settings, a workbook of the owners."""
    (tmp_path / "tables").mkdir()
    jobs.workbook(
        tmp_path / "tables" / "owners.xlsx", [["部门", "姓名", "成员ID"], ["一部", "张三", OWNER], ["二部", "李四", "lisi"]]
    )
    jobs.text_file(tmp_path / "edits.csv", SHEET)
    return configured(Commands(tmp_path))


def configured(command: Commands, url: str = "http://127.0.0.1:1") -> Commands:
    command.configure(
        api={"base_url": url},
        rate={"limits": []},
        retry={"attempts": 1},
        state_dir=str(command.folder / "state"),
        defaults={"user_id": "张三", "clue_name": "n", "follow_user_id": OWNER},
        lookups={
            "clue_pool_id": "crm",
            "follow_user_id": {"file": "tables/owners.xlsx", "name": "姓名", "id": "成员ID"},
            "user_id": {"file": "tables/owners.xlsx", "name": "姓名", "id": "成员ID", "sheet": "Sheet1"},
            "label": {"VIP": "etvvCXcAAAZHYVzWCdeCCnTcIM2vtRPw"},
        },
    )
    return command


def test_names_are_checked_and_sent_as_ids(tmp_path: Path, command: Commands) -> None:
    with Sandbox(CLUES, access_token=TOKEN) as crm:
        configured(command, crm.url)
        checked = command("check", "edits.csv")
        assert {request.path for request in crm.requests} == {POOLS_PATH}
        done = command("run", "edits.csv", "--json")
        edited = [crm.clue(clue) for clue in (11, 14)]
    assert checked.code == 1
    assert '  B3: 线索池ID must be a known name or id; it holds "华东池": is it 华中池?\n' in checked.out
    assert '  B4: 线索池ID must be the id here, since "重名" stands for several: 7, 8\n' in checked.out
    assert (done.code, done.json["updated"], done.json["invalid"]) == (1, 2, 2)
    assert [(request["clue_pool_id"], request["follow_user_id"]) for request in edited] == [(OTHER, OWNER), (7, "lisi")]
    assert edited[0]["label"] == "etvvCXcAAAZHYVzWCdeCCnTcIM2vtRPw"
    row = jobs.results(tmp_path / "edits.results.xlsx")[0]
    assert (row["线索池ID"], row["跟进人"], row["result_status"]) == ("华中池", "张三", "updated")


def test_mended_names_are_sent_from_the_results(tmp_path: Path, command: Commands) -> None:
    with Sandbox(CLUES, access_token=TOKEN) as crm:
        configured(command, crm.url)
        command("run", "edits.csv")
        rows = jobs.raw_results(tmp_path / "edits.results.xlsx")
        mended = [[{"华东池": "默认线索池", "重名": "8"}.get(cell, cell) for cell in row] for row in rows]
        jobs.workbook(tmp_path / "mended.xlsx", mended)
        done = command("run", "mended.xlsx", "--only-failed")
        assert (done.code, crm.clue(12)["clue_pool_id"], crm.clue(13)["clue_pool_id"]) == (0, POOL, 8)


@pytest.mark.parametrize("word", ["check", "run", "diff"])
def test_a_crm_that_does_not_answer_stops_before_anything_is_sent(tmp_path: Path, command: Commands, word: str) -> None:
    done = command(word, "edits.csv", "--lang", "zh", BATCH_EDITOR_RATE__PATIENCE="0.1")
    assert (done.code, done.out) == (3, "")
    assert "连接被拒绝" in done.err.splitlines()[-1]
    assert TOKEN not in done.output


def test_without_a_token_a_check_says_why_it_needs_one(command: Commands) -> None:
    done = command("check", "edits.csv", WSHOTO_ACCESS_TOKEN="")
    assert done.code == 2 and "also to check a sheet. There is no access token. Set WSHOTO_ACCESS_TOKEN" in done.err


def test_a_table_that_is_wrong_is_told_by_its_cell(tmp_path: Path, command: Commands) -> None:
    jobs.workbook(tmp_path / "tables" / "owners.xlsx", [["姓名", "成员ID"], ["张三", OWNER], ["张三", "lisi"]])
    done = command("run", "edits.csv")
    assert done.code == 2
    assert f'tables/owners.xlsx, cell Sheet1!A3: "张三" stands there with two ids, {OWNER} and lisi; give' in done.err
