"""Names of pools that the CRM is asked for: what is asked, how often, and what becomes of an answer that cannot be used."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from support import jobs, virtual_time
from support.crm import envelope, status
from support.dispatching import FakeTime
from support.servers import Answer, Request, Server, closed_port

from batch_editor import Stop, check, diff, load_edits, resume, run, undo
from batch_editor.crm.pace import Pace
from batch_editor.errors import CrmDown, Refused, SettingsError
from batch_editor.events import Event, Notice
from batch_editor.journal.journal import Journal
from batch_editor.messages import say
from batch_editor.runs import pools
from batch_editor.sandbox import EDIT_PATH, Sandbox
from batch_editor.sandbox.reference import POOLS_PATH, TOKEN_PATH
from batch_editor.settings.settings import Settings

FIRST = 1591005280874161000


class Pools(Server):
    """Answers each call as ``page`` says of its number, from 1; ``asked`` are the pages that were asked for."""

    def __init__(self, page: Callable[[int], Answer]) -> None:
        super().__init__()
        self.asked: list[int] = []
        self._page = page

    def answer_to(self, request: Request) -> Answer:
        assert request.target.startswith(f"{POOLS_PATH}?access_token=")
        body = json.loads(request.body)
        assert body["page_size"] == 100
        self.asked.append(body["current_index"])
        return self._page(len(self.asked))


def shown(*pools: tuple[object, object], total: object = None) -> Answer:
    """The answer of cluepool/list with these ids and names."""
    records = [{"id": one, "clue_pool_name": name} for one, name in pools]
    return envelope(0, "ok", {"total": len(records) if total is None else total, "records": records})


def asking(folder: Path, url: str, **over: Any) -> Settings:
    return jobs.settings(folder, url, lookups={"clue_pool_id": "crm"}, **over)


def sheet(folder: Path, *pools: str) -> Path:
    return jobs.text_file(
        folder / "e.csv", "\ufeff线索ID,线索池ID\n" + "".join(f"{11 + n},{one}\n" for n, one in enumerate(pools))
    )


def ids(folder: Path, *answers: Answer, cells: tuple[str, ...]) -> list[object]:
    """The pool ids that rows with these cells would send, or the English problem."""
    with Pools(lambda number: answers[min(number, len(answers)) - 1]) as crm:
        loaded = load_edits(sheet(folder, *cells), asking(folder, crm.url))
    return [
        json.loads(plan.edit.body)["clue_pool_id"] if plan.edit else say(plan.problems[0].message, "en")
        for plan in loaded.plans
    ]


def pools_of(crm: Sandbox) -> list[dict[str, Any]]:
    return [json.loads(one.body) for one in crm.requests if one.path == POOLS_PATH]


@pytest.fixture
def many() -> Sandbox:
    """A tenant with 250 pools."""
    clues = [{"clue_id": 11 + n, "clue_pool_id": FIRST + n, "clue_pool_name": f"池 {n}"} for n in range(250)]
    return Sandbox(clues, access_token=jobs.TOKEN)


def test_all_pages_are_asked_for_once_and_before_the_sheet_is_read(tmp_path: Path, many: Sandbox) -> None:
    with many as crm:
        report = run(sheet(tmp_path, "池 249", "池 0", str(FIRST + 7), "池 7"), asking(tmp_path, crm.url))
        assert [crm.clue(11 + n)["clue_pool_id"] for n in range(4)] == [FIRST + 249, FIRST, FIRST + 7, FIRST + 7]
    assert (report.exit_code, report.counts["updated"]) == (0, 4)
    assert pools_of(crm) == [{"current_index": page, "page_size": 100} for page in (1, 2, 3)]
    assert [one.path for one in crm.requests].index(EDIT_PATH) == 3


def test_nothing_is_asked_where_no_table_says_so(tmp_path: Path, many: Sandbox) -> None:
    with many as crm:
        run(sheet(tmp_path, "1"), jobs.settings(tmp_path, crm.url, lookups={"clue_pool_id": {"x": 1}}))
    assert pools_of(crm) == []


@pytest.mark.parametrize("command", [check, load_edits, diff, run], ids=lambda one: one.__name__)
def test_every_way_to_read_a_sheet_asks(tmp_path: Path, many: Sandbox, command: Callable[..., Any]) -> None:
    with many as crm:
        command(sheet(tmp_path, "池 5"), asking(tmp_path, crm.url))
        assert len(pools_of(crm)) == 3
        assert crm.clue(11)["clue_pool_id"] == (FIRST + 5 if command is run else FIRST)


@pytest.mark.parametrize("command", [check, load_edits, diff, run], ids=lambda one: one.__name__)
def test_without_credentials_it_is_said_why_they_are_needed(tmp_path: Path, command: Callable[..., Any]) -> None:
    with pytest.raises(SettingsError) as caught:
        command(sheet(tmp_path, "x"), asking(tmp_path, "http://127.0.0.1:1", api={"access_token": None}))
    if command in (check, load_edits):
        assert str(caught.value).startswith("The names of the pools are to be asked of the CRM (crm under lookups), also to ")
    assert "There is no access token. Set WSHOTO_ACCESS_TOKEN" in str(caught.value)


def test_a_token_is_fetched_and_its_call_counted_like_any_other(tmp_path: Path) -> None:
    with Sandbox(accept_any_clue=True, app_id="app", app_secret="app-secret") as crm:
        found = check(sheet(tmp_path, "默认线索池"), asking(tmp_path, crm.url, api=jobs.APP))
    assert (found.counts["not_sent"], [one.path for one in crm.requests]) == (1, [TOKEN_PATH, POOLS_PATH])


def test_asking_keeps_to_the_rate_that_runs_share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, many: Sandbox) -> None:
    """Three pages and the edit after them, each at the moment of its permit."""
    time, moments = FakeTime(), list[float]()
    virtual_time.use(monkeypatch, time)
    real = Pace.used
    monkeypatch.setattr(Pace, "used", lambda pace: (moments.append(time.now), real(pace)))
    with many as crm:
        run(sheet(tmp_path, "池 5"), asking(tmp_path, crm.url, rate={"limits": ["1/second"], "concurrency": 1}))
        assert len(crm.requests) == len(moments) == 4
    assert min(later - at for at, later in pairwise(moments)) >= 1


# --- names that are not certain


def test_of_two_pools_with_one_name_the_id_has_to_be_given(tmp_path: Path) -> None:
    answer = shown((7, "公海"), (5012, " ｇｏｎｇ "), (8, "公海"), (5013, "GONG"), (9, "私海"))
    assert ids(tmp_path, answer, cells=("公海", "gong", "私海", "8", "私")) == [
        'must be the id here, since "公海" stands for several: 7, 8',
        'must be the id here, since "gong" stands for several: 5012, 5013',
        9,
        8,
        'must be a known name or id; it holds "私": is it 私海?',
    ]


def test_a_name_that_is_the_id_of_another_pool_is_not_certain_either(tmp_path: Path) -> None:
    answer = shown((7, "5012"), (5012, "公海"), (6, "6"))
    assert ids(tmp_path, answer, cells=("5012", "公海", "7", "6")) == [
        'must be the id here, since "5012" stands for several: 5012, 7',
        5012,
        7,
        6,
    ]


@pytest.mark.parametrize(
    "answer",
    [
        shown(("1591005280874161218", "公海"), total="1"),  # numbers as texts
        shown((1591005280874161218, "公海"), (3, None), (4, " "), (5, 6)),  # pools without a name have their ids
        shown((1591005280874161218, "公海"), (1591005280874161218, "公海"), total=1),
    ],
)
def test_answers_that_differ_from_the_sample(tmp_path: Path, answer: Answer) -> None:
    assert ids(tmp_path, answer, cells=("公海",)) == [1591005280874161218]


def test_a_tenant_without_pools_knows_no_names(tmp_path: Path) -> None:
    assert ids(tmp_path, shown(), cells=("5", "公海")) == [5, 'must be an id of 1 to 19 digits; it holds "公海"']


# --- no usable answer


@pytest.mark.parametrize(
    ("answer", "requests", "said"),
    [
        (
            envelope(90008, "没有权限"),
            1,
            "The CRM does not show the names of its pools (crm under lookups): the CRM says (90008): 没有",
        ),
        (
            envelope(0, "空"),
            1,
            "The CRM does not show the names of its pools (crm under lookups): the CRM shows nothing of it: 空.",
        ),
        (status(404), 1, "The CRM does not show the names of its pools (crm under lookups): the CRM says (HTTP 404)"),
        (status(500), 2, "The CRM gave no usable answer in 2 tries when asked for the names of its pools"),
        (
            envelope(10001),
            1,
            "The CRM could not be asked for the names of its pools (crm under lookups), and nothing was sent. ",
        ),
        (shown((1, "a"), total=2), 2, "The CRM says that it has 2 pools and shows 1 of them"),
        (shown((1.5, "a")), 1, "The CRM shows its pools in a way that is not understood"),
        (shown((1.591005280874161e18, "a")), 1, "The CRM shows its pools in a way that is not understood"),
        (shown((True, "a")), 1, "The CRM shows its pools in a way that is not understood"),
        (shown((None, "a")), 1, "The CRM shows its pools in a way that is not understood"),
        (shown((1, "a"), total="many"), 1, "The CRM shows its pools in a way that is not understood"),
        (envelope(0, "ok", {"total": 1, "records": {}}), 1, "The CRM shows its pools in a way that is not understood"),
        (envelope(0, "ok", {"total": 1, "records": [5]}), 1, "The CRM shows its pools in a way that is not understood"),
        (envelope(0, "ok", [1]), 1, "The CRM does not show the names of its pools (crm under lookups): "),
    ],
)
def test_without_an_answer_nothing_is_sent(tmp_path: Path, answer: Answer, requests: int, said: str) -> None:
    for command in (check, run):
        kind = CrmDown if requests == 2 and "no usable answer" in said else Refused  # which is none of ours to mend
        with Pools(lambda number: answer) as crm, pytest.raises(kind) as caught:
            command(sheet(tmp_path, "5"), asking(tmp_path, crm.url))
        assert len(crm.asked) == requests
        assert str(caught.value).startswith(said) and say(caught.value.message, "zh")
    assert not (tmp_path / "e.results.xlsx").exists()
    with Journal(tmp_path / "state" / "journal.sqlite3") as journal:
        assert journal.runs() == []


@pytest.mark.parametrize("answer", [status(503), Answer(raw=b"")], ids=["gateway", "lost"])
def test_a_crm_that_cannot_be_reached_is_no_mistake_of_the_sheet(tmp_path: Path, answer: Answer) -> None:
    """It is waited for, as while edits are sent, and one that is back is asked again."""
    with Pools(lambda number: answer) as crm:
        for command in (check, run):
            with pytest.raises(CrmDown, match="could not be asked for the names of its pools"):
                command(sheet(tmp_path, "5"), asking(tmp_path, crm.url, rate={"patience": 0}))
    with Pools(lambda number: answer if number < 4 else shown((1, "a"))) as crm:
        assert check(sheet(tmp_path, "a"), asking(tmp_path, crm.url)).counts["invalid"] == 0


def test_a_list_of_pools_that_never_ends_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each page shows a new pool, and says that there is one more."""
    monkeypatch.setattr(pools, "MOST_PAGES", 7)
    with Pools(lambda number: shown((FIRST + number, f"pool {number}"), total=number + 1)) as crm:
        with pytest.raises(Refused) as caught:
            check(sheet(tmp_path, "pool 1"), asking(tmp_path, crm.url))
        assert crm.asked == [1, 2, 3, 4, 5, 6, 7] and "7 of them" in str(caught.value)


def test_more_pools_than_anybody_has_are_refused_at_once(tmp_path: Path) -> None:
    with Pools(lambda number: shown((FIRST + number, f"pool {number}"), total=10**18)) as crm:
        with pytest.raises(Refused):
            check(sheet(tmp_path, "pool 1"), asking(tmp_path, crm.url))
        assert crm.asked == [1]


def test_nobody_there(tmp_path: Path) -> None:
    given = asking(tmp_path, f"http://127.0.0.1:{closed_port()}", rate={"patience": 0})
    with pytest.raises(CrmDown, match=r"the connection was refused\. Try again later"):
        check(sheet(tmp_path, "5"), given)


def test_it_is_tried_again_like_any_reading_and_a_pause_is_told_at_once(tmp_path: Path) -> None:
    told: list[str] = []
    known_when_asked: list[int] = []

    def on_event(event: Event) -> None:
        if isinstance(event, Notice):
            told.append(event.message.key)

    def page(number: int) -> Answer:
        known_when_asked.append(len(told))
        return [status(500), status(429), shown((5, "公海"))][number - 1]

    with Pools(page) as crm:
        report = check(sheet(tmp_path, "公海"), asking(tmp_path, crm.url), on_event=on_event)
    assert (report.counts["not_sent"], crm.asked) == (1, [1, 1, 1])
    assert (told, known_when_asked) == (["notice.pause"], [0, 0, 1])


def test_whoever_stops_is_heard_while_the_crm_is_asked(tmp_path: Path) -> None:
    stop = Stop()

    def page(number: int) -> Answer:
        stop.ask()
        return status(503)

    with Pools(page) as crm, pytest.raises(Refused) as caught:
        run(sheet(tmp_path, "5"), asking(tmp_path, crm.url), stop=stop)
    assert (crm.asked, caught.value.message.key) == ([1], "lookups.halted")


# --- runs that are gone on with


def test_a_run_is_gone_on_with_while_the_pools_are_the_same(tmp_path: Path, many: Sandbox) -> None:
    path = sheet(tmp_path, "池 5", "池 6", "池 7")
    with many as crm:
        given = asking(tmp_path, crm.url)
        first = run(path, given, limit=1)
        second = run(path, given, limit=1)
        assert first.run and second.run == first.run
        asked = len(pools_of(crm))
        third = resume(first.run, given)  # what is to be sent is known by now
        assert (third.counts["updated"], len(pools_of(crm))) == (3, asked)
        assert [crm.clue(11 + n)["clue_pool_id"] for n in range(3)] == [FIRST + 5, FIRST + 6, FIRST + 7]


def test_other_pools_are_other_rules(tmp_path: Path, many: Sandbox) -> None:
    path = sheet(tmp_path, "池 5", "池 6")
    with many as crm:
        given = asking(tmp_path, crm.url)
        first = run(path, given, limit=1)
        crm.change(200, clue_pool_id=99)  # a pool that was not there before
        other = run(path, given)
    assert (other.run != first.run, other.counts["updated"]) == (True, 2)


def test_undo_and_comparing_are_about_ids(tmp_path: Path, many: Sandbox) -> None:
    path = sheet(tmp_path, "池 0", "池 6")
    with many as crm:
        given = asking(tmp_path, crm.url)
        report = run(path, given, only_changed=True)
        assert report.run and (report.counts["unchanged"], report.counts["updated"]) == (1, 1)
        asked = len(pools_of(crm))
        assert undo(report.run, given).counts["updated"] == 1
        assert (crm.clue(12)["clue_pool_id"], len(pools_of(crm))) == (FIRST + 1, asked)


def test_a_frame_may_hold_names(tmp_path: Path, many: Sandbox) -> None:
    with many as crm:
        run(pd.DataFrame({"线索ID": ["11"], "线索池ID": ["池 9"]}), asking(tmp_path, crm.url))
        assert crm.clue(11)["clue_pool_id"] == FIRST + 9
