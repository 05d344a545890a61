"""A run that is sent in shards comes out as one that one process sends: results, JSON, and what the CRM got."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from support import jobs
from support.crm import CONFIRMED, LOST, Call, Crm, envelope, scripted, status
from support.servers import Answer

from batch_editor import HaltReason, Notice, Report, Settings, UnderWay, job
from batch_editor.crm.connection import tenant_key
from batch_editor.events import Event, SendProgress
from batch_editor.journal.journal import Journal
from batch_editor.journal.leases import Lease, Leases, ShardState
from batch_editor.runs import sharing
from batch_editor.runs.journal_file import open_journal
from batch_editor.runs.shard_counts import ShardCounts
from batch_editor.runs.shard_drive import ShardEnd, drive_shard
from batch_editor.sandbox import Sandbox
from batch_editor.settings.settings import app_of
from batch_editor.stop import Stop

pytestmark = pytest.mark.usefixtures("results_as_csv")

#: What differs from one run to the next, whoever sends it.
_OF_ITS_OWN = {"run", "results", "seconds"}


@contextmanager
def workers(settings: Settings, number: int) -> Iterator[None]:
    """So many workers that send shards of all runs, each in a thread with a journal of its own."""
    stop = Stop()

    def work() -> None:
        with open_journal(settings) as journal, journal.at_work() as name:
            while not stop.soft.is_set():
                lease = journal.leases.claim(name, [tenant_key(settings, app_of(settings))], settings.worker.lease)
                if lease is None:
                    stop.soft.wait(0.05)
                else:
                    drive_shard(journal, lease, settings, stop)

    threads = [threading.Thread(target=work) for _ in range(number)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.soft.set()
        for thread in threads:
            thread.join()


@pytest.mark.usefixtures("results_as_csv")
def test_a_driver_whose_run_was_ended_elsewhere_leaves(tmp_path: Path, journal_server: str) -> None:
    """Its lock was lost with the database for a moment, and a worker has ended the last shard right then."""

    def decide(call: Call) -> Answer:
        if call.clue == 12:
            with psycopg.connect(journal_server, autocommit=True) as connection:
                connection.execute("UPDATE runs SET driven = driven + 1")
                connection.execute("DELETE FROM shards")
        return CONFIRMED

    with Crm(decide) as crm:
        given = jobs.settings(tmp_path, crm.url, journal=journal_server)
        stop = Stop()
        impatience = threading.Timer(20.0, lambda: [stop.ask(), stop.ask()])
        impatience.start()
        with pytest.raises(UnderWay, match="taken over"):
            job.run(jobs.sheet(tmp_path, [11, 12]), given, stop=stop)
        impatience.cancel()
        assert not stop.hard.is_set(), "it has left by itself"


def summary_of(report: Report) -> dict[str, Any]:
    summary = {key: value for key, value in report.summary().items() if key not in _OF_ITS_OWN}
    return json.loads(json.dumps(summary).replace(str(report.run), "RUN"))


def rows_of(report: Report) -> list[dict[str, str]]:
    rows = jobs.results(report.results)
    return [{key: value for key, value in row.items() if key not in ("result_time", "result_run")} for row in rows]


def by_clue(crm: Crm) -> dict[int, list[Any]]:
    """What was sent of each clue, in the order in which it arrived."""
    calls: dict[int, list[Any]] = {}
    for call in crm.calls:
        calls.setdefault(call.clue, []).append(call.body)
    return calls


Sent = tuple[dict[str, Any], list[dict[str, str]], dict[int, list[Any]]]


def sent_by(run: Callable[[Settings, Path], Report], script: Any, folder: Path, helpers: int = 0, **over: Any) -> Sent:
    """What ``run`` comes to with a CRM that answers by ``script``, in a folder of its own."""
    folder.mkdir()
    with Crm(scripted(script)) as crm, ExitStack() as opened:
        settings = jobs.settings(folder, crm.url, **over)
        if helpers:
            opened.enter_context(workers(settings, helpers))
        report = run(settings, folder)
        return summary_of(report), rows_of(report), by_clue(crm)


SHARED: dict[str, Any] = {"worker": {"rows_per_shard": 3}}
CLUES = [11, 12, 13, 11, 14, 15, 12, 16, 17, 11, 18, 19, 13, 20]
REJECTED = envelope(40001, "refused")
SCRIPTS: dict[str, dict[int, Sequence[Any]]] = {
    "all is well": {},
    "some are refused": {12: [REJECTED], 16: [REJECTED], 13: [REJECTED, envelope(0, data=True)]},
    "answers are lost": {11: [LOST, envelope(0, data=True)], 15: [LOST], 13: [LOST]},
}


@pytest.mark.parametrize("helpers", [0, 2])
@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_a_run_in_shards_comes_out_as_one_of_one_process(
    tmp_path: Path, journal_server: str, script: Any, helpers: int
) -> None:
    def run(settings: Settings, folder: Path) -> Report:
        return job.run(jobs.sheet(folder, CLUES), settings)

    alone = sent_by(run, script, tmp_path / "same")
    (tmp_path / "same").rename(tmp_path / "alone")
    shared = sent_by(run, script, tmp_path / "same", helpers, journal=journal_server, **SHARED)
    assert shared == alone


# --- every way to send


def record(clue: int) -> dict[str, Any]:
    fields = {"clue_name": f"客户{clue}", "clue_pool_id": 1, "follow_user_id": OWNER, "remark": f"old {clue}", "email": ""}
    return {"clue_id": clue, "label": "t1", **fields}


OWNER = "wo-owner-of-the-tests"
RECORDS = [record(clue) for clue in range(11, 31)]
#: Rows that change nothing, that repeat a clue, that set a value back, and that fill an empty field.
LINES = ["clue_id,remark,email"]
LINES += [f"{clue},{'new' if clue % 3 else f'old {clue}'},{'' if clue % 4 else 'a@b.cn'}" for clue in range(11, 25)]
LINES += ["11,newer,", "12,old 12,", "15,again,c@d.cn", "11,old 11,", "24,new,"]


def edits(folder: Path, lines: Sequence[str] = LINES) -> Path:
    return jobs.text_file(folder / "edits.csv", "\n".join(lines) + "\n")


def tagged(folder: Path) -> Path:
    return edits(folder, ["clue_id,label", *(f"{clue},{'t2' if clue % 2 else 't1,t3'}" for clue in (*range(11, 22), 12, 11))])


def and_undone(settings: Settings, folder: Path, sandbox: Sandbox) -> Report:
    run = job.run(edits(folder), settings, snapshot=True).run
    sandbox.change(13, remark="somebody")
    return job.undo(str(run), settings)


def and_gone_on_with(settings: Settings, folder: Path, sandbox: Sandbox) -> Report:
    run = job.run(edits(folder), settings, limit=4).run
    return job.resume(str(run), settings)


def that_drifts(settings: Settings, folder: Path, sandbox: Sandbox) -> Report:
    job.reconcile(edits(folder), settings)
    for clue in range(11, 25):
        sandbox.change(clue, remark="somebody")
    lines = [line.replace("new", "newest") if line.startswith("20") else line for line in LINES]
    return job.reconcile(edits(folder, lines), settings, trust_journal=True, verify_share=0.5, new=True)


def run_with(**options: Any) -> Callable[[Settings, Path, Sandbox], Report]:
    return lambda settings, folder, sandbox: job.run(edits(folder), settings, **options)


MODES: dict[str, Callable[[Settings, Path, Sandbox], Report]] = {
    "plain": run_with(),
    "only what differs": run_with(only_changed=True),
    "only what is empty": run_with(only_empty=True),
    "with old values": run_with(snapshot=True),
    "what is read before": run_with(attended=True, confirm=lambda preview: True),
    "at most three": run_with(limit=3),
    "at most three that differ": run_with(limit=3, only_changed=True),
    "tags that are added": lambda settings, folder, sandbox: job.run(tagged(folder), settings, tags="add"),
    "the proof alone": run_with(prove_only=True),
    "undone": and_undone,
    "gone on with": and_gone_on_with,
    "a memory that drifts": that_drifts,
}


def asked_of(sandbox: Sandbox) -> dict[tuple[str, Any], int]:
    """How often each clue was read and edited."""
    asked: dict[tuple[str, Any], int] = {}
    for request in sandbox.requests:
        key = request.path.rpartition("/")[2], json.loads(request.body or b"{}").get("clue_id")
        asked[key] = asked.get(key, 0) + 1
    return asked


@pytest.mark.parametrize("mode", MODES.values(), ids=MODES)
def test_every_way_to_send_comes_out_the_same(
    tmp_path: Path, journal_server: str, mode: Callable[[Settings, Path, Sandbox], Report]
) -> None:
    came: list[tuple[Any, ...]] = []
    for shared in (False, True):
        folder = tmp_path / "same"
        folder.mkdir()
        over = {"journal": journal_server, **SHARED} if shared else {}
        with Sandbox(RECORDS, access_token=jobs.TOKEN) as sandbox, ExitStack() as opened:
            settings = jobs.settings(folder, sandbox.url, **{"prove": True, **over})
            if shared:
                opened.enter_context(workers(settings, 2))
            report = mode(settings, folder, sandbox)
            came.append((summary_of(report), rows_of(report) if report.results else [], sandbox.clues(), asked_of(sandbox)))
        folder.rename(tmp_path / str(shared))
    assert came[1] == came[0]


# --- what stops a run, and what is told of it


@pytest.mark.parametrize("helpers", [0, 2])
def test_whoever_stops_a_run_stops_all_who_send_it_and_nothing_is_sent_twice(
    tmp_path: Path, journal_server: str, helpers: int
) -> None:
    stop = Stop()

    def decide(call: Call) -> Answer:
        if call.clue == 20:
            stop.ask()
        return CONFIRMED

    clues = [20, *range(21, 60)]
    with Crm(decide) as crm, ExitStack() as opened:
        settings = jobs.settings(tmp_path, crm.url, journal=journal_server, rate={"concurrency": 1}, **SHARED)
        if helpers:
            opened.enter_context(workers(settings, helpers))
        report = job.run(jobs.sheet(tmp_path, clues), settings, stop=stop)
        assert (report.exit_code, report.halt_reason) == (3, HaltReason.ASKED)
        assert report.counts["updated"] == len(crm.calls) < 40
        assert report.counts["not_sent"] == report.left == 40 - len(crm.calls)
        assert job.resume(str(report.run), settings).exit_code == 0
    assert sorted(call.clue for call in crm.calls) == clues


def test_whoever_asks_twice_leaves_at_once_and_the_run_is_gone_on_with(tmp_path: Path, journal_server: str) -> None:
    stop, held = Stop(), threading.Event()

    def decide(call: Call) -> Answer:
        if call.number == 1:
            stop.ask()
            stop.ask()
            held.wait(20)
        return CONFIRMED

    with Crm(decide) as crm:
        settings = jobs.settings(tmp_path, crm.url, journal=journal_server, rate={"concurrency": 1}, **SHARED)
        report = job.run(jobs.sheet(tmp_path, [11, 12, 13, 14]), settings, stop=stop)
        held.set()
        assert (report.exit_code, report.counts["failed"], report.counts["not_sent"]) == (3, 1, 3)
        assert job.resume(str(report.run), settings).counts["updated"] == 4


def test_edits_that_come_to_nothing_in_a_row_are_counted_from_shard_to_shard(tmp_path: Path, journal_server: str) -> None:
    with Crm(lambda call: REJECTED) as crm:
        over: dict[str, Any] = {"halt": {"after_rejections": 5}, "rate": {"concurrency": 1}, **SHARED}
        settings = jobs.settings(tmp_path, crm.url, journal=journal_server, **over)
        report = job.run(jobs.sheet(tmp_path, range(11, 41)), settings)
    assert (report.exit_code, report.halt_reason, len(crm.calls)) == (3, HaltReason.REJECTIONS, 5)


def test_what_shards_have_to_tell_is_told_once_and_how_far_they_are(tmp_path: Path, journal_server: str) -> None:
    too_fast = status(429)
    events: list[Event] = []
    with Crm(scripted({11: [too_fast, CONFIRMED], 14: [LOST]})) as crm:
        settings = jobs.settings(tmp_path, crm.url, journal=journal_server, **SHARED)
        with workers(settings, 1):
            report = job.run(jobs.sheet(tmp_path, CLUES), settings, on_event=events.append)
    told = [event.message.key for event in events if isinstance(event, Notice)]
    assert told.count("notice.pause") == 1
    assert "notice.once_more_failed" in told
    progress = [event for event in events if isinstance(event, SendProgress)]
    assert progress[-1].counts == {"updated": 13, "failed": 1} and progress[-1].total == 14
    assert report.counts["failed"] == 1


def test_while_the_database_is_away_whoever_waits_is_told_so_and_can_stop(
    tmp_path: Path, journal_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    away, back, stop = threading.Event(), threading.Event(), Stop()
    told: list[str] = []
    progress = Leases.progress

    def held(leases: Leases, run_id: int) -> list[ShardState]:
        if away.is_set() and not back.wait(5):
            told.append("nothing")
        return progress(leases, run_id)

    def decide(call: Call) -> Answer:
        away.set()
        return CONFIRMED

    def hear(event: Event) -> None:
        if isinstance(event, Notice):
            told.append(event.message.key)
            if event.message.key == "notice.journal_away":
                stop.ask()
            elif event.message.key == "notice.stopping":
                back.set()

    monkeypatch.setattr(Leases, "progress", held)
    monkeypatch.setattr(Journal, "is_away", property(lambda journal: away.is_set() and not back.is_set()))
    with Crm(decide) as crm:
        settings = jobs.settings(tmp_path, crm.url, journal=journal_server, rate={"concurrency": 1}, **SHARED)
        report = job.run(jobs.sheet(tmp_path, CLUES), settings, stop=stop, on_event=hear)
    assert told[:2] == ["notice.journal_away", "notice.stopping"] and "notice.journal_back" in told
    assert "nothing" not in told and report.halt_reason is HaltReason.ASKED


def test_whoever_has_planned_a_run_and_cannot_reach_the_crm_leaves_it_to_others_for_a_while(
    tmp_path: Path, journal_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[int] = []

    def cut_off(journal: Journal, lease: Lease, *others: Any, **more: Any) -> ShardEnd:
        tries.append(lease.shard)
        journal.leases.give_back(lease, {})
        return ShardEnd(ShardCounts(), is_given_back=True, rest=3600.0)

    monkeypatch.setattr(sharing, "drive_shard", cut_off)
    with Crm(scripted({})) as crm:
        settings = jobs.settings(tmp_path, crm.url, journal=journal_server, **SHARED)
        with workers(settings, 1):
            report = job.run(jobs.sheet(tmp_path, range(11, 31)), settings)
    assert (report.exit_code, report.counts["updated"], len(tries)) == (0, 20, 1)


def test_the_token_is_asked_for_once_however_many_shards_there_are(tmp_path: Path, journal_server: str) -> None:
    with Crm(scripted({})) as crm:
        settings = jobs.settings(tmp_path, crm.url, api=jobs.APP, journal=journal_server, worker={"rows_per_shard": 2})
        assert job.run(jobs.sheet(tmp_path, range(11, 31)), settings).counts["updated"] == 20
    assert crm.token_calls == 1
