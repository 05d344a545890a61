"""What a run would do, in numbers, and the guards that stop it before its first call."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import jobs
from support.crm import Crm

import batch_editor
from batch_editor.cli.preview_text import preview_lines
from batch_editor.crm.pace import duration
from batch_editor.errors import GuardTripped, Refused
from batch_editor.messages import say
from batch_editor.messages.time import spoken
from batch_editor.model import Limit
from batch_editor.runs.preview import Preview

HEAD = "clue_id,follow_user_id,remark,label,address\n"
MIXED = HEAD + "11,,a,,\n12,wo-2,#CLEAR,t1,\n13,wo-3,b,,#CLEAR\n14,,,,\nbad,,c,,\n11,,d,,\n11,,,t2,\n"


def previewed(folder: Path, text: str, limit: int | None = None, **over: object) -> Preview:
    edits = jobs.text_file(folder / "edits.csv", text)
    return batch_editor.check(edits, jobs.settings(folder, **over), limit=limit).preview


def lines(preview: Preview, lang: str = "en") -> list[str]:
    return [say(message, lang) for message in preview_lines(preview)]  # type: ignore[arg-type]


def test_a_preview_counts_rows_fields_and_what_is_irreversible(tmp_path: Path) -> None:
    preview = previewed(tmp_path, MIXED)
    assert preview.rows == 7 and preview.calls == 5
    assert preview.counts.statuses == {"pending": 5, "skipped": 1, "invalid": 1}
    assert preview.counts.sets == {"remark": 3, "follow_user_id": 2, "label": 2}
    assert preview.counts.clears == {"remark": 1, "address": 1}
    assert preview.counts.reassigned == 2
    assert (preview.repeated_clues, preview.repeated) == (1, [(11, [2, 7, 8])])
    assert [(problem.row, problem.field) for problem in preview.counts.problems] == [(6, "clue_id")]


def test_a_row_whose_tags_are_all_replaced_counts_once(tmp_path: Path) -> None:
    preview = previewed(tmp_path, "clue_id,label,business_tag_ids,remark\n11,t1,b1,\n12,,#CLEAR,\n13,,,x\n")
    assert preview.counts.retagged == 2 and "REPLACES ALL TAGS of a clue in 2 rows" in lines(preview)


@pytest.mark.parametrize(
    ("row", "harmless"), [("11,wo,,", False), ("11,,#CLEAR,", False), ("11,,,t1", False), ("11,,x,", True), ("11,,,", True)]
)
def test_what_is_harmless(tmp_path: Path, row: str, harmless: bool) -> None:
    assert previewed(tmp_path, f"clue_id,follow_user_id,remark,label\n{row}\n").is_harmless is harmless


def test_rows_beyond_the_limit_are_told(tmp_path: Path) -> None:
    assert "Not sent, beyond --limit: 3 rows" in lines(previewed(tmp_path, MIXED, limit=2))


def test_what_is_irreversible_stands_before_what_is_not(tmp_path: Path) -> None:
    told = lines(previewed(tmp_path, MIXED))
    assert told[0] == "To: http://127.0.0.1:1 (app: that of the access token)"
    assert told[1].endswith("edits.csv, 7 rows") and told[2].startswith("Edits to send: 5, to 3 clues, which takes ")
    starts = ["CLEARS 2 cells:\n", "SETS OWNER OR POOL in 2 rows", "REPLACES ALL TAGS of a clue in 2 rows", "Sets:\n"]
    assert [line.startswith(start) for line, start in zip(told[3:7], starts, strict=True)] == [True] * 4
    assert told[7].startswith("This run cannot be undone")
    assert told[8:10] == ["Not sent, nothing to edit: 1 row", "Not sent, invalid: 1 row"]
    assert told[10] == "Several rows for 1 clue, sent in sheet order. Clue (rows): 11 (2, 7, 8)"


def test_a_preview_can_be_told_in_chinese(tmp_path: Path) -> None:
    assert "将设置跟进人或线索池：2 行" in lines(previewed(tmp_path, MIXED), "zh")


def test_a_limit_counts_only_what_will_be_sent(tmp_path: Path) -> None:
    preview = previewed(tmp_path, MIXED, limit=2)
    assert (preview.rows, preview.calls) == (7, 2)
    assert (preview.counts.clears, preview.counts.reassigned, preview.counts.sets) == (
        {"remark": 1},
        1,
        {"remark": 1, "follow_user_id": 1, "label": 1},
    )


@pytest.mark.parametrize(
    ("guards", "text", "found"),
    [
        ({"max_rows": 6}, MIXED, "The sheet has 7 rows, more than guards.max_rows allows (6)"),
        ({"min_rows": 8}, MIXED, "The sheet has 7 rows, fewer than guards.min_rows demands (8)"),
        ({"max_clears": 1}, MIXED, "2 cells would be cleared, more than guards.max_clears allows (1)"),
        ({"max_clears": 0}, MIXED, "2 cells would be cleared, more than guards.max_clears allows (0)"),
        ({"max_reassigned": 1}, MIXED, "would be set in 2 rows, more than guards.max_reassigned allows (1)"),
        (
            {"max_invalid_share": 0.1},
            MIXED,
            "A share of 0.1429 of the rows is invalid, more than guards.max_invalid_share allows (0.1)",
        ),
        ({"max_invalid_share": 0}, MIXED, "guards.max_invalid_share allows (0"),
    ],
)
def test_a_guard_stops_a_run_before_its_first_call(tmp_path: Path, guards: dict[str, float], text: str, found: str) -> None:
    with Crm() as crm:
        given = jobs.settings(tmp_path, crm.url, guards=guards)
        with pytest.raises(GuardTripped) as caught:
            batch_editor.run(jobs.text_file(tmp_path / "edits.csv", text), given)
    assert found in str(caught.value) and "Nothing was sent" in str(caught.value)
    assert crm.calls == [] and sorted(path.name for path in tmp_path.iterdir()) == ["edits.csv", "state"]


def test_guards_at_their_limit_let_through(tmp_path: Path) -> None:
    guards = {"max_rows": 7, "min_rows": 7, "max_clears": 2, "max_reassigned": 2, "max_invalid_share": 0.2}
    with Crm() as crm:
        batch_editor.run(jobs.text_file(tmp_path / "edits.csv", MIXED), jobs.settings(tmp_path, crm.url, guards=guards))
    assert len(crm.calls) == 5


def test_duplicates_can_be_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"Of 1 clue there are several rows, .* Clue \(rows\): 11 \(2, 7, 8\)\."):
        previewed(tmp_path, MIXED, duplicates="error")


SECOND, MINUTE = Limit(5, 1.0), Limit(300, 60.0)


@pytest.mark.parametrize(
    ("calls", "limits", "seconds"),
    [
        (0, [SECOND], 0),
        (1, [SECOND], 0),
        (1000, [], 0),
        (6, [SECOND], 1.015),
        (301, [SECOND, MINUTE], 60.9),
        (301, [Limit(50, 1.0), MINUTE], 60),
        (1201, [Limit(50, 1.0), MINUTE], 240),
    ],
)
def test_how_long_it_takes_at_least(calls: int, limits: list[Limit], seconds: float) -> None:
    assert duration(calls, limits) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "a moment"),
        (1.2, "about 2 seconds"),
        (119.5, "about 120 seconds"),
        (121, "about 3 minutes"),
        (7200, "about 2.0 hours"),
        (9000, "about 2.5 hours"),
    ],
)
def test_a_length_of_time_in_words(seconds: float, text: str) -> None:
    assert say(spoken(seconds), "en") == text
