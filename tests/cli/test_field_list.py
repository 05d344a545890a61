"""The command ``fields``: what it lists is what a sheet may hold by the settings, in both languages, in 80 columns, as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.commands import Commands
from support.reference import CJK

from batch_editor import Settings
from batch_editor.edits.headings import Names
from batch_editor.fields import FIELDS
from batch_editor.messages.widths import width

#: More of them than one line holds.
OPTIONS = {"A类": "101", "B类": "102"} | {f"第{number}种行业客户": str(number) for number in range(200, 208)}
SETTINGS: dict[str, Any] = {
    "defaults": {"user_id": "wovvCXcAAAT_dzekbq48K27FeMRBQJ1Q"},
    "context_columns": ["clue_name", "手机型号"],
    "columns": {"客户备注": "remark"},
    "ignore_columns": ["邮箱"],
    "custom_fields": {
        "mf_clue_51": {"title": "客户等级", "type": "single", "options": OPTIONS},
        "mf_clue_52": {"title": "意向", "type": "multiple", "required": True},
    },
    "lookups": {"clue_pool_id": {"公海一": "1591005280874161218"}},
    "clear_marker": "DEL",
}


def listed(folder: Path, **over: Any) -> dict[str, dict[str, Any]]:
    command = Commands(folder)
    command.configure(**SETTINGS | over)
    done = command("fields", "--json")
    assert done.code == 0 and done.err == ""
    return {field["key"]: field for field in done.json["fields"]}


def test_every_field_is_listed_with_headings_that_name_it(tmp_path: Path) -> None:
    found, names = listed(tmp_path), Names(Settings(**SETTINGS).row_rules)
    assert list(found) == [*(field.key for field in FIELDS if field.key != "email"), "mf_clue_51", "mf_clue_52", None]
    for key, field in found.items():
        for heading in field["headings"]:
            named = names.field(heading)
            assert (named.key if named else None) == key
    assert found["remark"]["headings"] == ["描述", "备注", "remark", "客户备注"]
    assert found["mf_clue_51"]["headings"] == ["客户等级", "mf_clue_51"]


def test_what_a_cell_takes_and_a_blank_means_is_told_by_the_settings(tmp_path: Path) -> None:
    found = listed(tmp_path)
    of = {key: (one["required"], one["default"], one["changes"], one["clearable"]) for key, one in found.items() if key}
    assert of["clue_id"] == (True, None, False, False) and of["clue_name"] == (True, None, False, False)
    assert of["user_id"] == (True, SETTINGS["defaults"]["user_id"], False, False)
    assert of["remark"] == (False, None, True, True) and of["mf_clue_52"] == (True, None, True, False)
    assert found["mf_clue_51"]["options"] == OPTIONS and found["mf_clue_51"]["custom"]
    assert found["clue_pool_id"]["choices"] == ["公海一"] and found["gender"]["choices"] == ["男", "女"]
    assert [key for key, one in found.items() if one.get("replaces_all")] == ["label", "business_tag_ids"]
    assert listed(tmp_path, fill=True)["follow_user_id"]["blank"] == "Blank: it is taken from the CRM."


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_list_fits_80_columns_and_speaks_one_language(lang: str, tmp_path: Path) -> None:
    command = Commands(tmp_path)
    command.configure(**SETTINGS)
    done = command("fields", "--lang", lang)
    lines = done.out.splitlines()
    assert done.code == 0 and max(map(width, lines)) <= 80
    assert "描述 (remark)" in lines and "客户等级 (mf_clue_51)" in lines and "手机型号" in lines
    assert any("DEL" in line for line in lines) and any("A类、B类" in line for line in lines)
    assert ("    Also called: 备注、客户备注" if lang == "en" else "    也可以写作：备注、客户备注") in lines
    if lang == "zh":
        told = [line for line in lines if line.startswith("    ") and "示例" not in line]
        assert all(CJK.search(line) for line in told)


def test_the_settings_that_are_not_there_are_told(tmp_path: Path) -> None:
    command = Commands(tmp_path)
    (tmp_path / "config.yaml").rename(tmp_path / "config.yaml.txt")
    done = command("fields")
    assert done.code == 0 and "config.yaml.txt is there" in done.err and "线索ID (clue_id)" in done.out
