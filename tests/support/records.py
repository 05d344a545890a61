"""Clues with every kind of field that an edit can set, a sheet that sets and clears them at random, and what comes of it."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from batch_editor.sandbox import Sandbox
from batch_editor.sandbox.crm import SandboxRequest
from support import jobs

EDIT, INFO = "/openapi/crm/clue/edit", "/openapi/crm/clue/info"
CHINA, SHANGHAI = timezone(timedelta(hours=8)), ZoneInfo("Asia/Shanghai")
#: The summers in which Shanghai had its midnights at +09:00.
SUMMERS = tuple(date(year, 7, 1) for year in range(1986, 1992))
UNREADABLE = ("work_id", "uin", "encrypt_flag", "coop_mode_type", "area_code")
REQUIRED = ("clue_name", "clue_pool_id", "follow_user_id")
CUSTOM: dict[str, Any] = {
    "mf_text": {"title": "客户备注"},
    "mf_single": {"title": "来源", "type": "single", "options": {"网站": "1539179902926138370", "门店": "1539179902926138371"}},
    "mf_one": {
        "title": "意向",
        "type": "single",
        "ids": "integer",
        "choice_shape": "list",
        "options": {"高": "31", "低": "32"},
    },
    "mf_many": {"title": "产品", "type": "multiple", "options": {"甲": "41", "乙": "42", "丙": "43"}},
    "mf_path": {"title": "分类", "type": "cascade", "options": {"一": "51", "一/二": "52", "三": "53", "三/四": "54"}},
    "mf_day": {"title": "签约日", "type": "date"},
    "mf_moment": {"title": "回访时间", "type": "datetime"},
}
_AREAS = ("湖北省-武汉市-洪山区", "北京市-北京市-朝阳区", "浙江省-杭州市-西湖区")
_ODD = ('a "quoted", b', "=1+1", "两行\n文字", "🙂", "'t Hooft", "null")


def seconds(day: date, zone: Any = CHINA) -> int:
    """The birthday that is the midnight of ``day``; other than ``timestamp()`` also before 1970, on any system."""
    return int((datetime.combine(day, time(), zone) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())


def _text(chance: random.Random) -> tuple[str, str]:
    text = chance.choice(_ODD) if chance.random() < 0.2 else f"文字 {chance.randrange(10**6)}"
    return text, text


def _word(prefix: str) -> Callable[[random.Random], tuple[str, str]]:
    def draw(chance: random.Random) -> tuple[str, str]:
        text = f"{prefix}{chance.randrange(10**9)}"
        return text, text

    return draw


def _tags(chance: random.Random) -> tuple[str, str]:
    tags = sorted(
        chance.sample(
            ["etA-tag-of-the-tests", "etB-tag-of-the-tests", "etC-tag-of-the-tests", "etD-tag-of-the-tests"],
            chance.randint(1, 3),
        )
    )  # in one order: they are a set
    return "、".join(tags), ",".join(tags)


def _birthday(chance: random.Random) -> tuple[str, int]:
    day = chance.choice([*SUMMERS, date(1955, 3, 4)]) if chance.random() < 0.5 else date(1990, 1, 1)
    return day.isoformat(), seconds(day)


def _number(most: int) -> Callable[[random.Random], tuple[str, int]]:
    def draw(chance: random.Random) -> tuple[str, int]:
        number = chance.randrange(1, most)
        return str(number), number

    return draw


def _pool(chance: random.Random) -> tuple[str, int]:
    pool = 1591005280874161217 + 2 * chance.randrange(10**6)  # odd: Excel has rounded none
    return str(pool), pool


def _of(pairs: Mapping[str, Any]) -> Callable[[random.Random], tuple[str, Any]]:
    return lambda chance: chance.choice(list(pairs.items()))


def _many(chance: random.Random) -> tuple[str, list[str]]:
    chosen = sorted(chance.sample(list(CUSTOM["mf_many"]["options"].items()), chance.randint(1, 3)))
    return "、".join(name for name, _ in chosen), [number for _, number in chosen]


#: What a cell of each field says, and what the CRM keeps of that.
DRAWN: dict[str, Callable[[random.Random], tuple[str, Any]]] = {
    "clue_name": _text,
    "clue_pool_id": _pool,
    "follow_user_id": _word("wo-employee-number-"),
    "clue_corp_name": _text,
    "email": lambda chance: 2 * (f"a{chance.randrange(10**6)}@example.com",),
    "remark": _text,
    "address": _text,
    "uin": _word("u"),
    "area_code": _word("0"),
    "coop_mode_type": _word("c"),
    "area": _of({area: area for area in _AREAS}),
    "access_customer_channel": _of({"广告-巨量引擎-头条": "广告-巨量引擎-头条", "活动-展会-春季": "活动-展会-春季"}),
    "label": _tags,
    "business_tag_ids": _tags,
    "gender": _of({"男": "0", "女": "1"}),
    "birthday": _birthday,
    "work_id": _number(10**6),
    "encrypt_flag": _of({"是": 1, "否": 0}),
    "mf_text": _text,
    "mf_single": _of(CUSTOM["mf_single"]["options"]),
    "mf_one": _of({"高": [31], "低": [32]}),
    "mf_many": _many,
    "mf_path": _of({"一/二": ["51", "52"], "三/四": ["53", "54"]}),
    "mf_day": _of({"2022-06-21": "2022-06-21", "1988-07-01": "1988-07-01"}),
    "mf_moment": _of({"2022-06-22 10:30:00": "2022-06-22 10:30:00", "2023/1/2 3:04": "2023-01-02 03:04:00"}),
}


class World:
    """``count`` clues with a third of their fields empty, and a sheet ``edits.csv`` that sets a third and clears a tenth.

    ``clues`` are what a sandbox is given, ``edited`` is what it should hold once the sheet was sent, and ``listed`` which
    fields the sheet sets of each clue.
    """

    def __init__(self, folder: Path, count: int, seed: object = 0) -> None:
        chance = random.Random(f"world {seed}")
        ids = [1591005521987900001 + 2 * number for number in range(count)]  # odd: no double holds one
        self.path = folder / "edits.csv"
        self.clues: list[dict[str, Any]] = []
        self.listed: dict[int, list[str]] = {}
        sets: dict[int, dict[str, Any]] = {}
        rows = []
        for clue in ids:
            had = {key: draw(chance)[1] for key, draw in DRAWN.items() if key in REQUIRED or chance.random() < 0.66}
            if chance.random() < 0.1:  # as a CRM that counts in Shanghai's own zone keeps it
                had["birthday"] = seconds(chance.choice(SUMMERS) + timedelta(days=1), SHANGHAI)
            self.clues.append(record(clue, had))
            cells, sets[clue] = dict[str, str](), dict[str, Any]()
            for key, draw in DRAWN.items():
                dice = chance.random()
                if dice < 0.33 or (key == "remark" and dice < 0.6):
                    cells[key], sets[clue][key] = draw(chance)
                elif dice > 0.9 and key not in REQUIRED:
                    cells[key], sets[clue][key] = "#CLEAR", None
            if not cells:
                cells["remark"], sets[clue]["remark"] = _text(chance)
            self.listed[clue] = [key for key in DRAWN if key in cells]
            rows.append([str(clue), *(cells.get(key, "") for key in DRAWN)])
        self.edited = {clue: changed(self.whole(clue), values) for clue, values in sets.items()}
        with self.path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([["clue_id", *DRAWN], *rows])

    def sandbox(self, **options: Any) -> Sandbox:
        """A CRM that holds the clues; it gets to know custom fields that no clue has yet by its ``choice_custom``."""
        choices = [key for key, custom in CUSTOM.items() if custom.get("type") in ("single", "multiple", "cascade")]
        return Sandbox(self.clues, **{"access_token": jobs.TOKEN, "choice_custom": choices, **options})

    def settings(self, folder: Path, crm: Sandbox, **over: Any) -> Any:
        """Settings that know the custom fields, and take what a row lacks from the CRM."""
        given: dict[str, Any] = {"custom_fields": CUSTOM, "defaults": {}, "fill": True}
        plain = jobs.settings(folder, crm.url, **jobs.merged(given, over))
        return plain.model_copy(update={"defaults": {"user_id": "wo-operator-of-the-tests"}})

    def whole(self, clue: int) -> dict[str, Any]:
        """A clue as the sandbox holds it before anything is sent."""
        given = next(created for created in self.clues if created["clue_id"] == clue)
        return {
            "clue_id": clue,
            **{key: given.get(key) for key in DRAWN if key[:3] != "mf_"},
            "field_map": {**given["field_map"]},
        }

    def before(self) -> dict[int, dict[str, Any]]:
        """All clues as the sandbox holds them before anything is sent."""
        return {clue["clue_id"]: self.whole(clue["clue_id"]) for clue in self.clues}

    def unread(self) -> dict[int, dict[str, Any]]:
        """All clues after an undo: as before, but for the fields that nobody can read back."""
        return {
            clue: whole | {key: self.edited[clue][key] for key in UNREADABLE if key in self.listed[clue]}
            for clue, whole in self.before().items()
        }


def record(clue: int, values: Mapping[str, Any]) -> dict[str, Any]:
    """A clue for the sandbox with these values by key."""
    plain = {key: value for key, value in values.items() if not key.startswith("mf_")}
    return {"clue_id": clue, **plain, "field_map": {key: values[key] for key in values if key.startswith("mf_")}}


def changed(whole: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """A clue as the sandbox holds it, once these values are set; None empties a field."""
    custom = {key: value for key, value in whole["field_map"].items() if key not in values}
    custom |= {key: value for key, value in values.items() if key.startswith("mf_") and value is not None}
    plain = {key: value for key, value in values.items() if not key.startswith("mf_")}
    return {**whole, **plain, "field_map": custom}


def calls(crm: Sandbox, path: str, since: int = 0) -> list[dict[str, Any]]:
    """The bodies of the requests to ``path`` as they arrived, from the ``since``-th request of all on."""
    return [body(request) for request in crm.requests[since:] if request.path == path]


def body(request: SandboxRequest) -> dict[str, Any]:
    body_json = json.loads(request.body)
    assert isinstance(body_json, dict)
    return body_json


def clues_of(crm: Sandbox, path: str, since: int = 0) -> list[int]:
    """The clues that were read, or edited."""
    return [call["clue_id"] for call in calls(crm, path, since)]


def touched(crm: Sandbox, before: Mapping[int, Any]) -> list[int]:
    """The clues that are no longer as they were."""
    return [clue for clue, whole in crm.clues().items() if whole != before[clue]]


def by_status(rows: Iterable[Mapping[str, str]], status: str) -> list[Mapping[str, str]]:
    return [row for row in rows if row["result_status"] == status]
