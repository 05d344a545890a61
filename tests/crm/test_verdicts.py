"""What one reply means: every row of the table of DESIGN §5, as a pure function."""

from __future__ import annotations

import pytest

from batch_editor.crm.verdicts import Verdict, edit_verdict, read_verdict
from batch_editor.model import Message, Reply, Sent
from batch_editor.settings.sections import Api

API = Api(retry_codes=(70001, "busy"), rate_codes=(70002, "70003"))
NO_JSON = Message("reply.not_json")


def said(code: int | str | None, data: object = None, status: int = 200) -> Reply:
    """A whole answer that is a JSON object."""
    trouble = Message("reply.no_code") if code is None else None
    return Reply(Sent.YES, 1, status, code, "msg", data=data, trouble=trouble)


def page(status: int) -> Reply:
    """A whole answer that is no JSON object: a page of a gateway, a JSON list, nothing at all."""
    return Reply(Sent.YES, 1, status, trouble=NO_JSON)


def broken(sent: Sent, status: int | None = None) -> Reply:
    """No whole answer."""
    return Reply(sent, 1, status, trouble=Message("net.lost"))


@pytest.mark.parametrize("code", [0, "0"])
def test_only_a_confirmed_edit_is_updated(code: int | str) -> None:
    assert edit_verdict(said(code, data=True), API) is Verdict.DONE


@pytest.mark.parametrize("data", [False, None, 1, 1.0, "true", "True", "1", '{"ok": true}', 0, ""])
def test_any_other_data_does_not_confirm(data: object) -> None:
    assert edit_verdict(said(0, data=data), API) is Verdict.REJECTED


@pytest.mark.parametrize("code", [1, -1, 90007, "90007", "00", "0.0", "", "success"])
def test_any_other_code_is_rejected_even_with_data_true(code: int | str) -> None:
    assert edit_verdict(said(code, data=True), API) is Verdict.REJECTED


@pytest.mark.parametrize(
    "reply",
    [
        broken(Sent.NO),
        broken(Sent.MAYBE),
        broken(Sent.MAYBE, 200),
        broken(Sent.MAYBE, 404),
        page(200),
        said(None, data=True),
        *(page(status) for status in (408, 425, 500, 501, 502, 503, 504, 520, 524, 599)),
        *(said(0, data=True, status=status) for status in (408, 425, 500, 501, 502, 503, 504, 520, 524, 599)),
        *(said(90007, status=status) for status in (500, 503)),
    ],
    ids=str,
)
def test_no_usable_answer_is_tried_again(reply: Reply) -> None:
    assert edit_verdict(reply, API) is Verdict.AGAIN


@pytest.mark.parametrize("code", [70001, "70001", "busy"])
@pytest.mark.parametrize("status", [200, 400, 500])
def test_retry_codes_are_tried_again(code: int | str, status: int) -> None:
    assert edit_verdict(said(code, status=status), API) is Verdict.AGAIN
    assert edit_verdict(said(code), Api()) is Verdict.REJECTED


@pytest.mark.parametrize("code", [70002, "70002", 70003, "70003"])
@pytest.mark.parametrize("status", [200, 403, 503])
def test_rate_codes_pause(code: int | str, status: int) -> None:
    assert edit_verdict(said(code, status=status), API) is Verdict.PAUSE
    assert edit_verdict(said(code), Api()) is Verdict.REJECTED


@pytest.mark.parametrize("reply", [page(429), said(1, status=429), said(0, data=True, status=429), broken(Sent.MAYBE, 429)])
def test_too_many_requests_pauses(reply: Reply) -> None:
    assert edit_verdict(reply, API) is Verdict.PAUSE


@pytest.mark.parametrize("reply", [page(401), said(5, status=401), broken(Sent.MAYBE, 401)])
def test_unauthorised_renews_the_token(reply: Reply) -> None:
    assert edit_verdict(reply, API) is Verdict.RENEW


@pytest.mark.parametrize("code", [10001, 10010, 10011, "10001"])
@pytest.mark.parametrize("status", [200, 400, 403, 500])
def test_auth_codes_renew_the_token(code: int | str, status: int) -> None:
    assert edit_verdict(said(code, status=status), API) is Verdict.RENEW
    assert edit_verdict(said(code), Api(auth_codes=())) is Verdict.REJECTED


@pytest.mark.parametrize("status", [400, 402, 403, 404, 405, 409, 410, 413, 422, 451])
def test_any_other_4xx_is_rejected(status: int) -> None:
    assert edit_verdict(page(status), API) is Verdict.REJECTED
    assert edit_verdict(said(90001, status=status), API) is Verdict.REJECTED
    assert edit_verdict(said(0, data=True, status=status), API) is Verdict.REJECTED


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_rejected(status: int) -> None:
    assert edit_verdict(page(status), API) is Verdict.REJECTED
    assert edit_verdict(said(0, data=True, status=status), API) is Verdict.REJECTED


# --- what reads a clue


@pytest.mark.parametrize("code", [0, "0"])
@pytest.mark.parametrize("data", [{"clue_id": 1}, {}])
def test_a_record_is_what_a_read_is_for(code: int | str, data: object) -> None:
    assert read_verdict(said(code, data=data), API) is Verdict.DONE
    assert edit_verdict(said(code, data=data), API) is Verdict.REJECTED


@pytest.mark.parametrize("data", [True, False, None, 0, 1, "", "{}", [], [{"clue_id": 1}]])
def test_any_other_data_is_no_record(data: object) -> None:
    assert read_verdict(said(0, data=data), API) is Verdict.REJECTED


@pytest.mark.parametrize(
    "reply",
    [
        *(broken(sent) for sent in (Sent.NO, Sent.MAYBE)),
        *(page(status) for status in (200, 302, 401, 404, 408, 429, 503)),
        *(said(code, data={"clue_id": 1}) for code in (70001, 70002, 10001, 90007)),
        *(said(0, data={"clue_id": 1}, status=status) for status in (302, 401, 404, 429, 503)),
    ],
    ids=str,
)
def test_all_else_means_the_same_for_a_read_as_for_an_edit(reply: Reply) -> None:
    assert read_verdict(reply, API) is edit_verdict(reply, API) is not Verdict.DONE
