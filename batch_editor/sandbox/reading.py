"""Shows clues as they are read, in the words of clue/info, clue/page and cluepool/list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from .reference import CODE_BAD_VALUE, DEFAULT_OWNER, DEFAULT_POOL, READ_ONLY, Refusal, split_ids, typed_values

_ALIKE: tuple[str, ...] = ("clue_id", "clue_name", "clue_corp_name", "clue_pool_id", "follow_user_id", "birthday")
_ALIKE += ("email", "area", "access_customer_channel", "address")
_INFO = (*_ALIKE, *READ_ONLY, "clue_pool_name", "tag_list", "gender", "description", "field_map", "business_tags")
# The fields of a row of clue/page; only tag_list looks different there.
_ROW: tuple[str, ...] = ("clue_id", "clue_name", "mobile_phone", "clue_corp_name", "tag_list", "state", "follow_user_id")
_ROW += ("clue_pool_id", "clue_pool_name", "access_customer_channel", "area", "description", "recovery_num")
_ROW += ("recovery_remark", "recovery_remark_type", "recovery_remark_input_text", "create_user_id", "gmt_create")
_ROW += ("field_map",)

# The table of clue/page calls both of these required and gives them a default; here the default holds.
_PAGING = {"current_index": "int", "page_size": "int"}
# The table calls states an int; its sample, a list of them, is believed. tag_ids are joined with commas in both.
_PAGE = {"follow_user_id": "string", "start_time": "long", "end_time": "long", "states": "int[]"}
_PAGE |= {"clue_pool_ids": "long[]", "tag_relation_type": "int", "tag_ids": "string"}
_POOLS = {"clue_pool_name": "string"}
_ANY_TAG, _ALL_TAGS, _NO_TAG = 1, 2, 3  # tag_relation_type has no documented default; any tag is assumed


class Reader:
    """Shows clues, and keeps what is only ever read of them: the names of their pools, and what clue/edit cannot set."""

    def __init__(self, choice_custom: frozenset[str], lacks: Iterable[str], extra: Mapping[str, object]) -> None:
        self._choice_custom = choice_custom
        self._lacks = frozenset(lacks)
        self._extra = dict(extra)
        unknown = self._lacks.difference(_INFO)
        if unknown:
            raise ValueError(f"clue/info has no field {', '.join(map(repr, sorted(unknown)))} to leave out")
        self._pool_names = {DEFAULT_POOL: "默认线索池"}
        self._read_only: dict[int, dict[str, object]] = {}

    def learn(self, clue: Mapping[str, Any], given: Mapping[str, object]) -> None:
        self._read_only[clue["clue_id"]] = {key: given[key] for key in READ_ONLY if key in given}
        if given.get("clue_pool_name"):
            self._pool_names[clue["clue_pool_id"]] = str(given["clue_pool_name"])

    def info(self, clue: Mapping[str, Any]) -> dict[str, Any]:
        """Returns the answer of clue/info, as odd as it was asked to be."""
        return {key: value for key, value in self._full(clue).items() if key not in self._lacks} | self._extra

    def _full(self, clue: Mapping[str, Any]) -> dict[str, Any]:
        """Returns a clue in the words of clue/info, not all those of clue/edit: description, tag_list, 男/女, named choices."""
        tags = [
            {"group_id": "st-sandbox-group", "group_name": "业务标签", "tag_name": f"标签{tag}", "tag_id": tag}
            | {"type": 3, "strategy_id": 2, "manage_group_name": "管理组"}
            for tag in split_ids(clue["business_tag_ids"])
        ]
        return {
            **READ_ONLY,
            "mobile_phone": f"138{clue['clue_id'] % 10**8:08d}",
            **self._read_only.get(clue["clue_id"], {}),
            **{key: clue[key] for key in _ALIKE},
            "clue_pool_name": self._pool_name(clue["clue_pool_id"]),
            "tag_list": [{"tag_id": tag, "tag_name": f"标签{tag}"} for tag in split_ids(clue["label"])],
            "gender": {"0": "男", "1": "女"}.get(clue["gender"]),
            "description": clue["remark"],
            "field_map": {key: self._custom(key, value) for key, value in clue["field_map"].items()},
            # The sample shows one object under a plural name, so one tag is an object and several are a list.
            "business_tags": (tags[0] if len(tags) == 1 else tags) or None,
        }

    def page(self, clues: Iterable[Mapping[str, Any]], sent: Mapping[str, object]) -> list[dict[str, Any]]:
        """The rows that pass every filter, in the order in which the clues came; the reference names no order."""
        filters = typed_values(sent, _PAGING | _PAGE)
        if filters["tag_relation_type"] not in (None, _ANY_TAG, _ALL_TAGS, _NO_TAG):
            raise Refusal(CODE_BAD_VALUE, "参数值错误: tag_relation_type")
        page = _page(filters)
        return [row for row in map(self._row, clues) if _passes(row, filters)][page]

    def pools(self, clues: Iterable[Mapping[str, Any]], sent: Mapping[str, object]) -> dict[str, object]:
        """Returns the pools that have a name or a clue; that a part of the name is enough to find one is assumed."""
        filters = typed_values(sent, _PAGING | _POOLS)
        page = _page(filters)
        sizes = Counter(clue["clue_pool_id"] for clue in clues)
        records = [
            {"id": pool, "clue_pool_name": self._pool_name(pool), "clue_num": str(sizes[pool]), "recycle_rule_type": 1}
            | {"is_default_pool": pool == DEFAULT_POOL, "main_department": "1", "receive_rule": "管理员分配"}
            | {"create_user_id": DEFAULT_OWNER}
            for pool in dict.fromkeys([*self._pool_names, *sizes])
            if (filters["clue_pool_name"] or "") in self._pool_name(pool)
        ]
        return {"total": len(records), "records": records[page]}

    def _row(self, clue: Mapping[str, Any]) -> dict[str, Any]:
        full = self._full(clue)
        tags = [{"tagId": tag["tag_id"], "tagName": tag["tag_name"]} for tag in full["tag_list"]]
        return {key: full[key] for key in _ROW} | {"tag_list": tags}

    def _pool_name(self, pool: int) -> str:
        return self._pool_names.get(pool, f"线索池{pool}")

    def _custom(self, key: str, value: object) -> object:
        if isinstance(value, list) or key in self._choice_custom:
            chosen = value if isinstance(value, list) else [value]
            return [{"name": f"选项{choice}", "id": str(choice)} for choice in chosen]
        return str(value)


def _page(filters: Mapping[str, Any]) -> slice:
    index = 1 if filters["current_index"] is None else filters["current_index"]
    size = 20 if filters["page_size"] is None else filters["page_size"]
    if index < 1:
        raise Refusal(CODE_BAD_VALUE, "参数值错误: current_index")
    if not 1 <= size <= 100:
        raise Refusal(CODE_BAD_VALUE, "参数值错误: page_size")
    return slice((index - 1) * size, index * size)


def _passes(row: Mapping[str, Any], filters: Mapping[str, Any]) -> bool:
    tags, asked = {tag["tagId"] for tag in row["tag_list"]}, set(split_ids(filters["tag_ids"]))
    tagged = {
        _ANY_TAG: not asked or bool(asked & tags),
        _ALL_TAGS: asked <= tags,
        _NO_TAG: not tags,
    }
    created = row["gmt_create"] * 1000  # read in seconds, asked for in milliseconds; both ends are assumed to count
    return (
        filters["follow_user_id"] in (None, row["follow_user_id"])
        and (not filters["clue_pool_ids"] or row["clue_pool_id"] in filters["clue_pool_ids"])
        and (not filters["states"] or row["state"] in filters["states"])
        and (filters["start_time"] is None or filters["start_time"] <= created)
        and (filters["end_time"] is None or created <= filters["end_time"])
        and tagged[filters["tag_relation_type"] or _ANY_TAG]
    )
