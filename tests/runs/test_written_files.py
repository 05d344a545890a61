"""An output that this program has written itself, and that nobody has changed since, is replaced; anything else is kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from support import jobs
from support.commands import Commands
from support.crm import CONFIRMED, Crm, envelope, scripted, status

import batch_editor
from batch_editor import Settings, job
from batch_editor.events import Event, Notice
from batch_editor.messages import say
from batch_editor.output import placing
from batch_editor.sandbox import Sandbox

Write = Callable[[Path, Path, Settings], Path | None]


def _run(edits: Path, output: Path, given: Settings) -> Path | None:
    return batch_editor.run(edits, given, output=output, new=True).results


def _check(edits: Path, output: Path, given: Settings) -> Path | None:
    return batch_editor.check(edits, given, output=output).results


def _diff(edits: Path, output: Path, given: Settings) -> Path | None:
    return batch_editor.diff(edits, given, output=output).results


def _again(edits: Path, output: Path, given: Settings) -> Path | None:
    with job.open_journal(given) as journal:
        name = next((run.name for run in journal.runs()), None) or str(batch_editor.run(edits, given).run)
        return job.results_again(journal, name, output, "en")


EVERY = pytest.mark.parametrize("write", [_run, _check, _diff, _again])


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
@EVERY
def test_a_file_of_ours_is_replaced_whichever_command_wrote_it(tmp_path: Path, write: Write, kind: str) -> None:
    output = tmp_path / f"out.{kind}"
    with Sandbox([{"clue_id": 11, "remark": "old"}], access_token=jobs.TOKEN) as crm:
        given, edits = jobs.settings(tmp_path, crm.url), jobs.sheet(tmp_path, [11])
        assert write(edits, output, given) == output
        assert write(edits, output, given) == output
        assert _check(edits, output, given) == output
        assert write(edits, output, given) == output
        output.write_bytes(output.read_bytes() + b" ")
        changed = output.read_bytes()
        assert write(edits, output, given) == tmp_path / f"out-2.{kind}"
    assert output.read_bytes() == changed


@EVERY
def test_a_file_of_somebody_else_is_kept_and_that_is_told(tmp_path: Path, write: Write) -> None:
    output = jobs.text_file(tmp_path / "out.csv", "mine")
    with Sandbox([{"clue_id": 11, "remark": "old"}], access_token=jobs.TOKEN) as crm:
        given, edits = jobs.settings(tmp_path, crm.url), jobs.sheet(tmp_path, [11])
        assert write(edits, output, given) == tmp_path / "out-2.csv"
    assert output.read_text(encoding="utf-8") == "mine"


def notices(events: list[Event]) -> str:
    return "\n".join(say(event.message, "en") for event in events if isinstance(event, Notice))


def test_what_became_of_the_output_is_told(tmp_path: Path) -> None:
    """And a run whose results are gone does not go on naming that file, and has them written again beside its sheet."""
    events: list[Event] = []
    with Crm() as crm:
        given, output = jobs.settings(tmp_path, crm.url), tmp_path / "out.csv"
        first = batch_editor.run(jobs.sheet(tmp_path, [11], "a.csv"), given, output=output, on_event=events.append)
        assert "out.csv" not in notices(events)
        second = batch_editor.run(jobs.sheet(tmp_path, [12], "b.csv"), given, output=output, on_event=events.append)
        assert f"{output} held the results of the run {first.run} and was replaced." in notices(events)
        with job.open_journal(given) as journal:
            assert journal.run(str(first.run)).results is None and journal.run(str(second.run)).results == str(output)
            assert job.results_again(journal, str(first.run), None, "en") == tmp_path / "a.results.xlsx"
        output.write_text("mended", encoding="utf-8")
        batch_editor.run(jobs.sheet(tmp_path, [13], "c.csv"), given, output=output, on_event=events.append)
    assert f"{output} is kept as it is" in notices(events) and f"Written instead: {tmp_path / 'out-2.csv'}" in notices(events)


def test_the_default_name_stays_that_of_the_first_run(tmp_path: Path) -> None:
    with Crm() as crm:
        given, edits = jobs.settings(tmp_path, crm.url), jobs.sheet(tmp_path, [11])
        names = [batch_editor.run(edits, given, new=True).results for _ in range(2)]
    assert names == [tmp_path / "edits.results.xlsx", tmp_path / "edits.results-2.xlsx"]


def test_the_sheet_that_is_read_is_never_replaced(tmp_path: Path) -> None:
    """Nor is one that a run which stopped was read from."""
    with Crm(scripted({12: [envelope(7, "no"), status(401), CONFIRMED]})) as crm:
        given = jobs.settings(tmp_path, crm.url, rate={"concurrency": 1})
        first = batch_editor.run(jobs.sheet(tmp_path, [11, 12]), given)
        assert first.results is not None
        before = placing.stamp(first.results)
        edits = jobs.text_file(tmp_path / "a.csv", "clue_id,remark\n21,x\n")
        again = batch_editor.run(first.results, given, only_failed=True, output=first.results, new=True)
        assert again.exit_code == 3 and again.results == tmp_path / "edits.results-2.xlsx"
        assert batch_editor.check(first.results, given, only_failed=True, output=first.results).results != first.results
        assert batch_editor.run(edits, given, output=first.results).results == tmp_path / "edits.results-4.xlsx"
    assert placing.stamp(first.results) == before


def test_a_file_that_is_open_elsewhere_is_kept(tmp_path: Path) -> None:
    given, edits, output = jobs.settings(tmp_path), jobs.sheet(tmp_path, [11]), tmp_path / "out.xlsx"
    assert _check(edits, output, given) == output
    (tmp_path / "~$out.xlsx").touch()
    assert _check(edits, output, given) == tmp_path / "out-2.xlsx"


def test_a_run_that_was_killed_before_its_results_replaces_what_it_was_told_to(tmp_path: Path) -> None:
    with Crm(scripted({12: [status(401), CONFIRMED]})) as crm:
        given, output = jobs.settings(tmp_path, crm.url, rate={"concurrency": 1}), tmp_path / "out.csv"
        edits = jobs.sheet(tmp_path, [11, 12])
        _check(edits, output, given)
        first = batch_editor.run(edits, given, output=output)
        with job.open_journal(given) as journal:
            journal.files.remember(str(output), placing.stamp(output) or "", run=None)  # as if it had not come to its results
        assert batch_editor.resume(str(first.run), given).results == output


def test_a_check_does_without_a_journal_that_cannot_be_opened(tmp_path: Path) -> None:
    given, edits = jobs.settings(tmp_path), jobs.sheet(tmp_path, [11])
    (tmp_path / "state").write_text("no folder", encoding="utf-8")
    output = tmp_path / "out.csv"
    assert _check(edits, output, given) == output
    assert _check(edits, output, given) == tmp_path / "out-2.csv"


def test_what_is_purged_knows_no_file(tmp_path: Path) -> None:
    given, edits, output = jobs.settings(tmp_path), jobs.sheet(tmp_path, [11]), tmp_path / "out.csv"
    _check(edits, output, given)
    with job.open_journal(given) as journal:
        journal.forgetting.purge(datetime.now().astimezone() - timedelta(days=1))
        assert journal.files.stamp_of(str(output)) is not None
        journal.forgetting.purge(datetime.now().astimezone() + timedelta(days=1))
        assert journal.files.stamp_of(str(output)) is None


def test_at_the_command_line(tmp_path: Path) -> None:
    jobs.sheet(tmp_path, [11])
    command = Commands(tmp_path, "http://127.0.0.1:1")
    for _ in range(2):
        assert "out.xlsx" in command("check", "edits.csv", "-o", "out.xlsx").out
    (tmp_path / "out.xlsx").write_bytes(b"mine")
    done = command("check", "edits.csv", "-o", "out.xlsx")
    assert "is kept as it is" in done.err and "out-2.xlsx" in done.out
    assert "保留" in command("check", "edits.csv", "-o", "out.xlsx", "--lang", "zh").err
