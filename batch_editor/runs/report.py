"""What became of a run, or what a check found: what the Python interface returns, and every summary is made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..journal.journal import Journal
from ..messages import Lang, say
from ..model import Message, Problem
from ..output import results
from .preview import Preview

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a run, or what a check found.

    ``counts`` has a number for each status of the summary. ``results`` is the sheet that was written, ``halted`` why the run
    stopped early, ``unwritten`` why there is no results sheet, ``reasons`` why most rows failed or were rejected, and how many;
    ``problems`` are the first ten thousand. ``slowed`` is the least share of the permitted rate that was used because the CRM
    kept saying "too fast"; 1.0 if it did not. ``left`` is how many rows ``resume`` would send. ``put_back`` is what became of
    the undo with which ``prove_only`` ends; ``undoable`` says that something is known from before that an undo can put back.
    """

    run: str | None
    exit_code: int
    rows: int
    counts: dict[str, int]
    results: Path | None
    seconds: float
    preview: Preview
    halted: Message | None = None
    unwritten: Message | None = None
    reasons: Sequence[tuple[int, Message]] = ()
    slowed: float = 1.0
    left: int = 0
    journal: Path | None = None
    lang: Lang = "en"
    put_back: Report | None = None
    undoable: bool = False

    @property
    def problems(self) -> Sequence[Problem]:
        """What is wrong with the rows that are ``invalid``, in sheet order."""
        return self.preview.counts.problems

    def summary(self) -> dict[str, object]:
        """The JSON summary of DESIGN §6; with ``slowed_to``, the share of the rate, where the CRM slowed the run down."""
        head: dict[str, object] = {"run": self.run, "exit_code": self.exit_code, "rows": self.rows}
        tail = {"results": str(self.results) if self.results else None, "seconds": round(self.seconds, 3)}
        return head | self.counts | tail | ({"slowed_to": self.slowed} if self.slowed < 1 else {})

    def to_frame(self) -> DataFrame:
        """After ``run``: the results sheet as a DataFrame of text. After ``check``: a row for each problem."""
        import pandas as pd

        if self.run is None or self.journal is None:
            columns = {"row": [one.row for one in self.problems], "cell": [one.address for one in self.problems]}
            said = [say(one.sentence, self.lang) for one in self.problems]
            return pd.DataFrame(columns | {"field": [one.field for one in self.problems], "problem": said})
        with Journal(self.journal) as journal:
            rows = results.table(journal.run(self.run).headings, journal.of(self.run).queries.rows(), self.lang)
            headings = next(rows)
            return pd.DataFrame(list(rows), columns=headings, dtype="object")
