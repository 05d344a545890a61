"""One pass over an inbox: real files, a real server, and a clock of looks that the test sets."""

from __future__ import annotations

import errno
import json
import os
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from support import jobs
from support.crm import Crm, scripted, status
from support.inboxes import Box
from support.servers import Server

from batch_editor import job
from batch_editor.errors import Refused, UnderWay
from batch_editor.inbox.claims import Claim, Claims
from batch_editor.inbox.outcomes import Pass
from batch_editor.inbox.turn import my_turn
from batch_editor.messages import say
from batch_editor.model import Run
from batch_editor.runs.unfinished import dismiss_runs
from batch_editor.sandbox import Sandbox
from batch_editor.stop import Stop


@pytest.fixture
def crm() -> Iterator[Sandbox]:
    with Sandbox([{"clue_id": clue} for clue in range(11, 15)], access_token=jobs.TOKEN) as running:
        yield running


@pytest.fixture
def box(tmp_path: Path, crm: Sandbox) -> Box:
    return Box(tmp_path, crm.url)


def edits(crm: Sandbox) -> list[tuple[int, str]]:
    """The clues that were edited and their remarks, in order."""
    bodies = [json.loads(request.body) for request in crm.requests if request.path.endswith("/clue/edit")]
    return [(body["clue_id"], body["remark"]) for body in bodies]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def runs_of(box: Box) -> list[Run]:
    with job.open_journal(box.settings) as journal:
        return list(journal.runs())


def keys(outcome: Pass) -> list[str]:
    return [note.key for note in outcome.notes]


def test_a_sheet_is_sent_and_brought_away_with_its_results(box: Box, crm: Sandbox) -> None:
    box.put([11, 12])
    outcome = box.one_pass()
    assert sorted(edits(crm)) == [(11, "row 2"), (12, "row 3")]
    assert box.files() == ["done/edits.csv", "results/edits.results.xlsx"]
    assert (outcome.exit_code, [handled.exit_code for handled in outcome.sheets], box.waited) == (0, [0], [10.0])
    assert jobs.statuses(box.folder / "results" / "edits.results.xlsx") == ["updated", "updated"]


def test_the_oldest_sheet_is_sent_first(box: Box, crm: Sandbox) -> None:
    for clue, (name, age) in enumerate([("b.csv", 5.0), ("a.csv", 1.0), ("c.csv", 9.0)], 11):
        box.put([clue], name, age=age)
    box.one_pass()
    assert [clue for clue, _ in edits(crm)] == [13, 11, 12]


def test_names_that_come_again_replace_nothing(box: Box) -> None:
    for clue in (11, 12, 13):
        box.put([clue])
        box.one_pass()
    assert box.files() == [
        *("done/edits-2.csv", "done/edits-3.csv", "done/edits.csv"),
        *("results/edits.results-2.xlsx", "results/edits.results-3.xlsx", "results/edits.results.xlsx"),
    ]
    written = [box.folder / "results" / f"edits.results{end}.xlsx" for end in ("", "-2", "-3")]
    assert [jobs.results(path)[0]["clue_id"] for path in written] == ["11", "12", "13"]


def test_a_sheet_that_is_refused_has_its_reason_beside_it_and_the_next_one_is_sent(box: Box, crm: Sandbox) -> None:
    jobs.text_file(box.folder / "bad.csv", "clue_id,rermark\n11,x\n")
    box.put([12], "good.csv")
    outcome = box.one_pass()
    assert edits(crm) == [(12, "row 2")]
    assert box.files() == ["done/good.csv", "refused/bad.csv", "refused/bad.csv.reason.txt", "results/good.results.xlsx"]
    reason = (box.folder / "refused" / "bad.csv.reason.txt").read_text(encoding="utf-8-sig")
    assert "rermark" in reason
    assert outcome.exit_code == 2


def test_the_reason_is_in_both_languages_where_the_settings_name_none(tmp_path: Path, crm: Sandbox) -> None:
    box = Box(tmp_path, crm.url, lang=None)
    jobs.text_file(box.folder / "bad.csv", "clue_id,rermark\n11,x\n")
    box.one_pass()
    reason = (box.folder / "refused" / "bad.csv.reason.txt").read_text(encoding="utf-8-sig")
    assert "没有发送" in reason
    assert "was not sent" in reason


def test_what_is_still_growing_is_left_and_told(box: Box, crm: Sandbox) -> None:
    path = box.put([11])

    def grow(seconds: float) -> None:
        with path.open("a") as file:
            file.write("12,more\n")

    box.meanwhile = grow
    outcome = box.one_pass()
    assert (edits(crm), box.files(), keys(outcome), outcome.exit_code) == ([], ["edits.csv"], ["inbox.growing"], 0)


def test_a_copy_that_stalls_within_a_line_is_waited_for(box: Box, crm: Sandbox) -> None:
    path = jobs.text_file(box.folder / "edits.csv", "clue_id,remark\n11,a\n12,hal")

    def go_on(seconds: float) -> None:
        if box.clock == 30:
            with path.open("a") as file:
                file.write("f\n13,c\n")

    box.meanwhile = go_on
    assert keys(box.one_pass()) == ["inbox.growing"]
    assert edits(crm) == []
    box.one_pass()
    assert sorted(edits(crm)) == [(11, "a"), (12, "half"), (13, "c")]


@pytest.mark.skipif(sys.platform != "linux", reason="leases of Linux")
def test_a_copy_that_stalls_where_a_line_ends_is_waited_for_while_its_program_has_it_open(box: Box, crm: Sandbox) -> None:
    with jobs.text_file(box.folder / "edits.csv", "clue_id,remark\n11,a\n").open("a") as copy:

        def go_on(seconds: float) -> None:
            if box.clock == 30:
                copy.write("12,b\n")
                copy.flush()

        box.meanwhile = go_on
        assert keys(box.one_pass()) == ["inbox.growing"]
    assert edits(crm) == []
    box.one_pass()
    assert sorted(edits(crm)) == [(11, "a"), (12, "b")]


def test_a_file_that_is_empty_so_far_is_left_until_nobody_can_be_writing_it(box: Box, crm: Sandbox) -> None:
    """An export makes its file, and then asks its database for minutes."""
    path = jobs.text_file(box.folder / "edits.csv", "")
    outcome = box.one_pass()
    assert (keys(outcome), outcome.exit_code, box.files()) == (["inbox.empty"], 0, ["edits.csv"])
    box.aged(path, 600)
    assert box.one_pass().exit_code == 2
    assert box.files() == ["refused/edits.csv", "refused/edits.csv.reason.txt"]


def test_a_text_for_which_only_the_room_is_made_is_left(box: Box, crm: Sandbox) -> None:
    (box.folder / "edits.csv").write_bytes(b"clue_id,remark\n11,a\n" + bytes(100))
    assert (keys(box.one_pass()), edits(crm)) == (["inbox.broken"], [])


def test_a_text_whose_last_line_never_ends_is_taken_in_the_end(box: Box, crm: Sandbox) -> None:
    jobs.text_file(box.folder / "edits.csv", "clue_id,remark\n11,a")
    box.one_pass()
    assert (edits(crm), sum(box.waited)) == ([(11, "a")], 40)


def test_a_workbook_that_is_half_there_is_left_and_refused_once_its_copy_must_have_broken_off(box: Box, crm: Sandbox) -> None:
    path = jobs.workbook(box.folder / "a.xlsx", [["clue_id", "remark"], ["11", "x"]])
    path.write_bytes(path.read_bytes()[:-100])
    assert keys(box.one_pass()) == ["inbox.broken"]
    box.aged(path, 600)
    assert box.one_pass().exit_code == 2
    assert (edits(crm), box.files()) == ([], ["refused/a.xlsx", "refused/a.xlsx.reason.txt"])


def test_a_replacement_under_the_same_name_is_a_sheet_of_its_own(box: Box, crm: Sandbox) -> None:
    box.put([11])
    box.one_pass(on_taken=lambda name: box.put([12]))
    assert box.files() == ["done/edits.csv", "edits.csv", "results/edits.results.xlsx"]
    box.one_pass()
    assert [clue for clue, _ in edits(crm)] == [11, 12]
    assert [(box.folder / "done" / f"edits{end}.csv").read_text().split()[1][:2] for end in ("", "-2")] == ["11", "12"]


def test_a_sheet_that_is_written_to_while_it_is_at_work_comes_again(box: Box, crm: Sandbox) -> None:
    """A copy that has stalled where a line ends: the program that copies has the file open, wherever it is moved."""
    with box.put([11]).open("a") as copy:

        def go_on(preview: object) -> None:
            copy.write("12,later\n")
            copy.flush()

        outcome = box.one_pass(on_preview=go_on)
    assert box.files() == ["edits.csv", "results/edits.results.xlsx"]
    assert [note.key for note in outcome.sheets[0].notes] == ["inbox.changed"]
    box.one_pass()
    assert dict(edits(crm)) == {11: "row 2", 12: "later"}


def test_what_is_no_sheet_stays_and_is_told(box: Box) -> None:
    for name in ("a.pdf", "config.yaml", ".hidden.csv", "~$a.xlsx", "b.csv.part"):
        (box.folder / name).write_text("x\n")
    (box.folder / "folder.csv").mkdir()
    (box.folder / "link.csv").symlink_to(box.folder / "a.pdf")
    os.mkfifo(box.folder / "pipe.csv")
    before = names(box.folder)
    outcome = box.one_pass()
    assert [say(note, "en") for note in outcome.notes] == [
        "No sheets by their names, and left as they are: a.pdf.",
        "Links, and what is no file, are left as they are: link.csv, pipe.csv. Put the sheets themselves into the inbox.",
    ]
    assert names(box.folder) == before


def test_tables_of_names_and_the_settings_are_no_sheets(tmp_path: Path, crm: Sandbox) -> None:
    people = jobs.text_file(tmp_path / "people.csv", "name,id\n张三,wo-1\n")
    table = {"file": str(people), "name": "name", "id": "id"}
    box = Box(tmp_path, crm.url, lookups={"follow_user_id": table})
    config = jobs.text_file(box.folder / "settings.txt", "lang: en\n")
    (box.folder / "people.csv").hardlink_to(people)
    linked = (box.folder / "people.csv").rename(box.folder / "names.csv")
    people.unlink()
    people.symlink_to(linked)
    box.put([11])
    box.one_pass(config=config)
    assert (len(edits(crm)), linked.exists(), config.exists()) == (1, True, True)


def test_results_that_lie_in_the_inbox_are_no_sheet_until_somebody_mends_them(box: Box, crm: Sandbox) -> None:
    output = box.folder / "by-hand.csv"
    job.run(box.put([11], "x.tmp"), box.settings, output=output)
    box.one_pass()
    assert (len(edits(crm)), output.exists()) == (1, True)
    output.write_text(output.read_text(encoding="utf-8-sig").replace("row 2", "mended"), encoding="utf-8")
    box.one_pass()
    assert edits(crm)[-1] == (11, "mended")


def test_a_marker_is_waited_for_and_goes_with_its_sheet(box: Box, crm: Sandbox) -> None:
    box.put([11], "a.csv")
    box.put([12], "b.csv")
    (box.folder / "b.csv.done").touch()
    (box.folder / "c.done").touch()
    outcome = box.one_pass(marker=".done")
    assert (edits(crm), box.waited) == ([(12, "row 2")], [])
    assert keys(outcome) == ["inbox.no_marker", "inbox.alone"]
    assert box.files() == ["a.csv", "c.done", "done/b.csv", "done/b.csv.done", "results/b.results.xlsx"]
    box.put([13], "b.csv")
    assert box.one_pass(marker=".done").sheets == []


def test_two_machines_never_take_the_same_sheet(tmp_path: Path, crm: Sandbox) -> None:
    here, there = Box(tmp_path, crm.url, machine="here"), Box(tmp_path, crm.url, machine="there")
    here.put([11])
    seen = list[Pass]()
    here.one_pass(on_taken=lambda name: seen.append(there.one_pass()))
    assert (edits(crm), seen[0].sheets, keys(seen[0])) == ([(11, "row 2")], [], ["inbox.held"])
    assert here.files() == ["done/edits.csv", "results/edits.results.xlsx"]


def test_machines_that_look_at_the_same_moment_send_each_sheet_once(tmp_path: Path, crm: Sandbox) -> None:
    boxes = [Box(tmp_path, crm.url, machine=name) for name in ("here", "there", "elsewhere")]
    for number in range(9):
        boxes[0].put([11 + number % 3], f"{number}.csv")
        (boxes[0].folder / f"{number}.csv.done").touch()
    start = threading.Barrier(len(boxes))

    def go(box: Box) -> Pass:
        inbox = box.inbox(marker=".done")
        start.wait()
        return inbox.one_pass()

    with ThreadPoolExecutor() as threads:
        outcomes = [*threads.map(go, boxes)]
    assert [outcome.exit_code for outcome in outcomes] == [0, 0, 0]
    taken = sorted(handled.name for outcome in outcomes for handled in outcome.sheets)
    assert taken == [f"{number}.csv" for number in range(9)]
    assert len(edits(crm)) == 9
    files = boxes[0].files()
    assert [name for name in files if name.endswith(".csv")] == [f"done/{number}.csv" for number in range(9)]
    assert [name for name in files if "/" not in name or name.startswith(("taken", "refused"))] == []


def test_a_sheet_that_is_replaced_as_it_is_taken_is_looked_at_again(
    box: Box, crm: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.put([11])
    take = Claims.take

    def replaced(claims: Claims, name: str, marker: str | None = None) -> Claim | None:
        box.put([12, 13])
        return take(claims, name, marker)

    with monkeypatch.context() as patched:
        patched.setattr(Claims, "take", replaced)
        assert keys(box.one_pass()) == ["inbox.growing"]
    assert (edits(crm), box.files()) == ([], ["edits.csv"])
    box.one_pass()
    assert sorted(clue for clue, _ in edits(crm)) == [12, 13]


def test_another_process_at_work_is_waited_for(box: Box) -> None:
    box.put([11])
    with my_turn(box.settings.state_dir, box.folder), pytest.raises(UnderWay):
        box.one_pass()
    assert box.files() == ["edits.csv"]


def test_a_halted_run_ends_the_pass_and_is_gone_on_with_first(tmp_path: Path, box: Box, crm: Sandbox) -> None:
    box.put([11, 12], "a.csv", age=5)
    box.put([13], "b.csv")
    good = box.settings
    box.settings = jobs.settings(tmp_path, crm.url, api={"access_token": "expired"})
    outcome = box.one_pass()
    assert (outcome.exit_code, outcome.stopped, len(outcome.sheets)) == (3, True, 1)
    assert "b.csv" in box.files()
    assert next(name for name in box.files() if name.startswith("taken/")).endswith("/a.csv")
    before, box.settings = len(edits(crm)), good
    assert box.one_pass().exit_code == 0
    assert sorted(clue for clue, _ in edits(crm)[before:]) == [11, 12, 13]
    assert [name for name in box.files() if name.startswith("done/")] == ["done/a.csv", "done/b.csv"]


def test_what_stops_one_sheet_alone_stops_neither_the_next_one_nor_whoever_asked(tmp_path: Path) -> None:
    with Crm(scripted({11: [status(500)] * 20})) as crm:
        box, stop = Box(tmp_path, crm.url), Stop()
        box.put([11, 11], "a.csv", age=5)  # the second row is held back, since the first one may come after it
        box.put([12], "b.csv")
        outcome = box.one_pass(stop=stop)
    assert [(handled.name, handled.exit_code, handled.reason) for handled in outcome.sheets] == [
        ("a.csv", 3, "held_back"),
        ("b.csv", 0, None),
    ]
    assert not stop.soft.is_set()


def test_a_stop_reaches_the_sheet_that_is_at_work_and_those_after_it(box: Box, crm: Sandbox) -> None:
    box.put([11], "a.csv", age=5)
    box.put([12], "b.csv")
    stop = Stop()
    outcome = box.one_pass(stop=stop, on_preview=lambda preview: stop.ask())
    assert (outcome.exit_code, outcome.reason, outcome.stopped, edits(crm)) == (3, "interrupted", True, [])
    assert [handled.name for handled in outcome.sheets] == ["a.csv"]


def test_whoever_is_asked_twice_asks_every_run_within_it_twice() -> None:
    stop = Stop()
    with stop.within() as run:
        run.soft.set()  # it has halted by itself
        assert not stop.soft.is_set()
    with stop.within() as run:
        stop.ask()
        assert (run.soft.is_set(), run.hard.is_set()) == (True, False)
        with stop.within() as later:
            assert (later.soft.is_set(), later.hard.is_set()) == (True, False)
        stop.ask()
        assert run.hard.is_set()
    with stop.within() as run:
        assert run.hard.is_set()


def test_a_signal_that_comes_as_a_run_begins_asks_it_once() -> None:
    class Asked(threading.Event):
        """Is looked at for the first time just as somebody asks to stop."""

        looks = 0

        def is_set(self) -> bool:
            self.looks += 1
            if self.looks == 1:
                stop.ask()
            return super().is_set()

    stop = Stop()
    stop.soft = Asked()
    with stop.within() as run:
        assert (run.soft.is_set(), run.hard.is_set()) == (True, False)


def test_a_folder_that_is_gone_is_named(box: Box) -> None:
    box.folder.rmdir()
    with pytest.raises(Refused, match="There is no folder"):
        box.one_pass()
    assert not box.folder.exists()


def test_an_export_that_never_came_is_told_by_the_age_of_the_last_one(tmp_path: Path, crm: Sandbox) -> None:
    box = Box(tmp_path, crm.url, guards={"max_age": "20h"})
    assert box.one_pass().exit_code == 0  # nobody knows yet when one should have come
    later = datetime.now().astimezone() + timedelta(hours=21)
    outcome = box.one_pass(now=lambda: later)
    assert (outcome.exit_code, outcome.reason) == (2, "guard.max_age")
    box.put([11])
    assert box.one_pass().exit_code == 0
    assert box.one_pass().exit_code == 0
    assert box.one_pass(now=lambda: later).reason == "guard.max_age"


def test_a_folder_that_vanishes_ends_the_pass_with_what_was_done(box: Box, crm: Sandbox) -> None:
    box.put([11])
    away = box.folder.with_name("away")
    outcome = box.one_pass(on_handled=lambda handled: box.folder.rename(away))
    assert (len(outcome.sheets), outcome.exit_code, outcome.reason) == (1, 2, "inbox")


def test_a_name_of_255_bytes_is_a_name_like_any_other(box: Box) -> None:
    name = "线" * 83 + "ab.csv"
    for clue in (11, 12):
        box.put([clue], name)
        assert box.one_pass().exit_code == 0
    done = [path for path in box.files() if path.startswith("done/")]
    assert len(os.fsencode(name)) == 255
    assert (len(done), f"done/{name}" in done) == (2, True)


def test_where_a_disk_is_full_the_sheet_waits_and_is_not_sent_again(box: Box, crm: Sandbox) -> None:
    box.put([11])
    (box.folder / "done").write_text("a file where a folder should be")
    outcome = box.one_pass()
    assert (outcome.exit_code, outcome.reason, len(edits(crm))) == (1, "not_moved", 1)
    (box.folder / "done").unlink()
    assert box.one_pass().exit_code == 0
    assert (len(edits(crm)), box.files()) == (1, ["done/edits.csv", "results/edits.results.xlsx"])


def test_why_a_sheet_is_where_it_is_comes_before_why_it_was_refused(box: Box) -> None:
    jobs.text_file(box.folder / "bad.csv", "clue_id,rermark\n11,x\n")
    (box.folder / "refused").write_text("a file where a folder should be")
    outcome = box.one_pass()
    assert (outcome.exit_code, outcome.reason, outcome.stopped) == (2, "not_moved", True)


def test_a_finished_sheet_that_cannot_be_taken_is_no_quiet_night(tmp_path: Path, crm: Sandbox, heard: Heard) -> None:
    box = Box(tmp_path, crm.url, lang="en", **heard.settings())
    box.put([11])
    (box.folder / "taken").write_text("a file where a folder should be")
    outcome = box.one_pass()
    assert (outcome.exit_code, outcome.reason, [handled.name for handled in outcome.sheets]) == (2, "inbox", ["edits.csv"])
    assert outcome.sheets[0].error is not None and "cannot be taken out of the inbox" in str(outcome.sheets[0].error)
    assert heard.new() == (["edits.csv: NOTHING was sent"], ["/start", "/fail"])
    assert box.one_pass().exit_code == 2
    assert heard.new()[0] == []  # the same trouble is told once a night
    (box.folder / "taken").unlink()
    assert box.one_pass().exit_code == 0 and len(edits(crm)) == 1


@pytest.mark.parametrize("of_all", [True, False])
def test_a_folder_from_which_no_sheet_can_be_taken_is_told_for_the_first_one(
    box: Box, crm: Sandbox, monkeypatch: pytest.MonkeyPatch, of_all: bool
) -> None:
    box.put([11], "a.csv", age=9)
    box.put([12], "b.csv")
    take = Claims.take

    def taken(claims: Claims, name: str, marker: str | None = None) -> Claim | None:
        if of_all or name == "a.csv":
            raise PermissionError(errno.EACCES, "Permission denied")
        return take(claims, name, marker)

    monkeypatch.setattr(Claims, "take", taken)
    monkeypatch.setattr(os, "access", lambda path, mode: not of_all)
    outcome = box.one_pass()
    assert [handled.name for handled in outcome.sheets] == (["a.csv"] if of_all else ["a.csv", "b.csv"])
    assert (outcome.exit_code, keys(outcome)) == (2, ["inbox.not_tried"] if of_all else [])


def test_results_that_have_no_place_are_told_before_a_sheet_is_sent(
    box: Box, crm: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.put([11])
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "results")
    outcome = box.one_pass()
    assert (outcome.exit_code, outcome.reason, edits(crm), box.files()) == (2, "not_moved", [], ["edits.csv"])
    error = outcome.sheets[0].error
    assert error is not None and "Nothing can be put into" in str(error) and "--output" not in str(error)


def test_a_run_that_is_too_old_is_told_with_both_commands_and_a_dismissed_one_is_refused(box: Box, crm: Sandbox) -> None:
    box.put([11, 12], "a.csv")
    good, stopped = box.settings, box.settings.model_copy(deep=True)
    box.settings = stopped.model_copy(update={"api": stopped.api.model_copy(update={"access_token": SecretStr("expired")})})
    assert box.one_pass().exit_code == 3
    box.settings, later = good, datetime.now().astimezone() + timedelta(hours=73)
    box.put([13], "b.csv")
    outcome = box.one_pass(now=lambda: later, config=Path("/srv/nightly.yaml"))
    error = outcome.sheets[0].error
    assert (outcome.exit_code, outcome.reason, error is not None) == (2, "not_continued", True)
    of_a = next(run for run in runs_of(box) if run.source.endswith("a.csv"))
    run = of_a.name
    began = f"{datetime.fromisoformat(of_a.started).astimezone(good.zone):%Y-%m-%d %H:%M}"
    for lang in ("en", "zh"):
        lines = say(error.message, lang).splitlines()  # type: ignore[union-attr, arg-type]
        assert any(began in line for line in lines)
        assert f"  batch-editor resume {run} --config /srv/nightly.yaml" in lines
        assert f"  batch-editor runs --dismiss {run} --config /srv/nightly.yaml" in lines
    assert "done/b.csv" in box.files()  # the others go on
    dismiss_runs([run], box.settings)
    assert box.one_pass(now=lambda: later).reason == "dismissed"
    assert "refused/a.csv" in box.files()


def test_a_run_whose_first_edit_did_not_prove_right_is_told_with_both_commands(tmp_path: Path) -> None:
    clues = [{"clue_id": clue, "remark": "old", "address": "there"} for clue in (11, 12)]
    with Sandbox(clues, access_token=jobs.TOKEN, quirks=["clears-unsent"]) as crm:
        box = Box(tmp_path, crm.url, prove=True)
        box.put([11, 12])
        assert box.one_pass().reason == "proof_refuted"
        error = box.one_pass(config=Path("x.yaml")).sheets[0].error
    (run,) = runs_of(box)
    assert error is not None and error.message.key == "inbox.refuted"
    lines = str(error).splitlines()
    assert f"  batch-editor resume {run.name} --config x.yaml" in lines
    assert f"  batch-editor runs --dismiss {run.name} --config x.yaml" in lines


def test_with_a_results_dir_everything_goes_to_the_day(tmp_path: Path, crm: Sandbox) -> None:
    box = Box(tmp_path, crm.url, results_dir=tmp_path / "nights")
    box.put([11])
    jobs.text_file(box.folder / "bad.csv", "clue_id,rermark\n11,x\n")
    box.one_pass()
    (day,) = (tmp_path / "nights").iterdir()
    assert names(day) == ["bad.csv", "bad.csv.reason.txt", "edits.csv", "edits.results.xlsx"]
    assert box.files() == []


@dataclass
class Heard:
    """What a webhook and a heartbeat heard of an inbox."""

    robot: Server
    check: Server

    def settings(self) -> dict[str, object]:
        return {"notify": [{"kind": "webhook", "url": self.robot.url}], "heartbeat": f"{self.check.url}/the-check"}

    def new(self) -> tuple[list[str], list[str]]:
        """Returns the verdicts and the pings since it was asked last."""
        told = [json.loads(request.body)["verdict"] for request in self.robot.requests]
        pings = [request.target.removeprefix("/the-check") for request in self.check.requests]
        self.robot.requests.clear()
        self.check.requests.clear()
        return told, pings


@pytest.fixture
def heard() -> Iterator[Heard]:
    with Server() as robot, Server() as check:
        yield Heard(robot, check)


def test_a_pass_is_heard_by_the_heartbeat_and_one_without_a_sheet_tells_nobody(
    tmp_path: Path, crm: Sandbox, heard: Heard
) -> None:
    box = Box(tmp_path, crm.url, lang="en", **heard.settings())
    jobs.text_file(box.folder / "bad.csv", "clue_id,rermark\n11,x\n")
    assert box.one_pass().exit_code == 2
    assert heard.new() == (["bad.csv: NOTHING was sent"], ["/start", "/fail"])
    assert box.one_pass().exit_code == 0
    assert heard.new() == ([], ["/start", ""])
    box.put([11])
    assert box.one_pass().exit_code == 0
    assert heard.new() == (["edits.csv: well again (the time before was not)"], ["/start", ""])


def test_a_pass_that_cannot_be_made_is_told_but_not_one_that_waits_for_another_process(
    tmp_path: Path, crm: Sandbox, heard: Heard
) -> None:
    box = Box(tmp_path, crm.url, lang="en", **heard.settings())
    with my_turn(box.settings.state_dir, box.folder), pytest.raises(UnderWay):
        box.one_pass()
    assert heard.new() == ([], [])
    box.folder.rmdir()
    inbox = box.inbox()
    for _ in range(2):  # whoever looks again and again says it once
        with pytest.raises(Refused, match="There is no folder"):
            inbox.one_pass(patient=False)
    assert heard.new() == (["in: NOTHING was sent"], ["/start", "/fail"])
    box.folder.mkdir()
    assert inbox.one_pass(patient=False).exit_code == 0
    assert heard.new() == ([], [""])
    (tmp_path / "file").write_text("")
    box.settings = box.settings.model_copy(update={"state_dir": tmp_path / "file"})
    with pytest.raises(Refused):
        box.one_pass()
    assert heard.new() == (["in: NOTHING was sent"], ["/start", "/fail"])


def test_an_export_that_never_came_is_told_once_within_the_time_that_it_may_take(
    tmp_path: Path, crm: Sandbox, heard: Heard
) -> None:
    box = Box(tmp_path, crm.url, lang="en", guards={"max_age": "20h"}, **heard.settings())
    box.one_pass()
    heard.new()
    begun = datetime.now().astimezone()
    told = list[int]()
    for hours in (21, 22, 30, 42, 43):
        box.one_pass(now=lambda moment=begun + timedelta(hours=hours): moment)
        told.append(len(heard.new()[0]))
    assert told == [1, 0, 0, 1, 0]


def test_a_pass_stops_in_time_and_leaves_the_sheets_after_it_to_the_next(box: Box, crm: Sandbox) -> None:
    box.put([11], "a.csv", age=9)
    box.put([12], "b.csv")
    until = datetime.now().astimezone() + timedelta(hours=1)
    times = iter([until - timedelta(minutes=1)] * 40)
    outcome = box.one_pass(until=until, now=lambda: until if edits(crm) else next(times))
    assert (outcome.exit_code, outcome.why_stopped, edits(crm)) == (3, "until", [(11, "row 2")])
    assert box.one_pass().exit_code == 0 and edits(crm)[1:] == [(12, "row 2")]
