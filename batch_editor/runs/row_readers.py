"""What reads the rows of a run, by its options, settings and rules: for a whole sheet, and for one row that is mended.

There is one way to make such a reader, so that a mended row is judged as it was before. The rules of rows stand in
``edits/rows``.
"""

from __future__ import annotations

from ..edits.columns import Columns
from ..edits.kept_rows import KeptRows
from ..edits.rows import RowReader
from ..settings.row_rules import RowRules
from ..settings.settings import Settings
from .earlier_rows import EarlierRows
from .options import RunOptions


def row_reader(
    columns: Columns,
    rules: RowRules,
    options: RunOptions,
    settings: Settings,
    earlier_rows: EarlierRows | None,
    *,
    with_bodies: bool = True,
    keeps_cells: bool = False,
) -> RowReader:
    """Returns the reader of a sheet with these ``columns``; ``earlier_rows`` are those to which one of results may refer.

    ``with_bodies`` and ``keeps_cells`` are as for ``RowReader``.
    """
    reads_all = options.compares or options.snapshot
    kept_rows = None
    if earlier_rows:
        kept_rows = KeptRows(
            columns,
            earlier_rows.find,
            earlier_rows.find_later,
            options.tags,
            repeats=settings.retry.ambiguous,
            compared=rules.compare_columns,
            reads_all=reads_all,
        )
    return RowReader(
        columns,
        rules,
        kept_rows=kept_rows,
        reads_all=reads_all,
        reads_tags=options.tags is not None,
        clears=not options.only_empty,
        visible_only=options.visible_only,
        with_bodies=with_bodies,
        keeps_cells=keeps_cells,
    )
