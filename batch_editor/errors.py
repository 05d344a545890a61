"""Every exception of this package, sorted by what its reader should do next.

    BatchEditorError
    ├── Refused              mend the input and start again: nothing was sent             (exit 2)
    │   ├── SettingsError        a setting, an option or an environment variable
    │   ├── SheetError           the file or its headings
    │   ├── GuardTripped         a guard of the settings
    │   └── Declined             the person at the prompt said no
    ├── UnderWay             wait: another process is driving this run                   (exit 4)
    ├── Halted               go on later: rows were not sent                             (exit 3)
    │   ├── StopAsked            somebody asked the run to stop
    │   ├── TimeIsUp             the moment came until which the run was to work
    │   ├── CrmDown              no request got through to the CRM for longer than the settings allow
    │   ├── OutOfPatience        the CRM said "too fast" for longer than the settings allow
    │   ├── TokenRefused         the CRM does not accept, or does not give, an access token
    │   ├── LeaseLost            this process may send nothing more of a part of the run: another one goes on with it
    │   ├── DatabaseAway         the database of the journal cannot be reached
    │   └── ProofFailed          the first edit could neither be proved nor refuted
    ├── ResultsNotWritten    make room and write the results again: nothing is lost      (exit 1)
    └── ReportError          look at the report, by which not every row is well: see runs/report

An error carries a ``Message``, so that the same error can be told in either language; ``str(error)`` is the English text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from .messages import say
from .model import HaltReason, Message, Stoppage
from .stop import Stop


class BatchEditorError(Exception):
    """An error of this package: ``message`` says in one paragraph what is wrong, where, and what to do next.

    ``key`` and ``values`` are those of the message. ``reason`` says to programs why a run stops for it, ``exit_code`` is that
    of a command that ends with it. ``run`` is the name of the run that had begun, or was gone on with, when it was raised, None
    if there was none; it is set on every other exception as well that leaves a run, such as ``KeyboardInterrupt``. A run of
    which nothing was sent may be forgotten by then.

    Where a sheet was read before it was raised, ``counts`` says how many of its ``rows`` had which status of the summary,
    ``notes`` hold what was worth a warning, and ``check_sheet`` is the path of the sheet that shows them, if there is one.
    """

    reason: HaltReason = HaltReason.OTHER
    exit_code: int = 1
    run: str | None = None
    counts: Mapping[str, int] = MappingProxyType({})
    rows: int = 0
    notes: Sequence[Message] = ()
    check_sheet: Path | None = None

    def __init__(self, key: str, /, **values: object) -> None:
        self.message = Message(key, values)
        super().__init__(key)

    @property
    def stoppage(self) -> Stoppage:
        """Why a run stops for this, as the journal keeps it."""
        return Stoppage(self.reason, self.message)

    def __str__(self) -> str:
        return say(self.message, "en")


class Refused(BatchEditorError):
    """Nothing was sent, since the input has to be mended first."""

    exit_code = 2


class SettingsError(Refused):
    """A setting, an option or an environment variable cannot be used."""


class SheetError(Refused):
    """The file cannot be read, or its headings cannot be understood."""


class GuardTripped(Refused):
    """A guard of the settings stopped the run before its first call. Its ``key`` is ``guard.`` and the name of the guard."""

    @property
    def guard(self) -> str:
        """The name of the guard, as it stands under ``guards`` in the settings: ``max_clears``."""
        return self.message.key.removeprefix("guard.")


class Declined(Refused):
    """The person who was asked said no."""


class UnderWay(BatchEditorError):
    """Another process is driving this run."""

    exit_code = 4


class Halted(BatchEditorError):
    """The run stopped early; the journal knows which rows were not sent."""

    exit_code = 3


class StopAsked(Halted):
    """Somebody asked the run to stop."""

    reason = HaltReason.ASKED


class TimeIsUp(Halted):
    """The moment came until which the run was to work."""

    reason = HaltReason.UNTIL


class CrmDown(Halted):
    """No request got through to the CRM for longer than the settings allow."""

    reason = HaltReason.CRM_DOWN


class OutOfPatience(Halted):
    """The CRM said "too fast" for longer than the settings allow."""

    reason = HaltReason.PATIENCE


class TokenRefused(Halted):
    """The CRM gives no access token, or refuses the one that it was shown."""

    reason = HaltReason.TOKEN


class LeaseLost(Halted):
    """This process may send nothing more of a part of the run, which another process may have taken by now."""


class DatabaseAway(Halted):
    """The database of the journal cannot be reached."""


class ProofFailed(Halted):
    """The first edit could neither be proved nor refuted."""

    reason = HaltReason.PROOF_FAILED


def stopped(stop: Stop) -> Halted:
    """Returns what is raised where something ends since ``stop`` was asked, or since the time is up."""
    if stop.ended_at is not None:
        return TimeIsUp("halt.until", time=f"{stop.ended_at:%H:%M}")
    return StopAsked("halt.asked")


class ResultsNotWritten(BatchEditorError):
    """The results sheet could not be written; the journal still holds everything."""


def notes_of(error: BaseException | None) -> Sequence[Message]:
    """Returns what was worth a warning before ``error`` was raised."""
    return error.notes if isinstance(error, BatchEditorError) else ()


def reason_in(error: BaseException) -> Message | str:
    """Returns what was wrong, as a part of another sentence: an error of ours says it itself, of others the system does."""
    if isinstance(error, BatchEditorError):
        return error.message
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
