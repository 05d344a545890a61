"""Areas: whatever stands between their parts, one hyphen is sent (guide: rules)."""

from __future__ import annotations

import pytest
from payloads.rows import one


@pytest.mark.parametrize("sign", [*"-/>|、—–，,→－／＞｜\\", " - ", " > ", "——", "\u3000"])
def test_any_separator_becomes_a_hyphen(sign: str) -> None:
    (body,) = one("area", sign.join(["浙江省", "杭州市", "西湖区"])).bodies
    assert body["area"] == "浙江省-杭州市-西湖区"
    assert one("area", sign.join(["北京市", "朝阳区"])).bodies[0]["area"] == "北京市-朝阳区"


@pytest.mark.parametrize(
    ("key", "cell", "notes"),
    [
        ("area", "湖北", ["note.areas"]),
        ("area", "中国-湖北省-武汉市-武昌区", ["note.areas"]),
        ("area", "北京市-朝阳区", []),
        ("area", "湖北省-武汉市-武昌区", []),
        ("access_customer_channel", "广告/巨量引擎", ["note.channels"]),
        ("access_customer_channel", "广告-线上/线下", []),
        ("access_customer_channel", "广告", []),
    ],
)
def test_what_the_crm_may_not_understand_is_told_and_sent_as_it_is(key: str, cell: str, notes: list[str]) -> None:
    found = one(key, cell)
    assert found.bodies[0][key] == cell and [note.key for note in found.notes] == notes
