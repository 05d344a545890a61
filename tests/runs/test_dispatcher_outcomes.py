"""From the wire to the results sheet: what a server answers, and what a whole run makes of it."""

from __future__ import annotations

import json
import re
import threading
from pathlib import Path
from typing import Any

import pytest
from support import jobs, virtual_time
from support.crm import CONFIRMED, LOST, Call, Crm, envelope, granted, scripted, status
from support.dispatching import FakeTime
from support.servers import Answer, closed_port

import batch_editor
from batch_editor import job
from batch_editor.crm.pace import Pace
from batch_editor.events import Event, Notice, SendProgress
from batch_editor.messages import Lang, say
from batch_editor.sandbox import Sandbox
from batch_editor.stop import Stop

pytestmark = pytest.mark.usefixtures("results_as_csv")

UNUSABLE = "what came back is not an answer of the CRM (no JSON object)"
MAYBE = "no usable answer after 2 tries, may have been applied: "
REDIRECT = "which is never followed since it would carry the token away; check api.base_url"

#: What a server does to a row → its status, code, message and number of requests; two attempts at most.
CASES: list[tuple[str, list[Answer], tuple[str, str, str, str]]] = [
    ("confirmed", [CONFIRMED], ("updated", "0", "请求成功", "1")),
    ("code 0 as text", [envelope("0", "ok", True)], ("updated", "0", "ok", "1")),
    ("data false", [envelope(0, "请求成功", False)], ("rejected", "0", "the CRM did not confirm the edit: 请求成功", "1")),
    ("data 1", [envelope(0, "m", 1)], ("rejected", "0", "the CRM did not confirm the edit: m", "1")),
    ("data as text", [envelope(0, "m", "true")], ("rejected", "0", "the CRM did not confirm the edit: m", "1")),
    ("no data", [envelope(0, "m")], ("rejected", "0", "the CRM did not confirm the edit: m", "1")),
    (
        "another code",
        [envelope(90007, "线索不存在", True)],
        ("rejected", "90007", "the CRM refused the edit (90007): 线索不存在", "1"),
    ),
    ("a code as text", [envelope("E-1", "不行")], ("rejected", "E-1", "the CRM refused the edit (E-1): 不行", "1")),
    (
        "a bool is no code",
        [envelope(False, "m", True)],
        (
            "failed",
            "HTTP 200",
            MAYBE + 'the answer holds no code; it begins with: {"code": false, "msg": "m", "data": true}',
            "2",
        ),
    ),
    (
        "no code",
        [Answer(body=b'{"data": true}')],
        ("failed", "HTTP 200", MAYBE + 'the answer holds no code; it begins with: {"data": true}', "2"),
    ),
    ("a page", [status(200)], ("failed", "HTTP 200", MAYBE + UNUSABLE, "2")),
    (
        "a list",
        [Answer(body=b'[{"code": 0, "data": true}]')],
        ("failed", "HTTP 200", MAYBE + UNUSABLE + '; it begins with: [{"code": 0, "data": true}]', "2"),
    ),
    ("nothing", [Answer(body=b"")], ("failed", "HTTP 200", MAYBE + UNUSABLE, "2")),
    (
        "400 with a code",
        [envelope(7, "参数错误", status=400)],
        ("rejected", "7", "the CRM refused the edit (7): 参数错误", "1"),
    ),
    ("403", [status(403)], ("rejected", "HTTP 403", "the CRM refused the edit (HTTP 403): ", "1")),
    ("404", [status(404)], ("rejected", "HTTP 404", "the CRM refused the edit (HTTP 404): ", "1")),
    ("413", [status(413)], ("rejected", "HTTP 413", "the CRM refused the edit (HTTP 413): ", "1")),
    ("500 that confirms", [envelope(0, "m", True, status=500)], ("failed", "0", MAYBE + "0 m", "2")),
    *(
        (str(number), [status(number)], ("failed", f"HTTP {number}", MAYBE + UNUSABLE, "2"))
        for number in (408, 425, 500, 502, 503, 504)
    ),
    *(
        (f"{number}, then well", [status(number), CONFIRMED], ("updated", "0", "请求成功", "2"))
        for number in (408, 425, 500, 504)
    ),
    *(
        (
            f"redirect {number}",
            [status(number, headers=[("Location", "/openapi/elsewhere?x=1")])],
            ("rejected", f"HTTP {number}", f"the server answered with a redirect (HTTP {number}), {REDIRECT}", "1"),
        )
        for number in (301, 302, 307, 308)
    ),
    ("lost", [LOST], ("failed", "", MAYBE + "the connection was lost before an answer came", "2")),
    ("lost, then well", [LOST, CONFIRMED], ("updated", "0", "请求成功", "2")),
    ("cut", [Answer(cut=10)], ("failed", "HTTP 200", MAYBE + "the connection was lost in the middle of the answer", "2")),
    ("cut, then well", [Answer(cut=10), CONFIRMED], ("updated", "0", "请求成功", "2")),
    (
        "lost, then refused",
        [LOST, envelope(7, "不行")],
        (
            "rejected",
            "7",
            "the CRM refused the edit (7): 不行 (an earlier try of this edit was not answered, and may have been applied)",
            "2",
        ),
    ),
    ("retry code", [envelope(70001, "忙")], ("failed", "70001", "the CRM did not take the edit in 2 tries: 70001 忙", "2")),
    ("retry code, then well", [envelope(70001, "忙"), CONFIRMED], ("updated", "0", "请求成功", "2")),
    ("429, 429, then well", [status(429), status(429), CONFIRMED], ("updated", "0", "请求成功", "3")),
    ("rate code, then well", [envelope(70002, "快"), CONFIRMED], ("updated", "0", "请求成功", "2")),
    ("429, 500, then well", [status(429), status(500), CONFIRMED], ("updated", "0", "请求成功", "3")),
]


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_every_answer_ends_in_the_right_status(tmp_path: Path, kind: str) -> None:
    clues = range(101, 101 + len(CASES))
    script = {clue: answers for clue, (_, answers, _) in zip(clues, CASES, strict=True)}
    codes = {"retry_codes": [70001], "rate_codes": [70002]}
    with Crm(scripted(script)) as crm:
        given = jobs.settings(tmp_path, crm.url, api=codes, rate={"concurrency": 1})
        report = batch_editor.run(jobs.sheet(tmp_path, clues), given, output=tmp_path / f"out.{kind}")
    columns = ("result_status", "result_code", "result_message", "result_attempts")
    found = {
        name: tuple(row[key] for key in columns) for (name, _, _), row in zip(CASES, jobs.results(report.results), strict=True)
    }
    # What failed is tried once more at the end of the run; the last answer comes again.
    at_the_end = {"failed": "4"}
    assert found == {name: (*expected[:3], at_the_end.get(expected[0], expected[3])) for name, _, expected in CASES}
    rows = jobs.results(report.results)
    assert {row["result_fields"] for row in rows} == {"remark"}
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", row["result_time"]) for row in rows)
    assert report.exit_code == 1 and {stray.split("?")[0] for stray in crm.strays} == {"/openapi/crm/cluepool/list"}
    assert sum(int(row["result_attempts"]) for row in rows) == len(crm.calls)


@pytest.mark.parametrize(
    ("answer", "code"),
    [(CONFIRMED, 0), (envelope(7, "不行"), 1), (status(500), 1), (envelope(10001, "失效"), 3)],
    ids=["updated", "rejected", "failed", "halted"],
)
def test_exit_codes(tmp_path: Path, answer: Answer, code: int) -> None:
    with Crm(scripted({12: [answer]})) as crm:
        assert batch_editor.run(jobs.sheet(tmp_path, [11, 12]), jobs.settings(tmp_path, crm.url)).exit_code == code


# --- order


def test_rows_of_a_clue_are_in_order_and_never_side_by_side(tmp_path: Path) -> None:
    clues = [11 + (number * 5) % 7 for number in range(70)]
    lost = {clue: [LOST, Answer(delay=0.002), status(502), Answer(delay=0.002)] for clue in (12, 14)}

    def decide(call: Call) -> Answer:
        return scripted(lost)(call) if call.clue in lost else Answer(delay=0.002)

    with Crm(decide) as crm:
        given = jobs.settings(tmp_path, crm.url, rate={"concurrency": 8}, retry={"attempts": 3})
        report = batch_editor.run(jobs.sheet(tmp_path, clues), given)
    assert report.counts["updated"] == 70
    here, most = set[int](), 0
    for moment in crm.moments:
        if moment.kind == "begins":
            assert moment.clue not in here
            here.add(moment.clue)
            most = max(most, len(here))
        else:
            here.remove(moment.clue)
    assert most > 1
    for clue in set(clues):
        arrived = [call.body["remark"] for call in crm.calls if call.clue == clue]
        wanted = [f"row {number}" for number, one in enumerate(clues, 2) if one == clue]
        assert list(dict.fromkeys(arrived)) == wanted
        assert arrived == sorted(arrived, key=lambda remark: int(remark.split()[1]))


def test_rows_are_held_back_after_a_failed_one(tmp_path: Path) -> None:
    with Crm(scripted({11: [*[status(500)] * 4, CONFIRMED]})) as crm:
        report = batch_editor.run(jobs.sheet(tmp_path, [11, 12, 11, 11]), jobs.settings(tmp_path, crm.url))
        assert jobs.statuses(report.results) == ["failed", "updated", "not_sent", "not_sent"]
        assert (report.exit_code, report.counts["not_sent"]) == (3, 2)
        assert report.halted is not None
        assert say(report.halted, "en") == "Held back, since an earlier row of the same clue failed: 2 rows."
        before = len(crm.calls)
        again = batch_editor.run(report.results or "", jobs.settings(tmp_path, crm.url), only_failed=True)
        assert crm.sent()[before:] == ["row 2", "row 4", "row 5"] and again.exit_code == 0


def test_a_limit_sends_the_first_rows(tmp_path: Path) -> None:
    with Crm() as crm:
        report = batch_editor.run(jobs.sheet(tmp_path, range(11, 16)), jobs.settings(tmp_path, crm.url), limit=2)
    assert sorted(crm.sent()) == ["row 2", "row 3"]
    assert jobs.statuses(report.results) == ["updated"] * 2 + ["not_sent"] * 3
    assert (report.exit_code, report.halted) == (0, None)


def test_a_limit_sends_nothing_in_the_place_of_a_row_that_is_held_back(tmp_path: Path) -> None:
    with Crm(scripted({11: [status(500)]})) as crm:
        report = batch_editor.run(jobs.sheet(tmp_path, [11, 11, 12, 13]), jobs.settings(tmp_path, crm.url), limit=2)
    assert set(crm.sent()) == {"row 2"}
    assert jobs.statuses(report.results) == ["failed", "not_sent", "not_sent", "not_sent"]
    assert report.exit_code == 3


# --- settings: each of them changes something


def test_timeout(tmp_path: Path) -> None:
    with Crm(scripted({11: [Answer(silent=True)]})) as crm:
        given = jobs.settings(tmp_path, crm.url, api={"timeout": 0.2}, retry={"attempts": 1})
        report = batch_editor.run(jobs.sheet(tmp_path, [11]), given)
    (row,) = jobs.results(report.results)
    assert row["result_message"] == "no usable answer after 1 try, may have been applied: no complete answer within 0.2 s"


def test_concurrency(tmp_path: Path) -> None:
    together = threading.Barrier(6)

    def decide(call: Call) -> Answer:
        together.wait(20)
        return CONFIRMED

    with Crm(decide) as crm:
        given = jobs.settings(tmp_path, crm.url, rate={"concurrency": 6})
        assert batch_editor.run(jobs.sheet(tmp_path, range(11, 17)), given).exit_code == 0
        assert crm.connections == 6


class ShortWaits(FakeTime):
    """Time in memory for waits of less than a second. A longer one lasts until the run is asked to stop."""

    def wait(self, stop: threading.Event, seconds: float) -> bool:
        return super().wait(stop, seconds) if seconds < 1 else stop.wait(seconds)


def test_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two a day: the third row waits for tomorrow, until the run is stopped. No permit is lost to a slow machine here."""
    virtual_time.use(monkeypatch, ShortWaits())
    stop = Stop()

    def on_event(event: Event) -> None:
        if isinstance(event, SendProgress) and event.done == 2:
            stop.ask()

    with Crm() as crm:
        given = jobs.settings(tmp_path, crm.url, rate={"limits": ["100/second", "2/day"]})
        report = batch_editor.run(jobs.sheet(tmp_path, range(11, 14)), given, stop=stop, on_event=on_event)
    assert len(crm.calls) == 2 and report.counts == dict.fromkeys(report.counts, 0) | {"updated": 2, "not_sent": 1}


def test_limits_count_token_calls_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    virtual_time.use(monkeypatch, ShortWaits())
    stop = Stop()

    def on_event(event: Event) -> None:
        if isinstance(event, SendProgress) and event.done == 1:
            stop.ask()

    with Crm() as crm:
        given = jobs.settings(tmp_path, crm.url, api=jobs.APP, rate={"limits": ["100/second", "2/day"]})
        batch_editor.run(jobs.sheet(tmp_path, range(11, 14)), given, stop=stop, on_event=on_event)
    assert (crm.token_calls, len(crm.calls)) == (1, 1)


@pytest.mark.parametrize("method", ["confirm", "used"])
def test_every_request_confirms_its_permit_and_says_when_it_was_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """The pace knows what a slow connection or a standstill has made of a permit."""
    counted: list[str] = []
    real = getattr(Pace, method)

    def counting(self: Pace, *args: Any) -> Any:
        counted.append(method)
        return real(self, *args)

    monkeypatch.setattr(Pace, method, counting)
    with Crm() as crm:
        batch_editor.run(jobs.sheet(tmp_path, range(11, 14)), jobs.settings(tmp_path, crm.url, api=jobs.APP))
    requests = crm.token_calls + len(crm.calls)
    assert requests == 4 and len(counted) == (2 if method == "confirm" else 1) * requests  # acquire confirms once as well


def test_patience(tmp_path: Path) -> None:
    with Crm(scripted({12: [status(429)]})) as crm:
        given = jobs.settings(tmp_path, crm.url, rate={"pause": 0.01, "patience": 0.05, "concurrency": 1})
        report = batch_editor.run(jobs.sheet(tmp_path, [11, 12, 13]), given)
    assert (report.exit_code, jobs.statuses(report.results)) == (3, ["updated", "not_sent", "not_sent"])
    assert report.halted is not None and report.halted.key == "halt.patience"
    assert crm.sent() == ["row 2"] + ["row 3"] * 4  # after pauses of 0.01, 0.02 and the 0.02 that were left


def test_a_pause_is_told(tmp_path: Path) -> None:
    events = list[Event]()
    with Crm(scripted({11: [status(429), CONFIRMED]})) as crm:
        report = batch_editor.run(jobs.sheet(tmp_path, [11]), jobs.settings(tmp_path, crm.url), on_event=events.append)
    assert report.exit_code == 0
    assert [event.message.key for event in events if isinstance(event, Notice)] == ["notice.pause"]


def test_auth_codes(tmp_path: Path) -> None:
    script = {11: [envelope(40001, "凭证失效"), CONFIRMED]}
    with Crm(scripted(script)) as crm:
        given = jobs.settings(tmp_path, crm.url, api={**jobs.APP, "auth_codes": [40001]}, retry={"attempts": 1})
        report = batch_editor.run(jobs.sheet(tmp_path, [11]), given)
    assert (report.exit_code, crm.token_calls) == (0, 2)
    assert [call.token for call in crm.calls] == ["granted-1", "granted-2"]
    with Crm(scripted(script)) as crm:
        report = batch_editor.run(jobs.sheet(tmp_path, [11]), jobs.settings(tmp_path, crm.url, api=jobs.APP))
    assert jobs.results(report.results)[0]["result_code"] == "40001" and crm.token_calls == 1


def test_halt_after_rejections(tmp_path: Path) -> None:
    with Crm(lambda call: envelope(90001, "操作人不存在")) as crm:
        given = jobs.settings(tmp_path, crm.url, halt={"after_rejections": 3}, rate={"concurrency": 1})
        report = batch_editor.run(jobs.sheet(tmp_path, range(11, 31)), given)
    assert (report.exit_code, report.counts["rejected"], report.counts["not_sent"], len(crm.calls)) == (3, 3, 17, 3)


# --- tokens over the wire


def test_an_expired_token_is_renewed_once_for_all_senders(tmp_path: Path) -> None:
    together = threading.Barrier(4)

    def decide(call: Call) -> Answer:
        if call.token == "granted-1":
            together.wait(20)
            return envelope(10001, "access_token 已失效")
        return CONFIRMED

    with Crm(decide) as crm:
        given = jobs.settings(tmp_path, crm.url, api=jobs.APP, retry={"attempts": 1})
        report = batch_editor.run(jobs.sheet(tmp_path, range(11, 31)), given)
    assert (report.counts["updated"], crm.token_calls) == (20, 2)


@pytest.mark.parametrize(
    ("api", "key", "calls"), [(jobs.APP, "token.new_refused", 2), ({}, "token.fixed_refused", 1)], ids=["renewed", "fixed"]
)
@pytest.mark.parametrize("refusal", [envelope(10010, "token 无效"), status(401)], ids=["code", "401"])
def test_a_token_that_is_of_no_use_halts_with_rows_to_go_on_with(
    tmp_path: Path, api: dict[str, object], key: str, calls: int, refusal: Answer
) -> None:
    with Crm(lambda call: refusal) as crm:
        given = jobs.settings(tmp_path, crm.url, api=api, rate={"concurrency": 1})
        report = batch_editor.run(jobs.sheet(tmp_path, range(11, 16)), given)
    assert report.halted is not None and report.halted.key == key
    assert (report.exit_code, jobs.statuses(report.results)) == (3, ["not_sent"] * 5)
    assert len(crm.calls) == calls


def test_one_row_that_is_always_refused_does_not_go_on_for_ever(tmp_path: Path) -> None:
    with Crm(scripted({13: [envelope(10001, "无此线索权限")]})) as crm:
        given = jobs.settings(tmp_path, crm.url, api=jobs.APP, rate={"concurrency": 4})
        report = batch_editor.run(jobs.sheet(tmp_path, range(11, 61)), given)
    statuses = jobs.statuses(report.results)
    assert statuses[2] in ("rejected", "not_sent")  # by who is quicker: rows that prove the new token, or its refusal
    assert crm.token_calls <= 4
    assert report.exit_code == (1 if statuses[2] == "rejected" else 3)


def test_a_wrong_app_secret(tmp_path: Path) -> None:
    with Sandbox(app_id="app", app_secret="another", accept_any_clue=True) as crm:
        report = batch_editor.run(jobs.sheet(tmp_path, [11, 12]), jobs.settings(tmp_path, crm.url, api=jobs.APP))
    assert (report.exit_code, jobs.statuses(report.results)) == (3, ["not_sent", "not_sent"])
    assert report.halted is not None
    told = say(report.halted, "en")
    assert re.fullmatch(r"The CRM gave no access token \(\d+\): appid 或 app_secret 错误\. Check app_id and app_secret\.", told)
    assert "app-secret" not in told


def test_no_token_in_the_answer(tmp_path: Path) -> None:
    with Crm(grant=lambda number: envelope(0, "ok", {})) as crm:
        report = batch_editor.run(jobs.sheet(tmp_path, [11]), jobs.settings(tmp_path, crm.url, api=jobs.APP))
    assert (report.exit_code, crm.calls) == (3, [])
    assert report.halted is not None and report.halted.key == "token.unobtainable"


def test_token_calls_are_tried_again(tmp_path: Path) -> None:
    with Crm(grant=lambda number: status(502) if number == 1 else granted(number)) as crm:
        report = batch_editor.run(jobs.sheet(tmp_path, [11]), jobs.settings(tmp_path, crm.url, api=jobs.APP))
    assert (report.exit_code, crm.token_calls, crm.calls[0].token) == (0, 2, "granted-2")


# --- servers that are none


@pytest.mark.parametrize(
    ("lang", "message"),
    [
        (
            "en",
            "Stopped: the CRM could not be reached for about 2 seconds, the last time: the connection was refused. "
            "What is not sent yet is sent when you go on; batch-editor doctor shows whether it can be reached again.",
        ),
        (
            "zh",
            "已停止：无法连接 CRM 已有约 2 秒，最近一次：连接被拒绝。尚未发送的行，继续时会发送；"
            "可先用 batch-editor doctor 检查是否已恢复。",
        ),
    ],
)
def test_a_server_that_cannot_be_reached(tmp_path: Path, lang: Lang, message: str) -> None:
    over = {"halt": {"after_failures": 3}, "rate": {"concurrency": 1}, "lang": lang}
    given = jobs.settings(tmp_path, f"http://127.0.0.1:{closed_port()}", **over)
    report = batch_editor.run(jobs.sheet(tmp_path, range(11, 21)), given)
    assert report.exit_code == 3 and report.halted is not None and say(report.halted, lang) == message
    assert (report.counts["failed"], report.counts["not_sent"]) == (0, 10)


def test_no_token_from_a_server_that_cannot_be_reached(tmp_path: Path) -> None:
    given = jobs.settings(tmp_path, f"http://127.0.0.1:{closed_port()}", api=jobs.APP)
    report = batch_editor.run(jobs.sheet(tmp_path, [11, 12]), given)
    assert (report.exit_code, jobs.statuses(report.results)) == (3, ["not_sent", "not_sent"])
    assert report.halted is not None and say(report.halted, "en") == (
        "Stopped: the CRM could not be reached for about 2 seconds, the last time: the connection was refused. "
        "What is not sent yet is sent when you go on; batch-editor doctor shows whether it can be reached again."
    )


@pytest.mark.parametrize(
    ("rows", "exit_code", "state", "counts"),
    [(3, 1, "finished", {"rejected": 3}), (4, 3, "stopped", {"rejected": 3, "not_sent": 1})],
)
def test_a_halt_after_the_last_row_has_nothing_to_go_on_with(
    tmp_path: Path, rows: int, exit_code: int, state: str, counts: dict[str, int]
) -> None:
    with Crm(lambda call: envelope(7, "不行")) as crm:
        given = jobs.settings(tmp_path, crm.url, rate={"concurrency": 1}, halt={"after_rejections": 3})
        report = batch_editor.run(jobs.sheet(tmp_path, range(11, 11 + rows)), given)
    with job.open_journal(given) as journal:
        assert journal.runs()[0].state == state
    assert (report.exit_code, {key: number for key, number in report.counts.items() if number}) == (exit_code, counts)
    assert report.halted is not None and report.halted.key == "halt.rejections"


def test_a_server_that_redirects_gets_no_second_request(tmp_path: Path) -> None:
    with Crm() as other, Crm(lambda call: status(302, headers=[("Location", f"{other.url}/openapi/crm/clue/edit")])) as crm:
        given = jobs.settings(tmp_path, crm.url, halt={"after_rejections": 2}, rate={"concurrency": 1})
        report = batch_editor.run(jobs.sheet(tmp_path, range(11, 16)), given)
        assert (other.requests, other.calls, other.connections) == ([], [], 0)
    assert (report.exit_code, report.counts["rejected"]) == (3, 2)


def test_what_is_sent_is_what_the_journal_and_the_sheet_say(tmp_path: Path) -> None:
    with Sandbox(access_token=jobs.TOKEN, accept_any_clue=True, faults=["lost-after@20%", "500@10%"]) as crm:
        given = jobs.settings(tmp_path, crm.url, retry={"attempts": 30})  # so many that no row is unlucky
        report = batch_editor.run(jobs.sheet(tmp_path, range(1001, 1061)), given)
        rows = jobs.results(report.results)
        assert {row["result_status"] for row in rows} == {"updated"}
        for row in rows:
            assert crm.clue(int(row["clue_id"]))["remark"] == row["remark"]
            assert crm.clue(int(row["clue_id"]))["address"] == "详细地址"  # what was not listed is as it was
        assert all(json.loads(request.body)["update_specified_fields"] == ["remark"] for request in crm.requests)
        assert sum(int(row["result_attempts"]) for row in rows) == len(crm.requests) > 60
