"""The processes beside the server: bounded, replaced when they end, telling how far they are, and in nobody's way."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from support import jobs
from support.reading_tasks import Count, Die, Grow, Sleep

import batch_editor
from batch_editor.errors import Refused, SheetError
from batch_editor.runs.sheet_choices import SheetChoices
from batch_editor.web.reading_child import Look, PlanSheet
from batch_editor.web.readings import Reading, Readings

CLUE = 1591005521987921928


@pytest.fixture(scope="module")
def readings() -> Iterator[Readings]:
    made = Readings(patience=20)
    yield made
    made.close()


def ask(readings: Readings, task: Any, rows: list[int] | None = None) -> Any:
    return readings._ask(task, (rows if rows is not None else []).append, readings._patience)


def sheet(folder: Path, rows: int = 3) -> Path:
    return jobs.sheet(folder, range(CLUE, CLUE + rows))


def suppressed(look: Callable[..., object], *given: object) -> None:
    with suppress(Refused):
        look(*given)


def finished(readings: Readings, number: str) -> Reading:
    for _ in range(2000):
        reading = readings.of(number)
        if reading and reading.is_over:
            return reading
        time.sleep(0.01)
    raise AssertionError("it never ended")


def test_a_sheet_is_looked_at_and_refused_as_anywhere(readings: Readings, tmp_path: Path) -> None:
    path = sheet(tmp_path)
    settings = jobs.settings(tmp_path)
    assert readings.look(Look(path, settings)) == batch_editor.look_at(path, settings)
    with pytest.raises(SheetError) as here:
        batch_editor.look_at(tmp_path, settings)
    with pytest.raises(Refused) as there:
        readings.look(Look(tmp_path, settings))
    assert there.value.message == here.value.message


def test_the_token_is_in_no_argument_and_no_variable_of_the_process(
    readings: Readings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WSHOTO_ACCESS_TOKEN", "secret-of-the-test")
    readings.look(Look(sheet(tmp_path), jobs.settings(tmp_path)))
    (child,) = readings._idle
    place = Path(f"/proc/{child._process.pid}")
    if not place.exists():
        pytest.skip("this system shows no processes as files")
    assert b"secret-of-the-test" not in (place / "environ").read_bytes() + (place / "cmdline").read_bytes()
    assert b"fixed-token" not in (place / "environ").read_bytes() + (place / "cmdline").read_bytes()


def test_a_plan_tells_its_rows_and_ends_in_the_journal(readings: Readings, tmp_path: Path) -> None:
    path, settings = sheet(tmp_path, 2500), jobs.settings(tmp_path)
    seen: list[Reading] = []
    readings.start("told", PlanSheet(path, settings, {"title": "客户", "person": "李伟"}), seen.append)
    reading = finished(readings, "told")
    assert reading.planned and reading.planned.wrong_rows == 0 and seen == [reading]
    assert reading.rows == 2000
    assert batch_editor.get_run(reading.planned.run, settings).title == "客户"


def test_a_plan_that_is_refused_is_told(readings: Readings, tmp_path: Path) -> None:
    path = jobs.text_file(tmp_path / "a.csv", "线索ID,什么\n1,2\n")
    readings.start("refused", PlanSheet(path, jobs.settings(tmp_path), {}), lambda reading: None)
    problem = finished(readings, "refused").problem
    assert problem and problem.key == "headings.wrong"
    assert batch_editor.list_runs(jobs.settings(tmp_path)) == []


def test_one_upload_is_planned_once_at_a_time(readings: Readings, tmp_path: Path) -> None:
    path, settings = sheet(tmp_path), jobs.settings(tmp_path)
    for _ in range(3):
        readings.start("once", PlanSheet(path, settings, {}), lambda reading: None)
    finished(readings, "once")
    assert len(batch_editor.list_runs(settings)) == 1


def test_a_process_is_used_again_and_what_it_prints_harms_nobody(readings: Readings) -> None:
    rows: list[int] = []
    child = readings._borrow()
    readings._give_back(child)
    assert ask(readings, Count(), rows) == "done" and rows == [1000, 2000]
    assert readings._idle == [child]


@pytest.mark.slow
def test_a_process_that_ends_is_a_message_and_another_one_takes_its_place(readings: Readings, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        ask(readings, Die())
    assert refused.value.message.key == "reading.ended"
    assert ask(readings, Count()) == "done"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the bound of memory is one of POSIX, and kept by Linux")
def test_a_process_takes_no_more_memory_than_it_may(readings: Readings) -> None:
    with pytest.raises(Refused) as refused:
        ask(readings, Grow())
    assert refused.value.message.key == "reading.too_large"
    assert ask(readings, Count()) == "done"


@pytest.mark.slow
def test_a_process_that_says_nothing_for_too_long_is_ended() -> None:
    readings = Readings(patience=1)
    try:
        readings._give_back(readings._borrow())
        with pytest.raises(Refused) as refused:
            ask(readings, Sleep(60))
        assert refused.value.message.key == "reading.too_long"
        assert readings._idle == [] and readings._busy == set()
    finally:
        readings.close()


@pytest.mark.slow
def test_a_look_waits_for_no_plan(tmp_path: Path) -> None:
    readings = Readings(patience=20)
    settings, path = jobs.settings(tmp_path), sheet(tmp_path)
    busy: Any = Sleep(60)
    for number in "abc":
        readings.start(number, busy, lambda reading: None)
    assert readings.look(Look(path, settings)).can_be_planned
    assert readings.of("a") == Reading()
    readings.close()


def test_what_was_looked_at_is_not_read_again_until_anything_of_it_is_another(
    readings: Readings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, settings = sheet(tmp_path), jobs.settings(tmp_path)
    asked: list[Any] = []
    ask_child = readings._ask
    monkeypatch.setattr(readings, "_ask", lambda task, *more: asked.append(task) or ask_child(task, *more))
    looks = [readings.look(Look(path, settings)) for _ in range(3)]
    assert len(asked) == 1 and looks[0] == looks[2]
    readings.look(Look(path, settings, choices=SheetChoices(1)))
    readings.look(Look(path, settings.model_copy(update={"ignore_columns": ["备注"]})))
    sheet(tmp_path, rows=4)
    assert readings.look(Look(path, settings)) != looks[0] and len(asked) == 4


def test_a_sheet_that_takes_too_long_is_not_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    readings, tries, path = Readings(), list[float](), sheet(tmp_path)

    def ask(task: object, on_rows: object, patience: float) -> object:
        tries.append(patience)
        raise Refused("reading.too_long", seconds=60)

    monkeypatch.setattr(readings, "_ask", ask)
    for _ in range(2):
        with pytest.raises(Refused) as refused:
            readings.look(Look(path, jobs.settings(tmp_path)))
        assert refused.value.message.key == "reading.too_long"
    assert tries == [60]


@pytest.mark.slow
def test_one_person_keeps_nobody_else_from_looking_and_planning(tmp_path: Path) -> None:
    readings, settings, path = Readings(patience=20), jobs.settings(tmp_path), sheet(tmp_path)
    busy: Any = Sleep(60)
    try:
        for number in "abc":
            readings.start(number, busy, lambda reading: None, "李伟")
            threading.Thread(target=suppressed, args=(readings.look, busy, "李伟"), daemon=True).start()
        while len(readings._busy) < 2:
            time.sleep(0.01)
        assert readings.look(Look(path, settings), "王芳").can_be_planned
        readings.start("d", PlanSheet(path, settings, {}), lambda reading: None, "王芳")
        assert finished(readings, "d").planned
    finally:
        readings.close()


@pytest.mark.slow
def test_closing_ends_all_processes_and_starts_no_more(tmp_path: Path) -> None:
    readings = Readings(patience=20)
    readings._give_back(readings._borrow())
    busy: Any = Sleep(60)
    readings.start("a", busy, lambda reading: None)
    while not readings._busy:
        time.sleep(0.01)
    processes = [child._process for child in [*readings._idle, *readings._busy]]
    readings.close()
    assert all(process.wait(timeout=10) is not None for process in processes)
    readings.start("too late", busy, lambda reading: None)
    assert readings.of("too late") is None
    assert not [thread for thread in threading.enumerate() if thread.name == "reading-too late"]
