"""One sheet that was taken, from here to where it belongs: sent or refused, its results written, and moved.

Whatever was killed on the way is seen from two things alone: where the sheet lies, and what the journal says of the run that
was read from there. So each step can be done again, and a sheet that is moved has a run that is over, or none.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from .. import job
from ..errors import BatchEditorError, GuardTripped, Halted, Refused, ResultsNotWritten, SettingsError, UnderWay, reason_in
from ..events import Event, Started
from ..files import NO_ROOM
from ..journal.journal import Journal
from ..messages import language
from ..messages.command_line import typed_options
from ..model import HaltReason, Message, Run, RunState
from ..notify.night import Night, Tonight
from ..notify.outcome import Outcome, of_error, of_report
from ..notify.telling import Telling
from ..output.placing import stamp
from ..runs.earlier_runs import MAX_AGE_TO_CONTINUE
from ..runs.preview import Preview
from ..runs.reasons import reason_of
from ..settings.settings import Settings
from ..settings.zones import minute_in
from ..stop import Stop
from .claims import Claim, Claims
from .destinations import Destinations
from .looks import FileState
from .outcomes import Handled
from .places import fitting, free_names, is_same, move, write
from .refusals import reason_text

#: So long nobody is told again of a sheet that is where it was, for the same reason: passes may come every minute.
SAME_AGAIN = timedelta(hours=12)
#: The words for why a sheet is not sent that are about the sheet itself, beside those of the guards.
_OF_SHEET = frozenset({"sheet", "headings", "strict", "duplicates", "not_continued", "proof_refuted", "dismissed"})
#: Errors that are about the disk or the network, on which a sheet lies, or about this machine; and runs that wait for somebody.
_OF_ELSEWHERE = frozenset({"file.unreadable", "file.changed", "foreign.not_started", "inbox.too_old", "inbox.refuted"})


@dataclass(frozen=True, slots=True)
class Handling:
    """Handles the sheets of the inbox ``folder``, one after the other.

    ``telling`` and ``tonight`` are shared by the sheets of a pass. ``arguments`` are those of ``job.run`` beyond the settings,
    ``config`` is the settings file. ``on_preview`` sees what a run would do before it is sent, and ``on_trouble`` is told what
    goes wrong with telling of a sheet.
    """

    folder: Path
    settings: Settings
    config: Path | None
    journal: Journal
    claims: Claims
    destinations: Destinations
    arguments: Mapping[str, Any]
    stop: Stop
    telling: Telling
    tonight: Tonight
    on_event: Callable[[Event], None]
    on_preview: Callable[[Preview], None]
    on_trouble: Callable[[Message], None]
    now: Callable[[], datetime]

    def handle(self, claim: Claim) -> Handled:
        """Sends a sheet, or goes on with its run, and moves it to where it belongs. Returns what became of it, and raises
        nothing for that."""
        with self._night(claim.name) as night:
            state = claim.state()
            run = self._run_of(claim)
            with self.stop.within() as stop:
                handled = self._sent(claim, stop) if run is None else self._gone_on_with(claim, run, stop)
            run = self._run_of(claim)
            handled = replace(self._away(claim, handled, run, state), ends_pass=ends_pass(handled, run))
            if claim.sheet.exists():
                handled = replace(handled, stays_in=claim.sheet.parent)
            night.outcome = outcome_of(handled)
            night.once_in = None if handled.went_to else SAME_AGAIN
        return replace(handled, ends_pass=handled.ends_pass or handled.unmoved is not None)

    def not_taken(self, name: str, error: OSError) -> Handled:
        """Returns what became of a finished sheet that cannot be taken out of the inbox: whoever should know is told, since
        nothing else would say that it is never sent."""
        with self._night(name) as night:
            refused = Refused("inbox.not_taken", sheet=name, reason=reason_in(error))
            refused.reason = _reason_of_disk(error)
            is_of_folder = refused.reason is HaltReason.DISK_FULL or not os.access(self.folder, os.W_OK)
            handled = Handled(name, error=refused, ends_pass=is_of_folder)
            night.outcome = outcome_of(handled)
            night.once_in = SAME_AGAIN
        return handled

    def _night(self, name: str) -> Night:
        return Night(
            self.settings,
            series=str(self.folder),
            source=str(self.folder / name),
            on_trouble=self.on_trouble,
            telling=self.telling,
            stop=self.stop,
            tonight=self.tonight,
            in_inbox=True,
            config=self.config,
            clock=self.now,
        )

    def _away(self, claim: Claim, handled: Handled, run: Run | None, state: FileState | None) -> Handled:
        if state is not None and claim.state() is not None and claim.state() != state and not _is_unfinished(run):
            return self._changed(claim, handled)
        if handled.report is not None or handled.run is not None:
            return self._brought_away(claim, handled, run)
        return self._refused(claim, handled, run)

    # --- sent

    def _sent(self, claim: Claim, stop: Stop) -> Handled:
        def on_event(event: Event) -> None:
            if isinstance(event, Started):
                self.journal.of(event.run).sheet_moved(str(claim.sheet), in_inbox=str(self.folder / claim.name))
            self.on_event(event)

        try:
            report = job.run(
                claim.sheet,
                self.settings,
                output=self._results_of(claim),
                series=str(self.folder),
                confirm=self._shown,
                on_event=on_event,
                stop=stop,
                **self.arguments,
            )
        except BatchEditorError as error:
            return Handled(claim.name, error=_by_name(error, claim))
        return Handled(claim.name, report=report)

    def _results_of(self, claim: Claim) -> Path:
        """Returns where the results of a sheet go, in a folder that is there. Raises ``SettingsError`` where none can be."""
        target = self.destinations.results_of(claim.name)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _no_room(target.parent, error) from None
        if not os.access(target.parent, os.W_OK):
            raise _no_room(target.parent, PermissionError(errno.EACCES, os.strerror(errno.EACCES)))
        return target

    def _shown(self, preview: Preview) -> bool:
        self.on_preview(preview)
        return True

    def _gone_on_with(self, claim: Claim, run: Run, stop: Stop) -> Handled:
        if run.state.is_at_work or self.journal.is_driven(run.name):
            return Handled(claim.name, error=UnderWay("run.under_way", run=run.name))
        if run.dismissed:
            return Handled(claim.name, error=Refused("inbox.dismissed", run=run.name))
        if run.state is RunState.FINISHED:
            return self._finished(claim, run)
        words = {"run": run.name, "options": typed_options({"config": self.config})}
        if run.stoppage and run.stoppage.reason is HaltReason.PROOF_REFUTED:
            return Handled(claim.name, error=Halted("inbox.refuted", reason=run.stoppage.message, **words))
        if self.now() - datetime.fromisoformat(run.started) > MAX_AGE_TO_CONTINUE:
            hours = int(MAX_AGE_TO_CONTINUE / timedelta(hours=1))
            started = minute_in(self.settings.zone, run.started)
            return Handled(claim.name, error=Refused("inbox.too_old", started=started, hours=hours, **words))
        try:
            arguments = {name: value for name, value in self.arguments.items() if name == "until"}
            report = job.resume(run.name, self.settings, confirm=self._shown, on_event=self.on_event, stop=stop, **arguments)
        except BatchEditorError as error:
            return Handled(claim.name, error=error)
        return Handled(claim.name, report=report, notes=[Message("inbox.gone_on_with", {"sheet": claim.name, "run": run.name})])

    def _finished(self, claim: Claim, run: Run) -> Handled:
        """Writes the results of a run that is over, where that failed before."""
        if run.results is None or not Path(run.results).exists():
            try:
                target = self._results_of(claim)
                job.results_again(self.journal, run.name, target, language(self.settings.lang), self.on_event)
            except (ResultsNotWritten, SettingsError) as error:
                return Handled(claim.name, run=run, unmoved=error)
        return Handled(claim.name, run=self.journal.run(run.name))

    # --- brought away

    def _brought_away(self, claim: Claim, handled: Handled, run: Run | None) -> Handled:
        if _is_unfinished(run) or handled.unmoved or (handled.report is not None and handled.report.unwritten):
            return handled
        return self._moved(claim, handled, self.destinations.done, run)

    def _refused(self, claim: Claim, handled: Handled, run: Run | None) -> Handled:
        if handled.error is None or not is_of_sheet(handled.error):
            if run is None and claim.state() is not None:
                self._laid_back(claim)
            return handled
        try:
            folder = self.destinations.refused()
            names = free_names(folder, claim.name)
            name = next(path.name for path in names if not os.path.lexists(path) or is_same(path, claim.sheet))
            handled = self._with_reason(claim, handled, folder, name)
        except SettingsError as error:
            return replace(handled, unmoved=error)
        except OSError as error:
            return replace(handled, unmoved=_no_room(folder, error))
        return self._moved(claim, handled, self.destinations.refused, run, name)

    def _with_reason(self, claim: Claim, handled: Handled, folder: Path, name: str) -> Handled:
        """Lays the check sheet and the reason where the sheet, which comes last, will be called ``name``."""
        check_sheet = handled.error.check_sheet if handled.error else None
        if check_sheet is not None:
            handled = replace(handled, check_sheet=move(check_sheet, folder, check_sheet.name))
        text = reason_text(handled, self.settings.lang, self.now().astimezone(self.settings.zone))
        handled = replace(handled, reason_file=write(folder, fitting(name, ".reason.txt"), text, beside=claim.sheet))
        for path in (handled.check_sheet, handled.reason_file):
            if path is not None:
                self._remember(path, None)
        return handled

    def _moved(
        self, claim: Claim, handled: Handled, destination: Callable[[], Path], run: Run | None, name: str | None = None
    ) -> Handled:
        """Moves a sheet and its marker; that comes first, since a marker that is alone says that its sheet was not taken."""
        try:
            folder = destination()
        except SettingsError as error:
            return replace(handled, unmoved=error)
        try:
            if claim.marker is not None:
                self._remember(move(claim.marker, folder, claim.marker.name), run)
            went_to = move(claim.sheet, folder, name or claim.name)
        except OSError as error:
            return replace(handled, unmoved=_no_room(folder, error))
        claim.close()
        if run is not None:
            with suppress(Halted):  # the sheet is there; a journal that is full can only not remember where
                self.journal.of(run.name).sheet_moved(str(went_to))
        self._remember(went_to, run)
        return replace(handled, went_to=went_to)

    def _remember(self, path: Path, run: Run | None) -> None:
        with suppress(Halted):
            self.journal.files.remember(str(path), stamp(path) or "", run=run.name if run else None, series=str(self.folder))

    def _changed(self, claim: Claim, handled: Handled) -> Handled:
        """Lays a sheet back that somebody went on writing while it was at work: the next pass takes it as it is then."""
        self._laid_back(claim)
        return replace(handled, notes=[*handled.notes, Message("inbox.changed", {"sheet": claim.name})])

    def _laid_back(self, claim: Claim) -> None:
        try:
            self.claims.put_back(claim)
        except OSError:  # it stays where it is, and is the first of the next pass
            return

    def _run_of(self, claim: Claim) -> Run | None:
        runs = self.journal.runs_of(str(claim.sheet))
        return next((run for run in runs if run.state not in (RunState.ABANDONED, RunState.PLANNED)), None)


def _by_name(error: BatchEditorError, claim: Claim) -> BatchEditorError:
    """Has an error name the sheet as people know it: where it was taken to, it will not be found any more."""
    values = {name: claim.name if str(value) == str(claim.sheet) else value for name, value in error.message.values.items()}
    error.message = replace(error.message, values=values)
    return error


def is_of_sheet(error: BatchEditorError) -> bool:
    """Whether a sheet was not sent because of what it is, so that the next one may be sent all the same."""
    if not isinstance(error, Refused) or error.message.key in _OF_ELSEWHERE:
        return False
    return isinstance(error, GuardTripped) or reason_of(error) in _OF_SHEET


def ends_pass(handled: Handled, run: Run | None) -> bool:
    """Whether the sheets after this one are not tried in the same pass: what stopped this one would stop them as well."""
    if handled.report is not None:
        held_back = run is not None and run.stoppage is not None and run.stoppage.reason is HaltReason.HELD_BACK
        return handled.report.exit_code == 3 and not held_back
    if handled.error is None or isinstance(handled.error, UnderWay):
        return False
    return handled.error.message.key not in ("inbox.too_old", "file.changed") and not is_of_sheet(handled.error)


def outcome_of(handled: Handled) -> Outcome:
    """Returns the outcome of the night of a sheet."""
    if handled.report is not None:
        outcome = of_report(handled.report)
    elif handled.error is not None:
        outcome = of_error(handled.error)
        outcome = replace(outcome, check_sheet=handled.check_sheet or outcome.check_sheet)
    else:
        run = handled.run
        counts = {**run.counts} if run and run.counts else {}
        results = Path(run.results) if run and run.results else None
        outcome = Outcome(0, run=run.name if run else None, rows=sum(counts.values()), counts=counts, results=results)
    why = handled.unmoved.message if handled.unmoved else outcome.why
    return replace(outcome, exit_code=handled.exit_code, reason=handled.reason, why=why, went_to=handled.went_to)


def _is_unfinished(run: Run | None) -> bool:
    return run is not None and run.state.has_ended_early and not run.dismissed


def _no_room(folder: Path, error: OSError) -> SettingsError:
    refused = SettingsError("inbox.no_room", folder=folder, reason=reason_in(error))
    refused.reason = _reason_of_disk(error)
    return refused


def _reason_of_disk(error: OSError) -> HaltReason:
    return HaltReason.DISK_FULL if error.errno in NO_ROOM else HaltReason.OTHER
