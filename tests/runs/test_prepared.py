"""A prepared run: planned, looked at, confirmed and sent, or discarded, by one process or by several."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support import jobs
from support.commands import Commands
from support.crm import CONFIRMED, Call, Crm, status
from support.servers import Answer

import batch_editor
from batch_editor import PreparedRun, Settings, job, open_run, plan, read_clues, send
from batch_editor.errors import Refused, SettingsError, UnderWay
from batch_editor.messages import say
from batch_editor.model import Run, RunState
from batch_editor.runs.prepared import RowPage
from batch_editor.sandbox import EDIT_PATH, Sandbox

pytestmark = pytest.mark.usefixtures("results_as_csv")

SHEET = "clue_id,remark,email\n11,a,a@b.cn\n12,b,\nbad,c,\n13,#CLEAR,no address\n14,,\n11,d,\n"


@pytest.fixture
def crm() -> Iterator[Crm]:
    with Crm() as serving:
        yield serving


@pytest.fixture
def given(tmp_path: Path, crm: Crm) -> Settings:
    return jobs.settings(tmp_path, crm.url)


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    return jobs.text_file(tmp_path / "edits.csv", SHEET)


def the_run(given: Settings) -> Run:
    with job.open_journal(given) as journal:
        (run,) = journal.runs()
        return run


def numbers(page: RowPage) -> list[int]:
    return [row.row for row in page.rows]


def planned(sheet: Path, given: Settings, **options: Any) -> tuple[str, str]:
    """The name of a run that is planned, and the digest of what it would send."""
    with plan(sheet, given, **options) as prepared:
        return prepared.name, prepared.digest()


# --- looked at


def test_a_plan_waits_in_the_journal(sheet: Path, given: Settings, crm: Crm) -> None:
    name, digest = planned(sheet, given)
    assert crm.connections == 0 and (the_run(given).name, the_run(given).state) == (name, RunState.PLANNED)
    for _ in range(2):
        with open_run(name, given) as prepared:
            assert (prepared.name, prepared.digest(), prepared.preview.calls) == (name, digest, 3)
            assert prepared.preview.counts.statuses == {"pending": 3, "invalid": 2, "skipped": 1}
            assert prepared.preview.repeated == [(11, [2, 7])]
            assert prepared.age < timedelta(minutes=5)
    assert crm.connections == 0 and the_run(given).state is RunState.PLANNED


def test_rows_come_in_pages(sheet: Path, given: Settings) -> None:
    with plan(sheet, given) as prepared:
        first = prepared.rows(most=4)
        assert (numbers(first), first.total, first.next_after) == ([2, 3, 4, 5], 6, 5)
        second = prepared.rows(after=5, most=4)
        assert (numbers(second), second.total, second.next_after) == ([6, 7], 6, None)
        exact = prepared.rows(most=6)
        assert (len(exact.rows), exact.next_after) == (6, None)
        assert first.rows[0].cells == ("11", "a", "a@b.cn") and first.rows[0].fields == ("remark", "email")
        assert prepared.rows(after=99) == RowPage((), 6, None)


@pytest.mark.parametrize(
    ("filters", "rows"),
    [
        ({"status": "pending"}, [2, 3, 7]),
        ({"status": "invalid"}, [4, 5]),
        ({"field": "email"}, [2, 5]),  # it is set in one, and wrong in the other
        ({"field": "mail"}, []),
        ({"field": "_mail"}, []),
        ({"field": "email", "status": "pending"}, [2]),
        ({"problem": "cell.not_id"}, [4]),
        ({"problem": "cell_not_id"}, []),
        ({"problem": "cell.email", "field": "email", "status": "invalid"}, [5]),
        ({"problem": "cell.not_id", "status": "pending"}, []),
    ],
)
def test_rows_are_filtered(sheet: Path, given: Settings, filters: dict[str, str], rows: list[int]) -> None:
    with plan(sheet, given) as prepared:
        page = prepared.rows(**filters)
        assert (numbers(page), page.total, page.next_after) == (rows, len(rows), None)
        if len(rows) > 1:
            assert prepared.rows(most=1, **filters).next_after == rows[0]


def test_what_must_not_be_sent_is_not_even_planned(sheet: Path, given: Settings) -> None:
    for refused in (
        lambda: plan(sheet, given, strict=True),
        lambda: plan(sheet, given.model_copy(update={"duplicates": "error"})),
        lambda: plan(sheet, given.model_copy(update={"guards": given.guards.model_copy(update={"max_rows": 1})})),
    ):
        with pytest.raises(Refused):
            refused()
    with job.open_journal(given) as journal:
        assert journal.runs() == []


# --- sent


def test_what_was_confirmed_is_what_is_sent(sheet: Path, given: Settings, crm: Crm, tmp_path: Path) -> None:
    name, digest = planned(sheet, given)
    with open_run(name, given) as prepared:
        report = send(prepared, confirmed=digest)
        assert [(call.clue, call.body["remark"]) for call in crm.calls if call.clue == 11] == [(11, "a"), (11, "d")]
        assert sorted(call.clue for call in crm.calls) == [11, 11, 12]
        assert (report.run, report.exit_code, report.counts["updated"]) == (name, 1, 3)
        assert report.results == tmp_path / "edits.results.csv"
        with pytest.raises(Refused, match="no longer what was confirmed"):  # a second time it is another thing
            send(prepared, confirmed=digest)
    assert the_run(given).state is RunState.FINISHED and len(crm.calls) == 3


def test_a_confirmation_is_for_one_time(sheet: Path, tmp_path: Path) -> None:
    """Also where all rows failed, so that the same calls are to be sent again."""
    with Crm(lambda call: status(500)) as crm:
        given = jobs.settings(tmp_path, crm.url)
        name, digest = planned(sheet, given)
        with open_run(name, given) as prepared:
            report = send(prepared, confirmed=digest)
            assert report.counts["failed"] == 2 and report.counts["not_sent"] == 1
            calls = len(crm.calls)
            with pytest.raises(Refused, match="no longer what was confirmed"):
                send(prepared, confirmed=digest)
            assert len(crm.calls) == calls


def test_what_was_not_confirmed_is_not_sent(sheet: Path, given: Settings, crm: Crm, tmp_path: Path) -> None:
    name, digest = planned(sheet, given)
    with open_run(name, given) as prepared:
        for wrong in ("", digest[:-1], digest.upper(), "0" * 64):
            with pytest.raises(Refused) as caught:
                send(prepared, confirmed=wrong)
        assert say(caught.value.message, "zh") == (
            f"运行 {name} 将要发送的内容已与确认时不同：它的计划在此之后发生了变化。未发送任何数据。"
            "请重新查看并确认现在的内容。"
        )
        assert crm.connections == 0 and the_run(given).state is RunState.PLANNED
        assert send(prepared, confirmed=digest, output=tmp_path / "out.csv").results == tmp_path / "out.csv"


def test_a_limit_is_part_of_what_is_confirmed(sheet: Path, given: Settings, crm: Crm) -> None:
    name, digest = planned(sheet, given, limit=1)
    assert planned(sheet, given)[1] != digest
    with open_run(name, given) as prepared:
        assert prepared.preview.calls == 1
        assert send(prepared, confirmed=digest).counts["not_sent"] == 2
    assert [call.clue for call in crm.calls] == [11]


def test_two_plans_of_the_same_are_the_same(sheet: Path, given: Settings, tmp_path: Path) -> None:
    digest = planned(sheet, given)[1]
    assert planned(sheet, given)[1] == digest
    other = jobs.text_file(tmp_path / "other.csv", SHEET)
    assert planned(other, given)[1] == digest


@pytest.mark.parametrize(
    "text",
    [
        SHEET.replace("12,b", "12,B"),
        SHEET.replace("12,b", "13,b"),
        SHEET.replace("12,b,\n", ""),
        SHEET.replace("11,a,a@b.cn\n12,b,\n", "12,b,\n11,a,a@b.cn\n"),
        SHEET.replace("14,,", "14,e,"),
    ],
    ids=["value", "clue", "fewer", "order", "more"],
)
def test_any_other_call_is_another_plan(sheet: Path, given: Settings, text: str) -> None:
    digest = planned(sheet, given)[1]
    assert planned(jobs.text_file(sheet, text), given)[1] != digest


@pytest.mark.parametrize(
    "over",
    [{"api": {"base_url": "http://127.0.0.1:2"}}, {"api": jobs.APP}, {"clear_as": {"text": None}}, {"fill": True}],
)
def test_any_other_place_or_rule_is_another_plan(sheet: Path, given: Settings, tmp_path: Path, over: dict[str, Any]) -> None:
    digest = planned(sheet, given)[1]
    other = jobs.settings(tmp_path, **jobs.merged({"api": {"base_url": given.api.base_url}}, over))
    assert planned(sheet, other)[1] != digest


def test_a_plan_is_sent_as_it_was_shown_whatever_the_settings_say_by_now(
    sheet: Path, given: Settings, crm: Crm, tmp_path: Path
) -> None:
    name, digest = planned(sheet, given)
    changed = jobs.settings(tmp_path, "http://127.0.0.1:1", defaults={**jobs.DEFAULTS, "clue_name": "changed"})
    with open_run(name, changed) as prepared:
        assert prepared.preview.circumstances.base_url == crm.url
        send(prepared, confirmed=digest)
    assert len(crm.calls) == 3 and {call.body["clue_name"] for call in crm.calls} == {jobs.DEFAULTS["clue_name"]}


def test_a_plan_belongs_to_its_app(sheet: Path, given: Settings, tmp_path: Path, crm: Crm) -> None:
    name, _ = planned(sheet, given)
    with pytest.raises(SettingsError, match="belongs to another app"):
        open_run(name, jobs.settings(tmp_path, crm.url, api=jobs.APP))
    assert crm.connections == 0


def test_a_plan_that_a_later_run_has_overtaken_is_confirmed_anew(
    sheet: Path, given: Settings, crm: Crm, tmp_path: Path
) -> None:
    name, digest = planned(sheet, given)
    batch_editor.run(jobs.text_file(tmp_path / "later.csv", "clue_id,remark\n12,newer\n"), given)
    with open_run(name, given) as prepared:
        with pytest.raises(Refused, match="its plan has changed since"):
            send(prepared, confirmed=digest)
        assert [call.clue for call in crm.calls] == [12]
        assert numbers(prepared.rows(status="conflict")) == [3]
        report = send(prepared, confirmed=prepared.digest())
    assert (report.counts["conflict"], [call.clue for call in crm.calls]) == (1, [12, 11, 11])


def test_a_guard_holds_when_a_plan_is_sent(sheet: Path, given: Settings, crm: Crm) -> None:
    name, digest = planned(sheet, given)
    guarded = given.model_copy(update={"guards": given.guards.model_copy(update={"max_rows": 1})})
    with open_run(name, guarded) as prepared, pytest.raises(Refused):
        send(prepared, confirmed=digest)
    assert crm.connections == 0 and the_run(given).state is RunState.PLANNED


def test_a_plan_that_is_older_than_three_days_says_so_and_is_sent(sheet: Path, given: Settings, crm: Crm) -> None:
    name, digest = planned(sheet, given)
    with job.open_journal(given) as journal:
        hours = 100 * 3600
        journal._store.change("UPDATE runs SET started = started - ?", [(hours,)])
    with open_run(name, given) as prepared:
        assert timedelta(hours=99) < prepared.age < timedelta(hours=101)
        note = prepared.preview.circumstances.earlier
        assert note is not None and note.key == "preview.planned"
        started = datetime.now().astimezone() - prepared.age
        assert f"was planned at {started:%Y-%m-%d}" in say(note, "en")
        assert send(prepared, confirmed=digest).counts["updated"] == 3


def test_a_run_that_stopped_is_opened_and_its_rest_is_confirmed(sheet: Path, given: Settings, crm: Crm) -> None:
    first = batch_editor.run(sheet, given, limit=1)
    with open_run(str(first.run), given) as prepared:
        assert prepared.preview.calls == 2
        digest = prepared.digest()
        with pytest.raises(Refused):
            send(prepared, confirmed="0" * 64)
        assert the_run(given).state is RunState.STOPPED
        assert send(prepared, confirmed=digest).counts["updated"] == 3
    assert len(crm.calls) == 3


# --- clues that are read before


def test_clues_are_read_and_what_differs_is_shown_before_it_is_confirmed(tmp_path: Path) -> None:
    required = {"clue_name": "线索", "clue_pool_id": 5, "follow_user_id": "wo-owner-of-the-tests"}
    clues = [{"clue_id": 11, "remark": "a", **required}, {"clue_id": 12, "remark": "old", **required}]
    edits = jobs.text_file(tmp_path / "edits.csv", "clue_id,remark\n11,a\n12,b\n")
    with Sandbox(clues, access_token=jobs.TOKEN) as crm:
        given = jobs.settings(tmp_path, crm.url)
        with plan(edits, given, only_changed=True) as prepared:
            before = prepared.digest()
            assert prepared.preview.reads == 2 and list(prepared.preview.changes) == []
            compared = read_clues(prepared)
            assert [(change.row, change.old, change.new) for change in compared.preview.changes] == [(3, "old", "b")]
            assert the_run(given).state is RunState.PLANNED and crm.clue(12)["remark"] == "old"
        with open_run(prepared.name, given) as again:
            assert (again.preview.reads, again.preview.calls) == (0, 1)
            with pytest.raises(Refused, match="no longer what was confirmed"):
                send(again, confirmed=before)
            send(again, confirmed=again.digest())
        assert sum(request.path == EDIT_PATH for request in crm.requests) == 1 and crm.clue(12)["remark"] == "b"


# --- neither sent nor gone on with


def test_a_plan_is_discarded(sheet: Path, given: Settings, crm: Crm) -> None:
    with plan(sheet, given) as prepared:
        prepared.discard()
    with job.open_journal(given) as journal:
        assert journal.runs() == []
    with pytest.raises(SettingsError, match="There is no run"):
        open_run(prepared.name, given)
    assert crm.connections == 0


def test_what_was_sent_before_is_not_discarded(sheet: Path, given: Settings) -> None:
    first = batch_editor.run(sheet, given, limit=1)
    with open_run(str(first.run), given) as prepared:
        prepared.discard()
    assert the_run(given).state is RunState.STOPPED


def test_a_plan_that_was_purged_is_gone(sheet: Path, given: Settings, crm: Crm) -> None:
    with plan(sheet, given) as prepared:
        digest = prepared.digest()
        with job.open_journal(given) as journal:
            assert journal.forgetting.purge(datetime.now().astimezone() + timedelta(hours=1)) == 1
        with pytest.raises(SettingsError, match="There is no run"):
            send(prepared, confirmed=digest)
    assert crm.connections == 0


def test_no_other_command_goes_on_with_a_plan(sheet: Path, given: Settings, crm: Crm) -> None:
    name, _ = planned(sheet, given)
    with pytest.raises(Refused, match=rf"The run {name} was planned at .*, and nobody has agreed to it yet\."):
        batch_editor.resume(name, given)
    with pytest.raises(Refused):
        batch_editor.undo(name, given)
    assert crm.connections == 0
    report = batch_editor.run(sheet, given)
    assert report.run != name and report.preview.circumstances.earlier is None
    with job.open_journal(given) as journal:
        assert journal.run(name).state is RunState.PLANNED


# --- several at once


@pytest.mark.usefixtures("hurried_looks")
def test_one_at_a_time(sheet: Path, given: Settings, tmp_path: Path) -> None:
    inside, opened = threading.Event(), threading.Event()

    def decide(call: Call) -> Answer:
        inside.set()
        assert opened.wait(20)
        return CONFIRMED

    with Crm(decide) as crm:
        given = jobs.settings(tmp_path, crm.url)
        name, digest = planned(sheet, given)
        with open_run(name, given) as first, open_run(name, given) as second:
            sending = threading.Thread(target=send, args=(first,), kwargs={"confirmed": digest})
            sending.start()
            try:
                assert inside.wait(20)
                attempts: list[Callable[[], object]] = [
                    lambda: send(second, confirmed=digest),
                    lambda: open_run(name, given),
                    second.discard,
                    lambda: read_clues(second),
                ]
                for attempt in attempts:
                    with pytest.raises(UnderWay):
                        attempt()
            finally:
                opened.set()
                sending.join(20)
            with pytest.raises(Refused, match="no longer what was confirmed"):
                send(second, confirmed=digest)
    assert len(crm.calls) == 3


@pytest.mark.slow
def test_a_plan_survives_its_process(sheet: Path, given: Settings, crm: Crm) -> None:
    program = (
        "import os, signal, sys\nfrom pathlib import Path\nsys.path.insert(0, sys.argv[1])\n"
        "from support import jobs\nfrom batch_editor import plan\n"
        "prepared = plan(sys.argv[2], jobs.settings(Path(sys.argv[3]), sys.argv[4]))\n"
        "print(prepared.name, prepared.digest(), flush=True)\nos.kill(os.getpid(), signal.SIGKILL)\n"
    )
    tests = str(Path(__file__).parent.parent)
    command = [sys.executable, "-c", program, tests, str(sheet), str(sheet.parent), crm.url]
    killed = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert killed.returncode != 0 and killed.stderr == ""
    name, digest = killed.stdout.split()
    with open_run(name, given) as prepared:
        assert isinstance(prepared, PreparedRun) and prepared.digest() == digest
        assert send(prepared, confirmed=digest).counts["updated"] == 3


def test_the_command_line_shows_a_plan_and_does_not_send_it(sheet: Path, tmp_path: Path, crm: Crm) -> None:
    command = Commands(tmp_path, crm.url)
    given = Settings.load(tmp_path / "config.yaml", api={"access_token": jobs.TOKEN})
    name, _ = planned(sheet, given)
    assert command("runs").out.startswith(f"{name}  planned: waits for somebody to agree\n")
    assert command("runs", "--lang", "zh").out.startswith(f"{name}  已准备好，等待确认\n")
    assert "State: planned: waits for somebody to agree\n" in command("show", name).out
    refused = command("resume", name)
    assert (refused.code, crm.connections) == (2, 0) and "nobody has agreed to it yet" in refused.err


@pytest.mark.slow
def test_of_two_processes_that_send_the_same_plan_one_does(sheet: Path, given: Settings, crm: Crm) -> None:
    name, digest = planned(sheet, given)
    program = (
        "import sys\nfrom pathlib import Path\nsys.path.insert(0, sys.argv[1])\n"
        "from support import jobs\nfrom batch_editor import Refused, UnderWay, open_run, send\n"
        "try:\n"
        "    with open_run(sys.argv[2], jobs.settings(Path(sys.argv[3]))) as prepared:\n"
        "        send(prepared, confirmed=sys.argv[4])\n"
        "except (UnderWay, Refused):\n    sys.exit(9)\n"
    )
    command = [sys.executable, "-c", program, str(Path(__file__).parent.parent), name, str(sheet.parent), digest]
    senders = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    errors = [sender.communicate(timeout=60)[1] for sender in senders]
    assert errors == ["", ""] and sorted(sender.returncode for sender in senders) == [0, 9]
    assert len(crm.calls) == 3
