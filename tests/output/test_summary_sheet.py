"""The second sheet of a results workbook: what to do now, the counts, the run; every value right, nothing secret."""

from __future__ import annotations

import re
import sqlite3
import zipfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from support import jobs
from support.crm import Call, Crm, envelope, scripted, status
from support.servers import Answer

import batch_editor
from batch_editor import Report, Settings, job
from batch_editor.errors import SheetError, StopAsked
from batch_editor.journal.journal import Journal
from batch_editor.journal.times import seconds_of
from batch_editor.messages import TEXTS, Lang, say
from batch_editor.model import SUMMARY_STATUSES, Message, Run, RunState
from batch_editor.output import results
from batch_editor.output.results import COLOURS
from batch_editor.output.summary_sheet import Summary, add
from batch_editor.runs.next_steps import next_steps
from batch_editor.runs.options import RunOptions
from batch_editor.sandbox import Sandbox
from batch_editor.settings.in_words import differing
from batch_editor.stop import Stop

LANGS = pytest.mark.parametrize("lang", ["en", "zh"])
REFUSED = envelope(7, "=无权限")
#: A row that is updated, one that is rejected, one that fails, one that is invalid, and one with nothing to edit.
MIXED = "clue_id,remark,性别\n11,row 2,\n12,row 3,\n13,row 4,\n14,row 5,先生\n15,,\n"
#: One that the CRM refuses, and one that gets no answer.
SAID = {12: [REFUSED], 13: [status(503)]}


def told(key: str, lang: Lang, **values: object) -> str:
    return say(Message(key, values), lang)


def second(path: Path | None) -> Worksheet:
    assert path is not None
    return _second(openpyxl.load_workbook(path))


def _second(book: Workbook) -> Worksheet:
    rows, summary, *_ = book.worksheets
    assert rows.title in TEXTS["results.sheet"] and summary.title in TEXTS["book.sheet"]
    return summary


def sections(path: Path | None) -> dict[str, list[list[str]]]:
    """The filled cells of each row by the heading above it: a blank row ends a section."""
    found: dict[str, list[list[str]]] = {}
    assert path is not None
    with closing(openpyxl.load_workbook(path, read_only=True)) as book:  # the values alone, in less than half the time
        rows = [[str(cell) for cell in row if cell is not None] for row in _second(book).iter_rows(values_only=True)]
    place: list[list[str]] | None = None
    for row in rows:
        if not row:
            place = None
        elif place is None:
            place = found[row[0]] = []
        else:
            place.append(row)
    return found


def section(path: Path | None, key: str, lang: Lang) -> list[list[str]]:
    return sections(path)[TEXTS[key][0 if lang == "en" else 1]]


def facts(path: Path | None, lang: Lang = "en") -> dict[str, str]:
    return {row[0]: row[1] for row in section(path, "book.facts", lang)}


def steps(path: Path | None, lang: Lang = "en") -> str:
    return "\n".join(text for (text,) in section(path, "book.next", lang))


def mixed(folder: Path, lang: Lang = "en", **over: Any) -> tuple[Report, Settings]:
    edits = jobs.text_file(folder / "edits.csv", MIXED)
    with Crm(scripted(SAID)) as crm:
        given = jobs.settings(folder, crm.url, lang=lang, **over)
        return batch_editor.run(edits, given), given


# --- the counts


@LANGS
def test_the_counts_are_those_of_the_run_in_words_and_colours(tmp_path: Path, lang: Lang) -> None:
    report, _ = mixed(tmp_path, lang)
    words = [told(f"status.{one}", lang) for one in SUMMARY_STATUSES]
    numbers = [str(report.counts[one]) for one in SUMMARY_STATUSES]
    assert [int(number) for number in numbers] == [1, 0, 1, 1, 0, 1, 1, 0]
    assert section(report.results, "book.counts", lang) == [
        *map(list, zip(words, numbers, strict=True)),
        [told("book.total", lang), "5"],
    ]
    sheet = second(report.results)
    cells = {cell.value: cell for (cell, *_) in sheet.iter_rows()}
    assert {one: cells[word].fill.fgColor.rgb[2:] for one, word in zip(SUMMARY_STATUSES, words, strict=True)} == {
        one: COLOURS[one][0][1:]  # type: ignore[index]  # a status is a text
        for one in SUMMARY_STATUSES
    }
    assert sheet.cell(cells[words[0]].row, 2).data_type == "n"


@LANGS
def test_the_chart_shows_the_counts(tmp_path: Path, lang: Lang) -> None:
    report, _ = mixed(tmp_path, lang)
    sheet = second(report.results)
    (first,) = (cell.row for (cell, *_) in sheet.iter_rows() if cell.value == told("status.updated", lang))
    last = first + len(SUMMARY_STATUSES) - 1
    with zipfile.ZipFile(report.results or "") as archive:
        xml = archive.read("xl/charts/chart1.xml").decode()
        assert "xl/charts/chart2.xml" not in archive.namelist()
    assert re.findall("<c:f>([^<]*)</c:f>", xml) == [
        f"{sheet.title}!$A${first}:$A${last}",
        f"{sheet.title}!$B${first}:$B${last}",
    ]
    assert sheet.cell(last, 1).value == told("status.not_sent", lang)
    for fill, ink in COLOURS.values():
        assert fill[1:] in xml and ink[1:] in xml


@LANGS
def test_the_commonest_reasons_are_told_as_in_the_terminal(tmp_path: Path, lang: Lang) -> None:
    said = {clue: [envelope(5, "=甲")] for clue in (11, 12, 13)} | {14: [envelope(6, "乙")]}
    with Crm(scripted(said)) as crm:
        report = batch_editor.run(jobs.sheet(tmp_path, range(11, 16)), jobs.settings(tmp_path, crm.url, lang=lang))
    found = [text for (text,) in section(report.results, "book.reasons", lang)]
    assert found == [told("summary.reason", lang, rows=number, reason=reason) for number, reason in report.reasons]
    assert len(found) == 2 and "=甲" in found[0]
    with zipfile.ZipFile(report.results or "") as archive:
        assert "<f>" not in archive.read("xl/worksheets/sheet2.xml").decode()


# --- what to do now


def test_after_a_run_that_went_well_nothing_is_left(tmp_path: Path) -> None:
    with Crm() as crm:
        report = batch_editor.run(jobs.sheet(tmp_path, [11, 12]), jobs.settings(tmp_path, crm.url))
    assert steps(report.results) == TEXTS["book.done"][0]
    assert "book.reasons" not in sections(report.results)
    assert facts(report.results)["State"] == "finished"


@LANGS
def test_what_was_not_updated_is_to_be_mended_in_the_workbook_and_sent_again(tmp_path: Path, lang: Lang) -> None:
    edits = jobs.text_file(tmp_path / "edits.csv", MIXED.replace("13,row 4,\n", ""))
    with Crm(scripted(SAID)) as crm:
        report = batch_editor.run(edits, jobs.settings(tmp_path, crm.url, lang=lang))
    path, options = tmp_path / "edits.results.xlsx", f" --base-url {crm.url}"
    mend = told("summary.mend", lang, rows=2, path=path, options=options)
    assert report.results == path
    assert steps(path, lang) == "\n".join([told("book.mend", lang), mend, told("book.where", lang)])


@pytest.mark.parametrize(("clue", "left"), [(12, 0), (13, 1)])
def test_the_next_step_is_that_of_the_terminal(tmp_path: Path, clue: int, left: int) -> None:
    """Rows that failed are gone on with, those that were refused or are wrong are mended."""
    with Crm(scripted(SAID)) as crm:
        report = batch_editor.run(jobs.sheet(tmp_path, [11, clue]), jobs.settings(tmp_path, crm.url))
    assert report.left == left
    if left:
        assert steps(report.results).startswith(told("summary.go_on", "en", rows=1, run=report.run, options=""))
    else:
        assert steps(report.results).startswith(told("book.mend", "en"))
        assert f"batch-editor run {report.results} --only-failed --base-url {crm.url}\n" in steps(report.results)
    assert steps(report.results).endswith(TEXTS["book.where"][0])


def test_the_command_names_the_file_that_is_written_in_the_end(tmp_path: Path) -> None:
    (tmp_path / "edits.results.xlsx").touch()
    with Crm(scripted(SAID)) as crm:
        report = batch_editor.run(jobs.sheet(tmp_path, [12]), jobs.settings(tmp_path, crm.url))
    assert report.results == tmp_path / "edits.results-2.xlsx"
    assert f"run {report.results} --only-failed" in steps(report.results)


def test_the_command_has_the_options_that_shape_the_rows(tmp_path: Path) -> None:
    edits = jobs.text_file(tmp_path / "my edits.csv", "clue_id,remark,性别,x y\n11,row 2,先生,z\n")
    given = jobs.settings(tmp_path, ignore_columns=["x y"], fill=True)
    with Sandbox(access_token=jobs.TOKEN, accept_any_clue=True) as crm:
        given = given.model_copy(update={"api": given.api.model_copy(update={"base_url": crm.url})})
        report = batch_editor.run(edits, given, edit_keys=["remark", "性别"], only_changed=True, snapshot=True)
    path = tmp_path / "my edits.results.xlsx"
    wanted = f'run "{path}" --only-failed --base-url {crm.url} --edit "remark,性别" --ignore-column "x y" --fill'
    assert report.results == path
    assert f"{wanted} --only-changed --snapshot\n" in steps(path)
    assert facts(path)["Options"] == '--edit "remark,性别" --only-changed --snapshot'


@LANGS
def test_a_run_that_stopped_says_why_and_how_to_go_on(tmp_path: Path, lang: Lang) -> None:
    stop = Stop()

    def decide(call: Call) -> Answer:
        stop.ask()
        return Answer()

    with Crm(decide) as crm:
        given = jobs.settings(tmp_path, crm.url, lang=lang, rate={"concurrency": 1})
        report = batch_editor.run(jobs.sheet(tmp_path, range(11, 16)), given, stop=stop)
    assert report.exit_code == 3 and report.halted == Message("halt.asked")
    go_on = told("summary.go_on", lang, rows=report.left, run=report.run, options="")
    assert steps(report.results, lang) == "\n".join([told("halt.asked", lang), go_on, told("book.where", lang)])
    assert facts(report.results, lang)[told("show.state", lang)] == told("state.stopped", lang)
    assert jobs.statuses(report.results) == ["updated", *["not_sent"] * 4]


def test_a_run_that_halted_by_itself_says_why(tmp_path: Path) -> None:
    with Crm(lambda call: status(503)) as crm:
        given = jobs.settings(tmp_path, crm.url, halt={"after_failures": 2}, rate={"concurrency": 1})
        report = batch_editor.run(jobs.sheet(tmp_path, range(11, 16)), given)
    assert report.halted is not None and steps(report.results).startswith(say(report.halted, "en"))
    assert section(report.results, "book.reasons", "en")[0][0].startswith("  2 ×  no usable answer")
    assert facts(report.results)["State"] == "stopped early"


def test_once_it_is_gone_on_with_to_its_end_nothing_is_left(tmp_path: Path) -> None:
    with Crm() as crm:
        given = jobs.settings(tmp_path, crm.url)
        first = batch_editor.run(jobs.sheet(tmp_path, range(11, 16)), given, limit=2)
        assert "Still to be sent: 3 rows." in steps(first.results)
        assert facts(first.results)["Options"] == "--limit 2"
        last = batch_editor.resume(str(first.run), given)
    assert last.results == first.results and steps(last.results) == TEXTS["book.done"][0]


def test_what_can_be_undone_is_told(tmp_path: Path) -> None:
    with Sandbox([{"clue_id": 11, "remark": "old"}], access_token=jobs.TOKEN) as crm:
        given = jobs.settings(tmp_path, crm.url)
        first = batch_editor.run(jobs.sheet(tmp_path, [11]), given, snapshot=True)
        undone = batch_editor.undo(str(first.run), given)
    undo = told("summary.undo", "en", run=first.run, options="")
    assert steps(first.results) == "\n".join([TEXTS["book.done"][0], undo, TEXTS["book.where"][0]])
    assert undone.results == tmp_path / "edits.undo.xlsx"
    assert facts(undone.results)["Sheet"] == f"undo {first.run}"


RUN = Run(
    name="20261124-093000-7f3a",
    state=RunState.FINISHED,
    started="2026-11-24T23:30:00+08:00",
    finished="2026-11-25T01:31:05+08:00",
    base_url="https://crm.example",
    app="app-7",
    source="/sheets/edits.xlsx",
    sheet="十一月",
    digest="x",
    headings=("clue_id",),
    settings=Settings.model_construct().for_the_record(),
    options={},
    stoppage=None,
    results=None,
    stamp=None,
    counts=None,
)


def summary(
    run: Run = RUN, *, left: int = 0, undoable: bool = False, answered: int = 0, seconds: float = 0.0, **counts: int
) -> Summary:
    by_status = dict.fromkeys(SUMMARY_STATUSES, 0) | counts
    steps = next_steps(
        RunOptions.from_json(run.options),
        by_status,
        left=left,
        undoable=undoable,
        halted=run.halted is not None,
        state=run.state,
    )
    return Summary(run, by_status, (), steps, answered, seconds)


@pytest.mark.parametrize(
    ("given", "keys"),
    [
        (summary(updated=3), ["book.done"]),
        (summary(updated=3, unchanged=1, skipped=1), ["book.done"]),
        (summary(invalid=1), ["book.mend", "summary.mend", "book.where"]),
        (summary(rejected=1, conflict=1), ["book.mend", "summary.mend", "book.look", "book.where"]),
        (summary(failed=1, left=1), ["summary.go_on", "book.where"]),
        (summary(failed=1, left=1, invalid=1), ["summary.go_on", "book.then", "book.where"]),
        (summary(not_sent=1, left=1, undoable=True), ["summary.go_on", "summary.undo", "book.where"]),
        (summary(conflict=1), ["book.look"]),
        (summary(replace(RUN, options={"undo": "x"}), invalid=1), ["book.look"]),
        (summary(replace(RUN, options={"undo": "x"}), failed=1, left=1), ["summary.go_on", "book.where"]),
        (summary(replace(RUN, options={"prove_only": True}), updated=1, undoable=True), ["book.proved"]),
        (
            summary(
                replace(RUN, options={"prove_only": True}, stoppage=StopAsked("halt.asked").stoppage), updated=1, undoable=True
            ),
            ["book.proved", "summary.undo", "book.where"],
        ),
        (summary(replace(RUN, state=RunState.ABANDONED), not_sent=1, left=1), ["resume.abandoned"]),
        (summary(replace(RUN, state=RunState.PLANNED), not_sent=1, left=1), ["resume.planned"]),
        (summary(replace(RUN, state=RunState.INTERRUPTED), not_sent=1, left=1), ["summary.go_on", "book.where"]),
    ],
)
def test_every_end_has_its_next_step(given: Summary, keys: list[str]) -> None:
    assert [text.key for text in given.step_texts(Path("x.xlsx"))] == keys


# --- the run


@LANGS
def test_the_facts_of_the_run(lang: Lang) -> None:
    rates = {"rate": {"limits": ["5/second", "300/minute", "1000/hour", "2000/day"]}}
    run = replace(
        RUN,
        settings={**RUN.settings, **rates},
        options={"limit": 5, "strict": True, "edit": ["a", "b"], "tags": None, "hidden_rows": 3},  # the last is no option
    )
    found = {say(label, lang): fact for label, fact in summary(run, answered=31, seconds=20).facts()}
    labels = ["run", "state", "source", "url", "app", "started", "finished"]
    assert list(found) == [
        *(told(f"show.{one}", lang) for one in labels),
        *(told(f"book.{one}", lang) for one in ("duration", "permitted", "reached")),
        told("show.options", lang),
    ]
    *texts, limits, reached, options = found.values()
    assert texts == [
        *(RUN.name, Message("state.finished"), "/sheets/edits.xlsx [十一月]", "https://crm.example", "app-7"),
        *("2026-11-24 23:30:00+08:00", "2026-11-25 01:31:05+08:00", "2:01:05"),
    ]
    assert isinstance(limits, list)
    assert [say(one, "zh") for one in limits] == ["每秒 5 次", "每分钟 300 次", "每小时 1000 次", "每天 2000 次"]
    assert (reached, options) == ("1.5", '--limit 5 --strict --edit "a,b"')


def test_who_has_planned_the_run_and_agreed_to_it_is_told() -> None:
    facts = {label.key: fact for label, fact in summary(replace(RUN, planned_by="李伟", confirmed_by="王芳")).facts()}
    assert (facts["show.planned_by"], facts["show.confirmed_by"]) == ("李伟", "王芳")


def test_what_is_not_known_is_not_told() -> None:
    run = replace(RUN, state=RunState.INTERRUPTED, finished=None, app="", sheet="")
    run = replace(run, settings={**RUN.settings, "rate": {"limits": []}})
    found = {label.key: fact for label, fact in summary(run, answered=31, seconds=9).facts()}
    assert "show.planned_by" not in found and "show.confirmed_by" not in found
    assert "show.finished" not in found and "book.duration" not in found and "book.reached" not in found
    assert found["book.permitted"] == Message("book.no_limit") and found["show.app"] == Message("preview.fixed_token")
    assert found["show.source"] == "/sheets/edits.xlsx" and "show.options" not in found


def test_the_rate_that_was_reached_counts_what_was_sent_from_the_first_answer_to_the_last(tmp_path: Path) -> None:
    report, given = mixed(tmp_path)
    with job.open_journal(given) as journal:
        run = str(report.run)
        assert journal.of(run).queries.answered()[0] == 3  # the others were not sent
        moments = [(seconds_of(f"2026-11-24T09:30:0{row}{'+08:00' if row == 2 else '+07:59'}"), row) for row in (2, 3, 4)]
        with closing(sqlite3.connect(journal.path)) as database, database:
            database.executemany("UPDATE rows SET time = ? WHERE row = ?", moments)
        assert journal.of(run).queries.answered() == (3, 62.0)
    again = batch_editor.run(report.results, given, only_failed=True, limit=1)
    with job.open_journal(given) as journal:
        # Nobody is there to answer, and what an earlier run has updated is none of its answers.
        assert journal.of(str(again.run)).queries.answered() == (0, 0.0)


@LANGS
def test_settings_that_are_not_as_usual_are_told_in_words_and_no_others(tmp_path: Path, lang: Lang) -> None:
    options = {f"选项{number}": str(number) for number in range(200)}
    fields = {"mf_1": {"title": "来源", "type": "single", "options": options}, "mf_2": {"title": "说明"}}
    rates = {"limits": ["500/second"], "concurrency": 1}
    report, given = mixed(
        tmp_path, lang, custom_fields=fields, clear_marker="#空", fill=True, clear_as={"number": 0}, rate=rates
    )
    changed = dict(section(report.results, "book.changed", lang))
    english = {
        "Address of the CRM": given.api.base_url,
        "Permitted rate": "500 a second",
        "Edits on their way at once": "1",
        "Tries of an edit in all": "2",
        "Custom fields": "来源 (mf_1): single choice, 200 options; 说明 (mf_2): text",
        "What a row lacks is taken from the CRM": "yes",
        "What clears a field": "#空",
        "What a cleared field is sent as": "number: 0",
        "Language": "English",
    }
    chinese = {
        "CRM 地址": given.api.base_url,
        "允许的速率": "每秒 500 次",
        "同时发送的编辑数": "1",
        "一次编辑总共尝试的次数": "2",
        "自定义字段": "来源 (mf_1)：单选，200 个选项；说明 (mf_2)：文本",
        "缺少的必填内容从 CRM 读取": "是",
        "清空字段的标记": "#空",
        "清空时发送的值": "number：0",
        "语言": "中文",
    }
    told_of = english if lang == "en" else chinese
    assert {name: changed.get(name) for name in told_of} == told_of
    assert "用户ID (user_id)" in changed["Values where a required cell is blank" if lang == "en" else "必填项留空时使用的值"]
    assert not re.search(r"[{}\[\]_]|null|true|false", re.sub(r"\(\w+\)|http\S+", "", str(list(changed.items()))[1:-1]))
    assert len(changed) < 20


def test_where_no_setting_differs_that_is_said(tmp_path: Path) -> None:
    usual = Settings.model_construct().for_the_record()
    results.write(
        tmp_path / "x.xlsx",
        ["clue_id"],
        [],
        "en",
        run=RUN.name,
        sheet=None,
        more_sheets=lambda book, written: add(book, summary(replace(RUN, settings=usual)), written, "en"),
    )
    assert section(tmp_path / "x.xlsx", "book.changed", "en") == [["All settings are the usual ones."]]


def test_every_setting_is_told_in_words() -> None:
    """Whatever a run keeps of its settings: one that is added needs words in both languages."""
    record = Settings.model_construct().for_the_record()
    names = [
        f"{name}.{key}" if isinstance(value, dict) and value else name
        for name, value in record.items()
        for key in (value if isinstance(value, dict) and value else (name,))
    ]
    assert len(names) > 30 and [name for name in names if f"set.{name.replace('.', '_')}" not in TEXTS] == []
    other = {
        name: dict.fromkeys(value, "another") if isinstance(value, dict) and value else "another"
        for name, value in record.items()
    }
    said = [name for name, _ in differing(other | {"rate": {"limits": []}})]
    assert len(said) > 30 and all(isinstance(name, Message) for name in said)
    assert next(differing({"of_tomorrow": {"x": 1}})) == ("of_tomorrow", [Message("set.pair", {"name": "x", "value": "1"})])


def test_it_holds_no_secret(tmp_path: Path) -> None:
    """Not what the settings hold, nor what the CRM says of it."""
    secret, token = "app-secret-9f27c1", "token-77d0e1"
    with Crm(
        lambda call: envelope(7, f"bad {call.token}"), lambda number: envelope(0, "", {"access_token": token, "expires_in": 9})
    ) as crm:
        api = {"access_token": None, "app_id": "app", "app_secret": secret}
        report = batch_editor.run(jobs.sheet(tmp_path, [11]), jobs.settings(tmp_path, crm.url, api=api))
        assert crm.calls[0].token == token
    assert facts(report.results)["App"] == "app" and "bad ***" in str(sections(report.results))
    with zipfile.ZipFile(report.results or "") as archive:
        parts = [archive.read(name) for name in archive.namelist()]
    assert len(parts) > 10 and not any(one.encode() in part for one in (secret, token) for part in parts)


# --- the workbook as a whole


@LANGS
def test_written_again_it_says_the_same(tmp_path: Path, lang: Lang) -> None:
    report, given = mixed(tmp_path, lang)
    before = sections(report.results)
    with job.open_journal(given) as journal:
        assert job.results_again(journal, str(report.run), None, lang) == report.results
    assert sections(report.results) == before


def test_it_ends_when_the_journal_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that, written again, it says the same; the journal is told only once the workbook is there."""
    monkeypatch.setattr(Journal, "now", lambda journal: "2027-01-02T03:04:05+08:00")
    report, given = mixed(tmp_path)
    with job.open_journal(given) as journal:
        assert journal.run(str(report.run)).finished == "2027-01-02T03:04:05+08:00"
    assert facts(report.results)["Ended"] == "2027-01-02 03:04:05+08:00"


def test_nothing_in_it_is_a_formula(tmp_path: Path) -> None:
    defaults = {"clue_name": "=1+1", "follow_user_id": "{=2}", "user_id": "http://x"}
    report, _ = mixed(tmp_path, defaults=defaults, ids=jobs.SHORT_IDS)
    changed = dict(section(report.results, "book.changed", "en"))
    assert all(value in changed["Values where a required cell is blank"] for value in defaults.values())
    with zipfile.ZipFile(report.results or "") as archive:
        xml = archive.read("xl/worksheets/sheet2.xml").decode()
    assert not re.search("<f[ >]|<hyperlink", xml)


def test_a_csv_has_none(tmp_path: Path) -> None:
    with Crm() as crm:
        report = batch_editor.run(jobs.sheet(tmp_path, [11]), jobs.settings(tmp_path, crm.url), output=tmp_path / "x.csv")
    assert len(jobs.raw_results(tmp_path / "x.csv")) == 2 and report.results == tmp_path / "x.csv"


@LANGS
def test_it_is_never_taken_for_the_sheet_of_rows(tmp_path: Path, lang: Lang) -> None:
    """Wherever somebody has moved it, and even if nothing else is left."""
    report, given = mixed(tmp_path, lang)
    book = openpyxl.load_workbook(report.results or "")
    book.move_sheet(book.worksheets[1], -1)
    book.save(tmp_path / "moved.xlsx")
    moved = batch_editor.check(tmp_path / "moved.xlsx", given, only_failed=True)
    assert (moved.rows, moved.counts["updated"]) == (5, 1)
    del book[book.worksheets[1].title]
    book.save(tmp_path / "alone.xlsx")
    with pytest.raises(SheetError) as refusal:
        batch_editor.check(tmp_path / "alone.xlsx", given)
    assert refusal.value.message.key == "headings.no_clue_id"


def test_it_is_printed_on_one_page_wide(tmp_path: Path) -> None:
    report, _ = mixed(tmp_path)
    sheet = second(report.results)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage and sheet.page_setup.fitToHeight == 0
    assert openpyxl.load_workbook(report.results or "").active.title == "results"  # it is the rows that one sees first
