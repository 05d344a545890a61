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
        ("area", "浙江省杭州市西湖区", ["note.areas"]),
        ("area", "330106", ["note.areas"]),
        ("area", "湖北省武汉市-武昌区", ["note.areas"]),
        ("area", "湖北省武汉市-珞喻路", ["note.areas"]),
        ("area", "武汉市-珞喻路1号", ["note.areas"]),
        ("area", "广西壮族自治区南宁市-青秀区", ["note.areas"]),
        ("area", "北京市-朝阳区", []),
        ("area", "湖北省-荆州市-沙市区", []),
        ("area", "四川省-乐山市-市中区", []),
        ("area", "湖北省-省直辖县-仙桃市", []),
        ("area", "广东省-东莞市-长安镇", []),
        ("area", "内蒙古自治区-呼伦贝尔市-鄂温克族自治旗", []),
        ("area", "新疆维吾尔自治区-伊犁哈萨克自治州-伊宁县", []),
        ("area", "湖北省-武汉市-武昌区", []),
        ("access_customer_channel", "广告/巨量引擎", ["note.channels"]),
        ("access_customer_channel", "广告-线上/线下", []),
        ("access_customer_channel", "广告", []),
        ("access_customer_channel", "广告 - 线上", ["note.channels"]),
        ("access_customer_channel", "广告－线上", ["note.channels"]),
        ("access_customer_channel", "广告、线上", ["note.channels"]),
        ("access_customer_channel", "广告\\线上", ["note.channels"]),
    ],
)
def test_what_the_crm_may_not_understand_is_told_and_sent_as_it_is(key: str, cell: str, notes: list[str]) -> None:
    found = one(key, cell)
    assert found.bodies[0][key] == cell and [note.key for note in found.notes] == notes


def test_an_address_between_whose_parts_spaces_stand_is_told() -> None:
    assert [note.key for note in one("area", "杭州市西湖区文三路 1 号").notes] == ["note.areas"]
    assert one("area", "浙江省=>杭州市").bodies[0]["area"] == "浙江省-杭州市"
