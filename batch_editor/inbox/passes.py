"""One pass over an inbox: what was begun is gone on with, then each sheet that is finished is taken, the oldest first.

A pass waits for the second look at what lies there; what is still growing then is left to the next pass. Whoever looks again
and again keeps the looks of before, and waits for nothing within a pass.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil, inf
from pathlib import Path
from typing import Any

from ..errors import BatchEditorError, Refused, UnderWay
from ..events import Event, Notice
from ..journal.journal import Journal
from ..journal.machine import steady_clock
from ..model import HaltReason, Message
from ..notify.night import Night, Tonight, telling_of
from ..notify.outcome import of_error
from ..notify.telling import Telling
from ..output.placing import stamp
from ..runs.journal_file import open_journal
from ..runs.preview import Preview
from ..runs.reasons import INTERRUPTED, reason_of
from ..settings.name_tables import TableFile
from ..settings.settings import Settings, require_credentials
from ..settings.spans import seconds_in
from ..stop import Stop
from .claims import Claim, Claims
from .destinations import Destinations
from .endings import Ending, ending_of
from .folder import Listing, list_folder
from .handling import Handling
from .looks import APART, Looks, Seen, seconds_to_wait
from .outcomes import Handled, NothingCame, Pass
from .pulse import Pulse
from .turn import my_turn

#: How many names a note holds.
_MOST_NAMES = 10
#: Why a sheet is left that was not written to between two looks, by how it ends.
_WHY_LEFT = {Ending.BROKEN: "inbox.broken", Ending.EMPTY: "inbox.empty", Ending.FORBIDDEN: "inbox.forbidden"}
#: The word for a pass that ended since its time was up.
UNTIL = HaltReason.UNTIL.value


def _nothing(*_: object) -> None:
    """Is called where nobody wants to be told."""


@dataclass(frozen=True, slots=True)
class Inbox:
    """A ``folder`` in which sheets land, and how they are sent.

    ``marker`` is how the names of the files end that say that a sheet is finished; without one that is judged by looks.
    ``arguments`` are those of ``job.run`` for each sheet, and ``until`` is when a pass stops. ``config`` is the settings file,
    which is no sheet. ``on_taken`` is called with the name of a sheet before it is handled, ``on_handled`` with what became of
    it, ``on_trouble`` with what goes wrong with telling of it.
    """

    folder: Path
    settings: Settings
    marker: str | None = None
    config: Path | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    until: datetime | None = None
    stop: Stop = field(default_factory=Stop)
    on_event: Callable[[Event], None] = _nothing
    on_preview: Callable[[Preview], None] = _nothing
    on_taken: Callable[[str], None] = _nothing
    on_handled: Callable[[Handled], None] = _nothing
    on_trouble: Callable[[Message], None] = _nothing
    clock: Callable[[], float] = field(default_factory=steady_clock)
    now: Callable[[], datetime] = lambda: datetime.now().astimezone()
    wait: Callable[[float], object] | None = None
    looks: Looks = field(default_factory=Looks)
    pulse: Pulse = field(default_factory=Pulse)
    _ends: float = field(init=False)

    def __post_init__(self) -> None:
        seconds = (self.until - self.now()).total_seconds() if self.until is not None else inf
        object.__setattr__(self, "_ends", self.clock() + seconds)

    def one_pass(self, *, patient: bool = True) -> Pass:
        """Makes one pass, and returns what it has come to. One that is not ``patient`` does not wait for a second look.

        Raises ``Refused`` where nothing can be done at all: there is no such folder, there are no credentials, the journal
        cannot be opened; and ``UnderWay`` where another process is at work on this inbox, which nobody is told: it is that
        process that tells.
        """
        telling = telling_of(self.settings, self.stop)
        is_at_sheet = False
        try:
            require_credentials(self.settings)
            with my_turn(self.settings.state_dir, self.folder) as owner, open_journal(self.settings) as journal:
                this_pass = _Round(self, journal, owner, telling)
                if patient:
                    self.pulse.start(self.settings, self.on_trouble)
                try:
                    outcome = this_pass.go(patient=patient)
                finally:
                    is_at_sheet = this_pass.is_at_sheet
        except UnderWay:
            raise
        except BaseException as error:
            night = None if is_at_sheet else self.night(telling)
            self.pulse.fail(error, night, self.settings, self.on_trouble)
            raise
        self.pulse.end(outcome, self.settings, self.on_trouble, self.clock())
        return outcome

    def seconds_left(self) -> float:
        """Returns how many seconds of work are left, by whichever clock says less: one of the two may have been set."""
        if self.until is None:
            return inf
        return max(0.0, min((self.until - self.now()).total_seconds(), self._ends - self.clock()))

    def night(self, telling: Telling) -> Night:
        """Returns a night that is about the folder, and about no sheet."""
        series = str(self.folder)
        arguments: dict[str, Any] = {"on_trouble": self.on_trouble, "telling": telling, "stop": self.stop, "clock": self.now}
        return Night(self.settings, series=series, source=series, in_inbox=True, config=self.config, **arguments)


class _Round:
    """One pass, while it goes on."""

    def __init__(self, inbox: Inbox, journal: Journal, owner: str, telling: Telling) -> None:
        self.is_at_sheet = False
        self._inbox = inbox
        self._telling = telling
        self._journal = journal
        self._claims = Claims(inbox.folder, owner, inbox.marker)
        self._handled = list[Handled]()
        self._notes = list[Message]()
        self._ended = False
        self._tables = {Path(table.file).resolve() for table in inbox.settings.lookups.values() if isinstance(table, TableFile)}
        if inbox.config is not None:
            self._tables.add(inbox.config.resolve())
        arguments = dict(inbox.arguments)
        if inbox.until is not None:
            arguments["until"] = inbox.until
        self._handling = Handling(
            folder=inbox.folder,
            settings=inbox.settings,
            config=inbox.config,
            journal=journal,
            claims=self._claims,
            destinations=Destinations(inbox.folder, inbox.settings, inbox.now),
            arguments=arguments,
            stop=inbox.stop,
            telling=telling,
            tonight=Tonight(),
            on_event=inbox.on_event,
            on_preview=inbox.on_preview,
            on_trouble=inbox.on_trouble,
            now=inbox.now,
        )

    def go(self, *, patient: bool) -> Pass:
        """Goes through the inbox once."""
        listing = self._list()
        untaken = set(listing.sheets)
        error: BatchEditorError | None = None
        for claim in self._claims.ours():
            if not self._is_over():
                self._handle(claim)
        try:
            while not self._is_over():
                listing = self._list()
                seen = self._inbox.looks.take(listing.sheets, self._inbox.clock())
                ready, seconds = self._next(listing, {name: seen[name] for name in untaken if name in seen})
                if ready is not None:
                    untaken.discard(ready)
                    self._take(ready, listing)
                elif seconds is not None and patient:
                    self._inbox.on_event(Notice(Message("inbox.looks_again", {"seconds": ceil(seconds)})))
                    (self._inbox.wait or self._inbox.stop.soft.wait)(min(seconds, APART))
                else:
                    break
            listing = self._list()
        except Refused as refused:  # the folder is gone, or cannot be looked into any more
            error = refused
        untaken &= set(listing.sheets)
        if not self._handled and error is None and not self._is_over():
            error = self._none_came()
            self._write_night(error)
        self._note(listing, untaken)
        stopped = self._is_over() and bool(untaken or self._claims.ours())
        return Pass(self._handled, self._notes, error, stopped=stopped, why_stopped=self._why_stopped())

    def _list(self) -> Listing:
        return list_folder(self._inbox.folder, self._inbox.marker, self._is_of_job)

    def _is_of_job(self, path: Path) -> bool:
        """Whether a file that lies in the inbox belongs to the job: its settings, a table of names, or what it has written."""
        if self._tables and path.resolve() in self._tables:
            return True
        known = self._journal.files.stamp_of(str(path))
        return known is not None and known == stamp(path)

    def _is_over(self) -> bool:
        return self._ended or self._inbox.stop.soft.is_set() or not self._inbox.seconds_left()

    def _none_came(self) -> NothingCame | None:
        """Returns what is wrong where no sheet has come for longer than ``guards.max_age`` allows."""
        most = self._inbox.settings.guards.max_age
        series = str(self._inbox.folder)
        last = self._journal.nights.last_of_sheets(series) or self._journal.nights.first(series)
        if most is None or last is None:
            return None
        since = datetime.fromisoformat(last.began)
        if (self._inbox.now() - since).total_seconds() <= seconds_in(most):
            return None
        moment = since.astimezone(self._inbox.settings.zone).isoformat(sep=" ", timespec="minutes")
        return NothingCame("inbox.none_came", path=self._inbox.folder, since=moment, most=most)

    def _write_night(self, error: NothingCame | None) -> None:
        """Makes a night of a pass in which there should have been a sheet, at most once within ``guards.max_age``, however
        often somebody looks. Where all is well nobody is told, and the journal keeps no more than when the inbox was first
        looked into."""
        inbox = self._inbox
        series = str(self._inbox.folder)
        nights = self._journal.nights
        last = nights.last(series)
        now = inbox.now()
        if error is None:
            if last is None:
                nights.end(nights.begin(series, series, now), now, exit_code=0)
            return
        if last is not None and last.reason == reason_of(error) and last.source == series:
            most = seconds_in(inbox.settings.guards.max_age or "")
            if (now - datetime.fromisoformat(last.began)).total_seconds() < most:
                return
        with inbox.night(self._telling) as night:
            night.outcome = of_error(error)

    def _why_stopped(self) -> str | None:
        return None if self._ended else INTERRUPTED if self._inbox.stop.soft.is_set() else UNTIL

    def _next(self, listing: Listing, seen: Mapping[str, Seen]) -> tuple[str | None, float | None]:
        """Returns the oldest sheet, if it is finished and none that is older may be so soon; else for how many seconds one of
        them has to be waited for, None if there is none."""
        shortest: float | None = None
        for name in sorted(seen, key=lambda name: (seen[name].state.modified, name)):
            if self._inbox.marker is not None:
                if name in listing.markers:
                    return name, None
                continue
            seconds = self._seconds_to_wait(name, seen[name])
            if seconds is not None and seconds <= 0:
                return (None, shortest) if shortest is not None else (name, None)
            if seconds is not None and not seen[name].changed:
                shortest = min(seconds, shortest or seconds)
        return None, shortest

    def _seconds_to_wait(self, name: str, seen: Seen) -> float | None:
        if seen.quiet < APART:
            return APART - seen.quiet
        age = self._inbox.now().timestamp() - seen.state.modified / 1e9
        seconds = seconds_to_wait(ending_of(self._inbox.folder / name), age)
        return None if seconds is None else seconds - seen.quiet

    def _take(self, name: str, listing: Listing) -> None:
        try:
            claim = self._claims.take(name, listing.markers.get(name))
        except OSError as error:
            self._inbox.pulse.start(self._inbox.settings, self._inbox.on_trouble)
            self._inbox.on_taken(name)
            self._became(self._handling.not_taken(name, error))
            return
        if claim is None:
            return
        state = claim.state()
        if state is not None and (state.size, state.modified) != (listing.sheets[name].size, listing.sheets[name].modified):
            with suppress(OSError):  # it stays where it is, and is the first of the next pass
                self._claims.put_back(claim)  # it was replaced just now
            self._notes.append(Message("inbox.growing", {"sheet": name}))
            return
        self._handle(claim)

    def _handle(self, claim: Claim) -> None:
        self._inbox.pulse.start(self._inbox.settings, self._inbox.on_trouble)
        self._inbox.on_taken(claim.name)
        self.is_at_sheet = True
        handled = self._handling.handle(claim)
        self.is_at_sheet = False
        self._became(handled)

    def _became(self, handled: Handled) -> None:
        self._handled.append(handled)
        self._ended = self._ended or handled.ends_pass
        self._inbox.on_handled(handled)

    # --- what is left

    def _note(self, listing: Listing, untaken: Set[str]) -> None:
        """Notes what lies in the inbox and was not taken, and why."""
        for name in sorted(untaken) if not self._is_over() else ():
            self._notes.append(Message(self._why_left(name, listing), {"sheet": name}))
        if untaken and self._is_over():
            self._notes.append(Message("inbox.not_tried", {"sheets": len(untaken), "names": _names(sorted(untaken))}))
        for key, names in (("strange", listing.strange), ("link", listing.links), ("alone", listing.alone)):
            if names:
                self._notes.append(Message(f"inbox.{key}", {"names": _names(names)}))
        self._notes += [
            Message("inbox.held", {"sheet": claim.sheet.name, "owner": claim.owner, "folder": claim.sheet.parent})
            for claim in self._claims.of_others()
        ]

    def _why_left(self, name: str, listing: Listing) -> str:
        if self._inbox.marker is not None:
            return "inbox.no_marker"
        return _WHY_LEFT.get(ending_of(self._inbox.folder / name), "inbox.growing")


def _names(names: Sequence[str]) -> str:
    """Returns some of the names, for a note."""
    return ", ".join(names[:_MOST_NAMES]) + (", …" if len(names) > _MOST_NAMES else "")
