"""Drives a prepared run to its report: reads what is to be read first, asks, proves, sends, and writes down how it ended.

Which exit code that makes is left to ``ending``, the proof to ``first_edit``, what goes on with the CRM to ``session``.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..crm.pace import duration
from ..errors import BatchEditorError, CrmDown, Declined, Halted, ResultsNotWritten, TimeIsUp
from ..events import Event, Notice
from ..journal.run_journal import RunJournal
from ..messages import language
from ..messages.time import spoken
from ..model import HaltReason, Message, RunState, Stoppage
from ..settings.sections import Guards
from ..settings.settings import Settings, app_of
from ..stop import Stop
from .check_sheets import leave_check_sheet, tell_rows
from .closing import close_if_over
from .comparing import with_differences, with_losses
from .ending import Ending, cuts_short
from .first_edit import PROOF_PENDING, FirstEdit, proves_first, wants_proof
from .handing_out import hand_out
from .kept_plans import check_plan
from .memory_use import memory_use
from .merging import merger_of
from .options import RunOptions
from .prepared import PreparedRun
from .preview import Circumstances, Preview, build_preview
from .reasons import not_asked, reason_of
from .reconciling import TrustedClues, trusted_clues
from .report import Report
from .results import MOST_REASONS, nothing_sent, summary_counts, write_results
from .session import Session
from .sharing import Sharing
from .stop_watch import StopWatch
from .written_files import WrittenFiles


@dataclass(slots=True)
class Drive:
    """One prepared run, which this process drives, from here to its report.

    ``attended``: somebody is asked, so that everything is read before. ``unproved`` is set until a proof that is asked for has
    succeeded. ``asked_output``: somebody has named the file of the results. ``prove`` says whether the first edit is proved,
    None that the settings say so; ``person`` is the name of who has agreed already. ``preview`` is what is known of the run by
    now: clues that are read, and what differs, come in later. Of ``set_above`` rows, which it calls unchanged, nothing is to be
    sent if the rows of their clue above them are. ``trusted`` are the rows whose clues are not read, where the memory of what
    was applied is trusted; ``distrusted`` of them are read after all. With ``detach`` the run is left to workers once its first
    edit is proved; ``detached`` says that it was.
    """

    prepared: PreparedRun
    stop: Stop
    on_event: Callable[[Event], None]
    attended: bool
    asked_output: bool = False
    unproved: bool = False
    prove: bool | None = None
    person: str = ""
    detach: bool = False
    detached: bool = field(default=False, init=False)
    set_above: int = field(default=0, init=False)
    distrusted: int = field(default=0, init=False)
    trusted: TrustedClues | None = field(default=None, init=False)
    settings: Settings = field(init=False)
    preview: Preview = field(init=False)

    def __post_init__(self) -> None:
        self.preview = self.prepared.preview
        self.settings = self.prepared.settings
        if self.options.undo:  # guards are about sheets, and a way back must not be barred
            self.settings = self.settings.model_copy(update={"guards": Guards()})
        if self.options.trusts_journal:
            prepared = self.prepared
            run = prepared.journal.run(prepared.name)
            self.trusted = trusted_clues(prepared.journal, self.run, run, self.settings, self.options, prepared.rules)

    @property
    def options(self) -> RunOptions:
        """What the run was told."""
        return self.prepared.options

    @property
    def run(self) -> RunJournal:
        """What the journal holds of the run."""
        return self.prepared.run

    def execute(self, target: Path | None, began: float, confirm: Callable[[Preview], bool] | None) -> Report:
        """Asks ``confirm``, if there is one, sends, and writes the results to ``target``: what every way to send has in common.

        ``began`` is when the job began, by ``time.monotonic``. Raises ``Refused`` if nothing was sent. Somebody elsewhere may
        ask the run to stop from here on.
        """
        with ExitStack() as opened:
            opened.enter_context(StopWatch(self.run.sending.stop_asked, self.stop))
            try:
                check_plan(self.prepared, self.preview, attended=self.attended)
                session = opened.enter_context(self.session()) if self.preview.calls else None
                if session and self.preview.reads and self._reads_ahead():
                    with nothing_sent():
                        self.run.set_state(RunState.READING)
                    self.read(session)
                    if self._distrust_drifted():
                        self.preview = self._counted(self.preview.circumstances)
                        self.read(session)
                    if session.unreadable and self._judges():
                        raise CrmDown("reading.unsure", clues=session.unreadable)
                    check_plan(self.prepared, self.preview, attended=self.attended)
                elif self.attended:
                    self._compare()
                if self.attended:
                    with nothing_sent():
                        self.preview = with_losses(self.preview, self.prepared)
                proves = proves_first(self.preview, self.prepared, prove=self.prove, attended=self.attended)
                self.preview = replace(self.preview, proves=proves)
                asked = time.monotonic()
                if self.preview.calls and confirm and not confirm(self.preview):
                    raise Declined("prompt.declined")
                began += time.monotonic() - asked  # how long somebody thought is no time of ours
                with nothing_sent():  # if the program ends now, a run that is gone on with has to know that nothing is proved
                    self.unproved = self.preview.proves
                    if self.person:
                        self.run.confirmed(self.person)
                    self.run.set_state(RunState.SENDING, stoppage=self._proof_to_come())
            except BatchEditorError as error:
                tell_rows(error, self.prepared)
                leave_check_sheet(error, self.prepared, self.preview, target, attended=self.attended, on_event=self.on_event)
                if isinstance(error, CrmDown | TimeIsUp):
                    self._keep(error.stoppage)
                else:
                    self.prepared.abandon()
                raise
            except BaseException:
                self.prepared.abandon()
                raise
            halted = None
            if session and self.preview.calls:
                try:
                    halted = self._send(session)
                except BaseException:
                    with suppress(Halted):
                        self.run.set_state(RunState.STOPPED, stoppage=self._proof_to_come())
                    raise
            return self._left_to_workers(began) if self.detached else self._report(session, halted, target, began)

    def _keep(self, stoppage: Stoppage) -> None:
        """Leaves a run that stopped before anything was sent: where nobody is asked it is gone on with later, and clues that
        were read are not read again."""
        earlier = self.prepared.earlier
        is_waiting = earlier is not None and not earlier.state.has_ended_early
        if self.attended or is_waiting or (earlier and earlier.stoppage and wants_proof(earlier.stoppage)):
            self.prepared.abandon()
            return
        with suppress(Halted):
            self.run.set_state(RunState.STOPPED, stoppage=stoppage)

    def read_all(self) -> None:
        """Reads the clues of a run that is not sent now, so that its ``preview`` says what differs. Raises ``Refused`` or
        ``Halted`` if reading halts, or no clue at all can be read."""
        clues = self.preview.reads
        if not clues:
            self._compare()
            return
        with StopWatch(self.run.sending.stop_asked, self.stop), self.session() as session:
            self.read(session)
        if self.preview.reads == clues and (reasons := self.run.queries.reasons(1)):
            raise not_asked("reading.halted", Stoppage(HaltReason.OTHER, reasons[0][1]))

    def session(self) -> Session:
        """Opens the way to the CRM. Raises ``Refused`` where there cannot be one."""
        prepared = self.prepared
        run = prepared.journal.run(prepared.name)
        merger = merger_of(run, self.run, self.options, prepared.rules, prepared.index)
        with nothing_sent():
            return Session(prepared.journal, run.name, merger, self.settings, app_of(self.settings), self.stop, self.on_event)

    def read(self, session: Session) -> None:
        """Reads the clues of all rows that will be sent, before the first of them is. Raises ``Refused`` or ``Halted`` if
        that halts."""
        self.on_event(Notice(_reading(self.preview)))
        halted = session.read(self.preview.calls)
        session.tell()
        if halted:
            raise not_asked("reading.halted", halted)
        circumstances = self.preview.circumstances
        if reason := session.merger.unread_reason:
            notes = [*circumstances.notes, Message("reading.without_old_values", {"reason": reason})]
            circumstances = replace(circumstances, notes=notes)
        preview = self._counted(circumstances)
        self.preview = replace(preview, reads=session.unreadable)  # the others that are left are beyond the limit
        self._compare()

    def _counted(self, circumstances: Circumstances) -> Preview:
        with nothing_sent():
            return build_preview(self.run, circumstances, maybe_applied=self.settings.retry.ambiguous)

    def _compare(self) -> None:
        """Finds what differs, for whoever is asked."""
        with nothing_sent():
            self.preview = with_differences(self.preview, self.prepared)

    def _reads_ahead(self) -> bool:
        """Returns whether everything is read before anything is sent: somebody is asked, or a rule is about the whole of it."""
        return self.attended or self._judges()

    def _judges(self) -> bool:
        return self.options.strict or self.settings.guards.judge_clues

    def _proof_to_come(self) -> Stoppage | None:
        return PROOF_PENDING if self.unproved else None

    def _send(self, session: Session) -> Stoppage | None:
        preview, only = self.preview, self.options.prove_only
        session.total = 1 if only else preview.calls
        self.set_above = self.run.queries.count_set_above()
        if session.is_old:
            self.run.sending.read_again(maybe_applied=self.settings.retry.ambiguous, shown=True)
            if self.options.only_changed and not self.options.only_empty:  # which is compared once more
                self.on_event(Notice(Message("notice.as_shown", {"time": spoken(session.age)}), is_warning=True))
        if preview.proves:
            halted = FirstEdit(session, self.prepared.rules).prove(preview.counts.pending if only else preview.calls, only=only)
            self.unproved = halted is not None
            if halted or only:
                session.tell()
                return halted
            self.run.set_state(RunState.SENDING)
        limit = preview.circumstances.options.limit
        if self.detach:
            most = None if limit is None else preview.calls - session.done
            self.detached = hand_out(self.prepared.journal, self.run.name, self.settings, most) > 0
            session.tell()
            return None
        send = self._sending(session)
        halted = send(preview.calls + (self.set_above if limit is None else 0))
        if halted is None and (rows := self._distrust_drifted()):
            self.distrusted = rows
            to_send = self.run.queries.count_to_send(maybe_applied=self.settings.retry.ambiguous)  # with those that have failed
            halted = send(session.done + to_send if limit is None else min(session.done + rows, limit))
        session.tell()
        return halted

    def _sending(self, session: Session) -> Callable[[int], Stoppage | None]:
        """Returns what sends until so many edits have an outcome: this process alone, or together with workers."""
        journal = self.prepared.journal
        if not journal.is_shared:
            return session.send
        is_limited = self.preview.circumstances.options.limit is not None
        sharing = Sharing(journal, session, self.settings, self.stop, self.on_event)
        return lambda total: sharing.send(total - session.done if is_limited else None)

    def _distrust_drifted(self) -> int:
        """Makes that all clues are read where too many of those that were hold something else than the memory says. Returns how
        many rows those are."""
        if self.trusted is None or not self.trusted.has_drifted:
            return 0
        drift = self.trusted.drift()
        rows = self.trusted.distrust_all()
        if rows:
            values = {"drifted": drift.drifted, "verified": drift.verified, "rows": rows}
            self.on_event(Notice(Message("reconcile.all_read", values)))  # the summary says it as well
        return rows

    def _left_to_workers(self, began: float) -> Report:
        """Returns how far the run is that workers go on with from here."""
        journal, name = self.prepared.journal, self.run.name
        counts = summary_counts(self.run.queries.counts())
        left = self.run.queries.count_to_send(maybe_applied=self.settings.retry.ambiguous)
        journal.let_go(name)
        close_if_over(journal, name, self.settings)  # where workers were through before it was let go
        return Report(
            run=name,
            exit_code=0,
            rows=sum(counts.values()),
            counts=counts,
            results=None,
            seconds=time.monotonic() - began,
            preview=self.preview,
            left=left,
            journal=journal.address if isinstance(journal.address, Path) else journal.place,
            address=journal.address,
            lang=language(self.settings.lang),
            index=self.prepared.index,
            detached=True,
        )

    def _report(self, session: Session | None, halted: Stoppage | None, target: Path | None, began: float) -> Report:
        """Writes down how the run ended, and its results."""
        journal, run, preview = self.prepared.journal, self.run, self.preview
        lang = language(self.settings.lang)
        counts = summary_counts(run.queries.counts())
        to_send = run.queries.count_to_send(maybe_applied=self.settings.retry.ambiguous)
        ending = Ending(
            pending=preview.counts.pending + self.set_above + self.distrusted,
            limit=preview.circumstances.options.limit,
            done=session.done if session else 0,
            dropped=session.dropped if session else 0,
            counts=counts,
            only_proves=self.options.prove_only,
            unproved=self.unproved,
            cut_short=cuts_short(halted, counts, to_send),
        )
        halted = ending.stoppage(halted)
        written = None
        unwritten = None
        unwritten_reason = None
        moment = journal.now()
        is_recorded = True
        state = ending.state
        if target is not None:
            try:
                ended = replace(journal.run(run.name), state=state, stoppage=halted, finished=moment)
                asked = self.asked_output or (not self.options.undo and self.options.output == str(target))
                written = write_results(run, ended, target, lang, WrittenFiles(journal, self.on_event), asked=asked)
            except ResultsNotWritten as error:
                unwritten = error.message
                unwritten_reason = reason_of(error)
        try:  # now that the results are there: a run that is killed before is gone on with, and not sent once more
            self.run.set_state(state, stoppage=halted, when=moment)
        except Halted as error:
            halted = error.stoppage
            is_recorded = False
        undoable = run.undoable()
        return Report(
            run=run.name,
            exit_code=replace(ending, unwritten=unwritten is not None, unrecorded=not is_recorded).exit_code,
            rows=sum(counts.values()),
            counts=counts,
            results=written,
            seconds=time.monotonic() - began,
            preview=preview,
            halted=halted.message if halted else None,
            halt_reason=halted.reason if halted else HaltReason.OTHER,
            unwritten=unwritten,
            unwritten_reason=unwritten_reason,
            reasons=run.queries.reasons(MOST_REASONS),
            slowed=session.slowed if session else 1.0,
            left=0 if self.options.prove_only else to_send,
            journal=journal.address if isinstance(journal.address, Path) else journal.place,
            address=journal.address,
            lang=lang,
            undoable_rows=undoable.rows,
            changed_rows=undoable.changed,
            not_repeated=run.queries.not_to_be_repeated(maybe_applied=self.settings.retry.ambiguous),
            index=self.prepared.index,
            memory=memory_use(run, self.options),
        )


def _reading(preview: Preview) -> Message:
    """Returns what is said before clues are read; how many that will be is not known where some may turn out equal, under a
    limit."""
    if preview.circumstances.options.compares and preview.calls < preview.counts.pending:
        return Message("notice.reading_until", {"edits": preview.calls})
    of_old_values = preview.circumstances.options.reads_if_it_can
    return Message(
        "notice.reading_old_values" if of_old_values else "notice.reading",
        {"clues": preview.reads, "time": spoken(duration(preview.reads, preview.circumstances.limits))},
    )
