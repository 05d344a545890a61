"""Reads the answer of a database into a DataFrame whose ids are exact.

pandas alone makes floats of a column of whole numbers in which one is missing, and so of ids.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pandas import DataFrame


def read_sql(query: Any, connection: Any) -> DataFrame:
    """Returns what ``query`` finds, as ``pandas.read_sql`` does; whole numbers keep all digits, also beside missing ones.

    ``connection`` is one of sqlite3 or of SQLAlchemy, or that of another driver of the standard DB-API.
    """
    import pandas

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "pandas only supports SQLAlchemy", UserWarning)  # it reads from the others as well
        return pandas.read_sql(query, connection, coerce_float=False, dtype_backend="numpy_nullable")
