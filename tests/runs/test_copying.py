"""Copying a journal's file into a database: what was there in the file can be done with the database, once and for all."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from support import jobs
from support.exports import HEADING, export_lines, record

from batch_editor import Report, Settings, SettingsError, job
from batch_editor.errors import UnderWay
from batch_editor.journal.run_numbers import FIRST, NoRoom, RunNumbers
from batch_editor.runs.journal_file import JOURNAL
from batch_editor.sandbox import Sandbox

CLUES = range(1, 21)


@pytest.fixture
def crm() -> Iterator[Sandbox]:
    with Sandbox([record(clue) for clue in CLUES], access_token=jobs.TOKEN) as sandbox:
        yield sandbox


@pytest.fixture
def here(tmp_path: Path, crm: Sandbox) -> Settings:
    """The settings of a machine that has its journal in a file."""
    return jobs.settings(tmp_path, crm.url, prove=False)


@pytest.fixture
def there(tmp_path: Path, crm: Sandbox, postgres: str) -> Settings:
    """The settings of a machine whose journal is in a database."""
    settings = jobs.settings(tmp_path, crm.url, prove=False, journal=postgres, state_dir=tmp_path / "there")
    job.migrate_journal(settings)
    return settings


def file_of(settings: Settings) -> Path:
    return settings.state_dir / JOURNAL


def export(folder: Path, **changed: str) -> Path:
    return jobs.text_file(folder / "export.csv", "\n".join([HEADING, *export_lines(CLUES, **changed)]) + "\n")


def night(settings: Settings, folder: Path, **changed: str) -> Report:
    return job.reconcile(export(folder, **changed), settings, trust_journal=True, new=True)


def sheet(folder: Path, name: str, remark: str, clues: range) -> Path:
    lines = [f"{clue},{remark}" for clue in clues]
    return jobs.text_file(folder / name, "\n".join(["clue_id,remark", *lines]) + "\n")


def run(settings: Settings, sheet: Path, **options: Any) -> Report:
    return job.run(sheet, settings, snapshot=True, new=True, **options)


def written_again(run: str, settings: Settings, path: Path) -> list[dict[str, str]]:
    with job.open_journal(settings) as journal:
        return jobs.results(job.results_again(journal, run, path, "en"))


def requests(crm: Sandbox) -> tuple[int, int]:
    """How many clues were read, and how many edited, since this was asked last."""
    made = [request.path for request in crm.requests]
    crm.requests.clear()
    return sum("info" in path for path in made), sum("edit" in path for path in made)


def test_what_was_begun_in_a_file_is_shown_gone_on_with_and_undone_in_the_database(
    tmp_path: Path, crm: Sandbox, here: Settings, there: Settings
) -> None:
    whole = run(here, sheet(tmp_path, "whole.csv", "新", range(1, 6)))
    part = run(here, sheet(tmp_path, "part.csv", "半", range(6, 12)), limit=2)
    before = [job.get_run(name, here) for name in (whole.run, part.run)]
    moved = job.copy_journal(file_of(here), there)
    assert (moved.runs, moved.rows, moved.there) == (2, 11, 0)
    assert [job.get_run(name, there) for name in (whole.run, part.run)] == before
    results = [
        written_again(whole.run, settings, tmp_path / f"again-{number}.csv") for number, settings in enumerate((here, there))
    ]
    assert results[0] == results[1]
    resumed = job.resume(part.run, there)
    assert resumed.counts["updated"] == 6 and crm.clue(11)["remark"] == "半"
    undone = job.undo(whole.run, there)
    assert undone.counts["updated"] == 5 and crm.clue(1)["remark"] == "旧"


def test_a_night_trusts_what_the_nights_of_the_file_have_left(
    tmp_path: Path, crm: Sandbox, here: Settings, there: Settings
) -> None:
    run(there, sheet(tmp_path, "other.csv", "旧", range(19, 21)))  # other numbers of fields there, and of runs
    night(here, tmp_path, c1="新")
    night(here, tmp_path, c1="新", c2="新")  # which has taken in what the first one did, and is not taken in itself
    requests(crm)
    moved = job.copy_journal(file_of(here), there)
    assert (moved.runs, moved.clues) == (2, len(CLUES))
    report = night(there, tmp_path, c1="新", c2="新", c7="另")
    assert requests(crm) == (1, 1) and report.counts["unchanged"] == len(CLUES) - 1


def test_what_names_a_run_or_fields_by_a_number_follows_it(
    tmp_path: Path, here: Settings, there: Settings, postgres: str
) -> None:
    night(there, tmp_path)
    night(there, tmp_path)  # so that numbers of runs and of fields are taken there
    first, forgotten, last = (run(here, sheet(tmp_path, "a.csv", "新", range(1, 4))).run for _ in range(3))
    with closing(sqlite3.connect(file_of(here))) as file:
        ids = dict(file.execute("SELECT name, id FROM runs"))
        file.execute("UPDATE rows SET origin_run = ?, trusted_run = ? WHERE run = ?", (ids[first], ids[first], ids[last]))
        file.execute("UPDATE rows SET origin_run = ?, sums = '7:whole' WHERE run = ? AND row = 3", (ids[forgotten], ids[last]))
        for table in ("rows", "mends"):
            file.execute(f"DELETE FROM {table} WHERE run = ?", (ids[forgotten],))  # noqa: S608
        file.execute("DELETE FROM runs WHERE id = ?", (ids[forgotten],))
        file.execute("INSERT INTO applied_fields (id, keys) VALUES (7, 'address')")
        file.execute("INSERT INTO memories (id, base_url, app) VALUES (1, ?, '')", (here.api.base_url,))
        known = [(1, clue, ids[name], 1, 7, "", "") for clue, name in ((101, first), (102, forgotten), (103, last))]
        file.executemany("INSERT INTO applied VALUES (?, ?, ?, ?, ?, ?, ?)", known)
        file.commit()
    job.copy_journal(file_of(here), there)
    with closing(psycopg.connect(postgres)) as database:
        ids = dict(database.execute("SELECT name, id FROM runs").fetchall())
        named = "SELECT row, origin_run, trusted_run, sums FROM rows WHERE run = %s ORDER BY row"
        rows = database.execute(named, [ids[last]]).fetchall()
        ((fields,),) = database.execute("SELECT id FROM applied_fields WHERE keys = 'address'").fetchall()
        lost = rows[1][1]
        assert rows == [
            (2, ids[first], ids[first], None),
            (3, lost, ids[first], f"{fields}:whole"),
            (4, ids[first], ids[first], None),
        ]
        assert ids[first] < lost < ids[last] and lost not in ids.values()
        applied = database.execute("SELECT clue, run, fields FROM applied WHERE clue > 100 ORDER BY clue").fetchall()
        assert applied == [(101, ids[first], fields), (102, lost, fields), (103, ids[last], fields)]


def test_an_older_value_of_a_file_lands_on_no_newer_one(tmp_path: Path, crm: Sandbox, here: Settings, there: Settings) -> None:
    old = run(here, sheet(tmp_path, "old.csv", "旧的", range(1, 4)), limit=1)
    with closing(sqlite3.connect(file_of(here))) as file:
        file.execute("UPDATE runs SET started = started - 3600")
        file.commit()
    run(there, sheet(tmp_path, "new.csv", "新的", range(1, 4)))
    job.copy_journal(file_of(here), there)
    assert [each.name for each in job.list_runs(there)][-1] == old.run
    assert job.resume(old.run, there).counts["conflict"] == 2
    assert {crm.clue(clue)["remark"] for clue in (1, 2, 3)} == {"新的"}


def test_a_second_copy_adds_nothing_and_says_so(tmp_path: Path, here: Settings, there: Settings) -> None:
    run(here, sheet(tmp_path, "a.csv", "新", range(1, 4)))
    job.copy_journal(file_of(here), there)
    runs = job.list_runs(there)
    moved = job.copy_journal(file_of(here), there)
    assert (moved.runs, moved.rows, moved.nights, moved.files, moved.there) == (0, 0, 0, 0, 1)
    assert job.list_runs(there) == runs and moved.gone_on == []
    other = run(here, sheet(tmp_path, "b.csv", "新", range(4, 6)))
    moved = job.copy_journal(file_of(here), there)
    assert (moved.runs, moved.there) == (1, 1) and job.list_runs(there)[0].name == other.run


def test_a_run_that_has_gone_on_in_its_file_since_is_named(tmp_path: Path, here: Settings, there: Settings) -> None:
    part = run(here, sheet(tmp_path, "a.csv", "新", range(1, 4)), limit=1)
    job.copy_journal(file_of(here), there)
    job.resume(part.run, here)
    assert job.copy_journal(file_of(here), there).gone_on == [part.run]


def test_a_copy_that_was_cut_off_goes_on_with_whole_runs(
    tmp_path: Path, here: Settings, there: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run(here, sheet(tmp_path, "a.csv", "新", range(1, 4)))
    run(here, sheet(tmp_path, "b.csv", "新", range(4, 9)))
    written = psycopg.Copy.write_row

    def cut_off(copy: psycopg.Copy, row: list[object]) -> None:
        if row[1] == 5:  # in the middle of the second one
            raise KeyboardInterrupt
        written(copy, row)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(psycopg.Copy, "write_row", cut_off)
        job.copy_journal(file_of(here), there)
    assert [each.name for each in job.list_runs(there)] == [first.run]
    moved = job.copy_journal(file_of(here), there)
    assert (moved.runs, moved.rows, moved.there) == (1, 5, 1)
    assert [each.counts for each in job.list_runs(there)] == [each.counts for each in job.list_runs(here)]


def test_a_run_that_somebody_drives_keeps_the_file_from_being_copied(tmp_path: Path, here: Settings, there: Settings) -> None:
    part = run(here, sheet(tmp_path, "a.csv", "新", range(1, 4)), limit=1)
    with job.open_journal(here) as journal:
        journal.claim(part.run)
        with pytest.raises(UnderWay, match=part.run):
            job.copy_journal(file_of(here), there)
    assert not job.list_runs(there)


@pytest.mark.parametrize("version", [4, 7, 8])
def test_a_file_of_an_older_version_is_copied_and_left_as_it_is(version: int, tmp_path: Path, there: Settings) -> None:
    file = tmp_path / f"v{version}.sqlite3"
    shutil.copy(Path(__file__).parent.parent / "journal" / "files" / file.name, file)
    before = hashlib.sha256(file.read_bytes()).hexdigest()
    moved = job.copy_journal(file, there)
    assert moved.runs == len(job.list_runs(there)) > 0
    assert hashlib.sha256(file.read_bytes()).hexdigest() == before


def test_what_is_no_journal_is_refused_and_so_are_settings_without_a_database(
    tmp_path: Path, here: Settings, there: Settings
) -> None:
    for name, text, key in (("a.csv", "no journal at all, but long enough", "copy.no_journal"), ("none", None, "copy.no_file")):
        if text:
            jobs.text_file(tmp_path / name, text * 100)
        with pytest.raises(SettingsError) as error:
            job.copy_journal(tmp_path / name, there)
        assert error.value.message.key == key
    run(here, sheet(tmp_path, "b.csv", "新", range(1, 2)))
    with pytest.raises(SettingsError) as error:
        job.copy_journal(file_of(here), here)
    assert error.value.message.key == "copy.no_database"


# --- numbers

TENANT = ("https://crm", "app")


def numbers(*there: tuple[int, int]) -> RunNumbers:
    following = iter(range(FIRST, FIRST + 10_000, 100))
    placed = [(number, began, TENANT) for number, began in there]
    return RunNumbers(placed, is_free=lambda number: number != 7, following=lambda: next(following))


def test_runs_of_two_files_are_put_in_the_order_in_which_they_began() -> None:
    of_both = numbers()
    first = [of_both.of_run(TENANT, began, after=0) for began in (1_800_000_000, 1_800_000_100)]
    second = [of_both.of_run(TENANT, began, after=0) for began in (1_799_999_999, 1_800_000_050, 1_800_000_200)]
    assert sorted([*first, *second]) == [second[0], first[0], second[1], first[1], second[2]]
    assert max(*first, *second) < FIRST


def test_a_run_that_began_between_two_of_the_database_gets_a_number_between_theirs() -> None:
    there = numbers((FIRST, 1_800_000_000), (FIRST + 100, 1_800_000_500))
    assert FIRST < there.of_run(TENANT, 1_800_000_100, after=0) < FIRST + 100
    assert there.of_run(TENANT, 1_800_000_600, after=0) == FIRST  # what the database would give next


def test_where_there_is_no_number_between_two_runs_nothing_is_made_up() -> None:
    there = numbers((5, 1_800_000_000), (6, 1_800_000_500), (8, 1_800_000_700))
    with pytest.raises(NoRoom):
        there.of_run(TENANT, 1_800_000_100, after=0)
    assert there.of_forgotten(5, 6) == 0
    assert there.of_forgotten(6, 8) == 0  # 7 is named by rows
    assert there.of_forgotten(8, 20) == 9
