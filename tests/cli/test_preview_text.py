"""The preview in words: what is irreversible last, fields with examples, problems with their cells, in 80 columns."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from support import jobs

import batch_editor
from batch_editor.cli.field_lines import LINE_COLUMNS
from batch_editor.cli.preview_text import preview_lines, show_preview
from batch_editor.cli.screen import Screen
from batch_editor.cli.terminal import wrapped
from batch_editor.messages import Lang, say
from batch_editor.messages.widths import width
from batch_editor.model import Message, Status
from batch_editor.runs.options import RunOptions
from batch_editor.runs.preview import Circumstances, Preview
from batch_editor.runs.row_counts import RowCounts

MIXED = (
    "clue_id,follow_user_id,remark,label,address\n"
    "11,,a,,\n12,wo-employee-number-2,#CLEAR,tag-of-the-tests-no-1,\n13,wo-employee-number-3,b,,#CLEAR\n14,,,,\nbad,,c,,\n11,,d,,\n11,,,tag-of-the-tests-no-2,\n"
)
OF_PEOPLE = "clue_id,描述,性别,标签\n"
PLAIN = RunOptions()
LANGS = pytest.mark.parametrize("lang", ["en", "zh"])


def previewed(folder: Path, text: str, limit: int | None = None, **over: object) -> Preview:
    edits = jobs.text_file(folder / "edits.csv", text)
    return batch_editor.check(edits, jobs.settings(folder, **over), limit=limit).preview


def made(counts: RowCounts, options: RunOptions = PLAIN, *, reads: int = 0, no_old_values: int = 0) -> Preview:
    """A preview without a sheet."""
    about = Circumstances("https://crm.example", "app-7", "edits.csv", "", (), options, {"remark": "描述 (remark)"})
    return Preview(about, counts, counts.calls, 0, (), reads, no_old_values)


def lines(preview: Preview, lang: Lang = "en") -> list[str]:
    return "\n".join(say(message, lang) for message in preview_lines(preview)).split("\n")


def shown(preview: Preview, capsys: pytest.CaptureFixture[str], lang: Lang = "en") -> str:
    show_preview(Screen(lang=lang), preview)
    return capsys.readouterr().out


def test_rows_whose_tags_are_replaced_are_told(tmp_path: Path) -> None:
    preview = previewed(
        tmp_path,
        "clue_id,label,business_tag_ids,remark\n11,tag-of-the-tests-no-1,tag-of-the-tests-no-2,\n12,,#CLEAR,\n13,,,x\n",
    )
    assert "REPLACES ALL TAGS of a clue in 2 rows" in lines(preview)


def test_rows_beyond_the_limit_are_told(tmp_path: Path) -> None:
    assert "Not sent, beyond --limit: 3 rows" in lines(previewed(tmp_path, MIXED, limit=2))


def test_what_is_irreversible_stands_behind_what_is_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = shown(previewed(tmp_path, MIXED), capsys).splitlines()
    assert told[0] == "To: http://127.0.0.1:1 (app: that of the access token)"
    assert told[1].endswith("edits.csv, 7 rows") and told[2].startswith("Edits to send: 5, to 3 clues, which takes ")
    assert told[3:5] == ["Not sent, nothing to edit: 1 row", "Not sent, invalid: 1 row"]
    assert told[5] == "Problems (1):" and told[6].startswith("  A6: ") and told[7] == "Sets:"
    starts = (
        *("Several rows for 1 clue, sent in sheet order. Clue (rows): 11 (2, 7, 8)", "This run cannot be undone"),
        *("CLEARS 2 cells:", "  ", "  ", "REPLACES ALL TAGS of a clue in 2 rows", "SETS OWNER OR POOL in 2 rows"),
    )
    assert [line.startswith(start) for line, start in zip(told[-7:], starts, strict=True)] == [True] * 7


def test_a_preview_can_be_told_in_chinese(tmp_path: Path) -> None:
    assert "将设置跟进人或线索池：2 行" in lines(previewed(tmp_path, MIXED), "zh")


def test_each_field_is_told_with_how_many_rows_set_it_and_to_what(tmp_path: Path) -> None:
    found = lines(previewed(tmp_path, OF_PEOPLE + "11,已联系,男,\n12,已联系,,\n13,下周回访,,\n"))
    assert found[found.index("Sets:") + 1 :][:2] == [
        '  描述 (remark)  3 ×  "已联系", "下周回访"',
        '  性别 (gender)  1 ×  "男"',
    ]


def test_more_than_three_values_are_not_all_told_and_more_than_three_cleared_rows_neither(tmp_path: Path) -> None:
    rows = "".join(f"{clue},wert {clue},,#CLEAR\n" for clue in range(11, 21))
    found = lines(previewed(tmp_path, OF_PEOPLE + rows))
    assert '  描述 (remark)  10 ×  "wert 11", "wert 12", "wert 13", …' in found
    assert found[found.index("CLEARS 10 cells:") + 1] == "  标签 (label)  10 ×  row 2, 3, 4, …"


def test_a_problem_that_repeats_is_told_once_with_its_cells(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    preview = previewed(
        tmp_path, OF_PEOPLE + "".join(f"x{row},a,{'女士' if row in (2, 5) else ''},\n" for row in range(2, 481))
    )
    said = shown(preview, capsys)
    assert preview.counts.problem_count == len(preview.counts.problems) == 481
    assert "Problems (481):\n  A2:A480: 479 cells, the first: " in said and '"x2"' in said and '"x3"' not in said
    assert "  C2 … C5: 2 cells, the first: " in said and '"女士"' in said
    assert "  A2:A480：共 479 个单元格，第一个：" in shown(preview, capsys, "zh")


LONG = "一份很长很长的备注，说明这个客户为什么要在下个星期五之前再联系一次，并且要带上合同的两个副本"


@LANGS
def test_no_list_is_wider_than_80_columns(tmp_path: Path, lang: Lang) -> None:
    custom = {"mf_clue_51": {"title": "一个标题特别长特别长特别长特别长特别长的自定义字段"}}
    rows = "".join(f"{11 + row},{LONG}{row},a\n" for row in range(5)) + "".join(f"{row},#CLEAR,\n" for row in range(21, 29))
    text = "clue_id,描述,mf_clue_51\n" + rows
    edits = jobs.text_file(tmp_path / "edits.csv", text)
    found = lines(batch_editor.check(edits, jobs.settings(tmp_path, custom_fields=custom)).preview, lang)
    listed = [line for line in found if line.startswith("  ")]
    assert len(listed) == 3 and max(map(width, listed)) <= 80
    columns = {width(line[: line.index(" ×" if lang == "en" else " 行")]) for line in listed[:2]}
    assert len(columns) == 1  # labels of different widths, and the numbers stand below each other


@LANGS
@pytest.mark.parametrize("values", [1, 2, 3, 4])
def test_the_examples_of_a_field_use_the_columns_of_their_line(values: int, lang: Lang) -> None:
    """Each gets the same share of the columns; what does not divide is all that stays blank. A terminal breaks no such line."""
    counts = RowCounts(rows=values, calls=values, sets=Counter(remark=values), values={"remark": ["x" * 200] * values})
    (line,) = (line for line in lines(made(counts), lang) if line.startswith("  "))
    shown_values = min(values, 3)
    blank = LINE_COLUMNS - width(line) - (lang == "en")  # the words around the number are a column shorter
    assert 0 <= blank < shown_values and line.count("…") == shown_values + (values > 3)
    assert len({len(text) for text in line.split('"')[1::2]}) == 1
    assert wrapped(line, 80) == [line]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (["1990-05-01", "1990-05-05", "1990-05-09", "1990-05-13"], '"1990-05-01", "1990-05-05", …'),
        (["青禾文化第一有限公司", "青禾文化第二有限公司"], '"青禾文化第一有…", "青禾文化第二有…"'),
        (["女", "男", "不详"], '"女", "男", "不详"'),
    ],
)
def test_examples_are_rather_fewer_than_cut_to_nothing(values: list[str], told: str) -> None:
    label = "线索企业名称 (clue_corp_name)"
    counts = RowCounts(rows=4, calls=4, sets=Counter(key=4), values={"key": values})
    preview = made(counts)
    preview = replace(preview, circumstances=replace(preview.circumstances, labels={"key": label}))
    (line,) = (line for line in lines(preview, "zh") if line.startswith(f"  {label}"))
    assert line.endswith(told) and width(line) <= LINE_COLUMNS


def test_rows_that_name_somebody_else_are_not_said_to_have_been_changed_by_another_run() -> None:
    preview = made(RowCounts(rows=1, calls=0, statuses=Counter({Status.CONFLICT: 1})))
    told = "Not sent, since the row names somebody else than the CRM, or another run has changed the same fields: 1 row"
    assert told in lines(preview)
    assert "不发送（有冲突：该行写的人与 CRM 不一致，或之后已被其他运行修改）：1 行" in lines(preview, "zh")


@LANGS
def test_a_field_without_examples_is_told_all_the_same(lang: Lang) -> None:
    """The rows of an undo have none: they are in no sheet."""
    counts = RowCounts(
        rows=2, calls=2, sets=Counter(remark=2), clears=Counter(address=1), values={"remark": []}, cleared_rows={"address": [3]}
    )
    found = [line.rstrip() for line in lines(made(counts, RunOptions(undo="20261124-093000-7f3a")), lang)]
    times = " ×" if lang == "en" else " 行"
    assert f"  描述 (remark)  2{times}" in found and f"  address  1{times}" in found


@pytest.mark.parametrize(
    ("options", "reads", "pending", "key"),
    [
        (RunOptions(), 0, 2, None),
        (RunOptions(), 2, 2, "preview.reads"),
        (RunOptions(only_changed=True), 3, 3, "preview.reads_until"),
        (RunOptions(only_changed=True), 2, 2, "preview.reads"),
        (RunOptions(), 3, 3, "preview.reads"),
    ],
)
def test_how_many_clues_are_read_is_not_known_where_some_may_turn_out_equal(
    options: RunOptions, reads: int, pending: int, key: str | None
) -> None:
    counts = RowCounts(rows=pending, calls=2, statuses=Counter({Status.PENDING: pending}))
    keys = [message.key for message in preview_lines(made(counts, options, reads=reads))]
    assert ("preview.at_most" in keys) == bool(reads) and [one for one in keys if "reads" in one] == ([key] if key else [])


@pytest.mark.parametrize(
    ("no_old_values", "expected"),
    [(0, []), (1, [Message("preview.no_undo_of", {"rows": 1})]), (2, [Message("preview.no_undo")])],
)
def test_what_an_undo_could_not_put_back_is_told(no_old_values: int, expected: list[Message]) -> None:
    counts = RowCounts(rows=2, calls=2, statuses=Counter({Status.PENDING: 2}))
    found = preview_lines(made(counts, no_old_values=no_old_values))
    assert [message for message in found if "no_undo" in message.key] == expected
    only_proof = preview_lines(made(counts, RunOptions(prove_only=True), no_old_values=no_old_values))
    assert not [message for message in only_proof if "no_undo" in message.key]
