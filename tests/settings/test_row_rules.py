"""The settings by which rows are read, as a type of their own, and as the journal keeps them with a run."""

from __future__ import annotations

import json
from typing import Any

import pytest
from payloads.rows import DEFAULTS

from batch_editor.settings.row_rules import RowRules
from batch_editor.settings.settings import Settings


def test_what_is_made_of_a_row_depends_on_fill_and_not_on_prove() -> None:
    """Of the same sheet, read by other rules, nothing is gone on with."""
    plain, filling, proving = (Settings(**given) for given in ({}, {"fill": True}, {"prove": True}))
    assert plain.row_rules == proving.row_rules != filling.row_rules
    recorded = [RowRules.from_record(settings.for_the_record()) for settings in (plain, filling, proving)]
    assert recorded == [plain.row_rules, filling.row_rules, proving.row_rules]


def test_the_rules_of_an_earlier_run_come_back_from_its_record_and_nothing_else_does() -> None:
    custom = {"mf_1": {"title": "行业", "type": "single", "options": {"甲": "1"}, "ids": "integer", "required": True}}
    rules: dict[str, Any] = {"defaults": DEFAULTS, "columns": {"客户备注": "remark"}, "context_columns": ["邮箱"]}
    rules |= {"ignore_columns": ["x"], "custom_fields": custom, "ids": {"trust_round": True}, "fill": True}
    rules |= {"clear_marker": "DEL", "clear_as": {"text": None}, "birthday_unit": "ms"}
    then = Settings(**rules, lang="zh", retry={"attempts": 2}, guards={"max_rows": 9})
    restored = RowRules.from_record(json.loads(json.dumps(then.for_the_record())))
    assert restored == then.row_rules == Settings(**rules, lang="en", prove=True).row_rules
    now = Settings(lang="en", prove=True)
    assert now.for_the_record() | restored.for_the_record() == Settings(**rules, lang="en", prove=True).for_the_record()


def test_what_an_older_record_lacks_was_off_then() -> None:
    assert RowRules.from_record({}) == Settings(ids={"people": "any"}).row_rules
    assert (
        RowRules.from_record({"ids": {"trust_round": True}}) == Settings(ids={"people": "any", "trust_round": True}).row_rules
    )


def test_the_rules_of_rows_are_settings_and_no_settings_are_rules() -> None:
    """Settings are sent by, rules are read by: neither passes for the other where types are checked."""
    assert RowRules.model_fields.keys() < Settings.model_fields.keys()
    assert not issubclass(Settings, RowRules) and not issubclass(RowRules, Settings)
    for name, value in RowRules():
        assert Settings.model_fields[name].get_default(call_default_factory=True) == value, name


def test_rules_know_their_names_or_are_none() -> None:
    """A table that is still a file, or the CRM's, must not pass for one without names."""
    for table in ("crm", {"file": "names.xlsx", "name": "a", "id": "b"}):
        settings = Settings(lookups={"clue_pool_id": table})
        with pytest.raises(TypeError):
            settings.row_rules  # noqa: B018  # it raises
    several: Any = {"甲": ["1", "2"]}  # as the CRM's pools may have it
    known = Settings().model_copy(update={"lookups": {"clue_pool_id": several}}).row_rules
    assert (
        known.lookups
        == RowRules.from_record(json.loads(json.dumps(known.for_the_record()))).lookups
        == {"clue_pool_id": several}
    )
