"""The local stand-in of the CRM as one who reads it meets it: lists, odd answers, misbehaving tenants, other people."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator
from typing import Any

import pytest
from support.sandbox_calls import (
    CLUE,
    FULL,
    OTHER,
    POOL,
    REQUIRED,
    TOKEN,
    Reply,
    accepted,
    edit,
    get_token,
    info,
    partial,
    post,
)

from batch_editor.sandbox import INFO_PATH, PAGE_PATH, POOLS_PATH, QUIRK_NAMES, Sandbox
from batch_editor.sandbox import reference as module

THIRD = OTHER + 1
SECOND: dict[str, Any] = {"clue_id": OTHER, "clue_name": "二", "clue_pool_id": POOL + 1, "follow_user_id": "owner-2"}
SECOND |= {"clue_pool_name": "华中池", "label": "tag2,tag3", "state": 4, "gmt_create": 1655801500}
NEWEST: dict[str, Any] = {"clue_id": THIRD, "clue_name": "三", "state": 0, "gmt_create": 1655801510}
THREE = (FULL, SECOND, NEWEST)


@pytest.fixture
def crm() -> Iterator[Sandbox]:
    with Sandbox(THREE, access_token=TOKEN) as running:
        yield running


def page(crm: Sandbox, **filters: Any) -> Any:
    return post(crm, PAGE_PATH, filters).json


def page_of(crm: Sandbox, **filters: Any) -> list[int]:
    answer = page(crm, **filters)
    assert (answer["code"], answer["msg"]) == (0, "请求成功")
    return [row["clue_id"] for row in answer["data"]]


def pools(crm: Sandbox, **filters: Any) -> Any:
    return post(crm, POOLS_PATH, filters).json


# clue/page


def test_page_has_the_documented_fields_in_its_own_spelling(crm: Sandbox) -> None:
    first = page(crm)["data"][0]
    assert first.pop("tag_list") == [{"tagId": "tag1", "tagName": "标签tag1"}, {"tagId": "tag2", "tagName": "标签tag2"}]
    full = info(crm)["data"]
    assert first == {key: full[key] for key in first}
    assert full.keys() - first.keys() == {
        *("tag_list", "merge_user_id", "gender", "birthday", "email", "address", "business_tags")
    }


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, [CLUE, OTHER, THIRD]),
        ({"follow_user_id": "owner-2"}, [OTHER]),
        ({"follow_user_id": "nobody"}, []),
        ({"clue_pool_ids": [POOL]}, [CLUE, THIRD]),
        ({"clue_pool_ids": [POOL, POOL + 1]}, [CLUE, OTHER, THIRD]),
        ({"states": [0, 4]}, [OTHER, THIRD]),
        ({"states": [5]}, []),
        ({"tag_ids": "tag1,tag3"}, [CLUE, OTHER]),
        ({"tag_ids": "tag1,tag3", "tag_relation_type": 1}, [CLUE, OTHER]),
        ({"tag_ids": "tag2,tag3", "tag_relation_type": 2}, [OTHER]),
        ({"tag_relation_type": 3}, [THIRD]),
        ({"start_time": 1655801500000}, [OTHER, THIRD]),
        ({"start_time": 1655801500001}, [THIRD]),
        ({"end_time": 1655801500000}, [CLUE, OTHER]),
        ({"end_time": 1655801499999}, [CLUE]),
        ({"start_time": 1655801497000, "end_time": 1655801509000, "states": [4], "tag_ids": "tag3"}, [OTHER]),
        ({"follow_user_id": "", "clue_pool_ids": [], "states": None, "tag_ids": "", "start_time": None}, [CLUE, OTHER, THIRD]),
        ({"colour": "red", "gender": 1}, [CLUE, OTHER, THIRD]),
        ({"current_index": 1, "page_size": 2}, [CLUE, OTHER]),
        ({"current_index": 2, "page_size": 2}, [THIRD]),
        ({"current_index": 3, "page_size": 2}, []),
        ({"current_index": 2, "page_size": 1, "clue_pool_ids": [POOL]}, [THIRD]),
    ],
)
def test_page_filters(crm: Sandbox, filters: dict[str, Any], expected: list[int]) -> None:
    assert page_of(crm, **filters) == expected


def test_page_shows_what_was_edited(crm: Sandbox) -> None:
    accepted(partial(crm, "follow_user_id", "remark", remark="新"))
    (first, second) = page(crm, follow_user_id="owner-2")["data"]
    assert (first["clue_id"], first["description"], second["clue_id"]) == (CLUE, "新", OTHER)


def test_page_holds_20_unless_told_and_100_at_most() -> None:
    with Sandbox(({"clue_id": number} for number in range(1, 122)), access_token=TOKEN) as crm:
        assert page_of(crm) == list(range(1, 21))
        assert page_of(crm, current_index=2, page_size=100) == list(range(101, 122))
        assert pools(crm)["data"]["records"][0]["clue_num"] == "121"


PAGING_REFUSED: list[tuple[dict[str, Any], int]] = [
    ({"page_size": 101}, module.CODE_BAD_VALUE),
    ({"page_size": 0}, module.CODE_BAD_VALUE),
    ({"current_index": 0}, module.CODE_BAD_VALUE),
    ({"current_index": -1}, module.CODE_BAD_VALUE),
    ({"page_size": "20"}, module.CODE_WRONG_TYPE),
    ({"page_size": 20.0}, module.CODE_WRONG_TYPE),
    ({"current_index": True}, module.CODE_WRONG_TYPE),
]


@pytest.mark.parametrize(
    ("filters", "code"),
    [
        *PAGING_REFUSED,
        ({"tag_relation_type": 0}, module.CODE_BAD_VALUE),
        ({"tag_relation_type": 4}, module.CODE_BAD_VALUE),
        ({"tag_relation_type": "1"}, module.CODE_WRONG_TYPE),
        ({"follow_user_id": 7}, module.CODE_WRONG_TYPE),
        ({"clue_pool_ids": POOL}, module.CODE_WRONG_TYPE),
        ({"clue_pool_ids": [str(POOL)]}, module.CODE_WRONG_TYPE),
        ({"clue_pool_ids": [None]}, module.CODE_WRONG_TYPE),
        ({"states": 1}, module.CODE_WRONG_TYPE),
        ({"states": ["1"]}, module.CODE_WRONG_TYPE),
        ({"tag_ids": ["tag1"]}, module.CODE_WRONG_TYPE),
        ({"start_time": "1655801500000"}, module.CODE_WRONG_TYPE),
        ({"end_time": 1.5}, module.CODE_WRONG_TYPE),
    ],
)
def test_page_refuses(crm: Sandbox, filters: dict[str, Any], code: int) -> None:
    answer = page(crm, **filters)
    assert (answer["code"], answer["data"]) == (code, None)
    assert next(iter(filters)) in answer["msg"]


# cluepool/list


def test_pools_have_the_documented_shape(crm: Sandbox) -> None:
    answer = pools(crm)
    assert (answer["code"], answer["msg"], answer["data"]["total"]) == (0, "请求成功", 2)
    default, other = answer["data"]["records"]
    assert default == {
        "id": POOL,
        "clue_pool_name": "默认线索池",
        "clue_num": "2",
        "recycle_rule_type": 1,
        "is_default_pool": True,
        "main_department": "1",
        "receive_rule": "管理员分配",
        "create_user_id": module.DEFAULT_OWNER,
    }
    assert {key: type(value) for key, value in other.items()} == {key: type(value) for key, value in default.items()}
    assert (other["id"], other["clue_pool_name"], other["clue_num"]) == (POOL + 1, "华中池", "1")
    assert not other["is_default_pool"]


def test_pools_include_those_that_clues_were_moved_to_and_from(crm: Sandbox) -> None:
    accepted(edit(crm, REQUIRED | {"clue_id": OTHER, "clue_pool_id": 5012}))
    records = {record["id"]: record for record in pools(crm)["data"]["records"]}
    assert {pool: record["clue_num"] for pool, record in records.items()} == {POOL: "2", POOL + 1: "0", 5012: "1"}
    assert records[5012]["clue_pool_name"] == info(crm, OTHER)["data"]["clue_pool_name"]


@pytest.mark.parametrize(
    ("filters", "total", "names"),
    [
        ({"clue_pool_name": "华中池"}, 1, ["华中池"]),
        ({"clue_pool_name": "池"}, 2, ["默认线索池", "华中池"]),
        ({"clue_pool_name": "x"}, 0, []),
        ({"clue_pool_name": ""}, 2, ["默认线索池", "华中池"]),
        ({"current_index": 2, "page_size": 1}, 2, ["华中池"]),
        ({"current_index": 3, "page_size": 1}, 2, []),
        ({"page_size": 100, "colour": []}, 2, ["默认线索池", "华中池"]),
    ],
)
def test_pools_filters(crm: Sandbox, filters: dict[str, Any], total: int, names: list[str]) -> None:
    data = pools(crm, **filters)["data"]
    assert (data["total"], [record["clue_pool_name"] for record in data["records"]]) == (total, names)


@pytest.mark.parametrize(("filters", "code"), [*PAGING_REFUSED, ({"clue_pool_name": 5}, module.CODE_WRONG_TYPE)])
def test_pools_refuse(crm: Sandbox, filters: dict[str, Any], code: int) -> None:
    answer = pools(crm, **filters)
    assert (answer["code"], answer["data"]) == (code, None)


@pytest.mark.parametrize("path", [PAGE_PATH, POOLS_PATH])
def test_lists_want_a_token_and_a_json_object(crm: Sandbox, path: str) -> None:
    assert post(crm, path, {}, token="wrong").json["code"] == 10001
    assert post(crm, path, b"[]").json == {"code": module.CODE_BAD_BODY, "msg": "请求体不是 JSON 对象", "data": None}
    assert not any(request.applied for request in crm.requests)


# An answer of clue/info that is not as in the reference


def test_info_lacks_fields() -> None:
    with (
        Sandbox(THREE, access_token=TOKEN) as whole,
        Sandbox(THREE, access_token=TOKEN, info_lacks=["business_tags", "field_map", "gmt_create"]) as crm,
    ):
        full, less = info(whole)["data"], info(crm)["data"]
        assert page(crm) == page(whole)
    assert full.keys() - less.keys() == {"business_tags", "field_map", "gmt_create"}
    assert less.items() <= full.items()


def test_info_has_extra_fields_and_malformed_ones() -> None:
    odd = {"birthday": "1999-09-09", "field_map": [], "business_tags": None, "vip": {"level": 3}}
    with Sandbox(THREE, access_token=TOKEN) as whole, Sandbox(THREE, access_token=TOKEN, info_extra=odd) as crm:
        full, data = info(whole)["data"], info(crm)["data"]
        assert data == full | odd
        assert info(crm, OTHER)["data"]["vip"] == {"level": 3}
        assert page(crm) == page(whole)
        assert crm.clue(CLUE) == FULL


def test_info_lacks_every_field_it_has() -> None:
    with Sandbox(THREE, access_token=TOKEN) as whole:
        names = info(whole)["data"].keys()
    with Sandbox(THREE, access_token=TOKEN, info_lacks=names) as crm:
        assert info(crm)["data"] == {}


@pytest.mark.parametrize("name", ["remark", "mf_clue_1", ""])
def test_info_cannot_lack_what_it_never_had(name: str) -> None:
    with pytest.raises(ValueError, match=f"'{name}'"):
        Sandbox(info_lacks=["gender", name])


# Tenants that do not keep to the reference

BIG = 1539179902926138371  # no double: the nearest ones are ...138368 and ...138624
NEAR = 1539179902926138368


def odd(*quirks: str, **options: Any) -> Sandbox:
    return Sandbox([FULL], access_token=TOKEN, quirks=quirks, **options)


def emptied(*kept: str) -> dict[str, Any]:
    """The clue with every optional field cleared but ``kept``, which have their old values."""
    return {key: value if key in {*kept, *REQUIRED} else None for key, value in FULL.items()} | {"field_map": {}}


def test_ignores_list_edits_everything() -> None:
    with odd("ignores-list") as crm:
        accepted(partial(crm, "remark", remark="新", email="new@example.com", field_map={"level": "低"}))
        stored = emptied() | REQUIRED | {"remark": "新", "email": "new@example.com", "field_map": {"level": "低"}}
        del stored["user_id"]
        assert crm.clue(CLUE) == stored


def test_clears_unsent_sets_the_listed_and_clears_what_is_absent() -> None:
    with odd("clears-unsent") as crm:
        sent = {"mf_clue_1": "x", "mf_clue_52": None}
        accepted(partial(crm, "remark", "mf_clue_52", remark="新", email="new@example.com", address="", field_map=sent))
        assert crm.clue(CLUE) == emptied("email", "address") | {"remark": "新", "field_map": {"mf_clue_1": "旧文本"}}
        accepted(partial(crm, "gender"))
        assert crm.clue(CLUE) == emptied()


def test_rounds_ids_on_their_way_in() -> None:
    custom = {
        "number": BIG,
        "text": str(BIG),
        "list": [BIG, str(BIG), 7],
        "short": "012345678901234",
        "words": "15391799029261383x",
        "sixteen": 2**53 + 1,
    }
    with odd("rounds-ids", choice_custom=custom) as crm:
        accepted(partial(crm, "clue_pool_id", *custom, clue_pool_id=BIG, field_map=custom, user_id=str(BIG)))
        rounded = custom | {"number": NEAR, "text": str(NEAR), "list": [NEAR, str(NEAR), 7], "sixteen": 2**53}
        assert crm.clue(CLUE) == FULL | {"clue_pool_id": NEAR, "field_map": FULL["field_map"] | rounded}
        assert info(crm)["data"]["field_map"]["text"] == [{"name": f"选项{NEAR}", "id": str(NEAR)}]


def test_rounds_ids_only_of_what_is_set() -> None:
    with odd("rounds-ids") as crm:
        accepted(partial(crm, "remark", remark=str(BIG), clue_pool_id=BIG, field_map={"mf_clue_51": BIG}))
        assert crm.clue(CLUE) == FULL | {"remark": str(BIG)}


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        (1655136000, 1655049600),
        (1655136000000, 1655049600000),
        (-1655136000, -1655222400),
        (-1655136000000, -1655222400000),
        (None, None),
    ],
)
def test_shifts_birthdays_by_a_day(sent: int | None, stored: int | None) -> None:
    with odd("shifts-birthdays") as crm:
        accepted(partial(crm, "remark", remark="旧描述", birthday=sent))
        assert crm.clue(CLUE) == FULL
        accepted(partial(crm, "birthday", birthday=sent))
        assert crm.clue(CLUE) == FULL | {"birthday": stored}


def test_no_reading_refuses_to_show_clues_and_takes_edits() -> None:
    with odd("no-reading") as crm:
        for answer in (info(crm), info(crm, OTHER), page(crm)):
            assert (answer["code"], answer["data"]) == (module.CODE_NO_PERMISSION, None)
            assert answer["msg"]
        assert info(crm, token="wrong")["code"] == 10001
        assert pools(crm)["data"]["total"] == 1
        accepted(partial(crm, "remark", remark="新"))
        assert crm.clue(CLUE) == FULL | {"remark": "新"}


def test_quirks_add_up_and_leave_a_refused_edit_alone() -> None:
    with odd("clears-unsent", "shifts-birthdays", "rounds-ids", "ignores-list") as crm:
        refusals = [
            partial(crm, "nonsense", birthday=86400),
            partial(crm, "remark", clue_name=None),
            partial(crm, "birthday", birthday="86400"),
            partial(crm, "remark", gender="2"),
            edit(crm, token="wrong"),
        ]
        assert all(reply.json["data"] is False for reply in refusals)
        assert crm.clue(CLUE) == FULL
        accepted(partial(crm, "remark", birthday=86400, clue_pool_id=BIG))
        stored = emptied() | REQUIRED | {"birthday": 0, "clue_pool_id": NEAR}
        del stored["user_id"]
        assert crm.clue(CLUE) == stored


@pytest.mark.parametrize("quirks", [["ignores-list", "ignores_list"], [""], "no-reading"])
def test_unknown_quirk(quirks: Any) -> None:
    with pytest.raises(ValueError, match="no quirk") as caught:
        Sandbox(quirks=quirks)
    assert all(name in str(caught.value) for name in QUIRK_NAMES)


def test_quirks_are_these() -> None:
    assert set(QUIRK_NAMES) == {"ignores-list", "clears-unsent", "rounds-ids", "shifts-birthdays", "no-reading"}


# Faults that are aimed at reads


def faulty(*faults: str, **options: Any) -> Sandbox:
    return Sandbox(THREE, faults=faults, access_token=TOKEN, **options)


def read(crm: Sandbox, clue_id: int = CLUE) -> Reply:
    return post(crm, INFO_PATH, {"clue_id": clue_id})


def statuses(crm: Sandbox, count: int, clue_id: int = CLUE) -> list[int]:
    return [read(crm, clue_id).status for _ in range(count)]


@pytest.mark.parametrize(
    ("faults", "expected"),
    [
        (["read:500@3"], [200, 200, 500, 200]),
        (["read:500@2-3"], [200, 500, 500, 200]),
        (["read:500*2"], [500, 500, 200, 200]),
        (["read:502@2", "500", "read:503@1-3"], [503, 502, 503, 200]),
        (["read:500@100%"], [500] * 4),
        (["read:500@0%"], [200] * 4),
        ([f"read:500@clue:{CLUE}"], [500] * 4),
        ([f"read:500@clue:{OTHER}"], [200] * 4),
        (["500"], [200] * 4),
    ],
)
def test_read_faults_count_and_hit_reads_of_one_clue(faults: list[str], expected: list[int]) -> None:
    with faulty(*faults) as crm:
        partial(crm, "remark")  # counted by itself
        page(crm)
        assert statuses(crm, 4) == expected


def test_read_faults_hit_nothing_else() -> None:
    with faulty("read:500", "read:lost-before") as crm:
        accepted(partial(crm, "remark", remark="新"))
        assert (page(crm)["code"], pools(crm)["code"], get_token(crm)["code"]) == (0, 0, 0)
        assert statuses(crm, 1) == [500]


def test_read_fault_of_one_clue_and_of_edits_side_by_side() -> None:
    with faulty(f"read:500@clue:{OTHER}*1", "502@2") as crm:
        assert statuses(crm, 2) == [200, 200]
        assert statuses(crm, 2, OTHER) == [500, 200]
        assert [partial(crm, "remark").status for _ in range(3)] == [200, 502, 200]


def test_read_share_is_seeded() -> None:
    def drawn(seed: int) -> list[int]:
        with faulty("read:500@30%", seed=seed) as crm:
            return statuses(crm, 100)

    first = drawn(1)
    assert first == drawn(1) != drawn(2)
    assert 10 <= first.count(500) <= 50


@pytest.mark.parametrize(
    ("fault", "answer"),
    [
        ("read:code=7", (200, 7, None)),
        ("read:data-false", (200, 0, False)),
        ("read:token-expired", (200, 10001, None)),
        ("read:429=1", (429, module.CODE_FAULT, None)),
        ("read:500", (500, module.CODE_FAULT, None)),
    ],
)
def test_read_fault_answers_in_place_of_the_clue(fault: str, answer: tuple[int, int, bool | None]) -> None:
    with faulty(fault) as crm:
        reply = read(crm)
        assert (reply.status, reply.json["code"], reply.json["data"]) == answer
        assert reply.headers["Retry-After"] == ("1" if fault == "read:429=1" else None)
        token_is_dead = page(crm)["code"] == 10001
        assert token_is_dead is (fault == "read:token-expired")


def test_read_fault_that_is_no_answer_of_the_api() -> None:
    with faulty("read:not-json@1", "read:not-object@2", "read:302@3") as crm:
        assert read(crm).body.startswith(b"<html>")
        assert isinstance(read(crm).json, list)
        assert read(crm).headers["Location"] == f"{INFO_PATH}?access_token={TOKEN}"


@pytest.mark.parametrize("fault", ["read:lost-before", "read:lost-after", "read:truncated"])
def test_read_fault_that_loses_the_answer(fault: str) -> None:
    with faulty(fault) as crm:
        expected = http.client.IncompleteRead if fault == "read:truncated" else http.client.RemoteDisconnected
        with pytest.raises(expected):
            read(crm)
        assert [(request.path, request.applied) for request in crm.requests] == [(INFO_PATH, False)]


@pytest.mark.parametrize("fault", ["read:slow=0.05", "read:drip=0.05"])
def test_read_fault_that_only_delays(fault: str) -> None:
    with faulty(fault) as crm:
        start = time.monotonic()
        reply = read(crm)
        assert time.monotonic() - start >= 0.05
        assert reply.body.startswith(b" ") is (fault == "read:drip=0.05")
        assert reply.json["data"]["clue_id"] == CLUE


# Somebody else


def test_change_edits_behind_the_back(crm: Sandbox) -> None:
    crm.change(CLUE, remark="别人", follow_user_id="owner-9", email="", field_map={"mf_clue_1": "x", "mf_clue_52": []})
    custom = {"mf_clue_1": "x", "mf_clue_51": "123465", "level": "高"}
    changed = FULL | {"remark": "别人", "follow_user_id": "owner-9", "email": None, "field_map": custom}
    assert crm.clue(CLUE) == changed
    data = info(crm)["data"]
    assert (data["description"], data["follow_user_id"], data["email"]) == ("别人", "owner-9", None)
    assert [request.path for request in crm.requests] == [INFO_PATH]
    crm.change(CLUE)
    crm.change(CLUE, field_map=None)
    assert crm.clue(CLUE) == changed


def test_change_copies_and_makes_custom_fields_known(crm: Sandbox) -> None:
    chosen = ["1"]
    crm.change(OTHER, field_map={"colour": chosen})
    chosen.append("2")
    assert crm.clue(OTHER)["field_map"] == {"colour": ["1"]}
    accepted(partial(crm, "colour", field_map={"colour": "3"}))


def test_change_makes_up_a_clue_where_any_exists() -> None:
    with Sandbox(access_token=TOKEN, accept_any_clue=True) as crm:
        before = info(crm)["data"]
        crm.change(CLUE, address="新地址")
        assert info(crm)["data"] == before | {"address": "新地址"}


@pytest.mark.parametrize(
    ("fields", "mention"),
    [
        ({"description": "x"}, "description"),
        ({"mf_clue_1": "x"}, "mf_clue_1"),
        ({"user_id": "x"}, "user_id"),
        ({"state": 2}, "state"),
        ({"birthday": "1"}, "birthday"),
        ({"field_map": []}, "field_map"),
        ({"field_map": {"mf_clue_1": 1.5}}, "mf_clue_1"),
        ({"clue_name": ""}, "clue_name"),
        ({"follow_user_id": None}, "follow_user_id"),
    ],
)
def test_change_checks_names_and_values(crm: Sandbox, fields: dict[str, Any], mention: str) -> None:
    with pytest.raises(ValueError, match=mention):
        crm.change(CLUE, **{"remark": "x"} | fields)
    assert crm.clue(CLUE) == FULL


def test_change_of_an_unknown_clue(crm: Sandbox) -> None:
    with pytest.raises(KeyError):
        crm.change(THIRD + 1, remark="x")
