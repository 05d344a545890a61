"""One rate for all runs of a tenant, over long windows too, and a pace that goes down by itself: as a run does it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from support import jobs, virtual_time
from support.commands import Commands
from support.crm import CONFIRMED, Call, Crm, envelope, granted, status
from support.dispatching import CONFIRMED as REPLY
from support.dispatching import FakeTime, Script, dispatch, http
from support.paces import new_pace
from support.servers import Answer

import batch_editor
from batch_editor import Report, Settings
from batch_editor.crm import connection
from batch_editor.crm.pace import RECOVER_AFTER
from batch_editor.events import Event, Notice
from batch_editor.messages import say
from batch_editor.model import Reply
from batch_editor.settings.limits import Limit
from batch_editor.stop import Stop

#: Ten an hour; the second is no limit at all. On a slow machine a permit may come too late to be used, but it counts.
HOURLY = {"limits": ["1000/second", "10/hour"], "concurrency": 1}
FEW, MANY = range(11, 15), range(21, 41)


def until_it_waits(path: Path, given: Settings, **options: bool) -> tuple[Report, list[str]]:
    """A run that is stopped when it says that it has to wait for the next hour."""
    stop, told = Stop(), list[str]()

    def on_event(event: Event) -> None:
        if isinstance(event, Notice):
            told.append(say(event.message, "en"))
            stop.soft.set()

    return batch_editor.run(path, given, stop=stop, on_event=on_event, **options), told


def test_an_hour_holds_across_runs(tmp_path: Path) -> None:
    """Four edits and then twenty more, of a limit of ten: what is too much waits for the hour to pass, and says so."""
    with Crm() as crm:
        given = jobs.settings(tmp_path, crm.url, rate=HOURLY)
        first, silent = until_it_waits(jobs.sheet(tmp_path, FEW, "a.csv"), given)
        second, told = until_it_waits(jobs.sheet(tmp_path, MANY, "b.csv"), given)
        assert len(FEW) < len(crm.calls) <= 10
    assert (first.exit_code, silent) == (0, []) and second.exit_code == 3 and second.counts["not_sent"] >= 14
    assert "The permitted rate of a longer time is used up: everything waits for about 60 minutes." in told[0]


@pytest.mark.parametrize("what", ["gone", "damaged"])
def test_what_the_file_of_the_pace_has_lost_is_made_up_from_the_journal(tmp_path: Path, what: str) -> None:
    with Crm() as crm:
        given = jobs.settings(tmp_path, crm.url, rate=HOURLY)
        until_it_waits(jobs.sheet(tmp_path, FEW, "a.csv"), given)
        (file,) = [path for path in (tmp_path / "state").glob("pace-*") if path.suffix != ".lock"]
        file.unlink() if what == "gone" else file.write_bytes(b"nothing of ours")
        second, _ = until_it_waits(jobs.sheet(tmp_path, MANY, "b.csv"), given)
        assert len(FEW) < len(crm.calls) <= 10 and second.exit_code == 3


def test_a_run_without_limits_makes_the_next_one_wait_for_a_reason_that_is_true(tmp_path: Path) -> None:
    """It keeps no record, and so nothing was lost."""
    with Crm() as crm:
        first, _ = until_it_waits(jobs.sheet(tmp_path, FEW, "a.csv"), jobs.settings(tmp_path, crm.url, rate={"limits": []}))
        given = jobs.settings(tmp_path, crm.url, rate={"limits": ["300/minute"]})
        second, notices = until_it_waits(jobs.sheet(tmp_path, MANY, "b.csv"), given)
        assert (first.exit_code, second.exit_code, len(crm.calls)) == (0, 3, len(FEW))
    assert "a run without limits keeps no record" in notices[0] and "everything waits for" in notices[0]


def test_token_calls_count(tmp_path: Path) -> None:
    with Crm(grant=granted) as crm:
        given = jobs.settings(tmp_path, crm.url, rate=HOURLY, api=jobs.APP)
        report, _ = until_it_waits(jobs.sheet(tmp_path, MANY), given)
        assert crm.token_calls == 1 and 0 < len(crm.calls) < 10 and report.exit_code == 3


def test_a_token_that_is_renewed_while_a_request_waits_takes_a_permit_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tokens of a second are due after half of it, so that requests which have their permit find that they need another one."""
    time, arrivals = FakeTime(), list[float]()

    def decide(call: Call) -> Answer:
        arrivals.append(time.now)
        return status(503) if call.clue % 5 == 0 and call.number == 1 else CONFIRMED

    def grant(number: int) -> Answer:
        arrivals.append(time.now)
        return envelope(0, "ok", {"access_token": f"granted-{number}", "expires_in": 1})

    virtual_time.use(monkeypatch, time)
    monkeypatch.setattr(connection, "Tokens", partial(connection.Tokens, clock=time.clock))
    rate = {"limits": ["5/second"], "concurrency": 1}
    with Crm(decide, grant) as crm:
        given = jobs.settings(tmp_path, crm.url, rate=rate, api=jobs.APP, retry={"attempts": 3})
        report = batch_editor.run(jobs.sheet(tmp_path, range(1000, 1040)), given)
        assert crm.token_calls >= 10 and len(crm.calls) == 48 and report.counts["updated"] == 40
    assert not [moment for moment, later in zip(arrivals, arrivals[5:], strict=False) if later - moment < 1.0]


def test_another_tenant_has_a_rate_of_its_own(tmp_path: Path) -> None:
    with Crm() as crm, Crm() as elsewhere:
        for number, (url, api) in enumerate(((crm.url, {}), (crm.url, jobs.APP), (elsewhere.url, {}))):
            given = jobs.settings(tmp_path, url, rate=HOURLY, api=api)
            assert until_it_waits(jobs.sheet(tmp_path, FEW, f"{number}.csv"), given)[0].exit_code == 0


@pytest.mark.parametrize("lost", [False, True])
def test_those_that_name_the_same_tenant_share_its_rate(tmp_path: Path, lost: bool) -> None:
    """A fixed token and an app of its, also where the record is lost: the journal knows whose runs those were."""
    with Crm(grant=granted) as crm:
        named = {"tenant": " our company "}
        until_it_waits(jobs.sheet(tmp_path, FEW, "a.csv"), jobs.settings(tmp_path, crm.url, rate=HOURLY, api=named))
        if lost:
            for file in (tmp_path / "state").glob("pace-*"):
                file.unlink()
        given = jobs.settings(tmp_path, crm.url, rate=HOURLY, api=jobs.APP | {"tenant": "our company"})
        second, _ = until_it_waits(jobs.sheet(tmp_path, MANY, "b.csv"), given)
        assert len(FEW) < len(crm.calls) + crm.token_calls <= 10 and second.exit_code == 3
        other = jobs.settings(tmp_path, crm.url, rate=HOURLY, api={"tenant": "another"})
        assert until_it_waits(jobs.sheet(tmp_path, range(41, 45), "c.csv"), other)[0].exit_code == 0
        assert until_it_waits(jobs.sheet(tmp_path, range(51, 55), "d.csv"), other)[0].exit_code == 0


def test_the_way_an_address_is_written_makes_no_other_tenant(tmp_path: Path) -> None:
    with Crm() as crm:
        first, second = (f"http://{host}:{crm.url.rsplit(':', 1)[1]}/" for host in ("LOCALHOST", "localhost"))
        until_it_waits(jobs.sheet(tmp_path, FEW, "a.csv"), jobs.settings(tmp_path, first, rate=HOURLY))
        until_it_waits(jobs.sheet(tmp_path, MANY, "b.csv"), jobs.settings(tmp_path, second, rate=HOURLY))
        assert len(FEW) < len(crm.calls) <= 10
    for written in ("https://Open.wshoto.com:443/", "https://open.wshoto.com"):
        assert Settings(api={"base_url": written}).api.base_url == "https://open.wshoto.com"
    assert Settings(api={"base_url": "http://[::1]:80/crm/"}).api.base_url == "http://[::1]/crm"


# --- slower by itself


def test_the_pace_goes_down_while_the_crm_complains_and_recovers(tmp_path: Path) -> None:
    """The first complaint is a pause and no more; the second halves the pace; a hundred edits raise it by a step."""
    time = FakeTime()
    pace = new_pace([Limit(5, 1)], clock=time.clock, wall_clock=time.clock, wait=time.wait)
    clues = range(1000, 1000 + 3 * RECOVER_AFTER)
    sent = dispatch(tmp_path, clues, Script({1010: [http(429), REPLY], 1020: [http(429), REPLY]}), pace=pace, time=time)
    assert sent.notices == ["notice.pause", "notice.pause", "notice.slower"]
    assert pace.lowest == 0.5 and pace.share == 0.7


def test_complaints_far_apart_do_not_lower_the_pace(tmp_path: Path) -> None:
    time = FakeTime()
    pace = new_pace([Limit(5, 1)], clock=time.clock, wall_clock=time.clock, wait=time.wait)
    script: dict[int, list[Reply]] = {1010: [http(429), REPLY], 1015 + RECOVER_AFTER: [http(429), REPLY]}
    sent = dispatch(tmp_path, range(1000, 1200), Script(script), pace=pace, time=time)
    assert sent.notices == ["notice.pause", "notice.pause"] and pace.lowest == 1


def test_the_summary_says_that_it_was_slower(tmp_path: Path) -> None:
    def decide(call: Call) -> Answer:
        return status(429) if call.clue in (11, 12) and call.number == 1 else CONFIRMED

    jobs.sheet(tmp_path, [11, 12, 13])
    with Crm(decide) as crm:
        command = Commands(tmp_path, crm.url, rate={"limits": ["500/second"], "concurrency": 1})
        done = command("run", "edits.csv")
        machine = command("run", "edits.csv", "--json")
    assert 'The CRM kept saying "too fast": the pace went down to 50 % of the permitted rate at times.' in done.out
    assert "the pace goes down to 50 % of it" in done.err
    assert "slowed_to" not in machine.json


def test_json_says_so_too(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11, 12, 13])
    with Crm(lambda call: status(429) if call.number == 1 else CONFIRMED) as crm:
        command = Commands(tmp_path, crm.url, rate={"limits": ["500/second"], "concurrency": 1})
        assert command("run", "edits.csv", "--json").json["slowed_to"] == 0.25
