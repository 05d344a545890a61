"""``batch-editor clue ID``, and ``read_clue``: a clue as the CRM has it, with what its ids are called."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support import jobs
from support.commands import TOKEN, Commands
from support.records import INFO, clues_of

import batch_editor
from batch_editor.crm.pace import Pace
from batch_editor.edits.clue_view import view
from batch_editor.errors import Refused
from batch_editor.messages.widths import width
from batch_editor.model import Message
from batch_editor.sandbox import Sandbox

CLUE = 1591005521987920962
SHOWN: dict[str, Any] = {
    "clue_id": CLUE,
    "clue_name": "王**",
    "clue_pool_id": 1591005280874161218,
    "clue_pool_name": "公海一",
    "follow_user_id": "wovvCXcAAAT_dzekbq54K27FeMRBQJ2Q",
    "remark": "第一行\x1b[2J",
    "gender": "0",
    "birthday": 578415600,
    "label": "t1,t2",
    "field_map": {"mf_clue_51": ["101"], "mf_clue_1": "展会"},
}
SETTINGS: dict[str, Any] = {
    "columns": {"客户备注": "remark"},
    "lookups": {"follow_user_id": {"李伟": "wovvCXcAAAT_dzekbq54K27FeMRBQJ2Q"}, "label": {"小学": "t1"}},
    "custom_fields": {
        "mf_clue_51": {"title": "客户等级", "type": "single", "options": {"A类": "101"}},
        "mf_clue_1": {"title": "来源说明"},
    },
}


@pytest.fixture
def crm() -> Iterator[Sandbox]:
    with Sandbox([SHOWN], access_token=TOKEN, choice_custom=["mf_clue_51"]) as running:
        yield running


def command(folder: Path, crm: Sandbox, **over: Any) -> Commands:
    return Commands(folder, crm.url, **(SETTINGS | over))


def test_it_shows_every_field_with_its_heading_and_ids_with_their_names(tmp_path: Path, crm: Sandbox) -> None:
    shown = command(tmp_path, crm)("clue", str(CLUE))
    lines = shown.out.splitlines()
    assert (shown.code, lines[0]) == (0, f"clue {CLUE} (王**)")
    for line in (
        "  线索池ID (clue_pool_id): 公海一 (1591005280874161218)",
        "  跟进人ID (follow_user_id): 李伟 (wovvCXcAAAT_dzekbq54K27FeMRBQJ2Q)",
        "  客户备注 (remark): 第一行\\x1b[2J",
        "  邮箱 (email): (empty)",
        "  标签 (label): 小学 (t1), 标签t2 (t2)",
        "  性别 (gender): 男",
        "  生日 (birthday): 1988-05-01",
        "  客户等级 (mf_clue_51): A类 (101)",
        "  来源说明 (mf_clue_1): 展会",
        f"  mobile phone (mobile_phone): 138{CLUE % 10**8:08d}",
        "  created (gmt_create): 2022-06-21 16:51:36",
    ):
        assert line in lines
    assert max(map(width, lines)) <= 80


def test_it_speaks_chinese(tmp_path: Path, crm: Sandbox) -> None:
    lines = command(tmp_path, crm)("clue", str(CLUE), "--lang", "zh").out.splitlines()
    assert lines[0] == f"线索 {CLUE}（王**）" and "  创建时间 (gmt_create)：2022-06-21 16:51:36" in lines


def test_json_holds_the_words_and_the_record_as_it_came(tmp_path: Path, crm: Sandbox) -> None:
    done = command(tmp_path, crm)("clue", f"{CLUE},7", "--json")
    first, second = done.json["clues"]
    assert (done.code, done.json["exit_code"], first["clue_id"], first["name"]) == (1, 1, CLUE, "王**")
    assert {"key": "gender", "heading": "性别 (gender)", "value": "男"} in first["fields"]
    assert first["record"]["clue_pool_id"] == 1591005280874161218 and first["error"] is None
    assert second["record"] is None and "the clue 7: the CRM says (90007): 线索不存在" in second["error"]


def test_one_that_is_not_there_does_not_hide_the_others(tmp_path: Path, crm: Sandbox) -> None:
    done = command(tmp_path, crm)("clue", "7", str(CLUE))
    assert done.code == 1 and f"clue {CLUE} (王**)" in done.out and "The CRM does not show the clue 7" in done.err


@pytest.mark.parametrize("given", ["1591005521987920000", "1.59E+18", "abc", "159 100", "-1", " ", "0", "12345678901234567890"])
def test_what_is_no_exact_id_is_refused_before_anything_is_asked(tmp_path: Path, crm: Sandbox, given: str) -> None:
    done = command(tmp_path, crm)("clue", str(CLUE), "--", given)
    assert done.code == 2 and done.out == "" and len(done.err.splitlines()) == 1
    assert crm.requests == []


def test_an_id_that_really_ends_in_zeros_is_asked_for_if_the_settings_say_so(tmp_path: Path, crm: Sandbox) -> None:
    assert command(tmp_path, crm, ids={"trust_round": True})("clue", "1591005521987920000").code == 1
    assert clues_of(crm, INFO) == [1591005521987920000]


def test_without_credentials_nothing_is_asked(tmp_path: Path, crm: Sandbox) -> None:
    typed = command(tmp_path, crm)
    typed.env.pop("WSHOTO_ACCESS_TOKEN")
    done = typed("clue", str(CLUE))
    assert (done.code, crm.requests) == (2, []) and "WSHOTO_ACCESS_TOKEN" in done.err


@pytest.mark.parametrize(
    ("fault", "code", "told"),
    [("read:503", 3, "could not be reached"), ("read:code=70010", 1, "(70010)"), ("read:401", 2, "access token")],
)
def test_a_crm_that_does_not_answer_or_says_no(tmp_path: Path, fault: str, code: int, told: str) -> None:
    with Sandbox([SHOWN], access_token=TOKEN, faults=[fault]) as crm:
        done = command(tmp_path, crm, retry={"attempts": 2, "max_wait": 0.001})("clue", str(CLUE))
    assert (done.code, done.out) == (code, "") and told in done.err


def test_its_requests_count_in_the_rate_of_all_runs(tmp_path: Path, crm: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    acquired, acquire = list[Pace](), Pace.acquire

    def counting(pace: Pace, *given: Any, **how: Any) -> Any:
        acquired.append(pace)
        return acquire(pace, *given, **how)

    monkeypatch.setattr(Pace, "acquire", counting)
    settings = jobs.settings(tmp_path, crm.url, rate={"limits": ["100/second"]})
    batch_editor.read_clue(CLUE, settings)
    assert len(acquired) == len(crm.requests) == 1
    assert list(settings.state_dir.glob("pace-*"))


def test_python_gets_the_same(tmp_path: Path, crm: Sandbox) -> None:
    settings = jobs.settings(tmp_path, crm.url)
    clue = batch_editor.read_clue(str(CLUE), settings)
    assert (clue.clue_id, clue.name, clue.record["follow_user_id"]) == (CLUE, "王**", SHOWN["follow_user_id"])
    assert ("gender", "性别 (gender)", "男") in [(field.key, field.heading, field.value) for field in clue.fields]
    with pytest.raises(Refused, match="does not show the clue 7"):
        batch_editor.read_clue(7, settings)
    with pytest.raises(Refused, match="rounded"):
        batch_editor.read_clue(1591005521987920000, settings)


def test_what_is_not_understood_is_shown_as_it_came() -> None:
    rules = jobs.settings(Path("x")).row_rules
    data = {
        "clue_id": 1,
        "clue_name": ["a"],
        "gender": "未知",
        "field_map": [1],
        "tag_list": "x",
        "gmt_create": 10**20,
        "new": {},
    }
    fields = {field.key: field.value for field in view(data, 1, rules).fields}
    assert fields == {
        "clue_name": '["a"]',
        "gender": "未知",
        "label": "x",
        "gmt_create": str(10**20),
        "new": Message("value.empty"),
    }


@pytest.mark.parametrize(("status", "code", "reason"), [("clue.unanswered", 3, "crm_down"), ("clue.refused", 1, "clues")])
def test_one_that_is_not_answered_is_an_outage_and_none_that_is_not_there(
    tmp_path: Path, crm: Sandbox, monkeypatch: pytest.MonkeyPatch, status: str, code: int, reason: str
) -> None:
    trouble = Message(status, {"clue": 7, "requests": 1, "reason": "HTTP 503"})
    monkeypatch.setattr("batch_editor.job.show_clues", lambda *_, **__: iter([(7, trouble)]))
    done = command(tmp_path, crm)("clue", "7", "--json")
    assert (done.code, done.json["exit_code"], done.json["reason"], done.json["stopped"]) == (code, code, reason, code == 3)
    assert done.json["error"] == done.json["clues"][0]["error"]
