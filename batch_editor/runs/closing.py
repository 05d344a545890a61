"""Closes a run that was sent in shards and that nobody drives: its driver has left it to the workers, or is lost.

Whoever ends the last shard closes the run, and so does whoever looks after shards that nobody drives. How the run ended is
decided as where one process sends it; no results sheet is written, since any machine can write it from the journal.
"""

from __future__ import annotations

from ..errors import UnderWay
from ..journal.journal import Journal
from ..model import HaltReason, Message, Run, Stoppage
from ..settings.row_rules import RowRules
from ..settings.settings import Settings
from .ending import Ending, cuts_short
from .handing_out import hand_out
from .options import RunOptions
from .reconciling import trusted_clues
from .results import summary_counts
from .shard_counts import ShardCounts, added, are_over, stoppage_of


def close_if_over(journal: Journal, name: str, settings: Settings) -> bool:
    """Closes the run called ``name`` where its shards have ended, and nobody drives it; returns whether it did.

    ``settings`` are those of its tenant.
    """
    run = journal.run(name)
    shards = journal.leases.progress(journal.of(name).run_id)
    stops = run.stop_asked or not run.state.is_at_work
    if not are_over(shards, stops=stops) or journal.is_claimed(name):
        return False
    try:
        journal.claim(name, takes_over=False)
    except UnderWay:
        return False
    try:
        return _close(journal, run, settings)
    finally:
        journal.let_go(name)


def _close(journal: Journal, run: Run, settings: Settings) -> bool:
    """Closes a ``run`` that this process drives, as far as that is to be said now."""
    held = journal.of(run.name)
    shards = journal.leases.progress(held.run_id)
    has_ended = not journal.run(run.name).state.is_at_work  # whoever drove it has said how, and left its workers to it
    if not are_over(shards, stops=run.stop_asked or has_ended):
        return False  # somebody goes on with it, or has closed it
    if has_ended:
        journal.leases.drop(held.run_id)
        return False
    maybe_applied = settings.retry.ambiguous
    total = added(map(ShardCounts.of, shards))
    halted = stoppage_of(shards, total)
    if halted is None and run.stop_asked:
        halted = Stoppage(HaltReason.ASKED, Message("halt.asked"))
    if halted is None and _reads_more(journal, run, settings):
        return False
    held.sending.abandon(Message("failed.abandoned"))
    counts = summary_counts(held.queries.counts())
    to_send = held.queries.count_to_send(maybe_applied=maybe_applied)
    ending = Ending(
        pending=total.held_back, limit=None, done=0, dropped=0, counts=counts, cut_short=cuts_short(halted, counts, to_send)
    )
    held.set_state(ending.state, stoppage=ending.stoppage(halted))
    journal.leases.drop(held.run_id)
    return True


def _reads_more(journal: Journal, run: Run, settings: Settings) -> bool:
    """Whether the run goes on, since too many clues hold something else than the memory says: then all of them are read."""
    options, rules = RunOptions.from_json(run.options), RowRules.from_record(run.settings)
    if not options.trusts_journal:
        return False
    trusted = trusted_clues(journal, journal.of(run.name), run, settings, options, rules)
    if not (trusted.has_drifted and trusted.distrust_all()):
        return False
    return hand_out(journal, run.name, settings) > 0
