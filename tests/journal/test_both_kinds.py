"""What a file and a database would answer differently, were it not seen to: letters, signs, orders, kinds of numbers."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from support.dispatching import new_run
from support.journals import execute

from batch_editor.errors import Halted
from batch_editor.journal.columns import path_to_text
from batch_editor.journal.journal import Journal
from batch_editor.model import Edit, Message, Outcome, Plan, Resolved, RunState, Status

BEGAN = datetime(2026, 11, 24, 2, 30, tzinfo=timezone(timedelta(hours=8)))
TIME = "2026-11-24T09:30:00+08:00"


def start(journal: Journal, source: str, title: str = "", **over: object) -> str:
    about = {"base_url": "http://127.0.0.1:1", "app": "", "sheet": "", "digest": "", "headings": ["clue_id"], "settings": {}}
    return journal.start(source=source, title=title, options={}, **(about | over))  # type: ignore[arg-type]


def add(journal: Journal, run: str, row: int, clue: int, text: str = "", **over: object) -> None:
    edit = Edit(row, clue, "{}")
    journal.of(run).planning.plan([Plan(row, Status.PENDING, (str(clue), text), clue, edit, ("remark",), **over)])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("November", ["capital", "small"]),
        ("NOVEMBER", ["capital", "small"]),
        ("november", ["capital", "small"]),
        ("十一月", ["chinese"]),
        ("100%", ["percent"]),
        ("_", ["line"]),
        ("C:\\", ["windows"]),
        ("\\", ["windows"]),
        ("!", ["mark"]),
        ("?", ["question"]),
    ],
)
def test_runs_are_looked_for_in_capitals_as_in_small_letters_and_signs_as_they_are(
    journal: Journal, text: str, found: list[str]
) -> None:
    names = {
        start(journal, f"/sheets/{source}"): name
        for name, source in (
            ("capital", "NOVEMBER.csv"),
            ("small", "november.csv"),
            ("chinese", "十一月.csv"),
            ("percent", "100%.csv"),
            ("line", "a_b.csv"),
            ("windows", "C:\\x.csv"),
            ("mark", "hey!.csv"),
            ("question", "why?.csv"),
        )
    }
    assert sorted(names[run.name] for run in journal.runs_page(99, text=text)) == found


def test_a_title_of_other_letters_is_found_as_well(journal: Journal) -> None:
    run = start(journal, "/x.csv", "Kunden Ä.xlsx")
    assert [known.name for known in journal.runs_page(9, text="kunden Ä")] == [run]
    assert journal.runs_page(9, text=run.upper())[0].name == run


def test_what_stands_for_nothing_where_c_reads_it_is_held_as_its_picture_or_as_it_is(journal: Journal) -> None:
    """A reply of the CRM may hold NUL; JSON escapes it, and a database holds it in no other text."""
    run = new_run(journal, [11])
    said = Message("rejected.said", {"code": "a\0b", "msg": "\0"})
    journal.of(run).sending.advance(Outcome(2, Status.REJECTED, "a\0b", said, 1, TIME), None)
    row = next(journal.of(run).queries.rows())
    assert row.notes == (said,) and row.code in ("a\0b", "a␀b")
    draft = Plan(3, Status.PENDING, ("12", "\0"), 12, Edit(3, 12, "{}", unread=True), ("remark",))
    journal.of(run).planning.plan([draft])
    resolved = Resolved(3, Status.PENDING, "{}", ("remark",), clue_name="小\0王", names={"owner": {"a": "\0"}})
    journal.of(run).sending.resolve([resolved], read=3, requests=1, sending=None)
    (values,) = journal.of(run).queries.row_values_at(3)
    assert values.clue_name in ("小\0王", "小␀王") and list(journal.of(run).queries.rows())[1].cells == ("12", "\0")
    assert [*journal.of(run).queries.shown_names()] == [{"owner": {"a": "\0"}}]


def test_texts_are_in_the_order_of_their_bytes(journal: Journal) -> None:
    names = ["b", "B", "a", "é", "_", "中", "Z", "10", "9"]
    execute(journal.address, "SELECT 1")
    for name in names:
        journal.choices("app").keep("value", name, 1)
        journal.files.remember(f"/{name}", "stamp", run=None, series="/series")
    execute(journal.address, "UPDATE choices SET time = 5")
    execute(journal.address, "UPDATE files SET written = 5")
    assert [choice.name for choice in journal.choices("app").all("value")] == sorted(names, key=str.encode)
    late = datetime.now().astimezone() + timedelta(days=1)
    assert [file.path for file in journal.files.of_nights("/series", late)] == [
        f"/{name}" for name in sorted(names, key=str.encode)
    ]


def test_clues_that_come_again_are_told_in_the_order_of_their_ids(journal: Journal) -> None:
    run = new_run(journal, [])
    for row, clue in enumerate([900, 17, 5, 900, 5, 17, 3], 2):
        add(journal, run, row, clue)
    assert journal.of(run).queries.repeated_clues(2) == (3, [(5, [4, 6]), (17, [3, 7])])


def test_the_commonest_reason_comes_first_and_of_equals_the_one_that_stands_above(journal: Journal) -> None:
    run = new_run(journal, range(11, 17))
    for row, text in ((2, "c"), (3, "a"), (4, "b"), (5, "b"), (6, "a"), (7, "c")):
        journal.of(run).sending.advance(Outcome(row, Status.REJECTED, "5", Message("verbatim", {"text": text}), 1, TIME), None)
    reasons = journal.of(run).queries.reasons(9)
    assert [(number, note.values["text"]) for number, note in reasons] == [(2, "c"), (2, "a"), (2, "b")]


def test_numbers_are_whole_numbers_and_truths_are_truths(journal: Journal) -> None:
    run = new_run(journal, [11, 12, 2**63 - 1])
    journal.of(run).sending.advance(Outcome(2, Status.FAILED, "", Message("failed.never"), 2**31 - 10, TIME, True), 3)
    journal.of(run).sending.advance(Outcome(3, Status.UPDATED, "0", None, 3, journal.now()), None)
    queries = journal.of(run).queries
    counted = [queries.count_requests(), queries.answered()[0], queries.count_to_send(maybe_applied=True), queries.last_row()]
    assert counted == [2**31 - 7, 2, 2, 4] and {type(number) for number in counted} == {int}
    assert [(type(seconds), type(number)) for seconds, number in journal.requests(run, 3600)] == [(float, int)]
    assert [edit.maybe_applied for edit in journal.of(run).sending.pending(0, 9, maybe_applied=True)] == [True, False]
    assert journal.of(run).row_pages.page(0, 9)[0].maybe_applied is True
    assert [edit.clue_id for edit in journal.of(run).sending.pending(3, 9, maybe_applied=True)] == [2**63 - 1]
    journal.of(run).ask_to_stop()
    assert journal.run(run).stop_asked is True and journal.of(run).sending.stop_asked() is True


@pytest.mark.parametrize("row", [1 << 31, 1 << 63, 1 << 70])
def test_a_number_that_no_table_holds_is_told_and_stops_nobody_else(journal: Journal, row: int) -> None:
    run = new_run(journal, [11])
    with pytest.raises(Halted, match="can no longer be written"):
        journal.of(run).sending.advance(Outcome(2, Status.UPDATED, "0", None, row << 40, TIME), None)
    journal.of(run).sending.advance(Outcome(2, Status.UPDATED, "0", None, 1, TIME), None)
    assert journal.of(run).queries.counts() == {"updated": 1}


def test_words_that_were_told_and_runs_that_are_undone_are_found_as_they_are_written(journal: Journal) -> None:
    for word in ("50%", "a_b", "back\\slash", 'quo"te', "Capital"):
        night = journal.nights.begin("series", "x.csv", BEGAN)
        journal.nights.end(night, BEGAN, exit_code=0)
        journal.nights.mark_told(night, [word])
        last = journal.nights.last_told("series", word)
        assert last and last.id == night, word
    assert journal.nights.last_told("series", "5%") is None and journal.nights.last_told("series", "a-b") is None


def test_a_row_with_a_text_is_found_whatever_is_in_it(journal: Journal) -> None:
    run = new_run(journal, [])
    texts = ["张三", "100%", "a_b", "back\\slash", 'quo"te', "NUL\0", "line\nend", "'; DROP TABLE rows; --", "?", "%s"]
    for row, text in enumerate(texts, 2):
        add(journal, run, row, row, text)
    for row, text in enumerate(texts, 2):
        assert row in [held.row for held in journal.of(run).mends.rows_with(text)], text


def test_a_path_that_is_no_text_comes_back_as_it_went_in(journal: Journal) -> None:
    odd = b"/sheets/\xff\xfe.csv".decode("utf-8", "surrogateescape")
    run = start(journal, odd, odd)
    assert journal.run(run).source == odd and [known.name for known in journal.runs_of(odd)] == [run]
    journal.of(run).remember_results(odd, "1 2")
    assert journal.run(run).results == odd and path_to_text(odd).isprintable()


def test_a_state_that_is_over_may_be_written_twice(journal: Journal) -> None:
    run = new_run(journal, [11])
    for state in (RunState.STOPPED, RunState.FINISHED):
        journal.of(run).set_state(state)
    assert journal.run(run).state is RunState.FINISHED
