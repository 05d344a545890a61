"""A CRM that cannot be reached for a while: what the waits outlast, and the rows that are tried once more before a run ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest
from support import jobs, virtual_time
from support.dispatching import CONFIRMED, FakeTime

import batch_editor
from batch_editor import Report
from batch_editor.crm import connection
from batch_editor.events import Event, Notice
from batch_editor.messages import say
from batch_editor.model import Edit, Message, Reply, Sent
from batch_editor.stop import Stop

pytestmark = pytest.mark.usefixtures("results_as_csv")

UNREACHED = Reply(Sent.NO, trouble=Message("net.refused"))
LOST = Reply(Sent.MAYBE, trouble=Message("net.lost"))
#: What five attempts take at least: 0.75 × (1 + 2 + 4 + 8) seconds.
FIVE_ATTEMPTS = 11.25


class Outage:
    """Stands in for the client: ``answer`` says what comes back for a clue at a moment. ``sent`` are the remarks that got
    through, in their order, ``asked`` the clues of all requests for one, ``probes`` the moments at which pools were asked
    for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, answer: Callable[[int, float], Reply]) -> None:
        self.time, self.asked, self.sent, self.probes = FakeTime(), list[int](), list[str](), list[float]()
        self.answer = answer
        virtual_time.use(monkeypatch, self.time)
        clocks: dict[str, Any] = {"clock": self.time.clock, "wait": self.time.wait, "jitter": lambda low, high: low}
        monkeypatch.setattr(connection, "Retries", partial(connection.Retries, **clocks))
        monkeypatch.setattr(connection, "Client", lambda *args, **more: self)

    def edit(self, edit: Edit) -> Reply:
        self.asked.append(edit.clue_id)
        reply = self.answer(edit.clue_id, self.time.now - 1000.0)
        if reply is CONFIRMED:
            self.sent.append(edit.body.split('"remark":')[1].split('"')[1])
        return reply

    def info(self, clue_id: int) -> Reply:
        self.asked.append(clue_id)
        reply = self.answer(clue_id, self.time.now - 1000.0)
        record = {"clue_id": clue_id, "description": "old", "tag_list": {"tagId": 5}}
        return Reply(Sent.YES, status=200, code=0, data=record) if reply is CONFIRMED else reply

    def pools(self, page: int) -> Reply:
        self.probes.append(self.time.now - 1000.0)
        reply = self.answer(0, self.time.now - 1000.0)
        return Reply(Sent.YES, status=200, code=0, data={"records": []}) if reply is CONFIRMED else reply

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        pass


def until(end: float) -> Callable[[int, float], Reply]:
    """Nothing gets through before ``end``."""
    return lambda clue, now: CONFIRMED if now >= end else UNREACHED


def lost_alone(clues: set[int], end: float) -> Callable[[int, float], Reply]:
    """Nothing about these clues gets through before ``end``; everything else does."""
    return lambda clue, now: UNREACHED if clue in clues and now < end else CONFIRMED


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[..., tuple[Report, list[str]]]]:
    def play(
        clues: list[int], stop_at: str = "", attempts: int = 5, senders: int = 1, sheet: Path | None = None, **options: Any
    ) -> tuple[Report, list[str]]:
        stop, notices = Stop(), list[str]()

        def on_event(event: Event) -> None:
            if isinstance(event, Notice):
                notices.append(say(event.message, "en"))
                if event.message.key == stop_at:
                    stop.ask()

        over: dict[str, Any] = {
            "rate": {"concurrency": senders, "limits": [], "patience": 900},
            "retry": {"attempts": attempts, "max_wait": 60},
        }
        more = {name: options.pop(name) for name in ("rate", "retry", "halt", "guards", "api", "ids") if name in options}
        given = jobs.settings(tmp_path, **jobs.merged(over, more))
        path = sheet or jobs.sheet(tmp_path, clues)
        return batch_editor.run(path, given, on_event=on_event, stop=stop, **options), notices

    yield play


Run = Callable[..., tuple[Report, list[str]]]


def test_an_outage_of_ten_seconds_fails_no_row(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even with the shortest waits that are drawn, and without trying anything once more."""
    Outage(monkeypatch, until(10.0))
    report, notices = run([11, 12, 13])
    assert report.counts["updated"] == 3 and notices == []


def test_what_never_reached_the_crm_is_tried_once_more_before_the_run_ends(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three rows fail one after the other, the last one gets through; rows of their clues follow them in their order."""
    crm = Outage(monkeypatch, lost_alone({11, 12, 13}, 3 * FIVE_ATTEMPTS + 1))
    report, notices = run([11, 12, 13, 14, 12, 11, 12])
    assert crm.sent == ["row 5", "row 2", "row 3", "row 4", "row 6", "row 7", "row 8"]
    assert (report.exit_code, report.counts["updated"], report.halted) == (0, 7, None)
    assert len(notices) == 1
    assert notices[0].startswith("3 rows never reached the CRM. In about 24 seconds this is tried once more.")


def test_what_still_does_not_reach_it_has_failed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    crm = Outage(monkeypatch, lost_alone({11, 12}, 1e9))
    report, _ = run([11, 12, 11])
    assert (report.exit_code, report.counts["failed"], report.counts["not_sent"]) == (3, 2, 1)
    assert crm.asked == [11] * 5 + [12] * 5 + [11] * 5 + [12] * 5
    assert "never reached the CRM" in say(report.reasons[0][1], "en")


@pytest.mark.parametrize("ambiguous", [True, False])
def test_only_once_and_only_what_may_be_repeated(run: Run, monkeypatch: pytest.MonkeyPatch, ambiguous: bool) -> None:
    """Rows of a clue that still fails stay held back. An edit whose answer was lost is repeated only where that is allowed."""
    answers = {11: LOST, 12: UNREACHED, 13: Reply(Sent.YES, status=503)}
    crm = Outage(monkeypatch, lambda clue, now: answers.get(clue, CONFIRMED) if now < 100 else CONFIRMED)
    report, _ = run([11, 12, 13, 11], stop_at="never", retry={"ambiguous": ambiguous})
    again = [11] * 5 + [12] * 5 + [13] * 5
    assert crm.asked == (again + again if ambiguous else [11] + [12] * 5 + [13] + [12] * 5)
    assert (report.counts["failed"], report.counts["not_sent"]) == (3, 1)


def test_before_an_edit_is_repeated_its_clue_is_read_anew(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may have been applied, so that what was read before says nothing any more of the tags that its rows are added to."""
    requests = iter(range(100))
    crm = Outage(monkeypatch, lambda clue, now: LOST if clue == 11 and 1 <= next(requests) <= 5 else CONFIRMED)
    lines = ["clue_id,remark,label", "11,row 2,a", "12,row 3,a", "11,row 4,b", ""]
    path = jobs.text_file(tmp_path / "tags.csv", "\n".join(lines))
    report, notices = run([], sheet=path, only_changed=True, tags="add", ids=jobs.SHORT_IDS)
    assert (report.exit_code, report.counts["updated"]) == (0, 3)
    assert crm.asked[:8] == [11] + [11] * 5 + [12] * 2 and crm.asked[8:10] == [11, 11]
    assert crm.asked[10:] == [11]  # one reading, and an edit for each of the two rows
    assert crm.sent == ["row 3", "row 2", "row 4"] and len(notices) == 1 and "tried once more" in notices[0]


def test_a_limit_holds(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    crm = Outage(monkeypatch, lost_alone({11}, 2 * FIVE_ATTEMPTS - 1))
    report, _ = run([11, 12, 11, 13, 14], limit=3)
    assert crm.sent == ["row 3", "row 2", "row 4"]
    assert (report.exit_code, report.counts["updated"], report.counts["not_sent"]) == (0, 3, 2)


def test_whoever_stops_in_the_pause_goes_on_later(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    crm = Outage(monkeypatch, lost_alone({11}, FIVE_ATTEMPTS + 0.5))
    report, _ = run([11, 12, 11], stop_at="notice.once_more")
    assert (report.exit_code, report.counts["not_sent"], report.left) == (3, 2, 2) and crm.sent == ["row 3"]
    again, _ = run([11, 12, 11])
    assert again.exit_code == 0 and crm.sent == ["row 3", "row 2", "row 4"]


def test_clues_that_could_not_be_read_are_tried_once_more(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    crm = Outage(monkeypatch, lost_alone({11}, FIVE_ATTEMPTS + 0.5))
    report, _ = run([11, 12], only_changed=True)
    assert report.exit_code == 0 and crm.sent == ["row 3", "row 2"]


def test_whoever_wants_one_attempt_gets_one(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    crm = Outage(monkeypatch, lost_alone({11, 12}, 1.0))
    report, notices = run([11, 12], attempts=1)
    assert report.counts["failed"] == 2 and crm.asked == [11, 12] and notices == []


# --- nothing gets through at all


HOUR = 3600.0
HUNG = Reply(Sent.MAYBE, trouble=Message("net.timeout", {"seconds": "30"}))
UNKNOWN_NAME = Reply(Sent.NO, trouble=Message("net.name"))
GATEWAY = Reply(Sent.YES, status=502, trouble=Message("reply.not_json"))
each_trouble = pytest.mark.parametrize("trouble", [UNREACHED, LOST, HUNG, UNKNOWN_NAME, GATEWAY], ids=str)


def down(trouble: Reply, end: float, begin: float = 0.0) -> Callable[[int, float], Reply]:
    """Nothing gets through between two moments."""
    return lambda clue, now: trouble if begin <= now < end else CONFIRMED


@each_trouble
@pytest.mark.parametrize("senders", [1, 3])
def test_ten_minutes_of_outage_fail_no_row(run: Run, monkeypatch: pytest.MonkeyPatch, trouble: Reply, senders: int) -> None:
    """Rows of one clue keep their order, and the CRM is not asked again and again meanwhile."""
    crm = Outage(monkeypatch, down(trouble, 600.0))
    report, notices = run([*range(11, 61), 11, 12], senders=senders)
    assert (report.exit_code, report.counts["updated"], report.counts["failed"]) == (0, 52, 0)
    assert len(crm.asked) - 52 <= senders * 5 + 20 and len(crm.probes) <= 20
    assert sorted(crm.sent) == sorted({*crm.sent}) and crm.sent.index("row 2") < crm.sent.index("row 52")
    assert [" ".join(notice.split()[:4]) for notice in notices] == ["The CRM cannot be", "The CRM can be"]


@each_trouble
@pytest.mark.parametrize("senders", [1, 3])
def test_a_longer_outage_halts_the_run_and_it_goes_on_later(
    run: Run, monkeypatch: pytest.MonkeyPatch, trouble: Reply, senders: int
) -> None:
    """No row has failed but those whose answers were lost, which may have been applied; whatever ``halt`` says."""
    crm = Outage(monkeypatch, down(trouble, HOUR))
    report, _ = run([*range(11, 61), 11], senders=senders, halt={"after_failures": 1})
    failed = report.counts["failed"]  # of a sender that waited for another one no request may have gone out
    assert failed == 0 if trouble.sent is Sent.NO else 1 <= failed <= senders
    assert (report.exit_code, report.counts["not_sent"]) == (3, 51 - failed)
    said = say(report.halted, "en") if report.halted else ""
    assert ("no request reached the CRM" if trouble is UNKNOWN_NAME else "could not be reached for about 15 minutes") in said
    crm.time.now += HOUR
    again, _ = run([*range(11, 61), 11], senders=senders)
    assert (again.exit_code, again.counts["updated"], again.run) == (0, 51, report.run)


def test_the_only_row_of_a_run_is_still_to_be_sent(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where it may have been applied: the run is not over."""
    for trouble in (UNREACHED, LOST):
        crm = Outage(monkeypatch, down(trouble, HOUR))
        report, _ = run([11])
        assert report.exit_code == 3
        crm.time.now += HOUR
        assert run([11])[0].run == report.run


@each_trouble
def test_what_must_not_be_repeated_is_not_and_burns_no_other_row(
    run: Run, monkeypatch: pytest.MonkeyPatch, trouble: Reply
) -> None:
    crm = Outage(monkeypatch, down(trouble, 600.0))
    report, _ = run([*range(11, 61)], retry={"ambiguous": False})
    maybe = 0 if trouble.sent is Sent.NO else 1
    assert (report.counts["failed"], report.counts["updated"]) == (maybe, 50 - maybe)
    assert len(crm.sent) == 50 - maybe


@each_trouble
@pytest.mark.parametrize("senders", [1, 3])
def test_reading_ahead_outlasts_it_as_well(run: Run, monkeypatch: pytest.MonkeyPatch, trouble: Reply, senders: int) -> None:
    Outage(monkeypatch, down(trouble, 600.0))
    report, _ = run([*range(11, 31)], senders=senders, only_changed=True, guards={"max_rows": 100})
    assert (report.exit_code, report.counts["updated"]) == (0, 20)


@each_trouble
def test_clues_that_cannot_be_read_ahead_for_long_are_no_mistake_of_the_sheet(
    run: Run, monkeypatch: pytest.MonkeyPatch, trouble: Reply
) -> None:
    """The run is gone on with, and what was read is not read again."""
    crm = Outage(monkeypatch, down(trouble, HOUR, begin=0.5))
    read = iter(range(5))
    answer = crm.answer

    def at_first(clue: int, now: float) -> Reply:
        return CONFIRMED if next(read, None) is not None else answer(clue, max(now, 0.5))

    crm.answer = at_first
    with pytest.raises(batch_editor.CrmDown) as raised:
        run([*range(11, 31)], only_changed=True, guards={"max_rows": 100})
    assert raised.value.reason == "crm_down"
    crm.answer, crm.asked[:] = answer, []
    crm.time.now += HOUR
    report, _ = run([*range(11, 31)], only_changed=True, guards={"max_rows": 100})
    assert (report.run, report.counts["updated"]) == (raised.value.run, 20)
    assert crm.asked[:15] == [*range(16, 31)]


def test_a_clue_that_alone_gets_no_answer_has_failed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether its row is the first, the only one or the last, and whatever was wrong with it."""
    for clues in ([11, 12, 13], [11], [12, 11]):
        for trouble in (UNREACHED, LOST, GATEWAY):
            lost = {11: trouble}
            crm = Outage(monkeypatch, lambda clue, now, lost=lost: lost.get(clue, CONFIRMED))  # type: ignore[misc]
            report, _ = run(clues, new=True)
            assert (report.counts["failed"], report.counts["not_sent"]) == (1, 0), (clues, trouble)
            assert crm.asked.count(11) == 10 and report.exit_code == 1


def test_a_gateway_that_says_when_it_is_back_is_not_asked_before(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    crm = Outage(monkeypatch, down(Reply(Sent.YES, status=503, retry_after=150.0), 700.0))
    report, _ = run([11, 12], attempts=1)
    assert report.counts["updated"] == 2 and all(later - earlier >= 150 for earlier, later in pairwise(crm.probes))
    crm = Outage(monkeypatch, down(Reply(Sent.YES, status=503, retry_after=HOUR), HOUR))
    report, _ = run([11, 12], attempts=1, new=True)
    assert report.exit_code == 3 and len(crm.probes) == 1


def test_an_answer_of_the_crm_itself_is_no_outage(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for reply in (Reply(Sent.YES, status=500), Reply(Sent.YES, status=200, code=70001)):
        crm = Outage(monkeypatch, down(reply, HOUR))
        report, notices = run([11, 12], new=True, api={"retry_codes": [70001]})
        assert report.counts["failed"] == 2 and crm.probes == [] and "The CRM cannot" not in " ".join(notices)


def test_whoever_stops_an_outage_does_not_wait_for_its_end(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    crm = Outage(monkeypatch, down(UNREACHED, HOUR))
    report, _ = run([11, 12, 13], senders=3, stop_at="notice.crm_down")
    assert (report.exit_code, report.counts["not_sent"]) == (3, 3) and crm.time.now < 1000.0 + HOUR


def test_no_patience_at_all_is_for_outages_too(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Outage(monkeypatch, down(UNREACHED, HOUR))
    report, notices = run([11, 12], rate={"patience": 0})
    assert (report.exit_code, report.counts["not_sent"], notices) == (3, 2, [])


@pytest.mark.parametrize("senders", [1, 3])
def test_an_outage_of_edits_alone_is_outlasted_as_well(run: Run, monkeypatch: pytest.MonkeyPatch, senders: int) -> None:
    """Other requests get an answer meanwhile: as many rows as ``halt`` says fail, and are tried once more at the end."""
    crm = Outage(monkeypatch, lambda clue, now: CONFIRMED)
    edit = crm.edit
    monkeypatch.setattr(crm, "edit", lambda given: GATEWAY if crm.time.now < 1600.0 else edit(given))
    report, notices = run([*range(11, 61), 12], senders=senders, halt={"after_failures": 4})
    assert (report.exit_code, report.counts["updated"]) == (0, 51)
    assert crm.sent.index("row 3") < crm.sent.index("row 52") and "tried once more" in notices[-1]
    monkeypatch.setattr(crm, "edit", lambda given: GATEWAY)
    report, _ = run([*range(11, 61)], senders=senders, halt={"after_failures": 4}, new=True)
    assert report.exit_code == 3 and report.counts["not_sent"] >= 50 - 4 - 2 * senders
    assert report.halted and report.halted.key == "halt.crm_down"


@pytest.mark.parametrize("only_changed", [False, True], ids=["edits", "reads"])
def test_a_run_of_which_nothing_at_all_was_answered_is_gone_on_with(
    run: Run, monkeypatch: pytest.MonkeyPatch, only_changed: bool
) -> None:
    """Too few rows for ``halt``, and other requests get an answer: the CRM alone was in the way, and of no one clue."""
    for trouble in (UNREACHED, LOST, GATEWAY):
        crm = Outage(monkeypatch, lambda clue, now: CONFIRMED)
        with monkeypatch.context() as patch:
            patch.setattr(crm, "info" if only_changed else "edit", lambda given, trouble=trouble: trouble)
            report, _ = run([11, 12, 13], only_changed=only_changed, new=True)
        assert (report.exit_code, report.reason, report.counts["failed"]) == (3, "crm_down", 3)
        assert report.halted and report.halted.key == "halt.none_answered"
        again, _ = run([11, 12, 13], only_changed=only_changed)
        assert (again.run, again.exit_code, again.counts["updated"]) == (report.run, 0, 3)
    with monkeypatch.context() as patch:  # its one answer is a reason to look at the others
        crm = Outage(monkeypatch, lambda clue, now: CONFIRMED)
        edit = crm.edit
        patch.setattr(crm, "edit", lambda given: edit(given) if given.clue_id == 13 else GATEWAY)
        report, _ = run([11, 12, 13], new=True)
        assert (report.exit_code, report.reason, report.counts["failed"]) == (1, "rows", 2)


def test_a_run_that_is_stopped_while_its_last_row_fails_is_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every row has an outcome then, and one of them was not tried to the end."""
    crm, stop = Outage(monkeypatch, lambda clue, now: CONFIRMED), Stop()

    def lost(given: Edit) -> Reply:
        stop.ask()
        return LOST

    sheet = jobs.sheet(tmp_path, [11])
    given = jobs.settings(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(crm, "edit", lost)
        report = batch_editor.run(sheet, given, stop=stop)
    assert (report.exit_code, report.reason, report.counts["failed"]) == (3, "interrupted", 1)
    again = batch_editor.run(sheet, given)
    assert (again.run, again.exit_code, again.counts["updated"]) == (report.run, 0, 1)


def test_a_run_that_is_asked_to_stop_when_its_last_row_is_done_has_ended_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of it is to be gone on with, also where a row has failed that must not be sent again."""
    crm = Outage(monkeypatch, lambda clue, now: CONFIRMED)

    def last(answer: Reply) -> Callable[[Edit], Reply]:
        def reply(given: Edit) -> Reply:
            stop.ask()
            return answer

        return reply

    for answer, exit_code, word in ((CONFIRMED, 0, None), (LOST, 1, "rows")):
        monkeypatch.setattr(crm, "edit", last(answer))
        stop = Stop()
        given = jobs.settings(tmp_path, retry={"ambiguous": False})
        report = batch_editor.run(jobs.sheet(tmp_path, [11]), given, stop=stop, new=True)
        assert (report.exit_code, report.reason, report.halted, report.left) == (exit_code, word, None, 0)
