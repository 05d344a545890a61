"""A DataFrame that is run again: gone on with like a file where its run stopped or was killed, started over where asked."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from support import jobs
from support.crm import CONFIRMED, Call, Crm
from support.servers import Answer

from batch_editor import (
    Declined,
    Preview,
    Refused,
    Settings,
    Started,
    UnderWay,
    get_run,
    list_runs,
    open_run,
    plan,
    resume,
    run,
    say,
    send,
)
from batch_editor.job import open_journal

CLUES = range(11, 31)
FRAME = pd.DataFrame({"clue_id": [str(clue) for clue in CLUES], "remark": [f"row {clue}" for clue in CLUES]})


@pytest.fixture
def crm() -> Iterator[Crm]:
    with Crm() as serving:
        yield serving


@pytest.fixture
def given(tmp_path: Path, crm: Crm) -> Settings:
    return jobs.settings(tmp_path, crm.url)


def of_another_process() -> pd.DataFrame:
    """The same cells, read again, in columns of another kind."""
    return pd.DataFrame(FRAME.to_dict("records")).astype({"clue_id": "string", "remark": "category"})


def notes(preview: Preview) -> str:
    return "\n".join(say(note, "en") for note in preview.warnings)


def make_older(given: Settings, name: str, hours: int) -> None:
    moment = int((datetime.now().astimezone() - timedelta(hours=hours)).timestamp())
    with open_journal(given) as journal:
        journal._store.change("UPDATE runs SET started = ? WHERE name = ?", [(moment, name)])


def test_what_was_not_sent_is_sent_and_nothing_else(given: Settings, crm: Crm) -> None:
    first = run(FRAME, given, limit=7)
    assert (first.exit_code, len(crm.calls)) == (0, 7)
    told = list[object]()
    second = run(of_another_process(), given, on_event=told.append)
    assert (second.run, second.counts["updated"], told[0]) == (first.run, 20, Started(str(first.run)))
    assert Counter(call.clue for call in crm.calls) == Counter(CLUES)


def test_a_run_that_was_finished_is_said_to_be_so_and_a_new_one_starts_over(given: Settings, crm: Crm) -> None:
    first = run(FRAME, given)
    second = run(of_another_process(), given, confirm=lambda preview: preview.is_harmless or len(notes(preview)) > 0)
    assert f"THIS SHEET WAS FINISHED BEFORE, by the run {first.run}" in notes(second.preview)
    stopped = run(FRAME, given, limit=3, new=True)
    over = run(FRAME, given, new=True)
    assert len({first.run, second.run, stopped.run, over.run}) == 4
    assert len(crm.calls) == 20 + 20 + 3 + 20


def test_an_old_run_wants_a_word(given: Settings, crm: Crm) -> None:
    first = run(FRAME, given, limit=1)
    make_older(given, str(first.run), 73)
    with pytest.raises(Refused, match="more than 72 hours ago"):
        run(of_another_process(), given)
    assert len(crm.calls) == 1
    make_older(given, str(first.run), 71)
    assert run(of_another_process(), given).run == first.run


def test_the_same_frame_is_not_sent_by_two_at_once(given: Settings, crm: Crm) -> None:
    def confirm(preview: Preview) -> bool:
        with pytest.raises(UnderWay) as caught:
            run(of_another_process(), given)
        assert caught.value.run is None, "it has no run of its own"
        return True

    assert run(FRAME, given, confirm=confirm).counts["updated"] == 20
    assert len(crm.calls) == 20


def test_other_options_or_another_app_are_another_run(given: Settings, crm: Crm, tmp_path: Path) -> None:
    first = run(FRAME, given, limit=1)
    assert run(FRAME, given, limit=1, edit_keys="remark").run != first.run
    assert run(FRAME, jobs.settings(tmp_path, crm.url, api=jobs.APP), limit=1).run != first.run
    assert run(FRAME, given, limit=1).run == first.run


def test_a_planned_frame_waits_for_whoever_agrees_and_is_then_gone_on_with(given: Settings, crm: Crm) -> None:
    with plan(FRAME, given, limit=5) as prepared:
        name, digest = prepared.name, prepared.digest()
    with pytest.raises(Declined) as declined:
        run(of_another_process(), given, limit=5, confirm=lambda preview: False)
    assert declined.value.run != name, "nobody has agreed to the plan"
    with open_run(name, given) as opened:
        send(opened, confirmed=digest)
    assert get_run(name, given).state == "stopped" and len(crm.calls) == 5
    went_on = run(of_another_process(), given)
    assert (went_on.run, went_on.counts["updated"], len(crm.calls)) == (name, 20, 20)


def test_results_go_where_they_went_before_or_nowhere(given: Settings, tmp_path: Path) -> None:
    assert run(FRAME, given, limit=1).results is None
    assert run(FRAME, given, limit=1, output=tmp_path / "out.csv").results == tmp_path / "out.csv"
    last = run(of_another_process(), given, limit=1)
    assert last.results == tmp_path / "out.csv"
    resumed = resume(str(last.run), given)
    assert jobs.statuses(resumed.results) == ["updated"] * 20


#: What a process does that is killed, and one that is started afterwards: read the frame and run it.
SCRIPT = """
import sys
from pathlib import Path
import pandas
from batch_editor import Settings, run
settings = Settings.load(Path(sys.argv[1]))
report = run(pandas.read_csv(sys.argv[2], dtype=str), settings, on_event=lambda event: print(event, flush=True))
print("END", report.run, report.counts["updated"])
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("answered", [0, 5, 150])
def test_a_frame_whose_process_was_killed_is_gone_on_with_by_another(tmp_path: Path, answered: int) -> None:
    clues, senders = range(1001, 1201), 4
    frame = pd.DataFrame({"clue_id": list(map(str, clues)), "remark": [f"row {clue}" for clue in clues]})
    frame.to_csv(tmp_path / "edits.csv", index=False)
    silent, killed = threading.Event(), threading.Event()

    def decide(call: Call) -> Answer:
        if not killed.is_set() and len(crm.calls) > answered + senders - 1:
            silent.set()
        return CONFIRMED

    with Crm(decide) as crm:
        (tmp_path / "config.yaml").write_text(
            f"api: {{base_url: '{crm.url}', access_token: t}}\nrate: {{limits: ['200/second'], concurrency: {senders}}}\n"
            f"state_dir: {tmp_path / 'state'}\n"
            "defaults: {clue_name: n, clue_pool_id: 1, follow_user_id: wo-owner-of-the-tests,"
            " user_id: wo-operator-of-the-tests}\n",
            encoding="utf-8",
        )
        command = [sys.executable, "-c", SCRIPT, str(tmp_path / "config.yaml"), str(tmp_path / "edits.csv")]
        with subprocess.Popen(command, env=os.environ | {"PYTHONHASHSEED": "1"}, stdout=subprocess.PIPE, text=True) as process:
            assert silent.wait(60)
            os.kill(process.pid, signal.SIGKILL)
            told = process.communicate(timeout=60)[0]
        killed.set()
        before = len(crm.calls)
        (interrupted,) = list_runs(Settings.load(tmp_path / "config.yaml"))
        assert interrupted.state == "interrupted" and told.startswith(f"Started(run='{interrupted.name}')")
        done = subprocess.run(
            command, env=os.environ | {"PYTHONHASHSEED": "2"}, capture_output=True, text=True, timeout=120, check=True
        )
    assert f"END {interrupted.name} 200" in done.stdout
    sent = Counter(call.clue for call in crm.calls)
    assert before < 200 and set(sent) == set(clues)
    assert sum(sent.values()) <= 200 + senders and max(sent.values()) <= 2
