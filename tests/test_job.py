"""The whole job as a Python caller sees it: reports, events, the question, and what is left behind in the journal."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from support import jobs
from support.crm import Crm, envelope, scripted, status

import batch_editor
from batch_editor import job
from batch_editor.cli.preview_text import preview_lines
from batch_editor.edits.payload import Payload
from batch_editor.errors import Declined, Refused, SettingsError, SheetError, UnderWay
from batch_editor.events import Event, SendProgress, SheetProgress
from batch_editor.messages import say
from batch_editor.model import Message, Run
from batch_editor.runs import drive, planning
from batch_editor.runs.preview import Preview
from batch_editor.stop import Stop

SUMMARY = {
    "run": str,
    "exit_code": int,
    "rows": int,
    "updated": int,
    "unchanged": int,
    "skipped": int,
    "invalid": int,
    "conflict": int,
    "rejected": int,
    "failed": int,
    "not_sent": int,
    "results": str,
    "seconds": float,
    "halted": type(None),
    "unwritten": type(None),
    "reasons": list,
    "notes": list,
    "left": int,
    "undoable": bool,
    "undoable_rows": int,
    "changed_rows": int,
    "reason": str,
    "error": str,
    "stopped": bool,
    "check_sheet": type(None),
    "unfinished": list,
}


def runs(folder: Path) -> list[Run]:
    with job.open_journal(jobs.settings(folder)) as journal:
        return journal.runs()


# --- the report


def test_a_summary_holds_every_status_once(tmp_path: Path) -> None:
    text = "clue_id,remark\n11,a\n12,b\n13,c\n14,\nbad,e\n"
    with Crm(scripted({12: [envelope(5, "不行")], 13: [status(500)]})) as crm:
        report = batch_editor.run(jobs.text_file(tmp_path / "edits.csv", text), jobs.settings(tmp_path, crm.url))
    summary = report.summary()
    assert {key: type(value) for key, value in summary.items()} == SUMMARY and list(summary) == list(SUMMARY)
    counts = {
        "updated": 1,
        "rejected": 1,
        "failed": 1,
        "skipped": 1,
        "invalid": 1,
        "unchanged": 0,
        "conflict": 0,
        "not_sent": 0,
    }
    assert {key: summary[key] for key in counts} == counts
    assert (summary["rows"], summary["exit_code"]) == (5, 1)
    assert summary["results"] == str(tmp_path / "edits.results.xlsx")
    assert (summary["left"], summary["undoable"], summary["notes"]) == (1, False, [])
    assert {text["reason"] for text in summary["reasons"]} == {say(reason, "en") for _, reason in report.reasons}  # type: ignore[attr-defined]
    assert [text["rows"] for text in summary["reasons"]] == [1, 1]  # type: ignore[attr-defined]
    assert json.loads(json.dumps(summary)) == summary


def test_to_frame_is_the_results_sheet(tmp_path: Path) -> None:
    with Crm() as crm:
        report = batch_editor.run(jobs.sheet(tmp_path, [11, 12]), jobs.settings(tmp_path, crm.url))
    frame = report.to_frame()
    texts = frame.assign(result_time=[row["result_time"] for row in jobs.results(report.results)]).astype("string")
    assert [list(texts.columns), *texts.values.tolist()] == jobs.raw_results(report.results or Path())
    assert frame["result_time"].tolist() == [datetime.fromisoformat(text) for text in texts["result_time"]]
    assert frame["clue_id"].tolist() == ["11", "12"]


def test_a_frame_goes_in_and_a_frame_comes_out(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"clue_id": [1591005521987920962, 12], "remark": ["=a", None], "birthday": [datetime(1990, 5, 1), None]}
    )
    with Crm() as crm:
        given = jobs.settings(tmp_path, crm.url)
        report = batch_editor.run(frame, given)
        assert report.results is None and report.exit_code == 0
        written = batch_editor.run(frame, given, output=tmp_path / "out.csv")
    assert [call.clue for call in crm.calls] == [1591005521987920962] * 2
    assert crm.calls[0].body["birthday"] == 641491200
    assert report.to_frame()["result_status"].tolist() == ["updated", "skipped"]
    assert written.results == tmp_path / "out.csv"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.csv", "state"]


def test_a_frame_with_half_a_character_where_it_is_not_sent(tmp_path: Path) -> None:
    frame = pd.DataFrame({"clue_id": [11], "remark": ["a"], "note": pd.Series(["\ud83d"], dtype=object)})
    with Crm() as crm:
        given = jobs.settings(tmp_path, crm.url, ignore_columns=["note"])
        report = batch_editor.run(frame, given, output=tmp_path / "out.xlsx")
    assert report.counts["updated"] == 1 and jobs.statuses(report.results) == ["updated"]


def test_a_run_from_anywhere_knows_its_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs.sheet(tmp_path, [11])
    monkeypatch.chdir(tmp_path)
    with Crm() as crm:
        report = batch_editor.run("edits.csv", jobs.settings(tmp_path, crm.url))
    assert report.results == tmp_path / "edits.results.xlsx"
    assert runs(tmp_path)[0].source == str(tmp_path / "edits.csv")


# --- check


def test_check_says_what_run_would_do_and_sends_nothing(tmp_path: Path) -> None:
    text = "clue_id,remark\n11,a\n12,\nbad,e\n13,f\n"
    edits = jobs.text_file(tmp_path / "edits.csv", text)
    with Crm() as crm:
        given = jobs.settings(tmp_path, crm.url)
        checked = batch_editor.check(edits, given)
        assert crm.connections == 0 and not (tmp_path / "state").exists()
        assert sorted(path.name for path in tmp_path.iterdir()) == ["edits.csv"]
        ran = batch_editor.run(edits, given)
    assert (checked.run, checked.results, checked.exit_code, checked.rows) == (None, None, 1, 4)
    assert checked.counts == ran.counts | {"not_sent": ran.counts["updated"], "updated": 0}
    assert checked.problems == ran.problems
    assert [line.key for line in preview_lines(checked.preview)] == [line.key for line in preview_lines(ran.preview)]
    assert checked.to_frame().columns.tolist() == ["row", "cell", "field", "problem"]
    assert checked.to_frame()["cell"].tolist() == ["A4"]


def test_check_needs_no_credentials(tmp_path: Path) -> None:
    edits = jobs.sheet(tmp_path, [11])
    given = jobs.settings(tmp_path, api={"access_token": None})
    assert batch_editor.check(edits, given).exit_code == 0
    with pytest.raises(SettingsError, match=r"There is no access token\. Set WSHOTO_ACCESS_TOKEN"):
        batch_editor.run(edits, given)


def test_load_edits_is_what_would_be_sent(tmp_path: Path) -> None:
    edits = jobs.sheet(tmp_path, [11, 12])
    loaded = batch_editor.load_edits(edits, jobs.settings(tmp_path))
    with Crm() as crm:
        batch_editor.run(edits, jobs.settings(tmp_path, crm.url))
    assert sorted((edit.clue_id, edit.body) for edit in loaded.edits) == sorted(
        (call.clue, json.dumps(call.body, ensure_ascii=False, separators=(",", ":"))) for call in crm.calls
    )


def test_a_single_name_to_edit_is_not_its_letters(tmp_path: Path) -> None:
    edits = jobs.text_file(tmp_path / "edits.csv", "clue_id,remark,email\n11,x,a@b.cn\n")
    with Crm() as crm:
        given = jobs.settings(tmp_path, crm.url)
        assert batch_editor.load_edits(edits, given, edit_keys="remark").plans[0].fields == ("remark",)
        assert batch_editor.check(edits, given, edit_keys="remark").preview.counts.sets == {"remark": 1}
        batch_editor.run(edits, given, edit_keys="remark")
    assert [call.body["update_specified_fields"] for call in crm.calls] == [["remark"]]


# --- before anything is sent


def test_the_question_is_asked_once_with_the_preview(tmp_path: Path) -> None:
    asked = list[Preview]()

    def confirm(preview: Preview) -> bool:
        asked.append(preview)
        assert crm.connections == 0
        return True

    with Crm() as crm:
        batch_editor.run(jobs.sheet(tmp_path, [11, 12]), jobs.settings(tmp_path, crm.url), confirm=confirm)
    assert [preview.calls for preview in asked] == [2] and len(crm.calls) == 2


def test_the_time_to_answer_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]

    def confirm(preview: Preview) -> bool:
        now[0] += 3600
        return True

    for module in (job, drive):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: now[0]))
    with Crm() as crm:
        report = batch_editor.run(jobs.sheet(tmp_path, [11]), jobs.settings(tmp_path, crm.url), confirm=confirm)
    assert report.seconds == 0


def _declining(preview: Preview) -> bool:
    return False


def _interrupting(preview: Preview) -> bool:
    raise KeyboardInterrupt


@pytest.mark.parametrize(("confirm", "raised"), [(_declining, Declined), (_interrupting, KeyboardInterrupt)])
def test_a_declined_run_sends_nothing_and_leaves_nothing(
    tmp_path: Path, confirm: Callable[[Preview], bool], raised: type[BaseException]
) -> None:
    with Crm() as crm, pytest.raises(raised):
        batch_editor.run(jobs.sheet(tmp_path, [11]), jobs.settings(tmp_path, crm.url), confirm=confirm)
    assert crm.connections == 0 and runs(tmp_path) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["edits.csv", "state"]


@pytest.mark.parametrize("text", ["clue_id,remark\n", "clue_id,remark\n,\n"])
def test_no_rows(tmp_path: Path, text: str) -> None:
    with pytest.raises(SheetError, match="There are no rows below the headings"):
        batch_editor.run(jobs.text_file(tmp_path / "edits.csv", text), jobs.settings(tmp_path))
    assert runs(tmp_path) == []


def test_strict(tmp_path: Path) -> None:
    edits = jobs.text_file(tmp_path / "edits.csv", "clue_id,remark\n11,a\nbad,b\n")
    with Crm() as crm:
        given = jobs.settings(tmp_path, crm.url)
        with pytest.raises(Refused) as caught:
            batch_editor.run(edits, given, strict=True)
        assert crm.connections == 0
        batch_editor.run(edits, given)
        assert len(crm.calls) == 1
    assert str(caught.value) == (
        "Invalid: 1 row, and --strict was asked for. Nothing was sent; mend this first:\n"
        '  A3: clue_id must be an id of 1 to 19 digits; it holds "bad"'
    )


def test_an_address_that_no_client_can_use_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks5://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with pytest.raises(SettingsError, match="The proxy that the environment names"):
        batch_editor.run(jobs.sheet(tmp_path, [11]), jobs.settings(tmp_path, "https://crm.invalid"))
    assert runs(tmp_path) == []


def test_nothing_to_send_asks_nobody_and_is_well(tmp_path: Path) -> None:
    edits = jobs.text_file(tmp_path / "edits.csv", "clue_id,remark\n11,\n12,\n")
    with Crm() as crm:
        report = batch_editor.run(edits, jobs.settings(tmp_path, crm.url), confirm=_declining)
        assert crm.connections == 0
    assert (report.exit_code, jobs.statuses(report.results)) == (0, ["skipped", "skipped"])


# --- what the journal keeps


def test_what_is_kept_of_a_run(tmp_path: Path) -> None:
    edits = jobs.workbook(tmp_path / "edits.xlsx", [["线索ID", "描述"], ["11", "a"]], "十一月")
    with Crm() as crm:
        given = jobs.settings(tmp_path, crm.url, api=jobs.APP)
        report = batch_editor.run(edits, given)
    (run,) = runs(tmp_path)
    assert (run.name, run.state, run.base_url, run.app) == (report.run, "finished", given.api.base_url, "app")
    assert (run.source, run.sheet, run.headings) == (str(edits), "十一月", ("线索ID", "描述"))
    assert run.digest == sha256(edits.read_bytes()).hexdigest()
    assert run.results == str(report.results)
    assert run.settings["retry"]["attempts"] == 2 and "app-secret" not in json.dumps(run.settings)
    assert datetime.fromisoformat(run.started) <= datetime.fromisoformat(run.finished or "")


def test_states_after_a_limit_and_after_a_halt(tmp_path: Path) -> None:
    edits = jobs.sheet(tmp_path, [11, 12])
    with Crm() as crm:
        batch_editor.run(edits, jobs.settings(tmp_path, crm.url), limit=1)
    with Crm(lambda call: status(401)) as crm:
        batch_editor.run(edits, jobs.settings(tmp_path, crm.url))
    halted, limited = runs(tmp_path)
    assert (limited.state, limited.halted) == ("stopped", None)
    assert (halted.state, halted.halted) == ("stopped", Message("token.fixed_refused"))


def test_a_callback_that_ends_the_program_leaves_a_run_that_tells_the_truth(tmp_path: Path) -> None:
    def on_event(event: Event) -> None:
        if isinstance(event, SendProgress) and event.done:
            raise SystemExit(7)

    with Crm() as crm:
        given = jobs.settings(tmp_path, crm.url, rate={"limits": ["20/second"], "concurrency": 1})
        with pytest.raises(SystemExit) as caught:
            batch_editor.run(jobs.sheet(tmp_path, range(11, 61)), given, on_event=on_event)
    (run,) = runs(tmp_path)
    assert (run.state, caught.value.run) == ("stopped", run.name)  # type: ignore[attr-defined]
    with job.open_journal(given) as journal:
        counts = journal.of(run.name).queries.counts()
        written = job.write_results(journal.of(run.name), run, None, "en")
    assert counts == {"updated": len(crm.calls), "pending": 50 - len(crm.calls)} and 0 < len(crm.calls) < 50
    assert jobs.statuses(written).count("updated") == len(crm.calls)


def test_a_journal_that_cannot_be_made_is_told_before_anything_is_sent(tmp_path: Path) -> None:
    in_the_way = jobs.text_file(tmp_path / "file", "")
    with Crm() as crm, pytest.raises(SettingsError, match="choose a folder that you may write to with state_dir"):
        batch_editor.run(jobs.sheet(tmp_path, [11]), jobs.settings(tmp_path, crm.url, state_dir=in_the_way / "state"))
    assert crm.connections == 0


def test_results_are_written_again_by_the_journal_alone(tmp_path: Path) -> None:
    edits = jobs.sheet(tmp_path, [11, 12])
    with Crm() as crm:
        given = jobs.settings(tmp_path, crm.url)
        report = batch_editor.run(edits, given)
    assert report.results is not None
    before = jobs.raw_results(report.results)
    edits.unlink()
    with job.open_journal(given) as journal:
        run = journal.run(str(report.run))
        assert job.results_again(journal, run.name, None, "en") == report.results
        other = job.results_again(journal, run.name, tmp_path / "other.csv", "en")
        assert journal.run(run.name).results == str(report.results)
        assert jobs.raw_results(report.results) == jobs.raw_results(other) == before
        report.results.write_text("mended by somebody", encoding="utf-8")
        assert job.results_again(journal, run.name, None, "en") == tmp_path / "edits.results-2.xlsx"
    assert report.results.read_text(encoding="utf-8") == "mended by somebody"
    assert jobs.raw_results(tmp_path / "edits.results-2.xlsx") == before


def test_results_of_a_run_that_is_under_way_are_refused(tmp_path: Path) -> None:
    def confirm(preview: Preview) -> bool:
        with job.open_journal(given) as journal:
            (run,) = journal.runs()
            assert run.state == "planning" and journal.is_driven(run.name)
            with pytest.raises(UnderWay, match=rf"The run {run.name} is still under way\."):
                job.results_again(journal, run.name, None, "en")
        return True

    with Crm() as crm:
        given = jobs.settings(tmp_path, crm.url)
        report = batch_editor.run(jobs.sheet(tmp_path, [11]), given, confirm=confirm)
    with job.open_journal(given) as journal:
        assert not journal.is_driven(str(report.run))


def test_the_commonest_reasons_are_told(tmp_path: Path) -> None:
    refused = {clue: [envelope(7, "不行")] for clue in (12, 14, 15)} | {13: [envelope(8, "没有权限")]}
    with Crm(scripted(refused)) as crm:
        report = batch_editor.run(jobs.sheet(tmp_path, range(11, 17)), jobs.settings(tmp_path, crm.url))
    assert [(number, say(reason, "zh")) for number, reason in report.reasons] == [
        (3, "CRM 拒绝了此次编辑（7）：不行"),
        (1, "CRM 拒绝了此次编辑（8）：没有权限"),
    ]


# --- progress


def test_reading_and_sending_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "_READING_STEP", 2)
    events = list[Event]()
    with Crm() as crm:
        batch_editor.run(jobs.sheet(tmp_path, range(11, 16)), jobs.settings(tmp_path, crm.url), on_event=events.append)
    assert [event for event in events if isinstance(event, SheetProgress)] == [SheetProgress(2), SheetProgress(4)]
    assert events[-1] == SendProgress(5, 5, {"updated": 5})


def test_a_stop_halts_and_says_so(tmp_path: Path) -> None:
    stop = Stop()

    def confirm(preview: Preview) -> bool:
        stop.ask()
        return True

    with Crm() as crm:
        report = batch_editor.run(jobs.sheet(tmp_path, [11, 12]), jobs.settings(tmp_path, crm.url), stop=stop, confirm=confirm)
        assert crm.connections == 0
    assert (report.exit_code, jobs.statuses(report.results)) == (3, ["not_sent", "not_sent"])
    assert report.halted is not None and say(report.halted, "zh") == "已按要求停止。"


def test_no_secret_is_kept(tmp_path: Path) -> None:
    with Crm() as crm:
        batch_editor.run(jobs.sheet(tmp_path, [11]), jobs.settings(tmp_path, crm.url, api=jobs.APP))
    with closing(sqlite3.connect(tmp_path / "state" / job.JOURNAL)) as connection:
        dump = "\n".join(connection.iterdump())
    assert "app-secret" not in dump and "granted-1" not in dump and "row 2" in dump


def test_a_check_makes_the_bodies_of_calls_only_where_it_shows_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet, bodies, make = jobs.sheet(tmp_path, [1591005521987920962, 1591005521987920963]), list[str](), Payload.to_json

    def to_json(self: Payload) -> str:
        bodies.append(make(self))
        return bodies[-1]

    monkeypatch.setattr(Payload, "to_json", to_json)
    without = batch_editor.check(sheet, jobs.settings(tmp_path))
    assert (without.counts["not_sent"], bodies) == (2, [])
    shown = batch_editor.check(sheet, jobs.settings(tmp_path), output=tmp_path / "checked.csv")
    assert shown.counts == without.counts and len(bodies) == 2
    written = (tmp_path / "checked.csv").read_text(encoding="utf-8-sig")
    assert all(body.replace('"', '""') in written for body in bodies)


@pytest.mark.parametrize(
    "sheet",
    [pd.Series(["x"]), {"clue_id": ["1"]}, [["clue_id", "remark"]], b"a.csv", pd.DataFrame(), pd.DataFrame({"clue_id": []})],
)
@pytest.mark.parametrize("call", [batch_editor.load_edits, batch_editor.check, batch_editor.run, batch_editor.plan])
def test_what_is_no_sheet_or_an_empty_one_is_refused_in_words(
    call: Callable[..., object], sheet: object, tmp_path: Path
) -> None:
    has_headings = isinstance(sheet, list) or (isinstance(sheet, pd.DataFrame) and len(sheet.columns))
    if call is batch_editor.load_edits and has_headings:
        assert batch_editor.load_edits(sheet, jobs.settings(tmp_path)).edits == []
        return
    with pytest.raises(SheetError) as caught:
        call(sheet, jobs.settings(tmp_path))
    assert caught.value.message.key in ("sheet.no_sheet", "sheet.empty_file", "sheet.no_rows")


def test_lists_in_a_frame_are_tags_and_dicts_make_their_row_invalid(tmp_path: Path) -> None:
    labels = [["et1-tag-of-the-tests", "et2-tag-of-the-tests"], {"et3-tag-of-the-tests"}, {"a": 1}]
    frame = pd.DataFrame({"clue_id": ["1591005521987921928", "1591005521987921929", "1591005521987921930"], "label": labels})
    loaded = batch_editor.load_edits(frame, jobs.settings(tmp_path))
    assert [json.loads(edit.body)["label"] for edit in loaded.edits] == [
        "et1-tag-of-the-tests,et2-tag-of-the-tests",
        "et3-tag-of-the-tests",
    ]
    assert [(problem.address, problem.message.key) for problem in loaded.problems] == [("B4", "cell.unusable")]
