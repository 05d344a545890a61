"""What to do about a night: true commands and places, for a job of one sheet as well as for an inbox."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from support import jobs
from support.inboxes import Box
from support.servers import Answer, Server

from batch_editor.errors import Halted, Refused
from batch_editor.inbox.outcomes import NothingCame
from batch_editor.journal.nights import PastNight
from batch_editor.notify.circumstances import Circumstances, News
from batch_editor.notify.outcome import Outcome, of_error
from batch_editor.notify.words import text_of
from batch_editor.sandbox import Sandbox
from batch_editor.settings.settings import Settings

ZONE = ZoneInfo("Asia/Shanghai")
BEGAN = datetime(2026, 11, 29, 2, 30, tzinfo=ZONE)
RUN = "20261129-023005-5c1e"
RESULTS = Path("/srv/crm/my results/夜.results.xlsx")


def circumstances(*, in_inbox: bool = False, **values: Any) -> Circumstances:
    places = {"series": "/srv/in", "source": "/srv/in/a.csv"} if in_inbox else {"series": "/srv/n.yaml", "source": "/srv/a.csv"}
    moments = {"began": BEGAN, "ended": BEGAN + timedelta(minutes=3), "zone": ZONE, "config": Path("/srv/n.yaml")}
    return Circumstances(**(places | moments | {"in_inbox": in_inbox} | values))


def outcome(code: int, reason: str, **values: Any) -> Outcome:
    return Outcome(code, reason=reason, run=RUN, **({"results": RESULTS} | values))


MEND = f'batch-editor run "{RESULTS}" --only-failed --config /srv/n.yaml'
RESUME, SHOW, DISMISS, WRITE = (
    f"batch-editor {words} {RUN} --config /srv/n.yaml" for words in ("resume", "show", "runs --dismiss", "results")
)


@pytest.mark.parametrize(
    ("ended", "in_inbox", "expected", "unexpected"),
    [
        (outcome(1, "rows", counts={"invalid": 2, "failed": 1}), False, MEND, "resume"),
        (outcome(1, "rows", counts={"failed": 1}), True, RESUME, "--only-failed"),
        (outcome(1, "rows", counts={"invalid": 2}, results=None), False, WRITE, "run "),
        (outcome(1, "results_not_written"), False, WRITE, "run "),
        (outcome(2, "headings", went_to=Path("/srv/in/refused/a.csv")), True, "/srv/in/refused/a.csv", "start the job again"),
        (outcome(2, "headings", went_to=Path("/srv/in/refused/a.csv")), True, "put it into /srv/in again", "run it again"),
        (outcome(2, "headings"), False, "then start the job again", "into"),
        (outcome(2, "credentials"), True, "the next pass tries again", "start the job"),
        (of_error(Refused("inbox.too_old", run=RUN, started="then", hours=72)), True, DISMISS, "start the job"),
        (of_error(Refused("run.too_old", run=RUN, started="then", hours=72)), False, RESUME, "start the job"),
        (of_error(Halted("inbox.refuted", run=RUN, reason="x")), True, SHOW, "once the cause is gone"),
        (outcome(3, "crm_down", left=7), False, RESUME, "next pass"),
        (outcome(3, "crm_down", left=7), True, "the next pass goes on by itself", "start the same sheet"),
        (outcome(3, "until", left=7), True, "nothing, since the next pass goes on", "cause"),
        (outcome(3, "until", left=7), False, RESUME, "cause"),
        (outcome(3, "interrupted", left=7), False, RESUME, "on purpose"),
        (outcome(2, "interrupted", results=None), False, "on purpose", "resume"),
    ],
)  # fmt: skip
def test_what_to_do_is_a_whole_command_or_a_true_place(ended: Outcome, in_inbox: bool, expected: str, unexpected: str) -> None:
    last = text_of(News.BAD, ended, circumstances(in_inbox=in_inbox), "en").ending[-1]
    assert last.startswith("What to do: ") and expected in last and unexpected not in last


def test_a_sheet_that_was_piped_in_has_a_name() -> None:
    text = text_of(News.BAD, outcome(1, "rows", counts={"invalid": 2}), circumstances(source="-"), "zh")
    assert text.title == "从管道读入的表格：有 2 行没有成功，请处理"


def test_a_sheet_that_never_came_is_told_as_such() -> None:
    ended = of_error(NothingCame("inbox.none_came", path="/srv/in", since="then", most="26h"))
    text = text_of(News.BAD, ended, circumstances(in_inbox=True, source="/srv/in"), "zh")
    assert text.title == "in：没有等到新表格，请处理" and "导出表格的程序" in text.ending[-1]


def test_an_inbox_is_told_by_its_sheets_and_days_and_not_by_nights() -> None:
    def night(number: int, day: int, source: str, code: int) -> PastNight:
        began = (BEGAN - timedelta(days=7 - day)).isoformat()
        return PastNight(number, "/srv/in", began, began, source, None, code, None, {"updated": 2}, ())

    week = [
        night(day * 2 + again, day, f"/srv/in/{day}-{again}.csv", again) for day in range(8) for again in (0, 1) if day != 3
    ]
    week.append(night(99, 3, "/srv/in", 2))
    values: dict[str, Any] = {"week": week, "since": BEGAN.date() - timedelta(days=7)}
    text = text_of(News.WEEKLY, Outcome(0), circumstances(in_inbox=True, **values), "zh")
    assert text.title == "in：目前正常；本周 7 天共 14 张表格，其中 7 张正常"
    assert text.lines[:3] == [
        "2026-11-22 至 2026-11-29：7 天共 14 张表格，其中 7 张正常",
        "没有表格的日子（1 天）：11-25",
        "另有 1 次报告：没有等到表格，或文件夹无法处理。",
    ]
    assert (text.record["nights"], text.record["sheets"], text.record["sheets_well"]) == (8, 14, 7)


def test_the_nights_of_an_inbox_say_where_their_sheets_went_and_name_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    taken = Answer(body=b'{"errcode":0}')
    with Sandbox([{"clue_id": 11}], access_token=jobs.TOKEN) as crm, Server(taken) as robot, Server() as hook:
        box = Box(tmp_path, crm.url)
        targets = [{"kind": "wecom", "url": robot.url, "format": "text"}, {"kind": "webhook", "url": hook.url}]
        notify = Settings(notify=targets).notify  # type: ignore[arg-type]
        box.settings = box.settings.model_copy(update={"notify": notify, "lang": "en"})
        jobs.text_file(box.folder / "a.csv", "clue_id,rermark\n11,x\n")
        jobs.text_file(box.folder / "b.csv", "clue_id,email\n11,x\n")
        box.one_pass(config=Path("nightly.yaml"))
        refused, rows = (json.loads(request.body)["text"]["content"] for request in robot.requests)
        went_to = [json.loads(request.body)["went_to"] for request in hook.requests]
    assert went_to == [str(box.folder / "refused" / "a.csv"), str(box.folder / "done" / "b.csv")]
    assert f"(it is in {went_to[0]} now)" in refused and f"put it into {box.folder} again" in refused
    assert rows.endswith(f"batch-editor run {box.folder}/results/b.results.xlsx --only-failed --config {tmp_path}/nightly.yaml")
