"""What a pass comes to: the worst of what became of its sheets, with the word for that."""

from __future__ import annotations

from itertools import permutations

import pytest

from batch_editor.errors import CrmDown, Refused, SettingsError, UnderWay
from batch_editor.inbox.outcomes import Handled, Pass

OF_CODES = {
    0: Handled("a.csv"),
    1: Handled("b.csv", unmoved=SettingsError("inbox.no_room", folder="x", reason="y")),
    2: Handled("c.csv", error=Refused("headings.no_clue_column")),
    3: Handled("d.csv", error=CrmDown("halt.crm_down")),
    4: Handled("e.csv", error=UnderWay("run.under_way", run="x")),
}
WORDS = {0: None, 1: "not_moved", 2: "headings", 3: "crm_down", 4: "under_way"}


@pytest.mark.parametrize("codes", [*permutations(range(5), 2)])
def test_a_pass_ends_with_the_worst_of_its_sheets_and_the_word_for_it(codes: tuple[int, int]) -> None:
    outcome = Pass([OF_CODES[code] for code in codes])
    assert (outcome.exit_code, outcome.reason) == (max(codes), WORDS[max(codes)])


@pytest.mark.parametrize("code", range(5))
def test_what_is_about_the_pass_itself_counts_as_well(code: int) -> None:
    outcome = Pass([OF_CODES[code]], error=Refused("inbox.gone", path="x"))
    assert (outcome.exit_code, outcome.reason) == (max(code, 2), "inbox" if code <= 2 else WORDS[code])


@pytest.mark.parametrize(
    ("code", "expected"), [(0, (3, "until")), (1, (3, "until")), (2, (2, "headings")), (3, (3, "crm_down"))]
)
def test_a_pass_that_ended_early_has_stopped_unless_something_worse_happened(code: int, expected: tuple[int, str]) -> None:
    outcome = Pass([OF_CODES[code]], stopped=True, why_stopped="until")
    assert (outcome.exit_code, outcome.reason) == expected
