"""How a run is going that workers send, as people and programs are told of it while it goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support import jobs
from support.commands import TOKEN, Commands

from batch_editor import Settings, job, say
from batch_editor.crm.connection import tenant_key
from batch_editor.events import Waiting
from batch_editor.runs.shard_counts import ShardCounts, waiting_to_json
from batch_editor.runs.shared_look import SharedRun
from batch_editor.sandbox import Sandbox
from batch_editor.states import WaitReason
from batch_editor.web.drivers import Drivers
from batch_editor.web.progress_step import shown

CLUES = range(1001, 1011)


@pytest.fixture
def crm() -> Iterator[Sandbox]:
    with Sandbox(accept_any_clue=True, access_token=TOKEN) as sandbox:
        yield sandbox


@pytest.fixture
def command(tmp_path: Path, crm: Sandbox, journal_server: str) -> Commands:
    jobs.sheet(tmp_path, CLUES)
    return Commands(tmp_path, crm.url, journal=journal_server, worker={"rows_per_shard": 4})


@pytest.fixture
def given(command: Commands) -> Settings:
    return Settings.load(command.folder / "config.yaml").model_copy(deep=True)


@pytest.fixture
def run(command: Commands) -> str:
    """A run of ten rows, in three shards, that was left to the workers."""
    done = command("run", "edits.csv", "--yes", "--detach", "--json")
    assert done.code == 0, done.err
    return str(done.json["run"])


def test_a_run_that_nobody_serves_says_so_and_what_to_do(command: Commands, run: str, given: Settings) -> None:
    of_run = command("show", run)
    assert of_run.code == 0 and "0 of 10 rows done; 0 of 3 shards ended" in " ".join(of_run.out.split())
    assert "none was seen within the last minute" in " ".join(of_run.out.split()) and "batch-editor worker" in of_run.out
    assert "10  still to be sent" in of_run.out and "没有人在处理" in command("show", run, "--lang", "zh").out
    with job.open_journal(given) as journal:
        journal.leases.note_worker("other", "host", 1, "1", ["another-tenant"])
    assert "access data of its tenant" in " ".join(command("show", run).out.split())  # whoever has others is of no use
    shared = command("show", run, "--json").json["shared"]
    assert (shared["shards"], shared["done"], shared["waiting_shards"], shared["at_work"]) == (3, 0, 3, {})
    assert "shards ended" in command("runs").out


def test_who_sends_it_where_and_why_nothing_goes_out_is_told(
    command: Commands, run: str, given: Settings, journal_server: str
) -> None:
    with job.open_journal(given) as journal:
        leases = journal.leases
        leases.note_worker("one", "host-a", 1, "1", [tenant_key(given, "")])
        leases.note_worker("another", "host-c", 1, "1", ["another-tenant"])
        claimed = [leases.claim(name, [tenant_key(given, "")], 60) for name in ("one", "host-b-77-0a0b0c0d")]
        waiting = waiting_to_json(Waiting(WaitReason.TOO_FAST, 42.0))
        for lease in claimed:
            assert lease is not None
            leases.renew(lease, ShardCounts(ended={"updated": 2}).as_json(), waiting)
        text = " ".join(command("show", run).out.split())
        assert "4 of 10 rows done; 0 of 3 shards ended" in text and "2 shards, on host-a (1), host-b (1)" in text
        assert "Waiting for a worker: 1 shard" in text and '"too fast"' in text and "42 seconds" in text
        shared = command("show", run, "--json").json["shared"]
        assert (shared["waits_for"], shared["rows_done"], shared["workers"]) == ("too_fast", 4, 1)
        on_page = shown(Drivers(lambda: given).snapshot(run), "zh")
        assert on_page.wait == "too_fast" and "host-a (1), host-b (1)" in on_page.texts["note"]
        job.stop_run(run, given)
        text = " ".join(command("show", run).out.split())
        assert "It was asked to stop" in text and "Waiting for a worker" not in text
        assert command("show", run, "--json").json["shared"]["stopping"] is True


def test_that_shards_were_given_back_since_the_crm_could_not_be_reached_is_told(
    command: Commands, run: str, given: Settings
) -> None:
    with job.open_journal(given) as journal:
        for name in ("one", "another"):
            lease = journal.leases.claim(name, [tenant_key(given, "")], 60)
            assert lease is not None
            if name == "another":
                journal.leases.renew(lease, ShardCounts(unreached=1e9).as_json(), None)  # it is tried again
            else:
                first = lease
        journal.leases.give_back(first, ShardCounts(unreached=1e9).as_json())
        told = " ".join(command("show", run).out.split())
        assert "Of these, given back since the CRM could not be reached from where they were sent: 1 shard" in told
        assert "无法连接 CRM 而交还的：1 个分片" in command("show", run, "--lang", "zh").out
        job.stop_run(run, given)
        assert "could not be reached" not in command("show", run).out


def test_a_run_that_was_left_to_the_workers_can_be_stopped_from_any_terminal(
    tmp_path: Path, command: Commands, run: str, given: Settings
) -> None:
    with job.open_journal(given) as journal:
        lease = journal.leases.claim("one", [tenant_key(given, "")], 60)
        stopped = command("runs", "--stop", run)
        assert (stopped.code, stopped.err) == (0, "") and "was asked to stop" in stopped.out
        assert journal.of(run).sending.stop_asked() and command("show", run, "--json").json["shared"]["stopping"]
        assert command("resume", run).code == 4  # its worker has still to end
        assert lease is not None and journal.leases.give_back(lease, ShardCounts().as_json())
    assert command("runs", "--stop", run, "--json").json["asked_to_stop"] == [run]  # now there is nobody to wait for
    assert command("show", run, "--json").json["state"] == "stopped"
    assert command("runs", "--stop", run).code == 2
    assert command("resume", run, "--json").json["updated"] == len(CLUES)


def test_what_is_left_to_the_workers_is_said_to_be_sent_still(command: Commands) -> None:
    assert "10  still to be sent" in command("run", "edits.csv", "--yes", "--detach").out


def test_a_run_that_is_over_or_in_a_file_is_told_as_ever(tmp_path: Path, crm: Sandbox, command: Commands) -> None:
    done = command("run", "edits.csv", "--yes", "--json")
    assert done.code == 0 and command("show", done.json["run"], "--json").json["shared"] is None
    assert "shard" not in command("show", done.json["run"]).out + command("runs").out


def test_the_page_tells_that_nobody_serves_a_run_without_what_to_type(run: str, given: Settings) -> None:
    note = shown(Drivers(lambda: given).snapshot(run), "en").texts["note"]
    assert "Whoever looks after this program has to start one." in note and "batch-editor" not in note


def test_a_shard_of_a_few_edits_counts_those_alone() -> None:
    look = SharedRun(2, 1, {}, 5, {"updated": 5}, None, is_stopping=False, workers=1)
    assert (look.wait, look.is_unserved) == (1, False)
    assert [say(message, "zh") for message in look.messages()][1] == "等待工作进程：1 个分片"
