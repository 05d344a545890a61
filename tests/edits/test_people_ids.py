"""Ids of owners, operators and tags: what can be none makes its row invalid, with a table or without (guide: rules)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from payloads.rows import CLUE, DEFAULTS, one, read
from support import jobs
from support.crm import Crm

import batch_editor
from batch_editor import Settings, load_edits
from batch_editor.cell_values import Cell
from batch_editor.errors import SettingsError
from batch_editor.messages import say

OWNER, OTHER = "wovvCXcAAAT_dzekbq54K27FeMRBQJ2Q", "wovvCXcAAAFa-yRtEAUjgQCyjqN9TJ7A"
LONG = "1591005280874161219"
NO_IDS = [
    *(
        "李伟",
        "li wei",
        "13800138000",
        "+86 13800138000",
        "同上",
        "〃",
        "无",
        "-",
        "li@example.com",
        "wo1",
        "0012",
        "BQ",
        "x" * 19,
    ),
    *(
        f"{OWNER}|{OTHER}",
        f"{OWNER}/{OTHER}",
        f"{OWNER} {OTHER}",
        f"[{OWNER}]",
        f"（{OWNER}）",
        f"李伟({OWNER})",
        f"{OWNER}.",
        "1" * 15,
        "13800138000-13900139000",
        "2026-11-01_2026-11-30",
        "-" * 20,
    ),
]
COLUMNS = ("follow_user_id", "user_id", "label", "business_tag_ids")


def refusals(key: str, cell: Cell, **settings: Any) -> list[str]:
    """The keys of what is wrong with a row that has this cell, and something to change."""
    found = read(["clue_id", key, "remark"], [CLUE, cell, "x"], **settings)
    assert all(say(plan.problems[0].message, lang) for plan in found.plans if plan for lang in ("en", "zh") if plan.problems)
    return [reason for _, reason in found.problems]


@pytest.mark.parametrize("key", COLUMNS)
@pytest.mark.parametrize("cell", NO_IDS)
def test_what_can_be_no_id_makes_its_row_invalid(key: str, cell: str) -> None:
    kind = "person" if key.endswith("user_id") else "tag"
    assert refusals(key, cell) == [f"cell.not_{kind}"]
    assert refusals(key, cell, ids={"people": "any"}) == []
    assert refusals(key, cell, lookups={key: {"王芳": LONG}}) in (["cell.unknown"], ["cell.unknown_near"])


@pytest.mark.parametrize("key", COLUMNS)
@pytest.mark.parametrize(
    "cell", [OWNER, LONG, "1" * 16, "a" * 20, f"'{OWNER}", f'="{OWNER}"', "ｗｏｖｖＣＸｃＡＡＡＴ＿ｄｚｅｋｂｑ５４Ｋ２７"]
)
def test_an_id_is_sent(key: str, cell: str) -> None:
    (body,) = read(["clue_id", key, "remark"], [CLUE, cell, "x"]).bodies
    assert body[key] in (OWNER, LONG, "1" * 16, "a" * 20, "wovvCXcAAAT_dzekbq54K27")


def test_one_tag_that_is_none_among_others_is_named() -> None:
    (plan,) = one("label", f"{OWNER}、重点客户、{OTHER}").plans
    assert (
        plan is not None
        and "重点客户" in say(plan.problems[0].message, "zh")
        and OWNER not in say(plan.problems[0].message, "zh")
    )


def test_a_context_column_is_sent_as_well_and_must_hold_an_id() -> None:
    assert refusals("follow_user_id", "李伟", context_columns=["follow_user_id"]) == ["cell.not_person"]


@pytest.mark.parametrize("key", ["user_id", "follow_user_id"])
def test_a_default_that_can_be_no_id_is_an_error_of_the_settings(key: str) -> None:
    with pytest.raises(SettingsError, match=r"defaults: .*must be the id of an employee.*lookups"):
        one("remark", "x", defaults=DEFAULTS | {key: "张三"})
    assert one("remark", "x", defaults=DEFAULTS | {key: "张三"}, ids={"people": "any"}).statuses == ["pending"]


def test_a_frame_is_judged_the_same() -> None:
    frame = pd.DataFrame({"线索ID": [1, 2, 3], "跟进人ID": ["李伟", OWNER, None], "标签": [None, ["重点"], [OWNER, OTHER]]})
    found = load_edits(frame, Settings(defaults=jobs.DEFAULTS))
    assert [problem.message.key for problem in found.problems] == ["cell.not_person", "cell.not_tag"]
    assert f'"label":"{OWNER},{OTHER}"' in found.edits[0].body


def test_an_id_of_a_table_may_be_short(tmp_path: Path) -> None:
    (tmp_path / "owners.csv").write_text("姓名,成员ID\n李伟,lw01\n", encoding="utf-8")
    table = {"file": str(tmp_path / "owners.csv"), "name": "姓名", "id": "成员ID"}
    with Crm() as crm:
        settings = jobs.settings(tmp_path, crm.url, lookups={"follow_user_id": table, "label": {"重点": "t1"}})
        settings = settings.model_copy(update={"defaults": jobs.DEFAULTS | {"follow_user_id": "李伟"}})
        sheet = jobs.text_file(tmp_path / "a.csv", "clue_id,follow_user_id,label\n11,李伟,重点\n12,lw01,t1\n")
        assert batch_editor.run(sheet, settings).counts["updated"] == 2
