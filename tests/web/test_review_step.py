"""Step 3 as forms over HTTP, without JavaScript: what is shown of a plan, and that nothing else is sent than what was shown."""

from __future__ import annotations

import getpass
import re
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from support import jobs
from support.pages import Client, Markup, PageServer, site_with
from support.records import EDIT, INFO, calls

from batch_editor import job
from batch_editor.errors import Refused, UnderWay
from batch_editor.model import Run, RunState
from batch_editor.runs.mending import Mend
from batch_editor.sandbox import Sandbox
from batch_editor.settings.settings import Settings
from batch_editor.web.site import Site

CLUE = 1591005521987920501
POOL_A, POOL_B = 1591005280874161218, 1591005280874161219
OWNER_A, OWNER_B = "wo-owner-a-of-the-tests", "wo-owner-b-of-the-tests"
OLD = {"remark": "old", "email": "a@b.cn", "follow_user_id": OWNER_A, "clue_pool_id": POOL_A}
SHEET = f"""clue_id,remark,email,follow_user_id,clue_pool_id
{CLUE},new,#CLEAR,{OWNER_B},{POOL_A}
{CLUE + 1},old,,,{POOL_B}
{CLUE + 2},x,not an address,,
{CLUE + 3},,,,
"""


class Review:
    """A planned sheet, a browser that reviews it, and the CRM that it goes to."""

    def __init__(self, client: Client, site: Site, crm: Sandbox, folder: Path) -> None:
        self.client = client
        self.site = site
        self.crm = crm
        self.folder = folder
        self.run = ""

    @property
    def address(self) -> str:
        return f"/runs/{self.run}/review"

    def plan(self, sheet: str = SHEET, **options: Any) -> str:
        """Plans a sheet as step 1 does, and returns the name of its run."""
        path = jobs.text_file(self.folder / "edits.csv", sheet)
        with job.plan(path, self.site.settings, **{"attended": True} | options) as prepared:
            self.run = prepared.name
        return self.run

    def get(self, query: str = "", status: int = 200) -> str:
        answer = self.client.get(self.address + query)
        assert answer.status_code == status, answer.text
        assert Markup(answer.text).faults == []
        return answer.text

    def digest(self, page: str = "") -> str:
        match = re.search(r'name="digest" value="([0-9a-f]{64})"', page or self.get())
        assert match
        return match[1]

    def send(self, page: str = "", **form: str) -> Any:
        return self.client.submit(f"/runs/{self.run}/send", {"digest": self.digest(page)} | form)

    def read(self) -> str:
        """Reads the current values, and returns the page that comes once that is over."""
        answer = self.client.submit(f"/runs/{self.run}/read")
        assert (answer.status_code, answer.headers["location"]) == (303, f"/runs/{self.run}/progress")
        self.until(lambda: not self.site.drivers.snapshot(self.run).is_at_work)
        return self.get()

    def sent(self) -> Run:
        """The run once it is over."""
        self.until(lambda: self.record().state in (RunState.FINISHED, RunState.STOPPED))
        self.until(lambda: not self.site.drivers.snapshot(self.run).is_here)
        return self.record()

    def record(self) -> Run:
        return job.get_run(self.run, self.site.settings)

    def edits(self) -> int:
        return len(calls(self.crm, EDIT))

    def undo(self, run: str) -> None:
        """Plans the undo of a run, as the page of its results does."""
        with job.plan_undo(run, self.site.settings) as prepared:
            self.run = prepared.name

    def change(self, sql: str) -> None:
        """Changes what the journal holds, as time does."""
        with closing(sqlite3.connect(self.folder / "state" / job.JOURNAL)) as journal, journal:
            journal.execute(sql)

    def crm_changes(self, clue: int, remark: str) -> None:
        """Changes a clue in the CRM, as somebody else does."""
        sheet = jobs.text_file(self.folder / "others.csv", f"clue_id,remark\n{clue},{remark}\n")
        elsewhere = self.site.settings.model_copy(update={"state_dir": self.folder / "elsewhere"})
        job.run(sheet, elsewhere)

    @staticmethod
    def until(holds: Callable[[], bool]) -> None:
        end = time.monotonic() + 20
        while not holds():
            assert time.monotonic() < end
            time.sleep(0.01)


@pytest.fixture
def crm() -> Iterator[Sandbox]:
    with Sandbox([{"clue_id": CLUE + number, **OLD} for number in range(60)], access_token=jobs.TOKEN) as serving:
        yield serving


@pytest.fixture
def given(tmp_path: Path, crm: Sandbox) -> Settings:
    return jobs.settings(tmp_path, crm.url, compare_columns=[])


@pytest.fixture
def made(tmp_path: Path, crm: Sandbox) -> Iterator[Callable[[Settings], Review]]:
    opened: list[Any] = []

    def make(settings: Settings) -> Review:
        site = site_with(settings)
        server = PageServer(site)
        server.__enter__()
        client = server.client()
        opened.append((server, client))
        client.get("/")
        client.submit("/lang", {"lang": "en", "back": "/"})
        return Review(client, site, crm, tmp_path)

    yield make
    for server, client in opened:
        client.close()
        server.__exit__(None, None, None)


@pytest.fixture
def review(made: Callable[[Settings], Review], given: Settings) -> Review:
    return made(given)


def words(page: str) -> str:
    """What a page says, on one line."""
    body = re.sub(r"(?s).*<main[^>]*>|</main>.*", "", page)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


def counts(run: Run) -> dict[str, int]:
    return {status: number for status, number in (run.counts or {}).items() if number}


def many(rows: int, value: str = "new") -> str:
    return "clue_id,remark\n" + "".join(f"{CLUE + number},{value} {number}\n" for number in range(rows))


# --- what is shown


def test_the_plan_is_shown_with_what_it_sets_clears_and_moves_and_what_stays_behind(review: Review) -> None:
    review.plan()
    page = review.get()
    said = words(page)
    assert "2 edits of 2 clues" in said and "edits.csv" in said
    assert "Send 2 rows, 1 field of them is cleared, 1 row changes owner, 2 rows change pool" in said
    assert "1 row with mistakes" in said and f"/runs/{review.run}/mend?status=invalid" in page
    assert "1 row with nothing to change" in said and f"/runs/{review.run}/mend?status=skipped" in page
    assert OWNER_B in said and str(POOL_B) in said and "not read yet" in said
    assert "CLEARS 1 cell" in said and "SETS OWNER OR POOL in 2 rows" in said
    assert said.index("CLEARS 1 cell") < said.index("SETS OWNER OR POOL") < said.index("Send 2 rows")
    assert review.edits() == 0 and calls(review.crm, INFO) == []


def test_once_the_clues_are_read_old_and_new_values_stand_side_by_side(review: Review) -> None:
    review.plan()
    assert "of 2 clues have not been read" in words(review.get())
    page = review.read()
    said = words(page)
    assert (len(calls(review.crm, INFO)), review.edits()) == (2, 0)
    assert "have not been read" not in said
    assert "remark old old → becomes new" in said and "email old a@b.cn → becomes ⌫ cleared" in said
    assert "1 field stays the same" in said  # the pool of the first row, and the remark of the second
    assert f"{OWNER_A} {OWNER_B} 1" in said and f"默认线索池 {POOL_B} 1" in said
    assert "Send 2 rows, 1 field of them is cleared, 1 row changes owner, 1 row changes pool" in said
    assert "The old values of 2 clues were read, so this can be undone." in said
    only_cleared = words(review.get("?cleared=1"))
    assert str(CLUE) in only_cleared and str(CLUE + 1) not in only_cleared
    assert str(CLUE) not in words(review.get("?field=clue_pool_id&after=2"))


def test_rows_come_in_pages(review: Review) -> None:
    review.plan(many(60))
    page = review.get()
    assert "Rows 1 to 50 of 60" in words(page) and 'aria-rowcount="61"' in page and 'rel="prev"' not in page
    following = review.get("?after=51")
    assert "Rows 51 to 60 of 60" in words(following) and 'aria-rowindex="52"' in following and 'rel="next"' not in following
    assert f'href="{review.address}?#changes"' in following or "Previous rows" in words(following)
    for nonsense in ("?after=-1", "?after=x", "?after=99999999999999999999", "?field=nothing&cleared=2"):
        assert "of 60" in words(review.get(nonsense))


def test_nobody_reads_the_crm_by_looking_and_a_second_look_goes_through_no_rows(
    review: Review, monkeypatch: pytest.MonkeyPatch
) -> None:
    review.plan(many(3))
    first = review.digest()
    monkeypatch.setattr("batch_editor.runs.plan_looks._look_at", lambda *given: pytest.fail("all rows again"))
    assert review.digest() == first and calls(review.crm, INFO) == []


def test_a_value_that_holds_markup_or_is_long_is_text(review: Review) -> None:
    hostile = "<script>alert(1)</script>‮\x1b[31m"
    review.plan(f'clue_id,remark\n{CLUE},"{hostile}"\n{CLUE + 1},{"x" * 10_000}\n', title="<b>sheet</b>")
    page = review.get()
    assert "<script>alert" not in page and "<b>sheet" not in page and "\x1b" not in page and "‮" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "(10000 characters in all)" in words(page) and "x" * 1000 not in page


# --- what is sent


def test_what_was_shown_is_sent_and_the_journal_keeps_who_has_agreed(review: Review) -> None:
    review.plan()
    answer = review.send()
    assert (answer.status_code, answer.headers["location"]) == (303, f"/runs/{review.run}/progress")
    run = review.sent()
    assert run.state is RunState.FINISHED and counts(run) == {"updated": 2, "invalid": 1, "skipped": 1}
    assert review.crm.clue(CLUE)["remark"] == "new" and review.crm.clue(CLUE + 2)["remark"] == "old"
    assert run.confirmed_by == getpass.getuser()


@pytest.mark.parametrize("digest", ["", "0" * 64, "<b>", "another"])
def test_another_digest_is_refused_and_the_plan_shown_again(review: Review, digest: str) -> None:
    if digest == "another":
        review.plan(many(2))
        digest = review.digest()
    review.plan()
    answer = review.client.submit(f"/runs/{review.run}/send", {"digest": digest})
    assert answer.status_code == 409 and "The plan has changed since this page was shown" in words(answer.text)
    assert review.digest(answer.text) == review.digest()
    assert (review.edits(), review.record().state, review.record().confirmed_by) == (0, RunState.PLANNED, None)


def test_a_plan_that_somebody_has_mended_meanwhile_is_refused_with_what_changed(review: Review) -> None:
    review.plan()
    page = review.get()
    with job.open_run(review.run, review.site.settings) as prepared:
        prepared.mend([Mend(4, 2, "good@b.cn", "not an address")], person="somebody else")
    answer = review.send(page)
    said = words(answer.text)
    assert answer.status_code == 409 and review.edits() == 0
    assert "Rows to be sent 2 3" in said and "Rows with mistakes 1 0" in said and "Send 3 rows" in said
    assert review.send(answer.text).status_code == 303 and counts(review.sent()) == {"updated": 3, "skipped": 1}


def test_a_plan_whose_clue_another_run_has_changed_meanwhile_is_refused(review: Review) -> None:
    run = review.plan(many(3))
    page = review.get()
    job.run(jobs.text_file(review.folder / "other.csv", f"clue_id,remark\n{CLUE},other\n"), review.site.settings)
    before = review.edits()
    answer = review.send(page)
    assert answer.status_code == 409 and review.edits() == before
    said = words(answer.text)
    assert "Rows changed by others since 0 1" in said and "1 row that somebody else, or another run, has changed since" in said
    assert review.run == run


def test_a_double_click_two_tabs_and_one_who_comes_back_are_one_run(review: Review) -> None:
    review.plan(many(5))
    page = review.get()
    answers: list[Any] = []
    site = review.site
    clients = [PageClient(review, page) for _ in range(4)]
    threads = [threading.Thread(target=lambda client=client: answers.append(client.send())) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [(answer.status_code, answer.headers["location"]) for answer in answers] == [
        (303, f"/runs/{review.run}/progress")
    ] * 4
    assert counts(review.sent()) == {"updated": 5} and review.edits() == 5
    again = review.send(page)
    assert again.headers["location"] == f"/runs/{review.run}"
    assert review.edits() == 5 and site.drivers.snapshot(review.run).state is RunState.FINISHED
    assert review.client.get(review.address).headers["location"] == f"/runs/{review.run}"


class PageClient:
    """Another tab that shows the same page."""

    def __init__(self, review: Review, page: str) -> None:
        self._review, self._page = review, page

    def send(self) -> Any:
        return self._review.send(self._page)


def test_one_confirms_while_two_mend_and_what_is_sent_is_what_was_shown(review: Review) -> None:
    """Whoever is first: either the confirmed plan is sent as it was shown, or nothing is."""
    for round_ in range(4):
        review.plan(f"clue_id,remark\n{CLUE},shown {round_}\n{CLUE + 1},b\n")
        page = review.get()
        start = threading.Barrier(3)

        def mend(row: int, round_: int = round_, start: threading.Barrier = start) -> None:
            start.wait()
            for _ in range(3):
                try:
                    with job.open_run(review.run, review.site.settings) as prepared:
                        prepared.mend([Mend(row, 1, f"mended {round_}")])
                except (Refused, UnderWay):
                    pass

        people = [threading.Thread(target=mend, args=(row,)) for row in (2, 3)]
        for person in people:
            person.start()
        start.wait()
        answer = review.send(page)
        for person in people:
            person.join()
        if answer.status_code == 303:
            review.sent()
            assert review.crm.clue(CLUE)["remark"] == f"shown {round_}"
        else:
            assert answer.status_code == 409
            assert review.crm.clue(CLUE)["remark"] != f"mended {round_}"


# --- what cannot be sent


def test_a_guard_that_speaks_against_a_plan_is_named_and_can_be_mended_away(
    made: Callable[[Settings], Review], given: Settings
) -> None:
    guards = given.guards.model_copy(update={"max_invalid_share": 0.1})
    review = made(given.model_copy(update={"guards": guards}))
    review.plan()
    page = review.get()
    assert "This cannot be sent as it is A share of 0.25 of the rows has mistakes" in words(page)
    assert 'name="digest"' not in page and f'href="/runs/{review.run}/mend"' in page
    with job.open_run(review.run, review.site.settings) as prepared:
        answer = review.client.submit(f"/runs/{review.run}/send", {"digest": prepared.digest()})
    assert answer.status_code == 409 and review.edits() == 0 and "A share of 0.25" in words(answer.text)
    with job.open_run(review.run, review.site.settings) as prepared:
        prepared.mend([Mend(4, 2, "good@b.cn")])
    assert review.send().status_code == 303 and counts(review.sent()) == {"updated": 3, "skipped": 1}


@pytest.mark.parametrize(
    ("options", "settings", "said"),
    [
        ({"strict": True}, {}, "1 row has mistakes, and this is to be sent only if none has"),
        ({}, {"duplicates": "error"}, "1 clue stands in several rows"),
    ],
)
def test_what_must_be_right_as_a_whole_is_said_in_words_of_the_page(
    made: Callable[[Settings], Review], given: Settings, options: dict[str, Any], settings: dict[str, Any], said: str
) -> None:
    review = made(given.model_copy(update=settings))
    review.plan(SHEET + f"{CLUE},again,,,\n", **options)
    page = review.get()
    assert said in words(page) and "--" not in words(page)


@pytest.mark.parametrize(
    ("sheet", "said"),
    [
        (f"clue_id,email\n{CLUE},no address\n", "All rows wait to be mended."),
        (f"clue_id,email\n{CLUE},\n", "There is nothing to send."),
        (f"clue_id,remark\n{CLUE},old\n", "The CRM already has every value of this sheet"),
    ],
)
def test_a_plan_with_nothing_to_send_says_why_and_what_to_do(review: Review, sheet: str, said: str) -> None:
    review.plan(sheet, only_changed="remark" in sheet)
    page = review.read() if "remark" in sheet else review.get()
    assert said in words(page) and 'name="digest"' not in page and 'href="/"' in page


def test_reading_that_halts_is_told_with_nothing_sent_and_can_be_tried_again(
    made: Callable[[Settings], Review], given: Settings
) -> None:
    api = given.api.model_copy(update={"access_token": type(given.api.access_token)("of yesterday")})
    review = made(given.model_copy(update={"api": api}))
    review.plan(many(3))
    page = review.read()
    said = words(page)
    assert "The current values could not be read" in said and "Nothing was sent. You can try again." in said
    assert "of 3 clues have not been read" in said and review.edits() == 0
    assert review.record().state is RunState.PLANNED and "of yesterday" not in page


def test_values_that_were_read_long_ago_are_marked_and_read_again(review: Review) -> None:
    review.plan(many(2))
    review.read()
    asked = len(calls(review.crm, INFO))
    review.change("UPDATE rows SET time = time - 700")
    review.change("UPDATE runs SET driven = driven + 1")
    said = words(review.get())
    assert "out of date: read " in said and "of 2 clues have not been read" in said and "remark old old → becomes" in said
    assert "out of date" not in words(review.read()) and len(calls(review.crm, INFO)) == asked + 2


def test_a_plan_of_last_week_says_its_age(review: Review) -> None:
    review.plan(many(1))
    assert "was planned" not in words(review.get())
    review.change("UPDATE runs SET started = started - 7 * 86400, driven = driven + 1")
    assert "This was planned 7 days ago." in words(review.get())


@pytest.mark.parametrize("address", ["review", "discard", "send", "read"])
def test_a_run_that_is_not_there_is_not_found(review: Review, address: str) -> None:
    for run in ("20200101-000000-0000", "..%2f..%2fetc", "%3Cb%3E"):
        path = f"/runs/{run}/{address}"
        answer = review.client.submit(path, {"digest": "0" * 64}) if address in ("send", "read") else review.client.get(path)
        assert answer.status_code in (400, 404) and "<b>" not in answer.text


def test_a_run_that_is_over_is_shown_where_it_is(review: Review) -> None:
    review.plan(many(1))
    page = review.get()
    review.send(page)
    review.sent()
    for path in ("review", "discard"):
        assert review.client.get(f"/runs/{review.run}/{path}").headers["location"] == f"/runs/{review.run}"
    for path in ("read", "discard"):
        assert review.client.submit(f"/runs/{review.run}/{path}").headers["location"] == f"/runs/{review.run}"
    other = review.client.submit(f"/runs/{review.run}/send", {"digest": "0" * 64})
    assert other.status_code == 303 and review.edits() == 1


def test_while_somebody_else_is_at_work_on_a_run_the_page_goes_where_that_is_seen(review: Review) -> None:
    review.plan(many(1))
    page = review.get()
    with job.open_run(review.run, review.site.settings) as prepared, prepared.driven():
        prepared.run.set_state(RunState.SENDING)
        progress = f"/runs/{review.run}/progress"
        assert review.client.get(review.address).headers["location"] == progress
        assert review.send(page).headers["location"] == progress
        assert review.client.submit(f"/runs/{review.run}/read").headers["location"] == progress
        prepared.run.set_state(RunState.PLANNED)
    assert review.edits() == 0


def test_whoever_is_only_mending_at_that_moment_keeps_nothing_from_being_tried_again(review: Review) -> None:
    review.plan(many(1))
    page = review.get()
    with job.open_run(review.run, review.site.settings) as prepared, prepared.driven():
        answer = review.send(page)
    assert answer.status_code == 409 and review.edits() == 0


# --- the proof


def test_above_twenty_rows_one_is_sent_first_and_read_back_unless_somebody_wants_it_otherwise(review: Review) -> None:
    review.plan(many(20))
    assert re.search(r'value="no" checked', review.get())
    review.plan(many(21))
    page = review.get()
    assert re.search(r'value="yes" checked', page) and "the other 20 rows follow by themselves" in words(page)
    review.send(page, prove="yes")
    assert counts(review.sent()) == {"updated": 21}
    assert [request.path for request in review.crm.requests][:3] == [INFO, EDIT, INFO]


def test_without_the_proof_every_row_is_sent_at_once(review: Review) -> None:
    review.plan(many(21), snapshot=False)
    review.send(prove="no")
    assert counts(review.sent()) == {"updated": 21} and calls(review.crm, INFO) == []


def test_a_row_that_does_not_read_back_right_stops_the_run(tmp_path: Path, made: Callable[[Settings], Review]) -> None:
    clues = [{"clue_id": CLUE + number, **OLD} for number in range(30)]
    with Sandbox(clues, access_token=jobs.TOKEN, quirks=["clears-unsent"]) as crm:
        review = made(jobs.settings(tmp_path, crm.url, compare_columns=[]))
        review.plan(many(25))
        review.send(prove="yes")
        run = review.sent()
    assert run.state is RunState.STOPPED and counts(run) == {"updated": 1, "not_sent": 24}


@pytest.mark.parametrize("prove", ["no", "yes", "", "x"])
def test_settings_that_ask_for_the_proof_hold_whatever_a_form_says(
    made: Callable[[Settings], Review], given: Settings, prove: str
) -> None:
    review = made(given.model_copy(update={"prove": True}))
    review.plan(many(3), snapshot=False)
    page = review.get()
    assert 'name="prove"' not in page and "The settings ask for that." in words(page)
    review.send(page, prove=prove)
    assert counts(review.sent()) == {"updated": 3} and len(calls(review.crm, INFO)) == 2


def test_settings_without_the_proof_are_said_and_it_can_be_chosen_all_the_same(
    made: Callable[[Settings], Review], given: Settings
) -> None:
    review = made(given.model_copy(update={"prove": False}))
    review.plan(many(21), snapshot=False)
    page = review.get()
    assert re.search(r'value="no" checked', page) and "NOT PROVED" in words(page)
    review.send(page, prove="yes")
    assert counts(review.sent()) == {"updated": 21} and len(calls(review.crm, INFO)) == 2


# --- undo, what is left, and discarding


def test_an_undo_is_reviewed_in_words_of_its_own(review: Review) -> None:
    review.plan(many(3))
    review.read()
    review.send()
    undone = review.sent().name
    review.crm_changes(CLUE + 1, "by somebody")
    review.undo(undone)
    page = review.get()
    assert "Undo: put 3 rows back" in words(page) and f"Puts back what the run {undone} changed." in words(page)
    said = words(review.read())
    assert "Undo: put 2 rows back" in said and "1 row that somebody has changed since: they are left alone" in said
    assert "remark" in said and "becomes old" in said
    held = re.search(r'href="([^"#]+)#held"', review.get())
    assert held and held[1] == f"{review.address}?status=conflict"
    left_alone = words(review.client.get(held[1]).text)
    assert f"{CLUE + 1} left alone, since it is not what the run has set" in left_alone and "--force" not in left_alone
    for nonsense in ("pending", "nothing", "<b>"):
        assert "Rows that are not sent, and why" not in words(
            review.client.get(review.address, params={"status": nonsense}).text
        )
    assert review.send().status_code == 303
    assert counts(review.sent()) == {"updated": 2, "conflict": 1}
    assert [review.crm.clue(CLUE + number)["remark"] for number in range(3)] == ["old", "by somebody", "old"]


def test_what_is_left_of_a_run_that_stopped_is_reviewed_and_sent(review: Review) -> None:
    review.plan(many(3))
    with job.open_run(review.run, review.site.settings) as prepared:
        prepared.run.set_state(RunState.STOPPED)
    page = review.get()
    assert "Review what is left" in words(page) and "Go on and send 3 rows" in words(page) and "/discard" not in page
    review.send(page)
    assert counts(review.sent()) == {"updated": 3}


def test_a_plan_is_forgotten_only_after_a_question(review: Review) -> None:
    review.plan(many(2), title="September")
    asked = review.client.get(f"/runs/{review.run}/discard")
    assert "“September” is forgotten here, with 2 rows" in words(asked.text) and review.record().state is RunState.PLANNED
    assert review.client.submit(f"/runs/{review.run}/discard").headers["location"] == "/"
    with job.open_journal(review.site.settings) as journal:
        assert journal.runs() == []
    assert review.client.get(review.address).status_code == 404


def test_the_page_speaks_chinese(review: Review) -> None:
    review.client.submit("/lang", {"lang": "zh", "back": "/"})
    review.plan()
    said = words(review.get())
    assert "发送 2 行，其中清空 1 个字段、更换 1 行的跟进人、更换 2 行的线索池" in said
    assert not re.search(r"\b(rows|clues|sent)\b", said)
