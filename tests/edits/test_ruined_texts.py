"""Texts that were ruined before they came: what is refused, what is counted, and what is left alone (guide: rules)."""

from __future__ import annotations

import html

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from payloads.rows import one

from batch_editor.edits.ruined_texts import looks_ruined, repaired
from batch_editor.messages import say

#: Texts as they stand in real sheets, with letters of the level of GB 2312 that names are taken from, and rare ones.
REAL = (
    *(
        "王小明",
        "张伟",
        "李娜",
        "欧阳婷婷",
        "司马懿",
        "诸葛亮",
        "王堃",
        "朱镕基",
        "陈喆",
        "㛃",
        "䶮",
        "吉克隽逸",
        "艾力·买买提",
        "阿依古丽",
    ),
    *(
        "青禾文化传播（上海）有限公司",
        "淇澳岛",
        "涓涓细流",
        "娑婆",
        "鐜",
        "鋆",
        "喆堃",
        "张偉豪",
        "陳嘉玲",
        "臺灣積體電路",
        "你好！",
        "回访了吗?",
    ),
    *(
        "周五回访，预算 50 万以上；意向高。",
        "Café",
        "Müller",
        "naïve",
        "São Paulo",
        "CAFÉ",
        "25°C",
        "£5",
        "x²",
        "½",
        "A&B",
        "R&D 中心",
        "5% 折扣",
    ),
    *(
        "C:\\users\\wang",
        "https://x.cn/?q=%E7%8E%8B",
        "AT&T",
        "😀",
        "👨‍👩‍👧",
        "Привет",
        "Иван",
        "こんにちは",
        "株式会社",
        "김철수",
        "안녕하세요",
        "ναι",
    ),
    *(
        "①㈱½",
        "烫发",
        "屯门",
        "特殊字符：★☆※→",
        "Ünïcödé",
        "Łódź",
        "İstanbul",
        "Nguyễn Văn A",
        "#王",
        "&",
        "\\",
        "100%",
        "a?b",
        "为什么????",
    ),
)
CHINESE = ("王小明", "王小", "上海青禾文化有限公司", "李四，电话", "你好！", "北京市海淀区1号", "周五回访")


def refusal(text: str, key: str = "remark") -> tuple[str, object]:
    found = one(key, text)
    (problem,) = found.plans[0].problems  # type: ignore[union-attr]
    for lang in ("en", "zh"):
        assert "{" not in say(problem.message, lang)  # type: ignore[arg-type]
    return problem.message.key, problem.message.values.get("meant")


@pytest.mark.parametrize("text", REAL)
def test_a_real_text_is_sent_as_it_is(text: str) -> None:
    found = one("remark", text)
    assert (found.bodies[0]["remark"], [said for said in found.said if "characters were lost" in said]) == (text, [])


@pytest.mark.parametrize("text", CHINESE)
@pytest.mark.parametrize("table", ["gb18030", "cp936", "cp1252", "latin-1", "cp1250", "cp1251", "cp437", "cp850", "mac_roman"])
def test_utf_8_that_was_read_by_another_table_is_refused(text: str, table: str) -> None:
    """Bytes that the table does not know became question marks."""
    ruined = text.encode().decode(table, "replace").replace("\ufffd", "?")
    assert refusal(ruined)[0] == "cell.ruined"


@pytest.mark.parametrize("text", CHINESE)
def test_bytes_that_were_left_out_are_no_way_out(text: str) -> None:
    assert refusal(text.encode().decode("cp1252", "ignore"))[0] == "cell.ruined"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("鐜嬪皬", "王小"),
        ("鐜嬪皬鏄?", "王小?"),
        ("Ã¤Â½Â\u00a0Ã¥Â¥Â½", "你好"),
        ("çŽ‹å°\x8fæ˜Ž", "王小明"),
        ("é™ˆæ™¨", "陈晨"),
        ("Caf\u00c3\u00a9", "Café"),
        ("SÃ£o", "São"),
        ("ÍõÐ¡Ã÷", "王小明"),
        ("&#29579;", "王"),
        ("&#x738B;小明", "王小明"),
        ("\\u738b\\u5c0f", "王小"),
        ("\\xe7\\x8e\\x8b", "王"),
        ("\\ud83d\\ude00", "😀"),
    ],
)
def test_what_is_certain_is_refused_with_what_was_meant(text: str, meant: str) -> None:
    for key in ("remark", "clue_name", "mf_clue_1", "address", "area", "follow_user_id", "label"):
        assert refusal(text, key)[0] == "cell.ruined"
    assert refusal(text) == ("cell.ruined", meant)


@pytest.mark.parametrize("text", ["王小明", "上海青禾文化有限公司"])
def test_text_that_was_ruined_twice_is_refused(text: str) -> None:
    for table in ("latin-1", "gb18030"):
        once = text.encode().decode(table, "replace")
        assert refusal(once.encode().decode(table, "replace"))[0] in ("cell.ruined", "cell.lost_characters")


@pytest.mark.parametrize("text", ["周五回访", "上海测试", "意向客户", "A客户已签约2026", "深圳市青禾文化传播有限公司"])
def test_gbk_that_was_read_as_big5_is_refused(text: str) -> None:
    ruined = text.encode("gbk").decode("cp950")
    for key in ("remark", "clue_name", "clue_corp_name", "mf_clue_1"):
        assert refusal(ruined, key) == ("cell.ruined", text)


@pytest.mark.parametrize("text", ["王小明", "李四", "已签约", "刘洋", "备注"])
def test_so_few_characters_of_it_may_be_a_name_and_are_told(text: str) -> None:
    ruined = text.encode("gbk").decode("cp950")
    found = one("clue_name", ruined)
    assert found.bodies[0]["clue_name"] == ruined
    assert [said.partition(",")[0] for said in found.said] == ["Sent as text"]


@pytest.mark.parametrize(
    "text",
    [
        "林佳蓉",
        "黃鈺婷",
        "王晟婧",
        "臺灣積體電路製造股份有限公司",
        "陳嘉玲已簽約",
        "歐陽珈珩週五回訪",
        "陳儒翰",
        "價錢",
        "陳蘭馨購難賣",
        "陳蘭馨購珈",
    ],
)
def test_a_text_in_traditional_characters_is_not_taken_for_it(text: str) -> None:
    assert one("remark", text).said == []


@pytest.mark.parametrize("text", ["锟斤拷", "锟斤拷锟斤拷通", "周\ufffd五", "=?utf-8?B?546L?=", "锟斤"])
def test_what_lost_its_characters_is_refused(text: str) -> None:
    assert refusal(text)[0] == "cell.lost_characters"


@pytest.mark.parametrize(
    "text",
    [
        "烫烫烫",
        "屯屯屯屯",
        "王\ue5e5",
        "A&amp;B",
        "it&#39;s",
        "\x8cx",
        "%E7%8E%8B%E5%B0%8F",
        "?王小明",
        "??",
        "\ufffe",
        "a\x1b[2Jb",
        "\x0e1hC6\x0f",
        "a\x7fb",
    ],
)
def test_what_may_be_ruined_is_sent_and_told_with_examples(text: str) -> None:
    found = one("remark", text)
    assert found.bodies[0]["remark"] == text
    assert [said.partition(",")[0] for said in found.said] == ["Sent as text"]
    assert f"as in {text}: 1 cell" in found.said[0] or not text.isprintable()


@pytest.mark.parametrize("text", ["王?", "王?明", "上海??有限公司", "?明"])
def test_in_a_name_a_question_mark_is_told(text: str) -> None:
    for key, told in (("clue_name", 1), ("clue_corp_name", 1), ("remark", text.startswith("?"))):
        found = one(key, text)
        assert (found.bodies[0][key], len(found.said)) == (text, told)


def test_each_text_is_looked_at_alone() -> None:
    """A row of a remark that quotes such a text is refused like one that holds it: nobody can tell them apart."""
    assert repaired("王小明") is None
    assert not looks_ruined("王小明", is_name=True)


chinese = st.text(
    st.sampled_from([bytes((lead, trail)).decode("gb2312") for lead in range(0xB0, 0xD7) for trail in range(0xA1, 0xFF)]),
    min_size=1,
)


@settings(deadline=None)
@given(chinese)
def test_no_text_of_common_characters_is_taken_for_ruined(text: str) -> None:
    assert one("remark", text).bodies[0]["remark"] == text


@settings(deadline=None)
@given(chinese.filter(lambda text: len(text) > 3))
def test_whatever_was_read_as_gbk_latin_1_or_escaped_is_not_sent(text: str) -> None:
    for ruined in (
        text.encode().decode("latin-1"),
        "".join(f"&#{ord(char)};" for char in text),
        text.encode("unicode_escape").decode(),
    ):
        assert one("remark", ruined).bodies == []
    assert html.unescape("&#29579;") == "王"
    whole = text[: len(text) // 2 * 2]  # an even number of characters has an even number of bytes
    assert one("remark", whole.encode().decode("gb18030", "replace")).bodies == []
