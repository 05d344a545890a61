"""Reads a parquet file by pyarrow, where that is installed, into exact rows, one part of it after the other.

An index that pandas has written along is that of a DataFrame: it stands before the columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from ..cell_values import Row
from ..errors import SheetError
from .frame import FIRST
from .python_values import cell_from
from .sheet import Sheet, open_file, row_of

#: How a parquet file begins, and one whose columns are encrypted.
PARQUET = (b"PAR1", b"PARE")
#: So many rows of a part are held at once.
_BATCH = 4096
_NO_NAME = "__index_level_"


def read_parquet(path: Path) -> Sheet:
    """Returns the sheet of a parquet file. Raises ``SheetError`` if pyarrow is not there, or the file is damaged."""
    with _file(path) as file:
        schema = file.schema_arrow
    index = [schema.names.index(name) for name in _index(schema.pandas_metadata) if name in schema.names]
    order = [*index, *(place for place in range(len(schema.names)) if place not in index)]
    return Sheet(
        "",
        True,
        partial(_rows, path, schema.names, order),
        index_columns=len(index),
        label=lambda number: f"#{number - FIRST + 1}",
    )


def _index(metadata: dict[str, Any] | None) -> list[str]:
    """The columns in which pandas has kept the index of a DataFrame; one that only counts has none."""
    columns = metadata.get("index_columns", []) if metadata else []
    return [column for column in columns if isinstance(column, str)]


def _rows(path: Path, names: Sequence[str], order: Sequence[int]) -> Iterator[Row]:
    if heading := row_of(1, [None if names[place].startswith(_NO_NAME) else names[place] or None for place in order]):
        yield heading
    number = FIRST
    with _file(path) as file:
        for batch in file.iter_batches(batch_size=_BATCH):
            columns = [_values(batch.column(place)) for place in order]
            for record in zip(*columns, strict=True):
                if row := row_of(number, [cell_from(value) for value in record]):
                    yield row
                number += 1


def _values(column: Any) -> list[Any]:
    """The values of a column: numbers of 16 and 32 bits as such, not with the digits that they have in 64."""
    import pyarrow

    values: list[Any] = column.to_pylist()
    kind = {pyarrow.float16(): "float16", pyarrow.float32(): "float32"}.get(column.type)
    if kind:
        import numpy

        convert = getattr(numpy, kind)
        values = [None if value is None else convert(value) for value in values]
    return values


@contextmanager
def _file(path: Path) -> Iterator[Any]:
    try:
        from pyarrow import ArrowException, parquet
    except ImportError as error:
        raise SheetError("parquet.no_pyarrow", path=path) from error
    with open_file(path) as opened:
        try:
            with parquet.ParquetFile(opened) as file:
                yield file
        except (ArrowException, OSError, ValueError, OverflowError) as error:
            raise SheetError("parquet.damaged", path=path, reason=str(error).splitlines()[0]) from error
