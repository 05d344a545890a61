"""Which runs have set a newer value than that of a row: by the age of its own values, whatever the order of anything else."""

from __future__ import annotations

from typing import Any

import pytest

from batch_editor.journal.journal import Journal
from batch_editor.model import Edit, Outcome, Plan, Status

CLUE = 11


def new_run(journal: Journal, app: str = "", **options: Any) -> str:
    return journal.start(
        base_url="http://127.0.0.1:1",
        app=app,
        source="x.csv",
        sheet="",
        digest="",
        headings=["clue_id"],
        settings={},
        options=options,
    )


def row(
    journal: Journal,
    run: str,
    number: int,
    status: Status = Status.PENDING,
    keys: str = "remark",
    *,
    clue: int = CLUE,
    maybe_applied: bool = False,
    origin: tuple[str, int] | None = None,
    kept_from: tuple[str, int] | None = None,
) -> None:
    """A row of ``run`` and what has become of it; a kept one is that of the run and row ``kept_from``."""
    outcome = Outcome(number, status, "", None, 1, "2026-11-24T09:30:00+08:00", maybe_applied)
    fields = tuple(keys.split(","))
    age = (journal._run_id(origin[0]) if origin[0] else 0, origin[1]) if origin else None
    if kept_from:
        plan = Plan(number, status, (str(clue),), clue, fields=fields, kept=outcome, kept_from=kept_from, origin=age)
    else:
        edit = Edit(number, clue, "{}")
        plan = Plan(number, Status.PENDING, (str(clue),), clue, edit, fields, origin=age)
    journal.of(run).planning.plan([plan])
    if status is Status.SENDING:
        journal.of(run).sending.advance(None, number)
    elif not kept_from and status is not Status.PENDING:
        journal.of(run).sending.advance(outcome, None)


def newer(journal: Journal, run: str) -> dict[int, str]:
    """The rows for which there is something newer; asked of all at once, and of each by itself."""
    of_run = journal.of(run)
    found = dict(of_run.newer_values.of_rows(maybe_applied=True))
    rows = [edit.row for edit in of_run.sending.pending(0, 100, maybe_applied=True)]
    singly = {number: name for number in rows if (name := of_run.newer_values.of_row(number))}
    assert found == singly
    return found


def test_a_later_run_that_has_set_the_field_is_newer(journal: Journal) -> None:
    old, new = new_run(journal), new_run(journal)
    row(journal, old, 2)
    row(journal, old, 3, keys="address,email")
    row(journal, old, 4, clue=12)
    row(journal, new, 2, Status.UPDATED, "email,remark")
    row(journal, new, 3, clue=12)
    assert newer(journal, old) == {2: new, 3: new} and newer(journal, new) == {}


def test_what_was_begun_earlier_is_not_newer_whenever_it_is_sent(journal: Journal) -> None:
    old, new = new_run(journal), new_run(journal)
    row(journal, new, 2)
    row(journal, old, 2, Status.UPDATED)
    assert newer(journal, new) == {}


def test_another_tenant_sets_nothing_here(journal: Journal) -> None:
    old = new_run(journal)
    row(journal, old, 2)
    row(journal, new_run(journal, app="another"), 2, Status.UPDATED)
    assert newer(journal, old) == {}


def test_what_a_run_only_keeps_it_has_not_set(journal: Journal) -> None:
    first, other, second = new_run(journal), new_run(journal), new_run(journal)
    row(journal, first, 2, Status.UPDATED)
    row(journal, other, 2)
    row(journal, second, 2, Status.UPDATED, kept_from=(first, 2))
    assert newer(journal, other) == {}


@pytest.mark.parametrize(
    ("status", "maybe_applied", "is_newer"),
    [
        (Status.SENDING, False, True),
        (Status.FAILED, True, True),
        (Status.REJECTED, True, True),
        (Status.FAILED, False, False),
        (Status.REJECTED, False, False),
        (Status.PENDING, False, False),
    ],
)
def test_what_may_have_been_applied_may_have_set_it(
    journal: Journal, status: Status, maybe_applied: bool, is_newer: bool
) -> None:
    old, new = new_run(journal), new_run(journal)
    row(journal, old, 2)
    row(journal, new, 2, status, maybe_applied=maybe_applied)
    assert newer(journal, old) == ({2: new} if is_newer else {})


def test_values_that_came_in_an_earlier_run_are_as_old_as_that(journal: Journal) -> None:
    first, between, second = new_run(journal), new_run(journal), new_run(journal, only_failed=True)
    row(journal, first, 5, Status.REJECTED)
    row(journal, between, 2, Status.UPDATED)
    row(journal, second, 2, origin=(first, 5))
    row(journal, second, 3)
    row(journal, second, 4, origin=("", 0), clue=12)
    row(journal, between, 3, Status.UPDATED, clue=12)
    assert newer(journal, second) == {2: between, 4: between}, (
        "the values of row 3 came in this run, those of row 4 nobody knows when"
    )


def test_of_the_run_in_which_the_values_came_only_later_rows_are_newer(journal: Journal) -> None:
    first, second = new_run(journal), new_run(journal, only_failed=True)
    row(journal, first, 2, Status.UPDATED)
    row(journal, first, 5, Status.REJECTED)
    row(journal, first, 9, Status.UPDATED, "email")
    row(journal, second, 2, origin=(first, 5))
    row(journal, second, 3, keys="email", origin=(first, 5))
    assert newer(journal, second) == {3: first}


def test_what_was_sent_anew_is_as_old_as_its_values_too(journal: Journal) -> None:
    """Two rows of a clue were refused; the first was mended and sent, and is still older than the second."""
    first, second, third = new_run(journal), *(new_run(journal, only_failed=True) for _ in range(2))
    row(journal, first, 2, Status.REJECTED)
    row(journal, first, 5, Status.REJECTED)
    row(journal, second, 2, Status.UPDATED, origin=(first, 2))
    row(journal, second, 3, Status.REJECTED, origin=(first, 5))
    row(journal, third, 3, origin=(first, 5))
    assert newer(journal, third) == {}
    row(journal, third, 4, origin=(first, 2))
    assert newer(journal, third) == {4: second}, "that very row was sent already"


# --- undone


def test_what_was_undone_is_not_newer_and_neither_is_its_undo(journal: Journal) -> None:
    old, new = new_run(journal), new_run(journal)
    row(journal, old, 2)
    row(journal, old, 3, clue=12)
    row(journal, new, 2, Status.UPDATED)
    row(journal, new, 3, Status.UPDATED, clue=12)
    undo = new_run(journal, undo=new)
    row(journal, undo, 2, Status.UPDATED)
    row(journal, undo, 4, Status.FAILED, clue=12)
    assert newer(journal, old) == {3: new}, "of clue 12 the newer value still stands"


def test_a_field_that_an_undo_has_left_still_stands(journal: Journal) -> None:
    old, new = new_run(journal), new_run(journal)
    row(journal, old, 2, keys="remark,email")
    row(journal, new, 2, Status.UPDATED, "remark,email")
    row(journal, new_run(journal, undo=new), 2, Status.UPDATED, "email")
    assert newer(journal, old) == {2: new}


def test_an_undo_is_newer_than_what_came_after_the_run_that_it_undoes(journal: Journal) -> None:
    undone, other = new_run(journal), new_run(journal)
    row(journal, undone, 2, Status.UPDATED)
    row(journal, other, 2)
    undo = new_run(journal, undo=undone)
    row(journal, undo, 2, Status.UPDATED)
    assert newer(journal, other) == {2: undo}


def test_an_undo_that_was_undone_has_put_nothing_back(journal: Journal) -> None:
    old, new = new_run(journal), new_run(journal)
    row(journal, old, 2)
    row(journal, new, 2, Status.UPDATED)
    undo = new_run(journal, undo=new)
    row(journal, undo, 2, Status.UPDATED)
    row(journal, new_run(journal, undo=undo), 2, Status.UPDATED)
    assert newer(journal, old) == {2: new}
