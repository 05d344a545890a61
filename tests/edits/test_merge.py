"""What the live record of a clue makes of its rows: fills, drops what is equal, adds to tags, undoes; a pure function."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from support.dispatching import coded, http

from batch_editor import fields
from batch_editor.edits.clue_record import UNREADABLE, parse_record, same_value
from batch_editor.edits.headings import Names
from batch_editor.edits.merge import RecordMerger, place_of
from batch_editor.edits.payload import Payload
from batch_editor.messages import say
from batch_editor.model import Draft, Edit, Message, Problem, Reply, Resolved, Sent, Status
from batch_editor.settings.row_rules import RowRules
from batch_editor.settings.settings import Settings

CLUE = 1539169150405479425
POOL = 1522843564091630593
CUSTOM: dict[str, Any] = {
    "mf_text": {"title": "行业"},
    "mf_one": {"type": "single", "ids": "integer", "choice_shape": "list"},
    "mf_many": {"type": "multiple"},
}
RULES = Settings(custom_fields=CUSTOM).row_rules
#: A clue as clue/info shows it, and what an edit would send of it.
DATA: dict[str, Any] = {
    "clue_id": CLUE,
    "clue_name": "张三",
    "clue_pool_id": POOL,
    "follow_user_id": "wo-owner-of-the-tests",
    "description": "旧",
    "email": "",
    "gender": "男",
    "birthday": 578415600,  # the midnight of 1988-05-01 in Asia/Shanghai, where it was summer time
    "tag_list": [{"tag_id": "a"}, {"tag_id": "b"}],
    "business_tags": [],
    "field_map": {
        "mf_text": "制造",
        "mf_one": [{"name": "一", "id": "71"}],
        "mf_many": [{"id": "1"}, {"id": "2"}],
    },
}
OPERATOR = "wo-operator-of-the-tests"
OWN = {"clue_name": "自己的", "clue_pool_id": 5, "follow_user_id": "wo-own"}
TAGS = ("label", "business_tag_ids")


def draft(
    row: int = 2,
    /,
    cleared: Sequence[str] = (),
    lacks: Sequence[str] = (),
    written: Mapping[str, Any] | None = None,
    rules: RowRules = RULES,
    **listed: Any,
) -> Draft:
    """A row that lists ``listed``, in which only the required fields that it ``lacks`` have no value."""
    names, sent = Names(rules), {"clue_id": CLUE, "user_id": OPERATOR, **OWN}
    sent = {key: value for key, value in sent.items() if key not in lacks} | listed
    assert {*cleared} <= listed.keys() and all(names.by_key(key).editable for key in listed)
    return Draft(row, Payload(sent, tuple(listed)).to_json(), tuple(listed), tuple(cleared), written)


def resolved(
    *drafts: Draft,
    rules: RowRules = RULES,
    data: object = DATA,
    reply: Reply | None = None,
    merger: RecordMerger | None = None,
    **how: Any,
) -> list[Resolved]:
    """What becomes of ``drafts``, of which the last one had the clue read, in a sheet whose clue ids stand in column B."""
    place = place_of("Sheet1", ("备注", "线索ID"), Names(rules))
    edit = Edit(drafts[-1].row, CLUE, drafts[-1].body, unread=True)
    reply, shown = reply or Reply(Sent.YES, 1, 200, 0, "请求成功", data=data), reply is None
    return (merger or RecordMerger(rules, place, **how)).resolve(drafts, edit, reply, shown)


def only(found: Sequence[Resolved]) -> Resolved:
    (one,) = found
    return one


def sent(one: Resolved) -> dict[str, Any]:
    """The values of a row that is to be sent, which lists what it says."""
    assert one.status is Status.PENDING
    listed = json.loads(one.body)["update_specified_fields"]
    assert listed == [*one.fields] != []
    return dict(Payload.from_json(one.body).values)


def statuses(found: Sequence[Resolved]) -> list[str]:
    return [str(one.status) for one in found]


def problem(one: Resolved) -> tuple[str, str, str]:
    """Where an invalid row is said to be wrong, in which field, and why."""
    assert one.status is Status.INVALID and not one.body
    (found,) = one.notes
    assert isinstance(found, Problem) and found.row == one.row
    assert say(found.message, "zh")
    return found.address, found.field, say(found.message, "en")


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in DATA.items() if name not in names}


# --- fill


@pytest.mark.parametrize(
    ("key", "value"),
    [("clue_name", "张三"), ("clue_pool_id", POOL), ("follow_user_id", "wo-owner-of-the-tests"), ("mf_one", [71])],
)
def test_a_required_field_that_a_row_lacks_is_taken_from_the_record_and_not_listed(key: str, value: object) -> None:
    rules = Settings(custom_fields=CUSTOM | {"mf_one": CUSTOM["mf_one"] | {"required": True}}).row_rules
    one = only(resolved(draft(remark="新", lacks=[key], rules=rules), rules=rules))
    assert sent(one) == {"clue_id": CLUE, "user_id": OPERATOR, **OWN, "mf_one": [71], "remark": "新", key: value}
    assert one.fields == ("remark",)


def test_nothing_else_of_the_record_is_sent() -> None:
    assert sent(only(resolved(draft(remark="新", lacks=[*OWN])))).keys() == {*fields.REQUIRED, "remark"}


def test_what_a_row_says_wins_over_the_record() -> None:
    assert sent(only(resolved(draft(remark="新")))) == {"clue_id": CLUE, "user_id": OPERATOR, **OWN, "remark": "新"}
    one = only(resolved(draft(follow_user_id="wo-new", lacks=["clue_name"])))
    assert (sent(one)["follow_user_id"], sent(one)["clue_name"], one.fields) == ("wo-new", "张三", ("follow_user_id",))


@pytest.mark.parametrize(
    ("key", "label"),
    [("clue_name", "线索名称"), ("clue_pool_id", "线索池ID"), ("follow_user_id", "跟进人ID"), ("mf_text", "行业")],
)
@pytest.mark.parametrize("shown", ["missing", "empty", "null"])
def test_a_required_field_of_which_the_record_has_no_value_is_named(key: str, label: str, shown: str) -> None:
    rules = Settings(custom_fields=CUSTOM | {"mf_text": {"title": "行业", "required": True}}).row_rules
    customs: dict[str, Any] = {"mf_text": "制造"}
    data = DATA | {"field_map": customs}
    where = customs if key == "mf_text" else data
    where.pop(key)
    if shown != "missing":
        where[key] = "" if shown == "empty" else None
    one = only(resolved(draft(7, remark="新", lacks=[*OWN], rules=rules), rules=rules, data=data))
    wanted = f"{label} ({key}) is required, and the CRM shows no value for it either; fill it in"
    assert problem(one) == ("Sheet1!B7", key, wanted)


def test_a_required_field_that_is_shown_in_a_way_that_cannot_be_sent_is_named() -> None:
    rules = Settings(custom_fields={"mf_one": CUSTOM["mf_one"] | {"required": True}}).row_rules
    data = DATA | {"field_map": {"mf_one": [{"id": "1"}, {"id": "2"}]}}
    assert problem(only(resolved(draft(remark="新", rules=rules), rules=rules, data=data)))[1] == "mf_one"


def test_all_fields_that_are_lacking_are_named() -> None:
    one = only(resolved(draft(remark="新", lacks=[*OWN]), data=without(*OWN)))
    assert [note.field for note in one.notes if isinstance(note, Problem)] == ["clue_name", "clue_pool_id", "follow_user_id"]


def test_who_edits_is_never_taken_from_the_record() -> None:
    one = only(resolved(draft(remark="新", lacks=["user_id"]), data=DATA | {"user_id": "wo-somebody"}))
    assert problem(one)[:2] == ("Sheet1!B2", "user_id")


def test_place_of_looks_for_the_clue_id_under_any_of_its_names() -> None:
    for headings, wanted in (
        (("clue_id",), "A3"),
        (("", "备注", "* 线索 ID"), "C3"),
        (("备注",), "A3"),
        (("result_status", "客户号"), "B3"),
    ):
        names = Names(Settings(columns={"客户号": "clue_id"}).row_rules)
        assert place_of("", headings, names)(3) == wanted


# --- only what has changed


@pytest.mark.parametrize(
    ("key", "equal", "different"),
    [
        ("remark", "旧", "新"),
        ("clue_name", "张三", "李四"),
        ("clue_pool_id", POOL, POOL + 1),
        ("follow_user_id", "wo-owner-of-the-tests", "wo-other"),
        ("gender", "0", "1"),
        ("birthday", 578419200, 578419200 + 24 * 3600),
        ("label", "b,a", "b"),
        ("mf_text", "制造", "零售"),
        ("mf_one", [71], [72]),
        ("mf_many", ["2", "1"], ["1"]),
    ],
)
def test_a_field_that_has_its_value_already_is_dropped(key: str, equal: object, different: object) -> None:
    """A birthday counts as equal where both are the midnight of one day, each on its clock."""
    assert only(resolved(draft(**{key: equal}), only_changed=True)) == Resolved(2, Status.UNCHANGED)
    one = only(resolved(draft(**{key: different}), only_changed=True))
    assert (one.fields, sent(one)[key]) == ((key,), different)
    both = draft(**{key: equal} | {"address": "浦东"} | ({"clue_corp_name": "公司"}))
    assert only(resolved(both, only_changed=True, data=DATA | {"address": ""})).fields == ("address", "clue_corp_name")
    assert only(resolved(draft(**{key: equal}))).fields == (key,)


def test_a_field_that_is_dropped_is_not_sent() -> None:
    one = only(resolved(draft(remark="旧", gender="1"), only_changed=True))
    assert sent(one) == {"clue_id": CLUE, "user_id": OPERATOR, **OWN, "gender": "1"}


@pytest.mark.parametrize("key", ["email", "business_tag_ids", "mf_other"])
def test_emptying_what_is_empty_changes_nothing(key: str) -> None:
    """A custom field that is not shown is empty, where the others are."""
    assert only(resolved(draft(**{key: "", "cleared": [key]}), only_changed=True)).status is Status.UNCHANGED


@pytest.mark.parametrize(
    ("key", "empty"), [("remark", ""), ("birthday", 0), ("birthday", None), ("mf_many", []), ("label", "")]
)
def test_emptying_what_is_filled_is_a_change(key: str, empty: object) -> None:
    one = only(resolved(draft(**{key: empty, "cleared": [key]}), only_changed=True))
    assert (one.fields, one.cleared, sent(one)[key]) == ((key,), (key,), empty)


def test_emptying_is_by_the_marker_and_not_by_the_value_that_is_sent() -> None:
    """With ``clear_as: {birthday: 0}`` an empty birthday is none, whatever a zero would mean as one."""
    one = only(
        resolved(draft(birthday=0, cleared=["birthday"]), only_changed=True, data=without("birthday") | {"birthday": None})
    )
    assert one.status is Status.UNCHANGED


@pytest.mark.parametrize("key", sorted(UNREADABLE - {"user_id"}))
@pytest.mark.parametrize("cleared", [False, True])
def test_a_field_that_nobody_can_read_is_always_sent(key: str, cleared: bool) -> None:
    """Also where an answer has something of that name: nobody knows what it means."""
    row = draft(remark="旧", **{key: "" if cleared else "1", "cleared": [key] if cleared else []})
    one = only(resolved(row, only_changed=True, data=DATA | {key: "" if cleared else "1"}))
    assert (one.fields, one.before) == ((key,), {})


def test_a_field_that_this_tenant_does_not_show_is_always_sent() -> None:
    assert only(resolved(draft(email="a@b.cn"), only_changed=True, data=without("email"))).fields == ("email",)
    assert only(resolved(draft(mf_text="制造"), only_changed=True, data=without("field_map"))).fields == ("mf_text",)


def test_a_required_field_that_is_equal_is_sent_and_not_listed() -> None:
    one = only(resolved(draft(clue_name="张三", remark="新"), only_changed=True))
    assert (sent(one)["clue_name"], one.fields) == ("张三", ("remark",))


def test_an_unchanged_row_needs_no_required_field() -> None:
    row = draft(remark="旧", lacks=["clue_pool_id"])
    assert only(resolved(row, only_changed=True, data=without("clue_pool_id"))).status is Status.UNCHANGED


def test_back_to_what_it_was_is_a_change_where_an_earlier_row_sets_something_else() -> None:
    found = resolved(draft(2, remark="新"), draft(3, remark="旧"), draft(4, remark="更新"), only_changed=True)
    assert [(one.row, sent(one)["remark"]) for one in found] == [(2, "新"), (3, "旧"), (4, "更新")]


def test_what_the_row_above_leaves_is_not_sent_once_more() -> None:
    """It waits for that row, which may be refused, and is a draft again then."""
    first, second, third = draft(2, remark="新"), draft(3, remark="新"), draft(4, remark="新", gender="1")
    found = resolved(first, second, third, only_changed=True)
    assert statuses(found) == ["pending", "pending", "pending"]
    assert (found[1].body, found[1].fields, found[1].equal, found[1].draft) == ("", (), ("remark",), second)
    assert (found[2].fields, found[2].equal, found[2].draft) == (("gender",), ("remark",), third)
    assert (found[0].draft, resolved(first, second)[1].fields) == (None, ("remark",))


def test_what_is_emptied_twice_is_emptied_once() -> None:
    rules = Settings(clear_as={"remark": None, "mf_text": 0}, custom_fields=CUSTOM).row_rules
    first = draft(2, remark=None, mf_text=0, cleared=["remark", "mf_text"], rules=rules)
    found = resolved(first, replace(first, row=3), rules=rules, only_changed=True)
    assert [one.fields for one in found] == [("remark", "mf_text"), ()]


def test_rows_that_lead_back_to_what_stands_there_are_not_sent() -> None:
    first = draft(2, remark="新", email="a@b.cn")
    found = resolved(draft(1, remark="新"), first, draft(3, remark="旧"), draft(4, remark="旧"), only_changed=True)
    assert statuses(found) == ["unchanged", "pending", "unchanged", "unchanged"]
    assert [one.equal for one in found] == [("remark",)] * 4 and found[1].fields == ("email",)
    assert [say(note, "en") for note in found[0].notes] == [
        "row 3 sets the same clue back to what the CRM shows, so nothing was sent"
    ]
    assert found[2].notes == found[3].notes == () and {one.draft for one in found} == {None}


def test_tags_that_lead_back_are_not_sent_either() -> None:
    rows = [draft(2, label="a"), draft(3, label="a,b", cleared=[])]
    assert statuses(resolved(*rows, only_changed=True)) == ["unchanged", "unchanged"]
    together: dict[str, Any] = {"tags": "add", "only_changed": True, "data": without("tag_list") | {"tag_list": []}}
    assert statuses(resolved(draft(2, label="c"), draft(3, label="", cleared=["label"]), **together)) == ["unchanged"] * 2


def test_a_row_that_is_not_sent_leads_nowhere() -> None:
    """It stays invalid, and the rows around it are compared as if it were not there."""
    data = without("clue_pool_id")
    invalid = draft(3, remark="旧", lacks=["clue_pool_id"])
    found = resolved(draft(2, remark="新"), invalid, draft(4, remark="新"), only_changed=True, data=data)
    assert statuses(found) == ["pending", "invalid", "pending"] and [bool(one.body) for one in found] == [True, False, False]
    back = resolved(draft(2, remark="新"), replace(invalid, row=3), draft(4, remark="旧"), only_changed=True, data=data)
    assert statuses(back) == ["unchanged", "invalid", "unchanged"]


def test_what_may_have_been_set_before_is_sent_whatever_stands_there() -> None:
    tried = replace(draft(2, remark="新"), maybe_applied=True)
    assert [one.fields for one in resolved(tried, draft(3, remark="旧"), draft(4, remark="旧"), only_changed=True)] == [
        ("remark",)
    ] * 3


def test_an_earlier_row_that_sets_nothing_does_not_count() -> None:
    first, unchanged = draft(2, remark="旧", gender="0"), draft(3, remark="旧")
    assert statuses(resolved(first, unchanged, only_changed=True)) == ["unchanged", "unchanged"]
    invalid = draft(2, remark="新", lacks=["clue_pool_id"])
    assert statuses(resolved(invalid, unchanged, only_changed=True, data=without("clue_pool_id"))) == ["invalid", "unchanged"]
    other = draft(2, gender="1", remark="旧")
    assert statuses(resolved(other, unchanged, only_changed=True)) == ["pending", "unchanged"]


# --- tags


@pytest.mark.parametrize(
    ("tags", "given", "wanted"),
    [
        ("add", "c", "a,b,c"),
        ("add", "c,a", "a,b,c"),
        ("add", "d,c,d", "a,b,d,c"),
        ("add", "b,a", "a,b"),
        ("remove", "a", "b"),
        ("remove", "c", "a,b"),
        ("remove", "c,b", "a"),
        (None, "c", "c"),
    ],
)
@pytest.mark.parametrize("key", TAGS)
def test_tags_are_added_and_removed_in_the_order_of_the_clue(tags: str | None, given: str, wanted: str, key: str) -> None:
    data = DATA | {"business_tags": DATA["tag_list"]}
    one = only(resolved(draft(**{key: given, "remark": "新"}), tags=tags, data=data))
    assert (sent(one)[key], sent(one)["remark"], one.fields, one.cleared) == (wanted, "新", (key, "remark"), ())
    assert one.before == {key: "a,b", "remark": "旧"}


def test_the_first_tags_of_a_clue() -> None:
    assert sent(only(resolved(draft(business_tag_ids="c"), tags="add")))["business_tag_ids"] == "c"


@pytest.mark.parametrize(("clear_as", "empty"), [({}, ""), ({"label": None}, None), ({"text": None}, None), ({"label": 0}, 0)])
def test_removing_all_tags_empties_the_field_as_clear_as_says(clear_as: dict[str, Any], empty: object) -> None:
    rules = Settings(clear_as=clear_as).row_rules
    one = only(resolved(draft(label="b,a", rules=rules), rules=rules, tags="remove"))
    assert (sent(one)["label"], one.fields, one.cleared) == (empty, ("label",), ("label",))
    assert type(sent(one)["label"]) is type(empty)


@pytest.mark.parametrize("tags", ["add", "remove"])
@pytest.mark.parametrize("empty", ["", None, 0, []])
def test_the_clear_marker_still_means_none_at_all(tags: str, empty: object) -> None:
    rules = Settings(clear_as={"label": empty}).row_rules
    found = resolved(draft(2, label=empty, cleared=["label"], rules=rules), draft(3, label="a,c"), rules=rules, tags=tags)
    assert (sent(found[0])["label"], found[0].cleared) == (empty, ("label",))
    assert (sent(found[1])["label"], found[1].cleared) == (("a,c", ()) if tags == "add" else (empty, ("label",)))


def test_each_row_of_a_clue_goes_on_from_what_the_one_before_it_leaves() -> None:
    rows = [draft(number, label=tag) for number, tag in enumerate("cdc", 2)]
    assert [sent(one)["label"] for one in resolved(*rows, tags="add")] == ["a,b,c", "a,b,c,d", "a,b,c,d"]
    rows = [draft(2, label="a"), draft(3, remark="新"), draft(4, label="b"), draft(5, label="b")]
    found = resolved(*rows, tags="remove")
    assert [sent(one).get("label") for one in found] == ["b", None, "", ""]
    assert [one.before.get("label") for one in found] == ["a,b", None, "a,b", "a,b"]


def test_what_an_invalid_row_would_have_added_is_not_added_by_the_next_one() -> None:
    found = resolved(
        draft(2, label="secret", lacks=["clue_pool_id"]), draft(3, label="c"), tags="add", data=without("clue_pool_id")
    )
    assert statuses(found) == ["invalid", "pending"]
    assert sent(found[1])["label"] == "a,b,c"


def test_nor_what_a_row_would_have_whose_other_tags_are_not_shown() -> None:
    found = resolved(draft(2, label="c", business_tag_ids="d"), draft(3, label="e"), tags="add", data=without("business_tags"))
    assert statuses(found) == ["invalid", "pending"]
    assert sent(found[1])["label"] == "a,b,e"


@pytest.mark.parametrize("tags", ["add", "remove"])
def test_tags_that_are_not_shown_cannot_be_added_to(tags: str) -> None:
    one = only(resolved(draft(label="c"), tags=tags, data=without("tag_list")))
    assert problem(one) == (
        "Sheet1!B2",
        "label",
        "the CRM does not show 标签 (label) of this clue, so none can be added or removed; without --tags they are replaced",
    )
    assert only(resolved(draft(remark="新"), tags=tags, data=without("tag_list"))).fields == ("remark",)
    assert only(resolved(draft(label="c"), data=without("tag_list"))).fields == ("label",)


def test_tags_and_only_what_has_changed() -> None:
    together: dict[str, Any] = {"tags": "add", "only_changed": True}
    assert only(resolved(draft(label="b,a"), **together)).status is Status.UNCHANGED
    assert only(resolved(draft(label="a", remark="新"), **together)).fields == ("remark",)
    assert sent(only(resolved(draft(label="c", remark="旧"), **together)))["label"] == "a,b,c"
    found = resolved(draft(2, label="c"), draft(3, label="a"), **together)
    assert sent(found[0])["label"] == "a,b,c" and (found[1].status, found[1].body) == (Status.PENDING, "")
    together["tags"] = "remove"
    assert only(resolved(draft(label="c"), **together)).status is Status.UNCHANGED
    assert only(resolved(draft(business_tag_ids="c"), **together)).status is Status.UNCHANGED
    assert only(resolved(draft(label="a,b"), **together)).cleared == ("label",)


# --- what is known from before


def test_before_holds_the_listed_fields_that_are_known_and_no_others() -> None:
    row = draft(remark="新", email="a@b.cn", work_id=1, mf_many=["3"], address="浦东", lacks=[*OWN])
    one = only(resolved(row))
    assert one.fields == ("remark", "email", "work_id", "mf_many", "address")
    assert one.before == {"remark": "旧", "email": None, "mf_many": ["1", "2"]}
    assert only(resolved(draft(remark="旧", gender="1"), only_changed=True)).before == {"gender": "0"}


# --- what cannot be used


@pytest.mark.parametrize(
    ("reply", "code", "reason"),
    [
        (coded(70010, "线索不存在"), "70010", "the CRM says (70010): 线索不存在"),
        (http(404), "HTTP 404", "the CRM says (HTTP 404): "),
    ],
)
def test_a_clue_that_is_refused_makes_all_its_rows_invalid(reply: Reply, code: str, reason: str) -> None:
    found = resolved(draft(2, remark="新"), draft(4, remark="旧"), reply=reply, only_changed=True)
    told = f"nothing was sent, since the clue could not be read: {reason}"
    assert [problem(one) for one in found] == [("Sheet1!B2", "", told), ("Sheet1!B4", "", told)]
    assert [one.code for one in found] == [code, code]


@pytest.mark.parametrize(
    "data",
    [{**DATA, "clue_id": CLUE + 1}, {**DATA, "clue_name": ["张三"]}, {**DATA, "tag_list": "a,b"}, {**DATA, "field_map": [1]}],
    ids=["another clue", "a list for a text", "tags without ids", "a list of custom fields"],
)
def test_a_record_that_is_not_understood_makes_all_rows_invalid(data: dict[str, Any]) -> None:
    """Also where the row does not touch what is not understood: who knows what else is different there."""
    found = resolved(draft(2, remark="新"), draft(4, gender="1"), data=data)
    assert statuses(found) == ["invalid", "invalid"]
    assert [problem(one)[0] for one in found] == ["Sheet1!B2", "Sheet1!B4"]
    assert problem(found[0])[2].startswith("nothing was sent: the CRM ")


def test_a_record_that_is_no_object_is_no_record() -> None:
    assert statuses(resolved(draft(remark="新"), data=[DATA])) == ["invalid"]


# --- the first row that is sent, for its proof


def test_the_first_row_that_is_to_be_sent_is_remembered_with_its_record() -> None:
    merger = RecordMerger(RULES, lambda row: "", only_changed=True)
    resolved(draft(9, remark="新"), draft(10, remark="新"), merger=merger)
    assert merger.first is not None and merger.first[0] == 9
    resolved(draft(2, remark="旧"), draft(5, gender="1"), merger=merger, data=DATA | {"email": "a@b.cn"})
    resolved(draft(7, remark="新"), merger=merger)
    row, live = merger.first
    assert (row, live.value("email"), live.value("label")) == (5, "a@b.cn", "a,b")


# --- undo

#: What the run that is undone wrote: description and gender were 原 and 1 before.
WRITTEN = {"remark": "旧", "gender": "0"}


def undo(force: bool = False, written: Mapping[str, Any] = WRITTEN, data: object = DATA, **back: Any) -> list[Resolved]:
    row = draft(4, written=written, **{"lacks": [*OWN], "remark": "原", "gender": "1"} | back)
    return resolved(row, data=data, force=force)


def test_what_nobody_has_changed_since_is_put_back() -> None:
    one = only(undo())
    live = {"clue_name": "张三", "clue_pool_id": POOL, "follow_user_id": "wo-owner-of-the-tests"}
    assert sent(one) == {"clue_id": CLUE, "user_id": OPERATOR, **live, "remark": "原", "gender": "1"}
    assert (one.row, one.fields, one.cleared, one.split) == (4, ("remark", "gender"), (), False)
    assert one.before == WRITTEN, "so that an undo can be undone"


def test_what_was_empty_is_emptied_again() -> None:
    one = only(undo(remark="", cleared=["remark"]))
    assert (sent(one)["remark"], one.cleared) == ("", ("remark",))


def test_what_somebody_has_changed_since_is_left_alone() -> None:
    one = only(undo(data=DATA | {"description": "别人的", "gender": None}))
    assert (one.row, one.status, one.fields, one.body, one.split) == (4, Status.CONFLICT, ("remark", "gender"), "", False)
    (note,) = one.notes
    assert isinstance(note, Message)
    assert say(note, "en").startswith(
        "left alone, since it is not what the run has set: 描述 (remark), 性别 (gender). Somebody has changed it since, or"
    )


def test_of_a_row_that_was_changed_in_part_the_rest_is_put_back() -> None:
    conflict, rest = undo(data=DATA | {"description": "别人的"})
    assert (conflict.row, conflict.status, conflict.fields, conflict.split) == (5, Status.CONFLICT, ("remark",), True)
    assert (rest.row, rest.fields, rest.split, rest.notes) == (4, ("gender",), False, ())
    assert "remark" not in sent(rest)


def test_what_is_as_before_already_is_unchanged() -> None:
    back = DATA | {"description": "原", "gender": "女"}
    assert only(undo(data=back)) == Resolved(4, Status.UNCHANGED)
    assert only(undo(data=DATA | {"description": "原"})).fields == ("gender",)
    assert only(undo(force=True, data=back)).status is Status.UNCHANGED


def test_what_is_empty_again_already_is_unchanged_however_it_would_be_emptied() -> None:
    row = draft(4, birthday=0, cleared=["birthday"], written={"birthday": 578419200})
    assert only(resolved(row, data=DATA | {"birthday": None})).status is Status.UNCHANGED


def test_a_row_that_is_back_in_part_and_else_changed_is_a_conflict() -> None:
    one = only(undo(data=DATA | {"description": "原", "gender": "未知"}))
    assert (one.row, one.status, one.fields, one.split) == (4, Status.CONFLICT, ("gender",), False)


def test_force_puts_back_over_what_somebody_has_changed() -> None:
    one = only(undo(force=True, data=DATA | {"description": "别人的"}))
    assert (one.fields, sent(one)["remark"]) == (("remark", "gender"), "原")
    assert one.before == {"remark": "别人的", "gender": "0"}


def test_a_field_that_is_no_longer_shown_is_left_alone_unless_forced() -> None:
    assert [one.fields for one in undo(data=without("description"))] == [("remark",), ("gender",)]
    assert only(undo(force=True, data=without("description"))).fields == ("remark", "gender")


def test_tags_are_put_back_whole_whatever_the_order_in_which_they_are_shown() -> None:
    same_tags, others = (draft(4, label="c", lacks=[*OWN], written={"label": tags}) for tags in ("b,a", "b,a,d"))
    assert sent(only(resolved(same_tags)))["label"] == "c"
    assert only(resolved(others)).status is Status.CONFLICT


def test_what_was_emptied_is_filled_again_while_it_is_empty() -> None:
    row = draft(4, email="a@b.cn", remark="原", lacks=[*OWN], written={"email": None, "remark": None})
    conflict, rest = resolved(row)
    assert (conflict.fields, rest.fields, sent(rest)["email"]) == (("remark",), ("email",), "a@b.cn")


def test_an_undo_that_cannot_be_sent_says_why() -> None:
    assert problem(only(undo(data=without("clue_pool_id"))))[:2] == ("Sheet1!B4", "clue_pool_id")


# --- whatever the record and the rows are

_text = st.sampled_from(["", "旧", "新", "a", "b", "a,b", "1", "70"])
_tags = st.lists(st.sampled_from("abcd"), min_size=1, max_size=3, unique=True).map(",".join)
_options = st.lists(st.sampled_from("123"), min_size=1, max_size=2, unique=True)
_VALUES: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(("clue_name", "follow_user_id", "remark", "email", "uin", "mf_text"), _text.filter(bool)),
    **dict.fromkeys(("clue_pool_id", "work_id"), st.integers(0, 3)),
    **dict.fromkeys(TAGS, _tags),
    "gender": st.sampled_from("01"),
    "birthday": st.sampled_from([578415600, 578419200, 578505600]),
    "mf_one": st.sampled_from([[1], [2]]),
    "mf_many": _options,
}
_tag_list = st.lists(st.fixed_dictionaries({"tag_id": st.sampled_from("abcd")}), max_size=3)
_choice = st.lists(st.fixed_dictionaries({"id": st.sampled_from("123")}), max_size=2)
_shown = {
    "clue_name": _text,
    "follow_user_id": _text | st.none(),
    "clue_pool_id": st.integers(0, 3) | st.none(),
    "description": _text,
    "email": _text,
    "uin": _text,
    "tag_list": _tag_list,
    "business_tags": _tag_list | st.fixed_dictionaries({"tag_id": st.just("a")}),
    "gender": st.sampled_from(["男", "女", "未知", ""]),
    "birthday": _VALUES["birthday"] | st.none(),
    "field_map": st.fixed_dictionaries({"mf_one": _choice}, optional={"mf_text": _text, "mf_many": _choice}) | st.none(),
}
records = st.fixed_dictionaries({}, optional=_shown)


@st.composite
def rows(draw: st.DrawFn) -> list[Draft]:
    """Rows of one clue, most of which lack required fields, with any fields, some of which they empty."""
    found = []
    for row in range(2, 2 + draw(st.integers(1, 4))):
        keys = draw(st.lists(st.sampled_from(sorted(_VALUES)), min_size=1, max_size=4, unique=True))
        clearable = [key for key in keys if key not in (*fields.REQUIRED, "mf_one")]
        cleared = [key for key in clearable if draw(st.integers(0, 3)) == 0]
        listed = {key: draw(st.sampled_from(["", None])) if key in cleared else draw(_VALUES[key]) for key in keys}
        lacks = draw(st.lists(st.sampled_from(sorted(OWN)), unique=True))
        found.append(draft(row, cleared=cleared, lacks=lacks, **listed))
    return found


@given(data=records, drafts=rows(), only_changed=st.booleans(), tags=st.sampled_from([None, "add", "remove"]))
@example(
    data={"tag_list": [], "field_map": {"mf_one": [{"id": "1"}]}},
    drafts=[draft(2, label="a", lacks=["clue_pool_id"]), draft(3, label="b")],
    only_changed=False,
    tags="add",
)
@hypothesis_settings(deadline=None, max_examples=3 * hypothesis_settings.default.max_examples)
def test_whatever_the_record_is_nothing_is_sent_that_no_row_asks_for(
    data: dict[str, Any], drafts: list[Draft], only_changed: bool, tags: str | None
) -> None:
    custom = CUSTOM | {"mf_one": CUSTOM["mf_one"] | {"required": True}}
    rules = Settings(custom_fields=custom).row_rules
    found = resolved(*drafts, rules=rules, data=data, only_changed=only_changed, tags=tags)
    live = parse_record(data, CLUE, rules)
    assert [one.row for one in found] == [row.row for row in drafts]
    asked, does = dict(live.values), dict(live.values)  # the clue if all were sent of each row, and as it will be
    for row, one in zip(drafts, found, strict=True):
        given = Payload.from_json(row.body).values
        if one.status is Status.INVALID:
            assert one.notes and not one.body
            continue
        for key in row.fields:
            if tags and key in TAGS and key not in row.cleared:
                had = str(asked[key] or "").split(",") if asked[key] else []
                now = [*had, *(tag for tag in given[key].split(",") if tag not in had)]
                asked[key] = ",".join(now if tags == "add" else [tag for tag in had if tag not in given[key].split(",")])
            else:
                asked[key] = None if key in row.cleared else given[key]
        if one.status is Status.UNCHANGED or not one.body:
            assert only_changed
            continue
        payload, listed = sent(one), [key for key in row.fields if key in one.fields]
        assert listed == [*one.fields]
        assert only_changed or one.fields == row.fields
        assert payload.keys() == {*fields.REQUIRED, "mf_one", *listed}
        for key, value in payload.items():
            if key in listed:
                assert value == given[key] or (tags and key in TAGS)
                does[key] = None if key in one.cleared else value
            else:
                assert value == (given[key] if key in given else does[key]) and value not in (None, "", [])
        assert {*row.cleared} & {*listed} <= {*one.cleared} <= {*listed}
        assert one.before == {key: live.value(key) for key in listed if live.knows(key)}
    for key in asked:
        assert same_value(key, asked[key], does.get(key), rules), "what is left out would have changed nothing"


# --- only what is empty


EMPTY: dict[str, Any] = DATA | {"description": "  ", "birthday": 0, "tag_list": [], "field_map": {"mf_text": ""}}


def test_only_a_field_in_which_nothing_stands_is_set() -> None:
    one = only(resolved(draft(remark="新", email="a@b.cd", gender="1", work_id=7), only_empty=True))
    assert sent(one)["email"] == "a@b.cd" and one.fields == ("email",) and one.before == {"email": None}
    row = draft(remark="新", birthday=5, label="c", mf_text="x", mf_many=["3"])
    assert only(resolved(row, data=EMPTY, only_empty=True)).fields == ("remark", "birthday", "label", "mf_text", "mf_many")
    assert only(resolved(draft(gender="1"), data=DATA | {"gender": "男"}, only_empty=True)).status is Status.UNCHANGED


def test_a_row_of_which_nothing_is_set_says_why() -> None:
    one = only(resolved(draft(remark="新", email="", work_id=7, cleared=("email",)), only_empty=True))
    assert (one.status, one.body, one.equal) == (Status.UNCHANGED, "", ())
    texts = [say(note, "en") for note in one.notes if isinstance(note, Message)]
    assert len(texts) == 3 and "not show" in texts[0] and "工单ID" in texts[0]
    assert "邮箱" in texts[1] and "a value there: 描述" in texts[2]


def test_a_later_row_of_the_clue_sees_what_an_earlier_one_sets() -> None:
    first, second = resolved(draft(2, email="a@b.cd"), draft(3, email="c@d.ef"), only_empty=True)
    assert first.fields == ("email",) and (second.status, second.body, second.equal) == (Status.PENDING, "", ("email",))
    first, second = resolved(draft(2, email="a@b.cd"), draft(3, email="c@d.ef", clue_name="别的"), only_empty=True)
    assert second.status is Status.PENDING and not second.body


def test_what_a_row_may_have_set_itself_is_sent_again_unless_somebody_has_put_something_else_there() -> None:
    before = replace(draft(email="a@b.cd"), maybe_applied=True, before={"email": None})
    for live, fields_sent in (("", ("email",)), ("a@b.cd", ("email",)), ("they@b.cd", ())):
        one = only(resolved(before, data=DATA | {"email": live}, only_empty=True))
        assert one.fields == fields_sent, live
    unknown = replace(draft(email="a@b.cd"), maybe_applied=True)
    assert only(resolved(unknown, data=DATA | {"email": "a@b.cd"}, only_empty=True)).status is Status.UNCHANGED


def test_a_required_value_that_is_not_set_is_not_sent_along_either() -> None:
    one = only(resolved(draft(email="a@b.cd", clue_name="别的", clue_pool_id=9), only_empty=True))
    values = sent(one)
    assert (one.fields, values["clue_name"], values["clue_pool_id"]) == (("email",), "张三", POOL)


def test_a_clue_that_cannot_be_read_is_left_alone_whoever_is_asked() -> None:
    (one,) = resolved(draft(email="a@b.cd"), reply=coded(404), only_empty=True, reads_if_it_can=True)
    assert one.status is Status.INVALID


@given(
    shown=st.fixed_dictionaries(
        {},
        optional={
            "description": st.sampled_from(["", " ", None, "旧", "0"]),
            "email": st.sampled_from(["", None, "x@y.zz"]),
            "gender": st.sampled_from(["男", "女", "未知", "", None]),
            "birthday": st.sampled_from([None, 0, 578415600]),
            "tag_list": st.sampled_from([[], [{"tag_id": "a"}], None]),
            "follow_user_id": st.sampled_from(["", "wo-somebody"]),
            "field_map": st.sampled_from([None, {}, {"mf_text": ""}, {"mf_text": 0}, {"mf_text": {"a": 1}}]),
        },
    ),
    rows=st.lists(
        st.tuples(
            st.dictionaries(
                st.sampled_from(["remark", "email", "gender", "birthday", "label", "work_id", "follow_user_id", "mf_text"]),
                st.booleans(),
                min_size=1,
            ),
            st.booleans(),
        ),
        min_size=1,
        max_size=3,
    ),
    also_changed=st.booleans(),
)
def test_no_value_that_the_crm_shows_is_ever_overwritten(
    shown: dict[str, Any], rows: list[tuple[dict[str, bool], bool]], also_changed: bool
) -> None:
    """Nor one that an earlier row of the clue sets, nor what the CRM does not show; and nothing is emptied."""
    data = {"clue_id": CLUE, "clue_name": "张三", "clue_pool_id": POOL, "follow_user_id": "wo-own"} | shown
    new = {"remark": "新", "email": "n@n.nn", "gender": "1", "birthday": 86400, "label": "n", "work_id": 1}
    new |= {"follow_user_id": "wo-new", "mf_text": "新"}
    drafts = []
    for number, (asked, may_be_there) in enumerate(rows, 2):
        listed = {key: "" if clears and key != "follow_user_id" else new[key] for key, clears in asked.items()}
        cleared = [key for key, clears in asked.items() if clears and key != "follow_user_id"]
        drafts.append(replace(draft(number, cleared, **listed), maybe_applied=may_be_there))
    record = parse_record(data, CLUE, RULES)
    taken = set[str]()
    for one in resolved(*drafts, data=data, only_empty=True, only_changed=also_changed):
        for key in one.fields if one.status is Status.PENDING and one.body else ():
            assert key not in taken and record.knows(key) and key not in one.cleared
            assert record.value(key) in (None, "", " ") or (key, record.value(key)) == ("birthday", 0)
            taken.add(key)
