"""Shards of a run that is left to workers: how the run ends, and what becomes of rows that a former owner had on their way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from support import jobs
from support.crm import CONFIRMED, Call, Crm, envelope, scripted

from batch_editor import HaltReason, Refused, Report, Settings, Stop, UnderWay, job
from batch_editor.crm.connection import tenant_key
from batch_editor.journal.journal import Journal
from batch_editor.journal.leases import Lease
from batch_editor.journal.times import now
from batch_editor.model import Message, Outcome, RunState, Status
from batch_editor.runs.closing import close_if_over
from batch_editor.runs.journal_file import open_journal
from batch_editor.runs.purging import old_runs, purge
from batch_editor.runs.shard_drive import drive_shard
from batch_editor.sandbox import Sandbox
from batch_editor.settings.settings import app_of

pytestmark = pytest.mark.usefixtures("results_as_csv")

CLUES = (11, 12, 13, 11, 14)


@pytest.fixture
def crm() -> Iterator[Crm]:
    with Crm() as running:
        yield running


@pytest.fixture
def given(tmp_path: Path, crm: Crm, journal_server: str) -> Settings:
    return jobs.settings(tmp_path, crm.url, journal=journal_server, worker={"rows_per_shard": 2}, rate={"patience": 600})


def left_to_workers(tmp_path: Path, given: Settings, **options: Any) -> Report:
    return job.run(jobs.sheet(tmp_path, CLUES), given, detach=True, **options)


def claim(journal: Journal, given: Settings, name: str = "somebody") -> Lease | None:
    return journal.leases.claim(name, [tenant_key(given, app_of(given))], given.worker.lease)


def results_of(report: Report, given: Settings) -> Path:
    with open_journal(given) as journal:
        return job.results_again(journal, str(report.run), None, "en")


def drive_all(journal: Journal, given: Settings, name: str = "somebody") -> None:
    """Take shards and send them until there are no more."""
    while lease := claim(journal, given, name):
        drive_shard(journal, lease, given, Stop())


def end_leases(given: Settings) -> None:
    """Nobody has renewed a lease for long."""
    assert given.journal is not None
    with psycopg.connect(given.journal.get_secret_value(), autocommit=True) as connection:
        connection.execute("UPDATE shards SET leased_until = clock_seconds(), lease = -1e12 WHERE leased_until IS NOT NULL")


def let_time_pass(given: Settings, seconds: float) -> None:
    """So many seconds more have passed since anybody lost a lease, and nobody has one now."""
    assert given.journal is not None
    with psycopg.connect(given.journal.get_secret_value(), autocommit=True) as connection:
        connection.execute("UPDATE takings SET lost = lost - %s", [seconds])
    end_leases(given)


@contextmanager
def opened(given: Settings) -> Iterator[tuple[Journal, Journal]]:
    """The journal as two processes have it."""
    with open_journal(given) as one, open_journal(given) as other:
        yield one, other


# --- left to workers


def test_a_run_that_is_left_to_workers_is_closed_by_whoever_ends_its_last_shard(
    tmp_path: Path, crm: Crm, given: Settings
) -> None:
    report = left_to_workers(tmp_path, given)
    assert (report.detached, report.exit_code, report.results, report.left) == (True, 0, None, 5)
    assert report.summary()["detached"] is True
    assert not report.next_steps
    with open_journal(given) as journal:
        assert journal.run(str(report.run)).state is RunState.SENDING
        drive_all(journal, given)
        run = journal.run(str(report.run))
        assert (run.state, run.counts, run.stoppage) == (RunState.FINISHED, {"updated": 5}, None)
        assert journal.leases.progress(journal.of(run.name).run_id) == []
    assert crm.sent().index("row 2") < crm.sent().index("row 5")
    assert jobs.statuses(results_of(report, given)) == ["updated"] * 5


def test_what_stops_a_shard_stops_the_run_and_is_told_as_its_reason(tmp_path: Path, journal_server: str) -> None:
    with Crm(lambda call: envelope(10001, "token")) as crm:
        given = jobs.settings(tmp_path, crm.url, journal=journal_server, worker={"rows_per_shard": 2})
        report = left_to_workers(tmp_path, given)
        with open_journal(given) as journal:
            leases = [claim(journal, given, name) for name in ("one", "another")]
            ends = [drive_shard(journal, lease, given, Stop()) for lease in leases if lease]
            assert [end.stoppage and end.stoppage.reason for end in ends] == [HaltReason.TOKEN, HaltReason.ASKED]
            assert claim(journal, given) is None
            run = journal.run(str(report.run))
    assert run.state is RunState.STOPPED and run.stoppage is not None and run.stoppage.reason is HaltReason.TOKEN
    assert run.counts == {"pending": 5}


def test_an_error_of_the_program_itself_stops_the_run_and_is_no_endless_one(
    tmp_path: Path, given: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*args: object) -> None:
        raise ZeroDivisionError

    report = left_to_workers(tmp_path, given)
    monkeypatch.setattr("batch_editor.runs.session.Session.send_all", crash)
    with open_journal(given) as journal:
        lease = claim(journal, given)
        assert lease is not None
        with pytest.raises(ZeroDivisionError):
            drive_shard(journal, lease, given, Stop())
        assert claim(journal, given) is None
        assert close_if_over(journal, lease.run, given)
        run = journal.run(str(report.run))
    assert run.state is RunState.STOPPED and run.stoppage is not None
    assert run.stoppage.message == Message("halt.crashed", {"kind": "ZeroDivisionError"})


def test_a_damaged_row_stops_the_run_and_is_not_handed_on_from_worker_to_worker(
    tmp_path: Path, crm: Crm, given: Settings
) -> None:
    left_to_workers(tmp_path, given)
    with opened(given) as (former, journal):
        lease = claim(former, given, "gone")
        assert lease is not None and given.journal is not None
        in_flight(former, lease, 2)
        with psycopg.connect(given.journal.get_secret_value(), autocommit=True) as connection:
            connection.execute("UPDATE rows SET draft = '{' WHERE row = 2")
        end_leases(given)
        following = claim(journal, given)
        assert following is not None
        end = drive_shard(journal, following, given, Stop())
        assert end.stoppage is not None and end.stoppage.message.key == "journal.damaged" and not end.is_given_back
        assert journal.run(lease.run).state is RunState.STOPPED


def test_rows_that_wait_for_one_that_failed_leave_the_run_stopped(tmp_path: Path, journal_server: str) -> None:
    with Crm(scripted({11: [jobs_lost()]})) as crm:
        given = jobs.settings(tmp_path, crm.url, journal=journal_server, worker={"rows_per_shard": 2})
        report = left_to_workers(tmp_path, given)
        with open_journal(given) as journal:
            drive_all(journal, given)
            run = journal.run(str(report.run))
    assert run.state is RunState.STOPPED and run.stoppage is not None and run.stoppage.reason is HaltReason.HELD_BACK
    assert run.counts == {"updated": 3, "failed": 1, "pending": 1}


def jobs_lost() -> Any:
    from support.crm import LOST

    return LOST


def test_a_run_left_to_workers_is_stopped_by_anybody(tmp_path: Path, crm: Crm, given: Settings) -> None:
    report = left_to_workers(tmp_path, given)
    job.stop_run(str(report.run), given)
    with open_journal(given) as journal:
        run = journal.run(str(report.run))
        assert claim(journal, given) is None
    assert run.state is RunState.STOPPED and run.stoppage is not None and run.stoppage.reason is HaltReason.ASKED
    assert crm.calls == []
    assert job.resume(run.name, given).exit_code == 0
    assert len(crm.calls) == 5


def test_a_run_that_waits_for_workers_is_taken_over_and_not_undone(tmp_path: Path, crm: Crm, given: Settings) -> None:
    report = left_to_workers(tmp_path, given)
    with pytest.raises(UnderWay):
        job.undo(str(report.run), given)
    with open_journal(given) as journal:
        lease = claim(journal, given)
        assert lease is not None
        with pytest.raises(UnderWay):
            job.resume(str(report.run), given)
        journal.leases.give_back(lease, {})
        journal.claim(lease.run)
        assert claim(journal, given) is None
    again = job.resume(str(report.run), given)
    assert (again.exit_code, again.counts["updated"], len(crm.calls)) == (0, 5, 5)


def test_a_run_whose_driver_is_lost_is_closed_by_whoever_looks_after_it(tmp_path: Path, crm: Crm, given: Settings) -> None:
    """All its shards had ended by then, so that no worker does it."""
    report = left_to_workers(tmp_path, given)
    with opened(given) as (driver, journal):
        assert not close_if_over(journal, str(report.run), given)
        driver._locks.acquire(str(report.run))  # as whoever has planned it would
        drive_all(journal, given)
        assert journal.run(str(report.run)).state is RunState.SENDING
        driver._locks.release(str(report.run))
        assert close_if_over(journal, str(report.run), given)
        assert journal.run(str(report.run)).state is RunState.FINISHED
        assert not close_if_over(journal, str(report.run), given)


def test_nothing_is_left_to_workers_by_a_file_or_where_somebody_has_to_stay(tmp_path: Path, crm: Crm, given: Settings) -> None:
    with pytest.raises(Refused, match="only where the journal is in a PostgreSQL database"):
        left_to_workers(tmp_path, jobs.settings(tmp_path, crm.url))
    with pytest.raises(Refused, match="somebody has to stay"):
        left_to_workers(tmp_path, given, prove_only=True)
    assert crm.calls == []


def test_a_worker_that_is_to_end_gives_its_shard_back(tmp_path: Path, journal_server: str) -> None:
    stop = Stop()

    def decide(call: Call) -> Any:
        stop.ask()
        return CONFIRMED

    with Crm(decide) as crm:
        rate = {"concurrency": 1}
        given = jobs.settings(tmp_path, crm.url, journal=journal_server, rate=rate)
        left_to_workers(tmp_path, given)
        with open_journal(given) as journal:
            lease = claim(journal, given)
            assert lease is not None
            end = drive_shard(journal, lease, given, stop)
            assert end.is_given_back and end.counts.ended == {"updated": 1}
            again = claim(journal, given)
            assert again is not None and again.former is None
            assert drive_shard(journal, again, given, Stop()).counts.ended == {"updated": 5}
    assert len(crm.calls) == 5


# --- former owners


def in_flight(journal: Journal, lease: Lease, row: int) -> None:
    """A row is marked as being sent by whoever has the lease."""
    assert journal.of(lease.run, lease).sending.advance(None, row)


def confirmed(row: int) -> Outcome:
    return Outcome(row, Status.UPDATED, "0", None, 1, now())


def test_what_a_worker_that_is_gone_had_on_its_way_is_sent_again(tmp_path: Path, crm: Crm, given: Settings) -> None:
    report = left_to_workers(tmp_path, given)
    with opened(given) as (former, journal):
        lease = claim(former, given, "gone")
        assert lease is not None
        in_flight(former, lease, 2)
        end_leases(given)
        drive_all(journal, given)
        assert journal.run(str(report.run)).counts == {"updated": 5}
    assert sorted(crm.sent()) == [f"row {row}" for row in range(2, 7)]
    assert jobs.results(results_of(report, given))[0]["result_attempts"] == "2"


def test_what_a_worker_that_stood_still_knows_is_waited_for_and_nothing_is_sent_twice(
    tmp_path: Path, crm: Crm, given: Settings
) -> None:
    report = left_to_workers(tmp_path, given)
    with opened(given) as (former, journal), former.at_work() as name:
        lease = claim(former, given, name)
        assert lease is not None
        in_flight(former, lease, 2)
        end_leases(given)
        drive_all(journal, given)  # whatever is not of its clue is sent meanwhile, and nobody stands by for the rest
        assert sorted(crm.sent()) == ["row 3", "row 4", "row 6"]
        assert former.of(lease.run, lease).sending.advance(confirmed(2), None)
        end_leases(given)
        drive_all(journal, given)
        run = journal.run(str(report.run))
    assert (run.state, run.counts) == (RunState.FINISHED, {"updated": 5})
    assert crm.sent()[3:] == ["row 5"]


def test_a_worker_that_stands_still_is_waited_for_as_long_as_patience_lasts(tmp_path: Path, crm: Crm, given: Settings) -> None:
    report = left_to_workers(tmp_path, given)
    with opened(given) as (former, journal), former.at_work() as name:
        lease = claim(former, given, name)
        assert lease is not None
        in_flight(former, lease, 2)
        end_leases(given)
        drive_all(journal, given)
        (shard,) = [shard for shard in journal.leases.progress(lease.run_id) if shard.part.shard == lease.shard]
        assert shard.worker == name and not shard.is_done
        assert "row 2" not in crm.sent()
        let_time_pass(given, given.rate.patience)
        drive_all(journal, given)
        assert journal.run(str(report.run)).counts == {"updated": 5}
    assert crm.sent()[3:] == ["row 2", "row 5"]


def end_by_a_kill(journal: Journal, given: Settings, lease: Lease) -> None:
    end_leases(given)


def end_by_giving_back(journal: Journal, given: Settings, lease: Lease) -> None:
    assert journal.leases.give_back(lease, {})


def end_by_a_stop(journal: Journal, given: Settings, lease: Lease) -> None:
    stop = Stop()
    stop.ask()
    assert drive_shard(journal, lease, given, stop).is_given_back


@pytest.mark.parametrize("end", [end_by_a_kill, end_by_giving_back, end_by_a_stop])
def test_what_stands_still_is_waited_for_however_those_end_who_come_next(
    tmp_path: Path, crm: Crm, given: Settings, end: Callable[[Journal, Settings, Lease], None]
) -> None:
    report = left_to_workers(tmp_path, given)
    with opened(given) as (former, journal), former.at_work() as name:
        lease = claim(former, given, name)
        assert lease is not None
        in_flight(former, lease, 2)
        end_leases(given)
        for number in range(3):
            following = claim(journal, given, f"killed {number}")
            assert following is not None and following.shard == lease.shard
            end(journal, given, following)
        drive_all(journal, given)
        assert sorted(crm.sent()) == ["row 3", "row 4", "row 6"]
        assert former.of(lease.run, lease).sending.advance(confirmed(2), None)
        end_leases(given)
        drive_all(journal, given)
        assert journal.run(str(report.run)).counts == {"updated": 5}
    assert crm.sent()[3:] == ["row 5"]


def test_of_two_that_left_rows_on_their_way_only_the_one_that_is_gone_is_not_waited_for(
    tmp_path: Path, crm: Crm, given: Settings
) -> None:
    report = left_to_workers(tmp_path, given)
    with opened(given) as (former, journal), former.at_work() as name:
        gone = claim(journal, given, "gone")
        assert gone is not None
        in_flight(journal, gone, 3)
        end_leases(given)
        lease = claim(former, given, name)
        assert lease is not None and lease.shard == gone.shard
        in_flight(former, lease, 2)
        end_leases(given)
        drive_all(journal, given)
        assert sorted(crm.sent()) == ["row 3", "row 4", "row 6"]
        assert former.of(lease.run, lease).sending.advance(confirmed(2), None)
        end_leases(given)
        drive_all(journal, given)
        assert journal.run(str(report.run)).counts == {"updated": 5}


def test_each_worker_that_stands_still_has_patience_of_its_own(tmp_path: Path, crm: Crm, given: Settings) -> None:
    left_to_workers(tmp_path, given)
    with opened(given) as (former, journal), former.at_work() as first, former.at_work() as second:
        one = claim(former, given, first)
        assert one is not None
        in_flight(former, one, 2)
        end_leases(given)
        other = claim(former, given, second)
        assert other is not None and other.shard == one.shard
        in_flight(former, other, 3)
        let_time_pass(given, given.rate.patience)
        drive_all(journal, given)
    assert "row 2" in crm.sent() and "row 3" not in crm.sent()


def test_nobody_goes_on_with_a_run_while_a_worker_that_stands_still_may_know_of_its_rows(
    tmp_path: Path, crm: Crm, given: Settings
) -> None:
    report = left_to_workers(tmp_path, given)
    name = str(report.run)
    with opened(given) as (former, journal), former.at_work() as worker:
        lease = claim(former, given, worker)
        assert lease is not None
        in_flight(former, lease, 2)
        end_leases(given)
        with pytest.raises(UnderWay, match="stands still"):
            job.resume(name, given)
        assert journal.run(name).state is RunState.SENDING, "workers go on with it"
        job.stop_run(name, given)
        assert journal.run(name).state is RunState.STOPPED
        with pytest.raises(UnderWay, match="stands still"):
            left_to_workers(tmp_path, given)  # which would go on with it as well
        assert former.of(name, lease).sending.advance(confirmed(2), None)
        assert job.resume(name, given).counts["updated"] == 5
    assert sorted(crm.sent()) == ["row 3", "row 4", "row 5", "row 6"]


def test_what_a_worker_has_said_itself_is_waited_for_by_nobody_who_goes_on(tmp_path: Path, crm: Crm, given: Settings) -> None:
    report = left_to_workers(tmp_path, given)
    with opened(given) as (former, journal), former.at_work() as worker:
        lease = claim(former, given, worker)
        assert lease is not None
        in_flight(former, lease, 2)
        lost = Outcome(2, Status.FAILED, "", None, 1, now(), maybe_applied=True)
        assert former.of(lease.run, lease).sending.advance(lost, None)
        assert journal.leases.give_back(lease, {})
        assert job.resume(str(report.run), given).counts["updated"] == 5
    assert "row 2" in crm.sent()


def test_whoever_has_lost_a_shard_sends_nothing_more_and_stops_nobody(tmp_path: Path, crm: Crm, given: Settings) -> None:
    report = left_to_workers(tmp_path, given)
    with opened(given) as (former, journal):
        lease = claim(former, given, "gone")
        assert lease is not None
        end_leases(given)
        taken = claim(journal, given, "another")
        assert taken is not None and (taken.shard, taken.former) == (lease.shard, "gone")
        assert drive_shard(former, lease, given, Stop()).is_lost
        assert crm.calls == []
        assert not journal.of(lease.run).sending.stop_asked()
        drive_shard(journal, taken, given, Stop())
        drive_all(journal, given)
        assert journal.run(str(report.run)).counts == {"updated": 5}


def test_a_limit_holds_over_all_who_have_driven_the_shard(tmp_path: Path, crm: Crm, given: Settings) -> None:
    report = left_to_workers(tmp_path, given, limit=3)
    with opened(given) as (former, journal):
        lease = claim(former, given, "gone")
        assert lease is not None and lease.part.most == 3
        in_flight(former, lease, 2)
        former.of(lease.run, lease).sending.advance(confirmed(2), 3)
        former.of(lease.run, lease).sending.advance(confirmed(3), None)
        end_leases(given)
        drive_all(journal, given)
        assert journal.run(str(report.run)).counts == {"updated": 3, "pending": 2}
    assert len(crm.calls) == 1


def test_a_limit_counts_what_a_worker_that_stands_still_has_on_its_way(tmp_path: Path, crm: Crm, given: Settings) -> None:
    left_to_workers(tmp_path, given, limit=3)
    with opened(given) as (former, journal), former.at_work() as name:
        lease = claim(former, given, name)
        assert lease is not None
        in_flight(former, lease, 6)
        end_leases(given)
        drive_all(journal, given)
        assert len(crm.sent()) == 2
        assert former.of(lease.run, lease).sending.advance(confirmed(6), None)
        end_leases(given)
        drive_all(journal, given)
    assert len(crm.sent()) == 2


def test_a_limit_does_not_count_what_is_to_be_sent_once_more(tmp_path: Path, crm: Crm, given: Settings) -> None:
    left_to_workers(tmp_path, given, limit=3)
    with opened(given) as (former, journal):
        lease = claim(former, given, "gone")
        assert lease is not None
        in_flight(former, lease, 2)
        journal.of(lease.run).sending.abandon(Message("failed.interrupted"))  # and whoever did so was killed then
        end_leases(given)
        drive_all(journal, given)
    assert len(crm.sent()) == 3


# --- what others may do with a run meanwhile


def test_a_run_that_has_stopped_is_sent_by_nobody_though_nobody_has_asked_its_workers_to_stop(
    tmp_path: Path, crm: Crm, given: Settings
) -> None:
    """Whoever planned it crashed right after it was cut, say."""
    report = left_to_workers(tmp_path, given)
    with open_journal(given) as journal:
        held = journal.of(str(report.run))
        held.set_state(RunState.STOPPED)
        assert claim(journal, given) is None
        assert journal.leases.free(10) == []
        assert [run for run, _ in journal.leases.over()] == [report.run]
        close_if_over(journal, str(report.run), given)
        assert journal.leases.progress(held.run_id) == []
    assert crm.calls == []


def test_who_was_taken_over_from_does_not_stop_the_run_of_whoever_did_so(tmp_path: Path, crm: Crm, given: Settings) -> None:
    report = left_to_workers(tmp_path, given)
    name = str(report.run)
    with opened(given) as (former, journal):
        former.claim(name)
        former._locks.release(name)  # as where its connection is lost
        journal.claim(name)
        former.of(name).ask_to_stop()
        assert not journal.run(name).stop_asked
        journal.of(name).ask_to_stop()
        assert journal.run(name).stop_asked


def test_a_run_that_waits_for_workers_is_left_alone_by_whoever_writes_purges_or_remembers(
    tmp_path: Path, crm: Crm, given: Settings
) -> None:
    report = left_to_workers(tmp_path, given)
    name = str(report.run)
    with open_journal(given) as journal:
        with pytest.raises(UnderWay):
            job.results_again(journal, name, tmp_path / "early.csv", "en")
        later = datetime.now().astimezone() + timedelta(days=1)
        old = old_runs(journal, later)
        assert old.under_way == (name,)
        assert purge(journal, old, results=False).runs == 0
        applied = journal.applied(given.api.base_url, app_of(given))
        journal.take_in(applied)
        assert applied.not_taken_in(0) == [journal.of(name).run_id]
        assert journal.run(name).state is RunState.SENDING
        drive_all(journal, given)
        assert journal.run(name).counts == {"updated": 5}
        assert purge(journal, old_runs(journal, later), results=False).runs == 1


def test_an_older_value_lands_on_no_newer_one_whichever_workers_send_them(tmp_path: Path, crm: Crm, given: Settings) -> None:
    """The older run waits for a worker until the newer one is done."""
    left_to_workers(tmp_path, given)
    newer = jobs.text_file(tmp_path / "newer.csv", "clue_id,remark\n12,newer\n")
    with opened(given) as (one, other):
        first = claim(one, given, "first")
        assert first is not None
        later = job.run(newer, given, detach=True)
        while lease := claim(other, given, "other"):
            if lease.run == later.run:
                drive_shard(other, lease, given, Stop())
                break
            other.leases.give_back(lease, {})
        end = drive_shard(one, first, given, Stop())
    assert end.counts.ended == {"updated": 2, "conflict": 1}
    assert [call.body["remark"] for call in crm.calls if call.clue == 12] == ["newer"]


def test_a_memory_that_is_wrong_is_found_out_by_workers_as_well(tmp_path: Path, journal_server: str) -> None:
    """Whoever ends the last shard has all clues read then, and the run is closed once those are."""
    records = [{"clue_id": clue, "clue_name": "c", "remark": "old", "email": ""} for clue in range(11, 21)]
    lines = ["clue_id,remark", *(f"{clue},new" for clue in range(11, 21))]
    with Sandbox(records, access_token=jobs.TOKEN) as crm:
        given = jobs.settings(tmp_path, crm.url, journal=journal_server, worker={"rows_per_shard": 2})
        sheet = jobs.text_file(tmp_path / "export.csv", "\n".join(lines) + "\n")
        job.reconcile(sheet, given)
        for clue in range(11, 21):
            crm.change(clue, remark="somebody")
        report = job.reconcile(sheet, given, trust_journal=True, verify_share=0.5, new=True, detach=True)
        with open_journal(given) as journal:
            drive_all(journal, given)
            run = journal.run(str(report.run))
        assert (run.state, run.counts) == (RunState.FINISHED, {"updated": 10})
        assert {crm.clue(clue)["remark"] for clue in range(11, 21)} == {"new"}
