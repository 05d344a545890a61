"""The DataFrame of a report: typed columns, exact ids, and the labels of the caller's own frame."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_index_equal
from support import jobs
from support.crm import Crm, scripted, status

from batch_editor import Settings, Stop, check, open_run, plan, resume, run, send

pytestmark = pytest.mark.usefixtures("results_as_csv")

CLUES = ["1591005521987920962", "1591005521987920963", "1591005521987920964"]


@pytest.fixture
def given(tmp_path: Path, crm: Crm) -> Settings:
    return jobs.settings(tmp_path, crm.url)


@pytest.fixture
def crm() -> Any:
    with Crm(scripted({12: [status(500), status(500)]})) as serving:
        yield serving


def frame(index: Any) -> pd.DataFrame:
    return pd.DataFrame({"clue_id": CLUES, "remark": ["a", "b", "c"]}, index=index)


def test_columns_are_typed_and_ids_exact(tmp_path: Path, given: Settings) -> None:
    text = f"clue_id,remark,row,result_no\n{CLUES[0]},1591005521987920965,007,x\n12,b,,y\n13,,,\nbad,d,,\n"
    before = datetime.now(UTC).replace(microsecond=0)
    report = run(jobs.text_file(tmp_path / "edits.csv", text), given.model_copy(update={"ignore_columns": ("row",)}))
    results = report.to_frame()
    texts = {name for name, dtype in results.dtypes.items() if dtype == "string"}
    assert set(results.columns) - texts == {"result_attempts", "result_time", "result_row"}
    assert (str(results.dtypes["result_attempts"]), str(results.dtypes["result_row"])) == ("Int64", "Int64")
    assert str(results.dtypes["result_time"]) == "datetime64[us, UTC]"
    assert results.loc[0, ["clue_id", "remark", "row"]].tolist() == [CLUES[0], "1591005521987920965", "007"]
    assert results["result_attempts"].tolist() == [1, 4, pd.NA, pd.NA]
    assert results["result_row"].tolist() == [2, 3, 4, 5]
    assert results["result_status"].tolist() == ["updated", "failed", "skipped", "invalid"]
    assert before <= results.loc[0, "result_time"] <= datetime.now(UTC)
    assert results["result_time"].isna().tolist() == [False, False, True, True]
    assert_index_equal(results.index, pd.RangeIndex(4))


def test_a_run_of_no_rows_that_were_sent_has_the_same_types(tmp_path: Path, given: Settings) -> None:
    results = run(jobs.text_file(tmp_path / "edits.csv", "clue_id,remark\n11,\n"), given).to_frame()
    assert str(results.dtypes["result_time"]) == "datetime64[us, UTC]" and str(results.dtypes["result_attempts"]) == "Int64"


INDEXES = {
    "texts": pd.Index(["x", "y", "x"], name="客户"),
    "numbers": pd.Index([30, 10, 20]),
    "the same number thrice": pd.Index([7, 7, 7], name="number"),
    "days": pd.DatetimeIndex(["2026-01-01", "2026-01-02", "2026-01-01"], name="day"),
    "two levels": pd.MultiIndex.from_tuples([("a", 1), ("a", 2), ("b", 1)], names=["k", "n"]),
    "two levels without names": pd.MultiIndex.from_tuples([("a", 1), ("a", 1), ("b", 1)]),
    "categories": pd.CategoricalIndex(["x", "y", "x"], name="kind"),
    "counted": pd.RangeIndex(3),
    "the clue": pd.Index(CLUES, name="线索ID"),
    "decimals": pd.Index([0.5, 1.5, 2.5]),
    "zoned": pd.date_range("2026-01-01", periods=3, tz="Asia/Shanghai"),
}


@pytest.mark.parametrize("index", INDEXES.values(), ids=INDEXES)
def test_results_have_the_labels_of_the_frame(index: Any, given: Settings) -> None:
    edits = frame(index)
    results = run(edits, given).to_frame()
    assert_index_equal(results.index, index)
    assert results.columns[:2].tolist() == ["clue_id", "remark"] or index.name == "线索ID"
    assert [name for name in results if name.startswith("result_index")] == []
    if index.is_unique:
        joined = edits.join(results[["result_status", "result_attempts"]])
        assert joined["result_status"].tolist() == ["updated"] * 3 and joined["remark"].tolist() == ["a", "b", "c"]
    else:
        assert edits.assign(status=results["result_status"].to_numpy())["status"].tolist() == ["updated"] * 3


OF_ANOTHER_PROCESS = {name: INDEXES[name] for name in INDEXES if name not in ("categories", "zoned")}


@pytest.mark.parametrize("index", OF_ANOTHER_PROCESS.values(), ids=OF_ANOTHER_PROCESS)
def test_so_has_a_run_that_another_process_goes_on_with(index: Any, given: Settings) -> None:
    stop = Stop()
    stop.ask()
    begun = run(frame(index), given, stop=stop)
    results = resume(str(begun.run), given).to_frame()  # as it is without the frame
    assert_index_equal(results.index, index, exact=False, check_names=True)
    assert results["result_status"].tolist() == ["updated"] * 3


def test_blank_records_shift_no_label(given: Settings) -> None:
    edits = pd.DataFrame({"clue_id": ["11", None, "13"], "remark": ["a", None, "c"]})
    results = run(edits, given).to_frame()
    assert results.index.tolist() == [0, 2]
    assert edits.join(results["result_status"])["result_status"].isna().tolist() == [False, True, False]
    named = run(edits.set_axis(["p", "q", "r"]), given).to_frame()
    assert named["result_status"].to_dict() == {"p": "updated", "q": "skipped", "r": "updated"}


def test_problems_have_the_labels_too(given: Settings) -> None:
    edits = frame(["x", "y", "z"]).assign(clue_id=[CLUES[0], "bad", "worse"])
    problems = check(edits, given).to_frame()
    assert problems.index.tolist() == ["y", "z"] and problems["row"].tolist() == [3, 4]
    assert list(problems) == ["row", "cell", "field", "problem"]


def test_a_planned_run_keeps_them(given: Settings) -> None:
    with plan(frame(["x", "y", "z"]), given) as prepared:
        report = send(prepared, confirmed=prepared.digest())
    assert report.to_frame().index.tolist() == ["x", "y", "z"]
    with plan(frame([3, 2, 1]), given) as prepared:
        pass
    with open_run(prepared.name, given) as opened:
        assert send(opened, confirmed=opened.digest()).to_frame().index.tolist() == [3, 2, 1]


def test_records_are_labelled_by_their_place(given: Settings) -> None:
    results = run([{"clue_id": "11", "remark": "a"}, {}, {"clue_id": "13", "remark": date(2026, 1, 1)}], given).to_frame()
    assert results.index.tolist() == [0, 2] and results["clue_id"].tolist() == ["11", "13"]


def test_columns_of_the_same_name_stay_apart(tmp_path: Path, given: Settings) -> None:
    text = "clue_id,remark,note,note\n11,a,x,y\n"
    report = run(jobs.text_file(tmp_path / "edits.csv", text), given.model_copy(update={"ignore_columns": ("note",)}))
    assert report.to_frame()["note"].to_numpy().tolist() == [["x", "y"]]


def test_half_characters_are_told_and_shown_as_marks(given: Settings) -> None:
    labels = pd.Index(["\udfff", "y", "z"], dtype=object)
    broken = pd.Series(["\ud800", "b", "c"], index=labels, dtype=object)
    edits = pd.DataFrame({"clue_id": pd.Series(CLUES, index=labels), "remark": broken})
    results = run(edits, given).to_frame()
    assert results["remark"].tolist() == ["?", "b", "c"] and results.index.equals(labels)
    assert results["result_status"].tolist() == ["invalid", "updated", "updated"]


HARD_LABELS = {
    "numbers with a gap": pd.Index(pd.array([7, None, 9], "Int64")),
    "large numbers": pd.Index([2**63 + 1, 1, 2], dtype="uint64"),
    "zoned days": pd.date_range("2026-01-01", periods=3, tz="Asia/Shanghai"),
    "zoned times": pd.DatetimeIndex(["2026-01-01 01:02:03", "2026-01-02", None], tz="UTC"),
}


@pytest.mark.parametrize("index", HARD_LABELS.values(), ids=HARD_LABELS)
def test_another_process_gives_labels_with_gaps_of_any_size_and_of_any_zone(index: Any, given: Settings) -> None:
    begun = run(frame(index), given, limit=1)
    results = resume(str(begun.run), given).to_frame()
    assert results.index.equals(index) and results["result_status"].tolist() == ["updated"] * 3


def test_labels_that_no_text_holds_hinder_nobody(given: Settings) -> None:
    far = pd.DatetimeIndex(np.array(["12000-01-01"] * 3, dtype="datetime64[s]"))
    begun = run(frame(far), given, limit=1)
    assert resume(str(begun.run), given).to_frame()["result_status"].tolist() == ["updated"] * 3
