"""What is posted to each kind of robot, to the last byte."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from batch_editor.notify.forms import LARGEST_REQUEST, WECOM_MARKDOWN, WECOM_TEXT, posted
from batch_editor.notify.mail import composed
from batch_editor.notify.text import Text
from batch_editor.settings.notify import Target

NOTE, SECONDS = "（内容已截断）", 1764383400.5
TEXT = Text(
    "夜.csv：有 3 行没有成功", ["共 300 行"], ["Sheet1!C12：性别不对", "b"], ["怎么办：改"], {"event": "bad", "rows": 300}
)
LONG = Text(
    "夜.csv",
    ["共 300 行"],
    [f'Sheet1!C{row}：手机号“”的位数不对"\\' for row in range(2, 1000)],
    ["结果表：/srv/夜.xlsx", "怎么办：改"],
)
#: Made by ``openssl dgst -sha256 -mac HMAC -binary | base64``, of what the two document.
DINGTALK_SIGN, FEISHU_SIGN = "3mrVRjzzkTXJVdnGQdBoiVI7TO6lUdBgsN1bI%2BFT4SA%3D", "hK+qxftQWNnb13DVp4hK2ORK/mxm0hHVMOsn7+K4MKo="
URL = "https://example.com/hook?key=the-key"


def target(**values: Any) -> Any:
    return TypeAdapter(Target).validate_python({"url": URL, **values})


def sent(text: Text = TEXT, **values: Any) -> tuple[str, bytes]:
    return posted(target(**values), text, NOTE, SECONDS)


def test_wecom_takes_markdown_or_text() -> None:
    url, body = sent(kind="wecom")
    assert url == URL
    assert body.decode() == (
        '{"msgtype":"markdown","markdown":{"content":"### 夜.csv：有 3 行没有成功\\n共 300 行\\n'
        'Sheet1!C12：性别不对\\nb\\n怎么办：改"}}'
    )
    _, body = sent(kind="wecom", format="text")
    assert body.decode() == (
        '{"msgtype":"text","text":{"content":"夜.csv：有 3 行没有成功\\n共 300 行\\nSheet1!C12：性别不对\\nb\\n怎么办：改"}}'
    )


def test_dingtalk_takes_markdown_and_names_nobody() -> None:
    url, body = sent(kind="dingtalk")
    assert url == URL
    assert body.decode() == (
        '{"msgtype":"markdown","markdown":{"title":"夜.csv：有 3 行没有成功","text":"### 夜.csv：有 3 行没有成功'
        "\\n\\n共 300 行\\n\\n"
        'Sheet1!C12：性别不对\\n\\nb\\n\\n怎么办：改"},"at":{"isAtAll":false}}'
    )


def test_feishu_takes_a_post_of_plain_texts() -> None:
    url, body = sent(kind="feishu")
    assert url == URL
    assert body.decode() == (
        '{"msg_type":"post","content":{"post":{"zh_cn":{"title":"夜.csv：有 3 行没有成功","content":['
        '[{"tag":"text","text":"共 300 行"}],'
        '[{"tag":"text","text":"Sheet1!C12：性别不对"}],[{"tag":"text","text":"b"}],[{"tag":"text","text":"怎么办：改"}]]}}}}'
    )


def test_a_webhook_takes_the_record() -> None:
    assert sent(kind="webhook") == (URL, b'{"event":"bad","rows":300}')


def test_signatures_are_those_that_dingtalk_and_feishu_document() -> None:
    url, _ = sent(kind="dingtalk", secret="SECthe-secret")
    assert url == f"{URL}&timestamp=1764383400500&sign={DINGTALK_SIGN}"
    _, body = sent(kind="feishu", secret="the-secret")
    said = json.loads(body)
    assert (said["timestamp"], said["sign"]) == ("1764383400", FEISHU_SIGN)


@pytest.mark.parametrize("kind", ["dingtalk", "feishu"])
def test_a_keyword_is_in_the_title_unless_it_is_said_anyway(kind: str) -> None:
    assert "没有成功 (【线索】&)".encode() in sent(kind=kind, keyword="【线索】&")[1]
    assert sent(kind=kind, keyword="行没有") == sent(kind=kind)
    assert b"&)" in sent(LONG, kind=kind, keyword="&")[1]


@pytest.mark.parametrize(("form", "limit"), [("markdown", WECOM_MARKDOWN), ("text", WECOM_TEXT)])
def test_a_long_text_is_cut_to_the_bytes_that_wecom_takes(form: str, limit: int) -> None:
    said = json.loads(sent(LONG, kind="wecom", format=form)[1])
    content = said[form]["content"]
    assert limit - 3 <= len(content.encode()) <= limit
    assert content.endswith(f"{NOTE}\n结果表：/srv/夜.xlsx\n怎么办：改") and "\ufffd" not in content


@pytest.mark.parametrize("kind", ["dingtalk", "feishu"])
def test_a_long_text_is_cut_so_that_the_whole_request_is_small_enough(kind: str) -> None:
    body = sent(LONG, kind=kind)[1]
    assert LARGEST_REQUEST - 60 <= len(body) <= LARGEST_REQUEST and NOTE.encode() in body and "怎么办：改".encode() in body


def test_nothing_acts_in_any_robot() -> None:
    acting = Text("<@all>.csv", ["[a](https://evil.example) <@all>"], ['**<at user_id="all">**'], ["@all"])
    for kind in ("wecom", "dingtalk", "feishu"):
        body = sent(acting, kind=kind)[1].decode()
        for sign in ("<", "@", "](", "**", "://"):
            assert sign not in body.replace(URL, "")


HOSTILE = st.text(
    st.one_of(st.characters(codec=None), st.sampled_from('线👍🏽\u200d🇨🇳\ud800\udc80\r\n\0\u202e<>@[]()*_`#\\"')), max_size=300
)
#: The headers of a mail, and no others.
HEADERS = ["Auto-Submitted", "Content-Transfer-Encoding", "Content-Type", "Date", "From", "MIME-Version", "Message-ID"]
HEADERS += ["Subject", "To"]
LINES = st.lists(HOSTILE, max_size=4)


@settings(max_examples=settings().max_examples // 2)
@example(title="\ud800<@all>", lines=[], problems=[], ending=[], often=1)
@example(title="夜", lines=["线" * 90], problems=["索"], ending=["路" * 900] * 3, often=100)
@given(title=HOSTILE, lines=LINES, problems=LINES, ending=LINES, often=st.sampled_from([1, 100]))
def test_no_text_is_too_long_or_does_harm_to_a_form(
    title: str, lines: list[str], problems: list[str], ending: list[str], often: int
) -> None:
    text = Text(title, lines * often, problems * often, [*ending, "怎么办：改"], {"verdict": title})
    for form, limit in (("markdown", WECOM_MARKDOWN), ("text", WECOM_TEXT)):
        content = json.loads(sent(text, kind="wecom", format=form)[1])[form]["content"]
        assert len(content.encode()) <= limit and content.endswith("怎么办：改")
    for kind in ("dingtalk", "feishu"):
        body = sent(text, kind=kind)[1]
        assert len(body) <= LARGEST_REQUEST and json.loads(body) and "怎么办：改".encode() in body
    assert json.loads(sent(text, kind="webhook")[1]) == {"verdict": title}
    when = datetime(2026, 11, 29, tzinfo=UTC)
    addresses = {"host": "mail.example.com", "from": "a@example.com", "to": "b@example.com"}
    mail = TypeAdapter(Target).validate_python({"kind": "email", **addresses})
    made = message_from_bytes(composed(mail, text, when).as_bytes(), policy=default)
    assert sorted(made.keys()) == HEADERS and made["To"] == "b@example.com"
