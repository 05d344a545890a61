"""The guide on the screen: its list, its pages in both languages, and what is drawn on a terminal."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.commands import Commands, Terminal

from batch_editor import guide
from batch_editor.cli.commands import cli
from batch_editor.cli.guide import drawn
from batch_editor.cli.screen import Screen
from batch_editor.messages import Lang
from batch_editor.messages.widths import width

LANGUAGES: tuple[Lang, Lang] = ("en", "zh")
STYLES = re.compile(r"\x1b\[[0-9;]*m")

each_language = pytest.mark.parametrize("lang", LANGUAGES)
each_topic = pytest.mark.parametrize("topic", guide.TOPICS)


def shown(*args: str) -> str:
    result = CliRunner().invoke(cli, ["guide", *args], obj=Screen(), standalone_mode=False)
    assert result.exception is None
    return result.output


def plain(lines: list[str]) -> list[str]:
    return [STYLES.sub("", line) for line in lines]


@each_language
def test_without_a_topic_each_has_its_line(lang: Lang) -> None:
    lines = shown("--lang", lang).splitlines()
    assert [line.split()[0] for line in lines[1:]] == list(guide.TOPICS)
    assert all(len(line.split(maxsplit=1)[1]) > 10 for line in lines[1:])
    assert max(map(width, lines)) <= 80


@each_language
@each_topic
def test_a_piped_page_is_plain_markdown_without_comments(topic: str, lang: Lang) -> None:
    lines = (Path(guide.__file__).parent / lang / f"{topic}.md").read_text(encoding="utf-8").splitlines(keepends=True)
    text = shown(topic, "--lang", lang)
    assert text == "".join(line for line in lines if not line.lstrip().startswith("<!--"))
    assert text.startswith("# ") and "\x1b" not in text


def test_every_page_is_listed_and_there_in_both_languages() -> None:
    folder = Path(guide.__file__).parent
    for lang in LANGUAGES:
        assert {path.stem for path in (folder / lang).iterdir()} == set(guide.TOPICS)


def test_an_unknown_topic_is_refused_with_the_topics(tmp_path: Path) -> None:
    done = Commands(tmp_path)("guide", "ruls")
    assert (done.code, done.out) == (2, "")
    assert done.err == f'The guide has no topic "ruls". Its topics: {", ".join(guide.TOPICS)}.\n'


def test_the_language_is_that_of_the_locale(tmp_path: Path) -> None:
    command = Commands(tmp_path)
    assert command("guide", "limits").out == guide.page("limits", "en")
    assert command("guide", "limits", LANG="zh_CN.UTF-8").out == guide.page("limits", "zh")


# --- on a terminal


@each_language
@each_topic
def test_a_page_fits_80_columns_but_for_what_is_copied(topic: str, lang: Lang) -> None:
    page = guide.page(topic, lang)
    copied = {line.strip() for block in re.findall(r"```\w+\n(.*?)```", page, re.DOTALL) for line in block.splitlines()}
    assert {line for line in plain(list(drawn(page, 80))) if width(line) > 80 and line.strip() not in copied} == set()


@each_language
@each_topic
def test_nothing_of_a_page_is_lost_on_a_terminal(topic: str, lang: Lang) -> None:
    page = re.sub(r"^\|[-|]+\|$|^ *```.*$|^#+ ", "", guide.page(topic, lang), flags=re.MULTILINE)
    wide = "".join(plain(list(drawn(guide.page(topic, lang), 1000))))
    assert [word for word in re.findall(r"[\w-]+", re.sub(r"[`*|]", " ", page)) if word not in wide] == []
    narrow = "".join(plain(list(drawn(guide.page(topic, lang), 80))))
    assert Counter(re.findall(r"\w", page)) - Counter(narrow) == Counter()


def test_the_forms_of_a_page_are_drawn() -> None:
    page = (
        "# Title\n\nA paragraph of *two*\nlines with **`bold`** and `code`.\n\n- an item that\n  goes on\n1. **first**\n\n"
        "   ```sh\n   batch-editor runs\n   ```\n\n| A | B |\n|---|---|\n| `x` | y |\n"
    )
    lines = list(drawn(page, 30))
    assert plain(lines) == [
        *("Title", "", "A paragraph of two lines with", "bold and code.", ""),
        *("- an item that goes on", "1. first", "", "  batch-editor runs", "", "A  B", "x  y"),
    ]
    assert lines[0] == "\x1b[1m\x1b[4mTitle\x1b[0m"
    assert lines[3] == "\x1b[1mbold\x1b[0m and \x1b[36mcode\x1b[0m."


def test_a_table_that_is_too_wide_is_drawn_row_by_row() -> None:
    page = "| Key | What | 更多 |\n|---|---|---|\n| `a` | one two three four | |\n| `b` | x | y |\n"
    assert plain(list(drawn(page, 18))) == [
        *("Key / What / 更多", "a", "    What: one two", "    three four", "b", "    What: x", "    更多：y"),
    ]


def test_a_table_of_two_columns_that_is_too_wide_has_no_labels() -> None:
    page = "| Key | What |\n|---|---|\n| `a` | one two three four |\n"
    assert plain(list(drawn(page, 18))) == ["Key / What", "a", "    one two three", "    four"]


def test_the_widest_column_of_a_table_is_broken_where_there_is_room() -> None:
    page = "| Key | What | Why |\n|---|---|---|\n| `a` | one two three four five six seven **eight nine** | x |\n"
    assert plain(list(drawn(page, 42))) == [
        *("Key  What                              Why", "a    one two three four five six       x", "     seven eight nine"),
    ]


def test_a_paragraph_of_an_item_may_go_on_far_in() -> None:
    assert plain(list(drawn("10. one\n    two\n\n    three\n", 80))) == ["10. one two", "", "    three"]


def test_lines_of_chinese_are_joined_without_a_space() -> None:
    assert plain(list(drawn("读取每条线索，\n列出现值。\nCtrl-C\n结束。\n", 80))) == ["读取每条线索，列出现值。Ctrl-C 结束。"]


def test_a_terminal_gets_styles(tmp_path: Path) -> None:
    terminal = Terminal(Commands(tmp_path), "guide", "limits")
    assert terminal.end() == 0
    assert "\x1b[1m\x1b[4mLimits of this version\x1b[0m" in terminal.seen
