"""What became of a run, or what a check found: what the Python interface returns, and every summary is made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..journal.journal import Journal
from ..messages import Lang, say
from ..model import Message, NextStep, Problem
from ..output import results
from .next_steps import next_steps
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

    @property
    def next_steps(self) -> Sequence[NextStep]:
        """What a person should do now, in that order; nothing after a check or a diff, which no run has come of."""
        if self.run is None:
            return ()
        return next_steps(
            self.preview.circumstances.options,
            self.counts,
            left=self.left,
            undoable=self.undoable,
            halted=self.halted is not None,
        )

    def summary(self) -> dict[str, object]:
        """Returns the summary as it becomes JSON (guide: reference); its sentences are in the language of the run.

        ``slowed_to`` is the share of the permitted rate, where the CRM slowed the run down.
        """
        slowed = {"slowed_to": self.slowed} if self.slowed < 1 else {}
        return {
            "run": self.run,
            "exit_code": self.exit_code,
            "rows": self.rows,
            **self.counts,
            "results": str(self.results) if self.results else None,
            "seconds": round(self.seconds, 3),
            "halted": self._said(self.halted),
            "unwritten": self._said(self.unwritten),
            "reasons": [{"rows": rows, "reason": say(reason, self.lang)} for rows, reason in self.reasons],
            "notes": [say(note, self.lang) for note in self.preview.notes],
            "left": self.left,
            "undoable": self.undoable,
            **slowed,
        }

    def _said(self, message: Message | None) -> str | None:
        return say(message, self.lang) if message else None

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
