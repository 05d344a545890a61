"""The dispatcher with drafts: when clues are read and how often, what a read that fails does, and what has nothing to send."""

from __future__ import annotations

import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from support.dispatching import (
    CONFIRMED,
    LOST,
    RECORD,
    UNREACHED,
    CountingPace,
    FakeTime,
    Late,
    Script,
    coded,
    dispatch,
    http,
    senders,
)

from batch_editor.crm.tokens import Grant, Tokens
from batch_editor.events import ClueProgress, SendProgress
from batch_editor.journal.journal import Journal
from batch_editor.messages import say
from batch_editor.model import Draft, Edit, Message, Reply, Resolved, Status
from batch_editor.runs.clue_queue import WINDOW
from batch_editor.stop import Stop

BUSY = coded(70001, "系统繁忙")
GONE = coded(70010, "线索不存在")

Resolve = Callable[[Sequence[Draft], Edit, Reply, bool], list[Resolved]]


class Crm:
    """Answers reads and edits of a clue in turn, the last again and again; else with a record, and confirmed.

    It fails when two requests for one clue are with it at the same time. ``log`` has every request in the order of asking: a
    clue that is read, or a row that is sent; ``bodies`` what was sent of each row.
    """

    def __init__(
        self, reads: Mapping[int, Sequence[Reply]] | None = None, edits: Mapping[int, Sequence[Reply]] | None = None
    ) -> None:
        self.log: list[tuple[str, int]] = []
        self.bodies: dict[int, str] = {}
        self._script = {"read": reads or {}, "edit": edits or {}}
        self._asked: Counter[tuple[str, int]] = Counter()
        self._inside: set[int] = set()
        self._lock = threading.Lock()

    def edit(self, edit: Edit) -> Reply:
        self.bodies[edit.row] = edit.body
        return self._answer("edit", edit.clue_id, edit.row, CONFIRMED)

    def read(self, clue: int) -> Reply:
        return self._answer("read", clue, clue, RECORD)

    @property
    def reads(self) -> list[int]:
        return [clue for kind, clue in self.log if kind == "read"]

    @property
    def rows(self) -> list[int]:
        return [row for kind, row in self.log if kind == "edit"]

    def _answer(self, kind: str, clue: int, told: int, usual: Reply) -> Reply:
        with self._lock:
            assert clue not in self._inside, f"two requests for clue {clue} side by side"
            self._inside.add(clue)
            self.log.append((kind, told))
            self._asked[kind, clue] += 1
            replies = self._script[kind].get(clue, (usual,))
            reply = replies[min(self._asked[kind, clue], len(replies)) - 1]
        with self._lock:
            self._inside.discard(clue)
        return reply


def becoming(others: Mapping[int, Status]) -> Resolve:
    """Each row is sent with a body of its own, but for ``others``; a clue that is not shown has only invalid rows."""

    def resolve(drafts: Sequence[Draft], edit: Edit, reply: Reply, shown: bool) -> list[Resolved]:
        found = []
        for one in drafts:
            status = others.get(one.row, Status.PENDING) if shown else Status.INVALID
            found.append(Resolved(one.row, status, f'{{"row":{one.row}}}', one.fields, before={"remark": "旧"}))
        return found

    return resolve


def unread(folder: Path, run: str) -> list[int]:
    """The rows whose clue is still to be read, as the disk has it."""
    with closing(sqlite3.connect(folder / "journal.sqlite3")) as connection:
        sql = "SELECT row FROM rows JOIN runs ON runs.id = run WHERE name = ? AND unread ORDER BY row"
        return [row for (row,) in connection.execute(sql, (run,))]


def reads_of(folder: Path, run: str) -> dict[int, int]:
    """How many requests were made to read the clue of each row, where there were any."""
    with closing(sqlite3.connect(folder / "journal.sqlite3")) as connection:
        sql = "SELECT row, reads FROM rows JOIN runs ON runs.id = run WHERE name = ? AND reads ORDER BY row"
        return dict(connection.execute(sql, (run,)))


# --- one read a clue


@pytest.mark.parametrize("concurrency", [1, 4])
def test_a_clue_is_read_once_and_before_its_first_row_is_sent(tmp_path: Path, concurrency: int) -> None:
    clues = [11 + (number * 7) % 5 for number in range(60)]
    crm = Crm()
    sent = dispatch(tmp_path, clues, crm.edit, read=crm.read, unread=True, rate={"concurrency": concurrency})
    assert set(sent.statuses.values()) == {"updated"} and sorted(crm.reads) == [11, 12, 13, 14, 15]
    for clue in set(clues):
        mine = [row for row in crm.rows if clues[row - 2] == clue]
        assert mine == sorted(mine) and len(mine) == clues.count(clue)
        assert crm.log.index(("read", clue)) < crm.log.index(("edit", mine[0]))
    assert unread(tmp_path, sent.run) == []


@pytest.mark.parametrize("concurrency", [1, 4])
def test_a_clue_with_more_rows_than_the_window_is_read_once(tmp_path: Path, concurrency: int) -> None:
    rows = WINDOW + 40
    crm = Crm()
    clues = [11] * rows + list(range(100, 120)) + [11]
    sent = dispatch(tmp_path, clues, crm.edit, read=crm.read, unread=True, rate={"concurrency": concurrency})
    assert sorted(crm.reads) == [11, *range(100, 120)] and len(crm.rows) == len(clues)
    assert [row for row in crm.rows if clues[row - 2] == 11] == [*range(2, 2 + rows), len(clues) + 1]
    assert set(sent.statuses.values()) == {"updated"}


def test_rows_that_need_no_record_are_sent_without_a_read(tmp_path: Path) -> None:
    crm = Crm()
    sent = dispatch(tmp_path, [11, 12, 11, 13], crm.edit, read=crm.read, unread={4})
    assert crm.log == [("edit", 2), ("edit", 3), ("read", 11), ("edit", 4), ("edit", 5)]
    assert set(sent.statuses.values()) == {"updated"}


def test_what_is_sent_is_what_the_record_has_made_of_each_row(tmp_path: Path) -> None:
    crm = Crm()
    dispatch(tmp_path, [11, 11, 12], crm.edit, read=crm.read, unread={2, 3}, resolve=becoming({}))
    assert crm.bodies == {2: '{"row":2}', 3: '{"row":3}', 4: '{"clue_id":12}'}


def test_the_rows_of_a_clue_are_resolved_together_and_on_disk_before_the_first_is_sent(tmp_path: Path) -> None:
    crm, seen = Crm(), list[list[tuple[object, ...]]]()

    def edit(edit: Edit) -> Reply:
        with closing(sqlite3.connect(tmp_path / "journal.sqlite3")) as connection:
            seen.append(connection.execute("SELECT row, status, unread, body FROM rows ORDER BY row").fetchall())
        return crm.edit(edit)

    resolve = becoming({4: Status.UNCHANGED})
    dispatch(tmp_path, [11, 11, 11, 12], edit, read=crm.read, unread=True, resolve=resolve)
    first, last = (2, "sending", 0, '{"row":2}'), (5, "pending", 1, '{"clue_id":12}')
    assert seen[0] == [first, (3, "pending", 0, '{"row":3}'), (4, "unchanged", 0, '{"row":4}'), last]
    assert [row[1] for row in seen[1]] == ["updated", "sending", "unchanged", "pending"]
    assert crm.rows == [2, 3, 5]


@pytest.mark.parametrize("concurrency", [1, 4])
def test_reading_first_and_sending_later_reads_no_clue_twice(tmp_path: Path, concurrency: int) -> None:
    clues = [11 + (number * 7) % 5 for number in range(30)]
    crm, resolve = Crm(), becoming({3: Status.UNCHANGED})
    both = {"read": crm.read, "resolve": resolve, "rate": {"concurrency": concurrency}}
    first = dispatch(tmp_path, clues, crm.edit, unread=True, only_reads=True, **both)  # type: ignore[arg-type]
    assert (sorted(crm.reads), crm.rows, first.halted) == ([11, 12, 13, 14, 15], [], None)
    assert Counter(first.statuses.values()) == {"pending": 29, "unchanged": 1} and first.dropped == 1
    assert unread(tmp_path, first.run) == []
    told = [event for event in first.events if isinstance(event, ClueProgress)]
    assert told[-1] == ClueProgress(30, 30) and all(event.done <= event.total for event in told)
    second = dispatch(tmp_path, clues, crm.edit, run=first.run, **both)  # type: ignore[arg-type]
    assert len(crm.reads) == 5 and sorted(crm.rows) == [2, *range(4, 32)]
    assert Counter(second.statuses.values()) == {"updated": 29, "unchanged": 1}


def test_reading_first_reads_no_more_than_is_to_be_sent(tmp_path: Path) -> None:
    crm, resolve = Crm(), becoming({2: Status.UNCHANGED, 4: Status.UNCHANGED})
    read = dispatch(tmp_path, range(11, 31), crm.edit, read=crm.read, unread=True, resolve=resolve, only_reads=True, total=2)
    assert crm.reads == [11, 12, 13, 14] and unread(tmp_path, read.run) == [*range(6, 22)]


# --- a read is tried as an edit is


@pytest.mark.parametrize("ambiguous", [True, False])
def test_a_read_is_tried_again_whatever_came_back(tmp_path: Path, ambiguous: bool) -> None:
    """Nothing can be applied twice by it, so ``retry.ambiguous`` is of no matter."""
    crm = Crm({11: [LOST, http(504), UNREACHED, BUSY, RECORD]})
    sent = dispatch(
        tmp_path,
        [11],
        crm.edit,
        read=crm.read,
        unread=True,
        retry={"attempts": 5, "ambiguous": ambiguous},
        api={"retry_codes": [70001]},
    )
    assert (sent.statuses, crm.reads, crm.rows) == ({2: "updated"}, [11] * 5, [2])
    assert sent.time.waits == [1, 2, 4, 8]
    assert (sent.records[0].attempts, reads_of(tmp_path, sent.run)) == (1, {2: 5})


@pytest.mark.parametrize("ambiguous", [True, False])
def test_a_lost_read_leaves_no_doubt_about_the_edit(tmp_path: Path, ambiguous: bool) -> None:
    crm = Crm({11: [LOST, RECORD]}, {11: [UNREACHED]})
    sent = dispatch(tmp_path, [11], crm.edit, read=crm.read, unread=True, retry={"attempts": 2, "ambiguous": ambiguous})
    assert sent.message(2) == Message("failed.never", {"reason": Message("net.refused"), "requests": 2})
    with Journal(tmp_path / "journal.sqlite3") as journal:
        assert [edit.maybe_applied for edit in journal.of(sent.run).sending.pending(0, 9, maybe_applied=False)] == [False]


def test_a_read_that_is_too_fast_pauses_the_run_and_uses_up_no_attempt(tmp_path: Path) -> None:
    time, began = FakeTime(), list[tuple[str, float]]()
    crm = Crm({11: [http(429), http(429, 7), RECORD]})

    def read(clue: int) -> Reply:
        began.append((f"read {clue}", time.now))
        return crm.read(clue)

    sent = dispatch(tmp_path, [11, 12], crm.edit, read=read, unread=True, time=time, retry={"attempts": 1})
    assert set(sent.statuses.values()) == {"updated"} and sent.notices == ["notice.pause"] * 2
    assert began == [("read 11", 1000), ("read 11", 1060), ("read 11", 1067), ("read 12", 1067)]


def test_the_patience_for_reads_ends_too(tmp_path: Path) -> None:
    crm = Crm({12: [http(429)]})
    sent = dispatch(tmp_path, [11, 12, 13], crm.edit, read=crm.read, unread=True)
    assert sent.halted is not None and sent.halted.key == "halt.patience"
    assert list(sent.statuses.values()) == ["updated", "pending", "pending"]
    assert unread(tmp_path, sent.run) == [3, 4]
    assert reads_of(tmp_path, sent.run) == {2: 1, 3: len(crm.reads) - 1}


def test_a_token_that_a_read_is_refused_with_is_renewed(tmp_path: Path) -> None:
    fetched = iter("ab")
    tokens = Tokens(fetch=lambda: Grant(next(fetched), 7200))
    crm = Crm({11: [coded(10001), RECORD]})
    sent = dispatch(tmp_path, [11], crm.edit, read=crm.read, unread=True, tokens=tokens, retry={"attempts": 1})
    assert sent.statuses == {2: "updated"} and sent.notices == ["notice.token_renewed"]
    assert tokens.current().generation == 2


def test_a_fixed_token_that_a_read_is_refused_with_halts(tmp_path: Path) -> None:
    crm = Crm({11: [coded(10001)]})
    sent = dispatch(tmp_path, [11, 12], crm.edit, read=crm.read, unread=True)
    assert sent.halted == Message("token.fixed_refused")
    assert (set(sent.statuses.values()), crm.rows, unread(tmp_path, sent.run)) == ({"pending"}, [], [2, 3])


# --- no usable answer


@pytest.mark.parametrize(
    ("replies", "code", "said"),
    [
        ([http(502)], "HTTP 502", "what came back is not an answer of the CRM (no JSON object)"),
        ([BUSY], "70001", "70001 系统繁忙"),
        ([http(502), LOST], "", "the connection was lost before an answer came"),
    ],
)
def test_a_clue_that_cannot_be_read_fails_its_row_and_holds_the_others_back(
    tmp_path: Path, replies: list[Reply], code: str, said: str
) -> None:
    crm = Crm({11: replies})
    sent = dispatch(
        tmp_path,
        [11, 12, 11, 13, 11],
        crm.edit,
        read=crm.read,
        unread=True,
        retry={"attempts": 2, "ambiguous": False},
        api={"retry_codes": [70001]},
    )
    assert list(sent.statuses.values()) == ["failed", "updated", "pending", "updated", "pending"]
    assert (sent.records[0].code, sent.records[0].attempts, sent.halted) == (code, 0, None)
    assert say(sent.message(2), "en") == f"the clue could not be read in 2 tries, so nothing was sent: {said}"
    assert (crm.reads, crm.rows) == ([11, 11, 12, 13], [3, 5])
    assert (unread(tmp_path, sent.run), reads_of(tmp_path, sent.run)) == ([2, 4, 6], {2: 2, 3: 1, 5: 1})


@pytest.mark.parametrize("ambiguous", [True, False])
def test_such_rows_are_read_and_sent_by_a_later_resume_in_their_order(tmp_path: Path, ambiguous: bool) -> None:
    crm, retry = Crm({11: [LOST, LOST, RECORD]}), {"attempts": 2, "ambiguous": ambiguous}
    first = dispatch(tmp_path, [11, 12, 11], crm.edit, read=crm.read, unread=True, retry=retry)
    assert list(first.statuses.values()) == ["failed", "updated", "pending"]
    with Journal(tmp_path / "journal.sqlite3") as journal:
        waiting = journal.of(first.run).sending.pending(0, 9, maybe_applied=ambiguous)
        assert [(edit.row, edit.unread, edit.maybe_applied) for edit in waiting] == [(2, True, False), (4, True, False)]
    second = dispatch(tmp_path, [11] * 2, crm.edit, run=first.run, read=crm.read, resolve=becoming({}), retry=retry)
    assert set(second.statuses.values()) == {"updated"}
    assert crm.log[-3:] == [("read", 11), ("edit", 2), ("edit", 4)]
    assert (second.records[0].attempts, reads_of(tmp_path, first.run)) == (1, {2: 3, 3: 1})


def test_a_read_that_failed_before_anybody_was_asked_is_tried_again_when_it_is_sent(tmp_path: Path) -> None:
    crm = Crm({11: [http(500), http(500), RECORD]})
    first = dispatch(tmp_path, [11, 11, 12], crm.edit, read=crm.read, unread=True, only_reads=True)
    assert list(first.statuses.values()) == ["failed", "pending", "pending"] and unread(tmp_path, first.run) == [2, 3]
    second = dispatch(tmp_path, [11] * 3, crm.edit, run=first.run, read=crm.read)
    assert set(second.statuses.values()) == {"updated"} and crm.rows == [2, 3, 4]


def test_failed_reads_in_a_row_halt_the_run(tmp_path: Path) -> None:
    crm = Crm({clue: [UNREACHED] for clue in (12, 13, 15, 16, 17)})
    sent = dispatch(tmp_path, range(11, 21), crm.edit, read=crm.read, unread=True, halt={"after_failures": 3})
    assert list(sent.statuses.values())[:7] == ["updated", "failed", "failed", "updated", "failed", "failed", "failed"]
    assert set(list(sent.statuses.values())[7:]) == {"pending"}
    assert sent.halted is not None and sent.halted.key == "halt.failures" and sent.halted.values["rows"] == 3


# --- refused reads, and refused edits


def test_refused_reads_with_one_code_halt_the_run(tmp_path: Path) -> None:
    crm = Crm({clue: [coded(code, "无权限")] for clue, code in {11: 5, 12: 5, 13: 6, 14: 5, 15: 5, 16: 5}.items()})
    sent = dispatch(
        tmp_path, range(11, 20), crm.edit, read=crm.read, unread=True, resolve=becoming({}), halt={"after_rejections": 3}
    )
    assert list(sent.statuses.values()) == ["invalid"] * 6 + ["pending"] * 3
    assert crm.rows == [] and sent.halted is not None
    assert say(sent.halted, "en") == (
        "Stopped: the CRM refused 3 rows in a row for the same reason, the last one: the CRM says (5): 无权限"
    )


def test_a_refused_read_counts_once_however_many_rows_the_clue_has(tmp_path: Path) -> None:
    crm = Crm({11: [GONE], 12: [GONE]})
    sent = dispatch(
        tmp_path,
        [11, 11, 11, 12, 12, 13],
        crm.edit,
        read=crm.read,
        unread=True,
        resolve=becoming({}),
        halt={"after_rejections": 3},
    )
    assert (crm.reads, crm.rows, sent.halted) == ([11, 12, 13], [7], None)
    assert list(sent.statuses.values()) == ["invalid"] * 5 + ["updated"] and sent.dropped == 5


@pytest.mark.parametrize("only_reads", [True, False])
def test_a_read_that_works_starts_the_count_of_refused_reads_again(tmp_path: Path, only_reads: bool) -> None:
    crm = Crm({11: [GONE], 13: [GONE]})
    halt, resolve = {"after_rejections": 2}, becoming({3: Status.UNCHANGED})
    sent = dispatch(
        tmp_path, [11, 12, 13], crm.edit, read=crm.read, unread=True, resolve=resolve, only_reads=only_reads, halt=halt
    )
    assert sent.halted is None


def test_reads_that_work_do_not_hide_that_every_edit_is_refused(tmp_path: Path) -> None:
    crm = Crm(edits={clue: [coded(5, "无权限")] for clue in range(11, 20)})
    sent = dispatch(tmp_path, range(11, 20), crm.edit, read=crm.read, unread=True, halt={"after_rejections": 3})
    assert list(sent.statuses.values()) == ["rejected"] * 3 + ["pending"] * 6
    assert sent.halted is not None and (sent.halted.values["rows"], sent.halted.values["code"]) == (3, "5")


def test_reads_that_work_do_not_hide_that_every_edit_fails(tmp_path: Path) -> None:
    crm = Crm(edits={clue: [LOST] for clue in range(11, 20)})
    sent = dispatch(
        tmp_path, range(11, 20), crm.edit, read=crm.read, unread=True, halt={"after_failures": 3}, rate={"patience": 2}
    )
    assert list(sent.statuses.values()) == ["failed"] * 3 + ["pending"] * 6
    assert sent.halted is not None and sent.halted.key == "halt.crm_down"


def test_edits_that_work_do_not_hide_that_every_read_is_refused(tmp_path: Path) -> None:
    crm = Crm({clue: [GONE] for clue in (12, 14, 16, 18)})
    drafts = {3, 5, 7, 9}
    sent = dispatch(
        tmp_path, range(11, 21), crm.edit, read=crm.read, unread=drafts, resolve=becoming({}), halt={"after_rejections": 3}
    )
    assert list(sent.statuses.values()) == ["updated", "invalid"] * 3 + ["pending"] * 4
    assert sent.halted is not None and sent.halted.values["code"] == "70010"


def test_edits_that_work_do_not_hide_that_every_read_fails(tmp_path: Path) -> None:
    crm = Crm({clue: [LOST] for clue in (12, 14, 16, 18)})
    sent = dispatch(tmp_path, range(11, 21), crm.edit, read=crm.read, unread={3, 5, 7, 9}, halt={"after_failures": 3})
    assert list(sent.statuses.values()) == ["updated", "failed"] * 3 + ["pending"] * 4


def test_a_refused_read_and_a_refused_edit_are_two_things(tmp_path: Path) -> None:
    crm = Crm({12: [coded(5)]}, {11: [coded(5)], 13: [coded(5)]})
    sent = dispatch(
        tmp_path, [11, 12, 13], crm.edit, read=crm.read, unread={3}, resolve=becoming({}), halt={"after_rejections": 3}
    )
    assert sent.halted is None


# --- nothing to send


@pytest.mark.parametrize("concurrency", [1, 4])
def test_rows_with_nothing_to_send_do_not_count_against_the_limit(tmp_path: Path, concurrency: int) -> None:
    crm, resolve = Crm(), becoming(dict.fromkeys(range(2, 7), Status.UNCHANGED))
    sent = dispatch(
        tmp_path,
        range(11, 21),
        crm.edit,
        read=crm.read,
        unread=True,
        resolve=resolve,
        total=2,
        rate={"concurrency": concurrency},
    )
    assert sorted(crm.rows) == [7, 8] and sent.halted is None
    assert list(sent.statuses.values()) == ["unchanged"] * 5 + ["updated"] * 2 + ["pending"] * 3
    assert sent.dropped == 5 and unread(tmp_path, sent.run) == [9, 10, 11]
    told = [event for event in sent.events if isinstance(event, SendProgress)]
    assert told[-1] == SendProgress(7, 7, {"unchanged": 5, "updated": 2}) and all(one.done <= one.total for one in told)


@pytest.mark.parametrize("concurrency", [1, 4])
def test_nor_do_those_that_had_another_row_read_their_clue(tmp_path: Path, concurrency: int) -> None:
    crm, rate = Crm(), {"concurrency": concurrency}
    resolve = becoming({3: Status.UNCHANGED, 4: Status.INVALID})
    clues = [11, 11, 11, 12, 13]
    sent = dispatch(tmp_path, clues, crm.edit, read=crm.read, unread=True, resolve=resolve, total=3, rate=rate)
    assert sorted(crm.rows) == [2, 5, 6]
    assert list(sent.statuses.values()) == ["updated", "unchanged", "invalid", "updated", "updated"]


def test_a_row_beyond_the_limit_that_is_dropped_makes_room_for_no_other(tmp_path: Path) -> None:
    crm, resolve = Crm(), becoming({4: Status.UNCHANGED})
    sent = dispatch(tmp_path, [11, 12, 11, 13], crm.edit, read=crm.read, unread=True, resolve=resolve, total=2)
    assert crm.rows == [2, 3] and list(sent.statuses.values()) == ["updated", "updated", "unchanged", "pending"]


def test_a_run_in_which_nothing_has_changed_ends(tmp_path: Path) -> None:
    crm, rows = Crm(), range(2, 2 + WINDOW * 2)
    resolve = becoming(dict.fromkeys(rows, Status.UNCHANGED))
    sent = dispatch(
        tmp_path,
        [100 + row % 50 for row in rows],
        crm.edit,
        read=crm.read,
        unread=True,
        resolve=resolve,
        rate={"concurrency": 4},
    )
    assert (len(crm.reads), crm.rows, sent.halted, sent.dropped) == (50, [], None, len(rows))
    assert set(sent.statuses.values()) == {"unchanged"}


def test_a_row_that_is_split_is_not_counted_twice(tmp_path: Path) -> None:
    crm = Crm()

    def resolve(drafts: Sequence[Draft], edit: Edit, reply: Reply, shown: bool) -> list[Resolved]:
        (one,) = drafts
        split = Resolved(one.row + 1, Status.CONFLICT, fields=("gender",), split=True)
        return (
            [split, Resolved(one.row, Status.PENDING, one.body, one.fields)]
            if one.row == 3
            else [Resolved(one.row, Status.PENDING, one.body, one.fields)]
        )

    sent = dispatch(tmp_path, [11, 12], crm.edit, read=crm.read, unread=True, resolve=resolve)
    assert sent.statuses == {2: "updated", 3: "updated", 4: "conflict"} and sent.dropped == 0


# --- stops


@pytest.mark.parametrize("reply", [LOST, http(503), http(429)], ids=["lost", "503", "too fast"])
def test_a_stop_during_a_read_leaves_the_row_pending_and_unread(tmp_path: Path, reply: Reply) -> None:
    stop, crm = Stop(), Crm({11: [reply, RECORD]})

    def read(clue: int) -> Reply:
        stop.ask()
        return crm.read(clue)

    sent = dispatch(tmp_path, [11, 11, 12], crm.edit, read=read, unread=True, stop=stop)
    assert (crm.log, set(sent.statuses.values()), sent.halted) == ([("read", 11)], {"pending"}, Message("halt.asked"))
    assert unread(tmp_path, sent.run) == [2, 3, 4] and sent.records[0].attempts == 0
    assert reads_of(tmp_path, sent.run) == {2: 1}, "it counts towards the rate all the same"


def test_a_stop_after_a_read_leaves_the_row_pending_and_read(tmp_path: Path) -> None:
    stop, crm = Stop(), Crm()

    def read(clue: int) -> Reply:
        stop.ask()
        return crm.read(clue)

    sent = dispatch(
        tmp_path, [11, 11, 12], crm.edit, read=read, unread=True, stop=stop, resolve=becoming({3: Status.UNCHANGED})
    )
    assert (crm.log, sent.halted) == ([("read", 11)], Message("halt.asked"))
    assert (list(sent.statuses.values()), unread(tmp_path, sent.run)) == (["pending", "unchanged", "pending"], [4])
    later = dispatch(tmp_path, [11] * 2, crm.edit, run=sent.run, read=crm.read)
    assert crm.log[1:] == [("edit", 2), ("read", 12), ("edit", 4)]
    assert list(later.statuses.values()) == ["updated", "unchanged", "updated"]


@pytest.mark.parametrize("late", [RECORD, LOST, GONE], ids=["a record", "lost", "refused"])
def test_asking_twice_does_not_wait_for_a_read_and_what_comes_back_late_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, late: Reply
) -> None:
    late_one, crm = Late(monkeypatch), Crm({11: [late]})

    def read(clue: int) -> Reply:
        late_one.arrives()
        return crm.read(clue)

    sent = dispatch(
        tmp_path,
        [11, 12],
        crm.edit,
        read=read,
        unread=True,
        stop=late_one.stop,
        on_event=late_one.on_event,
        resolve=becoming({2: Status.UNCHANGED}),
    )
    assert (set(sent.statuses.values()), sent.halted) == ({"pending"}, Message("halt.asked"))
    assert unread(tmp_path, sent.run) == [2, 3]
    assert (crm.rows, senders(), [record.attempts for record in sent.records]) == ([], [], [0, 0])


# --- permits, and errors that are bugs


def test_every_read_has_a_permit_of_its_own(tmp_path: Path) -> None:
    pace = CountingPace()
    crm = Crm({11: [LOST, RECORD], 12: [http(429), RECORD], 13: [UNREACHED], 14: [GONE]}, {11: [LOST, CONFIRMED]})
    sent = dispatch(tmp_path, [11, 11, 12, 13, 14, 15], crm.edit, read=crm.read, unread=True, pace=pace, resolve=becoming({}))
    assert list(sent.statuses.values()) == ["updated", "updated", "updated", "failed", "invalid", "updated"]
    assert (len(crm.reads), len(crm.rows)) == (2 + 2 + 2 + 1 + 1, 2 + 1 + 1 + 1)
    assert pace.permits == len(crm.log)
    found = reads_of(tmp_path, sent.run)
    assert found == {2: 2, 4: 2, 5: 2, 6: 1, 7: 1}, "and the journal knows of it"
    assert sum(record.attempts for record in sent.records) == len(crm.rows)


@pytest.mark.parametrize("where", ["read", "resolve"])
def test_an_exception_while_a_clue_is_read_comes_out_and_leaves_no_thread(tmp_path: Path, where: str) -> None:
    crm = Script()

    def broken(*_: object) -> Reply:
        raise ZeroDivisionError("a bug")

    with pytest.raises(ZeroDivisionError, match="a bug"):
        dispatch(tmp_path, [11, 12, 12], crm, unread=True, rate={"concurrency": 2}, **{where: broken})  # type: ignore[arg-type]
    assert senders() == [] and crm.rows == []
