"""What a whole sheet has shown: notes with their counts, and columns whose ids went through floats (guide: rules)."""

from __future__ import annotations

from batch_editor.cell_values import Row
from batch_editor.edits.columns import Columns
from batch_editor.edits.findings import Findings
from batch_editor.messages import say
from batch_editor.settings.settings import Settings


def findings(*, only_failed: bool = False, trust: bool = False) -> Findings:
    rules = Settings(ids={"trust_round": trust}, clear_marker="DEL").row_rules
    return Findings(Columns("Sheet1", Row(1, ("clue_id", "标签", "备注", "手机号")), rules), rules, only_failed=only_failed)


def test_nothing_but_the_headings_is_noted_of_a_sheet_in_which_nothing_is_odd() -> None:
    assert [note.key for note in findings().notes()] == ["note.read_only"]


def test_each_note_has_its_count() -> None:
    found = findings()
    found.hidden, found.left_out, found.stray_values, found.updated_before = 2, 3, 4, 5
    found.cells.update({"note.numeric_ids": 6, "note.near_markers": 8})
    for kind, number in (("blank_words", 7), ("garbled", 9), ("wrapped", 10), ("formulas", 11), ("short_forms", 12)):
        for text in [*("same text",) * (number - 4), "second", "third", "fourth", "a text of more than twenty characters"]:
            found.note_cell([f"note.{kind}"], text)
    found.repeated_headings += [57, 99]
    notes = {note.key.removeprefix("note."): note.values for note in found.notes()}
    del notes["read_only"]
    assert notes == {
        "hidden_rows": {"rows": 2},
        "left_out": {"rows": 3},
        "numeric_ids": {"cells": 6},
        "empty_heading": {"rows": 4},
        "blank_words": {"cells": 7, "examples": "same text, second, third"},
        "wrapped": {"cells": 10, "examples": "same text, second, third"},
        "formulas": {"cells": 11, "examples": "same text, second, third"},
        "short_forms": {"cells": 12, "examples": "same text, second, third"},
        "repeated_headings": {"rows": 2, "first": 57},
        "near_markers": {"cells": 8, "marker": "DEL"},
        "garbled": {"cells": 9, "examples": "same text, second, third"},
        "updated_before": {"rows": 5},
    }
    assert all(say(note, "zh") for note in found.notes())


def test_that_rows_are_updated_already_is_no_news_to_whoever_asks_for_the_others() -> None:
    found = findings(only_failed=True)
    found.updated_before = 5
    assert [note.key for note in found.notes()] == ["note.read_only"]


def test_columns_of_ids_are_judged_each_by_itself_unless_ids_are_trusted() -> None:
    for trust in (False, True):
        found = findings(trust=trust)
        assert {key for key, one in found.exactness.items() if one.in_floats} == {"clue_id", "label"}
        for number in range(20):
            found.exactness["clue_id"].add((1 << 60) + number * 256)
            found.exactness["label"].add((1 << 60) + number * 256 + 1)
        assert found.refused_doubts() == ({} if trust else {("clue_id", "cell.rounded_column"): None})
