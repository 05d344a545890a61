"""By what a DataFrame is known again: by its headings and cells, however they are stored, and by nothing else."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
import pytest

from batch_editor.sheets import frame as frames
from batch_editor.sheets.frame import digest_of_frame, read_frame
from batch_editor.sheets.python_values import cell_from

FRAME = pd.DataFrame(
    {
        "线索ID": ["1591005521987920962", "1591005521987920963", "1591005521987920964"],
        "描述": ["a", None, "乙"],
        "生日": [datetime(1990, 5, 1), None, datetime(2000, 12, 31, 23, 59, 59)],
        "工单ID": [1, 2, 3],
        "mf_1": [0.1, float("nan"), 2.0],
        "mf_2": [True, False, True],
        "label": [["et1", "et2"], [], ["et3"]],
    }
)
#: What the digest of this frame is, for good: a run of another version of this program is known by it.
KNOWN = "45972ed0220cb3a18919f01c7f4be644059c553d3f134ea35b996c31258960e2"


def changed(change: Callable[[pd.DataFrame], object]) -> pd.DataFrame:
    frame = FRAME.copy()
    made = change(frame)
    return made if isinstance(made, pd.DataFrame) else frame


SAME: dict[str, Callable[[pd.DataFrame], object]] = {
    "a copy": lambda frame: frame.copy(deep=True),
    "objects": lambda frame: frame.astype(object),
    "texts as pandas has them": lambda frame: frame.astype({"线索ID": "string", "描述": "string"}),
    "categories": lambda frame: frame.astype({"线索ID": "category"}),
    "other blanks": lambda frame: frame.assign(描述=["a", "", "乙"]),
    "missing values": lambda frame: frame.assign(描述=["a", pd.NA, "乙"], 工单ID=pd.array([1, 2, 3], dtype="Int64")),
    "smaller numbers": lambda frame: frame.astype({"工单ID": "int8"}),
    "other moments": lambda frame: frame.assign(生日=frame["生日"].astype("datetime64[ms]")),
    "moments of Python": lambda frame: frame.assign(生日=frame["生日"].astype(object)),
    "labels of numpy": lambda frame: frame.set_axis([np.str_(name) for name in frame], axis=1),
    "an index that counts": lambda frame: frame.set_axis(pd.Index([0, 1, 2]), axis=0),
    "tuples": lambda frame: frame.assign(label=[("et1", "et2"), (), ("et3",)]),
}
OTHER: dict[str, Callable[[pd.DataFrame], object]] = {
    "a cell": lambda frame: frame.assign(描述=["a", "b", "乙"]),
    "a cell and its neighbour": lambda frame: frame.assign(描述=[None, "a", "乙"]),
    "texts of digits": lambda frame: frame.assign(工单ID=["1", "2", "3"]),
    "decimals": lambda frame: frame.assign(工单ID=[1.0, 2.0, 3.0]),
    "truth": lambda frame: frame.assign(mf_2=[1, 0, 1]),
    "the order of the rows": lambda frame: frame.iloc[::-1].reset_index(drop=True),
    "the order of the columns": lambda frame: frame[frame.columns[::-1]],
    "a heading": lambda frame: frame.rename(columns={"描述": "备注"}),
    "a row more": lambda frame: pd.concat([frame, frame.iloc[:1]], ignore_index=True),
    "a row less": lambda frame: frame.iloc[:2],
    "a column more": lambda frame: frame.assign(邮箱=None),
    "a zone": lambda frame: frame.assign(生日=frame["生日"].dt.tz_localize("Asia/Shanghai")),
    "a text that looks like a moment": lambda frame: frame.assign(生日=["1990-05-01T00:00:00", None, "2000-12-31T23:59:59"]),
    "an index that is kept": lambda frame: frame.set_axis(["x", "y", "z"], axis=0),
}


@pytest.mark.parametrize("change", SAME.values(), ids=SAME)
def test_frames_with_the_same_cells_are_the_same(change: Callable[[pd.DataFrame], object]) -> None:
    assert digest_of_frame(changed(change)) == digest_of_frame(FRAME)


@pytest.mark.parametrize("change", OTHER.values(), ids=OTHER)
def test_frames_with_other_cells_are_others(change: Callable[[pd.DataFrame], object]) -> None:
    assert digest_of_frame(changed(change)) != digest_of_frame(FRAME)


def test_the_digest_stays_the_same_in_every_version() -> None:
    assert digest_of_frame(FRAME) == KNOWN


@pytest.mark.slow
def test_the_digest_is_the_same_in_every_process() -> None:
    program = "import pandas\nfrom batch_editor.sheets.frame import digest_of_frame\n"
    program += "print(digest_of_frame(pandas.DataFrame({'a': ['x']})))"
    digests = set[str]()
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        )
        digests.add(done.stdout.strip())
    assert digests == {digest_of_frame(pd.DataFrame({"a": ["x"]}))}


COLUMNS: dict[str, Any] = {
    "texts": ["a", "", None, "b"],
    "numbers and texts": ["a", 1, 2.5, True],
    "whole numbers": [1, 2, 3, 2**62],
    "huge numbers": [1, 10**5000, -(10**400), 10**399],
    "decimals": [1.0, float("nan"), float("inf"), 1e300],
    "small decimals": pd.Series([0.1, None, 2.5, 1e10], dtype="float32"),
    "half decimals": pd.Series([0.1, None, 2.5, 1e4], dtype="float16"),
    "whole numbers with gaps": pd.array([1, None, 3, 4], dtype="Int64"),
    "moments": pd.Series(pd.to_datetime(["2020-01-01", None, "2020-01-01 12:00:00.123456", "1700-01-01"], format="ISO8601")),
    "moments far away": pd.Series(np.array([0, 10**15, -(10**15), 5], dtype="datetime64[s]")),
    "zoned moments": pd.Series(pd.date_range("2020-01-01", periods=4, tz="Asia/Shanghai")),
    "moments of several kinds": [datetime(2020, 1, 1), date(2020, 1, 1), pd.Timestamp("2020-01-01"), time(1, 2)],
    "categories": pd.Categorical(["a", "b", None, "a"]),
    "lists and dicts": [["a"], {"b"}, {"c": 1}, np.array([1, 2])],
    "money": [Decimal("1.10"), Decimal(2), Decimal("NaN"), None],
    "spans": pd.Series(pd.to_timedelta([1, 2, None, 4], unit="s")),
    "truths": pd.array([True, None, False, True], dtype="boolean"),
    "objects of all kinds": [object(), pd.NaT, np.float32(0.1), np.datetime64("2020")],
    "a zone of its own": [datetime(2020, 1, 1, tzinfo=UTC), None, "x", b"y"],
}


@pytest.mark.parametrize("values", COLUMNS.values(), ids=COLUMNS)
@pytest.mark.parametrize("chunk", [1, 3, 65_536])
def test_whole_columns_become_the_cells_that_their_values_become(
    values: Any, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frames, "_CHUNK", chunk)
    column = pd.Series(values, dtype=object) if isinstance(values, list) else pd.Series(values)
    cells = list(chain.from_iterable(frames._chunks(column)))
    kind = {"float32": np.float32, "float16": np.float16}.get(str(column.dtype))
    one_by_one = [cell_from(kind(value) if kind else value) for value in column]
    assert list(map(repr, cells)) == list(map(repr, one_by_one))
    assert list(map(type, cells)) == list(map(type, one_by_one))


def test_the_size_of_the_parts_does_not_matter_to_rows_and_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, digest = list(read_frame(FRAME).rows()), digest_of_frame(FRAME)
    monkeypatch.setattr(frames, "_CHUNK", 2)
    assert (list(read_frame(FRAME).rows()), digest_of_frame(FRAME)) == (rows, digest)
