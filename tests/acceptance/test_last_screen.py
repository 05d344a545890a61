"""What a person sees when they are asked: the question, where the edits go and all dangers on the last screen of a terminal."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from support.commands import TOKEN, Commands, Terminal

from batch_editor.sandbox import Sandbox

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals of POSIX")
LANGS = pytest.mark.parametrize("lang", ["en", "zh"])

#: How many rows of the sheet set the owner, set tags, and empty a field, and how many of those really change something.
ASKED, REALLY = (190, 30, 5), (182, 18, 1)
PROBLEMS = 60
OURS, THEIRS = "wovvCXcAAAT_dzekbq54K27FeMRBQJ2Q", "wovvCXcAAAT_dzekbq54K27FeMRBQJ3Q"
#: What is wrong with the rows that have a problem, one after the other: each in another column, or in another way.
BAD = (
    *({"clue_id": "bad"}, {"clue_id": "1.5E+18"}, {"email": "nowhere"}, {"gender": "先生"}, {"birthday": "05/06/1990"}),
    *({"birthday": "33000"}, {"work_id": "seven"}, {"encrypt_flag": "maybe"}, {"remark": "锟斤拷"}, {"address": "#N/A"}),
    *({"gender": "#REF!"}, {"label": "锟斤拷"}, {"birthday": "2090-01-01"}, {"email": "锟斤拷"}),
)
COLUMNS = ("clue_id", "follow_user_id", "label", "remark", "email", "gender", "birthday", "work_id", "encrypt_flag", "address")
QUESTIONS = {
    "en": "{}{} rows change owner, {} replace all tags, {} emptied, 3 hidden rows: send? [y/N]",
    "zh": "{}{} 行更换跟进人，{} 行整体替换标签，{} 个字段被清空，3 个隐藏行：发送吗？（是/否，直接回车：否）[y/N]",
}
DANGERS = {
    "en": (
        *("This run cannot be undone", "CLEARS 5 cells:", "row 2, 3, 4, …", "REPLACES ALL TAGS of a clue in 30 rows"),
        *("SETS OWNER OR POOL in 190 rows", "THE SHEET HIDES 3 of these rows"),
    ),
    "zh": (
        *("本次运行无法撤销", "将清空 5 项：", "第 2, 3, 4, … 行", "将整体替换线索的标签：30 行"),
        *("将设置跟进人或线索池：190 行", "其中 3 行在表中被隐藏"),
    ),
}
DANGERS_READ = {
    "en": (
        *("CLEARS 1 field in which something stands in the CRM:", "1 ×  row 2", "CHANGES OWNER OR POOL in 182 rows"),
        *("TAKES TAGS AWAY that the clue has in the CRM, in 18 rows", "THE SHEET HIDES 3 of these rows"),
    ),
    "zh": (
        *("将清空 CRM 中现有内容的 1 项：", "1 行  第 2 行", "将更换跟进人或线索池（与 CRM 现值不同）：182 行"),
        *("将去掉线索在 CRM 中现有的标签：18 行", "其中 3 行在表中被隐藏"),
    ),
}
NOTHING_SENT = {"en": "Nothing was sent.", "zh": "未发送任何数据。"}
COMPARED = {"en": "By what the CRM holds now, ", "zh": "对照 CRM 现值："}


@pytest.fixture
def crm() -> Iterator[Sandbox]:
    """A CRM in which the last of the clues have the owner already, most have no tags, and one has a remark."""
    clues = [
        {
            "clue_id": 1001 + place,
            "clue_name": f"客户{place}",
            "clue_pool_id": 1,
            "follow_user_id": THEIRS if place < REALLY[0] else OURS,
            "remark": "重要" if place < REALLY[2] else "",
            **({"label": "a-tag-of-old-times-01,a-tag-of-new-times-01"} if place < REALLY[1] else {}),
        }
        for place in range(ASKED[0])
    ]
    with Sandbox(clues, access_token=TOKEN) as running:
        yield running


@pytest.fixture
def command(tmp_path: Path, crm: Sandbox) -> Commands:
    """The sheet: all clues get the same owner, some of them a tag or no remark any more; below them, rows with problems."""
    book = openpyxl.Workbook()
    page = book.active
    page.append(COLUMNS)
    for place in range(ASKED[0]):
        page.append(
            [
                str(1001 + place),
                OURS,
                "a-tag-of-new-times-01" if place < ASKED[1] else None,
                "#CLEAR" if place < ASKED[2] else None,
            ]
        )
    for number in range(PROBLEMS):
        values = {"clue_id": str(9001 + number), "follow_user_id": OURS, **BAD[number % len(BAD)]}
        page.append([values.get(column) for column in COLUMNS])
    for row in (50, 51, 52):
        page.row_dimensions[row].hidden = True
    book.save(tmp_path / "edits.xlsx")
    return Commands(
        tmp_path,
        crm.url,
        defaults={"user_id": "wo-operator-of-the-tests", "clue_pool_id": 1, "clue_name": "名"},
        compare_columns=[],
    )


def last_screen(terminal: Terminal) -> str:
    """What is on the screen once the question is there, without where its lines end."""
    terminal.read_until("[y/N] ", "[Y/n] ")
    lines = terminal.screen()
    assert lines[-1].endswith(("[y/N]", "[Y/n]"))
    return "".join(lines).replace(" ", "")


def packed(text: str) -> str:
    """A text as ``last_screen`` has it."""
    return text.replace(" ", "")


def question(lang: str, numbers: tuple[int, int, int], *, compared: bool) -> str:
    emptied = f"{numbers[2]} field{' is' if numbers[2] == 1 else 's are'}" if lang == "en" else numbers[2]
    return packed(QUESTIONS[lang].format(COMPARED[lang] if compared else "", *numbers[:2], emptied))


@LANGS
@pytest.mark.parametrize("reads", [False, True])
def test_all_dangers_and_the_question_are_on_the_last_screen(command: Commands, crm: Sandbox, lang: str, reads: bool) -> None:
    """The sheet asks for more than it really changes: with the clues read, the numbers are those of what changes."""
    words = [] if reads else ["--no-snapshot"]  # without a word the clues are read where somebody is asked
    terminal = Terminal(command, "run", "edits.xlsx", *words, "--lang", lang, size=(80, 24))
    seen = last_screen(terminal)
    assert question(lang, REALLY if reads else ASKED, compared=reads) in seen and packed(crm.url) in seen
    dangers = DANGERS_READ if reads else DANGERS
    assert [danger for danger in dangers[lang] if packed(danger) not in seen] == []
    assert sum(packed(problem) in seen for problem in ("Problems (60)", "问题（60 处）")) == 0
    terminal.type("\n")
    assert terminal.end() == 2 and "\n".join(terminal.screen()).rstrip().endswith(NOTHING_SENT[lang])


@LANGS
def test_an_undo_asks_by_what_really_goes_back(command: Commands, crm: Sandbox, lang: str) -> None:
    assert command("run", "edits.xlsx", "--snapshot", "--yes").code == 1
    run = command("runs").out.split()[0]
    terminal = Terminal(command, "undo", run, "--lang", lang, size=(80, 24))
    seen = last_screen(terminal)
    assert packed({"en": "182 rows change owner", "zh": "182 行更换跟进人"}[lang]) in seen and packed(crm.url) in seen
    terminal.type("Ｙ\n")
    assert terminal.end() == 0
    assert crm.clues()[1001]["follow_user_id"] == THEIRS


def test_a_proof_alone_and_a_run_that_goes_on_ask_in_the_same_way(command: Commands) -> None:
    """The proof is of one edit; the run that goes on is asked about the rows that are left."""
    terminal = Terminal(command, "run", "edits.xlsx", "--prove-only", size=(80, 24))
    asked = "1 row changes owner, 1 replaces all tags, 1 field is emptied, 3 hidden rows: send? [y/N]"
    assert last_screen(terminal).endswith(packed(asked))
    terminal.type("取消。\n")
    assert terminal.end() == 2
    assert command("run", "edits.xlsx", "--limit", "10", "--yes").code == 1
    terminal = Terminal(command, "resume", command("runs").out.split()[0], size=(80, 24))
    assert last_screen(terminal).endswith(packed("180 rows change owner, 20 replace all tags, 3 hidden rows: send? [y/N]"))
    terminal.type("是的\n")
    assert terminal.end() == 1


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("tmux") is None, reason="there is no tmux")
def test_the_same_in_a_terminal_that_people_use(command: Commands, tmp_path: Path) -> None:
    tmux = ["tmux", "-L", tmp_path.name, "-f", os.devnull]
    typed = shlex.join([sys.executable, "-m", "batch_editor", "run", "edits.xlsx"])
    env = {**command.env, "TERM": "xterm", "LC_ALL": "C.UTF-8"}
    size = ["-x", "80", "-y", "24"]
    subprocess.run([*tmux, "new-session", "-d", *size, f"{typed}; sleep 60"], cwd=tmp_path, env=env, check=True)
    try:
        lines = list[str]()
        until = time.monotonic() + 60
        while not any("[y/N]" in line for line in lines) and time.monotonic() < until:
            shown = subprocess.run([*tmux, "capture-pane", "-p"], env=env, check=True, capture_output=True, encoding="utf-8")
            lines = shown.stdout.splitlines()
            time.sleep(0.2)
    finally:
        subprocess.run([*tmux, "kill-server"], env=env, check=False)
    seen = packed("".join(lines))
    assert len(lines) <= 24 and question("en", REALLY, compared=True) in seen
    assert [danger for danger in DANGERS_READ["en"] if packed(danger) not in seen] == []
