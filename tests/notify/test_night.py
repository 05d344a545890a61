"""Nights one after the other: which of them are told, to whom, and what a heartbeat hears."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta, timezone
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import pytest
from support import jobs
from support.servers import Answer, Server

from batch_editor.errors import GuardTripped
from batch_editor.journal.journal import Journal
from batch_editor.messages import say
from batch_editor.model import Message, Problem
from batch_editor.notify.circumstances import Circumstances, News
from batch_editor.notify.heartbeat import Heartbeat
from batch_editor.notify.night import Night, Tonight
from batch_editor.notify.outcome import Outcome
from batch_editor.runs.journal_file import open_journal
from batch_editor.runs.row_counts import ProblemGroup
from batch_editor.settings.settings import Settings

SERIES = "/srv/crm/nightly.yaml"
FIRST = datetime(2026, 11, 1, 2, 30, 5, tzinfo=timezone(timedelta(hours=8)))
WELL = Outcome(0, rows=300, counts={"updated": 12, "unchanged": 288})
BAD = Outcome(1, reason="rows", rows=3, counts={"updated": 1, "rejected": 2})


class Nights:
    """Nights of one series, whose targets are a webhook that is told weekly, and one that is not."""

    def __init__(self, folder: Path, **over: Any) -> None:
        self.weekly, self.other = Server(), Server()
        self.settings: Settings = jobs.settings(folder, lang="zh", **over)
        self.troubles: list[Message] = []

    def set_up(self) -> None:
        targets = [
            {"kind": "webhook", "url": server.url, "weekly": server is self.weekly} for server in (self.weekly, self.other)
        ]
        self.settings = self.settings.model_copy(update={"notify": Settings(notify=targets).notify})

    def night(self, day: float, outcome: Outcome | BaseException, **values: Any) -> list[str]:
        """Has a night on the ``day``, counted from 0, and returns what both targets were told of it."""
        heard = len(self.weekly.requests), len(self.other.requests)
        moments = chain([FIRST + timedelta(days=day)], repeat(FIRST + timedelta(days=day, minutes=3)))
        given = {"series": SERIES, "source": "/srv/crm/夜.csv", "on_trouble": self.troubles.append} | values
        raised = suppress(KeyboardInterrupt, GuardTripped, ZeroDivisionError)
        with raised, Night(self.settings, clock=lambda: next(moments), **given) as night:
            if isinstance(outcome, BaseException):
                raise outcome
            night.outcome = outcome
        new = self.weekly.requests[heard[0] :], self.other.requests[heard[1] :]
        told = [[json.loads(request.body)["event"] for request in requests] for requests in new]
        assert told[1] == [event for event in told[0] if event != "weekly"]
        return told[0]

    @property
    def last(self) -> dict[str, Any]:
        """What the target that is told weekly was told last."""
        said: dict[str, Any] = json.loads(self.weekly.requests[-1].body)
        return said

    @contextmanager
    def journal(self) -> Iterator[Journal]:
        with open_journal(self.settings) as journal:
            yield journal


@pytest.fixture
def nights(tmp_path: Path) -> Iterator[Nights]:
    nights = Nights(tmp_path)
    with nights.weekly, nights.other:
        nights.set_up()
        yield nights
    assert nights.troubles == []


def test_a_night_is_told_if_it_is_bad_or_the_first_that_is_well_again_and_once_a_week(nights: Nights) -> None:
    told = [nights.night(day, BAD if day in (2, 3) else WELL) for day in (0, 1, 2, 3, 4, 6, 7, 8, 13, 14)]
    assert told == [[], [], ["bad"], ["bad"], ["well_again"], [], ["weekly"], [], [], ["weekly"]]


def test_a_week_tells_how_many_nights_there_were_and_which_days_had_none(nights: Nights) -> None:
    for day in (0, 1, 2, 3, 4, 6, 7):
        nights.night(day, BAD if day == 3 else WELL)
    said = nights.last
    assert said["event"] == "weekly" and (said["nights"], said["nights_well"]) == (7, 6)
    assert said["verdict"] == "nightly.yaml：目前正常；本周共 7 次，其中 6 次正常"


def test_a_missing_day_and_the_counts_of_the_week_are_in_the_words(tmp_path: Path) -> None:
    robot = Server(Answer(body=b'{"errcode":0}'))
    with robot:
        settings = jobs.settings(
            tmp_path, lang="zh", notify=[{"kind": "wecom", "url": robot.url, "weekly": True, "format": "text"}]
        )
        for day in (0, 1, 2, 3, 4, 6, 7):
            moments = chain([FIRST + timedelta(days=day)], repeat(FIRST + timedelta(days=day, minutes=3)))
            with Night(settings, series=SERIES, source="a", on_trouble=print, clock=lambda m=moments: next(m)) as night:
                night.outcome = WELL
        (request,) = robot.requests
    content = json.loads(request.body)["text"]["content"]
    assert content.split("\n")[:4] == [
        "nightly.yaml：每周报平安，7 次全部正常",
        "2026-11-01 至 2026-11-08：共 7 次，其中 7 次正常",
        "没有运行的日子（1 天）：11-06",
        "共 2100 行：已更新 84、无变化 2016",
    ]


def test_a_week_is_counted_by_the_calendar_of_the_zone_and_from_when_it_was_told(nights: Nights) -> None:
    minute = 1 / 24 / 60
    assert [nights.night(day, WELL) for day in (0, 7 - 10 * minute, 14 - 20 * minute)] == [[], ["weekly"], ["weekly"]]


def test_a_weekly_message_that_nobody_got_is_told_the_next_night(tmp_path: Path) -> None:
    with Server(Answer(500), Answer(500), Answer()) as server:
        settings = jobs.settings(tmp_path, notify=[{"kind": "webhook", "url": server.url, "weekly": True}])
        troubles = list[Message]()
        from batch_editor.notify.telling import Telling
        from batch_editor.stop import Stop

        for day in (0, 7, 8):
            moments = repeat(FIRST + timedelta(days=day))
            telling = Telling(settings.notify, "en", stop=Stop(), wait=lambda seconds: False)
            given = {"series": SERIES, "source": "a", "on_trouble": troubles.append, "telling": telling}
            with Night(settings, clock=lambda m=moments: next(m), **given) as night:
                night.outcome = WELL
        assert len(server.requests) == 3 and [trouble.key for trouble in troubles] == ["telling.untold"]


def test_whatever_ends_a_night_is_told_and_raised_on(nights: Nights) -> None:
    assert nights.night(0, KeyboardInterrupt()) == ["bad"]
    assert (nights.last["exit_code"], nights.last["reason"]) == (2, "interrupted")
    assert nights.night(1, GuardTripped("guard.max_rows", number=9, most=3)) == ["bad"]
    assert nights.last["exit_code"] == 2 and nights.last["verdict"] == "夜.csv：没有发送任何内容，请处理"
    assert nights.night(2, ZeroDivisionError("secret")) == ["bad"]
    assert "ZeroDivisionError" in nights.last["error"] and "secret" not in json.dumps(nights.last)
    assert nights.night(3, WELL) == ["well_again"]


def test_a_night_that_was_cut_off_is_told_by_the_next_one_and_only_once(nights: Nights) -> None:
    with nights.journal() as journal:
        journal.nights.begin(SERIES, "/srv/crm/夜.csv", FIRST)
    assert nights.night(1, WELL) == ["unfinished"] and nights.last["cut_off"] == [FIRST.isoformat()]
    assert nights.night(2, WELL) == []


def test_a_run_that_nobody_went_on_with_is_told_every_night_until_it_is_dismissed(nights: Nights) -> None:
    shape = {"base_url": "u", "app": "", "sheet": "", "digest": "", "headings": [], "settings": {}, "options": {}}
    with nights.journal() as journal:
        run = journal.start(source="/srv/crm/昨夜.csv", series=SERIES, **shape)
        journal.of(run).set_state("stopped")  # type: ignore[arg-type]  # a word of its own
    assert [nights.night(day, WELL) for day in (0, 1, 2)] == [["unfinished"]] * 3
    assert nights.last["unfinished"][0]["run"] == run
    with nights.journal() as journal:
        journal._store.change("UPDATE runs SET dismissed = 1 WHERE name = ?", [(run,)])
    assert nights.night(3, WELL) == []


def test_a_run_that_waits_is_told_once_for_all_sheets_of_a_pass(nights: Nights) -> None:
    shape = {"base_url": "u", "app": "", "sheet": "", "digest": "", "headings": [], "settings": {}, "options": {}}
    with nights.journal() as journal:
        run = journal.start(source="/srv/crm/昨夜.csv", series=SERIES, **shape)
        journal.of(run).set_state("stopped")  # type: ignore[arg-type]  # a word of its own
    tonight = Tonight()
    assert [nights.night(day, WELL, tonight=tonight) for day in (0, 0.1, 0.2)] == [["unfinished"], [], []]
    assert nights.night(0.3, BAD, tonight=tonight) == ["bad"] and nights.last["unfinished"] == []
    assert nights.night(0.4, WELL, tonight=tonight) == []  # nothing is well "again" by another sheet of the same pass


def test_a_refusal_is_told_with_its_true_counts_and_where_the_check_sheet_is(nights: Nights, tmp_path: Path) -> None:
    refused = GuardTripped("guard.max_rows", number=9, most=3)
    refused.counts, refused.rows, refused.check_sheet = {"not_sent": 8, "invalid": 1}, 9, tmp_path / "夜.check.xlsx"
    assert nights.night(0, refused) == ["bad"]
    assert (nights.last["rows"], nights.last["not_sent"], nights.last["invalid"]) == (9, 8, 1)
    assert nights.last["check_sheet"] == str(tmp_path / "夜.check.xlsx")


def test_nights_of_another_series_have_nothing_to_do_with_it(nights: Nights) -> None:
    assert nights.night(0, BAD, series="/srv/other.yaml") == ["bad"]
    assert nights.night(1, WELL) == []


def test_where_the_journal_cannot_be_opened_a_bad_night_is_told_all_the_same(nights: Nights, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    nights.settings = nights.settings.model_copy(update={"state_dir": tmp_path / "file"})
    assert nights.night(0, BAD) == ["bad"]
    assert [trouble.key for trouble in nights.troubles] == ["night.unrecorded"]
    nights.troubles.clear()


def test_an_error_in_telling_is_told_and_changes_nothing(nights: Nights, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("batch_editor.notify.night.text_of", lambda *args: 1 // 0)
    assert nights.night(0, BAD) == [] and nights.night(1, GuardTripped("guard.max_rows", number=9, most=3)) == []
    assert [trouble.key for trouble in nights.troubles] == ["night.broken"] * 2
    nights.troubles.clear()
    with nights.journal() as journal:
        last = journal.nights.last(SERIES)
    assert last and (last.exit_code, last.reason) == (2, "guard.max_rows")


def test_what_a_cell_holds_is_not_told_but_where_it_is(nights: Nights) -> None:
    problem = Problem(12, "Sheet1!C12", "email", Message("cell.email", {"value": "zhang.san@private"}), "邮箱")
    group = ProblemGroup(problem)
    group.last_row = 12
    nights.night(0, Outcome(1, rows=1, counts={"invalid": 1}, problems=[group]))
    assert nights.last["problems"][0]["cell"] == "Sheet1!C12" and nights.last["problems"][0]["problem"].startswith("邮箱")
    assert "zhang.san" not in json.dumps(nights.last)


@pytest.mark.parametrize("news", list(News))
@pytest.mark.parametrize("code", range(5))
def test_every_verdict_has_its_words_in_both_languages(news: News, code: int, tmp_path: Path) -> None:
    from batch_editor.notify.words import text_of

    night = Circumstances(SERIES, "夜.csv", FIRST, FIRST, jobs.settings(tmp_path).zone)
    for lang in ("en", "zh"):
        for reason in (None, "crash", "interrupted"):
            text = text_of(
                news, Outcome(code, reason=reason, counts={"failed": int(code == 1 and reason is None)}), night, lang
            )
            for line in (text.title, *text.lines, *text.ending):
                assert line and "night.bad_" not in line and "night.do_" not in line and "{" not in line


# --- heartbeat


def test_a_heartbeat_hears_when_a_night_begins_and_how_it_ends(nights: Nights) -> None:
    with Server() as check:
        url = f"{check.url}/ping/the-uuid?rid=1&x=%2F"
        for day, outcome in enumerate((WELL, BAD, GuardTripped("guard.max_rows", number=9, most=3), KeyboardInterrupt())):
            nights.night(day, outcome, heartbeat=Heartbeat(url))
        assert [(request.method, request.target) for request in check.requests] == [
            ("POST", f"/ping/the-uuid{place}?rid=1&x=%2F")
            for place in ("/start", "", "/start", "/fail", "/start", "/fail", "/start", "/fail")
        ]
        words = [request.body.decode() for request in check.requests]
    assert words[0] == "" and words[1].startswith("夜.csv：一切正常\n共 300 行")
    assert words[3].startswith("夜.csv：有 2 行没有成功")


def test_what_a_heartbeat_hears_is_no_longer_than_it_takes() -> None:
    with Server() as check:
        assert Heartbeat(f"{check.url}/").end("线" * 5000, is_well=True) is None
        assert check.requests[0].target == "/" and check.requests[0].body.decode() == "线" * 3333
        assert Heartbeat(f"{check.url}/").end("", is_well=False) is None
        assert check.requests[1].target == "/fail"


@pytest.mark.parametrize("answer", [Answer(500), Answer(302), Answer(silent=True), Answer(raw=b"")])
def test_a_heartbeat_that_is_not_heard_changes_nothing(nights: Nights, answer: Answer) -> None:
    with Server(answer) as check:
        assert nights.night(0, BAD, heartbeat=Heartbeat(f"{check.url}/the-uuid-of-the-check", timeout=0.2)) == ["bad"]
    assert [trouble.key for trouble in nights.troubles] == ["telling.unheard"] * 2
    assert not any("the-uuid" in say(trouble, "en") for trouble in nights.troubles)
    nights.troubles.clear()
