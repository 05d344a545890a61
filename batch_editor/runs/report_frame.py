"""The DataFrame of a report: what the results sheet of a run holds, or the problems that a check has found, in typed columns.

Ids stay exact, since cells are text. A report of a DataFrame has its labels as the index, so that both join.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..edits.result_columns import COLUMNS
from ..journal.run_journal import RunJournal
from ..messages import Lang, say
from ..model import Message, Problem, RowState, Run
from ..output.result_rows import table
from .labels import FIRST_ROW, Level, labels_of
from .options import RunOptions
from .results import read_sheet, with_mends

if TYPE_CHECKING:
    from pandas import DataFrame, Index, Series


def frame_of_run(held: RunJournal, run: Run, lang: Lang, index: Index[Any] | None) -> DataFrame:
    """Returns the results of ``run``, whose rows are ``held`` by the journal: the columns of its sheet as text, then its
    ``result_…`` columns. ``index`` is that of the DataFrame that the run was read from, if it was."""
    numbers = list[int]()

    def noted(rows: Iterable[RowState]) -> Iterator[RowState]:
        for row in rows:
            numbers.append(row.row)
            yield row

    is_mended = held.mends.count() > 0
    rows = noted(with_mends(held.queries.rows(), held))
    lines = table(read_sheet(run), rows, lang, run=run.name, with_mends=is_mended)
    headings = next(lines).cells
    levels = RunOptions.from_json(run.options).index
    columns = list(zip(*(line.cells for line in lines), strict=True)) or [()] * len(headings)
    ours = len(headings) - len(COLUMNS) - is_mended  # a sheet may have columns of any name
    kinds = [_texts] * ours + [_KINDS.get(heading, _texts) for heading in headings[ours:]]
    labels = _labels(numbers, columns, levels, index)
    first = len(levels or ())  # the columns before it are the index
    typed = [kind(column) for kind, column in zip(kinds[first:], columns[first:], strict=True)]
    return _frame(headings[first:], typed, labels)


def frame_of_problems(problems: Sequence[Problem], lang: Lang, index: Index[Any] | None) -> DataFrame:
    """Returns ``problems``, one below the other: the row and the cell, the key of the field, and what is wrong."""
    numbers = [problem.row for problem in problems]
    texts = (
        [say(Message("verbatim", {"text": problem.place}), lang) for problem in problems],
        [problem.field for problem in problems],
        [say(problem.sentence, lang) for problem in problems],
    )
    return _frame(
        ["row", "cell", "field", "problem"], [_numbers(numbers), *map(_texts, texts)], _labels(numbers, [], None, index)
    )


def _labels(
    numbers: Sequence[int], columns: Sequence[Sequence[str]], levels: Sequence[Level] | None, index: Index[Any] | None
) -> Index[Any]:
    import pandas as pd

    if index is not None:
        return index.take([number - FIRST_ROW for number in numbers])
    if levels is not None:
        return labels_of(numbers, columns[: len(levels)], levels)
    return pd.RangeIndex(len(numbers))


def _frame(headings: Sequence[str], columns: Sequence[Series[Any]], labels: Index[Any]) -> DataFrame:
    import pandas as pd

    frame = pd.DataFrame(dict(enumerate(columns)))
    frame.columns = pd.Index(headings)  # of which two may be the same
    return frame.set_axis(labels)


def _texts(values: Sequence[str]) -> Series[Any]:
    import pandas as pd

    try:
        "".join(values).encode()
    except UnicodeEncodeError:  # half characters, which not every kind of column can hold
        values = [value.encode(errors="replace").decode() for value in values]
    return pd.Series(values, dtype="string")


def _numbers(values: Sequence[Any]) -> Series[Any]:
    import pandas as pd

    return pd.Series([int(str(value)) if value != "" else None for value in values], dtype="Int64")


def _times(values: Sequence[Any]) -> Series[Any]:
    import pandas as pd

    times = pd.to_datetime(pd.Series(values, dtype="string"), format="ISO8601", utc=True, errors="coerce")
    return times.astype("datetime64[us, UTC]")


#: What the columns of ours hold, where it is no text.
_KINDS: dict[str, Callable[[Sequence[Any]], Series[Any]]] = {
    "result_attempts": _numbers,
    "result_time": _times,
    "result_row": _numbers,
}
