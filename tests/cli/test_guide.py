"""The guide on the screen: its list, its pages in both languages, and what is drawn on a terminal."""

from __future__ import annotations

import re
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
    text = shown(topic, "--lang", lang)
    assert text == guide.page(topic, lang)
    assert text.startswith("# ") and "<!--" not in text and "\x1b" not in text


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
    preformatted = {line.strip() for line in page.splitlines() if line.startswith("    ")}
    lines = plain(list(drawn(page, 80)))
    assert {line for line in lines if width(line) > 80 and line.strip() not in copied | preformatted} == set()
    assert {line for line in preformatted if width(line) + 4 > 80 and topic != "architecture"} == set()


@each_language
@each_topic
def test_no_word_of_a_page_is_lost_on_a_terminal(topic: str, lang: Lang) -> None:
    page = re.sub(r"^\|[-|]+\|$|^ *```.*$|^#+ ", "", guide.page(topic, lang), flags=re.MULTILINE)
    on_screen = "".join(plain(list(drawn(guide.page(topic, lang), 80))))
    words = re.findall(r"[\w-]+", re.sub(r"[`*|]", " ", page))
    squeezed = re.sub(r"\s", "", on_screen)
    assert [word for word in words if word not in squeezed] == []


def test_the_forms_of_a_page_are_drawn() -> None:
    page = (
        "# Title\n\nA paragraph of *two*\nlines with **`bold`** and `code`.\n\n- an item that\n  goes on\n1. **first**\n\n"
        "   ```sh\n   batch-editor runs\n   ```\n\n| A | B |\n|---|---|\n| `x` | y |\n"
    )
    lines = list(drawn(page, 30))
    assert plain(lines) == [
        *("Title", "", "A paragraph of two lines with", "bold and code.", ""),
        *("- an item that goes on", "1. first", "", "    batch-editor runs", "", "A  B", "x  y"),
    ]
    assert lines[0] == "\x1b[1m\x1b[4mTitle\x1b[0m"
    assert lines[3] == "\x1b[1mbold\x1b[0m and \x1b[36mcode\x1b[0m."


def test_a_table_that_is_too_wide_is_drawn_row_by_row() -> None:
    page = "| Key | What | More |\n|---|---|---|\n| `a` | one two three four | |\n| `b` | x | y |\n"
    assert plain(list(drawn(page, 18))) == [
        *("Key: a", "    What: one two", "    three four", "Key: b", "    What: x", "    More: y"),
    ]


def test_lines_of_chinese_are_joined_without_a_space() -> None:
    assert plain(list(drawn("读取每条线索，\n列出现值。\n按 Ctrl-C\n结束。\n", 80))) == [
        "读取每条线索，列出现值。按 Ctrl-C 结束。"
    ]


def test_a_terminal_gets_styles(tmp_path: Path) -> None:
    terminal = Terminal(Commands(tmp_path), "guide", "limits")
    assert terminal.end() == 0
    assert "\x1b[1m\x1b[4mLimits of this version\x1b[0m" in terminal.seen
