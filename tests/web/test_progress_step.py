"""Step 4 without a browser: the page, its events, and what its buttons do (guide: rules)."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from support import jobs
from support.crm import CONFIRMED, Call, Crm, envelope
from support.pages import Client, Markup, PageServer, site_with
from support.servers import Answer

from batch_editor import job
from batch_editor.errors import ResultsNotWritten
from batch_editor.events import Waiting
from batch_editor.messages import say
from batch_editor.model import Message, RunState
from batch_editor.runs.progress import Progress
from batch_editor.sandbox import EDIT_PATH, Sandbox
from batch_editor.settings.settings import Settings
from batch_editor.states import WaitReason
from batch_editor.web.drivers import Drivers, Snapshot
from batch_editor.web.progress_step import shown, waiting_message
from batch_editor.web.site import Site

pytestmark = pytest.mark.usefixtures("results_as_csv", "hurried_looks")
ROWS = 12


class Gate:
    """Answers as it is told to, once it is opened."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.reached = threading.Event()
        self.answers: dict[int, Answer] = {}

    def __call__(self, call: Call) -> Answer:
        self.reached.set()
        assert self.opened.wait(20)
        return self.answers.get(call.clue, CONFIRMED)


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def given(tmp_path: Path, gate: Gate) -> Iterator[Settings]:
    with Crm(gate) as crm:
        yield jobs.settings(tmp_path, crm.url, lang="zh", rate={"concurrency": 1})
        gate.opened.set()


@pytest.fixture
def site(given: Settings) -> Site:
    return site_with(given)


@pytest.fixture
def client(site: Site, gate: Gate) -> Iterator[Client]:
    with PageServer(site) as server, server.client() as client:
        yield client
        gate.opened.set()


@pytest.fixture
def run(given: Settings, tmp_path: Path) -> str:
    """A run that is planned."""
    with job.plan(jobs.sheet(tmp_path, range(101, 101 + ROWS)), given, title="客户.xlsx") as prepared:
        return prepared.name


def digest_of(run: str, given: Settings) -> str:
    with job.open_run(run, given) as prepared:
        return prepared.digest()


def begun(site: Site, run: str, gate: Gate) -> None:
    site.drivers.start(run, confirmed=digest_of(run, site.settings), settings=site.settings)
    assert gate.reached.wait(20)


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def stopped(site: Site, run: str, gate: Gate) -> None:
    begun(site, run, gate)
    site.drivers.stop(run)
    gate.opened.set()
    until(lambda: not site.drivers.snapshot(run).is_at_work)


def events_of(answer: httpx.Response) -> Iterator[dict[str, str]]:
    """The events of a stream, field by field."""
    event: dict[str, str] = {}
    for line in answer.iter_lines():
        if line:
            name, _, value = line.partition(": ")
            event[name] = value
        elif event:
            yield event
            event = {}


def page_of(client: Client, run: str) -> Markup:
    answer = client.get(f"/runs/{run}/progress")
    assert answer.status_code == 200
    page = Markup(answer.text)
    assert page.faults == []
    return page


# --- the page


def test_a_run_that_is_planned_is_shown_where_it_is(client: Client, run: str) -> None:
    answer = client.get(f"/runs/{run}/progress")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/runs/{run}/review")
    assert client.get("/runs/20200101-000000-0000/progress").status_code == 404


def test_a_run_on_its_way_is_shown_without_a_script(client: Client, site: Site, run: str, gate: Gate) -> None:
    begun(site, run, gate)
    page = page_of(client, run)
    assert {"正在发送", "客户.xlsx", "停止发送", f"已完成 0 / {ROWS} 行（0%）"} <= {*page.texts}
    assert page.all("progress") == [{"id": "bar", "aria-labelledby": "how-far", "max": str(ROWS), "value": "0"}]
    assert [meta["content"] for meta in page.all("meta") if meta.get("http-equiv") == "refresh"] == ["5"]
    assert not any("style" in values for _, values in page.elements)
    client.submit("/lang", {"lang": "en", "back": "/"})
    assert {"Sending", "Stop sending", f"0 of {ROWS} rows (0%)"} <= {*page_of(client, run).texts}


def test_stop_lets_what_is_in_flight_finish_and_go_on_sends_the_rest(
    client: Client, site: Site, run: str, gate: Gate, given: Settings
) -> None:
    begun(site, run, gate)
    for _ in range(2):  # a double click abandons nothing
        answer = client.submit(f"/runs/{run}/stop")
        assert (answer.status_code, answer.headers["location"]) == (303, f"/runs/{run}/progress")
    assert "正在停止：等已发出的请求完成" in page_of(client, run).texts
    gate.opened.set()
    until(lambda: not site.drivers.snapshot(run).is_at_work)
    answer = client.get(f"/runs/{run}/progress")
    page = Markup(answer.text)
    updated = job.get_run(run, given).counts["updated"]  # type: ignore[index]
    assert {"提前停止", "已按要求停止。", f"继续发送 {ROWS - updated} 行"} <= {*page.texts}
    assert "按允许的速率需要片刻" in answer.text
    assert client.submit(f"/runs/{run}/stop").status_code == 303  # of somebody who was slow
    (digest,) = [values["value"] for values in page.all("input") if values.get("name") == "digest"]
    assert client.submit(f"/runs/{run}/resume", {"digest": digest}).status_code == 303
    assert client.submit(f"/runs/{run}/resume", {"digest": digest}).status_code == 303
    until(lambda: site.drivers.snapshot(run).state is RunState.FINISHED)
    page = page_of(client, run)
    assert "全部完成" in page.texts and f"/runs/{run}/results" in [link.get("href") for link in page.all("a")]
    assert job.get_run(run, given).counts["updated"] == ROWS  # type: ignore[index]


def test_what_has_changed_since_it_was_shown_is_shown_again_and_not_sent(
    client: Client, site: Site, run: str, gate: Gate
) -> None:
    stopped(site, run, gate)
    before = site.drivers.snapshot(run).progress.counts
    answer = client.submit(f"/runs/{run}/resume", {"digest": "0" * 64})
    assert answer.status_code == 409 and "剩余的内容在显示之后有了变化" in answer.text
    assert site.drivers.snapshot(run).progress.counts == before


def test_rows_that_may_have_been_applied_are_told_apart_with_what_to_do(
    client: Client, site: Site, run: str, gate: Gate
) -> None:
    gate.answers = {101: Answer(raw=b""), 102: envelope(7, "不行"), 103: Answer(status=503)}
    gate.opened.set()
    begun(site, run, gate)
    until(lambda: not site.drivers.snapshot(run).is_at_work)
    ended = job.ended_run(run, site.settings)
    assert (ended.maybe_applied, ended.not_applied, ended.bad, ended.left) == (2, 0, 1, 2)
    page = page_of(client, run)
    assert {"结果不明", "被拒绝或有误", "继续发送 2 行"} <= {*page.texts}
    assert "其中 2 行之前可能已经修改过。" in " ".join(page.texts)


def test_a_run_that_was_killed_is_offered_and_nothing_goes_on_by_itself(
    client: Client, site: Site, run: str, given: Settings
) -> None:
    with job.open_journal(given) as journal:
        journal.of(run).set_state(RunState.SENDING)
        journal.of(run).sending.advance(None, 2)
    page = page_of(client, run)
    assert {"程序中途退出", "结果不明", f"继续发送 {ROWS} 行"} <= {*page.texts}
    assert job.get_run(run, given).state is RunState.INTERRUPTED


def test_reading_is_shown_in_the_same_way_and_leads_back_to_the_review(tmp_path: Path) -> None:
    with Sandbox(access_token=jobs.TOKEN, accept_any_clue=True, latency=0.1) as crm:
        given = jobs.settings(tmp_path, crm.url, lang="zh", rate={"concurrency": 1})
        site = site_with(given)
        with job.plan(jobs.sheet(tmp_path, range(101, 111)), given, only_changed=True) as prepared:
            run = prepared.name
        with PageServer(site) as server, server.client() as client:
            site.drivers.read(run, settings=given)
            page = page_of(client, run)
            assert {"正在读取线索", "停止读取"} <= {*page.texts} and any("已读取 " in text for text in page.texts)
            (watched,) = [values for _, values in page.elements if "data-events" in values]
            assert (watched["data-next"], watched["data-state"]) == (f"/runs/{run}/review", "reading")
            until(lambda: not site.drivers.snapshot(run).is_at_work)
            assert client.get(f"/runs/{run}/progress").headers["location"] == f"/runs/{run}/review"
        assert not any(request.path == EDIT_PATH for request in crm.requests)


def test_reading_that_comes_to_nothing_says_why(tmp_path: Path) -> None:
    faults = ["read:code=999"]
    with Sandbox(access_token=jobs.TOKEN, accept_any_clue=True, latency=0.05, faults=faults) as crm:
        given = jobs.settings(tmp_path, crm.url, lang="zh", halt={"after_rejections": 3}, rate={"concurrency": 1})
        site = site_with(given)
        with job.plan(jobs.sheet(tmp_path, range(101, 111)), given, only_changed=True) as prepared:
            run = prepared.name
        with PageServer(site) as server, server.client() as client:
            site.drivers.read(run, settings=given)
            until(lambda: not site.drivers.snapshot(run).is_at_work)
            page = page_of(client, run)
            assert "没有发送任何数据" in page.texts and any(text.startswith("无法读取线索") for text in page.texts)
            assert f"/runs/{run}/review" in [link.get("href") for link in page.all("a")]
            assert client.get(f"/runs/{run}/progress.json").json()["has_trouble"]


def test_results_that_could_not_be_written_are_told(
    client: Client, site: Site, run: str, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> Path:
        raise ResultsNotWritten("results.folder", path="/nowhere/edits.results.csv", folder="/nowhere")

    monkeypatch.setattr("batch_editor.runs.drive.write_results", refuse)
    gate.opened.set()
    begun(site, run, gate)
    until(lambda: not site.drivers.snapshot(run).is_at_work)
    assert any("/nowhere" in text for text in page_of(client, run).texts)


# --- events


def test_events_tell_a_run_until_it_has_ended(client: Client, site: Site, run: str, gate: Gate) -> None:
    begun(site, run, gate)
    with client.stream("GET", f"/runs/{run}/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["x-accel-buffering"] == "no" and "no-transform" in answer.headers["cache-control"]
        events = events_of(answer)
        assert next(events) == {"retry": "2000"}
        first = next(events)
        assert first["event"] == "progress" and json.loads(first["data"])["total"] == ROWS
        gate.opened.set()
        *_, last = events
    assert last["event"] == "end" and json.loads(last["data"])["state"] == "finished"
    again = client.get(f"/runs/{run}/events", headers={"Last-Event-ID": last["id"]})
    assert again.status_code == 204  # a browser that gets this asks no more
    late = client.get(f"/runs/{run}/events", headers={"Last-Event-ID": first["id"]})
    assert [event["event"] for event in events_of(late) if "event" in event] == ["end"]
    assert client.get("/runs/20200101-000000-0000/events").status_code == 404


def test_a_browser_that_is_gone_is_noticed(client: Client, site: Site, run: str, gate: Gate) -> None:
    begun(site, run, gate)
    with client.stream("GET", f"/runs/{run}/events") as answer:
        events = events_of(answer)  # it ends the stream when it is forgotten
        assert next(events)
        assert site.drivers.watchers(run) == 1
    until(lambda: site.drivers.watchers(run) == 0)
    assert site.drivers.snapshot(run).is_here  # and that stops nothing


def test_a_stream_says_that_it_lives(client: Client, site: Site, run: str, gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("batch_editor.web.progress_step.HEARTBEAT", 0.02)
    begun(site, run, gate)
    with client.stream("GET", f"/runs/{run}/events") as answer:
        assert next(line for line in answer.iter_lines() if line.startswith(":"))


def test_watchers_do_not_hold_up_the_end_of_the_server(site: Site, run: str, gate: Gate) -> None:
    with PageServer(site) as server, server.client() as client:
        begun(site, run, gate)
        with client.stream("GET", f"/runs/{run}/events") as answer:
            events = events_of(answer)
            next(events)
            gate.opened.set()
            began = time.monotonic()
            site.drivers.stop_all()
            assert [event for event in events if event.get("event") == "end"] or time.monotonic() - began < 20


def test_the_same_is_to_be_had_by_asking(client: Client, site: Site, run: str, gate: Gate) -> None:
    begun(site, run, gate)
    answer = client.get(f"/runs/{run}/progress.json")
    view = answer.json()
    assert answer.headers["cache-control"] == "no-store" and (view["state"], view["total"]) == ("sending", ROWS)


# --- words


def snapshot_with(waiting: Waiting | None = None, **more: Any) -> Snapshot:
    progress = Progress(done=40, total=100, counts={"updated": 40, "pending": 60}, waiting=waiting)
    return Snapshot("run", RunState.SENDING, progress, is_here=True, **more)


@pytest.mark.parametrize(
    ("waiting", "words"),
    [
        (Waiting(WaitReason.TOO_FAST, 42), "CRM 限频，42 秒后继续。"),
        (Waiting(WaitReason.TOO_FAST), "CRM 限频，片刻后继续。"),
        (Waiting(WaitReason.RATE_UNKNOWN, 60), "最近一分钟内发送了多少没有完整的记录。为确保不超过允许的速率，60 秒后继续。"),
        (Waiting(WaitReason.RATE_FULL, 1800), "较长时间的限额已用完，30 分钟后继续。"),
        (Waiting(WaitReason.RATE, 9), "按允许的速率，9 秒后发出下一个请求。"),
        (Waiting(WaitReason.RATE_SHARED), "本机的另一个程序也在使用同一份限额，因此会慢一些。"),
        (Waiting(WaitReason.TOKEN), "正在向 CRM 获取新的访问凭证。"),
        (Waiting(WaitReason.UNREACHABLE, 7, Message("net.refused")), "连不上 CRM：连接被拒绝。7 秒后再试。"),
        (Waiting(WaitReason.NO_ANSWER, 7, Message("net.lost")), "CRM 没有给出有效的答复：收到答复之前连接中断。7 秒后再试。"),
        (Waiting(WaitReason.ANSWER), "请求已发出，正在等 CRM 答复。"),
        (Waiting(WaitReason.OTHER_RUN), "另一次运行正在修改同一条线索，等它完成后继续。"),
        (Waiting(WaitReason.PROOF), "第一行已发送，正在读回核对；核对无误后再发其余各行。"),
    ],
)
def test_each_reason_for_which_a_run_waits_has_its_words(waiting: Waiting, words: str) -> None:
    assert say(waiting_message(waiting), "zh") == words
    english = say(waiting_message(waiting), "en")
    assert "{" not in english and "progress." not in english
    view = shown(snapshot_with(waiting), "zh")
    assert view.texts["waiting"] == words and view.wait == waiting.reason and words in view.announcement


def test_every_reason_has_words() -> None:
    assert all(say(waiting_message(Waiting(reason, 3, Message("net.lost"))), "zh")[-1] == "。" for reason in WaitReason)


def test_what_stays_true_is_told_while_it_goes_on() -> None:
    notices = (Message("notice.slower", {"percent": 50}), Message("notice.stopping"))
    progress = Progress(done=40, total=100, counts={"updated": 40}, notices=notices)
    assert shown(Snapshot("run", RunState.SENDING, progress), "zh").texts["note"].endswith("发送速度降至允许速率的 50%。")


def test_the_title_tells_the_percent() -> None:
    assert shown(snapshot_with(), "zh").title == "40% · 正在发送"
    assert shown(snapshot_with(is_stopping=True), "en").title.startswith("40% · Stopping")


# --- secrets and hostile texts

SECRETS = ("sentinel-token-123456", "sentinel-secret-123456")


def test_no_secret_and_no_markup_of_the_crm_reaches_a_browser(
    tmp_path: Path, gate: Gate, caplog: pytest.LogCaptureFixture
) -> None:
    hostile = f"<script>alert(1)</script> \x1b[31m\u202e access_token={SECRETS[0]}&app_secret={SECRETS[1]}"
    gate.opened.set()
    gate.answers = {clue: envelope(9, hostile) for clue in range(101, 104)} | {104: envelope(500, hostile, status=503)}

    def grant(number: int) -> Answer:
        return envelope(0, hostile, {"access_token": SECRETS[0], "expires_in": 7200})

    caplog.set_level("DEBUG")
    with Crm(gate, grant) as crm:
        api = {"access_token": None, "app_id": "app", "app_secret": SECRETS[1]}
        given = jobs.settings(tmp_path, crm.url, api=api, lang="zh")
        site = site_with(given)
        with job.plan(jobs.sheet(tmp_path, range(101, 110)), given, title="<b>表.csv") as prepared:
            name, digest = prepared.name, prepared.digest()
        with PageServer(site) as server, server.client() as client:
            site.drivers.start(name, confirmed=digest, settings=given)
            told = [client.get(f"/runs/{name}/{what}").text for what in ("progress", "progress.json", "events")]
            until(lambda: not site.drivers.snapshot(name).is_at_work)
            told += [client.get(f"/runs/{name}/{what}").text for what in ("progress", "progress.json", "events")]
    logged = [repr(site.drivers.snapshot(name)), caplog.text]
    assert not any(secret in text for secret in SECRETS for text in told + logged)
    for text in told:
        assert "<script>alert" not in text and "<b>" not in text and "\x1b" not in text and "\u202e" not in text


def test_drivers_of_a_site_are_the_same_for_all(site: Site) -> None:
    assert isinstance(site.drivers, Drivers)
