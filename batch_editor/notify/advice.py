"""What to do about a night, for whoever reads of it in the morning: whole commands, with the settings of the job."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from ..messages.command_line import quoted, typed_options
from ..model import Message
from .circumstances import Circumstances, News
from .outcome import Outcome

#: The words for a run of which somebody has to look at the CRM before it is gone on with.
_TO_LOOK_AT = frozenset({"proof_refuted", "proof_failed", "proof_pending", "held_back"})
#: The statuses of rows in which something has to be mended.
_TO_MEND = ("invalid", "conflict", "rejected")


class Badness(StrEnum):
    """The ways in which a night ends that does not end well."""

    CRASH = "crash"
    INTERRUPTED = "interrupted"
    INTERRUPTED_ROWS = "interrupted_rows"  # with rows that are still to be sent
    ROWS = "rows"
    UNWRITTEN = "unwritten"
    STOPPED = "stopped"
    STOPPED_UNKNOWN = "stopped_unknown"  # nobody knows how many rows are to be sent
    UNDER_WAY = "under_way"
    REFUSED = "refused"
    NO_SHEET = "no_sheet"


def badness(outcome: Outcome, night: Circumstances) -> Badness:
    """Returns in which way a night has not ended well."""
    if outcome.reason == Badness.INTERRUPTED and outcome.run and rows_left(outcome):
        return Badness.INTERRUPTED_ROWS
    if outcome.reason in (Badness.CRASH, Badness.INTERRUPTED):
        return Badness(outcome.reason)
    if outcome.exit_code == 1:
        return Badness.ROWS if bad_rows(outcome.counts) else Badness.UNWRITTEN
    if outcome.exit_code == 3:
        return Badness.STOPPED if rows_left(outcome) else Badness.STOPPED_UNKNOWN
    if night.in_inbox and night.source == night.series and outcome.reason == "guard.max_age":
        return Badness.NO_SHEET
    return Badness.UNDER_WAY if outcome.exit_code == 4 else Badness.REFUSED


def bad_rows(counts: Mapping[str, int]) -> int:
    """Returns how many rows did not get through."""
    return sum(counts.get(status, 0) for status in (*_TO_MEND, "failed"))


def rows_left(outcome: Outcome) -> int:
    """Returns how many rows of a night that stopped are still to be sent."""
    return outcome.left or outcome.counts.get("not_sent", 0)


def what_to_do(news: News, outcome: Outcome, night: Circumstances) -> list[Message]:
    """Returns what to do now, about this night and about those before it."""
    options = typed_options({"config": night.config})
    steps = list[Message]()
    if news is News.BAD:
        values = {"run": outcome.run or "", "options": options, "series": night.series, "went_to": outcome.went_to}
        values["path"] = quoted(str(outcome.results))
        steps.append(Message(f"night.do_{_step(outcome, night)}", values))
    if night.unfinished:
        steps.append(Message("night.do_unfinished", {"run": night.unfinished[0].run.name, "options": options}))
    elif news is News.UNFINISHED:
        steps.append(Message("night.do_cut_off"))
    elif news is not News.BAD:
        steps.append(Message("night.do_nothing"))
    return steps


def _step(outcome: Outcome, night: Circumstances) -> str:
    kind = badness(outcome, night)
    inbox = "_inbox" if night.in_inbox else ""
    match kind:
        case Badness.ROWS if outcome.results is None:
            return Badness.UNWRITTEN
        case Badness.ROWS if not any(outcome.counts.get(status) for status in _TO_MEND):
            return "failed"
        case Badness.STOPPED | Badness.STOPPED_UNKNOWN | Badness.REFUSED if outcome.run and outcome.reason in _TO_LOOK_AT:
            return "look"
        case Badness.STOPPED if outcome.reason == "until":
            return f"until{inbox}"
        case Badness.STOPPED | Badness.INTERRUPTED_ROWS:
            return f"stopped{inbox}"
        case Badness.REFUSED:
            return _step_of_refusal(outcome, night)
    return kind


def _step_of_refusal(outcome: Outcome, night: Circumstances) -> str:
    if outcome.reason == "not_continued" and outcome.run:
        return "not_continued"
    if not night.in_inbox:
        return Badness.REFUSED
    if outcome.went_to is not None:
        return "put_again"
    return "next_pass"
