"""Where what is sent depends on the record, an old record is read again: else what somebody has added since would be lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from support import jobs

import batch_editor
from batch_editor.events import Event, Notice
from batch_editor.journal import sending
from batch_editor.journal.store import BATCH
from batch_editor.messages import say
from batch_editor.runs import planning, session
from batch_editor.runs.preview import Preview
from batch_editor.sandbox import EDIT_PATH, INFO_PATH, Sandbox
from batch_editor.settings.settings import Settings

pytestmark = pytest.mark.usefixtures("results_as_csv")

CLUE = 1591005521987920963


@pytest.fixture
def crm() -> Iterator[Sandbox]:
    with Sandbox(
        [{"clue_id": CLUE, "label": "etA-tag-of-the-tests"}, {"clue_id": CLUE + 1, "label": "etA-tag-of-the-tests"}],
        access_token=jobs.TOKEN,
    ) as sandbox:
        yield sandbox


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The seconds by which a session knows how old a record is: ``clock.now``."""
    clock = SimpleNamespace(now=1000.0, monotonic=lambda: clock.now)
    monkeypatch.setattr(session, "time", clock)
    return clock


def given(folder: Path, crm: Sandbox, **over: object) -> Settings:
    return jobs.settings(folder, crm.url, rate={"concurrency": 1}, **over)


def sheet(folder: Path, *tags: str) -> Path:
    rows = "".join(f"{CLUE},{tag}\n" for tag in tags)
    return jobs.text_file(folder / "tags.csv", f"clue_id,label\n{rows}{CLUE + 1},etZ-tag-of-the-tests\n")


def reads(crm: Sandbox) -> list[int]:
    return [json.loads(one.body)["clue_id"] - CLUE for one in crm.requests if one.path == INFO_PATH]


@pytest.mark.parametrize("reread", [True, False])
def test_tags_that_somebody_adds_while_a_run_has_stopped_are_kept(tmp_path: Path, crm: Sandbox, reread: bool) -> None:
    settings, path = given(tmp_path, crm), sheet(tmp_path, "etX-tag-of-the-tests", "etY-tag-of-the-tests")
    stopped = batch_editor.run(path, settings, tags="add", limit=1)
    assert crm.clue(CLUE)["label"] == "etA-tag-of-the-tests,etX-tag-of-the-tests" and stopped.run
    crm.change(CLUE, label="etA-tag-of-the-tests,etX-tag-of-the-tests,etTHEIRS-tag-of-the-tests")
    report = batch_editor.run(path, settings, tags="add") if reread else batch_editor.resume(stopped.run, settings)
    assert report.run == stopped.run
    assert (crm.clue(CLUE)["label"], crm.clue(CLUE + 1)["label"]) == (
        "etA-tag-of-the-tests,etX-tag-of-the-tests,etTHEIRS-tag-of-the-tests,etY-tag-of-the-tests",
        "etA-tag-of-the-tests,etZ-tag-of-the-tests",
    )


@pytest.mark.parametrize(
    ("minutes", "label", "read"),
    [
        (11, "etA-tag-of-the-tests,etTHEIRS-tag-of-the-tests,etX-tag-of-the-tests", [0, 1, 0, 1]),
        (9, "etA-tag-of-the-tests,etX-tag-of-the-tests", [0, 1]),
    ],
)
def test_tags_are_read_again_if_somebody_thinks_for_long(
    tmp_path: Path, crm: Sandbox, clock: SimpleNamespace, minutes: int, label: str, read: list[int]
) -> None:
    """What happens in the meantime is lost, so that the meantime must be short; but one read of a clue is enough for most."""

    def confirm(preview: Preview) -> bool:
        clock.now += 60 * minutes
        crm.change(CLUE, label="etA-tag-of-the-tests,etTHEIRS-tag-of-the-tests")
        return True

    batch_editor.run(sheet(tmp_path, "etX-tag-of-the-tests"), given(tmp_path, crm), tags="add", attended=True, confirm=confirm)
    assert (crm.clue(CLUE)["label"], reads(crm)) == (label, read)


@pytest.mark.parametrize("minutes", [9, 11])
def test_an_undo_that_somebody_thinks_about_for_long_leaves_alone_what_is_changed_meanwhile(
    tmp_path: Path, crm: Sandbox, clock: SimpleNamespace, minutes: int
) -> None:
    settings = given(tmp_path, crm)
    first = batch_editor.run(sheet(tmp_path, "etX-tag-of-the-tests"), settings, snapshot=True)

    def confirm(preview: Preview) -> bool:
        clock.now += 60 * minutes
        crm.change(CLUE, label="etTHEIRS-tag-of-the-tests")
        return True

    undo = batch_editor.undo(str(first.run), settings, attended=True, confirm=confirm)
    is_read_again = minutes > 10
    assert (
        crm.clue(CLUE)["label"] == ("etTHEIRS-tag-of-the-tests" if is_read_again else "etA-tag-of-the-tests")
        and crm.clue(CLUE + 1)["label"] == "etA-tag-of-the-tests"
    )
    assert jobs.statuses(undo.results) == ["conflict" if is_read_again else "updated", "updated"]


def test_an_undo_that_goes_on_leaves_alone_what_is_changed_meanwhile(
    tmp_path: Path, crm: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "CURRENT", -1)  # what was read a moment ago is old
    settings = given(tmp_path, crm)
    first = batch_editor.run(
        jobs.text_file(tmp_path / "a.csv", f"clue_id,label,email\n{CLUE},etX-tag-of-the-tests,x@example.com\n"),
        settings,
        snapshot=True,
    )
    stop = batch_editor.Stop()
    undo = batch_editor.undo(str(first.run), settings, attended=True, confirm=lambda preview: not stop.ask(), stop=stop)
    assert undo.counts["not_sent"] == 1
    crm.change(CLUE, label="etTHEIRS-tag-of-the-tests")
    report = batch_editor.resume(str(undo.run), settings)
    assert (crm.clue(CLUE)["label"], crm.clue(CLUE)["email"]) == ("etTHEIRS-tag-of-the-tests", None)
    assert jobs.statuses(report.results) == ["updated", "conflict"]


def test_what_was_shown_for_long_is_sent_as_it_was_shown_and_that_is_said(
    tmp_path: Path, crm: Sandbox, clock: SimpleNamespace
) -> None:
    """Somebody has agreed to these fields and no others, although the CRM may hold other values by now."""
    settings, events = given(tmp_path, crm), list[Event]()
    crm.change(CLUE, remark="a", email="same@example.com")
    path = jobs.text_file(tmp_path / "b.csv", f"clue_id,remark,email\n{CLUE},b,same@example.com\n")

    def confirm(preview: Preview) -> bool:
        clock.now += 60 * 11
        crm.change(CLUE, remark="theirs", email="theirs@example.com")
        return True

    batch_editor.run(path, settings, only_changed=True, attended=True, confirm=confirm, on_event=events.append)
    assert (crm.clue(CLUE)["remark"], crm.clue(CLUE)["email"]) == ("b", "theirs@example.com") and reads(crm) == [0]
    said = [say(event.message, "en") for event in events if isinstance(event, Notice)]
    assert "about 11 minutes ago" in said[-1] and "is sent as it was shown" in said[-1]


@pytest.mark.parametrize("attended", [True, False])
@pytest.mark.parametrize("concurrency", [1, 4])
def test_a_tag_of_a_refused_row_is_not_added_by_the_next_one(
    tmp_path: Path, crm: Sandbox, concurrency: int, attended: bool
) -> None:
    settings = jobs.settings(tmp_path, crm.url, rate={"concurrency": concurrency})
    crm.stop()
    with Sandbox([crm.clue(CLUE), crm.clue(CLUE + 1)], access_token=jobs.TOKEN, faults=["code=7@1"]) as refusing:
        at = settings.model_copy(update={"api": settings.api.model_copy(update={"base_url": refusing.url})})
        rows = "".join(f"{CLUE},{tag}\n" for tag in ("etBAD-tag-of-the-tests", "etX-tag-of-the-tests", "etY-tag-of-the-tests"))
        report = batch_editor.run(
            jobs.text_file(tmp_path / "x.csv", f"clue_id,label\n{rows}"), at, tags="add", attended=attended
        )
        assert jobs.statuses(report.results) == ["rejected", "updated", "updated"]
        assert refusing.clue(CLUE)["label"] == "etA-tag-of-the-tests,etX-tag-of-the-tests,etY-tag-of-the-tests" and reads(
            refusing
        ) == [0, 0]


def test_an_old_record_proves_nothing(tmp_path: Path, crm: Sandbox, clock: SimpleNamespace) -> None:
    """Somebody edits the first clue while the prompt waits: that is not what the proof is about."""

    def confirm(preview: Preview) -> bool:
        clock.now += 3600
        crm.change(CLUE, email="theirs@example.com")
        return True

    path = jobs.sheet(tmp_path, [CLUE])
    report = batch_editor.run(path, given(tmp_path, crm, prove=True), snapshot=True, attended=True, confirm=confirm)
    assert (report.exit_code, report.counts["updated"]) == (0, 1)
    assert [one.path for one in crm.requests] == [INFO_PATH, INFO_PATH, EDIT_PATH, INFO_PATH]


@pytest.mark.parametrize("batch", [40, pytest.param(BATCH, marks=pytest.mark.slow)])
def test_more_old_records_than_fit_into_one_batch_are_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(sending, "BATCH", batch)
    clues = [{"clue_id": CLUE + number, "label": "etA-tag-of-the-tests"} for number in range(batch + 3)]
    with Sandbox(clues, access_token=jobs.TOKEN) as crm:
        rows = "".join(f"{clue['clue_id']},etX-tag-of-the-tests\n" for clue in clues)
        path, settings = jobs.text_file(tmp_path / "tags.csv", f"clue_id,label\n{rows}"), jobs.settings(tmp_path, crm.url)
        stop = batch_editor.Stop()
        stopped = batch_editor.run(path, settings, tags="add", attended=True, confirm=lambda preview: not stop.ask(), stop=stop)
        for clue in clues:
            crm.change(clue["clue_id"], label="etA-tag-of-the-tests,etTHEIRS-tag-of-the-tests")
        report = batch_editor.resume(str(stopped.run), settings)
        assert (stopped.counts["not_sent"], report.counts["updated"]) == (batch + 3, batch + 3)
        assert {crm.clue(clue["clue_id"])["label"] for clue in clues} == {
            "etA-tag-of-the-tests,etTHEIRS-tag-of-the-tests,etX-tag-of-the-tests"
        }
