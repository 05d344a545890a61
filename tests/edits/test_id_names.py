"""What ids are called: by the tables and options of the settings, then by what the CRM shows beside them."""

from __future__ import annotations

from typing import Any

import pytest
from support.rules import row_rules

from batch_editor.edits.clue_record import as_text
from batch_editor.edits.id_names import id_names
from batch_editor.settings.row_rules import RowRules

TABLES: dict[str, Any] = {
    "lookups": {
        "follow_user_id": {"李伟": "wo-1", "小李": "wo-1", "王芳": "wo-2"},
        "user_id": {"赵敏": "wo-3", "别名": "wo-1"},
        "clue_pool_id": {"公海": "7"},
        "label": {"小学": "et-1", "中学": "et-2"},
    },
    "custom_fields": {
        "mf_one": {"type": "single", "ids": "integer", "options": {"高": "31", "很高": "31"}},
        "mf_path": {"type": "cascade", "options": {"一": "51", "一/其他": "52", "二": "53", "二/其他": "54"}},
    },
}


@pytest.mark.parametrize(
    ("key", "value", "shown", "wanted"),
    [
        ("follow_user_id", "wo-1", {}, "李伟"),  # the first of its names
        ("follow_user_id", "wo-3", {}, "赵敏"),  # people are people, whichever table names them
        ("follow_user_id", "wo-9", {}, "wo-9"),
        ("clue_pool_id", 7, {"clue_pool_id": {"7": "默认线索池"}}, "公海"),  # what the settings say comes first
        ("clue_pool_id", 8, {"clue_pool_id": {"8": "默认线索池"}}, "默认线索池"),
        ("label", "et-2,et-9,et-1", {"label": {"et-9": "大学"}}, "中学, 大学, 小学"),
        ("mf_one", 31, {}, "高"),
        ("mf_one", 32, {"mf_one": {"32": "低"}}, "低"),
        ("mf_path", ["53", "54"], {}, "二 / 其他"),  # told apart by what stands before it
        ("gender", "1", {}, "女"),
        ("remark", "wo-1", {}, "wo-1"),
    ],
)
def test_an_id_is_shown_by_its_name(key: str, value: Any, shown: Any, wanted: str) -> None:
    rules = row_rules(**TABLES)
    assert as_text(key, value, rules, id_names(rules, [shown])) == wanted


def test_ids_of_one_name_are_told_apart() -> None:
    rules = RowRules(lookups={"clue_pool_id": {"公海": ["7", "8"], "私海": "9"}})  # as the CRM itself names its pools
    names = id_names(rules, [{"clue_pool_id": {"10": "私海 ", "11": "Ｘ"}}, {"clue_pool_id": {"12": "x"}}])
    assert [as_text("clue_pool_id", number, rules, names) for number in range(7, 14)] == [
        "公海 (7)",
        "公海 (8)",
        "私海 (9)",
        "私海  (10)",
        "Ｘ (11)",
        "x (12)",
        "13",
    ]
