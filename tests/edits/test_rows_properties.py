"""What holds for every row, whatever stands in it: no accidental wipe, no changed id, no crash (guide: rules)."""

from __future__ import annotations

import json
import math
import re
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from payloads.rows import CLUE, DEFAULTS, read
from support.rules import row_rules

from batch_editor.cell_values import Cell, CellError, Row, Uncomputed
from batch_editor.edits.columns import Columns
from batch_editor.edits.rows import RowReader
from batch_editor.errors import SheetError
from batch_editor.fields import BY_KEY, FIELDS
from batch_editor.messages import say
from batch_editor.model import Plan, Status
from batch_editor.settings.settings import Settings

#: No example is judged by its time.
unhurried = settings(deadline=None)

CUSTOM = {
    "mf_text": {},
    "mf_single": {"type": "single", "options": {"甲": "1", "2": "3"}},
    "mf_free": {"type": "single", "ids": "integer", "choice_shape": "list"},
    "mf_many": {"type": "multiple", "options": {"甲": "1", "乙": "2"}},
    "mf_path": {"type": "cascade", "options": {"甲": "1", "甲/乙": "2"}},
    "mf_day": {"type": "date"},
    "mf_moment": {"type": "datetime"},
}
REQUIRED = {"clue_id", "user_id", "clue_name", "clue_pool_id", "follow_user_id"}
KEYS = [*(field.key for field in FIELDS if field.key != "clue_id"), *CUSTOM, "mf_undeclared"]

anything: st.SearchStrategy[Cell] = st.one_of(
    st.none(),
    st.text(st.characters()),  # lone surrogates too
    st.text("0123456789.-+eE'=\"/年月日 :T０１９\u200b,，#"),
    st.integers(),
    st.integers(min_value=10**14, max_value=10**20),
    st.floats(),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.datetimes(timezones=st.just(timezone(timedelta(hours=-11)))),
    st.times(),
    st.timedeltas(),
    st.builds(CellError, st.text(max_size=9)),
    st.just(Uncomputed()),
)
likely: dict[str, list[Cell]] = {
    "clue_pool_id": ["5", 7],
    "email": ["a@b.cn"],
    "gender": ["男", 1],
    "birthday": ["1990-05-01", date(1990, 5, 1)],
    "work_id": ["3"],
    "encrypt_flag": ["是"],
    "mf_single": ["甲"],
    "mf_free": ["12"],
    "mf_many": ["甲,乙"],
    "mf_path": ["甲/乙"],
    "mf_day": ["2022-06-21"],
    "mf_moment": ["2022-06-21 08:00"],
}
LIKELY_ANYWHERE: list[Cell] = [None, None, " \u200b", "#CLEAR", "＃clear "]


def usual(key: str) -> st.SearchStrategy[Cell]:
    return st.sampled_from([*LIKELY_ANYWHERE, *likely.get(key, ["x", "y"])])


@st.composite
def sheets(draw: st.DrawFn) -> tuple[list[str], list[Cell], list[str]]:
    """Headings in any order, a row of mostly sensible cells, and some columns that are context."""
    keys = draw(st.permutations(KEYS).flatmap(lambda keys: st.integers(1, len(keys)).map(lambda most: keys[:most])))
    cells = [draw(st.one_of(usual(key), usual(key), usual(key), usual(key), anything)) for key in keys]
    context = draw(st.lists(st.sampled_from(keys), max_size=3))
    return list(keys), cells, context


#: Joiners, marks of direction, invisible operators, soft hyphen, byte order mark: written from the Unicode charts.
NOBODY_SEES = {0xAD, 0x61C, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065)}
NOBODY_SEES |= {*range(0x2066, 0x206A), 0xFEFF}


def blank(cell: Cell) -> bool:
    """By its own reading: nothing but spaces and characters without width."""
    return cell is None or (isinstance(cell, str) and all(char.isspace() or ord(char) in NOBODY_SEES for char in cell))


@unhurried
@given(sheets())
def test_a_sent_edit_lists_exactly_the_filled_columns_in_sheet_order(found: tuple[list[str], list[Cell], list[str]]) -> None:
    keys, cells, context = found
    result = read(["clue_id", *keys], [CLUE, *cells], custom_fields=CUSTOM, context_columns=context)
    wanted = [
        key
        for key, cell in zip(keys, cells, strict=True)
        if not blank(cell) and key not in context and (key not in BY_KEY or BY_KEY[key].editable)
    ]
    (plan,) = result.plans
    assert plan is not None
    assert (plan.edit is not None) == (plan.status is Status.PENDING)
    if plan.status is Status.SKIPPED:
        assert wanted == []
    for body in result.bodies:
        listed = body["update_specified_fields"]
        assert listed == wanted != []
        assert len(set(listed)) == len(listed)
        assert body.keys() - {"field_map", "update_specified_fields"} == REQUIRED | {key for key in listed if key in BY_KEY}
        assert body.get("field_map", {}).keys() == {key for key in listed if key not in BY_KEY}
        assert list(body)[:5] == ["clue_id", "user_id", "clue_name", "clue_pool_id", "follow_user_id"]
        assert list(body)[-1] == "update_specified_fields"
        blanks = {key for key, cell in zip(keys, cells, strict=True) if blank(cell)}
        assert not blanks & (body.keys() | body.get("field_map", {}).keys()) - REQUIRED
        empties = {key for key in listed if body.get(key, body.get("field_map", {}).get(key)) in ("", None, [])}
        assert empties == set(plan.cleared)  # nothing is emptied but by the marker


@unhurried
@given(st.lists(anything, max_size=len(KEYS) + 1), st.sampled_from(["", "Sheet1"]))
@example([CLUE, 10**5000], "")
@example([CLUE, "wo-operator-of-the-tests", "\ud800"], "")
@example([CLUE, "wo-operator-of-the-tests", "n", "5", "f", "c", "e", "r", "a", "\ud83d\ude00"], "")
def test_no_cell_whatever_raises_or_spoils_the_json(cells: list[Cell], name: str) -> None:
    rules = row_rules(defaults=DEFAULTS, custom_fields=CUSTOM)
    reader = RowReader(Columns(name, Row(1, ("clue_id", *KEYS)), rules), rules)
    plan = reader.read(Row(2, tuple(cells)))
    assert plan is None or isinstance(plan, Plan)
    for note in reader.findings.notes():
        say(note, "zh")
    if plan is None:
        assert all(blank(cell) for cell in cells)
        return
    assert all(isinstance(text, str) for text in plan.cells)
    assert (plan.status is Status.INVALID) == bool(plan.problems)
    for problem in plan.problems:
        say(problem.message, "en")
        say(problem.message, "zh")
    if plan.edit:
        assert json.loads(plan.edit.body.encode("utf-8"))["clue_id"] == plan.edit.clue_id


@unhurried
@given(st.lists(anything, min_size=1, max_size=8))
def test_no_heading_whatever_raises_anything_but_a_refusal(headings: list[Cell]) -> None:
    try:
        rules = Settings(defaults=DEFAULTS).row_rules
        reader = RowReader(Columns("Sheet1", Row(1, ("clue_id", *headings)), rules), rules)
    except SheetError as refusal:
        assert "Sheet1!" in str(refusal)
    else:
        reader.read(Row(2, (CLUE, *["x"] * len(headings))))


@st.composite
def columns_of_few_cells(draw: st.DrawFn) -> list[tuple[Cell, ...]]:
    """Rows in which cells come again, as in real sheets: each column holds a few different ones."""
    pools = [draw(st.lists(st.one_of(usual(key), anything), min_size=1, max_size=3)) for key in ("clue_id", *KEYS)]
    ids: list[Cell] = [CLUE, "1591005521987920896", 1591005521987920896, True, 1]
    pools[0] = draw(st.lists(st.sampled_from(ids), min_size=1, max_size=3))
    return draw(st.lists(st.tuples(*map(st.sampled_from, pools)), min_size=2, max_size=6))


@unhurried
@given(columns_of_few_cells(), st.sampled_from(["", "Sheet1"]))
def test_a_row_is_read_as_if_no_other_had_been_read_before(rows: list[tuple[Cell, ...]], name: str) -> None:
    rules = row_rules(defaults=DEFAULTS, custom_fields=CUSTOM)
    columns = Columns(name, Row(1, ("clue_id", *KEYS)), rules)
    used = RowReader(columns, rules)
    for number, cells in enumerate([*rows, *rows], 2):
        assert used.read(Row(number, cells)) == RowReader(columns, rules).read(Row(number, cells))


nineteen = st.integers(min_value=10**18, max_value=2**63 - 1)
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
written = st.sampled_from(
    [
        str,
        int,
        lambda value: f" {value}\u3000",
        lambda value: str(value).translate(WIDE),
        lambda value: f"'{value}",
        lambda value: f'="{value}"',
        lambda value: f"\u202d{value}\u202c",
        float,
        lambda value: f"{value:e}",
        lambda value: f"{value}.0",
        lambda value: f"{value:,}",
    ]
)


@unhurried
@given(nineteen, nineteen, written, written)
@example(1591005521987920896, 1591005521987920000, str, int)
def test_an_id_comes_out_exact_or_not_at_all(clue: int, pool: int, first: Any, second: Any) -> None:
    cells = [first(clue), second(pool)]
    result = read(["clue_id", "clue_pool_id"], cells)
    for body in result.bodies:
        assert (body["clue_id"], body["clue_pool_id"]) == (clue, pool)
        assert not any(isinstance(cell, float) for cell in cells)
        assert f'"clue_id":{clue},' in result.plans[0].edit.body  # type: ignore[union-attr]
    exact = {str, int}
    if first in exact and second in exact and clue % 10_000 and pool % 10_000:
        assert result.bodies


@unhurried
@given(st.floats(), st.booleans())
def test_a_float_never_becomes_an_id(cell: float, trust: bool) -> None:
    for heading in ("clue_id", "clue_pool_id"):
        other = "clue_pool_id" if heading == "clue_id" else "clue_id"
        assert read([heading, other, "remark"], [cell, "7", "x"], ids={"trust_round": trust}).bodies == []
    assert read(["clue_id", "mf_free"], [CLUE, cell], custom_fields=CUSTOM, ids={"trust_round": trust}).bodies == []


days = st.dates(min_value=date(1900, 1, 1), max_value=date(2025, 12, 31))
forms = st.sampled_from(
    [
        lambda day: day,
        lambda day: datetime(day.year, day.month, day.day),
        lambda day: day.isoformat(),
        lambda day: f"{day.year}/{day.month}/{day.day}",
        lambda day: f"{day.year}.{day.month}.{day.day}",
        lambda day: f"{day.year}年{day.month}月{day.day}日",
        lambda day: f"{day:%Y%m%d}",
        lambda day: int(f"{day:%Y%m%d}"),
        lambda day: f"{day:%Y-%m-%d} 00:00:00",
        lambda day: day.isoformat().translate(WIDE),
    ]
)


@unhurried
@given(days, forms, st.sampled_from(["s", "ms"]))
def test_a_birthday_is_that_midnight_at_eight_hours_east(day: date, form: Any, unit: str) -> None:
    seconds = (day.toordinal() - 719_163) * 86_400 - 8 * 3600  # 719163 is the ordinal of 1970-01-01
    (body,) = read(["clue_id", "birthday"], [CLUE, form(day)], birthday_unit=unit).bodies
    assert body["birthday"] == seconds * (1000 if unit == "ms" else 1)
    assert type(body["birthday"]) is int


def is_nothing_for_excel(text: str) -> bool:
    """Whether a text has no spaces at its ends, and is no formula that gives but a text, nor one behind a sign, which are
    unwrapped."""
    return text == text.strip() and not re.fullmatch("= *\".*\"|' *=[^']*", text)


around = st.text(" \t\r\n\u00a0\u2003\u3000\u200b\u200c\u2060\ufeff\u00ad\u202a\u202c", max_size=5)


@unhurried
@given(around, st.text("ab 汉'\"\\/é=", min_size=1).filter(is_nothing_for_excel), around)
def test_trimming_takes_what_nobody_sees_and_nothing_else(before: str, text: str, after: str) -> None:
    (body,) = read(["clue_id", "remark"], [CLUE, f"{before}{text}{after}"]).bodies
    assert body["remark"] == text


def variants(marker: str) -> st.SearchStrategy[str]:
    """The marker, each character as it is, in either case, or full-width."""
    widened = [st.sampled_from([char, char.lower(), char.upper(), chr(ord(char) + 0xFEE0)]) for char in marker]
    return st.tuples(*widened).map("".join)


@unhurried
@given(around, variants("#CLEAR"), around, st.sampled_from(KEYS))
def test_every_spelling_of_the_marker_clears_what_can_be_cleared(before: str, marker: str, after: str, key: str) -> None:
    result = read(
        ["clue_id", key, "remark" if key != "remark" else "uin"], [CLUE, f"{before}{marker}{after}", "x"], custom_fields=CUSTOM
    )
    if key in REQUIRED:
        assert [problem for _, problem in result.problems] == ["cell.not_clearable"]
    else:
        assert result.plans[0].cleared == (key,)  # type: ignore[union-attr]
        assert marker not in json.dumps(result.bodies, ensure_ascii=False)


@unhurried
@given(st.text(max_size=8), st.text(max_size=8))
def test_a_longer_text_is_never_taken_for_the_marker(before: str, after: str) -> None:
    text = f"x{before}#CLEAR{after}x"
    for body in read(["clue_id", "remark"], [CLUE, text]).bodies:
        assert body["remark"] == text


@unhurried
@given(st.lists(st.tuples(nineteen, st.sampled_from([str, int])), max_size=60))
def test_whatever_the_column_no_id_changes_and_none_is_lost(rows: list[tuple[int, Any]]) -> None:
    result = read(["clue_id", "remark"], *([form(clue), "x"] for clue, form in rows))
    assert len(result.plans) == len(rows)
    for (clue, _), plan in zip(rows, result.plans, strict=True):
        assert plan is not None and plan.status in (Status.PENDING, Status.INVALID)
        assert plan.edit is None or plan.edit.clue_id == clue


@unhurried
@given(st.floats(allow_nan=False, allow_infinity=False), st.times())
def test_a_number_in_a_text_column_reads_back_as_that_number(cell: float, moment: time) -> None:
    for body in read(["clue_id", "remark"], [CLUE, cell]).bodies:
        assert math.isclose(float(body["remark"]), cell, rel_tol=0) and not body["remark"].endswith(".0")
    assert read(["clue_id", "remark"], [CLUE, moment]).bodies[0]["remark"] == str(moment)
