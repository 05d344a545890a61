"""New users at their first task, as scripts: every command that they type, and nothing that only a developer would know."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import openpyxl
import pandas
import pytest
from support import jobs
from support.commands import TOKEN, Commands, Terminal

import batch_editor
from batch_editor.sandbox import Sandbox

FIRST = 1591005521987920962
OPERATOR = "wovvCXcAAAT_dzekbq48K27FeMRBQJ1Q"
OWNER, BEFORE = "wovvCXcAAAT_dzekbq54K27FeMRBQJ2Q", "wovvCXcAAAT_dzekbq54K27FeMRBQJ9Q"
HEADINGS = ("线索ID", "线索名称", "跟进人ID", "描述", "性别", "生日", "邮箱")
#: What somebody has typed wrongly in twenty rows, by column, and what they put there once they are told.
MISTAKES = (
    *(("性别", "先生", "男"),) * 8,
    *(("生日", "2024-13-45", "1990-05-01"),) * 5,
    *(("跟进人ID", "王主管", OWNER),) * 4,
    *(("邮箱", "无邮箱", "kh@example.com"),) * 3,
)
ROWS = 200


@pytest.fixture
def crm() -> Iterator[Sandbox]:
    clues = [
        {"clue_id": clue, "clue_name": f"客户{clue % 1000}", "clue_pool_id": 1, "follow_user_id": BEFORE, "remark": "旧"}
        for clue in range(FIRST, FIRST + ROWS)
    ]
    with Sandbox(clues, access_token=TOKEN) as running:
        yield running


def write_sheet(path: Path) -> None:
    """Two hundred rows, every tenth of them with a mistake."""
    rows = []
    for place in range(ROWS):
        clue = FIRST + place
        row = {"线索ID": str(clue), "线索名称": f"客户{clue % 1000}", "跟进人ID": OWNER, "描述": f"回访{place}"}
        row |= {"性别": "女", "生日": "1988-12-03", "邮箱": "a@example.com"}
        if place % 10 == 5:
            column, wrong, _ = MISTAKES[place // 10]
            row[column] = wrong
        rows.append([row[heading] for heading in HEADINGS])
    jobs.workbook(path, [HEADINGS, *rows])


def mend(path: Path) -> int:
    """Puts right what the notes at the cells of a results sheet say is wrong; returns how many cells those are."""
    book = openpyxl.load_workbook(path)
    page = book.worksheets[0]
    right = {wrong: correct for _, wrong, correct in MISTAKES}
    wrong_cells = [cell for row in page.iter_rows(min_row=2) for cell in row if cell.comment]
    for cell in wrong_cells:
        cell.value = right[cell.value]
    book.save(path)
    return len(wrong_cells)


def statuses(path: Path) -> list[object]:
    """The statuses of a workbook in any language, by the name behind their column."""
    book = openpyxl.load_workbook(path)
    page, _, column = book.defined_names["result_status"].value.partition("!")
    letter = column.split("$")[1]
    return [cell.value for cell in book[page.strip("'")][letter][1:]]


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals of POSIX")
def test_a_sales_person_mends_twenty_mistakes_and_takes_one_row_back(tmp_path: Path, crm: Sandbox) -> None:
    """Four commands, at a terminal of 80 columns, in Chinese, with nothing set but who edits."""
    command = Commands(tmp_path, crm.url, defaults={"user_id": OPERATOR, "clue_pool_id": 1}, lang="zh")
    write_sheet(tmp_path / "客户.xlsx")

    def typed(*words: str, answer: str = "", code: int) -> str:
        terminal = Terminal(command, *words, size=(80, 24))
        if answer:
            terminal.read_until("[y/N] ", "[Y/n] ")
            terminal.type(f"{answer}\n")
        assert terminal.end() == code, terminal.seen
        return terminal.seen

    typed("check", "客户.xlsx", code=1)
    first = typed("run", "客户.xlsx", answer="是的", code=1)
    assert "180" in first and len([status for status in statuses(tmp_path / "客户.results.xlsx") if status == "invalid"]) == 20
    run = command("runs").out.split()[0]
    assert run in first

    assert mend(tmp_path / "客户.results.xlsx") == 20
    typed("run", "客户.results.xlsx", "--only-failed", answer="确定", code=0)
    (results,) = [path for path in tmp_path.glob("*.xlsx") if statuses_are_updated(path)]
    assert {crm.clue(clue)["remark"] for clue in range(FIRST, FIRST + ROWS)} == {f"回访{place}" for place in range(ROWS)}

    typed("undo", run, "--rows", "18", answer="ok", code=0)
    taken_back = crm.clue(FIRST + 16)
    assert (taken_back["remark"], taken_back["follow_user_id"]) == ("旧", BEFORE)
    others = [crm.clue(FIRST + place)["follow_user_id"] for place in range(ROWS) if place != 16]
    assert others == [OWNER] * (ROWS - 1)
    assert results.exists()


def test_an_engineer_sends_a_frame_from_a_database_by_one_script_that_is_run_twice(tmp_path: Path) -> None:
    """The token dies in the middle; the script is started again, and goes on. What came of each row joins the frame."""
    clues = range(FIRST, FIRST + 60)
    with closing(sqlite3.connect(tmp_path / "crm.sqlite3")) as database:
        database.execute("CREATE TABLE leads (code TEXT, clue_id INTEGER, remark TEXT, work_id INTEGER)")
        rows = [(f"C-{clue % 1000}", clue, f"回访{clue}", None if clue % 2 else 7) for clue in clues]
        database.executemany("INSERT INTO leads VALUES (?, ?, ?, ?)", rows)

        def leads() -> pandas.DataFrame:
            return batch_editor.read_sql("SELECT * FROM leads", database).set_index("code")

        refused = f"code=10001@clue:{FIRST + 30}*1"
        with Sandbox([{"clue_id": clue} for clue in clues], access_token=TOKEN, faults=[refused]) as crm:
            given = jobs.settings(tmp_path, crm.url, rate={"concurrency": 1})
            started = list[str]()

            def note(event: batch_editor.Event) -> None:
                if isinstance(event, batch_editor.Started):
                    started.append(event.run)

            first = batch_editor.run(leads(), given, on_event=note)
            with pytest.raises(batch_editor.ReportError):
                first.raise_for_status()
            report = batch_editor.run(leads(), given, on_event=note)
            report.raise_for_status()
            assert started == [first.run, first.run] == [report.run] * 2
            assert len([request for request in crm.requests if request.applied]) == len(clues)
        frame = leads()
    joined = frame.join(report.to_frame()[["result_status", "result_time"]])
    assert list(joined.index) == list(frame.index) and set(joined["result_status"]) == {"updated"}
    assert list(joined["clue_id"]) == list(clues) and joined["result_time"].notna().all()


def test_a_night_job_sends_what_differs_and_nothing_the_next_night(tmp_path: Path) -> None:
    """Also where two rows of its export are about one clue, and the second one has the last word."""
    clues = [{"clue_id": FIRST + place, "clue_name": "名", "follow_user_id": OWNER, "clue_pool_id": 1} for place in range(3)]
    rows = [(FIRST, "甲"), (FIRST + 1, "先"), (FIRST + 1, "后"), (FIRST + 2, "")]
    text = "clue_id,remark\n" + "".join(f"{clue},{remark}\n" for clue, remark in rows)
    with Sandbox(clues, access_token=TOKEN) as crm:
        command = Commands(tmp_path, crm.url, defaults={"user_id": OPERATOR}, fill=True)
        jobs.text_file(tmp_path / "nightly.csv", text)
        nights = [command("run", "nightly.csv", "--only-changed", "--yes", "--quiet", "--json") for _ in range(2)]
        assert [crm.clue(FIRST + place).get("remark") for place in range(2)] == ["甲", "后"]
        assert [night.code for night in nights] == [0, 0] and nights[1].json["unchanged"] == 3
        assert nights[0].json["updated"] + nights[0].json["unchanged"] == 3 and nights[1].json["updated"] == 0


def statuses_are_updated(path: Path) -> bool:
    """Whether a workbook holds results, and all of them are updated."""
    book = openpyxl.load_workbook(path)
    return "result_status" in book.defined_names and set(statuses(path)) == {"updated"}
