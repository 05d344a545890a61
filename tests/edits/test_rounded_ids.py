"""Ids are exact or refused: what Excel, a float or a whole column of floats did to an id is found out (guide: rules)."""

from __future__ import annotations

from pathlib import Path

import pytest
from payloads.cases import quick, write_csv, write_workbook
from payloads.rows import DEFAULTS, Read, one, read
from support.servers import Server

from batch_editor import check, load_edits, run
from batch_editor.cell_values import Cell
from batch_editor.messages import say
from batch_editor.settings.settings import Settings

#: A multiple of 256, so that a double holds it exactly; its neighbours are held by none.
EXACT = 1591005521987920896
STEP = 256


def ids(on_doubles: int, others: int, start: int = EXACT) -> list[int]:
    """Different ids of 19 digits, the first ``on_doubles`` of which a double holds exactly."""
    exact = [start + STEP * number for number in range(on_doubles)]
    found = [*exact, *(start + STEP * number + 7 for number in range(others))]
    assert all(int(float(one)) == one for one in exact) and all(int(float(one)) != one for one in found[on_doubles:])
    return found


def column(found: list[int], **settings: object) -> Read:
    return read(["clue_id", "remark"], *([str(one), "x"] for one in found), **settings)


@pytest.mark.parametrize(
    ("cell", "refused"),
    [
        ("1591005521987920000", True),
        (1591005521987920000, True),
        ("'1591005521987920000", True),
        ("１５９１００５５２１９８７９２００００", True),
        ("1234567890123450", True),  # 16 digits
        ("1234567890123456000", False),  # a 6 after the 15th
        ("1234567890123456", False),
        ("123456789012340", False),  # 15 digits: none is lost
        ("1000000000000001", False),
        ("1591005521987920001", False),
    ],
)
def test_an_id_with_nothing_but_zeros_after_its_15th_digit(cell: Cell, refused: bool) -> None:
    for key in ("clue_id", "clue_pool_id"):
        found = read(["clue_id", "remark"], [cell, "x"]) if key == "clue_id" else one(key, cell)
        assert [problem for _, problem in found.problems] == (["cell.rounded"] if refused else [])
        trusted = read(
            [key, "remark", *(["clue_id"] if key != "clue_id" else [])], [cell, "x", "7"], sheet="S", ids={"trust_round": True}
        )
        assert trusted.statuses == ["pending"]


@pytest.mark.parametrize(
    "cell", [1.5910055219879209e18, 5.0, 0.5, float("inf"), "1.59101E+18", "1.5910055219879209e+18", "1E18"]
)
@pytest.mark.parametrize("trust", [False, True])
def test_a_float_and_scientific_text_are_never_an_id(cell: Cell, trust: bool) -> None:
    found = read(["clue_id", "remark"], [cell, "x"], ids={"trust_round": trust})
    assert found.problems == [("Sheet1!A2", "cell.id_float")]


@pytest.mark.parametrize(
    ("on_doubles", "others", "refused"),
    [
        (19, 0, 0),  # fewer than 20 tell nothing
        (20, 0, 20),
        (1, 19, 0),  # 5 % is not more than 5 %
        (2, 18, 2),
        (5, 95, 0),
        (6, 94, 6),
        (0, 40, 0),
        (2, 38, 0),
        (3, 37, 3),
    ],
)
def test_more_than_a_twentieth_of_a_column_on_doubles_means_floats(on_doubles: int, others: int, refused: int) -> None:
    found = column(ids(on_doubles, others))
    assert found.statuses == ["invalid"] * refused + ["pending"] * (on_doubles + others - refused)
    assert found.problems == [(f"Sheet1!A{row}", "cell.rounded_column") for row in range(2, 2 + refused)]


def test_trust_round_lets_the_column_pass() -> None:
    assert column(ids(30, 0), ids={"trust_round": True}).statuses == ["pending"] * 30


def test_a_pool_that_stands_in_every_row_counts_once() -> None:
    rows = [[str(clue), str(EXACT), "x"] for clue in ids(0, 40)]
    assert read(["clue_id", "clue_pool_id", "remark"], *rows).statuses == ["pending"] * 40
    pools = ids(1, 18) * 3  # 19 different ones are too few
    rows = [[str(clue), str(pool), "x"] for clue, pool in zip(ids(0, 57), pools, strict=True)]
    assert read(["clue_id", "clue_pool_id", "remark"], *rows).statuses == ["pending"] * 57


def test_each_column_is_judged_alone() -> None:
    rows = [[str(clue), str(pool), "x"] for clue, pool in zip(ids(0, 25), ids(25, 0), strict=True)]
    found = read(["clue_id", "clue_pool_id", "remark"], *rows)
    assert found.problems == [(f"Sheet1!B{row}", "cell.rounded_column") for row in range(2, 27)]


def test_short_ids_are_no_evidence() -> None:
    assert column(list(range(1, 101))).statuses == ["pending"] * 100
    assert column([10**17 + STEP * number for number in range(1, 60)]).statuses.count("pending") == 59


def test_a_row_without_an_edit_stays_skipped() -> None:
    rows = [[str(clue), "x" if number % 2 else None] for number, clue in enumerate(ids(24, 0))]
    assert read(["clue_id", "remark"], *rows).statuses == ["skipped", "invalid"] * 12


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_of_a_rounded_column_only_the_others_are_sent(suffix: str, tmp_path: Path) -> None:
    table = [["clue_id", "remark"], *([one, "x"] for one in ids(4, 20))]
    path = (write_csv if suffix == ".csv" else write_workbook)(tmp_path / f"a{suffix}", table)
    with Server() as server:
        settings = quick(server.url, tmp_path / "state", defaults=DEFAULTS)
        assert check(path, settings).counts["invalid"] == 4
        report = run(path, settings)
        bodies = [request.body.decode() for request in server.requests]
    assert (report.exit_code, report.counts["updated"], report.counts["invalid"]) == (1, 20, 4)
    assert not any(str(one) in body for one in ids(4, 0) for body in bodies)
    assert [one.row for one in load_edits(path, settings).edits] == list(range(6, 26))
    (problem, *_) = report.problems
    assert say(problem.message, "en") == (
        f"holds {EXACT}, which is not to be trusted, since too many ids of this column are rounded numbers; "
        "export the sheet again with the ids as text (if they really are so: ids.trust_round in the settings)"
    )


@pytest.mark.parametrize("kind", ["label", "single", "multiple", "cascade"])
@pytest.mark.parametrize(("declared", "sent"), [(False, 0), (True, 30)])
def test_ids_of_tags_and_options_are_judged_as_well(kind: str, declared: bool, sent: int) -> None:
    """Not those of declared options: what a cell names is looked up there."""
    key, found = "label" if kind == "label" else "mf_1", ids(30, 0)
    options = {f"o{one}": str(one) for one in found} if declared else {}
    custom = {} if kind == "label" else {"mf_1": {"type": kind, "options": options}}
    rows = read(
        ["clue_id", key], *([EXACT + 37 * number + 1, str(one)] for number, one in enumerate(found)), custom_fields=custom
    )
    refused = kind == "label" or not sent
    assert len(rows.bodies) == (0 if refused else sent)
    assert [message for _, message in rows.problems] == (["cell.rounded_column"] * 30 if refused else [])


@pytest.mark.parametrize("default", ["1591005280874160000", 1591005280874160000, "1.59E+18"])
def test_a_default_is_looked_at_as_a_cell_is(default: object) -> None:
    from batch_editor.errors import SettingsError

    with pytest.raises(SettingsError) as refusal:
        read(["clue_id"], defaults=DEFAULTS | {"clue_pool_id": default})
    assert str(refusal.value).startswith("defaults: 线索池ID (clue_pool_id) ")
    assert Settings(defaults={"clue_pool_id": default})  # the settings alone do not know what an id is
