"""Which rows of a full export are not read, since the journal remembers that their values stand there (guide: reconcile).

A row is trusted where all that it asks for, and the cells that say whose clue it is, are what the memory holds. Some of these
clues are read all the same, those that were seen longest ago; where too many of them hold something else, all are read. What
the memory holds is left to ``journal/applied``, and what is sent of a clue that is read to ``edits/merge``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from ..edits.context_cells import ContextCells
from ..fields import FIELDS, Kind
from ..journal.applied import Applied, Known, sum_of, values_of, whole_sum_of
from ..journal.journal import Journal
from ..journal.run_journal import RunJournal
from ..journal.store import BATCH
from ..journal.trusted import Drift, SummedPlan
from ..model import Message, Plan, Run, Status
from ..settings.row_rules import RowRules
from ..settings.settings import Settings
from .mending import Mending
from .options import Reconciling, RunOptions

_TAGS = frozenset(field.key for field in FIELDS if field.kind is Kind.TAGS)
#: What is known of a clue stands under the keys of its fields; under these, what the cells say whose clue it is.
_CONTEXT = "="


@dataclass(frozen=True)
class Memory:
    """What the journal knows of the clues of one tenant, for the rows that ask for something.

    ``context`` are the cells that say whose clue a row is about, where the sheet has any. ``trusts`` says whether rows are
    trusted at all; without it their checksums are kept alone.
    """

    applied: Applied
    context: ContextCells | None
    trusts: bool
    tags: bool
    _joined: dict[tuple[str, ...], str] = field(default_factory=dict)

    def judged(self, plans: Iterable[Plan]) -> Iterator[SummedPlan]:
        """Yields the ``plans``, each with what the memory says of it."""
        remaining = iter(plans)
        while batch := list(islice(remaining, BATCH)):
            clues = {plan.clue_id for plan in batch if plan.edit is not None and plan.clue_id is not None}
            known = self.applied.known(list(clues)) if self.trusts else {}
            for plan in batch:
                yield self._judge(plan, known.get(plan.clue_id) if plan.clue_id is not None else None)

    def summed(self, plan: Plan) -> SummedPlan:
        """Returns a plan that is not trusted, with the checksums of what it asks for."""
        return self._judge(plan, None)

    def _judge(self, plan: Plan, known: Known | None) -> SummedPlan:
        if plan.edit is None:
            return SummedPlan(plan, None)
        context = self.context.texts(plan.cells) if self.context else {}
        whole = whole_sum_of(plan.edit.body, context.values())
        if known and known.whole == whole and self._can_be_trusted(plan):
            return self._trusted(plan, known)
        clue = plan.edit.clue_id
        values = values_of(plan.edit.body)
        sums = {key: sum_of(clue, key, values.get(key)) for key in plan.fields}
        sums |= {f"{_CONTEXT}{key}": sum_of(clue, f"{_CONTEXT}{key}", text) for key, text in context.items()}
        if known and known.holds(sums) and self._can_be_trusted(plan):
            return self._trusted(plan, known)
        return SummedPlan(plan, self.applied.sums_as_text(whole, sums))

    def _can_be_trusted(self, plan: Plan) -> bool:
        """Tags that are added or taken away depend on the others that the clue has."""
        return plan.status is Status.PENDING and not (self.tags and _TAGS.intersection(plan.fields))

    def _trusted(self, plan: Plan, known: Known) -> SummedPlan:
        if plan.fields not in self._joined:
            self._joined[plan.fields] = ",".join(plan.fields)
        equal = self._joined[plan.fields]
        return SummedPlan(
            plan._replace(status=Status.UNCHANGED, edit=None, fields=(), cleared=()), None, (known.seen, known.run), equal
        )


def memory_of(
    journal: Journal, settings: Settings, app: str, headings: Sequence[str], options: RunOptions, rules: RowRules
) -> Memory:
    """Returns the memory for the rows of a sheet with these ``headings``."""
    context = None
    if rules.compare_columns:
        context = ContextCells(headings, rules, edit_keys=options.edit_keys, known=lambda clue, key: ())
    reconciling = options.reconciling or Reconciling()
    applied = journal.applied(settings.api.base_url, app)
    return Memory(applied, context, reconciling.trust_journal, options.tags is not None)


class TrustedClues:
    """The rows of a run that trust the ``memory``; this process drives it, and ``run_journal`` is what the journal holds of it.

    ``options`` and ``rules`` are those of the run; ``settings`` are those by which other runs are looked at.
    """

    def __init__(
        self,
        journal: Journal,
        run_journal: RunJournal,
        settings: Settings,
        options: RunOptions,
        rules: RowRules,
        memory: Memory,
    ) -> None:
        self._run_journal = run_journal
        self._rows = run_journal.trusted
        self._memory = memory
        self._reconciling = options.reconciling or Reconciling()
        self._mending = Mending(journal, run_journal, settings, options, rules, None)

    def settle(self) -> list[Message]:
        """Takes back the trust in rows for which only the whole sheet, or another run, tells that they are to be read, and
        chooses those that verify the memory. Returns what is said of the rest."""
        if not self._reconciling.trust_journal:
            return []
        self._distrust(self._rows.beside_others())
        self._distrust(self._rows.shared_with(self._memory.applied.not_taken_in(self._rows.run_id)))
        trusted = self._rows.count()
        number = math.ceil(trusted * self._reconciling.verify_share)
        if number:
            self._distrust(self._rows.seen_longest_ago(number), verifies=True)
        unread = self._rows.count() if number else trusted
        return [Message("reconcile.trusted", {"rows": unread, "verified": trusted - unread})] if trusted else []

    def drift(self) -> Drift:
        """Returns what those clues have shown by now that verify the memory."""
        return self._rows.drift()

    @property
    def has_drifted(self) -> bool:
        """Whether more clues hold something else than the memory says than is put up with, so that all are to be read."""
        drift = self.drift()
        return drift.share > self._reconciling.max_drift

    def distrust_all(self) -> int:
        """Makes that all clues are read. Returns how many rows those are."""
        rows = last = 0
        while some := self._rows.rows(last):
            self._distrust(some)
            rows += len(some)
            last = some[-1]
        return rows

    def _distrust(self, numbers: Sequence[int], *, verifies: bool = False) -> None:
        for start in range(0, len(numbers), BATCH):
            some = self._run_journal.mends.rows(numbers[start : start + BATCH])
            plans = [self._memory.summed(self._mending.read_again(row)) for row in some]
            self._rows.distrust(plans, verifies=verifies)


def trusted_clues(
    journal: Journal, run_journal: RunJournal, run: Run, settings: Settings, options: RunOptions, rules: RowRules
) -> TrustedClues:
    """Returns the trusted rows of a ``run`` that was planned, or begun, before."""
    memory = memory_of(journal, settings, run.app, run.headings, options, rules)
    return TrustedClues(journal, run_journal, settings, options, rules, memory)
