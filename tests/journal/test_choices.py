"""What people have chosen once and find again."""

from __future__ import annotations

from pathlib import Path

from batch_editor.journal.journal import Journal
from batch_editor.journal.server import Server


def test_a_choice_is_found_again_by_its_app_and_kind(address: Path | Server) -> None:
    with Journal(address) as journal:
        journal.choices("app").keep("value", "gender\n先生", "男", person="小王")
        journal.choices("other").keep("value", "gender\n先生", "女")
    with Journal(address) as journal:
        choice = journal.choices("app").find("value", "gender\n先生")
        assert choice and (choice.value, choice.person) == ("男", "小王") and choice.time
        assert journal.choices("app").find("columns", "gender\n先生") is None


def test_a_choice_takes_the_place_of_the_one_before_and_is_forgotten(address: Path | Server) -> None:
    with Journal(address) as journal:
        choices = journal.choices("app")
        choices.keep("columns", "digest", {"序号": None, "老师": "follow_user_id"})
        choices.keep("columns", "digest", {"序号": None}, person="小李")
        choices.keep("columns", "other", {})
        assert {choice.name: choice.value for choice in choices.all("columns")} == {"digest": {"序号": None}, "other": {}}
        choices.forget("columns", "digest")
        assert [choice.name for choice in choices.all("columns")] == ["other"]


def test_half_of_a_character_can_be_kept(address: Path | Server) -> None:
    with Journal(address) as journal:
        journal.choices("app").keep("value", "remark\n\ud83d", "\ud83d")
        assert [choice.value for choice in journal.choices("app").all("value")] == ["\ud83d"]
