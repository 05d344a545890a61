"""What one reply means, what it is called in the results, and what it leaves open: each row of the table (guide: crm)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from batch_editor.crm.verdicts import (
    Verdict,
    code_of,
    edit_refusal,
    edit_verdict,
    halting,
    is_unconfirmed,
    maybe_applied,
    read_refusal,
    read_verdict,
    token_refusal,
    trouble_of,
)
from batch_editor.messages import say
from batch_editor.model import Message, Reply, Sent
from batch_editor.settings.sections import Api

API = Api(retry_codes=(70001, "busy"), rate_codes=(70002, "70003"))
NO_JSON = Message("reply.not_json")


def answered(code: int | str | None, data: object = None, status: int = 200, msg: str = "msg") -> Reply:
    """A whole answer that is a JSON object."""
    trouble = Message("reply.no_code") if code is None else None
    return Reply(Sent.YES, 1, status, code, msg, data=data, trouble=trouble)


def page(status: int) -> Reply:
    """A whole answer that is no JSON object: a page of a gateway, a JSON list, nothing at all."""
    return Reply(Sent.YES, 1, status, trouble=NO_JSON)


def broken(sent: Sent, status: int | None = None) -> Reply:
    """No whole answer."""
    return Reply(sent, 1, status, trouble=Message("net.lost"))


@pytest.mark.parametrize("code", [0, "0"])
def test_only_a_confirmed_edit_is_updated(code: int | str) -> None:
    assert edit_verdict(answered(code, data=True), API) is Verdict.DONE


@pytest.mark.parametrize("data", [False, None, 1, 1.0, "true", "True", "1", '{"ok": true}', 0, ""])
def test_any_other_data_does_not_confirm(data: object) -> None:
    assert edit_verdict(answered(0, data=data), API) is Verdict.REJECTED


@pytest.mark.parametrize("code", [1, -1, 90007, "90007", "00", "0.0", "", "success"])
def test_any_other_code_is_rejected_even_with_data_true(code: int | str) -> None:
    assert edit_verdict(answered(code, data=True), API) is Verdict.REJECTED


@pytest.mark.parametrize(
    "reply",
    [
        broken(Sent.NO),
        broken(Sent.MAYBE),
        broken(Sent.MAYBE, 200),
        broken(Sent.MAYBE, 404),
        page(200),
        answered(None, data=True),
        *(page(status) for status in (201, 202, 204, 299)),
        answered(None, data=True, status=201),
        *(page(status) for status in (408, 425, 500, 501, 502, 503, 504, 520, 524, 599)),
        *(answered(0, data=True, status=status) for status in (408, 425, 500, 501, 502, 503, 504, 520, 524, 599)),
        *(answered(90007, status=status) for status in (500, 503)),
    ],
    ids=str,
)
def test_no_usable_answer_is_tried_again(reply: Reply) -> None:
    assert edit_verdict(reply, API) is Verdict.AGAIN


@pytest.mark.parametrize("code", [70001, "70001", "busy"])
@pytest.mark.parametrize("status", [200, 400, 500])
def test_retry_codes_are_tried_again(code: int | str, status: int) -> None:
    assert edit_verdict(answered(code, status=status), API) is Verdict.AGAIN
    assert edit_verdict(answered(code), Api()) is Verdict.REJECTED


@pytest.mark.parametrize("code", [70002, "70002", 70003, "70003"])
@pytest.mark.parametrize("status", [200, 403, 503])
def test_rate_codes_pause(code: int | str, status: int) -> None:
    assert edit_verdict(answered(code, status=status), API) is Verdict.PAUSE
    assert edit_verdict(answered(code), Api()) is Verdict.REJECTED


@pytest.mark.parametrize(
    "reply", [page(429), answered(1, status=429), answered(0, data=True, status=429), broken(Sent.MAYBE, 429)]
)
def test_too_many_requests_pauses(reply: Reply) -> None:
    assert edit_verdict(reply, API) is Verdict.PAUSE


@pytest.mark.parametrize("reply", [page(401), answered(5, status=401), broken(Sent.MAYBE, 401)])
def test_unauthorised_renews_the_token(reply: Reply) -> None:
    assert edit_verdict(reply, API) is Verdict.RENEW


@pytest.mark.parametrize("code", [10001, 10010, 10011, "10001"])
@pytest.mark.parametrize("status", [200, 400, 403, 500])
def test_auth_codes_renew_the_token(code: int | str, status: int) -> None:
    assert edit_verdict(answered(code, status=status), API) is Verdict.RENEW
    assert edit_verdict(answered(code), Api(auth_codes=())) is Verdict.REJECTED


@pytest.mark.parametrize("status", [400, 402, 403, 404, 405, 409, 410, 413, 422, 451])
def test_any_other_4xx_is_rejected(status: int) -> None:
    assert edit_verdict(page(status), API) is Verdict.REJECTED
    assert edit_verdict(answered(90001, status=status), API) is Verdict.REJECTED
    assert edit_verdict(answered(0, data=True, status=status), API) is Verdict.REJECTED


@pytest.mark.parametrize("codes", ["retry_codes", "rate_codes", "auth_codes"])
def test_a_reply_without_a_code_has_none_of_the_codes(codes: str) -> None:
    assert edit_verdict(page(404), Api(**{codes: ("None",)})) is Verdict.REJECTED


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_rejected(status: int) -> None:
    assert edit_verdict(page(status), API) is Verdict.REJECTED
    assert edit_verdict(answered(0, data=True, status=status), API) is Verdict.REJECTED


@pytest.mark.parametrize("status", [201, 202, 226, 299])
@pytest.mark.parametrize("code", [0, "0", 90007])
def test_no_other_status_of_success_confirms_either(status: int, code: int | str) -> None:
    assert edit_verdict(answered(code, data=True, status=status), API) is Verdict.REJECTED
    assert is_unconfirmed(answered(code, data=True, status=status)) is (code != 90007)
    assert read_verdict(answered(code, data={}, status=status), API) is Verdict.REJECTED


@pytest.mark.parametrize("reply", [answered(0, True), answered(0, True, status=302), answered(0, True, status=400), page(201)])
def test_what_is_confirmed_or_refused_or_no_answer_is_not_unconfirmed(reply: Reply) -> None:
    assert not is_unconfirmed(reply)


# --- what reads a clue


@pytest.mark.parametrize("code", [0, "0"])
@pytest.mark.parametrize("data", [{"clue_id": 1}, {}])
def test_a_record_is_what_a_read_is_for(code: int | str, data: object) -> None:
    assert read_verdict(answered(code, data=data), API) is Verdict.DONE
    assert edit_verdict(answered(code, data=data), API) is Verdict.REJECTED


@pytest.mark.parametrize("data", [True, False, None, 0, 1, "", "{}", [], [{"clue_id": 1}]])
def test_any_other_data_is_no_record(data: object) -> None:
    assert read_verdict(answered(0, data=data), API) is Verdict.REJECTED


@pytest.mark.parametrize(
    "reply",
    [
        *(broken(sent) for sent in (Sent.NO, Sent.MAYBE)),
        *(page(status) for status in (200, 302, 401, 404, 408, 429, 503)),
        *(answered(code, data={"clue_id": 1}) for code in (70001, 70002, 10001, 90007)),
        *(answered(0, data={"clue_id": 1}, status=status) for status in (302, 401, 404, 429, 503)),
    ],
    ids=str,
)
def test_all_else_means_the_same_for_a_read_as_for_an_edit(reply: Reply) -> None:
    assert read_verdict(reply, API) is edit_verdict(reply, API) is not Verdict.DONE


# --- what a reply without a verdict leaves open


@pytest.mark.parametrize(
    ("reply", "maybe"),
    [
        (broken(Sent.NO), False),
        (broken(Sent.MAYBE), True),
        (broken(Sent.MAYBE, 200), True),
        (broken(Sent.MAYBE, 502), True),
        (page(200), True),
        (page(408), True),
        (page(500), True),
        (page(504), True),
        (answered(None), True),
        (answered(70001), False),
        (answered("busy"), False),
        (answered(0), False),
        (answered(70001, status=500), True),
        (answered(70001, status=503), True),
    ],
    ids=str,
)
def test_only_what_never_arrived_or_was_answered_properly_was_surely_not_applied(reply: Reply, maybe: bool) -> None:
    assert maybe_applied(reply) is maybe


# --- what stands in the results


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (answered(0), "0"),
        (answered("0"), "0"),
        (answered(90007), "90007"),
        (answered("busy", status=503), "busy"),
        (answered(""), ""),
        (answered(None), "HTTP 200"),
        (page(503), "HTTP 503"),
        (broken(Sent.MAYBE, 502), "HTTP 502"),
        (broken(Sent.MAYBE), ""),
        (broken(Sent.NO), ""),
    ],
    ids=str,
)
def test_the_code_of_a_reply_is_that_of_the_crm_or_the_status(reply: Reply, code: str) -> None:
    assert code_of(reply) == code


@pytest.mark.parametrize(
    ("reply", "edit", "read"),
    [
        (page(300), "rejected.redirect", "rejected.redirect"),
        (page(302), "rejected.redirect", "rejected.redirect"),
        (answered(0, True, status=399), "rejected.redirect", "rejected.redirect"),
        (answered(0), "rejected.unconfirmed", "reading.nothing"),
        (answered("0", False), "rejected.unconfirmed", "reading.nothing"),
        (page(200), "rejected.unconfirmed", "reading.nothing"),
        (answered(90007), "rejected.said", "reading.said"),
        (answered(0, True, status=400), "rejected.said", "reading.said"),
        (answered(0, True, status=299), "rejected.status", "reading.status"),
        (answered("0", status=201), "rejected.status", "reading.status"),
        (answered(90007, status=201), "rejected.said", "reading.said"),
        (page(404), "rejected.said", "reading.said"),
        (broken(Sent.NO), "rejected.said", "reading.said"),
    ],
    ids=str,
)
def test_a_refusal_says_why_an_edit_was_not_carried_out_or_a_record_not_shown(reply: Reply, edit: str, read: str) -> None:
    values: dict[str, dict[str, object]] = {
        "redirect": {"status": reply.status},
        "status": {"status": reply.status, "msg": reply.msg},
        "unconfirmed": {"msg": reply.msg},
        "nothing": {"msg": reply.msg},
        "said": {"code": code_of(reply), "msg": reply.msg},
    }
    assert edit_refusal(reply) == Message(edit, values[edit.partition(".")[2]])
    assert read_refusal(reply) == Message(read, values[read.partition(".")[2]])


def test_a_verdict_is_logged_by_the_name_of_what_follows() -> None:
    assert [verdict.value for verdict in Verdict] == ["done", "rejected", "again", "pause", "renew", "halt", "withheld"]


# --- what no attempt can get through, and what was not attempted


@pytest.mark.parametrize(
    "reply",
    [
        *(
            Reply(Sent.NO, 1, trouble=Message(f"net.{key}"))
            for key in ("certificate", "certificate_expired", "certificate_name", "proxy_login")
        ),
        page(407),
    ],
    ids=str,
)
def test_what_the_next_request_would_meet_as_well_halts(reply: Reply) -> None:
    assert edit_verdict(reply, API) is read_verdict(reply, API) is Verdict.HALT
    assert halting(reply) is not None and halting(broken(Sent.NO)) is None


def test_the_halt_for_a_certificate_names_where_trusted_ones_are_put() -> None:
    message = halting(Reply(Sent.NO, trouble=Message("net.certificate_name")))
    assert message is not None and "SSL_CERT_FILE" in say(message, "en") and "SSL_CERT_FILE" in say(message, "zh")


def test_a_body_that_was_withheld_is_not_tried_again() -> None:
    reply = Reply(Sent.NO, trouble=Message("wire.no_list"), withheld=True)
    assert edit_verdict(reply, API) is Verdict.WITHHELD and not maybe_applied(reply)


@pytest.mark.parametrize(
    "msg",
    [
        "请求过于频繁",
        "接口限流",
        "超过限制",
        "调用频率超过上限",
        "Too Many requests",
        "rate limit exceeded",
        "api freq out of limit",
        "操作頻繁",
        "接口访问量已达上限",
        "今日调用次数已用完",
        "RATE_LIMIT",
        "too-many-requests",
        "flow control",
        "request limit exceeded",
    ],
)
@pytest.mark.parametrize("refusal", [edit_refusal, read_refusal, token_refusal])
def test_a_refusal_that_may_mean_too_fast_names_the_setting_and_the_code(msg: str, refusal: Callable[[Reply], Message]) -> None:
    for lang in ("en", "zh"):
        text = say(refusal(answered(45009, msg=msg)), lang)  # type: ignore[arg-type]
        assert "45009" in text and "api.rate_codes" in text and msg in text
    assert "rate_codes" not in say(refusal(answered(45009, msg="没有权限")), "en")
    assert "rate_codes" not in say(edit_refusal(answered(0, msg=msg)), "en")  # 0 cannot be put there


def test_what_came_instead_of_an_answer_is_quoted() -> None:
    reply = Reply(Sent.YES, 1, 404, trouble=NO_JSON, start="404 Not Found nginx")
    assert "404 Not Found nginx" in say(edit_refusal(reply), "en")
    assert "404 Not Found nginx" in say(trouble_of(reply), "zh")
    assert trouble_of(Reply(Sent.YES, 1, 503, trouble=NO_JSON)) == NO_JSON
