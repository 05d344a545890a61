"""What the preview lists: each field with examples, each kind of problem with its cells; all of it in 80 columns."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import settings as tries
from hypothesis import strategies as st
from support import jobs
from support.crm import Crm

import batch_editor
from batch_editor.cli.preview_text import preview_lines, show_preview
from batch_editor.cli.screen import Screen
from batch_editor.messages import Lang, say
from batch_editor.messages.widths import broken, fitted, height, padded, width
from batch_editor.runs.preview import Preview

HEAD = "clue_id,描述,性别,标签\n"


def previewed(folder: Path, text: str, **over: object) -> Preview:
    edits = jobs.text_file(folder / "edits.csv", HEAD + text)
    return batch_editor.check(edits, jobs.settings(folder, **over)).preview


def lines(preview: Preview, lang: str = "en") -> list[str]:
    return "\n".join(say(message, cast("Lang", lang)) for message in preview_lines(preview)).split("\n")


def shown(preview: Preview, capsys: pytest.CaptureFixture[str], lang: Lang = "en") -> str:
    show_preview(Screen(lang=lang), preview)
    return capsys.readouterr().out


def test_each_field_is_told_with_how_many_rows_set_it_and_to_what(tmp_path: Path) -> None:
    found = lines(previewed(tmp_path, "11,已联系,男,\n12,已联系,,\n13,下周回访,,\n"))
    assert found[found.index("Sets:") + 1 :][:2] == [
        '  描述 (remark)  3 ×  "已联系", "下周回访"',
        '  性别 (gender)  1 ×  "男"',
    ]


def test_more_than_three_values_are_not_all_told_and_more_than_three_cleared_rows_neither(tmp_path: Path) -> None:
    rows = "".join(f"{clue},wert {clue},,#CLEAR\n" for clue in range(11, 21))
    found = lines(previewed(tmp_path, rows))
    assert '  描述 (remark)  10 ×  "wert 11", "wert 12", "wert 13", …' in found
    assert found[found.index("CLEARS 10 cells:") + 1] == "  标签 (label)  10 ×  row 2, 3, 4, …"


def test_rows_that_are_not_sent_give_no_examples(tmp_path: Path) -> None:
    edits = jobs.text_file(tmp_path / "edits.csv", HEAD + "bad,invalid,,\n11,sent,,\n12,beyond,,\n")
    preview = batch_editor.check(edits, jobs.settings(tmp_path), limit=1).preview
    assert preview.counts.values == {"remark": ["sent"]}


def test_a_run_that_is_gone_on_with_shows_examples_of_the_rest(tmp_path: Path) -> None:
    edits = jobs.text_file(tmp_path / "edits.csv", HEAD + "11,first,,\n12,second,,\n")
    seen: list[Preview] = []

    def confirm(preview: Preview) -> bool:
        seen.append(preview)
        return True

    with Crm() as crm:
        settings = jobs.settings(tmp_path, crm.url)
        batch_editor.run(edits, settings, limit=1)
        batch_editor.run(edits, settings, confirm=confirm)
    assert [(one.counts.values, one.clues) for one in seen] == [({"remark": ["second"]}, 1)]


def test_clues_are_counted_once_and_only_those_that_are_sent(tmp_path: Path) -> None:
    edits = jobs.text_file(tmp_path / "edits.csv", HEAD + "11,a,,\n11,b,,\n12,c,,\n13,d,,\n")
    counted = [batch_editor.check(edits, jobs.settings(tmp_path), limit=limit).preview.clues for limit in (None, 3, 2)]
    assert counted == [3, 2, 1]


def test_a_problem_that_repeats_is_told_once_with_its_cells(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    preview = previewed(tmp_path, "".join(f"x{row},a,{'女士' if row in (2, 5) else ''},\n" for row in range(2, 481)))
    said = shown(preview, capsys)
    assert preview.counts.problem_count == len(preview.counts.problems) == 481
    assert "Problems (481):\n  A2:A480: 479 cells, the first: " in said and '"x2"' in said and '"x3"' not in said
    assert "  C2 … C5: 2 cells, the first: " in said and '"女士"' in said
    assert "  A2:A480：共 479 个单元格，第一个：" in shown(preview, capsys, "zh")


def test_two_problems_of_one_column_are_two_groups(tmp_path: Path) -> None:
    preview = previewed(tmp_path, "x,a,,\n1591005521987920000,b,,\ny,c,,\n1591005521987921E+3,d,,\n")
    places = [(group.place, group.number, group.first.message.key) for group in preview.counts.problem_groups]
    assert places == [("A2 … A4", 2, "cell.not_id"), ("A3", 1, "cell.rounded"), ("A5", 1, "cell.id_float")]


def test_a_range_names_its_sheet_once(tmp_path: Path) -> None:
    path = jobs.workbook(tmp_path / "edits.xlsx", [["clue_id", "描述"], ["x", "a"], ["y", "b"]], title="三月 表")
    (group,) = batch_editor.check(path, jobs.settings(tmp_path)).preview.counts.problem_groups
    assert group.place == "'三月 表'!A2:A3"


LONG = "一份很长很长的备注，说明这个客户为什么要在下个星期五之前再联系一次，并且要带上合同的两个副本"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_list_is_wider_than_80_columns(tmp_path: Path, lang: str) -> None:
    custom = {"mf_clue_51": {"title": "一个标题特别长特别长特别长特别长特别长的自定义字段"}}
    rows = "".join(f"{11 + row},{LONG}{row},a\n" for row in range(5)) + "".join(f"{row},#CLEAR,\n" for row in range(21, 29))
    text = "clue_id,描述,mf_clue_51\n" + rows
    edits = jobs.text_file(tmp_path / "edits.csv", text)
    found = lines(batch_editor.check(edits, jobs.settings(tmp_path, custom_fields=custom)).preview, lang)
    listed = [line for line in found if line.startswith("  ")]
    assert len(listed) == 3 and max(map(width, listed)) <= 80
    columns = {width(line[: line.index(" ×" if lang == "en" else " 行")]) for line in listed[1:]}
    assert len(columns) == 1  # labels of different widths, and the numbers stand below each other


@given(st.text(), st.integers(1, 40))
@tries(max_examples=300)
def test_a_fitted_text_is_one_line_that_fits_and_loses_nothing_that_has_room(text: str, columns: int) -> None:
    found, whole = fitted(text, columns), " ".join(text.split())
    assert width(found) <= columns and "\n" not in found
    if width(whole) <= columns:
        assert found == whole
    else:
        assert found.endswith("…") and whole.startswith(found[:-1])
        assert columns - width(found) <= 1 or whole[len(found) - 1].isspace()
    assert width(padded(found, columns)) == columns


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("one two  three", ["one two", "three"]),
        ("运行 20261125 以相同的值", ["运行", "20261125", "以相同的", "值"]),
        ("四个汉字，再来", ["四个汉", "字，再来"]),
        ("abcdefghijkl", ["abcdefgh", "ijkl"]),
        ("", [""]),
    ],
)
def test_chinese_breaks_anywhere_but_before_a_sign_that_closes(text: str, lines: list[str]) -> None:
    assert broken(text, 8) == lines


@given(st.text(alphabet="ab 中文，。"), st.integers(2, 20))
def test_broken_lines_fit_and_lose_nothing(text: str, columns: int) -> None:
    found = broken(text, columns)
    assert max(map(width, found)) <= columns and "".join("".join(found).split()) == "".join(text.split())


def test_chinese_takes_two_columns_and_an_accent_none() -> None:
    assert [width(text) for text in ("描述", "ab", "e\u0301", "a\u200b", "ａ", "", "a\n描述")] == [4, 2, 1, 1, 2, 0, 4]


@pytest.mark.parametrize(
    ("text", "columns", "taken"),
    [
        ("", 10, 1),
        ("ab cd", 5, 1),
        ("ab cd", 4, 2),
        ("a\nb\n", 9, 3),
        ("线索线索", 8, 1),
        ("线索线索", 7, 2),
        ("x" * 21, 10, 3),
    ],
)
def test_how_many_lines_a_text_takes(text: str, columns: int, taken: int) -> None:
    assert height(text, columns) == taken
