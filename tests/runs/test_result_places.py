"""Where the files of nights go: into the folder of the day of the zone, with names that never collide."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from support import jobs
from support.commands import Commands
from support.crm import CONFIRMED, Crm, status

from batch_editor import job
from batch_editor.errors import Refused, SettingsError
from batch_editor.messages import say
from batch_editor.runs.result_places import day_folder, place_beside
from batch_editor.settings.settings import Settings

#: Half past six in the evening in London, and the night of the next day in Shanghai.
EVENING = datetime(2026, 11, 28, 18, 30, tzinfo=UTC)


def at(moment: datetime) -> datetime:
    return moment


def test_the_day_is_that_of_the_zone(tmp_path: Path) -> None:
    sheet = tmp_path / "a.csv"
    for zone, day in (("Asia/Shanghai", "2026-11-29"), ("Europe/London", "2026-11-28")):
        settings = Settings(results_dir=tmp_path / "results", timezone=zone)
        clock = partial(at, EVENING)
        assert day_folder(settings, clock=clock) == tmp_path / "results" / day and (tmp_path / "results" / day).is_dir()
        assert place_beside(sheet, settings, attended=False, clock=clock) == tmp_path / "results" / day / "a.csv"
        assert place_beside(sheet, settings, attended=True, clock=clock) == sheet
    assert day_folder(Settings()) is None and place_beside(sheet, Settings(), attended=False) == sheet


def test_what_nobody_watches_goes_to_the_day_and_the_rest_stays_beside_its_sheet(tmp_path: Path) -> None:
    results_dir = tmp_path / "results"
    with Crm() as crm:
        settings = jobs.settings(tmp_path, crm.url, results_dir=results_dir, snapshot=False)
        day = day_folder(settings)
        assert day is not None
        (tmp_path / "other").mkdir()
        paths = [jobs.sheet(tmp_path, [11]), jobs.sheet(tmp_path / "other", [12])]  # two of one name
        written = [job.run(path, settings).results for path in paths]
        assert written == [day / "edits.results.xlsx", day / "edits.results-2.xlsx"], written
        attended = job.run(jobs.sheet(tmp_path, [13]), settings, attended=True, confirm=lambda preview: True)
        assert attended.results == tmp_path / "edits.results.xlsx"
        named = job.run(jobs.sheet(tmp_path, [14]), settings, output=tmp_path / "named.csv")
        assert named.results == tmp_path / "named.csv"
        assert sorted(path.name for path in day.iterdir()) == ["edits.results-2.xlsx", "edits.results.xlsx"]


@pytest.mark.parametrize("attended", [False, True])
def test_a_run_that_is_gone_on_with_keeps_its_results_where_they_were(attended: bool, tmp_path: Path) -> None:
    with Crm(lambda call: status(500) if call.number == 1 else CONFIRMED) as crm:
        settings = jobs.settings(tmp_path, crm.url, results_dir=tmp_path / "results", retry={"attempts": 1})
        first = job.run(jobs.sheet(tmp_path, [11]), settings, attended=attended)
        assert first.exit_code == 1 and first.run and first.results
        again = job.resume(first.run, settings)
        assert (again.exit_code, again.results) == (0, first.results)
        assert len([*tmp_path.rglob("edits.results*")]) == 1


def test_without_a_way_to_make_the_folder_nothing_is_sent(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("no folder", "utf-8")
    with Crm() as crm:
        settings = jobs.settings(tmp_path, crm.url, results_dir=tmp_path / "results")
        with pytest.raises(Refused) as caught:
            job.run(jobs.sheet(tmp_path, [11]), settings)
        assert str(tmp_path / "results") in str(caught.value) and crm.connections == 0


@pytest.mark.parametrize("keep", ["90", "0d", "-1d", 90, "3 months", True, "1e3d", "９０", "d"])
def test_keep_is_a_number_of_days(keep: object) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.load(keep=keep)
    assert "keep: must be a number of days such as 90d" in str(caught.value) and "90 天" in say(caught.value.message, "zh")


def test_days_can_be_typed_in_any_width() -> None:
    assert [Settings(keep=keep).keep for keep in ("90d", " ９０Ｄ ", None)] == ["90d", "90d", None]


def test_the_command_of_a_night_says_where_its_results_are(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11])
    with Crm() as crm:
        done = Commands(tmp_path, crm.url, results_dir="results")("run", "edits.csv", "--json")
    day = day_folder(Settings(results_dir=tmp_path / "results"))
    assert day and done.json["results"] == str(day / "edits.results.xlsx")
