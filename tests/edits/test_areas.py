"""Areas: whatever stands between their parts, one hyphen is sent (guide: rules)."""

from __future__ import annotations

import pytest
from payloads.rows import one


@pytest.mark.parametrize("sign", [*"-/>|、—–，,→－／＞｜\\", " - ", " > ", "——", "\u3000"])
def test_any_separator_becomes_a_hyphen(sign: str) -> None:
    (body,) = one("area", sign.join(["浙江省", "杭州市", "西湖区"])).bodies
    assert body["area"] == "浙江省-杭州市-西湖区"
    assert one("area", sign.join(["北京市", "朝阳区"])).bodies[0]["area"] == "北京市-朝阳区"
