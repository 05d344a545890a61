"""What is dangerous, and the question: all of it fits one screen, however much there is, and however small the screen is."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import replace

import pytest

from batch_editor.cli.preview_text import show_preview
from batch_editor.cli.screen import MOST_ANSWERS, Screen
from batch_editor.messages import Lang, say
from batch_editor.messages.widths import width
from batch_editor.model import Message, Status
from batch_editor.runs.dangers import question
from batch_editor.runs.losses import Losses
from batch_editor.runs.options import RunOptions
from batch_editor.runs.preview import Circumstances, Preview
from batch_editor.runs.row_counts import RowCounts

LANGS = pytest.mark.parametrize("lang", ["en", "zh"])
KEYS = [f"mf_clue_{number:02}" for number in range(40)]
EARLIER = Message("note.sent_before", {"rows": 77, "run": "20261124-093000-7f3a"})
NOTES = (
    Message("note.hidden_columns", {"columns": ", ".join(f"一个标题很长的隐藏列 {number} (A)" for number in range(20))}),
    Message("note.struck", {"cells": 1234, "first": "Sheet1!C12"}),
    Message("note.white", {"cells": 1234, "first": "Sheet1!C12"}),
    Message("note.hidden_rows", {"rows": 3}),
)
#: The words by which each danger is known, in both languages.
WORDS = {
    "en": (
        "Several rows for 9",
        "HIDES these",
        "STRUCK",
        "WHITE ON",
        "cannot be undone",
        "NOT PROVED",
        "ALREADY UPDATED",
        "OVERWRITES",
        "CLEARS 820",
        "REPLACES ALL TAGS",
        "SETS OWNER",
        "HIDES 3",
    ),
    "zh": (
        "有 9 条线索",
        "以下列在表中被隐藏",
        "删除线",
        "白底白字",
        "无法撤销",
        "不验证",
        "相同的值更新过",
        "也将被覆盖",
        "将清空 820",
        "整体替换",
        "将设置跟进人",
        "其中 3 行在表中被隐藏",
    ),
}


def preview(url: str = "https://open.example.com", *, compared: Losses | None = None, **counts: object) -> Preview:
    """A preview in which everything is dangerous, unless ``counts`` say that nothing is."""
    clears = Counter({key: number + 1 for number, key in enumerate(KEYS)})
    numbers = {
        "rows": 300,
        "calls": 300,
        "statuses": Counter({Status.PENDING: 300}),
        "clears": clears,
        "reassigned": 182,
        "sets": Counter(follow_user_id=182, clue_pool_id=5),
        "retagged": 18,
        "cleared_rows": {key: [2, 3] for key in KEYS},
    }
    labels = {key: f"字段 {key}" for key in KEYS}
    options = RunOptions(force=True, hidden_rows=3)
    about = Circumstances(
        *(url, "app-7", "edits.xlsx", "Sheet1", (), options, labels), earlier=EARLIER, repeats=True, notes=NOTES
    )
    if counts:
        numbers, about = counts, Circumstances(url, "app-7", "edits.xlsx", "Sheet1", (), RunOptions())
    repeated = [(1591005521987920962 + number, [2, 3, 4]) for number in range(5)] if not counts else []
    return Preview(about, RowCounts(**numbers), 9, len(repeated) and 9, repeated, 0, 300, compared=compared)


def shown(
    seen: Preview, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], lang: Lang, columns: int, lines: int
) -> list[str]:
    """The lines that a terminal of this size gets, the question among them."""
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("LINES", str(lines))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    screen, asked = Screen(lang=lang), question(seen)
    show_preview(screen, seen, question=asked)
    return [*capsys.readouterr().out.splitlines(), *screen.lines(asked)]


@LANGS
@pytest.mark.parametrize("url", ["https://open.example.com", "https://" + "very-long-name." * 12 + "com"])
def test_all_dangers_fit_the_last_screen(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], lang: Lang, url: str
) -> None:
    lines = shown(preview(url), monkeypatch, capsys, lang, 80, 24)
    last = lines[MOST_ANSWERS - 24 :]  # so that the answers have lines as well
    assert [word for word in WORDS[lang] if not any(word in line for line in last)] == []
    assert max(map(width, lines)) <= 80 and url in "".join(last).replace(" ", "")
    assert all(any(key in line for line in lines[: MOST_ANSWERS - 24]) for key in KEYS)  # what is cut stands whole above


@LANGS
@pytest.mark.parametrize(("columns", "lines"), [(80, 10), (40, 24), (30, 5), (20, 3), (1, 1)])
def test_a_small_screen_keeps_the_gravest_and_the_question(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], lang: Lang, columns: int, lines: int
) -> None:
    seen = shown(preview(), monkeypatch, capsys, lang, columns, lines)
    assert "".join(seen).replace(" ", "").endswith("[y/N]")
    if columns == 80:
        assert any(WORDS[lang][-1] in line for line in seen[-lines:])


@pytest.mark.parametrize(
    ("numbers", "asked"),
    [
        ({"sets": {"follow_user_id": 182}, "reassigned": 182, "retagged": 18}, "182 rows change owner, 18 replace all tags"),
        ({"sets": {"clue_pool_id": 1}, "reassigned": 1}, "1 row changes pool"),
        ({"retagged": 1, "clears": {"label": 1}}, "1 row replaces all tags, 1 field is emptied"),
        ({"clears": {"remark": 2}}, "2 fields are emptied"),
    ],
)
def test_the_question_names_what_is_lost(numbers: dict[str, object], asked: str) -> None:
    counts = {key: Counter(value) if isinstance(value, dict) else value for key, value in numbers.items()}
    text = say(question(preview(calls=2, **counts)), "en")
    assert text == f"To: https://open.example.com (app: app-7), 2 edits\n{asked}: send? [y/N]"


def test_where_nothing_is_lost_the_question_is_short() -> None:
    text = say(question(preview(calls=2, sets=Counter(remark=2))), "en")
    assert text == "To: https://open.example.com (app: app-7)\nSend now? Edits: 2. [Y/n]"


@pytest.mark.parametrize(
    ("losses", "text"),
    [
        (Losses(compared=200), "Send now? Edits: 200. [Y/n]"),
        (Losses(owners=2, reassigned=2, compared=200), "By what the CRM holds now, 2 rows change owner: send? [y/N]"),
        (
            Losses(owners=2, reassigned=2, compared=199, uncompared=1),
            "By what the CRM holds now (unknown for 1 row), 2 rows change owner: send? [y/N]",
        ),
        (Losses(owners=2, reassigned=2, uncompared=200), "200 rows change owner: send? [y/N]"),
    ],
)
def test_what_really_changes_counts_where_it_is_known(losses: Losses, text: str) -> None:
    given = preview(compared=losses, calls=200, sets=Counter(follow_user_id=200), reassigned=200)
    assert say(question(given), "en").splitlines()[-1] == text


def screen_lines(message: Message, lang: Lang) -> list[str]:
    """The lines of a message as a terminal of 80 columns gets them."""
    return Screen(lang=lang).lines(message)


@LANGS
def test_ids_that_may_be_of_other_clues_are_among_the_dangers(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], lang: Lang
) -> None:
    doubtful = [
        Message("note.neighbour_ids", {"count": 1, "heading": heading, "first": "A3"}) for heading in ("线索ID", "线索池ID")
    ]
    harmless = preview(calls=1, sets=Counter(remark=1))
    about = replace(harmless.circumstances, notes=(*doubtful, Message("note.numeric_ids", {"cells": 1})))
    lines = shown(replace(harmless, circumstances=about), monkeypatch, capsys, lang, 80, 24)
    *doubts, numeric = (screen_lines(note, lang)[0] for note in about.notes)
    assert lines.index(numeric) < lines.index(doubts[0]) < lines.index(doubts[1]) < len(lines) - 2
