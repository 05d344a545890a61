"""The catalogue of fields against the reference: its parameters are written here a second time, from the document."""

from __future__ import annotations

import pytest

from batch_editor import fields
from batch_editor.fields import BY_HEADING, BY_KEY, FIELDS, NUMBERS, READ_ONLY_HEADINGS, normal

# parameter → (type, required), from the table of clue/edit; email and coop_mode_type from its sample.
REFERENCE = {
    "clue_id": ("long", True),
    "clue_name": ("string", True),
    "clue_corp_name": ("string", False),
    "clue_pool_id": ("long", True),
    "follow_user_id": ("string", True),
    "label": ("string", False),
    "gender": ("string", False),
    "birthday": ("long", False),
    "email": ("string", False),
    "area": ("string", False),
    "area_code": ("string", False),
    "access_customer_channel": ("string", False),
    "remark": ("string", False),
    "work_id": ("int", False),
    "coop_mode_type": ("string", False),
    "user_id": ("string", True),
    "uin": ("string", False),
    "encrypt_flag": ("int", False),
    "address": ("string", False),
    "business_tag_ids": ("string", False),
}


def test_every_parameter_of_the_reference_is_there_and_no_other() -> None:
    assert BY_KEY.keys() == REFERENCE.keys()
    assert len(FIELDS) == len(REFERENCE)


@pytest.mark.parametrize("key", REFERENCE)
def test_a_field_is_what_the_reference_says(key: str) -> None:
    kind, required = REFERENCE[key]
    field = BY_KEY[key]
    assert field.required == required
    assert (field.kind in NUMBERS) == (kind in ("long", "int"))
    assert field.editable == (key not in ("clue_id", "user_id"))
    assert field.clearable == (not required)
    assert not field.custom


def test_the_required_ones_come_first_in_a_body() -> None:
    assert fields.REQUIRED == ("clue_id", "user_id", "clue_name", "clue_pool_id", "follow_user_id")


def test_no_heading_names_two_fields_and_none_is_both_editable_and_read_only() -> None:
    names = [normal(name) for field in FIELDS for name in {field.key, field.title, *field.synonyms}]
    assert len(names) == len(set(names))
    assert not BY_HEADING.keys() & READ_ONLY_HEADINGS.keys()


@pytest.mark.parametrize(
    "key",
    [
        "mobile_phone",
        "state",
        "clue_pool_name",
        "create_user_id",
        "gmt_create",
        "merge_user_id",
        "recovery_num",
        "recovery_remark",
        "recovery_remark_type",
        "recovery_remark_input_text",
        "tag_list",
        "business_tags",
    ],
)
def test_what_clue_info_shows_and_nobody_can_set_is_read_only(key: str) -> None:
    assert READ_ONLY_HEADINGS[normal(key)] == key


@pytest.mark.parametrize(
    ("heading", "wanted"),
    [
        ("Clue_ID", "clue_id"),
        (" 线索 ID ", "线索id"),
        ("*线索ＩＤ＊", "线索id"),
        ("线索\r\nID", "线索id"),
        ("\ufeff线\u200b索id", "线索id"),
        ("线索\u3000ID*", "线索id"),
        ("", ""),
        ("*", ""),
    ],
)
def test_how_headings_are_compared(heading: str, wanted: str) -> None:
    assert normal(heading) == wanted
