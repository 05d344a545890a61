"""What the journal holds of one run, in parts with one kind of reader each.

Who plans the run, who sends it and who reads it each find their part here; the run as a whole has its state, the place of
its sheet and that of its results. ``Journal.of`` hands it on.
"""

from __future__ import annotations

from dataclasses import replace

from ..errors import UnderWay
from ..model import RunState, Stoppage, Undoable
from .columns import message_to_json, path_from_text, path_to_text, to_json
from .leases import Lease
from .mends import Mends
from .newer_values import NewerValues
from .owner import Owner
from .planned_changes import PlannedChanges
from .planning import Planning
from .put_back import PutBack
from .queries import Queries
from .row_pages import RowPages
from .sending import Sending
from .store import Store
from .times import moment_of
from .trusted import TrustedRows


class RunJournal:
    """What the journal holds of the run ``name``: for who plans it, for those who send it, and for who reads it.

    With a ``lease`` they send the shard of the run that this process has it on. ``claim`` is how often somebody had begun to
    drive the run when this process did, in a journal in which somebody else can take over.
    """

    def __init__(self, store: Store, run_id: int, name: str, lease: Lease | None = None, claim: int | None = None) -> None:
        self.name = name
        self.run_id = run_id
        self.planning = Planning(store, run_id)
        owner = None
        if lease is not None:
            owner = Owner.of_shard(run_id, lease.shard, lease.epoch)
        elif store.is_shared:
            owner = Owner.of_run(run_id, claim)
        self.sending = Sending(store, run_id, lease.part if lease else None, owner=owner)
        self.queries = Queries(store, run_id)
        self.newer_values = NewerValues(store, run_id)
        self.put_back = PutBack(store, name)
        self.mends = Mends(store, run_id)
        self.row_pages = RowPages(store, run_id)
        self.trusted = TrustedRows(store, run_id)
        self._store = store
        self._run_id = run_id
        self._claim = claim

    def set_state(self, state: RunState, *, stoppage: Stoppage | None = None, when: str | None = None) -> None:
        """Sets the run's state and why it stopped early; ``FINISHED`` and ``STOPPED`` also set the counts and ``when``.

        Raises ``UnderWay`` where somebody else has taken over the run, and leaves it as it is.
        """
        ended = state in (RunState.FINISHED, RunState.STOPPED)
        finished = moment_of((when or self._store.now()) if ended else "")[:2]
        counts = to_json(self.queries.counts()) if ended else None
        reason = stoppage.reason if stoppage else None
        halted = to_json(message_to_json(stoppage.message)) if stoppage else None
        self._store.change(
            "UPDATE runs SET state = ?, finished = ?, finished_offset = ?, counts = ?, halt_reason = ?, halted = ?"
            " WHERE id = ? AND driven = coalesce(?, driven)",
            [(state, *finished, counts, reason, halted, self._run_id, self._claim)],
        )
        if self._claim is not None and self._store.find("SELECT driven FROM runs WHERE id = ?", self._run_id) != [
            (self._claim,)
        ]:
            raise UnderWay("run.taken_over", run=self.name)
        if state is RunState.SENDING:  # somebody has decided otherwise
            self._store.change("UPDATE runs SET dismissed = NULL WHERE id = ? AND dismissed IS NOT NULL", [(self._run_id,)])

    def confirmed(self, person: str) -> None:
        """Keeps who has agreed that the run is sent."""
        self._store.change("UPDATE runs SET confirmed_by = ? WHERE id = ?", [(person or None, self._run_id)])

    def ask_to_stop(self) -> None:
        """Asks whoever drives the run, maybe another process, to stop; who drives it next is not asked, nor who drives it
        instead of this process by now."""
        sql = "UPDATE runs SET stop_asked = TRUE WHERE id = ? AND driven = coalesce(?, driven)"
        self._store.change(sql, [(self._run_id, self._claim)])

    def undoable(self) -> Undoable:
        """Returns what an undo of the run can do now."""
        undoable = self.queries.count_undoable()
        if not undoable.rows:
            return undoable
        done = sum(1 for row, fields in self.put_back.by_row() if self.queries.known_before(row) <= {*fields})
        return replace(undoable, rows=max(0, undoable.rows - done), put_back=done)

    def planned_changes(
        self, number: int, *, maybe_applied: bool, field: str | None = None, cleared: bool = False
    ) -> PlannedChanges:
        """Returns the first ``number`` rows that are to be sent, to be looked at in pages."""
        return PlannedChanges(self._store, self._run_id, number, maybe_applied=maybe_applied, field=field, cleared=cleared)

    def source_of(self, run: str) -> str:
        """Returns the source of another run, which is empty if there is none (any more)."""
        return next(
            (path_from_text(source) for (source,) in self._store.find("SELECT source FROM runs WHERE name = ?", run)), ""
        )

    def sheet_moved(self, path: str, *, in_inbox: str | None = None) -> None:
        """Keeps where the sheet of the run lies now; ``in_inbox``, where it lay before it was taken from there."""
        self._store.change(
            "UPDATE runs SET source = ?, in_inbox = coalesce(?, in_inbox) WHERE id = ?",
            [(path_to_text(path), path_to_text(in_inbox or "") or None, self._run_id)],
        )

    def remember_results(self, path: str, stamp: str) -> None:
        """Keeps where the results sheet of the run was written, and what the file looks like."""
        self._store.change("UPDATE runs SET results = ?, stamp = ? WHERE id = ?", [(path_to_text(path), stamp, self._run_id)])
