"""``keep``: what old nights have left is removed with their runs, and nothing that anybody needs or has changed."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from support import jobs
from support.crm import CONFIRMED, Crm, status

from batch_editor import job
from batch_editor.cli.event_log import DayLog
from batch_editor.errors import Halted, Refused
from batch_editor.journal.forgetting import Forgetting
from batch_editor.journal.sqlite_store import SqliteStore
from batch_editor.messages import say
from batch_editor.model import Message
from batch_editor.output import placing
from batch_editor.runs.keeping import remove_old
from batch_editor.runs.report import Report
from batch_editor.settings.settings import Settings

LATER = timedelta(days=91)


class Nights:
    """Nights of one series in ``folder``, with their results in ``folder/results``."""

    def __init__(self, folder: Path, crm: Crm, **over: Any) -> None:
        self.folder, self.series = folder, str(folder / "night.yaml")
        places = {"results_dir": folder / "results", "keep": "90d"}
        self.settings = jobs.settings(folder, crm.url, **places | {"retry": {"attempts": 1}} | over)

    def night(self, clues: Sequence[int], series: str | None = None, **options: Any) -> Report:
        """A run of a series: of this one, or of another."""
        report = job.run(jobs.sheet(self.folder, clues), self.settings, **options)
        self.belongs(report.run, series if series is not None else self.series)
        return report

    def belongs(self, run: str | None, series: str) -> None:
        with closing(sqlite3.connect(self.settings.state_dir / "journal.sqlite3")) as database, database:
            database.execute("UPDATE runs SET series = ? WHERE name = ?", (series, run))
            database.execute("UPDATE files SET series = ? WHERE run = ?", (series, run))
        database.close()

    def later(self, age: timedelta = LATER, settings: Settings | None = None) -> list[Message]:
        """What is told of the removal after so long."""
        with job.open_journal(self.settings) as journal:
            return [*remove_old(journal, settings or self.settings, self.series, datetime.now().astimezone() + age)]

    def runs(self) -> set[str]:
        return {run.name for run in job.list_runs(self.settings)}

    def files(self) -> list[str]:
        return sorted(path.name for path in (self.folder / "results").rglob("*") if path.is_file())


@pytest.fixture
def crm() -> Iterator[Crm]:
    with Crm(lambda call: CONFIRMED if call.clue < 90 else status(500)) as running:
        yield running


def keys(messages: list[Message]) -> list[str]:
    assert all(say(message, lang) for message in messages for lang in ("en", "zh"))
    return [message.key for message in messages]


def test_files_go_with_their_runs_once_they_are_old(tmp_path: Path, crm: Crm) -> None:
    nights = Nights(tmp_path, crm)
    report = nights.night([11])
    assert nights.later(timedelta(days=89)) == [] and nights.files() == ["edits.results.xlsx"]
    (told,) = nights.later()
    assert say(told, "en") == "Removed what nights have left for more than 90 days (keep): 1 file, and 1 run with all rows."
    assert (nights.files(), nights.runs()) == ([], set())
    assert report.results and not report.results.parent.exists() and (tmp_path / "results").is_dir()
    assert (tmp_path / "edits.csv").is_file()  # the sheet itself was not moved there
    content = b"".join(path.read_bytes() for path in (tmp_path / "state").glob("journal.sqlite3*"))
    assert b"row 2" not in content  # nothing of the rows stays in the file


def test_without_keep_and_for_other_series_nothing_goes(tmp_path: Path, crm: Crm) -> None:
    nights = Nights(tmp_path, crm)
    nights.night([11], series="another.yaml")
    by_hand = nights.night([12], series="")
    assert nights.later() == [] and nights.later(settings=nights.settings.model_copy(update={"keep": None})) == []
    assert len(nights.files()) == 2 and by_hand.run in nights.runs()


def test_what_somebody_has_changed_stays_and_is_told_once(tmp_path: Path, crm: Crm) -> None:
    nights = Nights(tmp_path, crm)
    report = nights.night([11])
    assert report.results
    report.results.write_bytes(report.results.read_bytes() + b"mended")
    assert keys(nights.later()) == ["keep.changed", "keep.removed"]
    assert nights.files() == ["edits.results.xlsx"] and nights.runs() == set()
    assert nights.later() == []


def test_what_is_open_or_cannot_be_removed_stays_with_its_run_until_another_night(
    tmp_path: Path, crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    nights = Nights(tmp_path, crm)
    report = nights.night([11])
    assert report.results
    mark = report.results.with_name(f"~${report.results.name}")
    mark.touch()
    assert keys(nights.later()) == ["keep.not_removed"]
    mark.unlink()

    def denied(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", denied)
        (told,) = nights.later()
    assert "Permission denied" in say(told, "en")
    assert nights.files() == ["edits.results.xlsx"] and nights.runs() == {report.run}
    assert keys(nights.later()) == ["keep.removed"] and nights.files() == []


def test_an_unfinished_run_stays_until_it_is_dismissed(tmp_path: Path, crm: Crm) -> None:
    nights = Nights(tmp_path, crm, halt={"after_failures": 1}, rate={"concurrency": 1})
    report = nights.night([91, 92, 93])
    assert report.exit_code == 3
    assert nights.later() == [] and nights.runs() == {report.run} and len(nights.files()) == 1
    with closing(sqlite3.connect(nights.settings.state_dir / "journal.sqlite3")) as database, database:
        database.execute("UPDATE runs SET dismissed = 1")
    database.close()
    assert keys(nights.later()) == ["keep.removed"] and nights.runs() == set() and nights.files() == []


def test_a_run_that_is_over_goes_also_where_rows_of_it_failed(tmp_path: Path, crm: Crm) -> None:
    nights = Nights(tmp_path, crm)
    assert nights.night([91]).exit_code == 1
    assert keys(nights.later()) == ["keep.removed"] and nights.runs() == set()


def test_a_run_under_way_stays(tmp_path: Path, crm: Crm) -> None:
    nights = Nights(tmp_path, crm)
    report = nights.night([11])
    assert report.run
    with job.open_journal(nights.settings) as other:
        other.claim(report.run)
        assert nights.later() == [] and nights.runs() == {report.run} and len(nights.files()) == 1
    assert keys(nights.later()) == ["keep.removed"]


def test_what_belongs_to_a_chain_of_which_something_stays_stays(tmp_path: Path, crm: Crm) -> None:
    """The undo of an old run is of yesterday, or was made by hand: without the run nobody could tell what it did."""
    nights = Nights(tmp_path, crm)
    undone, free = nights.night([11]), nights.night([12])
    with job.open_journal(nights.settings) as journal:
        shared = {"base_url": crm.url, "app": "", "sheet": "", "digest": "", "headings": [], "settings": {}}
        by_hand = journal.start(source=f"undo {undone.run}", options={"undo": undone.run}, **shared)
        journal.of(by_hand).set_state(job.RunState.FINISHED)
    (told,) = nights.later()
    assert told.values["runs"] == 1 and nights.runs() == {undone.run, by_hand} and free.run not in nights.runs()
    assert len(nights.files()) == 1


def test_only_what_lies_in_the_folders_of_nights_is_removed(tmp_path: Path, crm: Crm) -> None:
    nights = Nights(tmp_path, crm)
    named = nights.night([11], output=tmp_path / "named.csv")
    assert keys(nights.later()) == ["keep.removed"] and (tmp_path / "named.csv").is_file() and named.run not in nights.runs()
    nights = Nights(tmp_path, crm)
    report = nights.night([12])
    assert report.results
    elsewhere = tmp_path / "elsewhere"
    report.results.parent.rename(elsewhere)
    report.results.parent.symlink_to(elsewhere)  # by its name it is below results_dir
    nights.later()
    assert (elsewhere / report.results.name).is_file()


def test_inputs_and_logs_of_nights_go_as_well_and_those_of_an_inbox(tmp_path: Path, crm: Crm) -> None:
    nights = Nights(tmp_path, crm, results_dir=None)
    nights.series = str(tmp_path / "inbox")
    for name in ("results/a.results.xlsx", "done/a.csv", "refused/b.csv", "refused/b.txt", "c.csv", "mine/d.csv"):
        path = tmp_path / "inbox" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, "utf-8")
        with job.open_journal(nights.settings) as journal:
            journal.files.remember(str(path), placing.stamp(path) or "", run=None, series=nights.series)
    (told,) = nights.later()
    assert told.values["files"] == 4
    remaining = sorted(str(path.relative_to(tmp_path / "inbox")) for path in (tmp_path / "inbox").rglob("*.*"))
    assert remaining == ["c.csv", "mine/d.csv"]


def test_a_check_sheet_goes_with_its_night(tmp_path: Path, crm: Crm) -> None:
    """Its run is forgotten at once, so that no run says whose file it is."""
    nights = Nights(tmp_path, crm, guards={"min_rows": 2})
    with pytest.raises(Refused):
        job.run(jobs.sheet(tmp_path, [11]), nights.settings, series=nights.series)
    assert nights.files() == ["edits.check.xlsx"]
    assert keys(nights.later()) == ["keep.removed"] and nights.files() == []


def test_a_purge_of_runs_leaves_the_files_of_nights_to_keep(tmp_path: Path, crm: Crm) -> None:
    nights = Nights(tmp_path, crm)
    first, second = nights.night([11]), nights.night([12])
    assert first.results and second.results
    first.results.unlink()
    with job.open_journal(nights.settings) as journal:
        journal.forgetting.purge(datetime.now().astimezone() + timedelta(days=1))
        assert (journal.files.stamp_of(str(first.results)), nights.runs()) == (None, set())
    assert keys(nights.later()) == ["keep.removed"] and nights.files() == []


def test_a_run_by_hand_stays_also_with_the_settings_of_nights(tmp_path: Path, crm: Crm) -> None:
    nights = Nights(tmp_path, crm)
    sheet = jobs.sheet(tmp_path, [11])
    (tmp_path / "results").mkdir()
    by_hand = job.run(sheet, nights.settings, series=nights.series, attended=True, output=tmp_path / "results" / "mine.csv")
    assert nights.later() == [] and nights.runs() == {by_hand.run} and nights.files() == ["mine.csv"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # its file was never closed
@pytest.mark.parametrize("nights_before", [0, 1])
@pytest.mark.parametrize("more", ["2026-03-01T02:00:00+08:00 killed here\n", "a note of somebody\n"])
def test_the_log_of_a_night_that_was_killed_goes_unless_somebody_has_written_in_it(
    more: str, nights_before: int, tmp_path: Path, crm: Crm
) -> None:
    """It could not say any more what the log looks like by then; one of another night of that day had said so before."""
    nights = Nights(tmp_path, crm)
    for _ in range(nights_before):
        log = DayLog(nights.settings, nights.series)
        log.write("a line")
        log.end()
    DayLog(nights.settings, nights.series).write("the last line")
    (path,) = (tmp_path / "results").rglob("nights.log")
    path.write_text(path.read_text("utf-8") + more, "utf-8")
    ours = more.startswith("2026")
    assert keys(nights.later()) == ["keep.removed" if ours else "keep.changed"]
    assert nights.files() == ([] if ours else ["nights.log"])


class Killed(BaseException):
    """The end of a process."""


def test_whatever_step_it_is_killed_at_the_next_night_removes_the_rest(
    tmp_path: Path, crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    nights = Nights(tmp_path / "nights", crm)
    nights.folder.mkdir()
    nights.night([11])
    shutil.copytree(nights.folder, tmp_path / "before")
    is_over, killed = False, 0
    while not is_over:
        shutil.rmtree(nights.folder)
        shutil.copytree(tmp_path / "before", nights.folder)
        steps = count()

        def killed_at(act: Any, steps: Iterator[int] = steps, last: int = killed) -> Any:
            def act_or_end(*args: Any, **more: Any) -> Any:
                if next(steps) == last:
                    raise Killed
                return act(*args, **more)

            return act_or_end

        with monkeypatch.context() as patch, suppress(Killed):
            for where, what in ((Path, "unlink"), (Path, "rmdir"), (SqliteStore, "change")):
                patch.setattr(where, what, killed_at(getattr(where, what)))
            nights.later()
            is_over = True
        nights.later()
        assert (nights.files(), nights.runs()) == ([], set()), killed
        assert (nights.folder / "edits.csv").is_file()
        killed += 1
    assert killed > 8  # the file and its folder, and what the journal holds of the file, the run and its rows


def test_what_goes_wrong_is_told_and_nothing_is_raised(tmp_path: Path, crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    nights = Nights(tmp_path, crm)
    nights.night([11])

    def full(*_: object) -> None:
        raise Halted("journal.unwritable", path="journal", reason="disk full")

    monkeypatch.setattr(Forgetting, "forget", full)
    (told,) = nights.later()
    assert told.key == "keep.failed" and "disk full" in say(told, "en")
